"""Messages read, built and written: RFC 3261 7, 8.2.6, 18.3, 20."""

from __future__ import annotations

import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.sip.flow import Flow
from harness.sip.grammar import GrammarError, quote
from harness.sip.headers import LISTS, Headers, canonical
from harness.sip.identifiers import Identifiers
from harness.sip.message import (
    MAX_HEADERS,
    MAX_MESSAGE,
    MAX_URI,
    CSeq,
    Event,
    Malformed,
    Request,
    Response,
    Via,
    parse_message,
    response_to,
)
from harness.sip.parts import MAX_CSEQ, read_uint32
from harness.sip.uri import NameAddr

SUBSCRIBE = (
    b"SUBSCRIBE sip:2000@10.0.0.1 SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 10.0.0.5:5061;rport;branch=z9hG4bKabc\r\n"
    b"Max-Forwards: 70\r\n"
    b'From: "Alice" <sip:alice@10.0.0.1>;tag=1\r\n'
    b"To: <sip:2000@10.0.0.1>\r\n"
    b"Call-ID: c1\r\n"
    b"CSeq: 7 SUBSCRIBE\r\n"
    b"Contact: <sip:alice@10.0.0.5:5061>\r\n"
    b"Event: presence;id=9\r\n"
    b"Expires: 3600\r\n"
    b"Accept: application/pidf+xml\r\n"
    b"Content-Length: 0\r\n"
    b"\r\n"
)


def with_line(line: bytes, data: bytes = SUBSCRIBE) -> bytes:
    """One more header, above Content-Length."""
    return data.replace(b"Content-Length", line + b"\r\nContent-Length")


def subscribe(data: bytes = SUBSCRIBE) -> Request:
    message = parse_message(data)
    assert isinstance(message, Request)
    return message


def refusal(data: bytes) -> Malformed:
    with pytest.raises(Malformed) as caught:
        parse_message(data)
    return caught.value


def read(data: bytes) -> Request | Response | Malformed:
    """A refusal as a value."""
    try:
        return parse_message(data)
    except Malformed as malformed:
        return malformed


TOKENS = st.from_regex(r"[A-Za-z0-9.!%*_+`'~\-]{1,12}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=30).map(
    lambda text: text.strip(" \t")
)
NAMES = TOKENS.map(canonical).filter(
    lambda name: (
        name
        not in {"Via", "From", "To", "Call-ID", "CSeq", "Contact", "Content-Length", "Max-Forwards", "Content-Type"}
        and name not in {"Event", "Expires", "Min-Expires", "Subscription-State"}
    )
)


@st.composite
def messages(draw: st.DrawFn) -> Request | Response:
    method = draw(TOKENS)
    rows = [
        ("Via", f"SIP/2.0/UDP {draw(st.sampled_from(['h', '10.0.0.1:5060', '[::1]:9']))};branch={draw(TOKENS)}"),
        ("From", str(NameAddr(draw(TEXTS), "sip:a@h", {"tag": draw(TOKENS)}))),
        ("To", str(NameAddr(draw(TEXTS), "tel:+1"))),
        ("Call-ID", draw(TOKENS)),
        ("CSeq", f"{draw(st.integers(0, MAX_CSEQ))} {method}"),
        *draw(st.lists(st.tuples(NAMES, TEXTS), max_size=6)),
    ]
    headers, body = Headers(draw(st.permutations(rows))), draw(st.binary(max_size=40))
    headers.add("Content-Length", str(len(body)))
    if draw(st.booleans()):
        return Request(method, f"sip:{draw(st.from_regex('[a-z]{1,5}', fullmatch=True))}@h", headers, body)
    return Response(draw(st.integers(100, 699)), draw(TEXTS), headers, body)


@given(messages())
def test_a_message_is_read_as_it_was_written(message: Request | Response) -> None:
    """Writing and reading a message gives the same message."""
    assert parse_message(message.encode()) == message


