"""How what a server sent is written down: what differs from run to run becomes a token."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

Note = dict[str, Any]

NOTED_EVENTS = frozenset(("PresenceStateChange", "PresenceStatus", "ExtensionStatus", "DeviceStateChange", "UserEvent"))
"""Manager events that are noted; a story may name more."""
NOTED_HEADERS = (
    "event",
    "subscription-state",
    "content-type",
    "expires",
    "min-expires",
    "allow-events",
    "www-authenticate",
    "sip-etag",
    "retry-after",
    "require",
    "supported",
    "accept",
    "contact",
    "allow",
    "server",
    "user-agent",
)
LONG_NAMES = {
    "v": "via",
    "f": "from",
    "t": "to",
    "i": "call-id",
    "m": "contact",
    "l": "content-length",
    "c": "content-type",
    "o": "event",
    "u": "allow-events",
    "k": "supported",
    "b": "referred-by",
}

_UNNOTED_FIELDS = re.compile(
    r"(Privilege|SequenceNumber|File|Line|Func|(Dest)?Uniqueid|(Dest)?Linkedid|Timestamp|CallerID\w+"
    r"|ConnectedLine\w+|ChannelState\w*|Language|AccountCode|TenantID):"
)
_OWN_DEVICE = "Device: Local/"
"""The channel that the story itself made; when its events come is a race."""
Tokens = tuple[tuple[re.Pattern[str], str], ...]
TOKENS: Tokens = (
    (re.compile(r"transport=udp", re.IGNORECASE), "transport=<t>"),
    (re.compile(r"^Timestamp: [\d.]+"), "Timestamp: <time>"),
    (re.compile(r"PJSIP/(\w+)-[0-9a-f]{8}"), r"PJSIP/\1-XXXXXXXX"),
    (re.compile(r'atomid="[0-9a-f-]{36}"'), 'atomid="<uuid>"'),
    (re.compile(r"Local/(\w+@\w+)-[0-9a-f]{8};"), r"Local/\1-XXXXXXXX;"),
)
_EXPIRES = re.compile(r"(expires=)\d+")
_SECRETS = re.compile(r'(nonce|opaque)="[^"]*"')


class SipText(NamedTuple):
    """A SIP message as it came, in pieces; names of headers are long and in lower case."""

    start: str
    headers: dict[str, list[str]]
    body: str

    @classmethod
    def read(cls, data: bytes) -> SipText:
        """Take any message apart; nothing is checked."""
        head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
        start, *lines = head.split("\r\n")
        headers: dict[str, list[str]] = {}
        for line in lines:
            name, _, value = line.partition(":")
            short = name.strip().lower()
            headers.setdefault(LONG_NAMES.get(short, short), []).append(value.strip())
        return cls(start, headers, body)

    def get(self, name: str) -> str:
        """All values of a header in one line; '' where there is none."""
        return ", ".join(self.headers.get(name, ()))

    @property
    def method(self) -> str:
        """The method of a request; 'SIP/2.0' for a response."""
        return self.start.split(" ", 1)[0]

    @property
    def is_request(self) -> bool:
        """Whether it is not a response."""
        return not self.start.startswith("SIP/2.0")

    @property
    def cseq(self) -> int:
        """The number of CSeq."""
        return int(self.get("cseq").split()[0])

    @property
    def target(self) -> str | None:
        """The URI of Contact."""
        found = re.search(r"<([^>]+)>", self.get("contact"))
        return found[1] if found else None


class Cleaner:
    """Puts tokens in the place of addresses, tags and what else is chosen anew in each run."""

    def __init__(self, server: tuple[str, int], more: Tokens = ()) -> None:
        """`more` are further patterns, each with its token."""
        self._host, self._place, self._tokens = server[0], f"{server[0]}:{server[1]}", (*TOKENS, *more)
        self._words: list[tuple[str, str]] = []

    def knows(self, place: str, name: str, tag: str) -> None:
        """Someone with this address and From-tag takes part."""
        self._words += [(place, f"<{name}>"), (tag, "<tag>")]

    def clean(self, text: str) -> str:
        """One line with its tokens."""
        for word, token in (*self._words, (self._place, "<server>"), (self._host, "<host>")):
            text = text.replace(word, token)
        for pattern, token in self._tokens:
            text = pattern.sub(token, text)
        return text

    def header(self, name: str, value: str) -> str:
        """A SIP header's value; several contacts come in no order."""
        value = _EXPIRES.sub(r"\1N", value)
        if name == "contact":
            value = ", ".join(sorted(self.clean(value).split(", ")))
        return self.clean(_SECRETS.sub(r'\1="..."', value))

    def message(self, name: str, message: SipText, cseq: str | None) -> Note:
        """What is noted of a SIP message to `name`; `cseq` where its CSeq is worth noting."""
        note: Note = {"to": name, "start": self.clean(message.start)}
        for header in NOTED_HEADERS:
            if value := message.get(header):
                note[header] = self.header(header, value)
        if cseq is not None:
            note["cseq"] = cseq
        if message.body and message.get("content-type") != "application/sdp":
            note["body"] = [self.clean(line) for line in message.body.splitlines()]
        return note

    def packets(self, packets: Iterable[list[str]]) -> list[list[str]]:
        """Packets of the manager interface."""
        return [[self.clean(line) for line in packet] for packet in packets]

    def event(self, packet: list[str]) -> list[str]:
        """A manager event without what counts and times it."""
        return [self.clean(line) for line in packet if not _UNNOTED_FIELDS.match(line)]


def is_noted(packet: list[str], noted: frozenset[str]) -> bool:
    """Whether a packet is an event that the story wants to see."""
    event = packet[0].removeprefix("Event: ") if packet[0].startswith("Event: ") else ""
    return event in noted and not any(line.startswith(_OWN_DEVICE) for line in packet)


def in_order(sip: list[Note], events: list[list[str]]) -> Mapping[str, list[Any]]:
    """Order holds within one watcher, and within one kind of event about one thing; what is empty is left out."""
    seen: dict[str, list[Any]] = {
        "sip": sorted(sip, key=lambda note: str(note["to"])),
        "events": sorted(events, key=lambda event: event[:2]),
    }
    return {kind: notes for kind, notes in seen.items() if notes}
