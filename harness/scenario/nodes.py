"""YAML as nodes: structure and text, nothing else.

`0123`, `12:30`, `no` and `+1555` are the text that was written; what a field makes of it is the field's business.
Aliases, depth and size are bounded while the text is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from harness.scenario.problems import Source, SourceError, Span

MAX_BYTES = 256 * 1024
MAX_NODES = 20_000
"""Nodes of one file, each use of an alias counted with all that it stands for."""
MAX_DEPTH = 24

_FAST: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_QUOTE = "put it in quotes: '{0}'"


class TextNode(NamedTuple):
    """A scalar; `quoted` where quotes or a block style say that it is meant as it stands."""

    text: str
    quoted: bool
    span: Span


class ListNode(NamedTuple):
    """A sequence."""

    items: tuple[Node, ...]
    span: Span


class MapNode(NamedTuple):
    """A mapping, its pairs in the order of the file; repeated keys are still there."""

    pairs: tuple[tuple[TextNode, Node], ...]
    span: Span

    def get(self, key: str) -> Node | None:
        """The first value under a key."""
        return next((value for name, value in self.pairs if name.text == key), None)


Node = TextNode | ListNode | MapNode


def read_nodes(source: Source) -> Node | None:
    """The one document of a text, or None where there is none.  Raises SourceError."""
    text = "\n".join(source.lines)
    try:
        return _Composer(source, yaml.parse(text, Loader=_FAST)).document()
    except yaml.YAMLError:
        pass
    # the pure reader tells better what is wrong
    try:
        return _Composer(source, yaml.parse(text, Loader=yaml.BaseLoader)).document()
    except yaml.YAMLError as error:
        raise _syntax_error(source, error) from None


def flow(node: Node, expand: Callable[[str], object] = str) -> str:
    """A node on one line, for reading; `expand` puts variables in."""
    if isinstance(node, TextNode):
        text = str(expand(node.text))
        return repr(text) if node.quoted and not text.isalnum() else text
    if isinstance(node, ListNode):
        return f"[{', '.join(flow(item, expand) for item in node.items)}]"
    return "{" + ", ".join(f"{key.text}: {flow(value, expand)}" for key, value in node.pairs) + "}"


class _Composer:
    """Makes nodes of events, as far as the bounds allow."""

    def __init__(self, source: Source, events: Iterator[Event]) -> None:
        self._source, self._events = source, events
        self._anchors: dict[str, tuple[Node, int] | None] = {}
        self._count = 0

    def document(self) -> Node | None:
        root: Node | None = None
        documents = 0
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._wrong(event, "a second document in one file", "one file tells one story: split it")
            elif isinstance(event, NodeEvent):
                root = self._node(event, 0)
        return root

    def _node(self, event: NodeEvent, depth: int) -> Node:
        if isinstance(event, AliasEvent):
            return self._alias(event)
        tag = getattr(event, "tag", None)
        if tag not in (None, "!"):
            raise self._wrong(event, f"the tag {tag} has no meaning here", "text is text: leave the tag out")
        before = self._count
        self._counted(event, 1)
        if event.anchor is not None:
            self._anchors[event.anchor] = None  # not to be used within itself
        if isinstance(event, ScalarEvent):
            node: Node = TextNode(self._text(event), bool(event.style), _span(event))
        elif depth >= MAX_DEPTH:
            raise self._wrong(event, f"nested more than {MAX_DEPTH} deep")
        elif isinstance(event, SequenceStartEvent):
            node = self._list(event, depth)
        else:
            assert isinstance(event, MappingStartEvent)
            node = self._map(event, depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = (node, self._count - before)
        return node

    def _text(self, event: ScalarEvent) -> str:
        """The text; escapes as JSON writes them, two for one character, are put together."""
        text: str = event.value
        if text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text):
            return text
        try:
            return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        except UnicodeDecodeError:
            raise self._wrong(event, "half a character (a lone surrogate)", "write the character itself") from None

    def _list(self, start: SequenceStartEvent, depth: int) -> ListNode:
        items: list[Node] = []
        for event in self._events:
            if isinstance(event, CollectionEndEvent):
                return ListNode(tuple(items), _around(start, event, items))
            assert isinstance(event, NodeEvent)
            items.append(self._node(event, depth + 1))
        raise AssertionError("the reader of YAML closes what it opens")

    def _map(self, start: MappingStartEvent, depth: int) -> MapNode:
        pairs: list[tuple[TextNode, Node]] = []
        for event in self._events:
            if isinstance(event, CollectionEndEvent):
                return MapNode(tuple(pairs), _around(start, event, [value for _, value in pairs]))
            assert isinstance(event, NodeEvent)
            key = self._node(event, depth + 1)
            if not isinstance(key, TextNode):
                raise self._wrong(event, "a key is text", "a list or a mapping cannot be a key")
            value = next(self._events)
            assert isinstance(value, NodeEvent)
            pairs.append((key, self._node(value, depth + 1)))
        raise AssertionError("the reader of YAML closes what it opens")

    def _alias(self, event: AliasEvent) -> Node:
        name = event.anchor or ""
        if name not in self._anchors:
            raise self._wrong(event, f"*{name} is read as a YAML alias, and there is no anchor &{name}",
                              _QUOTE.format("*" + name))  # fmt: skip
        found = self._anchors[name]
        if found is None:
            raise self._wrong(event, f"the alias *{name} stands within what it names")
        node, nodes = found
        self._counted(event, nodes)
        return node

    def _counted(self, event: NodeEvent, nodes: int) -> None:
        self._count += nodes
        if self._count > MAX_NODES:
            raise self._wrong(event, f"more than {MAX_NODES} values, aliases counted with what they stand for")

    def _wrong(self, event: Event, message: str, advice: str = "") -> SourceError:
        span = _span(event)
        return SourceError(message, self._source.location(span), advice, self._source.excerpt(span))


def _span(event: Event, end: Event | None = None) -> Span:
    first, last = event.start_mark, (end or event).end_mark
    assert first is not None
    assert last is not None
    return Span(first.line + 1, first.column + 1, last.line + 1, last.column + 1)


def _around(start: Event, end: Event, inner: list[Node]) -> Span:
    """The span of a list or mapping; one in block style ends where the last value does."""
    span = _span(start, end)
    if getattr(start, "flow_style", True) or not inner:
        return span
    return Span(span.line, span.column, *max(inner[-1].span[2:], span[:2]))


_ADVICE = (
    ("while scanning an alias", "a text that begins with * needs quotes: '*98'"),
    ("while scanning an anchor", "a text that begins with & needs quotes"),
    ("found character '\\t'", "YAML is indented with spaces, not with tabs"),
    ("cannot start any token", "a text that begins with @, %, ` or | needs quotes"),
    ("mapping values are not allowed here",
     "a text that holds ': ' needs quotes, and a key needs a blank after its colon"),
    ("found unexpected end of stream", "a quote that was opened is not closed"),
    ("expected ',' or '}', but got '['", "a text with a bracket in it needs quotes: '/[a-z]+/'"),
    ("expected ',' or '}', but got '{'", "a text with a brace in it needs quotes: '/a{2}/'; or is a comma missing?"),
    ("expected ',' or '}'", "a { was opened: is its } or a comma missing?"),
    ("expected ',' or ']'", "a [ was opened: is its ] or a comma missing?"),
    ("could not find expected ':'", "a key needs a colon and a space after it"),
    ("special characters are not allowed", "control characters are written in double quotes, as in \"\\x01\""),
)


def _syntax_error(source: Source, error: yaml.YAMLError) -> SourceError:
    """What PyYAML says, at its place, with advice where it is one of the usual slips."""
    said = " ".join(filter(None, (getattr(error, "context", ""), getattr(error, "problem", ""))))
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        position = getattr(error, "position", None)
        text = said or str(error).splitlines()[0]
        span = _position(source, position) if position is not None else Span(1, 1, 1, 2)
    else:
        text, span = said, Span(mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 2)
    advice = next((advice for part, advice in _ADVICE if part in str(error)), "")
    return SourceError(f"this is not YAML: {text}", source.location(span), advice, source.excerpt(span))


def _position(source: Source, position: int) -> Span:
    for number, line in enumerate(source.lines, 1):
        if position <= len(line):
            return Span(number, position + 1, number, position + 2)
        position -= len(line) + 1
    return Span(1, 1, 1, 2)
