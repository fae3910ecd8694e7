"""Tells watchers: the NOTIFYs of all subscriptions, what their answers mean, and how a subscription ends.

res_pjsip_pubsub.c and pjproject's evsub.c; what is said of "it" there is measured.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Generic, TypeVar

from harness.pbx.measuring import timed_change, timed_put, timed_send
from harness.pbx.persistence import RESERVE
from harness.pbx.subscription import Subscription

if TYPE_CHECKING:
    from harness.core.hint import Notification
    from harness.pbx.measuring import Figures
    from harness.pbx.persistence import SubscriptionRows
    from harness.sip.flow import Flow
    from harness.sip.prepared import OnStatus
    from harness.sip.stack import Stack

__all__ = ["Fanout", "Notifier", "Subscription"]

LINGER_S = 32.0
"""Seconds that the dialog of an ended subscription is still known after the last request in it (64 * T1)."""
ANSWERED_S = 5.0
"""Seconds that it is known after an answer to a NOTIFY (timer K)."""

ESTABLISHED, CHANGED, REFRESHED, TERMINATED = "ESTABLISHED", "STATE_CHANGED", "REFRESHED", "TERMINATED"
"""Why a NOTIFY was sent, as Asterisk's own tests are told (TestEvent)."""

_STORED_EVERY = RESERVE // 2

_RETRY_AFTER = re.compile(rb"(?im)^retry-after[ \t]*:")
_CHALLENGES = (401, 407)

Target = TypeVar("Target")


class Fanout(Generic[Target]):
    """Sends what a change asks for in slices, so that answers are read in between.

    `soon(call)` runs a call on the next turn of the loop.
    """

    SLICE = 32
    """NOTIFYs of one turn; at most as many as a turn reads answers, or these pile up and the NOTIFYs are repeated."""

    __slots__ = ("_queue", "_send", "_sent", "_soon", "_waiting")

    def __init__(
        self, send: Callable[[Target, Notification], None], soon: Callable[[Callable[[], None]], object]
    ) -> None:
        self._send, self._soon = send, soon
        self._queue: deque[tuple[Target, Notification]] = deque()
        self._sent = 0
        self._waiting = False

    def put(self, target: Target, change: Notification) -> None:
        """Send now while this turn has room, else on a later one."""
        if self._sent < self.SLICE and not self._queue:
            self._sent += 1
            self._send(target, change)
        else:
            self._queue.append((target, change))
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


