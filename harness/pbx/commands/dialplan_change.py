"""`dialplan add`, `remove` and `reload` (pbx/pbx_config.c:100-1610); hints that change are told at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from harness.config.values import is_true
from harness.core import HintEntry
from harness.core.octets import fold
from harness.dialplan.contexts import HINT, IgnorePattern, Priority
from harness.dialplan.loading import without_fluff
from harness.pbx.commands.registry import USAGE, Answer, Registry, failure
from harness.pbx.commands.reloading import DialplanReload
from harness.pbx.commands.served import Served

_NUMBER = re.compile(r"[ \t\n\v\f\r]*([+-]?[0-9]{1,30})")
_MAX_LONG = 2**63 - 1
_DIGITS = "0123456789"


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
    for word, new in (("true", True), ("false", False)):
        registry.serve(f"dialplan set extenpatternmatchnew {word}", partial(family.match_anew, new))
    extensions = served.configuration.extensions
    general = extensions.general if extensions is not None else {}
    if not is_true(general.get("static", "")) or is_true(general.get("writeprotect", "")):
        registry.leave_out("dialplan save")


class Line(NamedTuple):
    """`exten,priority,application` as typed, and what is meant by it."""

    exten: str
    cid: str | None
    priority: str
    number: int
    app: str
    args: str

    @property
    def said(self) -> str:
        """As an answer names it."""
        return f"'{self.exten},{self.priority},{self.app}({self.args})'"


def number_of(text: str) -> int | None:
    """A priority as typed; None for what is none."""
    if text == "hint":
        return HINT
    found = _NUMBER.match(text)
    return None if found is None else _as_int(int(found[1]))


def _as_int(number: int) -> int:
    """What sscanf makes of a number: at most 64 bits, of which an int keeps the lower half."""
    number = max(min(number, _MAX_LONG), -_MAX_LONG - 1) & 0xFFFFFFFF
    return number - 2**32 if number >= 2**31 else number


def _application(text: str) -> tuple[str, str]:
    """`name(arguments)`, else what stands before and after the first comma."""
    name, opened, rest = text.partition("(")
    if opened and ")" in rest:
        return name, rest.rpartition(")")[0]
    name, _, arguments = text.partition(",")
    return name, arguments


class Editing:
    """Lines that come and go while the dialplan runs, with the hints among them."""

    def __init__(self, served: Served) -> None:
        self._served = served

    def add(self, context: str, line: Line, replace: bool) -> Priority | None:
        """Put a line into a context that is there; None where there is one already, or the name is empty."""
        new = Priority(context, line.exten, line.number, line.app, line.args, cid=line.cid)
        kept = self._served.plan.add_priority(new, replace)
        if kept is not None and kept.number == HINT:
            hints = self._served.core.hints
            entry = HintEntry(kept.context, kept.exten, kept.app, kept.args)
            if hints.changed(entry) is None:
                hints.added(entry)
        return kept

    def remove(self, context: str, exten: str, number: int | None, cid: str | None) -> list[Priority]:
        """Take lines out.  Without a caller ID all of a name go, but one line only of a name without caller IDs.

        Dashes of the name are not looked at, so a hint, which keeps them, is not found by a name that has some.
        """
        holder = self._served.plan.context(context)
        wanted = without_fluff(exten, dashes=False)
        same = [each for each in holder.extensions if each.exten == wanted] if holder else []
        if cid is not None:
            same = [each for each in same if (each.cid or "") == without_fluff(cid, dashes=False)]
        elif number is not None and any(each.cid is not None for each in same):
            return []
        removed = [
            line
            for each in same
            for line in self._served.plan.remove_extension(context, each.exten, number, each.cid)
        ]
        self.hints_removed(removed)
        return removed

    def hints_removed(self, lines: Sequence[Priority]) -> None:
        """These lines are gone: so are the hints among them."""
        for line in lines:
            if line.number == HINT:
                self._served.core.hints.removed(line.context, line.exten)


class _Changing:
    def __init__(self, served: Served, reload: DialplanReload) -> None:
        self._served, self._reload, self._editing = served, reload, Editing(served)

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
        exten, *rest = words[0].split(",", 2)
        if not rest:
            return USAGE
        number = number_of(rest[0])
        if number is None:
            return USAGE._replace(text=f"'{rest[0]}' is not a valid priority\n")
        if len(rest) < 2:
            return USAGE
        name, slash, cid = exten.partition("/")
        caller = without_fluff(cid, dashes=False) if slash else None
        line = Line(name, caller, rest[0], number, *_application(rest[1]))
        return self._add(line, words[2], replace=len(words) == 4)

    def _add(self, line: Line, context: str, replace: bool) -> Answer:
        text = self._obtain(context, "extension")
        kept = self._editing.add(context, line, replace)
        if kept is None and not line.exten:
            return failure(f"{text}Failed to add {line.said} extension into '{context}' context\n")
        where = f"{line.exten}@{context}"
        if kept is None:
            return failure(f"{text}Extension {where} with priority {line.priority} already exists\n")
        if replace:
            return Answer(f"{text}Extension {where} ({line.priority}) replace by {line.said}\n")
        return Answer(f"{text}Extension {line.said} added into '{context}' context\n")

    def _obtain(self, context: str, what: str) -> str:
        """Make a context where there is none; what is said of that."""
        plan = self._served.plan
        if plan.context(context) is not None:
            return ""
        plan.obtain(context)
        return f"Context '{context}' did not exist prior to add {what} - the context will be created.\n"

    def remove_extension(self, words: Sequence[str]) -> Answer:
        if not 1 <= len(words) <= 2:
            return USAGE
        number = None
        if len(words) == 2:
            if words[1] != "hint" and words[1].strip(_DIGITS):
                return failure(f"Invalid priority '{words[1]}'\n")
            number = number_of(words[1]) or 0
            if number == 0:
                return failure("If you want to remove whole extension, please omit priority argument\n")
        place, _, context = words[0].partition("@")
        if "@" in context:
            return failure("")
        exten, slash, cid = place.partition("/")
        if not exten or not context:
            return failure(f"Missing extension or context name in third argument '{words[0]}'\n")
        removed = self._editing.remove(context, exten, number, cid if slash else None)
        if not removed:
            said = f"{exten}/{cid}" if slash else exten
            return failure(f"Failed to remove extension {said}@{context}\n")
        if number is None:
            return Answer(f"Whole extension {exten}@{context} removed\n")
        return Answer(f"Extension {exten}@{context} with priority {number} removed\n")

    def match_anew(self, new: bool, words: Sequence[str]) -> Answer:
        """Which of two algorithms finds an extension; both find the same."""
        if words:
            return USAGE
        general = self._served.plan.general
        before = is_true(general.get("extenpatternmatchnew", ""))
        general["extenpatternmatchnew"] = "yes" if new else "no"
        done, which = "Still" if before == new else "Switched to", "NEW" if new else "OLD"
        text = f"{done} using the {which} pattern match algorithm for extension names in the dialplan."
        return Answer(f"\n    -- {text}\n")

    # contexts and includes

    def remove_context(self, words: Sequence[str]) -> Answer:
        if len(words) != 1:
            return USAGE
        plan = self._served.plan
        if plan.context(words[0]) is None:
            return Answer(f"There is no such context as '{words[0]}'\n")
        # the one that goes is the youngest whose name is the same but for case
        gone = next(each for each in plan.shown_contexts() if fold(each.name) == fold(words[0]))
        self._editing.hints_removed(plan.remove_context(gone.name) or [])
        return Answer(f"Removed context '{words[0]}'\n")

    def add_include(self, words: Sequence[str]) -> Answer:
        if len(words) != 3 or words[1] != "into":
            return USAGE
        included, _, context = words
        text = self._obtain(context, "include")
        if not self._served.plan.add_include(context, included):
            return failure(f"{text}Context '{included}' already included in '{context}' context\n")
        return Answer(f"{text}Context '{included}' included in '{context}' context\n")

    def remove_include(self, words: Sequence[str]) -> Answer:
        if len(words) != 3 or words[1] != "from":
            return USAGE
        included, _, context = words
        if not self._served.plan.remove_include(context, included):
            return failure(f"Failed to remove '{included}' include from '{context}' context\n")
        return Answer(f"We are not including '{included}' into '{context}' now\n")

    # ignore patterns, which are kept to be shown

    def add_ignorepat(self, words: Sequence[str]) -> Answer:
        if len(words) != 3 or words[1] != "into":
            return USAGE
        pattern, _, name = words
        context = self._served.plan.context(name)
        if context is None:
            return failure(f"Failed to add ignore pattern '{pattern}' into '{name}' context\n")
        if any(fold(each.pattern) == fold(pattern) for each in context.ignore_patterns):
            return failure(f"Ignore pattern '{pattern}' already included in '{name}' context\n")
        context.ignore_patterns.append(IgnorePattern(pattern))
        return Answer(f"Ignore pattern '{pattern}' added into '{name}' context\n")

    def remove_ignorepat(self, words: Sequence[str]) -> Answer:
        if len(words) != 3 or words[1] != "from":
            return USAGE
        pattern, _, name = words
        context = self._served.plan.context(name)
        if context is None:
            return failure(f"Failed to remove ignore pattern '{pattern}' from '{name}' context\n")
        kept = [each for each in context.ignore_patterns if each.pattern != pattern]
        if len(kept) == len(context.ignore_patterns):
            return failure(f"There is no existence of '{pattern}' ignore pattern in '{name}' context\n")
        context.ignore_patterns[:] = kept
        return Answer(f"Ignore pattern '{pattern}' removed from '{name}' context\n")
