"""Lines of the dialplan that end a call: no such application, nowhere to jump to, no such queue, no such mailbox.

Asterisk says nothing of them until a call comes there. Only what is written without variables is looked at, and what
could be right somewhere is not told: a context may be included by others, whose extensions count there, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from harness.check.applications import APPLICATIONS, KNOWN, SUCCESSORS
from harness.config.folder import Configuration
from harness.config.values import suggestion
from harness.core.octets import fold
from harness.dialplan.contexts import HINT, REGISTRAR, Context, Extension, Priority
from harness.dialplan.indirect import call_of
from harness.dialplan.pattern import matches
from harness.dialplan.plan import Dialplan
from harness.dialplan.splitting import arguments
from harness.errors import Note

KIND = "dialplan"
VARIABLE = "\0"
"""What stands for everything that is known only while a call is executed."""
_OPENING = re.compile(r"\$[{\[]|[}\]]")
_MADE_BY_MODULES = frozenset(("parkedcalls", "parkedcallstimeout"))
_OTHER_DIALPLANS = ("extensions.ael", "extensions.lua", "users.conf")


class Line(NamedTuple):
    """One line of the dialplan with the context and the extension that it stands in."""

    context: Context
    extension: Extension
    priority: Priority


def dialplan_notes(configuration: Configuration, plan: Dialplan) -> list[Note]:
    """What ends a call, each text once with its first line, in the order of the file."""
    found: dict[str, list[Note]] = {}
    check = _Check(configuration, plan)
    for line in _lines(plan):
        for text in check.line(line):
            found.setdefault(text, []).append(Note(KIND, text, line.priority.where))
    notes = [_one(notes) for notes in found.values()]
    return sorted(notes, key=lambda note: (note.where.file, note.where.line) if note.where else ("", 0))


def _one(notes: list[Note]) -> Note:
    more = len(notes) - 1
    told = f" (and in {more} more {'line' if more == 1 else 'lines'})" if more else ""
    return notes[0]._replace(text=notes[0].text + told)


def _lines(plan: Dialplan) -> Iterator[Line]:
    """What the file says, not what was added since."""
    for context in plan.contexts():
        for extension in context.extensions:
            for line in extension.priorities.values():
                if line.number != HINT and line.registrar == REGISTRAR and line.where is not None:
                    yield Line(context, extension, line)


def without_variables(text: str) -> str:
    """The text with a NUL in the place of each variable, function and expression."""
    kept, depth, at = "", 0, 0
    for found in _OPENING.finditer(text):
        opens = len(found[0]) == 2
        if depth == 0:
            kept += text[at : found.start()] + (VARIABLE if opens else found[0])
        depth = depth + 1 if opens else max(depth - 1, 0)
        at = found.end()
    return kept + (text[at:] if depth == 0 else "")


class _Check:
    """One dialplan with the rest of its configuration."""

    def __init__(self, configuration: Configuration, plan: Dialplan) -> None:
        self._configuration, self._places = configuration, _Places(plan)
        self._whole = not any((configuration.path / name).exists() for name in _OTHER_DIALPLANS)
        kinds = {note.kind for note in configuration.notes}
        self._whole = self._whole and not kinds & {"exec", "realtime"}
        self._asked: dict[str, Callable[[str, Line], Iterable[str]]] = {
            "goto": self._goto,
            "gotoif": self._goto_if,
            "gotoiftime": self._goto_if,
            "gosub": self._gosub,
            "gosubif": self._gosub_if,
            "execif": self._exec_if,
            "execiftime": self._exec_if,
            "exec": self._exec,
            "queue": self._queue,
            "addqueuemember": self._queue,
            "removequeuemember": self._queue,
            "voicemail": self._voicemail,
        }

    def line(self, line: Line) -> Iterator[str]:
        """What is wrong with a line, in words."""
        yield from self._application(line.priority.app, without_variables(line.priority.args), line)

    def _application(self, name: str, text: str, line: Line) -> Iterator[str]:
        name = name.strip()
        if not name or VARIABLE in without_variables(name):
            return
        low = fold(name)
        if low not in KNOWN:
            gone = f" in Asterisk 22; {SUCCESSORS[low]} took its place" if low in SUCCESSORS else ""
            yield f"there is no application {name!r}{gone or suggestion(name, APPLICATIONS)}"
        elif low in self._asked:
            yield from (f"{name}: {said}" for said in self._asked[low](text, line))

    # jumps

    def _goto(self, text: str, line: Line) -> Iterator[str]:
        if text and self._whole:
            yield from self._places.missing(text, line)

    def _goto_if(self, text: str, line: Line) -> Iterator[str]:
        _, _, branches = text.partition("?")
        yes, _, no = branches.partition(":")
        for branch in (yes, no):
            yield from self._goto(branch, line)

    def _gosub(self, text: str, line: Line) -> Iterator[str]:
        yield from self._goto(text.partition("(")[0], line)

    def _gosub_if(self, text: str, line: Line) -> Iterator[str]:
        for branch in _branches(text):
            yield from self._gosub(branch, line)

    # applications within applications

    def _exec_if(self, text: str, line: Line) -> Iterator[str]:
        for branch in _branches(text):
            yield from self._exec(branch, line)

    def _exec(self, text: str, line: Line) -> Iterator[str]:
        yield from self._application(*call_of(text), line)

    # what other files name

    def _queue(self, text: str, _line: Line) -> Iterator[str]:
        name = text.partition(",")[0].strip()
        queues = self._configuration.queues
        if not name or VARIABLE in name or not self._whole:
            return
        if queues is None:
            yield "there is no queues.conf"
        elif queues.queue(name) is None:
            yield f"queues.conf has no queue {name!r}{suggestion(name, queues.queues)}"

    def _voicemail(self, text: str, _line: Line) -> Iterator[str]:
        boxes = self._configuration.voicemail
        if not self._whole:
            return
        for each in text.partition(",")[0].split("&"):
            box, _, context = each.strip().partition("@")
            if not box or VARIABLE in each:
                continue
            if boxes is None:
                yield "there is no voicemail.conf"
            elif boxes.box(box, context) is None:
                known = [known.full_name for known in boxes.boxes]
                yield f"voicemail.conf has no mailbox {each.strip()!r}{suggestion(each.strip(), known)}"


def _branches(text: str) -> list[str]:
    """What stands behind the `?`, on both sides of the colon."""
    condition = arguments(text, 2, "?", raw=True)
    return arguments(condition[1], 2, ":", raw=True) if len(condition) == 2 else []


class _Places:
    """Where a jump can go."""

    def __init__(self, plan: Dialplan) -> None:
        self._contexts = {context.name: context for context in plan.contexts()}
        self._around: dict[str, list[str]] = {}
        for context in self._contexts.values():
            for include in context.includes:
                self._around.setdefault(include.target, []).append(context.name)

    def missing(self, text: str, line: Line) -> Iterator[str]:
        """What a jump to `[[context,]exten,]priority` does not find, in words."""
        *places, wanted = (part.strip() for part in text.split(",", 3)[:3])
        context = places[0] if len(places) > 1 else ""
        if VARIABLE in context:
            return
        if context and context not in self._contexts:
            if context not in _MADE_BY_MODULES:
                yield f"there is no context {context!r}{suggestion(context, self._contexts)}"
            return
        reached = list(self._reached([context] if context else self._includers(line.context.name)))
        if any(each.switches for each in reached):
            return  # what a switch offers is not known here
        exten = places[-1] if places else ""
        if VARIABLE in exten:
            return
        where = context or line.context.name
        yield from self._in_exten(exten, wanted, where, reached) if exten else self._here(wanted, line, reached)

    def _in_exten(self, exten: str, wanted: str, where: str, reached: list[Context]) -> Iterator[str]:
        known = [each for context in reached for each in context.extensions if each.priorities.keys() - {HINT}]
        there = [each for each in known if matches(each.exten, exten)]
        if not there:
            yield f"[{where}] has no extension {exten!r}{suggestion(exten, (each.name for each in known))}"
        elif not any(_has(each, wanted) for each in there):
            yield _no_priority(wanted, f"extension {exten} of [{where}]", there)

    def _here(self, wanted: str, line: Line, reached: list[Context]) -> Iterator[str]:
        """A jump within the extension; a number that it is executed for may match others, too."""
        everywhere = [line.extension, *(each for context in reached for each in context.extensions)]
        if not any(_has(each, wanted) for each in everywhere):
            yield _no_priority(wanted, f"extension {line.extension.name} of [{line.context.name}]", [line.extension])

    def _reached(self, names: list[str]) -> Iterator[Context]:
        """Contexts with all that they include, at whatever time."""
        seen: set[str] = set()
        while names:
            name = names.pop(0)
            context = self._contexts.get(name)
            if context is not None and name not in seen:
                seen.add(name)
                yield context
                names += [include.target for include in context.includes]

    def _includers(self, name: str) -> list[str]:
        """The context and all that include it: a call that comes through one of them looks there."""
        found = [name]
        for each in found:
            found += [other for other in self._around.get(each, ()) if other not in found]
        return found


def _has(extension: Extension, wanted: str) -> bool:
    """Whether there is that priority; what is relative or has variables in it counts as there."""
    if VARIABLE in wanted or wanted[:1] in ("+", "-") or not wanted:
        return True
    found = extension.find(int(wanted) if wanted.isdecimal() else wanted)
    return found is not None and found.number != HINT


def _no_priority(wanted: str, where: str, there: list[Extension]) -> str:
    if wanted.isdecimal():
        return f"{where} has no priority {wanted}"
    return f"{where} has no label {wanted!r}{suggestion(wanted, [label for each in there for label in each.labels])}"
