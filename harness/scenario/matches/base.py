"""What all matches have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from harness.net.trace import Event
    from harness.scenario.story import Story


class Match(Protocol):
    """One thing that is asked for."""

    @property
    def phone(self) -> str:
        """The phone that it is about, '' for none."""

    @property
    def contact(self) -> str:
        """The contact that it is about, as the scenario names it; '' for none."""

    @property
    def live(self) -> bool:
        """Whether it looks at what stands, and not at what an event says."""

    def candidate(self, event: Event, story: Story) -> bool:
        """Whether an event is of the kind, phone and contact that is asked about, whatever it says."""

    def differences(self, event: Event, story: Story) -> list[str]:
        """What a candidate says otherwise, 'presence is dnd, not away'; nothing where it matches."""

    def standing(self, story: Story) -> list[str]:
        """What stands otherwise now; nothing where all is as asked."""

    def vacuous(self, story: Story) -> str:
        """Why no event could ever be a candidate; '' where one could."""

    def wanted(self) -> str:
        """What is asked for, in words."""

    def seen(self, story: Story) -> str:
        """What stands now, in words."""


def no_such_phone(story: Story, name: str) -> str:
    """Words for a phone that is not there."""
    return f"there is no phone {name!r}; there are {', '.join(sorted(story.target.phones)) or 'none'}"
