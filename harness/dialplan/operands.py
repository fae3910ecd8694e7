"""What an expression works with, and its operators (main/ast_expr2.y).

An operand is a number, a text that looks like one, or a text; some operators turn the second into the first as
a side effect, which shows in what they give back.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from enum import Enum
from fractions import Fraction
from typing import Any

from harness.core.octets import to_bytes
from harness.dialplan.ere import BadRegex, compile_regex
from harness.dialplan.longdouble import (
    ZERO,
    Number,
    add,
    divide,
    multiply,
    negative,
    parse,
    remainder,
    rounded,
    subtract,
    text_of,
)

DIVISION_BY_ZERO = 2147483647

_LEADING_INTEGER = re.compile(r"[ \t\r\n\v\f]*([+-]?[0-9]+)")
_DIGITS_AND_DOTS = re.compile(r"[0-9.][0-9.]*\Z")


class Kind(Enum):
    """The three kinds of operand."""

    NUMBER = "number"
    NUMERIC_TEXT = "text that is a number"
    TEXT = "text"


class Operand:
    """A value on its way through an expression."""

    __slots__ = ("kind", "number", "text")

    def __init__(self, kind: Kind, text: str = "", number: Number = ZERO) -> None:
        self.kind, self.text, self.number = kind, text, number

    def to_number(self) -> bool:
        """Become a number where that is possible; False where it is not."""
        if self.kind is Kind.NUMERIC_TEXT:
            self.number = parse(self.text)
            self.kind = Kind.NUMBER
        return self.kind is Kind.NUMBER

    def to_text(self) -> str:
        """Become a text; the text."""
        if self.kind is Kind.NUMBER:
            self.text = text_of(self.number)
            self.kind = Kind.TEXT
        return self.text

    def unquoted(self) -> str:
        """The text; without any quotes where it begins and ends with one."""
        text = self.to_text()
        return text.replace('"', "") if text.startswith('"') and text.endswith('"') else text

    @property
    def empty_or_zero(self) -> bool:
        """What `|` and `&` take for false; makes a number of a text that is one."""
        if self.kind is not Kind.NUMBER and not self.text:
            return True
        return self.to_number() and self.number == 0


def numeric(value: Number | int) -> Operand:
    """An operand from a number."""
    return Operand(Kind.NUMBER, number=rounded(Fraction(value)) if isinstance(value, int) else value)


def textual(text: str) -> Operand:
    """An operand from a text that something gave; digits and dots alone make a number of it."""
    return Operand(Kind.NUMERIC_TEXT if _DIGITS_AND_DOTS.match(text) else Kind.TEXT, text)


def leading_integer(text: str) -> int:
    """The whole number at the start of a text, 0 where there is none (atoi)."""
    found = _LEADING_INTEGER.match(text)
    return int(found[1][:30]) if found else 0


def either(a: Operand, b: Operand) -> Operand:
    """a | b"""
    return b if a.empty_or_zero else a


def both(a: Operand, b: Operand) -> Operand:
    """a & b"""
    return numeric(0) if a.empty_or_zero or b.empty_or_zero else a


def _compared(holds: Callable[[Any, Any], bool]) -> Callable[[Operand, Operand], Operand]:
    """A comparison: as text where either side is one, else as numbers."""

    def compare(a: Operand, b: Operand) -> Operand:
        if Kind.TEXT in (a.kind, b.kind):
            return numeric(int(holds(to_bytes(a.to_text()), to_bytes(b.to_text()))))
        a.to_number()
        b.to_number()
        return numeric(int(holds(a.number, b.number)))

    return compare


def plus(a: Operand, b: Operand) -> Operand:
    """a + b; what is no number is left out."""
    if not a.to_number():
        return b if b.to_number() else numeric(0)
    return numeric(add(a.number, b.number)) if b.to_number() else a


def minus(a: Operand, b: Operand) -> Operand:
    """a - b; what is no number is left out."""
    if not a.to_number():
        return numeric(subtract(ZERO, b.number)) if b.to_number() else numeric(0)
    return numeric(subtract(a.number, b.number)) if b.to_number() else a


def times(a: Operand, b: Operand) -> Operand:
    """a * b"""
    if not a.to_number() or not b.to_number():
        return numeric(0)
    return numeric(multiply(a.number, b.number))


def divided(a: Operand, b: Operand) -> Operand:
    """a / b"""
    if not a.to_number():
        return numeric(0)
    if not b.to_number() or b.number == 0:
        return numeric(DIVISION_BY_ZERO)
    return numeric(divide(a.number, b.number))


def modulo(a: Operand, b: Operand) -> Operand:
    """a % b"""
    if not a.to_number() or not b.to_number():
        return numeric(0)
    return b if b.number == 0 else numeric(remainder(a.number, b.number))


def negated(a: Operand) -> Operand:
    """-a"""
    return numeric(negative(a.number)) if a.to_number() else numeric(0)


def complement(a: Operand) -> Operand:
    """!a; of a text the whole number at its start decides."""
    truth = a.number != 0 if a.kind is Kind.NUMBER else leading_integer(a.text) != 0
    return numeric(int(not truth))


def _searched(a: Operand, b: Operand, anchored: bool) -> Operand:
    text, pattern = a.unquoted(), b.unquoted()
    try:
        regex = compile_regex(pattern)
    except BadRegex:
        return textual("")
    found = regex.search(text)
    if found is None or (anchored and found.start):
        return textual("") if regex.groups else numeric(0)
    return numeric(found.length) if found.group is None else textual(found.group)


def matched(a: Operand, b: Operand) -> Operand:
    """a : b"""
    return _searched(a, b, anchored=True)


def found_in(a: Operand, b: Operand) -> Operand:
    """a =~ b"""
    return _searched(a, b, anchored=False)


def joined(a: Operand, b: Operand) -> Operand:
    """a ~~ b"""
    return textual(a.unquoted() + b.unquoted())


def chosen(condition: Operand, yes: Operand, no: Operand) -> Operand:
    """condition ? yes :: no"""
    if condition.kind is Kind.TEXT:
        return no if condition.text in ("", '""', "0") else yes
    condition.to_number()
    return yes if condition.number else no


BINARY: dict[str, Callable[[Operand, Operand], Operand]] = {
    "|": either,
    "&": both,
    "=": _compared(operator.eq),
    "!=": _compared(operator.ne),
    ">": _compared(operator.gt),
    "<": _compared(operator.lt),
    ">=": _compared(operator.ge),
    "<=": _compared(operator.le),
    "+": plus,
    "-": minus,
    "*": times,
    "/": divided,
    "%": modulo,
    ":": matched,
    "=~": found_in,
    "~~": joined,
}
