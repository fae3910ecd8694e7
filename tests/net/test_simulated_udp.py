"""Datagrams on the simulated network."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.error import CannotListenError, MessageLengthError
from twisted.internet.interfaces import IListeningPort, IReactorTCP, IReactorTime, IReactorUDP, IUDPTransport
from twisted.internet.protocol import DatagramProtocol
from zope.interface.verify import verifyObject

from harness.net.condition import Datagram, Delivery
from harness.net.simulated import SimulatedReactor
from harness.net.trace import Trace


class Ear(DatagramProtocol):
    """Keeps what it hears, with the time."""

    def __init__(self, reactor: SimulatedReactor) -> None:
        self.reactor = reactor
        self.heard: list[tuple[float, bytes, tuple[str, int]]] = []
        self.causes: list[int] = []
        self.refused = self.stopped = 0

    def datagramReceived(self, datagram: bytes, addr: tuple[str, int]) -> None:
        self.heard.append((self.reactor.seconds(), datagram, addr))
        self.causes.append(self.reactor.trace.cause)

    def connectionRefused(self) -> None:
        self.refused += 1

    def stopProtocol(self) -> None:
        self.stopped += 1

    def data(self) -> list[bytes]:
        return [data for _, data, _ in self.heard]


def pair(reactor: SimulatedReactor) -> tuple[Ear, Ear]:
    """bob at 10.0.0.5:5060 and a server."""
    bob, server = Ear(reactor), Ear(reactor)
    reactor.listenUDP(5060, bob, "10.0.0.5")
    reactor.listenUDP(5060, server, "server")
    return bob, server


def test_a_datagram_arrives_a_millisecond_later_from_the_address_that_sent_it() -> None:
    """Any text is a host of its own, and the latency is 1 ms one way."""
    reactor = SimulatedReactor()
    bob, server = pair(reactor)
    bob.transport.write(b"MESSAGE", ("server", 5060))
    reactor.run_for(1)
    assert server.heard == [(0.001, b"MESSAGE", ("10.0.0.5", 5060))]
    server.transport.write(b"200", ("10.0.0.5", 5060))
    reactor.run_for(1)
    assert bob.data() == [b"200"]


def test_it_is_a_reactor_and_a_port_of_twisted() -> None:
    """The interfaces are provided in full."""
    reactor = SimulatedReactor()
    port = reactor.listenUDP(0, Ear(reactor))
    for interface in (IReactorTime, IReactorUDP, IReactorTCP):
        verifyObject(interface, reactor)
    verifyObject(IUDPTransport, port)
    verifyObject(IListeningPort, port)


def test_ports_are_taken_once_and_zero_picks_free_ones_in_order() -> None:
    """A taken port is CannotListenError; port 0 picks the same ports in each run."""
    reactor = SimulatedReactor()
    reactor.listenUDP(49153, Ear(reactor), "a")
    with pytest.raises(CannotListenError):
        reactor.listenUDP(49153, Ear(reactor), "a")
    with pytest.raises(CannotListenError):
        reactor.listenUDP(70000, Ear(reactor), "a")
    ports = [reactor.listenUDP(0, Ear(reactor), "a").getHost().port for _ in range(3)]
    assert ports == [49152, 49154, 49155]
    assert reactor.listenUDP(0, Ear(reactor), "b").getHost().port == 49152


def test_a_port_that_stopped_is_free_and_hears_nothing() -> None:
    """stopListening gives the port back, stops the protocol, and what is under way is lost."""
    trace = Trace()
    reactor = SimulatedReactor(trace)
    bob, server = pair(reactor)
    bob.transport.write(b"late", ("server", 5060))
    server.transport.stopListening()
    server.transport.stopListening()
    reactor.run_for(1)
    assert (server.heard, server.stopped) == ([], 1)
    assert [(e.hop, e.destination) for e in trace.events] == [("lost", ("server", 5060))]
    reactor.listenUDP(5060, Ear(reactor), "server")


def test_a_connected_socket_hears_that_no_one_listens() -> None:
    """ICMP's port unreachable becomes connectionRefused."""
    reactor = SimulatedReactor()
    bob, _ = pair(reactor)
    bob.transport.connect("server", 9)
    bob.transport.write(b"?")
    reactor.run_for(1)
    assert bob.refused == 1


def test_ipv6_hosts_and_loopback_names() -> None:
    """A host with a colon is IPv6; "all interfaces" mean loopback."""
    reactor = SimulatedReactor()
    six, four = Ear(reactor), Ear(reactor)
    assert reactor.listenUDP(5060, six, "::1").getHost().host == "::1"
    reactor.listenUDP(5060, four, "0.0.0.0")
    six.transport.write(b"6", ("::1", 5060))
    six.transport.write(b"4", ("localhost", 5060))
    reactor.run_for(1)
    assert (six.data(), four.data()) == ([b"6"], [b"4"])


