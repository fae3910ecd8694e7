"""What `list`, `show` of many and `show` of one have in common (res/res_pjsip/pjsip_cli.c)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from harness.core.octets import to_bytes
from harness.dialplan.ere import BadRegex, compile_regex
from harness.pbx.commands.pjsip_columns import RULE, parameters
from harness.pbx.commands.pjsip_parameters import Parameters
from harness.pbx.commands.registry import USAGE, Answer, Registry, failure

NOTHING = "No objects found.\n\n"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """One type of object.

    `heading(deep)` and `lines(object, deep)` print it, with what belongs to it where `deep`; `details` are its
    options, None where they are not shown.
    """

    single: str
    plural: str
    heading: Callable[[bool], str]
    objects: Callable[[], Mapping[str, T]]
    lines: Callable[[T, bool], Iterable[str]]
    details: Callable[[T], Parameters] | None = None

    def register(self, registry: Registry) -> None:
        """Serve `list`, `show` and, with details, `show` of one."""
        registry.serve(f"pjsip list {self.plural}", lambda words: self._many(words, deep=False))
        registry.serve(f"pjsip show {self.plural}", lambda words: self._many(words, deep=True))
        if self.details:
            registry.serve(f"pjsip show {self.single}", self._one)

    def _many(self, words: Sequence[str], deep: bool) -> Answer:
        pattern = ""
        if words[:1] == ["like"]:
            if len(words) < 2 or not words[1]:
                return USAGE
            pattern = words[1]
        objects = self.objects()
        names = matching(objects, pattern)
        if not names:
            return Answer(NOTHING)
        body = "".join(line for name in names for line in self.lines(objects[name], deep))
        return Answer(f"\n{self.heading(deep)}{RULE}{body}\nObjects found: {len(names)}\n\n")

    def _one(self, words: Sequence[str]) -> Answer:
        if not words or not words[0]:
            return failure("No object specified.\n")
        found = self.objects().get(words[0])
        if found is None or self.details is None:
            return Answer(f"Unable to find object {words[0]}.\n\n")
        body = "".join(self.lines(found, True))
        return Answer(f"\n{self.heading(True)}{RULE}{body}\n{parameters(self.details(found))}\n")


def matching(names: Iterable[str], pattern: str) -> list[str]:
    """Sorted by their bytes; a pattern that is none matches nothing."""
    try:
        regex = compile_regex(pattern)
    except BadRegex:
        return []
    return sorted((name for name in names if not pattern or regex.search(name)), key=to_bytes)
