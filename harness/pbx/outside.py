"""Requests that the server sends outside of any dialog (res_pjsip.c, create_out_of_dialog_request)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from harness.pbx import printed
from harness.sip.client import Client
from harness.sip.grammar import GrammarError, escape_user
from harness.sip.headers import Headers
from harness.sip.message import Request
from harness.sip.uri import SipUri

if TYPE_CHECKING:
    from harness.config.pjsip_objects import Endpoint
    from harness.pbx.contact import Contact
    from harness.sip.digest import Account
    from harness.sip.flow import Flow
    from harness.sip.stack import Stack


class Outside:
    """Sends to contacts of endpoints; nobody waits for the answers."""

    def __init__(
        self,
        stack: Stack,
        agent: Callable[[], str],
        road: Callable[[Endpoint, str], Flow | None],
        account: Callable[[Endpoint], Account | None],
    ) -> None:
        """`road` is how a contact is reached, None where it is not; `account` answers challenges (outbound_auth)."""
        self._stack, self._agent, self._road, self._account = stack, agent, road, account

    def own_uri(self, endpoint: Endpoint, contact: Contact) -> SipUri | None:
        """How the server calls itself towards a contact; None where there is no way to it."""
        flow = self._road(endpoint, contact.uri)
        if flow is None:
            return None
        own = _address(flow, escape_user(endpoint.from_user or endpoint.name))
        return own._replace(host=endpoint.from_domain, port=None) if endpoint.from_domain else own

    def send(
        self,
        endpoint: Endpoint,
        contact: Contact,
        method: str,
        headers: Sequence[tuple[str, str]],
        content: tuple[str, bytes] = ("", b""),
        from_user: str | None = None,
    ) -> None:
        """Send a request with a body and its type; `from_user` stands in the From alone."""
        flow, own = self._road(endpoint, contact.uri), self.own_uri(endpoint, contact)
        if flow is None or own is None:
            return
        try:
            target = printed.uri(SipUri.parse(contact.uri), printed.Where.REQUEST_LINE)
        except GrammarError:
            return
        identifiers = self._stack.identifiers
        user = endpoint.value("contact_user")
        at = _address(flow, escape_user(user)) if user else own
        rows = [
            ("From", f"<{printed.uri(own, printed.Where.PARTY, from_user)}>;tag={identifiers.tag()}"),
            ("To", f"<{printed.target(contact.uri, printed.Where.PARTY)}>"),
            ("Contact", f"<{printed.uri(at, printed.Where.CONTACT)}>"),
            ("Call-ID", identifiers.call_id()),
            ("CSeq", f"{identifiers.cseq()} {method}"),
            *headers,
            ("Max-Forwards", "70"),
            ("User-Agent", self._agent()),
        ]
        content_type, body = content
        if content_type:
            rows.append(("Content-Type", content_type))
        request = Request(method, target, Headers(rows), body)
        Client(self._stack, self._account(endpoint)).request(request, flow, lambda _response: None)


def _address(flow: Flow, user: str) -> SipUri:
    """The server's own address on a road; a contact_user stands there, whatever the from_domain."""
    host, port = flow.local
    params: dict[str, str | None] = {} if flow.transport == "UDP" else {"transport": flow.transport}
    return SipUri("sip", user, None, f"[{host}]" if ":" in host else host, port, params)
