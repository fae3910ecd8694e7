"""Somebody who only wants an answer: OPTIONS over UDP and Ping over the manager interface, one after the other.

It is a process of its own, so that it waits for nobody but the server: what it measures is the server's doing.
"""

from __future__ import annotations

import json
import re
import select
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from tests.peers.lines import ManagerLine, options

PAUSE_S = 0.001
"""Between two rounds."""
PATIENCE_S = 3.0
"""After which an answer is given up; a test fails long before."""
STOP_LIMIT_S = 10.0
MEGABYTE = 1024 * 1024
WARMING_ROUNDS = 5
"""What is loaded at first use is no growth."""
ROOT = Path(__file__).parents[2]


class Asked(NamedTuple):
    """What came of it: seconds that each answer took, bytes of the server's memory, and what went wrong."""

    options_s: list[float]
    ping_s: list[float]
    before: int
    most: int
    faults: list[str]

    @property
    def growth(self) -> float:
        """Megabytes by which the server's memory was larger than before, at most."""
        return (self.most - self.before) / MEGABYTE

    def __str__(self) -> str:
        return (
            f"{len(self.ping_s)} rounds; OPTIONS {_times(self.options_s)}; Ping {_times(self.ping_s)}; "
            f"memory {self.before / MEGABYTE:.1f} MB and at most {self.growth:.1f} more; "
            f"faults: {self.faults or 'none'}"
        )


def _times(seconds: list[float]) -> str:
    if not seconds:
        return "never"
    return f"{1000 * sorted(seconds)[len(seconds) // 2]:.1f} ms, at most {1000 * max(seconds):.1f}"


class Bystander:
    """Asks a server from now until `ask_no_more`; `pid` is the server's, whose memory it watches."""

    def __init__(self, sip: tuple[str, int], ami: tuple[str, int], pid: int, user: str, secret: str) -> None:
        told = json.dumps([sip, ami, pid, user, secret])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.peers.bystander"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(told + "\n")
        self._process.stdin.flush()
        if self._process.stdout.readline() != "asking\n":
            raise AssertionError(self._process.communicate(timeout=STOP_LIMIT_S)[1])

    def ask_no_more(self) -> Asked:
        """Let it finish its round and tell."""
        told, errors = self._process.communicate(timeout=STOP_LIMIT_S)
        assert self._process.returncode == 0, errors
        return Asked(*json.loads(told))


class _Asking:
    """The process."""

    def __init__(self, sip: tuple[str, int], ami: tuple[str, int], pid: int, user: str, secret: str) -> None:
        self._status = Path(f"/proc/{pid}/status")
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect(tuple(sip))
        self._line = ManagerLine(tuple(ami), user, secret)
        self._rounds = 0
        self.options_s: list[float] = []
        self.ping_s: list[float] = []
        self.faults: list[str] = []

    def ask(self) -> Asked:
        """Round after round until the standard input ends."""
        for _ in range(WARMING_ROUNDS):
            self._round()
        self.options_s.clear()
        self.ping_s.clear()
        before = most = self._memory()
        print("asking", flush=True)  # noqa: T201
        while not select.select([sys.stdin], [], [], PAUSE_S)[0]:
            try:
                self._round()
            except OSError as error:
                self.faults.append(f"round {self._rounds}: {error!r}")
                break
            most = max(most, self._memory())
        return Asked(self.options_s, self.ping_s, before, most, self.faults)

    def _round(self) -> None:
        self._rounds += 1
        began = time.monotonic()
        self._socket.send(options(self._socket.getsockname(), self._rounds))
        self._await(f"z9hG4bKround{self._rounds}x".encode())
        self.options_s.append(time.monotonic() - began)
        began = time.monotonic()
        if "Ping: Pong" not in self._line.act("Ping", within=PATIENCE_S):
            self.faults.append(f"round {self._rounds}: no Pong")
        self.ping_s.append(time.monotonic() - began)

    def _await(self, branch: bytes) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while select.select([self._socket], [], [], max(0.0, deadline - time.monotonic()))[0]:
            answer = self._socket.recv(65_536)
            if branch in answer:
                if not answer.startswith(b"SIP/2.0 200 "):
                    self.faults.append(f"round {self._rounds}: {answer[:40]!r}")
                return
        self.faults.append(f"round {self._rounds}: no answer to OPTIONS")

    def _memory(self) -> int:
        """Bytes that the server has in memory."""
        found = re.search(r"VmRSS:\s*(\d+) kB", self._status.read_text())
        return int(found[1]) * 1024 if found else 0


if __name__ == "__main__":
    print(json.dumps(_Asking(*json.loads(sys.stdin.readline())).ask()))  # noqa: T201
