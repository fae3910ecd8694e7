"""What the manager interface bears: floods, crowds, slow readers, defects."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from twisted.logger import globalLogPublisher

from harness.pbx.manager.actions import ActionEntry
from harness.pbx.manager.outlet import CLOSE_LIMIT_S, MAX_UNSENT_BYTES
from harness.pbx.manager.packets import Action
from harness.pbx.manager.server import MAX_SESSIONS
from harness.pbx.manager.session import ACTIONS_PER_TURN, MAX_BACKLOG_BYTES, ManagerSession
from tests.pbx.manager_lines import Line, Room, lines_of

MEGABYTE = 1_000_000


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """Room for a thousand connections without login."""
    return Room(tmp_path, general=f"authlimit = {MAX_SESSIONS}")


def ping(line: Line) -> None:
    """The line is served at once."""
    assert lines_of(line.send("Action: Ping")[0], "Ping") == ["Pong"]


def test_half_lines_hold_nobody_up(room: Room) -> None:
    """Fifty connections that never finish a line, and one that is served."""
    halves = [room.line() for _ in range(50)]
    for half in halves:
        half.raw(b"Action: Log")
    ping(room.logged_in("boss", "Events: off"))
    for half in halves:
        assert half.raw(b"off\r\n\r\n")[0][0] == "Response: Goodbye"


def test_ten_megabytes_without_a_line_end_cost_no_memory(room: Room) -> None:
    """They are thrown away as they come; the packet they belong to is refused, the next one done."""
    line = room.logged_in("boss", "Events: off")
    chunk = b"x" * 65_536
    tracemalloc.start()
    try:
        for _ in range(10 * MEGABYTE // len(chunk)):
            assert line.raw(chunk) == []
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < MEGABYTE, f"{peak} bytes"
    assert line.raw(b"\r\n\r\n")[0][1] == "Message: Failed to parse message: line too long"
    ping(line)


def test_megabytes_of_headers_cost_no_memory(room: Room) -> None:
    """Of one packet so many headers are kept as there may be."""
    line = room.logged_in("boss", "Events: off")
    chunk = b"Header: value\r\n" * 4_000
    tracemalloc.start()
    try:
        for _ in range(3 * MEGABYTE // len(chunk)):
            line.raw(chunk)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < MEGABYTE, f"{peak} bytes"
    assert line.raw(b"\r\n")[0][1] == "Message: Too many lines in message or allocation failure"


def test_a_thousand_connections_are_served(room: Room) -> None:
    """All get what they ask for and every event; beyond the limit a connection is closed and that is told once."""
    lines = [room.logged_in("boss", "Events: user") for _ in range(1_000)]
    room.manager.publish("user", "UserEvent", [("UserEvent", "all")])
    assert all(lines_of(line.heard()[0], "UserEvent") == ["all"] for line in lines)
    ping(lines[500])
    crowd = [room.line() for _ in range(MAX_SESSIONS - 1_000 + 20)]
    assert [line.closed for line in crowd[-21:]] == [False] + [True] * 20
    assert [kind for kind, _ in room.told] == ["too-many-sessions"]
    for line in (*lines, *crowd):
        line.hang_up()
    assert not room.manager.sessions
    assert not room.line().closed


def test_many_actions_in_one_piece_are_done_in_turns(room: Room) -> None:
    """After so many the others have their turn; while much waits, nothing more is read."""
    line, other = room.logged_in("boss", "Events: off"), room.logged_in("boss", "Events: off")
    flood = b"Action: Ping\r\n\r\n" * 10_000
    answers = line.raw(flood)
    assert len(answers) == ACTIONS_PER_TURN
    assert line.transport.producerState == "paused"
    ping(other)
    for _ in range(10_000 // ACTIONS_PER_TURN + 1):
        room.clock.advance(0)
        answers += line.heard()
    assert len(answers) == 10_000
    assert line.transport.producerState == "producing"
    assert len(flood) > MAX_BACKLOG_BYTES


class Choked:
    """A client that does not read: its transport has told the server to stop."""

    def __init__(self, room: Room) -> None:
        self.line = room.logged_in("boss", "Events: user")
        self.line.heard()
        assert self.line.session is not None
        self.session = self.line.session
        self.session.outlet.pauseProducing()


def test_who_does_not_read_is_cut_off(room: Room) -> None:
    """Once so much waits for him, told once; the others get their events."""
    choked, good = Choked(room), room.logged_in("boss", "Events: user")
    text = "x" * 10_000
    for _ in range(MAX_UNSENT_BYTES // 10_000 + 2):
        room.manager.publish("user", "UserEvent", [("UserEvent", text)])
        assert lines_of(good.heard()[0], "UserEvent") == [text]
    assert choked.line.transport.disconnecting
    assert len(choked.line.transport.value()) < MAX_UNSENT_BYTES + 20_000
    choked.line.hang_up()
    assert [kind for kind, _ in room.told] == ["slow-reader"]
    assert room.clock.getDelayedCalls() == []


def test_who_reads_slowly_stays(room: Room) -> None:
    """As long as he catches up now and then."""
    choked = Choked(room)
    for _ in range(5):
        for _ in range(MAX_UNSENT_BYTES // 2 // 10_000):
            room.manager.publish("user", "UserEvent", [("UserEvent", "x" * 10_000)])
        choked.line.transport.clear()
        choked.session.outlet.resumeProducing()
        choked.session.outlet.pauseProducing()
    assert not choked.line.transport.disconnecting
    assert room.told == []


def test_who_does_not_read_is_not_answered_either(room: Room) -> None:
    """His actions wait until he has read what there is."""
    choked = Choked(room)
    assert choked.line.send("Action: Ping") == []
    choked.session.outlet.resumeProducing()
    assert lines_of(choked.line.heard()[0], "Ping") == ["Pong"]


def test_events_that_wait_for_an_answer_have_a_limit_too(tmp_path: Path) -> None:
    """An action that takes for ever does not fill the memory."""
    room = Room(tmp_path, actions=(ActionEntry("Slow", (), "", lambda _session, _action: True),))
    line = room.logged_in("boss", "Events: user")
    line.send("Action: Slow")
    for _ in range(MAX_UNSENT_BYTES // 10_000 + 2):
        room.manager.publish("user", "UserEvent", [("UserEvent", "x" * 10_000)])
    line.heard()
    assert line.closed
    assert room.told[0][0] == "slow-reader"


def test_who_does_not_take_the_goodbye_is_cut_off(room: Room) -> None:
    """A closing connection has so long to read what was written."""
    line = room.line()
    assert line.session is not None
    line.session.close()
    assert line.transport.disconnecting
    room.clock.advance(CLOSE_LIMIT_S - 0.1)
    assert not line.transport.disconnected
    room.clock.advance(0.1)
    assert line.transport.disconnected


def test_a_defect_in_an_action_ends_with_the_action(tmp_path: Path) -> None:
    """The client hears of an error, the log has the failure, and the connection goes on."""

    def broken(_session: ManagerSession, _action: Action) -> None:
        raise ZeroDivisionError("a defect")

    heard: list[Any] = []
    room = Room(tmp_path, actions=(ActionEntry("Broken", (), "", broken),))
    line = room.logged_in("boss", "Events: user")
    globalLogPublisher.addObserver(heard.append)
    try:
        answer = line.send("Action: Broken\nActionID: 3")
    finally:
        globalLogPublisher.removeObserver(heard.append)
    assert answer == [["Response: Error", "ActionID: 3", "Message: An unknown error occurred"]]
    assert [event["log_failure"].type for event in heard if "log_failure" in event] == [ZeroDivisionError]
    assert room.told[0][0] == "failed"
    ping(line)


def test_what_is_not_permitted_is_told_once(room: Room) -> None:
    """Whoever tries it however often."""
    line = room.logged_in("mute")
    for _ in range(50):
        line.send("Action: UserEvent")
    room.logged_in("reader").send("Action: Filter")
    assert [kind for kind, _ in room.told] == ["denied"]


def test_no_secret_is_told(room: Room) -> None:
    """Neither a right nor a wrong one, nor a key."""
    line = room.line()
    line.send("Action: Challenge\nAuthType: MD5")
    line.send("Action: Login\nUsername: boss\nAuthType: MD5\nKey: 0123456789abcdef0123456789abcdef")
    room.line().login("boss", "open sesame")
    told = str(room.told)
    assert "login-failed" in told
    assert "0123456789abcdef" not in told
    assert "sesame" not in told


@pytest.mark.parametrize(
    "junk",
    [b"\0" * 5_000, bytes(range(256)) * 40, b"\n" * 3_000, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\xff:\r\n\r\n"],
)
def test_junk_is_answered_or_not(room: Room, junk: bytes) -> None:
    """Before and after a login; the connection lives on."""
    for line in (room.line(), room.logged_in("boss", "Events: off")):
        line.raw(junk)
        for _ in range(3_000 // ACTIONS_PER_TURN + 1):
            room.clock.advance(0)
        line.raw(b"\r\n\r\n")
        line.heard()
        assert not line.closed
    ping(line)


def test_session_numbers_do_not_depend_on_memory(tmp_path: Path) -> None:
    """Connections are numbered in the order in which they came, so the same story gives the same bytes."""

    def story(name: str) -> list[list[str]]:
        (tmp_path / name).mkdir()
        room = Room(tmp_path / name)
        watcher = room.logged_in("boss")
        room.logged_in("mute")
        return watcher.heard()

    assert story("one") == story("two")
    assert "SessionID: 0x7f0000002000" in str(story("three"))
