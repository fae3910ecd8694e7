"""Variables of a channel and globals: names, inheritance, order (main/pbx_variables.c:1233-1315)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

MAX_VARIABLES = 10_000


def bare_name(name: str) -> str:
    """A variable's name without the one or two underscores that say how it is inherited."""
    if name.startswith("__"):
        return name[2:]
    return name[1:] if name.startswith("_") else name


class Variables:
    """Values by name; `_NAME` is handed to channels made from this one, `__NAME` to theirs as well.

    A name may hide an older value of the same name, as a subroutine's arguments do.
    """

    __slots__ = ("_count", "_rows")

    def __init__(self) -> None:
        self._rows: dict[str, list[tuple[str, str]]] = {}
        self._count = 0

    def get(self, name: str) -> str | None:
        """The value, None where there is none; the name is case-sensitive and without underscores."""
        row = self._rows.get(name)
        return None if row is None else row[-1][1]

    def set(self, name: str, value: str | None) -> None:
        """Set a variable, or remove it with None, which shows again what it hid."""
        row = self._rows.pop(bare_name(name), [])
        if row:
            row.pop()
            self._count -= 1
        if value is not None:
            self._add(row, name, value)
        if row:
            self._rows[bare_name(name)] = row

    def push(self, name: str, value: str) -> None:
        """Set a variable so that the value it had comes back once it is removed."""
        row = self._rows.pop(bare_name(name), [])
        self._add(row, name, value)
        if row:
            self._rows[bare_name(name)] = row

    def _add(self, row: list[tuple[str, str]], name: str, value: str) -> None:
        """One more value; dropped where there are `MAX_VARIABLES` already."""
        if self._count < MAX_VARIABLES:
            row.append((name, value))
            self._count += 1

    def hidden(self, name: str, depth: int) -> str | None:
        """The value under `depth` others of the same name."""
        row = self._rows.get(name, [])
        return row[-1 - depth][1] if 0 <= depth < len(row) else None

    def clear(self) -> None:
        """Remove all."""
        self._rows.clear()
        self._count = 0

    def newest_first(self, full: bool = False) -> Iterator[tuple[str, str]]:
        """Name and value, the last one set first, as `dialplan show globals` lists them; `full` with underscores."""
        return ((row[-1][0] if full else bare, row[-1][1]) for bare, row in reversed(self._rows.items()))

    def take_over(self, rows: Sequence[tuple[str, str]]) -> None:
        """Take variables of another channel behind those there are; the first of them counts as the newest."""
        known = self._rows
        older: dict[str, list[tuple[str, str]]] = {}
        for name, value in reversed(rows):
            bare = bare_name(name)
            if bare not in known and self._count < MAX_VARIABLES:
                self._count += bare not in older
                older[bare] = [(name, value)]
        self._rows = {**older, **known}

    def inherited(self) -> Variables:
        """What a channel made from this one starts with."""
        child = Variables()
        for row in self._rows.values():
            full, value = row[-1]
            if full.startswith("__"):
                child.set(full, value)
            elif full.startswith("_"):
                child.set(full[1:], value)
        return child

    def __len__(self) -> int:
        return len(self._rows)
