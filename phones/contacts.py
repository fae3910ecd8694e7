"""The contacts of a phone: which of them are subscribed to, under which URI, and why the others are not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from harness.sip.grammar import GrammarError
from harness.sip.uri import SipUri
from phones.settings import MAX_SUBSCRIPTIONS
from phones.watching import NONE, SubscriptionView, Watch

if TYPE_CHECKING:
    from phones.provisioning import PhonebookEntry, PhoneConfiguration
    from phones.screen import Screen
    from phones.settings import PhoneSettings
    from phones.signalling import Signalling


class Contacts:
    """The phonebook on the screen, with a `Watch` for each contact that is subscribed to."""

    def __init__(
        self,
        settings: PhoneSettings,
        signalling: Signalling,
        screen: Screen,
        make_watch: Callable[[PhonebookEntry, str], Watch],
        note: Callable[..., None],
    ) -> None:
        """`make_watch(entry, uri)` makes one that is not started; `note(what, **values)` writes to the trace."""
        self._settings, self._signalling, self._screen = settings, signalling, screen
        self._make_watch, self._note = make_watch, note
        self._watches: dict[str, Watch] = {}
        self._leaving: list[Watch] = []
        self._unwatched: dict[str, SubscriptionView] = {}

    def take(self, configuration: PhoneConfiguration) -> None:
        """Show and subscribe to what is configured; what was there before and is the same is left alone."""
        entries = {entry.id: entry for entry in _with_ids(configuration.contacts)}
        targets = self._targets(configuration, entries.values())
        self._drop({contact_id for contact_id, watch in self._watches.items() if targets.get(contact_id) != watch.uri})
        self._list(entries)
        for contact_id, uri in targets.items():
            if contact_id not in self._watches:
                watch = self._watches[contact_id] = self._make_watch(entries[contact_id], uri)
                watch.start()

    def _drop(self, gone: set[str]) -> None:
        self._leaving = [watch for watch in self._leaving if not watch.over]
        for contact_id, watch in list(self._watches.items()):
            if contact_id in gone:
                watch.stop()
                self._leaving.append(self._watches.pop(contact_id))

    def _list(self, entries: dict[str, PhonebookEntry]) -> None:
        """Put the screen's contacts into the order of the phonebook; those that are watched keep what they show."""
        before = dict(self._screen.contacts)
        self._screen.contacts.clear()
        for contact_id, entry in entries.items():
            contact = self._screen.add_contact(contact_id, entry.name or contact_id, entry.subscribe_to)
            if contact_id in self._watches:
                known = before[contact_id]
                contact.presence, contact.subtype = known.presence, known.subtype
                contact.message, contact.lamp = known.message, known.lamp

    # what is subscribed to

    def _targets(self, configuration: PhoneConfiguration, entries: Iterable[PhonebookEntry]) -> dict[str, str]:
        """The URI for each contact that is subscribed to; why the others are not is kept and noted."""
        self._unwatched.clear()
        group, limit = configuration.blf_contact_group, self._limit(configuration)
        if not group:
            self._note("no subscriptions", why="the phone has no blf_contact_group")
        targets: dict[str, str] = {}
        for entry in entries:
            why = self._why_not(entry, group)
            if not why and len(targets) >= limit:
                why = f"the phone subscribes to {limit} contacts at most (contacts_max_subscriptions)"
            if not why:
                targets[entry.id] = target_uri(entry.subscribe_to, self._signalling)
                continue
            self._unwatched[entry.id] = SubscriptionView(entry.id, entry.subscribe_to, NONE, 0, why)
            if group and entry.group == group:
                self._note("no subscription", contact=entry.id, where=entry.where, why=why)
        return targets

    def _limit(self, configuration: PhoneConfiguration) -> int:
        for limit in (configuration.contacts_max_subscriptions, self._settings.contacts_max_subscriptions):
            if limit is not None:
                return limit
        return MAX_SUBSCRIPTIONS

    def _why_not(self, entry: PhonebookEntry, group: str) -> str:
        if not group:
            return "the phone has no blf_contact_group"
        if entry.group != group:
            return f"its group {entry.group!r} is not the blf_contact_group {group!r}"
        if not entry.subscribe_to:
            return "it has no subscribe_to"
        try:
            target_uri(entry.subscribe_to, self._signalling)
        except GrammarError:
            return f"its subscribe_to is no SIP URI: {entry.subscribe_to!r}"
        return ""

    # what stands

    @property
    def settled(self) -> bool:
        """Whether each subscription has been accepted or refused."""
        return all(watch.settled for watch in self._watches.values())

    @property
    def unsubscribed(self) -> bool:
        """Whether no subscription is left."""
        return not any(self.live())

    def live(self) -> Iterator[Watch]:
        """The subscriptions that stand, are asked for, or are being ended."""
        return (watch for watch in (*self._watches.values(), *self._leaving) if not watch.over)

    def view(self, contact_id: str) -> SubscriptionView | None:
        """How the subscription to a contact stands, by its id."""
        watch = self._watches.get(contact_id)
        return watch.view if watch is not None else self._unwatched.get(contact_id)

    def subscribe(self) -> None:
        """Subscribe where no subscription stands, without waiting for the next try."""
        for watch in self._watches.values():
            watch.start()

    def refresh(self) -> None:
        """Ask the server whether it still knows the subscriptions that stand."""
        for watch in self._watches.values():
            watch.subscriber.refresh_now()

    def unsubscribe(self) -> None:
        """End all subscriptions."""
        for watch in self._watches.values():
            watch.stop()


def target_uri(subscribe_to: str, signalling: Signalling) -> str:
    """What a `subscribe_to` subscribes to: a `sip:` URI as it is, all else as a user of the server.

    Raises GrammarError where it is meant as a URI and is none.
    """
    if subscribe_to.lower().startswith(("sip:", "sips:")):
        SipUri.parse(subscribe_to)
        return subscribe_to
    return signalling.uri(subscribe_to)


def _with_ids(entries: Iterable[PhonebookEntry]) -> Iterator[PhonebookEntry]:
    """Each with an id of its own: what has none gets its name, a repeated one a number."""
    taken: set[str] = set()
    for entry in entries:
        own = unique = entry.id or entry.name or entry.subscribe_to
        nth = 1
        while unique in taken:
            nth += 1
            unique = f"{own}#{nth}"
        taken.add(unique)
        yield entry._replace(id=unique)
