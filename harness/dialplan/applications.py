"""Applications that need nothing but the channel (main/pbx_builtins.c, pbx_variables.c, apps/app_*.c).

An application gives back 0 to go on, -1 to hang up, None where it resumes the call later.
"""

from __future__ import annotations

from harness.core.octets import fold
from harness.dialplan.call import (
    BUSY_CAUSE,
    CONGESTION_CAUSE,
    CONTINUE,
    HANG_UP,
    Application,
    Call,
    Result,
)
from harness.dialplan.call_applications import CALL_APPLICATIONS
from harness.dialplan.causes import NORMAL_CLEARING, parse_cause
from harness.dialplan.flow import FLOW_APPLICATIONS
from harness.dialplan.indirect import INDIRECT_APPLICATIONS, call_of
from harness.dialplan.loops import LOOP_APPLICATIONS
from harness.dialplan.retrying import RETRYING_APPLICATIONS
from harness.dialplan.splitting import arguments, holds, integer, milliseconds, strip
from harness.dialplan.unheard import UNHEARD_APPLICATIONS

MOST_VARIABLES = 99
MOST_PAIRS = 101
LOUDEST = 4
_LOG_LEVELS = ("error", "warning", "notice", "debug", "verbose", "dtmf")


def _no_op(_call: Call, _text: str) -> Result:
    return CONTINUE


def _set(call: Call, text: str) -> Result:
    name, equals, value = text.partition("=")
    if not equals:
        call.tell("Set requires an '=' to be a valid assignment")
    elif name:
        if " " in name:
            call.tell(f"blanks belong to the name of the variable '{name}'")
        call.set_variable(name, value)
    return CONTINUE


def _set_many(call: Call, text: str) -> Result:
    for pair in arguments(text, MOST_VARIABLES):
        parts = arguments(pair, 2, "=")
        if len(parts) == 2 and parts[0]:
            call.set_variable(*parts)
        else:
            call.tell(f"MSet: ignoring entry '{pair}' with no '='")
    return CONTINUE


def _wait(call: Call, text: str) -> Result:
    length = milliseconds(text)
    return call.sleep(length / 1000) if length is not None and length > 0 else CONTINUE


def _hang_up(call: Call, text: str) -> Result:
    channel = call.channel
    cause = parse_cause(text) if text else 0
    if cause is None:
        call.tell(f'Invalid cause given to Hangup(): "{text}"')
    channel.hangup_source = "dialplan/builtin"
    channel.hangup_cause = cause or max(channel.hangup_cause, 0) or NORMAL_CLEARING
    channel.hung_up = True
    return HANG_UP


def _seconds(text: str) -> float | None:
    """Seconds of a tone; None, which is without end, for what is no number or negative."""
    length = milliseconds(text)
    return None if length is None or length < 0 else length / 1000


def _busy(call: Call, text: str) -> Result:
    return call.tone("busy", BUSY_CAUSE, _seconds(text))


def _congestion(call: Call, text: str) -> Result:
    return call.tone("congestion", CONGESTION_CAUSE, _seconds(text))


def _indicated(what: str) -> Application:
    def indicate(call: Call, _text: str) -> Result:
        call.telephony.indicate(call.channel, what)
        return CONTINUE

    return indicate


def _verbose(call: Call, text: str) -> Result:
    row = arguments(text, 2)
    if row:
        level = integer(row[0]) if len(row) > 1 else 0
        _said(call, "verbose", row[-1], level=min(max(level or 0, 0), LOUDEST))
    return CONTINUE


def _log(call: Call, text: str) -> Result:
    row = arguments(text, 2)
    if row and fold(row[0]) in _LOG_LEVELS:
        _said(call, "log", row[1] if len(row) > 1 else "", level=row[0].upper())
    elif row:
        call.tell(f"Unknown log level: '{row[0]}'")
    return CONTINUE


def _said(call: Call, what: str, text: str, level: int | str) -> None:
    if call.surroundings.observe is not None:
        call.surroundings.observe(what, text=text, channel=call.channel.name, level=level)


def _user_event(call: Call, text: str) -> Result:
    row = arguments(text, MOST_PAIRS)
    if not row:
        call.tell("UserEvent requires an argument (eventname,optional event body)")
        return HANG_UP
    pairs: dict[str, str] = {}
    for extra in row[1:]:
        key, colon, value = extra.partition(":")
        if colon:
            pairs[key] = strip(value)
    if not all(_is_utf8(part) for part in (row[0], *pairs, *pairs.values())):
        call.tell("UserEvent cannot carry what is not UTF-8")
        return HANG_UP
    name = pairs.pop("eventname", row[0])
    call.emit("UserEvent", [("UserEvent", name), *pairs.items()])
    return CONTINUE


def _is_utf8(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _exec_if(call: Call, text: str) -> Result:
    """`cond?app(args):app(args)`; the older `cond,app,args` where a comma comes before the question mark."""
    comma, question = text.find(","), text.find("?")
    if question < 0 or 0 <= comma < question:
        row = arguments(text, 3)
        condition, yes = (row[0] if row else ""), row[1:]
        return _executed(call, yes[0] if yes else "", yes[1] if len(yes) > 1 else "") if holds(condition) else CONTINUE
    condition, *rest = arguments(text, 2, "?", raw=True)
    if not rest or not rest[0]:
        call.tell("Usage: ExecIf(<expr>?<appiftrue>(<args>)[:<appiffalse>(<args)])")
        return HANG_UP
    branches = arguments(rest[0], 2, ":", raw=True)
    if holds(condition):
        return _executed(call, *call_of(branches[0]))
    if len(branches) > 1 and branches[1]:
        return _executed(call, *call_of(branches[1]))
    return CONTINUE


def _executed(call: Call, name: str, text: str) -> Result:
    return call.run(name, text)


_APPLICATIONS: dict[str, Application] = {
    "NoOp": _no_op,
    "Set": _set,
    "MSet": _set_many,
    "Wait": _wait,
    "Hangup": _hang_up,
    "Busy": _busy,
    "Congestion": _congestion,
    "Progress": _indicated("progress"),
    "Proceeding": _indicated("proceeding"),
    "Ringing": _indicated("ringing"),
    "Verbose": _verbose,
    "Log": _log,
    "UserEvent": _user_event,
    "ExecIf": _exec_if,
    **FLOW_APPLICATIONS,
    **INDIRECT_APPLICATIONS,
    **LOOP_APPLICATIONS,
    **UNHEARD_APPLICATIONS,
    **CALL_APPLICATIONS,
    **RETRYING_APPLICATIONS,
}

NAMES = tuple(sorted(_APPLICATIONS))
"""The applications as Asterisk spells them."""

SPELLING = {fold(name): name for name in NAMES}
"""The same by lower-case name."""


def standard_applications() -> dict[str, Application]:
    """All applications by lower-case name; a copy that more can be added to."""
    return {fold(name): application for name, application in _APPLICATIONS.items()}
