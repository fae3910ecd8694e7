"""What runs a transaction's table: its state, its timers, and the layer that it stands in."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from harness.sip.flow import Flow
from harness.sip.identifiers import Identifiers
from harness.sip.message import Request, Response
from harness.sip.tables import FINISHED, T1, Event, State, Table, first_delay
from harness.sip.timers import TimerHandle, Timers


class Failure(NamedTuple):
    """A request that got no final response: `status` is what RFC 3261 8.1.3.1 takes it for, 408 or 503."""

    status: int
    reason: str


TIMED_OUT = Failure(408, "no answer")
TRANSPORT_FAILED = Failure(503, "the transport failed")


class Layer(Protocol):
    """What transactions need of the stack that holds them."""

    timers: Timers
    identifiers: Identifiers
    own_headers: tuple[tuple[str, str], ...]
    party: Callable[[str], str] | None

    def transmit(self, flow: Flow, data: bytes) -> None:
        """Send bytes for the first time."""

    def repeat(self, flow: Flow, data: bytes) -> None:
        """Send bytes again."""

    def begin_client(
        self, request: Request, flow: Flow, on_response: Callable[[Response | Failure], None]
    ) -> object:
        """Start a client transaction, as a CANCEL needs (RFC 3261 9.1)."""

    def deliver_ack(self, request: Request, flow: Flow) -> None:
        """Hand the ACK of a 2xx to its dialog (RFC 3261 13.3.1.4)."""

    def forget_client(self, key: str) -> None:
        """A client transaction is over."""

    def forget_server(self, key: str) -> None:
        """A server transaction is over."""

    def tell(self, what: str, **values: object) -> None:
        """Something that an observer may want to know."""


class Machine:
    """Runs one table: keeps the state and its timers, and calls the actions by their names.

    The timers are at most a handful: a tuple of pairs takes half the memory of a dict.
    """

    __slots__ = ("_interval", "_running", "_timers", "reliable", "state", "table")

    def __init__(self, table: Table, timers: Timers, reliable: bool) -> None:
        self.table = table
        self.state = table.initial
        self.reliable = reliable
        self._timers = timers
        self._running: tuple[tuple[Event, TimerHandle], ...] = ()
        self._interval = T1

    @property
    def finished(self) -> bool:
        """Whether nothing is awaited any more but retransmissions."""
        return self.state in FINISHED

    def happen(self, event: Event, message: object = None) -> None:
        """Apply the rule for this event. KeyError: the pair is impossible (see `tables`)."""
        rule = self.table.rules[self.state, event]
        if rule.state is not self.state:
            self._enter(rule.state)
        for action in rule.actions:
            step: Callable[[object], None] = getattr(self, action)
            step(message)

    def begin(self) -> None:
        """Start the timers of the first state."""
        for timer in self.table.running[self.state]:
            self._begin(timer)

    def start(self, timer: Event, delay: float) -> None:
        """Let a timer fire in `delay` seconds, in place of one that runs under its name."""
        self.stop(timer)
        self._running += ((timer, self._timers.schedule(delay, self._fire, timer)),)

    def stop(self, timer: Event) -> None:
        """Stop a timer, where it runs."""
        for name, running in self._running:
            if name is timer:
                running.cancel()
                self._drop(timer)

    def transport_failed(self) -> None:
        """The flow was lost: nothing to a machine that has ended meanwhile."""
        if self.state is not State.TERMINATED:
            self.happen(Event.TRANSPORT_ERROR)

    def abandon(self) -> None:
        """End at once, without telling anybody."""
        self._enter(State.TERMINATED)

    def terminated(self) -> None:
        """The machine came to its end: whoever keeps it lets it go."""

    def _fire(self, timer: Event) -> None:
        self._drop(timer)
        self.happen(timer)

    def _drop(self, timer: Event) -> None:
        self._running = tuple([pair for pair in self._running if pair[0] is not timer])

    def _runs(self, timer: Event) -> bool:
        return any(name is timer for name, _ in self._running)

    def _enter(self, state: State) -> None:
        self.state = state
        wanted = self.table.running[state]
        for timer, _ in self._running:
            if timer not in wanted:
                self.stop(timer)
        for timer in wanted:
            if not self._runs(timer):
                self._begin(timer)
        if state is State.TERMINATED:
            self.terminated()

    def _begin(self, timer: Event) -> None:
        delay = first_delay(timer, self.reliable)
        if delay == 0.0:
            self.happen(timer)
        elif delay is not None:
            self._interval = T1
            self.start(timer, delay)
