"""`expect`: an event after the last acting step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.scenario.asking import Matches, ask_record, matches_of
from harness.scenario.fields import Count, CountKind, Duration
from harness.scenario.nodes import MapNode
from harness.scenario.reading import Reading, Wrong
from harness.scenario.records import Field
from harness.scenario.steps.base import Verb
from harness.scenario.story import StepFailed
from harness.scenario.watching import Watch, early

if TYPE_CHECKING:
    from harness.scenario.story import Story

WITHIN_S = 5.0
"""Seconds that an expectation waits where it does not say `within`."""


@dataclass(frozen=True, slots=True)
class Expect:
    """Each match is met within `within_s` seconds, once; with a `count`, that often in the whole span."""

    matches: Matches
    within_s: float = WITHIN_S
    count: Count | None = None

    async def perform(self, story: Story) -> None:
        """Wait for it."""
        watches = [Watch(match, story, story.mark) for match in self.matches]
        await story.world.wait(lambda: self._decided(watches), self.within_s)
        for watch in watches:
            watch.update()
            if self.count is None:
                self._met_once(watch, story)
            else:
                self._met_often(watch, story, self.count)

    def _decided(self, watches: list[Watch]) -> bool:
        for watch in watches:
            watch.update()
        if self.count is None:
            return all(watch.found for watch in watches)
        most = self.count.most
        if most is None:
            least = self.count.least
            return all(len(watch.found) >= least for watch in watches)
        return any(len(watch.found) > most for watch in watches)

    def _met_once(self, watch: Watch, story: Story) -> None:
        if not watch.found:
            raise missed(watch, story, f"it did not come within {span(self.within_s)}")
        story.acknowledge(watch.found[:1])

    def _met_often(self, watch: Watch, story: Story, count: Count) -> None:
        times = len(watch.found)
        if times not in count:
            often = "not at all" if not times else "once" if times == 1 else f"{times} times"
            raise missed(watch, story, f"it came {often} within {span(self.within_s)}, not {count}")
        story.acknowledge(watch.found)


def missed(watch: Watch, story: Story, message: str) -> StepFailed:
    """The failure of a match that was not met, with what came nearest."""
    match = watch.match
    hints = () if watch.found else (early(match, story), watch.nearest())
    return StepFailed(message, wanted=match.wanted(), seen=match.seen(story), hints=filter(None, hints), match=match)


def span(seconds: float) -> str:
    """A time span for reading."""
    return f"{seconds * 1000:g} ms" if seconds < 1 else f"{seconds:g} s"


def _build(values: dict[str, Any], node: MapNode, reading: Reading) -> Expect:
    matches = matches_of(values, node, reading)
    count = values.get("count")
    if count is not None and any(match.live for match in matches):
        raise Wrong(node, "what stands cannot be counted", "count NOTIFYs, or what a phone sees")
    return Expect(matches, values.get("within", WITHIN_S), count)


EXPECT = Verb(
    ask_record("expect", {
        "within": Field(Duration(), "how long to wait: 500 ms, 10 s; 5 s by default"),
        "count": Field(CountKind(), "how often in that span: 2, 1..3, 2.. (the whole span is watched)"),
    }, _build),
    acts=False,
    doc="an event after the last acting step",
)  # fmt: skip
