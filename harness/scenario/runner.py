"""Tells one scenario on one target, tears down, checks what must hold afterwards, and judges."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from twisted.internet.defer import CancelledError, Deferred

from harness.errors import HarnessError, InputError, TargetError
from harness.scenario.invariants import violations
from harness.scenario.model import Scenario, Step
from harness.scenario.result import (
    ERROR,
    FAILED,
    INCONCLUSIVE,
    PASSED,
    SKIPPED,
    XFAILED,
    Failure,
    Result,
    StepResult,
    shown_events,
)
from harness.scenario.road import road_end
from harness.scenario.story import StepFailed, Story
from harness.scenario.target import RoadMap, Target
from harness.scenario.watching import warned

if TYPE_CHECKING:
    from harness.net.world import World

MAX_TRACEBACK = 6000
"""Characters of a traceback that are kept, the end of it."""
STEP = "scenario"
"""Who does the steps, on the trace."""


class Onlooker(Protocol):
    """Somebody who follows a run as it goes, and may hold it up."""

    def begins(self, telling: Telling, world: World) -> None:
        """A scenario is about to be told."""

    def before(self, number: int) -> Deferred[None]:
        """Fires when the step of that index may be made; one more than there are: when the phones may leave."""

    def run(self, begin: Callable[[Any], Deferred[Any]]) -> None:
        """In real time: as `realtime.run_on_fresh_reactor`, on a reactor of the onlooker's."""


@dataclass(slots=True)
class Telling:
    """One scenario being told.  What has been found out stays here, whatever breaks."""

    scenario: Scenario
    result: Result
    make: Callable[[World], Target]
    target: Target | None = None
    story: Story | None = None
    onlooker: Onlooker | None = None

    async def tell(self, world: World) -> None:
        """Start, tell, stop, check.  Never raises: what goes wrong becomes a failure."""
        began = world.seconds()
        try:
            await self._told(world)
        except CancelledError:
            raise  # the world broke, and says why itself
        except Exception as error:
            self.broken(error)
        self.result.story_s = world.seconds() - began

    async def _told(self, world: World) -> None:
        target = self.target = self.make(world)
        self.result.target = target.name
        self.result.warnings += [str(note) for note in getattr(target, "notes", ())]
        self.result.checksum = getattr(target, "checksum", "")
        lacking = [each for each in self.scenario.requires if each not in target.capabilities]
        if lacking:
            self._skip(f"the target {target.name} lacks {', '.join(lacking)}")
            return
        story = self.story = Story(target)
        try:
            await target.start()
            await self._steps(story)
            if self.onlooker is not None:
                await self.onlooker.before(len(self.scenario.steps))
        except CancelledError:
            raise
        except Exception as error:
            self.broken(error)
        with world.trace.caused_by(0):  # that they leave is no consequence of the last step
            leaving = world.start(self._stop(target))
        await leaving

    def _skip(self, reason: str) -> None:
        self.result.verdict, self.result.reason = SKIPPED, reason

    # steps

    async def _steps(self, story: Story) -> None:
        story.mark = story.began = 0
        acted = False
        for number, step in enumerate(self.scenario.steps):
            if self.onlooker is not None:
                await self.onlooker.before(number)
            if step.acts and not acted:
                story.began, acted = story.trace.last_seq, True
            if not await self._step(number, step, story):
                return
        self._check_unexpected(story)

    async def _step(self, number: int, step: Step, story: Story) -> bool:
        world, trace = story.world, story.trace
        began, before = world.seconds(), trace.last_seq
        said = {"index": number + 1, "verb": step.verb, "acts": step.acts, "text": step.text}
        seq = trace.add("step", STEP, STEP, "", said, 0)
        if step.acts:
            story.mark = before
            story.acted = f"{step.verb} in line {step.where.line}"
        self._note(number, verdict=ERROR, began_s=began)
        try:
            # the part of it that runs at once is caused by the step; what comes later has causes of its own
            with trace.caused_by(seq):
                done = world.start(_performed(step, story))
            await done
        except StepFailed as failed:
            self._ended(number, story, seq, FAILED, failed.message)
            self.result.marked = seq
            self.result.failures.append(self._failure(step, failed, story))
            self._keep_events(story)
            return False
        except CancelledError:
            raise
        except Exception as error:
            self._ended(number, story, seq, ERROR, f"{type(error).__name__}: {error}")
            raise
        self._ended(number, story, seq, PASSED)
        return True

    def _ended(self, number: int, story: Story, seq: int, verdict: str, why: str = "") -> None:
        """A step is over: its verdict in the result, and on the trace what ends the events of the step."""
        self._note(number, verdict=verdict, took_s=story.world.seconds() - self.result.steps[number].began_s)
        said = {"index": number + 1, "verdict": verdict} | ({"why": why} if why else {})
        story.trace.add("step", STEP, STEP, "", said, seq)

    def _note(self, number: int, **values: Any) -> None:
        steps = list(self.result.steps)
        steps[number] = replace(steps[number], **values)
        self.result.steps = tuple(steps)

    def _failure(self, step: Step, failed: StepFailed, story: Story) -> Failure:
        end = road_end(failed.match, story, self._map(story.target))
        return Failure(
            "step", failed.message, str(step.where), step.text, step.lines, step.where.line,
            failed.wanted, failed.seen, (*failed.hints, *warned(story)), str(end) if end else "",
            phone=failed.match.phone if failed.match else "",
        )  # fmt: skip

    @staticmethod
    def _map(target: Target) -> RoadMap | None:
        """What the target tells of its configuration, where it does."""
        explain = getattr(target, "explain", None)
        found = explain() if callable(explain) else None
        return found if isinstance(found, RoadMap) else None

    def _check_unexpected(self, story: Story) -> None:
        self.result.unexpected = story.unexpected()
        self.result.warnings += story.warnings
        if not self.scenario.strict:
            return
        said = [*(f"not expected: {each}" for each in self.result.unexpected), *story.warnings]
        for message in said:
            self.result.failures.append(Failure("strict", message, str(self.scenario.where)))
        if said:
            self._keep_events(story)

    def _keep_events(self, story: Story) -> None:
        if not self.result.events:
            self.result.events = shown_events(story.trace, story.mark)

    # the end

    async def _stop(self, target: Target) -> None:
        healthy = not any(each.kind in ("error", "target", "input") for each in self.result.failures)
        try:
            await target.stop()
            left = target.open_items()
        except CancelledError:
            raise
        except Exception as error:
            if healthy:  # after something of ours broke, that its teardown breaks too is no news
                self.broken(error, "teardown")
            return
        if not healthy:
            return
        where = str(self.scenario.where)
        found = [f"left over: {item}" for item in left] + violations(target.world.trace)
        self.result.failures += [Failure("invariant", message, where) for message in found]

    def broken(self, error: BaseException, kind: str = "error") -> None:
        """Write down an exception: of the target, of its input, or of ours."""
        where = str(self.scenario.where)
        details = ""
        if isinstance(error, TargetError):
            kind = "target"
        elif isinstance(error, InputError):
            kind, self.result.unreadable = "input", True
        else:
            details = "".join(traceback.format_exception(error))[-MAX_TRACEBACK:]
        told = str(error) if isinstance(error, HarnessError) else f"{type(error).__name__}: {error}"
        self.result.failures.append(Failure(kind, told, where, details=details))

    def judge(self) -> None:
        """The verdict, from the failures and from what the scenario says of itself."""
        result, kinds = self.result, {failure.kind for failure in self.result.failures}
        if result.verdict == SKIPPED:
            return
        if kinds & {"error", "input", "teardown"}:
            result.verdict = ERROR
        elif "target" in kinds:
            result.verdict = INCONCLUSIVE
        elif self.scenario.xfail:
            self._judge_xfail(bool(kinds))
        else:
            result.verdict = FAILED if kinds else PASSED
        if result.failures and not result.reason:
            result.reason = result.failures[0].message

    def _judge_xfail(self, failed: bool) -> None:
        result = self.result
        if failed:
            result.verdict, result.reason = XFAILED, self.scenario.xfail
            return
        message = f"it passed, and was to fail: {self.scenario.xfail}"
        result.verdict = FAILED
        result.failures.append(Failure("xpass", message, str(self.scenario.where)))


