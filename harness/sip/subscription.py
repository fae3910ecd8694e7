"""The subscriber's end of RFC 6665, as a phone keeps one for each contact that it watches."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Final, NamedTuple

from harness.sip.client import Client, Exchange
from harness.sip.dialog import Dialog
from harness.sip.flow import Flow
from harness.sip.grammar import GrammarError, read_params
from harness.sip.machine import Failure
from harness.sip.message import Request, Response
from harness.sip.notify import Notify, read_notify, retry_after
from harness.sip.parts import read_seconds
from harness.sip.server_transaction import ServerTransaction
from harness.sip.subscription_table import (
    RULES,
    TIMER_N,
    SubscriptionEvent,
    SubscriptionState,
    answer_event,
    terminated_event,
)
from harness.sip.timers import TimerHandle

DEFAULT_EXPIRES: Final = 3600
"""Seconds."""
REFRESH_MARGIN: Final = 10.0
"""Seconds before expiry at which a refresh is sent; a subscription of less than twice that is refreshed half-way."""
BACK_OFF_FIRST: Final = 1.0
BACK_OFF_LONGEST: Final = 64.0
"""Seconds until a further try: the first, then doubled up to the longest (RFC 6665 4.1.3 leaves it open)."""
REFRESH_SELDOM: Final = 1.0
"""Seconds: a notifier that grants next to nothing is not asked more often."""
EXPIRY_TOLERANCE: Final = 2.0
"""Seconds: a NOTIFY's `expires` within this of what is known changes nothing (it is rounded on its way)."""

_REFRESH, _EXPIRY, _NOTIFY, _RETRY = "refresh", "expiry", "timer N", "retry"


class Target(NamedTuple):
    """What is subscribed to, and as whom. `from_` and `to` are header values without tags (`to`: '' for `<uri>`),
    `contact` is ours; `expires` in seconds; `headers` go into every SUBSCRIBE.

    `notify_within` (seconds) is timer N: without a NOTIFY in that time the subscription is taken for lost; inf waits
    for ever, as one may with Asterisk, which sends none while a presence is invalid.
    """

    uri: str
    from_: str
    contact: str
    event: str = "presence"
    accept: tuple[str, ...] = ()
    expires: int = DEFAULT_EXPIRES
    to: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    notify_within: float = TIMER_N


