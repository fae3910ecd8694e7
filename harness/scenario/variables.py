"""`${name}` in the texts of a scenario."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

_USE = re.compile(r"\$\$\{|\$\{([^{}]*)\}")


class UnknownVariable(NamedTuple):
    """A `${name}` that nobody defined."""

    name: str


class Variables:
    """The variables that are in force at one place; `$${` stands for `${` itself."""

    def __init__(
        self, values: Mapping[str, str], used: set[str] | None = None, unreadable: frozenset[str] = frozenset()
    ) -> None:
        self.values = dict(values)
        self.unreadable = unreadable - self.values.keys()
        """Names of those whose definition is wrong, which has been told."""
        self.used: set[str] = used if used is not None else set()

    def within(self, more: Mapping[str, str]) -> Variables:
        """The variables of an inner place, which hide those of the same name; uses count for both."""
        return Variables({**self.values, **more}, self.used, self.unreadable)

    def expand(self, text: str) -> str | UnknownVariable:
        """The text with the values put in."""
        if "${" not in text:
            return text
        unknown: list[str] = []

        def value(found: re.Match[str]) -> str:
            name = found[1]
            if name is None:
                return "${"
            self.used.add(name)
            if name not in self.values:
                unknown.append(name)
            return self.values.get(name, "")

        expanded = _USE.sub(value, text)
        return UnknownVariable(unknown[0]) if unknown else expanded
