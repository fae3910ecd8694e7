"""A trace as a ladder before it is drawn: lanes, and for each step the rows of what happened in it.

    bob      reception     server      dpma       core
     | * presses away         |          |          |
     |--------MESSAGE-------->|          |          |
     |            |           |-accepted>|          |
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from harness.report.decoded import Message, gist, read_message
from harness.report.ladder import note
from harness.scenario.result import ShownEvent

MAX_PHONES = 10
"""Phones with a lane of their own; the others share one."""
INNER = {"dpma": "dpma", "core": "core", "hint": "core", "ami": "manager"}
"""The lane of what happens within the server, by its hop."""
INNER_NAMES = ("dpma", "core", "manager")
OTHERS = "others"


class Row(NamedTuple):
    """One thing that happened, from lane `at` to lane `to` (the same one where nothing travelled).

    `kind` is request, provisional, success, challenge, refusal, lost, press, screen, inner or note; `arrived` the
    seconds at which a message came in, None where it did not or nobody saw; `why` says how it was lost.
    """

    event: ShownEvent
    kind: str
    at: int
    to: int
    label: str
    arrived: float | None = None
    why: str = ""
    message: Message | None = None


@dataclass(slots=True)
class Act:
    """What happened from the beginning of a step to its end; index 0 is before the first, -1 after the last."""

    index: int
    text: str = ""
    verdict: str = ""
    why: str = ""
    began: float = 0.0
    ended: float = 0.0
    events: list[ShownEvent] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


class Story(NamedTuple):
    """A ladder: its lanes from left to right, phones first, and its acts."""

    lanes: tuple[str, ...]
    phones: int
    acts: list[Act]


def story(events: Sequence[ShownEvent], also: Iterable[str] = ()) -> Story:
    """Put a trace into lanes and acts; `also` names phones that have a lane though they did nothing."""
    lanes = _Lanes(events, also)
    hops = {event.seq: event.hop for event in events}
    arrivals, losses = _fates(events)
    acts = _acts(events)
    for act in acts:
        for event in act.events:
            row = _row(event, lanes, hops, arrivals, losses)
            if row is not None:
                act.rows.append(row)
    return Story(lanes.names, lanes.phones, acts)


def step_that_failed(events: Iterable[ShownEvent]) -> int:
    """The number of the event that began the step which did not pass; 0 for none."""
    for event in events:
        said = event.payload
        if event.hop == "step" and isinstance(said, Mapping) and said.get("verdict") not in (None, "passed"):
            return event.cause
    return 0


# acts


def _acts(events: Iterable[ShownEvent]) -> list[Act]:
    acts = [Act(0)]
    for event in events:
        act = acts[-1]
        said = event.payload if event.hop == "step" and isinstance(event.payload, Mapping) else None
        if said is None:
            act.events.append(event)
            act.ended = event.time
        elif said.get("verdict"):
            act.verdict, act.why, act.ended = str(said["verdict"]), str(said.get("why") or ""), event.time
            acts.append(Act(-1, began=event.time, ended=event.time))
        else:
            if act.index <= 0 and not act.events:
                acts.pop()
            index = said.get("index")
            acts.append(Act(index if isinstance(index, int) else 0, str(said.get("text") or ""), began=event.time,
                            ended=event.time))  # fmt: skip
    return [act for act in acts if act.index > 0 or act.events]


# lanes


class _Lanes:
    """Who has which lane."""

    def __init__(self, events: Iterable[ShownEvent], also: Iterable[str]) -> None:
        phones, server, inner = _who(events)
        named = list(dict.fromkeys([*phones, *(name for name in also if name and name != server)]))
        kept, rest = named[:MAX_PHONES], named[MAX_PHONES:]
        self.phones = len(kept) + bool(rest)
        shared = (f"{len(rest)} {OTHERS}",) if rest else ()
        self.names = (*kept, *shared, *((server,) if server else ()), *(each for each in INNER_NAMES if each in inner))
        self.at = {name: number for number, name in enumerate(self.names)}
        self.at |= dict.fromkeys(rest, len(kept))
        self.server = self.at.get(server, 0)

    def of(self, name: str) -> int:
        """The lane of somebody; the server's for who has none."""
        return self.at.get(name, self.server)


