"""The office in a terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

COMMAND = [sys.executable, "-m", "harness.cli", "demo", "--terminal"]
LIMIT_S = 20.0
ROWS, COLUMNS = 50, 132


class Screen:
    """A terminal with the demo in it."""

    def __init__(self, process: subprocess.Popen[bytes], place: int) -> None:
        self.process, self._place = process, place
        self._raw = b""

    @property
    def seen(self) -> str:
        """What was drawn since the last key, without the codes."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self._raw.decode("utf-8", "replace"))

    def type(self, keys: str) -> None:
        """Press keys, and forget what was drawn before."""
        self._raw = b""
        os.write(self._place, keys.encode())

    def until(self, pattern: str) -> str:
        """Read until a pattern was drawn."""
        deadline = time.monotonic() + LIMIT_S
        while not re.search(pattern, self.seen):
            left = deadline - time.monotonic()
            assert left > 0, f"{pattern!r} was not drawn: {self.seen[-2000:]!r}"
            if select.select([self._place], [], [], left)[0]:
                self._raw += os.read(self._place, 65536)
        return self.seen


@contextmanager
def terminal(rows: int = ROWS, columns: int = COLUMNS) -> Iterator[Screen]:
    """The demo, in a window."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    environment = {**kept, "TERM": "xterm-256color"}
    process = subprocess.Popen(COMMAND, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, env=environment)
    os.close(theirs)
    try:
        yield Screen(process, ours)
    finally:
        if process.poll() is None:
            process.terminate()
        _, errors = process.communicate(timeout=LIMIT_S)
        os.close(ours)
    assert errors == b""
    assert process.returncode == 0


def test_a_status_is_picked_with_two_keys_and_seen_on_the_others() -> None:
    """Tab to bob, a key for Lunch; the panels and the ladder show it; Q leaves."""
    with terminal() as screen:
        screen.until("Q quit")
        screen.type("\t")
        found = re.search(r"bob:.*?(\w) Lunch", screen.until(r"bob: .*\w Lunch"))
        assert found is not None
        screen.type(found[1])
        drawn = screen.until(r"sees 2000: away / Lunch")
        assert drawn.count("Bob Marsh Away / Lunch") >= 6
        screen.type("P")
        screen.until("no power")
        screen.type("Q")
        screen.process.wait(LIMIT_S)


def test_a_small_window_shows_the_chosen_phone_and_names_the_others() -> None:
    """With the road of a change from the press to the first screen, and all keys below."""
    with terminal(25, 80) as screen:
        assert "Reception D70" in screen.until("Q quit")
        screen.type("\t\t")
        screen.until(r"carol: [^\0]*Q quit")
        screen.type("5")
        drawn = screen.until(r"sees 2001: away[^\0]*carol: [^\0]*Q quit")
        assert "Carol Ng P330" in drawn
        assert "Frank Lund P325" not in drawn
        assert re.search(r"\d more: .*frank", drawn)
        assert re.search(r"presses away[^\0]*MESSAGE[^\0]*dpma:[^\0]*core:[^\0]*hint:[^\0]*NOTIFY", drawn)


def frame(**environment: str) -> str:
    """What comes into a pipe."""
    kept = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    done = subprocess.run(
        COMMAND, capture_output=True, text=True, timeout=LIMIT_S, check=False, env={**kept, **environment}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_into_a_pipe_goes_one_frame_with_a_press() -> None:
    """Six panels, what they saw, the ladder; no control codes, and the command ends by itself."""
    text = frame()
    assert "\x1b" not in text
    assert text.count("Reception Chat / Write to me") == 6
    assert all(name in text for name in ("D70 1000", "D65 2000", "P330 2001", "D40 2002", "D80 2003", "P325 2004"))
    assert "* presses chat / Write to me" in text
    assert text.count("NOTIFY") == 6


@pytest.mark.parametrize("width", [80])
def test_a_narrow_frame_keeps_within_its_width(width: int) -> None:
    """No line is longer than the terminal is wide."""
    lines = frame(COLUMNS=str(width)).splitlines()
    assert max(map(len, lines)) <= width