def test_what_is_too_long_for_a_datagram_is_refused() -> None:
    """65,507 bytes go, one more is MessageLengthError."""
    reactor = SimulatedReactor()
    bob, server = pair(reactor)
    reactor.listenUDP(5061, big := Ear(reactor), "server", maxPacketSize=65535)
    bob.transport.write(bytes(65507), ("server", 5061))
    bob.transport.write(bytes(65507), ("server", 5060))
    with pytest.raises(MessageLengthError):
        bob.transport.write(bytes(65508), ("server", 5060))
    reactor.run_for(1)
    assert ([len(d) for d in big.data()], [len(d) for d in server.data()]) == ([65507], [8192])


@given(st.integers(0, 2**32), st.floats(0, 1), st.lists(st.floats(0, 0.01), min_size=1, max_size=30))
def test_jitter_keeps_the_order_between_two_sockets(seed: int, jitter: float, gaps: list[float]) -> None:
    """However the latency varies, what left first arrives first, and nothing arrives early."""
    reactor = SimulatedReactor(random=random.Random(seed))
    reactor.jitter_s = jitter
    bob, server = pair(reactor)
    sent = []
    for number, gap in enumerate(gaps):
        reactor.run_for(gap)
        sent.append(reactor.seconds())
        bob.transport.write(b"%d" % number, ("server", 5060))
    reactor.run_for(10)
    assert server.data() == [b"%d" % number for number in range(len(gaps))]
    assert all(heard - left >= 0.00099 for (heard, _, _), left in zip(server.heard, sent, strict=True))


def test_jitter_may_change_the_order_where_that_is_wanted() -> None:
    """With keep_order off, a seeded jitter shuffles, the same way each time."""

    def order() -> list[bytes]:
        reactor = SimulatedReactor(random=random.Random("shuffle"))
        reactor.jitter_s, reactor.keep_order = 1.0, False
        bob, server = pair(reactor)
        for number in range(10):
            bob.transport.write(b"%d" % number, ("server", 5060))
        reactor.run_for(5)
        return server.data()

    assert order() == order() != sorted(order())


def test_the_condition_loses_repeats_changes_and_delays() -> None:
    """The hook sees each datagram with its number and says what arrives, and when."""
    trace = Trace()
    reactor = SimulatedReactor(trace)
    bob, server = pair(reactor)
    seen: list[Datagram] = []

    def condition(datagram: Datagram) -> list[Delivery] | None:
        seen.append(datagram)
        return {
            b"lose": [],
            b"twice": [Delivery(0.0, b"twice"), Delivery(0.5, b"again")],
            b"late": [Delivery(1.0, b"late")],
        }.get(datagram.data)

    reactor.condition = condition
    for data in (b"lose", b"twice", b"late", b"plain"):
        bob.transport.write(data, ("server", 5060))
    reactor.run_for(5)
    assert [(round(time, 6), data) for time, data, _ in server.heard] == [
        (0.001, b"twice"), (0.001, b"plain"), (0.501, b"again"), (1.001, b"late")]  # fmt: skip
    assert seen[0] == Datagram(0.0, ("10.0.0.5", 5060), ("server", 5060), b"lose", 1)
    assert [datagram.number for datagram in seen] == [1, 2, 3, 4]
    assert [e.payload for e in trace.events] == [{"why": "taken by the network", "data": b"lose"}]


def test_what_arrives_has_the_cause_of_what_was_sent() -> None:
    """A datagram carries the number of the event that sent it, delayed or not."""
    trace = Trace()
    reactor = SimulatedReactor(trace)
    bob, server = pair(reactor)
    reactor.condition = lambda d: [Delivery(1.0, d.data)] if d.data == b"slow" else None
    for data in (b"slow", b"fast"):
        with trace.caused_by(trace.add("sip", "bob", "server", "UDP", data)):
            bob.transport.write(data, ("server", 5060))
    reactor.run_for(2)
    assert list(zip(server.data(), server.causes, strict=True)) == [(b"fast", 2), (b"slow", 1)]


def test_an_exception_in_a_protocol_comes_out_where_time_is_run() -> None:
    """Nothing is swallowed."""
    reactor = SimulatedReactor()
    bob, server = pair(reactor)
    server.datagramReceived = lambda datagram, addr: {}["no"]  # type: ignore[method-assign,assignment]
    bob.transport.write(b"x", ("server", 5060))
    with pytest.raises(KeyError):
        reactor.run_until(lambda: False, 1)
