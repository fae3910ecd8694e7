"""REGISTER: which AOR it is for, and what happens where an AOR is full (res_pjsip_registrar.c)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.pbx.contact import UNREACHABLE
from tests.pbx.call_desk import CallDesk

DIALPLAN = "[office]\nexten => a,1,Dial(PJSIP/a)\n"
FULL = "max_contacts=1\n"
MAKE_ROOM = f"{FULL}remove_unavailable=yes\n"
ENDPOINT = "[z]\ntype=endpoint\ncontext=office\naors=z\n"
FIRST, SECOND = "sip:z@127.0.0.1:7001", "sip:z@127.0.0.1:7002"


@pytest.fixture
def desk_with(tmp_path: Path) -> Callable[[str], CallDesk]:
    """A desk with the endpoint `z`, whose AOR has these options and what follows them."""
    return lambda lines: CallDesk(tmp_path, DIALPLAN, "a", f"{ENDPOINT}[z]\ntype=aor\n{lines}")


def register(desk: CallDesk, contact: str = FIRST, user: str = "z", expires: int = 600) -> int:
    """The status of the answer."""
    heard: list[int] = []
    client, own = desk["a"].client, "<sip:z@127.0.0.1>"
    rows = [("Contact", f"<{contact}>"), ("Expires", str(expires))]
    request = client.build("REGISTER", "sip:127.0.0.1", own, f"<sip:{user}@127.0.0.1>", rows)
    client.request(request, desk["a"].flow, lambda outcome: heard.append(outcome.status))
    desk.wait(1.0)
    return heard[-1]


def bound(desk: CallDesk) -> list[str]:
    """The contacts of the AOR, oldest first."""
    contacts = desk.server.registrar.of_aor("z")
    return [contact.uri for contact in sorted(contacts, key=lambda contact: contact.expires_at)]


@pytest.mark.parametrize(("ignored", "status"), [("yes", 200), ("no", 404)])
def test_parameters_of_a_user_part_are_ignored_where_that_is_asked(
    desk_with: Callable[[str], CallDesk], ignored: str, status: int
) -> None:
    """Option `ignore_uri_user_options`: else `z;phone-context=x` is a name like any other, and nobody has it."""
    desk = desk_with(f"{FULL}[global]\ntype=global\nignore_uri_user_options={ignored}\n")
    assert register(desk, user="z;phone-context=x") == status
    assert bound(desk) == ([FIRST] if status == 200 else [])


@pytest.mark.parametrize(
    ("lines", "silent", "status", "left"),
    [(MAKE_ROOM, True, 200, SECOND), (MAKE_ROOM, False, 403, FIRST), (FULL, True, 403, FIRST)],
    ids=["one that is silent", "one that answers", "not asked for"],
)
def test_a_full_aor_makes_room_of_contacts_that_do_not_answer(
    desk_with: Callable[[str], CallDesk], lines: str, silent: bool, status: int, left: str
) -> None:
    """Option `remove_unavailable`; else one more is refused."""
    desk = desk_with(lines)
    assert register(desk) == 200
    if silent:
        desk.server.registrar.of_aor("z")[0].status = UNREACHABLE
    assert register(desk, SECOND) == status
    assert bound(desk) == [left]


def test_nobody_has_to_go_where_there_is_room(desk_with: Callable[[str], CallDesk]) -> None:
    """The last place of an AOR is taken, and a silent contact keeps its own."""
    desk = desk_with("max_contacts=2\nremove_unavailable=yes\n")
    assert register(desk) == 200
    desk.server.registrar.of_aor("z")[0].status = UNREACHABLE
    assert register(desk, SECOND) == 200
    assert bound(desk) == [FIRST, SECOND]
