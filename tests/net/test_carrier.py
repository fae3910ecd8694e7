"""SIP carried over the simulated network.

    bob 10.0.0.5                      server 10.0.0.1
      |------------- MESSAGE ----------->|
      |<------------- 200 OK ------------|
"""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.protocol import ClientFactory, Protocol, ServerFactory

import harness.net.streams
from harness.errors import HarnessError, InputError
from harness.net.carrier import Flow, SipCarrier
from harness.net.condition import Delivery
from harness.net.streams import FIRST_MESSAGE_S, MAX_STREAMS
from harness.net.trace import Trace
from harness.net.world import World
from harness.sip.headers import Headers
from harness.sip.message import Request, Response
from harness.sip.transaction import ServerTransaction

SERVER, BOB = ("10.0.0.1", 5060), ("10.0.0.5", 5060)


class Desk:
    """A server that answers 200, and bob."""

    def __init__(
        self,
        trace: Trace | None = None,
        hosts: tuple[str, str] = ("10.0.0.5", "10.0.0.1"),
        max_streams: int = MAX_STREAMS,
    ) -> None:
        self.world = World.simulated(trace=trace)
        self.world.max_streams = max_streams
        self.network: Any = self.world.network
        self.server, self.bob = SipCarrier(self.world, "server"), SipCarrier(self.world, "bob")
        self.requests: list[ServerTransaction] = []
        self.answers: list[Any] = []
        self.answered_at: list[float] = []
        self.server.stack.on_request = self.answer
        for carrier, host in ((self.bob, hosts[0]), (self.server, hosts[1])):
            carrier.listen_udp(host, 5060)
            carrier.listen_tcp(host, 5060)

    def answer(self, transaction: ServerTransaction) -> None:
        self.requests.append(transaction)
        transaction.reply(200)

    def message(self, body: bytes = b"", uri: str = "sip:proxy@server") -> Request:
        made = self.bob.identifiers
        rows = [("From", f"<sip:bob@server>;tag={made.tag()}"), ("To", "<sip:proxy@server>"),
                ("Call-ID", made.call_id()), ("CSeq", f"{made.cseq()} MESSAGE"), ("Max-Forwards", "70")]  # fmt: skip
        return Request("MESSAGE", uri, Headers(rows), body)

    def say(self, transport: Any = "UDP", body: bytes = b"", flow: Flow | None = None) -> Flow:
        """Bob sends a MESSAGE."""
        flow = flow or self.bob.flow_to(transport, SERVER)
        self.bob.stack.request(self.message(body), flow, self.heard)
        return flow

    def heard(self, answer: Any) -> None:
        self.answers.append(answer)
        self.answered_at.append(self.world.seconds())

    def run(self, seconds: float = 1.0) -> None:
        self.network.run_for(seconds)

    def statuses(self) -> list[int]:
        return [answer.status for answer in self.answers]

    def hops(self) -> list[tuple[int, int, str, str, str]]:
        trace = self.world.trace
        return [(e.seq, e.cause, e.hop, trace.name_of(e.source), e.transport) for e in trace.events]


class Raw(Protocol):
    """A peer that speaks bytes."""

    def __init__(self) -> None:
        self.heard = b""
        self.gone = False

    def dataReceived(self, data: bytes) -> None:
        self.heard += data

    def connectionLost(self, reason: Any = None) -> None:
        self.gone = True


class RawFactory(ServerFactory, ClientFactory):  # type: ignore[misc]
    noisy = False

    def __init__(self) -> None:
        self.all: list[Raw] = []

    def buildProtocol(self, addr: Any) -> Raw:
        self.all.append(Raw())
        return self.all[-1]


def raw_peer(desk: Desk) -> Raw:
    """Somebody who connects to the server."""
    factory = RawFactory()
    desk.network.connectTCP(*SERVER, factory, bindAddress=("10.9.9.9", 0))
    desk.run()
    return factory.all[0]


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
def test_a_request_and_its_answer_cross_the_network(transport: str) -> None:
    """Over UDP in two hops of latency; over TCP with a handshake of two more before."""
    desk = Desk()
    desk.say(transport, "Größe".encode())
    desk.run()
    assert desk.statuses() == [200]
    assert desk.requests[0].request.body == "Größe".encode()
    assert desk.answered_at == [pytest.approx(0.002 if transport == "UDP" else 0.004)]


