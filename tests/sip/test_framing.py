"""Messages out of byte streams: RFC 3261 18.3, RFC 5626 3.5.1."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.sip import framing
from harness.sip.framing import MAX_BODY, MAX_HEADER_PART, FramingError, Item, Keepalive, StreamFramer

OPTIONS = b"OPTIONS sip:a@h SIP/2.0\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n"


def message(body: bytes, name: bytes = b"Content-Length") -> bytes:
    return b"MESSAGE sip:a@h SIP/2.0\r\n%s: %d\r\nX: y\r\n\r\n%s" % (name, len(body), body)


def feed_in_pieces(data: bytes, cuts: list[int]) -> tuple[list[Item], str | None]:
    """All items, and the reason of the error that ended them."""
    framer, items = StreamFramer(), list[Item]()
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    try:
        for start, end in pairwise(places):
            items += framer.feed(data[start:end])
    except FramingError as error:
        return items + error.items, error.reason
    return items, None


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    bodies = st.one_of(st.binary(max_size=30), st.sampled_from([b"\r\n\r\n", b"\n\n", b"l: 5\r\n\r\n"]))
    names = st.sampled_from([b"Content-Length", b"l", b"CONTENT-LENGTH ", b"L"])
    whole = st.builds(message, bodies, names)
    noise = st.sampled_from([b"\r\n", b"\r\n\r\n", b"\n", b"\r\n\r\n\r\n", b"\r", b"X\r\n\r\n", b"l: -1\r\n\r\n"])
    return b"".join(draw(st.lists(st.one_of(whole, whole, noise), max_size=8)))


@given(streams(), st.lists(st.integers(0, 400), max_size=20))
def test_how_the_bytes_are_split_does_not_matter(data: bytes, cuts: list[int]) -> None:
    """Any split of a stream gives the same messages, pings and errors as the stream in one piece."""
    assert feed_in_pieces(data, cuts) == feed_in_pieces(data, [])
    assert feed_in_pieces(data, list(range(len(data)))) == feed_in_pieces(data, [])


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=5))
def test_any_bytes_are_items_or_a_framing_error(data: bytes, cuts: list[int]) -> None:
    """No bytes raise anything but FramingError."""
    assert feed_in_pieces(data, cuts) == feed_in_pieces(data, [])


@given(st.lists(st.binary(max_size=40), max_size=6))
def test_messages_come_out_as_they_went_in(bodies: list[bytes]) -> None:
    """Bodies of any bytes are cut at their length, empty lines in them or not."""
    messages = [message(body) for body in bodies]
    assert StreamFramer().feed(b"".join(messages)) == messages


@pytest.mark.parametrize("header", [b"Content-Length:3", b"l : 3", b"content-length:\r\n 3", b"CoNtEnT-LeNgTh: 003 "])
def test_spellings_of_content_length(header: bytes) -> None:
    """Compact, folded, padded: the length is found."""
    data = b"X sip:h SIP/2.0\r\n" + header + b"\r\nA: b\r\n\r\nabc"
    assert StreamFramer().feed(data + OPTIONS) == [data, OPTIONS]


def test_bare_line_feeds_end_headers_too() -> None:
    """A peer that writes LF alone is understood."""
    data = b"X sip:h SIP/2.0\nl: 2\n\nab"
    assert StreamFramer().feed(data + OPTIONS) == [data, OPTIONS]


def test_a_double_line_break_is_a_ping() -> None:
    """Each CRLFCRLF between messages is reported, even in two pieces; a single CRLF is passed over."""
    framer = StreamFramer()
    assert framer.feed(b"\r\n\r\n") == [Keepalive.PING]
    assert framer.feed(b"\r\n") == []
    assert framer.feed(b"\r\n" + OPTIONS) == [Keepalive.PING, OPTIONS]
    assert framer.feed(b"\r\n" + OPTIONS) == [OPTIONS]
    assert framer.feed(b"\r\n") == []
    assert framer.feed(OPTIONS + b"\r\n\r\n") == [OPTIONS, Keepalive.PING]
    assert framer.pending == 0


def test_a_part_of_a_message_waits() -> None:
    """Nothing comes out before the last byte of the body."""
    framer = StreamFramer()
    data = message(b"hello")
    assert framer.feed(data[:-1]) == []
    assert framer.pending == len(data) - 1
    assert framer.feed(data[-1:]) == [data]


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        (b"A: b", "no Content-Length"),
        (b"Content-Length: -1", "no number"),
        (b"Content-Length: 1e3", "no number"),
        (b"Content-Length:", "no number"),
        (b"Content-Length: %d" % (MAX_BODY + 1), "too large"),
        (b"Content-Length: " + b"9" * 5000, "too large"),
        (b"Content-Length: 1\r\nl: 2", "two Content-Lengths"),
        (b"X-Content-Length: 1", "no Content-Length"),
    ],
)
def test_a_length_that_cannot_be_trusted_ends_the_stream(headers: bytes, reason: str) -> None:
    """The error tells what came before it and the header part at fault; later bytes raise it again."""
    framer = StreamFramer()
    bad = b"OPTIONS sip:a@h SIP/2.0\r\n" + headers + b"\r\n\r\n"
    with pytest.raises(FramingError, match=reason) as caught:
        framer.feed(OPTIONS + bad + OPTIONS)
    assert caught.value.items == [OPTIONS]
    assert caught.value.head == bad
    with pytest.raises(FramingError, match=reason):
        framer.feed(OPTIONS)


def test_the_same_length_twice_is_no_error() -> None:
    """Two Content-Lengths that agree leave no doubt."""
    data = b"X sip:h SIP/2.0\r\nl: 1\r\nContent-Length: 1\r\n\r\na"
    assert StreamFramer().feed(data) == [data]


def test_headers_without_end_end_the_stream() -> None:
    """A header part may have MAX_HEADER_PART bytes and no more."""
    start, end = b"X sip:h SIP/2.0\r\nl: 0\r\nA: ", b"\r\n\r\n"
    longest = start + b"a" * (MAX_HEADER_PART - len(start) - len(end)) + end
    assert StreamFramer().feed(longest) == [longest]
    with pytest.raises(FramingError, match="no end"):
        StreamFramer().feed(longest[:-4] + b"a" + end)
    framer = StreamFramer()
    assert framer.feed(b"a" * MAX_HEADER_PART) == []
    with pytest.raises(FramingError, match="no end"):
        framer.feed(b"a")


class _Counting:
    """Stands in for the expression that looks for the end of the headers, and counts the bytes it is given."""

    def __init__(self) -> None:
        self.looked_at = 0
        self._real = re.compile(rb"\n\r?\n")

    def search(self, buffer: bytearray, start: int) -> re.Match[bytes] | None:
        self.looked_at += len(buffer) - start
        return self._real.search(buffer, start)


def test_a_megabyte_in_single_bytes_is_looked_at_in_linear_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fed byte by byte, each byte is searched at most three times, however long headers and bodies are."""
    counting = _Counting()
    monkeypatch.setattr(framing, "_END", counting)
    start = b"X sip:h SIP/2.0\r\nl: 60000\r\n"
    one = start + b"A: b\r\n" * 10_000 + b"\r\n" + b"\r\n" * 30_000
    data = one * 9
    assert len(data) > 1_000_000
    framer, items = StreamFramer(), list[Item]()
    for at in range(len(data)):
        items += framer.feed(data[at : at + 1])
    assert items == [one] * 9
    assert counting.looked_at <= 3 * len(data)
