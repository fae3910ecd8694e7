"""The one account of what happened: every hop of a change adds an event; everybody else reads it here."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from typing import NamedTuple, TextIO

from harness.net.blanking import BLANK, SECRET_NAMES, Secrets, readable

HOPS = ("press", "screen", "sip", "arrived", "lost", "dpma", "core", "hint", "pbx", "ami", "step", "note")
"""Names of hops; `sip` is a message sent, `arrived` the same one received (its cause is the `sip` event)."""

Place = str | tuple[str, int]
"""Who or where: a name, or the address (host, port)."""
Payload = bytes | str | Mapping[str, object] | Sequence[object] | None
"""What travelled: raw bytes, text, or values. Not to be changed once it was added."""

MAX_IN_FLIGHT = 4096
_ID = re.compile(r" at 0x[0-9a-fA-F]+")


class Event(NamedTuple):
    """One hop; `cause` is the `seq` of the event that led to it (0: none), `time` seconds since the start."""

    seq: int
    cause: int
    time: float
    hop: str
    source: Place
    destination: Place
    transport: str
    payload: Payload


class Trace:
    """Events in order, kept as tuples and rendered only when somebody reads them.

    Where speed matters, callers test `enabled` before they make a payload; `add` itself costs one
    attribute test when it is off. `keep` bounds how many events are held (the oldest go first).
    """

    __slots__ = ("_in_flight", "_start", "cause", "enabled", "events", "keep", "last_seq", "listeners",
                 "names", "seconds", "secrets")  # fmt: skip

    def __init__(self, enabled: bool = True, keep: int | None = None) -> None:
        self.enabled = enabled
        self.keep = keep
        self.events: list[Event] = []
        self.last_seq = 0
        self.cause = 0
        """`seq` of the event that is being worked on, 0 for none."""
        self.listeners: list[Callable[[Event], None]] = []
        self.names: dict[Place, str] = {}
        """Alias of an address (host, port) or of a whole host, for reading: 'bob', 'server'."""
        self.secrets = Secrets()
        self._in_flight: dict[bytes, int] = {}
        self.start_at(lambda: 0.0)

    def start_at(self, seconds: Callable[[], float]) -> None:
        """Take the time of events from `seconds`; now is the start, time 0."""
        self.seconds = seconds
        self._start = seconds()

    @property
    def now(self) -> float:
        """Seconds since the start."""
        return self.seconds() - self._start

    def add(self, hop: str, source: Place, destination: Place, transport: str, payload: Payload,
            cause: int | None = None) -> int:  # fmt: skip
        """Add an event and give back its `seq`; 0 when the trace is off. No `cause`: the current one."""
        if not self.enabled:
            return 0
        self.last_seq = seq = self.last_seq + 1
        event = Event(seq, self.cause if cause is None else cause, self.seconds() - self._start,
                      hop, source, destination, transport, payload)  # fmt: skip
        self.events.append(event)
        if self.keep is not None and len(self.events) > self.keep + self.keep // 8:
            del self.events[: len(self.events) - self.keep]
        for listener in self.listeners:
            listener(event)
        return seq

    def note(self, who: Place, what: str, /, **values: object) -> int:
        """Add a `note` event of `who`; the values are made plain at once, they may change later."""
        if not self.enabled:
            return 0
        plain = {name: _plain(value) for name, value in values.items()}
        return self.add("note", who, "", "", {"what": what, **plain})

    def caused_by(self, seq: int) -> _Cause:
        """Within the block (`with`), events and delayed calls have the event `seq` as their cause."""
        return _Cause(self, seq)

    def sent(self, seq: int, data: bytes) -> None:
        """Remember that event `seq` sent `data`, so that `sender_of` finds it where sockets are real."""
        if len(self._in_flight) >= MAX_IN_FLIGHT:
            del self._in_flight[next(iter(self._in_flight))]
        self._in_flight[data] = seq

    def sender_of(self, data: bytes) -> int:
        """The event that sent `data` last, 0 when it came from elsewhere."""
        return self._in_flight.get(data, 0)

    def event(self, seq: int) -> Event | None:
        """The event with that number, or nothing when it is not held (any more)."""
        index = seq - (self.events[0].seq if self.events else 0)
        return self.events[index] if 0 <= index < len(self.events) else None

    def since(self, seq: int) -> list[Event]:
        """The events after number `seq` that are held."""
        first = self.events[0].seq if self.events else 0
        return self.events[max(0, seq + 1 - first) :]

    def chain(self, seq: int) -> list[Event]:
        """The road that led to event `seq`: its root first, itself last."""
        road: list[Event] = []
        while (event := self.event(seq)) is not None:
            road.append(event)
            seq = event.cause
        return road[::-1]

    def name_of(self, place: Place) -> str:
        """How a place is called for reading: its alias, its host's alias, or `host:port`."""
        if isinstance(place, str):
            return self.names.get(place, place)
        host, port = place
        name = self.names.get(place) or self.names.get(host)
        return name or (f"[{host}]:{port}" if ":" in host else f"{host}:{port}")

    def blank(self, text: str) -> str:
        """`text` without secrets, by form and by the values added to `secrets`."""
        return self.secrets.blank(text)

    def shown(self, payload: Payload) -> object:
        """A payload for reading: text or JSON values, secrets blanked."""
        return _blanked(_plain(payload), self.blank)

    def line(self, event: Event) -> str:
        """One JSON object without line end; keys in `Event`'s order, time in seconds with six decimals."""
        return _Rendering(self).line(event)

    def lines(self) -> Iterator[str]:
        """The events held as JSON lines, without line ends."""
        return map(_Rendering(self).line, self.events)

    def write(self, file: TextIO) -> None:
        """Write the events held as JSON lines; the file should be opened as UTF-8 with newline=''."""
        file.writelines(line + "\n" for line in self.lines())


