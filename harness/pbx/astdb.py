"""AstDB on SQLite, in the table that Asterisk uses (main/db.c), so that a real `astdb.sqlite3` opens.

Reads are answered from memory, those of long values from the file.  Writes go to memory at once and to disk in
groups: the first write of a group asks `soon` for a commit, and whoever must not answer before the data is safe
hands its answer to `when_safe`.  A process that is killed loses nothing that was answered (write-ahead log).
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable
from pathlib import Path

from harness.core.store import MemoryStore
from harness.errors import InputError, Location

FILE_NAME = "astdb.sqlite3"
SCHEMA = "CREATE TABLE IF NOT EXISTS astdb(key TEXT, value TEXT, PRIMARY KEY(key))"
UPSERT = (
    "INSERT INTO astdb VALUES(CAST(? AS TEXT), CAST(? AS TEXT)) ON CONFLICT(key) DO UPDATE SET value=excluded.value"
)
SELECT = "SELECT value FROM astdb WHERE key = CAST(? AS TEXT)"
DELETE = "DELETE FROM astdb WHERE key = CAST(? AS TEXT)"
BUSY_TIMEOUT_S = 5.0
CACHE_KB = 512
"""Of the file in memory, beside what the system keeps: what is asked for often is kept here already."""

LONG = 512
"""Values of so many characters (when the file is opened: bytes) and more are read from the file whenever they are asked
for: a stored subscription is long, there may be thousands, and hardly ever is one read."""

Soon = Callable[[Callable[[], None]], object]


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _text(raw: bytes | None) -> str:
    return (raw or b"").decode("utf-8", "surrogateescape")


class AstDB(MemoryStore):
    """The store on disk; `soon(call)` runs `call` once, shortly, on the caller's loop."""

    def __init__(self, path: Path, soon: Soon) -> None:
        super().__init__()
        self.path, self._soon = path, soon
        self._pending: dict[str, str | None] = {}
        self._due = False
        self._waiting: list[Callable[[], None]] = []
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
            )
            self._connection.text_factory = bytes
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._connection.execute(f"PRAGMA cache_size=-{CACHE_KB}")
            self._connection.execute(SCHEMA)
            rows = self._connection.execute("SELECT key, value FROM astdb ORDER BY key").fetchall()
        except (sqlite3.Error, OSError) as error:
            raise InputError(
                f"the database cannot be opened: {error}",
                Location(str(path)),
                "name another place with --data, or keep nothing with --data :memory:",
            ) from None
        for raw_key, raw in rows:
            self.load(_text(raw_key), _text(raw) if len(raw or b"") < LONG else None)

    def changed(self, key: str, value: str | None) -> None:
        """Note one row for the next commit; None removes it."""
        if not self._due:
            self._due = True
            self._soon(self.commit)
        self._pending[key] = value

    def fetch(self, key: str) -> str:
        """A long value, which the file alone has.  Raises sqlite3.Error where the disk refuses."""
        row = self._connection.execute(SELECT, (_raw(key),)).fetchone()
        if row is None:
            raise sqlite3.DatabaseError(f"{key} is no longer in the database")
        return _text(row[0])

    def when_safe(self, call: Callable[[], None]) -> None:
        """Call back once everything that was written so far is on disk; at once if it is."""
        if self._pending:
            self._waiting.append(call)
        else:
            call()

    def commit(self) -> None:
        """Write the group in one transaction, then let the answers go.

        Raises sqlite3.Error where the disk refuses; the group is kept, and the next write tries it again.
        """
        self._due = False
        if self._pending:
            self._write(self._pending)
            group, self._pending = self._pending, {}
            for key, value in group.items():
                if value is not None and len(value) >= LONG:
                    self.load(key, None)
        waiting, self._waiting = self._waiting, []
        for call in waiting:
            call()

    def _write(self, group: dict[str, str | None]) -> None:
        """A group holds a row once, as it was left: the order of the two statements does not matter."""
        kept = [(_raw(key), _raw(value)) for key, value in group.items() if value is not None]
        gone = [(_raw(key),) for key, value in group.items() if value is None]
        with self._connection:
            self._connection.execute("BEGIN")
            self._connection.executemany(UPSERT, kept)
            if gone:
                self._connection.executemany(DELETE, gone)

    def close(self) -> None:
        """Commit what is left and let go of the file."""
        try:
            self.commit()
        finally:
            self._connection.close()


class VolatileDB(MemoryStore):
    """The store of a run that keeps nothing: everything is safe at once."""

    def when_safe(self, call: Callable[[], None]) -> None:
        """Call back at once."""
        call()

    def close(self) -> None:
        """Nothing to let go of."""


def ensure_uuid(store: MemoryStore, random_bits: Callable[[int], int]) -> None:
    """The row that every Asterisk has (main/pbx.c, pbx UUID)."""
    if store.get("pbx", "UUID") is None:
        store.put("pbx", "UUID", str(uuid.UUID(int=random_bits(128), version=4)))
