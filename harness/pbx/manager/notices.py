"""Telling a person what happens, once a kind, however often it happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

QUIET_S = 60.0
"""Seconds for which a kind that was told is only counted."""


class Notices:
    """Tells the first of a kind at once, and after that one more whenever a minute has passed, with their number."""

    __slots__ = ("_clock", "_tell", "_told")

    def __init__(self, clock: Any, tell: Callable[[str, str], None]) -> None:
        self._clock, self._tell = clock, tell
        self._told: dict[str, tuple[float, int]] = {}

    def __call__(self, kind: str, text: str) -> None:
        """Something of that kind happened."""
        now = self._clock.seconds()
        since, untold = self._told.get(kind, (None, 0))
        if since is not None and now - since < QUIET_S:
            self._told[kind] = (since, untold + 1)
            return
        self._told[kind] = (now, 0)
        self._tell(kind, f"{text} (and {untold} more since then)" if untold else text)
