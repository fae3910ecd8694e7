"""One accepted subscription and what its NOTIFYs look like (res_pjsip_pubsub.c, res_pjsip_exten_state.c).

The bytes of a NOTIFY are rendered once; then only branch, CSeq, expires, lengths and body change.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from harness.pbx import printed
from harness.pbx.documents import DialogInfoDocument, Document
from harness.sip.sharing import shared
from harness.sip.uri import NameAddr, SipUri

if TYPE_CHECKING:
    from harness.core.hint import Notification, Watch
    from harness.sip.dialog import Dialog
    from harness.sip.flow import Flow
    from harness.sip.server_transaction import ServerTransaction

ALLOW_EVENTS = "message-summary, presence, dialog, refer"
MAX_SHARED = 256
"""Texts that templates share."""
NO_STATE = -3
"""The state of the hint of a subscription that was told no change yet (INITIAL_LAST_EXTEN_STATE)."""


class NotifyTemplate:
    """The parts of a NOTIFY that stay the same for the life of a dialog and target.

    `requires` is an option that the watcher has to understand.
    """

    __slots__ = ("after_branch", "after_cseq", "after_state", "head")

    def __init__(
        self, dialog: Dialog, flow: Flow, event: str, content_type: str, agent: str, requires: str = ""
    ) -> None:
        host, port = flow.local
        via_host = f"[{host}]" if ":" in host else host
        uri, rows = routed(dialog)
        routes = "".join(f"Route: {route}\r\n" for route in rows)
        require = f"Require: {requires}\r\n" if requires else ""
        self.head = _raw(
            f"NOTIFY {printed.target(uri, printed.Where.REQUEST_LINE)} SIP/2.0\r\n"
            f"Via: SIP/2.0/{flow.transport} {via_host}:{port};rport;branch="
        )
        self.after_branch = _raw(
            f"\r\nFrom: {printed.party(dialog.local)}\r\nTo: {printed.party(dialog.remote)}\r\n"
            f"Contact: {dialog.contact}\r\nCall-ID: {dialog.call_id}\r\nCSeq: "
        )
        self.after_cseq = _shared(f" NOTIFY\r\n{routes}Event: {event}\r\nSubscription-State: ")
        self.after_state = _shared(
            f"\r\nAllow-Events: {ALLOW_EVENTS}\r\n{require}Max-Forwards: 70\r\nUser-Agent: {agent}\r\n"
            f"{content_head(content_type)}"
        )

    def render(self, branch: bytes, cseq: int, state: bytes, body: bytes) -> bytes:
        """The datagram."""
        return b"%b%b%b%d%b%b%b%5d\r\n\r\n%b" % (
            self.head,
            branch,
            self.after_branch,
            cseq,
            self.after_cseq,
            state,
            self.after_state,
            len(body),
            body,
        )


def routed(dialog: Dialog) -> tuple[str, list[str]]:
    """Request-URI and Route rows: a first router that is not loose is asked itself (RFC 3261 12.2.1.1)."""
    routes = list(dialog.route_set)
    first = NameAddr.parse(routes[0]).uri if routes else ""
    if not routes or "lr" in SipUri.parse(first).params:
        return dialog.remote_target, routes
    return first, [*routes[1:], f"<{dialog.remote_target}>"]


def content_head(content_type: str) -> str:
    """The row of a content type, and what stands before the length."""
    return f"Content-Type: {content_type}\r\nContent-Length: "


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


@lru_cache(MAX_SHARED)
def _shared(text: str) -> bytes:
    """One object for what is the same in the NOTIFYs of many subscriptions."""
    return _raw(text)


class _NoDocument:
    repeatable: ClassVar[bool] = True

    def render(self, change: Notification) -> bytes:
        """Nothing to say."""
        return b""

    def move(self, contact: str) -> None:
        """Nobody to say it to."""

    def first(self, change: Notification) -> bytes:
        """Nothing to begin with."""
        return b""


NO_DOCUMENT = _NoDocument()


class Owner(Protocol):
    """Who keeps subscriptions and acts for them."""

    def told(self, subscription: Subscription, change: Notification) -> None:
        """The hint changed."""

    def asked(self, subscription: Subscription, transaction: ServerTransaction) -> None:
        """A request came in the dialog."""

    def refused(self, subscription: Subscription, status: int, raw: bytes) -> None:
        """A NOTIFY got another answer than a 2xx, or none in time (408)."""


class Subscription:
    """A watcher's subscription as the server keeps it.

    `established` turns true with every NOTIFY. It is false before the first one (while the presence is invalid) and
    after one that was challenged: meanwhile no timer runs and a refresh is not answered as a subscription's, although
    changes of the hint go on to be told (section 4.4 of Asterisk's behaviour).
    `orphaned`: that lasted until its transactions were over, and no refresh is answered ever again.
    `stuck`: a resource of a list lost its hint; the dialog lives on, but nothing more is told (see `lists`).
    `granted` is in seconds, `heard_at` when the watcher last said something; `row` is the key under which it is stored
    to outlive a restart, `stored_until` the calendar's time there, which is that of the request and may be later;
    `source` is where the last request came from; `rewrite`: its Contact is not believed; `connection` is the stream
    with which it ends.
    """

    required: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Rows of the answers that say what the watcher has to understand."""

    __slots__ = (
        "_body",
        "change",
        "connection",
        "content_type",
        "context",
        "dialog",
        "document",
        "ended",
        "endpoint",
        "established",
        "event",
        "expires_at",
        "exten",
        "flow",
        "granted",
        "heard_at",
        "hint_state",
        "orphaned",
        "owner",
        "rewrite",
        "row",
        "source",
        "stored_until",
        "stuck",
        "target",
        "template",
        "timer",
        "watch",
    )

    owner: Owner

    def __init__(
        self, dialog: Dialog, flow: Flow, endpoint: str, event: str, place: tuple[str, str], content_type: str
    ) -> None:
        self.dialog, self.flow, self.endpoint = dialog, flow, endpoint
        self.context, self.exten = map(shared, place)
        self.event, self.content_type = shared(event), shared(content_type)
        self.document: Document = NO_DOCUMENT
        self.template: NotifyTemplate | None = None
        self.target = dialog.remote_target
        self.connection: Flow | None = None
        self.source = flow
        self.row = ""
        self.change: Notification | None = None
        self._body = b""
        self.expires_at = self.heard_at = self.stored_until = 0.0
        self.granted = 0
        self.established = self.ended = self.stuck = self.orphaned = self.rewrite = False
        self.hint_state = NO_STATE
        self.timer: Any = None
        self.watch: Watch | None = None

    # What hint, dialog and stack call.  Functions made for each subscription and each NOTIFY would do the same, at
    # three times the memory and with work for the garbage collector.

    def told(self, change: Notification) -> None:
        """The hint changed."""
        self.owner.told(self, change)

    def asked(self, transaction: ServerTransaction) -> None:
        """A request came in the dialog."""
        self.owner.asked(self, transaction)

    def answered(self, status: int, raw: bytes) -> None:
        """A NOTIFY was answered; an answer that is not final counts as a refusal, as in evsub.c:2397."""
        if not 200 <= status < 300 and not self.ended:
            self.owner.refused(self, status, raw)

    # What is told.

    def write_template(self, agent: str) -> None:
        """Prepare the NOTIFYs for where they go from now on."""
        self.template = NotifyTemplate(self.dialog, self.flow, self.event, self.content_type, agent)

    @property
    def body(self) -> bytes:
        """What was told last, and what refreshes repeat: kept, or made again where that gives the same bytes."""
        if self._body or self.change is None:
            return self._body
        return self.document.render(self.change)

    @body.setter
    def body(self, body: bytes) -> None:
        self._body = body

    def begin(self, first: Notification) -> None:
        """Make the body of the first NOTIFY; that is no change of the hint yet."""
        self.change = first
        self.body = self.document.first(first)

    def generate(self, change: Notification) -> None:
        """Make the body for a change; it is what refreshes will repeat."""
        self.hint_state, self.change = change.state, change
        self.body = b"" if self.document.repeatable else self.document.render(change)

    def repeat(self) -> bool:
        """Make ready what a refresh is told: the body as it is.  False: nothing can be told."""
        return True

    def finish(self) -> bool:
        """Make ready what the last NOTIFY tells: the body as it is.  False: nothing can be told."""
        return True

    def move(self, contact: str) -> None:
        """The watcher goes by another URI from now on; what was told last does not change by that."""
        self.body = self.body
        self.document.move(contact)

    def release(self) -> None:
        """Watch no more."""
        if self.watch is not None:
            self.watch.cancel()
            self.watch = None

    def versions(self) -> dict[str, int]:
        """The version of the last document by extension, of those that count them."""
        return version_of(self.exten, self.document)


def version_of(exten: str, document: Document) -> dict[str, int]:
    """The version of the last document that was made, if they are counted and there is one."""
    if isinstance(document, DialogInfoDocument) and document.version > 0:
        return {exten: document.version - 1}
    return {}
