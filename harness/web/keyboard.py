"""Keys that play with the office in a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from harness.errors import HarnessError
from harness.web.terminal import CHOICES

if TYPE_CHECKING:
    from harness.web.desk import Desk
    from harness.web.terminal import TerminalView


class Keyboard:
    """What is typed, where standard input is a terminal: a reader for the reactor."""

    def __init__(self, view: TerminalView, desk: Desk, leave: Callable[[], None]) -> None:
        import termios
        import tty

        self._view, self._desk, self._leave = view, desk, leave
        self._place = sys.stdin.fileno()
        self._before = termios.tcgetattr(self._place)
        tty.setcbreak(self._place)

    def restore(self) -> None:
        """The terminal as it was."""
        import termios

        termios.tcsetattr(self._place, termios.TCSADRAIN, self._before)

    # IReadDescriptor

    def fileno(self) -> int:
        return self._place

    def doRead(self) -> None:
        for key in _keys(os.read(self._place, 256).decode("utf-8", "replace")):
            self._view.said = ""
            try:
                self.press(key)
            except HarnessError as error:
                self._view.said = str(error)
            self._view.on_stale()

    def logPrefix(self) -> str:
        return "keyboard"

    def connectionLost(self, _reason: object) -> None:
        self.restore()

    def press(self, key: str) -> None:
        """Do what a key says; raises HarnessError where that cannot be done."""
        view = self._view
        phones = view.phones
        statuses = view.statuses()
        if key in ("\t", "right", "down"):
            view.choose(view.chosen + 1)
        elif key in ("left", "up"):
            view.choose(view.chosen - 1)
        elif key == "Q":
            self._leave()
        elif key == "R":
            self._desk.perform("restart", {})
        elif not phones:
            return
        elif key == "P":
            on = self._desk.pictures()[phones[view.chosen]]()["on"]
            self._desk.perform("unplug" if on else "plug", {"phone": phones[view.chosen]})
        elif key == "L":
            loss = self._desk.pictures()[phones[view.chosen]]()["loss"]
            self._desk.perform("loss", {"phone": phones[view.chosen], "percent": 0 if loss else 50})
        elif key in CHOICES[: len(statuses)]:
            status, substatus = statuses[CHOICES.index(key)]
            self._desk.perform("status", {"phone": phones[view.chosen], "status": status, "substatus": substatus})


_ARROWS = {"\x1b[A": "up", "\x1b[B": "down", "\x1b[C": "right", "\x1b[D": "left"}


def _keys(text: str) -> Iterator[str]:
    while text:
        arrow = _ARROWS.get(text[:3])
        yield arrow or text[0]
        text = text[3:] if arrow else text[1:]
