"""What a message belongs to: the keys by which transactions are found (RFC 3261 17.1.3, 17.2.3)."""

from __future__ import annotations

import zlib

from harness.sip.flow import Flow
from harness.sip.message import Request
from harness.sip.via import Via


def client_key(branch: str, method: str) -> str:
    """Branch of the top Via and method of the CSeq (RFC 3261 17.1.3)."""
    return f"{method} {branch}"


def server_key(request: Request, via: Via, method: str) -> str:
    """Branch, sent-by and method; without the magic cookie what RFC 2543 told requests apart by (17.2.3).

    `method` is the one to look for: INVITE for the ACK and the CANCEL of an INVITE.
    """
    if via.unique_branch:
        return f"{method} {via.branch} {via.sent_by.lower()}"
    # The To tag is left out, for an ACK carries the one of our response, which the INVITE did not.
    tag = request.from_.tag or ""
    return "\n".join((method, request.uri, tag, request.call_id, str(request.cseq.number), str(via)))


def received_via(flow: Flow, via: Via, force_rport: bool = False) -> Via:
    """The top Via with `received` and `rport` as the source of the request makes them (18.2.1, RFC 3581 4)."""
    if force_rport and "rport" not in via.params:
        via = via._replace(params={**via.params, "rport": None})
    return via.stamped(flow.remote)


def reply_flow(flow: Flow, via: Via, force_rport: bool) -> Flow:
    """Where responses go (RFC 3261 18.2.2, RFC 3581 4).

    On a stream: where the request came from. On UDP: to the source address, at the source port with `rport`, else at
    the port of sent-by. `maddr` is not followed: it would let a stranger aim our answers at others.
    """
    if flow.reliable or force_rport or "rport" in via.params:
        return flow
    return flow._replace(remote=(flow.remote[0], via.port or 5060))


def stateless_tag(via: Via) -> str:
    """A To tag for an answer outside of any transaction: the same for the same request (RFC 3261 8.2.7)."""
    return f"{zlib.crc32(str(via).encode('utf-8', 'surrogateescape')):08x}"


def concerns(lost: Flow, flow: Flow) -> bool:
    """Whether the loss of one flow takes another with it: the same connection, or one that was not yet named."""
    if lost.transport != flow.transport or lost.remote != flow.remote:
        return False
    return lost.connection == flow.connection or 0 in (lost.connection, flow.connection)


def host_port(host: str, port: int) -> str:
    """As a URI or a Via writes it, IPv6 in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
