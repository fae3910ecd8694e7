"""The stack: what a message belongs to, where its answer goes, and what becomes of what fits nowhere."""

from __future__ import annotations

import random
import weakref
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.sip.client import Client
from harness.sip.dialog import Dialog
from harness.sip.digest import Account, Challenger, Credentials, Verdict, secret_hash
from harness.sip.flow import Flow
from harness.sip.headers import Headers
from harness.sip.identifiers import Identifiers
from harness.sip.message import Request, Response, parse_message, response_to
from harness.sip.stack import OpenTransaction, Stack
from harness.sip.timers import Timers

US, THEM = ("10.0.0.1", 5060), ("10.0.0.2", 5062)
FLOW = Flow("UDP", US, THEM)
STREAM = Flow("TCP", US, THEM, 5)


class End:
    """A stack of which the test plays the network: what it sent, was asked and told."""

    def __init__(self, **options: Any) -> None:
        self.timers = Timers()
        self.sent: list[tuple[Flow, bytes]] = []
        self.asked: list[Any] = []
        self.told: list[str] = []
        self.stack = Stack(
            self.timers,
            Identifiers(random.Random(1)),
            lambda flow, data: self.sent.append((flow, data)),
            lambda what, **values: self.told.append(what),
            **options,
        )
        self.stack.on_request = self.asked.append

    def get(self, message: Any, flow: Flow = FLOW) -> None:
        self.stack.receive(flow, message if isinstance(message, bytes) else message.encode())

    @property
    def last(self) -> Any:
        return parse_message(self.sent[-1][1])

    def elapse(self, seconds: float) -> None:
        end = self.timers.now + seconds
        while (due := self.timers.next_due()) is not None and due <= end:
            self.timers.advance(due)
        self.timers.advance(end)


@pytest.fixture
def end() -> End:
    return End()


def request(
    method: str = "OPTIONS",
    via: str = "SIP/2.0/UDP 10.0.0.2:5062;branch=z9hG4bKone",
    to_tag: str = "",
    cseq: int = 1,
    call_id: str = "call",
    from_tag: str = "alice",
) -> Request:
    """A request from THEM."""
    rows = [
        ("Via", via),
        ("From", f"<sip:alice@10.0.0.2>;tag={from_tag}"),
        ("To", "<sip:bob@10.0.0.1>" + (f";tag={to_tag}" if to_tag else "")),
        ("Call-ID", call_id),
        ("CSeq", f"{cseq} {method}"),
        ("Contact", "<sip:alice@10.0.0.2:5062>"),
    ]
    return Request(method, "sip:bob@10.0.0.1", Headers(rows))


# Who gets a request, and where its answer goes.


def test_a_repeated_request_is_answered_with_the_same_bytes(end: End) -> None:
    """The user sees a request once; a repeat gets the last response, tag and all (RFC 3261 17.2.2)."""
    end.get(request())
    end.asked[0].reply(200, headers=[("Allow", "OPTIONS")])
    end.get(request())
    assert len(end.asked) == 1
    assert len(end.sent) == 2
    assert end.sent[0] == end.sent[1]
    assert end.stack.statistics().retransmissions == 1


@pytest.mark.parametrize(
    "other",
    [
        request(via="SIP/2.0/UDP 10.0.0.2:5062;branch=z9hG4bKtwo"),
        request(via="SIP/2.0/UDP 10.0.0.3:5062;branch=z9hG4bKone"),
        request(method="MESSAGE"),
    ],
    ids=["branch", "sent-by", "method"],
)
def test_what_differs_in_branch_sent_by_or_method_is_another_request(end: End, other: Request) -> None:
    """RFC 3261 17.2.3: these three make out a server transaction."""
    end.get(request())
    end.get(other)
    assert len(end.asked) == 2


def test_a_sender_of_rfc_2543_is_told_apart_without_a_branch(end: End) -> None:
    """Without the magic cookie Call-ID, CSeq, From tag, URI and Via count (RFC 3261 17.2.3)."""
    old = "SIP/2.0/UDP 10.0.0.2:5062"
    end.get(request(via=old))
    end.get(request(via=old))
    assert len(end.asked) == 1
    end.get(request(via=old, cseq=2))
    assert len(end.asked) == 2


