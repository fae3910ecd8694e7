"""The text ladder: who sent what to whom, and what happened inside them.

       0.010 s  bob             server             reception
                 |                 |                   |
       0.012 s   |--- MESSAGE ---->|                   |
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from harness.columns import columns, fit
from harness.scenario.result import ShownEvent

WIDTH = 110
MAX_EVENTS = 150
"""Events of one ladder; of more, the last ones are drawn."""
MIN_LANE, MAX_LANE = 16, 44
MAX_LANES = 12
TIME = 11
"""Columns of the time."""
_MIN_NOTE, _MIN_LABEL = 30, 20
_TRAVELS = ("sip", "arrived", "lost")


def ladder(events: Sequence[ShownEvent], width: int = WIDTH, marked: int = 0, also: Iterable[str] = (),
           most: int = MAX_EVENTS) -> str:  # fmt: skip
    """Draw events; `marked` is the event of the step that failed, `also` names who has a lane without any.

    Of more than `most` the last ones are drawn.
    """
    drawn = list(shown_once(events))
    left_out = max(0, len(drawn) - most)
    drawn = drawn[left_out:]
    names = _participants(drawn)
    lanes = _Lanes(list(dict.fromkeys([*names, *filter(None, also)])), width)
    lines = [lanes.header()]
    if left_out:
        lines.append(f"{'':{TIME}}... {left_out} events before these")
    lines += [line for event in drawn for line in lanes.draw(event, event.seq == marked)]
    return "\n".join(line.rstrip() for line in lines)


def shown_once(events: Iterable[ShownEvent]) -> Iterator[ShownEvent]:
    """Events without the arrivals of messages that were seen leaving, and without the ends of steps that passed."""
    sent: set[int] = set()
    for event in events:
        if event.hop == "sip":
            sent.add(event.seq)
        if event.hop == "arrived" and event.cause in sent:
            continue
        if event.hop != "step" or not isinstance(event.payload, Mapping) or event.payload.get("verdict") != "passed":
            yield event


def _participants(events: Iterable[ShownEvent]) -> list[str]:
    """Who sends or receives, in order of appearance, with the one that most talk to in second place."""
    order: dict[str, None] = {}
    peers: Counter[str] = Counter()
    for event in events:
        if event.hop in _TRAVELS:
            order |= {event.source: None, event.destination: None}
            peers.update((event.source, event.destination))
        elif event.hop in ("press", "screen"):
            order[event.source] = None
    names = list(order)
    if len(names) > 2:
        hub = peers.most_common(1)[0][0]
        names.remove(hub)
        names.insert(1, hub)
    return names[:MAX_LANES]


class _Lanes:
    """The columns of a ladder."""

    def __init__(self, names: Sequence[str], width: int) -> None:
        self.names, self.width = list(names) or ["-"], width
        room = (width - TIME) // len(self.names)
        self.lane = max(MIN_LANE, min(MAX_LANE, room))
        self.at = {name: TIME + number * self.lane + min(self.lane // 2, 10) for number, name in enumerate(self.names)}

    def header(self) -> str:
        """The names over their lanes."""
        line = " " * TIME
        for name in self.names:
            short = fit(name, self.lane - 2)
            start = max(columns(line), self.at[name] - columns(short) // 2)
            line += " " * (start - columns(line)) + short
        return line

    def draw(self, event: ShownEvent, marked: bool) -> list[str]:
        """The line of an event."""
        time = f"{event.time:9.3f}  "
        if event.hop == "step":
            return [self._step(event, time, marked)]
        if event.hop == "lost":
            return [time + self._note(event.source, f"x lost on its way: {_reason(event)}")]
        if event.hop in ("sip", "arrived") and event.source in self.at and event.destination in self.at:
            return [time + self._arrow(event)]
        owner = event.source if event.source in self.at else event.destination
        return [time + self._note(owner, note(event))]

    def _step(self, event: ShownEvent, time: str, marked: bool) -> str:
        said = event.payload if isinstance(event.payload, Mapping) else {}
        if said.get("verdict"):
            return time + fit(f">>> {said.get('index')}. {said['verdict']}: {said.get('why')} >>>", self.width - TIME)
        sign = ">>>" if marked else "---"
        return time + fit(f"{sign} {said.get('index')}. {said.get('text')} {sign}", self.width - TIME)

    def _rails(self) -> list[str]:
        row = [" "] * max(self.width, max(self.at.values()) + 1)
        for place in self.at.values():
            row[place] = "|"
        return row[TIME:]

    def _arrow(self, event: ShownEvent) -> str:
        start, end = self.at[event.source] - TIME, self.at[event.destination] - TIME
        row = self._rails()
        if start == end:
            return self._note(event.source, f"-> itself: {start_line(event)}")
        left, right = min(start, end), max(start, end)
        room = right - left - 1
        label = fit(f" {_in_short(start_line(event), room - 6)} ", room - 4)
        dashes = room - columns(label) - 1
        before = dashes // 2
        line = "-" * before + label + "-" * (dashes - before)
        body = line + ">" if end > start else "<" + line
        return "".join(row[: left + 1]) + body + "".join(row[right:])

    def _note(self, owner: str, text: str) -> str:
        row = self._rails()
        place = self.at.get(owner, TIME) - TIME
        room = self.width - TIME - place - 2
        if room >= _MIN_NOTE or place < _MIN_NOTE:
            return "".join(row[: place + 1]) + " " + fit(text, max(room, _MIN_NOTE))
        text = fit(text, place - 1)
        start = place - 1 - columns(text)
        return "".join(row[:start]) + text + " " + "".join(row[place:])


def start_line(event: ShownEvent) -> str:
    """The first line of a SIP message, without the version."""
    text = event.payload if isinstance(event.payload, str) else ""
    first = text.lstrip("\r\n").partition("\r\n")[0].partition("\n")[0]
    return first.removeprefix("SIP/2.0 ").removesuffix(" SIP/2.0")


def _in_short(said: str, room: int) -> str:
    """A request as its method alone, where next to nothing of its URI could be told."""
    cut = columns(said) > room and room < _MIN_LABEL and not said[:1].isdigit()
    return said.split(" ")[0] if cut else said


def _reason(event: ShownEvent) -> str:
    said = event.payload
    return str(said.get("why") or "") if isinstance(said, Mapping) else ""


def note(event: ShownEvent) -> str:
    """What happened inside somebody, in one line."""
    said = event.payload
    if not isinstance(said, Mapping):
        return f"{event.hop}: {said}" if event.hop != "sip" else f"{event.source} -> {event.destination}: {said}"
    match event.hop:
        case "press":
            return f"* {pressed(said)}"
        case "screen":
            return screen(said)
        case "dpma":
            written = f"{said['provider']}={said.get('value')}" if said.get("provider") else ""
            return f"dpma: {said.get('verdict')} {said.get('reason') or written}".rstrip()
        case "hint":
            where = f" ({said['where']})" if said.get("where") else ""
            place = f"{said['exten']}@{said.get('context')}" if said.get("exten") else ""
            return f"hint: {said.get('what')} {place or said.get('provider') or said.get('device')}{where}"
        case "core":
            who = said.get("provider") or said.get("device") or ""
            return f"core: {said.get('what')} {who} {_texts(said, 'state', 'subtype', 'message', 'why')}".rstrip()
        case "pbx" if said.get("what") == "dialplan":
            # what is executed first: where there is little room, it is what one looks for
            return (f"dialplan: {said.get('application')}({said.get('data')}) at {said.get('exten')},"
                    f"{said.get('priority')} in {said.get('context')}, {said.get('channel')}")  # fmt: skip
        case "pbx" if said.get("what") == "warning":
            return f"pbx: warning: {said.get('text')} at {said.get('place')}, {said.get('channel')}"
    told = {name: value for name, value in said.items() if name != "what" and not isinstance(value, Mapping)}
    rest = ", ".join(f"{name} {value}" for name, value in told.items() if value not in ("", None))
    return f"{event.hop}: {said.get('what') or ''} {rest}".replace("  ", " ").rstrip()


def _texts(said: Mapping[str, object], *names: str) -> str:
    return " / ".join(str(said[name]) for name in names if said.get(name))


def pressed(said: Mapping[str, object]) -> str:
    """A status that is picked, a call that is made, a key."""
    if not said.get("act"):
        return f"presses {_texts(said, 'status', 'substatus')}"
    return " ".join(str(said[name]) for name in ("act", "number", "key") if said.get(name))


def screen(said: Mapping[str, object]) -> str:
    """What a phone shows: a contact, a call, messages, its own status."""
    if said.get("call"):
        who = f"{said.get('name')} ({said.get('number')})" if said.get("name") else said.get("number")
        why = f": {said['why']}" if said.get("why") else ""
        return f"* call {said.get('direction')} {who} {said.get('state')}{why}{_keys(said)}"
    if said.get("mailbox"):
        return f"* messages of {said['mailbox']}: {said.get('new')} new, {said.get('old')} old"
    if not said.get("contact"):
        own = _texts(said, "status", "substatus", "line", "registration")
        return f"* screen: {own}" if own else "* screen changes"
    shown = _texts(said, "presence", "subtype", "message") or "nothing"
    lamp = f", lamp {said['lamp']}" if said.get("lamp") else ""
    same = "" if said.get("changed") else " (as before)"
    return f"* sees {said['contact']}: {shown}{lamp}{same}{_keys(said)}"


def _keys(said: Mapping[str, object]) -> str:
    """The keys that look different, with their lamps."""
    keys = said.get("keys")
    if not isinstance(keys, list | tuple):
        return ""
    told = (f"key {key['place']} {_lamp(key)}" for key in keys if isinstance(key, Mapping))
    return "".join(f", {text}" for text in told)


def _lamp(key: Mapping[str, object]) -> str:
    return f"{key['colour']} {key['state']}" if key.get("colour") else "dark"
