"""The subscriber's end of a subscription as a table (RFC 6665 4.1.2)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final, NamedTuple

from harness.sip.tables import TIMEOUT

TIMER_N: Final = TIMEOUT
"""Seconds from a SUBSCRIBE to the NOTIFY that has to follow it (RFC 6665 4.1.2.4)."""


class SubscriptionState(Enum):
    """IDLE: never started. NOTIFY_WAIT: asked for. PENDING, ACTIVE: as the notifier says. WAITING: for the next try.
    LEAVING: to be ended once the request under way is answered. ENDING: the last NOTIFY is awaited. ENDED."""

    IDLE = "idle"
    NOTIFY_WAIT = "notify-wait"
    PENDING = "pending"
    ACTIVE = "active"
    WAITING = "waiting"
    LEAVING = "leaving"
    ENDING = "ending"
    ENDED = "ended"


class SubscriptionEvent(Enum):
    """LOST: 481, 408, 5xx or no answer. REFUSED: an answer that ends it. KEPT: one that leaves it to run out.
    STOP_LATER: asked to stop while a SUBSCRIBE is under way."""

    START = "start"
    ACCEPTED = "2xx"
    TOO_BRIEF = "423"
    LOST = "lost"
    REFUSED = "refused"
    KEPT = "refresh failed"
    NOTIFY_ACTIVE = "NOTIFY active"
    NOTIFY_PENDING = "NOTIFY pending"
    TERMINATED_NOW = "NOTIFY terminated, ask again"
    TERMINATED_LATER = "NOTIFY terminated, ask later"
    TERMINATED_FOR_GOOD = "NOTIFY terminated, do not ask"
    REFRESH = "refresh due"
    EXPIRED = "expired"
    NO_NOTIFY = "timer N"
    RETRY = "retry due"
    STOP = "stop"
    STOP_LATER = "stop when answered"


class Step(NamedTuple):
    """What becomes of a (state, event): the next state, what is done, and where that is written."""

    state: SubscriptionState
    actions: tuple[str, ...]
    clause: str


_S, _E = SubscriptionState, SubscriptionEvent

_LATER = ("forget_dialog", "back_off")
_NOW = ("forget_dialog", "try_soon")
_OVER = ("forget_dialog",)
_NONE: tuple[str, ...] = ()

Rules = dict[tuple[SubscriptionState, SubscriptionEvent], Step]


def _standing(state: SubscriptionState) -> Rules:
    """A subscription that the notifier has said something of."""
    return {
        (state, _E.ACCEPTED): Step(state, ("take_expiry", "settle"), "6665 4.1.2.2"),
        (state, _E.TOO_BRIEF): Step(state, ("ask_longer",), "6665 4.1.2.2, 3261 10.2.8"),
        (state, _E.LOST): Step(_S.WAITING, _NOW, "6665 4.1.2.2: 481 and the like end it; then a new dialog"),
        (state, _E.REFUSED): Step(_S.ENDED, _OVER, "6665 4.1.2.2: 404, 405, 410, 416, 480-485, 489, 501, 604"),
        (state, _E.KEPT): Step(state, _NONE, "6665 4.1.2.2: still valid until it expires"),
        (state, _E.NOTIFY_ACTIVE): Step(_S.ACTIVE, _NONE, "6665 4.1.3"),
        (state, _E.NOTIFY_PENDING): Step(_S.PENDING, _NONE, "6665 4.1.3"),
        (state, _E.TERMINATED_NOW): Step(_S.WAITING, _NOW, "6665 4.1.3"),
        (state, _E.TERMINATED_LATER): Step(_S.WAITING, _LATER, "6665 4.1.3"),
        (state, _E.TERMINATED_FOR_GOOD): Step(_S.ENDED, _OVER, "6665 4.1.3"),
        (state, _E.REFRESH): Step(state, ("refresh",), "6665 4.1.2.2"),
        (state, _E.EXPIRED): Step(_S.WAITING, _NOW, "6665 4.1.2.2: the refresh came to nothing"),
        (state, _E.NO_NOTIFY): Step(_S.WAITING, _LATER, "6665 4.1.2.2: a refresh that no NOTIFY follows"),
        (state, _E.STOP): Step(_S.ENDING, ("unsubscribe",), "6665 4.1.2.3"),
        (state, _E.STOP_LATER): Step(_S.LEAVING, _NONE, "one request at a time in a dialog"),
    }


RULES: Mapping[tuple[SubscriptionState, SubscriptionEvent], Step] = {
    (_S.IDLE, _E.START): Step(_S.NOTIFY_WAIT, ("subscribe",), "6665 4.1.2.1"),
    (_S.IDLE, _E.STOP): Step(_S.ENDED, _NONE, "nothing to end"),
    (_S.ENDED, _E.START): Step(_S.NOTIFY_WAIT, ("forgive", "subscribe"), "6665 4.1.2.1"),
    (_S.ENDED, _E.STOP): Step(_S.ENDED, _NONE, "nothing to end"),
    (_S.NOTIFY_WAIT, _E.ACCEPTED): Step(_S.NOTIFY_WAIT, ("take_expiry",), "6665 4.1.2.1"),
    (_S.NOTIFY_WAIT, _E.TOO_BRIEF): Step(_S.NOTIFY_WAIT, ("ask_longer",), "6665 4.1.2.1, 3261 10.2.8"),
    (_S.NOTIFY_WAIT, _E.LOST): Step(_S.WAITING, _LATER, "6665 4.1.2.1"),
    (_S.NOTIFY_WAIT, _E.REFUSED): Step(_S.ENDED, _OVER, "6665 4.1.2.1"),
    (_S.NOTIFY_WAIT, _E.NOTIFY_ACTIVE): Step(_S.ACTIVE, _NONE, "6665 4.1.2.4: perhaps before the 2xx"),
    (_S.NOTIFY_WAIT, _E.NOTIFY_PENDING): Step(_S.PENDING, _NONE, "6665 4.1.2.4"),
    (_S.NOTIFY_WAIT, _E.TERMINATED_NOW): Step(_S.WAITING, _NOW, "6665 4.1.3"),
    (_S.NOTIFY_WAIT, _E.TERMINATED_LATER): Step(_S.WAITING, _LATER, "6665 4.1.3"),
    (_S.NOTIFY_WAIT, _E.TERMINATED_FOR_GOOD): Step(_S.ENDED, _OVER, "6665 4.1.3"),
    (_S.NOTIFY_WAIT, _E.REFRESH): Step(_S.NOTIFY_WAIT, ("refresh",), "6665 4.1.2.2"),
    (_S.NOTIFY_WAIT, _E.EXPIRED): Step(_S.WAITING, _NOW, "6665 4.1.2.2"),
    (_S.NOTIFY_WAIT, _E.NO_NOTIFY): Step(_S.WAITING, _LATER, "6665 4.1.2.4"),
    (_S.NOTIFY_WAIT, _E.KEPT): Step(_S.NOTIFY_WAIT, _NONE, "6665 4.1.2.2"),
    (_S.NOTIFY_WAIT, _E.STOP): Step(_S.ENDING, ("unsubscribe",), "6665 4.1.2.3"),
    (_S.NOTIFY_WAIT, _E.STOP_LATER): Step(_S.LEAVING, _NONE, "one request at a time in a dialog"),
    **_standing(_S.PENDING),
    **_standing(_S.ACTIVE),
    (_S.WAITING, _E.RETRY): Step(_S.NOTIFY_WAIT, ("subscribe",), "6665 4.1.3"),
    (_S.WAITING, _E.START): Step(_S.NOTIFY_WAIT, ("subscribe",), "whoever asks again does not wait"),
    (_S.WAITING, _E.STOP): Step(_S.ENDED, _OVER, "nothing to end"),
    (_S.LEAVING, _E.ACCEPTED): Step(_S.ENDING, ("unsubscribe",), "6665 4.1.2.3"),
    (_S.LEAVING, _E.TOO_BRIEF): Step(_S.ENDED, _OVER, "what was refused needs no end"),
    (_S.LEAVING, _E.LOST): Step(_S.ENDED, _OVER, "6665 4.1.2.2"),
    (_S.LEAVING, _E.REFUSED): Step(_S.ENDED, _OVER, "6665 4.1.2.2"),
    (_S.LEAVING, _E.KEPT): Step(_S.ENDING, ("unsubscribe",), "6665 4.1.2.3"),
    (_S.LEAVING, _E.NOTIFY_ACTIVE): Step(_S.LEAVING, _NONE, "6665 4.1.2.3"),
    (_S.LEAVING, _E.NOTIFY_PENDING): Step(_S.LEAVING, _NONE, "6665 4.1.2.3"),
    (_S.LEAVING, _E.TERMINATED_NOW): Step(_S.ENDED, _OVER, "6665 4.1.3"),
    (_S.LEAVING, _E.TERMINATED_LATER): Step(_S.ENDED, _OVER, "6665 4.1.3"),
    (_S.LEAVING, _E.TERMINATED_FOR_GOOD): Step(_S.ENDED, _OVER, "6665 4.1.3"),
    (_S.LEAVING, _E.NO_NOTIFY): Step(_S.ENDED, _OVER, "6665 4.1.2.4"),
    (_S.LEAVING, _E.EXPIRED): Step(_S.ENDED, _OVER, "6665 4.1.2.2"),
    (_S.LEAVING, _E.STOP_LATER): Step(_S.LEAVING, _NONE, "asked already"),
    (_S.ENDING, _E.ACCEPTED): Step(_S.ENDING, _NONE, "6665 4.1.2.3: the last NOTIFY is awaited"),
    (_S.ENDING, _E.TOO_BRIEF): Step(_S.ENDED, _OVER, "no answer to Expires: 0"),
    (_S.ENDING, _E.LOST): Step(_S.ENDED, _OVER, "6665 4.1.2.2"),
    (_S.ENDING, _E.REFUSED): Step(_S.ENDED, _OVER, "6665 4.1.2.2"),
    (_S.ENDING, _E.KEPT): Step(_S.ENDED, _OVER, "it may run out by itself"),
    (_S.ENDING, _E.NOTIFY_ACTIVE): Step(_S.ENDING, _NONE, "6665 4.1.2.3: one that crossed"),
    (_S.ENDING, _E.NOTIFY_PENDING): Step(_S.ENDING, _NONE, "6665 4.1.2.3: one that crossed"),
    (_S.ENDING, _E.TERMINATED_NOW): Step(_S.ENDED, _OVER, "6665 4.1.2.3"),
    (_S.ENDING, _E.TERMINATED_LATER): Step(_S.ENDED, _OVER, "6665 4.1.2.3"),
    (_S.ENDING, _E.TERMINATED_FOR_GOOD): Step(_S.ENDED, _OVER, "6665 4.1.2.3"),
    (_S.ENDING, _E.NO_NOTIFY): Step(_S.ENDED, _OVER, "6665 4.1.2.4"),
    (_S.ENDING, _E.STOP): Step(_S.ENDING, _NONE, "asked already"),
    (_S.ENDING, _E.STOP_LATER): Step(_S.ENDING, _NONE, "asked already"),
}
"""A pair without a rule is passed over: START where it stands already, a timer that a state has no use for."""

TERMINATED_REASONS: Final = {
    "deactivated": _E.TERMINATED_NOW,
    "timeout": _E.TERMINATED_NOW,
    "probation": _E.TERMINATED_LATER,
    "giveup": _E.TERMINATED_LATER,
    "rejected": _E.TERMINATED_FOR_GOOD,
    "noresource": _E.TERMINATED_FOR_GOOD,
    "invariant": _E.TERMINATED_FOR_GOOD,
}
"""RFC 6665 4.1.3. No reason, as with Asterisk, or an unknown one: ask again later."""

_GONE = frozenset({404, 405, 410, 416, 480, 482, 483, 484, 485, 489, 501, 604})


def answer_event(status: int, *, in_dialog: bool) -> SubscriptionEvent:
    """What a final response to a SUBSCRIBE means, digest challenges aside (RFC 6665 4.1.2.1, 4.1.2.2)."""
    if status < 300:
        return _E.ACCEPTED
    if status == 423:
        return _E.TOO_BRIEF
    if status in (408, 481) or (500 <= status < 600 and status != 501):
        return _E.LOST
    return _E.REFUSED if status in _GONE or not in_dialog else _E.KEPT


def terminated_event(reason: str) -> SubscriptionEvent:
    """What a NOTIFY with `terminated` and this reason means (RFC 6665 4.1.3); '' for no reason."""
    return TERMINATED_REASONS.get(reason.lower(), _E.TERMINATED_LATER)
