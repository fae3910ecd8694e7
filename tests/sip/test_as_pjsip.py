"""What pjsip takes for a message, and what it drops without a word."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.sip import as_pjsip
from harness.sip.message import Malformed, Request, parse_message
from tests import growth

LINES = (
    "SUBSCRIBE sip:100@server SIP/2.0",
    "Via: SIP/2.0/UDP 10.0.0.5;rport;branch=z9hG4bK1",
    "From: <sip:bob@server>;tag=a",
    "To: <sip:100@server>",
    "Call-ID: c",
    "CSeq: 7 SUBSCRIBE",
    "Max-Forwards: 70",
    "Contact: <sip:bob@10.0.0.5>",
    "Event: presence",
    "Content-Length: 0",
)


def message(*more: str, body: str = "", **rows: str) -> bytes:
    """A good request; `rows` stand in for those of that name ('' leaves one out), `more` come last."""
    lines = []
    for line in LINES:
        name = "start" if line is LINES[0] else line.partition(":")[0].replace("-", "_").lower()
        line = rows.get(name, line)
        lines += [line] if line else []
    return "\r\n".join([*lines, *more, "", body]).encode("utf-8", "surrogateescape")


def test_a_good_message_is_what_the_strict_reader_makes_of_it() -> None:
    """Nothing is put right where nothing is wrong."""
    assert as_pjsip.read(message()) == parse_message(message())


@pytest.mark.parametrize(
    "rows",
    [
        {"start": " SUBSCRIBE  sip:100@server   SIP/2.0 "},
        {"max_forwards": "Max-Forwards: 300"},
        {"cseq": "CSeq: 7SUBSCRIBE"},
        {"to": "To: a;b (c) <sip:100@server>"},
        {"content_length": "Content-Length: 50"},
        {"start": "SUBSCRIBE sip:10%0@server SIP/2.0"},
    ],
)
def test_what_pjsip_reads_on_over_is_taken(rows: dict[str, str]) -> None:
    """Blanks in the start line, a high Max-Forwards, free display names, a length that is too long, a bare percent."""
    with pytest.raises(Malformed):
        parse_message(message(**rows))
    read = as_pjsip.read(message(**rows))
    assert isinstance(read, Request)
    assert (read.method, read.cseq.number, read.headers.get("Event")) == ("SUBSCRIBE", 7, "presence")


@pytest.mark.parametrize(
    ("row", "kept"),
    [
        ("From: <sip:alice@other>;tag=b", ("From", "<sip:bob@server>;tag=a")),
        ("To: <sip:9@other>;tag=b", ("To", "<sip:100@server>")),
        ("Call-ID: d", ("Call-ID", "c")),
        ("CSeq: 9 SUBSCRIBE", ("CSeq", "7 SUBSCRIBE")),
        ("Event: dialog", ("Event", "presence")),
    ],
)
def test_of_a_header_that_stands_twice_the_first_counts(row: str, kept: tuple[str, str]) -> None:
    """Where the strict reader refuses the message."""
    assert as_pjsip.read(message(row)).headers.rows(kept[0]) == [kept[1]]


@pytest.mark.parametrize(
    "rows",
    [
        {"start": "SUBSCRIBE http://server SIP/2.0"},
        {"start": "SUBSCRIBE sip:J\u00fcrgen@server SIP/2.0"},
        {"start": "SUBSCRIBE sip:@server SIP/2.0"},
        {"to": "To: <sip:@server>"},
        {"from": "From: <sip:@server>;tag=a"},
        {"from": "From: <tel:bob>;tag=a"},
        {"from": "From: <sip:bob@server>;tag=a/b"},
        {"from": "From: <sip:bob@server>;tag=\u00e9"},
        {"contact": "Contact: "},
        {"event": "Event: presence;"},
        {"event": "Event: "},
        {"via": "Via: SIP/1.0/UDP 10.0.0.5;branch=z9hG4bK1"},
    ],
)
def test_what_pjsip_stumbles_over_is_dropped(rows: dict[str, str]) -> None:
    """Schemes that it does not know, text that is not ASCII in addresses, empty users, what is no token."""
    with pytest.raises(Malformed) as refused:
        as_pjsip.read(message(**rows))
    assert refused.value.request is None


@pytest.mark.parametrize(
    ("written", "display"),
    [
        ("a;b (c) <sip:9@server>", "a;b (c)"),
        ('J\u00fcrgen, "Jo" \\ \t<sip:9@server>', 'J\u00fcrgen, "Jo" \\'),
        (" @<sip:9@server>", "@"),
        ("a (b) <sip:9@server>;tag=<x>", None),
        ("sip:a(b) <sip:9@server>", None),
        ('"a" (b) <sip:9@server>', None),
        ("a (b) sip:9@server", None),
    ],
)
def test_a_display_name_may_be_anything_without_a_colon(written: str, display: str | None) -> None:
    """Unless it begins with a quotation mark; then what is between two of them counts."""
    if display is None:
        with pytest.raises(Malformed):
            as_pjsip.read(message(to=f"To: {written}"))
    else:
        assert as_pjsip.read(message(to=f"To: {written}")).to.display == display


@pytest.mark.parametrize("name", ["From", "To", "Contact", "Via", "Event", "Expires", "Content-Type", "Authorization"])
def test_a_long_header_takes_time_in_proportion(name: str) -> None:
    """Whatever it is made of: one datagram must not hold up the server."""

    def read(value: str) -> None:
        with suppress(Malformed):
            as_pjsip.read(message(f"X-Y: {value}", **{name.replace("-", "_").lower(): f"{name}: {value}"}))

    growth.check(read, [
        ("", "@", ""), ("", "@ ", "x"), (" " * 30_000, "@", "<"), ("@" * 20_000, " ", "x"), ("", "a ", "<"),
        ("<", "<", ""), ("<sip:", "a", ">"), ("<sip:a", ";b", ">;"), ("<sip:a", ":%41", ">"), ("<sip:a>", ';a="', ""),
        ("<sip:a>", "; a =", ""), ('"', "\\a", ""), ('"', '"', "<"), ("Digest ", 'a="', ""), ("a/b;", " ;", "x"),
        ("SIP/2.0/UDP a", ";b ", "="), ("", "9", "x"), ("", ",", ""), ("", "%", ""),
    ])  # fmt: skip


@pytest.mark.parametrize("start", ["OPTIONS ", "OPTIONS sip:", "SIP/2.0 ", "", "OPTIONS sip:a SIP/2.0"])
def test_a_long_start_line_takes_time_in_proportion(start: str) -> None:
    """As the headers do."""

    def read(text: str) -> None:
        with suppress(Malformed):
            as_pjsip.read(message(start=text))

    growth.check(read, [(start, unit, end) for unit in (" ", "a ", " SIP/2", "%", "a", "1", ":") for end in ("", "\t")])


@pytest.mark.parametrize(
    "row",
    ["Expires: soon", "Expires: -1", "Content-Type: text", "Record-Route: garbage", "Session-Expires: x", "Min-SE: x",
     "Retry-After: x", "Authorization: garbage", "Proxy-Authorization: Basic abc"],
)  # fmt: skip
def test_headers_that_pjsip_reads_have_to_be_readable(row: str) -> None:
    """Each by its own rule; headers that it does not know may hold anything."""
    with pytest.raises(Malformed):
        as_pjsip.read(message(row))
    as_pjsip.read(message("X-" + row))


def test_the_body_of_a_datagram_ends_with_it() -> None:
    """Content-Length is not asked."""
    assert as_pjsip.read(message(body="hello", content_length="Content-Length: 2")).body == b"hello"


def test_core_methods_are_known_in_any_case() -> None:
    """REGISTER and its like; others are what they are."""
    lower = message(start="options sip:100@server SIP/2.0", cseq="CSeq: 7 options", event="")
    read = as_pjsip.read(lower)
    assert isinstance(read, Request)
    assert read.method == "OPTIONS"


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Nothing but Malformed comes out, with or without a good beginning."""
    for given_data in (data, message()[:120] + data, b"SIP/2.0 200 OK\r\n" + data):
        with suppress(Malformed):
            assert as_pjsip.read(given_data).headers is not None
