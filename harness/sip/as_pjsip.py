"""What pjsip takes for a message: more than RFC 3261 allows, and in places less (sip_parser.c, sip_transport.c).

A message is read by the rules of `message`; one that they refuse is put right where pjsip reads on without a word, one
that they take is refused where pjsip stumbles. What is refused gets no answer, as with pjsip.
"""

from __future__ import annotations

import re

from harness.sip.grammar import QUOTED_STRING, TOKEN, TOKEN_CHAR, quote
from harness.sip.headers import SINGLE, canonical, unfolded
from harness.sip.message import MAX_HEADERS, MAX_MESSAGE, Malformed, Request, Response, parse_message
from harness.sip.parts import MAX_FORWARDS
from harness.sip.uri import NameAddr

# sip_parser.c, int_parse_req_line: blanks in any number
_REQUEST_LINE = re.compile(rf"[ \t]*+({TOKEN})[ \t]++(\S++)[ \t]++(?i:SIP/2\.0)[ \t]*+")
_CORE_METHODS = frozenset(("INVITE", "CANCEL", "ACK", "BYE", "REGISTER", "OPTIONS"))
"""Methods that pjsip knows in any case (sip_msg.c, pjsip_method_init_np)."""
_CSEQ = re.compile(rf"([0-9]++)[ \t]*+({TOKEN})[ \t]*+")
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_NO_TOKEN = re.compile(rf"[^{TOKEN_CHAR} \t]")
_ADDRESSES = ("From", "To", "Contact")

_SCHEME = re.compile(r"(?i)sips?:|tel:\+?[0-9A-F*#.()\-]+(?:;|\Z)")
_NO_HOST = re.compile(r"(?i)sips?:@")
_PARAMS = re.compile(
    rf"(?:[ \t]*+;[ \t]*+{TOKEN}(?:[ \t]*+=[ \t]*+(?:{QUOTED_STRING}|[{TOKEN_CHAR}\[\]:]*+))?+)*+[ \t]*+"
)
_NUMBER = re.compile(r"[ \t]*+[0-9]++[ \t]*+")
_LEADING_NUMBER = re.compile(r"[ \t]*+[0-9]++.*", re.DOTALL)
_MEDIA_TYPE = re.compile(rf"{TOKEN}[ \t]*+/[ \t]*+{TOKEN}[ \t]*+(?:;.*)?", re.DOTALL)
_EVENT = re.compile(rf"{TOKEN}[ \t]*+({_PARAMS.pattern})", re.DOTALL)
_DIGEST = re.compile(rf"[ \t]*+(?i:digest)[ \t]++{TOKEN}.*", re.DOTALL)
_FORMS = {
    "Expires": _NUMBER,
    "Min-Expires": _NUMBER,
    "Retry-After": _LEADING_NUMBER,
    "Session-Expires": _LEADING_NUMBER,
    "Min-SE": _LEADING_NUMBER,
    "Authorization": _DIGEST,
    "Proxy-Authorization": _DIGEST,
    "Content-Type": _MEDIA_TYPE,
    "Event": _EVENT,
}
"""Headers that pjsip reads, and what it takes."""


def read(data: bytes) -> Request | Response:
    """One whole message as it came; raises Malformed for what pjsip drops."""
    try:
        message = parse_message(data)
    except Malformed:
        message = parse_message(_put_right(data))
    if fault := _fault(message):
        raise Malformed(fault)
    if isinstance(message, Request) and message.method.upper() in _CORE_METHODS:
        message.method = message.method.upper()
    # a datagram's body ends with it, whatever Content-Length says
    message.body = data.lstrip(b"\r\n").partition(b"\r\n\r\n")[2] or message.body
    return message


# what pjsip stumbles over


