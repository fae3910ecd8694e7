"""The transaction tables, run in virtual time against a peer that is played by hand.

A script is a line of steps; what came of it is a line of `what@seconds`:

    +1.5        let time pass            <180        a response arrives / the user answers
    lost        the transport fails      again, ack  the request comes again, its ACK comes
    cancel      the user gives up

    >INVITE     sent                     told:200    the user was told
"""

from __future__ import annotations

import gc
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.sip.flow import Flow
from harness.sip.headers import Headers
from harness.sip.identifiers import Identifiers
from harness.sip.machine import Machine
from harness.sip.message import Request, parse_message, response_to
from harness.sip.stack import Stack
from harness.sip.tables import (
    INVITE_CLIENT,
    OTHER_CLIENT,
    OTHER_SERVER,
    TABLES,
    Event,
    State,
    Table,
    response_event,
)
from harness.sip.timers import Timers

US, THEM = ("10.0.0.1", 5060), ("10.0.0.2", 5060)


def request(method: str, branch: str = "", cseq: int = 7) -> Request:
    """A request as it would come from THEM, or without a branch one for us to send."""
    via = [("Via", f"SIP/2.0/UDP 10.0.0.2:5060;branch={branch}")] if branch else []
    rows = [
        ("From", "<sip:alice@10.0.0.2>;tag=alice"),
        ("To", "<sip:bob@10.0.0.1>"),
        ("Call-ID", "one"),
        ("CSeq", f"{cseq} {method}"),
        ("Contact", "<sip:alice@10.0.0.2:5060>"),
    ]
    return Request(method, "sip:bob@10.0.0.1", Headers([*via, *rows]))


class Bench:
    """One stack whose peer and user are the script."""

    def __init__(self, method: str, transport: Any) -> None:
        self.timers = Timers()
        self.flow = Flow(transport, US, THEM, 0 if transport == "UDP" else 3)
        self.method = method
        self.events: list[str] = []
        self.sent: list[bytes] = []
        self.stack = Stack(self.timers, Identifiers(random.Random(1)), self._send, self._observed)

    def _note(self, what: str) -> None:
        self.events.append(f"{what}@{round(self.timers.now, 6):g}")

    def _send(self, flow: Flow, data: bytes) -> None:
        self.sent.append(data)
        message = parse_message(data)
        self._note(f">{message.method if isinstance(message, Request) else message.status}")

    def _observed(self, what: str, **values: object) -> None:
        self._note(what.replace(" ", "-"))

    def run(self, script: str) -> str:
        for step in script.split():
            if step.startswith("+"):
                self.elapse(float(step))
            elif step.startswith("<"):
                self.answer(int(step[1:]))
            elif step == "lost":
                self.stack.connection_lost(self.flow)
            else:
                getattr(self, step)()
        return " ".join(self.events)

    def elapse(self, seconds: float) -> None:
        end = self.timers.now + seconds
        while (due := self.timers.next_due()) is not None and due <= end + 1e-9:
            self.timers.advance(due)
        self.timers.advance(end)

    def answer(self, status: int) -> None:
        raise NotImplementedError


class ClientBench(Bench):
    """Sends the request as soon as it is made."""

    def __init__(self, method: str, transport: Any) -> None:
        super().__init__(method, transport)
        self.transaction = self.stack.request(request(method), self.flow, self._told)

    def _told(self, outcome: Any) -> None:
        self._note(f"told:{outcome.status}")

    def answer(self, status: int) -> None:
        response = response_to(self.transaction.request, status, to_tag="bob")
        self.stack.receive(self.flow, response.encode())

    def cancel(self) -> None:
        self.transaction.cancel()


class ServerBench(Bench):
    """Gets the request as soon as it is made; the user answers when the script says so."""

    def __init__(self, method: str, transport: Any) -> None:
        super().__init__(method, transport)
        self.stack.on_request = self._requested
        self.branch = "z9hG4bKthem"
        self.again()

    def _requested(self, transaction: Any) -> None:
        self._note(f"told:{transaction.request.method}")
        self.transaction = transaction
        transaction.on_failure = lambda failure: self._note(f"told:{failure.status}")

    def answer(self, status: int) -> None:
        self.transaction.reply(status)

    def again(self) -> None:
        self.stack.receive(self.flow, request(self.method, self.branch).encode())

    def ack(self) -> None:
        self.stack.receive(self.flow, request("ACK", self.branch).encode())


