"""A call as a phone shows it, and the messages that wait in a mailbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.scenario.conditions import TextMatch, in_words
from harness.scenario.matches.base import no_such_phone
from phones.screen import CallView, Mailbox

if TYPE_CHECKING:
    from harness.net.trace import Event
    from harness.scenario.story import Story

NONE, ENDED = "none", "ended"


def _said(event: Event, phone: str, of: str) -> Mapping[str, object]:
    """What an event of a phone's screen says of a call or a mailbox; {} for any other event."""
    said = event.payload
    if event.hop != "screen" or not isinstance(said, Mapping) or said.get("phone") != phone:
        return {}
    return said if said.get(of) else {}


def _compared(fields: Mapping[str, TextMatch], values: Mapping[str, str]) -> list[str]:
    return [f"{name} is {in_words(values[name])}, not {match}" for name, match in fields.items()
            if not match.matches(values[name])]  # fmt: skip


def _wanted(fields: Mapping[str, TextMatch]) -> str:
    return ", ".join(f"{name} {match}" for name, match in fields.items())


@dataclass(frozen=True, slots=True)
class CallMatch:
    """A call on a phone's screen, any that fits; `none`: there is none that is not over."""

    phone: str
    fields: Mapping[str, TextMatch] = field(default_factory=dict)
    none: bool = False
    contact: str = ""

    @property
    def live(self) -> bool:
        """That there is none is looked at; a call changes by an event."""
        return self.none

    def candidate(self, event: Event, story: Story) -> bool:
        """A line of the phone's account of its calls."""
        return bool(_said(event, self.phone, "call"))

    def differences(self, event: Event, story: Story) -> list[str]:
        """What the event says otherwise."""
        said = _said(event, self.phone, "call")
        return _compared(self.fields, {name: str(said.get(name) or "") for name in _FIELDS})

    def standing(self, story: Story) -> list[str]:
        """What the screen shows otherwise; of several calls the one that comes nearest."""
        if self.phone not in story.target.phones:
            return [no_such_phone(story, self.phone)]
        calls = self._calls(story)
        if self.none:
            return [f"it has a call: {_told(call)}" for call in calls if call.state != ENDED]
        found = [_compared(self.fields, _values(call)) for call in calls]
        return min(found, key=len, default=[f"phone {self.phone} has no call"])

    def _calls(self, story: Story) -> list[CallView]:
        phone = story.target.phones.get(self.phone)
        return list(phone.screen.calls.values()) if phone is not None else []

    def vacuous(self, story: Story) -> str:
        """Any phone may be called."""
        return "" if self.phone in story.target.phones else no_such_phone(story, self.phone)

    def wanted(self) -> str:
        """Phone and call."""
        return f"{self.phone} has no call" if self.none else f"{self.phone} has a call: {_wanted(self.fields)}"

    def seen(self, story: Story) -> str:
        """The calls as they are."""
        if self.phone not in story.target.phones:
            return no_such_phone(story, self.phone)
        return f"{self.phone}: {'; '.join(map(_told, self._calls(story))) or 'no call'}"


_FIELDS = tuple(name for name in CallView._fields if name != "id")


def _values(call: CallView) -> dict[str, str]:
    return {name: str(getattr(call, name)) for name in _FIELDS}


def _told(call: CallView) -> str:
    name = f" {call.name}" if call.name else ""
    why = f" ({call.why})" if call.why else ""
    return f"call {call.id} {call.direction} {call.number}{name} is {call.state}{why}"


@dataclass(frozen=True, slots=True)
class MailboxMatch:
    """The messages of a line, '' for the first that has any; `fields` are new, old and lamp."""

    phone: str
    fields: Mapping[str, TextMatch]
    line: str = ""
    contact: str = ""

    @property
    def live(self) -> bool:
        """It looks at events."""
        return False

    def candidate(self, event: Event, story: Story) -> bool:
        """News of a mailbox."""
        said = _said(event, self.phone, "mailbox")
        return bool(said) and self.line in ("", said.get("mailbox"))

    def differences(self, event: Event, story: Story) -> list[str]:
        """What the news say otherwise."""
        said = _said(event, self.phone, "mailbox")
        return _compared(self.fields, {name: str(said.get(name)) for name in ("new", "old", "lamp")})

    def standing(self, story: Story) -> list[str]:
        """What the screen shows otherwise."""
        phone = story.target.phones.get(self.phone)
        if phone is None:
            return [no_such_phone(story, self.phone)]
        boxes = [box for line, box in phone.screen.mailboxes.items() if self.line in ("", line)] or [Mailbox()]
        return min((_compared(self.fields, _box(box)) for box in boxes), key=len)

    def vacuous(self, story: Story) -> str:
        """Any phone may be told of messages."""
        return "" if self.phone in story.target.phones else no_such_phone(story, self.phone)

    def wanted(self) -> str:
        """Phone and messages."""
        return f"{self.phone}'s messages{f' of {self.line}' if self.line else ''}: {_wanted(self.fields)}"

    def seen(self, story: Story) -> str:
        """The lamps as they are."""
        phone = story.target.phones.get(self.phone)
        if phone is None:
            return no_such_phone(story, self.phone)
        boxes = (f"{line} has {box.new} new and {box.old} old" for line, box in phone.screen.mailboxes.items())
        return f"{self.phone}: {'; '.join(boxes) or 'nothing is known of messages'}"


def _box(box: Mailbox) -> dict[str, str]:
    return {"new": str(box.new), "old": str(box.old), "lamp": "on" if box.new else "off"}
