"""The last change: what a person did, and everything that it led to, as the rows of a ladder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from harness.report.ladder import note
from harness.scenario.result import ShownEvent

if TYPE_CHECKING:
    from harness.net.trace import Event, Trace

MAX_LANES = 9
"""Participants that are drawn; of the others is only counted what they saw."""
MAX_ROWS = 300
MAX_EVENTS = 10_000
LASTS_S = 64.0
"""Seconds after which what it leads to is another matter: the refresh of a registration, say.

Twice as long as a request without an answer is repeated.
"""
LOST = -1.0
"""Stands for the flight of what never arrives."""
MAX_LABEL = 160
"""Characters of a row."""
ASKING = frozenset(("expect", "state", "never", "all_of", "in_order", "optional", "pause"))
"""Steps of a scenario that begin no change: they look at the last one."""
PRESSING = frozenset(("status", "call", "answer", "reject", "hold", "resume", "transfer", "hangup", "press"))
"""Steps that are a person's act on a phone: the press follows at once and is part of the same change."""
SERVER_HOPS = frozenset(("dpma", "core", "hint", "pbx", "ami"))
"""What happens inside the server, whoever the trace names."""

Plain = dict[str, Any]


class Change:
    """Grows with the trace. `take(event)` says whether the event belongs to it, or begins the next."""

    def __init__(self, trace: Trace, server: str = "server") -> None:
        self._trace, self._server = trace, server
        self._begin(0, 0.0, "")

    def _begin(self, seq: int, time: float, what: str) -> None:
        self.start, self.began, self.what = seq, time, what
        self.rows: list[Plain] = []
        self.hidden = 0
        self.lanes: list[str] = []
        self._members: dict[int, float] = {}
        self._drawn: dict[int, Plain] = {}
        self._landed: dict[int, float] = {}
        self._waits_for_press = False
        self._saw: dict[str, float] = {}
        self._notifies = 0
        self._first_seen = 0

    def take(self, event: Event) -> bool:
        """Add the event if it is part of the change; a new act of a person begins anew."""
        if event.hop == "press" and not self._waits_for_press:
            self._begin(event.seq, event.time, self._pressed(event))
        elif event.hop == "press":
            self._waits_for_press = False
            self.what = self._pressed(event)
        elif event.hop == "step" and not _verdict(event):
            if self._verb(event) not in ASKING:
                self._begin(event.seq, event.time, self._text(event))
                self._waits_for_press = self._verb(event) in PRESSING
        elif event.cause not in self._members or self._over(event):
            return False
        if event.seq in self._members:
            return True
        began = self._members.get(event.cause, event.time)
        self._members[event.seq] = event.time
        self._count(event)
        self._draw(event, event.time - began)
        return True

    def _over(self, event: Event) -> bool:
        return len(self._members) >= MAX_EVENTS or event.time - self.began > LASTS_S

    @property
    def summary(self) -> Plain:
        """What came of it so far; times in milliseconds since it began."""
        times = sorted(self._saw.values())
        return {
            "start": self.start,
            "what": self.what,
            "lanes": self.lanes,
            "hidden": self.hidden,
            "notifies": self._notifies,
            "seen": len(times),
            "first": _ms(times[0]) if times else None,
            "last": _ms(times[-1]) if times else None,
            "road": self._road(),
        }

    def events(self) -> list[ShownEvent]:
        """The events of it that are still held, for reading."""
        name, shown = self._trace.name_of, self._trace.shown
        return [
            ShownEvent(each.seq, each.cause, each.time, each.hop, name(each.source), name(each.destination),
                       each.transport, shown(each.payload))
            for each in self._trace.since(self.start - 1) if each.seq in self._members
        ]  # fmt: skip

    def road(self) -> list[Event]:
        """The hops to the first screen that changed, as far as they are still held."""
        chain = self._trace.chain(self._first_seen) if self._first_seen else ()
        return [event for event in chain if event.seq >= self.start]

    def _road(self) -> list[Plain]:
        """The road, each hop with what it took since the one before, in milliseconds."""
        hops: list[Plain] = []
        before = self.began
        for event in self.road():
            hops.append({"hop": event.hop, "word": _word(event), "ms": _ms(event.time - before)})
            before = event.time
        return hops

    # counting

    def _count(self, event: Event) -> None:
        if event.hop == "screen" and isinstance(event.payload, Mapping):
            if (event.payload.get("contact") or event.payload.get("call")) and event.payload.get("changed"):
                self._saw[str(event.source)] = event.time - self.began
                self._first_seen = self._first_seen or event.seq
        elif event.hop == "sip" and isinstance(event.payload, bytes) and event.payload.startswith(b"NOTIFY "):
            self._notifies += 1

    # drawing

    def _draw(self, event: Event, took: float) -> None:
        if event.hop == "arrived":
            self._land(event.cause, _ms(took))
            return
        if event.hop == "lost" and self._land(event.cause, LOST):
            return
        if _verdict(event) == "passed":
            return
        ends = self._ends(event)
        if len(self.rows) >= MAX_ROWS or not all(map(self._lane, ends)):
            self.hidden += 1
            return
        row = {
            "seq": event.seq, "at": _ms(event.time - self.began), "took": _ms(took), "hop": event.hop,
            "from": ends[0], "to": ends[-1], "text": self._label(event)[:MAX_LABEL], "flight": None,
            "asks": event.hop == "step" and (self._verb(event) in ASKING or bool(_verdict(event))),
        }  # fmt: skip
        self.rows.append(row)
        self._drawn[event.seq] = row

    def _land(self, sent: int, flight: float) -> bool:
        """What was sent has arrived, or never will: its row tells how long it was on its way."""
        row = self._drawn.get(sent)
        if row is not None and row["flight"] is None:
            self._landed[sent] = row["flight"] = flight
        return row is not None

    def landed(self) -> dict[int, float]:
        """What has arrived, or was lost, since this was asked last: milliseconds by the number of what was sent."""
        landed, self._landed = self._landed, {}
        return landed

    def _ends(self, event: Event) -> tuple[str, ...]:
        if event.hop == "step":
            return ("",)
        if event.hop in SERVER_HOPS:
            return (self._server,)
        source = self._trace.name_of(event.source)
        if event.hop in ("sip", "lost"):
            return source, self._trace.name_of(event.destination)
        return (source,)

    def _lane(self, name: str) -> bool:
        if name and name not in self.lanes:
            if len(self.lanes) >= MAX_LANES:
                return False
            self.lanes.append(name)
        return True

    def _label(self, event: Event) -> str:
        if isinstance(event.payload, bytes):
            first = event.payload.lstrip(b"\r\n").partition(b"\r\n")[0].decode("utf-8", "replace")
            return self._trace.blank(first.removeprefix("SIP/2.0 ").removesuffix(" SIP/2.0"))
        if event.hop == "step":
            return self._text(event)
        if event.hop == "lost" and isinstance(event.payload, Mapping):
            data = event.payload.get("data")
            first = data.partition(b"\r\n")[0].decode("utf-8", "replace") if isinstance(data, bytes) else ""
            return self._trace.blank(first.removeprefix("SIP/2.0 ").removesuffix(" SIP/2.0"))
        if event.hop == "press" and isinstance(event.payload, Mapping):
            return self._trace.blank(_press(event.payload))
        if event.hop == "screen" and isinstance(event.payload, Mapping):
            return self._trace.blank(_seen(event.payload))
        shown = ShownEvent(
            event.seq, event.cause, event.time, event.hop, self._trace.name_of(event.source),
            self._trace.name_of(event.destination), event.transport, self._trace.shown(event.payload),
        )  # fmt: skip
        return note(shown).removeprefix("* ")

    def _pressed(self, event: Event) -> str:
        said = event.payload if isinstance(event.payload, Mapping) else {}
        return self._trace.blank(f"{self._trace.name_of(event.source)} {_press(said)}")

    def _text(self, event: Event) -> str:
        said = event.payload if isinstance(event.payload, Mapping) else {}
        if said.get("verdict"):
            return self._trace.blank(f"{said['verdict']}: {said.get('why') or 'it did not pass'}")
        return self._trace.blank(str(said.get("text") or ""))

    @staticmethod
    def _verb(event: Event) -> str:
        said = event.payload if isinstance(event.payload, Mapping) else {}
        return str(said.get("verb") or "")


