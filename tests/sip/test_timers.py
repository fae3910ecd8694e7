"""Timers without a clock."""

from __future__ import annotations

import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.sip.timers import BUCKET, TimerHandle, Timers


class TraceableHandle(TimerHandle):
    """A handle whose end can be seen."""

    __slots__ = ("__weakref__",)


def run_all(timers: Timers) -> list[float]:
    """Leap from one due time to the next, and say which these were."""
    leaps = []
    while (due := timers.next_due()) is not None:
        leaps.append(due)
        timers.advance(due)
    return leaps


def test_a_timer_fires_at_its_time_and_not_before() -> None:
    """Half a second is exactly half a second, in buckets of 10 ms."""
    timers, fired = Timers(), []
    timers.schedule(0.5, fired.append, "now")
    assert timers.next_due() == 0.5
    timers.advance(0.49)
    assert fired == []
    timers.advance(0.5)
    assert fired == ["now"]
    assert timers.next_due() is None


def test_the_order_is_by_due_time_and_then_by_scheduling() -> None:
    """Two timers of one bucket fire in the order of their own times, equal ones as they were scheduled."""
    timers, fired = Timers(), []
    timers.schedule(0.509, fired.append, "later in the bucket")
    timers.schedule(0.501, fired.append, "sooner in the bucket")
    timers.schedule(0.505, fired.append, "first of two")
    timers.schedule(0.505, fired.append, "second of two")
    timers.advance(1)
    assert fired == ["sooner in the bucket", "first of two", "second of two", "later in the bucket"]


def test_a_long_leap_runs_as_many_small_ones_would() -> None:
    """A callback sees its own due time as now, so what it schedules falls into the leap as well."""
    timers, seen = Timers(), []

    def tick() -> None:
        seen.append(timers.now)
        timers.schedule(1, tick)

    timers.schedule(1, tick)
    timers.advance(5.5)
    assert seen == [1, 2, 3, 4, 5]
    assert timers.now == 5.5


def test_a_timer_that_schedules_itself_without_delay_does_not_hold_time_still() -> None:
    """A delay of nothing means the next bucket, so that advance comes to an end."""
    timers, seen = Timers(), []

    def tick() -> None:
        seen.append(timers.now)
        timers.schedule(0, tick)

    timers.schedule(0, tick)
    timers.advance(5 * BUCKET)
    assert seen == pytest.approx([BUCKET * n for n in range(1, 6)])


def test_a_cancelled_timer_neither_fires_nor_is_leapt_to() -> None:
    """A bucket that holds cancelled timers alone is as good as none."""
    timers, fired = Timers(), []
    first = timers.schedule(1, fired.append, 1)
    second = timers.schedule(1, fired.append, 2)
    timers.schedule(3, fired.append, 3)
    first.cancel()
    assert timers.next_due() == 1
    second.cancel()
    second.cancel()
    assert timers.next_due() == 3
    assert run_all(timers) == [3]
    assert fired == [3]


def test_a_bucket_that_was_emptied_can_be_used_again() -> None:
    """Cancelling all of a bucket does not lose what is scheduled into it afterwards."""
    timers, fired = Timers(), []
    timers.schedule(1, fired.append, "cancelled").cancel()
    timers.schedule(1, fired.append, "kept")
    assert timers.next_due() == 1
    timers.advance(1)
    assert fired == ["kept"]


def test_a_timer_cancelled_by_another_of_its_bucket_does_not_fire() -> None:
    """Cancelling counts up to the moment of firing, also within one bucket."""
    timers, fired = Timers(), []
    timers.schedule(1, lambda: victim.cancel())
    victim = timers.schedule(1, fired.append, "victim")
    timers.advance(2)
    assert fired == []
    assert timers.next_due() is None


def test_cancelling_lets_go_of_what_the_callback_held() -> None:
    """A big object is not kept alive until the cancelled timer would have been due."""

    class Big:
        def fire(self) -> None: ...

    big = Big()
    gone = weakref.ref(big)
    timers = Timers()
    handle = timers.schedule(32, big.fire)
    argument = timers.schedule(32, print, big)
    del big
    handle.cancel()
    assert gone() is not None
    argument.cancel()
    assert gone() is None


def test_many_cancelled_timers_of_a_living_bucket_are_let_go() -> None:
    """A bucket with one long timer does not gather the handles of thousands of cancelled ones."""
    timers = Timers()
    timers.schedule(32, print)
    handles = []
    for _ in range(1000):
        handle = TraceableHandle(print)
        timers.arm(handle, 32)
        handle.cancel()
        handles.append(weakref.ref(handle))
    del handle
    assert sum(handle() is not None for handle in handles) < 100


def test_an_exception_reaches_the_caller_and_loses_no_other_timer() -> None:
    """What was due beside the failing callback runs at the next advance."""
    timers, fired = Timers(), []
    timers.schedule(1, fired.append, "before")
    timers.schedule(1, lambda: 1 / 0)
    timers.schedule(1, fired.append, "after")
    timers.schedule(2, fired.append, "later")
    with pytest.raises(ZeroDivisionError):
        timers.advance(5)
    assert fired == ["before"]
    assert timers.next_due() is not None
    timers.advance(5)
    assert fired == ["before", "after", "later"]


def test_a_clock_that_counts_from_1970_is_exact_to_a_bucket() -> None:
    """Floating point noise at large times moves no timer into the next bucket."""
    start = 1_795_000_000.25
    timers, seen = Timers(start), []
    timers.schedule(0.5, lambda: seen.append(timers.now - start))
    assert timers.next_due() == start + 0.5
    run_all(timers)
    assert seen == pytest.approx([0.5], abs=1e-6)


@given(st.lists(st.tuples(st.floats(0, 40), st.booleans()), max_size=60), st.floats(0, 1000))
def test_every_timer_fires_once_late_by_a_bucket_at_most(plans: list[tuple[float, bool]], start: float) -> None:
    """Each timer that was not cancelled fires once, never early, in order of time."""
    timers = Timers(start)
    fired: list[tuple[float, float]] = []
    for delay, cancelled in plans:
        handle = timers.schedule(delay, lambda due: fired.append((due, timers.now)), start + delay)
        if cancelled:
            handle.cancel()
    leaps = run_all(timers)
    assert len(fired) == sum(not cancelled for _, cancelled in plans)
    assert [due for due, _ in fired] == sorted(due for due, _ in fired)
    assert all(-1e-4 <= at - due <= 2 * BUCKET for due, at in fired)
    assert len(leaps) <= len(fired)
