"""The lines of extensions.conf turned into contexts (pbx/pbx_config.c:1684-1973)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from harness.config.extensions import RawContext
from harness.config.syntax import Setting
from harness.core.octets import cut, fold
from harness.dialplan.contexts import HINT, Context, IgnorePattern, Include, Priority, Switch
from harness.dialplan.pattern import is_pattern
from harness.dialplan.times import parse_condition
from harness.errors import Location, Note

if TYPE_CHECKING:
    from harness.dialplan.plan import Dialplan

MAX_EXTEN_BYTES = 255
KIND = "dialplan"

_NUMBER = re.compile(r"[ \t\r\n\v\f]*([+-]?[0-9]{1,30})")
_PLUS = re.compile(r"[ \t\r\n\v\f]*([+-]?[0-9]{1,9})")
_BLANKS = "".join(map(chr, range(1, 33)))
_NOTHING_YET = -2
_TRUE = ("yes", "true", "y", "t", "1", "on")
_SWITCHES = ("switch", "lswitch", "eswitch")


def is_true(text: str | None) -> bool:
    """Asterisk's idea of yes (main/utils.c, ast_true)."""
    return text is not None and text.lower() in _TRUE


def split_exten(text: str) -> tuple[str, str | None]:
    """The name before the first comma, and the rest; commas in `[...]` and after a backslash do not count."""
    square, at = 0, 0
    while at < len(text):
        character = text[at]
        if character == "[":
            square += 1
        elif character == "]":
            square = max(square - 1, 0)
        elif character == "\\":
            at += 1
        elif character == "," and not square:
            return text[:at], text[at + 1 :]
        at += 1
    return text, None


def split_application(text: str) -> tuple[str, str, bool]:
    """`App(arguments)` taken apart, and whether the parenthesis was closed; a hint's text may stay whole."""
    name, opened, rest = text.partition("(")
    if not opened or "${" in name or "$[" in name:
        return text.lstrip(_BLANKS), "", True
    arguments, closed, _ = rest.rpartition(")")
    return name.lstrip(_BLANKS), arguments if closed else rest, bool(closed)


def shrink_caller(text: str) -> str:
    """A caller ID pattern without blanks, parentheses, dashes and inner dots (main/callerid.c)."""
    kept = []
    bracketed = 0
    for at, character in enumerate(text):
        bracketed += (character == "[") - (character == "]")
        if character == "-" and not bracketed:
            continue
        if character in "( )" or (character == "." and at + 1 < len(text)):
            continue
        kept.append(character)
    return "".join(kept)


def without_fluff(exten: str, dashes: bool) -> str:
    """A name without blanks and, unless `dashes`, without dashes; what stands in a pattern's set is kept."""
    kept = []
    inside = False
    for character in exten:
        if character == "[":
            inside = is_pattern(exten)
        elif character == "]":
            inside = False
        elif not inside and (character == " " or (character == "-" and not dashes)):
            continue
        kept.append(character)
    return "".join(kept)


class _Position(NamedTuple):
    """The priority field of a line taken apart: `n+2(label)`."""

    text: str
    plus: str
    label: str | None
    closed: bool


def _position(text: str) -> _Position:
    text = text.strip(_BLANKS)
    text, opened, rest = text.partition("(")
    label, closed, _ = rest.partition(")")
    number, _, plus = text.partition("+")
    return _Position(number, plus, label or None, bool(closed) or not opened)


