"""Where the NOTIFYs of a subscription go: what the watcher's Contact says, or where the request came from."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from harness.sip.grammar import GrammarError
from harness.sip.uri import SipUri

if TYPE_CHECKING:
    from harness.sip.flow import Flow
    from harness.sip.message import Request


LOOPBACK = "127.0.0.1"


def flow_to(uri: str, source: Flow, rewritten: bool) -> Flow:
    """The road to a URI: its own address and transport, UDP where it names none; names are not looked up.

    What came over TLS is answered there.
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
    transport = (target.params.get("transport") or "udp").upper()
    if target.scheme != "sip" or transport not in ("UDP", "TCP"):
        return source
    flow = source._replace(transport="UDP" if transport == "UDP" else "TCP", remote=(host, port), connection=0)
    return source if flow == source else flow


def rewrite_contact(request: Request, source: Flow) -> None:
    """Put the sender's address into the Contact (endpoint option rewrite_contact; res_pjsip_nat.c).

    A route that was recorded is where requests go, and stays as it is.
    """
    contact = request.contact
    if contact is None or "Record-Route" in request.headers:
        return
    try:
        uri = SipUri.parse(contact.uri)
    except GrammarError:
        return
    host, port = source.remote
    params = {name: value for name, value in uri.params.items() if name != "transport"}
    if source.reliable:
        params = {"transport": source.transport, **params}
    rewritten = uri._replace(host=f"[{host}]" if ":" in host else host, port=port, params=params)
    request.headers.remove("Contact")
    request.headers.add("Contact", str(contact._replace(uri=str(rewritten))))


def same_target(one: str, other: str) -> bool:
    """Whether two Contacts are equal (RFC 3261 19.1.4)."""
    if one == other:
        return True
    try:
        return SipUri.parse(one).equivalent(SipUri.parse(other))
    except GrammarError:
        return False
