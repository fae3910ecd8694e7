"""The same on sockets: loopback, ports that are free, a reactor of the test's own."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.internet.interfaces import IListeningPort, IReactorTCP, IReactorTime, IReactorUDP, IUDPTransport
from twisted.internet.protocol import DatagramProtocol, Factory, Protocol
from zope.interface.verify import verifyObject

from harness.net.carrier import SipCarrier
from harness.net.condition import Datagram, Delivery
from harness.net.real import SOCKET_BUFFER
from harness.net.world import World
from harness.sip.headers import Headers
from harness.sip.message import Request
from harness.sip.transaction import ServerTransaction

Tell = Callable[[Callable[[World], Any]], Any]


class Ear(DatagramProtocol):
    """Keeps what it hears and says so."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.heard: list[bytes] = []
        self.stopped = False

    def datagramReceived(self, datagram: bytes, addr: tuple[str, int]) -> None:
        self.heard.append(datagram)
        self.world.changed()

    def stopProtocol(self) -> None:
        self.stopped = True


def test_datagrams_go_through_the_condition(tell: Tell) -> None:
    """Lost, repeated, late and plain, as on the simulated network."""

    async def story(world: World) -> tuple[list[bytes], list[Datagram], list[Any], bool]:
        ear, mouth, seen = Ear(world), Ear(world), []
        to = world.network.listenUDP(0, ear, "127.0.0.1").getHost()
        port = world.network.listenUDP(0, mouth, "127.0.0.1")

        def condition(datagram: Datagram) -> list[Delivery] | None:
            seen.append(datagram)
            return {b"lose": [], b"late": [Delivery(0.05, b"late")],
                    b"twice": [Delivery(0.0, b"twice")] * 2}.get(datagram.data)  # fmt: skip

        world.network.condition = condition
        for data in (b"lose", b"late", b"twice", b"plain"):
            mouth.transport.write(data, (to.host, to.port))
        world.network.condition = None
        mouth.transport.write(b"free", (to.host, to.port))
        assert await world.wait(lambda: len(ear.heard) == 5, 10)
        lost = [event.payload for event in world.trace.events if event.hop == "lost"]
        await port.stopListening()
        return ear.heard, seen, lost, mouth.stopped

    heard, seen, lost, stopped = tell(story)
    assert heard == [b"twice", b"twice", b"plain", b"free", b"late"]
    assert [datagram.number for datagram in seen] == [1, 2, 3, 4]
    assert seen[0].source[0] == seen[0].destination[0] == "127.0.0.1"
    assert lost == [{"why": "taken by the network", "data": b"lose"}]
    assert stopped


def test_a_port_is_a_port_of_twisted(tell: Tell) -> None:
    """In full, and connected too; the condition knows where a datagram goes that has no address."""

    async def story(world: World) -> bool:
        ear, mouth, seen = Ear(world), Ear(world), []
        to = world.network.listenUDP(0, ear, "127.0.0.1").getHost()
        port: Any = world.network.listenUDP(0, mouth, "127.0.0.1")
        verifyObject(IUDPTransport, port)
        verifyObject(IListeningPort, port)
        verifyObject(IReactorUDP, world.network)
        verifyObject(IReactorTCP, world.network)
        verifyObject(IReactorTime, world.network)
        port.connect(to.host, to.port)
        world.network.condition = lambda datagram: seen.append(datagram)  # type: ignore[func-returns-value]
        port.write(b"x")
        assert await world.wait(lambda: bool(ear.heard), 10)
        return seen[0].destination == (to.host, to.port)

    assert tell(story)


def test_a_late_datagram_of_a_closed_socket_goes_nowhere(tell: Tell) -> None:
    """Its socket may be gone when it is due."""

    async def story(world: World) -> None:
        mouth = Ear(world)
        port = world.network.listenUDP(0, mouth, "127.0.0.1")
        world.network.condition = lambda datagram: [Delivery(0.01, datagram.data)]
        mouth.transport.write(b"late", ("127.0.0.1", port.getHost().port))
        await port.stopListening()
        world.call_later(0.01, world.trace.add, "note", "the datagram was due", "", "", "")
        assert await world.wait(lambda: bool(world.trace.events), 10)
        assert world.errors == []

    tell(story)


def test_a_large_buffer_is_asked_for(tell: Tell) -> None:
    """As much as the system grants, and more than it gives by itself where it can."""

    async def story(world: World) -> int:
        port: Any = world.network.listenUDP(0, Ear(world), "127.0.0.1")
        size: int = port._port.getHandle().getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
        return size

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BUFFER)
        granted = plain.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    assert tell(story) == granted


def test_waiting_and_sleeping_take_real_time(tell: Tell) -> None:
    """The same calls as in virtual time."""

    async def story(world: World) -> tuple[bool, bool, float]:
        before = world.seconds()
        world.call_later(0.02, world.trace.add, "note", "x", "", "", "")
        seen = await world.wait(lambda: bool(world.trace.events), 10)
        await world.sleep(0.02)
        return seen, await world.wait(lambda: False, 0.02), world.seconds() - before

    seen, never, took = tell(story)
    assert (seen, never) == (True, False)
    assert took >= 0.059


