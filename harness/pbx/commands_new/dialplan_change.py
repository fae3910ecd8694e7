"""`dialplan add`, `remove` and `reload` (pbx/pbx_config.c:100-1610); hints that change are told at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from harness.core import HintEntry
from harness.core.octets import fold
from harness.dialplan.contexts import HINT, Context, IgnorePattern, Priority
from harness.dialplan.pattern import is_pattern
from harness.pbx.commands.registry import USAGE, Answer, Registry, failure
from harness.pbx.commands.reloading import DialplanReload
from harness.pbx.commands.served import Served

_NUMBER = re.compile(r"[ \t\n\v\f\r]*([+-]?[0-9]{1,30})")
_MAX_INT = 2**31 - 1


def register(registry: Registry, served: Served, reload: DialplanReload) -> None:
    """Serve the family."""
    family = _Changing(served, reload)
    registry.serve("dialplan reload", family.reload)
    registry.serve("dialplan add extension", family.add_extension)
    registry.serve("dialplan remove extension", family.remove_extension)
    registry.serve("dialplan remove context", family.remove_context)
    registry.serve("dialplan add include", family.add_include)
    registry.serve("dialplan remove include", family.remove_include)
    registry.serve("dialplan add ignorepat", family.add_ignorepat)
    registry.serve("dialplan remove ignorepat", family.remove_ignorepat)


class _Line(NamedTuple):
    """`exten,priority,application` as typed, and what is meant by it."""

    exten: str
    cid: str | None
    priority: str
    number: int
    app: str
    args: str

    @property
    def said(self) -> str:
        return f"'{self.exten},{self.priority},{self.app}({self.args})'"


def _number(text: str) -> int | None:
    if text == "hint":
        return HINT
    found = _NUMBER.match(text)
    return None if found is None else max(min(int(found[1]), _MAX_INT), -_MAX_INT - 1)


def _application(text: str) -> tuple[str, str]:
    """`name(arguments)`, else what stands before and after the first comma."""
    name, opened, rest = text.partition("(")
    if opened and ")" in rest:
        return name, rest.rpartition(")")[0]
    name, _, arguments = text.partition(",")
    return name, arguments


class _Changing:
    def __init__(self, served: Served, reload: DialplanReload) -> None:
        self._served, self._reload = served, reload

    # extensions

    def reload(self, words: Sequence[str]) -> Answer:
        """Says so whether or not the file could be read."""
        if words:
            return USAGE
        self._reload.run()
        return Answer("Dialplan reloaded.\n")

    def add_extension(self, words: Sequence[str]) -> Answer:
        if len(words) not in (3, 4) or words[1] != "into" or words[3:] not in ([], ["replace"]):
            return USAGE
        exten, _, rest = words[0].partition(",")
        priority, comma, application = rest.partition(",")
        number = _number(priority) if "," in words[0] else None
        if "," in words[0] and number is None:
            return Answer(f"'{priority}' is not a valid priority\n", USAGE.outcome)
        if number is None or not comma:
            return USAGE
        name, slash, cid = exten.partition("/")
        line = _Line(name, cid if slash else None, priority, number, *_application(application))
        return self._add(line, words[2], replace=len(words) == 4)

    def _add(self, line: _Line, context: str, replace: bool) -> Answer:
        text = self._obtain(context, "add extension")
        plan = self._served.plan
        new = Priority(context, line.exten, line.number, line.app, line.args, cid=line.cid)
        replaced = plan.hint_text(new) if line.number == HINT else None
        kept = plan.add_priority(new, replace)
        if kept is None:
            if not line.exten:
                return failure(f"{text}Failed to add {line.said} extension into '{context}' context\n")
            where = f"{line.exten}@{context} with priority {line.priority}"
            return failure(f"{text}Extension {where} already exists\n")
        self._tell_hint(kept, replaced is not None)
        if replace:
            return Answer(f"{text}Extension {line.exten}@{context} ({line.priority}) replace by {line.said}\n")
        return Answer(f"{text}Extension {line.said} added into '{context}' context\n")
