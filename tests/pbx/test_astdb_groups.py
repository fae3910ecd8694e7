"""Writes go to disk in groups, and an answer that promises one waits for its group."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from harness.errors import InputError
from harness.pbx import astdb
from harness.pbx.astdb import FILE_NAME, LONG, AstDB, VolatileDB
from harness.pbx.manager.actions import ActionEntry
from harness.pbx.manager.database_actions import DatabaseActions
from tests.pbx.manager_lines import Line, Room, lines_of


class Loop:
    """Calls that are due, made when the test says so."""

    def __init__(self) -> None:
        self.due: list[Callable[[], None]] = []
        self.delays: list[float] = []

    def later(self, delay: float, call: Callable[[], None]) -> None:
        self.due.append(call)
        self.delays.append(delay)

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
    made = AstDB(tmp_path / FILE_NAME, loop.later)
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
    again = AstDB(store.path, loop.later)
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


def test_a_group_that_the_disk_refuses_is_tried_again(tmp_path: Path, loop: Loop) -> None:
    """Nobody is answered before it is safe, it is said once, and the tries come less and less often."""
    told: list[str] = []
    store = AstDB(tmp_path / FILE_NAME, loop.later, told.append)
    answers: list[int] = []
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        store.put("family", "first", "x")
        store.when_safe(lambda: answers.append(1))
        for _ in range(len(astdb.RETRIES_S) + 2):
            loop.turn()
        store.put("family", "second", "x")
        store.when_safe(lambda: answers.append(2))
        other.execute("ROLLBACK")
    assert answers == []
    assert loop.delays == [0.0, *astdb.RETRIES_S, astdb.RETRIES_S[-1], astdb.RETRIES_S[-1]]
    assert [text.partition(": ")[2] for text in told] == ["database is locked; what is not stored yet is tried again"]
    loop.turn()
    assert answers == [1, 2]
    assert on_disk(store) == {"/family/first": "x", "/family/second": "x"}
    store.put("family", "third", "x")
    assert loop.delays[-1] == 0.0
    store.close()


def test_what_cannot_be_stored_at_the_end_is_an_error(tmp_path: Path, loop: Loop) -> None:
    """The server must not end as if all were well."""
    store = AstDB(tmp_path / FILE_NAME, loop.later)
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        store.put("family", "row", "x")
        with pytest.raises(InputError, match="1 values could not be stored: database is locked"):
            store.close()


def test_text_that_no_bytes_stand_behind_does_not_end_the_writing(store: AstDB, loop: Loop) -> None:
    """Half of a surrogate pair: the row has something, and the others of its group are stored."""
    store.put("family", "odd", "\ud800")
    store.put("family", "row", "x")
    loop.turn()
    store.close()
    again = AstDB(store.path, loop.later)
    assert again.tree("") == [("/family/odd", "\udced\udca0\udc80"), ("/family/row", "x")]
    again.close()


def test_a_table_of_another_make_opens(tmp_path: Path, loop: Loop) -> None:
    """Numbers in it are read as text."""
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.execute("CREATE TABLE astdb(key, value)")
        connection.execute("INSERT INTO astdb VALUES('/f/a', 5), ('/f/b', NULL), (7, 'x')")
        connection.commit()
    store = AstDB(tmp_path / FILE_NAME, loop.later)
    assert store.tree("") == [("/f/a", "5"), ("/f/b", ""), ("7", "x")]
    store.close()


def test_a_new_database_is_its_owners_alone(store: AstDB) -> None:
    """Stored requests carry digest responses; the files beside it have its mode."""
    assert {path.stat().st_mode & 0o777 for path in store.path.parent.glob(f"{FILE_NAME}*")} == {0o600}


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
