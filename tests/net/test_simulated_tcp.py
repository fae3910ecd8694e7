"""Connections on the simulated network."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP4ServerEndpoint
from twisted.internet.error import (
    CannotListenError,
    ConnectBindError,
    ConnectionAborted,
    ConnectionDone,
    ConnectionLost,
    ConnectionRefusedError,
    TimeoutError,
    UserError,
)
from twisted.internet.interfaces import IHalfCloseableProtocol, IListeningPort, ITCPTransport
from twisted.internet.protocol import ClientFactory, Factory, Protocol, ServerFactory
from twisted.protocols.basic import LineReceiver
from zope.interface import implementer
from zope.interface.verify import verifyObject

from harness.net.simulated import SimulatedReactor
from harness.net.trace import Trace


class Talker(Protocol):
    """Keeps what it hears and why it ended."""

    greeting = b""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.reason: Any = None

    def connectionMade(self) -> None:
        if self.greeting:
            self.transport.write(self.greeting)

    def dataReceived(self, data: bytes) -> None:
        self.heard.append(data)

    def connectionLost(self, reason: Any = None) -> None:
        assert self.reason is None, "lost twice"
        self.reason = reason.type


class Talkers(ServerFactory, ClientFactory):  # type: ignore[misc]
    """Makes talkers and keeps them."""

    def __init__(self, protocol: type[Talker] = Talker, accept: bool = True) -> None:
        self.talker = protocol
        self.accept = accept
        self.all: list[Talker] = []
        self.failed: Any = None
        self.lost: Any = None
        self.running = 0

    def startFactory(self) -> None:
        self.running += 1

    def stopFactory(self) -> None:
        self.running -= 1

    def buildProtocol(self, addr: Any) -> Talker | None:
        if not self.accept:
            return None
        self.all.append(self.talker())
        return self.all[-1]

    def clientConnectionFailed(self, connector: Any, reason: Any) -> None:
        self.failed = reason.type

    def clientConnectionLost(self, connector: Any, reason: Any) -> None:
        self.lost = reason.type


def connected(reactor: SimulatedReactor, protocol: type[Talker] = Talker) -> tuple[Talker, Talker]:
    """A phone and a server that are connected."""
    server, phone = Talkers(protocol), Talkers(protocol)
    reactor.listenTCP(5060, server, interface="server")
    reactor.connectTCP("server", 5060, phone, bindAddress=("10.0.0.5", 0))
    reactor.run_for(0.01)
    return phone.all[0], server.all[0]


def test_a_connection_carries_both_ways_and_knows_both_ends() -> None:
    """write and writeSequence arrive in order; getHost and getPeer mirror each other."""
    reactor = SimulatedReactor()
    phone, server = connected(reactor)
    phone.transport.write(b"REGISTER ")
    phone.transport.writeSequence([b"sip:", b"server"])
    server.transport.write(b"200 OK")
    reactor.run_for(1)
    assert (b"".join(server.heard), phone.heard) == (b"REGISTER sip:server", [b"200 OK"])
    assert phone.transport.getHost() == server.transport.getPeer()
    assert (server.transport.getHost().host, server.transport.getHost().port) == ("server", 5060)
    assert phone.transport.getHost().host == "10.0.0.5"
    verifyObject(ITCPTransport, phone.transport)


def test_a_server_that_speaks_first_is_heard_after_the_connection_is_made() -> None:
    """The handshake takes its three packets before anything else arrives."""

    class Greeter(Talker):
        greeting = b"Asterisk Call Manager"

    reactor = SimulatedReactor()
    phone, server = connected(reactor, Greeter)
    assert phone.heard == server.heard == [b"Asterisk Call Manager"]


def test_ordinary_endpoints_and_protocols_run() -> None:
    """TCP4ServerEndpoint, TCP4ClientEndpoint and LineReceiver need nothing special."""

    class Echo(LineReceiver):
        def lineReceived(self, line: bytes) -> None:
            self.sendLine(line.upper())

    class Asker(LineReceiver):
        def __init__(self) -> None:
            self.answer: Deferred[bytes] = Deferred()

        def lineReceived(self, line: bytes) -> None:
            self.answer.callback(line)
            self.transport.loseConnection()

    reactor, answers = SimulatedReactor(), []
    TCP4ServerEndpoint(reactor, 5038, interface="127.0.0.1").listen(Factory.forProtocol(Echo))

    def ask(asker: Asker) -> None:
        asker.sendLine(b"ping")
        asker.answer.addCallback(answers.append)

    TCP4ClientEndpoint(reactor, "127.0.0.1", 5038).connect(Factory.forProtocol(Asker)).addCallback(ask)
    assert reactor.run_until(lambda: bool(answers), 1)
    assert answers == [b"PING"]
    reactor.run_for(1)
    assert not reactor.connections


def test_an_endpoint_tells_that_no_one_listens() -> None:
    """A closed port is ConnectionRefusedError after one round trip, and leaves no port taken."""
    reactor, factory = SimulatedReactor(), Talkers()
    reactor.connectTCP("server", 5060, factory, bindAddress=("10.0.0.5", 40000))
    reactor.run_for(0.002)
    assert (factory.failed, factory.running) == (ConnectionRefusedError, 0)
    reactor.listenTCP(40000, Talkers(), interface="10.0.0.5")


def test_an_attempt_can_be_stopped_or_take_too_long() -> None:
    """stopConnecting is UserError; the timeout is TimeoutError; the port is free again."""
    reactor, stopped, slow = SimulatedReactor(), Talkers(), Talkers()
    reactor.latency_s = 60
    reactor.listenTCP(1, Talkers(), interface="server")
    reactor.connectTCP("server", 1, stopped).stopConnecting()
    reactor.connectTCP("server", 1, slow, timeout=5)
    reactor.run_for(200)
    assert (stopped.failed, slow.failed) == (UserError, TimeoutError)
    assert len(reactor._bound) == 1


def test_a_taken_local_port_fails_the_attempt() -> None:
    """ConnectBindError comes through clientConnectionFailed."""
    reactor, factory = SimulatedReactor(), Talkers()
    reactor.listenTCP(5060, Talkers(), interface="10.0.0.5")
    reactor.connectTCP("server", 5060, factory, bindAddress=("10.0.0.5", 5060))
    reactor.run_for(1)
    assert factory.failed is ConnectBindError


def test_a_listening_port_is_taken_once_until_it_stops() -> None:
    """CannotListenError while it is taken; stopListening frees it, refuses others and keeps who is there."""
    reactor = SimulatedReactor()
    factory = Talkers()
    port = reactor.listenTCP(0, factory, interface="server")
    number = port.getHost().port
    verifyObject(IListeningPort, port)
    with pytest.raises(CannotListenError):
        reactor.listenTCP(number, Talkers(), interface="server")
    first, second = Talkers(), Talkers()
    reactor.connectTCP("server", number, first)
    reactor.run_for(1)
    port.stopListening()
    reactor.connectTCP("server", number, second)
    reactor.run_for(1)
    assert (factory.running, second.failed) == (0, ConnectionRefusedError)
    first.all[0].transport.write(b"still here")
    reactor.run_for(1)
    assert factory.all[0].heard == [b"still here"]


def test_a_port_that_stops_during_the_handshake_loses_the_connection() -> None:
    """The client was connected for a moment; the reset ends it."""
    reactor, phone = SimulatedReactor(), Talkers()
    port = reactor.listenTCP(1, Talkers(), interface="server")
    reactor.connectTCP("server", 1, phone)
    reactor.run_until(lambda: bool(phone.all), 1)
    port.stopListening()
    reactor.run_for(1)
    assert phone.all[0].reason is ConnectionLost


def test_a_factory_may_refuse_a_connection() -> None:
    """buildProtocol that gives None closes the connection at once."""
    reactor, phone = SimulatedReactor(), Talkers()
    reactor.listenTCP(1, Talkers(accept=False), interface="server")
    reactor.connectTCP("server", 1, phone)
    reactor.run_for(1)
    assert (phone.all[0].reason, phone.lost, phone.running) == (ConnectionDone, ConnectionDone, 0)
    reactor.listenTCP(2, server := Talkers(), interface="server")
    reactor.connectTCP("server", 2, Talkers(accept=False))
    reactor.run_for(1)
    assert (server.all[0].reason, len(reactor.connections)) == (ConnectionDone, 0)


def test_closing_delivers_everything_first_and_is_done_on_both_ends() -> None:
    """loseConnection: ConnectionDone here and there, and never within the call."""
    reactor = SimulatedReactor()
    phone, server = connected(reactor)
    phone.transport.write(b"BYE")
    phone.transport.loseConnection()
    phone.transport.write(b"too late")
    assert phone.reason is None
    reactor.run_for(1)
    assert (server.heard, phone.reason, server.reason) == ([b"BYE"], ConnectionDone, ConnectionDone)
    assert not reactor.connections


@pytest.mark.parametrize("how", ["stopProducing", "disconnect"])
def test_there_are_other_ways_to_close(how: str) -> None:
    """As a producer, and through the connector, whose second disconnect ends an attempt."""
    reactor, phone = SimulatedReactor(), Talkers()
    reactor.listenTCP(1, server := Talkers(), interface="server")
    connector = reactor.connectTCP("server", 1, phone)
    reactor.run_for(1)
    if how == "disconnect":
        connector.disconnect()
    else:
        phone.all[0].transport.stopProducing()
    reactor.run_for(1)
    assert phone.lost is server.all[0].reason is ConnectionDone
    connector.connect()
    connector.disconnect()
    assert phone.failed is UserError
    assert connector.getDestination().host == "server"


def test_aborting_is_lost_on_the_other_end() -> None:
    """abortConnection: ConnectionAborted here, ConnectionLost there."""
    reactor = SimulatedReactor()
    phone, server = connected(reactor)
    server.transport.write(b"never heard")
    phone.transport.abortConnection()
    reactor.run_for(1)
    assert (phone.reason, server.reason, phone.heard) == (ConnectionAborted, ConnectionLost, [])


def test_a_cut_host_loses_its_connections_at_both_ends() -> None:
    """`cut` is a broken wire, for that host only."""
    reactor = SimulatedReactor()
    phone, server = connected(reactor)
    reactor.connectTCP("server", 5060, other := Talkers(), bindAddress=("10.0.0.6", 0))
    reactor.run_for(1)
    assert reactor.cut("10.0.0.5") == 1
    reactor.run_for(0)
    assert (phone.reason, server.reason) == (ConnectionLost, ConnectionLost)
    assert other.all[0].reason is None


def test_half_a_close_leaves_the_other_half() -> None:
    """loseWriteConnection ends one direction for those who can live with that."""

    @implementer(IHalfCloseableProtocol)
    class Half(Talker):
        def __init__(self) -> None:
            super().__init__()
            self.ends: list[str] = []

        def readConnectionLost(self) -> None:
            self.ends.append("read")

        def writeConnectionLost(self) -> None:
            self.ends.append("write")

    reactor = SimulatedReactor()
    phone, server = connected(reactor, Half)
    phone.transport.loseWriteConnection()
    reactor.run_for(1)
    server.transport.write(b"still")
    reactor.run_for(1)
    assert (phone.ends, server.ends, phone.heard) == (["write"], ["read"], [b"still"])
    server.transport.loseWriteConnection()
    reactor.run_for(1)
    assert phone.reason is server.reason is ConnectionDone


def test_producers_push_or_are_pulled_until_they_are_done() -> None:
    """A close waits for the producer; a pull producer is asked for more until it leaves."""

    class Source:
        def __init__(self, transport: Any) -> None:
            self.transport, self.left, self.stopped = transport, 3, False

        def resumeProducing(self) -> None:
            self.left -= 1
            self.transport.write(b"%d" % self.left)
            if not self.left:
                self.transport.unregisterProducer()

        def stopProducing(self) -> None:
            self.stopped = True

    reactor = SimulatedReactor()
    phone, server = connected(reactor)
    phone.transport.registerProducer(Source(phone.transport), False)
    phone.transport.loseConnection()
    server.transport.registerProducer(source := Source(server.transport), True)
    with pytest.raises(RuntimeError):
        server.transport.registerProducer(source, True)
    reactor.run_for(1)
    assert (server.heard, source.stopped) == ([b"2", b"1", b"0"], True)
    assert phone.reason is ConnectionDone


def test_a_lost_connection_takes_no_producer() -> None:
    """Who comes too late is stopped at once."""

    class Source:
        stopped = False

        def stopProducing(self) -> None:
            self.stopped = True

    reactor, source = SimulatedReactor(), Source()
    phone, _ = connected(reactor)
    phone.transport.abortConnection()
    reactor.run_for(0)
    phone.transport.registerProducer(source, True)
    assert source.stopped


def test_options_are_kept() -> None:
    """They change nothing here."""
    transport: Any = connected(SimulatedReactor())[0].transport
    assert (transport.getTcpNoDelay(), transport.getTcpKeepAlive()) == (False, False)
    transport.setTcpNoDelay(True)
    transport.setTcpKeepAlive(True)
    assert (transport.getTcpNoDelay(), transport.getTcpKeepAlive()) == (True, True)


def test_a_paused_reader_hears_everything_in_order_later() -> None:
    """pauseProducing holds data and the end of the stream; pausing again on the way works."""
    reactor = SimulatedReactor()
    phone, server = connected(reactor)
    server.transport.pauseProducing()
    for number in range(4):
        phone.transport.write(b"%d" % number)
    phone.transport.loseConnection()
    reactor.run_for(1)
    assert (server.heard, server.reason) == ([], None)
    hear = server.heard.append

    def hear_one_and_pause(data: bytes) -> None:
        hear(data)
        server.transport.pauseProducing()

    server.dataReceived = hear_one_and_pause  # type: ignore[method-assign]
    for count in range(1, 5):
        server.transport.resumeProducing()
        reactor.run_for(1)
        assert len(server.heard) == count
    server.transport.resumeProducing()
    reactor.run_for(1)
    assert (server.heard, server.reason) == ([b"0", b"1", b"2", b"3"], ConnectionDone)


@given(st.integers(0, 2**32), st.lists(st.binary(min_size=1, max_size=5), max_size=20))
def test_a_stream_keeps_its_order_under_jitter(seed: int, chunks: list[bytes]) -> None:
    """Whatever the latency does, bytes arrive as they were written, and then the end."""
    reactor = SimulatedReactor()
    reactor._random.seed(seed)
    reactor.jitter_s = 0.5
    server, phone = Talkers(), Talkers()
    reactor.listenTCP(5060, server, interface="server")
    reactor.connectTCP("server", 5060, phone)
    reactor.run_for(5)
    for chunk in chunks:
        phone.all[0].transport.write(chunk)
    phone.all[0].transport.loseConnection()
    reactor.run_for(5)
    assert (b"".join(server.all[0].heard), server.all[0].reason) == (b"".join(chunks), ConnectionDone)


def test_bytes_carry_the_cause_of_their_write() -> None:
    """As a datagram does, also when a connection has to be made first."""
    trace = Trace()
    reactor = SimulatedReactor(trace)
    phone, server = connected(reactor)
    causes = []
    server.dataReceived = lambda data: causes.append(trace.cause)  # type: ignore[method-assign,assignment]
    with trace.caused_by(7):
        phone.transport.write(b"a")
    phone.transport.write(b"b")
    reactor.run_for(1)
    assert causes == [7, 0]


def test_text_is_not_bytes() -> None:
    """A transport takes bytes, as Twisted's does."""
    phone, _ = connected(SimulatedReactor())
    with pytest.raises(TypeError, match="str"):
        phone.transport.write("text")  # type: ignore[arg-type]