def test_ipv6_addresses_carry_too() -> None:
    """UDP and TCP, with addresses in brackets where a header has them."""
    desk = Desk(hosts=("2001:db8::5", "2001:db8::1"))
    for transport in ("UDP", "TCP"):
        desk.say(flow=desk.bob.flow_to(transport, ("2001:db8::1", 5060)))  # type: ignore[arg-type]
    desk.run()
    assert desk.statuses() == [200, 200]
    assert "[2001:db8::5]:5060" in (desk.requests[0].request.headers.first("Via") or "")


def test_every_message_is_on_the_trace_with_what_led_to_it() -> None:
    """press -> sip -> arrived -> sip -> arrived, each the cause of the next."""
    desk = Desk()
    with desk.world.trace.caused_by(desk.world.trace.add("press", "bob", "", "", "Away")):
        desk.say()
    desk.run()
    assert desk.hops() == [
        (1, 0, "press", "bob", ""),
        (2, 1, "sip", "bob", "UDP"),
        (3, 2, "arrived", "bob", "UDP"),
        (4, 3, "sip", "server", "UDP"),
        (5, 4, "arrived", "server", "UDP"),
    ]
    assert [event.payload for event in desk.world.trace.events[1:3]] == [desk.world.trace.events[1].payload] * 2
    assert desk.world.trace.cause == 0


def test_on_a_stream_the_trace_is_the_same() -> None:
    """Also for what had to wait until the connection stood, and bob's own port there is called bob."""
    desk = Desk()
    with desk.world.trace.caused_by(desk.world.trace.add("press", "bob", "", "", "Away")):
        desk.say("TCP")
    desk.run()
    assert [(seq, cause, hop, source) for seq, cause, hop, source, _ in desk.hops()] == [
        (1, 0, "press", "bob"), (2, 1, "sip", "bob"), (3, 2, "arrived", "bob"),
        (4, 3, "sip", "server"), (5, 4, "arrived", "server")]  # fmt: skip


def test_a_lost_datagram_is_sent_again_because_of_the_first() -> None:
    """T1 after the first; the trace leads from the repeat to the original."""
    desk = Desk()
    desk.network.condition = lambda datagram: [] if datagram.number == 1 else None
    desk.say()
    desk.run()
    assert desk.statuses() == [200]
    assert desk.answered_at[0] == pytest.approx(0.5, abs=0.02)
    assert [(hop, cause) for _, cause, hop, _, _ in desk.hops()] == [
        ("sip", 0), ("lost", 1), ("sip", 1), ("arrived", 3), ("sip", 4), ("arrived", 5)]  # fmt: skip


def test_a_repeated_datagram_is_one_request() -> None:
    """The transaction layer absorbs it."""
    desk = Desk()
    desk.network.condition = lambda d: [Delivery(0.0, d.data), Delivery(0.05, d.data)]
    desk.say()
    desk.run()
    assert (len(desk.requests), desk.statuses()) == (1, [200])


def test_no_answer_ends_in_a_timeout() -> None:
    """408 after 64*T1, and then no delayed call is left."""
    desk = Desk()
    desk.network.condition = lambda datagram: []
    desk.say()
    desk.run(40)
    assert desk.statuses() == [408]
    assert desk.answered_at == [pytest.approx(32.0, abs=0.05)]
    assert desk.network.getDelayedCalls() == []


def test_many_timers_cost_one_delayed_call() -> None:
    """However many requests are open."""
    desk = Desk()
    desk.network.condition = lambda datagram: []
    for _ in range(50):
        desk.say()
    assert len(desk.network.getDelayedCalls()) == 1


