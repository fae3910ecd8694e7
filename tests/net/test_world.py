"""Stories, waiting, seeds."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import CancelledError, Deferred, fail
from twisted.logger import Logger
from twisted.python.failure import Failure

from harness.errors import HarnessError
from harness.net.simulated import SimulatedReactor
from harness.net.trace import Trace
from harness.net.world import EPOCH, World


def test_a_story_runs_in_virtual_time_and_gives_its_value() -> None:
    """`run` advances time until the story is told."""

    async def story(world: World) -> tuple[float, str]:
        await world.sleep(3600)
        return world.seconds(), "told"

    assert World.simulated().run(story) == (3600.0, "told")


def test_a_story_that_raises_raises_where_it_was_run() -> None:
    """With its own traceback."""

    async def story(world: World) -> None:
        await world.sleep(1)
        raise LookupError("of the story")

    with pytest.raises(LookupError, match="of the story") as caught:
        World.simulated().run(story)
    assert any(entry.name == "story" for entry in caught.traceback)


def test_an_error_elsewhere_ends_the_story() -> None:
    """An exception in a delayed call comes out of `run`, and the story is ended in good order."""
    ended = []

    async def story(world: World) -> None:
        world.call_later(1, {}.__getitem__, "missing")
        try:
            await world.sleep(10)
        except CancelledError:
            ended.append(world.seconds())
            raise

    with pytest.raises(KeyError):
        World.simulated().run(story)
    assert ended == [1.0]


def test_a_failure_that_nobody_heard_is_not_lost() -> None:
    """A Deferred that failed without an errback fails the run."""

    async def story(world: World) -> None:
        fail(LookupError("unheard"))
        await world.sleep(1)

    with pytest.raises(LookupError, match="unheard"):
        World.simulated().run(story)


def test_what_is_logged_after_the_story_is_not_its_business() -> None:
    """A world listens to Twisted's log while it runs."""

    async def story(world: World) -> None:
        await world.sleep(1)

    world = World.simulated()
    world.run(story)
    Logger().failure("of another", Failure(LookupError()))
    assert world.errors == []


def test_a_story_that_waits_for_nothing_is_an_error() -> None:
    """Without anything that could happen, the time at which it stands is told."""

    async def story(world: World) -> None:
        await world.sleep(2)
        await Deferred()

    with pytest.raises(HarnessError, match=r"at 2\.000000 s"):
        World.simulated().run(story)


def test_a_story_that_never_ends_is_given_up() -> None:
    """After `limit_s` seconds of virtual time."""

    async def story(world: World) -> None:
        while True:
            await world.sleep(60)

    with pytest.raises(HarnessError, match="what will not happen"):
        World.simulated().run(story, limit_s=3600)


def test_waiting_ends_with_the_event_that_was_waited_for() -> None:
    """A trace event makes predicates be tested again; nothing polls."""

    async def story(world: World) -> tuple[bool, float, int]:
        tested = []

        def lit() -> bool:
            tested.append(world.seconds())
            return any(event.hop == "screen" for event in world.trace.events)

        world.call_later(1.0, world.trace.add, "hint", "2000", "", "", "away")
        world.call_later(1.5, world.trace.add, "screen", "alice", "", "", "away")
        return await world.wait(lit, 10), world.seconds(), len(tested)

    assert World.simulated().run(story) == (True, 1.5, 3)


def test_waiting_ends_after_its_time() -> None:
    """False at the deadline, without a change True at once only if it holds already."""

    async def story(world: World) -> list[Any]:
        return [await world.wait(lambda: True, 5), world.seconds(),
                await world.wait(lambda: False, 5), world.seconds()]  # fmt: skip

    assert World.simulated().run(story) == [True, 0.0, False, 5.0]


def test_what_happens_at_the_deadline_still_counts() -> None:
    """Within 500 ms includes 500 ms."""

    async def story(world: World) -> bool:
        seen: list[int] = []
        waiting = world.wait(lambda: bool(seen), 0.5)
        world.call_later(0.5, seen.append, 1)
        return await waiting

    assert World.simulated().run(story)


def test_changed_tests_predicates_without_the_trace() -> None:
    """Where the trace is off, `changed` says that something may have changed."""

    async def story(world: World) -> float:
        lamp: list[str] = []

        def light() -> None:
            lamp.append("on")
            world.changed()

        world.call_later(1, light)
        assert await world.wait(lambda: bool(lamp), 10)
        return world.seconds()

    assert World.simulated(trace=Trace(enabled=False)).run(story) == 1.0