def grown(change: Change, events: Iterable[Event]) -> Change:
    """The change after these events."""
    for event in events:
        change.take(event)
    return change


def _verdict(event: Event) -> str:
    """How a step ended; '' for everything else."""
    said = event.payload
    return str(said.get("verdict") or "") if event.hop == "step" and isinstance(said, Mapping) else ""


def _seen(said: Mapping[str, Any]) -> str:
    """What a person sees."""
    if said.get("call"):
        way = "from" if said.get("direction") == "in" else "to"
        why = f" ({said['why']})" if said.get("why") else ""
        return f"call {way} {said.get('name') or said.get('number')}: {said.get('state')}{why}"
    if said.get("mailbox"):
        return f"{said['mailbox']} has {said.get('new')} new messages"
    if not said.get("contact"):
        return _texts(said, "status", "substatus", "line", "registration")
    what = _texts(said, "presence", "subtype", "message") or "nothing"
    lamp = f", lamp {str(said['lamp']).replace('_', ' ')}" if said.get("lamp") else ""
    return f"{said['contact']} {what}{lamp}{'' if said.get('changed') else ' (as before)'}"


_ACTS = {
    "call": "calls", "answer": "answers", "reject": "rejects the call", "hold": "puts the call on hold",
    "resume": "takes the call back", "hang up": "hangs up", "transfer": "transfers the call to", "consult": "asks",
    "join": "joins the calls", "key": "presses the key",
}  # fmt: skip
_NUMBERED = ("call", "transfer", "consult")


def _press(said: Mapping[str, Any]) -> str:
    """What a person does with a phone."""
    act = str(said.get("act") or "")
    if not act:
        return f"picks {_texts(said, 'status', 'substatus')}"
    number = said.get("number") if act in _NUMBERED else said.get("key") if act == "key" else ""
    return f"{_ACTS.get(act, act)} {number or ''}".rstrip()


def _texts(said: Mapping[str, Any], *names: str) -> str:
    return " / ".join(str(said[name]) for name in names if said.get(name))


def _word(event: Event) -> str:
    """How a hop of a road is called: a message by its method or status."""
    if not isinstance(event.payload, bytes):
        return event.hop
    words = event.payload.split(b" ", 2)
    word = words[1 if words[0] == b"SIP/2.0" and len(words) > 1 else 0][:20].decode("ascii", "replace")
    return f"{word} travels" if event.hop == "arrived" else word


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
