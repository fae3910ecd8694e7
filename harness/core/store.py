"""Where values are kept: AstDB as the core sees it, and one that lives in memory.

A full key looks like `/family/key`.  One row is found by its exact key; trees are found with SQL LIKE, with
all that follows: ASCII letters in either case, `%` and `_` as wildcards (main/db.c).
"""

from __future__ import annotations

from typing import Protocol

from harness.core.octets import fold, to_bytes

Row = tuple[str, str]


class Store(Protocol):
    """AstDB; rows come sorted by the bytes of their full key."""

    def get(self, family: str, key: str) -> str | None:
        """The value of one row, None where there is none."""
        ...

    def put(self, family: str, key: str, value: str) -> None:
        """Write one row."""
        ...

    def delete(self, family: str, key: str) -> bool:
        """Remove one row; False where there was none."""
        ...

    def rows(self, family: str) -> list[Row]:
        """Key and value of all rows of exactly this family."""
        ...

    def tree(self, prefix: str) -> list[Row]:
        """Full key and value of the row `prefix` and of all below it, matched with LIKE; empty: all rows."""
        ...

    def delete_tree(self, prefix: str) -> int:
        """Remove what `tree` finds; the number of rows."""
        ...


def full_key(family: str, key: str) -> str:
    """The name of a row in the table."""
    return f"/{family}/{key}"


def like(pattern: str, text: str) -> bool:
    """SQLite's LIKE: `%` any run of characters, `_` exactly one, ASCII letters in either case, no escape.

    Takes time in proportion to the product of both lengths at worst, whatever the pattern.
    """
    pattern, text = fold(pattern), fold(text)
    at, here, star, resume = 0, 0, -1, 0
    while here < len(text):
        wanted = pattern[at] if at < len(pattern) else None
        if wanted == "%":
            star, resume, at = at, here, at + 1
        elif wanted is not None and wanted in ("_", text[here]):
            at, here = at + 1, here + 1
        elif star >= 0:
            resume += 1
            at, here = star + 1, resume
        else:
            return False
    return not pattern[at:].strip("%")


def in_tree(prefix: str, key: str) -> bool:
    """Whether a full key is in the tree of a prefix, as `key || '/' LIKE prefix || '/%'` says."""
    return not prefix or like(f"{prefix}/%", f"{key}/")


class MemoryStore:
    """A store in memory; a subclass may follow its changes through `changed`, and keep long values elsewhere."""

    __slots__ = ("_rows",)

    def __init__(self) -> None:
        self._rows: dict[str, str | None] = {}
        """By full key; None where the value lies elsewhere."""

    def load(self, key: str, value: str | None) -> None:
        """Take over a row, by its full key, without calling `changed`; None: see `fetch`."""
        self._rows[key] = value

    def changed(self, key: str, value: str | None) -> None:
        """Called after every change with the full key; None for a row that was removed."""

    def fetch(self, key: str) -> str:
        """The value of a row that is not in memory; here all are."""
        raise KeyError(key)

    def get(self, family: str, key: str) -> str | None:
        """See `Store`."""
        name = full_key(family, key)
        value = self._rows.get(name)
        return self.fetch(name) if value is None and name in self._rows else value

    def put(self, family: str, key: str, value: str) -> None:
        """See `Store`."""
        name = full_key(family, key)
        self._rows[name] = value
        self.changed(name, value)

    def delete(self, family: str, key: str) -> bool:
        """See `Store`."""
        name = full_key(family, key)
        if name not in self._rows:
            return False
        self._remove(name)
        return True

    def rows(self, family: str) -> list[Row]:
        """See `Store`."""
        start = full_key(family, "")
        return [(key[len(start) :], self._value(key)) for key in self._sorted() if key.startswith(start)]

    def tree(self, prefix: str) -> list[Row]:
        """See `Store`."""
        return [(key, self._value(key)) for key in self._sorted() if in_tree(prefix, key)]

    def delete_tree(self, prefix: str) -> int:
        """See `Store`."""
        doomed = [key for key in self._sorted() if in_tree(prefix, key)]
        for key in doomed:
            self._remove(key)
        return len(doomed)

    def _value(self, key: str) -> str:
        value = self._rows[key]
        return self.fetch(key) if value is None else value

    def _remove(self, key: str) -> None:
        del self._rows[key]
        self.changed(key, None)

    def _sorted(self) -> list[str]:
        return sorted(self._rows, key=to_bytes)
