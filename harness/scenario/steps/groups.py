"""`all_of`, `in_order` and `optional`: several expectations at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from harness.scenario.asking import Matches, ask_record, matches_of
from harness.scenario.fields import Duration
from harness.scenario.nodes import ListNode, MapNode, Node
from harness.scenario.reading import Kind, Reading, Schema, Wrong
from harness.scenario.records import Field, ListOf, Record
from harness.scenario.steps.base import Verb
from harness.scenario.steps.expect import WITHIN_S, missed, span
from harness.scenario.watching import Watch

if TYPE_CHECKING:
    from harness.scenario.story import Story


class Item(NamedTuple):
    """One expectation of a group; an optional one may stay away."""

    matches: Matches
    optional: bool = False


@dataclass(frozen=True, slots=True)
class AllOf:
    """All are met within `within_s` seconds, in any order.  One event may meet several."""

    items: tuple[Item, ...]
    within_s: float = WITHIN_S

    async def perform(self, story: Story) -> None:
        """Wait for all."""
        story.tolerated += [match for item in self.items if item.optional for match in item.matches]
        required = [match for item in self.items if not item.optional for match in item.matches]
        watches = [Watch(match, story, story.mark) for match in required]
        await story.world.wait(lambda: _all_met(watches), self.within_s)
        for watch in watches:
            if not watch.found:
                raise missed(watch, story, f"it did not come within {span(self.within_s)}")
            story.acknowledge(watch.found[:1])


def _all_met(watches: list[Watch]) -> bool:
    for watch in watches:
        watch.update()
    return all(watch.found for watch in watches)


@dataclass(frozen=True, slots=True)
class InOrder:
    """All are met within `within_s` seconds, each by an event after that of the one before."""

    items: tuple[Item, ...]
    within_s: float = WITHIN_S

    async def perform(self, story: Story) -> None:
        """Wait for the last."""
        story.tolerated += [match for item in self.items if item.optional for match in item.matches]
        required = [item.matches for item in self.items if not item.optional]
        watches = [[Watch(match, story, story.mark) for match in matches] for matches in required]
        await story.world.wait(lambda: len(_places(watches, story)) == len(watches), self.within_s)
        places = _places(watches, story)
        if len(places) < len(watches):
            raise self._out_of_order(watches[len(places)], places, story)
        for seqs in places:
            story.acknowledge(seqs)

    def _out_of_order(self, group: list[Watch], places: list[list[int]], story: Story) -> Exception:
        after = max(places[-1]) if places else story.mark
        watch = next(each for each in group if not any(seq > after for seq in each.found))
        number = len(places) + 1
        if not watch.found:
            return missed(watch, story, f"number {number} of the order did not come within {span(self.within_s)}")
        event = story.trace.event(watch.found[-1])
        when = f"at {event.time:.3f} s" if event else "before"
        return missed(watch, story, f"number {number} of the order came too early: {when}, before number {number - 1}")


def _places(watches: list[list[Watch]], story: Story) -> list[list[int]]:
    """The events that meet the first so many, each after the one before."""
    places: list[list[int]] = []
    after = story.mark
    for group in watches:
        for watch in group:
            watch.update()
        seqs = [next((seq for seq in watch.found if seq > after), 0) for watch in group]
        if not all(seqs):
            break
        places.append(seqs)
        after = max(seqs)
    return places


@dataclass(frozen=True, slots=True)
class Optional:
    """What may come, at any time, without being unexpected."""

    items: tuple[Item, ...]

    async def perform(self, story: Story) -> None:
        """Nothing is waited for."""
        story.tolerated += [match for item in self.items for match in item.matches]


def _maybe(values: dict[str, Any], node: MapNode, reading: Reading) -> Item:
    matches = matches_of(values, node, reading)
    if any(match.live for match in matches):
        raise Wrong(node, "what stands does not come, so it cannot be optional", "allow NOTIFYs, or what a phone sees")
    return Item(matches, optional=True)


_ASK = ask_record("an expectation", {}, lambda values, node, reading: Item(matches_of(values, node, reading)))
_ALLOWED = ask_record("an expectation", {}, _maybe)
_MAYBE = Record("an expectation", {"optional": Field(_ALLOWED, "an expectation that may stay away", required=True)},
                lambda values, _node, _reading: values["optional"])  # fmt: skip


_ASKING = ("expect", "state", "never", "all_of", "in_order")
_BARE = "write the bare mapping: `- {phone: bob, contact: 2000, presence: away}`"
_OF_THE_GROUP = "it holds for the whole group, beside its list: {0}: {{within: 2 s, expect: [...]}}"


def _tell_no_step(node: Node, group: str) -> None:
    """Raise Wrong for what people write in a group and what belongs around it."""
    for key, _ in node.pairs if isinstance(node, MapNode) else ():
        if key.text in _ASKING:
            raise Wrong(key, f"an entry of {group} is an expectation, not a step", _BARE)
        if key.text == "within":
            raise Wrong(key, f"an entry of {group} has no 'within' of its own", _OF_THE_GROUP.format(group))
        if key.text == "count":
            raise Wrong(key, f"an entry of {group} is met once", "count with a step `expect` of its own")


class _ItemKind(Kind):
    """An expectation, or `optional:` with one; `group` is the step that it stands in."""

    def __init__(self, group: str) -> None:
        self.group = group

    def read(self, node: Node, reading: Reading) -> Any:
        _tell_no_step(node, self.group)
        maybe = isinstance(node, MapNode) and len(node.pairs) == 1 and node.pairs[0][0].text == "optional"
        return (_MAYBE if maybe else _ASK).read(node, reading)

    def schema(self) -> Schema:
        return {"anyOf": [_ASK.schema(), _MAYBE.schema()]}


class _GroupKind(Kind):
    """A list of expectations, or a mapping with `within` and the list under `expect`."""

    def __init__(self, make: type[AllOf] | type[InOrder]) -> None:
        self.make, self.items = make, ListOf(_ItemKind("all_of" if make is AllOf else "in_order"))
        self.record = Record("a group", {
            "within": Field(Duration(), "how long to wait for all: 500 ms, 10 s; 5 s by default"),
            "expect": Field(self.items, "the expectations", required=True),
        })  # fmt: skip

    def read(self, node: Node, reading: Reading) -> Any:
        given: dict[str, Any]
        if isinstance(node, ListNode):
            given = {"expect": self.items.read(node, reading)}
        else:
            given = self.record.read(node, reading)
        items: tuple[Item, ...] = given["expect"]
        if all(item.optional for item in items):
            raise Wrong(node, "all of these are optional, so it could not fail", "use the step `optional`")
        if self.make is InOrder and any(match.live for item in items for match in item.matches):
            raise Wrong(node, "what stands has no place in an order", "order NOTIFYs, or what a phone sees")
        return self.make(items, given.get("within", WITHIN_S))

    def schema(self) -> Schema:
        return {"anyOf": [self.items.schema(), self.record.schema()]}


class _OptionalKind(Kind):
    """One expectation or a list of them."""

    def __init__(self) -> None:
        self.items = ListOf(_ALLOWED)

    def read(self, node: Node, reading: Reading) -> Any:
        items = self.items.read(node, reading) if isinstance(node, ListNode) else (_ALLOWED.read(node, reading),)
        return Optional(items)

    def schema(self) -> Schema:
        return {"anyOf": [_ALLOWED.schema(), self.items.schema()]}


ALL_OF = Verb(_GroupKind(AllOf), acts=False, doc="several expectations, met in any order")
IN_ORDER = Verb(_GroupKind(InOrder), acts=False, doc="several expectations, met one after the other")
OPTIONAL = Verb(_OptionalKind(), acts=False, doc="what may come; it is not waited for")
