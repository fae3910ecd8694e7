"""`${...}` and `$[...]` in a text (main/pbx_variables.c).

Lengths and offsets count bytes.  What comes out of a substitution is not looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import AnyStr, Protocol

from harness.core.octets import cut, to_bytes, to_text
from harness.dialplan.channel import Channel
from harness.dialplan.expression import evaluate

MAX_NAME_BYTES = 4095
MAX_TEXT_BYTES = 8191
MAX_DEPTH = 15

_OFFSETS = re.compile(r"[ \t\r\n\v\f]*([+-]?[0-9]{1,30})(?::[ \t\r\n\v\f]*([+-]?[0-9]{1,30}))?")
_EVERYTHING = 0x7FFFFFFF


class Scope(Protocol):
    """Where names get their values: a channel's call, or the dialplan alone."""

    @property
    def channel(self) -> Channel | None:
        """The channel, None where no call evaluates."""
        ...

    def variable(self, name: str) -> str | None:
        """The value of a variable; None where there is none."""
        ...

    def function(self, name: str, arguments: str, depth: int = 0) -> str | None:
        """What a dialplan function reads; None where it is unknown or fails.

        `depth` is how many substitutions are under way, for those functions that substitute themselves.
        """
        ...

    def assign(self, name: str, value: str | None) -> None:
        """Set a variable of the channel, or a global where there is none; None removes it."""
        ...

    def variable_told(self, name: str, value: str) -> None:
        """Tell of a variable that was set."""
        ...

    def changed(self, event: str, more: Sequence[tuple[str, str]] = ()) -> None:
        """Tell that the channel is another than before: `NewCallerid`, `NewAccountCode`."""
        ...


def needs_substitution(text: str) -> bool:
    """Whether there is anything in the text to replace."""
    return "${" in text or "$[" in text


def substitute(text: str, scope: Scope, limit: int = MAX_TEXT_BYTES, depth: int = 0) -> str:
    """The text with variables, functions and expressions replaced, at most `limit` bytes of it."""
    if depth >= MAX_DEPTH:
        return ""
    if not needs_substitution(text):
        return cut(text, limit)
    pieces = []
    at = 0
    while at < len(text):
        found = text.find("$", at)
        opening = text[found + 1 : found + 2] if found >= 0 else ""
        if opening not in ("{", "["):
            end = len(text) if found < 0 else found + 1
            pieces.append(text[at:end])
            at = end
            continue
        pieces.append(text[at:found])
        inside, at = _enclosed(text, found + 2, opening)
        if needs_substitution(inside):
            inside = substitute(inside, scope, MAX_NAME_BYTES, depth + 1)
        inside = cut(inside, MAX_NAME_BYTES)
        pieces.append(_value(inside, scope, depth) if opening == "{" else _expression(inside, scope, depth))
    return cut(_joined(pieces), limit)


def _joined(pieces: list[str]) -> str:
    """Pieces put together; bytes of one character that had been cut apart make that character again."""
    text = "".join(pieces)
    return text if text.isascii() else to_text(to_bytes(text))


def _enclosed(text: str, start: int, opening: str) -> tuple[str, int]:
    """What stands between the brackets, and where the text goes on; without an end it is all the rest."""
    closing = "}" if opening == "{" else "]"
    depth, at = 1, start
    while at < len(text):
        if text.startswith(("${", "$["), at):
            depth += text[at + 1] == opening
            at += 2
            continue
        if text[at] == opening:
            depth += 1
        elif text[at] == closing:
            depth -= 1
            if not depth:
                return text[start:at], at + 1
        at += 1
    return text[start:], len(text)


def _expression(inside: str, scope: Scope, depth: int) -> str:
    return evaluate(inside, lambda name, arguments: scope.function(name, arguments, depth + 1))


def _value(inside: str, scope: Scope, depth: int) -> str:
    name, offsets = split_offsets(inside)
    if "(" in name:
        function, arguments = split_call(name)
        value = scope.function(function, arguments, depth + 1)
    else:
        value = scope.variable(name)
    if value is None:
        return ""
    value = cut(value, MAX_NAME_BYTES)
    return value if offsets is None else substring(value, *offsets)


def split_offsets(text: str) -> tuple[str, tuple[int, int] | None]:
    """`NAME:offset:length` taken apart at the first colon outside parentheses."""
    depth = 0
    for at, character in enumerate(text):
        if character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
        elif character == ":" and not depth:
            found = _OFFSETS.match(text, at + 1)
            if found is None:
                return text[:at], (0, _EVERYTHING)
            return text[:at], (int(found[1]), int(found[2]) if found[2] else _EVERYTHING)
    return text, None


def split_call(text: str) -> tuple[str, str]:
    """`NAME(arguments)` taken apart: the name before the first parenthesis, the arguments up to the last."""
    name, _, rest = text.partition("(")
    arguments, closed, _ = rest.rpartition(")")
    return name, arguments if closed else rest


def substring(value: str, offset: int, length: int) -> str:
    """Part of a value, counted in bytes: from the end where `offset` is negative, leaving off `-length` at the end."""
    if value.isascii():
        return _part(value, offset, length)
    return to_text(_part(to_bytes(value), offset, length))


def _part(value: AnyStr, offset: int, length: int) -> AnyStr:
    size = len(value)
    start = max(size + offset, 0) if offset < 0 else offset
    end = size + length if length < 0 else start + length
    return value[start : max(end, start)]
