"""A manager's connection for the benchmarks: blocking, with many actions under way at once."""

from __future__ import annotations

import contextlib
import socket
from collections import deque

from harness.errors import HarnessError

USER = "bench"
SECRET = "bench"
SILENCE_S = 30.0
"""Seconds without an answer after which the server counts as gone."""


class ManagerLine:
    """Logged in, without events.  `answered` counts the responses that were a success, in the order of the actions."""

    def __init__(self, place: tuple[str, int]) -> None:
        self._socket = socket.create_connection(place, timeout=SILENCE_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""
        self._packets: deque[str] = deque()
        self._line()
        self.act("Login", Username=USER, Secret=SECRET, Events="off")
        self.expect_success()

    def __enter__(self) -> ManagerLine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._socket.close()

    def act(self, action: str, **headers: str) -> None:
        """Send an action without waiting for its answer."""
        rows = [("Action", action), *headers.items()]
        self._socket.sendall(("".join(f"{name}: {value}\r\n" for name, value in rows) + "\r\n").encode())

    def set_presence(self, provider: str, value: str) -> None:
        """Send PRESENCE_STATE(provider)=value without waiting for the answer."""
        self.act("Setvar", Variable=f"PRESENCE_STATE({provider})", Value=value)

    def expect_success(self) -> None:
        """The next answer, which must be a success; HarnessError where it is not, or where none comes."""
        packet = self.answer()
        if packet is None or not packet.startswith("Response: Success"):
            raise HarnessError(f"the manager interface answered {packet!r}")

    def answer(self) -> str | None:
        """The next response; None where the connection ended."""
        while True:
            while self._packets:
                packet = self._packets.popleft()
                if packet.startswith("Response:"):
                    return packet
            if not self._more():
                return None

    def _line(self) -> None:
        while b"\n" not in self._buffer and self._read():
            continue
        self._buffer = self._buffer.partition(b"\n")[2]

    def _more(self) -> bool:
        if not self._read():
            return False
        *packets, self._buffer = self._buffer.split(b"\r\n\r\n")
        self._packets.extend(packet.decode("utf-8", "replace") for packet in packets)
        return True

    def _read(self) -> bool:
        """Take what there is; False where the connection ended."""
        data = b""
        with contextlib.suppress(ConnectionError):
            data = self._socket.recv(1 << 16)
        self._buffer += data
        return bool(data)
