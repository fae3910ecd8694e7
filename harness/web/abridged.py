"""The hops of a change that say most, where there is room for a few."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from harness.report.ladder import MIN_LANE, TIME, ladder, shown_once
from harness.scenario.result import ShownEvent

ROAD, INSIDE, SEEN, TOLD, ANSWERED = range(5)
"""What is kept first: the road to the first screen, what the server does, what others see, messages, their answers."""
_RANKS = {"screen": SEEN, "sip": TOLD, "arrived": TOLD, "note": ANSWERED}


class Abridged(NamedTuple):
    """Lines of a ladder, the names of its lanes first; `left_out` is how many hops have none."""

    lines: list[str]
    left_out: int


def abridged(events: Sequence[ShownEvent], road: Collection[int], width: int, most: int) -> Abridged:
    """A ladder of at most `most` lines and, where lanes allow it, `width` columns; `road` is kept before all else."""
    hops = list(shown_once(events))
    ranked = sorted(hops, key=lambda hop: (_rank(hop, road), hop.seq))
    lanes = max(2, (width - TIME) // MIN_LANE)
    kept = {hop.seq for hop in _within(ranked, lanes, max(0, most - 1))}
    drawn = [hop for hop in hops if hop.seq in kept]
    if not drawn:
        return Abridged([], len(hops))
    lines = ladder(drawn, width, most=len(drawn)).split("\n")
    return Abridged(lines, len(hops) - len(drawn))


def _rank(hop: ShownEvent, road: Collection[int]) -> int:
    if hop.seq in road:
        return ROAD
    if hop.hop == "sip" and isinstance(hop.payload, str) and hop.payload.startswith(("SIP/2.0 1", "SIP/2.0 2")):
        return ANSWERED
    if hop.hop == "screen" and isinstance(hop.payload, dict) and "status" in hop.payload:
        return ANSWERED  # of the phone's own status its person knows already
    return _RANKS.get(hop.hop, INSIDE)


def _within(hops: Iterable[ShownEvent], lanes: int, most: int) -> Iterable[ShownEvent]:
    """The first ones that go with so many lanes."""
    named: set[str] = set()
    kept = 0
    for hop in hops:
        ends = {hop.source, hop.destination} if hop.hop in ("sip", "lost") else set()
        if hop.hop in ("press", "screen"):
            ends = {hop.source}
        if kept == most:
            return
        if len(named | ends) <= lanes:
            named |= ends
            kept += 1
            yield hop
