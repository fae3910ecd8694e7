"""x87 long double arithmetic as Asterisk's expressions do it, and how printf("%.18Lg") writes it.

A number is a `Fraction` that a 64-bit mantissa can hold, or a `float` for what no fraction is: infinities, not
a number, and minus zero.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

Number = Fraction | float

DIGITS = 18
_MANTISSA_BITS = 64
_MAX_EXPONENT = 16384
_MIN_EXPONENT = -16445
_PREFIX = re.compile(r"[ \t\r\n\v\f]*([+-]?)([0-9]*)(?:\.([0-9]*))?")
_PRINT = Context(prec=DIGITS, rounding=ROUND_HALF_EVEN, Emax=10**6, Emin=-(10**6))
ZERO = Fraction(0)
INVALID = math.copysign(math.nan, -1)


def rounded(value: Fraction, negative_zero: bool = False) -> Number:
    """The nearest number with a mantissa of 64 bits, ties to even; infinite where it is too large."""
    if not value:
        return -0.0 if negative_zero else ZERO
    size = abs(value)
    exponent = size.numerator.bit_length() - size.denominator.bit_length() - _MANTISSA_BITS
    exponent = max(exponent + (size >= _power(exponent + _MANTISSA_BITS)), _MIN_EXPONENT)
    mantissa = round(size / _power(exponent))
    if mantissa.bit_length() + exponent > _MAX_EXPONENT:
        return math.inf if value > 0 else -math.inf
    result = mantissa * _power(exponent)
    if not result:
        return -0.0 if value < 0 else ZERO
    return result if value > 0 else -result


def _power(exponent: int) -> Fraction:
    return Fraction(1 << exponent) if exponent >= 0 else Fraction(1, 1 << -exponent)


def parse(text: str) -> Number:
    """The decimal number at the start of a text, 0 where there is none (strtold without exponents and hex)."""
    found = _PREFIX.match(text)
    if found is None:
        return ZERO
    sign, whole, decimals = found[1], found[2], found[3]
    # int() refuses numbers of some thousand digits
    size = rounded(Fraction(Decimal(f"{whole or 0}.{decimals or 0}")))
    return negative(size) if sign == "-" else size


def text_of(value: Number) -> str:
    """As printf("%.18Lg") writes it."""
    if isinstance(value, float):
        if math.isnan(value):
            return "-nan" if is_negative(value) else "nan"
        return "-0" if not value else ("inf" if value > 0 else "-inf")
    shown = _PRINT.divide(Decimal(value.numerator), Decimal(value.denominator))
    sign, digits, last = shown.as_tuple()
    if not shown:
        return "0"
    figures = "".join(map(str, digits))
    exponent = len(figures) + int(last) - 1
    figures = figures.rstrip("0")
    if not -4 <= exponent < DIGITS:
        head = figures[0] + ("." + figures[1:] if figures[1:] else "")
        body = f"{head}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    elif exponent < 0:
        body = "0." + "0" * (-exponent - 1) + figures
    else:
        whole, rest = figures[: exponent + 1].ljust(exponent + 1, "0"), figures[exponent + 1 :]
        body = whole + ("." + rest if rest else "")
    return "-" + body if sign else body


def is_negative(value: Number) -> bool:
    """Whether the sign bit is set, also of a zero."""
    return math.copysign(1, value) < 0 if isinstance(value, float) else value < 0


def negative(value: Number) -> Number:
    """The same with the other sign."""
    if isinstance(value, float):
        return -value if value else ZERO
    return -value if value else -0.0


def finite(value: Number) -> Fraction | None:
    """The value as a fraction; None where it has none."""
    if isinstance(value, Fraction):
        return value
    return None if value else ZERO


def _as_float(value: Number) -> float:
    """A stand-in of the same sign and kind, where one side is not finite and size does not matter."""
    return value if isinstance(value, float) else float((value > 0) - (value < 0))


def _special(left: Number, right: Number, of: Callable[[float, float], float]) -> float:
    """An operation with an infinity or not-a-number in it; one that is invalid gives a negative nan."""
    a, b = _as_float(left), _as_float(right)
    for operand in (a, b):
        if math.isnan(operand):
            return operand
    result = of(a, b)
    return INVALID if math.isnan(result) else result


def add(left: Number, right: Number) -> Number:
    """left + right."""
    a, b = finite(left), finite(right)
    if a is None or b is None:
        return _special(left, right, operator.add)
    return rounded(a + b, not a and not b and is_negative(left) and is_negative(right))


def subtract(left: Number, right: Number) -> Number:
    """left - right; a right side that is not a number keeps its sign."""
    return add(left, right if isinstance(right, float) and math.isnan(right) else negative(right))


def multiply(left: Number, right: Number) -> Number:
    """left * right."""
    a, b = finite(left), finite(right)
    if a is None or b is None:
        return _special(left, right, operator.mul)
    return rounded(a * b, is_negative(left) != is_negative(right))


def divide(left: Number, right: Number) -> Number:
    """left / right; the caller has seen to it that right is not zero."""
    a, b = finite(left), finite(right)
    opposite = is_negative(left) != is_negative(right)
    if a is not None and b is not None:
        return rounded(a / b, opposite)
    if a is not None and not math.isnan(_as_float(right)):
        return -0.0 if opposite else ZERO
    return _special(left, right, operator.truediv)


def remainder(left: Number, right: Number) -> Number:
    """What is left of left / right, with the sign of left (fmod)."""
    return _rest(left, right, math.trunc)


def ieee_remainder(left: Number, right: Number) -> Number:
    """What is left after the nearest whole quotient, ties to even."""
    return _rest(left, right, round)


def _rest(left: Number, right: Number, whole: Callable[[Fraction], int]) -> Number:
    a, b = finite(left), finite(right)
    if a is not None and b is None and not math.isnan(_as_float(right)):
        return left
    if a is None or not b:
        return _special(left, right, lambda _a, _b: math.nan)
    return rounded(a - b * whole(a / b), is_negative(left))