def test_timers_know_the_time_between_messages() -> None:
    """What is scheduled long after the last message is due that long after now."""
    desk, fired = Desk(), []
    desk.say()
    desk.run(100)
    desk.bob.timers.schedule(5, lambda: fired.append((desk.world.seconds(), desk.bob.timers.now)))
    assert desk.bob.timers.now == 100
    desk.run(10)
    assert fired == [(pytest.approx(105, abs=0.011),) * 2]


def test_a_timer_keeps_the_cause_of_who_set_it() -> None:
    """And only its own, though one delayed call wakes them all."""
    desk, causes = Desk(), []
    trace = desk.world.trace
    with trace.caused_by(7):
        desk.bob.timers.schedule(1, lambda: causes.append(trace.cause))
    desk.bob.timers.schedule(1, lambda: causes.append(trace.cause))
    desk.run(2)
    assert causes == [7, 0]


def test_an_error_in_a_timer_comes_out_and_the_others_go_on() -> None:
    """Nothing is swallowed, and nothing stands still after it."""
    desk, fired = Desk(), []
    desk.bob.timers.schedule(1, {}.__getitem__, "missing")
    desk.bob.timers.schedule(1, fired.append, 1)
    desk.bob.timers.schedule(2, fired.append, 2)
    with pytest.raises(KeyError):
        desk.run(5)
    desk.run(5)
    assert fired == [1, 2]


def test_one_connection_serves_all_requests_to_one_address() -> None:
    """Opened once; a later request takes it, whichever end opened it."""
    desk = Desk()
    desk.say("TCP")
    desk.say("TCP")
    desk.run()
    desk.say("TCP")
    desk.run()
    assert desk.statuses() == [200] * 3
    assert len(desk.network.connections) == 2
    back = desk.requests[0].flow
    assert back.connection == 1
    heard: list[Any] = []
    desk.bob.stack.on_request = desk.answer
    desk.server.stack.request(desk.message(), back, heard.append)
    desk.server.stack.request(desk.message(), back._replace(connection=0), heard.append)
    desk.run()
    assert [answer.status for answer in heard] == [200, 200]
    assert len(desk.network.connections) == 2


def test_a_closed_port_fails_the_transaction() -> None:
    """503 at once instead of a timeout, and the trace says why."""
    desk = Desk()
    desk.say(flow=Flow("TCP", BOB, ("10.0.0.1", 9)))
    desk.run()
    assert desk.statuses() == [503]
    assert desk.answered_at == [pytest.approx(0.002)]
    note = desk.world.trace.events[-1].payload
    assert isinstance(note, dict)
    assert (note["what"], "refused" in str(note["why"])) == ("transport failed", True)


def test_a_lost_connection_fails_what_waits_on_it_and_the_next_request_opens_another() -> None:
    """The stack is told of the loss."""
    desk = Desk()
    desk.server.stack.on_request = desk.requests.append
    desk.say("TCP")
    desk.run(0.1)
    flow = desk.requests[0].flow
    lost: list[Flow] = []
    desk.server.on_connection_lost = lost.append
    desk.network.cut("10.0.0.1")
    desk.run(0.1)
    assert (desk.statuses(), lost) == ([503], [flow])
    assert desk.server.stack.open_transactions() == []
    desk.server.stack.on_request = desk.answer
    desk.say("TCP")
    desk.run()
    assert desk.statuses() == [503, 200]
    failed: list[Any] = []
    desk.server.stack.request(desk.message(), flow, failed.append)
    desk.run()
    assert [failure.status for failure in failed] == [503]


def test_what_is_too_long_for_a_datagram_fails() -> None:
    """Neither above 65,535 bytes nor above what UDP takes; nothing is thrown at who sends."""
    desk = Desk()
    for size in (70_000, 65_300):
        desk.say(body=bytes(size))
        desk.run()
    assert desk.statuses() == [503, 503]
    assert desk.requests == []


def test_a_flow_that_no_socket_reaches_fails() -> None:
    """IPv6 from one who has IPv4 only."""
    desk = Desk()
    desk.say(flow=Flow("UDP", ("::5", 5060), ("::1", 5060)))
    desk.run()
    assert desk.statuses() == [503]


