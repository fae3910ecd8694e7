"""`database query`: SQL on a copy of the database, whose changes are then taken over (main/db.c).

The copy lives in memory and can reach nothing else: no files, no other databases, no extensions.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import count

from harness.core.octets import to_bytes, to_text
from harness.core.store import MemoryStore
from harness.pbx.commands.columns import left

SCHEMA = "CREATE TABLE astdb(key TEXT, value TEXT, PRIMARY KEY(key))"
TEXT = "CAST(? AS TEXT)"
MAX_LOOKS = 400
"""A query is given up after so many times 10,000 steps of SQLite's machine, 0.2 s or so."""
MAX_ROWS = 10_000
MAX_VALUE_BYTES = 1_000_000
MAX_PAGES = 16_384
"""Of 4 KiB."""
_INSTRUCTIONS_PER_LOOK = 10_000
_REFUSED = frozenset((sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH, sqlite3.SQLITE_PRAGMA))


def run(store: MemoryStore, statement: str) -> str:
    """Run statements; what they select, `column: value` lines and an empty line a row.

    A mistake in the SQL prints nothing, as in Asterisk, which only logs it.
    """
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        database.text_factory = bytes
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
        database.execute(f"PRAGMA max_page_count = {MAX_PAGES}")
        _fill(database, store)
        database.set_authorizer(_allowed)
        looks = count()
        database.set_progress_handler(lambda: next(looks) > MAX_LOOKS, _INSTRUCTIONS_PER_LOOK)
        printed = _execute(database, statement)
        database.set_authorizer(None)
        database.set_progress_handler(None, 0)
        _take_over(database, store)
    return printed


def _fill(database: sqlite3.Connection, store: MemoryStore) -> None:
    database.execute(SCHEMA)
    rows = [(to_bytes(key), to_bytes(value)) for key, value in store.tree("")]
    database.executemany(f"INSERT INTO astdb VALUES({TEXT}, {TEXT})", rows)


def _allowed(action: int, first: str | None, second: str | None, _database: str | None, _by: str | None) -> int:
    if action in _REFUSED or (action == sqlite3.SQLITE_FUNCTION and second == "load_extension"):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _execute(database: sqlite3.Connection, text: str) -> str:
    printed: list[str] = []
    for statement in _statements(text):
        try:
            cursor = database.execute(statement)
            for values in cursor.fetchmany(MAX_ROWS):
                names = [column[0] for column in cursor.description]
                pairs = zip(names, values, strict=True)
                printed += [f"{left(name, 5)}: {left(_shown(value), 50)}\n" for name, value in pairs]
                printed.append("\n")
        except (sqlite3.Error, ValueError):
            break
    return "".join(printed)


def _statements(text: str) -> list[str]:
    """The statements of a text; one that is not complete is the last."""
    found, start = [], 0
    for at, character in enumerate(text):
        if character == ";" and sqlite3.complete_statement(text[start : at + 1]):
            found.append(text[start : at + 1])
            start = at + 1
    return [part for part in (*found, text[start:]) if part.strip(" \t\r\n;")]


def _shown(value: object) -> str:
    if value is None:
        return "(null)"
    return to_text(value) if isinstance(value, bytes) else str(value)


def _take_over(database: sqlite3.Connection, store: MemoryStore) -> None:
    """Put into the store what the statements changed; a table that was dropped leaves nothing."""
    try:
        rows = database.execute("SELECT key, value FROM astdb").fetchall()
    except sqlite3.Error:
        rows = []
    after = {_shown(key): _shown(value) for key, value in rows if key is not None and value is not None}
    before = dict(store.tree(""))
    for name in before.keys() - after.keys():
        store.delete(*_family_and_key(name))
    for name, value in sorted(after.items()):
        if before.get(name) != value and name.startswith("/"):
            store.put(*_family_and_key(name), value)


def _family_and_key(name: str) -> tuple[str, str]:
    family, _, key = name.removeprefix("/").partition("/")
    return family, key
