"""What everything is handed: one clock, one network, one seed, one trace."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from twisted.internet.defer import Deferred, ensureDeferred
from twisted.logger import LogEvent, globalLogPublisher
from twisted.python.failure import Failure

from harness.errors import HarnessError
from harness.net.interfaces import Call, Clock, Network
from harness.net.real import RealNetwork
from harness.net.simulated import SimulatedReactor
from harness.net.streams import MAX_STREAMS
from harness.net.trace import Trace
from harness.net.waiting import Predicate, Waits

if TYPE_CHECKING:
    from harness.net.carrier import Identifiers

EPOCH = 1767225600.0
"""Seconds since 1970 at which simulated worlds begin: 2026-01-01 00:00:00 UTC."""
LONGEST_STORY_S = 30 * 86400.0
"""Seconds of virtual time after which `World.run` gives a story up."""

T = TypeVar("T")
Story = Callable[["World"], Coroutine[Any, Any, T]] | Coroutine[Any, Any, T]


class World:
    """Nothing is global: who needs time, a socket, a random number or the trace has it from here.

    `clock` (IReactorTime) and `network` (IReactorUDP, IReactorTCP, the hook `condition`) are one object,
    simulated or real. The same seed gives the same bytes in a simulated world, in every process.
    """

    def __init__(
        self, network: Network, trace: Trace, seed: int | str, epoch: Callable[[], float]
    ) -> None:
        self.clock: Clock = network
        self.network = network
        self.trace = trace
        self.seed = seed
        self.random = random.Random(f"{seed}/world")
        self.errors: list[Failure] = []
        """What Twisted would only have logged: exceptions in protocols, failed Deferreds no one heard.

        In a lasting world only the last of them, without what its frames held.
        """
        self.lasting = False
        """Whether it goes on whatever went wrong: a server outlives what its clients make of it."""
        self.max_streams = MAX_STREAMS
        """Connections of one element over one transport; more are closed as they come."""
        self.epoch = epoch
        """Seconds since 1970, for Date and nonces; in a simulated world it begins at EPOCH."""
        self.meanwhile: Callable[[], None] | None = None
        """Called by `run` before time goes on to the next call: somebody may want to look."""
        self._waits = Waits(network)
        self._ear: Any = self._heard
        self._asked: dict[str, int] = {}
        trace.start_at(network.seconds)
        trace.listeners.append(lambda _event: self._waits.changed())

    @classmethod
    def simulated(cls, seed: int | str = 1, start: float = 0.0, trace: Trace | None = None,
                  latency_s: float | None = None, jitter_s: float = 0.0) -> World:  # fmt: skip
        """A world without sockets in virtual time, which begins at `start` seconds."""
        trace = trace if trace is not None else Trace()
        reactor = SimulatedReactor(trace, random.Random(f"{seed}/network"), start)
        reactor.jitter_s = jitter_s
        if latency_s is not None:
            reactor.latency_s = latency_s
        return cls(reactor, trace, seed, lambda: EPOCH + reactor.seconds() - start)

    @classmethod
    def real(cls, reactor: Any, seed: int | str = 1, trace: Trace | None = None, lasting: bool = False) -> World:
        """A world on the reactor that the caller runs; `close` it at the end."""
        trace = trace if trace is not None else Trace()
        world = cls(RealNetwork(reactor, trace), trace, seed, time.time)
        world.lasting = lasting
        world._hear_errors(True)
        return world

    @property
    def virtual(self) -> bool:
        """Whether time is virtual."""
        return isinstance(self.network, SimulatedReactor)

    def seconds(self) -> float:
        """The clock's time, in seconds; it has no relation to a calendar."""
        return self.clock.seconds()

    def call_later(self, delay: float, function: Callable[..., object], *args: Any) -> Call:
        """`clock.callLater`: in `delay` seconds, with the trace's cause of now."""
        return self.clock.callLater(delay, function, *args)

    def random_for(self, name: str) -> random.Random:
        """Random numbers of one element; who asks again under the same name gets new ones."""
        nth = self._asked[name] = self._asked.get(name, 0) + 1
        return random.Random(f"{self.seed}/{name}" if nth == 1 else f"{self.seed}/{name}/{nth}")

    def identifiers(self, name: str) -> Identifiers:
        """Branches, tags, Call-IDs of one element, from `random_for(name)`."""
        from harness.net.carrier import Identifiers  # only the carrier knows SIP

        return Identifiers(self.random_for(name))

    def changed(self) -> None:
        """Something that a predicate may look at has changed (trace events say it by themselves)."""
        self._waits.changed()

    def wait(self, predicate: Predicate, timeout_s: float) -> Deferred[bool]:
        """True as soon as `predicate()` is true, tested after each change; False after `timeout_s` seconds.

        What goes into `errors` fails it, but in a lasting world.
        """
        return self._waits.wait(predicate, timeout_s)

    def sleep(self, seconds: float) -> Deferred[None]:
        """Fires in `seconds`."""
        done: Deferred[None] = Deferred(lambda _: call.cancel())
        call = self.clock.callLater(seconds, done.callback, None)
        return done

    def start(self, story: Story[T]) -> Deferred[T]:
        """Begin a story, `async def story(world)`; the Deferred fires with what it returns.

        A story that ends well though there are `errors` fails with the first of them.
        """
        return ensureDeferred(story(self) if callable(story) else story).addCallback(self._unless_broken)

    def run(self, story: Story[T], limit_s: float = LONGEST_STORY_S) -> T:
        """Tell a story in virtual time to its end: gives what it returns, raises what went wrong.

        What goes wrong anywhere counts: the story, a protocol, a delayed call, a Deferred that nobody
        heard. HarnessError where the story waits for what cannot happen, or longer than `limit_s`.
        """
        reactor = self.network
        if not isinstance(reactor, SimulatedReactor):
            raise HarnessError("only virtual time can be run: start the story and run the reactor")
        self._hear_errors(True)
        told: Deferred[T] = self.start(story)
        outcome: list[T | Failure] = []
        told.addBoth(outcome.append)
        try:
            deadline = reactor.time_in(limit_s)
            reactor.run_until(lambda: self._watched() or bool(outcome or self.errors) or reactor.seconds() > deadline)
            return self._outcome(outcome)
        finally:
            self._hear_errors(False)
            told.cancel()
            outcome.clear()

    def _watched(self) -> bool:
        if self.meanwhile is not None:
            self.meanwhile()
        return False

    def close(self) -> None:
        """Listen no more to Twisted's log."""
        self._hear_errors(False)

    def _unless_broken(self, value: T) -> T:
        if self.errors:
            self.errors[0].raiseException()
        return value

    def _outcome(self, outcome: list[T | Failure]) -> T:
        if outcome and isinstance(outcome[0], Failure):
            outcome[0].raiseException()
        if self.errors:
            self.errors.pop(0).raiseException()
        if not outcome:
            raise HarnessError(f"at {self.seconds():.6f} s the story waits for what will not happen")
        value = outcome[0]
        assert not isinstance(value, Failure)
        return value

    def _hear_errors(self, hear: bool) -> None:
        if hear:
            globalLogPublisher.addObserver(self._ear)
        else:
            globalLogPublisher.removeObserver(self._ear)

    def _heard(self, event: LogEvent) -> None:
        # the second is how Twisted's older logging, which the reactors use, puts it
        failure = event.get("log_failure") or (event.get("isError") and event.get("failure"))
        if not isinstance(failure, Failure):
            return
        if self.lasting:
            failure.cleanFailure()  # type: ignore[no-untyped-call]
            self.errors[:] = [failure]
        else:
            self.errors.append(failure)
            self._waits.fail(failure)
