"""Waiting for something to be true, without polling and without sleeping."""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.defer import Deferred, fail, succeed
from twisted.python.failure import Failure

from harness.net.interfaces import Call, Clock

Predicate = Callable[[], bool]


class Waits:
    """Those who wait for predicates; all are tested again, once, after something has `changed`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: list[_Wait] = []
        self._test: Call | None = None
        self.failure: Failure | None = None

    def changed(self) -> None:
        """Test again as soon as what is being done is done."""
        if self._waiting and self._test is None:
            self._test = self._clock.callLater(0, self._test_all)

    def wait(self, predicate: Predicate, timeout_s: float) -> Deferred[bool]:
        """True when `predicate()` is; False after `timeout_s` seconds, that instant still included."""
        if self.failure is not None:
            return fail(self.failure)
        if predicate():
            return succeed(True)
        wait = _Wait(self, predicate)
        self._waiting.append(wait)
        wait.timeout = self._clock.callLater(timeout_s, self._due, wait)
        return wait.result

    def fail(self, failure: Failure) -> None:
        """Something broke: all who wait, or will, hear of it."""
        self.failure = self.failure or failure
        for wait in self._waiting[:]:
            wait.end().errback(failure)

    def forget(self, wait: _Wait) -> None:
        """`wait` waits no more."""
        if wait in self._waiting:
            self._waiting.remove(wait)

    def _test_all(self) -> None:
        self._test = None
        for wait in self._waiting[:]:
            if wait in self._waiting:  # one that was met may have ended another
                wait.test()

    def _due(self, wait: _Wait) -> None:
        # behind everything else that is due at this very instant
        wait.timeout = self._clock.callLater(0, wait.give_up)


class _Wait:
    __slots__ = ("_predicate", "_waits", "result", "timeout")

    def __init__(self, waits: Waits, predicate: Predicate) -> None:
        self._waits = waits
        self._predicate = predicate
        self.timeout: Call | None = None
        self.result: Deferred[bool] = Deferred(self._cancelled)

    def _cancelled(self, _result: Deferred[bool]) -> None:
        self.end()

    def end(self) -> Deferred[bool]:
        """Stop waiting; what is to fire comes back."""
        self._waits.forget(self)
        if self.timeout is not None and self.timeout.active():
            self.timeout.cancel()
        return self.result

    def test(self) -> bool:
        try:
            met = self._predicate()
        except Exception:
            self.end().errback(Failure())  # type: ignore[no-untyped-call]
            return True
        if met:
            self.end().callback(True)
        return met

    def give_up(self) -> None:
        if not self.test():
            self.end().callback(False)
