"""What a subscription costs in memory: while the transaction of its SUBSCRIBE is kept, and afterwards."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harness.bench.account import Account
from harness.bench.served import Served
from harness.bench.watchers import Watchers

WATCHERS = 5_000
EARLY = 100
"""So many subscribe before memory is looked at: what the first of anything costs is not theirs."""
KEPT_S = 34.0
"""Seconds until nothing is left of a transaction over UDP: Timer J of RFC 3261 17.2.2 and a little."""
AIM_BYTES = 4_096
"""Memory of the server for one subscription that stands, as the design has it."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of the server's memory for each of so many `watchers`: `fresh` with its transaction, `standing` without."""

    watchers: int
    fresh: float
    standing: float


def measure(watchers: int = WATCHERS, wait: Callable[[float], object] = time.sleep, early: int = EARLY) -> Memory:
    """Subscribe them and look, `wait` until their transactions are over, and look again.

    Raises HarnessError where the server cannot be measured, or does not serve a watcher.
    """
    account = Account(watchers)
    with (
        tempfile.TemporaryDirectory() as folder,
        Served(Path(folder)) as server,
        Watchers(watchers, server.place("sip"), account) as crowd,
    ):
        crowd.subscribe(min(early, watchers - 1))
        wait(KEPT_S)
        before = server.memory_bytes()
        crowd.subscribe()
        fresh = server.memory_bytes()
        wait(KEPT_S)
        standing = server.memory_bytes()
    counted = watchers - min(early, watchers - 1)
    return Memory(watchers, (fresh - before) / counted, (standing - before) / counted)


def lines(memory: Memory) -> list[str]:
    """The report for a person."""
    return [
        f"{memory.watchers:,} watchers: {memory.standing:,.0f} bytes of memory for a subscription that stands, "
        f"{memory.fresh:,.0f} while the transaction of its SUBSCRIBE is kept ({KEPT_S - 2:.0f} s over UDP)"
    ]


def misses(memory: Memory) -> list[str]:
    """The aim, where it was missed."""
    if memory.standing <= AIM_BYTES:
        return []
    return [f"{memory.standing:,.0f} bytes for a subscription that stands, not {AIM_BYTES:,}"]