def test_the_ack_of_an_rfc_2543_sender_ends_its_invite(end: End) -> None:
    """Its To tag is our response's, which the INVITE did not carry."""
    old = "SIP/2.0/UDP 10.0.0.2:5062"
    end.get(request("INVITE", via=old))
    end.asked[0].reply(486, to_tag="busy")
    end.get(request("ACK", via=old, to_tag="busy"))
    end.elapse(40)
    assert len(end.sent) == 1


@pytest.mark.parametrize(
    ("via", "options", "port"),
    [
        ("SIP/2.0/UDP 10.0.0.2:5062;rport;branch=z9hG4bKx", {}, 6000),
        ("SIP/2.0/UDP 10.0.0.2:5062;branch=z9hG4bKx", {}, 5062),
        ("SIP/2.0/UDP phone.example.com;branch=z9hG4bKx", {}, 5060),
        ("SIP/2.0/UDP 10.0.0.2:5062;branch=z9hG4bKx", {"force_rport": True}, 6000),
        ("SIP/2.0/UDP 10.0.0.2:5062;maddr=10.0.0.99;branch=z9hG4bKx", {}, 5062),
    ],
)
def test_an_answer_goes_to_the_source_at_the_port_that_via_says(via: str, options: Any, port: int) -> None:
    """RFC 3261 18.2.2 and RFC 3581 4; a maddr does not turn our answers on others."""
    end = End(**options)
    end.get(request(via=via), Flow("UDP", US, ("10.0.0.2", 6000)))
    end.asked[0].reply(200)
    assert end.sent[0][0] == Flow("UDP", US, ("10.0.0.2", port))


def test_the_top_via_tells_where_the_request_came_from(end: End) -> None:
    """RFC 3261 18.2.1 and RFC 3581 4: received and rport are in the request that the user gets, and in the answer."""
    via = "SIP/2.0/UDP 192.168.1.5:5062;rport;branch=z9hG4bKx"
    end.get(request(via=via), Flow("UDP", US, ("10.0.0.2", 6000)))
    end.asked[0].reply(200)
    for message in (end.asked[0].request, end.last):
        assert message.via.params["received"] == "10.0.0.2"
        assert message.via.params["rport"] == "6000"


def test_on_a_stream_the_answer_goes_back_where_the_request_came_from(end: End) -> None:
    """RFC 3261 18.2.2, whatever the Via says."""
    end.get(request(via="SIP/2.0/TCP 10.0.0.77:9;branch=z9hG4bKx"), STREAM)
    end.asked[0].reply(200)
    assert end.sent[0][0] == STREAM


def test_responses_carry_one_tag(end: End) -> None:
    """RFC 3261 8.2.6.2: 100 carries none, later ones the same; the tag of an in-dialog request stays."""
    end.get(request("INVITE"))
    transaction = end.asked[0]
    tags = [transaction.reply(status).to.tag for status in (100, 180, 486)]
    assert tags == [None, transaction.to_tag, transaction.to_tag]
    assert transaction.to_tag


def test_own_headers_stand_in_every_response(end: End) -> None:
    """A server names itself once."""
    end.stack.own_headers = (("Server", "Asterisk PBX"),)
    end.get(request())
    end.asked[0].reply(200)
    end.get(request(via="SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKtwo"))
    end.asked[1].refuse(404)
    end.get(request(via="SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKthree").encode().replace(b"1 OPTIONS", b"1 BYE"))
    assert [parse_message(data).headers.get("Server") for _, data in end.sent] == ["Asterisk PBX"] * 3


def test_a_refusal_without_state_forgets_the_request(end: End) -> None:
    """A repeat comes as a new request and gets the same tag (RFC 3261 8.2.7); nothing stays open."""
    for _ in range(2):
        end.get(request())
        end.asked[-1].refuse(404)
    assert len(end.asked) == 2
    assert end.sent[0] == end.sent[1]
    assert end.last.to.tag
    assert end.asked[0].answered
    assert end.timers.next_due() is None


def test_nobody_to_ask_answers_not_implemented() -> None:
    """A stack whose user is not there yet does not stay silent."""
    end = End()
    fresh = Stack(end.timers, Identifiers(random.Random(1)), lambda flow, data: end.sent.append((flow, data)))
    fresh.receive(FLOW, request().encode())
    assert end.last.status == 501


