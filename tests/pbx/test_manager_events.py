"""Which events reach which connection, and when."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.pbx.manager.actions import ActionEntry
from harness.pbx.manager.packets import Action
from harness.pbx.manager.permissions import EVERYTHING, bits, event_mask
from harness.pbx.manager.session import ManagerSession
from tests.pbx.manager_lines import Line, Room, lines_of


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """Three users."""
    return Room(tmp_path)


def tell(room: Room, name: str = "news", kind: str = "user") -> None:
    """An event of one class."""
    room.manager.publish(kind, "UserEvent", [("UserEvent", name), ("Number", 7)])


def names(line: Line) -> list[str]:
    """The user events that arrived."""
    return [name for packet in line.heard() for name in lines_of(packet, "UserEvent")]


def test_an_event_names_its_class(room: Room) -> None:
    """Then follow its own headers."""
    line = room.logged_in("boss")
    tell(room)
    assert line.heard() == [["Event: UserEvent", "Privilege: user,all", "UserEvent: news", "Number: 7"]]


def test_events_go_to_those_who_may_read_them(room: Room) -> None:
    """The class must be among those of the user; who is not logged in gets nothing."""
    boss, reader, mute, nobody = room.logged_in("boss"), room.logged_in("reader"), room.logged_in("mute"), room.line()
    nobody.heard()
    for line in (boss, reader):
        line.heard()
    tell(room, "user", "user")
    tell(room, "system", "system")
    assert names(boss) == ["user", "system"]
    assert names(reader) == ["user"]
    assert names(mute) == []
    assert nobody.heard() == []


@pytest.mark.parametrize(
    ("mask", "answer", "heard"),
    [
        ("off", "Events: Off", []), ("on", "Events: On", ["user", "call"]), ("user", "Events: On", ["user"]),
        ("64", "Events: On", ["user"]), ("2", "Events: On", ["call"]), ("66", "Events: On", ["user", "call"]),
        ("none", "Events: Off", []), ("bogus", "Events: Off", []),
        ("USER", "Events: Off", []), (" user", "Events: On", ["user"]),
        ("call,bogus", "Events: On", ["call"]), ("rep,x", "Events: On", []), ("all", "Events: On", ["user", "call"]),
        ("4294967296", "Events: Off", []), ("4294967297", "Events: On", []), ("-1", "Events: Off", []),
        ("2147483648", "Message: Invalid event mask", ["user", "call"]),
        ("", "Message: Invalid event mask", ["user", "call"]),
        ("99999999999999999999999", "Message: Invalid event mask", ["user", "call"]),
    ],
)  # fmt: skip
def test_a_mask_chooses_classes(room: Room, mask: str, answer: str, heard: list[str]) -> None:
    """By name, by number, by on and off; a refused one changes nothing."""
    line = room.logged_in("boss")
    line.heard()
    assert line.send(f"Action: Events\nEventMask: {mask}")[0][-1] == answer
    tell(room, "user", "user")
    tell(room, "call", "call")
    assert names(line) == heard


def test_a_mask_gives_no_right(room: Room) -> None:
    """What a user may not read does not come for being asked."""
    line = room.logged_in("reader")
    line.send("Action: Events\nEventMask: on")
    tell(room, "system", "system")
    assert names(line) == []


@given(st.integers(0, 1 << 40))
def test_a_number_is_taken_as_32_bits(number: int) -> None:
    """What C's int holds; a negative one is refused."""
    low = number & 0xFFFFFFFF
    assert event_mask(str(number)) == (None if low > EVERYTHING else low)


@given(st.text(max_size=20))
def test_any_mask_is_answered(text: str) -> None:
    """Whatever is asked, the result is a mask or a refusal."""
    mask = event_mask(text)
    assert mask is None or 0 <= mask <= EVERYTHING


def test_unknown_classes_add_nothing() -> None:
    """`all` is everything."""
    assert bits(["nonsense", "call"]) == 2
    assert bits(["all"]) == EVERYTHING


def test_events_may_carry_the_time(tmp_path: Path) -> None:
    """timestampevents: seconds since 1970, with six digits behind the point, in every event but list items."""
    room = Room(tmp_path, general="timestampevents = yes")
    line = room.logged_in("boss")
    line.heard()
    room.clock.advance(1.25)
    tell(room)
    (packet,) = line.heard()
    assert packet[2] == "Timestamp: 1767225601.250000"


def test_events_may_be_switched_off_for_all(tmp_path: Path) -> None:
    """disabledevents names them; others come."""
    room = Room(tmp_path, general="disabledevents = UserEvent , Other")
    line = room.logged_in("boss")
    line.heard()
    tell(room)
    room.manager.publish("user", "Another", [("UserEvent", "seen")])
    assert names(line) == ["seen"]


