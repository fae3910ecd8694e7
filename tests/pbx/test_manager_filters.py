"""Event filters: of a user in manager.conf and of a session by action Filter, as Asterisk 22.10.1 took them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.pbx.manager.filters import MAX_FILTERS, BadFilter, Filters, parse_filter
from tests.pbx.manager_lines import Line, Room, lines_of

NEWCHANNEL = ("Newchannel", "Event: Newchannel\r\nChannel: XXX\r\nSomeheader: YYY\r\n")
VARSET = ("VarSet", "Event: VarSet\r\nChannel: ABC\r\nSomeheader: XXX\r\n")


@pytest.mark.parametrize(
    ("criteria", "pattern", "event", "passes"),
    [
        ("eventfilter", "XXX", NEWCHANNEL, True),
        ("eventfilter", "!XXX", VARSET, False),
        ("eventfilter", "X[XY]X", NEWCHANNEL, True),
        ("eventfilter", "^Event: Var.*ABC", VARSET, True),
        ("eventfilter(name(VarSet),method(none))", "", VARSET, True),
        ("eventfilter(name(VarSet),method(none))", "", NEWCHANNEL, False),
        ("eventfilter(name(Newchannel),method(regex))", "X[XYZ]X", NEWCHANNEL, True),
        ("eventfilter(name(Newchannel),method(regex))", "X[abc]X", NEWCHANNEL, False),
        ("eventfilter(action(exclude),name(Newchannel),method(regex))", "X[XYZ]X", NEWCHANNEL, False),
        ("eventfilter(action(exclude),name(Newchannel),method(regex))", "X[XYZ]X", VARSET, True),
        ("eventfilter(name(VarSet),header(Channel),method(starts_with))", "AB", VARSET, True),
        ("eventfilter(name(VarSet),header(Channel:),method(ends_with))", "BC", VARSET, True),
        ("eventfilter(header(Channel),method(exact))", "ABC", VARSET, True),
        ("eventfilter(header(Channel),method(exact))", "XXX", VARSET, False),
        ("eventfilter(header(Channel),method(contains))", "!B", VARSET, False),
        ("eventfilter(action(include),header(Channel),method(contains))", "!B", VARSET, True),
    ],
)
def test_a_filter_decides(criteria: str, pattern: str, event: tuple[str, str], passes: bool) -> None:
    """An including one lets through what fits, an excluding one everything else."""
    filters = Filters()
    filters.add(parse_filter(criteria, pattern))
    assert filters.passes(*event) is passes


@pytest.mark.parametrize(
    ("criteria", "pattern", "kind"),
    [
        ("eventfilter", "", "format"), ("eventfilter", "!", "format"), ("eventfilter", "XX[X", "compile"),
        ("eventfilter(method(regex))", "XX[X", "compile"), ("eventfilter()", "x", "format"),
        ("eventfilter(action(include)", "", "format"), ("eventfilter(action(inlude))", "x", "format"),
        ("eventfilter(nnnn(yyy))", "x", "format"), ("eventfilter(method(yyy))", "x", "format"),
        ("eventfilter(name(X))", "x", "format"), ("eventfilter(method(none))", "", "format"),
        ("eventfilter(name(X),method(contains))", "", "format"), ("eventfilter(name())", "", "format"),
    ],
)  # fmt: skip
def test_what_is_no_filter_is_refused(criteria: str, pattern: str, kind: str) -> None:
    """By its form, or because the expression cannot be compiled."""
    with pytest.raises(BadFilter) as refused:
        parse_filter(criteria, pattern)
    assert refused.value.kind == kind


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_a_filter_or_refused(criteria: str, pattern: str) -> None:
    """Nothing that is written there does harm."""
    try:
        made = parse_filter(criteria, pattern)
    except BadFilter:
        return
    assert made.fits("X", "Event: X\r\n") in (True, False)


USERS = """
[boss]
secret = boss
read = all
write = all
[picky]
secret = picky
read = all
write = all
eventfilter = UserEvent: [A-M]
eventfilter = !UserEvent: Hidden
eventfilter = XX[X
"""


def heard(room: Room, line: Line, *events: str) -> list[str]:
    """Which of these user events reach a line."""
    line.heard()
    for name in events:
        room.manager.publish("user", "UserEvent", [("UserEvent", name)])
    return [name for packet in line.heard() for name in lines_of(packet, "UserEvent")]


def test_a_user_has_filters_of_his_own(tmp_path: Path) -> None:
    """One that cannot be read is left out and told."""
    room = Room(tmp_path, USERS)
    assert "the filter is left out" in room.told[0][1]
    assert heard(room, room.logged_in("picky"), "Alpha", "Zulu", "Hidden") == ["Alpha"]
    assert heard(room, room.logged_in("boss"), "Alpha", "Zulu", "Hidden") == ["Alpha", "Zulu", "Hidden"]


def test_a_session_may_add_filters(tmp_path: Path) -> None:
    """They count for this connection only."""
    room = Room(tmp_path, USERS)
    line, other = room.logged_in("picky"), room.logged_in("picky")
    criteria = "action(exclude),header(UserEvent),method(contains)"
    added = line.send(f"Action: Filter\nOperation: add\nMatchCriteria: {criteria}\nFilter: lph")
    assert added == [["Response: Success", "Message: Success"]]
    assert heard(room, line, "Alpha", "Bravo") == ["Bravo"]
    assert heard(room, other, "Alpha", "Bravo") == ["Alpha", "Bravo"]


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ("", "Unknown operation"),
        ("\nOperation: Remove\nFilter: x", "Unknown operation"),
        ("\nOperation: Add", "Filter was formatted incorrectly.  Check the syntax of the filter given."),
        ("\nOperation: Add\nFilter: XX[X", "Filter did not compile.  Check the syntax of the filter given."),
    ],
)
def test_a_filter_may_be_refused(tmp_path: Path, request_: str, message: str) -> None:
    """With Asterisk's words."""
    line = Room(tmp_path, USERS).logged_in("boss", "Events: off")
    assert line.send(f"Action: Filter{request_}") == [["Response: Error", f"Message: {message}"]]


def test_a_session_has_room_for_so_many(tmp_path: Path) -> None:
    """Filters cost time at every event, so there is an end to them."""
    line = Room(tmp_path, USERS).logged_in("boss", "Events: off")
    answers = [line.send(f"Action: Filter\nOperation: Add\nFilter: x{n}")[0][0] for n in range(MAX_FILTERS + 1)]
    assert answers == ["Response: Success"] * MAX_FILTERS + ["Response: Error"]
