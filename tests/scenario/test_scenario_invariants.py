"""What must hold after every scenario, read off SIP bytes."""

from harness.net.trace import Trace
from harness.scenario.invariants import read, violations
from tests.scenario.fakes import response, sip

SERVER, PHONE = ("10.0.0.1", 5060), ("10.0.1.1", 5060)


def traced(*messages):
    trace = Trace()
    trace.names.update({SERVER: "server", PHONE: "bob"})
    for hop, source, destination, data in messages:
        trace.add(hop, source, destination, "UDP", data)
    return trace


def subscribe():
    return sip("SUBSCRIBE sip:2000@server SIP/2.0", "s1", "call", "", "1 SUBSCRIBE", b"")


def notify(cseq, call="call", branch=None):
    return sip("NOTIFY sip:bob@phone SIP/2.0", branch or f"n{cseq}", call, call, f"{cseq} NOTIFY", b"",
               "From: <sip:2000@server>;tag=srv")  # fmt: skip


def over(data, source, destination):
    return [("sip", source, destination, data), ("arrived", source, destination, data)]


def story(*notifies):
    messages = over(subscribe(), PHONE, SERVER) + over(response(subscribe(), 200), SERVER, PHONE)
    for data in notifies:
        messages += over(data, SERVER, PHONE) + over(response(data, 200), PHONE, SERVER)
    return traced(*messages)


def test_a_proper_dialog_holds():
    """Numbered one by one, all answered, a retransmission among them."""
    assert violations(story(notify(1), notify(2), notify(2), notify(3))) == []


def test_a_gap_in_cseq_is_told():
    """RFC 3261 12.2.1.1."""
    said = "NOTIFY (server -> bob, event 9) has CSeq 3 after 1 in its dialog"
    assert violations(story(notify(1), notify(3))) == [said]


def test_a_cseq_that_falls_is_told():
    """Unless it is an older request, sent again."""
    assert "has CSeq 1 after 2" in violations(story(notify(2), notify(1)))[0]
    assert violations(story(notify(1), notify(2), notify(1))) == []


def within(method, cseq, branch, to_tag="srv"):
    """A request of bob in the call that his INVITE, number 4, has opened."""
    return sip(f"{method} sip:2000@server SIP/2.0", branch, "call", to_tag, f"{cseq} {method}", b"")


def call(*requests):
    """Bob's INVITE and what he sends after it; each request is answered as it says, with 200 if it does not."""
    messages = []
    for request in (within("INVITE", 4, "i4", ""), *requests):
        data, status = request if isinstance(request, tuple) else (request, 200)
        messages += over(data, PHONE, SERVER) + over(response(data, status), SERVER, PHONE)
    return traced(*messages)


def test_two_requests_with_one_number_are_told():
    """A new branch is a new request: only a copy keeps its number (RFC 3261 12.2.1.1)."""
    told = violations(call(within("INFO", 5, "a"), within("INFO", 5, "b"), within("BYE", 5, "c")))
    assert told == [
        "INFO (bob -> server, event 9) has CSeq 5 after 5 in its dialog",
        "BYE (bob -> server, event 13) has CSeq 5 after 5 in its dialog",
    ]


def test_a_request_counts_on_from_the_one_that_opened_its_dialog():
    """A BYE with the number of its INVITE is told, one with the next is not; a fork is a dialog of its own."""
    assert violations(call(within("BYE", 4, "b"))) == ["BYE (bob -> server, event 5) has CSeq 4 after 4 in its dialog"]
    assert violations(call(within("BYE", 5, "b"), within("BYE", 5, "c", "fork"))) == []


def test_ack_and_cancel_have_the_number_of_their_invite():
    """RFC 3261 13.2.2.4 and 9.1; they leave the count as it is."""
    assert violations(call(within("CANCEL", 4, "i4"), within("ACK", 4, "a4"), within("BYE", 5, "b"))) == []


def test_a_request_repeated_with_credentials_has_the_next_number():
    """RFC 3261 22.2: it is a new request, so the old number is told."""
    refused = (within("INFO", 5, "a"), 401)
    assert violations(call(refused, within("INFO", 6, "b"))) == []
    assert "has CSeq 5 after 5" in violations(call(refused, within("INFO", 5, "b")))[0]


def test_a_response_needs_its_request():
    """Sent to nothing that arrived, or come for nothing that was sent."""
    assert violations(traced(("sip", SERVER, PHONE, response(subscribe(), 200)))) == [
        "200 to SUBSCRIBE (server -> bob, event 1) answers a request that never arrived"
    ]
    assert "never sent" in violations(traced(("arrived", SERVER, PHONE, response(subscribe(), 200))))[0]


def test_a_notify_belongs_to_a_subscription_or_is_answered_481():
    """RFC 6665 4.1.3."""
    stranger = notify(1, "other")
    told = violations(traced(*over(stranger, SERVER, PHONE)))
    assert told == ["NOTIFY (server -> bob, event 1) belongs to no subscription"]
    answered = traced(*over(stranger, SERVER, PHONE), *over(response(stranger, 481), PHONE, SERVER))
    assert violations(answered) == []


def test_compact_forms_are_read():
    """As RFC 3261 7.3.3 names them."""
    head = b"NOTIFY sip:a SIP/2.0\r\nv: SIP/2.0/UDP h;branch=z9\r\n"
    data = head + b"f: <sip:a>;tag=x\r\nt: <sip:b>;tag=y\r\ni: c\r\nCSeq: 4 NOTIFY\r\n\r\n"
    told = read(traced(("sip", SERVER, PHONE, data)).events[0])
    assert (told.branch, told.from_tag, told.to_tag, told.call_id, told.cseq) == (b"z9", b"x", b"y", b"c", 4)


def test_what_is_no_message_is_passed_over():
    """Keep-alives, noise, and events that carry no bytes."""
    trace = traced(("arrived", SERVER, PHONE, b"\r\n\r\n"), ("arrived", SERVER, PHONE, b"\x00\xff noise"),
                   ("core", "server", "server", {"what": "published"}))  # fmt: skip
    assert violations(trace) == []
