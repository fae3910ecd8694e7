"""`set_presence`: a provider's presence, as a dialplan or a manager would set it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.core.states import PresenceState
from harness.scenario.fields import Choice, Flag, Text
from harness.scenario.nodes import MapNode
from harness.scenario.reading import Reading, Wrong
from harness.scenario.records import Field, Record
from harness.scenario.steps.base import Verb
from harness.scenario.story import StepFailed

if TYPE_CHECKING:
    from harness.scenario.story import Story

PREFIX = "CustomPresence:"


@dataclass(frozen=True, slots=True)
class SetPresence:
    """A provider and the text that PRESENCE_STATE() is set to; `refused` where the target must not take it."""

    provider: str
    value: str
    refused: bool = False

    async def perform(self, story: Story) -> None:
        """Write it."""
        accepted = await story.target.set_presence(self.provider, self.value)
        if accepted == self.refused:
            said = "accepted" if accepted else "refused"
            raise StepFailed(f"PRESENCE_STATE({self.provider})={self.value} was {said}")


def presence_text(state: str, subtype: str = "", message: str = "") -> str:
    """`state,subtype,message`, with option `e` where plain text would not arrive as it is."""
    plain = all("," not in text and text == text.strip() and text.isprintable() for text in (subtype, message))
    if plain:
        return f"{state},{subtype},{message}"
    encoded = (base64.b64encode(text.encode("utf-8", "surrogateescape")).decode() for text in (subtype, message))
    return ",".join((state, *encoded, "e"))


def _build(values: dict[str, Any], node: MapNode, _reading: Reading) -> SetPresence:
    if ("provider" in values) == ("line" in values):
        advice = "provider: CustomPresence:2000, or line: 2000"
        raise Wrong(node, "set_presence needs either 'provider' or 'line'", advice)
    if ("value" in values) == ("state" in values):
        advice = "value: 'away,Lunch,', or state, subtype, message"
        raise Wrong(node, "set_presence needs either 'value' or 'state'", advice)
    if "value" in values and (extra := next((key for key in ("subtype", "message") if key in values), "")):
        raise Wrong(node, f"{extra!r} does not go with 'value'", "the value has all three, with commas between")
    provider = values["provider"] if "provider" in values else PREFIX + values["line"]
    return SetPresence(provider, _value(values), values.get("refused", False))


def _value(values: Mapping[str, Any]) -> str:
    if "value" in values:
        return str(values["value"])
    return presence_text(values["state"], values.get("subtype", ""), values.get("message", ""))


_WORDS = tuple(state.token for state in PresenceState if state is not PresenceState.INVALID)

SET_PRESENCE = Verb(
    Record("set_presence", {
        "provider": Field(Text("a provider", empty=False), "the provider: CustomPresence:2000"),
        "line": Field(Text("a line", empty=False), "a line's name, for CustomPresence:<line>"),
        "value": Field(Text("a value"), "what PRESENCE_STATE() is set to: 'away,Lunch,'"),
        "state": Field(Choice("presence state", _WORDS), "not_set, unavailable, available, away, xa, chat, dnd"),
        "subtype": Field(Text("a subtype"), "text beside the state"),
        "message": Field(Text("a message"), "text beside the state"),
        "refused": Field(Flag(), "true where it must be refused"),
    }, _build),
    acts=True,
    doc="a presence is set, as a dialplan or a manager would",
)  # fmt: skip
