"""What messages are made of: requests, responses, and the values in their headers, read when asked for."""

from __future__ import annotations

import re
from typing import NamedTuple

from harness.sip.grammar import CSEQ, GrammarError, Params, read_params
from harness.sip.headers import Headers
from harness.sip.uri import NameAddr
from harness.sip.via import Via

MAX_CSEQ = 2**31 - 1
"""RFC 3261 8.1.1.5."""
MAX_FORWARDS = 255
"""RFC 3261 20.22."""
MAX_SECONDS = 2**32 - 1
"""Of Expires and its like (RFC 3261 20.19)."""

_DIGITS = re.compile(r"[0-9]{1,10}")
_FIRST_DIGITS = re.compile(r"[ \t]*+([0-9]++)")
_DECISIVE_DIGITS = 32
"""Of a decimal number: those before them stand for multiples of 2**32."""


class CSeq(NamedTuple):
    """Number and method of a request (RFC 3261 20.16)."""

    number: int
    method: str

    @classmethod
    def parse(cls, text: str) -> CSeq:
        """Raises GrammarError, also for a number of 2**31 and above."""
        found = CSEQ.fullmatch(text)
        # A longer number is refused before int() spends time on it.
        if found is None or len(found[1].lstrip("0")) > 10 or (number := int(found[1])) > MAX_CSEQ:
            raise GrammarError(f"not a CSeq: {text[:60]!r}")
        return cls(number, found[2])

    def __str__(self) -> str:
        return f"{self.number} {self.method}"


class Event(NamedTuple):
    """The package of a subscription (RFC 6665 8.2.1)."""

    package: str
    params: Params

    @property
    def id(self) -> str | None:
        """What tells subscriptions of one package in one dialog apart (RFC 6665 8.2.1)."""
        return self.params.get("id")


class Message:
    """What requests and responses share. Values are read when asked for; those that `parse_message` checks (`via`,
    `from_`, `to`, `cseq`, `call_id`) do not raise on a message that it returned."""

    __slots__ = ("body", "headers")

    def __init__(self, headers: Headers, body: bytes = b"") -> None:
        self.headers = headers
        self.body = body

    def start_line(self) -> str:
        """The first line, without its line end (RFC 3261 7)."""
        raise NotImplementedError

    def encode(self) -> bytes:
        """The message on the wire: long names, rows in order, one right Content-Length (last where there was none).
        Raises ValueError where a line break in a value would smuggle in a header."""
        length = str(len(self.body))
        rows = list(self.headers)
        if "Content-Length" in self.headers.index:
            place = next(at for at, row in enumerate(rows) if row[0] == "Content-Length")
            rows[place] = ("Content-Length", length)
            if len(self.headers.index) != len(rows):
                rows = [row for at, row in enumerate(rows) if at <= place or row[0] != "Content-Length"]
        else:
            rows.append(("Content-Length", length))
        text = "\r\n".join([self.start_line(), *map(": ".join, rows), "", ""])
        if not text.count("\n") == text.count("\r") == len(rows) + 2:
            raise ValueError("a line break in a header or start line")
        return text.encode("utf-8", "surrogateescape") + self.body

    def _required(self, name: str) -> str:
        value = self.headers.first(name)
        if value is None:
            raise GrammarError(f"no {name}")
        return value

    @property
    def via(self) -> Via:
        """The top Via. Raises GrammarError."""
        return Via.parse(self._required("Via"))

    @property
    def from_(self) -> NameAddr:
        """Raises GrammarError."""
        return NameAddr.parse(self._required("From"))

    @property
    def to(self) -> NameAddr:
        """Raises GrammarError."""
        return NameAddr.parse(self._required("To"))

    @property
    def call_id(self) -> str:
        """Raises GrammarError."""
        return self._required("Call-ID")

    @property
    def cseq(self) -> CSeq:
        """Raises GrammarError."""
        return CSeq.parse(self._required("CSeq"))

    @property
    def contacts(self) -> list[NameAddr]:
        """Without the `*` of a REGISTER; on a response this raises GrammarError where one is wrong."""
        return [NameAddr.parse(value) for value in self.headers.all("Contact") if value != "*"]

    @property
    def contact(self) -> NameAddr | None:
        """The first one. Raises GrammarError (on a response)."""
        value = self.headers.first("Contact")
        return None if value is None or value == "*" else NameAddr.parse(value)

    @property
    def expires(self) -> int | None:
        """Seconds; None where the header is missing or wrong (RFC 3261 10.3: then the default counts)."""
        return read_seconds(self.headers.get("Expires"))

    @property
    def event(self) -> Event | None:
        """RFC 6665 8.2.1; None where the header is missing."""
        value = self.headers.get("Event")
        if value is None:
            return None
        package, semicolon, params = value.partition(";")
        return Event(package.strip(" \t"), read_params(semicolon + params))

    @property
    def content_type(self) -> str | None:
        """The media type in lower case, without parameters."""
        value = self.headers.get("Content-Type")
        return None if value is None else value.partition(";")[0].replace(" ", "").replace("\t", "").lower()


class Request(Message):
    """`uri` is the Request-URI as text, of any scheme; one that `parse_message` returned is a good SIP URI where its
    scheme is sip or sips, so that `SipUri.parse` raises for another scheme only (answer 416)."""

    __slots__ = ("method", "uri")

    def __init__(self, method: str, uri: str, headers: Headers, body: bytes = b"") -> None:
        super().__init__(headers, body)
        self.method = method
        self.uri = uri

    def start_line(self) -> str:
        """The Request-Line (RFC 3261 7.1)."""
        return f"{self.method} {self.uri} SIP/2.0"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Request) and (self.method, self.uri, self.headers, self.body) == (
            other.method, other.uri, other.headers, other.body
        )  # fmt: skip

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Request({self.method!r}, {self.uri!r}, {self.headers!r}, {self.body!r})"


class Response(Message):
    """A response (RFC 3261 7.2)."""

    __slots__ = ("reason", "status")

    def __init__(self, status: int, reason: str, headers: Headers, body: bytes = b"") -> None:
        super().__init__(headers, body)
        self.status = status
        self.reason = reason

    def start_line(self) -> str:
        """The Status-Line (RFC 3261 7.2)."""
        return f"SIP/2.0 {self.status} {self.reason}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Response) and (self.status, self.reason, self.headers, self.body) == (
            other.status, other.reason, other.headers, other.body
        )  # fmt: skip

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Response({self.status}, {self.reason!r}, {self.headers!r}, {self.body!r})"


def read_seconds(value: str | None) -> int | None:
    """delta-seconds, at most 2**32 - 1; None for what is missing or wrong."""
    if value is None or not value.isascii() or not value.isdecimal():
        return None
    return min(int(value), MAX_SECONDS) if len(value) <= 20 else MAX_SECONDS


def read_uint32(value: str) -> int:
    """The digits at the start, of whatever length, as pjsip reads them into 32 bits: what is above is cut off.

    0 where there are none.
    """
    found = _FIRST_DIGITS.match(value)
    # int() refuses numbers of some thousand digits
    return int(found[1][-_DECISIVE_DIGITS:]) & MAX_SECONDS if found else 0


def read_number(value: str | None, limit: int) -> int | None:
    """One to ten digits that say no more than `limit`; None for what is missing or wrong."""
    if value is None or _DIGITS.fullmatch(value) is None:
        return None
    number = int(value)
    return number if number <= limit else None
