"""One pass over a scenario file: variables, phones, flows, and where errors go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from harness.errors import InputError
from harness.scenario.nodes import ListNode, Node, TextNode
from harness.scenario.problems import Problems, Source, SourceError, Span, did_you_mean
from harness.scenario.variables import UnknownVariable, Variables

if TYPE_CHECKING:
    from harness.scenario.known import KnownPhones

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

    def __init__(
        self, source: Source, problems: Problems, variables: Variables,
        phones: KnownPhones | None = None, left_out: frozenset[str] = frozenset(),
    ) -> None:  # fmt: skip
        self.source, self.problems, self.variables = source, problems, variables
        self.phones = phones
        """The phones that take part; None where the configuration could not tell."""
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
        inner.flows, inner.flows_used = self.flows, self.flows_used
        inner.calling, inner.steps = self.calling, self.steps
        return inner

    def tell(self, wrong: Wrong) -> None:
        """Gather an error."""
        self.problems.add(self.error(wrong))

    def error(self, wrong: Wrong) -> InputError:
        """An error with its place, line and caret."""
        source = self.source
        return SourceError(wrong.message, source.location(wrong.span), wrong.advice, source.excerpt(wrong.span))

    def text(self, node: Node, what: str) -> str:
        """The text of a scalar with its variables put in.  Raises Wrong, and Told for a variable that is unreadable."""
        if not isinstance(node, TextNode):
            given = "a list" if isinstance(node, ListNode) else "a mapping"
            raise Wrong(node, f"{what} is text, and this is {given}")
        expanded = self.variables.expand(node.text)
        if isinstance(expanded, UnknownVariable):
            name = expanded.name
            if name in self.variables.unreadable:
                raise Told
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
