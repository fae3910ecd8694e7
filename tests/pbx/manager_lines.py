"""Connections to a manager interface without a network: bytes in, packets out, on a clock of the test's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from harness.config.manager import read_manager
from harness.pbx.manager.actions import SESSION_ACTIONS, ActionEntry, table
from harness.pbx.manager.server import Manager
from harness.pbx.manager.session import ManagerSession

EPOCH = 1767225600.0
USERS = """
[boss]
secret = boss
read = all
write = all
[reader]
secret = reader
read = call,user
write = reporting
[mute]
secret = mute
"""

Packet = list[str]


def lines_of(packet: Packet, *names: str) -> list[str]:
    """The values of these headers, in the packet's order."""
    return [line.partition(": ")[2] for line in packet if line.partition(":")[0] in names]


class Line:
    """One client's connection."""

    def __init__(self, manager: Manager, host: str = "127.0.0.1", port: int = 40000) -> None:
        peer = IPv4Address("TCP", host, port)
        self.transport = StringTransport(IPv4Address("TCP", "127.0.0.1", 5038), peer)
        self.session: ManagerSession | None = manager.buildProtocol(peer)
        self.closed = self.session is None
        if self.session is not None:
            self.session.makeConnection(self.transport)

    def raw(self, data: bytes) -> list[Packet]:
        """Bytes to the server; what came back."""
        if not self.closed and self.session is not None:
            self.session.dataReceived(data)
        return self.heard()

    def send(self, text: str) -> list[Packet]:
        """One action or several, as a person would write them; what came back."""
        data = (text.strip("\n") + "\n\n").replace("\n", "\r\n").encode("utf-8", "surrogateescape")
        return self.raw(data)

    def heard(self) -> list[Packet]:
        """The packets since the last time, the banner left out."""
        self._notice_close()
        text = self.transport.value().decode("utf-8", "surrogateescape")
        self.transport.clear()
        if text.startswith("Asterisk Call Manager/"):
            text = text.partition("\r\n")[2]
        return [packet.split("\r\n") for packet in text.split("\r\n\r\n") if packet]

    def hang_up(self) -> None:
        """The client goes."""
        if not self.closed and self.session is not None:
            self.closed = True
            self.session.connectionLost()

    def _notice_close(self) -> None:
        if self.transport.disconnecting:
            self.hang_up()

    def login(self, user: str, secret: str | None = None, *more: str) -> list[Packet]:
        """Log in; the secret is the user's name unless given."""
        return self.send("\n".join(["Action: Login", f"Username: {user}", f"Secret: {secret or user}", *more]))


class Room:
    """A manager interface with its clock and what it told."""

    def __init__(
        self, folder: Path, users: str = USERS, general: str = "", actions: tuple[ActionEntry, ...] = ()
    ) -> None:
        (folder / "manager.conf").write_text(f"[general]\nenabled = yes\n{general}\n{users}")
        self.clock: Any = Clock()
        self.told: list[tuple[str, str]] = []
        self.manager = Manager(
            read_manager(folder),
            self.clock,
            lambda kind, text: self.told.append((kind, text)),
            lambda: EPOCH + float(self.clock.seconds()),
            lambda bits: 123456789 % (1 << bits),
        )
        self.manager.actions = table((*SESSION_ACTIONS, *actions))
        self.manager.booted = True
        self._port = 40000

    def line(self, host: str = "127.0.0.1") -> Line:
        """A new connection."""
        self._port += 1
        return Line(self.manager, host, self._port)

    def logged_in(self, user: str, *more: str) -> Line:
        """A new connection that is logged in; what it heard so far is forgotten."""
        line = self.line()
        line.login(user, None, *more)
        return line
