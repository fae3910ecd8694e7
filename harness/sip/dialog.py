"""Dialogs (RFC 3261 12): who talks to whom, in which order, over which route."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum

from harness.sip.flow import Flow
from harness.sip.grammar import GrammarError
from harness.sip.headers import Headers
from harness.sip.message import Message, Request, Response
from harness.sip.uri import NameAddr, SipUri

MAX_FORWARDS = "70"
"""RFC 3261 8.1.1.6."""

TARGET_REFRESH = frozenset({"INVITE", "UPDATE", "SUBSCRIBE", "NOTIFY", "REFER"})
"""Methods whose Contact moves the remote target (RFC 3261 12.2, 3311, 6665 4.4.1)."""


class DialogState(Enum):
    """Early until a 2xx, then confirmed until it ends (RFC 3261 12)."""

    EARLY = "early"
    CONFIRMED = "confirmed"
    TERMINATED = "terminated"


class Dialog:
    """One dialog, seen from one end. `local` and `remote` are the whole From and To values of our requests, tags
    included and otherwise as they were first written.

    `remote_tag` is '' while the peer is not known: a UAC that has sent its first request and may get a NOTIFY
    before the response (RFC 6665 4.4.1).
    """

    __slots__ = (
        "call_id",
        "contact",
        "flow",
        "invite_cseq",
        "local",
        "local_cseq",
        "local_tag",
        "remote",
        "remote_cseq",
        "remote_tag",
        "remote_target",
        "route_set",
        "state",
    )

    def __init__(
        self,
        call_id: str,
        local: str,
        remote: str,
        *,
        local_tag: str,
        remote_tag: str = "",
        local_cseq: int = 0,
        remote_cseq: int | None = None,
        remote_target: str = "",
        route_set: Sequence[str] = (),
        contact: str = "",
        flow: Flow | None = None,
    ) -> None:
        self.call_id = call_id
        self.local = local
        self.remote = remote
        self.local_tag = local_tag
        self.remote_tag = remote_tag
        self.local_cseq = local_cseq
        self.remote_cseq = remote_cseq
        self.remote_target = remote_target
        self.route_set = tuple(route_set)
        self.contact = contact
        """The value of our Contact header, '' for none."""
        self.flow = flow
        """Where our requests go; kept here for whoever owns the dialog, not used here."""
        self.state = DialogState.CONFIRMED
        self.invite_cseq = local_cseq

    @classmethod
    def uas(
        cls,
        request: Request,
        local_tag: str,
        *,
        contact: str = "",
        local_cseq: int = 0,
        flow: Flow | None = None,
        early: bool = False,
    ) -> Dialog:
        """Made by answering (or, with NOTIFY, by receiving) a request (RFC 3261 12.1.1).

        `local_cseq` is the number before the first that we send. Raises GrammarError where the request has no
        usable Contact or a Record-Route that cannot be read.
        """
        to = request.headers.get("To") or ""
        dialog = cls(
            request.call_id,
            to if request.to.tag else f"{to};tag={local_tag}",
            request.headers.get("From") or "",
            local_tag=local_tag,
            remote_tag=request.from_.tag or "",
            local_cseq=local_cseq,
            remote_cseq=request.cseq.number,
            remote_target=_target(request),
            route_set=_routes(request),
            contact=contact,
            flow=flow,
        )
        dialog.state = DialogState.EARLY if early else DialogState.CONFIRMED
        return dialog

    @classmethod
    def uac(cls, request: Request, response: Response, *, contact: str = "", flow: Flow | None = None) -> Dialog:
        """Made by a response with a To tag (RFC 3261 12.1.2): early by a 1xx, confirmed by a 2xx.

        Each To tag makes a dialog of its own: call this again for the further 1xx or 2xx of a forked INVITE. Raises
        GrammarError where the response has no usable Contact or a Record-Route that cannot be read.
        """
        dialog = cls(
            request.call_id,
            request.headers.get("From") or "",
            response.headers.get("To") or "",
            local_tag=request.from_.tag or "",
            remote_tag=response.to.tag or "",
            local_cseq=request.cseq.number,
            remote_target=_target(response),
            route_set=_routes(response)[::-1],
            contact=contact or request.headers.get("Contact") or "",
            flow=flow,
        )
        dialog.state = DialogState.EARLY if response.status < 200 else DialogState.CONFIRMED
        return dialog

    @classmethod
    def awaited(cls, request: Request, *, flow: Flow | None = None) -> Dialog:
        """For a request that is about to be sent: catches what the peer sends before its response."""
        return cls(
            request.call_id,
            request.headers.get("From") or "",
            request.headers.get("To") or "",
            local_tag=request.from_.tag or "",
            local_cseq=request.cseq.number,
            contact=request.headers.get("Contact") or "",
            flow=flow,
        )

    @property
    def key(self) -> tuple[str, str, str]:
        """Call-ID, local tag, remote tag."""
        return self.call_id, self.local_tag, self.remote_tag

    def confirm(self, response: Response) -> None:
        """The 2xx of an early dialog: its route set and target are the ones that count (RFC 3261 13.2.2.4).

        Raises GrammarError where a Record-Route cannot be read.
        """
        self.state = DialogState.CONFIRMED
        self.route_set = tuple(_routes(response)[::-1])
        self.refresh_target(response)

    def receive(self, request: Request) -> bool:
        """Note the CSeq and Contact of a request in this dialog; not for ACK and CANCEL.

        False: its CSeq is not above the last one, to be answered 500 (RFC 3261 12.2.2; pjsip refuses an equal one
        as well, which can only be another transaction).
        """
        number = request.cseq.number
        if self.remote_cseq is not None and number <= self.remote_cseq:
            return False
        self.remote_cseq = number
        if request.method in TARGET_REFRESH:
            self.refresh_target(request)
        return True

    def refresh_target(self, message: Message) -> None:
        """Take the Contact of a target refresh request, or of its 2xx, as where to send from now on (12.2)."""
        try:
            contact = message.contact
        except GrammarError:
            return
        if contact is not None:
            self.remote_target = contact.uri

    def request(self, method: str, headers: Iterable[tuple[str, str]] = (), body: bytes = b"") -> Request:
        """The next request in this dialog (RFC 3261 12.2.1.1), without a Via."""
        self.local_cseq += 1
        if method == "INVITE":
            self.invite_cseq = self.local_cseq
        return self._build(method, self.local_cseq, headers, body)

    def acknowledgement(
        self, cseq: int | None = None, headers: Iterable[tuple[str, str]] = (), body: bytes = b""
    ) -> Request:
        """The ACK of a 2xx (RFC 3261 13.2.2.4); `cseq` is that of the INVITE, by default of the last one sent here."""
        return self._build("ACK", self.invite_cseq if cseq is None else cseq, headers, body)

    @property
    def next_hop(self) -> str:
        """The URI whose address a request goes to (RFC 3261 12.2.1.1, 8.1.2)."""
        return NameAddr.parse(self.route_set[0]).uri if self.route_set else self.remote_target

    def _build(self, method: str, cseq: int, headers: Iterable[tuple[str, str]], body: bytes) -> Request:
        uri, routes = self._routed()
        rows = [("Route", route) for route in routes]
        rows += [("Max-Forwards", MAX_FORWARDS), ("From", self.local), ("To", self.remote)]
        rows += [("Call-ID", self.call_id), ("CSeq", f"{cseq} {method}")]
        if self.contact and method in TARGET_REFRESH:
            rows.append(("Contact", self.contact))
        rows += headers
        return Request(method, uri, Headers(rows), body)

    def _routed(self) -> tuple[str, list[str]]:
        """Request-URI and Route rows, for a loose or a strict first router (RFC 3261 12.2.1.1)."""
        if not self.route_set:
            return self.remote_target, []
        first = NameAddr.parse(self.route_set[0]).uri
        try:
            loose = SipUri.parse(first).loose
        except GrammarError:
            loose = True
        if loose:
            return self.remote_target, list(self.route_set)
        return first, [*self.route_set[1:], f"<{self.remote_target}>"]


def _target(message: Message) -> str:
    contact = message.contact
    if contact is None:
        raise GrammarError("no Contact to make a dialog with")
    return contact.uri


def _routes(message: Message) -> list[str]:
    routes = message.headers.all("Record-Route")
    for route in routes:
        NameAddr.parse(route)
    return routes
