"""Carries SIP: a `Stack` on one side, UDP, TCP and TLS of a `World` on the other. All that `net` knows of SIP."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, gatherResults, maybeDeferred
from twisted.internet.error import CannotListenError, InvalidAddressError, MessageLengthError
from twisted.internet.protocol import DatagramProtocol

from harness.errors import HarnessError, InputError
from harness.net.condition import Address
from harness.net.interfaces import Call, DatagramPort
from harness.net.streams import Stream, Streams
from harness.net.world import World
from harness.sip.flow import Flow, Transport
from harness.sip.framing import PONG, FramingError, Keepalive, StreamFramer
from harness.sip.identifiers import Identifiers
from harness.sip.stack import Stack
from harness.sip.timers import BUCKET, TimerHandle, Timers

if TYPE_CHECKING:
    from harness.net.tls import Credentials

__all__ = ["ClockedTimers", "Flow", "Identifiers", "SipCarrier"]

MAX_PORTS_TRIED = 20
"""Ports that may be free for UDP and taken for TCP before `listen` gives up."""
MAX_DATAGRAM = 65_535
"""Bytes; what a datagram can be at most (RFC 768), received and sent."""


class ClockedTimers(Timers):
    """Timers on a world's clock: `now` is always right, and one delayed call wakes them when the next is due.

    While they advance, `now` is the time for which a timer was set. A callback runs with the trace's cause
    of the moment in which it was scheduled.
    """

    __slots__ = ("_advancing", "_armed_for", "_at", "_call", "_rearm_below", "_seconds", "_world")

    def __init__(self, world: World) -> None:
        self._world = world
        self._seconds = world.clock.seconds
        self._advancing = False
        self._armed_for: float | None = None
        self._rearm_below = math.inf
        self._call: Call | None = None
        super().__init__(world.clock.seconds())

    @property
    def now(self) -> float:
        """The clock's seconds."""
        return self._at if self._advancing else self._seconds()

    @now.setter
    def now(self, now: float) -> None:
        self._at = now

    def schedule(self, delay: float, callback: Callable[..., object], *args: Any) -> TimerHandle:
        cause = self._world.trace.cause
        if cause:
            return super().schedule(delay, self._caused, cause, callback, args)
        return super().schedule(delay, callback, *args)

    def arm(self, handle: TimerHandle, delay: float) -> None:
        super().arm(handle, delay)
        if handle.due < self._rearm_below and not self._advancing:
            self._arm_clock()

    def advance(self, now: float) -> None:
        self._advancing = True
        try:
            super().advance(now)
        finally:
            self._advancing = False
            self._arm_clock()

    def stop(self) -> None:
        """Wake no more until something is scheduled again."""
        if self._call is not None and self._call.active():
            self._call.cancel()
        self._call = self._armed_for = None
        self._rearm_below = math.inf

    def _caused(self, cause: int, callback: Callable[..., object], args: tuple[Any, ...]) -> None:
        with self._world.trace.caused_by(cause):
            callback(*args)

    def _arm_clock(self) -> None:
        due = self.next_due()
        if due == self._armed_for:
            return
        self.stop()
        if due is not None:
            self._armed_for = due
            self._rearm_below = due - BUCKET / 2  # what is due later falls into the same bucket
            # no cause: it wakes for many timers, and each of them has its own
            with self._world.trace.caused_by(0):
                self._call = self._world.clock.callLater(max(0.0, due - self._seconds()), self._wake)

    def _wake(self) -> None:
        self.stop()
        self.advance(self._seconds())


class _Datagrams(DatagramProtocol):
    """One UDP socket."""

    def __init__(self, carrier: SipCarrier) -> None:
        self.local: Address = ("", 0)
        self._carrier = carrier

    def startProtocol(self) -> None:
        transport: Any = self.transport
        host = transport.getHost()
        self.local = host.host, host.port

    def datagramReceived(self, datagram: bytes, addr: Address) -> None:
        self._carrier.received(Flow("UDP", self.local, addr), datagram)