def _fault(message: Request | Response) -> str | None:
    headers = message.headers
    first = headers.index
    if isinstance(message, Request):
        if _SCHEME.match(message.uri) is None or _NO_HOST.match(message.uri) or not message.uri.isascii():
            return f"Request-URI: {message.uri[:60]!r}"
        if not first["Via"].replace(" ", "").upper().startswith("SIP/2.0/"):
            return f"Via: {first['Via'][:60]!r}"
    for name in ("From", "To"):
        if not _address(first[name]):
            return f"{name}: {first[name][:60]!r}"
    for name in ("Contact", "Route", "Record-Route"):
        if name in first and not all(value == "*" or _address(value) for value in headers.all(name) or [""]):
            return f"{name}: {first[name][:60]!r}"
    for name, form in _FORMS.items():
        if name in first and form.fullmatch(first[name]) is None:
            return f"{name}: {first[name][:60]!r}"
    return None


def _address(value: str) -> bool:
    """Whether a name-addr can be read: pjsip knows no text but ASCII in URIs and parameters, and numbers in tel:."""
    try:
        address = NameAddr.parse(value)
    except ValueError:
        return False
    uri = address.uri
    if not uri.isascii() or _NO_HOST.match(uri) or (uri[:4].lower() == "tel:" and not _SCHEME.match(uri)):
        return False
    return _PARAMS.fullmatch(value[value.rfind(uri) + len(uri) :].lstrip(" \t").removeprefix(">")) is not None


# what pjsip reads on over


def _put_right(data: bytes) -> bytes:
    """The message as the strict rules would have it; raises Malformed where nothing helps."""
    head, separator, body = data.lstrip(b"\r\n").partition(b"\r\n\r\n")
    if len(head) > MAX_MESSAGE or head.count(b"\n") >= MAX_HEADERS:
        raise Malformed("message too large")
    lines = head.decode("utf-8", "surrogateescape").split("\r\n")
    if lines[0][:4].upper() == "SIP/":
        start, method = lines[0], ""
    else:
        start, method = _request_line(lines[0])
    rows = [start]
    seen: set[str] = set()
    for line in unfolded(["", *lines[1:]])[1:]:
        name, colon, value = line.partition(":")
        known = canonical(name.rstrip(" \t"))
        if colon and known in SINGLE | {"Max-Forwards"}:
            if known in seen:
                continue
            seen.add(known)
            value = _value(known, value.strip(" \t"), method, len(body))
        elif known == "Contact":
            value = _value(known, value.strip(" \t"), method, len(body))
        rows.append(f"{name}:{value}" if colon else line)
    return "\r\n".join(rows).encode("utf-8", "surrogateescape") + (separator or b"\r\n\r\n") + body


def _request_line(line: str) -> tuple[str, str]:
    found = _REQUEST_LINE.fullmatch(line)
    if found is None:
        raise Malformed(f"not SIP: {line[:60]!r}")
    method, uri = found.groups()
    method = method.upper() if method.upper() in _CORE_METHODS else method
    return f"{method} {_BARE_PERCENT.sub('%25', uri)} SIP/2.0", method


def _value(name: str, value: str, method: str, size: int) -> str:
    if name in _ADDRESSES:
        return _BARE_PERCENT.sub("%25", _quoted_display(value))
    if name == "CSeq":
        found = _CSEQ.fullmatch(value)
        if found is not None:
            spelled = found[2].upper() if found[2].upper() in _CORE_METHODS else found[2]
            return f"{found[1]} {spelled}"
    if name == "Max-Forwards" and value.isdecimal():
        return str(min(int(value[:10]), MAX_FORWARDS))
    if name == "Content-Length" and value.isdecimal():
        return str(min(int(value[:10]), size))
    return value


def _quoted_display(value: str) -> str:
    """An address with quotes around a display name that needs them and has none."""
    head, bracket, rest = value.partition("<")
    shown = head.strip(" \t")
    if not bracket or ":" in shown or shown.startswith('"') or _NO_TOKEN.search(shown) is None:
        return value
    return f"{quote(shown)} <{rest}"