def test_a_predicate_is_not_tested_in_the_midst_of_what_changes() -> None:
    """The story goes on when the call that changed something has ended."""
    order = []

    async def story(world: World) -> None:
        def change() -> None:
            world.trace.add("note", "x", "", "", "")
            order.append("changed")

        world.call_later(1, change)
        await world.wait(lambda: bool(world.trace.events), 5)
        order.append("seen")

    World.simulated().run(story)
    assert order == ["changed", "seen"]


def test_a_predicate_that_raises_raises_in_the_story() -> None:
    """It is the story's own error."""

    async def story(world: World) -> None:
        world.call_later(1, world.changed)
        await world.wait(lambda: world.seconds() > 0 and {}["no"], 5)

    with pytest.raises(KeyError):
        World.simulated().run(story)


def test_waiting_can_be_cancelled() -> None:
    """Then nothing is left of it."""
    world = World.simulated()
    waiting = world.wait(lambda: False, 5)
    waiting.addErrback(lambda failure: failure.trap(CancelledError))
    waiting.cancel()
    sleeping = world.sleep(5)
    sleeping.addErrback(lambda failure: failure.trap(CancelledError))
    sleeping.cancel()
    assert world.network.getDelayedCalls() == []  # type: ignore[attr-defined]


def test_the_epoch_is_fixed_and_moves_with_time() -> None:
    """Dates in a simulated world are the same in each run, wherever its clock starts."""
    world = World.simulated(start=500.0)
    assert world.epoch() == EPOCH
    world.network.run_for(2.5)  # type: ignore[attr-defined]
    assert world.epoch() == EPOCH + 2.5
    assert world.trace.events == []
    world.trace.add("note", "x", "", "", "")
    assert world.trace.events[0].time == 2.5


@given(st.integers(), st.text(), st.text())
def test_each_element_has_its_own_numbers(seed: int, one: str, other: str) -> None:
    """Seed and name decide; another name, or asking again, gives others."""
    first, second = World.simulated(seed), World.simulated(seed)
    assert first.random_for(one).random() == second.random_for(one).random()
    if other not in (one, f"{one}x"):
        assert first.random_for(other).random() != second.random_for(f"{one}x").random()
    assert first.random_for(one).random() != World.simulated(seed).random_for(one).random()


def test_identifiers_are_seeded_by_name() -> None:
    """An element that starts again does not repeat its Call-IDs."""
    world, again = World.simulated(7), World.simulated(7)
    first = world.identifiers("bob").call_id()
    assert first == again.identifiers("bob").call_id()
    assert first not in (world.identifiers("alice").call_id(), world.identifiers("bob").call_id())


def test_only_virtual_time_can_be_run() -> None:
    """In the real world the caller runs the reactor."""

    class Reactor:
        def seconds(self) -> float:
            return 0.0

        def getDelayedCalls(self) -> list[Any]:
            return []

    async def story(world: World) -> None:
        pass

    world = World.real(Reactor())
    try:
        assert not world.virtual
        with pytest.raises(HarnessError, match="run the reactor"):
            world.run(story)
    finally:
        world.close()


def test_a_lasting_world_keeps_one_failure_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without what its frames hold, for a peer could fill the memory with that. Who waits is not told."""
    cleaned: list[Failure] = []
    # pytest's plug-in for Twisted leaves nothing of the method itself
    monkeypatch.setattr(Failure, "cleanFailure", lambda failure: cleaned.append(failure))
    world = World.real(SimulatedReactor(Trace(), random.Random(1)), lasting=True)
    try:
        for number in (1, 2):
            Logger().failure("a peer's doing", Failure(LookupError(number)))
        waiting = world.wait(lambda: True, 1)
    finally:
        world.close()
    assert [failure.value.args for failure in cleaned] == [(1,), (2,)]
    assert world.errors == cleaned[1:]
    assert waiting.result is True


OFFICE = Path(__file__).parent / "office.py"


def told(seed: str, hash_seed: str, folder: Path) -> bytes:
    """The trace of a small office in a process of its own."""
    root = Path(__file__).parents[2]
    environment = {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(root)}
    done = subprocess.run([sys.executable, str(OFFICE), seed], cwd=folder, env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def test_one_seed_gives_one_trace_in_every_process(tmp_path: Path) -> None:
    """Byte for byte, whatever the hash seed and the folder; another seed gives another."""
    trace = told("1", "0", tmp_path)
    assert trace == told("1", "4711", Path.cwd())
    assert trace != told("2", "0", tmp_path)
    assert trace.count(b"\n") > 50
    for hop in (b'"arrived"', b'"sip"', b'"lost"'):
        assert hop in trace