INVITE_OUT = [
    ("UDP", "+40", ">INVITE@0 >INVITE@0.5 >INVITE@1.5 >INVITE@3.5 >INVITE@7.5 >INVITE@15.5 >INVITE@31.5 told:408@32"),
    ("TCP", "+40", ">INVITE@0 told:408@32"),
    ("UDP", "lost <200", ">INVITE@0 told:503@0 response-without-a-request@0"),
    ("UDP", "+1 <180 +100 <183 +1 <200", ">INVITE@0 >INVITE@0.5 told:180@1 told:183@101 told:200@102"),
    ("UDP", "<100 lost", ">INVITE@0 told:100@0 told:503@0"),
    ("UDP", "<200 +1 <200 +30.99 <200 +0.02 <200",
     ">INVITE@0 told:200@0 told:200@1 told:200@31.99 response-without-a-request@32.01"),
    ("TCP", "<200 +1 <200", ">INVITE@0 told:200@0 told:200@1"),
    ("UDP", "<200 <180 <486 lost cancel <200", ">INVITE@0 told:200@0 told:200@0"),
    ("UDP", "<486 +1 <486 <100 <200 cancel +30.99 <486 +0.02 <486",
     ">INVITE@0 >ACK@0 told:486@0 >ACK@1 >ACK@31.99 response-without-a-request@32.01"),
    ("TCP", "<486 <486", ">INVITE@0 >ACK@0 told:486@0 response-without-a-request@0"),
    ("UDP", "<180 <603", ">INVITE@0 told:180@0 >ACK@0 told:603@0"),
    ("UDP", "<486 lost <486", ">INVITE@0 >ACK@0 told:486@0 response-without-a-request@0"),
    ("UDP", "cancel +1 <100 <487 +33", ">INVITE@0 >INVITE@0.5 >CANCEL@1 told:100@1 >ACK@1 told:487@1"
     " >CANCEL@1.5 >CANCEL@2.5 >CANCEL@4.5 >CANCEL@8.5 >CANCEL@12.5 >CANCEL@16.5 >CANCEL@20.5 >CANCEL@24.5"
     " >CANCEL@28.5 >CANCEL@32.5"),
    ("TCP", "<180 cancel cancel <200", ">INVITE@0 told:180@0 >CANCEL@0 told:200@0"),
    ("TCP", "<180 +1 cancel +40", ">INVITE@0 told:180@0 >CANCEL@1 told:408@33"),
    ("TCP", "lost cancel", ">INVITE@0 told:503@0"),
]  # fmt: skip

OTHER_OUT = [
    ("UDP", "+40", ">OPTIONS@0 >OPTIONS@0.5 >OPTIONS@1.5 >OPTIONS@3.5 >OPTIONS@7.5 >OPTIONS@11.5 >OPTIONS@15.5"
     " >OPTIONS@19.5 >OPTIONS@23.5 >OPTIONS@27.5 >OPTIONS@31.5 told:408@32"),
    ("TCP", "+40", ">OPTIONS@0 told:408@32"),
    ("UDP", "lost", ">OPTIONS@0 told:503@0"),
    ("UDP", "<100 +9 <100 lost", ">OPTIONS@0 told:100@0 >OPTIONS@0.5 >OPTIONS@4.5 >OPTIONS@8.5 told:100@9 told:503@9"),
    ("TCP", "<100 +40", ">OPTIONS@0 told:100@0 told:408@32"),
    ("UDP", "<100 <200 +4.99 <200 <404 <100 +0.02 <200",
     ">OPTIONS@0 told:100@0 told:200@0 response-without-a-request@5.01"),
    ("UDP", "<100 <404", ">OPTIONS@0 told:100@0 told:404@0"),
    ("UDP", "<200 lost +9", ">OPTIONS@0 told:200@0"),
    ("UDP", "<500 +9", ">OPTIONS@0 told:500@0"),
    ("TCP", "<200 <200", ">OPTIONS@0 told:200@0 response-without-a-request@0"),
]  # fmt: skip

