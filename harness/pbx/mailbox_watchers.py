"""Who is told how many messages wait: who subscribed, and endpoints with `mailboxes=` unasked (res_pjsip_mwi.c)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.bodies import message_summary
from harness.bodies.message_summary import MessageSummary
from harness.config.values import is_true
from harness.core.octets import fold
from harness.pbx import printed
from harness.pbx.asked import Refused
from harness.pbx.lists import Resource
from harness.pbx.mailbox_states import Waiting
from harness.pbx.registrar import supported_by
from harness.pbx.subscription import Subscription

if TYPE_CHECKING:
    from harness.config.pjsip import PjsipConfig
    from harness.config.pjsip_objects import Aor, Endpoint
    from harness.pbx.contact import Contact
    from harness.pbx.mailbox_states import MailboxStates
    from harness.pbx.outside import Outside
    from harness.pbx.registrar import Registrar
    from harness.sip.dialog import Dialog
    from harness.sip.flow import Flow
    from harness.sip.uri import SipUri

EVENT = "message-summary"
ALLOW_EVENTS = "message-summary, presence, dialog, refer"


@dataclass(slots=True, eq=False)
class Unasked:
    """What is told to the contacts of an endpoint unasked: the sum of some mailboxes; `aors` as they were."""

    endpoint: str
    aors: tuple[str, ...]
    mailboxes: list[str]


class MailboxSubscription(Subscription):
    """A subscription to the sum of the mailboxes of an AOR, or of all AORs of the endpoint."""

    __slots__ = ("mailboxes", "uri", "watchers")

    def __init__(
        self, dialog: Dialog, flow: Flow, endpoint: str, event: str, place: tuple[str, str], found: Resource
    ) -> None:
        super().__init__(dialog, flow, endpoint, event, place, message_summary.CONTENT_TYPE)
        self.mailboxes = found.mailboxes or ()
        self.watchers: MailboxWatchers | None = None
        self.uri: SipUri | None = None
        """What was subscribed to."""

    def repeat(self) -> bool:
        """The counts as they are."""
        assert self.watchers is not None
        self.body = self.watchers.body_for(self)
        return True

    def release(self) -> None:
        """See `Subscription.release`."""
        watchers, self.watchers = self.watchers, None
        if watchers is not None:
            watchers.ended(self)

    def move(self, contact: str) -> None:
        """See `Subscription.move`: the body does not name its watcher."""


class MailboxWatchers:
    """The watchers of one server's mailboxes."""

    def __init__(
        self,
        states: MailboxStates,
        pjsip: Callable[[], PjsipConfig],
        registrar: Registrar,
        outside: Outside,
        soon: Callable[[Callable[[], None]], object],
    ) -> None:
        self.states, self._pjsip, self._registrar = states, pjsip, registrar
        self._outside, self._soon = outside, soon
        self.tell: Callable[[MailboxSubscription], None] = lambda _subscription: None
        """Sends a NOTIFY of a subscription, and `end` the last one; set by who keeps them."""
        self.end: Callable[[MailboxSubscription], None] = lambda _subscription: None
        self._asked: list[MailboxSubscription] = []
        self._unasked: list[Unasked] = []
        states.follow = self._changed

    # who has not asked

    def recreate(self) -> bool:
        """Take the endpoints as they are configured now, unless the global options say not to begin with it."""
        pjsip = self._pjsip()
        if not pjsip.globals.flag("mwi_disable_initial_unsolicited"):
            self._unasked = []
            for endpoint in pjsip.endpoints.values():
                self._create(endpoint, again=False, now=False)
        return True

    def tell_all(self) -> None:
        """Tell all endpoints with mailboxes: the server is up (send_initial_notify_all)."""
        for each in list(self._unasked):
            self._tell_unasked(each)

    def contact_bound(self, contact: Contact) -> None:
        """A REGISTER brought a contact, or brought it again: tell whoever shares its AOR."""
        endpoint = self._pjsip().endpoints.get(contact.endpoint)
        if endpoint is None or not endpoint.mailboxes:
            return
        self._create(endpoint, again=False, now=False)
        name = contact.aor.partition("@")[0]
        for each in list(self._unasked):
            if name in ",".join(each.aors):  # a part of a name is enough (strstr)
                self._soon(lambda each=each: self._tell_unasked(each))  # type: ignore[misc]

    def contact_gone(self, contact: Contact) -> None:
        """The last contact of an endpoint takes with it that it is told unasked."""
        endpoint = self._pjsip().endpoints.get(contact.endpoint)
        if endpoint is not None and endpoint.mailboxes and not self._registrar.contacts_of(endpoint):
            self._unasked = [each for each in self._unasked if each.endpoint != endpoint.name]

    def _create(self, endpoint: Endpoint, *, again: bool, now: bool) -> None:
        """`again`: those of it that an ended subscription stood for come back; `now`: and it is told."""
        together: Unasked | None = None
        if is_true(endpoint.value("aggregate_mwi", "yes")):
            together = next((each for each in self._unasked if each.endpoint == endpoint.name), None)
            if together is not None and not again:
                return
        begun: list[Unasked] = []
        for mailbox in _names(endpoint.mailboxes):
            if not self._may_be_unasked(endpoint, mailbox):
                continue
            if together is None:
                together = Unasked(endpoint.name, endpoint.aors, [])
                self._unasked.append(together)
            together.mailboxes.append(mailbox)
            if together not in begun:
                begun.append(together)
            if not is_true(endpoint.value("aggregate_mwi", "yes")):
                together = None
        for each in begun if now else ():
            self._soon(lambda each=each: self._tell_unasked(each))  # type: ignore[misc]

    def _may_be_unasked(self, endpoint: Endpoint, mailbox: str) -> bool:
        """Not where it is already; a subscription ends for it, unless it is configured to come first."""
        if self._find_unasked(endpoint, mailbox) is not None:
            return False
        asked = [each for each in self._asked if each.endpoint == endpoint.name and mailbox in each.mailboxes]
        if asked and _replaces(endpoint):
            return False
        for each in asked[:1]:
            self._soon(lambda each=each: self.end(each))  # type: ignore[misc]
        return True

    def _find_unasked(self, endpoint: Endpoint, mailbox: str) -> Unasked | None:
        mine = (each for each in self._unasked if each.endpoint == endpoint.name)
        return next((each for each in mine if mailbox in each.mailboxes), None)

    def _tell_unasked(self, unasked: Unasked) -> None:
        endpoint = self._pjsip().endpoints.get(unasked.endpoint)
        if endpoint is None:
            return
        waiting = self._sum(unasked.mailboxes)
        extension = endpoint.value("voicemail_extension")
        for contact in self._registrar.contacts_of(endpoint):
            own = self._outside.own_uri(endpoint, contact)
            if own is None:
                continue
            user = endpoint.value("mwi_from_user") or None
            rows = [("Subscription-State", "terminated"), ("Event", EVENT), ("Allow-Events", ALLOW_EVENTS)]
            rows += supported_by(self._pjsip().aors[contact.aor])
            body = self._body(waiting, own, extension)
            self._outside.send(endpoint, contact, "NOTIFY", rows, (message_summary.CONTENT_TYPE, body), user)

    # who has asked

    def find(self, endpoint: Endpoint, name: str) -> Resource | Refused:
        """What may be subscribed to (mwi_new_subscribe): an AOR, a voicemail_extension, or all AORs for no name."""
        aors = self._pjsip().aors
        found = [aors[each] for each in endpoint.aors if each in aors]
        if name:
            one = self._aor_of(endpoint, name)
            if one is None or not _names(one.mailboxes):
                return Refused(404, f"there is no AOR {name!r}" if one is None else f"AOR {name!r} has no mailboxes")
            found = [one]
        mailboxes = tuple(dict.fromkeys(box for aor in found for box in _names(aor.mailboxes)))
        for mailbox in mailboxes:
            unasked = self._find_unasked(endpoint, mailbox)
            if unasked is not None and not _replaces(endpoint):
                return Refused(500, f"endpoint {endpoint.name} is told of mailbox {mailbox} unasked (mailboxes)")
            if unasked is not None:
                unasked.mailboxes.remove(mailbox)
                if not is_true(endpoint.value("aggregate_mwi", "yes")):
                    self._unasked.remove(unasked)
        return Resource(name, mailboxes=mailboxes)

    def _aor_of(self, endpoint: Endpoint, name: str) -> Aor | None:
        """An AOR of that name, or else one of the endpoint with that voicemail_extension (find_aor_for_resource)."""
        aors = self._pjsip().aors
        if name in aors:
            return aors[name]
        mine = (aors[each] for each in endpoint.aors if each in aors)
        return next((aor for aor in mine if fold(aor.value("voicemail_extension")) == fold(name)), None)

    def begin(self, subscription: MailboxSubscription, uri: SipUri) -> None:
        """A subscription was accepted."""
        subscription.watchers, subscription.uri = self, uri._replace(scheme="sip")
        self._asked.append(subscription)

    def ended(self, subscription: MailboxSubscription) -> None:
        """A subscription is over: what it stood for is told unasked again."""
        self._asked = [each for each in self._asked if each is not subscription]
        endpoint = self._pjsip().endpoints.get(subscription.endpoint)
        if endpoint is not None:
            self._create(endpoint, again=True, now=True)

    def body_for(self, subscription: MailboxSubscription) -> bytes:
        """What a NOTIFY of a subscription says now."""
        endpoint = self._pjsip().endpoints.get(subscription.endpoint)
        aor = self._aor_of(endpoint, subscription.exten) if endpoint is not None and subscription.exten else None
        extension = aor.value("voicemail_extension") if aor is not None else None
        assert subscription.uri is not None
        return self._body(self._sum(subscription.mailboxes), subscription.uri, extension)

    # both

    def _changed(self, mailbox: str) -> None:
        for asked in [each for each in self._asked if mailbox in each.mailboxes]:
            self.tell(asked)
        for unasked in [each for each in self._unasked if mailbox in each.mailboxes]:
            self._tell_unasked(unasked)

    def _sum(self, mailboxes: Iterable[str]) -> Waiting:
        found = [self.states.of(each) for each in mailboxes]
        return Waiting(sum(each.new for each in found), sum(each.old for each in found))

    def _body(self, waiting: Waiting, own: SipUri, extension: str | None) -> bytes:
        """`extension` None: nobody can be called there, '' the one of the global options (set_voicemail_extension)."""
        account = ""
        if extension is not None:
            extension = extension or self._pjsip().globals.value("default_voicemail_extension")
        if extension:
            account = printed.short_uri(own, printed.Where.CONTACT, extension)[0]
        return message_summary.write(MessageSummary(waiting.new > 0, waiting.new, waiting.old, account=account))


def _names(mailboxes: str) -> list[str]:
    return [name for each in mailboxes.split(",") if (name := each.strip())]


def _replaces(endpoint: Endpoint) -> bool:
    return endpoint.flag("mwi_subscribe_replaces_unsolicited")
