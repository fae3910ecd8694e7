"""Following one match along the trace, an event at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.scenario.matches import Match
    from harness.scenario.story import Story

MAX_WARNINGS = 3
"""Warnings of the server that a failure shows."""


class Watch:
    """The events after `after` that meet a match, and the nearest miss among those that do not.

    One that looks at what stands is met by what stands, as soon as anything touched it.
    """

    __slots__ = ("_cursor", "_misses", "_story", "found", "match", "touched")

    def __init__(self, match: Match, story: Story, after: int) -> None:
        self.match, self._story, self._cursor = match, story, after
        self.found: list[int] = []
        self.touched = 0
        self._misses: list[tuple[int, float, list[str]]] = []

    def update(self) -> None:
        """Look at what is new."""
        match, story = self.match, self._story
        for event in story.trace.since(self._cursor):
            self._cursor = event.seq
            if not match.candidate(event, story):
                continue
            self.touched = event.seq
            if match.live:
                continue
            differences = match.differences(event, story)
            if differences:
                self._misses.append((len(differences), event.time, differences))
            else:
                self.found.append(event.seq)
        if match.live:
            self.found = [self.touched] if self.touched and not match.standing(story) else []

    def unexpected(self) -> int:
        """The first event that meets the match and no expectation before it; 0 for none."""
        self.update()
        story = self._story
        if self.match.live:
            return max(story.trace.last_seq, 1) if not self.match.standing(story) else 0
        for seq in self.found:
            event = story.trace.event(seq)
            if event is not None and not story.expected(event):
                return seq
        return 0

    def nearest(self) -> str:
        """The event that came nearest, in words; of equals the last."""
        if not self._misses:
            return ""
        _, time, differences = min(reversed(self._misses), key=lambda miss: miss[0])
        return f"the nearest came at {time:.3f} s: {'; '.join(differences)}"


def warned(story: Story) -> list[str]:
    """What the server warned of since the last acting step, each text once: often it is why nothing came."""
    times: dict[str, float] = {}
    for event in story.since_mark():
        said = event.payload
        if event.hop == "pbx" and isinstance(said, Mapping) and said.get("what") == "warning":
            times.setdefault(str(said.get("text")), event.time)
    return [f"the server warned at {time:.3f} s: {text}" for text, time in list(times.items())[:MAX_WARNINGS]]


def early(match: Match, story: Story) -> str:
    """Words for a match that was met before the last acting step and not since; '' where it was not."""
    if match.live:
        standing = not match.standing(story)
        return "it stands already, but nothing touched it since: `state` asks what stands" if standing else ""
    before = Watch(match, story, 0)
    before.update()
    seqs = [seq for seq in before.found if seq <= story.mark]
    event = story.trace.event(seqs[-1]) if seqs else None
    if event is not None:
        return f"it was seen too early: at {event.time:.3f} s, before {story.acted or 'the steps'}"
    if match.phone and not match.standing(story):
        return "the screen shows it, but no event since the last acting step said so: `state` asks what stands"
    return ""