INVITE_IN = [
    ("UDP", "+0.1 again +0.3 again", "told:INVITE@0 >100@0.2 >100@0.4"),
    ("UDP", "<180 +1 again ack", "told:INVITE@0 >180@0 >180@1"),
    ("UDP", "<486 +33", "told:INVITE@0 >486@0 >486@0.5 >486@1.5 >486@3.5 >486@7.5 >486@11.5 >486@15.5 >486@19.5"
     " >486@23.5 >486@27.5 >486@31.5 told:408@32"),
    ("TCP", "<486 +33", "told:INVITE@0 >486@0 told:408@32"),
    ("UDP", "<486 again ack again ack <486 <200 <180 +4.99 again +0.02 again",
     "told:INVITE@0 >486@0 >486@0 response-after-the-final-one@0 response-after-the-final-one@0"
     " response-after-the-final-one@0 told:INVITE@5.01"),
    ("UDP", "<486 ack lost again", "told:INVITE@0 >486@0 told:INVITE@0"),
    ("TCP", "<486 ack again", "told:INVITE@0 >486@0 told:INVITE@0"),
    ("UDP", "<486 <200 <180 <404 ack",
     "told:INVITE@0 >486@0" + " response-after-the-final-one@0" * 3),
    ("UDP", "<486 lost", "told:INVITE@0 >486@0 told:503@0"),
    ("UDP", "<200 again ack +0.5 <200 <486 <180 lost +31.49 again +0.02 again",
     "told:INVITE@0 >200@0 ACK-without-a-dialog@0 >200@0.5 response-after-the-final-one@0.5"
     " response-after-the-final-one@0.5 told:503@0.5 told:INVITE@32.01"),
    ("TCP", "<200 +31.99 again", "told:INVITE@0 >200@0"),
    ("TCP", "lost <180 <200 <486", "told:INVITE@0 told:503@0" + " response-after-the-final-one@0" * 3),
]  # fmt: skip

OTHER_IN = [
    ("UDP", "+3.49 again +0.02 again <200", "told:OPTIONS@0 >100@3.5 >100@3.51 >200@3.51"),
    ("UDP", "+3.6 <404", "told:OPTIONS@0 >100@3.5 >404@3.6"),
    ("UDP", "+3.6 lost <404", "told:OPTIONS@0 >100@3.5 told:503@3.6 response-after-the-final-one@3.6"),
    ("UDP", "<200 +31.99 again +0.02 again", "told:OPTIONS@0 >200@0 >200@31.99 told:OPTIONS@32.01"),
    ("TCP", "<200 again", "told:OPTIONS@0 >200@0 told:OPTIONS@0"),
    ("UDP", "<404 <200 <500", "told:OPTIONS@0 >404@0" + " response-after-the-final-one@0" * 2),
    ("UDP", "<404 lost again", "told:OPTIONS@0 >404@0 told:OPTIONS@0"),
    ("TCP", "lost <200 <404", "told:OPTIONS@0 told:503@0" + " response-after-the-final-one@0" * 2),
]  # fmt: skip

SCRIPTS = [
    *(("INVITE", ClientBench, *script) for script in INVITE_OUT),
    *(("OPTIONS", ClientBench, *script) for script in OTHER_OUT),
    *(("INVITE", ServerBench, *script) for script in INVITE_IN),
    *(("OPTIONS", ServerBench, *script) for script in OTHER_IN),
]


@pytest.mark.parametrize(("method", "bench", "transport", "script", "outcome"), SCRIPTS)
def test_a_transaction_follows_its_table(method: str, bench: Any, transport: str, script: str, outcome: str) -> None:
    """Each step brings about what RFC 3261 17, 4320 and 6026 say, to the hundredth of a second."""
    assert bench(method, transport).run(script) == outcome


@pytest.fixture
def exercised(monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, State, Event]]:
    """What the machines were asked while the fixture lived."""
    seen: set[tuple[str, State, Event]] = set()
    happen = Machine.happen

    def noted(machine: Machine, event: Event, message: object = None) -> None:
        seen.add((machine.table.name, machine.state, event))
        happen(machine, event, message)

    monkeypatch.setattr(Machine, "happen", noted)
    return seen


