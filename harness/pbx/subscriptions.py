"""SUBSCRIBE as Asterisk's notifier takes it (res_pjsip_pubsub.c, pjproject's evsub.c): who may, for what, how long."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from harness.core.hint import Notification
from harness.errors import HarnessError
from harness.pbx import asked, printed
from harness.pbx.asked import MAX_EXPIRES_S, Asked, Refused
from harness.pbx.documents import Author, RingingCalls, SharedParts, negotiate, sender_of
from harness.pbx.list_notifier import ListNotifier, Refreshed
from harness.pbx.list_subscription import ListSubscription
from harness.pbx.lists import Resource, ResourceLists
from harness.pbx.mailbox_watchers import EVENT, MailboxSubscription, MailboxWatchers
from harness.pbx.notifier import CHANGED, ESTABLISHED, REFRESHED, Notifier
from harness.pbx.persistence import Stored, SubscriptionRows
from harness.pbx.reach import flow_to, rewrite_contact, same_target
from harness.pbx.screening import CREATE_DIALOGS, SERVER_ERROR, refusal
from harness.pbx.subscription import Subscription
from harness.sip.dialog import Dialog
from harness.sip.flow import Flow
from harness.sip.grammar import escape_user
from harness.sip.sharing import shared

if TYPE_CHECKING:
    from harness.config.pjsip_objects import Endpoint, ResourceList
    from harness.core import PresenceCore
    from harness.sip.message import Request
    from harness.sip.server_transaction import ServerTransaction
    from harness.sip.stack import Stack

UNHANDLED = "Unhandled by dialog usages"
MAX_SAME = 256
"""Hints whose first notification is shared by those who begin to watch them."""


class Subscriptions(Notifier):
    """Takes the requests of watchers: new ones, those in their dialogs, and those that an earlier run stored."""

    def __init__(
        self,
        core: PresenceCore,
        stack: Stack,
        *,
        agent: str,
        contact_of: Callable[[Flow, str], str],
        random_bits: Callable[[int], int],
        ringing_calls: RingingCalls,
        observe: Callable[..., None],
        rows: SubscriptionRows,
        wall_s: Callable[[], float],
        soon: Callable[[Callable[[], None]], object],
        allowed: list[tuple[str, str]],
        lists: Callable[[], Mapping[str, ResourceList]] = dict,
        ignore_user_options: bool = False,
    ) -> None:
        super().__init__(stack, agent=agent, observe=observe, rows=rows, soon=soon)
        self.core = core
        self.lists = ResourceLists(lists, core.hints)
        self._contact_of, self._random_bits, self._wall_s = contact_of, random_bits, wall_s
        self._ringing_calls, self._allowed = ringing_calls, allowed
        self._ignore_user_options = ignore_user_options
        self._shared = SharedParts()
        self._same: Callable[[Notification], Notification] = lru_cache(MAX_SAME)(lambda first: first)
        self._mailboxes: MailboxWatchers | None = None
        self._list_notifier = ListNotifier(core.hints, stack.timers, self._notify, self._end, self._current, soon)

    def watch_mailboxes(self, watchers: MailboxWatchers) -> None:
        """From now on mailboxes can be subscribed to."""
        self._mailboxes = watchers
        watchers.tell = lambda subscription: self._tell_again(subscription, CHANGED)
        watchers.end = self._end

    # the first SUBSCRIBE

    def subscribe(self, endpoint: Endpoint, transaction: ServerTransaction) -> None:
        """Answer a SUBSCRIBE outside of a dialog: the checks in Asterisk's order (3249-3363)."""
        request = transaction.request
        wanted = asked.read(endpoint, request, self._ignore_user_options)
        if isinstance(wanted, Refused):
            self._refuse(endpoint, transaction, wanted)
            return
        found = self._find(endpoint, wanted)
        if isinstance(found, Refused):
            self._refuse(endpoint, transaction, found)
            return
        subscription = self._accept(endpoint, transaction, wanted, found)
        self._observe(
            "subscribed",
            endpoint=endpoint.name,
            context=subscription.context,
            exten=subscription.exten,
            event=subscription.event,
        )
        self._begin(subscription)

    def _refuse(self, endpoint: Endpoint, transaction: ServerTransaction, refused: Refused) -> None:
        status, reason = refused
        uri = transaction.request.uri
        self._observe("refused", endpoint=endpoint.name, uri=uri, status=status, reason=reason)
        transaction.refuse(status, SERVER_ERROR if status == 500 else None)

    def _find(self, endpoint: Endpoint, wanted: Asked) -> Resource | Refused:
        found = self.lists.find(_context(endpoint), wanted.resource, wanted.package, wanted.eventlist)
        none = isinstance(found, Refused) and found.status == 404
        if self._mailboxes is None or wanted.package != EVENT or not none:
            return found
        return self._mailboxes.find(endpoint, wanted.resource)

    def _accept(
        self, endpoint: Endpoint, transaction: ServerTransaction, wanted: Asked, found: Resource
    ) -> Subscription:
        request, flow = transaction.request, transaction.flow
        if endpoint.rewrite_contact:
            rewrite_contact(request, flow)
        identifiers = self.stack.identifiers
        dialog = Dialog.uas(request, identifiers.tag(), local_cseq=identifiers.cseq())
        subscription = self._create(endpoint, request, dialog, flow, wanted, found)
        seconds = asked.granted_expiry(request.headers, MAX_EXPIRES_S)
        self._grant(subscription, seconds)
        transaction.reply(200, headers=self._answer_rows(subscription, flow, seconds), to_tag=dialog.local_tag)
        self._store(subscription, request, transaction.data.decode("utf-8", "surrogateescape"))
        return subscription

    def _store(self, subscription: Subscription, request: Request, packet: str = "") -> None:
        requested = asked.requested_expiry(request.headers)
        subscription.stored_until = self._wall_s() + (MAX_EXPIRES_S if requested is None else requested)
        self._rows.write(subscription, packet)

    def _answer_rows(self, subscription: Subscription, flow: Flow, seconds: int) -> list[tuple[str, str]]:
        contact = self._contact_of(flow, subscription.contact_head)
        return [("Expires", str(seconds)), ("Contact", contact), *self._allowed, *subscription.required]

    def _grant(self, subscription: Subscription, seconds: int) -> None:
        subscription.granted = seconds
        self._until(subscription, seconds)

    def _create(
        self,
        endpoint: Endpoint,
        request: Request,
        dialog: Dialog,
        source: Flow,
        wanted: Asked,
        found: Resource,
        versions: dict[str, int] | None = None,
    ) -> Subscription:
        event = printed.event(request.headers.get("Event") or "")
        flow = flow_to(dialog.next_hop, source, endpoint.rewrite_contact)
        place = (_context(endpoint), wanted.resource)
        author = self._author(endpoint, request, wanted)
        author.versions = versions or {}
        subscription: Subscription
        if found.children:
            subscription = ListSubscription(dialog, flow, endpoint.name, event, place, author, self._random_bits, found)
        elif found.mailboxes is not None and self._mailboxes is not None:
            subscription = MailboxSubscription(dialog, flow, endpoint.name, event, place, found)
            self._mailboxes.begin(subscription, wanted.uri)
        else:
            subscription = Subscription(dialog, flow, endpoint.name, event, place, wanted.content_type)
            subscription.document = author.document(wanted.resource)
        subscription.heard_at = self.stack.timers.now
        subscription.rewrite = endpoint.rewrite_contact
        subscription.contact_head = shared(_contact_head(endpoint, request))
        subscription.source = source
        if endpoint.rewrite_contact and source.reliable:
            subscription.connection = source
        dialog.contact = shared(self._contact_of(subscription.flow, subscription.contact_head))
        subscription.write_template(self._agent)
        self._all[id(subscription)] = subscription
        subscription.owner = self
        self.stack.add_dialog(dialog, subscription.asked)
        return subscription

    def _author(self, endpoint: Endpoint, request: Request, wanted: Asked) -> Author:
        return Author(
            wanted.uri,
            wanted.content_type,
            request,
            shared=self._shared,
            calls=self._ringing_calls,
            random_bits=self._random_bits,
            early_inuse_ringing=endpoint.notify_early_inuse_ringing,
        )

    def _begin(self, subscription: Subscription) -> None:
        """The first NOTIFY; there is none while the presence of a hint is invalid."""
        if isinstance(subscription, ListSubscription):
            begun = self._list_notifier.begin(subscription)
        elif isinstance(subscription, MailboxSubscription):
            begun = True
        else:
            begun = self._begin_one(subscription)
        if begun:
            self._tell_again(subscription, ESTABLISHED)
        else:
            self._observe("silent", exten=subscription.exten, reason="the presence of the hint is invalid")
            self._suspend(subscription)

    def _begin_one(self, subscription: Subscription) -> bool:
        place = (subscription.context, subscription.exten)
        subscription.watch = self.core.hints.watch(*place, subscription.told)
        first = self._current(*place) if subscription.watch is not None else None
        if first is None:
            return False
        subscription.begin(first)
        return True

    def _current(self, context: str, exten: str) -> Notification | None:
        """The state of a hint as a first NOTIFY tells it: published presence, devices as they are now."""
        hints = self.core.hints
        hint = hints.find(context, exten)
        presence = hints.presence(context, exten)
        if hint is None or presence is None:
            return None
        first = Notification(hint, "device", hints.state(context, exten), presence, hints.devices(hint))
        return self._same(first)

    # in the dialog

    def asked(self, subscription: Subscription, transaction: ServerTransaction) -> None:
        """A request came in the dialog of a subscription."""
        request = transaction.request
        method = request.method
        if method == "REGISTER":
            self.stack.on_request(transaction)  # to pjsip that is never a request in a dialog
            return
        refused = refusal(request)
        if refused is not None:
            transaction.refuse(*refused)
            return
        subscription.heard_at, subscription.source = self.stack.timers.now, transaction.flow
        if method in CREATE_DIALOGS:
            self._retarget(subscription, transaction)
        if method == "NOTIFY":
            self._notified(subscription, transaction)
        elif method == "BYE" and subscription.ended:
            transaction.reply(481)
        elif method != "SUBSCRIBE" or not self._answers(subscription, request):
            transaction.reply(500, UNHANDLED)
        else:
            self._refresh(subscription, transaction)

    @staticmethod
    def _answers(subscription: Subscription, request: Request) -> bool:
        alive = subscription.established and not subscription.ended and not subscription.orphaned
        return alive and asked.same_event(subscription.event, request.headers.get("Event"))

    def _notified(self, subscription: Subscription, transaction: ServerTransaction) -> None:
        """A NOTIFY to the notifier: taken for the refusal of one of its own (evsub.c:2388)."""
        headers = transaction.request.headers
        event = headers.get("Event")
        if event is None:
            transaction.reply(500, UNHANDLED)
        elif not asked.same_event(subscription.event, event):
            transaction.reply(481, "Subscription Does Not Exist")
        elif subscription.ended or not subscription.established:
            transaction.reply(481, "Subscription already terminated")
        else:
            transaction.reply(500, UNHANDLED)
            if "Retry-After" not in headers:
                self._observe("lost", exten=subscription.exten, status=500, reason="the watcher sent a NOTIFY")
                self._forget(subscription)

    def _refresh(self, subscription: Subscription, transaction: ServerTransaction) -> None:
        headers = transaction.request.headers
        seconds = asked.granted_expiry(headers, subscription.granted)
        outcome = self._outcome(subscription, transaction.request, seconds)
        rows = self._answer_rows(subscription, transaction.flow, seconds)
        if subscription.stuck:
            rows = [row for row in rows if row not in subscription.required]
        transaction.reply(200, headers=rows)
        if outcome is Refreshed.ENDS:
            self._end(subscription)
        elif outcome is Refreshed.LOST:
            self._forget(subscription)
        elif outcome is Refreshed.GOES_ON:
            self._grant(subscription, seconds)
            self._store(subscription, transaction.request)
            self._tell_again(subscription, REFRESHED)

    def _outcome(self, subscription: Subscription, request: Request, seconds: int) -> Refreshed:
        if subscription.stuck:
            return Refreshed.STUCK if seconds else Refreshed.LOST
        if seconds == 0:
            return Refreshed.ENDS
        if isinstance(subscription, ListSubscription):
            return self._list_outcome(subscription, request)
        return Refreshed.GOES_ON

    def _list_outcome(self, subscription: ListSubscription, request: Request) -> Refreshed:
        package = asked.package_of(subscription.event)
        content_type = negotiate(package, request.headers.all("Accept"))
        if content_type is None:
            return Refreshed.GOES_ON  # what an Accept without a usable type asks for is not looked at (4345)
        eventlist = asked.wants_lists(request.headers)
        found = self.lists.find(subscription.context, subscription.exten, package, eventlist)
        return self._list_notifier.refresh(subscription, content_type, found)

    def _retarget(self, subscription: Subscription, transaction: ServerTransaction) -> None:
        """Another Contact moves the target, and with it the peer's name (pjsip_dlg_on_rx_request).

        That happens before the request is looked at, so also where it is then refused.
        """
        dialog, request = subscription.dialog, transaction.request
        if subscription.rewrite:
            rewrite_contact(request, transaction.flow)
        contact = request.contact
        dialog.remote_target = subscription.target
        if contact is None or same_target(contact.uri, subscription.target):
            return
        dialog.remote = request.headers.get("From") or dialog.remote
        dialog.remote_target = subscription.target = contact.uri
        subscription.flow = flow_to(dialog.next_hop, transaction.flow, subscription.rewrite)
        dialog.contact = shared(self._contact_of(subscription.flow, subscription.contact_head))
        subscription.move(sender_of(request))
        subscription.write_template(self._agent)

    # from one run to the next

    def restore(self, endpoint_of: Callable[[str], Endpoint | None], local: tuple[str, int]) -> None:
        """Go on with what an earlier run stored: same dialogs, next CSeq, a full NOTIFY that nobody asked for."""
        for stored in self._rows.take_all():
            try:
                self._restore(stored, endpoint_of(stored.endpoint), local)
            except (HarnessError, ValueError) as error:  # a row that nobody of ours wrote
                self._observe("lost", exten=stored.row, status=0, reason=f"the stored row cannot be used: {error}")

    def _restore(self, stored: Stored, endpoint: Endpoint | None, local: tuple[str, int]) -> None:
        left = stored.expires_at - self._wall_s()
        wanted = asked.understand(stored.request, self._ignore_user_options)
        if endpoint is None or left < 1 or isinstance(wanted, Refused):
            return
        found = self._find(endpoint, wanted)
        if not isinstance(found, Refused):
            self._recreate(endpoint, stored, wanted, found, Flow(stored.transport, local, stored.remote))

    def _recreate(self, endpoint: Endpoint, stored: Stored, wanted: Asked, found: Resource, source: Flow) -> None:
        dialog = Dialog.uas(stored.request, stored.tag, local_cseq=stored.cseq)
        subscription = self._create(endpoint, stored.request, dialog, source, wanted, found, stored.versions)
        subscription.row = stored.row
        subscription.stored_until = stored.expires_at
        left = min(stored.expires_at - self._wall_s(), MAX_EXPIRES_S)
        subscription.granted = int(left)
        self._until(subscription, left)
        self._begin(subscription)
        self._rows.write(subscription, stored.packet)

    def keep(self) -> None:
        """Write down where every subscription stands, for the next run."""
        for subscription in self._all.values():
            self._rows.write(subscription, reserve=0)


def _context(endpoint: Endpoint) -> str:
    return endpoint.subscribe_context or endpoint.context


def _contact_head(endpoint: Endpoint, request: Request) -> str:
    """How the Contacts of a dialog begin: `sips` where the first request says so, and the endpoint's contact_user."""
    uris = [request.uri]
    if "Record-Route" not in request.headers and request.contact is not None:
        uris.append(request.contact.uri)
    user = endpoint.value("contact_user")
    scheme = "sips:" if any(uri.lower().startswith("sips:") for uri in uris) else "sip:"
    return f"{scheme}{escape_user(user)}@" if user else scheme
