"""SIP messages: read from bytes, built, written (RFC 3261 7, 20, 25).

Reading is lenient where nothing is lost by it (bare LF, compact and folded headers, blanks around colons, missing
Max-Forwards) and refuses with `Malformed` what would leave a transaction or a dialog in doubt.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from harness.errors import HarnessError
from harness.sip.grammar import (
    ADDR_SPEC,
    CALL_ID,
    CSEQ,
    NAME_ADDR,
    PLAIN_ADDRESS,
    PLAIN_VIA,
    REQUEST_LINE,
    STATUS_LINE,
    TOKEN,
    VIA_PARM,
    GrammarError,
    split_list,
)
from harness.sip.headers import SINGLE, Headers, Row, read_rows, unfolded
from harness.sip.parts import (
    MAX_FORWARDS,
    CSeq,
    Event,
    Message,
    Request,
    Response,
    read_number,
    read_seconds,
)
from harness.sip.reasons import reason_phrase
from harness.sip.uri import NameAddr, valid_uri
from harness.sip.via import Via

__all__ = [
    "CSeq",
    "Event",
    "Headers",
    "Malformed",
    "Message",
    "Request",
    "Response",
    "Via",
    "parse_message",
    "read_seconds",
    "response_to",
]

MAX_MESSAGE = 65_535
"""Bytes of one message, as Asterisk builds pjsip (PJSIP_MAX_PKT_LEN)."""
MAX_HEADERS = 256
"""Lines before the empty one, the start line and folded ones counted."""
MAX_URI = 2_048
"""Characters of a Request-URI."""

_MANDATORY = frozenset({"Via", "From", "To", "Call-ID", "CSeq"})
_END = re.compile(rb"\n\r?\n")
# What was meant as a request of SIP, however wrong: worth an answer.
_REQUEST_MEANT = re.compile(rf"[ \t]*+({TOKEN})[ \t](.*)[ \t](?i:SIP)/([0-9]{{1,9}})\.([0-9]{{1,9}})[ \t]*+", re.DOTALL)


class Malformed(HarnessError):
    """Bytes that are no message that one can work with.

    `status` is what to answer; None: drop it. `request` is what could be read of the request to be answered, fit for
    `response_to`: its top Via is readable, other headers may be missing.
    """

    def __init__(self, reason: str, status: int | None = None, request: Request | None = None) -> None:
        self.reason, self.status, self.request = reason, status, request
        super().__init__(reason)


def parse_message(data: bytes) -> Request | Response:
    """One whole message: a datagram, or what `StreamFramer` cut out. Raises Malformed, and nothing else.

    The body ends with Content-Length, or with the data where that is missing (RFC 3261 18.3).
    """
    if data[:1] in (b"\r", b"\n"):
        data = data.lstrip(b"\r\n")  # RFC 3261 7.5
    if not data:
        raise Malformed("empty")
    found = _END.search(data, 0, MAX_MESSAGE)
    # Lenient: a message without a body may lack its empty line.
    end, start = found.span() if found else (len(data.rstrip(b"\r\n")), len(data))
    if end > MAX_MESSAGE:
        raise Malformed("headers without end")
    lines = _lines(data[:end].decode("utf-8", "surrogateescape"))
    if lines[0][:4].upper() == "SIP/":
        return _read_response(lines, data[start:])
    return _read_request(lines, data[start:], len(data))


def _lines(text: str) -> list[str]:
    text = text.removesuffix("\r")
    lines = text.split("\r\n")
    breaks = len(lines) - 1
    if text.count("\n") != breaks:
        text = text.replace("\r\n", "\n")
        lines = text.split("\n")
        breaks = 0
    if text.count("\r") != breaks:
        raise Malformed("a bare CR")  # No answer: its copied headers could be read in two ways.
    return lines


def _read_request(lines: list[str], body: bytes, size: int) -> Request:
    line = lines[0]
    found = REQUEST_LINE.fullmatch(line)
    meant = found or _REQUEST_MEANT.fullmatch(line)
    if meant is None:
        raise Malformed(f"not SIP: {line[:60]!r}")
    method, uri, major, minor = meant.groups()
    headers, fault = _headers(lines)
    request = Request(method, uri, headers, body)
    status = 400
    if (major.lstrip("0"), minor.lstrip("0")) != ("2", ""):
        fault, status = f"version {major}.{minor}", 505
    elif size > MAX_MESSAGE or len(lines) > MAX_HEADERS:
        fault, status = "message too large", 513
    elif len(uri) > MAX_URI:
        fault, status = "Request-URI too long", 414
    elif found is None or not valid_uri(uri):
        fault = f"request line: {line[:60]!r}"
    fault = fault or _fault(headers, method) or _contact_fault(headers) or _cut_body(request)
    if fault:
        raise _refusal(fault, status, request)
    return request


def _refusal(fault: str, status: int, request: Request) -> Malformed:
    """An ACK is never answered, nor is what has no Via to answer to."""
    try:
        answerable = request.method != "ACK" and request.via is not None
    except GrammarError:
        answerable = False
    return Malformed(fault, status, request) if answerable else Malformed(fault)


def _read_response(lines: list[str], body: bytes) -> Response:
    """A response that is wrong is dropped (RFC 3261 18.1.2, 8.1.3)."""
    found = STATUS_LINE.fullmatch(lines[0])
    if found is None or (found[1].lstrip("0"), found[2].lstrip("0")) != ("2", ""):
        raise Malformed(f"status line: {lines[0][:60]!r}")
    if len(found[3]) != 3 or not "100" <= found[3] <= "699":
        raise Malformed(f"status {found[3][:20]}")
    headers, fault = _headers(lines)
    response = Response(int(found[3]), found[4] or "", headers, body)
    fault = fault or _fault(headers, None) or _cut_body(response)
    if fault:
        raise Malformed(fault)
    return response


def _headers(lines: list[str]) -> tuple[Headers, str | None]:
    """The rows and what is wrong with them; then those that could be read, so that one can answer."""
    if len(lines) > MAX_HEADERS:
        return Headers.of_rows(_readable_rows(lines)), "too many headers"
    try:
        return Headers.of_rows(read_rows(lines[1:])), None
    except GrammarError as error:
        return Headers.of_rows(_readable_rows(lines)), str(error)


def _readable_rows(lines: list[str]) -> list[Row]:
    rows: list[Row] = []
    for line in unfolded(["", *lines[1:MAX_HEADERS]])[1:]:
        try:
            rows += read_rows([line])
        except GrammarError:
            continue
    return rows


def _fault(headers: Headers, method: str | None) -> str | None:
    """What is wrong with the headers that every message needs; `method` of a request."""
    first = headers.index
    if not first.keys() >= _MANDATORY:
        return f"no {', '.join(sorted(_MANDATORY - first.keys()))}"
    if len(first) != len(headers) and (repeated := _repeated(headers)):
        return f"{repeated} twice"
    if PLAIN_VIA.fullmatch(first["Via"]) is None and VIA_PARM.fullmatch(headers.first("Via") or "") is None:
        return f"Via: {first['Via'][:60]!r}"
    if CALL_ID.fullmatch(first["Call-ID"]) is None:
        return "Call-ID"
    if not _is_address(first["From"]):
        return f"From: {first['From'][:60]!r}"
    if not _is_address(first["To"]):
        return f"To: {first['To'][:60]!r}"
    if "Max-Forwards" in first and read_number(first["Max-Forwards"], MAX_FORWARDS) is None:
        return "Max-Forwards"
    return _cseq_fault(first["CSeq"], method)


def _is_address(value: str) -> bool:
    if PLAIN_ADDRESS.fullmatch(value):
        return True
    found = NAME_ADDR.fullmatch(value)
    if found:
        return valid_uri(found[3])
    found = ADDR_SPEC.fullmatch(value)
    return found is not None and valid_uri(found[1])


def _cseq_fault(value: str, method: str | None) -> str | None:
    found = CSEQ.fullmatch(value)
    if found and len(found[1]) < 10 and method in (None, found[2]):
        return None  # nearly all, without the price of a CSeq
    try:
        cseq = CSeq.parse(value)
    except GrammarError as error:
        return str(error)
    if method is not None and cseq.method != method:
        return f"CSeq is of {cseq.method}"
    return None


def _repeated(headers: Headers) -> str | None:
    """The name of a header that stands twice and must not; Content-Length may where both say the same."""
    seen: dict[str, str] = {}
    for name, value in headers:
        if name in SINGLE and seen.setdefault(name, value) != value:
            return name
        if name in ("From", "To", "Call-ID", "CSeq") and len(headers.rows(name)) > 1:
            return name
    return None


def _contact_fault(headers: Headers) -> str | None:
    """A Contact that cannot be read would lose a registration or a dialog's target."""
    first = headers.index
    if "Contact" not in first:
        return None
    for row in [first["Contact"]] if len(first) == len(headers) else headers.rows("Contact"):
        if row != "*" and not _is_address(row) and not all(map(_is_address, split_list(row))):
            return f"Contact: {row[:60]!r}"
    return None


