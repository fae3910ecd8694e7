"""The four transaction machines of RFC 3261 17 as tables, with RFC 4320 and RFC 6026 worked in.

A table answers two questions: what becomes of (state, event), and which timers run in a state. On entering a state,
timers that do not run there are stopped and those that do are started; so a timer can only fire where it runs.
A pair that has no rule cannot happen; asking for one is an error of the caller.

Actions are names of methods of the class that runs the table. They are done in order after the state has changed, what
tells the transaction user always last: an exception from there leaves the machine whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

T1 = 0.5
"""Seconds: estimate of a round trip (RFC 3261 17.1.1.1)."""
T2 = 4.0
"""Seconds: longest interval between retransmissions of a non-INVITE request or an INVITE response."""
T4 = 5.0
"""Seconds: longest life of a message in the network."""
TIMEOUT = 64 * T1
"""Seconds: timers B, D (at least 32 s), F, H, J, L and M (RFC 3261 table 4, RFC 6026 7.1 and 8.4)."""
TRYING_INVITE = 0.2
"""Seconds after which an INVITE that got no response is answered 100 (RFC 3261 17.2.1)."""
TRYING_OTHER = T1 + 2 * T1 + 4 * T1
"""Seconds until a client's timer E is at T2: before, 100 is forbidden, then it is due (RFC 4320 4.1)."""


class State(Enum):
    """States of all four machines."""

    # By identity: Enum's own, which a table asks for at each step, is written in Python.  Nothing depends on its order.
    __hash__ = object.__hash__

    CALLING = "Calling"
    TRYING = "Trying"
    PROCEEDING = "Proceeding"
    COMPLETED = "Completed"
    CONFIRMED = "Confirmed"
    ACCEPTED = "Accepted"
    TERMINATED = "Terminated"


class Event(Enum):
    """What can happen to a transaction: timers by their letter, messages by class, words of the user."""

    __hash__ = object.__hash__  # as in State

    A = "timer A"
    B = "timer B"
    D = "timer D"
    E = "timer E"
    F = "timer F"
    G = "timer G"
    H = "timer H"
    I = "timer I"  # noqa: E741 - the RFC's letter
    J = "timer J"
    K = "timer K"
    L = "timer L"
    M = "timer M"
    TRYING = "time to send 100"
    CANCEL_TIMEOUT = "64*T1 after CANCEL"
    PROVISIONAL = "1xx"
    SUCCESS = "2xx"
    FAILURE = "300-699"
    REQUEST = "request again"
    ACK = "ACK"
    CANCELLED = "CANCEL sent"
    TRANSPORT_ERROR = "transport error"


FINISHED = frozenset({State.COMPLETED, State.CONFIRMED, State.ACCEPTED, State.TERMINATED})
"""States in which only retransmissions are absorbed: these do not count as open."""


class Rule(NamedTuple):
    """What becomes of a (state, event): the next state, what is done, and where that is written."""

    state: State
    actions: tuple[str, ...]
    clause: str


class Table(NamedTuple):
    """One machine: its first state, its rules, and which timers run in which state."""

    name: str
    initial: State
    rules: Mapping[tuple[State, Event], Rule]
    running: Mapping[State, tuple[Event, ...]]


_S, _E = State, Event
_NOTHING: tuple[str, ...] = ()
_TIMED_OUT = ("tell_timeout",)
_BROKEN = ("tell_transport_error",)
_PASS = ("pass_response",)