async def _performed(step: Step, story: Story) -> None:
    """Do a step; what a target or phone refuses to do on purpose fails it, and is no error of ours."""
    try:
        await step.action.perform(story)
    except (StepFailed, InputError, TargetError):
        raise
    except HarnessError as error:
        raise StepFailed(str(error)) from error


def blank_result(scenario: Scenario, result_id: str, seed: int, repeat: int, real: bool) -> Result:
    """A result in which nothing has happened yet."""
    steps = tuple(
        StepResult(number, step.verb, step.text, str(step.where)) for number, step in enumerate(scenario.steps, 1)
    )
    return Result(
        result_id, scenario.title, scenario.file, str(scenario.where), why=scenario.why, tags=scenario.tags,
        steps=steps, seed=seed, repeat=repeat, config=str(scenario.config), real=real,
    )  # fmt: skip


def skipped(scenario: Scenario, result: Result) -> bool:
    """Whether it is not to be told at all; then the result says so."""
    reason = scenario.skip or (scenario.not_real if result.real else "")
    if reason:
        result.verdict, result.reason = SKIPPED, reason
    return bool(reason)


def tell_virtual(
    scenario: Scenario, result: Result, make: Callable[[World], Target], world: World, onlooker: Onlooker | None = None
) -> Telling:
    """Tell a scenario in virtual time."""
    telling = Telling(scenario, result, make, onlooker=onlooker)
    if onlooker is not None:
        onlooker.begins(telling, world)
    _timed(telling, lambda: world.run(telling.tell))
    return telling


def tell_real(
    scenario: Scenario,
    result: Result,
    make: Callable[[World], Target],
    open_world: Callable[[Any], World],
    onlooker: Onlooker | None = None,
) -> tuple[Telling, World]:
    """Tell a scenario in real time, on a reactor of its own or on the onlooker's."""
    from harness.scenario.realtime import run_on_fresh_reactor

    telling = Telling(scenario, result, make, onlooker=onlooker)
    worlds: list[World] = []

    def begin(reactor: Any) -> Any:
        worlds.append(open_world(reactor))
        if onlooker is not None:
            onlooker.begins(telling, worlds[0])
        return worlds[0].start(telling.tell)

    def told() -> None:
        try:
            (onlooker.run if onlooker is not None else run_on_fresh_reactor)(begin)
            if worlds[0].errors:
                worlds[0].errors[0].raiseException()
        finally:
            for world in worlds:
                world.close()

    _timed(telling, told)
    return telling, worlds[0]


def _timed(telling: Telling, tell: Callable[[], object]) -> None:
    began = time.perf_counter()
    try:
        tell()
    except Exception as error:
        telling.broken(error)
    telling.judge()
    result = telling.result
    if telling.story is not None and result.failures and not result.events:
        result.events = shown_events(telling.story.trace, telling.story.mark)
    result.wall_s = time.perf_counter() - began
