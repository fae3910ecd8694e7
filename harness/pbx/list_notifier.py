"""Tells the watchers of resource lists what changed, at once or together (res_pjsip_pubsub.c)."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from functools import partial
from typing import TYPE_CHECKING

from harness.pbx.asked import Refused
from harness.pbx.notifier import Fanout

if TYPE_CHECKING:
    from harness.core.hint import Notification
    from harness.core.hints import Hints
    from harness.pbx.list_subscription import Leaf, ListSubscription
    from harness.pbx.lists import Resource
    from harness.sip.timers import Timers

ENDINGS = ("removed", "deactivated")


class Refreshed(Enum):
    """What a refresh makes of a subscription."""

    GOES_ON = auto()
    ENDS = auto()
    """The watcher is told that it ends."""
    LOST = auto()
    """It ends, and nobody is told."""
    STUCK = auto()
    """It is answered, and nothing is told."""


class ListNotifier:
    """The part of the server's notifier that knows lists."""

    def __init__(
        self,
        hints: Hints,
        timers: Timers,
        notify: Callable[[ListSubscription], None],
        end: Callable[[ListSubscription], None],
        current: Callable[[str, str], Notification | None],
        soon: Callable[[Callable[[], None]], object],
    ) -> None:
        """`current(context, exten)` is what a first NOTIFY tells of an extension, None while that is invalid."""
        self._hints, self._timers, self._current = hints, timers, current
        self._notify, self._end = notify, end
        self._fanout: Fanout[Leaf] = Fanout(self._changed, soon)

    def begin(self, subscription: ListSubscription) -> bool:
        """Watch each resource and make its first body; False: stopped at one whose presence is invalid.

        Those before it, and it itself, are watched all the same: their next change is told (3142, 3180).
        """
        for leaf in subscription.root.leaves():
            leaf.watch = self._hints.watch(subscription.context, leaf.name, partial(self._fanout.put, leaf))
            first = self._current(subscription.context, leaf.name) if leaf.watch is not None else None
            if first is None:
                return False
            leaf.generate(first)
        return True

    def _changed(self, leaf: Leaf, change: Notification) -> None:
        subscription = leaf.owner
        if leaf.ended or subscription.ended or subscription.stuck:
            return
        leaf.generate(change)
        leaf.changed = True
        if change.reason in ENDINGS:
            leaf.ended = True
            if leaf is subscription.root:
                self._end(subscription)
                return
            subscription.stuck = True
        if subscription.interval_s:
            self._gather(subscription)
        else:
            self._tell(subscription)

    def _gather(self, subscription: ListSubscription) -> None:
        if subscription.batch is None:
            subscription.due = True
            subscription.batch = self._timers.schedule(subscription.interval_s, self._gathered, subscription)

    def _gathered(self, subscription: ListSubscription) -> None:
        subscription.batch = None
        if subscription.due and not subscription.ended:
            self._tell(subscription)

    def _tell(self, subscription: ListSubscription) -> None:
        if subscription.compose(False):
            self._notify(subscription)

    def refresh(self, subscription: ListSubscription, content_type: str, found: Resource | Refused) -> Refreshed:
        """Take over what the list is now, in the type that the refresh asks for if it is another list (4347)."""
        if isinstance(found, Refused):
            return Refreshed.ENDS
        if found.same_children(subscription.tree):
            return Refreshed.GOES_ON
        subscription.regrow(found, content_type)
        return Refreshed.GOES_ON if self.begin(subscription) else Refreshed.LOST
