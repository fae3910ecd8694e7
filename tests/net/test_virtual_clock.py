"""Virtual time: order, leaps, causes, errors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.error import AlreadyCalled, AlreadyCancelled
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.task import LoopingCall
from zope.interface.verify import verifyObject

import harness.net.clock
from harness.errors import HarnessError
from harness.net.clock import VirtualClock
from harness.net.trace import Trace

delays = st.lists(st.floats(0, 1000, allow_nan=False), max_size=40)


@given(delays)
def test_calls_run_by_time_and_then_in_the_order_of_asking(wanted: list[float]) -> None:
    """Due time decides; among equals, who asked first."""
    clock, made = VirtualClock(), []
    for number, delay in enumerate(wanted):
        clock.callLater(delay, lambda n=number: made.append((clock.seconds(), n)))
    clock.run_for(1000)
    assert made == sorted((delay, number) for number, delay in enumerate(wanted))


@given(delays, st.floats(0, 1000))
def test_time_leaps_to_each_due_call_and_ends_where_it_was_asked_to(wanted: list[float], end: float) -> None:
    """`run_for` makes what is due by its end, and no more."""
    clock, made = VirtualClock(start=0.0), []
    for delay in wanted:
        clock.callLater(delay, lambda: made.append(clock.seconds()))
    clock.run_for(end)
    assert made == sorted(delay for delay in wanted if delay <= end)
    assert clock.seconds() == end


@given(st.lists(st.tuples(st.floats(0, 10), st.sampled_from(["run", "cancel", "reset", "delay"])), max_size=30))
def test_cancelled_and_moved_calls_are_where_they_were_put(plan: list[tuple[float, str]]) -> None:
    """cancel, reset and delay leave no trace of the old place."""
    clock, made, expected = VirtualClock(), [], []
    for number, (delay, fate) in enumerate(plan):
        call = clock.callLater(delay, lambda n=number: made.append((clock.seconds(), n)))
        if fate == "cancel":
            call.cancel()
            continue
        if fate == "reset":
            call.reset(5)
        elif fate == "delay":
            call.delay(2.5)
        expected.append(({"reset": 5, "delay": delay + 2.5}.get(fate, delay), number))
        assert call.getTime() == expected[-1][0]
    assert [call.getTime() for call in clock.getDelayedCalls()] == sorted(time for time, _ in expected)
    clock.run_for(100)
    assert made == sorted(expected)
    assert clock.getDelayedCalls() == []


def test_it_is_a_reactors_time() -> None:
    """The interfaces of Twisted are provided in full."""
    clock = VirtualClock()
    call = clock.callLater(1, int)
    verifyObject(IReactorTime, clock)
    verifyObject(IDelayedCall, call)


def test_a_call_is_cancelled_or_made_once() -> None:
    """What is over cannot be cancelled again, as in Twisted."""
    clock = VirtualClock()
    made, cancelled = clock.callLater(0, int), clock.callLater(0, int)
    cancelled.cancel()
    clock.run_for(0)
    assert not made.active()
    with pytest.raises(AlreadyCalled):
        made.cancel()
    with pytest.raises(AlreadyCancelled):
        cancelled.reset(1)


@pytest.mark.parametrize("delay", [-0.1, float("nan"), float("inf")])
def test_what_is_no_delay_is_refused(delay: float) -> None:
    """A delay is a number of seconds from 0."""
    with pytest.raises(ValueError, match="delay"):
        VirtualClock().callLater(delay, int)


def test_run_until_stops_at_the_moment_in_which_the_predicate_is_met() -> None:
    """Time stands where the predicate became true; without that, at the deadline."""
    clock, made = VirtualClock(), []
    for second in range(1, 10):
        clock.callLater(second, made.append, second)
    assert clock.run_until(lambda: 4 in made, 100)
    assert clock.seconds() == 4
    assert not clock.run_until(lambda: False, 2)
    assert (clock.seconds(), made[-1]) == (6, 6)
    assert not clock.run_until(lambda: False)
    assert (clock.seconds(), clock.step()) == (9, False)


def test_a_step_is_one_call() -> None:
    """`step` makes exactly one call."""
    clock, made = VirtualClock(), []
    clock.callLater(1, made.append, "a")
    clock.callLater(1, made.append, "b")
    assert clock.step()
    assert made == ["a"]


def test_an_error_comes_out_with_its_traceback_and_time_goes_on_behind_it() -> None:
    """Errors of delayed calls are raised to the one who runs the time."""
    clock, made = VirtualClock(), []

    def break_something() -> None:
        raise LookupError("broken")

    clock.callLater(1, break_something)
    clock.callLater(2, made.append, "after")
    with pytest.raises(LookupError) as caught:
        clock.run_for(3)
    assert caught.traceback[-1].name == "break_something"
    clock.run_for(3)
    assert made == ["after"]


def test_a_loop_at_one_instant_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that calls itself for ever without time moving ends in an error that names it, and without it."""
    monkeypatch.setattr(harness.net.clock, "MAX_AT_ONE_INSTANT", 100)
    clock = VirtualClock()

    def for_ever() -> None:
        clock.callLater(0, for_ever)

    clock.callLater(0, for_ever)
    with pytest.raises(HarnessError, match="for_ever"):
        clock.run_for(1)
    for _ in range(50):
        clock.callLater(0, int)
    clock.run_for(1)
    assert clock.seconds() == 1


def test_many_calls_are_no_loop_when_time_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only calls without time moving count."""
    monkeypatch.setattr(harness.net.clock, "MAX_AT_ONE_INSTANT", 10)
    clock = VirtualClock()
    ticks = LoopingCall(int)
    ticks.clock = clock
    ticks.start(0.01)
    clock.run_for(10)
    assert clock.seconds() == 10


def test_time_cannot_be_run_from_within() -> None:
    """A call that runs the time itself is told so."""
    clock = VirtualClock()
    clock.callLater(0, clock.run_for, 1)
    with pytest.raises(HarnessError, match="already running"):
        clock.run_for(1)


def test_a_looping_call_ticks_on_virtual_time() -> None:
    """twisted.internet.task.LoopingCall takes the clock."""
    clock, ticks = VirtualClock(), []
    loop = LoopingCall(lambda: ticks.append(clock.seconds()))
    loop.clock = clock
    loop.start(1.5)
    clock.run_for(4)
    assert ticks == [0, 1.5, 3.0]


def test_many_cancelled_calls_do_not_stay_in_the_queue() -> None:
    """What is moved again and again costs one place, not one for each move."""
    clock = VirtualClock()
    call = clock.callLater(1, int)
    for _ in range(1000):
        call.reset(1)
    assert len(clock._queue) < 200
    for _ in range(1000):
        clock.callLater(1, int).cancel()
    assert len(clock._queue) < 200


def test_a_cancelled_call_keeps_nothing_alive() -> None:
    """What it would have called may be large."""
    call = VirtualClock().callLater(1, print, "large")
    call.cancel()
    assert (call.args, call.kw) == ((), {})


def test_a_delayed_call_keeps_the_cause_of_the_moment_it_was_made() -> None:
    """A retransmission belongs to what made it necessary."""
    trace = Trace()
    clock = VirtualClock(trace)
    seen = []
    press = trace.add("press", "bob", "server", "", "Away")
    with trace.caused_by(press):
        clock.callLater(1, lambda: clock.callLater(1, lambda: seen.append(trace.cause)))
    clock.callLater(1, lambda: seen.append(trace.cause))
    clock.run_for(2)
    assert seen == [0, press]
    assert trace.cause == 0
