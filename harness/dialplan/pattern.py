"""Which extension a number finds: matching, and the order in which patterns are tried (main/pbx.c:1832-2427).

Matching works on bytes, as Asterisk does: `.` swallows any bytes, a set holds bytes.
"""

from __future__ import annotations

import re
from functools import lru_cache

from harness.core.octets import to_bytes

_RANGES = {
    ord("X"): b"0123456789",
    ord("Z"): b"123456789",
    ord("N"): b"23456789",
}
_DASH, _DOT, _BANG, _SLASH, _OPEN, _CLOSE = b"-.!/[]"
_NEVER = b"(?!)"
_ONE_OR_MORE = 0x18000
_ZERO_OR_MORE = 0x28000
_END = 0x30000
_BROKEN_SET = 0x40000
_CACHED = 4096

SortKey = tuple[int, tuple[tuple[int, int], ...]]


def is_pattern(exten: str) -> bool:
    """Whether the name of an extension is a pattern."""
    return exten.startswith("_")


def plain(exten: str) -> str:
    """A name or a number without the dashes, which count for nothing."""
    return exten.replace("-", "")


@lru_cache(maxsize=_CACHED)
def sort_key(exten: str) -> SortKey:
    """Sorts extensions as one context is searched: names first, then patterns, the most specific first."""
    if not is_pattern(exten):
        signed = (byte - 256 if byte > 127 else byte for byte in to_bytes(plain(exten)))
        return 0, (*((byte, 0) for byte in signed), (0, 0))
    return 1, _positions(to_bytes(exten)[1:])


@lru_cache(maxsize=_CACHED)
def _positions(pattern: bytes) -> tuple[tuple[int, int], ...]:
    """Each position as (size and lowest member, bitmap); compared in order, the smaller is tried first."""
    keys = []
    at = 0
    while at < len(pattern):
        byte = pattern[at]
        at += 1
        if byte == _OPEN:
            end = pattern.find(_CLOSE, at)
            if end < 0:
                keys.append((_BROKEN_SET, 0))
                continue
            members, at = _set_members(pattern[at:end]), end + 1
            if members:
                keys.append(_weight(members))
        elif byte == _DOT:
            keys.append((_ONE_OR_MORE, 0))
        elif byte == _BANG:
            keys.append((_ZERO_OR_MORE, 0))
        elif byte != _DASH:
            keys.append(_weight(_members(byte)))
    return (*keys, (_END, 0))


def _weight(members: frozenset[int]) -> tuple[int, int]:
    """Of two sets of one size with one lowest member, that with the lower members comes first."""
    bitmap = sum(1 << (255 - byte) for byte in members)
    return len(members) << 8 | min(members), -bitmap


def _members(byte: int) -> frozenset[int]:
    upper = byte & ~0x20
    return frozenset(_RANGES.get(upper, (byte,)))


@lru_cache(maxsize=_CACHED)
def _set_members(inside: bytes) -> frozenset[int]:
    """The bytes of a set: single ones and ranges; a dash at either end is itself."""
    members: set[int] = set()
    at = 0
    while at < len(inside):
        last = inside[at]
        first = last
        if at + 2 < len(inside) and inside[at + 1] == _DASH:
            last, at = inside[at + 2], at + 2
        members.update(range(first, last + 1))
        at += 1
    return frozenset(members)


def matches(exten: str, number: str) -> bool:
    """Whether a number is matched by an extension, a name or a pattern; a pattern matches its own text too."""
    if not is_pattern(exten):
        return plain(exten) == plain(number)
    if is_pattern(number) and sort_key(exten) == sort_key(number):
        return True
    return _compiled(exten).fullmatch(to_bytes(number).replace(b"-", b"")) is not None


@lru_cache(maxsize=_CACHED)
def _compiled(exten: str) -> re.Pattern[bytes]:
    """A pattern as a regular expression over the bytes of a number without dashes."""
    pattern = to_bytes(exten)[1:]
    pieces: list[bytes] = []
    at = 0
    while at < len(pattern) and pattern[at] != _SLASH:
        byte = pattern[at]
        at += 1
        if byte in (_DOT, _BANG):
            pieces.append(b".+" if byte == _DOT else b".*")
            break
        if byte == _OPEN:
            end = pattern.find(_CLOSE, at)
            members = _set_members(pattern[at:end]) if end >= 0 else frozenset[int]()
            at = end + 1
            if members:
                pieces.append(_one_of(members))
            elif end < 0 or not pattern[at:].strip(b"-"):
                pieces.append(_NEVER)
                break
        elif byte != _DASH:
            pieces.append(_one_of(_members(byte)))
    return re.compile(b"".join(pieces), re.DOTALL)


def _one_of(members: frozenset[int]) -> bytes:
    return b"[" + b"".join(b"\\x%02x" % byte for byte in sorted(members)) + b"]"
