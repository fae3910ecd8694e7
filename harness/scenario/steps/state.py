"""`state`: what stands now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.scenario.asking import Matches, ask_record, matches_of
from harness.scenario.fields import Duration
from harness.scenario.nodes import MapNode
from harness.scenario.reading import Reading, Wrong
from harness.scenario.records import Field
from harness.scenario.steps.base import Verb
from harness.scenario.steps.expect import span
from harness.scenario.story import StepFailed

if TYPE_CHECKING:
    from harness.scenario.matches import Match
    from harness.scenario.story import Story


@dataclass(frozen=True, slots=True)
class State:
    """All matches stand now, or come to stand within `within_s` seconds, be it by an event or not."""

    matches: Matches
    within_s: float = 0.0

    async def perform(self, story: Story) -> None:
        """Look; what has been looked at counts as expected."""
        if self.within_s:
            await story.world.wait(lambda: not any(match.standing(story) for match in self.matches), self.within_s)
        for match in self.matches:
            if differences := match.standing(story):
                raise self._failed(match, story, differences)
            story.acknowledge(event.seq for event in story.trace.events if match.candidate(event, story))

    def _failed(self, match: Match, story: Story, differences: list[str]) -> StepFailed:
        when = f"after {span(self.within_s)}" if self.within_s else "now"
        message = f"it does not stand {when}: {'; '.join(differences)}"
        return StepFailed(message, wanted=match.wanted(), seen=match.seen(story), match=match)


def _build(values: dict[str, Any], node: MapNode, reading: Reading) -> State:
    if "changes" in values:
        raise Wrong(node, "a change is an event, and `state` asks what stands", "use `expect` or `never`")
    return State(matches_of(values, node, reading), values.get("within", 0.0))


STATE = Verb(
    ask_record("state", {"within": Field(Duration(), "how long it may take to become so; at once by default")}, _build),
    acts=False,
    doc="what stands now",
)