def test_an_action_is_answered_before_the_events_that_it_causes(room: Room) -> None:
    """UserEvent comes back with every header but two, in order, the ActionID among them."""
    line, other = room.logged_in("boss"), room.logged_in("reader")
    line.heard()
    answer = line.send(
        "Action: UserEvent\nActionID: 5\nUserEvent: Mine\nFoo: bar\n  spaced : x \nnocolon\nuserevent: two"
    )
    assert answer == [
        ["Response: Success", "ActionID: 5", "Message: Event Sent"],
        [
            "Event: UserEvent",
            "Privilege: user,all",
            "UserEvent: Mine",
            "ActionID: 5",
            "Foo: bar",
            "  spaced : x ",
            "nocolon",
        ],
    ]
    assert other.heard() == answer[1:]


def test_events_wait_while_an_action_is_answered_later(tmp_path: Path) -> None:
    """They follow its answer, and the next action follows them."""
    under_way: list[tuple[ManagerSession, Action]] = []

    def slow(session: ManagerSession, action: Action) -> bool:
        under_way.append((session, action))
        return True

    room = Room(tmp_path, actions=(ActionEntry("Slow", (), "", slow),))
    line = room.logged_in("boss", "Events: user")
    line.send("Action: Slow\n\nAction: Ping")
    tell(room)
    assert line.heard() == []
    session, action = under_way[0]
    session.ack(action, "at last")
    session.finish()
    assert [packet[-1] for packet in line.heard()] == ["Message: at last", "Number: 7", "Timestamp: 1767225600.000000"]


def test_events_come_between_the_lines_of_a_request(room: Room) -> None:
    """A half request holds nothing up."""
    line = room.logged_in("boss", "Events: user")
    line.raw(b"Action: Ping\r\nActionID: ha")
    tell(room)
    assert names(line) == ["news"]
    assert line.raw(b"lf\r\n\r\n")[0][1] == "ActionID: half"


# WaitEvent

DONE = "Message: Waiting for Event completed."
COMPLETE = "Event: WaitEventComplete"


def waiting(room: Room, timeout: str) -> Line:
    """A line that waits, of a reader of user events."""
    line = room.logged_in("boss", "Events: user")
    line.send(f"Action: WaitEvent\nActionID: w\nTimeout: {timeout}" if timeout else "Action: WaitEvent\nActionID: w")
    return line


def ends(line: Line) -> list[str]:
    """The last lines of the packets that came."""
    return [packet[0] if packet[0].startswith("Event: Wait") else packet[-1] for packet in line.heard()]


def test_waiting_ends_with_the_next_event(room: Room) -> None:
    """The answer, the events, the end, each with the ActionID; events of the same turn come along."""
    line = waiting(room, "-1")
    assert line.heard() == []
    tell(room, "one")
    tell(room, "two")
    room.clock.advance(0)
    answer, one, two, end = line.heard()
    assert answer == ["Response: Success", "ActionID: w", DONE]
    assert lines_of(one, "UserEvent") + lines_of(two, "UserEvent") == ["one", "two"]
    assert end == [COMPLETE, "ActionID: w"]


def test_an_event_that_is_not_for_the_waiting_one_wakes_it_too(room: Room) -> None:
    """As in Asterisk, where any event does."""
    line = waiting(room, "60")
    tell(room, "call", "call")
    room.clock.advance(0)
    assert ends(line) == [DONE, COMPLETE]


@pytest.mark.parametrize(("timeout", "after"), [("1", 1), ("0x2", 2), ("010", 8), ("3abc", 3)])
def test_waiting_ends_after_its_time(room: Room, timeout: str, after: int) -> None:
    """The number may be decimal, hexadecimal or octal."""
    line = waiting(room, timeout)
    room.clock.advance(after - 0.01)
    assert line.heard() == []
    room.clock.advance(0.01)
    assert ends(line) == [DONE, COMPLETE]


def test_a_timeout_of_nothing_is_answered_at_once(room: Room) -> None:
    """Zero seconds do not wait."""
    line = waiting(room, "0")
    room.clock.advance(0)
    assert ends(line) == [DONE, COMPLETE]


@pytest.mark.parametrize("timeout", ["", "-1", "-7", "abc"])
def test_waiting_without_end_ends_with_the_next_bytes(room: Room, timeout: str) -> None:
    """What no number says waits for ever, until the client says something."""
    line = waiting(room, timeout)
    room.clock.advance(3600)
    assert line.heard() == []
    assert [packet[-1] for packet in line.send("Action: Ping\nActionID: p")][:2] == [DONE, "ActionID: w"]
    assert line.send("Action: Ping")[0][1] == "Ping: Pong"


def test_what_was_sent_with_it_does_not_end_it(room: Room) -> None:
    """An action behind WaitEvent in the same bytes waits for it."""
    line = room.logged_in("boss", "Events: user")
    assert line.send("Action: WaitEvent\n\nAction: Ping\nActionID: p") == []
    tell(room)
    room.clock.advance(0)
    assert [packet[0] for packet in line.heard()] == [
        "Response: Success",
        "Event: UserEvent",
        COMPLETE,
        "Response: Success",
    ]


def test_a_client_that_goes_while_it_waits_leaves_nothing(room: Room) -> None:
    """Its timer is called off."""
    line = waiting(room, "100")
    line.hang_up()
    tell(room)
    assert room.clock.getDelayedCalls() == []
