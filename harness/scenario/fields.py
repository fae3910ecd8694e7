"""What a field of a scenario can hold: each kind reads its node and knows its JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from harness.errors import InputError
from harness.scenario.nodes import ListNode, MapNode, Node, TextNode
from harness.scenario.problems import Problems, Source, SourceError, Span, did_you_mean
from harness.scenario.variables import UnknownVariable, Variables

MAX_REGEX = 500
"""Characters of a regular expression."""
MAX_DURATION_S = 30 * 86400.0
MAX_COUNT = 1_000_000

Schema = dict[str, Any]
ANY_TEXT: Schema = {"type": ["string", "number", "boolean", "null"]}
"""Text, whatever an editor's YAML makes of it."""


class Wrong(Exception):
    """What is wrong with one node; the reading gathers it."""

    def __init__(self, node: Node | Span, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.span = node if isinstance(node, Span) else node.span
        self.message, self.advice = message, advice


class Told(Exception):
    """Something is wrong and has been gathered already."""


class Reading:
    """One pass over one file: where errors go, which variables and phones there are."""

    def __init__(self, source: Source, problems: Problems, variables: Variables,
                 phones: frozenset[str] | None = None, left_out: frozenset[str] = frozenset()) -> None:  # fmt: skip
        self.source, self.problems, self.variables = source, problems, variables
        self.phones = phones
        """Names of the phones that take part; None where the configuration could not tell."""
        self.left_out = left_out
        self.flows: Mapping[str, Any] = {}
        self.flows_used: set[str] = set()
        self.calling: tuple[str, ...] = ()
        """The flows that are being read, the outermost first."""
        self.steps = 0
        """How many steps have been read."""

    def within(self, more: Mapping[str, str]) -> Reading:
        """The same reading with more variables."""
        return self._inner(self.source, self.variables.within(more))

    def calling_flow(self, name: str, source: Source, arguments: Mapping[str, str]) -> Reading:
        """The reading of a flow: it sees its arguments and no other variables."""
        inner = self._inner(source, Variables(arguments))
        inner.calling = (*self.calling, name)
        return inner

    def _inner(self, source: Source, variables: Variables) -> Reading:
        inner = Reading(source, self.problems, variables, self.phones, self.left_out)
        inner.flows, inner.flows_used, inner.calling, inner.steps = self.flows, self.flows_used, self.calling, self.steps
        return inner

    def tell(self, wrong: Wrong) -> None:
        """Gather an error."""
        self.problems.add(self.error(wrong))

    def error(self, wrong: Wrong) -> InputError:
        """An error with its place, line and caret."""
        source = self.source
        return SourceError(wrong.message, source.location(wrong.span), wrong.advice, source.excerpt(wrong.span))

    def text(self, node: Node, what: str) -> str:
        """The text of a scalar with its variables put in."""
        if not isinstance(node, TextNode):
            given = "a list" if isinstance(node, ListNode) else "a mapping"
            raise Wrong(node, f"{what} is text, and this is {given}")
        expanded = self.variables.expand(node.text)
        if isinstance(expanded, UnknownVariable):
            name = expanded.name
            advice = did_you_mean(name, self.variables.values, "define it under `vars:`, or write $${ for a plain ${")
            raise Wrong(node, f"there is no variable {name!r}", advice)
        return expanded


class Kind:
    """What a field can hold."""

    def read(self, node: Node, reading: Reading) -> Any:
        """The value; raises Wrong or, where the errors are gathered already, Told."""
        raise NotImplementedError

    def schema(self) -> Schema:
        """JSON Schema 2020-12 of what may be written."""
        raise NotImplementedError


class Text(Kind):
    """Any text; `empty` says whether none at all will do."""

    def __init__(self, what: str = "this", empty: bool = True) -> None:
        self.what, self.empty = what, empty

    def read(self, node: Node, reading: Reading) -> str:
        text = reading.text(node, self.what)
        if not text and not self.empty:
            raise Wrong(node, f"{self.what} is empty")
        return text

    def schema(self) -> Schema:
        return dict(ANY_TEXT) if self.empty else {**ANY_TEXT, "minLength": 1}


class Choice(Kind):
    """One of some words; `also` are other spellings of them."""

    def __init__(self, what: str, words: Sequence[str], also: Mapping[str, str] | None = None) -> None:
        self.what, self.words, self.also = what, tuple(words), dict(also or {})

    def read(self, node: Node, reading: Reading) -> str:
        text = reading.text(node, self.what)
        return self.checked(text, node)

    def checked(self, text: str, node: Node) -> str:
        """The word that `text` stands for."""
        if text in self.words:
            return text
        if text in self.also:
            return self.also[text]
        offered = [word for word in self.words if word] + [word for word in self.also if word]
        raise Wrong(node, f"{text!r} is no {self.what}", did_you_mean(text, offered))

    def schema(self) -> Schema:
        return {"anyOf": [{"enum": [*self.words, *self.also]}, _VARIABLE]}


_VARIABLE: Schema = {"type": "string", "pattern": r"\$\{[^{}]*\}"}


class Flag(Kind):
    """Yes or no."""

    _words = {"true": True, "yes": True, "false": False, "no": False}

    def read(self, node: Node, reading: Reading) -> bool:
        text = reading.text(node, "this").lower()
        if text not in self._words:
            raise Wrong(node, f"{text!r} is neither true nor false", "write true or false")
        return self._words[text]

    def schema(self) -> Schema:
        return {"anyOf": [{"type": "boolean"}, {"enum": ["yes", "no"]}, _VARIABLE]}


class Duration(Kind):
    """A time span with its unit, as seconds."""

    units = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}
    _form = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,9})?) ?([a-z]+)")

    def read(self, node: Node, reading: Reading) -> float:
        text = reading.text(node, "a duration").strip()
        found = self._form.fullmatch(text)
        if found is None or found[2] not in self.units:
            if re.fullmatch(r"[0-9.]+", text):
                raise Wrong(node, f"{text} of what?", f"name the unit: {text} s, or {text} ms")
            advice = did_you_mean(found[2], self.units) if found else "write it as 500 ms, 4 s, 1 min or 2 h"
            raise Wrong(node, f"{text!r} is no duration", advice)
        seconds = round(float(found[1]) * self.units[found[2]], 9)
        if seconds > MAX_DURATION_S:
            raise Wrong(node, f"{text} is longer than {MAX_DURATION_S / 86400:.0f} days")
        return seconds

    def schema(self) -> Schema:
        return {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)? ?(ms|s|min|h)$|\$\{"}


class Count(NamedTuple):
    """How many: at least `least`, at most `most` (None: without limit)."""

    least: int
    most: int | None

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and self.least <= number and (self.most is None or number <= self.most)

    def __str__(self) -> str:
        if self.least == self.most:
            return str(self.least)
        return f"{self.least}..{'' if self.most is None else self.most}"


class CountKind(Kind):
    """`2`, `1..3`, or `2..` for at least two; one dialect, everywhere."""

    _form = re.compile(r"([0-9]{1,7})(?:(\.\.)([0-9]{1,7})?)?")

    def read(self, node: Node, reading: Reading) -> Count:
        text = reading.text(node, "a count").replace(" ", "")
        found = self._form.fullmatch(text)
        if found is None:
            raise Wrong(node, f"{text!r} is no count", "write 2 for exactly two, 1..3 for one to three, 2.. for two or more")
        least = int(found[1])
        most = (int(found[3]) if found[3] else None) if found[2] else least
        if most == 0:
            raise Wrong(node, "a count of 0 expects nothing", "use the step `never ... for`")
        if least == 0:
            raise Wrong(node, f"{text} could not fail when nothing comes", "use `optional`")
        if (most is not None and most < least) or least > MAX_COUNT:
            raise Wrong(node, f"{text} holds no number")
        return Count(least, most)

    def schema(self) -> Schema:
        return {"anyOf": [
            {"type": "integer", "minimum": 1},
            {"type": "string", "pattern": r"^[0-9]+ *(\.\. *([0-9]+)?)?$|\$\{"},
        ]}  # fmt: skip


class Whole(Kind):
    """A whole number within bounds."""

    def __init__(self, what: str, least: int, most: int) -> None:
        self.what, self.least, self.most = what, least, most

    def read(self, node: Node, reading: Reading) -> int:
        text = reading.text(node, self.what)
        if not (text.isascii() and text.isdecimal() and len(text) < 10 and self.least <= int(text) <= self.most):
            raise Wrong(node, f"{text!r} is no {self.what}", f"a number from {self.least} to {self.most}")
        return int(text)

    def schema(self) -> Schema:
        return {"anyOf": [{"type": "integer", "minimum": self.least, "maximum": self.most}, _VARIABLE]}


class PhoneName(Kind):
    """The name of a type=phone section that takes part."""

    def read(self, node: Node, reading: Reading) -> str:
        name = reading.text(node, "a phone's name")
        phones = reading.phones
        if phones is not None and name not in phones:
            if name in reading.left_out:
                raise Wrong(node, f"phone {name!r} is left out by `only:`", "add it there")
            raise Wrong(node, f"no type=phone section is named {name!r}", did_you_mean(name, sorted(phones)))
        return name

    def schema(self) -> Schema:
        return dict(ANY_TEXT)


class TextMatch(NamedTuple):
    """A condition on a text: the whole of it, or a regular expression that is found anywhere in it."""

    text: str
    regex: re.Pattern[str] | None = None
    negated: bool = False

    def matches(self, value: str) -> bool:
        """Whether the condition holds."""
        met = self.regex.search(value) is not None if self.regex else value == self.text
        return met != self.negated

    def __str__(self) -> str:
        wanted = f"/{self.regex.pattern}/" if self.regex else repr(self.text) if self.text else "nothing"
        return f"not {wanted}" if self.negated else wanted

    def __reduce__(self) -> tuple[Any, ...]:
        return TextMatch, (self.text, self.regex, self.negated)


class MatchKind(Kind):
    """Text that must be the same, `/regular expression/` found anywhere, `{text: ...}` or `{not: ...}`."""

    def __init__(self, choice: Choice | None = None) -> None:
        self.choice = choice

    def read(self, node: Node, reading: Reading) -> TextMatch:
        if isinstance(node, MapNode):
            return self._map(node, reading)
        text = reading.text(node, "this")
        if len(text) > 1 and text[0] == text[-1] == "/":
            return TextMatch("", read_regex(text[1:-1], node))
        return TextMatch(self.choice.checked(text, node) if self.choice else text)

    def _map(self, node: MapNode, reading: Reading) -> TextMatch:
        if len(node.pairs) != 1 or node.pairs[0][0].text not in ("text", "not"):
            raise Wrong(node, "a condition is text, /regular expression/, {text: ...} or {not: ...}")
        key, value = node.pairs[0]
        if key.text == "not":
            inner = self.read(value, reading)
            return inner._replace(negated=not inner.negated)
        return TextMatch(reading.text(value, "this"))

    def schema(self) -> Schema:
        if self.choice:
            plain: Schema = {"anyOf": [*self.choice.schema()["anyOf"], {"type": "string", "pattern": "^/.+/$"}]}
        else:
            plain = dict(ANY_TEXT)
        return {"anyOf": [plain, {"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": False,
                                  "properties": {"text": ANY_TEXT, "not": plain}}]}  # fmt: skip


class StatusMatch(NamedTuple):
    """A SIP status, or a class of them."""

    text: str

    def matches(self, status: int) -> bool:
        """Whether a status is the one, or of the class."""
        return str(status) == self.text or (self.text[1:] == "xx" and str(status)[:1] == self.text[0])

    def __str__(self) -> str:
        return self.text


class StatusKind(Kind):
    """`404`, or `4xx` for the class."""

    def read(self, node: Node, reading: Reading) -> StatusMatch:
        text = reading.text(node, "a SIP status").lower()
        if not re.fullmatch(r"[1-6](?:[0-9]{2}|xx)", text):
            raise Wrong(node, f"{text!r} is no SIP status", "write it as 404, or 4xx for the class")
        return StatusMatch(text)

    def schema(self) -> Schema:
        return {"anyOf": [{"type": "integer", "minimum": 100, "maximum": 699},
                          {"type": "string", "pattern": r"^[1-6]([0-9]{2}|[xX]{2})$|\$\{"}]}  # fmt: skip


class RegexKind(Kind):
    """`/regular expression/`, or text that must be found, anywhere in a body."""

    def read(self, node: Node, reading: Reading) -> TextMatch:
        text = reading.text(node, "this")
        if len(text) > 1 and text[0] == text[-1] == "/":
            return TextMatch("", read_regex(text[1:-1], node))
        return TextMatch("", read_regex(re.escape(text), node))

    def schema(self) -> Schema:
        return dict(ANY_TEXT)


def read_regex(text: str, node: Node) -> re.Pattern[str]:
    """Compile; an expression that matches everything is an error, for it could not fail."""
    if len(text) > MAX_REGEX:
        raise Wrong(node, f"a regular expression of more than {MAX_REGEX} characters")
    try:
        regex = re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise Wrong(node, f"this is no regular expression: {error}") from None
    if regex.search("") and regex.search("\x00"):
        raise Wrong(node, f"/{text}/ matches everything, so it could not fail")
    return regex


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
        for key, field in self.fields.items():
            if field.required and node.get(key) is None:
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
                if key.text in self.fields:
                    values[key.text] = self.fields[key.text].kind.read(value, reading)
                elif self.rest is not None:
                    values.setdefault("", {})[key.text] = self.rest.read(value, reading)
                else:
                    raise Wrong(key, f"{self.name} has no key {key.text!r}", did_you_mean(key.text, self.fields))
            except Wrong as wrong:
                reading.tell(wrong)
                failed = True
            except Told:
                failed = True
        return values, failed

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