INVITE_CLIENT = Table(
    "INVITE client",
    State.CALLING,
    {
        (_S.CALLING, _E.A): Rule(_S.CALLING, ("resend_slower",), "3261 17.1.1.2"),
        (_S.CALLING, _E.B): Rule(_S.TERMINATED, _TIMED_OUT, "3261 17.1.1.2"),
        (_S.CALLING, _E.PROVISIONAL): Rule(_S.PROCEEDING, ("send_cancel_if_asked", "pass_response"), "3261 17.1.1.2"),
        (_S.CALLING, _E.SUCCESS): Rule(_S.ACCEPTED, _PASS, "6026 8.4"),
        (_S.CALLING, _E.FAILURE): Rule(_S.COMPLETED, ("acknowledge", "pass_response"), "3261 17.1.1.2"),
        (_S.CALLING, _E.CANCELLED): Rule(_S.CALLING, _NOTHING, "3261 9.1: not before a provisional response"),
        (_S.CALLING, _E.TRANSPORT_ERROR): Rule(_S.TERMINATED, _BROKEN, "3261 17.1.4"),
        (_S.PROCEEDING, _E.PROVISIONAL): Rule(_S.PROCEEDING, _PASS, "3261 17.1.1.2"),
        (_S.PROCEEDING, _E.SUCCESS): Rule(_S.ACCEPTED, _PASS, "6026 8.4"),
        (_S.PROCEEDING, _E.FAILURE): Rule(_S.COMPLETED, ("acknowledge", "pass_response"), "3261 17.1.1.2"),
        (_S.PROCEEDING, _E.CANCELLED): Rule(_S.PROCEEDING, ("send_cancel_if_asked",), "3261 9.1"),
        (_S.PROCEEDING, _E.CANCEL_TIMEOUT): Rule(_S.TERMINATED, _TIMED_OUT, "3261 9.1"),
        # Nothing is being sent here, but a lost stream takes the final response with it (not in the RFC's figure).
        (_S.PROCEEDING, _E.TRANSPORT_ERROR): Rule(_S.TERMINATED, _BROKEN, "3261 17.1.4"),
        (_S.COMPLETED, _E.PROVISIONAL): Rule(_S.COMPLETED, _NOTHING, "3261 17.1.1.2"),
        (_S.COMPLETED, _E.SUCCESS): Rule(_S.COMPLETED, _NOTHING, "3261 17.1.1.2: only 300-699 count here"),
        (_S.COMPLETED, _E.FAILURE): Rule(_S.COMPLETED, ("acknowledge",), "3261 17.1.1.2"),
        (_S.COMPLETED, _E.CANCELLED): Rule(_S.COMPLETED, _NOTHING, "3261 9.1: no effect after a final response"),
        (_S.COMPLETED, _E.TRANSPORT_ERROR): Rule(_S.TERMINATED, _NOTHING, "3261 17.1.1.2: the answer is known already"),
        (_S.COMPLETED, _E.D): Rule(_S.TERMINATED, _NOTHING, "3261 17.1.1.2"),
        (_S.ACCEPTED, _E.PROVISIONAL): Rule(_S.ACCEPTED, _NOTHING, "6026 8.4: only 2xx count here"),
        (_S.ACCEPTED, _E.SUCCESS): Rule(_S.ACCEPTED, _PASS, "6026 8.4: repeated and forked 2xx go to the user"),
        (_S.ACCEPTED, _E.FAILURE): Rule(_S.ACCEPTED, _NOTHING, "6026 8.4: only 2xx count here"),
        (_S.ACCEPTED, _E.CANCELLED): Rule(_S.ACCEPTED, _NOTHING, "3261 9.1: no effect after a final response"),
        (_S.ACCEPTED, _E.TRANSPORT_ERROR): Rule(_S.ACCEPTED, _NOTHING, "6026 8.4: this layer sends nothing here"),
        (_S.ACCEPTED, _E.M): Rule(_S.TERMINATED, _NOTHING, "6026 8.4"),
        (_S.TERMINATED, _E.CANCELLED): Rule(_S.TERMINATED, _NOTHING, "3261 9.1: nothing to cancel"),
    },
    {
        _S.CALLING: (_E.A, _E.B),
        _S.PROCEEDING: (_E.CANCEL_TIMEOUT,),
        _S.COMPLETED: (_E.D,),
        _S.ACCEPTED: (_E.M,),
        _S.TERMINATED: (),
    },
)