def test_a_user_that_fails_is_told_of_and_its_request_answered(end: End) -> None:
    """The exception reaches the caller of receive, the peer gets 500, and nothing stays open."""

    def fail(_transaction: Any) -> None:
        raise RuntimeError("ours")

    end.stack.on_request = fail
    with pytest.raises(RuntimeError, match="ours"):
        end.get(request())
    assert end.last.status == 500
    assert end.stack.open_transactions() == []


def test_a_flood_of_requests_does_not_gather_transactions(end: End, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit the oldest finished one is forgotten; an open one never is."""
    monkeypatch.setattr("harness.sip.stack.MAX_SERVER_TRANSACTIONS", 50)
    for number in range(5):
        end.get(request(via=f"SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKopen{number}"))
    end.stack.on_request = lambda transaction: transaction.reply(200)
    for number in range(200):
        end.get(request(via=f"SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK{number}"))
    del end.sent[:]
    assert len(end.stack.open_transactions()) == 5
    for number in range(200):
        end.get(request(via=f"SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK{number}"))
    assert end.stack.statistics().requests_received > 205 + 100


# CANCEL.


def test_a_cancel_is_answered_and_ends_its_invite(end: End) -> None:
    """RFC 3261 9.2: 200 to the CANCEL, 487 to the INVITE, both with one To tag."""
    end.get(request("INVITE"))
    end.get(request("CANCEL"))
    cancel, invite = (parse_message(data) for _, data in end.sent)
    assert isinstance(cancel, Response)
    assert isinstance(invite, Response)
    assert (cancel.status, str(cancel.cseq)) == (200, "1 CANCEL")
    assert (invite.status, str(invite.cseq)) == (487, "1 INVITE")
    assert cancel.to.tag == invite.to.tag


def test_the_user_decides_what_a_cancel_brings_about(end: End) -> None:
    """With on_cancel set, answering 487 is the user's."""
    end.get(request("INVITE"))
    cancelled: list[str] = []
    end.asked[0].on_cancel = lambda: cancelled.append("yes")
    end.get(request("CANCEL"))
    end.get(request("CANCEL"))
    assert cancelled == ["yes"]
    assert [parse_message(data).status for _, data in end.sent] == [200, 200]


def test_a_cancel_that_crosses_the_answer_changes_nothing(end: End) -> None:
    """RFC 3261 9.2: after a final response CANCEL has no effect."""
    end.get(request("INVITE"))
    end.asked[0].on_cancel = lambda: pytest.fail("cancelled after the answer")
    end.asked[0].reply(200)
    end.get(request("CANCEL"))
    assert end.last.status == 200


def test_a_cancel_after_a_refusal_finds_nothing(end: End) -> None:
    """481, as pjsip has it, where RFC 3261 9.2 would have 200."""
    end.get(request("INVITE"))
    end.asked[0].reply(486)
    end.get(request("CANCEL"))
    assert end.last.status == 481


def test_a_cancel_for_nothing_is_refused(end: End) -> None:
    """RFC 3261 9.2: 481; an OPTIONS of that branch is nothing to cancel either."""
    end.get(request("OPTIONS"))
    end.get(request("CANCEL"))
    assert end.last.status == 481
    assert len(end.asked) == 1


# Dialogs.


def dialog_with(end: End, cseq: int = 1) -> tuple[Dialog, list[Any]]:
    """A dialog that came about with a SUBSCRIBE from THEM."""
    dialog = Dialog.uas(request("SUBSCRIBE", cseq=cseq), "bob", contact="<sip:10.0.0.1>")
    got: list[Any] = []
    end.stack.add_dialog(dialog, got.append)
    return dialog, got


def test_a_request_in_a_dialog_goes_to_it_by_call_id_and_tags_alone(end: End) -> None:
    """The From and To URIs are not looked at (RFC 3261 12.2.2, and as measured on Asterisk)."""
    _, got = dialog_with(end)
    inside = request("SUBSCRIBE", to_tag="bob", cseq=2)
    inside.headers.set("From", "<sip:someone.else@nowhere>;tag=alice")
    end.get(inside)
    assert len(got) == 1
    assert end.asked == []
    assert got[0].reply(200).to.tag == "bob"


@pytest.mark.parametrize(
    "other", [{"to_tag": "nobody"}, {"call_id": "other", "to_tag": "bob"}, {"from_tag": "mallory", "to_tag": "bob"}]
)
def test_a_tag_that_matches_no_dialog_is_refused(end: End, other: Any) -> None:
    """RFC 3261 12.2.2: 481."""
    _, got = dialog_with(end)
    end.get(request("SUBSCRIBE", cseq=2, **other))
    assert (end.last.status, end.last.reason) == (481, "Call/Transaction Does Not Exist")
    assert got == end.asked == []


@pytest.mark.parametrize("cseq", [4, 5])
def test_a_stale_cseq_is_refused(end: End, cseq: int) -> None:
    """A CSeq that is not above the last one gets 500 Invalid CSeq, as pjsip answers."""
    dialog, got = dialog_with(end, cseq=5)
    end.get(request("SUBSCRIBE", to_tag="bob", cseq=cseq))
    assert (end.last.status, end.last.reason) == (500, "Invalid CSeq")
    assert got == []
    assert dialog.remote_cseq == 5


def test_a_removed_dialog_is_gone(end: End) -> None:
    """481 from then on; removing it again says that it was not there."""
    dialog, got = dialog_with(end)
    assert end.stack.remove_dialog(dialog)
    assert not end.stack.remove_dialog(dialog)
    end.get(request("SUBSCRIBE", to_tag="bob", cseq=2))
    assert end.last.status == 481
    assert got == []


def test_the_ack_of_a_2xx_reaches_its_dialog_and_asks_for_no_answer(end: End) -> None:
    """It has a branch of its own (RFC 3261 13.2.2.4), and its CSeq is not counted."""
    _, got = dialog_with(end, cseq=9)
    end.get(request("ACK", via="SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKack", to_tag="bob", cseq=9))
    assert [transaction.request.method for transaction in got] == ["ACK"]
    got[0].reply(200)
    assert end.sent == []
    assert end.told == ["response after the final one"]
    assert end.stack.open_transactions() == []


def test_an_ack_for_nothing_is_dropped(end: End) -> None:
    """No answer to an ACK, ever (RFC 3261 17.2.3)."""
    end.get(request("ACK", to_tag="unknown"))
    end.get(request("ACK"))
    assert end.sent == end.asked == []
    assert end.told == ["ACK without a dialog"] * 2


def test_a_dialog_whose_peer_is_not_known_catches_what_comes_first(end: End) -> None:
    """The NOTIFY before the 2xx of its SUBSCRIBE (RFC 6665 4.4.1)."""
    subscribe = request("SUBSCRIBE", from_tag="ours")
    got: list[Any] = []
    end.stack.add_dialog(Dialog.awaited(subscribe), got.append)
    end.get(request("NOTIFY", to_tag="ours", from_tag="theirs"))
    assert [transaction.request.method for transaction in got] == ["NOTIFY"]


# Requests that go out.


def test_a_request_leaves_with_a_via_of_its_own(end: End) -> None:
    """Branch with the magic cookie, rport, and Max-Forwards (RFC 3261 8.1.1); the caller's request is not touched."""
    mine = request()
    mine.headers.remove("Via")
    transaction = end.stack.request(mine, FLOW, lambda outcome: None)
    assert "Via" not in mine.headers
    via = end.last.via
    assert (via.transport, via.host, via.port) == ("UDP", "10.0.0.1", 5060)
    assert via.unique_branch
    assert "rport" in via.params
    assert end.last.headers.get("Max-Forwards") == "70"
    assert transaction.request.via == via


def test_an_ipv6_address_stands_in_brackets(end: End) -> None:
    """RFC 3261 25.1: IPv6reference."""
    flow = Flow("TCP", ("2001:db8::1", 5060), ("2001:db8::2", 5060))
    assert end.stack.via(flow, "z9hG4bKx") == "SIP/2.0/TCP [2001:db8::1]:5060;rport;branch=z9hG4bKx"


def test_a_response_counts_by_branch_and_method(end: End) -> None:
    """RFC 3261 17.1.3: an answer with our branch to another method is not the answer."""
    told: list[Any] = []
    transaction = end.stack.request(request("MESSAGE"), FLOW, told.append)
    answer = response_to(transaction.request, 200)
    wrong = answer.encode().replace(b"1 MESSAGE", b"1 OPTIONS")
    end.get(wrong)
    assert told == []
    assert end.told == ["response without a request"]
    end.get(answer)
    assert [outcome.status for outcome in told] == [200]


@pytest.mark.parametrize(
    ("sent_on", "lost", "told"),
    [
        (STREAM, STREAM, True),
        (STREAM._replace(connection=0), STREAM, True),
        (STREAM, STREAM._replace(connection=6), False),
        (STREAM, STREAM._replace(remote=("10.0.0.3", 1)), False),
        (STREAM, FLOW, False),
        (FLOW, FLOW, True),
    ],
)
def test_a_lost_connection_ends_what_waits_on_it(end: End, sent_on: Flow, lost: Flow, told: bool) -> None:
    """RFC 3261 17.1.4: a request on the connection, or on an unnamed one to the same peer, fails at once."""
    outcomes: list[Any] = []
    end.stack.request(request("MESSAGE"), sent_on, outcomes.append)
    end.stack.send_prepared(b"z9hG4bKp", b"NOTIFY x SIP/2.0\r\n\r\n", sent_on, lambda *answer: outcomes.append(answer))
    end.stack.connection_lost(lost)
    assert [getattr(one, "status", one) for one in outcomes] == ([(503, b""), 503] if told else [])


def test_a_callback_that_fails_on_a_lost_connection_keeps_no_other_from_being_told(end: End) -> None:
    """All are told; the exceptions come afterwards."""
    told: list[Any] = []

    def fail(_outcome: Any) -> None:
        told.append("failed")
        raise RuntimeError("ours")

    end.stack.request(request("MESSAGE"), STREAM, fail)
    end.stack.request(request("MESSAGE"), STREAM, told.append)
    with pytest.raises(RuntimeError, match="ours"):
        end.stack.connection_lost(STREAM)
    assert len(told) == 2
    end.stack.request(request("MESSAGE"), STREAM, fail)
    end.stack.request(request("MESSAGE"), STREAM, fail)
    with pytest.raises(ExceptionGroup):
        end.stack.connection_lost(STREAM)


# Malformed input.


def test_a_malformed_request_is_answered_without_state(end: End) -> None:
    """What can be answered gets its 400 where it came from, and is told."""
    broken = request().encode().replace(b"CSeq: 1 OPTIONS", b"CSeq: 1 INVITE")
    end.get(broken)
    end.get(broken)
    assert end.last.status == 400
    assert end.sent[0] == end.sent[1]
    assert end.last.via.params["received"] == "10.0.0.2"
    assert end.told == ["malformed", "malformed"]
    assert end.asked == end.stack.open_transactions() == []
    assert end.stack.statistics().malformed == 2


@pytest.mark.parametrize("data", [b"", b"\r\n\r\n", b"\0\0\0\0", b"  "])
def test_keep_alives_are_passed_over(end: End, data: bytes) -> None:
    """RFC 5626 3.5.1: neither answered nor told."""
    end.get(data)
    assert end.sent == []
    assert end.told == []


@pytest.mark.parametrize(
    "data",
    [
        b"garbage",
        b"SIP/2.0 200 OK\r\n\r\n",
        b"SIP/2.0 \r\n\r\n",
        b"SIP/2.0 2x0 OK\r\nVia: SIP/2.0/UDP 1.2.3.4;branch=z9hG4bKp\r\n\r\n",
        request("ACK").encode().replace(b"CSeq: 1 ACK", b"CSeq: 1 BYE"),
    ],
)
def test_what_cannot_be_answered_is_dropped_and_told(end: End, data: bytes) -> None:
    """Garbage, broken responses, and a broken ACK."""
    end.stack.send_prepared(b"z9hG4bKp", PREPARED, FLOW, lambda *answer: pytest.fail("taken for an answer"))
    del end.sent[:]
    end.get(data)
    assert end.sent == []
    assert end.told == ["malformed"]


@given(st.binary(max_size=400), st.integers(0, 300))
def test_no_bytes_bring_an_exception(noise: bytes, at: int) -> None:
    """Whatever is written over a good message, it is answered, taken or dropped."""
    end = End()
    end.stack.send_prepared(b"z9hG4bKp", PREPARED, FLOW, lambda status, data: None)
    for whole in (request("INVITE").encode(), answer_to_prepared()):
        end.get(whole[:at] + noise + whole[at + len(noise) :])


# Prepared requests.

PREPARED = (
    b"NOTIFY sip:alice@10.0.0.2:5062 SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bKp\r\n"
    b"From: <sip:bob@10.0.0.1>;tag=bob\r\nTo: <sip:alice@10.0.0.2>;tag=alice\r\n"
    b"Call-ID: call\r\nCSeq: 12 NOTIFY\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
)


def answer_to_prepared(
    status: bytes = b"200 OK",
    via: bytes = b"Via: SIP/2.0/UDP 10.0.0.1:5060;rport=5060;received=10.0.0.1;branch=z9hG4bKp\r\n",
    cseq: bytes = b"CSeq: 12 NOTIFY\r\n",
    body: bytes = b"",
) -> bytes:
    return (
        b"SIP/2.0 " + status + b"\r\n" + via + b"From: <sip:bob@10.0.0.1>;tag=bob\r\n"
        b"To: <sip:alice@10.0.0.2>;tag=alice\r\nCall-ID: call\r\n" + cseq
        + b"Content-Length: %d\r\n\r\n" % len(body) + body
    )  # fmt: skip


class Prepared(End):
    """An end that has sent one prepared NOTIFY."""

    def __init__(self, flow: Flow = FLOW) -> None:
        super().__init__()
        self.answers: list[tuple[int, bytes]] = []
        self.stack.send_prepared(b"z9hG4bKp", PREPARED, flow, lambda *answer: self.answers.append(answer))


def test_a_prepared_request_is_done_with_its_first_final_answer() -> None:
    """The caller gets the status and the bytes; a late repeat matches nothing; no timer is left."""
    end = Prepared()
    assert [(one.method, one.side) for one in end.stack.open_transactions()] == [("NOTIFY", "client")]
    end.get(answer_to_prepared())
    end.get(answer_to_prepared())
    assert end.answers == [(200, answer_to_prepared())]
    assert end.told == ["response without a request"]
    assert end.stack.open_transactions() == []
    assert end.timers.next_due() is None


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
@pytest.mark.parametrize("provisional_at", [None, 0.2, 2.0])
def test_a_prepared_request_is_repeated_as_any_other(transport: Any, provisional_at: float | None) -> None:
    """The same bytes at the same times as the table's: timers E and F are not written twice in two ways."""
    times: list[list[float]] = []
    ends: list[str] = []
    for prepared in (True, False):
        end = End()
        moments: list[float] = []
        end.stack._send = end.stack._prepared.transmit = lambda flow, data, m=moments, e=end: m.append(e.timers.now)
        flow = Flow(transport, US, THEM)
        if prepared:
            end.stack.send_prepared(b"z9hG4bKp", PREPARED, flow, lambda status, data: ends.append(f"{status}"))
            trying = answer_to_prepared(b"100 Trying")
        else:
            sent = end.stack.request(
                request("NOTIFY"), flow, lambda outcome: ends.append(f"{outcome.status}")
            ).request
            trying = response_to(sent, 100).encode()
        if provisional_at is not None:
            end.elapse(provisional_at)
            end.get(trying)
        end.elapse(60)
        times.append(moments)
    assert times[0] == times[1]
    assert len(times[0]) == (1 if transport == "TCP" else 11 if provisional_at is None else len(times[0]))
    assert [word for word in ends if word != "100"] == ["408", "408"]


def test_the_deadline_of_a_prepared_request_is_32_seconds() -> None:
    """Timer F: 64*T1, told as 408 without bytes."""
    end = Prepared()
    end.elapse(31.99)
    assert end.answers == []
    assert len(end.sent) == 11
    end.elapse(0.02)
    assert end.answers == [(408, b"")]
    assert end.timers.next_due() is None


SLOW = {
    "compact names": answer_to_prepared(via=b"v: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKp\r\n"),
    "names in capitals": answer_to_prepared(cseq=b"CSEQ: 12  NOTIFY\r\n"),
    "a folded Via": answer_to_prepared(via=b"Via: SIP/2.0/UDP 10.0.0.1:5060\r\n ;branch=z9hG4bKp\r\n"),
    "blanks around the branch": answer_to_prepared(via=b"Via: SIP/2.0/UDP 10.0.0.1:5060; branch = z9hG4bKp \r\n"),
    "a Via that is not first": b"SIP/2.0 200 OK\r\nServer: x\r\n" + answer_to_prepared()[16:],
    "a quoted comma before the branch": answer_to_prepared(
        via=b'Via: SIP/2.0/UDP 10.0.0.1:5060;x=",";branch=z9hG4bKp\r\n'
    ),
    "a second Via value": answer_to_prepared(
        via=b"Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKp, SIP/2.0/UDP 10.9.9.9;branch=z9hG4bKq\r\n"
    ),
}


@pytest.mark.parametrize("data", SLOW.values(), ids=SLOW.keys())
def test_an_answer_in_any_spelling_is_found(data: bytes) -> None:
    """What the quick look leaves in doubt, the parser decides."""
    end = Prepared()
    end.get(data)
    assert end.answers == [(200, data)]


FOOLING = {
    "the branch in the second Via": answer_to_prepared(
        via=b"Via: SIP/2.0/UDP 10.9.9.9;branch=z9hG4bKq\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKp\r\n"
    ),
    "the branch in a second value": answer_to_prepared(
        via=b"Via: SIP/2.0/UDP 10.9.9.9, SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKp\r\n"
    ),
    "the branch in quotes": answer_to_prepared(
        via=b'Via: SIP/2.0/UDP 10.0.0.1;x=";branch=z9hG4bKp";branch=z9hG4bKq\r\n'
    ),
    "a longer branch": answer_to_prepared(via=b"Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKpp\r\n"),
    "another method": answer_to_prepared(cseq=b"CSeq: 12 SUBSCRIBE\r\n"),
    "the method in the body": answer_to_prepared(cseq=b"CSeq: 12 MESSAGE\r\n", body=b"\r\nCSeq: 12 NOTIFY\r\n"),
    "a top Via in compact form": answer_to_prepared(
        via=b"v: SIP/2.0/UDP 10.9.9.9;branch=z9hG4bKq\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKp\r\n"
    ),
}


@pytest.mark.parametrize("data", FOOLING.values(), ids=FOOLING.keys())
def test_a_prepared_request_is_not_fooled(data: bytes) -> None:
    """The branch counts in the top Via alone, and the method is the one that was sent (RFC 3261 17.1.3)."""
    end = Prepared()
    end.get(data)
    assert end.answers == []
    assert len(end.stack.open_transactions()) == 1


def test_a_finished_prepared_request_holds_nothing() -> None:
    """Neither the bytes nor what its callback knew are kept until the timer would have been due."""

    class Subscription:
        def told(self, _status: int, _data: bytes) -> None: ...

    end = End()
    subscription = Subscription()
    gone = weakref.ref(subscription)
    end.stack.send_prepared(b"z9hG4bKp", PREPARED, FLOW, subscription.told)
    del subscription
    end.get(answer_to_prepared())
    assert gone() is None


def test_a_prepared_callback_that_fails_leaves_the_stack_whole() -> None:
    """The exception reaches the caller; the request is done all the same."""
    end = End()

    def fail(_status: int, _data: bytes) -> None:
        raise RuntimeError("ours")

    end.stack.send_prepared(b"z9hG4bKp", PREPARED, FLOW, fail)
    with pytest.raises(RuntimeError, match="ours"):
        end.get(answer_to_prepared())
    assert end.stack.open_transactions() == []
    assert end.timers.next_due() is None


def test_what_is_sent_and_received_is_counted() -> None:
    """Requests both ways, responses, and what was sent again."""
    end = Prepared()
    end.stack.request(request("MESSAGE"), FLOW, lambda outcome: None)
    end.elapse(0.6)
    end.get(request())
    end.get(answer_to_prepared())
    assert end.stack.statistics() == (2, 1, 1, 2, 0)
    assert end.stack.open_transactions() == [
        OpenTransaction("client", "MESSAGE", "Trying", FLOW),
        OpenTransaction("server", "OPTIONS", "Trying", FLOW),
    ]


# The client, and the 2xx of an INVITE, over a wire.


class Registrar:
    """Answers what knows the password."""

    def __init__(self, stack: Stack, lifetime: float = 32.0, status: int = 401) -> None:
        self.stack = stack
        self.status = status
        self.accepted: list[Request] = []
        self.refused = 0
        noise = random.Random(3).randbytes
        self.challenger = Challenger("asterisk", lambda: stack.timers.now, noise, lifetime=lifetime)
        stack.on_request = self._asked

    def _asked(self, transaction: Any) -> None:
        row = transaction.request.headers.get("Authorization" if self.status == 401 else "Proxy-Authorization")
        verdict = Verdict.UNKNOWN
        if row is not None:
            verdict = self.challenger.verify(
                Credentials.parse(row), transaction.request.method, None, b"",
                lambda user, realm, algorithm: secret_hash(user, realm, "secret", algorithm),
            )  # fmt: skip
        if verdict is Verdict.GOOD:
            self.accepted.append(transaction.request)
            transaction.reply(200)
            return
        self.refused += 1
        name = "WWW-Authenticate" if self.status == 401 else "Proxy-Authenticate"
        rows = [(name, value) for value in self.challenger.challenges(verdict is Verdict.STALE)]
        transaction.reply(self.status, headers=rows)


def client_on(wire: Any, password: str = "secret", **options: Any) -> tuple[Client, Registrar]:
    account = Account("alice", password, lambda: "c0ffee")
    return Client(wire.stack(US), account), Registrar(wire.stack(THEM), **options)


@pytest.mark.parametrize("status", [401, 407])
def test_a_client_answers_a_challenge_and_remembers_it(wire: Any, status: int) -> None:
    """REGISTER, 401, REGISTER with CSeq one higher, 200; the next request carries credentials at once."""
    client, registrar = client_on(wire, status=status)
    outcomes: list[Any] = []
    first = client.build("REGISTER", "sip:10.0.0.2", "<sip:alice@10.0.0.2>", cseq=10)
    client.request(first, FLOW, outcomes.append)
    wire.settle()
    assert wire.lines() == ["0 REGISTER", f"0 {status}", "0 REGISTER", "0 200"]
    client.request(client.build("MESSAGE", "sip:bob@10.0.0.2", "<sip:alice@10.0.0.2>"), FLOW, outcomes.append)
    wire.settle()
    assert [outcome.status for outcome in outcomes] == [200, 200]
    assert registrar.refused == 1
    assert outcomes[0].cseq == (11, "REGISTER")
    assert len({one.call_id for one in wire.messages()[:4]}) == 1
    assert len({one.via.branch for one in wire.messages() if isinstance(one, Request)}) == 3


def test_a_client_takes_a_wrong_password_for_an_answer(wire: Any) -> None:
    """Two requests and no more (RFC 3261 22.2)."""
    client, registrar = client_on(wire, password="wrong")
    outcomes: list[Any] = []
    client.request(client.build("REGISTER", "sip:10.0.0.2", "<sip:alice@10.0.0.2>"), FLOW, outcomes.append)
    wire.elapse(10)
    assert [outcome.status for outcome in outcomes] == [401]
    assert registrar.refused == 2


def test_a_nonce_that_grew_old_costs_one_more_round(wire: Any) -> None:
    """RFC 7616 3.3: stale means the same password with the new nonce."""
    client, registrar = client_on(wire)
    outcomes: list[Any] = []
    for _ in range(2):
        client.request(client.build("REGISTER", "sip:10.0.0.2", "<sip:alice@10.0.0.2>"), FLOW, outcomes.append)
        wire.elapse(100)
    assert [outcome.status for outcome in outcomes] == [200, 200]
    assert registrar.refused == 2


def test_a_client_without_an_account_passes_the_challenge_on(wire: Any) -> None:
    """The 401 is the outcome."""
    client, registrar = client_on(wire)
    client.account = None
    outcomes: list[Any] = []
    client.request(client.build("REGISTER", "sip:10.0.0.2", "<sip:alice@10.0.0.2>"), FLOW, outcomes.append)
    wire.settle()
    assert [outcome.status for outcome in outcomes] == [401]
    assert registrar.refused == 1


def test_a_dropped_exchange_neither_tells_nor_repeats(wire: Any) -> None:
    """Who gave up is not told, and no second request goes out on its behalf."""
    client, registrar = client_on(wire)
    request_ = client.build("REGISTER", "sip:10.0.0.2", "<sip:alice@10.0.0.2>")
    client.request(request_, FLOW, lambda outcome: pytest.fail("told")).drop()
    wire.elapse(40)
    assert registrar.refused == 1
    assert registrar.accepted == []