class Notifier:
    """Every subscription of a server, once it is accepted."""

    def __init__(
        self,
        stack: Stack,
        *,
        agent: str,
        observe: Callable[..., None],
        rows: SubscriptionRows,
        soon: Callable[[Callable[[], None]], object],
    ) -> None:
        self.stack = stack
        self.announce: Callable[[Subscription, str], None] | None = None
        """Told of every NOTIFY after it was sent, and why."""
        self._agent, self._observe, self._rows = agent, observe, rows
        self._all: dict[int, Subscription] = {}
        self._soon = soon
        self._run_out: Callable[[Subscription], None] = self._end
        """One for all: each of the timers would hold a bound method of its own."""
        self._put: Callable[[Subscription, Notification], None] = Fanout(self._change, soon).put
        self._send: Callable[[bytes, bytes, Flow, OnStatus], None] = stack.send_prepared

    def measure(self, figures: Figures, seconds: Callable[[], float]) -> None:
        """From now on tell how long NOTIFYs take, by this clock."""
        timed: Fanout[tuple[Subscription, float]] = Fanout(timed_change(self._change, figures, seconds), self._soon)
        self._put = timed_put(timed.put, seconds)
        self._send = timed_send(self.stack.send_prepared, figures, seconds)

    def active(self) -> Iterable[Subscription]:
        """Those that have not ended, in the order they came."""
        return self._all.values()

    # what is told

    def told(self, subscription: Subscription, change: Notification) -> None:
        """The hint of a subscription changed."""
        self._put(subscription, change)

    def _change(self, subscription: Subscription, change: Notification) -> None:
        if subscription.ended:
            return
        subscription.generate(change)
        if change.reason in ("removed", "deactivated"):
            self._end(subscription)
        else:
            self._notify(subscription)

    def _tell_again(self, subscription: Subscription, why: str) -> None:
        """What a first NOTIFY and that after a refresh tell: all that there is."""
        if subscription.repeat():
            self._notify(subscription, why)
        else:
            subscription.established = True
            self._observe("too long", exten=subscription.exten, reason="the NOTIFY does not fit into a datagram")

    def _notify(self, subscription: Subscription, why: str = CHANGED) -> None:
        subscription.established = True
        if subscription.ended:
            state = b"terminated"
        else:
            left = int(subscription.expires_at - self.stack.timers.now + 1e-6)
            state = b"active;expires=%d" % left if left >= 0 else _overdue(left)
        template = subscription.template
        assert template is not None
        branch = self.stack.identifiers.branch().encode()
        dialog = subscription.dialog
        dialog.local_cseq = cseq = dialog.local_cseq + 1
        if not cseq % _STORED_EVERY:
            self._rows.write(subscription)
        data = template.render(branch, cseq, state, subscription.body)
        self._send(branch, data, subscription.flow, subscription.answered)
        if self.announce is not None:
            self.announce(subscription, why)

    def refused(self, subscription: Subscription, status: int, raw: bytes) -> None:
        """What another answer to a NOTIFY than a 2xx, or none in time, means for the subscription (evsub.c:2350)."""
        if status in _CHALLENGES:
            self._observe("challenged", exten=subscription.exten, status=status)
            self._suspend(subscription)
        elif status == 481 or (raw and not _RETRY_AFTER.search(raw)) or status == 408:
            self._observe("lost", exten=subscription.exten, status=status, reason="a NOTIFY was not accepted")
            self._forget(subscription, ANSWERED_S if raw else 0.0)

    # how long

    def _until(self, subscription: Subscription, seconds: float) -> None:
        subscription.expires_at = self.stack.timers.now + seconds
        if subscription.timer is not None:
            subscription.timer.cancel()
        subscription.timer = self.stack.timers.schedule(seconds, self._run_out, subscription)

    def _suspend(self, subscription: Subscription) -> None:
        """It counts as ended until the next NOTIFY, and does not run out meanwhile (`Subscription.established`)."""
        subscription.established = False
        if subscription.timer is not None:
            subscription.timer.cancel()
            subscription.timer = None
        self.stack.timers.schedule(self._lingers(subscription, ANSWERED_S), self._transactions_over, subscription)

    def _transactions_over(self, subscription: Subscription) -> None:
        if not subscription.established:
            subscription.orphaned = True

    def _lingers(self, subscription: Subscription, least: float) -> float:
        """Seconds until the transactions of its dialog are over."""
        if subscription.flow.reliable:
            return 0.0
        return max(subscription.heard_at + LINGER_S - self.stack.timers.now, least)

    # the end

    def _end(self, subscription: Subscription) -> None:
        """The last NOTIFY: it repeats the last body and gives no reason (2707)."""
        if subscription.ended or subscription.stuck:
            return
        subscription.ended = True
        self._observe("ended", endpoint=subscription.endpoint, exten=subscription.exten)
        if subscription.finish():
            self._notify(subscription, TERMINATED)
        self._forget(subscription)

    def _forget(self, subscription: Subscription, least: float = ANSWERED_S) -> None:
        """Let go of it; its dialog is known as long as a transaction of it, `least` seconds or more."""
        subscription.ended = True
        self._release(subscription)
        self.stack.timers.schedule(self._lingers(subscription, least), self._bury, subscription)

    def _bury(self, subscription: Subscription) -> None:
        """Forget the dialog, unless the watcher was heard in it meanwhile."""
        left = self._lingers(subscription, 0.0)
        if left > 0:
            self.stack.timers.schedule(left, self._bury, subscription)
        else:
            self.stack.remove_dialog(subscription.dialog)

    def _release(self, subscription: Subscription) -> None:
        self._all.pop(id(subscription), None)
        self._rows.remove(subscription)
        if subscription.timer is not None:
            subscription.timer.cancel()
            subscription.timer = None
        subscription.release()

    def drop_silent(self) -> None:
        """Let go of those whose watcher was never told anything: it cannot end them (see `Subscription`)."""
        for subscription in [s for s in self._all.values() if not s.established]:
            self._forget(subscription)

    def connection_lost(self, flow: Flow) -> None:
        """Those whose Contact stands for a connection end silently with it."""
        for subscription in [s for s in self._all.values() if s.connection == flow]:
            self._forget(subscription)


def _overdue(left: int) -> bytes:
    """The state of one that ran out unnoticed: minus one second means no number, what is below turns round."""
    return b"active" if left == -1 else b"active;expires=%d" % (left + (1 << 32))
