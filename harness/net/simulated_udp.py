"""UDP sockets of the simulated network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.error import MessageLengthError
from twisted.internet.interfaces import IListeningPort, IUDPTransport
from twisted.internet.protocol import DatagramProtocol
from zope.interface import implementer

from harness.net.addresses import host_named, twisted_address
from harness.net.condition import Address, Datagram, deliveries

if TYPE_CHECKING:
    from harness.net.simulated import SimulatedReactor

MAX_DATAGRAM = 65507
"""Bytes: 65,535 less the headers of IPv4 and UDP."""


@implementer(IListeningPort, IUDPTransport)
class SimulatedDatagramPort:
    """A bound UDP socket; what nobody listens for is lost, and the trace says so."""

    def __init__(
        self, reactor: SimulatedReactor, address: Address, protocol: DatagramProtocol, max_packet: int
    ) -> None:
        self.protocol: Any = protocol
        self.listening = False
        self._reactor = reactor
        self._address = address
        self._max_packet = max_packet
        self._peer: Address | None = None
        self._broadcast = False
        self._last_arrival: dict[Address, float] = {}

    def startListening(self) -> None:
        self._address = self._reactor.bind("UDP", self._address, self)
        self.listening = True
        self.protocol.makeConnection(self)

    def stopListening(self) -> None:
        if not self.listening:
            return
        self.listening = False
        self._reactor.release("UDP", self._address)
        self._reactor.callLater(0, self.protocol.doStop)

    loseConnection = stopListening

    def getHost(self) -> Any:
        return twisted_address("UDP", self._address)

    def connect(self, host: str, port: int) -> None:
        if self._peer is not None:
            raise RuntimeError("already connected, reconnecting is not currently supported")
        self._peer = (host_named(host), port)

    def setBroadcastAllowed(self, enabled: bool) -> None:
        self._broadcast = enabled

    def getBroadcastAllowed(self) -> bool:
        return self._broadcast

    def write(self, packet: bytes, addr: Address | None = None) -> None:
        """Send one datagram; MessageLengthError above MAX_DATAGRAM bytes."""
        to = self._peer if addr is None else (host_named(addr[0]), addr[1])
        if to is None:
            raise ValueError("a socket that is not connected needs an address to write to")
        if not self.listening:
            return
        if len(packet) > MAX_DATAGRAM:
            raise MessageLengthError("message too long")
        self._reactor.datagrams += 1
        if self._reactor.condition is None:
            self._depart(bytes(packet), to)
        else:
            self._depart_under_condition(bytes(packet), to)

    def _depart_under_condition(self, packet: bytes, to: Address) -> None:
        reactor = self._reactor
        datagram = Datagram(reactor.seconds(), self._address, to, packet, reactor.datagrams)
        arrivals = deliveries(reactor.condition, datagram)
        if not arrivals:
            self._lost(packet, to, "taken by the network")
        for delay_s, data in arrivals:
            if delay_s > 0:
                reactor.callLater(reactor.travel_time() + delay_s, self._arrive, data, to)
            else:
                self._depart(data, to)

    def _depart(self, packet: bytes, to: Address) -> None:
        last = self._last_arrival.get(to, 0.0) if self._reactor.keep_order else 0.0
        self._last_arrival[to] = self._reactor.carry(last, self._arrive, packet, to)

    def _arrive(self, packet: bytes, to: Address) -> None:
        port: SimulatedDatagramPort | None = self._reactor.bound_to("UDP", to)
        if port is not None and port.accepts(self._address):
            port.received(packet, self._address)
            return
        self._lost(packet, to, "no one listens there")
        if self._peer == to and self.listening:  # the ICMP message of RFC 1122 4.1.3.1
            self._reactor.carry(0.0, self._refused)

    def accepts(self, source: Address) -> bool:
        """A connected socket hears nobody but its peer."""
        return self._peer is None or self._peer == source

    def received(self, packet: bytes, source: Address) -> None:
        """Hand a datagram to the protocol, cut where the socket's buffer ends."""
        self.protocol.datagramReceived(packet[: self._max_packet], source)

    def _refused(self) -> None:
        if self.listening:
            self.protocol.connectionRefused()

    def _lost(self, packet: bytes, to: Address, why: str) -> None:
        trace = self._reactor.trace
        if trace.enabled:
            trace.add("lost", self._address, to, "UDP", {"why": why, "data": packet})
