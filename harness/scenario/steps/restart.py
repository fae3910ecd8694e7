"""`restart`: the server, or a phone, goes off and on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.scenario.fields import PhoneName, Text
from harness.scenario.nodes import MapNode, Node, TextNode
from harness.scenario.problems import did_you_mean
from harness.scenario.reading import Kind, Reading, Schema, Wrong
from harness.scenario.records import Field, Record
from harness.scenario.steps.base import Verb

if TYPE_CHECKING:
    from harness.scenario.story import Story

SERVER = "server"


@dataclass(frozen=True, slots=True)
class Restart:
    """A restart of a phone, or with '' of the server."""

    phone: str = ""

    async def perform(self, story: Story) -> None:
        """Wait until it is up again."""
        if self.phone:
            await story.phone(self.phone).restart()
        else:
            await story.target.restart_server()


_PHONE = Record(
    "restart",
    {"phone": Field(PhoneName(), "the phone", required=True)},
    lambda values, _node, _reading: Restart(values["phone"]),
)


class _RestartKind(Kind):
    """`server`, a phone's name, or `{phone: name}` for a phone that is named server."""

    def read(self, node: Node, reading: Reading) -> Any:
        if isinstance(node, MapNode):
            return _PHONE.read(node, reading)
        name = Text("what to restart", empty=False).read(node, reading)
        if name == SERVER:
            return Restart()
        known = sorted(reading.phones) if reading.phones is not None else []
        if reading.phones is not None and name not in known and isinstance(node, TextNode):
            raise Wrong(node, f"{name!r} is neither the server nor a phone", did_you_mean(name, [SERVER, *known]))
        return Restart(name)

    def schema(self) -> Schema:
        return {"anyOf": [Text().schema(), _PHONE.schema()]}


RESTART = Verb(_RestartKind(), acts=True, doc="`server`, or a phone: it goes off and comes back")