def _who(events: Iterable[ShownEvent]) -> tuple[list[str], str, set[str]]:
    """Phones, those that did something or whose screen changed first; the server; what happened within it."""
    busy: dict[str, None] = {}
    ends: dict[str, None] = {}
    peers: dict[str, set[str]] = {}
    servers: Counter[str] = Counter()
    inner: set[str] = set()
    for event in events:
        if event.hop in ("press", "screen"):
            busy[event.source] = None
        elif event.hop in ("sip", "arrived", "lost"):
            for one, other in ((event.source, event.destination), (event.destination, event.source)):
                ends[one] = None
                peers.setdefault(one, set()).add(other)
        elif event.hop in ("core", "hint", "pbx"):
            servers[event.source] += 1
        if event.hop in INNER:
            inner.add(INNER[event.hop])
    hub = max(peers, key=lambda name: (name not in busy, len(peers[name])), default="")
    server = servers.most_common(1)[0][0] if servers else hub
    phones = [name for name in dict.fromkeys([*busy, *ends]) if name != server]
    return phones, server, inner


# rows


def _fates(events: Iterable[ShownEvent]) -> tuple[dict[int, float], dict[int, str]]:
    """Of each message that was sent, by its number: when it arrived first, and why it was lost."""
    arrivals: dict[int, float] = {}
    losses: dict[int, str] = {}
    for event in events:
        if event.hop == "arrived":
            arrivals.setdefault(event.cause, event.time)
        elif event.hop == "lost":
            said = event.payload
            losses[event.cause] = str(said.get("why") or "") if isinstance(said, Mapping) else ""
    return arrivals, losses


def _row(event: ShownEvent, lanes: _Lanes, hops: Mapping[int, str], arrivals: Mapping[int, float],
         losses: Mapping[int, str]) -> Row | None:  # fmt: skip
    hop, cause = event.hop, hops.get(event.cause, "")
    if cause == "sip" and (hop == "arrived" or (hop == "lost" and event.cause not in arrivals)):
        return None  # the row of the message that was sent tells it
    if hop in ("sip", "arrived", "lost"):
        return _message_row(event, lanes, arrivals, losses)
    at = lanes.of(event.source)
    if hop in ("press", "screen"):
        return Row(event, hop, at, at, note(event))
    if hop in INNER:
        to = lanes.at.get(INNER[hop], lanes.server)
        come = lanes.at.get(INNER.get(cause, ""), lanes.server)
        return Row(event, "inner", min(come, to), to, note(event))
    return Row(event, "inner" if hop == "pbx" else "note", at, at, note(event))


def _message_row(event: ShownEvent, lanes: _Lanes, arrivals: Mapping[int, float], losses: Mapping[int, str]) -> Row:
    at, to = lanes.of(event.source), lanes.of(event.destination)
    said = event.payload
    text = said if isinstance(said, str) else str(said.get("data") or "") if isinstance(said, Mapping) else ""
    message = read_message(text)
    arrived = event.time if event.hop == "arrived" else arrivals.get(event.seq)
    why = losses.get(event.seq, "")
    if event.hop == "lost":
        return Row(event, "lost", at, to, gist(message), None, losses.get(event.cause, "") or "lost", message)
    if event.seq in losses and arrived is None:
        return Row(event, "lost", at, to, gist(message), None, why or "lost", message)
    return Row(event, kind_of(message), at, to, gist(message), arrived, "", message)


def kind_of(message: Message) -> str:
    """How a message is drawn."""
    status = message.status
    if not status:
        return "request"
    if status < 200:
        return "provisional"
    if status < 300:
        return "success"
    return "challenge" if status in (401, 407) else "refusal"
