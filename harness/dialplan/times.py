"""Time conditions `times,weekdays,days,months` of an include (main/pbx_timing.c)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = re.compile(r"\s*(\d{1,2}):(\d{1,2})\s*")
_MINUTES = 24 * 60
_FIELDS = 4


class TimeCondition(NamedTuple):
    """Which minutes of the day, days of the week (Sunday is 0), days of the month and months are in."""

    minutes: frozenset[int]
    weekdays: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]

    def holds(self, now: datetime) -> bool:
        """Whether a local time fulfils all four."""
        return (
            now.hour * 60 + now.minute in self.minutes
            and now.isoweekday() % 7 in self.weekdays
            and now.day in self.days
            and now.month in self.months
        )


NEVER = TimeCondition(frozenset(), frozenset(), frozenset(), frozenset())


def parse_condition(text: str) -> TimeCondition | None:
    """Read a condition; None where there is none, `NEVER` where it cannot be understood."""
    if not text:
        return None
    parts = [part.strip() for part in re.split(r"[,|]", text)][:_FIELDS]
    times, weekdays, days, months = parts + ["*"] * (_FIELDS - len(parts))
    try:
        return TimeCondition(_times(times), _named(weekdays, _DAYS, 0), _numbered(days), _named(months, _MONTHS, 1))
    except ValueError:
        return NEVER


def _span(first: int, last: int, lowest: int, size: int) -> frozenset[int]:
    """A range that may run over the end: `fri-mon`, `22:00-06:00`."""
    length = (last - first) % size + 1
    return frozenset((first - lowest + step) % size + lowest for step in range(length))


def _times(text: str) -> frozenset[int]:
    if text in ("", "*"):
        return frozenset(range(_MINUTES))
    minutes: set[int] = set()
    for piece in text.split("&"):
        first, dash, last = piece.partition("-")
        minutes |= _span(_minute(first), _minute(last) if dash else _minute(first), 0, _MINUTES)
    return frozenset(minutes)


def _minute(text: str) -> int:
    found = _CLOCK.fullmatch(text)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise ValueError(text)
    return int(found[1]) * 60 + int(found[2])


def _named(text: str, names: tuple[str, ...], lowest: int) -> frozenset[int]:
    if text in ("", "*"):
        return frozenset(range(lowest, lowest + len(names)))
    chosen: set[int] = set()
    for piece in text.split("&"):
        first, dash, last = (part.strip().lower() for part in piece.partition("-"))
        start = names.index(first) + lowest
        chosen |= _span(start, names.index(last) + lowest if dash else start, lowest, len(names))
    return frozenset(chosen)


def _numbered(text: str) -> frozenset[int]:
    if text in ("", "*"):
        return frozenset(range(1, 32))
    chosen: set[int] = set()
    for piece in text.split("&"):
        first, dash, last = piece.partition("-")
        start, end = int(first), int(last) if dash else int(first)
        if not (1 <= start <= 31 and 1 <= end <= 31):
            raise ValueError(text)
        chosen |= _span(start, end, 1, 31)
    return frozenset(chosen)
