"""One extension with many watchers: what a NOTIFY and its 200 cost the server, beside a bare Twisted datagram."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.bench import baseline
from harness.bench.account import Account
from harness.bench.manager import ManagerLine
from harness.bench.served import PROVIDER, Served
from harness.bench.watchers import Watchers

WATCHERS = (200, 5_000)
NOTIFIES = 40_000
"""How many NOTIFYs a measurement has where the number of changes is not given."""
BASELINE_DATAGRAMS = 40_000

EARLY_PART = 4
"""So many-th of the watchers subscribe before memory is looked at: what the first of anything costs is not theirs."""

MOST_BASELINES = 6.0
"""How many times the CPU of a bare datagram a NOTIFY may cost."""
MOST_GROWTH = 1.5
"""How many times as much it may cost with the most watchers as with the fewest."""


@dataclass(frozen=True, slots=True)
class Fanout:
    """One measurement of the server: `cpu_s` for one NOTIFY and its 200, `bytes_each` of memory for a
    watcher whose SUBSCRIBE was just answered (`memory` has what stays)."""

    watchers: int
    changes: int
    cpu_s: float
    notifies_per_s: float
    bytes_each: float
    account: Account


@dataclass(frozen=True, slots=True)
class Report:
    """All measurements of a run; `baseline_s` is the CPU time of one bare datagram out and one in."""

    baseline_s: float
    fanouts: tuple[Fanout, ...]

    @property
    def lossless(self) -> bool:
        """Whether nothing was lost or sent twice."""
        return all(fanout.account.faultless for fanout in self.fanouts)

    def ratio(self, fanout: Fanout) -> float:
        """How many bare datagrams a NOTIFY costs."""
        return fanout.cpu_s / self.baseline_s

    @property
    def growth(self) -> float:
        """What a NOTIFY costs with the most watchers, by what it costs with the fewest."""
        fewest = min(self.fanouts, key=lambda fanout: fanout.watchers)
        most = max(self.fanouts, key=lambda fanout: fanout.watchers)
        return most.cpu_s / fewest.cpu_s


def measure(watchers: Sequence[int] = WATCHERS, changes: int | None = None,
            tell: Callable[[str], None] = lambda _line: None) -> Report:  # fmt: skip
    """Measure them one after another, the baseline before, between and after."""
    datagrams = BASELINE_DATAGRAMS if changes is None else max(1, changes * max(watchers))
    baselines = [baseline.measure(datagrams)]
    fanouts = []
    for count in watchers:
        with tempfile.TemporaryDirectory() as folder:
            fanouts.append(fan_out(Path(folder), count, changes or max(4, NOTIFIES // count)))
        baselines.append(baseline.measure(datagrams))
        tell(f"{count:,} watchers measured")
    return Report(median(baselines), tuple(fanouts))


def fan_out(folder: Path, watchers: int, changes: int) -> Fanout:
    """So many changes for so many watchers, each change when the last has reached all."""
    account = Account(watchers)
    with (
        Served(folder) as server,
        ManagerLine(server.place("ami")) as manager,
        Watchers(watchers, server.place("sip"), account) as crowd,
    ):
        early = watchers // EARLY_PART
        crowd.subscribe(early)
        empty = server.memory_bytes()
        crowd.subscribe()
        held = server.memory_bytes() - empty
        before, began = server.cpu_s(), time.perf_counter()
        for _ in range(changes):
            manager.set_presence(PROVIDER, f"away,{account.begin()},at the other desk")
            crowd.collect()
            manager.expect_success()
        wall_s = time.perf_counter() - began
        crowd.settle()
        cpu_s = server.cpu_s() - before
    sent = max(1, account.arrived)
    return Fanout(watchers, changes, cpu_s / sent, account.arrived / wall_s, held / (watchers - early), account)


def median(values: Sequence[float]) -> float:
    """The middle one; of two, the lower."""
    return sorted(values)[(len(values) - 1) // 2]


def lines(report: Report) -> list[str]:
    """The report for a person."""
    rows = [f"a bare Twisted datagram of {baseline.OUT_BYTES:,} bytes out and {baseline.IN_BYTES} in: "
            f"{report.baseline_s * 1e6:.1f} µs of CPU"]  # fmt: skip
    for one in report.fanouts:
        books = one.account
        rows.append(
            f"{one.watchers:,} watchers, {one.changes:,} changes: {one.cpu_s * 1e6:.1f} µs of CPU for a NOTIFY and its "
            f"200, {report.ratio(one):.2f} times the bare datagram; {one.notifies_per_s:,.0f} NOTIFY/s; "
            f"{one.bytes_each:,.0f} bytes for a subscription with the transaction of its SUBSCRIBE"
        )
        rows.append(
            f"  {books.arrived:,} arrived, {books.lost + books.missing} lost, {books.doubled} sent twice, "
            f"{books.repeated} repeated, {books.gaps} CSeq numbers left out"
        )
    rows.append(f"cost of the most watchers by that of the fewest: {report.growth:.2f}")
    return rows


def misses(report: Report) -> list[str]:
    """The aims that were missed; a busy machine may miss them, so they fail nothing."""
    found = [
        f"{one.watchers:,} watchers: {report.ratio(one):.2f} times the bare datagram, not {MOST_BASELINES:g}"
        for one in report.fanouts
        if report.ratio(one) > MOST_BASELINES
    ]
    if report.growth > MOST_GROWTH:
        found.append(f"the most watchers cost {report.growth:.2f} times the fewest, not {MOST_GROWTH:g}")
    return found