@given(messages(), st.integers(0, 2**32))
def test_folds_and_line_ends_change_nothing(message: Request | Response, seed: int) -> None:
    """With LF alone, or with a line folded at a blank in a value, the message is the same."""
    head, _, body = message.encode().partition(b"\r\n\r\n")
    assert parse_message(head.replace(b"\r\n", b"\n") + b"\n\n" + body) == message
    folded = head.replace(b": ", b":\r\n \t ")
    if not any(": " in value for _, value in message.headers) and b": " not in head.partition(b"\r\n")[0]:
        assert parse_message(folded + b"\r\n\r\n" + body) == message


@given(st.one_of(st.binary(max_size=200), messages().map(lambda message: message.encode())), st.data())
@example(b"INVITE sip:a@h SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n\r\n", None)
def test_any_bytes_are_a_message_or_malformed(data: bytes, draw: st.DataObject | None) -> None:
    """No bytes raise anything but Malformed, and what is to be answered can be answered."""
    if draw is not None and data:
        at = draw.draw(st.integers(0, len(data) - 1))
        data = data[:at] + draw.draw(st.binary(max_size=6)) + data[at + draw.draw(st.integers(0, 8)) :]
    message = read(data)
    if isinstance(message, Malformed):
        assert (message.status is None) == (message.request is None)
        if message.request is not None and message.status is not None:
            assert message.request.via.host
            assert response_to(message.request, message.status, to_tag="t").encode()
        return
    assert message.via.host
    assert message.from_.uri
    assert message.to.uri
    assert message.call_id
    assert message.cseq.method
    assert (message.event, message.expires, message.content_type) is not None
    if isinstance(message, Request):
        assert isinstance(message.contacts, list)
        assert response_to(message, 200, to_tag="t").encode()
    assert parse_message(message.encode()).cseq == message.cseq


def test_values_of_a_subscribe() -> None:
    """The values that every user agent needs are read with their types."""
    request = subscribe()
    assert (request.method, request.uri) == ("SUBSCRIBE", "sip:2000@10.0.0.1")
    assert request.via == Via("UDP", "10.0.0.5", 5061, {"rport": None, "branch": "z9hG4bKabc"})
    assert request.from_ == NameAddr("Alice", "sip:alice@10.0.0.1", {"tag": "1"})
    assert (request.to.tag, request.call_id, request.cseq) == (None, "c1", CSeq(7, "SUBSCRIBE"))
    assert request.event == Event("presence", {"id": "9"})
    assert request.event.id == "9"
    assert request.expires == 3600
    assert request.contact == NameAddr("", "sip:alice@10.0.0.5:5061")
    assert request.encode() == SUBSCRIBE


def test_headers_keep_order_and_text() -> None:
    """Unknown names keep their spelling, values their exact text, and writing gives long names."""
    data = with_line(b"x-Foo:  a,  b ;c\r\nk: path,  100rel\r\nSUBJECT: a, b")
    request = subscribe(data)
    assert list(request.headers)[-4:] == [
        ("x-Foo", "a,  b ;c"),
        ("Supported", "path,  100rel"),
        ("Subject", "a, b"),
        ("Content-Length", "0"),
    ]
    assert request.headers.get("X-FOO") == "a,  b ;c"
    assert request.encode() == with_line(b"x-Foo: a,  b ;c\r\nSupported: path,  100rel\r\nSubject: a, b")


@pytest.mark.parametrize(
    ("line", "name", "values"),
    [
        (b"Allow: INVITE, ACK,BYE\r\nAllow: INFO", "Allow", ["INVITE", "ACK", "BYE", "INFO"]),
        (b'Route: "a,b" <sip:c,d@e>, <sip:f;lr>', "Route", ['"a,b" <sip:c,d@e>', "<sip:f;lr>"]),
        (b"Date: Sat, 13 Nov 2010 23:29:00 GMT", "Date", ["Sat, 13 Nov 2010 23:29:00 GMT"]),
        (b'WWW-Authenticate: Digest realm="a", nonce="b"', "www-authenticate", ['Digest realm="a", nonce="b"']),
        (b"User-Agent: a, b", "User-Agent", ["a, b"]),
        (b"X-Any: a, b", "X-Any", ["a, b"]),
        (b"Supported:", "Supported", []),
        (b"Allow: ,, INVITE ,,", "Allow", ["INVITE"]),
    ],
)
def test_only_lists_are_split(line: bytes, name: str, values: list[str]) -> None:
    """Rows of list headers are joined and split; commas of other headers are text."""
    assert subscribe(with_line(line)).headers.all(name) == values


