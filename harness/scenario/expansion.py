"""From the steps of a file to the steps that are performed: `foreach` and `flow` stand for several."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from harness.scenario.model import Step
from harness.scenario.nodes import ListNode, MapNode, Node, TextNode, flow
from harness.scenario.problems import Source, Span, did_you_mean
from harness.scenario.reading import Reading, Told, Wrong
from harness.scenario.records import tell_blankless
from harness.scenario.schema import CALL, EXPANDING, FOREACH
from harness.scenario.steps import VERBS

MAX_STEPS = 10_000
"""Steps of one scenario, those of flows and repetitions counted each time."""
_WITHIN_A_STEP = {
    "within": "expect: {phone: bob, ..., within: 2 s}, or all_of: {within: 2 s, expect: [...]}",
    "count": "expect: {phone: bob, ..., count: 2}",
    "for": "never: {phone: bob, ..., for: 2 s}",
}
"""Keys that are written beside a step by mistake, with where they go."""
MAX_LINES = 12
"""Lines of a step that a report shows."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A named flow and the file that it stands in."""

    args: tuple[str, ...]
    steps: Node
    source: Source


def read_steps(node: Node, reading: Reading) -> list[Step]:
    """All steps, in order; what is wrong is gathered, and then Told is raised."""
    steps = list(_steps(node, reading))
    if any(step is None for step in steps):
        raise Told
    return [step for step in steps if step is not None]


def _steps(node: Node, reading: Reading) -> Iterator[Step | None]:
    if not isinstance(node, ListNode):
        reading.tell(Wrong(node, "steps are a list", "one step a line, each after a dash"))
        yield None
        return
    if not node.items:
        reading.tell(Wrong(node, "there are no steps", "a scenario without steps could not fail"))
        yield None
    for item in node.items:
        try:
            yield from _step(item, reading)
        except Wrong as wrong:
            reading.tell(wrong)
            yield None
        except Told:
            yield None


def _step(item: Node, reading: Reading) -> Iterator[Step | None]:
    key, value = _verb(item)
    if key.text in EXPANDING:
        yield from (_foreach if key.text == "foreach" else _call)(value, reading)
        return
    verb = VERBS[key.text]
    action = verb.kind.read(value, reading)
    reading.steps += 1
    if reading.steps > MAX_STEPS:
        raise Wrong(item, f"more than {MAX_STEPS} steps")
    source = reading.source
    text = f"{key.text}: {flow(value, reading.variables.expand)}"
    yield Step(key.text, verb.acts, action, text, source.location(item.span), _lines(source, item.span))


def _verb(item: Node) -> tuple[TextNode, Node]:
    verbs = [*VERBS, *EXPANDING]
    if isinstance(item, TextNode):
        name = item.text.partition(":")[0].strip()
        advice = f"write `{name}: ...`" if name in verbs else did_you_mean(name, verbs)
        raise Wrong(item, "a step is a verb with a colon and what belongs to it", advice)
    if not isinstance(item, MapNode) or not item.pairs:
        raise Wrong(item, "a step is a verb with what belongs to it", f"verbs: {', '.join(verbs)}")
    for key, _ in item.pairs:
        tell_blankless(key, verbs)
        if key.text in _WITHIN_A_STEP:
            raise Wrong(key, f"{key.text!r} belongs into the mapping of its step", _WITHIN_A_STEP[key.text])
        if key.text not in verbs:
            raise Wrong(key, f"there is no step {key.text!r}", did_you_mean(key.text, verbs))
    if len(item.pairs) > 1:
        raise Wrong(item.pairs[1][0], "a step has one verb", "begin a new line with a dash")
    return item.pairs[0]


def _lines(source: Source, span: Span) -> tuple[str, ...]:
    last = span.end_line - 1 if span.end_column == 1 and span.end_line > span.line else span.end_line
    lines = source.lines[span.line - 1 : last]
    shown = lines[:MAX_LINES]
    return (*shown, "...") if len(lines) > MAX_LINES else tuple(shown)


def _foreach(node: Node, reading: Reading) -> Iterator[Step | None]:
    given: dict[str, Any] = FOREACH.read(node, reading)
    name = given["var"]
    inner_uses = set(reading.variables.used)
    reading.variables.used.discard(name)
    for value in given["in"]:
        inner = reading.within({name: value})
        yield from _steps(given["steps"], inner)
        reading.steps = inner.steps
    if name not in reading.variables.used:
        reading.tell(Wrong(node, f"the variable {name!r} of foreach is not used", f"use it as ${{{name}}}"))
        yield None
    if name not in inner_uses:
        reading.variables.used.discard(name)


def _call(node: Node, reading: Reading) -> Iterator[Step | None]:
    given: dict[str, Any] = CALL.read(node, reading)
    name, values = given["name"], given.get("", {})
    called: Flow | None = reading.flows.get(name)
    if called is None:
        raise Wrong(node, f"there is no flow {name!r}", did_you_mean(name, reading.flows, "define it under `flows:`"))
    if name in reading.calling:
        raise Wrong(node, f"the flow {name!r} calls itself")
    reading.flows_used.add(name)
    for argument in values:
        if argument not in called.args:
            raise Wrong(node, f"the flow {name!r} has no argument {argument!r}", did_you_mean(argument, called.args))
    if missing := [argument for argument in called.args if argument not in values]:
        raise Wrong(node, f"the flow {name!r} needs {missing[0]!r}")
    inner = reading.calling_flow(name, called.source, values)
    yield from _steps(called.steps, inner)
    reading.steps = inner.steps
    if unused := [argument for argument in called.args if argument not in inner.variables.used]:
        raise Wrong(node, f"the flow {name!r} does not use its argument {unused[0]!r}")

