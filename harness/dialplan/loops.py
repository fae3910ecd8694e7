"""If and While with their relatives (apps/app_if.c, app_while.c).

Both look for their other lines by application name in the priorities that follow, and keep what they need in channel
variables: IF_<n>, WHILE_<n>, END_WHILE_<n> and <context>_<exten>_<priority>.
"""

from __future__ import annotations

from harness.core.octets import fold
from harness.dialplan.call import CONTINUE, Application, Call, Result
from harness.dialplan.splitting import holds

NOWHERE = -1


def _deepest(call: Call, prefix: str) -> int:
    """The number of the innermost one that is open, -1 for none."""
    number = 0
    while call.variable(f"{prefix}_{number}") is not None:
        number += 1
    return number - 1


def _here(call: Call, separator: str, ahead: int = 0) -> str:
    channel = call.channel
    return separator.join((channel.context, channel.exten, str(channel.priority + ahead)))


def _matching(call: Call, opens: str, closes: str, wanted: str | None = None) -> int:
    """The priority of the line that ends this one, or of the first `wanted` at the same depth before it ends."""
    number, depth = call.channel.priority + 1, 1
    while (line := call.find(call.channel.exten, number)) is not None:
        app = fold(line.app)
        depth += (app == opens) - (app == closes)
        if depth == 0 and wanted is None:
            return number
        if depth == 1 and app == wanted:
            return number
        number += 1
    return NOWHERE


def _begin(call: Call, prefix: str) -> tuple[str, str]:
    """The names of the variables of the line that begins a block here: its own, and the block's."""
    name = _here(call, "_")
    label = call.variable(name)
    if label is None:
        label = str(_deepest(call, prefix) + 1)
        call.set_variable(name, label)
    return name, f"{prefix}_{label}"


# If


def _if(call: Call, text: str) -> Result:
    """If and ElseIf: an ElseIf that is reached by going on is an If of its own."""
    name, block = _begin(call, "IF")
    if holds(text):
        if call.variable(block) is None:
            call.set_variable(block, _here(call, ","))
        return CONTINUE
    call.set_variable(block, None)
    call.set_variable(name, None)
    end = _matching(call, "if", "endif")
    for other, before in (("elseif", 1), ("else", 0)):
        found = _matching(call, "if", "endif", other)
        if 0 < found < end:
            call.channel.priority = found - before
            return CONTINUE
    if end > 0:
        call.channel.priority = end
    return CONTINUE


def _close_if(call: Call) -> None:
    call.set_variable(f"IF_{_deepest(call, 'IF')}", None)
    call.set_variable(_here(call, "_"), None)


def _end_if(call: Call, _text: str) -> Result:
    _close_if(call)
    return CONTINUE


def _exit_if(call: Call, _text: str) -> Result:
    """Else, which is reached only by going on from a true branch, and ExitIf: behind the end."""
    _close_if(call)
    end = _matching(call, "if", "endif")
    if end > 0:
        call.channel.priority = end
    else:
        call.tell("Couldn't find matching EndIf?")
    return CONTINUE


# While


def _while(call: Call, text: str) -> Result:
    name, block = _begin(call, "WHILE")
    if not holds(text):
        call.set_variable(block, None)
        call.set_variable(name, None)
        return _leave(call, block)
    if call.variable(block) is None:
        call.set_variable(block, _here(call, ","))
    return CONTINUE


def _leave(call: Call, block: str) -> Result:
    """Behind the end of a loop: where EndWhile said it is, or looked for."""
    call.set_variable(block, None)
    known = call.variable(f"END_{block}")
    if known is not None:
        call.go_to(known)
        call.set_variable(f"END_{block}", None)
        return CONTINUE
    end = _matching(call, "while", "endwhile")
    if end > 0:
        call.channel.priority = end
    else:
        call.tell("Couldn't find matching EndWhile?")
    return CONTINUE


def _end_while(call: Call, _text: str) -> Result:
    block = f"WHILE_{_deepest(call, 'WHILE')}"
    start = call.variable(block)
    if start is None:
        return CONTINUE
    if not call.variable(f"END_{block}"):
        call.set_variable(f"END_{block}", _here(call, ",", ahead=1))
    call.go_to(start)
    return CONTINUE


def _exit_while(call: Call, _text: str) -> Result:
    call.set_variable(_here(call, "_"), None)
    return _leave(call, f"WHILE_{_deepest(call, 'WHILE')}")


def _continue_while(call: Call, _text: str) -> Result:
    start = call.variable(f"WHILE_{_deepest(call, 'WHILE')}")
    if start is not None:
        call.go_to(start)
    return CONTINUE


LOOP_APPLICATIONS: dict[str, Application] = {
    "If": _if,
    "ElseIf": _if,
    "Else": _exit_if,
    "ExitIf": _exit_if,
    "EndIf": _end_if,
    "While": _while,
    "EndWhile": _end_while,
    "ExitWhile": _exit_while,
    "ContinueWhile": _continue_while,
}
