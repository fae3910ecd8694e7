"""The function MATH (funcs/func_math.c)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from harness.dialplan.function import Invocation

_GROUPS = (
    ("*",),
    ("/",),
    ("%",),
    ("^",),
    ("AND",),
    ("XOR",),
    ("OR",),
    (">=", ">>", ">"),
    ("<=", "<<", "<"),
    ("==",),
    ("+",),
    ("-",),
)
_NUMBER = re.compile(r"\s*[+-]?(?:[0-9]{1,30}\.?[0-9]{0,30}|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,3})?")
_SHIFT_MASK = 31


def _divide(a: float, b: float) -> float:
    return a / b if b > 0 else 0.0


def _power(a: float, b: float) -> float:
    try:
        result = a**b
    except (OverflowError, ZeroDivisionError):
        return math.inf
    return math.nan if isinstance(result, complex) else result


def _modulo(a: float, b: float) -> float:
    return math.fmod(_int32(a), _int32(b)) if _int32(b) else 0.0


_NUMERIC: dict[str, Callable[[float, float], float]] = {
    "*": lambda a, b: a * b,
    "/": _divide,
    "%": _modulo,
    "^": _power,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "AND": lambda a, b: _int32(a) & _int32(b),
    "XOR": lambda a, b: _int32(a) ^ _int32(b),
    "OR": lambda a, b: _int32(a) | _int32(b),
    "<<": lambda a, b: _int32(_int32(a) << (_int32(b) & _SHIFT_MASK)),
    ">>": lambda a, b: _int32(a) >> (_int32(b) & _SHIFT_MASK),
}
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    "==": lambda a, b: a == b,
}
_RESULTS = {
    "": "f",
    "float": "f",
    "f": "f",
    "int": "i",
    "i": "i",
    "hex": "h",
    "h": "h",
    "char": "c",
    "c": "c",
}


def _int32(value: float) -> int:
    """As a C int; what does not fit is the smallest one, as the processor has it."""
    if not math.isfinite(value) or not -(2**31) <= value < 2**31:
        return -(2**31)
    return int(value)


def _operator(text: str) -> tuple[str, str, str] | None:
    """The operator that counts, which is not the first one in the text but the first of a fixed order."""
    for group in _GROUPS:
        at = text.find(group[-1])
        if at < 0:
            continue
        for sign in group:
            if text.startswith(sign, at):
                return text[:at], sign, text[at + len(sign) :]
    return None


def math_read(use: Invocation) -> str | None:
    """`MATH(<number><operator><number>[,<type>])`."""
    term, kind = use.arguments(2)
    negative = term.startswith("-")
    parts = _operator(term[1:] if negative else term)
    wanted = _RESULTS.get(kind.lower())
    if parts is None or wanted is None:
        return None
    left, sign, right = parts
    first, second = _NUMBER.match(left), _NUMBER.match(right)
    if first is None or second is None:
        return None
    a, b = float(first[0]), float(second[0])
    a = 0 - a if negative else a
    if sign in _COMPARISONS:
        return "TRUE" if _COMPARISONS[sign](a, b) else "FALSE"
    return _shown(_NUMERIC[sign](a, b), wanted)


def _shown(value: float, kind: str) -> str:
    if kind == "f":
        return f"{value:f}"
    if kind == "i":
        return str(_int32(value))
    number = int(value) if math.isfinite(value) else 0
    return f"{number & 0xFFFFFFFF:x}" if kind == "h" else chr(number & 0x7F)
