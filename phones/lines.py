"""The registration of one line (RFC 3261 10.2): asked for, kept up, given back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from harness.sip.grammar import GrammarError
from harness.sip.message import Response
from harness.sip.notify import retry_after
from harness.sip.parts import read_seconds
from harness.sip.uri import SipUri
from phones.screen import REFUSED, REGISTERED, UNREGISTERED
from phones.signalling import REFUSED_WAIT_S, BackOff

if TYPE_CHECKING:
    from harness.sip.client import Client, Exchange
    from harness.sip.machine import Failure
    from harness.sip.timers import TimerHandle
    from phones.signalling import Signalling

REFRESH_MARGIN_S = 5.0
"""Seconds before expiry (PJSIP's delay); a registration of less than twice that is refreshed half-way."""
REFRESH_SELDOM_S = 1.0
"""A server that grants next to nothing is not asked more often."""


class LineState(Enum):
    """WAITING: for the next try. LEAVING: to be given back once the request under way is answered. WITHDRAWING: being
    given back. RETURNING: being given back, and wanted again already."""

    UNREGISTERED = "unregistered"
    REGISTERING = "registering"
    REGISTERED = "registered"
    REFUSED = "refused"
    WAITING = "waiting"
    LEAVING = "leaving"
    WITHDRAWING = "withdrawing"
    RETURNING = "returning"


class LineEvent(Enum):
    """FAILED: no answer, or 5xx. DUE: a refresh or a further try. STOP_LATER: stop while a request is under way."""

    START = "start"
    ACCEPTED = "2xx"
    TOO_BRIEF = "423"
    REFUSED = "refused"
    FAILED = "failed"
    DUE = "due"
    STOP = "stop"
    STOP_LATER = "stop when answered"


class Step(NamedTuple):
    """What becomes of a (state, event), and where that is written."""

    state: LineState
    action: str
    clause: str


_S, _E = LineState, LineEvent
_LEFT = "3261 10.2.2: nothing is left to remove"


def _answered(state: LineState) -> dict[tuple[LineState, LineEvent], Step]:
    """A REGISTER is, or may be, under way in this state."""
    return {
        (state, _E.ACCEPTED): Step(_S.REGISTERED, "refresh_later", "3261 10.2.4"),
        (state, _E.TOO_BRIEF): Step(state, "ask", "3261 10.2.8: with the expiry that it names"),
        (state, _E.REFUSED): Step(_S.REFUSED, "try_seldom", "3261 10.2: a 4xx or 6xx is final"),
        (state, _E.FAILED): Step(_S.WAITING, "back_off", "3261 10.2.7"),
        (state, _E.STOP_LATER): Step(_S.LEAVING, "", "3261 10.2: one REGISTER at a time"),
    }


def _gone(state: LineState, *events: LineEvent) -> dict[tuple[LineState, LineEvent], Step]:
    return {(state, event): Step(_S.UNREGISTERED, "rest", _LEFT) for event in events}


RULES: Mapping[tuple[LineState, LineEvent], Step] = {
    (_S.UNREGISTERED, _E.START): Step(_S.REGISTERING, "ask", "3261 10.2.1"),
    **_answered(_S.REGISTERING),
    **_answered(_S.REGISTERED),
    **_answered(_S.REFUSED),
    (_S.REGISTERED, _E.START): Step(_S.REGISTERED, "ask", "3261 10.2.4: a refresh before its time"),
    (_S.REGISTERED, _E.DUE): Step(_S.REGISTERED, "ask", "3261 10.2.4"),
    (_S.REGISTERED, _E.STOP): Step(_S.WITHDRAWING, "withdraw", "3261 10.2.2"),
    (_S.REFUSED, _E.START): Step(_S.REGISTERING, "ask", "whoever asks again does not wait"),
    (_S.REFUSED, _E.DUE): Step(_S.REFUSED, "ask", "ours: the configuration may have been mended"),
    (_S.WAITING, _E.START): Step(_S.REGISTERING, "ask", "whoever asks again does not wait"),
    (_S.WAITING, _E.DUE): Step(_S.REGISTERING, "ask", "3261 10.2.7"),
    **_gone(_S.REFUSED, _E.STOP),
    **_gone(_S.WAITING, _E.STOP),
    (_S.LEAVING, _E.ACCEPTED): Step(_S.WITHDRAWING, "withdraw", "3261 10.2.2"),
    (_S.LEAVING, _E.START): Step(_S.REGISTERING, "", "the request under way will tell"),
    **_gone(_S.LEAVING, _E.TOO_BRIEF, _E.REFUSED, _E.FAILED),
    (_S.WITHDRAWING, _E.START): Step(_S.RETURNING, "", "3261 10.2: one REGISTER at a time"),
    **_gone(_S.WITHDRAWING, _E.ACCEPTED, _E.TOO_BRIEF, _E.REFUSED, _E.FAILED),
    (_S.RETURNING, _E.STOP_LATER): Step(_S.WITHDRAWING, "", "wanted no more"),
    **{
        (_S.RETURNING, event): Step(_S.REGISTERING, "ask", "3261 10.2.1")
        for event in (_E.ACCEPTED, _E.TOO_BRIEF, _E.REFUSED, _E.FAILED)
    },
}
"""A pair without a rule is passed over: START while a REGISTER is under way, STOP where nothing stands."""

_HELD = (_S.REGISTERED, _S.LEAVING, _S.WITHDRAWING, _S.RETURNING)


class RegistrationView(NamedTuple):
    """How a line stands; `status` is the last answer (0: none yet), `expires_at` in seconds of the world's clock."""

    state: str
    status: int
    reason: str
    expires_at: float


class Registration:
    """One line at the registrar. `on_change(registration)` is told of each change of state and of each answer."""

    def __init__(
        self,
        signalling: Signalling,
        client: Client,
        line: str,
        expires: int,
        on_change: Callable[[Registration], None],
    ) -> None:
        self.line = line
        self.state = LineState.UNREGISTERED
        self.status, self.reason = 0, ""
        self.expires_at = 0.0
        self._signalling = signalling
        self._client = client
        self._contact = signalling.contact(line)
        self._wanted = expires
        self._on_change = on_change
        self._call_id = signalling.stack.identifiers.call_id()
        self._cseq = signalling.stack.identifiers.cseq()
        self._exchange: Exchange | None = None
        self._retry_after: int | None = None
        self._back_off = BackOff()
        self._timer: TimerHandle | None = None

    @property
    def shown(self) -> str:
        """What the screen shows of it."""
        if self.state in _HELD:
            return REGISTERED
        return REFUSED if self.state is LineState.REFUSED else UNREGISTERED

    @property
    def settled(self) -> bool:
        """Whether it has come to an end, good or bad: nothing is under way, no try is due soon."""
        return self.state in (LineState.UNREGISTERED, LineState.REGISTERED, LineState.REFUSED)

    @property
    def view(self) -> RegistrationView:
        """How it stands."""
        return RegistrationView(self.state.value, self.status, self.reason, self.expires_at)

    def start(self) -> None:
        """Register, or refresh at once where it is registered."""
        self._happen(LineEvent.START)

    def refresh(self) -> None:
        """Refresh at once where it is registered."""
        if self.state is LineState.REGISTERED:
            self.start()

    def stop(self) -> None:
        """Give the registration back."""
        self._happen(LineEvent.STOP_LATER if self._exchange else LineEvent.STOP)

    # the machine

    def _happen(self, event: LineEvent) -> None:
        step = RULES.get((self.state, event))
        if step is None:
            return
        self.state = step.state
        if step.action:
            getattr(self, step.action)()
        self._on_change(self)

    def _due_in(self, delay: float) -> None:
        self._rest()
        self._timer = self._signalling.stack.timers.schedule(delay, self._happen, LineEvent.DUE)

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # actions of the table

    def ask(self) -> None:
        """REGISTER, where none is under way."""
        if self._exchange is None:
            self._rest()
            self._send(self._wanted)

    def withdraw(self) -> None:
        """REGISTER with an expiry of nothing."""
        self._rest()
        self._send(0)

    def refresh_later(self) -> None:
        """In time before it runs out."""
        self._back_off.forget()
        left = self.expires_at - self._signalling.stack.timers.now
        self._due_in(max(left - REFRESH_MARGIN_S, left / 2, REFRESH_SELDOM_S))

    def back_off(self) -> None:
        """Try again, ever later."""
        self._due_in(self._back_off.next(self._retry_after))

    def try_seldom(self) -> None:
        """Try again after a long while."""
        self._due_in(max(REFUSED_WAIT_S, self._retry_after or 0))

    def rest(self) -> None:
        """Do nothing any more."""
        self.expires_at = 0.0
        self._rest()

    # sending, and what comes back

    def _send(self, expires: int) -> None:
        aor = f"<{self._signalling.uri(self.line)}>"
        rows = [("Contact", f"<{self._contact}>"), ("Expires", str(expires)), *self._signalling.headers]
        request = self._client.build(
            "REGISTER", self._signalling.registrar, aor, aor, rows, call_id=self._call_id, cseq=self._next_cseq()
        )
        self._exchange = self._client.prepare(request, self._signalling.flow, self._answered, self._next_cseq)
        self._exchange.send()

    def _next_cseq(self) -> int:
        self._cseq += 1
        return self._cseq

    def _answered(self, outcome: Response | Failure) -> None:
        if outcome.status < 200:
            return
        self._exchange = None
        self.status, self.reason = outcome.status, outcome.reason
        self._retry_after = retry_after(outcome) if isinstance(outcome, Response) else None
        self._happen(self._event_of(outcome))

    def _event_of(self, outcome: Response | Failure) -> LineEvent:
        if outcome.status < 300 and isinstance(outcome, Response):
            self.expires_at = self._signalling.stack.timers.now + self._granted(outcome)
            return LineEvent.ACCEPTED
        if outcome.status == 423 and isinstance(outcome, Response):
            asked, self._wanted = self._wanted, read_seconds(outcome.headers.get("Min-Expires")) or 0
            if self._wanted > asked:
                return LineEvent.TOO_BRIEF
            self._wanted = asked
        return LineEvent.FAILED if outcome.status == 408 or 500 <= outcome.status < 600 else LineEvent.REFUSED

    def _granted(self, response: Response) -> int:
        """RFC 3261 10.2.4: the `expires` of our own Contact, else the header, else what was asked for."""
        try:
            own = SipUri.parse(self._contact)
            mine = [each for each in response.contacts if own.equivalent(each.sip_uri)]
        except GrammarError:
            mine = []
        granted = read_seconds(mine[0].params.get("expires")) if mine else None
        if granted is None:
            granted = response.expires
        return self._wanted if granted is None else granted