OTHER_CLIENT = Table(
    "non-INVITE client",
    State.TRYING,
    {
        (_S.TRYING, _E.E): Rule(_S.TRYING, ("resend_slower",), "3261 17.1.2.2"),
        (_S.TRYING, _E.F): Rule(_S.TERMINATED, _TIMED_OUT, "3261 17.1.2.2"),
        (_S.TRYING, _E.PROVISIONAL): Rule(_S.PROCEEDING, _PASS, "3261 17.1.2.2"),
        (_S.TRYING, _E.SUCCESS): Rule(_S.COMPLETED, _PASS, "3261 17.1.2.2"),
        (_S.TRYING, _E.FAILURE): Rule(_S.COMPLETED, _PASS, "3261 17.1.2.2"),
        (_S.TRYING, _E.TRANSPORT_ERROR): Rule(_S.TERMINATED, _BROKEN, "3261 17.1.4"),
        (_S.PROCEEDING, _E.E): Rule(_S.PROCEEDING, ("resend_at_t2",), "3261 17.1.2.2"),
        (_S.PROCEEDING, _E.F): Rule(_S.TERMINATED, _TIMED_OUT, "3261 17.1.2.2"),
        (_S.PROCEEDING, _E.PROVISIONAL): Rule(_S.PROCEEDING, _PASS, "3261 17.1.2.2"),
        (_S.PROCEEDING, _E.SUCCESS): Rule(_S.COMPLETED, _PASS, "3261 17.1.2.2"),
        (_S.PROCEEDING, _E.FAILURE): Rule(_S.COMPLETED, _PASS, "3261 17.1.2.2"),
        (_S.PROCEEDING, _E.TRANSPORT_ERROR): Rule(_S.TERMINATED, _BROKEN, "3261 17.1.4"),
        (_S.COMPLETED, _E.PROVISIONAL): Rule(_S.COMPLETED, _NOTHING, "3261 17.1.2.2"),
        (_S.COMPLETED, _E.SUCCESS): Rule(_S.COMPLETED, _NOTHING, "3261 17.1.2.2"),
        (_S.COMPLETED, _E.FAILURE): Rule(_S.COMPLETED, _NOTHING, "3261 17.1.2.2"),
        (_S.COMPLETED, _E.TRANSPORT_ERROR): Rule(_S.TERMINATED, _NOTHING, "no message can repeat on a lost stream"),
        (_S.COMPLETED, _E.K): Rule(_S.TERMINATED, _NOTHING, "3261 17.1.2.2"),
    },
    {
        _S.TRYING: (_E.E, _E.F),
        _S.PROCEEDING: (_E.E, _E.F),
        _S.COMPLETED: (_E.K,),
        _S.TERMINATED: (),
    },
)

_SEND = ("send_response",)
_SEND_LAST = ("send_response", "let_request_go")
_REPEAT = ("repeat_response",)
_TOO_LATE = ("refuse_response",)