def test_compact_names() -> None:
    """Each compact name of RFC 3261 and its extensions stands for its long one, in any case."""
    compact = SUBSCRIBE
    for name, short in {b"Via": b"v", b"From": b"F", b"To": b"t", b"Call-ID": b"I", b"Contact": b"m",
                        b"Event": b"o", b"Content-Length": b"l"}.items():  # fmt: skip
        compact = compact.replace(b"\r\n" + name + b":", b"\r\n" + short + b" :")
    assert compact != SUBSCRIBE
    assert subscribe(compact) == subscribe()


def test_line_breaks_before_a_message_are_skipped() -> None:
    """CRLFs that kept a path open may stand before the start line."""
    assert subscribe(b"\r\n\r\n\n" + SUBSCRIBE) == subscribe()


def test_the_last_empty_line_may_be_missing() -> None:
    """A message without a body is read even where its last line break is cut off."""
    for missing in (1, 2, 4):
        assert subscribe(SUBSCRIBE[:-missing]) == subscribe()


def test_body_and_content_length() -> None:
    """Larger than the data: 400. Smaller: the body is cut. Missing: all of the rest is body."""
    body = bytes(range(256))

    def carrying(length: bytes) -> bytes:
        return SUBSCRIBE.replace(b"Content-Length: 0\r\n", length) + body

    assert subscribe(carrying(b"Content-Length: 256\r\n")).body == body
    assert subscribe(carrying(b"Content-Length: 0009\r\n")).body == body[:9]
    assert subscribe(carrying(b"")).body == body
    assert subscribe(carrying(b"l: 256\r\nContent-Length: 256\r\n")).body == body
    for wrong in (b"257", b"-1", b"1.5", b"", b"9" * 5000, "٣".encode()):
        assert refusal(carrying(b"Content-Length: %s\r\n" % wrong)).status == 400


@pytest.mark.parametrize("name", [b"From", b"To", b"Call-ID", b"CSeq"])
def test_a_missing_header_is_answered_400(name: bytes) -> None:
    """What lacks a mandatory header is still answered to its Via."""
    malformed = refusal(SUBSCRIBE.replace(name + b":", b"X-" + name + b":"))
    assert malformed.status == 400
    assert name.decode() in malformed.reason
    assert malformed.request is not None
    answer = response_to(malformed.request, 400)
    assert answer.headers.get("Via") == "SIP/2.0/UDP 10.0.0.5:5061;rport;branch=z9hG4bKabc"
    assert name.decode() not in answer.headers


@pytest.mark.parametrize("name", [b"From", b"To", b"Call-ID", b"CSeq", b"Max-Forwards", b"Event", b"Expires"])
def test_a_header_that_may_stand_once_is_refused_twice(name: bytes) -> None:
    """Two values of which only one can be meant: 400."""
    second = {b"CSeq": b"8 SUBSCRIBE", b"Max-Forwards": b"3", b"Expires": b"4", b"Event": b"dialog", b"Call-ID": b"c2"}
    malformed = refusal(with_line(b"%s: %s" % (name, second.get(name, b"<sip:x@h>"))))
    assert (malformed.status, malformed.reason) == (400, f"{name.decode()} twice")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Via: SIP/2.0/UDP 10.0.0.5:5061;rport;branch=z9hG4bKabc", b"Via: nonsense"),
        (b"Via:", b"X-Via:"),
        (b"10.0.0.5:5061;rport", b"10.0.0.5:99999;rport"),
        (b"SUBSCRIBE sip:2000@10.0.0.1 SIP/2.0", b"GET / HTTP/1.1"),
        (b"SUBSCRIBE sip:2000@10.0.0.1 SIP/2.0", b"hello"),
        (b"Alice", b"Al\rice"),
        (b"SUBSCRIBE sip:2000@10.0.0.1 SIP/2.0", b"SIP/2.0 99 Low"),
        (b"SUBSCRIBE sip:2000@10.0.0.1 SIP/2.0", b"SIP/2.0 700 High"),
        (b"SUBSCRIBE sip:2000@10.0.0.1 SIP/2.0", b"SIP/3.0 200 OK"),
    ],
)
def test_what_cannot_be_answered_is_dropped(old: bytes, new: bytes) -> None:
    """No readable Via, or no SIP at all: nothing to answer to."""
    assert old in SUBSCRIBE
    assert refusal(SUBSCRIBE.replace(old, new)).status is None


