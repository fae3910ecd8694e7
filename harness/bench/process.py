"""A process that is measured from outside: the CPU time that it took, the memory that it holds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from harness.errors import HarnessError

STOP_LIMIT_S = 20.0
"""Seconds that a process has to end after SIGTERM."""
_ERROR_CHARACTERS = 2_000


class Measured:
    """A Python process that says on its first line that it is ready.  Raises HarnessError where it does not.

    Used with `with`: at the end it is asked to stop, and killed where it does not.
    """

    def __init__(self, arguments: Sequence[str], ready: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.line = self._process.stdout.readline().strip()
        if not self.line.startswith(ready):
            self._process.kill()
            _, errors = self._process.communicate()
            raise HarnessError(f"the process that was to be measured did not start: {errors[-_ERROR_CHARACTERS:]}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def cpu_s(self) -> float:
        """Seconds of CPU time, user and system, since it was started."""
        return cpu_s(self._process.pid)

    def memory_bytes(self) -> int:
        """Bytes of memory that it occupies (resident)."""
        return memory_bytes(self._process.pid)

    def kill(self) -> None:
        """End it as `kill -9` does."""
        self._process.kill()
        self._process.communicate()

    def stop(self) -> None:
        """Ask it to end; HarnessError where it ends badly."""
        if self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            _, errors = self._process.communicate(timeout=STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise HarnessError(f"the process did not end within {STOP_LIMIT_S:g} s") from None
        if self._process.returncode not in (0, -signal.SIGTERM) or "Traceback" in errors:
            raise HarnessError(f"the process failed: {errors[-_ERROR_CHARACTERS:]}")


def cpu_s(pid: int) -> float:
    """Seconds of CPU time of a process, in nanoseconds' steps where Linux gives them, else in the kernel's ticks."""
    # clock_getcpuclockid(3), which Python does not have: the bits of the clock's number are ~pid and CPUCLOCK_SCHED
    clock = (~pid << 3) | 2
    try:
        return time.clock_gettime(clock)
    except OSError:
        return _ticks_s(pid)


def _ticks_s(pid: int) -> float:
    """utime and stime of /proc/PID/stat (proc(5)); they follow the name, which may hold blanks."""
    fields = _proc(pid, "stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_bytes(pid: int) -> int:
    """Resident bytes of a process."""
    return int(_proc(pid, "statm").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _proc(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except OSError as error:
        raise HarnessError(f"a process can be measured on Linux only: {error}") from None
