"""Timers without a clock: the caller says what time it is, and asks when something falls due next.

Due times are rounded up to buckets of `BUCKET` seconds. A heap holds one entry a bucket, so that thousands of
retransmission timers that were started together cost one heap entry and one list, and virtual time can leap to
`next_due()`.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from operator import attrgetter
from typing import Any

BUCKETS_PER_SECOND = 100
BUCKET = 1 / BUCKETS_PER_SECOND
"""Seconds: how coarse a timer is. It fires at the end of its bucket, thus up to this much late, never early."""

_ROUNDING = 1e-3
"""Part of a bucket that is taken for floating point noise (clocks that count from 1970 carry about 3e-5)."""

_COMPACT_AT = 64
"""A bucket is rid of its cancelled handles when these are as many as this, and the greater part of it."""


class _Bucket:
    __slots__ = ("handles", "live")

    def __init__(self) -> None:
        self.handles: list[TimerHandle] = []
        self.live = 0

    def drop_one(self) -> None:
        self.live -= 1
        dead = len(self.handles) - self.live
        if not self.live:
            self.handles.clear()
        elif dead >= _COMPACT_AT and dead > self.live:
            self.handles = [handle for handle in self.handles if handle.bucket is self]


class TimerHandle:
    """One timer. `cancel()` may be called at any time, and more than once.

    A subclass that overrides `fire` is its own callback: `Timers.arm` takes it without a further object.
    """

    __slots__ = ("_args", "_callback", "bucket", "due")

    bucket: _Bucket | None
    due: float

    def __init__(self, callback: Callable[..., object] | None = None, args: tuple[Any, ...] = ()) -> None:
        self._callback = callback
        self._args = args
        self.bucket = None
        self.due = 0.0

    @property
    def pending(self) -> bool:
        """Whether it is still to fire."""
        return self.bucket is not None

    def fire(self) -> None:
        """What happens when it is due."""
        callback, args = self._callback, self._args
        self._callback, self._args = None, ()
        if callback is not None:
            callback(*args)

    def cancel(self) -> None:
        """Never fire. What the callback held is let go at once, not when it would have been due."""
        self._callback, self._args = None, ()
        bucket = self.bucket
        if bucket is not None:
            self.bucket = None
            bucket.drop_one()


_due = attrgetter("due")


class Timers:
    """All timers of one stack; `now` is in seconds on whatever clock the caller lives by."""

    __slots__ = ("_buckets", "_heap", "_passed", "_ready", "now")

    def __init__(self, now: float = 0.0) -> None:
        self.now = now
        self._buckets: dict[int, _Bucket] = {}
        self._heap: list[int] = []
        self._ready: deque[tuple[TimerHandle, _Bucket]] = deque()
        self._passed = self._bucket_at(now)

    @staticmethod
    def _bucket_at(now: float) -> int:
        """The last bucket that has come to its end at this time."""
        return int((now * BUCKETS_PER_SECOND + _ROUNDING) // 1)

    def schedule(self, delay: float, callback: Callable[..., object], *args: Any) -> TimerHandle:
        """Call `callback(*args)` in `delay` seconds from `now`; a delay of 0 means the next bucket."""
        handle = TimerHandle(callback, args)
        self.arm(handle, delay)
        return handle

    def arm(self, handle: TimerHandle, delay: float) -> None:
        """Start a handle that is not pending."""
        handle.due = due = self.now + delay
        scaled = due * BUCKETS_PER_SECOND - _ROUNDING
        index = int(scaled // 1) + 1
        # What is armed while a bucket runs goes to a later one: nothing can keep advance() from ending.
        if index <= self._passed:
            index = self._passed + 1
        bucket = self._buckets.get(index)
        if bucket is None:
            bucket = self._buckets[index] = _Bucket()
            heapq.heappush(self._heap, index)
        bucket.handles.append(handle)
        bucket.live += 1
        handle.bucket = bucket

    def next_due(self) -> float | None:
        """When to call `advance` next (seconds on the caller's clock), None where nothing is armed."""
        if self._ready:
            return self.now
        heap, buckets = self._heap, self._buckets
        while heap and not buckets[heap[0]].live:
            del buckets[heapq.heappop(heap)]
        return heap[0] / BUCKETS_PER_SECOND if heap else None

    def advance(self, now: float) -> None:
        """Run what is due up to `now`, by due time and then in the order of scheduling.

        Each callback sees its bucket's time as `now`, so that a long leap runs as many small ones would.
        An exception of a callback goes to the caller; a further `advance` goes on behind it.
        """
        self._run_ready()
        last = self._bucket_at(now)
        heap = self._heap
        while heap and heap[0] <= last:
            index = heapq.heappop(heap)
            bucket = self._buckets.pop(index)
            if not bucket.live:
                continue
            self._passed = index
            self.now = max(self.now, index / BUCKETS_PER_SECOND)
            self._ready.extend((handle, bucket) for handle in sorted(bucket.handles, key=_due))
            self._run_ready()
        self._passed = max(self._passed, last)
        self.now = max(self.now, now)

    def _run_ready(self) -> None:
        ready = self._ready
        while ready:
            handle, bucket = ready.popleft()
            # A handle that was cancelled, or cancelled and armed anew, no longer belongs to this bucket.
            if handle.bucket is bucket:
                handle.bucket = None
                bucket.live -= 1
                handle.fire()
