"""A trace that was written, on the same page: what every phone showed at any moment of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from harness.errors import InputError, Location
from harness.net.trace import Event, Trace
from harness.report.screens import Screens
from harness.report.tracefile import read_trace
from harness.web.picture import Plain, model_of, shown, why_dark

if TYPE_CHECKING:
    from pathlib import Path

    from harness.net.interfaces import Call, Clock
    from harness.scenario.result import ShownEvent

MAX_EVENTS = 200_000
SLOWER = 50
"""How many times slower a trace is played than it went: a hop of a millisecond takes 50."""
SLOW = 10
"""How many times slower still slow motion is."""
MAX_GAP_S, MAX_SLOW_GAP_S = 0.5, 2.0
"""Seconds that a span without events takes when it is played, and in slow motion; what is longer is leapt over."""
_AGENT = re.compile(r"(?im)^user-agent[ \t]*:[ \t]*([^\r\n]{1,200})")
_REQUEST = re.compile(r"REGISTER |SUBSCRIBE |MESSAGE ")
_MESSAGES = ("sip", "arrived")


class Replay:
    """A desk that goes through a trace; `seek` and `play` move it.  All who look see the same place.

    It opens where the last step has ended, and plays from the first step to there: what comes before and after, when
    the phones are switched on and off, is played where somebody seeks it.
    """

    mode = "replay"
    acts = frozenset(("seek", "play", "slow"))

    def __init__(self, path: Path, clock: Clock) -> None:
        """Read the trace.  Raises InputError where it cannot be read, or is too long."""
        self.title = path.name.removesuffix(".jsonl")
        self.trace = Trace()
        self.on_renewed: Callable[[], None] = _nothing
        self.on_news: Callable[[], None] = _nothing
        self._clock = clock
        self._shown = read_trace(path)
        _check(self._shown, path)
        self._events = [_event(each) for each in self._shown]
        self._agents = agents_of(self._shown)
        self._steps = _steps(self._shown)
        self._start = self._steps[0]["begins"] - 1 if self._steps else 0
        self._end = self._steps[-1]["ends"] if self._steps else len(self._events)
        self._until = self._end
        self._slow = False
        self._place = 0
        self._due: Call | None = None
        self._screens = Screens()
        self.seek(self._end)

    # what is seen

    def pictures(self) -> Mapping[str, Callable[[], Plain]]:
        """See `Desk`; every phone that the trace ever tells of."""
        return {name: partial(self._picture, name) for name in self._agents}

    def _picture(self, name: str) -> Plain:
        screen = self._screens.phones.get(name)
        blank = {"title": name, "status": {}, "lines": {}, "contacts": {}}
        return {
            **model_of(self._agents[name]),
            **shown(screen or blank),
            "statuses": [],
            "on": name in self._screens.on,
            "loss": 0,
            "dark": self._dark(name),
        }

    def _dark(self, phone: str) -> Plain:
        """Why contacts show nothing, by their id."""
        known = dict(self._screens.dark.get(phone, {}))
        everybody = known.pop("", None)
        contacts = self._screens.phones.get(phone, {}).get("contacts", {})
        all_of_them = dict.fromkeys(contacts, everybody) if everybody is not None else {}
        return {name: why_dark(*told) for name, told in (all_of_them | known).items()}

    def standing(self) -> Plain:
        """See `Desk`."""
        events = self._events
        return {
            "replay": {
                "place": self._place,
                "count": len(events),
                "time": events[self._place - 1].time if self._place else 0.0,
                "end": events[-1].time,
                "start": self._start,
                "playing": self._due is not None,
                "slow": self._slow,
            },
            "steps": self._steps,
        }

    # moving

    def perform(self, act: str, said: Mapping[str, Any]) -> None:
        """See `Desk`."""
        if act == "seek":
            self._stop()
            self.seek(said["seq"])
        elif act == "slow":
            self._slow = said["on"]
            self.on_news()
        elif said["on"]:
            self._play()
        else:
            self._stop()

    def seek(self, place: int) -> None:
        """Show what stood after the first `place` events."""
        self._place = max(0, min(place, len(self._events)))
        self._screens = Screens()
        for event in self._shown[: self._place]:
            self._screens.take(event)
        self.trace = Trace()
        self.trace.events = self._events[: self._place]
        self.on_renewed()

    def _play(self) -> None:
        if self._place in (self._end, len(self._events)):
            self.seek(self._start)
        self._until = self._end if self._place < self._end else len(self._events)
        if self._due is None:
            self._next()
        self.on_news()

    def _stop(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None
        self.on_news()

    def _next(self) -> None:
        """Wait for the next event so that a person can follow."""
        self._due = None
        if self._place < self._until:
            before = self._events[self._place - 1].time if self._place else self._events[0].time
            gap = self._events[self._place].time - before
            slower, longest = (SLOWER * SLOW, MAX_SLOW_GAP_S) if self._slow else (SLOWER, MAX_GAP_S)
            self._due = self._clock.callLater(min(max(gap, 0.0) * slower, longest), self._tell)
        else:
            self.on_news()

    def _tell(self) -> None:
        """Everything of one instant."""
        now = self._events[self._place].time
        while self._place < self._until and self._events[self._place].time <= now:
            event = self._events[self._place]
            self._screens.take(self._shown[self._place])
            self._place += 1
            self.trace.events.append(event)
            for listener in self.trace.listeners:
                listener(event)
        self._next()
        self.on_news()


def agents_of(events: Sequence[ShownEvent]) -> dict[str, str]:
    """The phones of a trace, each with the User-Agent that it sends ('' where it never speaks)."""
    found: dict[str, str] = {}
    for event in events:
        if event.hop in ("screen", "press") or (event.hop == "note" and _switched_on(event)):
            found.setdefault(event.source, "")
        elif event.hop == "sip" and isinstance(event.payload, str) and _REQUEST.match(event.payload):
            agent = _AGENT.search(event.payload)
            if agent is not None and not found.get(event.source):
                found[event.source] = agent[1].strip()
    servers = {
        event.destination
        for event in events
        if event.hop == "sip" and isinstance(event.payload, str) and event.payload.startswith("REGISTER ")
    }
    return {name: agent for name, agent in found.items() if name not in servers}


def _switched_on(event: ShownEvent) -> bool:
    return isinstance(event.payload, Mapping) and event.payload.get("what") == "switched on"


def _steps(events: Sequence[ShownEvent]) -> list[Plain]:
    """The steps of the scenario, each with the place at which it has ended."""
    steps: list[Plain] = []
    for number, event in enumerate(events, 1):
        said = event.payload
        if event.hop != "step" or not isinstance(said, Mapping):
            continue
        if said.get("verdict"):
            if steps:
                why = str(said.get("why") or "")
                steps[-1] |= {"verdict": str(said["verdict"]), "ends": number, "why": why}
            continue
        if steps and steps[-1]["ends"] == steps[-1]["begins"]:
            steps[-1]["ends"] = number - 1
        text = str(said.get("text") or "")
        steps.append({"text": text, "verdict": "", "why": "", "begins": number, "ends": number})
    if steps and not steps[-1]["verdict"]:
        steps[-1]["ends"] = len(events)
    return steps


def _event(shown: ShownEvent) -> Event:
    """As it was: a message is bytes again, without its secrets."""
    payload: Any = shown.payload
    if shown.hop in _MESSAGES and isinstance(payload, str):
        payload = payload.encode("utf-8", "surrogatepass")
    return Event(*shown[:7], payload)


def _check(events: Sequence[ShownEvent], path: Path) -> None:
    where = Location(str(path))
    if len(events) > MAX_EVENTS:
        raise InputError(f"more than {MAX_EVENTS} events", where, "a page cannot show as many")
    first = events[0].seq
    for number, event in enumerate(events):
        if event.seq != first + number:
            where = where._replace(line=number + 1)
            advice = "the events of a trace are numbered one after the other"
            raise InputError(f"event {event.seq} is not number {first + number}", where, advice)


def _nothing() -> None:
    """Stands where nobody wants to know."""
