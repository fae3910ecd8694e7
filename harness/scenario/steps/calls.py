"""What a person does with calls: `call`, `answer`, `reject`, `hold`, `resume`, `transfer`, `hangup`, `press`.

And `unplug`, for what nobody does on purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.scenario.fields import Flag, PhoneName, Text, Whole
from harness.scenario.known import check_line, value_node
from harness.scenario.reading import Wrong
from harness.scenario.records import Field, Record, Short
from harness.scenario.steps.base import Verb
from harness.scenario.story import StepFailed

if TYPE_CHECKING:
    from harness.scenario.nodes import MapNode
    from harness.scenario.reading import Reading
    from harness.scenario.story import Story
    from harness.scenario.target import PhoneActor


@dataclass(frozen=True, slots=True)
class OnPhone:
    """Something that is done on a phone with these arguments; what comes of it is not waited for."""

    phone: str
    act: str
    arguments: Mapping[str, Any]

    async def perform(self, story: Story) -> None:
        """Do it; a phone that cannot says why."""
        act: Callable[..., object] = getattr(story.phone(self.phone), self.act)
        act(**self.arguments)


@dataclass(frozen=True, slots=True)
class Unplug:
    """The plug is pulled: no BYE, no unregistering; `register` or `restart` brings the phone back."""

    phone: str

    async def perform(self, story: Story) -> None:
        """Wait until its sockets are closed."""
        phone: PhoneActor = story.phone(self.phone)
        await phone.kill()


_PHONE = Field(PhoneName(), "the phone on which it is done", required=True)
_WHICH = Field(Text("a call", empty=False), "which of several calls: the other's number or name")


def _record(name: str, fields: Mapping[str, Field], act: str, names: Mapping[str, str]) -> Record:
    """`names` gives the argument of the act for each key."""

    def build(values: dict[str, Any], _node: MapNode, _reading: Reading) -> OnPhone:
        return OnPhone(values["phone"], act, {names[key]: value for key, value in values.items() if key != "phone"})

    return Record(name, {"phone": _PHONE, **fields}, build)


def _on_call(name: str, doc: str) -> Verb:
    return Verb(Short("phone", _record(name, {"call": _WHICH}, name, {"call": "which"})), acts=True, doc=doc)


@dataclass(frozen=True, slots=True)
class Direct:
    """A call from phone to phone without a server between."""

    phone: str
    other: str
    line: str = ""

    async def perform(self, story: Story) -> None:
        """Call the address that the other has now."""
        uri = story.phone(self.other).uri
        if not uri:
            raise StepFailed(f"phone {self.other} is switched off")
        story.phone(self.phone).call(uri, self.line)


def _call(values: dict[str, Any], node: MapNode, reading: Reading) -> OnPhone | Direct:
    if ("to" in values) == ("direct" in values):
        raise Wrong(node, "call needs either 'to' or 'direct'", "direct: bob is a call without the server")
    line = values.get("line", "")
    if line:
        check_line(values["phone"], line, value_node(node, "line"), reading)
    if "direct" in values:
        return Direct(values["phone"], values["direct"], line)
    return OnPhone(values["phone"], "call", {"number": values["to"], "line": line})


CALL = Verb(
    Record("call", {
        "phone": _PHONE,
        "to": Field(Text("a number", empty=False), "the number, or a sip: URI: 2000"),
        "direct": Field(PhoneName(), "another phone, called at its address without the server"),
        "line": Field(Text("a line", empty=False), "the line; the primary one by default"),
    }, _call),
    acts=True,
    doc="a person calls a number; a connected call is put on hold",
)  # fmt: skip
ANSWER = _on_call("answer", "a person takes the call that rings")
HOLD = _on_call("hold", "a person puts the connected call on hold")
RESUME = _on_call("resume", "a person takes a call back from hold")
HANGUP = _on_call("hangup", "a person ends a call: the connected one first")
REJECT = Verb(
    Short("phone", _record("reject", {
        "status": Field(Whole("SIP status", 300, 699), "the answer: 486 by default, 603, ..."),
        "call": _WHICH,
    }, "reject", {"status": "status", "call": "which"})),
    acts=True,
    doc="a person turns the call away that rings",
)  # fmt: skip
PRESS = Verb(
    _record("press", {
        "key": Field(Text("a key", empty=False), "the contact, line or place of the key", required=True),
        "long": Field(Flag(), "whether it is held down"),
    }, "press", {"key": "key", "long": "long"}),
    acts=True,
    doc="a person presses a key: a line's, or a contact's",
)  # fmt: skip
UNPLUG = Verb(
    Short("phone", Record("unplug", {"phone": _PHONE}, lambda values, _node, _reading: Unplug(values["phone"]))),
    acts=True,
    doc="a phone loses its power in the middle of all",
)


def _transfer(values: dict[str, Any], node: MapNode, _reading: Reading) -> OnPhone:
    if values.get("attended") and "to" not in values:
        raise Wrong(node, "whom to consult? 'to' is missing", "without both, the two calls are joined")
    arguments = {"number": values.get("to", ""), "attended": values.get("attended", False)}
    return OnPhone(values["phone"], "transfer", arguments)


TRANSFER = Verb(
    Short("phone", Record("transfer", {
        "phone": _PHONE,
        "to": Field(Text("a number", empty=False), "whom the call goes to; without it, the call consulted before"),
        "attended": Field(Flag(), "talk to them first; a second `transfer` joins the two"),
    }, _transfer)),
    acts=True,
    doc="a person hands a call on: at once, or after a word with the other",
)  # fmt: skip