def test_every_rule_is_exercised_by_a_script(exercised: set[tuple[str, State, Event]]) -> None:
    """No rule of the four tables stands there untried."""
    for method, bench, transport, script, _ in SCRIPTS:
        bench(method, transport).run(script)
    rules = {(table.name, state, event) for table in TABLES for state, event in table.rules}
    assert rules - exercised == set()


TIMERS = frozenset(Event) - {
    Event.PROVISIONAL, Event.SUCCESS, Event.FAILURE, Event.REQUEST, Event.ACK, Event.CANCELLED, Event.TRANSPORT_ERROR
}  # fmt: skip
CLIENT_ONLY = frozenset({Event.CANCELLED})
SERVER_ONLY = frozenset({Event.REQUEST, Event.ACK})


def impossible(table: Table, state: State, event: Event) -> str | None:
    """Why a pair without a rule cannot come about."""
    client = table in (INVITE_CLIENT, OTHER_CLIENT)
    if state is not table.initial and state not in {rule.state for rule in table.rules.values()}:
        return "the machine has no such state"
    if event in TIMERS and event not in table.running[state]:
        return "the timer does not run in this state"
    if event in (SERVER_ONLY if client else CLIENT_ONLY):
        return "an event of the other side"
    if event is Event.CANCELLED and table is OTHER_CLIENT:
        return "cancel() refuses (RFC 3261 9.1)"
    if event is Event.ACK and table is OTHER_SERVER:
        return "an ACK is looked for among INVITEs only"
    if event is Event.PROVISIONAL and table is OTHER_SERVER:
        return "respond() refuses (RFC 4320 4.1)"
    incoming = SERVER_ONLY | {Event.TRANSPORT_ERROR}
    if state is State.TERMINATED and (event in incoming or (client and event is not Event.CANCELLED)):
        return "the stack has forgotten it"
    return None


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_state_and_event_has_a_rule_or_a_reason(table: Table) -> None:
    """The tables are whole: what has no rule is impossible for a reason that can be named."""
    for state in State:
        for event in Event:
            has_rule = (state, event) in table.rules
            assert has_rule == (impossible(table, state, event) is None), (table.name, state, event)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_rule_names_its_clause(table: Table) -> None:
    """Each rule says where it is written, or why it is there."""
    assert all(rule.clause for rule in table.rules.values())


@pytest.mark.parametrize("status", [100, 180, 408])
def test_a_non_invite_is_never_answered_with_what_rfc_4320_forbids(status: int) -> None:
    """RFC 4320 4.1 and 4.2: no 1xx of the user's own, and no 408."""
    bench = ServerBench("OPTIONS", "UDP")
    with pytest.raises(ValueError, match="4320"):
        bench.run(f"<{status}")
    with pytest.raises(ValueError, match="4320"):
        bench.transaction.refuse(status)
    assert bench.stack.open_transactions()


def test_only_an_invite_can_be_cancelled() -> None:
    """RFC 3261 9.1: a CANCEL for another method would come too late to be of use."""
    with pytest.raises(ValueError, match=r"9\.1"):
        ClientBench("OPTIONS", "UDP").cancel()


def test_the_acknowledgement_of_a_refusal_repeats_the_invite_and_takes_the_answers_to() -> None:
    """RFC 3261 17.1.1.3: same Request-URI, Via, From, Call-ID, CSeq number and Route; To with its tag."""
    bench = Bench("INVITE", "UDP")
    invite = request("INVITE")
    invite.headers.add("Route", "<sip:10.0.0.9;lr>")
    sent = bench.stack.request(invite, bench.flow, lambda outcome: None).request
    response = response_to(sent, 404, to_tag="refused")
    bench.stack.receive(bench.flow, response.encode())
    ack = parse_message(bench.sent[-1])
    assert isinstance(ack, Request)
    assert ack.method == "ACK"
    assert ack.uri == sent.uri
    assert ack.headers.all("Via") == sent.headers.all("Via")
    assert ack.headers.all("Route") == ["<sip:10.0.0.9;lr>"]
    assert ack.headers.get("From") == sent.headers.get("From")
    assert ack.to.tag == "refused"
    assert (ack.call_id, ack.cseq) == (sent.call_id, (7, "ACK"))


