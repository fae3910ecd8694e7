"""Functions that work on texts, conditions and time (funcs/func_strings.c, func_logic.c, func_cut.c, func_base64.c)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from harness.core.octets import fold, to_bytes, to_text
from harness.core.value import decode_base64, encode_base64
from harness.dialplan.arithmetic import math_read
from harness.dialplan.ere import BadRegex, compile_regex
from harness.dialplan.function import Function, Invocation, utc
from harness.dialplan.list_functions import value_of
from harness.dialplan.splitting import arguments, encoded_byte, holds, integer, padded, strip
from harness.dialplan.substitute import MAX_NAME_BYTES, substitute
from harness.dialplan.times import parse_condition

VERSION, VERSION_NUMBER = "22.10.1", "221001"
_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_UPPER = {lower: lower - 32 for lower in range(ord("a"), ord("z") + 1)}
_RANGE = re.compile(r"\s*(?P<first>[+-]?[0-9]{1,9})?(?P<dash>-)?(?P<last>[+-]?[0-9]{1,9})?")
_DIRECTIVE = re.compile(r"%([-_0^#]*)([0-9]{0,3})([A-Za-z%])")
_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,15}(?:\.[0-9]{0,9})?(?:[eE][+-]?[0-9]{1,2})?")
_LAST_FIELD = 2**31 - 1
_EARLIEST, _LATEST = -62_135_596_800, 253_402_300_799
_MOST_DECIMALS = 6
_NAMES_A_DAY = re.compile("%[a-zA-Z]?[cdDeFjx]")


def _length(use: Invocation) -> str:
    return str(len(to_bytes(use.text)))


def _exists(use: Invocation) -> str:
    return "1" if use.text else "0"


def _is_null(use: Invocation) -> str:
    return "0" if use.text else "1"


def _if(use: Invocation) -> str | None:
    condition, rest = use.arguments(2, "?")
    branches = arguments(rest, 2, ":")
    if not condition or not branches:
        return None
    yes, no = padded(branches, 2)
    return strip(yes) if holds(strip(condition)) else strip(no)


def _if_time(use: Invocation) -> str | None:
    """IFTIME(times,weekdays,days,months?yes:no)."""
    condition, question, rest = _unquoted(use.text).partition("?")
    yes, _, no = rest.partition(":")
    when = parse_condition(condition)
    if when is None or not question:
        return None
    return _unquoted(yes if when.holds(use.facts.local(use.facts.epoch())) else no)


def _unquoted(text: str) -> str:
    """Without blanks at both ends, and a pair of quotes within them (ast_strip_quoted)."""
    text = strip(text)
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def _set(use: Invocation) -> str | None:
    name, equals, value = use.text.partition("=")
    if not name or not equals:
        return None
    name, value = strip(name), strip(value)
    if name.endswith(")"):
        function, _, inside = name.partition("(")
        use.facts.plan.functions.write(function, inside[:-1], value, use.scope)
    else:
        use.set_variable(name, value)
    return value


def _variable_exists(use: Invocation) -> str:
    return "0" if use.scope.variable(use.text) is None else "1"


def _evaluate(use: Invocation) -> str | None:
    return substitute(use.text, use.scope, MAX_NAME_BYTES, use.depth) if use.text else None


def _cut(use: Invocation) -> str | None:
    row = arguments(use.text, 3)
    if len(row) < 3:
        return None
    name, written, wanted = row
    found, _ = encoded_byte(to_bytes(written), 0)
    separator = b"-" if found is None else bytes((found,))
    value = value_of(use, name)
    if not value:
        return ""
    fields = value.split(separator) if separator != b"\0" else [value]
    chosen: list[bytes] = []
    at = 1
    for piece in wanted.split("&"):
        if at > len(fields):
            break
        span = _span(piece)
        if span is None:
            return None
        at = max(at, span[0])
        chosen += fields[at - 1 : max(span[1], at - 1)]
        at = max(at, min(span[1], len(fields)) + 1)
    return to_text(separator.join(chosen))


def _span(text: str) -> tuple[int, int] | None:
    """The fields that `2`, `2-`, `-3` or `2-3` names."""
    found = _RANGE.match(text)
    if found is None or not (found["first"] or (found["dash"] and found["last"])):
        return None
    first = int(found["first"] or 1)
    if first < 0:
        return 1, -first
    if not found["dash"]:
        return first, first
    return first, int(found["last"]) if found["last"] else _LAST_FIELD


def _field_count(use: Invocation) -> str:
    row = arguments(use.text, 2)
    if len(row) < 2:
        return "1"
    found, _ = encoded_byte(to_bytes(row[1]), 0)
    value = value_of(use, row[0])
    if not value:
        return "0"
    return str(value.count(bytes((found,))) + 1 if found else 1)


def _field_number(use: Invocation) -> str | None:
    """FIELDNUM(name,delimiter,value): which field it is, 0 for none; upper and lower case are alike."""
    row = arguments(use.text, 3)
    if len(row) < 3:
        return None
    found, _ = encoded_byte(to_bytes(row[1]), 0)
    fields = value_of(use, row[0]).split(bytes((found,))) if found else [value_of(use, row[0])]
    wanted = fold(row[2])
    places = (at for at, field in enumerate(fields, 1) if wanted and fold(to_text(field)) == wanted)
    return str(next(places, 0))


def _filter(use: Invocation) -> str | None:
    row = arguments(use.text, 2, raw=True)
    if len(row) < 2:
        return None
    allowed = frozenset(_allowed(to_bytes(row[0])))
    return to_text(bytes(byte for byte in to_bytes(row[1]) if byte in allowed))


def _allowed(text: bytes) -> Iterator[int]:
    """The bytes that `a-z0-9\\x2d` names; a range may run over the end."""
    at = 0
    while at < len(text):
        first, at = encoded_byte(text, at)
        if first is None:
            return
        last: int | None = first
        if text[at : at + 1] == b"-":
            last, at = encoded_byte(text, at + 1)
        span = (first if last is None else last) - first
        yield from ((first + step) % 256 for step in range(span % 256 + 1))


def _regex(use: Invocation) -> str | None:
    row = arguments(use.text, 3, '"')
    if len(row) < 3:
        return None
    _, pattern, text = row
    try:
        found = compile_regex(pattern).search(text[1:] if text[:1] in (" ", "\t") else text)
    except BadRegex:
        return None
    return "0" if found is None else "1"


def _encode(use: Invocation) -> str | None:
    return encode_base64(use.text) if use.text else None


def _decode(use: Invocation) -> str | None:
    return decode_base64(use.text, MAX_NAME_BYTES) if use.text else None


def _time(use: Invocation) -> str:
    """STRFTIME; `%q` are milliseconds, `%3q` as many digits of the second, `%Z` is the zone of the place always."""
    row = arguments(use.text, 3)
    epoch, zone, written = padded(row, 3)
    found = _NUMBER.match(epoch)
    seconds = min(max(float(found[0]) if found else use.facts.epoch(), _EARLIEST), _LATEST)
    when = _moment(use, seconds, zone)

    def directive(found: re.Match[str]) -> str:
        if found[3] == "q":
            digits = int(found[2] or 3)
            return f"{when.microsecond:06d}"[:digits] if 0 < digits <= _MOST_DECIMALS else found[0]
        if found[3] == "f":  # Python's own
            return found[0]
        shown = use.facts.local(seconds) if found[3] == "Z" else when
        return shown.strftime(found[0])

    return _DIRECTIVE.sub(directive, written if len(row) > 2 else "%c")


def _moment(use: Invocation, seconds: float, zone: str) -> datetime:
    """A point in time in a zone by its name: that of the place where none is given, UTC where it is not known."""
    if not zone:
        return use.facts.local(seconds)
    place = _zone(zone)
    return utc(seconds) if place is None else datetime.fromtimestamp(seconds, place)


@lru_cache(maxsize=32)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _beginning(text: str, written: str) -> datetime | None:
    """The time at the beginning of a text; what follows it does not count."""
    try:
        return datetime.strptime(text, written)
    except ValueError as error:
        _, found, rest = str(error).partition("unconverted data remains: ")
        return _beginning(text.removesuffix(rest), written) if found and rest and text.endswith(rest) else None


def _parsed_time(use: Invocation) -> str | None:
    """STRPTIME: seconds since 1970, or nothing where the text does not fit; without a day it is the one before."""
    text, zone, written = use.arguments(3)
    if not written:
        return None
    if written == "%s":
        seconds = integer(text)
        return "" if seconds is None else str(seconds)
    when = _beginning(text, written)
    if when is None:
        return ""
    place = _zone(zone) if zone else use.facts.local(0.0).tzinfo
    if not _NAMES_A_DAY.search(written):
        when -= timedelta(days=1)
    return str(int(when.replace(tzinfo=when.tzinfo or place or UTC).timestamp()))


def _version(use: Invocation) -> str:
    """VERSION([what]): of the release, as text or as a number."""
    return VERSION_NUMBER if use.text == "ASTERISK_VERSION_NUM" else VERSION


TEXT_FUNCTIONS = {
    "LEN": Function(_length),
    "EXISTS": Function(_exists),
    "ISNULL": Function(_is_null),
    "IF": Function(_if),
    "IFTIME": Function(_if_time),
    "SET": Function(_set),
    "VARIABLE_EXISTS": Function(_variable_exists),
    "EVAL": Function(_evaluate),
    "CUT": Function(_cut),
    "FIELDQTY": Function(_field_count),
    "FIELDNUM": Function(_field_number),
    "FILTER": Function(_filter),
    "REGEX": Function(_regex),
    "BASE64_ENCODE": Function(_encode),
    "BASE64_DECODE": Function(_decode),
    "TOUPPER": Function(lambda use: use.text.translate(_UPPER)),
    "TOLOWER": Function(lambda use: use.text.translate(_LOWER)),
    "STRFTIME": Function(_time),
    "STRPTIME": Function(_parsed_time),
    "MATH": Function(math_read),
    "VERSION": Function(_version),
}