def test_a_flow_of_another_socket_leaves_from_one_that_reaches() -> None:
    """A wildcard or foreign local address takes the first socket of its family."""
    desk = Desk()
    desk.say(flow=Flow("UDP", ("0.0.0.0", 0), SERVER))
    desk.run()
    assert desk.statuses() == [200]


def test_a_message_in_pieces_and_two_in_one_piece() -> None:
    """A stream has no borders but Content-Length."""
    desk = Desk()
    peer = raw_peer(desk)
    request = desk.message(b"x")
    request.headers.add("Via", "SIP/2.0/TCP 10.9.9.9;branch=z9hG4bKone")
    data = request.encode()
    for byte in data:
        peer.transport.write(bytes([byte]))
    peer.transport.write(data.replace(b"z9hG4bKone", b"z9hG4bKtwo") + data.replace(b"z9hG4bKone", b"z9hG4bKsix"))
    desk.run()
    assert (len(desk.requests), peer.heard.count(b"SIP/2.0 200 OK")) == (3, 3)


def test_a_keep_alive_is_answered() -> None:
    """RFC 5626 3.5.1: CRLF CRLF gets CRLF; on UDP nothing comes back."""
    desk = Desk()
    peer = raw_peer(desk)
    peer.transport.write(b"\r\n\r\n")
    desk.run()
    assert peer.heard == b"\r\n"
    before = desk.network.datagrams
    desk.bob.send(desk.bob.flow_to("UDP", SERVER), b"\r\n\r\n")
    desk.run()
    assert desk.network.datagrams == before + 1


def test_a_stream_out_of_step_is_closed_after_what_was_whole() -> None:
    """Without Content-Length nobody knows where a message ends (RFC 3261 18.3)."""
    desk = Desk()
    peer = raw_peer(desk)
    request = desk.message()
    request.headers.add("Via", "SIP/2.0/TCP 10.9.9.9;branch=z9hG4bKone")
    peer.transport.write(request.encode() + b"MESSAGE sip:a SIP/2.0\r\n\r\n")
    desk.run()
    assert peer.gone
    assert peer.heard.startswith(b"SIP/2.0 200")
    assert not desk.network.connections


def test_a_peer_that_does_not_read_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for it has a limit."""
    monkeypatch.setattr(harness.net.streams, "MAX_BACKLOG", 1000)
    desk = Desk()
    peer = raw_peer(desk)
    flow = Flow("TCP", SERVER, (peer.transport.getHost().host, peer.transport.getHost().port), 1)
    stream = desk.server._streams["TCP"].reach(flow.remote, 1, "")
    assert stream is not None
    stream.pauseProducing()
    desk.server.send(flow, bytes(900))
    stream.resumeProducing()
    stream.pauseProducing()
    desk.server.send(flow, bytes(900))
    assert not stream.over
    desk.server.send(flow, bytes(200))
    assert stream.over
    desk.server.send(flow, b"not heard")
    desk.run()
    assert [event.hop for event in desk.world.trace.events] == ["sip", "sip", "note"]
    assert "takes nothing" in str(desk.world.trace.events[-1].payload)
    assert not stream.open
    assert peer.gone
    assert not desk.network.connections


def test_a_close_that_the_peer_does_not_let_happen_becomes_an_abort() -> None:
    """It has two seconds to take what is left."""
    desk = Desk()
    peer = raw_peer(desk)
    transport: Any = desk.server._streams["TCP"].reach(("", 0), 1, "").transport  # type: ignore[union-attr]
    transport.loseConnection = lambda: None
    peer.transport.write(b"nonsense\r\n\r\n")
    desk.run(1.9)
    assert not peer.gone
    peer.transport.write(b"more")
    desk.run(0.2)
    assert peer.gone
    assert desk.network.getDelayedCalls() == []


def test_keep_alives_that_nobody_reads_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their answers wait with everything else, and too many end the connection."""
    monkeypatch.setattr(harness.net.streams, "MAX_BACKLOG", 100)
    desk = Desk()
    peer = raw_peer(desk)
    stream = desk.server._streams["TCP"].reach(("", 0), 1, "")
    assert stream is not None
    peer.transport.write(b"\r\n\r\n" * 200)
    desk.run()
    assert (len(peer.heard), stream.over) == (400, False)
    stream.pauseProducing()
    peer.transport.write(b"\r\n\r\n" * 50)
    desk.run()
    assert not stream.over
    peer.transport.write(b"\r\n\r\n")
    desk.run()
    assert peer.gone
    assert [event.hop for event in desk.world.trace.events] == ["note"]


