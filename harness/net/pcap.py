"""A trace as a packet capture, for Wireshark, sngrep and tcpdump.

The file is libpcap's classic one with bare IP packets (link type RAW, 101), times to the microsecond.  Addresses and
ports are those of the trace.  A message is a datagram, or the segments of a connection whose handshake is made up
where its first message is seen: what the trace knows is messages.  Secrets are blanked, as wherever a trace is
written; a Content-Length is set right where a body has changed by that.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from harness.net.trace import Event, Place, Trace

MAGIC = 0xA1B2C3D4
SNAP_LENGTH = 262_144
LINK_RAW = 101
TTL = 64
MAX_SEGMENT = 1_400
"""Bytes of SIP in one segment."""
MAX_PAYLOAD = 65_507
"""Bytes in one datagram; of a longer one the beginning is written."""
NAMED = int(IPv4Address("192.0.2.1"))
"""Hosts that have a name and no address get those from here on (RFC 5737)."""

_UDP, _TCP = 17, 6
_FIN_ACK, _SYN, _SYN_ACK, _ACK, _PSH_ACK = 0x11, 0x02, 0x12, 0x10, 0x18
_WINDOW = 65_535

_LENGTH = re.compile(rb"(?im)^(content-length|l)([ \t]*:[ \t]*)(\d{1,9})(?=[ \t]*\r?$)")

Host = IPv4Address | IPv6Address
End = tuple[Host, int]


def write(trace: Trace, file: BinaryIO, began: float) -> int:
    """Write the messages that a trace holds; `began` is its time 0 in seconds since 1970. Gives their number."""
    file.write(struct.pack("<IHHiIII", MAGIC, 2, 4, 0, 0, SNAP_LENGTH, LINK_RAW))
    capture = _Capture(trace)
    count = 0
    for event in messages(trace):
        count += 1
        stamp = divmod(round((began + event.time) * 1_000_000), 1_000_000)
        for packet in capture.packets(event):
            file.write(struct.pack("<IIII", *stamp, len(packet), len(packet)) + packet)
    return count


def messages(trace: Trace) -> Iterator[Event]:
    """Each message once: when it leaves one of ours, or when it arrives from elsewhere."""
    sent: set[int] = set()
    for event in trace.events:
        if event.hop == "sip":
            sent.add(event.seq)
        elif event.hop != "arrived" or event.cause in sent:
            continue
        if isinstance(event.payload, bytes):
            yield event


def shown(trace: Trace, data: bytes) -> bytes:
    """A message without secrets, whose Content-Length still tells the truth."""
    text = data.decode("utf-8", "surrogateescape")
    blanked = trace.blank(text)
    if blanked == text:
        return data
    result = blanked.encode("utf-8", "surrogateescape")
    _, _, before = data.partition(b"\r\n\r\n")
    head, end, body = result.partition(b"\r\n\r\n")
    change = len(body) - len(before)
    if change:
        head = _LENGTH.sub(lambda found: b"%s%s%d" % (found[1], found[2], max(0, int(found[3]) + change)), head)
    return head + end + body


class _Connection:
    """What each end of a connection has sent, in bytes."""

    def __init__(self) -> None:
        self.sent: dict[End, int] = {}


class _Capture:
    """Makes packets of messages."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._connections: dict[frozenset[End], _Connection] = {}
        self._named: dict[str, Host] = {}
        self._packets = 0

    def packets(self, event: Event) -> Iterator[bytes]:
        """The packets of one message."""
        data = event.payload
        assert isinstance(data, bytes)
        source, destination = self._end(event.source), self._end(event.destination)
        if source[0].version != destination[0].version:  # an IPv4 end of an IPv6 socket
            source, destination = _mapped(source), _mapped(destination)
        data = shown(self._trace, data)
        if event.transport == "UDP":
            yield self._udp(source, destination, data[:MAX_PAYLOAD])
        else:
            yield from self._stream(source, destination, data)

    def _end(self, place: Place) -> End:
        host, port = (place, 5060) if isinstance(place, str) else place
        try:
            return ip_address(host.partition("%")[0]), port
        except ValueError:
            return self._named.setdefault(host, IPv4Address(NAMED + len(self._named))), port

    def _udp(self, source: End, destination: End, data: bytes) -> bytes:
        header = struct.pack("!HHHH", source[1], destination[1], 8 + len(data), 0)
        total = _checksum(_pseudo(source[0], destination[0], _UDP, 8 + len(data)) + header + data)
        segment = header[:6] + struct.pack("!H", total or 0xFFFF) + data  # RFC 768: 0 would mean that there is none
        return self._ip(source[0], destination[0], _UDP, segment)

    def _stream(self, source: End, destination: End, data: bytes) -> Iterator[bytes]:
        key = frozenset((source, destination))
        connection = self._connections.get(key)
        if connection is None:
            connection = self._connections[key] = _Connection()
            connection.sent = {source: 0, destination: 0}
            yield self._tcp(connection, source, destination, _SYN)
            yield self._tcp(connection, destination, source, _SYN_ACK)
            yield self._tcp(connection, source, destination, _ACK)
        for start in range(0, len(data), MAX_SEGMENT):
            part = data[start : start + MAX_SEGMENT]
            last = start + MAX_SEGMENT >= len(data)
            yield self._tcp(connection, source, destination, _PSH_ACK if last else _ACK, part)
        yield self._tcp(connection, destination, source, _ACK)

    def _tcp(self, connection: _Connection, source: End, destination: End, flags: int, data: bytes = b"") -> bytes:
        ours, theirs = connection.sent[source], connection.sent[destination]
        acknowledged = theirs if flags & _ACK else 0
        options = struct.pack("!BBH", 2, 4, MAX_SEGMENT) if flags & _SYN else b""
        header = struct.pack("!HHIIBBHHH", source[1], destination[1], ours % 2**32, acknowledged % 2**32,
                             (20 + len(options)) * 4, flags, _WINDOW, 0, 0) + options  # fmt: skip
        total = _checksum(_pseudo(source[0], destination[0], _TCP, len(header) + len(data)) + header + data)
        connection.sent[source] = ours + len(data) + (1 if flags & _SYN else 0)
        return self._ip(source[0], destination[0], _TCP, header[:16] + struct.pack("!H", total) + header[18:] + data)

    def _ip(self, source: Host, destination: Host, protocol: int, segment: bytes) -> bytes:
        if source.version == 6:
            header = struct.pack("!IHBB", 6 << 28, len(segment), protocol, TTL)
            return header + source.packed + destination.packed + segment
        self._packets += 1
        header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(segment), self._packets % 2**16, 0, TTL, protocol, 0,
                             source.packed, destination.packed)  # fmt: skip
        return header[:10] + struct.pack("!H", _checksum(header)) + header[12:] + segment


def _mapped(end: End) -> End:
    """RFC 4291 2.5.5.2."""
    host, port = end
    return (IPv6Address(f"::ffff:{host}") if isinstance(host, IPv4Address) else host), port


def _pseudo(source: Host, destination: Host, protocol: int, length: int) -> bytes:
    """What a checksum covers besides the segment (RFC 768, RFC 9293 3.1, RFC 8200 8.1)."""
    form = "!HH" if source.version == 4 else "!II"
    return source.packed + destination.packed + struct.pack(form, protocol, length)


def _checksum(data: bytes) -> int:
    """RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
