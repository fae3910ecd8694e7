"""Any event of the trace, by its hop and what it carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.scenario.conditions import TextMatch

if TYPE_CHECKING:
    from harness.net.trace import Event
    from harness.scenario.story import Story

PLACES = ("source", "destination")


@dataclass(frozen=True, slots=True)
class TraceMatch:
    """An event: `fields` are keys of its payload, `source`, `destination`, `transport`, or `start` (of SIP)."""

    hop: str
    fields: Mapping[str, TextMatch] = field(default_factory=dict)
    phone: str = ""
    contact: str = ""

    @property
    def live(self) -> bool:
        """It looks at events."""
        return False

    def candidate(self, event: Event, story: Story) -> bool:
        """An event of that hop."""
        return event.hop == self.hop

    def differences(self, event: Event, story: Story) -> list[str]:
        """Compare the fields."""
        found = []
        for name, match in self.fields.items():
            value = _value(name, event, story)
            if not match.matches("" if value is None else value):
                found.append(f"{name} is {value!r}, not {match}" if value is not None else f"it has no {name!r}")
        return found

    def standing(self, story: Story) -> list[str]:
        """Whether there is such an event anywhere on the trace."""
        near = [self.differences(event, story) for event in story.trace.events if event.hop == self.hop]
        return min(near, key=len, default=[f"no event of the hop {self.hop!r}"])

    def vacuous(self, story: Story) -> str:
        """There must have been an event of that hop in this story."""
        there = any(event.hop == self.hop for event in story.trace.events)
        return "" if there else f"the trace has no event of the hop {self.hop!r} at all"

    def wanted(self) -> str:
        """Hop and fields."""
        fields = ", ".join(f"{name} {match}" for name, match in self.fields.items())
        return f"a {self.hop} event" + (f" with {fields}" if fields else "")

    def seen(self, story: Story) -> str:
        """How many there are, and the last one."""
        there = [event for event in story.since_mark() if event.hop == self.hop]
        if not there:
            return f"no {self.hop} event since the last acting step"
        return f"{len(there)} {self.hop} events, the last: {story.trace.shown(there[-1].payload)}"


def _value(name: str, event: Event, story: Story) -> str | None:
    if name in PLACES:
        return story.trace.name_of(getattr(event, name))
    if name == "transport":
        return event.transport
    if name == "start":
        data = event.payload
        return data.partition(b"\r\n")[0].decode("utf-8", "replace") if isinstance(data, bytes) else None
    if isinstance(event.payload, Mapping):
        value = event.payload.get(name)
        return None if value is None else "true" if value is True else "false" if value is False else str(value)
    return event.payload if name == "text" and isinstance(event.payload, str) else None
