"""The simulated network: every host there is, joined by wires with a seeded latency, in virtual time."""

from __future__ import annotations

import errno
import random as _random
from collections.abc import Callable
from typing import Any

from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IReactorTCP, IReactorUDP
from twisted.internet.protocol import ClientFactory, DatagramProtocol, ServerFactory
from zope.interface import implementer

from harness.net.addresses import host_named
from harness.net.clock import VirtualClock
from harness.net.condition import Address, Condition
from harness.net.simulated_connection import SimulatedConnection
from harness.net.simulated_tcp import SimulatedConnector, SimulatedListener
from harness.net.simulated_udp import SimulatedDatagramPort
from harness.net.trace import Trace

LATENCY_S = 0.001
"""Seconds from one host to another, one way."""
FREE_PORTS = range(49152, 65536)
"""What port 0 picks from, in order (RFC 6335 section 6)."""


@implementer(IReactorUDP, IReactorTCP)
class SimulatedReactor(VirtualClock):
    """IReactorTime, IReactorUDP and IReactorTCP without a socket.

    `condition` decides over each datagram. `latency_s` and `jitter_s` (seconds, one way; each packet
    takes latency plus a part of jitter) may be changed at any time. Between two sockets order is kept,
    on UDP only while `keep_order` is true.
    """

    def __init__(self, trace: Trace | None = None, random: _random.Random | None = None,
                 start: float = 0.0) -> None:  # fmt: skip
        super().__init__(trace, start)
        self.condition: Condition | None = None
        self.latency_s = LATENCY_S
        self.jitter_s = 0.0
        self.keep_order = True
        self.datagrams = 0
        """How many datagrams have been sent."""
        self.connections: dict[SimulatedConnection, None] = {}
        """The open ends of connections, oldest first."""
        self._random = random if random is not None else _random.Random(0)
        self._bound: dict[tuple[str, str, int], Any] = {}
        self._next_free: dict[tuple[str, str], int] = {}

    def listenUDP(
        self, port: int, protocol: DatagramProtocol, interface: str = "", maxPacketSize: int = 8192
    ) -> SimulatedDatagramPort:
        bound = SimulatedDatagramPort(self, (host_named(interface), port), protocol, maxPacketSize)
        bound.startListening()
        return bound

    def listenTCP(
        self, port: int, factory: ServerFactory, backlog: int = 50, interface: str = ""
    ) -> SimulatedListener:
        listener = SimulatedListener(self, (host_named(interface), port), factory)
        listener.startListening()
        return listener

    def connectTCP(
        self, host: str, port: int, factory: ClientFactory, timeout: float = 30,
        bindAddress: Address | None = None,
    ) -> SimulatedConnector:  # fmt: skip
        connector = SimulatedConnector(self, (host_named(host), port), factory, timeout, bindAddress)
        connector.connect()
        return connector

    def cut(self, host: str) -> int:
        """Lose all connections of `host` at once, both ends hear ConnectionLost; gives their number."""
        ends = [end for end in self.connections if end.local[0] == host_named(host)]
        for end in ends:
            end.cut()
        return len(ends)

    def bind(self, transport: str, address: Address, socket: object) -> Address:
        """Take a port for `socket`, port 0 picks one; CannotListenError when it is taken."""
        host, port = address
        if port == 0:
            port = self._free_port(transport, host)
        elif not 0 < port < 65536:
            raise _cannot_listen(address, "port must be 0-65535")
        if (transport, host, port) in self._bound:
            raise _cannot_listen(address, "address already in use")
        self._bound[transport, host, port] = socket
        return host, port

    def release(self, transport: str, address: Address) -> None:
        """Give a port back."""
        del self._bound[(transport, *address)]

    def bound_to(self, transport: str, address: Address) -> Any:
        """What listens at an address, or None."""
        return self._bound.get((transport, host_named(address[0]), address[1]))

    def travel_time(self) -> float:
        """Seconds that the next packet takes."""
        return self.latency_s + (self._random.random() * self.jitter_s if self.jitter_s else 0.0)

    def carry(self, not_before: float, function: Callable[..., object], *args: Any) -> float:
        """Call `function` when a packet that leaves now arrives, `not_before` that time; gives the time."""
        time = max(self._now + self.travel_time(), not_before)
        self.call_at(time, function, *args)
        return time

    def _free_port(self, transport: str, host: str) -> int:
        first = self._next_free.get((transport, host), 0)
        for offset in range(len(FREE_PORTS)):
            index = (first + offset) % len(FREE_PORTS)
            if (transport, host, FREE_PORTS[index]) not in self._bound:
                self._next_free[transport, host] = index + 1
                return FREE_PORTS[index]
        raise _cannot_listen((host, 0), "no port is free")


def _cannot_listen(address: Address, why: str) -> CannotListenError:
    error: CannotListenError = CannotListenError(*address, OSError(errno.EADDRINUSE, why))  # type: ignore[no-untyped-call]
    return error
