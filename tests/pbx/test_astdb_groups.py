"""Writes go to disk in groups, and an answer that promises one waits for its group."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from harness.pbx import astdb
from harness.pbx.astdb import FILE_NAME, LONG, AstDB, VolatileDB
from harness.pbx.manager.actions import ActionEntry
from harness.pbx.manager.database_actions import DatabaseActions
from tests.pbx.manager_lines import Line, Room, lines_of


class Loop:
    """Calls that are due, made when the test says so."""

    def __init__(self) -> None:
        self.due: list[Callable[[], None]] = []

    def soon(self, call: Callable[[], None]) -> None:
        self.due.append(call)

    def turn(self) -> None:
        due, self.due = self.due, []
        for call in due:
            call()


@pytest.fixture
def loop() -> Loop:
    return Loop()


@pytest.fixture
def store(tmp_path: Path, loop: Loop) -> Iterator[AstDB]:
    """An empty database."""
    made = AstDB(tmp_path / FILE_NAME, loop.soon)
    yield made
    made.close()


def on_disk(store: AstDB) -> dict[str, str]:
    """What another process would find."""
    with closing(sqlite3.connect(store.path)) as connection:
        return dict(connection.execute("SELECT key, value FROM astdb").fetchall())


def test_long_values_lie_in_the_file_alone(store: AstDB, loop: Loop) -> None:
    """Once they are there; whoever asks is told the same as before, and a shorter one takes their place."""
    long = "ü, \udce4 " * LONG
    for key in ("a", "b", "c"):
        store.put("family", key, long + key)
    store.put("family", "d", "short")
    asked = [(f"/family/{key}", long + key) for key in ("a", "b", "c")] + [("/family/d", "short")]
    for _ in range(2):
        assert store.get("family", "a") == long + "a"
        assert store.tree("/family") == asked
        assert store.rows("family")[1] == ("b", long + "b")
        loop.turn()
    assert {key: value is None for key, value in store._rows.items()} == {
        f"/family/{key}": key != "d" for key in ("a", "b", "c", "d")
    }
    store.put("family", "a", "brief")
    loop.turn()
    assert store.get("family", "a") == "brief"
    assert store.delete("family", "b")
    assert store.get("family", "b") is None
    store.close()
    again = AstDB(store.path, loop.soon)
    assert again.tree("") == [("/family/a", "brief"), ("/family/c", long + "c"), ("/family/d", "short")]
    assert again._rows["/family/c"] is None
    again.close()


def test_a_long_value_that_somebody_else_removed_is_an_error(store: AstDB, loop: Loop) -> None:
    """As it is when the disk fails: nothing is made up."""
    store.put("family", "row", "x" * LONG)
    loop.turn()
    with closing(sqlite3.connect(store.path)) as connection:
        connection.execute("DELETE FROM astdb")
        connection.commit()
    with pytest.raises(sqlite3.Error, match="no longer in the database"):
        store.get("family", "row")


def test_writes_of_one_turn_are_one_group(store: AstDB, loop: Loop) -> None:
    """They are read at once and on disk together after the turn; the last value of a row counts."""
    for value in ("a", "b", "c"):
        store.put("family", "row", value)
        store.put("family", value, "x")
    assert store.get("family", "row") == "c"
    assert on_disk(store) == {}
    assert len(loop.due) == 1
    loop.turn()
    assert on_disk(store) == {"/family/row": "c", "/family/a": "x", "/family/b": "x", "/family/c": "x"}


def test_a_row_that_comes_and_goes_within_a_group_is_gone(store: AstDB, loop: Loop) -> None:
    """And one that goes and comes again is there."""
    store.put("family", "stays", "old")
    loop.turn()
    store.put("family", "goes", "x")
    store.delete("family", "goes")
    store.delete("family", "stays")
    store.put("family", "stays", "new")
    loop.turn()
    assert on_disk(store) == {"/family/stays": "new"}


def test_an_answer_waits_for_what_was_written_before_it(store: AstDB, loop: Loop) -> None:
    """At once where nothing is under way, else with the group."""
    answers: list[str] = []
    store.when_safe(lambda: answers.append("nothing to wait for"))
    store.put("family", "row", "x")
    store.when_safe(lambda: answers.append(on_disk(store)["/family/row"]))
    assert answers == ["nothing to wait for"]
    loop.turn()
    assert answers == ["nothing to wait for", "x"]


def test_a_group_that_the_disk_refuses_is_tried_again(
    tmp_path: Path, loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is answered before it is safe; the next write takes it along."""
    monkeypatch.setattr(astdb, "BUSY_TIMEOUT_S", 0.01)
    store = AstDB(tmp_path / FILE_NAME, loop.soon)
    answers: list[int] = []
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        store.put("family", "first", "x")
        store.when_safe(lambda: answers.append(1))
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            loop.turn()
        other.execute("ROLLBACK")
    assert answers == []
    store.put("family", "second", "x")
    store.when_safe(lambda: answers.append(2))
    loop.turn()
    assert answers == [1, 2]
    assert on_disk(store) == {"/family/first": "x", "/family/second": "x"}
    store.close()


