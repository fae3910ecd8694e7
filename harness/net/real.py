"""The same network on a real reactor: sockets, real time, and the same hook in front of datagrams."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from twisted.internet.interfaces import IListeningPort, IReactorTCP, IReactorTime, IReactorUDP, IUDPTransport
from twisted.internet.protocol import ClientFactory, DatagramProtocol, ServerFactory
from zope.interface import implementer

from harness.net.condition import Address, Condition, Datagram, deliveries
from harness.net.interfaces import Call, Connector, Port
from harness.net.trace import Trace

SOCKET_BUFFER = 4 * 1024 * 1024
"""Bytes asked for in each direction of a UDP socket, so that the answers of a large fan-out find room.

The system may grant less (Linux: net.core.rmem_max, wmem_max).
"""
READ_BYTES = 32_768
"""What is read of a UDP socket before others have their turn: with Twisted's 262,144, one peer that asks again as soon
as it is answered holds up every connection for hundreds of requests.

Not less: the answers of what a fan-out sends in one turn must find room (`Fanout.SLICE`), or they pile up until the
NOTIFYs are sent again."""
BACKLOG = 1_024
"""Connections that may wait to be accepted: with Twisted's 50, a crowd that comes at once waits seconds for its turn.

The system may grant less (Linux: net.core.somaxconn).
"""
MAX_KNOWN_HOSTS = 4_096
"""Addresses of which is remembered that they are numeric."""


@implementer(IReactorTime, IReactorUDP, IReactorTCP)
class RealNetwork:
    """Wraps the reactor that it is given (IReactorTime, IReactorUDP, IReactorTCP) and starts nothing."""

    def __init__(self, reactor: Any, trace: Trace | None = None) -> None:
        self.trace = trace if trace is not None else Trace(enabled=False)
        self.condition: Condition | None = None
        self.datagrams = 0
        """How many datagrams have been sent while there was a condition."""
        self.seconds: Callable[[], float] = reactor.seconds
        self.getDelayedCalls = reactor.getDelayedCalls
        self._reactor = reactor

    def callLater(self, delay: float, callable: Callable[..., object], *args: Any, **kw: Any) -> Call:
        cause = self.trace.cause
        if cause:
            call: Call = self._reactor.callLater(delay, self._caused, cause, callable, args, kw)
        else:
            call = self._reactor.callLater(delay, callable, *args, **kw)
        return call

    def _caused(
        self, cause: int, function: Callable[..., object], args: tuple[Any, ...], kw: dict[str, Any]
    ) -> None:
        with self.trace.caused_by(cause):
            function(*args, **kw)

    def listenUDP(
        self, port: int, protocol: DatagramProtocol, interface: str = "", maxPacketSize: int = 8192
    ) -> ConditionedPort:
        ends = _Ends(self, protocol)
        taken = self._reactor.listenUDP(port, ends, interface, maxPacketSize)
        taken.maxThroughput = READ_BYTES
        return ends.port

    def listenTCP(
        self, port: int, factory: ServerFactory, backlog: int = BACKLOG, interface: str = ""
    ) -> Port:
        listening: Port = self._reactor.listenTCP(port, factory, backlog, interface)
        return listening

    def connectTCP(
        self, host: str, port: int, factory: ClientFactory, timeout: float = 30,
        bindAddress: Address | None = None,
    ) -> Connector:  # fmt: skip
        connector: Connector = self._reactor.connectTCP(host, port, factory, timeout, bindAddress)
        return connector


class _Ends(DatagramProtocol):
    """Stands between Twisted's port and a protocol, to give the protocol a port with the hook in it."""

    port: ConditionedPort

    def __init__(self, network: RealNetwork, protocol: DatagramProtocol) -> None:
        self._network = network
        self._protocol: Any = protocol
        # handed over as they are: nothing stands in the way of what arrives
        for name in ("datagramReceived", "connectionRefused", "doStop"):
            setattr(self, name, getattr(protocol, name))

    def makeConnection(self, transport: Any) -> None:
        self.port = ConditionedPort(self._network, transport)
        self._protocol.makeConnection(self.port)


@implementer(IListeningPort, IUDPTransport)
class ConditionedPort:
    """Twisted's UDP port, with the network's condition applied to what goes out."""

    def __init__(self, network: RealNetwork, port: Any) -> None:
        self._network = network
        self._port = port
        self._handle: socket.socket = port.getHandle()
        self._numeric: set[str] = set()
        self._write: Callable[[bytes, Address | None], object] = self._send
        self._peer: Address | None = None
        self.getHost = port.getHost
        self.startListening = port.startListening
        self.setBroadcastAllowed = port.setBroadcastAllowed
        self.getBroadcastAllowed = port.getBroadcastAllowed
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            with suppress(OSError):  # a wish: some systems refuse instead of granting what they can
                self._handle.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER)

    def stopListening(self) -> Any:
        """Close the socket; what is written or due later goes nowhere."""
        self._write = _discard
        return self._port.stopListening()

    loseConnection = stopListening

    def connect(self, host: str, port: int) -> None:
        self._port.connect(host, port)
        self._peer = (host, port)

    def write(self, packet: bytes, addr: Address | None = None) -> None:
        """Send one datagram; MessageLengthError where it is too long, OSError where the system refuses."""
        if self._network.condition is None:
            self._write(packet, addr)
        else:
            self._write_under_condition(packet, addr)

    def _send(self, packet: bytes, addr: Address | None) -> None:
        """What Twisted's own `write` does, without reading the host as an address each time (2 µs of a datagram's 9).

        The first datagram to a host goes through it, which refuses names, and so does what the system refuses,
        for Twisted knows which errors to raise.
        """
        if addr is not None and addr[0] in self._numeric:
            try:
                self._handle.sendto(packet, addr)
            except OSError:
                self._port.write(packet, addr)
            return
        self._port.write(packet, addr)
        if addr is not None and len(self._numeric) < MAX_KNOWN_HOSTS:
            self._numeric.add(addr[0])

    def _write_under_condition(self, packet: bytes, addr: Address | None) -> None:
        network = self._network
        network.datagrams += 1
        host = self._port.getHost()
        source, to = (host.host, host.port), addr or self._peer or ("", 0)
        datagram = Datagram(network.seconds(), source, to, packet, network.datagrams)
        arrivals = deliveries(network.condition, datagram)
        if not arrivals and network.trace.enabled:
            network.trace.add("lost", source, to, "UDP", {"why": "taken by the network", "data": packet})
        for delay_s, data in arrivals:
            if delay_s > 0:
                network.callLater(delay_s, self._write_late, data, addr)
            else:
                self._write(data, addr)

    def _write_late(self, packet: bytes, addr: Address | None) -> None:
        self._write(packet, addr)


def _discard(_packet: bytes, _addr: Address | None) -> None:
    """What a closed socket does with a datagram."""
