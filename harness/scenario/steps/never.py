"""`never ... for`: a span in which something does not happen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.scenario.asking import Matches, ask_record, matches_of
from harness.scenario.fields import Duration
from harness.scenario.nodes import MapNode
from harness.scenario.reading import Reading
from harness.scenario.records import Field
from harness.scenario.steps.base import Verb
from harness.scenario.steps.expect import span
from harness.scenario.story import StepFailed
from harness.scenario.watching import Watch

if TYPE_CHECKING:
    from harness.scenario.story import Story


@dataclass(frozen=True, slots=True)
class Never:
    """No match is met for `for_s` seconds from now, nor was since the last acting step.

    What an expectation has met already does not count.
    """

    matches: Matches
    for_s: float

    async def perform(self, story: Story) -> None:
        """Watch the whole span."""
        watches = [Watch(match, story, story.mark) for match in self.matches]
        vacuous = {watch: watch.match.vacuous(story) for watch in watches}
        if await story.world.wait(lambda: any(watch.unexpected() for watch in watches), self.for_s):
            raise self._happened(next(watch for watch in watches if watch.unexpected()), story)
        for watch, before in vacuous.items():
            # a candidate at the beginning, or one at the end, will do
            if before and (why := watch.match.vacuous(story)):
                story.warnings.append(f"could not fail: never {watch.match.wanted()}: {why}")

    def _happened(self, watch: Watch, story: Story) -> StepFailed:
        event = story.trace.event(watch.unexpected())
        when = f"at {event.time:.3f} s" if event else "now"
        match = watch.match
        wanted = f"not for {span(self.for_s)}: {match.wanted()}"
        return StepFailed(f"it happened, {when}", wanted=wanted, seen=match.seen(story))


def _build(values: dict[str, Any], node: MapNode, reading: Reading) -> Never:
    return Never(matches_of(values, node, reading), values["for"])


NEVER = Verb(
    ask_record("never", {"for": Field(Duration(), "the span: 4 s", required=True)}, _build),
    acts=False,
    doc="something that does not happen in a span of time",
)
