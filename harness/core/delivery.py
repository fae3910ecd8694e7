"""Who is told of what, and in which order.

Asterisk hands events from thread to thread.  Here they are plain calls, and one rule keeps their order: what
is published while something else is being delivered waits for its turn.  Caches change at once, as in Asterisk.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, ParamSpec, Protocol

_Args = ParamSpec("_Args")


class Observe(Protocol):
    """Told of every decision that stops a change, and of what was published.

    | what | values |
    |---|---|
    | `published` | `provider`, `state`, `subtype`, `message`; or `device`, `state` |
    | `refused` | `provider` or `device`, `text`, `why` |
    | `not published` | `provider` or `device`, `why` |
    | `unknown provider` | `label` |
    | `no hint` | `provider` or `device`: no hint names it |
    | `no presence part` | `hint`: there is nobody to ask for its presence |
    | `same presence` | `hint`, `presence` |
    | `same device state` | `hint`, `state` |
    | `told` | `hint`, `reason`, `watchers`: how many |
    """

    def __call__(self, what: str, /, **values: object) -> None: ...


def nobody(*_values: object) -> None:
    """The listener that is there before any other."""


class Delivery:
    """Runs calls one after another; a call that comes while one runs is run after it."""

    __slots__ = ("_busy", "_waiting")

    def __init__(self) -> None:
        self._busy = False
        self._waiting: deque[tuple[Callable[..., None], tuple[Any, ...]]] = deque()

    def run(self, call: Callable[..., None], *args: object) -> None:
        """Run the call, now or when those before it are done; its exception goes to whoever runs it."""
        self._waiting.append((call, args))
        if self._busy:
            return
        self._busy = True
        try:
            self._drain()
        finally:
            self._busy = False

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Let what is published inside wait until the outermost block ends."""
        if self._busy:
            yield
            return
        self._busy = True
        try:
            yield
            self._drain()
        finally:
            self._busy = False

    def _drain(self) -> None:
        while self._waiting:
            call, args = self._waiting.popleft()
            call(*args)


class Listeners(Generic[_Args]):
    """Callbacks in the order in which they came."""

    __slots__ = ("_callbacks",)

    def __init__(self) -> None:
        self._callbacks: dict[object, Callable[_Args, None]] = {}

    def add(self, callback: Callable[_Args, None]) -> Callable[[], None]:
        """Add one; the result takes it away again, any number of times."""
        key = object()
        self._callbacks[key] = callback

        def cancel() -> None:
            self._callbacks.pop(key, None)

        return cancel

    def __bool__(self) -> bool:
        return bool(self._callbacks)

    def tell(self, *args: _Args.args, **kwargs: _Args.kwargs) -> None:
        """Call those that are there now; one that goes meanwhile is not called any more."""
        for key, callback in tuple(self._callbacks.items()):
            if key in self._callbacks:
                callback(*args, **kwargs)
