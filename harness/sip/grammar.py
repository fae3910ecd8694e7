"""Regular expressions named after their rules in RFC 3261 section 25.1, and the few readers built on them.

Header values arrive unfolded (RFC 3261 7.3.1), so LWS here is blanks and tabs. Where the text says "lenient", what is
written in practice goes beyond the rule. Repeats are possessive: no input makes them backtrack.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TypeAlias

from harness.errors import HarnessError

Params: TypeAlias = Mapping[str, str | None]
"""Parameters by lower-case name, in order; None where there is no `=`; quoted values keep their quotes."""

NO_PARAMS: Params = MappingProxyType({})


class GrammarError(HarnessError, ValueError):
    """A text that does not follow its rule."""


LWS = r"[ \t]*+"
TOKEN_CHAR = r"A-Za-z0-9\-.!%*_+`'~"
TOKEN = rf"[{TOKEN_CHAR}]++"
QUOTED_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
# Lenient: non-ASCII text, as phones write it, beside the tokens of an unquoted display name.
DISPLAY_TOKENS = rf"[{TOKEN_CHAR} \t\x80-\U0010ffff]*+"
HEX_ESCAPE = r"%[0-9A-Fa-f]{2}"
# user-unreserved and unreserved; lenient: '#' (feature codes) and what is not ASCII.
USER_CHAR = r"A-Za-z0-9\-_.!~*'()&=+$,;?/#\x80-\U0010ffff"
USER = rf"[{USER_CHAR}]*+(?:{HEX_ESCAPE}[{USER_CHAR}]*+)*+"
PASSWORD = rf"[A-Za-z0-9\-_.!~*'()&=+$,]*+(?:{HEX_ESCAPE}[A-Za-z0-9\-_.!~*'()&=+$,]*+)*+"
# Lenient: underscores in host names.
HOST = r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_.\-]*+)|\[[0-9A-Fa-f:.]++\])"
PORT = r"(?:[0-9]{1,4}|[0-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
PARAM_CHAR = r"A-Za-z0-9\-_.!~*'()\[\]/:&+$"
URI_PARAMETERS = rf"(?:;(?:[{PARAM_CHAR}]|{HEX_ESCAPE})++(?:=(?:[{PARAM_CHAR}]|{HEX_ESCAPE})*+)?)*+"
HEADER_CHAR = r"A-Za-z0-9\-_.!~*'()\[\]/?:+$=&"
URI_HEADERS = rf"(?:\?(?:[{HEADER_CHAR}]|{HEX_ESCAPE})*+)?"
# generic-param; lenient: an empty value, any character that does not end it.
GENERIC_PARAMS = rf'(?:{LWS};{LWS}{TOKEN}(?:{LWS}={LWS}(?:{QUOTED_STRING}|[^\s;,"<>]*+))?+)*+'

SIP_URI = re.compile(
    rf"(?i:(sips?)):(?:({USER})(?::({PASSWORD}))?@)?({HOST})(?::({PORT}))?({URI_PARAMETERS})({URI_HEADERS})"
)
# absoluteURI; lenient: whatever is neither blank nor a bracket after the scheme.
ABSOLUTE_URI = re.compile(r"([A-Za-z][A-Za-z0-9+\-.]*+):([^\s<>\"]++)")
PORT_NUMBER = re.compile(PORT)
METHOD = re.compile(TOKEN)
REQUEST_LINE = re.compile(rf"({TOKEN}) ([^\s<>\"]++) (?i:SIP)/([0-9]++)\.([0-9]++)")
STATUS_LINE = re.compile(r"(?i:SIP)/([0-9]++)\.([0-9]++) ([0-9]++)(?: (.*))?", re.DOTALL)
CSEQ = re.compile(rf"([0-9]++)[ \t]++({TOKEN})")
CALL_ID = re.compile(r"[^\s,]++")
NAME_ADDR = re.compile(
    rf"(?:({QUOTED_STRING})|({DISPLAY_TOKENS})){LWS}<{LWS}([^<>\"\s]++){LWS}>({GENERIC_PARAMS})", re.DOTALL
)
# addr-spec outside of brackets: ';' and '?' would belong to the header (RFC 3261 20), so the URI ends there.
ADDR_SPEC = re.compile(rf"([^\s<>\",;?]++)({GENERIC_PARAMS})", re.DOTALL)
SENT = rf"({TOKEN}){LWS}/{LWS}({TOKEN}){LWS}/{LWS}({TOKEN})[ \t]++({HOST})(?:{LWS}:{LWS}({PORT}))?"
VIA_PARM = re.compile(rf"{SENT}({GENERIC_PARAMS})", re.DOTALL)
# What nearly all messages carry, in one pass; each matches a part of what the full rules above match.
PLAIN_URI = (
    r"sips?:(?:[A-Za-z0-9\-_.!~*'()&=+$,;?/]++@)?"
    r"[A-Za-z0-9_][A-Za-z0-9_.\-]*+(?::[0-9]{1,4})?(?:;[a-z]++(?:=[A-Za-z]++)?)*+"
)
PLAIN_PARAMS = rf"(?:;[a-z]++(?:=[{TOKEN_CHAR}]++)?)*+"
PLAIN_ADDRESS = re.compile(rf'(?:"[^"\\]*+" *+|[{TOKEN_CHAR} ]*+)<{PLAIN_URI}>{PLAIN_PARAMS}')
PLAIN_VIA = re.compile(rf"SIP/2\.0/[A-Z]++ [A-Za-z0-9_][A-Za-z0-9_.\-]*+(?::[0-9]{{1,4}})?{PLAIN_PARAMS}")
# Enough of a Via to send an answer to it, whatever follows.
VIA_START = re.compile(rf"{SENT}(?:{LWS};(.*))?", re.DOTALL)

_PARAM = re.compile(rf';{LWS}({TOKEN})(?:{LWS}={LWS}({QUOTED_STRING}|[^\s;,"<>]*+))?', re.DOTALL)
_SEPARATORS = re.compile(r'[",<>]')
_QUOTED = re.compile(QUOTED_STRING, re.DOTALL)
_PAIR = re.compile(r"\\(.)", re.DOTALL)
_ESCAPE = re.compile(HEX_ESCAPE)
_ESCAPES = re.compile(rf"(?:{HEX_ESCAPE})+")
_TO_ESCAPE = re.compile(r"[^A-Za-z0-9\-_.!~*'()&=+$,;?/]")
_RESERVED = frozenset(";/?:@&=+$,")


def read_params(text: str) -> Params:
    """Parameters out of text like `;a=b;c`; what does not fit between two semicolons is skipped; the first of a name
    counts."""
    if not text:
        return NO_PARAMS
    params: dict[str, str | None] = {}
    for found in _PARAM.finditer(text):
        params.setdefault(found[1].lower(), found[2])
    return params


def last_param(text: str, name: str) -> str | None:
    """The value of the last parameter of that name; None where there is none."""
    return next((found[2] for found in reversed([*_PARAM.finditer(text)]) if found[1].lower() == name), None)


def write_params(params: Params) -> str:
    """Parameters as they stand behind a value, each with its semicolon (RFC 3261 25.1 `generic-param`)."""
    return "".join([f";{name}" if value is None else f";{name}={value}" for name, value in params.items()])


def quote(text: str) -> str:
    """A quoted-string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def unquote(text: str) -> str:
    """The text of a quoted-string; anything else as it is."""
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return text
    inner = text[1:-1]
    return _PAIR.sub(r"\1", inner) if "\\" in inner else inner


