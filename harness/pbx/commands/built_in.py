"""The context that every Asterisk has from a module (funcs/func_periodic_hook.c): shown, and never run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.dialplan.contexts import Context, Priority

if TYPE_CHECKING:
    from harness.dialplan.plan import Dialplan

_REGISTRAR = "func_periodic_hook"
_NAME = "__func_periodic_hook_context__"
_LINES = (
    ("beep", "Answer", ""),
    ("beep", "Playback", "beep"),
    ("beep", "Hangup", ""),
    ("hook", "Set", "EncodedChannel=${HOOK_CHANNEL}"),
    ("hook", "Set", "GROUP_NAME=${EncodedChannel}${HOOK_ID}"),
    ("hook", "Set", "GROUP(periodic-hook)=${GROUP_NAME}"),
    ("hook", "ExecIf", "$[${GROUP_COUNT(${GROUP_NAME}@periodic-hook)} > 1]?Hangup()"),
    ("hook", "Set", "ChannelToSpy=${URIDECODE(${EncodedChannel})}"),
    ("hook", "ChanSpy", "${ChannelToSpy},qEB"),
)


def _context() -> Context:
    context = Context(_NAME, registrar=_REGISTRAR)
    for exten, application, arguments in _LINES:
        extension = context.obtain(exten, "")
        number = len(extension.priorities) + 1
        extension.put(Priority(_NAME, exten, number, application, arguments, cid="", registrar=_REGISTRAR))
    return context


CONTEXTS = (_context(),)


def contexts_to_show(plan: Dialplan) -> list[Context]:
    """Those made by commands, then those of modules, then those of the file: the last one made comes first."""
    shown = plan.shown_contexts()
    made = [context for context in shown if context.where is None]
    return [*made, *CONTEXTS, *(context for context in shown if context.where is not None)]
