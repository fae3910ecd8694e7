"""Starts `dpma-harness serve` as a process of its own, for tests that bring other people's clients."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

READY_LIMIT_S = 30.0
STOP_LIMIT_S = 20.0


def require(program: str) -> None:
    """Skip with a message where a program is not installed; fail where CI promised to install it."""
    import shutil

    import pytest

    if shutil.which(program) is None:
        if os.environ.get("DPMA_HARNESS_PEERS") == "required":
            pytest.fail(f"{program} is not installed, and this run promised it")
        pytest.skip(f"{program} is not installed")


@dataclass
class Served:
    """A running server."""

    process: subprocess.Popen[str]
    line: str
    errors: str = ""
    """What it said on its standard error, known once it has ended."""

    def place(self, what: str) -> tuple[str, int]:
        """Host and port of `sip` or `ami` from the ready line."""
        found = re.search(rf"\b{what}=(\S+):(\d+)", self.line)
        assert found is not None, self.line
        return found[1].strip("[]"), int(found[2])

    def manager(self, *packets: str, user: str = "sipp", secret: str = "sipp") -> str:
        """Log in, send actions, log off; all that was answered."""
        login = f"Action: Login\r\nUsername: {user}\r\nSecret: {secret}"
        text = "".join(f"{p}\r\n\r\n" for p in (login, *packets, "Action: Logoff"))
        with socket.create_connection(self.place("ami"), timeout=10) as connection:
            connection.sendall(text.replace("\r\n", "\n").replace("\n", "\r\n").encode())
            answer = b""
            while data := connection.recv(65536):
                answer += data
        return answer.decode("utf-8", "replace")


@contextlib.contextmanager
def served(config: Path, *options: str, ami: bool = True, verbose: bool = False) -> Iterator[Served]:
    """A server on free ports that keeps nothing, ended with SIGTERM; a bad end fails the test."""
    program = [sys.executable, "-m", "harness.cli", *(["-v"] if verbose else [])]
    command = [*program, "serve", "--config", str(config), "--sip", "127.0.0.1:0"]
    if ami:
        command += ["--ami", "127.0.0.1:0"]
    if "--data" not in options:
        command += ["--data", ":memory:"]
    process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line.startswith("ready "):
            _, errors = process.communicate(timeout=STOP_LIMIT_S)
            raise AssertionError(f"serve did not start: {line!r} {errors}")
        server = Served(process, line)
        yield server
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=STOP_LIMIT_S)
    server.errors = errors
    assert process.returncode == 0, errors
    assert "Traceback" not in errors, errors