INVITE_SERVER = Table(
    "INVITE server",
    State.PROCEEDING,
    {
        (_S.PROCEEDING, _E.REQUEST): Rule(_S.PROCEEDING, _REPEAT, "3261 17.2.1"),
        (_S.PROCEEDING, _E.ACK): Rule(_S.PROCEEDING, _NOTHING, "3261 17.2.1: nothing to acknowledge yet"),
        (_S.PROCEEDING, _E.TRYING): Rule(_S.PROCEEDING, ("send_trying",), "3261 17.2.1"),
        (_S.PROCEEDING, _E.PROVISIONAL): Rule(_S.PROCEEDING, _SEND, "3261 17.2.1"),
        (_S.PROCEEDING, _E.SUCCESS): Rule(_S.ACCEPTED, _SEND, "6026 7.1"),
        (_S.PROCEEDING, _E.FAILURE): Rule(_S.COMPLETED, _SEND, "3261 17.2.1"),
        (_S.PROCEEDING, _E.TRANSPORT_ERROR): Rule(_S.TERMINATED, _BROKEN, "3261 17.2.4"),
        (_S.COMPLETED, _E.REQUEST): Rule(_S.COMPLETED, _REPEAT, "3261 17.2.1"),
        (_S.COMPLETED, _E.ACK): Rule(_S.CONFIRMED, _NOTHING, "3261 17.2.1"),
        (_S.COMPLETED, _E.G): Rule(_S.COMPLETED, ("resend_slower",), "3261 17.2.1"),
        (_S.COMPLETED, _E.H): Rule(_S.TERMINATED, _TIMED_OUT, "3261 17.2.1"),
        (_S.COMPLETED, _E.PROVISIONAL): Rule(_S.COMPLETED, _TOO_LATE, "3261 17.2.1: one final response"),
        (_S.COMPLETED, _E.SUCCESS): Rule(_S.COMPLETED, _TOO_LATE, "3261 17.2.1: one final response"),
        (_S.COMPLETED, _E.FAILURE): Rule(_S.COMPLETED, _TOO_LATE, "3261 17.2.1: one final response"),
        (_S.COMPLETED, _E.TRANSPORT_ERROR): Rule(_S.TERMINATED, _BROKEN, "3261 17.2.4"),
        (_S.CONFIRMED, _E.REQUEST): Rule(_S.CONFIRMED, _NOTHING, "3261 17.2.1"),
        (_S.CONFIRMED, _E.ACK): Rule(_S.CONFIRMED, _NOTHING, "3261 17.2.1"),
        (_S.CONFIRMED, _E.PROVISIONAL): Rule(_S.CONFIRMED, _TOO_LATE, "3261 17.2.1: one final response"),
        (_S.CONFIRMED, _E.SUCCESS): Rule(_S.CONFIRMED, _TOO_LATE, "3261 17.2.1: one final response"),
        (_S.CONFIRMED, _E.FAILURE): Rule(_S.CONFIRMED, _TOO_LATE, "3261 17.2.1: one final response"),
        (_S.CONFIRMED, _E.TRANSPORT_ERROR): Rule(_S.TERMINATED, _NOTHING, "no message can repeat on a lost stream"),
        (_S.CONFIRMED, _E.I): Rule(_S.TERMINATED, _NOTHING, "3261 17.2.1"),
        (_S.ACCEPTED, _E.REQUEST): Rule(_S.ACCEPTED, _NOTHING, "6026 7.1: absorbed, the user repeats its 2xx"),
        (_S.ACCEPTED, _E.ACK): Rule(_S.ACCEPTED, ("pass_ack",), "6026 7.1"),
        (_S.ACCEPTED, _E.PROVISIONAL): Rule(_S.ACCEPTED, _TOO_LATE, "6026 7.1: only 2xx may follow"),
        (_S.ACCEPTED, _E.SUCCESS): Rule(_S.ACCEPTED, _SEND, "6026 7.1: the user's retransmissions"),
        (_S.ACCEPTED, _E.FAILURE): Rule(_S.ACCEPTED, _TOO_LATE, "6026 7.1: only 2xx may follow"),
        (_S.ACCEPTED, _E.TRANSPORT_ERROR): Rule(_S.ACCEPTED, _BROKEN, "6026 7.1: told, and the state is kept"),
        (_S.ACCEPTED, _E.L): Rule(_S.TERMINATED, _NOTHING, "6026 7.1"),
        (_S.TERMINATED, _E.PROVISIONAL): Rule(_S.TERMINATED, _TOO_LATE, "the request is gone with its stream"),
        (_S.TERMINATED, _E.SUCCESS): Rule(_S.TERMINATED, _TOO_LATE, "the request is gone with its stream"),
        (_S.TERMINATED, _E.FAILURE): Rule(_S.TERMINATED, _TOO_LATE, "the request is gone with its stream"),
    },
    {
        _S.PROCEEDING: (_E.TRYING,),
        _S.COMPLETED: (_E.G, _E.H),
        _S.CONFIRMED: (_E.I,),
        _S.ACCEPTED: (_E.L,),
        _S.TERMINATED: (),
    },
)

