"""Variables of a channel and globals: names, inheritance, order (main/pbx_variables.c:1233-1315)."""

from __future__ import annotations

from collections.abc import Iterator

MAX_VARIABLES = 10_000


def bare_name(name: str) -> str:
    """A variable's name without the one or two underscores that say how it is inherited."""
    if name.startswith("__"):
        return name[2:]
    return name[1:] if name.startswith("_") else name


class Variables:
    """Values by name; `_NAME` is handed to channels made from this one, `__NAME` to theirs as well."""

    __slots__ = ("_rows",)

    def __init__(self) -> None:
        self._rows: dict[str, tuple[str, str]] = {}

    def get(self, name: str) -> str | None:
        """The value, None where there is none; the name is case-sensitive and without underscores."""
        row = self._rows.get(name)
        return None if row is None else row[1]

    def set(self, name: str, value: str | None) -> None:
        """Set a variable, or remove it with None; a row too many is dropped (`MAX_VARIABLES`)."""
        bare = bare_name(name)
        self._rows.pop(bare, None)
        if value is not None and len(self._rows) < MAX_VARIABLES:
            self._rows[bare] = (name, value)

    def clear(self) -> None:
        """Remove all."""
        self._rows.clear()

    def newest_first(self) -> Iterator[tuple[str, str]]:
        """Name and value, the last one set first, as `dialplan show globals` lists them."""
        return ((bare, row[1]) for bare, row in reversed(self._rows.items()))

    def inherited(self) -> Variables:
        """What a channel made from this one starts with."""
        child = Variables()
        for full, value in self._rows.values():
            if full.startswith("__"):
                child.set(full, value)
            elif full.startswith("_"):
                child.set(full[1:], value)
        return child

    def __len__(self) -> int:
        return len(self._rows)
