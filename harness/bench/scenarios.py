"""What the shipped scenarios cost in virtual time, each and together."""

from __future__ import annotations

import gc
import time
from dataclasses import dataclass
from pathlib import Path

from harness.errors import HarnessError
from harness.scenario.result import Result
from harness.scenario.run import RunOptions, Silent, run_files
from harness.targets.factory import factory_for, phones_of

ROUNDS = 5
MOST_S = 0.3
"""Seconds of CPU for all of them, once they are loaded (start-up is not theirs)."""


@dataclass(frozen=True, slots=True)
class Scenarios:
    """`first_s` is the first telling, which reads all files; `again_s` the middle one of the later ones."""

    count: int
    first_s: float
    again_s: float
    each_s: dict[str, float]


class _Clock(Silent):
    """Notes the CPU time of each scenario, and that it passed."""

    def __init__(self) -> None:
        self.each: dict[str, float] = {}
        self._last = 0.0

    def collected(self, scenarios: int, files: int) -> None:
        self._last = time.process_time()

    def finished(self, result: Result) -> None:
        if result.bad:
            raise HarnessError(f"{result.id} did not pass: there is nothing to measure")
        now = time.process_time()
        self.each[result.id] = now - self._last
        self._last = now


def measure(folder: Path, rounds: int = ROUNDS) -> Scenarios:
    """Tell all scenarios of a folder several times.  HarnessError where one does not pass."""
    gc.collect()
    gc.freeze()  # as the command `run` does
    told = [_tell(folder) for _ in range(rounds + 1)]
    again = sorted(told[1:], key=lambda one: one[0])
    seconds, each = again[(len(again) - 1) // 2]
    return Scenarios(len(each), told[0][0], seconds, each)


def _tell(folder: Path) -> tuple[float, dict[str, float]]:
    clock = _Clock()
    before = time.process_time()
    run_files([folder], RunOptions(factory_for("embedded"), phones_of=phones_of), clock)
    return time.process_time() - before, clock.each


def lines(found: Scenarios) -> list[str]:
    """The measurement for a person; the dearest scenarios by name."""
    dearest = sorted(found.each_s.items(), key=lambda one: -one[1])[:5]
    return [
        f"{found.count} scenarios: {found.again_s * 1e3:.0f} ms of CPU, {found.again_s / found.count * 1e3:.1f} ms each; "
        f"{found.first_s * 1e3:.0f} ms the first time",
        *(f"  {seconds * 1e3:5.1f} ms  {name}" for name, seconds in dearest),
    ]


def misses(found: Scenarios) -> list[str]:
    """The aim, where it was missed."""
    if found.again_s <= MOST_S:
        return []
    return [f"{found.again_s:.2f} s for {found.count} scenarios, not {MOST_S:g}"]