def test_an_exception_in_a_protocol_fails_the_story(tell: Tell) -> None:
    """Twisted would only log it."""

    async def story(world: World) -> None:
        ear = Ear(world)
        ear.datagramReceived = lambda datagram, addr: {}["no"]  # type: ignore[method-assign,assignment]
        port = world.network.listenUDP(0, ear, "127.0.0.1")
        port.write(b"x", ("127.0.0.1", port.getHost().port))
        try:
            await world.wait(lambda: False, 60)
        except KeyError:
            heard.append(True)
            raise

    heard: list[bool] = []
    with pytest.raises(KeyError):
        tell(story)
    assert heard


def test_an_error_counts_though_the_story_ends_well(tell: Tell) -> None:
    """A story that looks at nothing hears of it at its end."""

    async def story(world: World) -> None:
        world.call_later(0, {}.__getitem__, "no")
        await world.sleep(0)

    with pytest.raises(KeyError):
        tell(story)


def test_a_delayed_call_keeps_its_cause(tell: Tell) -> None:
    """As in virtual time, and the cause ends with the call."""

    async def story(world: World) -> list[int]:
        causes: list[int] = []
        done: Deferred[None] = Deferred()
        with world.trace.caused_by(7):
            world.call_later(0.001, lambda: causes.append(world.trace.cause))
        world.call_later(0.02, lambda: (causes.append(world.trace.cause), done.callback(None)))
        await done
        return causes

    assert tell(story) == [7, 0]


def test_tcp_is_the_reactors(tell: Tell) -> None:
    """Endpoints take the network for a reactor."""

    class Echo(Protocol):
        def dataReceived(self, data: bytes) -> None:
            self.transport.write(data.upper())

    class Asker(Protocol):
        def connectionMade(self) -> None:
            self.answer: Deferred[bytes] = Deferred()
            self.transport.write(b"ping")

        def dataReceived(self, data: bytes) -> None:
            self.transport.loseConnection()
            self.answer.callback(data)

    async def story(world: World) -> bytes:
        factory: Any = Factory.forProtocol(Echo)
        port = world.network.listenTCP(0, factory, interface="127.0.0.1")
        endpoint = TCP4ClientEndpoint(world.network, "127.0.0.1", port.getHost().port)
        asker: Any = await endpoint.connect(Factory.forProtocol(Asker))
        answer: bytes = await asker.answer
        await port.stopListening()
        return answer

    assert tell(story) == b"PING"


def has_ipv6() -> bool:
    """Whether this machine has an IPv6 loopback."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


HOSTS = ["127.0.0.1", pytest.param("::1", marks=pytest.mark.skipif(not has_ipv6(), reason="no IPv6 here"))]


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
@pytest.mark.parametrize("host", HOSTS)
def test_sip_crosses_real_sockets_with_its_causes(tell: Tell, transport: Any, host: str) -> None:
    """press -> sip -> arrived -> sip -> arrived, and after closing nothing is left on the reactor."""

    async def story(world: World) -> tuple[list[int], list[tuple[int, str, str]], list[Any]]:
        server, bob = SipCarrier(world, "server"), SipCarrier(world, "bob")
        for carrier in (server, bob):
            carrier.listen_udp(host)
            carrier.listen_tcp(host)
        answers: list[Any] = []

        def answer(transaction: ServerTransaction) -> None:
            transaction.reply(200)

        def heard(response: Any) -> None:
            answers.append(response)
            world.changed()

        server.stack.on_request = answer
        made = bob.identifiers
        rows = [("From", f"<sip:bob@server>;tag={made.tag()}"), ("To", "<sip:proxy@server>"), ("Max-Forwards", "70"),
                ("Call-ID", made.call_id()), ("CSeq", f"{made.cseq()} MESSAGE")]  # fmt: skip
        flow = bob.flow_to(transport, server.local_address(transport))
        with world.trace.caused_by(world.trace.add("press", "bob", "", "", "Away")):
            bob.stack.request(Request("MESSAGE", "sip:proxy@server", Headers(rows)), flow, heard)
        assert await world.wait(lambda: bool(answers), 10)
        events = [(e.cause, e.hop, world.trace.name_of(e.source)) for e in world.trace.events]
        await bob.close()
        await server.close()
        calls = [call for call in world.clock.getDelayedCalls() if call.getTime() - world.seconds() < 15]  # type: ignore[attr-defined]
        return [a.status for a in answers], events, calls

    statuses, events, calls = tell(story)
    assert statuses == [200]
    assert events == [
        (0, "press", "bob"), (1, "sip", "bob"), (2, "arrived", "bob"), (3, "sip", "server"),
        (4, "arrived", "server")]  # fmt: skip
    assert calls == []


def test_a_refused_connection_fails_the_transaction(tell: Tell) -> None:
    """503, soon."""

    async def story(world: World) -> int:
        bob, answers = SipCarrier(world, "bob"), []
        at = bob.listen_tcp("127.0.0.1")
        await world.network.listenTCP(0, Factory(), interface="127.0.0.1").stopListening()
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            remote = closed.getsockname()
            rows = [("From", "<sip:bob@server>;tag=1"), ("To", "<sip:proxy@server>"), ("Max-Forwards", "70"),
                    ("Call-ID", "1"), ("CSeq", "1 MESSAGE")]  # fmt: skip
            request = Request("MESSAGE", "sip:proxy@server", Headers(rows))
            bob.stack.request(request, bob.flow_to("TCP", remote)._replace(local=at), answers.append)
            assert await world.wait(lambda: bool(answers), 10)
        await bob.close()
        status: int = answers[0].status
        return status

    assert tell(story) == 503