def test_who_connects_and_sends_no_message_is_cut_off() -> None:
    """Half a message and keep-alives do not count; who has sent a whole one may stay, and so may who was called."""
    desk = Desk()
    told: dict[str, str] = {}
    desk.server.on_trouble = told.__setitem__
    peers = silent, half, pinging, speaking = [raw_peer(desk) for _ in range(4)]
    half.transport.write(b"OPTIONS sip:a SIP/2.0\r\n")
    speaking.transport.write(b"what is this\r\nContent-Length: 0\r\n\r\n")
    far_end = RawFactory()
    desk.network.listenTCP(5060, far_end, interface="10.7.7.7")
    desk.server.send(desk.server.flow_to("TCP", ("10.7.7.7", 5060)), b"hello")
    desk.run(FIRST_MESSAGE_S / 2)
    pinging.transport.write(b"\r\n\r\n")
    assert not any(peer.gone for peer in peers)
    desk.run(FIRST_MESSAGE_S)
    assert [peer.gone for peer in (silent, half, pinging, speaking, *far_end.all)] == [True, True, True, False, False]
    assert "it sent no message within 30 s" in told["silent"]
    assert desk.network.getDelayedCalls() == []


def test_too_many_connections_are_closed_as_they_come() -> None:
    """Those that are there stay."""
    desk = Desk(max_streams=2)
    peers = [raw_peer(desk) for _ in range(3)]
    desk.run()
    assert [peer.gone for peer in peers] == [False, False, True]


def test_it_listens_where_it_says_and_says_where_it_cannot() -> None:
    """A taken port is the user's to solve; no socket of a family is an error."""
    desk = Desk()
    other = SipCarrier(desk.world, "other")
    for listen, transport in ((other.listen_udp, "UDP"), (other.listen_tcp, "TCP")):
        with pytest.raises(InputError, match=rf"{transport} 10\.0\.0\.1:5060"):
            listen(*SERVER)
        with pytest.raises(HarnessError, match="does not listen"):
            other.local_address(transport)  # type: ignore[arg-type]
    address = other.listen_udp("10.0.0.9")
    assert address == ("10.0.0.9", 49152)
    other.listen_udp("::9", 5060)
    assert other.local_address("UDP") == other.local_address("UDP", "10.0.0.1") == address
    assert other.local_address("UDP", "::1") == ("::9", 5060)
    with pytest.raises(HarnessError):
        desk.bob.local_address("UDP", "::1")
    with pytest.raises(HarnessError):
        desk.bob.local_address("TLS")


def test_one_port_for_both_is_one_that_is_free_for_both() -> None:
    """What is free for datagrams may be taken for connections: another is tried, and the first is given back."""
    desk = Desk()
    other, taken = SipCarrier(desk.world, "other"), SipCarrier(desk.world, "taken")
    assert taken.listen_tcp("10.0.0.9", 49152) == ("10.0.0.9", 49152)
    assert other.listen("10.0.0.9") == ("10.0.0.9", 49153)
    assert taken.listen_udp("10.0.0.9", 49152) == ("10.0.0.9", 49152)
    with pytest.raises(InputError, match=r"UDP 10\.0\.0\.1:5060"):
        SipCarrier(desk.world, "late").listen(*SERVER)


