"""Conditions on what is seen: text, regular expressions, SIP statuses."""

from __future__ import annotations

import re
from typing import NamedTuple

from harness.scenario.fields import Choice
from harness.scenario.nodes import MapNode, Node
from harness.scenario.reading import ANY_TEXT, Kind, Reading, Schema, Wrong

MAX_REGEX = 500
"""Characters of a regular expression."""
NOTHING = "nothing"
"""How no text at all is written where it is asked what a phone shows; `{text: nothing}` is the word itself."""


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
        if self.negated and not self.text and not self.regex:
            return "something"
        wanted = f"/{self.regex.pattern}/" if self.regex else in_words(self.text)
        return f"not {wanted}" if self.negated else wanted


def in_words(text: str) -> str:
    """A text that is shown, as a condition would ask for it."""
    return repr(text) if text else NOTHING


class MatchKind(Kind):
    """Text that must be the same, `/regular expression/` found anywhere, `{text: ...}` or `{not: ...}`.

    With `shown`, the word `nothing` asks for no text at all.
    """

    def __init__(self, choice: Choice | None = None, shown: bool = False) -> None:
        self.choice, self.shown = choice, shown

    def read(self, node: Node, reading: Reading) -> TextMatch:
        if isinstance(node, MapNode):
            return self._map(node, reading)
        text = reading.text(node, "this")
        if len(text) > 1 and text[0] == text[-1] == "/":
            return TextMatch("", read_regex(text[1:-1], node))
        if self.shown and text == NOTHING:
            return TextMatch("")
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
        condition: Schema = {"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": False,
                             "properties": {"text": ANY_TEXT, "not": plain}}  # fmt: skip
        return {"anyOf": [plain, condition]}


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
