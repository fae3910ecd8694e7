"""Event filters of a user or a session: `eventfilter=` and action Filter (manager_add_filter, main/manager.c)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from harness.config.values import BLANKS
from harness.dialplan.ere import BadRegex, compile_regex

MAX_FILTERS = 100
"""Filters that one session may add to those of its user."""

Method = Callable[[str, str], bool]

_METHODS: dict[str, Method] = {
    "exact": lambda text, pattern: text == pattern,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
    "contains": lambda text, pattern: pattern in text,
}
_LITERAL = re.compile(r"[^\\^$.\[\]|()*+?{}]*\Z")
_OPTION_ENDS = re.compile(r"[ ,)]+")


class BadFilter(ValueError):
    """A filter that is refused; `kind` is `format` or `compile`."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


class Filter(NamedTuple):
    """What an event must be to fit: of that name, with such a header (or as a whole) of such a text."""

    exclude: bool
    event: str
    header: str
    fits_text: Callable[[str], bool]

    def fits(self, name: str, text: str) -> bool:
        """Whether an event fits; `text` is the whole of it."""
        if self.event and name != self.event:
            return False
        if not self.header:
            return self.fits_text(text)
        size = len(self.header)
        values = (line[size:].lstrip(BLANKS) for line in text.split("\r\n") if line.startswith(self.header))
        return any(self.fits_text(value) for value in values if value)


@dataclass(slots=True)
class Filters:
    """All filters of one session."""

    includes: list[Filter] = field(default_factory=list)
    excludes: list[Filter] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.includes) + len(self.excludes)

    def add(self, each: Filter) -> None:
        """One more."""
        (self.excludes if each.exclude else self.includes).append(each)

    def copy(self) -> Filters:
        """The same filters, to which a session may add its own."""
        return Filters(list(self.includes), list(self.excludes))

    def passes(self, name: str, text: str) -> bool:
        """Whether an event is sent: one of the including ones fits, if there are any, and no excluding one."""
        if self.includes and not any(each.fits(name, text) for each in self.includes):
            return False
        return not any(each.fits(name, text) for each in self.excludes)


def parse_filter(criteria: str, pattern: str) -> Filter:
    """A filter as manager.conf has it: `eventfilter[(options)] = [!]pattern`; `BadFilter` where it is refused."""
    exclude = pattern.startswith("!")
    pattern = pattern.removeprefix("!")
    _, opened, options = criteria.partition("(")
    if not opened:
        if not pattern:
            raise BadFilter("format", "a filter without options needs a pattern")
        return Filter(exclude, "", "", _text_test("regex", pattern))
    given = _options(options.strip(BLANKS))
    action, method = given.get("action"), given.get("method", "none")
    if action is not None:
        exclude = action == "exclude"
    event, header = given.get("name", ""), given.get("header", "")
    if bool(pattern) != (method != "none"):
        raise BadFilter("format", f"method {method!r} does not go with the pattern {pattern!r}")
    if not event and not header and method == "none":
        raise BadFilter("format", "neither name nor header nor pattern")
    return Filter(exclude, event, header and header.rstrip(":") + ":", _text_test(method, pattern))


def _options(text: str) -> dict[str, str]:
    if not text.endswith(")"):
        raise BadFilter("format", "the options are not closed")
    given: dict[str, str] = {}
    for option in filter(None, _OPTION_ENDS.split(text)):
        key = next((known for known in ("action", "name", "header", "method") if option.startswith(known)), None)
        value = option.partition("(")[2].strip(BLANKS)
        if key is None or not value:
            raise BadFilter("format", f"option {option!r}")
        if key == "action" and value not in ("include", "exclude"):
            raise BadFilter("format", f"action {value!r}")
        if key == "method" and value not in ("regex", "none", *_METHODS):
            raise BadFilter("format", f"method {value!r}")
        given[key] = value
    if not given:
        raise BadFilter("format", "no option")
    return given


def _text_test(method: str, pattern: str) -> Callable[[str], bool]:
    if method == "none":
        return lambda _text: True
    if method == "regex" and not _LITERAL.match(pattern):
        try:
            regex = compile_regex(pattern)
        except BadRegex as error:
            raise BadFilter("compile", str(error)) from None
        return lambda text: regex.search(text) is not None
    test = _METHODS["contains" if method == "regex" else method]
    return lambda text: test(text, pattern)
