"""What must hold after every scenario, whatever it asked: read off the SIP messages of the trace."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from harness.net.trace import Event, Place, Trace

MAX_TOLD = 20
"""Violations of one scenario that are told."""

_FIELDS = re.compile(
    rb"(?im)^(via|v|call-id|i|cseq|from|f|to|t)[ \t]*:[ \t]*([^\r\n]*)"
)
_LONG = {b"v": b"via", b"i": b"call-id", b"f": b"from", b"t": b"to"}
_PLAIN = tuple((name.lower(), b"\r\n" + name + b": ") for name in (b"Via", b"From", b"To", b"Call-ID", b"CSeq"))
_BRANCH = re.compile(rb"(?i);\s*branch\s*=\s*([^\s;,]+)")
_TAG = re.compile(rb"(?i);\s*tag\s*=\s*([^\s;,>]+)")
_PLAIN_VALUE = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-"
_MESSAGES = re.compile(rb"(?im)^(?:Event|o)[ \t]*:[ \t]*message-summary[ \t]*\r?$")
_WITHIN_DIALOG = (b"NOTIFY", b"SUBSCRIBE", b"INVITE", b"BYE", b"UPDATE", b"INFO", b"REFER", b"PRACK", b"MESSAGE")


class Told(NamedTuple):
    """The parts of a message that say to what it belongs."""

    request: bool
    method: bytes
    status: int
    branch: bytes
    call_id: bytes
    from_tag: bytes
    to_tag: bytes
    cseq: int

    @property
    def transaction(self) -> tuple[bytes, bytes]:
        """What a response and its request have in common (RFC 3261 17.1.3)."""
        return self.branch, b"INVITE" if self.method == b"ACK" else self.method


def violations(trace: Trace) -> list[str]:
    """Every response has a request, every NOTIFY a subscription, and the CSeq of a dialog rises by one."""
    known: dict[bytes, Told | None] = {}  # what is sent arrives, mostly as it was
    told = [(event, message) for event in trace.events if (message := _read_once(event, known)) is not None]
    found = [*_answers(told, trace), *_notifies(told, trace), *_cseqs(told, trace)]
    return list(dict.fromkeys(found))[:MAX_TOLD]


def read(event: Event) -> Told | None:
    """The parts of a SIP message; None for any other event and for what is no message."""
    data = event.payload
    if event.hop not in ("sip", "arrived") or not isinstance(data, bytes):
        return None
    head = data.lstrip(b"\r\n").partition(b"\r\n\r\n")[0]
    start = head.partition(b"\r\n")[0]
    fields = _plain_fields(head) or _any_fields(head)
    words = start.split(b" ", 2)
    number, _, method = fields.get(b"cseq", b"").strip().partition(b" ")
    if len(words) < 2 or not number.isdigit():
        return None
    response = words[0].upper().startswith(b"SIP/")
    if response and not words[1].isdigit():
        return None
    return Told(not response, method.strip() if response else words[0], int(words[1]) if response else 0,
                _first(b";branch=", _BRANCH, fields.get(b"via", b"")), fields.get(b"call-id", b"").strip(),
                _first(b";tag=", _TAG, fields.get(b"from", b"")), _first(b";tag=", _TAG, fields.get(b"to", b"")),
                int(number))  # fmt: skip


def _plain_fields(head: bytes) -> dict[bytes, bytes] | None:
    """The fields of a message that writes them as most do; None where one is written otherwise."""
    fields = {}
    for name, written in _PLAIN:
        at = head.find(written)
        if at < 0:
            return None
        at += len(written)
        end = head.find(b"\r\n", at)
        fields[name] = head[at:end] if end >= 0 else head[at:]
    return fields


def _any_fields(head: bytes) -> dict[bytes, bytes]:
    """The fields in any form that RFC 3261 7.3 allows, but folded."""
    fields: dict[bytes, bytes] = {}
    for name, value in _FIELDS.findall(head):
        long = _LONG.get(name.lower(), name.lower())
        fields.setdefault(long, value)
    return fields


def _read_once(event: Event, known: dict[bytes, Told | None]) -> Told | None:
    data = event.payload
    if event.hop not in ("sip", "arrived") or not isinstance(data, bytes):
        return None
    if data not in known:
        known[data] = read(event)
    return known[data]


def _first(name: bytes, pattern: re.Pattern[bytes], value: bytes) -> bytes:
    """The parameter's value; as nearly all write it, without the price of a search in any case."""
    at = value.find(name)
    if at >= 0 and (plain := value[at + len(name) :].partition(b";")[0]) and not plain.strip(_PLAIN_VALUE):
        return plain
    found = pattern.search(value)
    return found[1] if found else b""


