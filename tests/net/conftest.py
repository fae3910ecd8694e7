"""A real world for one story, on a reactor of its own."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import pytest
from twisted.internet.selectreactor import SelectReactor
from twisted.python.failure import Failure

from harness.net.world import World

LIMIT_S = 20


@pytest.fixture
def tell() -> Callable[[Callable[[World], Coroutine[Any, Any, Any]]], Any]:
    """Tells a story in real time: gives what it returns, raises what it raises."""

    def run(story: Callable[[World], Coroutine[Any, Any, Any]]) -> Any:
        reactor: Any = SelectReactor()
        world = World.real(reactor)
        outcome: list[Any] = []

        def begin() -> None:
            world.start(story).addBoth(outcome.append).addBoth(lambda _: reactor.stop())

        reactor.callWhenRunning(begin)
        limit = reactor.callLater(LIMIT_S, reactor.stop)
        try:
            reactor.run(installSignalHandlers=False)
        finally:
            world.close()
            with suppress(Exception):
                limit.cancel()
            for waker in list(reactor._internalReaders):
                waker.connectionLost(None)
        assert outcome, f"the story did not end within {LIMIT_S} s"
        if isinstance(outcome[0], Failure):
            outcome[0].raiseException()
        return outcome[0]

    return run
