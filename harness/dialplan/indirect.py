"""Applications that run another, or jump, by what they are told: Exec, TryExec, ExecIfTime, GotoIfTime.

apps/app_exec.c, main/pbx_builtins.c.
"""

from __future__ import annotations

from datetime import datetime

from harness.core.octets import fold
from harness.dialplan.call import CONTINUE, HANG_UP, Application, Call, Result
from harness.dialplan.function import utc
from harness.dialplan.splitting import integer
from harness.dialplan.substitute import substitute
from harness.dialplan.times import parse_condition


def call_of(text: str) -> tuple[str, str]:
    """`app(arguments)` taken apart; a parenthesis that is not closed is taken as closed."""
    name, _, rest = text.partition("(")
    inside, closed, _ = rest.rpartition(")")
    return name, inside if closed else rest


def _exec(call: Call, text: str) -> Result:
    if not text:
        return CONTINUE
    name, arguments = call_of(text)
    return call.run(name, substitute(arguments, call))


def _try_exec(call: Call, text: str) -> Result:
    """The call goes on whatever an application gives back at once; TRYSTATUS says what became of it."""
    if not text:
        return CONTINUE
    name, arguments = call_of(text)
    if fold(name) not in call.surroundings.applications:
        call.tell(f"Could not find application ({name})")
        call.set_variable("TRYSTATUS", "NOAPP")
        return CONTINUE
    result = call.run(name, substitute(arguments, call))
    call.set_variable("TRYSTATUS", "FAILED" if result else "SUCCESS")
    return CONTINUE if result is not None else None


# by the time


def _now(call: Call) -> datetime | None:
    now = call.plan.now() if call.plan.now is not None else None
    wanted = call.channel.variables.get("TESTTIME")
    if now is None or wanted is None:
        return now
    seconds = integer(wanted)
    if seconds is None:
        call.set_variable("TESTTIME", None)
        return now
    try:
        return utc(seconds) if now.tzinfo is None else datetime.fromtimestamp(seconds, now.tzinfo)
    except (OverflowError, OSError, ValueError):
        return now


def _go_to_if_time(call: Call, text: str) -> Result:
    if not text:
        call.tell("GotoIfTime requires an argument: <times>,<weekdays>,<days>,<months>?<label>[:<label>]")
        return HANG_UP
    wanted, _, labels = text.partition("?")
    yes, _, no = labels.partition(":")
    condition, now = parse_condition(wanted), _now(call)
    branch = yes if condition is not None and now is not None and condition.holds(now) else no
    if not branch:
        return CONTINUE
    return CONTINUE if call.go_to(branch) else HANG_UP


def _exec_if_time(call: Call, text: str) -> Result:
    wanted, question, application = text.partition("?")
    condition = parse_condition(wanted)
    if not question or condition is None:
        call.tell("ExecIfTime requires an argument: <times>,<weekdays>,<days>,<months>?<app>(<args>)")
        return HANG_UP
    now = call.plan.now() if call.plan.now is not None else None
    if now is None or not condition.holds(now):
        return CONTINUE
    name, arguments = call_of(application)
    return call.run(name, arguments)


INDIRECT_APPLICATIONS: dict[str, Application] = {
    "Exec": _exec,
    "ExecIfTime": _exec_if_time,
    "GotoIfTime": _go_to_if_time,
    "TryExec": _try_exec,
}
