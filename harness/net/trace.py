"""The one account of what happened: every hop of a change adds an event; everybody else reads it here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, TextIO

from harness.net.blanking import Secrets
from harness.net.rendering import Rendering, blanked, plain

HOPS = ("press", "screen", "sip", "arrived", "lost", "dpma", "core", "hint", "pbx", "ami", "step", "note")
"""Names of hops; `sip` is a message sent, `arrived` the same one received (its cause is the `sip` event)."""

Place = str | tuple[str, int]
"""Who or where: a name, or the address (host, port)."""
Payload = bytes | str | Mapping[str, object] | Sequence[object] | None
"""What travelled: raw bytes, text, or values. Not to be changed once it was added."""

MAX_IN_FLIGHT = 4096


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
        payload = {"what": what, **{name: plain(value) for name, value in values.items()}}
        return self.add("note", who, "", "", payload)

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
        return blanked(plain(payload), self.blank)

    def line(self, event: Event) -> str:
        """One JSON object without line end; keys in `Event`'s order, time in seconds with six decimals."""
        return Rendering(self).line(event)

    def lines(self) -> Iterator[str]:
        """The events held as JSON lines, without line ends."""
        return map(Rendering(self).line, self.events)

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
