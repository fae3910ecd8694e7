"""AstDB on SQLite, in the table that Asterisk uses (main/db.c), so that a real `astdb.sqlite3` opens.

Reads are answered from memory, those of long values from the file.  Writes go to memory at once and to disk in
groups: the first write of a group asks `later` for a commit, and whoever must not answer before the data is safe
hands its answer to `when_safe`.  A process that is killed loses nothing that was answered (write-ahead log).
"""

from __future__ import annotations

import contextlib
import os
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
OPENING_TIMEOUT_S = 5.0
"""For another process that holds the file."""
BUSY_TIMEOUT_MS = 50
"""The same while others are being served, who wait meanwhile; then the group waits."""
RETRIES_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Until a group that the disk refused is tried again; the last for all further times."""
MODE = 0o600
"""Of a new database: stored requests carry the digest responses of phones."""
CACHE_KB = 512
"""Of the file in memory, beside what the system keeps: what is asked for often is kept here already."""

LONG = 512
"""Values of so many characters (when the file is opened: bytes) and more are read from the file whenever they are asked
for: a stored subscription is long, there may be thousands, and hardly ever is one read."""

Later = Callable[[float, Callable[[], None]], object]
"""Makes a call in so many seconds on the caller's loop."""


def _raw(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half of a surrogate pair, which no byte stands behind
        return text.encode("utf-8", "surrogatepass")


def _text(raw: object) -> str:
    """A value as it is in the file; a table that somebody else made may hold numbers."""
    return raw.decode("utf-8", "surrogateescape") if isinstance(raw, bytes) else "" if raw is None else str(raw)


class AstDB(MemoryStore):
    """The store on disk; `tell` hears when the disk refuses, once until it takes something again."""

    def __init__(self, path: Path, later: Later, tell: Callable[[str], None] = lambda _text: None) -> None:
        super().__init__()
        self.path, self._later, self._tell = path, later, tell
        self._refusals = 0
        self._pending: dict[str, str | None] = {}
        self._due = False
        self._waiting: list[Callable[[], None]] = []
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError):
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, MODE))
            self._connection = sqlite3.connect(
                path, timeout=OPENING_TIMEOUT_S, isolation_level=None, check_same_thread=False
            )
            self._connection.text_factory = bytes
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._connection.execute(f"PRAGMA cache_size=-{CACHE_KB}")
            self._connection.execute(SCHEMA)
            self._connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
            rows = self._connection.execute("SELECT key, value FROM astdb ORDER BY key").fetchall()
        except (sqlite3.Error, OSError) as error:
            raise InputError(
                f"the database cannot be opened: {error}",
                Location(str(path)),
                "name another place with --data, or keep nothing with --data :memory:",
            ) from None
        for raw_key, raw in rows:
            value = _text(raw)
            self.load(_text(raw_key), value if len(value) < LONG else None)

    def changed(self, key: str, value: str | None) -> None:
        """Note one row for the next commit; None removes it."""
        if not self._due:
            self._due = True
            self._later(0.0, self.commit)
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
        """Write the group in one transaction, then let the answers go; what the disk refuses is tried again later."""
        try:
            self._commit()
        except sqlite3.Error as error:
            if not self._refusals:
                self._tell(f"{self.path} cannot be written: {error}; what is not stored yet is tried again")
            self._due = True
            self._later(RETRIES_S[min(self._refusals, len(RETRIES_S) - 1)], self.commit)
            self._refusals += 1

    def _commit(self) -> None:
        if self._pending:
            self._write(self._pending)
            group, self._pending = self._pending, {}
            for key, value in group.items():
                if value is not None and len(value) >= LONG:
                    self.load(key, None)
        self._due, self._refusals = False, 0
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
        """Commit what is left and let go of the file.  Raises InputError where that cannot be stored."""
        try:
            self._commit()
        except sqlite3.Error as error:
            lost = len(self._pending)
            raise InputError(f"{lost} values could not be stored: {error}", Location(str(self.path))) from None
        finally:
            self._later = lambda _delay, _call: None
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
