"""The language of scenarios as data: the loader reads by it, and editors by its JSON Schema."""

from __future__ import annotations

from typing import Any

from harness.scenario.conditions import MatchKind
from harness.scenario.fields import VARIABLE, Choice, Duration, Flag, PhoneName, Text
from harness.scenario.nodes import MapNode, Node, TextNode
from harness.scenario.reading import ANY_TEXT, Kind, Reading, Schema, Wrong
from harness.scenario.records import Field, ListOf, MapOf, Record, Short
from harness.scenario.shared_schema import share
from harness.scenario.steps import VERBS
from phones.models import MODELS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NAME = Text("a name", empty=False)


class StepsKind(Kind):
    """The steps; expansion reads them, since one may stand for several."""

    def read(self, node: Node, _reading: Reading) -> Node:
        return node

    def schema(self) -> Schema:
        return {"type": "array", "items": {"$ref": "#/$defs/step"}, "minItems": 1}


class RealKind(Kind):
    """Whether the scenario may be told in real time: `yes`, or `{no: why not}`; gives the reason against it."""

    def read(self, node: Node, reading: Reading) -> str:
        if isinstance(node, MapNode) and len(node.pairs) == 1 and node.pairs[0][0].text in ("no", "false"):
            return Text("the reason", empty=False).read(node.pairs[0][1], reading)
        if isinstance(node, TextNode) and Flag().read(node, reading):
            return ""
        raise Wrong(node, "say why it is not told in real time", "real: {no: it waits an hour}")

    def schema(self) -> Schema:
        reason: Schema = {"type": "object", "properties": {"no": {"type": "string"}}, "required": ["no"],
                          "additionalProperties": False}  # fmt: skip
        return {"anyOf": [{"enum": [True, "yes"]}, reason]}


PHONE_OPTIONS = Record("options of a phone", {
    "user_agent": Field(Text("a User-Agent", empty=False), "the User-Agent that it sends: Digium D65 2_9_19"),
    "model": Field(Choice("model", tuple(MODELS)), "its model, which gives its User-Agent and its keys"),
    "expansion": Field(Flag(), "whether an expansion module is attached"),
})  # fmt: skip

DPMA_OPTIONS = Record("options of the DPMA", {
    "lines": Field(Choice("answer", ("first", "all")), "which lines of a phone get its status: the first, or all"),
    "auto_hint_context": Field(Text("a context", empty=False), "the context of the auto_hint_ hints"),
})  # fmt: skip

FLOW = Record("a flow", {
    "args": Field(ListOf(_NAME, least=0), "the names of its arguments, used as ${name}"),
    "steps": Field(StepsKind(), "its steps", required=True),
})  # fmt: skip

MATRIX = Record(
    "matrix",
    {"exclude": Field(ListOf(MapOf(_NAME, Text())), "combinations that are left out")},
    rest=ListOf(Text("a value")),
)

FLOWS_FILE = Record("a file of flows", {
    "flows": Field(MapOf(_NAME, FLOW), "flows by name", required=True),
})  # fmt: skip

SCENARIO = Record("a scenario", {
    "scenario": Field(Text("the name", empty=False), "its name: what happens, in a few words", required=True),
    "why": Field(Text("the reason"), "why it is there, in one line"),
    "config": Field(Text("the folder", empty=False), "folder of its configuration, beside this file", required=True),
    "phones": Field(MapOf(PhoneName(), PHONE_OPTIONS), "options of some phones, by type=phone section"),
    "only": Field(ListOf(PhoneName(), single=True), "the phones that take part; all by default"),
    "tags": Field(ListOf(Text("a tag", empty=False), least=0, single=True), "words to select it by (--tag)"),
    "requires": Field(ListOf(Text("a capability", empty=False), single=True), "what the target must be able to do"),
    "real": Field(RealKind(), "{no: why} where it is not told in real time"),
    "skip": Field(Text("the reason", empty=False), "why it is not told at all"),
    "xfail": Field(Text("the reason", empty=False), "why it fails; when it passes, that fails"),
    "strict": Field(Flag(), "true: what changes on a screen and was not expected fails it"),
    "sip_as_pjsip": Field(Flag(), "true: devices named SIP/x count as PJSIP/x, for old dialplans"),
    "dpma": Field(DPMA_OPTIONS, "what is not documented about the DPMA, where it is not as is most likely"),
    "vars": Field(MapOf(_NAME, Text("a value")), "texts to use as ${name}"),
    "matrix": Field(MATRIX, "variables with several values each; the scenario is told for each combination"),
    "flows": Field(MapOf(_NAME, FLOW), "named steps with arguments, for the step `flow`"),
    "include": Field(ListOf(Text("a file", empty=False), single=True), "files beside this one that hold more flows"),
    "steps": Field(StepsKind(), "what is done and what is asked, in order", required=True),
})  # fmt: skip

FOREACH = Record("foreach", {
    "var": Field(_NAME, "the variable", required=True),
    "in": Field(ListOf(Text("a value")), "its values", required=True),
    "steps": Field(StepsKind(), "the steps for each value", required=True),
})  # fmt: skip
CALL = Short("name", Record(
    "flow", {"name": Field(_NAME, "the flow", required=True)}, rest=Text("an argument")))  # fmt: skip

EXPANDING = {"foreach": (FOREACH, "the same steps for each value"), "flow": (CALL, "the steps of a named flow")}
"""Steps that stand for others."""


_SHARED: dict[str, Schema] = {
    "text": ANY_TEXT,
    "some_text": _NAME.schema(),
    "variable": VARIABLE,
    "flag": Flag().schema(),
    "duration": Duration().schema(),
    "condition": MatchKind().schema(),
}
"""What parts of the JSON Schema are called that stand in many places."""


def json_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a scenario file, for editors.

    It is a little more lenient than the loader, which also knows the configuration and the variables.
    """
    steps = {name: {"description": verb.doc, **verb.kind.schema()} for name, verb in VERBS.items()}
    steps |= {name: {"description": doc, **kind.schema()} for name, (kind, doc) in EXPANDING.items()}
    one = {"minProperties": 1, "maxProperties": 1}
    step = {"type": "object", "properties": steps, "additionalProperties": False, **one}
    whole = {
        "$schema": DIALECT,
        "title": "dpma-harness scenario",
        "description": "One story of phones, presence and what each phone shows; files end in .scenario.yaml",
        **SCENARIO.schema(),
        "$defs": {"step": step},
    }
    return share(whole, _SHARED)