def test_an_ack_is_never_answered() -> None:
    """A wrong ACK is dropped, as the same wrong SUBSCRIBE is not."""
    wrong = SUBSCRIBE.replace(b"CSeq: 7", b"CSeq: x")
    assert refusal(wrong).status == 400
    assert refusal(wrong.replace(b"SUBSCRIBE", b"ACK")).status is None


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        (b"SIP/2.0\r\nVia", b"SIP/2.1\r\nVia", 505),
        (b"SIP/2.0\r\nVia", b"SIP/20.0\r\nVia", 505),
        (b"sip:2000@10.0.0.1 SIP", b"sip:%s@10.0.0.1 SIP" % (b"a" * MAX_URI), 414),
        (b"sip:2000@10.0.0.1 SIP", b"sip:2000@ SIP", 400),
        (b"sip:2000@10.0.0.1 SIP", b'sip:"2000"@10.0.0.1 SIP', 400),
        (b"Accept: application/pidf+xml", b"Accept", 400),
        (b"Accept: application/pidf+xml", b"Acc ept: x", 400),
        (b"Accept: application/pidf+xml", b": x", 400),
        (b"SIP/2.0\r\nVia", b"SIP/2.0\r\n folded\r\nVia", 400),
        (b"CSeq: 7", b"CSeq: 2147483648", 400),
        (b"CSeq: 7 SUBSCRIBE", b"CSeq: 7 subscribe", 400),
        (b"Call-ID: c1", b"Call-ID: c 1", 400),
        (b"Max-Forwards: 70", b"Max-Forwards: 256", 400),
        (b"Max-Forwards: 70", b"Max-Forwards: many", 400),
        (b"Contact: <sip:alice@10.0.0.5:5061>", b"Contact: <sip:alice@>", 400),
        (b"Accept: application/pidf+xml", b"Contact: <sip:a@h>, nonsense", 400),
        (b"From: ", b"From: <", 400),
        (b"Accept: application/pidf+xml", b"\r\n".join([b"X: y"] * MAX_HEADERS), 513),
    ],
)
def test_what_is_answered(old: bytes, new: bytes, status: int) -> None:
    """Each fault has its status, and the answer goes to the Via that came."""
    assert old in SUBSCRIBE
    malformed = refusal(SUBSCRIBE.replace(old, new))
    assert malformed.status == status
    assert malformed.request is not None
    assert malformed.request.via.host == "10.0.0.5"


def test_sizes_have_limits() -> None:
    """A message larger than a datagram is answered 513, endless headers are dropped."""
    assert refusal(SUBSCRIBE.replace(b"Content-Length: 0\r\n", b"") + b"x" * MAX_MESSAGE).status == 513
    assert refusal(b"SUBSCRIBE " + b"a" * MAX_MESSAGE).status is None
    assert subscribe(with_line(b"\r\n".join([b"X: y"] * (MAX_HEADERS - 20)))).headers.all("X")[0] == "y"


def test_lenient_version_and_phrase() -> None:
    """The version's name is read in any case, and a status line may end with its code."""
    assert subscribe(SUBSCRIBE.replace(b"SIP/2.0\r\nVia", b"sip/2.0\r\nVia")) == subscribe()
    response = parse_message(SUBSCRIBE.replace(b"SUBSCRIBE sip:2000@10.0.0.1 SIP/2.0", b"SIP/2.0 200"))
    assert isinstance(response, Response)
    assert (response.status, response.reason) == (200, "")


def test_a_response_with_a_wrong_contact_is_kept() -> None:
    """Only what a transaction needs is checked in a response; the Contact raises when asked for."""
    start = b"SUBSCRIBE sip:2000@10.0.0.1 SIP/2.0"
    data = SUBSCRIBE.replace(start, b"SIP/2.0 200 OK").replace(b"<sip:alice@10.0.0.5:5061>", b"nonsense")
    response = parse_message(data)
    with pytest.raises(GrammarError):
        _ = response.contacts


