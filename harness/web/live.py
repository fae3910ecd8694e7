"""Scenarios that are told while people look: the page waits at each step, goes on, and may be stopped before the next.

The page has a reactor of its own, which is turned wherever a scenario would let time pass. Virtual time moves no
faster than a person can follow, and stands still while the run is stopped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, maybeDeferred

from harness.errors import HarnessError
from harness.net.trace import Trace
from harness.scenario.realtime import fresh_reactor
from harness.web.picture import Plain, picture_of

if TYPE_CHECKING:
    from harness.errors import InputError
    from harness.net.world import World
    from harness.scenario.result import Failure, Result, RunResult
    from harness.scenario.run import Listener
    from harness.scenario.runner import Telling

STEP_S = 0.6
"""Seconds of real time before each step, so that a person can see what the one before has done."""
FAILED_S = 3.0
"""Seconds that a person has to see what has failed, before the phones leave."""
MAX_GAP_S = 0.5
"""Seconds that a span of virtual time takes at most."""
LEAVING_GAP_S = 0.02
"""The same while the phones leave: nobody waits to see that."""
MAX_FAILURES = 5
"""Failures that are told, the last ones."""
SLOW = 100
"""How many times slower slow motion is: a hop of a millisecond takes a tenth of a second."""
TURN_S = 0.05
LEAVE_S = 1.0

RUNNING, PAUSED, TOLD, WAITING, ENDED = "running", "paused", "all steps are told", "waiting for a page", "ended"


class Stopped(HarnessError):
    """The run was ended before its last scenario."""

    exit_code = 130  # as a shell tells SIGINT


class LiveRun:
    """The desk of a run, its onlooker (`scenario.run.Onlooker`) and one of its listeners."""

    mode = "run"
    acts = frozenset(("pause", "step", "go", "slow"))

    def __init__(self, paused: bool = False) -> None:
        """`paused`: stop before the first step."""
        self.reactor: Any = fresh_reactor()
        self.title = "run"
        self.on_renewed: Callable[[], None] = _nothing
        self.on_news: Callable[[], None] = _nothing
        self.anybody: Callable[[], bool] = lambda: True
        """Whether somebody looks: nothing begins before."""
        self.listener: Listener | None = None
        """Who else is told of the run."""
        self._telling: Telling | None = None
        self._world: World | None = None
        self._trace = Trace(enabled=False)
        self._steps: list[Plain] = []
        self._verdicts: Counter[str] = Counter()
        self._failures: list[Plain] = []
        self._failed_before, self._leaving = 0, False
        self._number = self._of = 0
        self._paused, self._slow, self._ended, self._interrupted = paused, False, False, False
        self._gate: Deferred[None] | None = None
        self.reactor.addSystemEventTrigger("before", "shutdown", self._interrupt)
        self.reactor.startRunning()

    # what is seen

    @property
    def trace(self) -> Trace:
        """The trace of the scenario that is told."""
        return self._trace

    def pictures(self) -> Mapping[str, Callable[[], Plain]]:
        """See `Desk`."""
        target = self._telling.target if self._telling is not None else None
        return {name: partial(picture_of, phone) for name, phone in target.phones.items()} if target else {}  # type: ignore[arg-type]

    def standing(self) -> Plain:
        """See `Desk`."""
        scenario = self._telling.scenario if self._telling is not None else None
        return {
            "run": {
                "name": scenario.title if scenario else "",
                "why": scenario.why if scenario else "",
                "number": self._number,
                "of": self._of,
                "state": self._stands(),
                "slow": self._slow,
                "virtual": self._world.virtual if self._world is not None else True,
                "verdicts": dict(self._verdicts),
                "failures": list(self._failures[-MAX_FAILURES:]),
            },
            "steps": [dict(step) for step in self._steps],
        }

    def _stands(self) -> str:
        if not self.anybody():
            return WAITING
        if self._ended:
            return ENDED
        if self._paused and self._gate is not None:
            return PAUSED
        return TOLD if self._leaving else RUNNING

    def perform(self, act: str, said: Mapping[str, Any]) -> None:
        """See `Desk`."""
        if act == "slow":
            self._slow = said["on"]
        else:
            self._paused = act != "go"
            if act != "pause":
                self._open()
        self.on_news()

    # Onlooker: while a scenario is told

    def begins(self, telling: Telling, world: World) -> None:
        """A scenario is about to be told."""
        self._telling, self._world, self._trace = telling, world, world.trace
        self._number += 1
        self._steps = [{"text": step.text, "verdict": ""} for step in telling.scenario.steps]
        self._failed_before, self._leaving = len(self._failures), False
        self.title = telling.result.id
        if world.virtual:
            world.meanwhile = self._meanwhile
        self.turn_until(self.anybody)
        self.on_renewed()

    def before(self, number: int) -> Deferred[None]:
        """Fires when the step of that index may be made; one more than there are: when the phones may leave."""
        self._take_verdicts()
        if number == 0:
            self.on_renewed()  # the phones are there now
        self._leaving = number == len(self._steps)
        if not self._leaving:
            self._steps[number]["verdict"] = "running"
        gate: Deferred[None] = Deferred()
        self._gate = gate
        if not self._paused:
            failed = len(self._failures) > self._failed_before
            self.reactor.callLater(FAILED_S if failed else STEP_S, self._go_on, gate)
        self.on_news()
        return gate

    def run(self, begin: Callable[[Any], Deferred[Any]]) -> None:
        """Tell a scenario in real time, on the page's reactor; raises what it failed with."""
        outcome: list[Any] = []
        begin(self.reactor).addBoth(outcome.append)
        self.turn_until(lambda: bool(outcome))
        if hasattr(outcome[0], "raiseException"):
            outcome[0].raiseException()

    def _go_on(self, gate: Deferred[None]) -> None:
        """The time of one step is over, unless somebody has stopped meanwhile."""
        if self._gate is gate and not self._paused:
            self._open()

    def _open(self) -> None:
        gate, self._gate = self._gate, None
        if gate is not None:
            gate.callback(None)

    def _take_verdicts(self) -> None:
        if self._telling is not None:
            for shown, step in zip(self._steps, self._telling.result.steps, strict=False):
                shown["verdict"] = step.verdict
            self._failures[self._failed_before :] = map(self._failure, self._telling.result.failures)

    def _failure(self, failure: Failure) -> Plain:
        """What has failed in the scenario that is told."""
        return {"scenario": self.title, "step": failure.step, "why": failure.message, "road": failure.road}

    def _meanwhile(self) -> None:
        """Virtual time has made a call, and would go to the next."""
        network: Any = self._world.network if self._world is not None else None
        due = network.next_time()
        gap = due - network.seconds() if due is not None else 0.0
        longest = LEAVING_GAP_S if self._leaving else MAX_GAP_S
        until = self.reactor.seconds() + min(gap * (SLOW if self._slow else 1), longest)
        self.turn_until(lambda: self._gate is None and self.reactor.seconds() >= until, until)

    # the page's reactor

    def turn_until(self, done: Callable[[], bool], until: float | None = None) -> None:
        """Serve the page until something is so; raises KeyboardInterrupt where the run is to end."""
        while not done():
            if self._interrupted:
                raise KeyboardInterrupt
            left = TURN_S if until is None else max(0.0, min(until - self.reactor.seconds(), TURN_S))
            due = self.reactor.timeout()
            self.reactor.iterate(left if due is None else min(left, due))

    def stay(self) -> None:
        """Serve the page until the program is to end."""
        with suppress(KeyboardInterrupt):
            self.turn_until(lambda: False)

    def leave(self, stop: Callable[[], Deferred[Any]]) -> None:
        """Close what is open; a moment is given to it."""
        self._interrupted = False
        gone: list[Any] = []
        maybeDeferred(stop).addBoth(gone.append)
        until = self.reactor.seconds() + LEAVE_S
        self.turn_until(lambda: bool(gone) or self.reactor.seconds() > until, until)

    @property
    def over(self) -> bool:
        """Whether all has been told."""
        return self._ended

    def _interrupt(self) -> None:
        self._interrupted = True

    # Listener: of the whole run

    def collected(self, scenarios: int, files: int) -> None:
        """How much there is to do."""
        self._of = scenarios
        if self.listener is not None:
            self.listener.collected(scenarios, files)

    def unreadable(self, error: InputError) -> None:
        """What cannot be read."""
        if self.listener is not None:
            self.listener.unreadable(error)

    def finished(self, result: Result) -> None:
        """A scenario has been told."""
        self._verdicts[result.verdict] += 1
        self._take_verdicts()
        self.on_news()
        if self.listener is not None:
            self.listener.finished(result)

    def ended(self, run: RunResult) -> None:
        """That was all."""
        self._ended = True
        self.on_news()
        if self.listener is not None:
            self.listener.ended(run)


def _nothing() -> None:
    """Stands where nobody wants to know."""
