"""Connections of one element: listening, connecting, reusing, and an end for those that misbehave.

What the bytes mean is the user's affair; TLS (`harness/net/tls.py`) differs in two methods of `Streams`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from twisted.internet.defer import Deferred, gatherResults, maybeDeferred
from twisted.internet.interfaces import IPushProducer
from twisted.internet.protocol import ClientFactory, ServerFactory
from twisted.internet.protocol import Protocol as TwistedProtocol
from zope.interface import implementer

from harness.net.condition import Address
from harness.net.interfaces import Call, Connector, Network, Port

MAX_STREAMS = 10_000
"""Connections of one element where whoever starts the program does not say otherwise; more are closed as they come."""
MAX_BACKLOG = 4 * 1024 * 1024
"""Bytes waiting for a peer that does not read, or for a connection to be made; more ends the connection."""
READ_BYTES = 4_096
"""What is read of one connection before the others have their turn: a thousand that send at once delay nobody long."""
MAX_HALF = 16 * 1024 * 1024
"""Bytes of messages that are not whole yet, of all connections together; more ends the one that holds the most."""
FIRST_MESSAGE_S = 30.0
"""Seconds that who connects has for a first whole message; one that has sent it may stay."""
CONNECT_TIMEOUT_S = 32.0
"""Seconds; as long as a transaction waits (RFC 3261 17.1.2.2, timer F)."""
CLOSE_S = 2.0
"""Seconds that a peer has to take what is left when the element closes."""


class StreamUser(Protocol):
    """Who is told about connections."""

    def stream_opened(self, stream: Stream) -> None: ...
    def stream_departs(self, stream: Stream, data: bytes, cause: int) -> None:
        """Bytes leave now: write them to `stream.transport`."""

    def stream_bytes(self, stream: Stream, data: bytes) -> None: ...
    def stream_lost(self, stream: Stream, why: str) -> None:
        """It is gone, or could not be opened."""

    def stream_trouble(self, remote: Address, kind: str, what: str) -> None:
        """The other side misbehaves, and what was done about it."""


@implementer(IPushProducer)
class Stream(TwistedProtocol):
    """One connection; what is written before it stands waits."""

    transport: Any

    def __init__(self, streams: Streams, number: int, remote: Address, outgoing: bool) -> None:
        self.number = number
        self.remote = remote
        self.local: Address = ("", 0)
        self.outgoing = outgoing
        self.framer = streams.make_framer()
        self.half = 0
        """Bytes of a message that is not whole yet, as `Streams.weigh` last counted them."""
        self.connector: Connector | None = None
        self.open = False
        self.over = False
        """Nothing more goes in or out, though it may not be gone yet."""
        self._streams = streams
        self._queue: list[tuple[bytes, int]] = []
        self._paused = False
        self._backlog = 0
        self._why = ""
        self._late: Call | None = None
        self._silent: Call | None = None

    def connectionMade(self) -> None:
        host, peer = self.transport.getHost(), self.transport.getPeer()
        self.local, self.remote = (host.host, host.port), (peer.host, peer.port)
        self.open = True
        self.transport.setTcpNoDelay(True)
        self.transport.bufferSize = READ_BYTES
        self.transport.registerProducer(self, True)
        if not self.outgoing:
            self._silent = self._streams.network.callLater(FIRST_MESSAGE_S, self._said_nothing)
        self._streams.user.stream_opened(self)
        queue, self._queue, self._backlog = self._queue, [], 0
        for data, cause in queue:
            self.write(data, cause)

    def write(self, data: bytes, cause: int) -> None:
        """Send bytes, now or when the connection stands; `cause` is what the trace will say of them."""
        if not self._takes(len(data)):
            return
        if self.open:
            self._streams.user.stream_departs(self, data, cause)
        else:
            self._queue.append((data, cause))

    def answer(self, data: bytes) -> None:
        """Send bytes that are no message, so that nobody is told of them, over a connection that stands."""
        if self._takes(len(data)):
            self.transport.write(data)

    def heard(self) -> None:
        """A whole message came."""
        if self._silent is not None:
            self._silent.cancel()
            self._silent = None

    def _takes(self, size: int) -> bool:
        """Count bytes that are to be sent; where too many wait already, that is the end."""
        if self.over:
            return False
        if self._paused or not self.open:
            self._backlog += size
            if self._backlog > MAX_BACKLOG:
                self.abort("the peer takes nothing")
                self._streams.user.stream_trouble(self.remote, "slow-reader", "was cut off: it takes nothing")
                return False
        return True

    def _said_nothing(self) -> None:
        self._silent = None
        if not self.over:
            self.abort("no message came")
            what = f"was cut off: it sent no message within {FIRST_MESSAGE_S:g} s"
            self._streams.user.stream_trouble(self.remote, "silent", what)

    def close(self, why: str) -> None:
        """Close when what was written has left, at most CLOSE_S later; at once where it does not stand yet."""
        if not self.open:
            self.abort(why)
        elif not self.over:
            self.over, self._why = True, why
            self.transport.unregisterProducer()
            self.transport.loseConnection()
            self._late = self._streams.network.callLater(CLOSE_S, self.transport.abortConnection)

    def abort(self, why: str) -> None:
        """Close at once."""
        if self.over:
            return
        self.over, self._why = True, why
        if self.open:
            self.transport.abortConnection()
        elif self.connector is not None:
            self.connector.disconnect()

    def dataReceived(self, data: bytes) -> None:
        if not self.over:
            self._streams.user.stream_bytes(self, data)
            self._streams.weigh(self)

    def connectionLost(self, reason: Any = None) -> None:
        self.end(reason.getErrorMessage())

    def end(self, why: str) -> None:
        """It is gone, or could not be opened."""
        self.over, self.open = True, False
        self._queue.clear()
        for call in (self._late, self._silent):
            if call is not None and call.active():
                call.cancel()
        self._streams.lost(self, self._why or why)

    def pauseProducing(self) -> None:
        self._paused = True

    def resumeProducing(self) -> None:
        self._paused, self._backlog = False, 0

    def stopProducing(self) -> None:
        """Twisted says so when the connection is lost, which `connectionLost` says too."""


class Streams:
    """The TCP connections of one element."""

    def __init__(
        self, network: Network, user: StreamUser, make_framer: Callable[[], Any], limit: int = MAX_STREAMS
    ) -> None:
        """`limit`: how many connections there may be at once."""
        self.user = user
        self.limit = limit
        self.make_framer = make_framer
        self.listening: list[tuple[Address, Port]] = []
        self.network = network
        self._by_number: dict[int, Stream] = {}
        self._by_remote: dict[Address, Stream] = {}
        self._last_number = self._half = 0
        self._closing: Deferred[None] | None = None

    def listen(self, host: str, port: int) -> Address:
        """Accept connections; gives the address. CannotListenError when it is taken."""
        listening = self._listen(host, port, _Accepting(self))
        at = listening.getHost()
        self.listening.append(((at.host, at.port), listening))
        return at.host, at.port

    def reach(self, remote: Address, number: int, host: str) -> Stream | None:
        """The connection `number`, or None when that is gone; 0: one to `remote`, opened from `host` if needed."""
        if self._closing is not None:
            return None
        if number:
            return self._by_number.get(number)
        stream = self._by_remote.get(remote)
        return self._open(remote, host) if stream is None or stream.over else stream

    def add(self, remote: Address, outgoing: bool) -> Stream | None:
        """A new connection's protocol, or None when there are too many."""
        if self._closing is not None:
            return None
        if len(self._by_number) >= self.limit:
            self.user.stream_trouble(remote, "too-many-connections", "was refused: there are too many")
            return None
        self._last_number += 1
        stream = Stream(self, self._last_number, remote, outgoing)
        self._by_number[stream.number] = self._by_remote[remote] = stream
        return stream

    def weigh(self, stream: Stream) -> None:
        """Count what a connection has sent of a message, and end the largest where all is too much."""
        half = 0 if stream.over else stream.framer.pending
        self._half += half - stream.half
        stream.half = half
        while self._half > MAX_HALF:
            largest = max(self._by_number.values(), key=_half)
            largest.abort("half a message")
            largest.framer = self.make_framer()  # it may be some time until the connection itself is gone
            self.user.stream_trouble(largest.remote, "half-messages", "was cut off: half a message, of too many such")
            self.weigh(largest)

    def lost(self, stream: Stream, why: str) -> None:
        """Forget a connection, and tell."""
        self.weigh(stream)
        del self._by_number[stream.number]
        if self._by_remote.get(stream.remote) is stream:
            del self._by_remote[stream.remote]
        if self._closing is None:
            self.user.stream_lost(stream, why)
        elif not self._by_number:
            self._closing.callback(None)

    def close(self) -> Deferred[Any]:
        """Listen no more and close all connections; fires when they are gone."""
        stopped = [maybeDeferred(port.stopListening) for _, port in self.listening]
        self.listening.clear()
        self._closing = Deferred()
        if not self._by_number:
            self._closing.callback(None)
        for stream in list(self._by_number.values()):
            stream.close("closed")
        return gatherResults([*stopped, self._closing])

    def _open(self, remote: Address, host: str) -> Stream | None:
        stream = self.add(remote, outgoing=True)
        if stream is not None:
            stream.connector = self._connect(remote, _Connecting(stream), (host, 0) if host else None)
        return stream

    def _listen(self, host: str, port: int, factory: ServerFactory) -> Port:
        return self.network.listenTCP(port, factory, interface=host)

    def _connect(self, remote: Address, factory: ClientFactory, bind: Address | None) -> Connector:
        return self.network.connectTCP(*remote, factory, CONNECT_TIMEOUT_S, bind)


def _half(stream: Stream) -> int:
    return stream.half


class _Accepting(ServerFactory):
    noisy = False

    def __init__(self, streams: Streams) -> None:
        self._streams = streams

    def buildProtocol(self, addr: Any) -> Stream | None:
        return self._streams.add((addr.host, addr.port), outgoing=False)


class _Connecting(ClientFactory):
    noisy = False

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def buildProtocol(self, addr: Any) -> Stream:
        return self._stream

    def clientConnectionFailed(self, connector: Any, reason: Any) -> None:
        self._stream.end(reason.getErrorMessage())
