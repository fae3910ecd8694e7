"""A phone's subscription to one contact (RFC 6665), and what the NOTIFYs change on its screen."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from harness.sip.machine import TIMED_OUT, TRANSPORT_FAILED
from harness.sip.subscription import Subscriber, Target
from harness.sip.subscription_table import SubscriptionEvent, SubscriptionState
from harness.sip.timers import TimerHandle
from phones import interpret
from phones.signalling import CAPABILITIES, REFUSED_WAIT_S

if TYPE_CHECKING:
    from harness.net.trace import Trace
    from harness.sip.notify import Notify
    from phones.keypad import Lit
    from phones.provisioning import PhonebookEntry
    from phones.screen import Change, Screen
    from phones.settings import PhoneSettings
    from phones.signalling import Signalling

FIRST_NOTIFY_S = 1.0
"""Seconds, or up to twice that, that a first NOTIFY is waited for before the phone counts as settled without it.

Asterisk accepts and stays silent while a presence is invalid.
"""
EVENT = "presence"
ACCEPT = ("application/pidf+xml",)

ACTIVE, REFUSED, WAITING, NONE = "active", "refused", "waiting", "none"

_ANSWER = re.compile(r"([1-6][0-9]{2}) ?(.*)", re.DOTALL)
_SILENCE = tuple(f"{failure.status} {failure.reason}" for failure in (TIMED_OUT, TRANSPORT_FAILED))
_S = SubscriptionState


class SubscriptionView(NamedTuple):
    """How the subscription to a contact stands; `contact` is its id, `target` the URI that it is for.

    `state`: active (accepted), refused (it will be tried again after a long while), waiting (for an answer, or for the
    next try) or none. `status` is the last answer to a SUBSCRIBE (0: none yet, 408 with 'no answer' for silence),
    `reason` its words, or why there is no subscription.
    """

    contact: str
    target: str
    state: str
    status: int = 0
    reason: str = ""


class Watch:
    """The subscription to one contact, kept up until `stop`; what it learns goes to the screen and to the trace."""

    def __init__(
        self,
        name: str,
        entry: PhonebookEntry,
        uri: str,
        signalling: Signalling,
        settings: PhoneSettings,
        screen: Screen,
        trace: Trace,
        on_change: Callable[[], None],
        light: Callable[[str], list[Lit]],
    ) -> None:
        """`name` is the phone's. `on_change()` is told whenever something is different that others may wait for,
        `light(contact)` when the screen shows something else of it, and gives the keys that then look different."""
        self.entry, self.uri, self._light = entry, uri, light
        self._name, self._screen, self._trace, self._on_change = name, screen, trace, on_change
        self._family, self._options = settings.family, settings.interpretation
        self._timers = signalling.stack.timers
        self._status, self._reason = 0, ""
        self._wanted = self._overdue = self._unanswered = self._stood = False
        self._retry: TimerHandle | None = None
        self._grace = TimerHandle()
        primary = settings.accounts[0]
        target = Target(
            uri,
            from_=f"<{signalling.uri(primary.line)}>",
            contact=f"<{signalling.contact(primary.line)}>",
            event=EVENT,
            accept=ACCEPT,
            expires=settings.subscription_expires,
            headers=signalling.headers,
            notify_within=settings.notify_within,
        )
        self.subscriber = Subscriber(
            signalling.client(primary), target, signalling.flow, self._notified, self._changed
        )

    def start(self) -> None:
        """Subscribe; where that waits for the next try, at once."""
        self._forget_retry()
        self._wanted = True
        self.subscriber.start()

    def stop(self) -> None:
        """Unsubscribe; `over` says when the last NOTIFY has come."""
        self._forget_retry()
        self._wanted = False
        self.subscriber.stop()

    def _forget_retry(self) -> None:
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None

    @property
    def over(self) -> bool:
        """Whether no subscription stands or is asked for."""
        return self.subscriber.state in (_S.IDLE, _S.ENDED)

    @property
    def settled(self) -> bool:
        """Whether it is accepted and had its first NOTIFY, or time for one, or was answered with a refusal."""
        state = self.subscriber.state
        if state is _S.NOTIFY_WAIT:
            return self._overdue
        return state is not _S.WAITING or not self._unanswered

    @property
    def view(self) -> SubscriptionView:
        """How it stands."""
        return SubscriptionView(self.entry.id, self.uri, *self._standing())

    def _standing(self) -> tuple[str, int, str]:
        state = self.subscriber.state
        if state in (_S.ACTIVE, _S.PENDING):
            return ACTIVE, self._status, self._reason
        if state is _S.NOTIFY_WAIT and self.subscriber.dialog is not None:
            return ACTIVE, 200, "no NOTIFY yet"
        if state is _S.ENDED:
            return (REFUSED if self._wanted else NONE), self._status, self._reason
        return WAITING, self._status, self._reason

    # what the subscription tells

    def _notified(self, notify: Notify) -> None:
        notify.transaction.reply(200, headers=CAPABILITIES)
        if not self._wanted:
            return  # the last one, after unsubscribing
        request = notify.request
        content_type = request.headers.get("Content-Type") or ""
        shown = interpret.interpret(content_type, request.body, self._family, self._options)
        self._tell(self._screen.apply(self.entry.id, shown), shown.notes)

    def _changed(self, _subscriber: Subscriber, state: SubscriptionState, reason: str) -> None:
        self._take_answer(state, reason)
        if state is _S.NOTIFY_WAIT:
            self._overdue = False
            self._await_notify()
        if self._wanted and state in (_S.WAITING, _S.ENDED):
            self._trace.note(self._name, f"subscription {state.value}", contact=self.entry.id, uri=self.uri, why=reason)
            if state is _S.ENDED:
                self._retry = self._timers.schedule(REFUSED_WAIT_S, self.start)
            if state is _S.ENDED or not self._stood:
                self._go_dark(reason)
            self._stood = False
        self._on_change()

    def _take_answer(self, state: SubscriptionState, reason: str) -> None:
        if reason == SubscriptionEvent.NO_NOTIFY.value:
            reason = "200 no NOTIFY came" if self._overdue else _SILENCE[0]
        answer = _ANSWER.fullmatch(reason)
        self._unanswered = reason in _SILENCE
        if state in (_S.ACTIVE, _S.PENDING):
            self._stood = True
            self._status, self._reason = 200, reason
        elif answer:
            self._status, self._reason = int(answer[1]), answer[2]
        elif state is not _S.NOTIFY_WAIT:
            self._reason = reason

    def _await_notify(self) -> None:
        self._grace.cancel()
        self._grace = self._timers.schedule(FIRST_NOTIFY_S, self._grace_over)

    def _grace_over(self) -> None:
        if self.subscriber.state is not _S.NOTIFY_WAIT:
            return
        if self.subscriber.dialog is None:
            self._await_notify()  # not even accepted yet
            return
        self._overdue = True
        self._on_change()

    # what a person sees

    def _go_dark(self, reason: str) -> None:
        """A new try came to nothing, or none is of use: what was shown is not known to be so any more.

        Ours: what a phone shows then is not documented.
        """
        changes = self._screen.darken(self.entry.id)
        if changes:
            self._tell(changes, (f"the subscription is gone: {reason}",))

    def _tell(self, changes: tuple[Change, ...], notes: tuple[str, ...]) -> None:
        contact = self._screen.contacts[self.entry.id]
        payload: dict[str, object] = {
            "phone": self._name,
            "contact": self.entry.id,
            "uri": self.uri,
            "presence": contact.presence,
            "subtype": contact.subtype,
            "message": contact.message,
            "lamp": contact.lamp,
            "changed": [{"field": each.field, "before": each.before, "after": each.after} for each in changes],
            "notes": list(notes),
        }
        if changes and (keys := self._light(self.entry.id)):
            payload["keys"] = keys
        self._trace.add("screen", self._name, "", "", payload)
