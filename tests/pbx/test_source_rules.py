"""From where requests are taken, and what is asked of whoever may not: a password that nobody has."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.sip.message import Response
from tests.pbx.subscriber import Desk, hinted, statuses, tell

ENDPOINT = "[guarded]\ntype=endpoint\ncontext=office\n{}\n"
LISTS = "[near]\ndeny=0.0.0.0/0\npermit=10.0.1.0/24\n[far]\ndeny=10.0.1.0/24\n"


def folder(tmp_path: Path) -> Path:
    """That of a desk with named lists."""
    etc = tmp_path / "etc"
    etc.mkdir()
    (etc / "acl.conf").write_text(LISTS)
    return etc


@pytest.mark.parametrize(
    ("rules", "status"),
    [
        ("deny=0.0.0.0/0\npermit=10.0.1.0/24", 200),
        ("deny=0.0.0.0/0\npermit=10.0.2.0/24", 401),
        ("acl=near", 200),
        ("acl=near,far", 401),
        ("acl=nowhere", 401),
        ("permit=10.0.1.0/24\ndeny=0.0.0.0/0", 401),
        ("deny=10.0.1.0/nonsense", 401),
        ("contact_deny=0.0.0.0/0\ncontact_permit=10.0.1.1", 200),
        ("contact_deny=10.0.1.0/24", 401),
        ("contact_acl=far", 401),
    ],
)
def test_the_rules_of_an_endpoint_are_for_its_address_and_its_contacts(
    rules: str, status: int, tmp_path: Path
) -> None:
    """Whoever breaks them is a stranger."""

    async def story(desk: Desk) -> None:
        heard = await desk.watcher().ask("100", sender="guarded")
        assert statuses(heard)[0] == status

    tell(folder(tmp_path), story, lists=ENDPOINT.format(rules), hints=hinted("100"))


@pytest.mark.parametrize(("sender", "status"), [("w", 403), ("stranger", 403)])
def test_the_rules_for_everybody_come_first(sender: str, status: int, tmp_path: Path) -> None:
    """A section of type=acl."""

    async def story(desk: Desk) -> None:
        assert statuses(await desk.watcher().ask("100", sender=sender)) == [status]

    tell(folder(tmp_path), story, lists="[all]\ntype=acl\nacl=far\n", hints=hinted("100"))


def test_a_stranger_is_asked_in_all_algorithms_that_are_the_default(tmp_path: Path) -> None:
    """As everybody is, so that strangers learn nothing."""

    async def story(desk: Desk) -> None:
        (answer,) = await desk.watcher().ask("100", sender="stranger")
        assert isinstance(answer, Response)
        asked = answer.headers.all("WWW-Authenticate")
        assert ["SHA-256" in asked[0], "MD5" in asked[1]] == [True, True]

    options = "[global]\ntype=global\ndefault_auth_algorithms_uas=SHA-256,MD5\n"
    tell(folder(tmp_path), story, lists=options)


@pytest.mark.parametrize("auth", ["nowhere", "good,nowhere", "bad"])
def test_an_endpoint_whose_auth_is_not_there_can_do_nothing(auth: str, tmp_path: Path) -> None:
    """Also where one of several is missing, or could not be loaded."""

    async def story(desk: Desk) -> None:
        assert statuses(await desk.watcher().ask("100", sender="guarded")) == [500]

    auths = "[good]\ntype=auth\nusername=g\npassword=p\n[bad]\ntype=auth\nusername=b\n"
    tell(folder(tmp_path), story, lists=ENDPOINT.format(f"auth={auth}") + auths, hints=hinted("100"))


def test_a_contact_user_is_in_the_contact_of_the_dialog(tmp_path: Path) -> None:
    """In the answer and in the NOTIFYs."""

    async def story(desk: Desk) -> None:
        heard = await desk.watcher().ask("100", sender="guarded")
        assert [message.headers.get("Contact") for message in heard] == ["<sip:desk@10.0.0.1:5060>"] * 2

    tell(folder(tmp_path), story, lists=ENDPOINT.format("contact_user=desk"), hints=hinted("100"))


@pytest.mark.parametrize(
    ("uri", "contact", "scheme"),
    [("", "<sips:w@10.0.1.1:5060>", "sips"), ("sips:100@10.0.0.1", "", "sips"), ("", "", "sip")],
)
def test_whoever_asks_by_sips_is_answered_by_sips(uri: str, contact: str, scheme: str, tmp_path: Path) -> None:
    """And gets no NOTIFY over UDP, if that is how the Contact has it."""

    async def story(desk: Desk) -> None:
        heard = await desk.watcher().ask("100", uri=uri, contact=contact)
        assert heard[0].headers.get("Contact") == f"<{scheme}:10.0.0.1:5060>"
        assert len(heard) == (1 if contact else 2)

    tell(folder(tmp_path), story, hints=hinted("100"))


def test_contacts_that_are_names_are_not_looked_at(tmp_path: Path) -> None:
    """But for the one that everybody knows."""

    async def story(desk: Desk) -> None:
        for contact, status in (("<sip:w@phone.example>", 200), ("<sip:w@localhost:5060>", 401)):
            heard = await desk.watcher().ask("100", sender="guarded", contact=contact)
            assert statuses(heard)[0] == status

    tell(folder(tmp_path), story, lists=ENDPOINT.format("contact_deny=0.0.0.0/0"), hints=hinted("100"))


def test_options_may_be_free_for_everybody(tmp_path: Path) -> None:
    """The option allow_unauthenticated_options; nothing else is."""

    async def story(desk: Desk) -> None:
        answered = [
            await desk.watcher().ask("100", method=method, sender="guarded", event="presence")
            for method in ("OPTIONS", "SUBSCRIBE")
        ]
        assert [statuses(heard) for heard in answered] == [[404], [401]]

    auth = "[lock]\ntype=auth\nusername=g\npassword=p\n"
    tell(folder(tmp_path), story, lists=ENDPOINT.format("auth=lock\nallow_unauthenticated_options=yes") + auth)


@pytest.mark.parametrize(("option", "told"), [("", True), ("norefersub=yes", True), ("norefersub=no", False)])
def test_norefersub_is_told_unless_it_is_off(option: str, told: bool, tmp_path: Path) -> None:
    """In every Supported header."""

    async def story(desk: Desk) -> None:
        (answer,) = await desk.watcher().ask("100", method="OPTIONS", event=None)
        assert ("norefersub" in (answer.headers.get("Supported") or "")) is told

    tell(folder(tmp_path), story, lists=f"[global]\ntype=global\n{option}\n")
