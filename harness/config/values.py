"""How Asterisk turns the text of a value into a truth, a number or a list."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import NamedTuple

from harness.errors import Location

BLANKS = "".join(map(chr, range(1, 33)))
"""What ast_strip takes off both ends: every character up to the space."""

MAX_UINT32 = 0xFFFFFFFF
_TRUE = frozenset(("yes", "true", "y", "t", "1", "on"))
_FALSE = frozenset(("no", "false", "n", "f", "0", "off"))
_C_NUMBER = re.compile(r"[+-]?(?:0[xX][0-9a-fA-F]+|[0-9]+)", re.ASCII)
_LEADING_NUMBER = re.compile(r"[ \t\n\v\f\r]*([+-]?[0-9]+)", re.ASCII)


class Ref(NamedTuple):
    """A name that some other section should define, and the place that uses it."""

    name: str
    where: Location


def is_true(text: str) -> bool:
    """ast_true: everything but its six words is false."""
    return text.lower() in _TRUE


def is_false(text: str) -> bool:
    """ast_false; not the opposite of `is_true`: `maybe` is neither."""
    return text.lower() in _FALSE


def c_number(text: str) -> int | None:
    """strtol with base 0 on the whole text: decimal, 0x hexadecimal, leading 0 octal; else None."""
    text = text.lstrip(BLANKS)
    if not _C_NUMBER.fullmatch(text):
        return None
    sign, digits = (-1, text[1:]) if text[0] == "-" else (1, text.lstrip("+"))
    if digits[:2] in ("0x", "0X"):
        return sign * int(digits[2:], 16)
    if len(digits) > 1 and digits[0] == "0":
        return sign * int(digits, 8) if digits.strip("01234567") == "" else None
    return sign * int(digits) if len(digits) <= 20 else None


def unsigned(text: str) -> int | None:
    """PARSE_UINT32 (main/config.c): a number from 0 to 2**32-1, or None where Asterisk refuses the text."""
    number = c_number(text)
    return number if number is not None and "-" not in text and number <= MAX_UINT32 else None


def leading_number(text: str) -> int:
    """atoi: the digits at the start, 0 where there are none."""
    found = _LEADING_NUMBER.match(text)
    return int(found[1][:12]) if found else 0


def comma_list(text: str) -> tuple[str, ...]:
    """Items between commas, stripped; empty ones are left out."""
    return tuple(item for part in text.split(",") if (item := part.strip(BLANKS)))


def suggestion(word: str, known: Iterable[str]) -> str:
    """A half sentence `; did you mean "..."?`, or nothing where nothing is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.7)
    return f'; did you mean "{near[0]}"?' if near else ""


def truncated(text: str, limit: int) -> str:
    """At most `limit` bytes of the encoded text (ast_copy_string into a fixed field)."""
    return text.encode("utf-8", "surrogateescape")[:limit].decode("utf-8", "surrogateescape")