def _cut_body(message: Message) -> str | None:
    value = message.headers.index.get("Content-Length")
    if value is None:
        return None
    length = read_number(value, MAX_MESSAGE)
    if length is None or length > len(message.body):
        return f"Content-Length {value[:20]!r} with {len(message.body)} bytes of body"
    if length < len(message.body):
        message.body = message.body[:length]
    return None


def response_to(
    request: Request,
    status: int,
    reason: str | None = None,
    to_tag: str | None = None,
    party: Callable[[str], str] | None = None,
) -> Response:
    """RFC 3261 8.2.6.2, in pjsip's order of headers (sip_util.c `pjsip_endpt_create_response`).

    `to_tag` is added where the To has none yet; `party` says how From and To are written, as they came by default.
    Works on the partial request of a Malformed: what is missing there is missing here.
    """
    names = ("Via", "Record-Route", "Call-ID", "From", "To", "CSeq")
    rows: dict[str, list[tuple[str, str]]] = {name: [] for name in names}
    for row in request.headers:
        if row[0] in rows:
            rows[row[0]].append(row)
    if to_tag is not None and rows["To"]:
        rows["To"][0] = ("To", _tagged(rows["To"][0][1], to_tag))
    if party is not None:
        for name in ("From", "To"):
            rows[name] = [(name, party(value)) for _, value in rows[name]]
    headers = Headers.of_rows([row for name in names for row in rows[name]])
    return Response(status, reason_phrase(status) if reason is None else reason, headers)


def _tagged(value: str, tag: str) -> str:
    try:
        return value if NameAddr.parse(value).tag is not None else f"{value};tag={tag}"
    except GrammarError:
        return value
