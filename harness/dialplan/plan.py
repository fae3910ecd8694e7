"""The dialplan: what extensions.conf says, what was added since, and how a number finds its line (main/pbx.c)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from harness.config.extensions import RawDialplan
from harness.config.syntax import Setting
from harness.core.hint import HintEntry
from harness.core.octets import fold
from harness.dialplan.contexts import HINT, Context, Extension, Include, Priority
from harness.dialplan.loading import KIND, ContextReader, is_true, make_include, without_fluff
from harness.dialplan.pattern import is_pattern
from harness.dialplan.place import Functions, NoFunctions, Passing, Place, Restricted
from harness.dialplan.substitute import split_call, substitute
from harness.dialplan.variables import Variables, bare_name
from harness.errors import Location, Note

__all__ = ["Dialplan", "Functions", "NoFunctions", "Place"]

MAX_CONTEXTS_PER_LOOKUP = 512
MAX_HINT_BYTES = 4095


class Dialplan:
    """All contexts and the globals; the core's `Extensions`.

    It starts empty, so that the functions that read the core can be there before the first line is read:
    `Dialplan()`, then `functions`, then `load()`.  `now` gives local time for includes with a time condition;
    without it such an include always counts.
    """

    __slots__ = ("_contexts", "_hints", "_restricted", "functions", "general", "global_told", "globals", "notes", "now")

    def __init__(self, raw: RawDialplan | None = None, functions: Functions | None = None) -> None:
        self._contexts: dict[str, Context] = {}
        self._hints: dict[tuple[str, str, str | None], Priority] = {}
        self._restricted = False
        self.functions: Functions = functions or NoFunctions()
        self.general: dict[str, str] = {}
        self.globals = Variables()
        self.global_told: Callable[[str, str], None] | None = None
        """Told of a global that was set."""
        self.notes: list[Note] = []
        self.now: Callable[[], datetime] | None = None
        if raw is not None:
            self.load(raw)

    # reading the file

    def load(self, raw: RawDialplan) -> None:
        """Take a file's content in the place of all contexts; globals that it does not name stay."""
        self.adopt(self.prepared(raw))

    def prepared(self, raw: RawDialplan, restricted: bool = False) -> Dialplan:
        """A dialplan of this content with the same globals and functions, while this one stays as it is.

        Globals are cleared first where the file read before this one asked for it (`clearglobalvars`).  `restricted`:
        a manager has it read, so that functions which reach too far give nothing, but in hints.
        """
        if is_true(self.general.get("clearglobalvars")):
            self.globals.clear()
        fresh = Dialplan(functions=self.functions)
        fresh._restricted = restricted
        fresh.globals, fresh.now, fresh.general = self.globals, self.now, dict(raw.general)
        fresh.global_told = self.global_told
        fresh._read(raw)
        return fresh

    def adopt(self, fresh: Dialplan) -> None:
        """Go over to a prepared dialplan: its contexts, options and notes."""
        self._contexts, self._hints = fresh._contexts, fresh._hints
        self.general, self.notes = fresh.general, fresh.notes

    def _read(self, raw: RawDialplan) -> None:
        for setting in raw.globals:
            self._set_global(setting)
        for section in raw.contexts:
            context = self.obtain(section.name, section.where)
            ContextReader(self, context).read(section)
        self._note_missing_includes()

    def _set_global(self, setting: Setting) -> None:
        self.set_global(setting.name, self.expand(setting.value))

    def _note_missing_includes(self) -> None:
        for context in self._contexts.values():
            for include in context.includes:
                if include.target not in self._contexts:
                    text = f"Context '{context.name}' tries to include nonexistent context '{include.target}'"
                    self.notes.append(Note(KIND, text, include.where))

    @property
    def autofallthrough(self) -> bool:
        """Whether a call that ran off its extension is hung up (default) instead of waiting for digits."""
        text = self.general.get("autofallthrough")
        return text is None or is_true(text)

    # contexts

    def obtain(self, name: str, where: Location | None = None) -> Context:
        """A context by its name, made where there is none."""
        context = self._contexts.get(name)
        if context is None:
            context = self._contexts[name] = Context(name, where)
        return context

    def context(self, name: str) -> Context | None:
        """A context by its name, which is case-sensitive."""
        return self._contexts.get(name)

    def contexts(self) -> list[Context]:
        """All contexts in the order of the file."""
        return list(self._contexts.values())

    def shown_contexts(self) -> list[Context]:
        """All contexts as `dialplan show` lists them: the last one made comes first."""
        return list(reversed(self._contexts.values()))

    # looking up

    def find(self, context: str, exten: str, wanted: int | str, caller: str = "") -> Priority | None:
        """The line that a number finds, by priority or label: the best match that has it, then the includes.

        `context` of what comes back is the one that holds it.  -1 finds a hint.
        """
        for extension in self._search(context, exten, caller, []):
            found = extension.find(wanted)
            if found is not None:
                return found
        return None

    def exists(self, context: str, exten: str, priority: int = 1, caller: str = "") -> bool:
        """Whether there is such a line."""
        return self.find(context, exten, priority, caller) is not None

    def _search(self, name: str, exten: str, caller: str, visited: list[str]) -> Iterator[Extension]:
        """Every extension that matches, best first: of a context, then of what it includes, each context once."""
        context = self._contexts.get(name)
        if context is None or fold(name) in visited or len(visited) >= MAX_CONTEXTS_PER_LOOKUP:
            return
        yield from context.candidates(exten, caller)
        visited.append(fold(name))
        for include in context.includes:
            if self._holds(include):
                yield from self._search(include.target, exten, caller, visited)

    def _holds(self, include: Include) -> bool:
        return include.condition is None or self.now is None or include.condition.holds(self.now())

    # changing

    def add_priority(self, line: Priority, replace: bool = False) -> Priority | None:
        """Put a line where it says; None where its place is taken and `replace` is not given, with a note.

        What comes back is the line as it is kept: a label that is taken already is dropped, with a note; a
        hint's variables are evaluated now unless it is a pattern's.  The context is made where there is none.
        """
        line = line._replace(exten=without_fluff(line.exten, dashes=True))
        if not line.exten:
            self._note(f"You have to be kidding-- add exten '' to context {line.context}?", line.where)
            return None
        if line.number == HINT and "${" in line.app and not is_pattern(line.exten):
            line = line._replace(app=self.substitute(line.app, line.context, line.exten))
        name = line.exten if line.number == HINT else without_fluff(line.exten, dashes=False)
        extension = self.obtain(line.context).obtain(name, line.cid)
        return self._put(extension, line, replace)

    def _put(self, extension: Extension, line: Priority, replace: bool) -> Priority | None:
        said = f"xtension '{line.exten}' priority {line.number} in '{line.context}'"
        taken = extension.label_taken(line) if line.label else None
        if taken is not None:
            self._note(f"E{said}, label '{line.label}' already in use at priority {taken.number}", line.where)
            line = line._replace(label=None)
        if line.number in extension.priorities and not replace:
            self._note(f"Unable to register e{said}, already in use", line.where)
            return None
        extension.put(line)
        if line.number == HINT:
            self._hints[line.context, extension.exten, line.cid] = line
        return line

    def remove_extension(
        self, context: str, exten: str, number: int | None = None, cid: str | None = None
    ) -> list[Priority]:
        """Take out one line of an extension, or all; what was taken out, empty where there was nothing."""
        holder = self._contexts.get(context)
        extension = holder.extension(without_fluff(exten, dashes=True), cid) if holder else None
        if holder is None or extension is None:
            return []
        numbers = list(extension.priorities) if number is None else [number]
        removed = [line for line in map(extension.remove, numbers) if line is not None]
        for line in removed:
            if line.number == HINT:
                del self._hints[context, extension.exten, line.cid]
        if not extension.priorities:
            holder.drop(extension)
        return removed

    def remove_context(self, name: str) -> list[Priority] | None:
        """Take out a context; the lines it had, None where there is no such context."""
        context = self._contexts.pop(name, None)
        if context is None:
            return None
        self._hints = {key: line for key, line in self._hints.items() if key[0] != name}
        return [line for extension in context.extensions for line in extension.priorities.values()]

    def add_include(self, context: str, text: str) -> bool:
        """Let a context include another; False where it does already or does not exist."""
        holder = self._contexts.get(context)
        if holder is None or any(fold(old.text) == fold(text) for old in holder.includes):
            return False
        holder.includes.append(make_include(text))
        return True

    def remove_include(self, context: str, text: str) -> bool:
        """Take an include out; False where there is none."""
        holder = self._contexts.get(context)
        if holder is None:
            return False
        kept = [include for include in holder.includes if include.text != text]
        removed = len(kept) < len(holder.includes)
        holder.includes[:] = kept
        return removed

    # hints

    def hint_for(self, context: str, exten: str) -> HintEntry | None:
        """See `harness.core.hint.Extensions`."""
        found = self.find(context, exten, HINT)
        return None if found is None else _entry(found)

    def hint_entries(self) -> Iterator[HintEntry]:
        """See `harness.core.hint.Extensions`."""
        return map(_entry, list(self._hints.values()))

    def add_hint(self, context: str, exten: str, text: str, name: str = "") -> None:
        """See `harness.core.hint.Extensions`; nothing happens where the extension has a hint already."""
        holder = self._contexts.get(context)
        extension = holder.extension(exten) if holder else None
        if extension is None or HINT not in extension.priorities:
            self.add_priority(Priority(context, exten, HINT, text, name))

    # variables

    def substitute(self, text: str, context: str, exten: str) -> str:
        """See `harness.core.hint.Extensions`."""
        return substitute(text, Passing(self, context, exten), MAX_HINT_BYTES)

    def expand(self, text: str) -> str:
        """A text of the file with globals and functions replaced."""
        place = Place(self)
        if self._restricted:
            place.functions = Restricted(self.functions)
        return substitute(text, place)

    def global_variable(self, name: str) -> str | None:
        """A variable of the system or a global."""
        value = self.functions.predefined(name)
        return self.globals.get(name) if value is None else value

    def set_variable(self, text: str, value: str) -> bool:
        """`Setvar` without a channel: a global, or `FUNCTION(arguments)`; False where a function refuses it."""
        if not text.endswith(")"):
            self.set_global(text, value)
            return True
        name, arguments = split_call(text)
        return self.functions.write(name, arguments, value, Place(self))

    def set_global(self, name: str, value: str | None) -> None:
        """Set a global, or remove it; one that is gone is told as an empty one."""
        gone = value is None and bool(self.globals.get(bare_name(name)))
        self.globals.set(name, value)
        if self.global_told is not None and (value is not None or gone):
            self.global_told(name, value or "")

    def _note(self, text: str, where: Location | None) -> None:
        self.notes.append(Note(KIND, text, where))


def _entry(line: Priority) -> HintEntry:
    return HintEntry(line.context, line.exten, line.app, line.args, line.where)