# No rule for a 1xx of the user: all but 100 is forbidden, and when to send that is known here (RFC 4320 4.1).
OTHER_SERVER = Table(
    "non-INVITE server",
    State.TRYING,
    {
        (_S.TRYING, _E.REQUEST): Rule(_S.TRYING, _NOTHING, "3261 17.2.2"),
        (_S.TRYING, _E.TRYING): Rule(_S.PROCEEDING, ("send_trying",), "4320 4.1"),
        (_S.TRYING, _E.SUCCESS): Rule(_S.COMPLETED, _SEND_LAST, "3261 17.2.2"),
        (_S.TRYING, _E.FAILURE): Rule(_S.COMPLETED, _SEND_LAST, "3261 17.2.2"),
        (_S.TRYING, _E.TRANSPORT_ERROR): Rule(_S.TERMINATED, _BROKEN, "3261 17.2.4"),
        (_S.PROCEEDING, _E.REQUEST): Rule(_S.PROCEEDING, _REPEAT, "3261 17.2.2"),
        (_S.PROCEEDING, _E.SUCCESS): Rule(_S.COMPLETED, _SEND_LAST, "3261 17.2.2"),
        (_S.PROCEEDING, _E.FAILURE): Rule(_S.COMPLETED, _SEND_LAST, "3261 17.2.2"),
        (_S.PROCEEDING, _E.TRANSPORT_ERROR): Rule(_S.TERMINATED, _BROKEN, "3261 17.2.4"),
        (_S.COMPLETED, _E.REQUEST): Rule(_S.COMPLETED, _REPEAT, "3261 17.2.2"),
        (_S.COMPLETED, _E.SUCCESS): Rule(_S.COMPLETED, _TOO_LATE, "3261 17.2.2"),
        (_S.COMPLETED, _E.FAILURE): Rule(_S.COMPLETED, _TOO_LATE, "3261 17.2.2"),
        (_S.COMPLETED, _E.TRANSPORT_ERROR): Rule(_S.TERMINATED, _NOTHING, "3261 17.2.4"),
        (_S.COMPLETED, _E.J): Rule(_S.TERMINATED, _NOTHING, "3261 17.2.2"),
        (_S.TERMINATED, _E.SUCCESS): Rule(_S.TERMINATED, _TOO_LATE, "the request is gone, or its time is over"),
        (_S.TERMINATED, _E.FAILURE): Rule(_S.TERMINATED, _TOO_LATE, "the request is gone, or its time is over"),
    },
    {
        _S.TRYING: (_E.TRYING,),
        _S.PROCEEDING: (),
        _S.COMPLETED: (_E.J,),
        _S.TERMINATED: (),
    },
)

TABLES = (INVITE_CLIENT, OTHER_CLIENT, INVITE_SERVER, OTHER_SERVER)

_ALWAYS = {Event.B: TIMEOUT, Event.F: TIMEOUT, Event.H: TIMEOUT, Event.L: TIMEOUT, Event.M: TIMEOUT}
_UNRELIABLE_FIRST = {Event.A: T1, Event.E: T1, Event.G: T1}
_UNRELIABLE_LINGER = {Event.D: TIMEOUT, Event.I: T4, Event.J: TIMEOUT, Event.K: T4}


def first_delay(timer: Event, reliable: bool) -> float | None:
    """Seconds until a timer fires first (RFC 3261 table 4); 0: it is over at once.

    None: it does not run on this transport, or (TRYING, CANCEL_TIMEOUT) it does not start with the state.
    """
    if timer in _UNRELIABLE_FIRST:
        return None if reliable else _UNRELIABLE_FIRST[timer]
    if timer in _UNRELIABLE_LINGER:
        return 0.0 if reliable else _UNRELIABLE_LINGER[timer]
    return _ALWAYS.get(timer)


def response_event(status: int) -> Event:
    """The event that a response of this status is."""
    if status < 200:
        return Event.PROVISIONAL
    return Event.SUCCESS if status < 300 else Event.FAILURE
