"""Blocking clients of a few lines for tests over sockets: a manager's connection and SIP requests by hand."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Sequence

Address = tuple[str, int]
PATIENCE_S = 10.0


class ManagerLine:
    """A connection that is logged in and reads answers, not events."""

    def __init__(self, place: Address, user: str, secret: str) -> None:
        self._socket = socket.create_connection(place, timeout=PATIENCE_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""
        self._asked = 0
        answer = self.act("Login", f"Username: {user}", f"Secret: {secret}", "Events: off")
        assert "Authentication accepted" in answer, answer

    def close(self) -> None:
        """Let go."""
        self._socket.close()

    def act(self, action: str, *lines: str, within: float = PATIENCE_S) -> str:
        """Send an action and give its answer; '' where none comes in time (seconds)."""
        self._asked += 1
        identity = f"ActionID: line{self._asked}x"
        self._socket.sendall(packet(f"Action: {action}", identity, *lines))
        deadline = time.monotonic() + within
        while True:
            *whole, self._buffer = self._buffer.split(b"\r\n\r\n")
            for each in whole:
                if identity.encode() in each:
                    return each.decode("utf-8", "replace")
            if not select.select([self._socket], [], [], max(0.0, deadline - time.monotonic()))[0]:
                return ""
            data = self._socket.recv(65_536)
            if not data:
                raise ConnectionError("the manager's connection was closed")
            self._buffer += data


def packet(*lines: str) -> bytes:
    """One packet of the manager interface."""
    return "\r\n".join([*lines, "", ""]).encode()


def request(
    method: str,
    uri: str,
    own: Address,
    name: str,
    *,
    user: str = "desk",
    transport: str = "UDP",
    headers: Sequence[str] = (),
    body: bytes = b"",
) -> bytes:
    """A SIP request outside of dialogs; `name` is in its branch and Call-ID, and different for each."""
    host, port = own
    lines = [
        f"{method} {uri} SIP/2.0",
        f"Via: SIP/2.0/{transport} {host}:{port};rport;branch=z9hG4bK{name}x",
        f"From: <sip:{user}@127.0.0.1>;tag=from{name}",
        f"To: <{uri if method != 'REGISTER' else f'sip:{user}@127.0.0.1'}>",
        f"Call-ID: {name}@tests",
        f"CSeq: 1 {method}",
        f"Contact: <sip:{user}@{host}:{port}>",
        "Max-Forwards: 70",
        *headers,
        f"Content-Length: {len(body)}",
    ]
    return packet(*lines) + body


def options(own: Address, number: int) -> bytes:
    """The OPTIONS of a round."""
    return request("OPTIONS", "sip:127.0.0.1", own, f"round{number}")