def test_a_finished_non_invite_lets_its_request_go() -> None:
    """The server side keeps the bytes of the answer alone, the client side no user and no bytes."""
    server = ServerBench("OPTIONS", "UDP")
    machine = server.transaction.machine
    server.run("<200")
    assert machine.user is None
    held = [thing for thing in gc.get_referents(machine) if isinstance(thing, Request)]
    assert held == []


@pytest.mark.parametrize("bench", [ClientBench, ServerBench])
@pytest.mark.parametrize("method", ["INVITE", "OPTIONS"])
def test_a_callback_that_fails_leaves_the_transaction_whole(bench: Any, method: str) -> None:
    """The exception reaches the caller, the state is the next one, and its timers run out as always."""
    made = bench(method, "UDP")

    def fail(_outcome: object) -> None:
        raise RuntimeError("the user's")

    if bench is ClientBench:
        made.transaction._on_response = fail
        with pytest.raises(RuntimeError, match="the user's"):
            made.answer(200)
    else:
        made.answer(500)
        made.transaction.on_failure = fail
        if method == "INVITE":
            with pytest.raises(RuntimeError, match="the user's"):
                made.elapse(40)
    assert made.stack.open_transactions() == []
    made.elapse(40)
    assert made.timers.next_due() is None


@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**32),
    loss=st.sampled_from([0.0, 0.2, 0.5, 0.8, 1.0]),
    doubled=st.sampled_from([0.0, 0.3]),
    method=st.sampled_from(["INVITE", "OPTIONS"]),
    status=st.sampled_from([200, 404]),
)
def test_a_lossy_link_still_gives_one_outcome_and_one_request(
    new_wire: Any, seed: int, loss: float, doubled: float, method: str, status: int
) -> None:
    """Each request gets exactly one outcome, its user sees it at most once, and an answer means that it did."""
    fate = random.Random(seed)
    wire = new_wire()

    def decide(_data: bytes) -> list[float]:
        copies = 2 if fate.random() < doubled else 1
        return [fate.uniform(0, 0.4) for _ in range(copies) if fate.random() >= loss]

    wire.fate = decide
    client, server = wire.stack(US), wire.stack(THEM)
    seen: list[str] = []

    def answer(transaction: Any) -> None:
        seen.append(transaction.request.call_id)
        transaction.reply(status, headers=[("Contact", "<sip:them@10.0.0.2>")])

    server.on_request = answer
    outcomes: dict[str, list[Any]] = {}
    for number in range(5):
        call_id = f"call-{number}"
        sent = request(method)
        sent.headers.set("Call-ID", call_id)
        outcomes[call_id] = []
        client.request(sent, Flow("UDP", US, THEM), outcomes[call_id].append)
    wire.elapse(100)
    for call_id, told in outcomes.items():
        finals = {outcome.status for outcome in told if outcome.status >= 200}
        assert len(finals) == 1
        assert len(told) == 1 or (method == "INVITE" and {status} == finals)
        assert seen.count(call_id) <= 1
        assert seen.count(call_id) == 1 or finals == {408}
    assert client.open_transactions() == server.open_transactions() == []
    assert wire.timers.next_due() is None


def test_a_response_is_an_event_by_its_class() -> None:
    """The tables know three kinds of responses."""
    assert [response_event(status) for status in (100, 199, 200, 299, 300, 699)] == [
        Event.PROVISIONAL, Event.PROVISIONAL, Event.SUCCESS, Event.SUCCESS, Event.FAILURE, Event.FAILURE
    ]  # fmt: skip


def test_an_open_transaction_is_named_by_side_method_and_state() -> None:
    """The state has the RFC's name, which is what a report shows."""
    bench = ClientBench("INVITE", "UDP")
    bench.run("<180")
    [found] = bench.stack.open_transactions()
    assert (found.side, found.method, found.state) == ("client", "INVITE", "Proceeding")
