"""What a verb is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from harness.scenario.reading import Kind
    from harness.scenario.story import Story


class Action(Protocol):
    """What a step does."""

    async def perform(self, story: Story) -> None:
        """Do it.  Raises StepFailed."""


class Verb(NamedTuple):
    """A verb of the language: how its value is read, whether it acts (or asks), and what to tell an editor."""

    kind: Kind
    acts: bool
    doc: str
