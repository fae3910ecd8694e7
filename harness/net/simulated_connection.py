"""TCP connections of the simulated network."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IConsumer, IHalfCloseableProtocol, IPushProducer, ITCPTransport
from twisted.python.failure import Failure
from zope.interface import implementer

from harness.net.addresses import twisted_address
from harness.net.condition import Address

if TYPE_CHECKING:
    from harness.net.simulated import SimulatedReactor


@implementer(ITCPTransport, IConsumer, IPushProducer)
class SimulatedConnection:
    """One end of a connection, Twisted's TCP transport.

    A write arrives whole, in order, and with the cause that was current when it was written. Buffers
    have no end, so a push producer is never paused.
    """

    peer: SimulatedConnection

    def __init__(self, reactor: SimulatedReactor, local: Address, remote: Address) -> None:
        self.local, self.remote = local, remote
        self.protocol: Any = None
        self.connected = self.disconnecting = self.disconnected = False
        self.on_lost: Callable[[Failure], None] | None = None
        self.producer: Any = None
        self._reactor = reactor
        self._last_arrival = 0.0
        self._write_closed = self._read_closed = False
        self._paused = False
        self._held: list[bytes | None] | None = None
        self._no_delay = self._keep_alive = False

    @classmethod
    def pair(
        cls, reactor: SimulatedReactor, local: Address, remote: Address
    ) -> tuple[SimulatedConnection, SimulatedConnection]:
        """Both ends of a new connection; each has to `begin`."""
        ours, theirs = cls(reactor, local, remote), cls(reactor, remote, local)
        ours.peer, theirs.peer = theirs, ours
        return ours, theirs

    def begin(self, protocol: Any) -> None:
        """Give the end its protocol."""
        self.protocol = protocol
        self.connected = True
        self._reactor.connections[self] = None
        if protocol is not None:
            protocol.makeConnection(self)

    def tell(self, function: Callable[..., object], *args: Any) -> None:
        """Call `function` at the other end, behind everything that was sent before."""
        self._last_arrival = self._reactor.carry(self._last_arrival, function, *args)

    def getHost(self) -> Any:
        return twisted_address("TCP", self.local)

    def getPeer(self) -> Any:
        return twisted_address("TCP", self.remote)

    def getTcpNoDelay(self) -> bool:
        return self._no_delay

    def setTcpNoDelay(self, enabled: bool) -> None:
        self._no_delay = enabled

    def getTcpKeepAlive(self) -> bool:
        return self._keep_alive

    def setTcpKeepAlive(self, enabled: bool) -> None:
        self._keep_alive = enabled

    def write(self, data: bytes) -> None:
        if not isinstance(data, bytes | bytearray | memoryview):
            raise TypeError(f"a transport writes bytes, not {type(data).__name__}")
        if data and self.connected and not self._write_closed:
            self.tell(self.peer.arrive, bytes(data))

    def writeSequence(self, data: Iterable[bytes]) -> None:
        self.write(b"".join(data))

    def loseConnection(self) -> None:
        """Close when everything is written and no producer is left."""
        if not (self.disconnecting or self.disconnected):
            self.disconnecting = True
            if self.producer is None:
                self._close()

    def loseWriteConnection(self) -> None:
        """Send the end of the stream, go on reading."""
        if self._write_closed or not self.connected:
            return
        self._send_end()
        self._reactor.callLater(0, self._write_ended)

    def abortConnection(self) -> None:
        """Close at once; the other end hears ConnectionLost."""
        if not self.disconnected:
            self._write_closed = self._read_closed = self.disconnecting = True
            self.tell(self.peer.reset)
            self._reactor.callLater(0, self._lost, ConnectionAborted())

    def cut(self) -> None:
        """The wire breaks: both ends hear ConnectionLost now."""
        self._reactor.callLater(0, self.reset)
        self._reactor.callLater(0, self.peer.reset)

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        if self.producer is not None:
            raise RuntimeError("a producer is registered already")
        if self.disconnected:
            producer.stopProducing()
            return
        self.producer = producer
        if not streaming:
            self._reactor.callLater(0, self._pull, producer)

    def unregisterProducer(self) -> None:
        self.producer = None
        if self.disconnecting and not self._write_closed:
            self._close()

    def pauseProducing(self) -> None:
        """Hold what arrives until `resumeProducing`."""
        self._paused = True
        if self._held is None:
            self._held = []

    def resumeProducing(self) -> None:
        self._paused = False
        if self._held is not None:
            self._reactor.callLater(0, self._release)

    def stopProducing(self) -> None:
        self.loseConnection()

    def arrive(self, data: bytes | None) -> None:
        """Bytes from the other end, or None for the end of its stream."""
        if self._held is not None:
            self._held.append(data)
        elif self.connected and not self._read_closed:
            if data is None:
                self._ended()
            elif self.protocol is not None:
                self.protocol.dataReceived(data)

    def reset(self) -> None:
        """The connection is gone without a goodbye."""
        self._write_closed = True
        self._lost(ConnectionLost())

    def _release(self) -> None:
        if self._paused:
            return
        held, self._held = self._held or [], None
        for data in held:  # the protocol may pause again after the first of them
            self.arrive(data)

    def _pull(self, producer: Any) -> None:
        if self.producer is producer:
            producer.resumeProducing()
            self._reactor.callLater(self._reactor.latency_s, self._pull, producer)

    def _send_end(self) -> None:
        if not self._write_closed:
            self._write_closed = True
            self.tell(self.peer.arrive, None)

    def _close(self) -> None:
        self._send_end()
        self._reactor.callLater(0, self._lost, ConnectionDone())

    def _ended(self) -> None:
        self._read_closed = True
        half: Any = IHalfCloseableProtocol(self.protocol, None)
        if half is not None:
            half.readConnectionLost()
        if half is None or self._write_closed:
            self._send_end()
            self._lost(ConnectionDone())

    def _write_ended(self) -> None:
        half: Any = IHalfCloseableProtocol(self.protocol, None)
        if half is not None and not self.disconnected:
            half.writeConnectionLost()
        if self._read_closed:
            self._lost(ConnectionDone())

    def _lost(self, error: Exception) -> None:
        if self.disconnected:
            return
        self.disconnected, self.connected = True, False
        self._reactor.connections.pop(self, None)
        if self.producer is not None:
            self.producer.stopProducing()
            self.producer = None
        reason = Failure(error)  # type: ignore[no-untyped-call]
        if self.protocol is not None:
            self.protocol.connectionLost(reason)
        if self.on_lost is not None:
            self.on_lost(reason)
