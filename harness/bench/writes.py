"""Presence writes through the manager, as fast as they are answered; all of them must be on disk after kill -9."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from harness.bench.manager import ManagerLine
from harness.bench.served import Served
from harness.pbx.astdb import FILE_NAME

CONNECTIONS = (1, 16)
WRITES = 10_000
AT_ONCE = 64
"""Actions under way on one connection."""
MOST_US = 200.0
"""Microseconds of the server's CPU that a write may cost."""


@dataclass(frozen=True, slots=True)
class Writes:
    """One measurement; `cpu_s` and `wall_s` are for one write, `kept` counts those answered that are on disk."""

    connections: int
    answered: int
    kept: int
    cpu_s: float
    wall_s: float

    @property
    def lost(self) -> int:
        """Writes that were answered with a success and are gone."""
        return self.answered - self.kept


def measure(connections: Sequence[int] = CONNECTIONS, writes: int = WRITES) -> list[Writes]:
    """So many writes each time, over so many connections at once; then the server is killed."""
    found = []
    for count in connections:
        with tempfile.TemporaryDirectory() as folder:
            found.append(_write(Path(folder), count, max(1, writes // count)))
    return found


def _write(folder: Path, connections: int, each: int) -> Writes:
    with ExitStack() as stack:
        server = stack.enter_context(Served(folder))
        lines = [stack.enter_context(ManagerLine(server.place("ami"))) for _ in range(connections)]
        streams = [Stream(line, f"w{number}-") for number, line in enumerate(lines)]
        before, began = server.cpu_s(), time.perf_counter()
        for number in range(each + AT_ONCE):
            for stream in streams:
                stream.step(number, each)
        wall_s, cpu_s = time.perf_counter() - began, server.cpu_s() - before
        server.kill()
        answered = [row for stream in streams for row in stream.answered]
        many = len(answered)
        return Writes(connections, many, kept(server.data, answered), cpu_s / many, wall_s / many)


class Stream:
    """Writes of one connection, each to a row of its own, so that a lost one is missed; `answered` are those rows."""

    def __init__(self, line: ManagerLine, prefix: str) -> None:
        self._line, self._prefix = line, prefix
        self.sent = 0
        self.answered: list[str] = []

    def send(self) -> None:
        """Begin the next write."""
        name = f"{self._prefix}{self.sent}"
        self._line.set_presence(f"CustomPresence:{name}", value(name))
        self.sent += 1

    def take(self) -> bool:
        """Take the answer of the oldest that has none; False where the connection ended."""
        packet = self._line.answer()
        if packet is None or not packet.startswith("Response: Success"):
            return False
        self.answered.append(f"{self._prefix}{len(self.answered)}")
        return True

    def step(self, number: int, writes: int) -> None:
        """One write of so many, with `AT_ONCE` of them under way."""
        if number >= AT_ONCE:
            self.take()
        if number < writes:
            self.send()


def value(name: str) -> str:
    """What is written to a row: it names the row."""
    return f"away,{name},back soon"


def kept(data: Path, rows: Sequence[str]) -> int:
    """How many of these rows the database has, as they were written."""
    with closing(sqlite3.connect(data / FILE_NAME)) as database:
        stored = dict(database.execute("SELECT key, value FROM astdb").fetchall())
    return sum(stored.get(f"/CustomPresence/{row}") == value(row) for row in rows)


def lines(found: Sequence[Writes]) -> list[str]:
    """The measurements for a person."""
    return [
        f"{one.connections} {'connection' if one.connections == 1 else 'connections'}, {one.answered:,} writes: "
        f"{one.cpu_s * 1e6:.0f} µs of CPU and {one.wall_s * 1e6:.0f} µs of time for each; "
        f"{one.lost} of them lost by kill -9"
        for one in found
    ]


def misses(found: Sequence[Writes]) -> list[str]:
    """The aims that were missed."""
    return [
        f"{one.connections} connections: {one.cpu_s * 1e6:.0f} µs of CPU for a write, not {MOST_US:g}"
        for one in found
        if one.cpu_s * 1e6 > MOST_US
    ]
