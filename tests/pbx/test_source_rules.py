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
