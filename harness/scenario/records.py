"""Lists and mappings of a scenario, with closed sets of keys."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from harness.scenario.nodes import ListNode, MapNode, Node, TextNode
from harness.scenario.problems import did_you_mean
from harness.scenario.reading import Kind, Reading, Schema, Told, Wrong


class ListOf(Kind):
    """A list; one value alone will do where it is text."""

    def __init__(self, kind: Kind, least: int = 1, single: bool = False) -> None:
        self.kind, self.least, self.single = kind, least, single

    def read(self, node: Node, reading: Reading) -> tuple[Any, ...]:
        if not isinstance(node, ListNode):
            if self.single and not isinstance(node, MapNode):
                return (self.kind.read(node, reading),)
            raise Wrong(node, "a list is wanted here", "one entry a line, each after a dash, or [a, b]")
        if len(node.items) < self.least:
            raise Wrong(node, "this list is empty")
        return read_all([(item, self.kind) for item in node.items], reading)

    def schema(self) -> Schema:
        listed: Schema = {"type": "array", "items": self.kind.schema(), "minItems": self.least}
        return {"anyOf": [listed, self.kind.schema()]} if self.single else listed


def read_all(items: Sequence[tuple[Node, Kind]], reading: Reading) -> tuple[Any, ...]:
    """Read all, gathering what is wrong with any; raises Told when something was."""
    values, failed = [], False
    for node, kind in items:
        try:
            values.append(kind.read(node, reading))
        except Wrong as wrong:
            reading.tell(wrong)
            failed = True
        except Told:
            failed = True
    if failed:
        raise Told
    return tuple(values)


class MapOf(Kind):
    """A mapping with any keys of one kind."""

    def __init__(self, key: Kind, value: Kind, least: int = 1) -> None:
        self.key, self.value, self.least = key, value, least

    def read(self, node: Node, reading: Reading) -> dict[Any, Any]:
        if not isinstance(node, MapNode):
            raise Wrong(node, "a mapping is wanted here", "`name: value` pairs")
        if len(node.pairs) < self.least:
            raise Wrong(node, "this mapping is empty")
        told = tell_repeated(node, reading)
        try:
            keys = read_all([(key, self.key) for key, _ in node.pairs], reading)
        except Told:
            keys, told = (), True
        values = read_all([(value, self.value) for _, value in node.pairs], reading)
        if told:
            raise Told
        return dict(zip(keys, values, strict=True))

    def schema(self) -> Schema:
        return {"type": "object", "additionalProperties": self.value.schema(), "minProperties": self.least}


class Field(NamedTuple):
    """One key of a mapping: what it holds, and what to tell an editor."""

    kind: Kind
    doc: str
    required: bool = False


Build = Callable[[dict[str, Any], MapNode, Reading], Any]


class Record(Kind):
    """A mapping with known keys.  `build` makes its value of what was given; it may raise Wrong.

    With `rest`, keys that are not known are of that kind; `build` finds them under ''.
    """

    def __init__(self, name: str, fields: Mapping[str, Field], build: Build | None = None,
                 rest: Kind | None = None) -> None:  # fmt: skip
        self.name, self.fields, self.build, self.rest = name, dict(fields), build, rest

    def read(self, node: Node, reading: Reading) -> Any:
        if not isinstance(node, MapNode):
            keys = ", ".join(self.fields)
            raise Wrong(node, f"{self.name} is a mapping", f"with the keys {keys}")
        values, failed = self.values(node, reading)
        run_together = {blankless(key, self.fields) for key, _ in node.pairs}
        for key, field in self.fields.items():
            if field.required and node.get(key) is None and key not in run_together:
                reading.tell(Wrong(node, f"{self.name} needs {key!r}", field.doc))
                failed = True
        if failed:
            raise Told
        return self.build(values, node, reading) if self.build else values

    def values(self, node: MapNode, reading: Reading) -> tuple[dict[str, Any], bool]:
        """The values that can be read, and whether something was wrong."""
        values: dict[str, Any] = {}
        failed = tell_repeated(node, reading)
        for key, value in node.pairs:
            try:
                tell_blankless(key, self.fields)
                if key.text in self.fields:
                    values[key.text] = self.fields[key.text].kind.read(value, reading)
                elif self.rest is not None:
                    values.setdefault("", {})[key.text] = self.rest.read(value, reading)
                else:
                    raise Wrong(key, f"{self.name} has no key {key.text!r}", self._advice(key, value))
            except Wrong as wrong:
                reading.tell(wrong)
                failed = True
            except Told:
                failed = True
        return values, failed

    def _advice(self, key: TextNode, value: Node) -> str:
        """For a key that is not known; one without a value is often the rest of a text with a comma in it."""
        bare = isinstance(value, TextNode) and not value.text and not value.quoted
        return did_you_mean(key.text, self.fields, "a text with a comma in it needs quotes" if bare else "")

    def schema(self) -> Schema:
        properties = {key: {"description": field.doc, **field.kind.schema()} for key, field in self.fields.items()}
        required = [key for key, field in self.fields.items() if field.required]
        rest: Any = self.rest.schema() if self.rest is not None else False
        schema: Schema = {"type": "object", "properties": properties, "additionalProperties": rest}
        return {**schema, "required": required} if required else schema


class Short(Kind):
    """A mapping, or its shorthand: one text that stands for the value of the key `key`."""

    def __init__(self, key: str, record: Record) -> None:
        self.key, self.record = key, record

    def read(self, node: Node, reading: Reading) -> Any:
        if isinstance(node, TextNode):
            node = MapNode(((TextNode(self.key, False, node.span), node),), node.span)
        return self.record.read(node, reading)

    def schema(self) -> Schema:
        return {"anyOf": [self.record.fields[self.key].kind.schema(), self.record.schema()]}


def blankless(key: TextNode, known: Collection[str]) -> str:
    """The key that was meant with `phone:bob`, which YAML reads as one word; '' where it is no such slip."""
    head, colon, _ = key.text.partition(":")
    return head if colon and key.text not in known and head in known else ""


def tell_blankless(key: TextNode, known: Collection[str]) -> None:
    """Raise Wrong for a key that lacks the blank after its colon."""
    if head := blankless(key, known):
        rest = key.text[len(head) + 1 :]
        raise Wrong(key, f"a blank is missing after the colon of {head!r}", f"write `{head}: {rest}`")


def tell_repeated(node: MapNode, reading: Reading) -> bool:
    """Gather the keys that stand there twice; whether there are any."""
    first: dict[str, TextNode] = {}
    repeated = False
    for key, _ in node.pairs:
        if key.text in first:
            line = first[key.text].span.line
            reading.tell(Wrong(key, f"the key {key.text!r} is here a second time", f"the first one is in line {line}"))
            repeated = True
        first.setdefault(key.text, key)
    return repeated
