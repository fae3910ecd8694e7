"""How many messages wait for the lines of a phone: asked for with SUBSCRIBE, or told unasked (RFC 3842)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from harness.bodies import message_summary
from harness.bodies.xml import BodyError
from harness.sip.grammar import GrammarError
from harness.sip.subscription import Subscriber, Target
from harness.sip.subscription_table import SubscriptionState
from harness.sip.uri import SipUri
from phones.screen import Mailbox
from phones.signalling import REFUSED_WAIT_S

if TYPE_CHECKING:
    from harness.net.world import World
    from harness.sip.notify import Notify
    from harness.sip.server_transaction import ServerTransaction
    from harness.sip.timers import TimerHandle
    from phones.provisioning import PhoneConfiguration
    from phones.screen import Screen
    from phones.settings import PhoneSettings
    from phones.signalling import Signalling

EVENT = "message-summary"
_OVER = (SubscriptionState.IDLE, SubscriptionState.ENDED)


class Mailboxes:
    """The message lamps of one phone."""

    def __init__(
        self, name: str, world: World, settings: PhoneSettings, signalling: Signalling, screen: Screen
    ) -> None:
        """`name` is the phone's."""
        self._name, self._world, self._settings = name, world, settings
        self._signalling, self._screen = signalling, screen
        self._watched: dict[str, Subscriber] = {}
        self._retries: dict[str, TimerHandle] = {}
        self._leaving = False

    def take(self, configuration: PhoneConfiguration) -> None:
        """Subscribe for each line that has a mailbox; what is there already is left alone."""
        if not self._settings.subscribe_mailboxes:
            return
        wanted = {line.name for line in configuration.lines if line.mailbox}
        for account in self._settings.accounts:
            if account.line in wanted and account.line not in self._watched:
                subscriber = self._watched[account.line] = self._subscriber(account.line)
                subscriber.start()

    def _subscriber(self, line: str) -> Subscriber:
        account = next(each for each in self._settings.accounts if each.line == line)
        own = f"<{self._signalling.uri(line)}>"
        target = Target(
            self._signalling.uri(line),
            from_=own,
            contact=f"<{self._signalling.contact(line)}>",
            event=EVENT,
            accept=(message_summary.CONTENT_TYPE,),
            expires=self._settings.subscription_expires,
            headers=self._signalling.headers,
            notify_within=self._settings.notify_within,
        )
        return Subscriber(
            self._signalling.client(account),
            target,
            self._signalling.flow,
            lambda notify: self._notified(line, notify),
            lambda subscriber, state, reason: self._changed(line, subscriber, state, reason),
        )

    def _changed(self, line: str, subscriber: Subscriber, state: SubscriptionState, reason: str) -> None:
        if state is SubscriptionState.ENDED and not self._leaving:
            self._world.trace.note(self._name, "mailbox subscription ended", line=line, why=reason)
            self._retries[line] = self._signalling.stack.timers.schedule(REFUSED_WAIT_S, subscriber.start)
        self._world.changed()

    def _notified(self, line: str, notify: Notify) -> None:
        notify.transaction.reply(200)
        if not self._leaving:
            self._show(line, notify.request.body)

    def unasked(self, transaction: ServerTransaction) -> bool:
        """A NOTIFY outside of any subscription; False where it is none of a mailbox, or for no line of the phone."""
        request = transaction.request
        if (request.headers.get("Event") or "").partition(";")[0].strip().lower() != EVENT:
            return False
        try:
            line = SipUri.parse(request.uri).user_unescaped
        except GrammarError:
            return False
        if line not in {account.line for account in self._settings.accounts}:
            return False
        transaction.reply(200)
        self._show(line, request.body)
        return True

    def _show(self, line: str, body: bytes) -> None:
        try:
            read = message_summary.read(body)
        except BodyError as error:
            self._world.trace.note(self._name, "messages not understood", line=line, why=error.reason)
            return
        before = self._screen.mailboxes.get(line, Mailbox())
        box = Mailbox(read.new or int(read.waiting), read.old)
        self._screen.mailboxes[line] = box
        changed = [{"field": name, "before": getattr(before, name), "after": getattr(box, name)}
                   for name in Mailbox._fields if getattr(before, name) != getattr(box, name)]  # fmt: skip
        payload = {
            "phone": self._name,
            "contact": "",
            "mailbox": line,
            "new": box.new,
            "old": box.old,
            "lamp": "on" if box.new else "off",
            "changed": changed,
            "notes": [],
        }
        self._world.trace.add("screen", self._name, "", "", payload)
        self._world.changed()

    # what stands

    @property
    def settled(self) -> bool:
        """Whether each subscription was answered, in one way or another."""
        asked = SubscriptionState.NOTIFY_WAIT
        return all(each.state is not asked or each.dialog is not None for each in self._watched.values())

    @property
    def unsubscribed(self) -> bool:
        """Whether no subscription is left."""
        return not any(self.live())

    def live(self) -> Iterator[tuple[str, Subscriber]]:
        """The subscriptions that are not at their end, by their lines."""
        return ((line, each) for line, each in self._watched.items() if each.state not in _OVER)

    def refresh(self) -> None:
        """Ask the server whether it still knows them."""
        for subscriber in self._watched.values():
            subscriber.refresh_now()

    def unsubscribe(self) -> None:
        """End all of them."""
        self._leaving = True
        for timer in self._retries.values():
            timer.cancel()
        for subscriber in self._watched.values():
            subscriber.stop()