class SipCarrier:
    """One SIP element on a network: `stack` and `timers` are made here and wired to it.

    `name` is how the trace calls the element, and what its identifiers are seeded with.
    """

    def __init__(self, world: World, name: str, *, force_rport: bool = False) -> None:
        self.world = world
        self.name = name
        self.timers = ClockedTimers(world)
        self.identifiers = world.identifiers(name)
        self.stack = Stack(self.timers, self.identifiers, self.send, self._observed, force_rport=force_rport)
        self.on_connection_lost: Callable[[Flow], None] | None = None
        """Called with the flow of each connection that is gone, after the stack was told."""
        self.on_trouble: Callable[[str, str], None] | None = None
        """Called with a kind and a sentence where somebody sends what nobody should, each time."""
        self.closed = False
        self._trace = world.trace
        self._ports: dict[Address, DatagramPort] = {}
        tcp = Streams(world.network, _StreamUser(self, "TCP"), StreamFramer, world.max_streams)
        self._streams: dict[str, Streams] = {"TCP": tcp}

    def listen(self, host: str = "", port: int = 0) -> Address:
        """Take datagrams and connections at one port, 0 picks one that is free for both. InputError as below."""
        for _ in range(MAX_PORTS_TRIED if port == 0 else 1):
            address = self.listen_udp(host, port)
            try:
                return self.listen_tcp(*address)
            except InputError as error:
                fault = error
            del self._trace.names[address]
            self._ports.pop(address).stopListening()
        raise fault

    def listen_udp(self, host: str = "", port: int = 0) -> Address:
        """Take datagrams; gives the address, port 0 picks one. InputError when it cannot be had."""
        protocol = _Datagrams(self)
        network = self.world.network
        with _Taking("UDP", host, port):
            taken = network.listenUDP(port, protocol, interface=host, maxPacketSize=MAX_DATAGRAM)
        self._ports[protocol.local] = taken
        return self._named(protocol.local)

    def listen_tcp(self, host: str = "", port: int = 0) -> Address:
        """Accept connections; gives the address, port 0 picks one. InputError when it cannot be had."""
        with _Taking("TCP", host, port):
            return self._named(self._streams["TCP"].listen(host, port))

    def listen_tls(self, host: str, port: int, credentials: Credentials) -> Address:
        """Accept encrypted connections; gives the address. InputError: it cannot be had, or a file not be read."""
        from harness.net.tls import SecureStreams

        world, user = self.world, _StreamUser(self, "TLS")
        streams = SecureStreams(world.network, user, StreamFramer, credentials, world.max_streams)
        with _Taking("TLS", host, port):
            taken = streams.listen(host, port)
        self._streams["TLS"] = streams
        return self._named(taken)

    def local_address(self, transport: Transport, remote_host: str = "") -> Address:
        """Where this element listens, on the side of `remote_host` (IPv4 or IPv6). HarnessError: nowhere."""
        places = self._places(transport)
        alike = [place for place in places if (":" in place[0]) == (":" in remote_host)]
        if not places or (remote_host and not alike):
            raise HarnessError(f"{self.name} does not listen on {transport} towards {remote_host or 'anyone'}")
        return (alike or places)[0]

    def flow_to(self, transport: Transport, remote: Address) -> Flow:
        """The flow from here to `remote`; on a stream, over the connection that there is or a new one."""
        return Flow(transport, self.local_address(transport, remote[0]), remote)

    def send(self, flow: Flow, data: bytes) -> None:
        """Send one message; what fails is told to the stack a moment later, as the loss of its flow."""
        if flow.transport == "UDP":
            self._send_datagram(flow, data)
            return
        streams = self._streams.get(flow.transport)
        stream = None if streams is None else streams.reach(flow.remote, flow.connection, flow.local[0])
        if stream is None:
            self._failed(flow, "there is no such connection")
        else:
            stream.write(data, self._trace.cause)

    def received(self, flow: Flow, data: bytes) -> None:
        """Hand a message that came in to the stack."""
        trace = self._trace
        if not trace.enabled:
            self.stack.receive(flow, data)
            return
        cause = trace.cause or trace.sender_of(data)
        seq = trace.add("arrived", flow.remote, flow.local, flow.transport, data, cause)
        with trace.caused_by(seq):
            self.stack.receive(flow, data)

    def close(self) -> Deferred[Any]:
        """Stop the timers, give the ports back, close the connections; fires when that is done."""
        self.closed = True
        self.timers.stop()
        stopping: list[Deferred[Any]] = [maybeDeferred(port.stopListening) for port in self._ports.values()]
        self._ports.clear()
        stopping += [streams.close() for streams in self._streams.values()]
        return gatherResults(stopping)

    def depart(self, write: Callable[[], object], flow: Flow, data: bytes, cause: int) -> None:
        """`write` the message, as an event of the trace that `cause` led to."""
        trace = self._trace
        # what was sent before is sent again because of that
        seq = trace.add("sip", flow.local, flow.remote, flow.transport, data, cause or trace.sender_of(data))
        trace.sent(seq, data)
        with trace.caused_by(seq):
            write()

    def lost(self, flow: Flow, why: str) -> None:
        """Tell the stack that a flow is gone."""
        if not self.closed:
            self._trace.note(self.name, "transport failed", why=why, transport=flow.transport, remote=flow.remote)
            self.stack.connection_lost(flow)

    def _named(self, local: Address) -> Address:
        self._trace.names[local] = self.name
        return local

    def _places(self, transport: Transport) -> list[Address]:
        if transport == "UDP":
            return list(self._ports)
        streams = self._streams.get(transport)
        return [address for address, _ in streams.listening] if streams is not None else []

    def _port_for(self, flow: Flow) -> DatagramPort | None:
        """The socket of the flow, or one that reaches its far end."""
        six = ":" in flow.remote[0]
        return next((port for (host, _), port in self._ports.items() if (":" in host) == six), None)

    def _send_datagram(self, flow: Flow, data: bytes) -> None:
        port = self._ports.get(flow.local) or self._port_for(flow)
        if port is None:
            self._failed(flow, "there is no socket for it")
        elif len(data) > MAX_DATAGRAM:
            self._failed(flow, f"{len(data)} bytes are too many for a datagram")
        elif self._trace.enabled:
            self.depart(lambda: self._write(port, flow, data), flow, data, self._trace.cause)
        else:
            self._write(port, flow, data)

    def _write(self, port: DatagramPort, flow: Flow, data: bytes) -> None:
        try:
            port.write(data, flow.remote)
        except BlockingIOError:
            # the socket's buffer is full: lost like any datagram, and sent again like any
            self._trace.note(self.name, "socket buffer full", remote=flow.remote)
        except (OSError, OverflowError, InvalidAddressError, MessageLengthError) as error:
            self._failed(flow, str(error))

    def _failed(self, flow: Flow, why: str) -> None:
        # later: the stack is in the midst of sending
        self.world.call_later(0, self.lost, flow, why)

    def _observed(self, what: str, **values: object) -> None:
        self._trace.note(self.name, what, **values)
        flow = values.get("flow")
        if what == "malformed" and isinstance(flow, Flow):
            self.trouble(flow.remote, what, f"sent what cannot be read: {values.get('reason')}")

    def trouble(self, remote: Address, kind: str, what: str) -> None:
        """Tell what somebody did, if anybody wants to know."""
        if self.on_trouble is not None:
            self.on_trouble(kind, f"{remote[0]}:{remote[1]} {what}")


