"""Real time: a reactor for one scenario, made for it and gone after it, so that nothing outlives it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from twisted.internet.defer import Deferred


def fresh_reactor() -> Any:
    """A reactor that is not installed anywhere: who needs it is handed it."""
    make: Any
    try:
        from twisted.internet.epollreactor import EPollReactor as make
    except ImportError:
        from twisted.internet.selectreactor import SelectReactor as make
    return make()


def run_on_fresh_reactor(begin: Callable[[Any], Deferred[Any]]) -> None:
    """Run a reactor until what `begin(reactor)` gives has fired; raises what it failed with, or KeyboardInterrupt."""
    reactor = fresh_reactor()
    outcome: list[Any] = []

    def done(value: Any) -> None:
        outcome.append(value)
        reactor.callLater(0, reactor.stop)

    reactor.callWhenRunning(lambda: begin(reactor).addBoth(done))
    with _signals_given_back():
        reactor.run()
    if not outcome:
        raise KeyboardInterrupt
    if hasattr(outcome[0], "raiseException"):
        outcome[0].raiseException()


@contextmanager
def _signals_given_back() -> Iterator[None]:
    """Twisted leaves its answers to signals behind: those of a reactor that is gone would swallow the next Ctrl-C."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, answer in before.items():
            if answer is not None:
                signal.signal(number, answer)
