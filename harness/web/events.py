"""Server-sent events: one open answer for each viewer, with a bounded backlog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

if TYPE_CHECKING:
    from harness.web.feed import Feed

MAX_BACKLOG_BYTES = 1_000_000
"""What waits for a slow viewer; of more nothing is kept, and the viewer is told everything when it reads again."""
RETRY_MS = 500
"""When a browser that was cut off comes back."""


@implementer(IPushProducer)
class EventStream:
    """A viewer at the other end of a connection."""

    def __init__(self, feed: Feed, request: Any) -> None:
        self._feed, self._request = feed, request
        self._paused = self._behind = self._over = False
        self._backlog: list[bytes] = []
        self._waiting = 0

    def open(self) -> None:
        """Begin the answer, and look until the connection is lost."""
        request = self._request
        request.setHeader("Content-Type", "text/event-stream; charset=utf-8")
        request.setHeader("X-Accel-Buffering", "no")
        request.notifyFinish().addBoth(self._finished)
        request.registerProducer(self, True)
        self._write(f"retry: {RETRY_MS}\n\n".encode())
        self._feed.join(self)

    def tell(self, kind: str, data: str) -> None:
        """See `feed.Viewer`."""
        self._write(f"event: {kind}\ndata: {data}\n\n".encode())

    def stay(self) -> None:
        """Show that the connection is alive."""
        if not self._paused:
            self._write(b": here\n\n")

    def close(self) -> None:
        """End the answer."""
        if not self._over:
            self._over = True
            self._request.unregisterProducer()
            self._request.finish()

    def _write(self, data: bytes) -> None:
        if self._over:
            return
        if not self._paused:
            self._request.write(data)
        elif not self._behind:
            self._backlog.append(data)
            self._waiting += len(data)
            if self._waiting > MAX_BACKLOG_BYTES:
                self._behind = True
                self._drop()

    def _drop(self) -> None:
        self._backlog.clear()
        self._waiting = 0

    def _finished(self, _reason: object) -> None:
        self._over = True
        self._drop()
        self._feed.leave(self)

    # IPushProducer

    def pauseProducing(self) -> None:
        self._paused = True

    def resumeProducing(self) -> None:
        self._paused = False
        if self._behind:
            self._behind = False
            self._feed.join(self)
            return
        waiting = b"".join(self._backlog)
        self._drop()
        if waiting:
            self._write(waiting)

    def stopProducing(self) -> None:
        self._finished(None)