class _StreamUser:
    """Between the connections of one transport and the carrier."""

    def __init__(self, carrier: SipCarrier, transport: Transport) -> None:
        self._carrier = carrier
        self._transport: Transport = transport

    def _flow(self, stream: Stream) -> Flow:
        return Flow(self._transport, stream.local, stream.remote, stream.number)

    def stream_opened(self, stream: Stream) -> None:
        trace = self._carrier.world.trace
        if stream.outgoing and trace.enabled:
            trace.names[stream.local] = self._carrier.name

    def stream_departs(self, stream: Stream, data: bytes, cause: int) -> None:
        if self._carrier.world.trace.enabled:
            self._carrier.depart(lambda: stream.transport.write(data), self._flow(stream), data, cause)
        else:
            stream.transport.write(data)

    def stream_bytes(self, stream: Stream, data: bytes) -> None:
        try:
            items = stream.framer.feed(data)
        except FramingError as error:
            self._take(stream, error.items)
            stream.close(error.reason)
            self.stream_trouble(stream.remote, "framing", f"was cut off: {error.reason}")
        else:
            self._take(stream, items)

    def stream_lost(self, stream: Stream, why: str) -> None:
        carrier, flow = self._carrier, self._flow(stream)
        carrier.lost(flow, why)
        if carrier.on_connection_lost is not None:
            carrier.on_connection_lost(flow)

    def stream_trouble(self, remote: Address, kind: str, what: str) -> None:
        self._carrier.trouble(remote, kind, f"({self._transport}) {what}")

    def _take(self, stream: Stream, items: list[bytes | Keepalive]) -> None:
        for item in items:
            if stream.over:
                return
            if isinstance(item, bytes):
                stream.heard()
                self._carrier.received(self._flow(stream), item)
            else:  # RFC 5626 3.5.1
                stream.answer(PONG)


class _Taking:
    """Says in our words that an address cannot be had."""

    def __init__(self, transport: str, host: str, port: int) -> None:
        self._what = f"{transport} {host or '*'}:{port}"

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, CannotListenError):
            raise InputError(f"cannot listen on {self._what}: {error.socketError}",
                             advice="give another port, or 0 for any that is free") from error  # fmt: skip
