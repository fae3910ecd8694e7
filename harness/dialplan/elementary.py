"""The numeric functions of expressions: SIN, POW, ROUND and their like (main/ast_expr2.y, op_func)."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import NamedTuple

from harness.dialplan.longdouble import (
    INVALID,
    Number,
    finite,
    ieee_remainder,
    is_negative,
    negative,
    rounded,
)

_WORK = Context(prec=60, rounding=ROUND_HALF_EVEN, Emax=9999, Emin=-9999, traps=[])
_PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798")
_LARGEST_ANGLE = Decimal(10) ** 30
_SMALLEST_TERM = Decimal(10) ** -65
_HALVINGS = 6
_INVALID = Decimal("-nan")
_ONE, _TWO, _TEN = Decimal(1), Decimal(2), Decimal(10)


class Numeric(NamedTuple):
    """A function and the number of arguments without which it gives 0."""

    arity: int
    of: Callable[..., Number]


def _decimal(value: Number) -> Decimal:
    if isinstance(value, float):
        return Decimal(value)
    return _WORK.divide(Decimal(value.numerator), Decimal(value.denominator))


def _number(value: Decimal) -> Number:
    if value.is_nan():
        return INVALID if value.is_signed() else math.nan
    if value.is_infinite():
        return -math.inf if value < 0 else math.inf
    return rounded(Fraction(value), value.is_signed())


def _precise(of: Callable[..., Decimal], arity: int = 1) -> Numeric:
    """A function worked out with digits to spare and rounded once; not-a-number gives itself."""

    def call(*arguments: Number) -> Number:
        for argument in arguments:
            if isinstance(argument, float) and math.isnan(argument):
                return argument
        return _number(of(*map(_decimal, arguments)))

    return Numeric(arity, call)


def _whole(of: Callable[[Fraction], int]) -> Numeric:
    """A function that gives a whole number; a zero keeps the sign of its argument."""

    def call(value: Number) -> Number:
        if isinstance(value, float):
            return value
        return rounded(Fraction(of(value)), is_negative(value))

    return Numeric(1, call)


def _half_away(value: Fraction) -> int:
    size = math.floor(abs(value) + Fraction(1, 2))
    return size if value >= 0 else -size


def _series(start: Decimal, factor: Callable[[int], Decimal]) -> Decimal:
    """A sum of terms, each the one before times `factor(n)`, until they no longer count."""
    total = term = start
    step = 1
    while abs(term) > _SMALLEST_TERM:
        term = _WORK.multiply(term, factor(step))
        total = _WORK.add(total, term)
        step += 1
    return total


def _sine(angle: Decimal) -> Decimal:
    if not angle.is_finite() or abs(angle) > _LARGEST_ANGLE:
        return _INVALID
    wide = Context(prec=100, traps=[])
    angle = _WORK.plus(wide.remainder_near(angle, wide.multiply(_TWO, _PI)))
    square = _WORK.multiply(angle, angle)
    return _series(angle, lambda n: _WORK.divide(-square, Decimal(2 * n * (2 * n + 1))))


def _cosine(angle: Decimal) -> Decimal:
    wide = Context(prec=100, traps=[])
    return _sine(wide.add(angle, wide.divide(_PI, _TWO)))


def _tangent(angle: Decimal) -> Decimal:
    return _WORK.divide(_sine(angle), _cosine(angle))


def _arc_tangent(value: Decimal) -> Decimal:
    """atan(x) = 2 atan(x / (1 + sqrt(1 + x²))) until the series is short."""
    if not value.is_finite():
        return value if value.is_nan() else _WORK.divide(_PI, _TWO).copy_sign(value)
    for _ in range(_HALVINGS):
        root = _WORK.sqrt(_WORK.fma(value, value, _ONE))
        value = _WORK.divide(value, _WORK.add(_ONE, root))
    square = _WORK.multiply(value, value)
    total = _series(value, lambda n: -_WORK.divide(square * (2 * n - 1), Decimal(2 * n + 1)))
    return _WORK.multiply(total, Decimal(2**_HALVINGS))


def _within_one(value: Decimal) -> bool:
    return value.is_finite() and abs(value) <= 1


def _arc_sine(value: Decimal) -> Decimal:
    if not _within_one(value):
        return Decimal("nan")
    other = _WORK.sqrt(_WORK.multiply(_ONE - value, _ONE + value))
    return _arc_tangent2(value, other)


def _arc_cosine(value: Decimal) -> Decimal:
    if not _within_one(value):
        return Decimal("nan")
    other = _WORK.sqrt(_WORK.multiply(_ONE - value, _ONE + value))
    return _arc_tangent2(other, value)


def _arc_tangent2(y: Decimal, x: Decimal) -> Decimal:
    if not x:
        if y:
            return _WORK.divide(_PI, _TWO).copy_sign(y)
        return _WORK.plus(_PI).copy_sign(y) if x.is_signed() else y
    angle = _arc_tangent(_WORK.divide(y, x))
    if x > 0:
        return angle
    return _WORK.add(angle, _PI.copy_sign(y))


def _power_of(base: Decimal) -> Callable[[Decimal], Decimal]:
    return lambda exponent: _power(base, exponent)


def _power(base: Decimal, exponent: Decimal) -> Decimal:
    if not exponent or base == 1:
        return _ONE
    result = _WORK.power(base, exponent)
    return _INVALID if result.is_nan() else result


def _root(value: Decimal) -> Decimal:
    return _INVALID if value < 0 else _WORK.sqrt(value)


def _logarithm2(value: Decimal) -> Decimal:
    return _WORK.divide(_WORK.ln(value), _WORK.ln(_TWO))


def _absolute(value: Number) -> Number:
    exact = finite(value)
    return negative(value) if (exact is None and is_negative(value)) or (exact is not None and exact < 0) else value


NUMERIC: dict[str, Numeric] = {
    "COS": _precise(_cosine),
    "SIN": _precise(_sine),
    "TAN": _precise(_tangent),
    "ACOS": _precise(_arc_cosine),
    "ASIN": _precise(_arc_sine),
    "ATAN": _precise(_arc_tangent),
    "ATAN2": _precise(_arc_tangent2, 2),
    "POW": _precise(_power, 2),
    "SQRT": _precise(_root),
    "FLOOR": _whole(math.floor),
    "CEIL": _whole(math.ceil),
    "ROUND": _whole(_half_away),
    "RINT": _whole(round),
    "TRUNC": _whole(math.trunc),
    "EXP": _precise(_WORK.exp),
    "EXP2": _precise(_power_of(_TWO)),
    "EXP10": _precise(_power_of(_TEN)),
    "LOG": _precise(_WORK.ln),
    "LOG2": _precise(_logarithm2),
    "LOG10": _precise(_WORK.log10),
    "REMAINDER": Numeric(2, ieee_remainder),
    "ABS": Numeric(1, _absolute),
}
