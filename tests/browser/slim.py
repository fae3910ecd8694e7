"""Makes a screenshot small enough for git: what a browser writes fast is written again with care."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

SIGNATURE = b"\x89PNG\r\n\x1a\n"
RGB = 3
STEP = 8
"""Levels of a colour that become one: nobody sees it, and smooth edges repeat more often."""


def slim(path: Path) -> None:
    """Rewrite a PNG of eight bits in RGB (RFC 2083), in place."""
    width, height, rows = _read(path.read_bytes())
    near = bytes(min(255, (value + STEP // 2) // STEP * STEP) for value in range(256))
    written = bytearray()
    before = bytes(width * RGB)
    for row in rows:
        now = bytes(row).translate(near)
        # filter 2 (Up): most of a row of a page is as the one above it
        written += b"\x02" + bytes((one - other) & 255 for one, other in zip(now, before, strict=True))
        before = now
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(written), 9)
    path.write_bytes(SIGNATURE + b"".join(map(_chunk, (b"IHDR", b"IDAT", b"IEND"), (header, data, b""))))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _read(png: bytes) -> tuple[int, int, Iterator[bytearray]]:
    width, height, depth, colour = struct.unpack(">IIBB", png[16:26])
    assert (png[:8], depth, colour) == (SIGNATURE, 8, 2), "a picture of another kind"
    data, place = b"", 8
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        if png[place + 4 : place + 8] == b"IDAT":
            data += png[place + 8 : place + 8 + length]
        place += length + 12
    return width, height, _rows(zlib.decompress(data), width * RGB)


def _rows(data: bytes, length: int) -> Iterator[bytearray]:
    """The rows without their filters (RFC 2083 clause 6)."""
    before = bytearray(length)
    for start in range(0, len(data), length + 1):
        kind, row = data[start], bytearray(data[start + 1 : start + 1 + length])
        for at in range(length):
            left = row[at - RGB] if at >= RGB else 0
            up, corner = before[at], before[at - RGB] if at >= RGB else 0
            row[at] = (row[at] + (0, left, up, (left + up) // 2, _paeth(left, up, corner))[kind]) & 255
        yield row
        before = row


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda each: abs(guess - each))