Messages = Iterable[tuple[Event, Told]]


def _answers(told: Messages, trace: Trace) -> Iterator[str]:
    """A response is sent to a request that arrived, and arrives for one that was sent."""
    sent: set[tuple[Place, tuple[bytes, bytes]]] = set()
    arrived: set[tuple[Place, tuple[bytes, bytes]]] = set()
    for event, message in told:
        outgoing = event.hop == "sip"
        if message.request:
            (sent if outgoing else arrived).add((event.source if outgoing else event.destination, message.transaction))
        elif outgoing and (event.source, message.transaction) not in arrived:
            yield f"{_called(event, message, trace)} answers a request that never arrived"
        elif not outgoing and (event.destination, message.transaction) not in sent:
            yield f"{_called(event, message, trace)} answers a request that was never sent"


def _notifies(told: Messages, trace: Trace) -> Iterator[str]:
    """A NOTIFY belongs to the dialog of a SUBSCRIBE or a REFER, or is answered 481 (RFC 6665 4.1.3).

    One of a mailbox may come unasked: so do Asterisk's for endpoints with mailboxes.
    """
    subscribed: set[tuple[bytes, bytes]] = set()
    strangers: dict[tuple[bytes, bytes], str] = {}
    for event, message in told:
        if message.request and message.method in (b"SUBSCRIBE", b"REFER"):
            subscribed.add((message.call_id, message.from_tag))
        elif message.request and message.method == b"NOTIFY":
            unasked = isinstance(event.payload, bytes) and _MESSAGES.search(event.payload)
            if (message.call_id, message.to_tag) not in subscribed and not unasked:
                told_as = f"{_called(event, message, trace)} belongs to no subscription"
                strangers.setdefault(message.transaction, told_as)
        elif message.status == 481:
            strangers.pop(message.transaction, None)
    yield from strangers.values()


def _cseqs(told: Messages, trace: Trace) -> Iterator[str]:
    """Each new request of one side of a dialog has the number after the last (RFC 3261 12.2.1.1).

    So has one repeated with credentials (22.2). A copy, which has its branch as well, keeps its number; ACK and CANCEL,
    which take that of their INVITE (13.2.2.4, 9.1), are not looked at.
    """
    last: dict[tuple[Place, bytes, bytes, bytes], int] = {}  # the request that opens a dialog has no tag in To yet
    sent: set[tuple[Place, tuple[bytes, bytes], int]] = set()
    for event, message in told:
        if event.hop != "sip" or not message.request or message.method not in _WITHIN_DIALOG:
            continue
        request = (event.source, message.transaction, message.cseq)
        if request in sent:
            continue
        sent.add(request)
        side = (event.source, message.call_id, message.from_tag, message.to_tag)
        before = last.get(side, last.get((*side[:3], b"")))
        if message.to_tag and before is not None and message.cseq != before + 1:
            yield f"{_called(event, message, trace)} has CSeq {message.cseq} after {before} in its dialog"
        last[side] = max(message.cseq, before or 0)


def _called(event: Event, message: Told, trace: Trace) -> str:
    what = message.method.decode("ascii", "replace")
    if not message.request:
        what = f"{message.status} to {what}"
    road = f"{trace.name_of(event.source)} -> {trace.name_of(event.destination)}"
    return f"{what} ({road}, event {event.seq})"
