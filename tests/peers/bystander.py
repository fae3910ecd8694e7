"""Somebody who only wants an answer: OPTIONS over UDP and Ping over the manager interface, one after the other."""

from __future__ import annotations

import re
import select
import socket
import threading
import time
from pathlib import Path

from tests.peers.lines import ManagerLine, options
from tests.serving import Served

PAUSE_S = 0.002
"""Between two rounds."""
PATIENCE_S = 3.0
"""After which an answer is given up; a test fails long before."""
MEGABYTE = 1024 * 1024


class Bystander:
    """Asks in a thread of its own while the block runs; `options_s` and `ping_s` hold how long each answer took."""

    def __init__(self, server: Served, user: str, secret: str) -> None:
        self.options_s: list[float] = []
        self.ping_s: list[float] = []
        self.faults: list[str] = []
        self._status = Path(f"/proc/{server.process.pid}/status")
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect(server.place("sip"))
        self._line = ManagerLine(server.place("ami"), user, secret)
        self._stop = threading.Event()
        self._rounds = 0
        for _ in range(5):  # what is loaded at first use is no growth
            self._round()
        self.before = self.most = self._memory()
        self.options_s.clear()
        self.ping_s.clear()
        self._thread = threading.Thread(target=self._ask, daemon=True)

    def __enter__(self) -> Bystander:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(4 * PATIENCE_S)
        self._line.close()
        self._socket.close()

    @property
    def growth(self) -> float:
        """Megabytes by which the server's memory was larger than before, at most."""
        return (self.most - self.before) / MEGABYTE

    def figures(self) -> str:
        """What was measured, for a person."""
        return (
            f"{len(self.ping_s)} rounds; OPTIONS {_times(self.options_s)}; Ping {_times(self.ping_s)}; "
            f"memory {self.before / MEGABYTE:.1f} MB and at most {self.growth:.1f} more; faults: {self.faults or 'none'}"
        )

    def _ask(self) -> None:
        try:
            while not self._stop.wait(PAUSE_S):
                self._round()
                self.most = max(self.most, self._memory())
        except (OSError, ValueError) as error:
            self.faults.append(f"round {self._rounds}: {error!r}")

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


def _times(seconds: list[float]) -> str:
    if not seconds:
        return "never"
    return f"{1000 * sorted(seconds)[len(seconds) // 2]:.1f} ms, at most {1000 * max(seconds):.1f}"
