"""`kill -9` in the midst of a stream of writes: what was answered is there after the restart.

```
 managers                      serve                  disk
    | Setvar, Setvar, Setvar ... |                      |
    |                            |-- a group of them -->|
    |<--- Success, Success, ...  |                      |
    |                          kill -9
    |                          serve --data (the same)
    | Getvar of each that was answered                  |
```
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from harness.bench.manager import ManagerLine
from harness.bench.served import Served
from harness.bench.writes import AT_ONCE, Stream, kept

pytestmark = pytest.mark.long
KILLS = int(os.environ.get("DPMA_HARNESS_KILLS", "3"))
WRITES = 500 if KILLS >= 20 else 200
"""How many are answered before each kill; more are under way then."""
CONNECTIONS = 2


def stream_until_killed(server: Served, round_: int) -> list[str]:
    """Write over several connections, kill the server between two answers; gives the rows that were answered."""
    lines = [ManagerLine(server.place("ami")) for _ in range(CONNECTIONS)]
    streams = [Stream(line, f"r{round_}c{number}n") for number, line in enumerate(lines)]
    for _ in range(AT_ONCE // CONNECTIONS):
        for stream in streams:
            stream.send()
    answers = 0
    while answers < WRITES + round_:  # another moment each time
        stream = streams[answers % CONNECTIONS]
        assert stream.take(), "a write was refused"
        answers += 1
        stream.send()
    server.kill()
    for stream in streams:
        while stream.take():  # what was on its way already was answered, too
            continue
    for line in lines:
        line.close()
    return [row for stream in streams for row in stream.answered]


def missing(server: Served, rows: Sequence[str]) -> list[str]:
    """The rows that the server does not know; their subtype is their name."""
    found = []
    with ManagerLine(server.place("ami")) as line:
        for start in range(0, len(rows), AT_ONCE):
            asked = rows[start : start + AT_ONCE]
            for row in asked:
                line.act("Getvar", Variable=f"PRESENCE_STATE(CustomPresence:{row},subtype)")
            found += [row for row in asked if f"Value: {row}\r\n" not in f"{line.answer()}\r\n"]
    return found


def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    """Every write that was answered Success is there after each restart, and all of them at the end."""
    answered: list[str] = []
    for round_ in range(KILLS):
        server = Served(tmp_path)
        if answered:
            assert missing(server, answered[-WRITES:]) == []
        rows = stream_until_killed(server, round_)
        assert len(rows) >= WRITES
        answered += rows
    with Served(tmp_path) as server:
        assert missing(server, answered) == []
    assert kept(server.data, answered) == len(answered)
