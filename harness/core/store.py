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
    """A store in memory; a subclass may follow its changes through `changed`."""

    __slots__ = ("_rows",)

    def __init__(self) -> None:
        self._rows: dict[str, str] = {}

    def load(self, key: str, value: str) -> None:
        """Take over a row, by its full key, without calling `changed`."""
        self._rows[key] = value

    def changed(self, key: str, value: str | None) -> None:
        """Called after every change with the full key; None for a row that was removed."""

    def get(self, family: str, key: str) -> str | None:
        """See `Store`."""
        return self._rows.get(full_key(family, key))

    def put(self, family: str, key: str, value: str) -> None:
        """See `Store`."""
        name = full_key(family, key)
        self._rows[name] = value
        self.changed(name, value)

    def delete(self, family: str, key: str) -> bool:
        """See `Store`."""
        name = full_key(family, key)
        if self._rows.pop(name, None) is None:
            return False
        self.changed(name, None)
        return True

    def rows(self, family: str) -> list[Row]:
        """See `Store`."""
        start = full_key(family, "")
        return [(key[len(start) :], value) for key, value in self._sorted() if key.startswith(start)]

    def tree(self, prefix: str) -> list[Row]:
        """See `Store`."""
        return [(key, value) for key, value in self._sorted() if in_tree(prefix, key)]

    def delete_tree(self, prefix: str) -> int:
        """See `Store`."""
        doomed = [key for key, _ in self.tree(prefix)]
        for key in doomed:
            del self._rows[key]
            self.changed(key, None)
        return len(doomed)

    def _sorted(self) -> list[Row]:
        return sorted(self._rows.items(), key=lambda row: to_bytes(row[0]))
