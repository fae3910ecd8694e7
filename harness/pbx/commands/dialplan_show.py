"""`dialplan show` and what else only looks at the dialplan (main/pbx.c:5430-5795, main/pbx_variables.c)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from harness.core.octets import cut, fold
from harness.core.states import DeviceState
from harness.dialplan.call import Call
from harness.dialplan.channel import Channel
from harness.dialplan.contexts import HINT, Context, Extension, Priority
from harness.dialplan.pattern import matches
from harness.dialplan.substitute import split_call, substitute
from harness.pbx.calls.variables import ChannelVariables
from harness.pbx.commands.built_in import contexts_to_show
from harness.pbx.commands.columns import left, plural
from harness.pbx.commands.registry import USAGE, Answer, Registry, failure
from harness.pbx.commands.served import Served

LINE_BYTES = 1023
"""An application with its arguments is cut here."""
MAX_INCLUDES = 128
WORKSPACE_BYTES = 1023


def register(registry: Registry, served: Served) -> None:
    """Serve the family."""
    family = _Looking(served)
    registry.serve("dialplan show", family.show)
    registry.serve("dialplan show globals", family.show_globals)
    registry.serve("dialplan show chanvar", family.show_chanvar)
    registry.serve("dialplan set global", family.set_global)
    registry.serve("dialplan set chanvar", family.set_chanvar)
    registry.serve("dialplan eval function", family.eval_function)


class _Looking:
    def __init__(self, served: Served) -> None:
        self._served = served
        self._evaluated = 0

    def show(self, words: Sequence[str]) -> Answer:
        if len(words) > 1:
            return USAGE
        exten, context = _place(words[0]) if words else ("", "")
        listing = Listing(contexts_to_show(self._served.plan))
        listing.show(context, exten)
        if context and not listing.context_seen:
            return failure(f"{listing.text}There is no existence of '{context}' context\n")
        if exten and not listing.extension_seen:
            where = f"of {exten}@{context} extension" if context else f"of '{exten}' extension in all contexts"
            return failure(f"{listing.text}There is no existence {where}\n")
        return Answer(listing.text + listing.summary)

    def show_globals(self, _words: Sequence[str]) -> Answer:
        variables = list(self._served.plan.globals.newest_first())
        lines = "".join(f"   {name}={value}\n" for name, value in variables)
        return Answer(f"{lines}\n    -- {len(variables)} variable(s)\n")

    def show_chanvar(self, words: Sequence[str]) -> Answer:
        if len(words) != 1:
            return USAGE
        live = self._served.exchange.live.get(words[0])
        if live is None:
            return failure(f"Channel '{words[0]}' not found\n")
        rows = live.channel.variables.newest_first()
        return Answer("".join(f"{name}={value}\n" for name, value in rows))

    def set_chanvar(self, words: Sequence[str]) -> Answer:
        if len(words) != 3:
            return USAGE
        channel, name, value = words
        if ChannelVariables(self._served.exchange).set(channel, name, value) is None:
            return failure(f"Channel '{channel}' not found\n")
        return Answer(f"\n    -- Channel variable '{name}' set to '{value}' for '{channel}'\n")

    def set_global(self, words: Sequence[str]) -> Answer:
        if len(words) != 2:
            return USAGE
        name, value = words
        self._served.plan.set_variable(name, value)
        return Answer(f"\n    -- Global variable '{name}' set to '{value}'\n")

    def eval_function(self, words: Sequence[str]) -> Answer:
        """Evaluate on a channel of its own, whose end devices hear of."""
        if len(words) != 1:
            return USAGE
        self._evaluated += 1
        device = f"CLIEval/{self._evaluated}"
        call = Call(Channel(device), self._served.exchange.surroundings)
        function = substitute(words[0], call, WORKSPACE_BYTES)
        value = self._served.plan.functions.read(*split_call(function), call)
        self._served.core.devices.set(device, DeviceState.INVALID)
        result = "Success (0)" if value is not None else "Failure (-1)"
        return Answer(f"Return Value: {result}\nResult: {cut(value or '', WORKSPACE_BYTES)}\n")


def _place(text: str) -> tuple[str, str]:
    """Extension and context of `[exten@]context`; '' where one is not given."""
    exten, at, context = text.partition("@")
    return (exten, context) if at else ("", text)


@dataclass(slots=True)
class Listing:
    """Goes through contexts, in the order given, and counts what it prints."""

    contexts: Sequence[Context]
    lines: list[str] = field(default_factory=list)
    context_seen: bool = False
    extension_seen: bool = False
    _contexts: int = 0
    _extensions: int = 0
    _priorities: int = 0
    _includes: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What was printed."""
        return "".join(self.lines)

    @property
    def summary(self) -> str:
        """The last line."""
        extensions = plural(self._extensions, "extension", "extensions")
        priorities = plural(self._priorities, "priority", "priorities")
        return f"-= {extensions} ({priorities}) in {plural(self._contexts, 'context', 'contexts')}. =-\n"

    def show(self, name: str, exten: str, included: bool = False) -> None:
        """One context or ('') all, with everything in them or only what matches `exten`."""
        for context in self.contexts:
            if not name or context.name == name:
                self.context_seen = True
                self._show_context(context, exten, included)

    def _show_context(self, context: Context, exten: str, included: bool) -> None:
        extensions = [each for each in context.extensions if not exten or matches(each.name, exten)]
        titled = bool(extensions) or not exten
        if titled:
            self._title(context, included)
        for extension in extensions:
            self.extension_seen = True
            self._show_extension(extension)
        self._show_includes(context, exten)
        for ignored in context.ignore_patterns:
            if not exten or matches(f"_{ignored.pattern}.", exten):
                self.lines.append(f"  Ignore pattern => {left(_quoted(ignored.pattern), 45)} [{ignored.registrar}]\n")
        if not included:
            for switch in context.switches:
                name = _quoted(f"{switch.name}/{switch.data}")
                self.lines.append(f"  Alt. Switch =>    {left(name, 45)} [{switch.registrar}]\n")
        if titled:
            self.lines.append("\n")

    def _title(self, context: Context, included: bool) -> None:
        self._contexts += 1
        kind = "Included context" if included else "Context"
        self.lines.append(f"[ {kind} '{context.name}' created by '{context.registrar}' ]\n")
        if context.autohints and not included:
            self.lines.append("Autohints support enabled\n")

    def _show_extension(self, extension: Extension) -> None:
        self._extensions += 1
        self._priorities += len(extension.priorities)
        self.lines.extend(_extension_lines(extension))

    def _show_includes(self, context: Context, exten: str) -> None:
        for include in context.includes:
            if not exten:
                self.lines.append(f"  Include =>        {left(_quoted(include.text), 45)} [{include.registrar}]\n")
            elif fold(include.text) not in self._includes and len(self._includes) < MAX_INCLUDES:
                # the whole text is looked up, so an include with a time condition leads nowhere
                self._includes.append(fold(include.text))
                if include.text:
                    self.show(include.text, exten, included=True)
                self._includes.pop()


def _extension_lines(extension: Extension) -> Iterator[str]:
    """The first line carries the name, the others their labels."""
    name = _quoted(extension.name)
    title = f"{name} =>" if extension.cid is None else f"{name} (CID match {_quoted(extension.cid)}) => "
    for at, line in enumerate(extension.priorities.values()):
        if at:
            title = f"   [{line.label}]" if line.label else ""
        yield f"  {left(title, 17)} {left(cut(_step(line), LINE_BYTES), 45)} [{_origin(line)}]\n"


def _step(priority: Priority) -> str:
    if priority.number == HINT:
        return f"hint: {priority.app}"
    return f"{priority.number}. {priority.app}({priority.args})"


def _origin(priority: Priority) -> str:
    where = priority.where
    return priority.registrar if where is None else f"{where.file}:{where.line}"


def _quoted(text: str) -> str:
    return f"'{text}'"
