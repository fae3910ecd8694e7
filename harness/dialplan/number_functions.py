"""Functions on numbers besides MATH (funcs/func_math.c, func_rand.c)."""

from __future__ import annotations

import re
from collections.abc import Callable

from harness.dialplan.function import Function, Invocation
from harness.dialplan.splitting import arguments, integer

MOST = 2**31 - 1
_FLOAT = re.compile(r"[ \t\r\n\v\f]*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")


def _number(text: str) -> float | None:
    found = _FLOAT.match(text)
    return float(found[0]) if found else None


def _written(number: float) -> str:
    """Whole where it is, unless an int of C cannot hold it; otherwise with six decimals."""
    return str(int(number)) if number == int(number) and -MOST - 1 <= number <= MOST else f"{number:.6f}"


def _chosen(of: Callable[[float, float], float]) -> Function:
    def read(use: Invocation) -> str | None:
        """MIN and MAX of two numbers, or of one; what follows a second comma does not count."""
        row = arguments(use.text, 2)
        numbers = [number for text in row if (number := _number(text)) is not None]
        if not numbers or len(numbers) < len(row):
            return None
        return _written(of(numbers[0], numbers[-1]))

    return Function(read)


def _absolute(use: Invocation) -> str | None:
    number = _number(use.text)
    return None if number is None else _written(abs(number))


def _random(use: Invocation) -> str | None:
    """RAND(min,max): 0 and the largest int where they are not given; the two may stand in either order."""
    low, high = use.arguments(2)
    first, last = integer(low or "0"), integer(high or str(MOST))
    if first is None or last is None:
        return None
    return str(use.facts.pick(min(first, last), max(first, last)))


def _digit_sum(use: Invocation) -> str:
    return str(sum(int(each) for each in use.text if each in "0123456789"))


NUMBER_FUNCTIONS = {
    "ABS": Function(_absolute),
    "MIN": _chosen(min),
    "MAX": _chosen(max),
    "RAND": Function(_random),
    "DIGIT_SUM": Function(_digit_sum),
}
