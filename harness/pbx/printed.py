"""SIP URIs and parties as pjsip prints them after it has read them (sip_uri.c, sip_msg.c).

What a watcher wrote does not come back as it was: escapes are taken out and put in anew, parameters are put in order,
and some are left out according to where the URI stands (RFC 3261 19.1.1).
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

from harness.sip.grammar import GrammarError, quote, read_params, unescape
from harness.sip.uri import REMEMBERED, NameAddr, SipUri

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_URI_BYTES = 510
"""Bytes of a URI that fit into PJSIP_MAX_URL_SIZE; the piece that does not fit is left out with all that follow."""

_UNRESERVED = r"A-Za-z0-9\-_.!~*'()%"
_NOT_USER = re.compile(rf"[^{_UNRESERVED}&=+$,;?/]")
_NOT_PASSWORD = re.compile(rf"[^{_UNRESERVED}&=+$,]")
_NOT_PARAM = re.compile(rf"[^{_UNRESERVED}\[\]/:&+$]")
_NOT_HEADER = re.compile(rf"[^{_UNRESERVED}\[\]/?:+$]")
_LEADING = ("user", "method", "transport", "ttl", "maddr")
"""Parameters that pjsip knows, in the order in which it prints them; `lr` follows, then the others as they came."""


class Where(Enum):
    """The places of a URI, each with the known parameters that are left out there."""

    REQUEST_LINE = frozenset(("method",))
    CONTACT = frozenset(("method", "lr"))
    PARTY = frozenset(("method", "transport", "ttl", "maddr", "lr"))


def uri(parsed: SipUri, where: Where, user: str | None = None) -> str:
    """The URI as it is written in that place, with another (unescaped) `user` if one is given."""
    return "".join(_pieces(parsed, where, parsed.user_unescaped if user is None else user))


def short_uri(parsed: SipUri, where: Where, user: str | None = None) -> tuple[str, bool]:
    """What fits of it, and whether that is all."""
    kept: list[str] = []
    left = MAX_URI_BYTES
    for piece in _pieces(parsed, where, parsed.user_unescaped if user is None else user):
        left -= len(piece.encode("utf-8", "surrogateescape"))
        if left < 0:
            return "".join(kept), False
        kept.append(piece)
    return "".join(kept), True


def _pieces(parsed: SipUri, where: Where, user: str) -> Iterator[str]:
    yield f"{parsed.scheme}:"
    if user:
        yield _escaped(user, _NOT_USER)
        if parsed.password:
            yield ":"
            yield _escaped(unescape(parsed.password), _NOT_PASSWORD)
        yield "@"
    yield parsed.host
    if parsed.port and where is not Where.PARTY:
        yield f":{parsed.port}"
    yield from _params(parsed, where)
    if parsed.headers and where is Where.CONTACT:
        yield from _list(_headers(parsed.headers), "?", "&", _NOT_HEADER)


def _params(parsed: SipUri, where: Where) -> Iterator[str]:
    known = {name: value for name, value in parsed.params.items() if value and name in _LEADING}
    for name in _LEADING:
        if name in known and name not in where.value:
            yield f";{name}={_escaped(unescape(known[name]), _NOT_PARAM)}"
    if "lr" in parsed.params and "lr" not in where.value:
        yield ";lr"
    others = [(name, value or "") for name, value in parsed.params.items() if name not in known and name != "lr"]
    yield from _list(others, ";", ";", _NOT_PARAM)


def _headers(text: str) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (part.partition("=") for part in text.split("&"))]


def _list(pairs: list[tuple[str, str]], first: str, then: str, foreign: re.Pattern[str]) -> Iterator[str]:
    for number, (name, value) in enumerate(pairs):
        yield then if number else first
        yield _escaped(unescape(name), foreign)
        if value:
            plain = unescape(value)
            yield "="
            yield plain if plain.startswith('"') else _escaped(plain, foreign)


def _escaped(text: str, foreign: re.Pattern[str]) -> str:
    return foreign.sub(
        lambda found: "".join(f"%{byte:02x}" for byte in found[0].encode("utf-8", "surrogateescape")), text
    )


@lru_cache(REMEMBERED)
def party(value: str) -> str:
    """A From or To value with its tag: the name in quotes, the URI in brackets, the tag before other parameters."""
    try:
        name, address, params = NameAddr.parse(value)
    except GrammarError:
        return value
    shown = f"{quote(name)} " if name else ""
    rest = dict(params)
    tag = rest.pop("tag", None)
    tagged = "" if tag is None else f";tag={tag}"
    others = "".join(f";{key}={given}" if given else f";{key}" for key, given in rest.items())
    return f"{shown}<{target(address, Where.PARTY)}>{tagged}{others}"


def target(text: str, where: Where) -> str:
    """A URI of any scheme; only SIP URIs are printed anew."""
    try:
        return uri(SipUri.parse(text), where)
    except GrammarError:
        return text


def event(value: str) -> str:
    """An Event value: the id before other parameters; one without a value is left out."""
    package, _, _ = value.partition(";")
    rest = dict(read_params(value[len(package) :]))
    number = rest.pop("id", None)
    others = "".join(f";{key}={given}" if given else f";{key}" for key, given in rest.items())
    return f"{package.strip()}{f';id={number}' if number else ''}{others}"
