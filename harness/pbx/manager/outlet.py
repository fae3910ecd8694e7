"""The way out of one manager connection: what waits for an answer, and what a slow reader may cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

MAX_UNSENT_BYTES = 4 * 1024 * 1024
"""What may wait for a client that does not read, or that is being answered, before it is let go."""
CLOSE_LIMIT_S = 5.0
"""Seconds that a client has to read what was written before the connection was closed."""


@implementer(IPushProducer)
class Outlet:
    """Writes to one transport; `flooded` is called once where too much waits, `drained` where there is room again."""

    __slots__ = (
        "_clock",
        "_closing",
        "_drained",
        "_ends",
        "_flooded",
        "_held",
        "_holding",
        "_late",
        "_transport",
        "_unsent",
        "_waits",
        "full",
    )

    def __init__(
        self, transport: Any, clock: Any, flooded: Callable[[], None], drained: Callable[[], None]
    ) -> None:
        self._transport, self._clock = transport, clock
        self._flooded, self._drained = flooded, drained
        self._held: list[bytes] = []
        self._late: list[bytes] = []
        self._holding = self._waits = self._ends = False
        self._unsent = 0
        self._closing: Any = None
        self.full = False
        transport.registerProducer(self, True)

    # what Twisted calls

    def pauseProducing(self) -> None:
        """The other side reads more slowly than we write."""
        self.full = True

    def resumeProducing(self) -> None:
        """Everything is written."""
        if self.full:
            self.full = False
            self._unsent = sum(map(len, (*self._held, *self._late)))
            self._drained()

    def stopProducing(self) -> None:
        """The connection is gone."""

    # what the session calls

    def answer(self, data: bytes) -> None:
        """Write at once, or behind what waits to be safe."""
        if self._waits:
            self._late.append(data)
            self._count(data)
        elif self._closing is None:
            self._transport.write(data)
            if self.full:
                self._count(data)

    def wait(self, when_safe: Callable[[Callable[[], None]], None]) -> None:
        """Let nothing out until what was stored is safe; what is answered until then goes out in one piece."""
        if not self._waits:
            self._waits = True
            when_safe(self._safe)

    def _safe(self) -> None:
        self._waits = False
        late, self._late = self._late, []
        if late:
            data = b"".join(late)
            self._unsent -= len(data)
            self.answer(data)
        if self._ends:
            self.close()

    def event(self, data: bytes) -> None:
        """Write once no action is being answered."""
        if self._holding:
            self._held.append(data)
            self._count(data)
        else:
            self.answer(data)

    def hold(self) -> None:
        """An action is being answered: events wait."""
        self._holding = True

    def flush(self) -> None:
        """Let the events go that wait."""
        held, self._held = self._held, []
        if held and self._closing is None:
            data = b"".join(held)
            self._unsent -= len(data)
            self.answer(data)

    def release(self) -> None:
        """The action is answered."""
        self._holding = False
        if self._held:
            self.flush()

    def _count(self, data: bytes) -> None:
        self._unsent += len(data)
        if self._unsent > MAX_UNSENT_BYTES and self._closing is None:
            self._held = []
            self._flooded()

    def close(self) -> None:
        """Close after what was written, and after what waits; who does not read that in time is cut off."""
        if self._waits:
            self._ends = True
        elif self._closing is None:
            self._closing = self._clock.callLater(CLOSE_LIMIT_S, self._transport.abortConnection)
            self._transport.unregisterProducer()
            self._transport.loseConnection()

    def cut(self) -> None:
        """Close at once; what was not read is lost."""
        self._waits, self._late = False, []
        self.close()
        self._transport.abortConnection()

    def gone(self) -> None:
        """The connection is closed."""
        self._held, self._late, self._ends = [], [], False
        if self._closing is not None and self._closing.active():
            self._closing.cancel()
