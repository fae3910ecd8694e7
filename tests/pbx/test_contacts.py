"""When a contact that ran out is gone, and which contacts are reached at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.sip.message import Request
from tests.pbx.subscriber import Desk, tell

PJSIP = """
[global]
type=global
contact_expiration_check_interval={interval}
[phone]
type=endpoint
aors=phone
mailboxes=1@default
[phone]
type=aor
max_contacts=1
minimum_expiration=1
"""


@pytest.mark.parametrize(("interval", "after_s", "left"), [(4, 5, 0), (30, 25, 1), (0, 100, 1)])
def test_contacts_that_ran_out_are_looked_for_every_so_often(
    interval: int, after_s: int, left: int, tmp_path: Path
) -> None:
    """The global option contact_expiration_check_interval; 0 means never."""

    async def story(desk: Desk) -> None:
        await desk.watcher().ask("phone", method="REGISTER", sender="phone", event=None, expires="1")
        await desk.world.sleep(after_s)
        assert len(list(desk.server.registrar.all_contacts())) == left

    tell(tmp_path / "etc", story, lists=PJSIP.format(interval=interval))


def test_a_contact_that_ran_out_goes_when_it_is_asked_for(tmp_path: Path) -> None:
    """Its device becomes unavailable then, and not before."""

    async def story(desk: Desk) -> None:
        await desk.watcher().ask("phone", method="REGISTER", sender="phone", event=None, expires="1")
        await desk.world.sleep(3)
        devices = desk.server.core.devices
        assert devices.query("PJSIP/phone").name == "NOT_INUSE"
        assert desk.server.registrar.of_aor("phone") == []
        assert devices.query("PJSIP/phone").name == "UNAVAILABLE"

    tell(tmp_path / "etc", story, lists=PJSIP.format(interval=30))


@pytest.mark.parametrize(("scheme", "told"), [("sip", 1), ("sips", 0)])
def test_nothing_goes_to_a_sips_contact_but_over_tls(scheme: str, told: int, tmp_path: Path) -> None:
    """Not even the mailboxes that others are told of unasked."""

    async def story(desk: Desk) -> None:
        watcher = desk.watcher()
        contact = f"<{scheme}:phone@{watcher.host}:5060>"
        heard = await watcher.ask("phone", method="REGISTER", sender="phone", event=None, contact=contact)
        assert len(heard) == 1 + told

    tell(tmp_path / "etc", story, lists=PJSIP.format(interval=30))


SHARED = """
[desk]
type=endpoint
aors=desk
[desk]
type=aor
max_contacts=1
minimum_expiration=200
maximum_expiration=50
[room]
type=endpoint
aors=desk
"""


def test_all_endpoints_of_an_aor_are_reached_by_its_contacts(tmp_path: Path) -> None:
    """Whoever registered them, and as long as they are there."""

    async def story(desk: Desk) -> None:
        watcher = desk.watcher()
        states = []
        for expires in ("600", "0"):
            await watcher.ask("desk", method="REGISTER", sender="room", event=None, expires=expires)
            states.append([desk.server.core.devices.query(f"PJSIP/{each}").name for each in ("desk", "room")])
        assert states == [["NOT_INUSE"] * 2, ["UNAVAILABLE"] * 2]

    tell(tmp_path / "etc", story, lists=SHARED)


@pytest.mark.parametrize(("asked", "granted"), [("10", "200"), ("100", "200"), ("500", "50")])
def test_the_minimum_is_looked_at_first(asked: str, granted: str, tmp_path: Path) -> None:
    """Where it is above the maximum."""

    async def story(desk: Desk) -> None:
        heard = await desk.watcher().ask("desk", method="REGISTER", sender="desk", event=None, expires=asked)
        assert heard[0].headers.get("Expires") == granted

    tell(tmp_path / "etc", story, lists=SHARED)


def test_who_registered_is_asked_before_the_contacts_of_the_file(tmp_path: Path) -> None:
    """Several of one kind are in the order of their digests, whenever they came."""

    async def story(desk: Desk) -> None:
        for name in ("a", "b", "c"):
            await desk.watcher().ask(
                "both", method="REGISTER", sender="both", event=None, contact=f"<sip:{name}@10.0.1.1>"
            )
        found = desk.server.registrar.contacts_of(desk.server.pjsip.endpoints["both"])
        assert [each.expires_at > 0 for each in found] == [True, True, True, False]
        digests = [each.digest for each in found[:3]]
        assert digests == sorted(digests)

    both = "[both]\ntype=endpoint\naors=both\n[both]\ntype=aor\nmax_contacts=3\ncontact=sip:fixed@10.0.9.9\n"
    tell(tmp_path / "etc", story, lists=both)


OUTSIDE = """
[phone]
type=endpoint
aors=phone
mailboxes=1@default
from_domain=pbx.example
{}
[phone]
type=aor
max_contacts=1
qualify_frequency=60
support_path={}
"""


@pytest.mark.parametrize(
    ("options", "path", "contact"),
    [
        ("", "no", "<sip:phone@pbx.example>"),
        ("from_user=office", "yes", "<sip:office@pbx.example>"),
        ("contact_user=desk", "no", "<sip:desk@10.0.0.1:5060>"),
        ("from_user=office\ncontact_user=desk", "yes", "<sip:desk@10.0.0.1:5060>"),
    ],
)
def test_a_contact_user_stands_at_the_servers_own_address(
    options: str, path: str, contact: str, tmp_path: Path
) -> None:
    """Otherwise the Contact of OPTIONS and NOTIFY is what the From is; an AOR with support_path says so."""

    async def story(desk: Desk) -> None:
        heard = await desk.watcher().ask("phone", method="REGISTER", sender="phone", event=None)
        asked = [message for message in heard if isinstance(message, Request)]
        assert sorted(each.method for each in asked) == ["NOTIFY", "OPTIONS"]
        assert [each.headers.get("Contact") for each in asked] == [contact] * 2
        assert [each.headers.get("Supported") for each in asked] == ["path" if path == "yes" else None] * 2

    tell(tmp_path / "etc", story, lists=OUTSIDE.format(options, path))
