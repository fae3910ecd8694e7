"""One accepted subscription and the NOTIFYs that it sends (res_pjsip_pubsub.c, res_pjsip_exten_state.c).

The bytes of a NOTIFY are rendered once; then only branch, CSeq, expires, lengths and body change.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from harness.pbx.documents import Document

if TYPE_CHECKING:
    from harness.core.hint import Notification, Watch
    from harness.sip.dialog import Dialog
    from harness.sip.flow import Flow
    from harness.sip.server_transaction import ServerTransaction

ALLOW_EVENTS = "message-summary, presence, dialog, refer"
MAX_SHARED = 256
"""Texts that templates share."""
MAX_EXPIRES_S = 3600
"""The longest subscription (DEFAULT_EXPIRES), and the one of a SUBSCRIBE that names none."""


class NotifyTemplate:
    """The parts of a NOTIFY that stay the same for the life of a dialog and target."""

    __slots__ = ("after_branch", "after_cseq", "after_state", "head")

    def __init__(self, dialog: Dialog, flow: Flow, contact: str, event: str, content_type: str, agent: str) -> None:
        host, port = flow.local
        via_host = f"[{host}]" if ":" in host else host
        routes = "".join(f"Route: {route}\r\n" for route in dialog.route_set)
        self.head = _raw(
            f"NOTIFY {dialog.remote_target} SIP/2.0\r\n"
            f"Via: SIP/2.0/{flow.transport} {via_host}:{port};rport;branch="
        )
        self.after_branch = _raw(
            f"\r\nFrom: {dialog.local}\r\nTo: {dialog.remote}\r\n"
            f"Contact: {contact}\r\nCall-ID: {dialog.call_id}\r\n{routes}CSeq: "
        )
        self.after_cseq = _shared(f" NOTIFY\r\nEvent: {event}\r\nSubscription-State: ")
        self.after_state = _shared(
            f"\r\nAllow-Events: {ALLOW_EVENTS}\r\nMax-Forwards: 70\r\nUser-Agent: {agent}\r\n"
            f"Content-Type: {content_type}\r\nContent-Length: "
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

    `established` turns true with the first NOTIFY: until then (its presence being invalid) refreshes are not
    answered as a subscription's, although hint changes reach it (section 4.4 of Asterisk's behaviour).
    `row` is the key under which it is stored to outlive a restart.
    """

    __slots__ = (
        "_body",
        "change",
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
        "hint_state",
        "owner",
        "row",
        "target",
        "template",
        "timer",
        "watch",
    )

    owner: Owner

    def __init__(
        self, dialog: Dialog, flow: Flow, endpoint: str, event: str, place: tuple[str, str], content_type: str
    ) -> None:
        self.dialog, self.flow, self.endpoint, self.event = dialog, flow, endpoint, event
        self.context, self.exten = place
        self.content_type = content_type
        self.document: Document = NO_DOCUMENT
        self.template: NotifyTemplate | None = None
        self.target = dialog.remote_target
        self.row = ""
        self.change: Notification | None = None
        self._body = b""
        self.expires_at = 0.0
        self.established = self.ended = False
        self.hint_state = -3
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
        """A NOTIFY was answered."""
        if status >= 300 and not self.ended:
            self.owner.refused(self, status, raw)

    @property
    def body(self) -> bytes:
        """What was told last, and what refreshes repeat: kept, or made again where that gives the same bytes."""
        if self._body or self.change is None:
            return self._body
        return self.document.render(self.change)

    @body.setter
    def body(self, body: bytes) -> None:
        self._body = body

    def generate(self, change: Notification) -> None:
        """Make the body for a change; it is what refreshes will repeat."""
        self.hint_state, self.change = change.state, change
        self.body = b"" if self.document.repeatable else self.document.render(change)

    def move(self, contact: str) -> None:
        """The watcher goes by another URI from now on; what was told last does not change by that."""
        self.body = self.body
        self.document.move(contact)


class Fanout:
    """Sends what a change asks for in slices, so that answers are read in between.

    `soon(call)` runs a call on the next turn of the loop.
    """

    SLICE = 32
    """NOTIFYs of one turn; at most as many as a turn reads answers, or these pile up and the NOTIFYs are repeated."""

    __slots__ = ("_queue", "_send", "_sent", "_soon", "_waiting")

    def __init__(
        self, send: Callable[[Subscription, Notification], None], soon: Callable[[Callable[[], None]], object]
    ) -> None:
        self._send, self._soon = send, soon
        self._queue: deque[tuple[Subscription, Notification]] = deque()
        self._sent = 0
        self._waiting = False

    def put(self, subscription: Subscription, change: Notification) -> None:
        """Send now while this turn has room, else on a later one."""
        if self._sent < self.SLICE and not self._queue:
            self._sent += 1
            self._send(subscription, change)
        else:
            self._queue.append((subscription, change))
        if not self._waiting:
            self._waiting = True
            self._soon(self._turn)

    def _turn(self) -> None:
        self._sent = min(self.SLICE, len(self._queue))
        self._waiting = self._sent > 0
        if self._waiting:
            self._soon(self._turn)
        for _ in range(self._sent):
            self._send(*self._queue.popleft())
