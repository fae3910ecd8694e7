"""`pause`: time passes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.scenario.fields import Duration
from harness.scenario.records import Field, Record, Short
from harness.scenario.steps.base import Verb

if TYPE_CHECKING:
    from harness.scenario.story import Story


@dataclass(frozen=True, slots=True)
class Pause:
    """A span in seconds in which nobody does anything."""

    seconds: float

    async def perform(self, story: Story) -> None:
        """Let the time pass."""
        await story.world.sleep(self.seconds)


PAUSE = Verb(
    Short("for", Record(
        "pause",
        {"for": Field(Duration(), "how long: 500 ms, 4 s, 1 min", required=True)},
        lambda values, _node, _reading: Pause(values["for"]),
    )),
    acts=False,
    doc="time passes; nothing is expected by it",
)  # fmt: skip