def test_half_messages_of_many_end_the_largest(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not whole yet is bounded over all connections, and somebody is told."""
    monkeypatch.setattr(harness.net.streams, "MAX_HALF", 10_000)
    desk = Desk()
    told: list[tuple[str, str]] = []
    desk.server.on_trouble = lambda kind, text: told.append((kind, text))
    peers = [raw_peer(desk) for _ in range(3)]
    desk.run()
    for peer, size in zip(peers, (3_000, 6_000, 2_000), strict=True):
        peer.transport.write(b"MESSAGE " + b"x" * size)
        desk.run()
    assert [peer.gone for peer in peers] == [False, True, False]
    peers[0].transport.write(b"x" * 3_000)
    desk.run()
    assert [peer.gone for peer in peers] == [False, True, False]
    assert [kind for kind, _ in told] == ["half-messages"]


def test_trouble_is_told_with_its_kind() -> None:
    """What cannot be read, what cannot be cut into messages, and too many connections."""
    desk = Desk(max_streams=1)
    told: dict[str, str] = {}
    desk.server.on_trouble = told.__setitem__
    peer = raw_peer(desk)
    desk.run()
    raw_peer(desk)
    desk.run()
    peer.transport.write(b"what is this\r\nContent-Length: 0\r\n\r\n")
    peer.transport.write(b"OPTIONS sip:a SIP/2.0\r\n\r\n")
    desk.run()
    assert list(told) == ["too-many-connections", "malformed", "framing"]
    assert "not SIP: 'what is this'" in told["malformed"]
    assert "(TCP) was cut off: no Content-Length" in told["framing"]


def test_closing_leaves_nothing() -> None:
    """No port, no connection, no timer; who still waits on the far end hears of it."""
    desk = Desk()
    desk.say("TCP")
    desk.run()
    desk.say()
    desk.say(flow=Flow("TCP", BOB, ("10.0.0.2", 5060)))
    closed: list[Any] = []
    desk.bob.close().addCallback(closed.append)
    desk.run()
    assert closed
    assert not desk.network.connections
    assert len(desk.statuses()) == 1
    desk.server.close()
    desk.run()
    assert (desk.network._bound, desk.network.getDelayedCalls()) == ({}, [])
    again = SipCarrier(desk.world, "bob")
    assert again.listen_udp(*BOB) == again.listen_tcp(*BOB) == BOB


def test_closing_gives_up_attempts_to_connect() -> None:
    """What does not stand yet is not waited for."""
    desk = Desk()
    desk.network.latency_s = 20
    desk.say("TCP")
    desk.run(0)
    closed: list[Any] = []
    desk.bob.close().addCallback(closed.append)
    assert closed
    desk.run(100)
    assert not any(carrier._streams["TCP"]._by_number for carrier in (desk.bob, desk.server))
    assert desk.requests == []


def test_timers_that_are_late_run_as_if_they_were_not() -> None:
    """Each callback sees the time for which it was set, and sets others from there."""
    desk, seen = Desk(), []
    timers = desk.bob.timers
    timers.schedule(1, lambda: timers.schedule(1, lambda: seen.append(timers.now)))
    timers.schedule(3, lambda: seen.append(timers.now))
    timers.advance(5)
    assert seen == [2, 3]
    assert timers.now == 0


def test_without_a_trace_everything_else_is_the_same() -> None:
    """The trace is off under load."""
    desk = Desk(trace=Trace(enabled=False))
    desk.network.condition = lambda datagram: [] if datagram.number == 1 else None
    desk.say()
    desk.say("TCP")
    desk.run()
    assert desk.statuses() == [200, 200]
    assert desk.world.trace.events == []


def test_what_the_stack_drops_is_noted() -> None:
    """The trace says why nothing happened."""
    desk = Desk()
    desk.bob.send(desk.bob.flow_to("UDP", SERVER), b"no SIP at all\r\n\r\n")
    desk.run()
    note = desk.world.trace.events[-1]
    assert (note.hop, note.source, note.cause) == ("note", "server", 2)
    assert isinstance(note.payload, dict)
    assert note.payload["what"] == "malformed"


def test_answers_are_responses() -> None:
    """What comes back is what the server said."""
    desk = Desk()
    desk.server.stack.on_request = lambda transaction: transaction.reply(404)
    desk.say()
    desk.run()
    assert isinstance(desk.answers[0], Response)
    assert desk.statuses() == [404]
