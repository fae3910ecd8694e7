"""Tells everybody who looks what has changed on a desk: differences, fifty a second at most.

What is told comes from the trace and the phones' screens. Nothing is computed while nobody looks.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from harness.web.change import Change, grown
from harness.web.picture import Plain, difference

if TYPE_CHECKING:
    from harness.net.interfaces import Call, Clock
    from harness.net.trace import Event, Trace
    from harness.web.desk import Desk

FRAME_S = 0.02
"""Seconds from something that happened to the difference that tells it: what it leads to comes first."""
RUN_BYTES = 8


class Viewer(Protocol):
    """Somebody who looks."""

    def tell(self, kind: str, data: str) -> None:
        """Take a `picture` (everything) or a `change` (what is different from what was told before), as JSON."""


class Feed:
    """What one desk shows, told to all viewers alike.  `clock` is real time."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self.desk, self._clock = desk, clock
        self.run = secrets.token_hex(RUN_BYTES)
        """Tells a page that comes back whether it is still the same run."""
        self.viewers: list[Viewer] = []
        self._trace: Trace | None = None
        self._events: list[Event] = []
        self._draw: dict[str, Callable[[], Plain]] = {}
        self.known: dict[str, Plain] = {}
        """The phones as they were told last."""
        self._standing: Plain = {}
        self._stale: set[str] = set()
        self._told_rows = 0
        self._frame: Call | None = None
        desk.on_renewed = self.renew
        desk.on_news = self._look

    # who looks

    def join(self, viewer: Viewer) -> None:
        """Tell a viewer everything, and from then on what changes."""
        if not self.viewers:
            self._attach()
        else:
            self._flush()
        if viewer not in self.viewers:
            self.viewers.append(viewer)
        viewer.tell("picture", self._picture())

    def leave(self, viewer: Viewer) -> None:
        """Tell a viewer nothing any more."""
        if viewer in self.viewers:
            self.viewers.remove(viewer)
        if not self.viewers:
            self._detach()

    def renew(self) -> None:
        """Everything is different: tell all viewers everything."""
        if self.viewers:
            self._detach()
            self._attach()
            picture = self._picture()
            for viewer in list(self.viewers):
                viewer.tell("picture", picture)

    def _attach(self) -> None:
        trace = self._trace = self.desk.trace
        self.change = grown(Change(trace), trace.events)
        self.change.landed()
        self._told_rows = len(self.change.rows)
        self._draw = dict(self.desk.pictures())
        self.known = {name: draw() for name, draw in self._draw.items()}
        self._standing = self.desk.standing()
        trace.listeners.append(self._happened)

    def _detach(self) -> None:
        if self._trace is not None:
            self._trace.listeners.remove(self._happened)
            self._trace = None
        if self._frame is not None:
            self._frame.cancel()
            self._frame = None
        self._events.clear()
        self._stale.clear()

    # what happens

    def _happened(self, event: Event) -> None:
        self._events.append(event)
        self._look()

    def touch(self, *phones: str) -> None:
        """Look at these phones again."""
        self._stale.update(phones)
        self._look()

    def _look(self) -> None:
        if self._trace is not None and self._frame is None:
            self._frame = self._clock.callLater(FRAME_S, self._flush)

    def _flush(self) -> None:
        if self._frame is not None and self._frame.active():
            self._frame.cancel()
        self._frame = None
        told = self._news()
        if told:
            data = encoded(told)
            for viewer in list(self.viewers):
                viewer.tell("change", data)

    # what is told

    def _picture(self) -> str:
        return encoded({
            "run": self.run,
            "mode": self.desk.mode,
            "title": self.desk.title,
            "acts": sorted(self.desk.acts),
            "standing": self._standing,
            "phones": self.known,
            "change": self.change.summary,
            "rows": self.change.rows,
        })  # fmt: skip

    def _news(self) -> Plain:
        """What is different from what was told, and is told from now on."""
        told: Plain = {}
        start = self.change.start
        grew = False
        name_of = self._trace.name_of if self._trace is not None else str
        for event in self._events:
            grew = self.change.take(event) or grew
            self._stale.add(name_of(event.source))
            self._stale.add(name_of(event.destination))
        self._events.clear()
        if grew:
            rows = self.change.rows
            fresh = rows if self.change.start != start else rows[self._told_rows :]
            self._told_rows = len(rows)
            told["change"], told["rows"], told["flights"] = self.change.summary, fresh, self.change.landed()
        phones = self._phones()
        if phones:
            told["phones"] = phones
        standing = self.desk.standing()
        if standing != self._standing:
            told["standing"] = {key: value for key, value in standing.items() if self._standing.get(key) != value}
            self._standing = standing
        return told

    def _phones(self) -> Plain:
        changed: Plain = {}
        for name in self._stale & self._draw.keys():
            drawn = self._draw[name]()
            different = difference(self.known[name], drawn)
            if different:
                self.known[name], changed[name] = drawn, different
        self._stale.clear()
        return changed


def encoded(value: Any) -> str:
    """JSON on one line, of ASCII: what is no character for a browser cannot get in the way."""
    return json.dumps(value, separators=(",", ":"))
