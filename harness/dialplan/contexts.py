"""Contexts, extensions, priorities as they are kept (main/pbx.c:7065-7525)."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from harness.dialplan.pattern import SortKey, is_pattern, matches, plain, sort_key
from harness.dialplan.times import TimeCondition
from harness.errors import Location

HINT = -1
REGISTRAR = "pbx_config"


class Priority(NamedTuple):
    """One line of the dialplan; `exten` as it was written without blanks, `number` -1 is a hint.

    Of a hint, `app` is the text with devices and presence, `args` its name.
    """

    context: str
    exten: str
    number: int
    app: str
    args: str = ""
    label: str | None = None
    cid: str | None = None
    where: Location | None = None
    registrar: str = REGISTRAR


class Include(NamedTuple):
    """`include => text`; `target` is the context without its time condition."""

    text: str
    target: str
    condition: TimeCondition | None = None
    where: Location | None = None
    registrar: str = REGISTRAR


class Switch(NamedTuple):
    """A switch line; kept for `dialplan show`, never asked."""

    name: str
    data: str
    evaluated: bool = False
    where: Location | None = None
    registrar: str = REGISTRAR


class IgnorePattern(NamedTuple):
    """An `ignorepat` line."""

    pattern: str
    where: Location | None = None
    registrar: str = REGISTRAR


@dataclass(slots=True)
class Extension:
    """All priorities of one name (or pattern) and caller ID; `exten` is without dashes."""

    exten: str
    cid: str | None
    priorities: dict[int, Priority] = field(default_factory=dict)
    labels: dict[str, Priority] = field(default_factory=dict)
    _last: int = HINT

    @property
    def name(self) -> str:
        """As `dialplan show` calls it: the way the first priority was written."""
        return next(iter(self.priorities.values())).exten

    def find(self, wanted: int | str) -> Priority | None:
        """A priority by its number or its label."""
        return self.labels.get(wanted) if isinstance(wanted, str) else self.priorities.get(wanted)

    def label_taken(self, priority: Priority) -> Priority | None:
        """The line that already carries the label: looked for among the priorities up to the next one."""
        for other in self.priorities.values():
            if other.label and other.label == priority.label and other.number != priority.number:
                return other
            if other.number >= priority.number:
                return None
        return None

    def put(self, priority: Priority) -> Priority | None:
        """Take in a line, in the place of the one with its number, which is returned."""
        old = self.priorities.get(priority.number)
        if old is not None:
            self._unlabel(old)
        self.priorities[priority.number] = priority
        if old is None and priority.number < self._last:
            self.priorities = dict(sorted(self.priorities.items()))
        self._last = next(reversed(self.priorities))
        if priority.label is not None:
            self.labels.setdefault(priority.label, priority)
        return old

    def remove(self, number: int) -> Priority | None:
        """Take out a line."""
        old = self.priorities.pop(number, None)
        if old is not None:
            self._unlabel(old)
        return old

    def _unlabel(self, old: Priority) -> None:
        if old.label is not None and self.labels.get(old.label) is old:
            del self.labels[old.label]


Place = tuple[SortKey, bool, SortKey]
_ANYBODY: SortKey = (0, ())


def _place(exten: str, cid: str | None) -> Place:
    """Where an extension stands in its context; of one pattern those with a caller ID come first."""
    return sort_key(exten), cid is None, _ANYBODY if cid is None else sort_key(cid)


def _place_of(extension: Extension) -> Place:
    return _place(extension.exten, extension.cid)


def caller_matches(cid: str | None, caller: str) -> bool:
    """Whether an extension is for this caller; an empty pattern is for those without a number."""
    if cid is None:
        return True
    return matches(cid, caller) if caller else not cid


@dataclass(slots=True)
class Context:
    """One context; `extensions` in the order in which they are tried and shown."""

    name: str
    where: Location | None = None
    registrar: str = REGISTRAR
    extensions: list[Extension] = field(default_factory=list)
    includes: list[Include] = field(default_factory=list)
    ignore_patterns: list[IgnorePattern] = field(default_factory=list)
    switches: list[Switch] = field(default_factory=list)
    autohints: bool = False
    _by_place: dict[Place, Extension] = field(default_factory=dict)
    _by_name: dict[str, list[Extension]] = field(default_factory=dict)
    _patterns: list[Extension] = field(default_factory=list)

    def extension(self, exten: str, cid: str | None = None) -> Extension | None:
        """The extension of just this name; patterns are compared as patterns."""
        return self._by_place.get(_place(exten, cid))

    def obtain(self, exten: str, cid: str | None) -> Extension:
        """The extension of this name, made where there is none."""
        place = _place(exten, cid)
        found = self._by_place.get(place)
        if found is None:
            found = self._by_place[place] = Extension(exten, cid)
            insort(self.extensions, found, key=_place_of)
            insort(self._siblings(found), found, key=_place_of)
        return found

    def drop(self, extension: Extension) -> None:
        """Take out an extension with all that it has."""
        del self._by_place[_place_of(extension)]
        self.extensions.remove(extension)
        self._siblings(extension).remove(extension)

    def _siblings(self, extension: Extension) -> list[Extension]:
        if is_pattern(extension.exten):
            return self._patterns
        return self._by_name.setdefault(plain(extension.exten), [])

    def candidates(self, number: str, caller: str) -> Iterator[Extension]:
        """The extensions that a number matches, in the order in which they are tried."""
        for extension in self._by_name.get(plain(number), ()):
            if caller_matches(extension.cid, caller):
                yield extension
        for extension in self._patterns:
            if matches(extension.exten, number) and caller_matches(extension.cid, caller):
                yield extension