class ContextReader:
    """Reads the lines under one header; `same` and `n` know nothing of what stood under another."""

    __slots__ = ("_context", "_exten", "_last", "_plan")

    def __init__(self, plan: Dialplan, context: Context) -> None:
        self._plan, self._context = plan, context
        self._exten = ""
        self._last = _NOTHING_YET

    def read(self, raw: RawContext) -> None:
        """Take in all lines in order."""
        for line in raw.lines:
            self._line(line)

    def _line(self, line: Setting) -> None:
        keyword = line.name.lower()
        if keyword.startswith("same"):
            self._same(line)
        elif keyword == "exten":
            self._new(line)
        elif keyword == "include":
            self._include(line)
        elif keyword == "ignorepat":
            self._ignore(line)
        elif keyword in _SWITCHES:
            self._switch(line, keyword)
        elif keyword == "autohints":
            self._context.autohints = is_true(line.value)
        else:
            self._note(f"==!!== Unknown directive: {line.name} -- IGNORING!!!", line.where)

    def _same(self, line: Setting) -> None:
        if self._exten:
            self._extension(self._exten, line.value, line)
            return
        self._note(
            f"No previous pattern in the first entry of context '{self._context.name}' to match '{line.name}'",
            line.where,
        )

    def _new(self, line: Setting) -> None:
        name, rest = split_exten(line.value)
        self._exten = cut(self._expanded(name), MAX_EXTEN_BYTES)
        self._extension(self._exten, rest, line)

    def _extension(self, exten: str, rest: str | None, line: Setting) -> None:
        name, slash, caller = exten.partition("/")
        cid = shrink_caller(caller) if slash else None
        position, _, application = (rest or "").partition(",")
        where = _position(position)
        if not where.closed:
            self._note("Label missing trailing ')'", line.where)
            return
        number = self._number(where, name, cid, line)
        if number is None:
            return
        app, arguments, closed = split_application(application)
        if not closed:
            self._note(f"No closing parenthesis found? '{app}({arguments}'", line.where)
        if number == 0:
            self._note(f"{app or 'this line'} is never added: after a hint, n means priority 0", line.where)
            return
        if not app and number != HINT:
            self._note("no application: a call that comes here is hung up (is a comma missing?)", line.where)
        self._last = number + _plus(where.plus)
        line_of = Priority(self._context.name, name, self._last, app, arguments, where.label, cid, line.where)
        self._plan.add_priority(line_of)

    def _number(self, where: _Position, exten: str, cid: str | None, line: Setting) -> int | None:
        text = where.text
        if text == "hint":
            return HINT
        if text in ("n", "next", "s", "same"):
            if self._last > _NOTHING_YET:
                return self._last + (text[0] == "n")
            word = "next" if text[0] == "n" else "same"
            self._note(f"Can't use '{word}' priority on the first entry", line.where)
            return None
        found = _NUMBER.match(text)
        if found is not None and int(found[1]) >= 1:
            return int(found[1])
        if found is None:
            labelled = self._labelled(exten, text, cid)
            if labelled is not None and labelled >= 1:
                return labelled
        what = "priority/label" if found is None else "priority"
        self._note(f"Invalid {what} '{text}'", line.where)
        return None

    def _labelled(self, exten: str, label: str, cid: str | None) -> int | None:
        for extension in self._context.candidates(exten, cid or ""):
            found = extension.find(label)
            if found is not None:
                return found.number
        return None

    def _include(self, line: Setting) -> None:
        text = self._expanded(line.value)
        if any(old.text.lower() == text.lower() for old in self._context.includes):
            self._note(f"Context '{line.value}' already included in '{self._context.name}' context", line.where)
            return
        self._context.includes.append(make_include(text, line.where))

    def _ignore(self, line: Setting) -> None:
        text = self._expanded(line.value)
        if any(fold(old.pattern) == fold(text) for old in self._context.ignore_patterns):
            self._note(f"Ignore pattern '{text}' is already in '{self._context.name}'", line.where)
            return
        self._context.ignore_patterns.append(IgnorePattern(text, line.where))

    def _switch(self, line: Setting, keyword: str) -> None:
        value = self._expanded(line.value) if keyword == "switch" else line.value
        name, _, data = value.partition("/")
        if any((fold(old.name), fold(old.data)) == (fold(name), fold(data)) for old in self._context.switches):
            self._note(f"Switch '{value}' is already in '{self._context.name}'", line.where)
            return
        self._context.switches.append(Switch(name, data, keyword == "eswitch", line.where))
        self._note(f"{line.name} => {line.value} is kept but never asked", line.where)

    def _expanded(self, text: str) -> str:
        return self._plan.expand(text)

    def _note(self, text: str, where: Location | None) -> None:
        self._plan.notes.append(Note(KIND, text, where))


def _plus(text: str) -> int:
    found = _PLUS.match(text)
    return int(found[1]) if found else 0


def make_include(text: str, where: Location | None = None) -> Include:
    """An include from what follows `include =>`: the context, and a time condition after the first comma."""
    for separator in "|,":
        target, found, times = text.partition(separator)
        if found:
            return Include(text, target, parse_condition(times), where)
    return Include(text, text, None, where)
