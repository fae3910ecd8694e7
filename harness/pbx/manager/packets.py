"""Framing of the manager interface: lines in, actions out (get_input and do_message of main/manager.c)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

LINE_BUFFER = 1024
"""Bytes that a line may have with its terminator."""
MAX_HEADERS = 128
"""Headers kept of one action; one more and it is refused."""

TOO_LONG = "Failed to parse message: line too long"
TOO_MANY = "Too many lines in message or allocation failure"


@dataclass(slots=True)
class Action:
    """One request: its header lines in order, and why it must be refused, if it must."""

    lines: list[str] = field(default_factory=list)
    refused: str = ""

    def get(self, name: str) -> str:
        """The first header of that name, whatever its case, leading blanks skipped; '' where there is none."""
        return next(self.all(name), "")

    def all(self, name: str) -> Iterator[str]:
        """Every value of a header in order."""
        prefix = name.lower() + ":"
        for line in self.lines:
            if line[: len(prefix)].lower() == prefix:
                yield line[len(prefix) :].lstrip(" \t")

    @property
    def name(self) -> str:
        """The action's name; empty ones are passed over."""
        return next((value for value in self.all("Action") if value), "")


class ActionReader:
    """Takes bytes as they come and gives whole actions; memory stays below one line and one action."""

    __slots__ = ("_action", "_buffer", "_overflow")

    def __init__(self) -> None:
        self._buffer = b""
        self._action = Action()
        self._overflow = False

    def feed(self, data: bytes) -> Iterator[Action]:
        """Every action that these bytes complete."""
        buffer = self._buffer + data
        start = 0
        while (end := buffer.find(b"\n", start)) >= 0:
            line = buffer[start:end]
            start = end + 1
            action = self._line(line, len(line) + 1)
            if action is not None:
                yield action
        rest = buffer[start:]
        if len(rest) >= LINE_BUFFER:
            # the last byte stays, as it may be half of a line end
            self._overflow, rest = True, rest[-1:]
        self._buffer = rest

    def _line(self, line: bytes, size: int) -> Action | None:
        if size > LINE_BUFFER:
            self._overflow, line = True, line[-1:]
        if line.endswith(b"\r"):
            line = line[:-1]
        line = line.partition(b"\0")[0]
        if line:
            self._keep(line.decode("utf-8", "surrogateescape"))
            return None
        action, self._action = self._action, Action()
        if self._overflow:
            self._overflow, action.refused = False, action.refused or TOO_LONG
        return action

    def _keep(self, line: str) -> None:
        if len(self._action.lines) < MAX_HEADERS:
            self._action.lines.append(line)
        else:
            self._action.refused = TOO_MANY


def packet(lines: list[str]) -> bytes:
    """One packet as it goes on the wire."""
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")
