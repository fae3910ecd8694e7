"""Messages out of a byte stream (RFC 3261 18.3)."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final, TypeAlias

from harness.errors import HarnessError

MAX_HEADER_PART: Final = 65_535
"""Bytes before the empty line."""
MAX_BODY: Final = 65_535
"""Bytes of a body."""

PONG: Final = b"\r\n"
"""What answers a `Keepalive.PING` (RFC 5626 3.5.1)."""


class Keepalive(Enum):
    """RFC 5626 3.5.1. A single line break between messages is the peer's pong, or nothing: it is passed over."""

    PING = b"\r\n\r\n"


Item: TypeAlias = bytes | Keepalive

_END = re.compile(rb"\n\r?\n")
_LENGTH = re.compile(rb"^(?:content-length|l)[ \t]*+:([^\n]*+(?:\n[ \t][^\n]*+)*+)", re.IGNORECASE | re.MULTILINE)


class FramingError(HarnessError):
    """Where the next message starts can no longer be told: close the connection.

    `items` came whole before the fault, in the same call. `head` is the header part of the message at fault, where it
    has one: fit for `parse_message`, should one want to answer 400 before closing.
    """

    def __init__(self, reason: str, items: list[Item], head: bytes = b"") -> None:
        self.reason, self.items, self.head = reason, items, head
        super().__init__(reason)


class StreamFramer:
    """Cuts one direction of a stream into messages. What comes out does not depend on how the bytes were split.

    Each byte is looked at a bounded number of times, whatever the sizes in which they come.
    """

    __slots__ = ("_breaks", "_buffer", "_fault", "_need", "_searched")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0  # no header part ends before this place
        self._need = 0  # bytes of the message whose header part is complete; 0 before that
        self._breaks = 0  # CRLFs passed over since the last message or ping
        self._fault: str | None = None

    def feed(self, data: bytes) -> list[Item]:
        """Whole messages and pings, in order. Raises FramingError, and again on each later call."""
        if self._fault:
            raise FramingError(self._fault, [])
        self._buffer += data
        items: list[Item] = []
        if len(self._buffer) < self._need:
            return items
        while self._skip_breaks(items) and self._measure(items) and len(self._buffer) >= self._need:
            items.append(bytes(self._buffer[: self._need]))
            del self._buffer[: self._need]
            self._need = self._searched = self._breaks = 0
        return items

    @property
    def pending(self) -> int:
        """Bytes of a message that is not whole yet."""
        return len(self._buffer)

    def _skip_breaks(self, items: list[Item]) -> bool:
        """Passes over line breaks before a message; False where more bytes must come first."""
        buffer = self._buffer
        if self._searched or self._need:
            return True
        at = 0
        while True:
            if buffer.startswith(b"\r\n", at):
                at += 2
                self._breaks += 1
                if self._breaks == 2:
                    items.append(Keepalive.PING)
                    self._breaks = 0
            elif buffer.startswith(b"\n", at):
                at += 1
            else:
                break
        del buffer[:at]
        return bool(buffer) and buffer != b"\r"

    def _measure(self, items: list[Item]) -> bool:
        """Finds out how long the message is; False where its header part is not complete."""
        if self._need:
            return True
        buffer = self._buffer
        line_end = buffer.find(b"\n", self._searched)  # much faster than the expression where there is none
        found = _END.search(buffer, line_end) if line_end >= 0 else None
        end = found.end() if found else len(buffer)
        if end > MAX_HEADER_PART:
            raise self._broken("no end of the headers", items)
        if found is None:
            self._searched = max(0, end - 2)
            return False
        head = bytes(buffer[:end])
        length = self._content_length(head, items)
        self._need = end + length
        return True

    def _content_length(self, head: bytes, items: list[Item]) -> int:
        """RFC 3261 20.14: on a stream the header must be there."""
        values = {found[1].strip() for found in _LENGTH.finditer(head)}
        if len(values) != 1:
            raise self._broken("two Content-Lengths" if values else "no Content-Length", items, head)
        value = values.pop()
        if not value.isdigit():
            raise self._broken("Content-Length is no number", items, head)
        digits = value.lstrip(b"0") or b"0"
        if len(digits) > len(str(MAX_BODY)) or int(digits) > MAX_BODY:
            raise self._broken("Content-Length too large", items, head)
        return int(digits)

    def _broken(self, reason: str, items: list[Item], head: bytes = b"") -> FramingError:
        self._fault = reason
        self._buffer.clear()
        return FramingError(reason, items, head)
