"""`dpma-harness bench`: what is measured, what is printed, and when that is a failure."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from harness.bench import fanout, memory, scenarios, writes
from harness.errors import InputError, Location


class Found(NamedTuple):
    """What a benchmark found: for a person, for a program, the aims that were missed, and whether nothing was lost."""

    lines: list[str]
    figures: Any
    misses: list[str]
    lossless: bool = True


def run(options: argparse.Namespace, tell: Callable[[str], None], shipped: Callable[[], Path]) -> int:
    """Run the benchmarks that were asked for; 1 where something was lost or, with --strict, an aim was missed.

    Raises InputError where the JSON file cannot be written, HarnessError where something could not be measured.
    """
    measures: dict[str, Callable[[], Found]] = {
        "fanout": lambda: _fanout(options.watchers or fanout.WATCHERS, options.changes),
        "memory": lambda: _memory(max(options.watchers or (memory.WATCHERS,))),
        "writes": _writes,
        "scenarios": lambda: _scenarios(shipped()),
    }
    found: dict[str, Found] = {}
    for name in [options.what] if options.what else measures:
        found[name] = measures[name]()
        for line in found[name].lines:
            tell(line)
        for miss in found[name].misses:
            tell(f"aim missed: {miss}")
    if options.json is not None:
        _write(options.json, {name: one.figures for name, one in found.items()})
    good = all(one.lossless and not (options.strict and one.misses) for one in found.values())
    return 0 if good else 1


def _fanout(watchers: Sequence[int], changes: int | None) -> Found:
    report = fanout.measure(watchers, changes)
    figures = {
        "baseline_us": report.baseline_s * 1e6,
        "growth": report.growth,
        "fanouts": [_fanout_figures(report, one) for one in report.fanouts],
    }
    return Found(fanout.lines(report), figures, fanout.misses(report), report.lossless)


def _fanout_figures(report: fanout.Report, one: fanout.Fanout) -> dict[str, object]:
    books = one.account
    return {
        "watchers": one.watchers,
        "changes": one.changes,
        "us_for_a_notify": one.cpu_s * 1e6,
        "times_the_baseline": report.ratio(one),
        "notifies_per_s": one.notifies_per_s,
        "bytes_for_a_subscription": one.bytes_each,
        "arrived": books.arrived,
        "lost": books.lost + books.missing,
        "sent_twice": books.doubled,
        "repeated": books.repeated,
        "cseq_left_out": books.gaps,
    }


def _memory(watchers: int) -> Found:
    found = memory.measure(watchers)
    return Found(memory.lines(found), dataclasses.asdict(found), memory.misses(found))


def _writes() -> Found:
    found = writes.measure()
    lossless = not any(one.lost for one in found)
    return Found(writes.lines(found), [dataclasses.asdict(one) for one in found], writes.misses(found), lossless)


def _scenarios(folder: Path) -> Found:
    found = scenarios.measure(folder)
    return Found(scenarios.lines(found), dataclasses.asdict(found), scenarios.misses(found))


def _write(path: Path, figures: object) -> None:
    try:
        path.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", Location(str(path))) from None
