"""SIP URIs and what stands around them in From, To, Contact and Route (RFC 3261 19.1, 20.10)."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from harness.sip.flow import Address
from harness.sip.grammar import (
    ABSOLUTE_URI,
    ADDR_SPEC,
    NAME_ADDR,
    NO_PARAMS,
    SIP_URI,
    GrammarError,
    Params,
    comparable,
    last_param,
    quote,
    read_params,
    unescape,
    unquote,
    write_params,
)

REMEMBERED = 1_024
"""Texts whose parsed form is kept: peers repeat the same addresses, and the parsed forms do not change.

Every From and To with a tag is a text of its own, so that more would cost memory and seldom help."""

DEFAULT_PORTS = {"sip": 5060, "sips": 5061}

# RFC 3261 19.1.4: these make two URIs differ even where only one of them has it.
_DECISIVE = ("user", "ttl", "method", "maddr", "transport")


class SipUri(NamedTuple):
    """A sip: or sips: URI. `user`, `password`, parameters and headers keep their escapes; the host keeps the brackets
    of an IPv6 address; names of parameters are in lower case; `headers` is the text behind the question mark."""

    scheme: str
    user: str | None
    password: str | None
    host: str
    port: int | None = None
    params: Params = NO_PARAMS
    headers: str = ""

    @classmethod
    @lru_cache(REMEMBERED)
    def parse(cls, text: str) -> SipUri:
        """Raises GrammarError where the text is no sip: or sips: URI."""
        found = SIP_URI.fullmatch(text)
        if found is None:
            raise GrammarError(f"not a SIP URI: {text!r}")
        scheme, user, password, host, port, params, headers = found.groups()
        number = int(port) if port else None
        named = _uri_params(params) if params else NO_PARAMS
        return cls(scheme.lower(), user, password, host, number, named, headers[1:])

    def __str__(self) -> str:
        parts = [self.scheme, ":"]
        if self.user is not None:
            parts.append(self.user if self.password is None else f"{self.user}:{self.password}")
            parts.append("@")
        parts.append(self.host)
        if self.port is not None:
            parts.append(f":{self.port}")
        parts.append(write_params(self.params))
        if self.headers:
            parts.append(f"?{self.headers}")
        return "".join(parts)

    @property
    def user_unescaped(self) -> str:
        """The user part as a person would write it; '' where there is none."""
        return unescape(self.user) if self.user else ""

    @property
    def address(self) -> Address:
        """Host (without brackets) and port, by default the scheme's."""
        return self.host.strip("[]"), self.port or DEFAULT_PORTS[self.scheme]

    @property
    def loose(self) -> bool:
        """True where this, as a Route, names a loose router (RFC 3261 19.1.1)."""
        return "lr" in self.params

    def equivalent(self, other: SipUri) -> bool:
        """RFC 3261 19.1.4: an omitted port differs from the default one."""
        return (
            (self.scheme, self.port, self.host.lower()) == (other.scheme, other.port, other.host.lower())
            and comparable(self.user or "") == comparable(other.user or "")
            and (self.user is None) == (other.user is None)
            and comparable(self.password or "") == comparable(other.password or "")
            and _params_agree(self.params, other.params)
            and _header_set(self.headers) == _header_set(other.headers)
        )


def _uri_params(text: str) -> dict[str, str | None]:
    params: dict[str, str | None] = {}
    for part in text[1:].split(";"):
        name, equals, value = part.partition("=")
        params.setdefault(name.lower(), value if equals else None)
    return params


def _params_agree(mine: Params, theirs: Params) -> bool:
    mine = {comparable(name).lower(): value for name, value in mine.items()}
    theirs = {comparable(name).lower(): value for name, value in theirs.items()}
    if any((name in mine) != (name in theirs) for name in _DECISIVE):
        return False
    return all(
        comparable(value or "").lower() == comparable(theirs[name] or "").lower()
        for name, value in mine.items()
        if name in theirs
    )


def _header_set(text: str) -> list[tuple[str, str]]:
    pairs = (part.partition("=") for part in text.split("&") if part)
    return sorted((comparable(name).lower(), comparable(value)) for name, _, value in pairs)


def valid_uri(text: str) -> bool:
    """True for a sip: or sips: URI that follows the grammar and for any absolute URI of another scheme: an unknown
    scheme is no fault of the message, the user agent answers 416 (RFC 3261 8.2.2.1)."""
    if SIP_URI.fullmatch(text):
        return True
    found = ABSOLUTE_URI.fullmatch(text)
    return found is not None and found[1].lower() not in DEFAULT_PORTS


class NameAddr(NamedTuple):
    """A name-addr or addr-spec with the header's parameters. `display` is unquoted; `uri` is text, of any scheme."""

    display: str
    uri: str
    params: Params = NO_PARAMS

    @classmethod
    @lru_cache(REMEMBERED)
    def parse(cls, text: str) -> NameAddr:
        """Without brackets, parameters belong to the header, and a URI with a question mark is refused
        (RFC 3261 20.10). Raises GrammarError."""
        found = NAME_ADDR.fullmatch(text.strip(" \t"))
        if found:
            quoted, tokens, uri, params = found.groups()
            display = unquote(quoted) if quoted else tokens.strip(" \t")
        else:
            found = ADDR_SPEC.fullmatch(text.strip(" \t"))
            if found is None:
                raise GrammarError(f"not an address: {text!r}")
            uri, params = found.groups()
            display = ""
        if not valid_uri(uri):
            raise GrammarError(f"not a URI: {uri!r}")
        read = read_params(params)
        if params and params.count("tag") > 1:
            read = {**read, "tag": last_param(params, "tag")}  # as pjsip reads From and To: the last one counts
        return cls(display, uri, read)

    def __str__(self) -> str:
        """Always in brackets; a display name always quoted."""
        name = f"{quote(self.display)} " if self.display else ""
        return f"{name}<{self.uri}>{write_params(self.params)}"

    @property
    def tag(self) -> str | None:
        """None where there is none, and for an empty one."""
        return self.params.get("tag") or None

    @property
    def sip_uri(self) -> SipUri:
        """Raises GrammarError where the URI is of another scheme."""
        return SipUri.parse(self.uri)
