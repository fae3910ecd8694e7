"""SUBSCRIBE as Asterisk's notifier takes it (res_pjsip_pubsub.c, pjproject's evsub.c): who may, for what, how long."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from harness.bodies import dialog_info, pidf
from harness.core.hint import Notification
from harness.pbx.documents import (
    EVENTS,
    HINT_EVENTS,
    DialogInfoDocument,
    Document,
    PidfDocument,
    Place,
    RingingCalls,
    SharedParts,
    XpidfDocument,
    negotiate,
)
from harness.pbx.notifier import MAX_EXPIRES_S, Fanout, NotifyTemplate, Subscription
from harness.pbx.persistence import SubscriptionRows
from harness.pbx.screening import CREATE_DIALOGS
from harness.sip.dialog import Dialog
from harness.sip.flow import Flow
from harness.sip.grammar import GrammarError
from harness.sip.uri import SipUri

if TYPE_CHECKING:
    from harness.config.pjsip_objects import Endpoint
    from harness.core import PresenceCore
    from harness.sip.message import Request
    from harness.sip.server_transaction import ServerTransaction
    from harness.sip.stack import Stack

LINGER_S = 32.0
"""Seconds that the dialog of an ended subscription is still known (64 * T1)."""

UNHANDLED = "Unhandled by dialog usages"
_DIGITS = re.compile(r"[0-9]+")


def requested_expiry(text: str | None) -> int | None:
    """Seconds that a request asks for; None where it does not say (or says no number)."""
    found = _DIGITS.match((text or "").strip())
    return int(found[0]) if found else None


class Subscriptions:
    """Every subscription of the server."""

    def __init__(
        self,
        core: PresenceCore,
        stack: Stack,
        *,
        agent: str,
        contact_of: Callable[[Any], str],
        random_bits: Callable[[int], int],
        ringing_calls: RingingCalls,
        observe: Callable[..., None],
        rows: SubscriptionRows,
        wall_s: Callable[[], float],
        soon: Callable[[Callable[[], None]], object],
        allowed: list[tuple[str, str]],
        ignore_user_options: bool = False,
    ) -> None:
        self.core, self.stack = core, stack
        self._agent, self._contact_of, self._random_bits = agent, contact_of, random_bits
        self._ringing_calls, self._observe, self._allowed = ringing_calls, observe, allowed
        self._ignore_user_options = ignore_user_options
        self._rows, self._wall_s = rows, wall_s
        self._all: dict[int, Subscription] = {}
        self._shared = SharedParts()
        self._fanout = Fanout(self._change, soon)

    def active(self) -> Iterable[Subscription]:
        """Those that have not ended, in the order they came."""
        return self._all.values()

    # the first SUBSCRIBE

    def subscribe(self, endpoint: Endpoint, transaction: ServerTransaction) -> None:
        """Answer a SUBSCRIBE outside of a dialog: the checks in Asterisk's order (3249-3363)."""
        request = transaction.request
        refusal = self._refusal(endpoint, transaction)
        if refusal:
            status, reason = refusal
            self._observe("refused", endpoint=endpoint.name, uri=request.uri, status=status, reason=reason)
            transaction.refuse(status)
            return
        uri = SipUri.parse(request.uri)
        place = (endpoint.subscribe_context or endpoint.context, self._resource(uri))
        subscription = self._accept(endpoint, transaction, uri, place)
        self._observe(
            "subscribed", endpoint=endpoint.name, context=place[0], exten=place[1], event=subscription.event
        )
        self._begin(subscription)

    def _resource(self, uri: SipUri) -> str:
        user = uri.user_unescaped
        return user.partition(";")[0] if self._ignore_user_options else user

    def _refusal(self, endpoint: Endpoint, transaction: ServerTransaction) -> tuple[int, str] | None:
        headers = transaction.request.headers
        if not endpoint.allow_subscribe:
            return 603, f"subscriptions are not permitted for endpoint {endpoint.name} (allow_subscribe)"
        try:
            uri = SipUri.parse(transaction.request.uri)
        except GrammarError:
            return 416, "the Request-URI is not a SIP URI"
        expires = requested_expiry(headers.get("Expires"))
        if expires == 0:
            return 400, "there is no fetching of a state with Expires: 0"
        if expires is not None and expires < endpoint.sub_min_expiry:
            least = endpoint.sub_min_expiry
            return 423, f"endpoint {endpoint.name} wants at least {least} s (sub_min_expiry)"
        event = (headers.get("Event") or "").partition(";")[0].strip()
        if event not in EVENTS:
            return 489, f"the event package {event!r} is not served"
        if negotiate(event, headers.all("Accept")) is None:
            return 489, "no type of the Accept header can be made"
        if event not in HINT_EVENTS:
            return 404, "there is no such mailbox"
        context, exten = endpoint.subscribe_context or endpoint.context, self._resource(uri)
        if not self.core.hints.exists(context, exten):
            return 404, f"extension {exten!r} does not exist in context {context!r} or has no hint"
        return None

    def _accept(
        self, endpoint: Endpoint, transaction: ServerTransaction, uri: SipUri, place: tuple[str, str]
    ) -> Subscription:
        request = transaction.request
        identifiers = self.stack.identifiers
        contact = self._contact_of(transaction.flow)
        dialog = Dialog.uas(request, identifiers.tag(), contact=contact, local_cseq=identifiers.cseq())
        subscription = self._create(endpoint, request, dialog, transaction.flow, uri, place)
        expires = requested_expiry(request.headers.get("Expires"))
        seconds = MAX_EXPIRES_S if expires is None else min(expires, MAX_EXPIRES_S)
        self._until(subscription, seconds)
        transaction.reply(
            200,
            headers=[("Expires", str(seconds)), ("Contact", contact), *self._allowed],
            to_tag=dialog.local_tag,
        )
        packet = transaction.data.decode("utf-8", "surrogateescape")
        self._rows.write(subscription, MAX_EXPIRES_S if expires is None else expires, packet=packet)
        return subscription

    def _create(
        self, endpoint: Endpoint, request: Request, dialog: Dialog, source: Flow, uri: SipUri, place: tuple[str, str]
    ) -> Subscription:
        event = request.headers.get("Event") or ""
        package = event.partition(";")[0].strip()
        content_type = negotiate(package, request.headers.all("Accept")) or EVENTS[package]
        flow = flow_to(dialog.next_hop, source, endpoint.rewrite_contact)
        subscription = Subscription(dialog, flow, endpoint.name, event, place, content_type)
        subscription.document = self._document(endpoint, request, uri, content_type)
        subscription.template = NotifyTemplate(dialog, flow, dialog.contact, event, content_type, self._agent)
        self._all[id(subscription)] = subscription
        subscription.owner = self
        self.stack.add_dialog(dialog, subscription.asked)
        return subscription

    def restore(self, endpoint_of: Callable[[str], Endpoint | None], local: tuple[str, int]) -> None:
        """Go on with what an earlier run stored: same dialogs, next CSeq, a full NOTIFY that nobody asked for."""
        for stored in self._rows.take_all():
            endpoint = endpoint_of(stored.endpoint)
            left = stored.expires_at - self._wall_s()
            if endpoint is None or left < 1:
                continue
            uri = SipUri.parse(stored.request.uri)
            place = (endpoint.subscribe_context or endpoint.context, self._resource(uri))
            if not self.core.hints.exists(*place):
                continue
            source = Flow("UDP", local, stored.remote)
            dialog = Dialog.uas(
                stored.request, stored.tag, contact=self._contact_of(source), local_cseq=stored.cseq
            )
            subscription = self._create(endpoint, stored.request, dialog, source, uri, place)
            subscription.row = stored.row
            if isinstance(subscription.document, DialogInfoDocument):
                subscription.document.version = stored.version
            self._until(subscription, min(left, MAX_EXPIRES_S))
            self._begin(subscription)
            self._rows.write(subscription, left, packet=stored.packet)

    def drop_silent(self) -> None:
        """Let go of those whose watcher was never told anything: it cannot end them (see `Subscription`)."""
        for subscription in [s for s in self._all.values() if not s.established]:
            self._forget(subscription)

    def keep(self) -> None:
        """Write down where every subscription stands, for the next run."""
        for subscription in self._all.values():
            version = getattr(subscription.document, "version", 0)
            self._rows.write(subscription, subscription.expires_at - self.stack.timers.now, version)

    def _document(self, endpoint: Endpoint, request: Request, uri: SipUri, content_type: str) -> Document:
        headers = request.headers
        sender = request.from_.uri
        entity = str(uri._replace(user=uri.user_unescaped or None, headers=""))
        place = Place(
            entity, self._resource(uri), _bare(sender), pidf.wants_digium_tuple(headers.get("User-Agent"))
        )
        if content_type == pidf.CONTENT_TYPE:
            return PidfDocument(place, self._shared)
        if content_type == dialog_info.CONTENT_TYPE:
            return DialogInfoDocument(place, self._ringing_calls, endpoint.notify_early_inuse_ringing)
        return XpidfDocument(place, self._random_bits)

    def _begin(self, subscription: Subscription) -> None:
        """The first NOTIFY; there is none while the presence of the hint is invalid."""
        hints = self.core.hints
        subscription.watch = hints.watch(subscription.context, subscription.exten, subscription.told)
        first = self._current(subscription) if subscription.watch is not None else None
        if first is None:
            self._observe("silent", exten=subscription.exten, reason="the presence of the hint is invalid")
            return
        self._change(subscription, first)

    def _current(self, subscription: Subscription) -> Notification | None:
        """The state of the hint as a first NOTIFY tells it: published presence, devices as they are now."""
        hints = self.core.hints
        hint = hints.find(subscription.context, subscription.exten)
        presence = hints.presence(subscription.context, subscription.exten)
        if hint is None or presence is None:
            return None
        state = hints.state(subscription.context, subscription.exten)
        return Notification(hint, "device", state, presence, hints.devices(hint))

    # changes

    def told(self, subscription: Subscription, change: Notification) -> None:
        """The hint of a subscription changed."""
        self._fanout.put(subscription, change)

    def _change(self, subscription: Subscription, change: Notification) -> None:
        if subscription.ended:
            return
        subscription.generate(change)
        if change.reason in ("removed", "deactivated"):
            self._end(subscription)
        else:
            self._notify(subscription)

    def _notify(self, subscription: Subscription) -> None:
        subscription.established = True
        if subscription.ended:
            state = b"terminated"
        else:
            state = b"active;expires=%d" % max(int(subscription.expires_at - self.stack.timers.now + 1e-6), 0)
        template = subscription.template
        assert template is not None
        branch = self.stack.identifiers.branch().encode()
        dialog = subscription.dialog
        dialog.local_cseq = cseq = dialog.local_cseq + 1
        data = template.render(branch, cseq, state, subscription.body)
        self.stack.send_prepared(branch, data, subscription.flow, subscription.answered)

    def refused(self, subscription: Subscription, status: int, raw: bytes) -> None:
        """A NOTIFY got another answer than a 2xx, or none in time (408)."""
        if status != 481 and re.search(rb"(?im)^retry-after\s*:", raw):
            return
        self._observe("lost", exten=subscription.exten, status=status, reason="a NOTIFY was not accepted")
        self._forget(subscription)

    # in the dialog

    def asked(self, subscription: Subscription, transaction: ServerTransaction) -> None:
        """A request came in the dialog of a subscription."""
        request = transaction.request
        if request.method in CREATE_DIALOGS:
            self._retarget(subscription, transaction)
        if request.method != "SUBSCRIBE":
            transaction.reply(501 if request.method != "NOTIFY" else 500, None)
        elif not subscription.established or subscription.ended or not _same_event(subscription, request):
            transaction.reply(500, UNHANDLED)
        else:
            self._refresh(subscription, transaction)

    def _refresh(self, subscription: Subscription, transaction: ServerTransaction) -> None:
        headers = transaction.request.headers
        expires = requested_expiry(headers.get("Expires"))
        left = int(subscription.expires_at - self.stack.timers.now + 1e-6)
        seconds = left if expires is None else min(expires, MAX_EXPIRES_S)
        contact = self._contact_of(transaction.flow)
        transaction.reply(200, headers=[("Expires", str(seconds)), ("Contact", contact), *self._allowed])
        if expires == 0:
            self._end(subscription)
            return
        self._until(subscription, seconds)
        self._rows.write(subscription, seconds)
        self._notify(subscription)

    def _retarget(self, subscription: Subscription, transaction: ServerTransaction) -> None:
        """Another Contact moves the target, and with it the peer's name (pjsip_dlg_on_rx_request).

        That happens before the request is looked at, so also where it is then refused.
        """
        dialog, request = subscription.dialog, transaction.request
        contact = request.contact
        if contact is None or contact.uri == subscription.target:
            return
        dialog.remote = request.headers.get("From") or dialog.remote
        subscription.target = contact.uri
        subscription.flow = flow_to(dialog.next_hop, transaction.flow, False)
        subscription.move(_bare(request.from_.uri))
        subscription.template = NotifyTemplate(
            dialog, subscription.flow, dialog.contact, subscription.event, subscription.content_type, self._agent
        )

    def _until(self, subscription: Subscription, seconds: float) -> None:
        subscription.expires_at = self.stack.timers.now + seconds
        if subscription.timer is not None:
            subscription.timer.cancel()
        subscription.timer = self.stack.timers.schedule(seconds, self._end, subscription)

    # the end

    def _end(self, subscription: Subscription) -> None:
        """The last NOTIFY: it repeats the last body and gives no reason (2707)."""
        if subscription.ended:
            return
        subscription.ended = True
        self._observe("ended", endpoint=subscription.endpoint, exten=subscription.exten)
        if subscription.established:
            self._notify(subscription)
        self._release(subscription)
        self.stack.timers.schedule(LINGER_S, self.stack.remove_dialog, subscription.dialog)

    def _forget(self, subscription: Subscription) -> None:
        subscription.ended = True
        self._release(subscription)
        self.stack.remove_dialog(subscription.dialog)

    def _release(self, subscription: Subscription) -> None:
        self._all.pop(id(subscription), None)
        self._rows.remove(subscription)
        if subscription.timer is not None:
            subscription.timer.cancel()
            subscription.timer = None
        if subscription.watch is not None:
            subscription.watch.cancel()
            subscription.watch = None

    def connection_lost(self, flow: Any) -> None:
        """Subscriptions that came over a connection end silently with it."""
        for subscription in [s for s in self._all.values() if s.flow == flow]:
            self._forget(subscription)


def flow_to(uri: str, source: Flow, rewrite: bool) -> Flow:
    """Where requests for a Contact go: its own address, or where it came from if that is asked for or all there is."""
    if rewrite or source.transport != "UDP":
        return source
    try:
        target = SipUri.parse(uri)
        host, port = target.address
        ipaddress.ip_address(host)
    except (GrammarError, ValueError):
        return source  # names are not looked up
    return source._replace(remote=(host, port))


def _bare(uri: str) -> str:
    """A From URI as a body names its sender: without its port."""
    try:
        return str(SipUri.parse(uri)._replace(port=None, headers=""))
    except GrammarError:
        return uri


def _same_event(subscription: Subscription, request: Request) -> bool:
    return _event_key(subscription.event) == _event_key(request.headers.get("Event") or "")


def _event_key(text: str) -> tuple[str, str]:
    """Package and `id` of an Event header (RFC 6665 8.2.1)."""
    name, *params = (part.strip() for part in text.split(";"))
    ids = [p.partition("=")[2].strip() for p in params if p.lower().startswith("id")]
    return name, ids[0] if ids else ""
