"""Session descriptions as far as a call without media needs them (RFC 8866, RFC 3264): one audio stream.

What is read is passed on as it is understood; attributes that say nothing here are dropped.
"""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

from harness.errors import HarnessError

CONTENT_TYPE: Final = "application/sdp"
MAX_SDP_BYTES: Final = 16_384
MAX_STREAMS: Final = 16
MAX_FORMATS: Final = 64

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]
DIRECTIONS: Final[tuple[Direction, ...]] = ("sendrecv", "sendonly", "recvonly", "inactive")

ANSWERS: Final[dict[Direction, Direction]] = {
    "sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive",
}  # fmt: skip
"""What an offer of this direction is answered with at most (RFC 3264 6.1)."""

STATIC: Final = {0: "PCMU/8000", 3: "GSM/8000", 8: "PCMA/8000", 9: "G722/8000", 18: "G729/8000"}
"""Payload types that need no rtpmap (RFC 3551 6)."""
TELEPHONE_EVENT: Final = "telephone-event/8000"
UNSPECIFIED: Final = "0.0.0.0"
TOOL: Final = "dpma-harness"
"""What the phones of this project call themselves: somebody speaks and listens there, although no media are sent."""

_MEDIA = re.compile(r"([a-z-]{1,32}) ([0-9]{1,5})(?:/[0-9]{1,5})? ([A-Za-z0-9/]{1,32})((?: [0-9A-Za-z*+.-]{1,32})*)")
_CONNECTION = re.compile(r"IN IP[46] ([0-9A-Za-z.:-]{1,255})(?:/[0-9/]{1,16})?")
_ORIGIN = re.compile(r"(\S{1,255}) ([0-9]{1,20}) ([0-9]{1,20}) IN IP[46] (\S{1,255})")
_RTPMAP = re.compile(r"([0-9]{1,3}) ([A-Za-z0-9.-]{1,64}/[0-9]{1,6})(?:/[0-9]{1,2})?")


class SdpError(HarnessError):
    """A body that is no session description; `reason` says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Format(NamedTuple):
    """A payload type and its encoding, `PCMU/8000`."""

    number: int
    encoding: str


class Description(NamedTuple):
    """What one side says of the session's first audio stream; `port` 0 is none.

    `others` are the media lines of the other streams, which an answer has to refuse one by one (RFC 3264 6).
    """

    address: str
    port: int
    formats: tuple[Format, ...]
    direction: Direction = "sendrecv"
    session: int = 1
    version: int = 1
    user: str = "-"
    name: str = "-"
    others: tuple[tuple[int, str], ...] = ()
    """Place among the media lines, and the line without its `m=`."""
    tool: str = ""
    """What made it (RFC 8866 6.3)."""

    @property
    def held(self) -> bool:
        """Whether it puts the other side on hold: it does not listen, or nowhere (RFC 3264 8.4, RFC 2543)."""
        return self.direction in ("sendonly", "inactive") or self.address == UNSPECIFIED

    def encode(self) -> bytes:
        """The description on the wire."""
        family = "IP6" if ":" in self.address else "IP4"
        head = [
            "v=0",
            f"o={self.user} {self.session} {self.version} IN {family} {self.address}",
            f"s={self.name}",
            f"c=IN {family} {self.address}",
            "t=0 0",
        ]
        if self.tool:
            head.append(f"a=tool:{self.tool}")
        media = [self._audio()]
        for place, line in self.others:
            media.insert(place, [f"m={_refused(line)}"])
        return "\r\n".join([*head, *(line for lines in media for line in lines), ""]).encode("utf-8", "surrogateescape")

    def _audio(self) -> list[str]:
        numbers = " ".join(str(each.number) for each in self.formats)
        lines = [f"m=audio {self.port} RTP/AVP {numbers}"]
        lines += [f"a=rtpmap:{each.number} {each.encoding}" for each in self.formats]
        lines += [f"a=fmtp:{each.number} 0-16" for each in self.formats if each.encoding == TELEPHONE_EVENT]
        return [*lines, "a=ptime:20", f"a={self.direction}"]


def read(body: bytes) -> Description:
    """Read the first audio stream of a description; raises SdpError where there is none or it is no description."""
    if len(body) > MAX_SDP_BYTES:
        raise SdpError(f"more than {MAX_SDP_BYTES} bytes")
    lines = [line for line in body.decode("utf-8", "surrogateescape").replace("\r\n", "\n").split("\n") if line]
    if not lines or lines[0] != "v=0":
        raise SdpError("it does not begin with v=0")
    head, streams = _sections(lines)
    audio = next((at for at, stream in enumerate(streams) if stream[0].startswith("m=audio ")), None)
    if audio is None:
        raise SdpError("there is no audio stream")
    return _describe(head, streams, audio)


def _sections(lines: list[str]) -> tuple[list[str], list[list[str]]]:
    starts = [at for at, line in enumerate(lines) if line.startswith("m=")]
    if len(starts) > MAX_STREAMS:
        raise SdpError(f"more than {MAX_STREAMS} streams")
    ends = [*starts[1:], len(lines)] if starts else []
    return lines[: starts[0] if starts else None], [lines[a:b] for a, b in zip(starts, ends, strict=True)]


def _describe(head: list[str], streams: list[list[str]], audio: int) -> Description:
    own = streams[audio]
    media = _MEDIA.fullmatch(own[0][2:])
    origin = _ORIGIN.fullmatch(_value(head, "o=") or "")
    connection = _CONNECTION.fullmatch(_value(own, "c=") or _value(head, "c=") or "")
    if media is None or origin is None:
        raise SdpError("its o= or m= line cannot be read")
    if connection is None:
        raise SdpError("it has no c= line that can be read")
    port = int(media[2])
    if port > 65_535:
        raise SdpError(f"the port {port}")
    others = tuple((at, stream[0][2:]) for at, stream in enumerate(streams) if at != audio)
    return Description(
        connection[1], port, _formats(media[4], own), _direction(own) or _direction(head) or "sendrecv",
        int(origin[2]), int(origin[3]), origin[1], _value(head, "s=") or "-", others,
        _value(head, "a=tool:") or "",
    )  # fmt: skip


def _formats(numbers: str, lines: list[str]) -> tuple[Format, ...]:
    named = {int(found[1]): found[2] for line in lines if (found := _RTPMAP.fullmatch(line.removeprefix("a=rtpmap:")))}
    known = {**STATIC, **named}
    wanted = [int(word) for word in numbers.split() if word.isascii() and word.isdigit()][:MAX_FORMATS]
    return tuple(Format(number, known[number]) for number in wanted if number in known)


def _direction(lines: list[str]) -> Direction | None:
    return next((each for line in reversed(lines) for each in DIRECTIONS if line == f"a={each}"), None)


def _value(lines: list[str], kind: str) -> str | None:
    return next((line[len(kind) :] for line in lines if line.startswith(kind)), None)


def _refused(line: str) -> str:
    """A media line with port 0: the stream is not wanted (RFC 3264 6)."""
    kind, _, rest = line.partition(" ")
    return f"{kind} 0 {rest.partition(' ')[2]}"


def common(offered: tuple[Format, ...], known: tuple[str, ...]) -> tuple[Format, ...]:
    """What both have, in the order of the offer and with its numbers; encodings without case (RFC 3264 6.1)."""
    wanted = {encoding.lower() for encoding in known}
    return tuple(each for each in offered if each.encoding.lower() in wanted)
