"""How applications and functions take their arguments apart (main/app.c, include/asterisk/strings.h)."""

from __future__ import annotations

import re

BLANKS = "".join(map(chr, range(1, 33)))

_INTEGER = re.compile(r"[ \t\r\n\v\f]*([+-]?[0-9]{1,30})")
_DURATION = re.compile(r"[ \t\r\n\v\f]*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))[ \t\r\n\v\f]*([^ \t\r\n\v\f]{0,9})")
_UNITS = {"": 1000.0, "h": 3_600_000.0, "s": 1000.0, "m": 60_000.0, "ms": 1.0}
_LONGEST_MS = 2**31 - 1
_HEX = "0123456789abcdefABCDEF"


def arguments(text: str, most: int, separator: str = ",", raw: bool = False) -> list[str]:
    """At most `most` arguments; the last takes what is left as it stands.

    Separators inside `()`, `[]` and quotes do not count; quotes and backslashes are taken out unless `raw`, but
    never out of the last one.  Nothing is trimmed; a separator at the end adds an empty argument.
    """
    found: list[str] = []
    at = 0
    parentheses = brackets = 0
    quoted = ended = False
    while at < len(text) and len(found) < most - 1:
        kept: list[str] = []
        ended = False
        while at < len(text):
            character = text[at]
            at += 1
            if character in "()":
                parentheses = max(parentheses + (1 if character == "(" else -1), 0)
            elif character in "[]":
                brackets = max(brackets + (1 if character == "[" else -1), 0)
            elif character == '"' and separator != '"':
                quoted = not quoted
                if not raw:
                    continue
            elif character == "\\":
                kept.append(text[at : at + 1] if not raw else text[at - 1 : at + 1])
                at += 1
                continue
            elif character == separator and not (parentheses or quoted or brackets):
                ended = True
                break
            kept.append(character)
        found.append("".join(kept))
    if at < len(text) or ended:
        found.append(text[at:])
    return found


def padded(row: list[str], size: int) -> list[str]:
    """The arguments and empty ones for those that are missing."""
    return row + [""] * (size - len(row))


def strip(text: str) -> str:
    """Without blanks and control characters at both ends (ast_strip)."""
    return text.strip(BLANKS)


def integer(text: str) -> int | None:
    """The whole number at the start of a text (sscanf %d)."""
    found = _INTEGER.match(text)
    return int(found[1]) if found else None


def holds(condition: str) -> bool:
    """Whether a condition is true (main/pbx.c, pbx_checkcondition)."""
    number = integer(condition)
    return bool(condition) if number is None else number != 0


def milliseconds(text: str) -> int | None:
    """A length of time, in seconds unless `h`, `m`, `s` or `ms` follows; None where it is none."""
    found = _DURATION.match(text)
    factor = _UNITS.get(found[2].lower()) if found else None
    if found is None or factor is None:
        return None
    return int(min(float(found[1]) * factor, _LONGEST_MS))


def encoded_byte(text: bytes, at: int) -> tuple[int | None, int]:
    """One byte that may be written as `\\n`, `\\x2c`, `\\054`; None at the end or where it is malformed."""
    if at >= len(text):
        return None, at
    if text[at : at + 1] != b"\\":
        return text[at], at + 1
    kind = text[at + 1 : at + 2].decode("latin-1")
    if kind in "nrt" and kind:
        return b"\n\r\t"["nrt".index(kind)], at + 2
    if kind not in "x0" or not kind:
        return (text[at + 1] if kind else 0), at + 2
    digits, most = (_HEX, 2) if kind == "x" else ("01234567", len(text))
    end = at + 2
    while end < len(text) and end < at + 2 + most and chr(text[end]) in digits:
        end += 1
    if kind == "x" and end == at + 2:
        return None, at
    return int(text[at + 2 : end] or b"0", 16 if kind == "x" else 8) & 0xFF, end
