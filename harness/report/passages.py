"""How long changes took from the press (or the step) that began them to the screens that showed them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from typing import NamedTuple

from harness.scenario.result import ShownEvent

LAMPS = frozenset(("lamp", "led", "ring"))
MAX_CHAIN = 1_000
"""Causes that are followed back."""


class Passage(NamedTuple):
    """One change on a screen; `began` is press or step, `shown` presence or lamp."""

    began: str
    shown: str
    seconds: float


class Spread(NamedTuple):
    """Many passages of one kind, in seconds; percentiles by the nearest rank."""

    began: str
    shown: str
    many: int
    p50: float
    p95: float
    longest: float


def passages(events: Iterable[ShownEvent]) -> list[Passage]:
    """Each change of a contact on a screen whose road can be followed back to a press or an acting step.

    What comes after the last step is left out: then phones are switched off.
    """
    known: dict[int, ShownEvent] = {}
    found: list[Passage] = []
    of_steps = 0
    for event in events:
        known[event.seq] = event
        said = event.payload
        if event.hop == "step":
            of_steps = len(found)
        if event.hop != "screen" or not isinstance(said, Mapping) or not said.get("contact"):
            continue
        root = _root(event, known)
        if root is not None and (root.hop == "press" or _acts(root)):
            took = event.time - root.time
            found += [Passage(root.hop, shown, took) for shown in _shown(said)]
    return found[:of_steps] if of_steps else found


def _acts(event: ShownEvent) -> bool:
    said = event.payload
    return event.hop == "step" and isinstance(said, Mapping) and bool(said.get("acts"))


def _root(event: ShownEvent, known: Mapping[int, ShownEvent]) -> ShownEvent | None:
    for _ in range(MAX_CHAIN):
        if not event.cause or event.hop == "press":
            return event
        before = known.get(event.cause)
        if before is None or before.seq >= event.seq:
            return None
        event = before
    return None


def _shown(said: Mapping[str, object]) -> list[str]:
    """Whether presence, lamp or both changed."""
    changed = said.get("changed")
    fields = {str(each.get("field") if isinstance(each, Mapping) else each)
              for each in (changed if isinstance(changed, list) else [])}  # fmt: skip
    lamp = ["lamp"] if fields & LAMPS or said.get("keys") else []
    return (["presence"] if fields - LAMPS else []) + lamp


def spreads(found: Sequence[Passage]) -> list[Spread]:
    """One for each kind that there is."""
    kinds: dict[tuple[str, str], list[float]] = {}
    for passage in found:
        kinds.setdefault(passage[:2], []).append(passage.seconds)
    return [
        Spread(began, shown, len(times), percentile(times, 50), percentile(times, 95), max(times))
        for (began, shown), times in sorted(kinds.items())
    ]


def percentile(values: Iterable[float], percent: int) -> float:
    """The smallest value that at least `percent` of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]