def room_with(store: AstDB | VolatileDB, folder: Path) -> tuple[Room, Line]:
    """A manager interface on this store, and a client."""
    room = Room(folder)
    actions: tuple[ActionEntry, ...] = tuple(DatabaseActions(store).entries())
    room.manager.actions |= {entry.name.lower(): entry for entry in actions}
    return room, room.logged_in("boss", "Events: user")


def put(*rows: str) -> str:
    """Actions that write rows."""
    return "\n\n".join(f"Action: DBPut\nActionID: {row}\nFamily: family\nKey: {row}\nVal: x" for row in rows)


def test_what_a_client_writes_in_a_row_is_one_group(store: AstDB, loop: Loop, tmp_path: Path) -> None:
    """No answer leaves before the commit; then all do, in order, and what came behind them."""
    room, line = room_with(store, tmp_path)
    assert line.send(put("one", "two", "three") + "\n\nAction: Ping\nActionID: ping") == []
    room.manager.publish("user", "UserEvent", [("UserEvent", "behind")])
    assert line.heard() == []
    assert on_disk(store) == {}
    loop.turn()
    packets = line.heard()
    assert [lines_of(packet, "ActionID", "UserEvent") for packet in packets] == [
        ["one"], ["two"], ["three"], ["ping"], ["behind"],
    ]  # fmt: skip
    assert [packet[0] for packet in packets[:3]] == ["Response: Success"] * 3
    assert len(on_disk(store)) == 3


def test_another_client_does_not_wait(store: AstDB, loop: Loop, tmp_path: Path) -> None:
    """Who has written nothing is answered at once."""
    room, line = room_with(store, tmp_path)
    other = room.logged_in("boss", "Events: off")
    assert line.send(put("row")) == []
    assert other.send("Action: Ping")[0][0] == "Response: Success"
    loop.turn()
    assert line.heard()[0][0] == "Response: Success"


def test_a_client_that_writes_and_leaves_gets_its_answers_first(store: AstDB, loop: Loop, tmp_path: Path) -> None:
    """Logoff behind a write closes the connection once both are answered."""
    _, line = room_with(store, tmp_path)
    assert line.send(put("row") + "\n\nAction: Logoff") == []
    assert not line.transport.disconnecting
    loop.turn()
    assert line.transport.disconnecting
    assert [packet[0] for packet in line.heard()] == ["Response: Success", "Response: Goodbye"]


def test_a_client_that_is_gone_before_the_commit_does_no_harm(store: AstDB, loop: Loop, tmp_path: Path) -> None:
    """What it wrote is kept."""
    room, line = room_with(store, tmp_path)
    line.send(put("row") + "\n\nAction: Logoff")
    line.hang_up()
    loop.turn()
    assert on_disk(store) == {"/family/row": "x"}
    assert room.clock.getDelayedCalls() == []


def test_a_store_that_keeps_nothing_answers_at_once(tmp_path: Path) -> None:
    """There is no disk to wait for."""
    _, line = room_with(VolatileDB(), tmp_path)
    assert line.send(put("row"))[0][0] == "Response: Success"