def test_contact_star() -> None:
    """`*` is no address, and not malformed."""
    request = subscribe(SUBSCRIBE.replace(b"<sip:alice@10.0.0.5:5061>", b"*"))
    assert request.headers.get("Contact") == "*"
    assert (request.contact, request.contacts) == (None, [])


@pytest.mark.parametrize(("value", "seconds"), [(b"0", 0), (b"3600", 3600), (b"9" * 5000, 2**32 - 1), (b"-1", None),
                                                 (b"1h", None), (b"", None), ("٣".encode(), None)])  # fmt: skip
def test_expires(value: bytes, seconds: int | None) -> None:
    """Too large counts as the largest; what is no number as missing."""
    assert subscribe(SUBSCRIBE.replace(b"Expires: 3600", b"Expires: " + value)).expires == seconds


@pytest.mark.parametrize("value", ["a\r\nX: y", "a\nX: y", "a\rb"])
def test_a_line_break_in_a_value_is_not_written(value: str) -> None:
    """Text from elsewhere cannot smuggle in a header."""
    request = subscribe()
    request.headers.add("Subject", value)
    with pytest.raises(ValueError, match="line break"):
        request.encode()
    with pytest.raises(ValueError, match="line break"):
        Response(200, value, Headers()).encode()


def test_content_length_is_always_right() -> None:
    """Whatever the headers say, one Content-Length with the body's size is written, in its place."""
    headers = Headers([("l", "99"), ("Content-Length", "7"), ("Foo", "y")])
    request = Request("A", "sip:h", headers, b"abc")
    assert request.encode() == b"A sip:h SIP/2.0\r\nContent-Length: 3\r\nFoo: y\r\n\r\nabc"
    response = Response(200, "OK", Headers(), "é".encode())
    assert response.encode() == b"SIP/2.0 200 OK\r\nContent-Length: 2\r\n\r\n\xc3\xa9"


def test_bytes_that_are_not_utf8_survive() -> None:
    """A display name in Latin-1 is written back byte for byte."""
    data = SUBSCRIBE.replace(b"Alice", b"Ren\xe9")
    assert subscribe(data).encode() == data


def test_a_response_carries_what_belongs_to_its_request() -> None:
    """RFC 3261 8.2.6.2: all Vias in order, Record-Routes, From, To with our tag, Call-ID, CSeq."""
    data = with_line(b"Via: SIP/2.0/TCP second\r\nRecord-Route: <sip:p1;lr>\r\nRecord-Route: <sip:p2;lr>")
    response = response_to(subscribe(data), 423, to_tag="mine")
    assert response.start_line() == "SIP/2.0 423 Interval Too Brief"
    assert list(response.headers) == [
        ("Via", "SIP/2.0/UDP 10.0.0.5:5061;rport;branch=z9hG4bKabc"),
        ("Via", "SIP/2.0/TCP second"),
        ("Record-Route", "<sip:p1;lr>"),
        ("Record-Route", "<sip:p2;lr>"),
        ("Call-ID", "c1"),
        ("From", '"Alice" <sip:alice@10.0.0.1>;tag=1'),
        ("To", "<sip:2000@10.0.0.1>;tag=mine"),
        ("CSeq", "7 SUBSCRIBE"),
    ]


def test_a_response_keeps_the_tag_that_is_there() -> None:
    """In a dialog the To has its tag already; a given reason replaces the usual phrase."""
    request = subscribe(SUBSCRIBE.replace(b"To: <sip:2000@10.0.0.1>", b"To: <sip:2000@10.0.0.1>;x=y;Tag=theirs"))
    response = response_to(request, 500, "Invalid CSeq", to_tag="mine")
    assert response.to.tag == "theirs"
    assert response.reason == "Invalid CSeq"


