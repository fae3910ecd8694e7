"""Where the NOTIFYs of a subscription go: what the watcher's Contact says, or where the request came from."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from harness.sip.grammar import GrammarError
from harness.sip.uri import NameAddr, SipUri

if TYPE_CHECKING:
    from harness.sip.flow import Flow, Transport
    from harness.sip.message import Request


LOOPBACK = "127.0.0.1"
ORIGINAL_HOST = "x-ast-orig-host"
"""The parameter in which a rewritten Contact of a REGISTER keeps what was in it; only lists show it."""


def flow_to(uri: str, source: Flow, rewritten: bool) -> Flow:
    """The road to a URI: its own address and transport, UDP where it names none; names are not looked up.

    What came over TLS is answered there; otherwise a `sips` URI is not reached, as nobody is called over TLS here.
    """
    if rewritten or source.transport == "TLS":
        return source
    try:
        target = SipUri.parse(uri)
        host, port = target.address
        host = LOOPBACK if host.lower() == "localhost" else host
        ipaddress.ip_address(host)
    except (GrammarError, ValueError):
        return source
    named = (target.params.get("transport") or "udp").upper()
    transport: Transport | None = "UDP" if named == "UDP" else "TCP" if named == "TCP" else None
    transport = "TLS" if target.scheme == "sips" else transport
    if transport is None:
        return source
    flow = source._replace(transport=transport, remote=(host, port), connection=0)
    return source if flow == source else flow


def may_carry(flow: Flow, uri: str) -> bool:
    """Whether what is for a URI may go this way: for a `sips` URI over TLS only."""
    return flow.transport == "TLS" or not uri.lower().startswith("sips:")


def rewrite_contact(request: Request, source: Flow, keep_original: bool = False) -> None:
    """Put the sender's address into the first Contact (endpoint option rewrite_contact; res_pjsip_nat.c).

    A route that was recorded is where requests go, and stays as it is; in a REGISTER, which keeps what it had, it
    means nothing.
    """
    rows = request.headers.all("Contact")
    if not rows or rows[0].strip() == "*" or (not keep_original and "Record-Route" in request.headers):
        return
    try:
        contact = NameAddr.parse(rows[0])
        uri = SipUri.parse(contact.uri)
    except GrammarError:
        return
    host, port = source.remote
    params = {name: value for name, value in uri.params.items() if name != "transport"}
    if source.reliable:
        params = {"transport": source.transport, **params}
    if keep_original and uri.host.strip("[]") != host:
        params = {**params, ORIGINAL_HOST: f"{uri.host.strip('[]')}:{uri.port or 0}"}
    rewritten = uri._replace(host=f"[{host}]" if ":" in host else host, port=port, params=params)
    request.headers.remove("Contact")
    for row in (str(contact._replace(uri=str(rewritten))), *rows[1:]):
        request.headers.add("Contact", row)


def without_original_host(text: str) -> str:
    """A stored URI as it is asked."""
    if ORIGINAL_HOST not in text:
        return text
    uri = SipUri.parse(text)
    return str(uri._replace(params={name: value for name, value in uri.params.items() if name != ORIGINAL_HOST}))


def with_original_host(text: str) -> str:
    """A stored URI as the answer to its REGISTER has it: as it was sent."""
    if ORIGINAL_HOST not in text:
        return text
    uri, plain = SipUri.parse(text), SipUri.parse(without_original_host(text))
    host, _, port = (uri.params.get(ORIGINAL_HOST) or "").partition(":")  # an IPv6 address is cut as there
    return str(plain._replace(host=host, port=int(port) if port.isdecimal() and int(port) else None))


def same_target(one: str, other: str) -> bool:
    """Whether two Contacts are equal (RFC 3261 19.1.4)."""
    if one == other:
        return True
    try:
        return SipUri.parse(one).equivalent(SipUri.parse(other))
    except GrammarError:
        return False
