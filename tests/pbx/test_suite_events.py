"""`serve --test-events`: what an Asterisk that was built for its own tests tells of a subscription."""

from __future__ import annotations

from pathlib import Path

from harness.net.trace import Trace
from harness.net.world import World
from harness.targets.serving import ServeOptions, Serving
from tests.golden.replay import AMI, MEMORY, SIP, Replay, Stage, tell

ETC = Path(__file__).parents[1] / "golden" / "etc"
STORY = {
    "events": ["TestEvent"],
    "steps": [
        {"subscribe": {"id": "w", "to": "2000"}},
        {"ami": {"Action": "Setvar", "Variable": "PRESENCE_STATE(CustomPresence:2000)", "Value": "dnd"}},
        {"refresh": {"id": "w", "expires": 300}},
        {"refresh": {"id": "w", "expires": 0}},
    ],
}


class EventStage(Stage):
    """A server with or without the option."""

    def __init__(self, asked: bool) -> None:
        self.world = World.simulated(1, trace=Trace(enabled=False))
        self.random = self.world.random_for("peers")
        self.told = []
        self._options = ServeOptions(ETC, SIP, AMI, MEMORY, test_events=asked)
        self.serving = Serving(self._options, self.world, self.told.append)
        self.serving.start()


def states(asked: bool) -> list[list[list[str]]]:
    """Of each step the test events, as state and what is said besides."""
    notes = tell(Replay(EventStage(asked)), STORY)
    events = [[event for event in note.get("events", ()) if event[0] == "Event: TestEvent"] for note in notes]
    return [[[event[2].removeprefix("State: SUBSCRIPTION_"), *event[-2:]] for event in step] for step in events]


def test_every_notify_is_told_with_its_reason() -> None:
    """Established, changed, refreshed and terminated, each with the state of the subscription."""
    active, ended = (["STATE_SET", f"StateText: {state}", "Endpoint: watcher"] for state in ("ACTIVE", "TERMINATED"))
    assert [[event[0] for event in step] for step in states(asked=True)] == [
        ["STATE_SET", "ESTABLISHED"], ["STATE_SET", "STATE_CHANGED"],
        ["STATE_SET", "REFRESHED"], ["STATE_SET", "TERMINATED"],
    ]  # fmt: skip
    assert [step[0] for step in states(asked=True)] == [active, active, active, ended]
    assert {step[1][-1] for step in states(asked=True)} == {"Resource: 2000"}


def test_without_the_option_nothing_is_told() -> None:
    """An ordinary Asterisk has no such event."""
    assert states(asked=False) == [[], [], [], []]