class _Cause:
    """What `Trace.caused_by` gives; a class, for a generator's context costs twice as much and each message has two."""

    __slots__ = ("_before", "_seq", "_trace")

    def __init__(self, trace: Trace, seq: int) -> None:
        self._trace, self._seq = trace, seq

    def __enter__(self) -> None:
        self._before, self._trace.cause = self._trace.cause, self._seq

    def __exit__(self, *_: object) -> None:
        self._trace.cause = self._before


class _Rendering:
    """Events as JSON. What comes again is rendered once: a message that is sent arrives, roads are used many times."""

    __slots__ = ("_messages", "_roads", "_trace")

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._roads: dict[tuple[str, Place, Place, str], str] = {}
        self._messages: dict[bytes, str] = {}

    def line(self, event: Event) -> str:
        """See `Trace.line`."""
        seq, cause, time, hop, source, destination, transport, payload = event
        way = (hop, source, destination, transport)
        road = self._roads.get(way) or self._road(way)
        shown = self._message(payload) if isinstance(payload, bytes) else _json(self._trace.shown(payload))
        return f'{{"seq":{seq},"cause":{cause or "null"},"time":{time:.6f},{road},"payload":{shown}}}'

    def _road(self, way: tuple[str, Place, Place, str]) -> str:
        hop, source, destination, transport = way
        name = self._trace.name_of
        road = (
            f'"hop":{_json(hop)},"source":{_json(name(source))},"destination":{_json(name(destination))},'
            f'"transport":{_json(transport)}'
        )
        self._roads[way] = road
        return road

    def _message(self, data: bytes) -> str:
        shown = self._messages.get(data)
        if shown is None:
            shown = self._messages[data] = _json(self._trace.shown(data))
        return shown


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _plain(value: object) -> object:
    """JSON values that are the same in every process: no addresses of objects, no order of sets."""
    if isinstance(value, Enum):
        return value.name
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, bytes | str):
        return readable(value)
    if isinstance(value, Mapping):
        return {readable(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((_plain(item) for item in value), key=_json)
    return _ID.sub("", readable(str(value)))


def _blanked(value: object, blank: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return blank(value)
    if isinstance(value, list):
        return [_blanked(item, blank) for item in value]
    if isinstance(value, dict):
        login = any(name.lower() == "action" and str(of).lower() == "login" for name, of in value.items())
        hidden = SECRET_NAMES | {"key"} if login else SECRET_NAMES
        return {name: BLANK if name.lower() in hidden else _blanked(of, blank) for name, of in value.items()}
    return value
