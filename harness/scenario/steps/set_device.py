"""`set_device`: a device's state, as a dialplan or a manager would set it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.core.states import DeviceState
from harness.scenario.fields import Choice, Flag, Text
from harness.scenario.records import Field, Record
from harness.scenario.steps.base import Verb
from harness.scenario.story import StepFailed

if TYPE_CHECKING:
    from harness.scenario.story import Story

_WORDS = tuple(state.token for state in DeviceState)


@dataclass(frozen=True, slots=True)
class SetDevice:
    """A device and its new state; `refused` where the target must not take it."""

    device: str
    state: str
    refused: bool = False

    async def perform(self, story: Story) -> None:
        """Set it."""
        accepted = await story.target.set_device(self.device, self.state)
        if accepted == self.refused:
            said = "accepted" if accepted else "refused"
            raise StepFailed(f"{self.device}={self.state} was {said}")


SET_DEVICE = Verb(
    Record("set_device", {
        "device": Field(Text("a device", empty=False), "the device: Custom:lamp, PJSIP/2000", required=True),
        "state": Field(Choice("device state", _WORDS, {word.lower(): word for word in _WORDS}),
                       "INUSE, NOT_INUSE, RINGING, ...", required=True),
        "refused": Field(Flag(), "true where it must be refused"),
    }, lambda values, _node, _reading: SetDevice(values["device"], values["state"], values.get("refused", False))),
    acts=True,
    doc="a device's state is set, as a dialplan or a manager would",
)  # fmt: skip
