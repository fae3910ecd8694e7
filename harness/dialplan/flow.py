"""Applications that jump: Goto, GotoIf, Gosub, GosubIf, Return, StackPop (main/pbx_builtins.c, apps/app_stack.c)."""

from __future__ import annotations

from harness.dialplan.call import CONTINUE, HANG_UP, Application, Call, Result
from harness.dialplan.channel import Frame
from harness.dialplan.channel_functions import set_local
from harness.dialplan.splitting import arguments, holds

MOST_ARGUMENTS = 100
MAX_FRAMES = 1_000
"""Subroutines that one call may be in at the same time."""


def _goto(call: Call, text: str) -> Result:
    return CONTINUE if call.go_to(text) else HANG_UP


def _goto_if(call: Call, text: str) -> Result:
    condition, _, rest = text.partition("?")
    yes, _, no = rest.partition(":")
    branch = yes if holds(condition) else no
    return _goto(call, branch) if branch else CONTINUE


def _gosub(call: Call, text: str) -> Result:
    return CONTINUE if call_subroutine(call, text) else HANG_UP


def call_subroutine(call: Call, text: str) -> bool:
    """Go to `[[context,]exten,]priority(arguments)` to return from there; False where there is no such place."""
    channel = call.channel
    came_from = channel.context, channel.exten, channel.priority
    label, opened, rest = text.partition("(")
    inside, closed, _ = rest.rpartition(")")
    values = arguments(inside if closed else rest, MOST_ARGUMENTS, raw=True) if opened else []
    if len(channel.frames) >= MAX_FRAMES:
        call.tell(f"Gosub: {MAX_FRAMES} subroutines deep")
        return False
    if not call.go_to(label) or call.find(channel.exten, channel.priority + 1) is None:
        call.tell(f"Gosub address is invalid: '{text}'")
        channel.context, channel.exten, channel.priority = came_from
        return False
    before = channel.frames[-1].arguments if channel.frames else 0
    count = max(len(values), before)
    context, exten, priority = came_from
    channel.frames.append(Frame(context, exten, priority + 1, count))
    rows = [(f"ARG{number + 1}", values[number] if number < len(values) else "") for number in range(count)]
    for name, value in (*rows, ("ARGC", str(len(values)))):
        set_local(channel, name, value)
        call.variable_told(f"LOCAL({name})", value)
    return True


def _gosub_if(call: Call, text: str) -> Result:
    row = arguments(text, 2, "?", raw=True)
    if len(row) != 2:
        call.tell("GosubIf requires an argument: GosubIf(cond?label1(args):label2(args))")
        return CONTINUE
    branches = arguments(row[1], 2, ":", raw=True)
    taken = branches[:1] if holds(row[0]) else branches[1:]
    return _gosub(call, taken[0]) if taken and taken[0] else CONTINUE


def _leave(call: Call, frame: Frame) -> None:
    for name in reversed(frame.own):
        call.assign(name, None)


def _return(call: Call, text: str) -> Result:
    channel = call.channel
    if not channel.frames:
        call.tell("Return without Gosub: stack is empty")
        return HANG_UP
    frame = channel.frames.pop()
    channel.context, channel.exten, channel.priority = frame.context, frame.exten, frame.priority - 1
    _leave(call, frame)
    call.set_variable("GOSUB_RETVAL", text)
    return CONTINUE


def _stack_pop(call: Call, _text: str) -> Result:
    if call.channel.frames:
        _leave(call, call.channel.frames.pop())
    else:
        call.tell("StackPop called with an empty gosub stack")
    return CONTINUE


def _raise_exception(call: Call, text: str) -> Result:
    call.raise_exception(text)
    call.channel.exten, call.channel.priority = "e", 0
    return CONTINUE


FLOW_APPLICATIONS: dict[str, Application] = {
    "Goto": _goto,
    "GotoIf": _goto_if,
    "Gosub": _gosub,
    "GosubIf": _gosub_if,
    "Return": _return,
    "StackPop": _stack_pop,
    "RaiseException": _raise_exception,
}
