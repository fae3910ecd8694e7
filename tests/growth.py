"""Inputs that grow: what reads them takes time in proportion, whatever they are made of."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress

FIRST, LONGEST = 1_024, 65_536
"""Characters."""
LIMIT_S = 2.0
"""Seconds of the processor for one reading: a thousand times what it takes, and less than the square would."""


def check(read: Callable[[str], object], shapes: Iterable[tuple[str, str, str]]) -> None:
    """Read `before`, then the unit many times, then `after`, twice as many each time; a refusal is an answer, too."""
    for before, unit, after in shapes:
        size = FIRST
        while size <= LONGEST:
            text = before + unit * (size // len(unit)) + after
            began = time.process_time()
            with suppress(ValueError):
                read(text)
            took = time.process_time() - began
            assert took < LIMIT_S, f"{before!r} + {unit!r} * {size // len(unit)} + {after!r} took {took:.1f} s"
            size *= 2
