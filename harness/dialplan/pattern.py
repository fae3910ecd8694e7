"""Which extension a number finds: matching, and the order in which patterns are tried (main/pbx.c:1832-2427).

Matching works on bytes, as Asterisk does: `.` swallows any bytes, a set holds bytes.
"""

from __future__ import annotations

from functools import lru_cache

from harness.core.octets import to_bytes

_RANGES = {
    ord("X"): b"0123456789",
    ord("Z"): b"123456789",
    ord("N"): b"23456789",
}
_DASH, _DOT, _BANG, _SLASH, _OPEN, _CLOSE = b"-.!/[]"
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


def sort_key(exten: str) -> SortKey:
    """Sorts extensions as one context is searched: names first, then patterns, the most specific first."""
    if not is_pattern(exten):
        signed = (byte - 256 if byte > 127 else byte for byte in to_bytes(plain(exten)))
        return 0, (*((byte, 0) for byte in signed), (0, 0))
    return 1, _positions(to_bytes(exten)[1:])


def same_place(left: str, right: str) -> bool:
    """Whether two names are one extension to Asterisk: `_X` and `_x` and `_[0-9]`, `10-0` and `100`."""
    return sort_key(left) == sort_key(right)


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
    return _matches_pattern(to_bytes(exten)[1:], to_bytes(number).replace(b"-", b""))


def _matches_pattern(pattern: bytes, digits: bytes) -> bool:
    at = 0
    for digit in digits:
        while at < len(pattern) and (pattern[at] == _DASH or pattern.startswith(b"[]", at)):
            at += 2 if pattern[at] == _OPEN else 1
        if at >= len(pattern) or pattern[at] == _SLASH:
            return False
        byte = pattern[at]
        if byte in (_DOT, _BANG):
            return True
        if byte == _OPEN:
            end = pattern.find(_CLOSE, at + 1)
            if end < 0 or digit not in _set_members(pattern[at + 1 : end]):
                return False
            at = end + 1
        elif digit in _members(byte):
            at += 1
        else:
            return False
    rest = pattern[at:].lstrip(b"-")
    return not rest or rest[0] in (_SLASH, _BANG)
