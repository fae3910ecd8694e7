"""One telling of a scenario: what has been done, what was seen, what counts as expected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.errors import HarnessError
from harness.sip.message import Malformed, Request, Response, parse_message
from phones.screen import SEEN

if TYPE_CHECKING:
    from harness.net.trace import Event, Trace
    from harness.net.world import World
    from harness.scenario.matches import Match
    from harness.scenario.target import PhoneActor, Target

_NOTIFY = b"NOTIFY "
_AHEAD = 64
"""Events after a NOTIFY's arrival among which the phone's account of it is looked for; it writes it at once."""
_NEAR = 4
"""Causes to go back from a line of a screen's account to the NOTIFY that led to it."""


class StepFailed(HarnessError):
    """A step did not get what it asks for; `match` is what it asked for, where there is one."""

    def __init__(self, message: str, *, wanted: str = "", seen: str = "", hints: Iterable[str] = (),
                 match: Match | None = None) -> None:  # fmt: skip
        super().__init__(message)
        self.message, self.wanted, self.seen, self.match = message, wanted, seen, match
        self.hints = tuple(hints)


@dataclass(slots=True)
class Story:
    """What the steps of one scenario share while it is told."""

    target: Target
    mark: int = 0
    """The last event before the last acting step: what came later may be its consequence."""
    acted: str = ""
    """The last acting step, in words with its line."""
    began: int = 0
    """The last event before the first acting step."""
    tolerated: list[Match] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    _acknowledged: set[int] = field(default_factory=set)
    _messages: dict[int, Request | Response | None] = field(default_factory=dict)

    @property
    def world(self) -> World:
        """Clock, network and trace."""
        return self.target.world

    @property
    def trace(self) -> Trace:
        """The account of what happened."""
        return self.target.world.trace

    def since_mark(self) -> list[Event]:
        """The events since the last acting step began."""
        return self.trace.since(self.mark)

    def phone(self, name: str) -> PhoneActor:
        """A phone that takes part.  Raises StepFailed."""
        found = self.target.phones.get(name)
        if found is None:
            there = ", ".join(sorted(self.target.phones)) or "none"
            raise StepFailed(f"there is no phone {name!r} on the target; there are {there}")
        return found

    def contact_id(self, phone: str, contact: str) -> str:
        """The id of a contact that a scenario names by id, extension or display name."""
        actor = self.target.phones.get(phone)
        found = actor.screen.find(contact) if actor is not None else None
        return contact if found is None else found.id

    # the NOTIFYs behind what is seen

    def message(self, event: Event) -> Request | Response | None:
        """The SIP message that an event carries; None for anything else and for what cannot be read."""
        if event.seq not in self._messages:
            self._messages[event.seq] = _parsed(event)
        return self._messages[event.seq]

    def notified(self, event: Event) -> str:
        """The name of whom a NOTIFY has reached with this event, '' where it is no such event."""
        if event.hop != "arrived" or not isinstance(event.payload, bytes) or not event.payload.startswith(_NOTIFY):
            return ""
        return self.trace.name_of(event.destination)

    def arrival(self, event: Event) -> Event:
        """The arrival of a message that led to an event; the event itself where there is none."""
        near: Event | None = event
        for _ in range(_NEAR):
            if near is None:
                break
            if near.hop == "arrived":
                return near
            near = self.trace.event(near.cause)
        return event

    def notify_behind(self, event: Event) -> Request | None:
        """The NOTIFY that led to an event."""
        found = self.message(self.arrival(event))
        return found if isinstance(found, Request) and found.method == "NOTIFY" else None

    def contact_of_notify(self, event: Event) -> str:
        """The contact that a NOTIFY told of: as the phone's account has it, else by the user of its From."""
        for ahead in range(1, _AHEAD):
            later = self.trace.event(event.seq + ahead)
            if later is None:
                break
            if later.cause == event.seq and later.hop == "screen" and isinstance(later.payload, dict):
                return str(later.payload.get("contact") or "")
        request = self.notify_behind(event)
        if request is None:
            return ""
        user = str(request.from_.uri).partition("@")[0].partition(":")[2]
        return self.contact_id(self.trace.name_of(event.destination), user)

    def last_notify(self, phone: str, contact_id: str) -> Request | None:
        """The latest NOTIFY that told a phone of a contact."""
        for event in reversed(self.trace.events):
            if self.notified(event) == phone and self.contact_of_notify(event) == contact_id:
                return self.notify_behind(event)
        return None

    # what was expected

    def acknowledge(self, seqs: Iterable[int]) -> None:
        """Count events as expected, with all that the same arrival led to."""
        for seq in seqs:
            if (event := self.trace.event(seq)) is not None:
                self._acknowledged.add(self.arrival(event).seq)

    def expected(self, event: Event) -> bool:
        """Whether an expectation has met the event."""
        return self.arrival(event).seq in self._acknowledged

    def unexpected(self) -> list[str]:
        """The changes on screens that no expectation has met, in words."""
        return [self._told(event) for event in self.trace.since(self.began)
                if _changes_contact(event) and not self.expected(event) and not self._tolerates(event)]  # fmt: skip

    def _tolerates(self, event: Event) -> bool:
        arrival = self.arrival(event)
        return any(
            match.candidate(each, self) and not match.differences(each, self)
            for match in self.tolerated
            for each in (event, arrival)
        )

    def _told(self, event: Event) -> str:
        said = event.payload
        assert isinstance(said, dict)
        shown = ", ".join(f"{name} {said[name]!r}" for name in SEEN if said.get(name))
        return f"at {event.time:.3f} s {said.get('phone')} saw {said.get('contact')}: {shown or 'nothing'}"


def _changes_contact(event: Event) -> bool:
    said = event.payload
    return event.hop == "screen" and isinstance(said, dict) and bool(said.get("contact")) and bool(said.get("changed"))


def _parsed(event: Event) -> Request | Response | None:
    if not isinstance(event.payload, bytes):
        return None
    try:
        return parse_message(event.payload)
    except Malformed:
        return None
