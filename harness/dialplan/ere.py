"""POSIX extended regular expressions, as regcomp() and regexec() of the C library take them.

The match is the leftmost and of those the longest.  Time is bounded by the length of the text times the size of the
program, whatever the pattern.  Bytes are matched, as in the C locale.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from harness.core.octets import to_bytes, to_text
from harness.dialplan.ere_program import DIGITS, LOWER, UPPER, WORD, Step, run

MAX_PROGRAM = 5_000
MAX_REPEAT = 32_767
MAX_NESTING = 200

_ALL = frozenset(range(256))
_SPACE = frozenset(b" \t\n\r\v\f")
_GRAPH = frozenset(range(33, 127))
_CLASSES = {
    "alpha": LOWER | UPPER,
    "digit": DIGITS,
    "alnum": DIGITS | LOWER | UPPER,
    "upper": UPPER,
    "lower": LOWER,
    "space": _SPACE,
    "blank": frozenset(b" \t"),
    "punct": _GRAPH - DIGITS - LOWER - UPPER,
    "print": _GRAPH | {32},
    "graph": _GRAPH,
    "cntrl": frozenset(range(32)) | {127},
    "xdigit": frozenset(b"0123456789abcdefABCDEF"),
}
_ESCAPES = {"w": WORD, "W": _ALL - WORD, "s": _SPACE, "S": _ALL - _SPACE}
_ASSERTIONS = {
    "b": "word edge",
    "B": "no word edge",
    "<": "word start",
    ">": "word end",
    "`": "start",
    "'": "end",
}
_INTERVAL = re.compile(r"\{(?=[0-9,])([0-9]{0,6})(,?)([0-9]{0,6})\}")
_WITHOUT_WIDTH = ("start", "end", *_ASSERTIONS.values())


class BadRegex(ValueError):
    """The pattern is not one, or is too large."""


class Match(NamedTuple):
    """Where a pattern matched, in bytes, and the text of its first group (None: it took no part)."""

    start: int
    length: int
    group: str | None


class Regex(NamedTuple):
    """A compiled pattern and how many groups it has."""

    program: tuple[Step, ...]
    groups: int

    def search(self, text: str) -> Match | None:
        """The leftmost longest match."""
        data = to_bytes(text)
        found = run(self.program, data)
        if found is None:
            return None
        start, end, low, high = found
        return Match(start, end - start, to_text(data[low:high]) if high >= 0 else None)


@lru_cache(maxsize=256)
def compile_regex(pattern: str, ignore_case: bool = False) -> Regex:
    """Compile a pattern; `BadRegex` where regcomp() refuses it or the program would be too large."""
    compiler = _Compiler(to_bytes(pattern).decode("latin-1"), ignore_case)
    return compiler.compiled()


_Fragment = list[Step]


class _Compiler:
    """Recursive descent over the pattern; fragments carry addresses relative to their own start."""

    __slots__ = ("_at", "_depth", "_groups", "_ignore_case", "_text")

    def __init__(self, text: str, ignore_case: bool) -> None:
        self._text, self._ignore_case = text, ignore_case
        self._at = self._groups = self._depth = 0

    def compiled(self) -> Regex:
        body = self._branches()
        if self._at < len(self._text):
            raise BadRegex("unmatched )")
        return Regex((*body, Step("match")), self._groups)

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _branches(self) -> _Fragment:
        left = self._pieces()
        while self._peek() == "|":
            self._at += 1
            right = self._pieces()
            size = len(left)
            left = _bounded(
                [
                    Step("split", to=1, other=size + 2),
                    *_moved(left, 1),
                    Step("jump", to=size + 2 + len(right)),
                    *_moved(right, size + 2),
                ]
            )
        return left

    def _pieces(self) -> _Fragment:
        sequence: _Fragment = []
        while self._peek() not in ("", "|") and not (self._peek() == ")" and self._depth):
            atom = self._atom()
            piece = atom if len(atom) == 1 and atom[0].kind in _WITHOUT_WIDTH else self._repeated(atom)
            sequence = _bounded([*sequence, *_moved(piece, len(sequence))])
        return sequence

    def _atom(self) -> _Fragment:
        character = self._text[self._at]
        self._at += 1
        if character == "(":
            return self._group()
        if character == "[":
            return [Step("set", self._bracket())]
        if character == ".":
            return [Step("set", _ALL)]
        if character == "^":
            return [Step("start")]
        if character == "$":
            return [Step("end")]
        if character in "*+?{":
            raise BadRegex("nothing to repeat")
        if character == "\\":
            return self._escape()
        return [Step("set", self._literal(character))]

    def _literal(self, character: str) -> frozenset[int]:
        return self._cased(frozenset((ord(character),)))

    def _cased(self, members: frozenset[int]) -> frozenset[int]:
        if not self._ignore_case:
            return members
        letters = members & (LOWER | UPPER)
        return members | frozenset(byte ^ 0x20 for byte in letters)

    def _escape(self) -> _Fragment:
        character = self._peek()
        if not character:
            raise BadRegex("trailing backslash")
        self._at += 1
        if character in _ESCAPES:
            return [Step("set", _ESCAPES[character])]
        if character in _ASSERTIONS:
            return [Step(_ASSERTIONS[character])]
        if character in "123456789":
            raise BadRegex("back references are not supported")
        return [Step("set", self._literal(character))]

    def _group(self) -> _Fragment:
        self._groups += 1
        number = self._groups
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise BadRegex("too deep")
        body = self._branches()
        self._depth -= 1
        if self._peek() != ")":
            raise BadRegex("unmatched (")
        self._at += 1
        if number != 1:
            return body
        return [Step("open"), *_moved(body, 1), Step("close")]

    def _bracket(self) -> frozenset[int]:
        negated = self._peek() == "^"
        self._at += negated
        members: set[int] = set()
        first = True
        while first or self._peek() != "]":
            first = False
            members |= self._bracket_item()
        self._at += 1
        cased = self._cased(frozenset(members))
        return _ALL - cased if negated else cased

    def _bracket_item(self) -> frozenset[int]:
        for mark in (":", ".", "="):
            if self._text.startswith("[" + mark, self._at):
                return self._named(mark)
        low = self._peek()
        if not low:
            raise BadRegex("unmatched [")
        self._at += 1
        following = self._text[self._at : self._at + 2]
        if len(following) == 2 and following[0] == "-" and following[1] != "]":
            self._at += 2
            if following[1] < low:
                raise BadRegex("invalid range")
            return frozenset(range(ord(low), ord(following[1]) + 1))
        return frozenset((ord(low),))

    def _named(self, mark: str) -> frozenset[int]:
        end = self._text.find(mark + "]", self._at + 2)
        name = self._text[self._at + 2 : end] if end >= 0 else ""
        self._at = end + 2
        if mark == ":" and name in _CLASSES:
            return _CLASSES[name]
        if mark != ":" and len(name) == 1:
            return frozenset((ord(name),))
        raise BadRegex("unknown class")

    def _repeated(self, piece: _Fragment) -> _Fragment:
        while self._peek() and self._peek() in "*+?{":
            piece = _times(piece, *self._bounds())
        return piece

    def _bounds(self) -> tuple[int, int | None]:
        """How often: least and most, None is without end."""
        character = self._text[self._at]
        if character != "{":
            self._at += 1
            return (1 if character == "+" else 0), (1 if character == "?" else None)
        found = _INTERVAL.match(self._text, self._at)
        if found is None:
            raise BadRegex("invalid content of {}")
        self._at = found.end()
        least = int(found[1] or 0)
        most = (int(found[3]) if found[3] else None) if found[2] else least
        if least > MAX_REPEAT or (most is not None and (most > MAX_REPEAT or most < least)):
            raise BadRegex("invalid repetition")
        return least, most


def _bounded(fragment: _Fragment) -> _Fragment:
    if len(fragment) > MAX_PROGRAM:
        raise BadRegex("too large")
    return fragment


def _moved(fragment: _Fragment, by: int) -> _Fragment:
    if not by:
        return fragment
    return [
        step._replace(to=step.to + by, other=step.other + by) if step.kind in ("split", "jump") else step
        for step in fragment
    ]


def _times(piece: _Fragment, least: int, most: int | None) -> _Fragment:
    size = len(piece)
    if (size + 2) * max(least, most or 0) > MAX_PROGRAM:
        raise BadRegex("too large")
    program: _Fragment = []
    for _ in range(least):
        program += _moved(piece, len(program))
    if most is None:
        at = len(program)
        program += [
            Step("split", to=at + 1, other=at + size + 2),
            *_moved(piece, at + 1),
            Step("jump", to=at),
        ]
    else:
        end = len(program) + (size + 1) * (most - least)
        for _ in range(most - least):
            at = len(program)
            program += [Step("split", to=at + 1, other=end), *_moved(piece, at + 1)]
    return program
