"""What the shipped scenarios cost in virtual time, each and together, traces written."""

from __future__ import annotations

import gc
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from harness.errors import HarnessError
from harness.scenario.result import Result
from harness.scenario.run import RunOptions, Silent, run_files
from harness.targets.factory import factory_for, phones_of

ROUNDS = 5
STARTS = 9
DEAREST = 5
MOST_S = 0.3
"""Seconds of CPU for all of them, once they are loaded (start-up is not theirs)."""


@dataclass(frozen=True, slots=True)
class Scenarios:
    """CPU seconds: `first_s` of the first telling, which reads all files, `again_s` the least of the later ones.

    `start_s` is what a bare Python takes to start, for comparing machines.
    """

    count: int
    first_s: float
    again_s: float
    each_s: dict[str, float]
    start_s: float


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
    first_s, _ = _tell(folder)
    again_s, each = min((_tell(folder) for _ in range(rounds)), key=lambda told: told[0])
    return Scenarios(len(each), first_s, again_s, each, min(_start() for _ in range(STARTS)))


def _tell(folder: Path) -> tuple[float, dict[str, float]]:
    clock = _Clock()
    with tempfile.TemporaryDirectory() as reports:
        options = RunOptions(factory_for("embedded"), phones_of=phones_of, report_dir=Path(reports))
        before = time.process_time()
        run_files([folder], options, clock)
        return time.process_time() - before, clock.each


def _start() -> float:
    before = _children_s()
    subprocess.run([sys.executable, "-I", "-S", "-c", "pass"], check=True)
    return _children_s() - before


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def lines(found: Scenarios) -> list[str]:
    """The measurement for a person; the dearest scenarios by name."""
    dearest = sorted(found.each_s.items(), key=lambda one: -one[1])[:DEAREST]
    return [
        f"{found.count} scenarios: {found.again_s * 1e3:.0f} ms of CPU, {found.again_s / found.count * 1e3:.1f} ms "
        f"each, {found.again_s / found.start_s:.1f} times the start of a bare Python; "
        f"{found.first_s * 1e3:.0f} ms the first time",
        *(f"  {seconds * 1e3:5.1f} ms  {name}" for name, seconds in dearest),
    ]


def misses(found: Scenarios) -> list[str]:
    """The aim, where it was missed."""
    if found.again_s <= MOST_S:
        return []
    return [f"{found.again_s:.2f} s for {found.count} scenarios, not {MOST_S:g}"]