class Subscriber:
    """One subscription, kept up until `stop`: asked for, refreshed, and asked for anew in a new dialog when it is lost.

    A dialog comes about with the first NOTIFY or the 2xx, whichever is first; NOTIFYs of further forks are answered
    481 (RFC 6665 4.1.4 lets the subscriber choose). `on_state(subscriber, state, reason)` is told of changes of state;
    `reason` is a status with its phrase, the word of a NOTIFY, or what else brought it about.
    """

    __slots__ = (
        "_asked",
        "_client",
        "_dialog",
        "_exchange",
        "_failures",
        "_known",
        "_minimum",
        "_on_notify",
        "_on_state",
        "_retry_after",
        "_timers",
        "expires_at",
        "flow",
        "state",
        "target",
    )

    def __init__(
        self,
        client: Client,
        target: Target,
        flow: Flow,
        on_notify: Callable[[Notify], None],
        on_state: Callable[[Subscriber, SubscriptionState, str], None] | None = None,
    ) -> None:
        self._client = client
        self.target = target
        self.flow = flow
        self._on_notify = on_notify
        self._on_state = on_state
        self.state = SubscriptionState.IDLE
        self.expires_at = 0.0
        """When the subscription runs out, on the clock of the stack's timers (seconds)."""
        self._dialog: Dialog | None = None
        self._known = False
        self._exchange: Exchange | None = None
        self._asked = 0
        self._minimum = 0
        self._failures = 0
        self._retry_after: int | None = None
        self._timers: dict[str, TimerHandle] = {}

    @property
    def dialog(self) -> Dialog | None:
        """The dialog with the notifier, None before there is one."""
        return self._dialog if self._known else None

    def start(self) -> None:
        """Subscribe; nothing where that is done already. A wait for the next try is cut short."""
        self._happen(SubscriptionEvent.START, "start")

    def stop(self) -> None:
        """Unsubscribe, and wait for the last NOTIFY; the state is ENDED when it has come, or is not to come."""
        self._happen(SubscriptionEvent.STOP_LATER if self._exchange else SubscriptionEvent.STOP, "stop")

    def refresh_now(self) -> None:
        """Refresh before it is due; nothing while a SUBSCRIBE is under way or no dialog stands."""
        if self._known:
            self._happen(SubscriptionEvent.REFRESH, "refresh")

    def abandon(self) -> None:
        """Forget all of it without a word to the notifier, as a phone does that loses its power."""
        self.forget_dialog()
        self.state = SubscriptionState.ENDED

    # The machine.

    def _happen(self, event: SubscriptionEvent, reason: str) -> None:
        step = RULES.get((self.state, event))
        if step is None:
            return
        changed = step.state is not self.state
        self.state = step.state
        for action in step.actions:
            getattr(self, action)()
        if changed and self._on_state is not None:
            self._on_state(self, step.state, reason)

    def _arm(self, name: str, delay: float, event: SubscriptionEvent) -> None:
        self._disarm(name)
        self._timers[name] = self._client.stack.timers.schedule(delay, self._fire, name, event)

    def _disarm(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()

    def _fire(self, name: str, event: SubscriptionEvent) -> None:
        self._timers.pop(name, None)
        self._happen(event, event.value)

    # Actions of the table.

    def subscribe(self) -> None:
        """The first SUBSCRIBE of a new dialog."""
        target = self.target
        self._retry_after = None
        self._disarm(_RETRY)
        request = self._client.build("SUBSCRIBE", target.uri, target.from_, target.to)
        self._dialog = Dialog.awaited(request, flow=self.flow)
        self._dialog.contact = target.contact
        self._client.stack.add_dialog(self._dialog, self._requested)
        for name, value in (("Contact", target.contact), *self._rows(self._wanted())):
            request.headers.add(name, value)
        self._send(request)

    def refresh(self) -> None:
        """A SUBSCRIBE in the dialog, where none is under way."""
        if self._exchange is None:
            self._arm(_EXPIRY, max(self.expires_at - self._now, 0.0), SubscriptionEvent.EXPIRED)
            self._ask(self._wanted())

    def unsubscribe(self) -> None:
        """A SUBSCRIBE with Expires: 0 (RFC 6665 4.1.2.3)."""
        self._disarm(_REFRESH)
        self._disarm(_EXPIRY)
        self._ask(0)

    def ask_longer(self) -> None:
        """After a 423: the time that it names, which was seen to be longer than what was asked for."""
        self._ask(self._wanted())

    def take_expiry(self) -> None:
        """The 2xx said how long it lasts."""
        self._expire_in(self._asked)

    def settle(self) -> None:
        """A refresh was accepted: earlier failures count no more."""
        self._failures = 0

    forgive = settle

    def back_off(self) -> None:
        """Try later: after Retry-After, or ever more seldom."""
        delay = min(BACK_OFF_FIRST * 2.0**self._failures, BACK_OFF_LONGEST)
        self._retry_in(max(delay, self._retry_after or 0))

    def try_soon(self) -> None:
        """Try at once after a subscription that stood, and later where that came to nothing."""
        if self._failures or self._retry_after is not None:
            self.back_off()
        else:
            self._retry_in(0.0)

    def forget_dialog(self) -> None:
        """What still comes in this dialog is answered 481; what still comes for its requests means nothing."""
        for name in list(self._timers):
            self._disarm(name)
        if self._dialog is not None:
            self._client.stack.remove_dialog(self._dialog)
        if self._exchange is not None:
            self._exchange.drop()
        self._dialog, self._known, self._exchange = None, False, None

    # Sending.

    @property
    def _now(self) -> float:
        return self._client.stack.timers.now

    def _wanted(self) -> int:
        return max(self.target.expires, self._minimum)

    def _rows(self, expires: int) -> list[tuple[str, str]]:
        rows = [("Event", self.target.event), ("Expires", str(expires))]
        if self.target.accept:
            rows.append(("Accept", ", ".join(self.target.accept)))
        rows += self.target.headers
        self._asked = expires
        return rows

    def _ask(self, expires: int) -> None:
        """A further SUBSCRIBE: in the dialog, or again the first one where there is no dialog yet."""
        dialog = self._dialog
        assert dialog is not None
        if not self._known:
            dialog.remote_target = self.target.uri
        self._send(dialog.request("SUBSCRIBE", self._rows(expires)))

    def _send(self, request: Request) -> None:
        if self.target.notify_within < inf:
            self._arm(_NOTIFY, self.target.notify_within, SubscriptionEvent.NO_NOTIFY)
        self._exchange = self._client.prepare(request, self.flow, self._answered, self._next_cseq)
        self._exchange.send()

    def _next_cseq(self) -> int:
        assert self._dialog is not None
        self._dialog.local_cseq += 1
        return self._dialog.local_cseq

    def _retry_in(self, delay: float) -> None:
        self._failures += 1
        self._arm(_RETRY, delay, SubscriptionEvent.RETRY)

    def _expire_in(self, seconds: float) -> None:
        self.expires_at = self._now + seconds
        self._disarm(_EXPIRY)
        delay = max(seconds - REFRESH_MARGIN, seconds / 2, REFRESH_SELDOM)
        self._arm(_REFRESH, delay, SubscriptionEvent.REFRESH)

    # What comes back.

    def _answered(self, outcome: Response | Failure) -> None:
        if outcome.status < 200:
            return
        self._exchange = None
        event = answer_event(outcome.status, in_dialog=self._known)
        if event is not SubscriptionEvent.ACCEPTED:
            self._disarm(_NOTIFY)
        if isinstance(outcome, Response):
            self._retry_after = retry_after(outcome)
            if event is SubscriptionEvent.ACCEPTED:
                self._accepted(outcome)
            elif event is SubscriptionEvent.TOO_BRIEF and not self._longer(outcome):
                event = SubscriptionEvent.REFUSED
        if event is SubscriptionEvent.LOST and self._known and outcome.status != 481:
            self._failures = max(self._failures, 1)  # A server in trouble is given time, a lost dialog is not.
        self._happen(event, f"{outcome.status} {outcome.reason}")

    def _accepted(self, response: Response) -> None:
        assert self._dialog is not None
        if response.expires is not None:
            self._asked = response.expires
        tag = response.to.tag
        if self._known:
            if tag == self._dialog.remote_tag:
                self._dialog.refresh_target(response)
            return
        # From and CSeq of the response are the request's own.
        request = Request("SUBSCRIBE", self.target.uri, response.headers)
        try:
            dialog = Dialog.uac(request, response, contact=self.target.contact, flow=self.flow)
        except GrammarError:
            return  # The NOTIFY will make it.
        if tag:
            self._establish(dialog)

    def _longer(self, response: Response) -> bool:
        """Whether a 423 leaves something to ask for. Asterisk names no Min-Expires: then the default is tried."""
        minimum = read_seconds(response.headers.get("Min-Expires"))
        self._minimum = DEFAULT_EXPIRES if minimum is None else minimum
        return self._minimum > self._asked

    def _establish(self, dialog: Dialog) -> None:
        """Put the dialog that is known now in the place of the awaited one."""
        stack = self._client.stack
        if self._dialog is not None:
            dialog.local_cseq = self._dialog.local_cseq
            stack.remove_dialog(self._dialog)
        self._dialog, self._known = dialog, True
        stack.add_dialog(dialog, self._requested)

    def _requested(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        if request.method != "NOTIFY":
            transaction.reply(405, headers=[("Allow", "NOTIFY")])
            return
        if not self._same_event(request):
            transaction.reply(489)  # RFC 6665 4.1.3
            return
        notify = read_notify(transaction)
        if notify is None:
            transaction.reply(400, "Missing Subscription-State")
            return
        if not self._known and not self._begun_by(request):
            transaction.reply(400, "Missing Contact header")
            return
        self._disarm(_NOTIFY)
        self._on_notify(notify)
        if not transaction.answered:
            transaction.reply(200)
        self._notified(notify)

    def _begun_by(self, request: Request) -> bool:
        """RFC 6665 4.4.1: a NOTIFY before the 2xx makes the dialog."""
        local_tag = request.to.tag or ""
        try:
            dialog = Dialog.uas(request, local_tag, contact=self.target.contact, flow=self.flow)
        except GrammarError:
            return False
        self._establish(dialog)
        return True

    def _same_event(self, request: Request) -> bool:
        package, _, params = self.target.event.partition(";")
        event = request.event
        if event is None or event.package != package.strip():
            return False
        return event.id == read_params(f";{params}").get("id") if params else event.id is None

    def _notified(self, notify: Notify) -> None:
        if self._dialog is None:
            return  # Given up by whoever was told.
        if notify.state == "terminated":
            self._retry_after = notify.retry_after
            self._happen(terminated_event(notify.reason), f"terminated {notify.reason}".rstrip())
            return
        # While a SUBSCRIBE is under way, its answer will tell.
        settled = self.state is not SubscriptionState.ENDING and self._exchange is None
        if settled and notify.expires is not None:
            self._take_remaining(notify.expires)
        pending = notify.state == "pending"
        self._happen(SubscriptionEvent.NOTIFY_PENDING if pending else SubscriptionEvent.NOTIFY_ACTIVE, notify.state)

    def _take_remaining(self, seconds: int) -> None:
        """RFC 6665 4.1.2.1: a NOTIFY may change how long it lasts."""
        if abs(self._now + seconds - self.expires_at) > EXPIRY_TOLERANCE:
            self._expire_in(seconds)
