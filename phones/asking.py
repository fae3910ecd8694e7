"""Asking for the configuration until it is there: the request is answered, and then comes a MESSAGE with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from harness.sip.message import Response
from harness.sip.notify import retry_after
from phones.signalling import REFUSED_WAIT_S, BackOff

if TYPE_CHECKING:
    from harness.sip.machine import Failure
    from harness.sip.timers import TimerHandle, Timers

ANSWER_S = 10.0
"""Seconds from the 200 to the MESSAGE with the configuration, after which the phone asks again."""


class AskingState(Enum):
    """IDLE: not asked yet. ASKED: neither answered nor given. PROMISED: answered 200. WAITING: for the next try."""

    IDLE = "idle"
    ASKED = "asked"
    PROMISED = "promised"
    WAITING = "waiting"
    REFUSED = "refused"
    CONFIGURED = "configured"
    STOPPED = "stopped"


class AskingEvent(Enum):
    """What can happen to the question."""

    START = "start"
    PROMISED = "200"
    REFUSED = "refused"
    FAILED = "failed"
    ARRIVED = "configuration"
    UNREADABLE = "unreadable configuration"
    DUE = "due"
    STOP = "stop"


class Step(NamedTuple):
    """What becomes of a (state, event). All of this is ours: the phone's real conversation is not public."""

    state: AskingState
    action: str = ""


OnChange = Callable[[AskingState, int, str], None]

_S, _E = AskingState, AskingEvent

_REFUSED = Step(_S.REFUSED, "try_seldom")
_CONFIGURED = Step(_S.CONFIGURED, "rest")

RULES: Mapping[tuple[AskingState, AskingEvent], Step] = {
    (_S.IDLE, _E.START): Step(_S.ASKED, "send"),
    (_S.ASKED, _E.PROMISED): Step(_S.PROMISED, "await_message"),
    (_S.ASKED, _E.REFUSED): _REFUSED,
    (_S.ASKED, _E.FAILED): Step(_S.WAITING, "back_off"),
    (_S.PROMISED, _E.DUE): Step(_S.WAITING, "back_off"),
    (_S.WAITING, _E.DUE): Step(_S.ASKED, "send"),
    (_S.REFUSED, _E.DUE): Step(_S.ASKED, "send"),
    (_S.REFUSED, _E.START): Step(_S.ASKED, "send"),
    (_S.IDLE, _E.REFUSED): Step(_S.REFUSED),
    **{(state, _E.UNREADABLE): _REFUSED for state in (_S.ASKED, _S.PROMISED, _S.WAITING, _S.REFUSED)},
    **{(state, _E.ARRIVED): _CONFIGURED for state in _S if state is not _S.STOPPED},
    **{(state, _E.STOP): Step(_S.STOPPED, "rest") for state in _S},
}
"""A pair without a rule is passed over: START when it is known already, a 200 behind the configuration."""


class Asking:
    """One phone's question. `send()` sends it; `on_change(state, status, reason)` hears of changes of the state."""

    def __init__(self, timers: Timers, send: Callable[[], None], on_change: OnChange) -> None:
        self.state = AskingState.IDLE
        self.status, self.reason = 0, ""
        self.send = send
        self._timers, self._on_change = timers, on_change
        self._back_off = BackOff()
        self._retry_after: int | None = None
        self._timer: TimerHandle | None = None

    @property
    def settled(self) -> bool:
        """Whether the configuration is there, or refused."""
        return self.state in (AskingState.CONFIGURED, AskingState.REFUSED, AskingState.STOPPED)

    def start(self) -> None:
        """Ask, where that has not been done or came to a refusal."""
        self._happen(AskingEvent.START)

    def stop(self) -> None:
        """Ask no more."""
        self._happen(AskingEvent.STOP)

    def give_up(self, reason: str) -> None:
        """It cannot be asked for."""
        self._learn(0, reason, AskingEvent.REFUSED)

    def answered(self, outcome: Response | Failure) -> None:
        """The final answer to the request."""
        self._retry_after = retry_after(outcome) if isinstance(outcome, Response) else None
        status = outcome.status
        failed = status == 408 or 500 <= status < 600
        event = AskingEvent.PROMISED if status < 300 else AskingEvent.FAILED if failed else AskingEvent.REFUSED
        self._learn(status, outcome.reason, event)

    def arrived(self) -> None:
        """The configuration has come, asked for or not."""
        self._learn(200, "OK", AskingEvent.ARRIVED)

    def unreadable(self, reason: str) -> None:
        """Something has come that cannot be read."""
        self._learn(0, reason, AskingEvent.UNREADABLE)

    def _learn(self, status: int, reason: str, event: AskingEvent) -> None:
        if (self.state, event) in RULES:
            self.status, self.reason = status, reason
        self._happen(event)

    def _happen(self, event: AskingEvent) -> None:
        step = RULES.get((self.state, event))
        if step is None:
            return
        self.state = step.state
        if step.action:
            getattr(self, step.action)()
        self._on_change(self.state, self.status, self.reason)

    # actions of the table

    def await_message(self) -> None:
        """The request was answered 200: the MESSAGE with the configuration must come in time."""
        self._due_in(ANSWER_S)

    def back_off(self) -> None:
        """Try again later, as the answer says or each time later than before."""
        self._due_in(self._back_off.next(self._retry_after))

    def try_seldom(self) -> None:
        """It was refused: ask again, but not soon."""
        self._due_in(max(REFUSED_WAIT_S, self._retry_after or 0))

    def rest(self) -> None:
        """There is nothing to wait for."""
        self._back_off.forget()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _due_in(self, delay: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._timers.schedule(delay, self._happen, AskingEvent.DUE)
