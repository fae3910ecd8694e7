"""Virtual time: one queue of due calls and deliveries; time leaps from one to the next."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from typing import Any

from twisted.internet.error import AlreadyCalled, AlreadyCancelled
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from zope.interface import implementer

from harness.errors import HarnessError
from harness.net.trace import Trace

MAX_AT_ONE_INSTANT = 1_000_000
"""Calls without time moving, after which the next is not made: something loops for ever."""
MIN_STALE = 64
"""Cancelled entries that the queue holds before it is worth clearing them."""

_DUE, _CALLED, _CANCELLED = range(3)


@implementer(IDelayedCall)
class VirtualCall:
    """A delayed call; it keeps the trace's cause of the moment in which it was made."""

    __slots__ = ("_clock", "args", "cause", "function", "kw", "sequence", "state", "time")

    def __init__(self, clock: VirtualClock, time: float, function: Callable[..., object],
                 args: tuple[Any, ...], kw: dict[str, Any]) -> None:  # fmt: skip
        self._clock = clock
        self.function, self.args, self.kw = function, args, kw
        self.cause = clock.trace.cause
        self.state = _DUE
        self.time = time
        self.sequence = clock.enqueue(self)

    def getTime(self) -> float:
        return self.time

    def active(self) -> bool:
        return self.state == _DUE

    def cancel(self) -> None:
        self._must_be_due()
        self.state = _CANCELLED
        self.function, self.args, self.kw = _nothing, (), {}
        self._clock.went_stale()

    def reset(self, secondsFromNow: float) -> None:
        self._move(self._clock.time_in(secondsFromNow))

    def delay(self, secondsLater: float) -> None:
        self._move(max(self.time + secondsLater, self._clock.seconds()))

    def _move(self, time: float) -> None:
        self._must_be_due()
        self.time = time
        self.sequence = self._clock.enqueue(self)
        self._clock.went_stale()

    def _must_be_due(self) -> None:
        if self.state == _CANCELLED:
            raise AlreadyCancelled
        if self.state == _CALLED:
            raise AlreadyCalled

    def __str__(self) -> str:
        name = getattr(self.function, "__qualname__", type(self.function).__qualname__)
        owner = getattr(self.function, "__self__", None)
        protocol = getattr(owner, "protocol", None)
        return f"{name} of {type(protocol).__qualname__}" if protocol is not None else name


def _nothing() -> None:
    """What a cancelled call holds, so that it keeps nothing alive."""


@implementer(IReactorTime)
class VirtualClock:
    """IReactorTime on one queue ordered by time and then by the order of asking.

    An exception in a call ends the `run_*` or `step` that made it and comes out there with its
    traceback; the queue stays whole, and one may go on. Times are seconds.
    """

    def __init__(self, trace: Trace | None = None, start: float = 0.0) -> None:
        self.trace = trace if trace is not None else Trace(enabled=False)
        self._now = start
        self._queue: list[tuple[float, int, VirtualCall]] = []
        self._sequence = 0
        self._stale = 0
        self._at_one_instant = 0
        self._running = False

    def seconds(self) -> float:
        return self._now

    def time_in(self, delay: float) -> float:
        """The time `delay` seconds from now; ValueError for what is no delay."""
        if not 0 <= delay < math.inf:
            raise ValueError(f"a delay is 0 or more seconds, not {delay}")
        return self._now + delay

    def callLater(self, delay: float, callable: Callable[..., object], *args: Any, **kw: Any) -> VirtualCall:
        return VirtualCall(self, self.time_in(delay), callable, args, kw)

    def call_at(self, time: float, function: Callable[..., object], *args: Any) -> VirtualCall:
        """`callLater` with a time of the clock, which must not be past."""
        return VirtualCall(self, time, function, args, {})

    def getDelayedCalls(self) -> list[VirtualCall]:
        """The calls that are due, in the order in which they will run."""
        return [call for _, sequence, call in sorted(self._queue[:]) if _is_live(sequence, call)]

    def enqueue(self, call: VirtualCall) -> int:
        """Put a call at its place; an earlier place of it is stale from now on."""
        self._sequence = sequence = self._sequence + 1
        heapq.heappush(self._queue, (call.time, sequence, call))
        return sequence

    def went_stale(self) -> None:
        """One entry of the queue is not valid any more; many are cleared out together."""
        self._stale += 1
        if self._stale > MIN_STALE and self._stale * 2 > len(self._queue):
            self._queue = [entry for entry in self._queue if _is_live(entry[1], entry[2])]
            heapq.heapify(self._queue)
            self._stale = 0

    def next_time(self) -> float | None:
        """When the next call is due, or nothing when none is."""
        queue = self._queue
        while queue and not _is_live(queue[0][1], queue[0][2]):
            heapq.heappop(queue)
            self._stale -= 1
        return queue[0][0] if queue else None

    def step(self) -> bool:
        """Leap to the next call and make it; False when there is none."""
        return self._run(None, math.inf, steps=1) is not None

    def run_for(self, seconds: float) -> None:
        """Make all calls of the next `seconds`, those at the end included; then that time is now."""
        self._run(None, self.time_in(seconds))

    advance = run_for

    def run_until(self, predicate: Callable[[], bool], timeout: float | None = None) -> bool:
        """Run until `predicate()`, tested now and after each call, is true; False after `timeout` seconds.

        Without a timeout, False when nothing is left to do.
        """
        if predicate():
            return True
        return bool(self._run(predicate, math.inf if timeout is None else self.time_in(timeout)))

    def _run(self, predicate: Callable[[], bool] | None, deadline: float, steps: int = 0) -> bool | None:
        """True when the predicate was met or the steps were made; None when time or calls ran out."""
        if self._running:
            raise HarnessError("virtual time is already running: a call that it makes cannot run it again")
        self._running = True
        try:
            while (time := self.next_time()) is not None and time <= deadline:
                self._make_next()
                steps -= 1
                if steps == 0 or (predicate is not None and predicate()):
                    return True
            if deadline < math.inf:
                self._leap(deadline)
            return None
        finally:
            self._running = False

    def _leap(self, time: float) -> None:
        if time > self._now:
            self._now = time
            self._at_one_instant = 0

    def _make_next(self) -> None:
        time, _, call = heapq.heappop(self._queue)
        self._leap(time)
        self._at_one_instant += 1
        if self._at_one_instant > MAX_AT_ONE_INSTANT:
            self._at_one_instant = 0
            raise HarnessError(f"{call} was the last of {MAX_AT_ONE_INSTANT} calls without time moving: "
                               "something waits for nothing in a loop")  # fmt: skip
        call.state = _CALLED
        self.trace.cause = call.cause
        try:
            call.function(*call.args, **call.kw)
        finally:
            self.trace.cause = 0


def _is_live(sequence: int, call: VirtualCall) -> bool:
    return call.state == _DUE and call.sequence == sequence