def test_headers_are_changed_in_place() -> None:
    """set keeps the place of the first row, prepend goes above, remove takes all."""
    headers = Headers([("Via", "1"), ("To", "t"), ("x-a", "1"), ("X-A", "2"), ("To", "u")])
    headers.set("t", "v")
    headers.prepend("Via", "0")
    headers.set("New", "n")
    assert list(headers) == [("Via", "0"), ("Via", "1"), ("To", "v"), ("x-a", "1"), ("X-A", "2"), ("New", "n")]
    assert headers.remove("X-a")
    assert not headers.remove("X-a")
    assert "x-A" not in headers
    assert headers.rows("via") == ["0", "1"]
    headers.prepend("Route", "<sip:p;lr>")
    assert next(iter(headers)) == ("Route", "<sip:p;lr>")


def test_the_first_member_of_a_list_is_replaced() -> None:
    """The top Via is stamped or taken off, whether it shares its row or not."""
    headers = Headers([("Via", "a, b"), ("Via", "c")])
    assert headers.first("Via") == "a"
    headers.replace_first("Via", "A")
    assert headers.rows("Via") == ["A, b", "c"]
    headers.replace_first("Via", None)
    headers.replace_first("Via", None)
    assert headers.rows("Via") == ["c"]
    headers.replace_first("Via", None)
    assert "Via" not in headers
    headers.replace_first("Via", "new")
    assert headers.all("Via") == ["new"]


def test_copies_do_not_share() -> None:
    """A change of a copy leaves the first as it was."""
    headers = Headers([("To", "t")])
    headers.copy().add("X", "y")
    assert list(headers) == [("To", "t")]


def test_lists_are_known_by_their_canonical_names() -> None:
    """Each list header is found under its own name."""
    assert {canonical(name.lower()) for name in LISTS} == LISTS


def test_a_via_is_stamped_as_pjsip_does() -> None:
    """`received` is always set, `rport` where it was asked for, before the branch."""
    via = Via.parse("SIP/2.0/UDP h:1;branch=z9hG4bKx;rport;y=z")
    assert str(via.stamped(("10.0.0.9", 7))) == "SIP/2.0/UDP h:1;rport=7;received=10.0.0.9;branch=z9hG4bKx;y=z"
    assert str(Via.parse("SIP/2.0/TCP h").stamped(("::1", 7))) == "SIP/2.0/TCP h;received=::1"


def test_identifiers_are_unique_and_repeat_with_their_seed() -> None:
    """No identifier comes twice; the same random numbers give the same ones."""

    def some(seed: int) -> list[str | int]:
        made = Identifiers(random.Random(seed))
        return [text for _ in range(50) for text in (made.branch(), made.tag(), made.call_id())] + [made.cseq()]

    assert len(set(some(1))) == 151
    assert some(1) == some(1)
    assert not {*some(1)} & {*some(2)}
    assert Via("UDP", "h", None, {"branch": str(some(1)[0])}).unique_branch
    assert all(0 < Identifiers(random.Random(seed)).cseq() < 2**15 for seed in range(99))


def test_streams_are_reliable_flows() -> None:
    """Only UDP needs retransmissions."""
    ends = (("a", 1), ("b", 2))
    assert [Flow(kind, *ends).reliable for kind in ("UDP", "TCP", "TLS")] == [False, True, True]


def test_quoted_names_come_back_whole() -> None:
    """A name with quotes, backslashes and commas goes through a message unchanged."""
    request = subscribe()
    request.headers.set("From", str(NameAddr('a "b" \\ c, <d>', "sip:a@h", {"tag": "1"})))
    assert parse_message(request.encode()).from_.display == 'a "b" \\ c, <d>'
    assert quote('"') == '"\\""'


@given(st.integers(0, 10**60), st.sampled_from(["", "0", " \t", "1" + "0" * 5000]), st.sampled_from(["", ";a", " 7"]))
def test_a_number_of_any_length_is_its_last_32_bits(number: int, before: str, after: str) -> None:
    """Also one of more digits than int() takes."""
    written = f"{number:061d}" if before.startswith("1") else str(number)
    wanted = (number + (10**5061 if before.startswith("1") else 0)) % 2**32
    assert read_uint32(before + written + after) == wanted
    assert read_uint32("x1") == read_uint32("") == read_uint32("-1") == 0
