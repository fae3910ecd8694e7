"""`status`: a person picks a status on a phone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.scenario.fields import PhoneName, Text
from harness.scenario.known import check_status, value_node
from harness.scenario.records import Field, Record
from harness.scenario.steps.base import Verb

if TYPE_CHECKING:
    from harness.scenario.nodes import MapNode
    from harness.scenario.reading import Reading
    from harness.scenario.story import Story


@dataclass(frozen=True, slots=True)
class Status:
    """One press."""

    phone: str
    status: str
    substatus: str = ""

    async def perform(self, story: Story) -> None:
        """Press and go on; `expect: {phone: ..., answer: ...}` asks for the answer."""
        story.phone(self.phone).set_status(self.status, self.substatus)


def _build(values: dict[str, Any], node: MapNode, reading: Reading) -> Status:
    check_status(values["phone"], values["set"], value_node(node, "set"), reading)
    return Status(values["phone"], values["set"], values.get("substatus", ""))


STATUS = Verb(
    Record("status", {
        "phone": Field(PhoneName(), "the phone on which it is pressed", required=True),
        "set": Field(Text("a status", empty=False), "the status, one of the phone's: away", required=True),
        "substatus": Field(Text("a substatus"), "its substatus: Lunch"),
    }, _build),
    acts=True,
    doc="a person picks a status on a phone",
)  # fmt: skip
