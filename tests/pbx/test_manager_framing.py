"""Lines and packets of the manager interface: what Asterisk 22.10.1 made of the same bytes."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.pbx.manager.packets import MAX_HEADERS, TOO_LONG, TOO_MANY, Action, ActionReader

PING = b"Action: Ping\r\n"


def read(data: bytes, *cuts: int) -> list[Action]:
    """The actions in these bytes, handed over in pieces."""
    reader = ActionReader()
    found: list[Action] = []
    places = [0, *sorted(cuts), len(data)]
    for start, end in itertools.pairwise(places):
        reader.push(data[start:end])
        while (action := reader.next()) is not None:
            found.append(action)
    return found


def test_a_bare_line_feed_ends_a_line_as_well() -> None:
    """Lines may end in CRLF or LF, also mixed in one packet."""
    (action,) = read(b"action: Ping\nACTIONID: 4\r\n\n")
    assert action.name == "Ping"
    assert action.get("ActionID") == "4"


def test_a_lone_carriage_return_is_part_of_the_line() -> None:
    """Only the CR right before the LF belongs to the line's end."""
    (action,) = read(b"Action: Ping\r\r\n\r\n")
    assert action.name == "Ping\r"


def test_what_follows_a_nul_is_not_seen() -> None:
    """A NUL ends the text of its line; a line that begins with one ends the packet."""
    (action,) = read(b"Action: Ping\0more\r\nActionID: 5\0 6\r\n\r\n")
    assert action.lines == ["Action: Ping", "ActionID: 5"]
    assert [a.name for a in read(b"Action: Ping\r\n\0x\r\n\r\n")] == ["Ping", ""]


@pytest.mark.parametrize(
    ("size", "end", "refused"),
    [
        (1022, b"\r\n", ""),
        (1023, b"\n", ""),
        (1024, b"\n", TOO_LONG),
        (1024, b"\r\n", TOO_LONG),
        (3000, b"\r\n", TOO_LONG),
    ],
)
def test_a_line_must_fit_its_buffer(size: int, end: bytes, refused: str) -> None:
    """1,024 bytes with the terminator pass; more, and the packet is refused when it ends."""
    (action,) = read(PING + b"x" * size + end + b"\r\n")
    assert action.refused == refused


def test_a_line_one_byte_too_long_ends_the_packet_itself() -> None:
    """Of 1,023 characters and CRLF the CR is kept, and with the LF it is an empty line."""
    actions = read(PING + b"x" * 1023 + b"\r\n\r\n")
    assert [(a.name, a.refused) for a in actions] == [("Ping", TOO_LONG), ("", "")]


def test_the_rest_of_a_long_line_is_a_line() -> None:
    """What follows the thrown away part is looked at, as in Asterisk."""
    (action,) = read(b"X" * 1023 + b"ActionID: hidden\r\n\r\n")
    assert (action.get("ActionID"), action.refused) == ("hidden", TOO_LONG)


def test_a_packet_may_have_128_headers() -> None:
    """One more and it is refused; those kept still say which one it was."""
    lines = [b"H%d: x\r\n" % number for number in range(MAX_HEADERS - 1)]
    assert read(PING + b"".join(lines) + b"\r\n")[0].refused == ""
    (action,) = read(PING + b"".join(lines) + b"ActionID: last\r\n\r\n")
    assert (action.refused, action.get("ActionID"), len(action.lines)) == (TOO_MANY, "", MAX_HEADERS)


def test_a_long_line_among_too_many_spoils_the_next_packet_too() -> None:
    """Too many lines are told first; that a line was too long is told of the packet after it."""
    flood = b"".join(b"H%d: x\r\n" % number for number in range(130)) + b"y" * 2000 + b"\r\n\r\n"
    actions = read(flood + PING + b"\r\n" + PING + b"\r\n")
    assert [a.refused for a in actions] == [TOO_MANY, TOO_LONG, ""]


def test_headers_are_found_by_name_whatever_its_case() -> None:
    """The first one counts, blanks before the value do not, blanks before the colon do."""
    action = Action(["foo: one", "FOO:   two  ", "Foo : three", "Food: four"])
    assert list(action.all("Foo")) == ["one", "two  "]


def test_empty_actions_are_passed_over() -> None:
    """Of several Action headers the first that says something counts."""
    assert Action(["Action: ", "Action:\t", "action: Ping"]).name == "Ping"


def test_ten_megabytes_without_a_line_end_leave_nothing_behind() -> None:
    """Whatever comes, less than one line is kept."""
    reader = ActionReader()
    for _ in range(160):
        reader.push(b"x" * 65536)
        assert reader.next() is None
        assert reader.backlog < 1024
    reader.push(b"\n\n")
    action = reader.next()
    assert action is not None
    assert action.refused == TOO_LONG


_BYTES = st.lists(
    st.sampled_from(
        [b"Action: Ping", b"ActionID: 7", b"\r\n", b"\n", b"\r", b"\0", b"", b"x" * 1022, b"y" * 1023, b"z" * 700]
    ),
    max_size=30,
).map(b"".join)


@given(_BYTES, st.lists(st.integers(0, 8000), max_size=8))
def test_it_does_not_matter_how_the_bytes_are_cut(data: bytes, cuts: list[int]) -> None:
    """A stream means the same in whatever pieces it arrives."""
    assert read(data, *[min(cut, len(data)) for cut in cuts]) == read(data)