def unescape(text: str) -> str:
    """Takes out %HH; the bytes are read as UTF-8, others survive as surrogates."""
    if "%" not in text:
        return text
    return _ESCAPES.sub(lambda found: _escaped_text(found[0]), text)


def _escaped_text(escapes: str) -> str:
    return bytes.fromhex(escapes.replace("%", "")).decode("utf-8", "surrogateescape")


def escape_user(text: str) -> str:
    """Text made fit for the user part of a SIP URI, every other byte as %HH."""
    return _TO_ESCAPE.sub(
        lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "surrogateescape")), text
    )


def comparable(text: str) -> str:
    """RFC 3261 19.1.4: a character that is not reserved equals its escape."""
    if "%" not in text:
        return text
    return _ESCAPE.sub(lambda found: _comparable_escape(found[0]), text)


def _comparable_escape(escape: str) -> str:
    character = chr(int(escape[1:], 16))
    plain = character.isascii() and character.isprintable() and character not in _RESERVED
    return character if plain and character != "%" else escape.upper()


def split_list(value: str) -> list[str]:
    """Splits at commas outside of quoted strings and angle brackets; empty members are left out."""
    if "," not in value:
        return [value] if value else []
    return [member for member in (piece.strip(" \t") for piece in _pieces(value)) if member]


def _pieces(value: str) -> Iterator[str]:
    start = at = 0
    bracketed = False
    while found := _SEPARATORS.search(value, at):
        at = found.end()
        mark = found[0]
        if mark == '"' and not bracketed:
            quoted = _QUOTED.match(value, found.start())
            at = quoted.end() if quoted else len(value)
        elif mark == "<":
            bracketed = True
        elif mark == ">":
            bracketed = False
        elif mark == "," and not bracketed:
            yield value[start : found.start()]
            start = at
    yield value[start:]
