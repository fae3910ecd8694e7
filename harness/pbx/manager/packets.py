"""Framing of the manager interface: bytes in, actions out (get_input and do_message of main/manager.c)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from harness.config.values import BLANKS
from harness.core.octets import fold, to_bytes, to_text

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
        size, wanted = len(name), fold(name)
        for line in self.lines:
            if line[size : size + 1] == ":" and fold(line[:size]) == wanted:
                yield line[size + 1 :].lstrip(BLANKS)

    @property
    def name(self) -> str:
        """The action's name; empty ones are passed over."""
        return next((value for value in self.all("Action") if value), "")

    @property
    def identity(self) -> list[str]:
        """The line that repeats the request's ActionID, or nothing."""
        given = self.get("ActionID")
        return [f"ActionID: {given}"] if given else []


class ActionReader:
    """Takes bytes as they come and gives whole actions, one when it is asked.

    A line that does not fit the buffer is thrown away up to its last byte, which may be half of a line end; what
    follows is a line of its own, as it is in Asterisk.
    """

    __slots__ = ("_action", "_at", "_buffer", "_overflow", "_too_many")

    def __init__(self) -> None:
        self._buffer = b""
        self._at = 0
        self._action = Action()
        self._overflow = self._too_many = False

    @property
    def backlog(self) -> int:
        """Bytes that no action has been made of yet."""
        return len(self._buffer) - self._at

    @property
    def overflowed(self) -> bool:
        """Whether a line of the action that is not whole yet was too long."""
        return self._overflow

    def push(self, data: bytes) -> None:
        """Take bytes; they stay as they are until `next` is asked."""
        self._buffer = self._buffer[self._at :] + data
        self._at = 0

    def next(self) -> Action | None:
        """The next action that is whole, None where more bytes are needed."""
        while (line := self._line()) is not None:
            if not line:
                return self._whole()
            if len(self._action.lines) < MAX_HEADERS:
                self._action.lines.append(to_text(line))
            else:
                self._too_many = True
        return None

    def _line(self) -> bytes | None:
        """One line without its end and without what follows a NUL."""
        while True:
            start = self._at
            end = self._buffer.find(b"\n", start, start + LINE_BUFFER)
            if end >= 0:
                self._at = end + 1
                return self._buffer[start:end].removesuffix(b"\r").partition(b"\0")[0]
            if len(self._buffer) - start < LINE_BUFFER:
                self.push(b"")
                return None
            self._overflow = True
            self._at = start + LINE_BUFFER - 1

    def _whole(self) -> Action:
        action, self._action = self._action, Action()
        if self._too_many:
            self._too_many, action.refused = False, TOO_MANY
        elif self._overflow:
            self._overflow, action.refused = False, TOO_LONG
        return action


def packet(lines: Iterable[str]) -> bytes:
    """One packet as it goes on the wire."""
    return to_bytes("\r\n".join([*lines, "", ""]))
