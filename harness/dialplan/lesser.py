"""Applications that a call without sound and digits goes through with little to show: a status, or a time that passes.

apps/app_waituntil.c, app_read.c (WaitDigit), app_transfer.c, app_controlplayback.c, main/pbx_builtins.c and others.
"""

from __future__ import annotations

from harness.dialplan.call import CONTINUE, HANG_UP, Application, Call, Result, cancel
from harness.dialplan.channel import ChannelState
from harness.dialplan.splitting import arguments, holds, integer, milliseconds, padded
from harness.dialplan.substitute import substitute
from harness.dialplan.unheard import keeps_waiting, until_hangup, waits_unanswered

CONDITION_STEP_S = 0.5


def _status(*rows: tuple[str, str]) -> Application:
    """Sets variables that say why nothing happened, and the call goes on."""

    def application(call: Call, _text: str) -> Result:
        for name, value in rows:
            call.set_variable(name, value)
        return CONTINUE

    return application


def _incomplete(call: Call, text: str) -> Result:
    """More digits are needed, which nobody presses: the extension is invalid, at once where nothing is heard yet."""
    channel = call.channel
    if channel.hung_up:
        return HANG_UP
    if channel.state is not ChannelState.UP or "n" in text:
        return _invalid(call)
    resume = call.suspend()
    timer = call.surroundings.call_later(channel.digit_wait, lambda: resume(_invalid(call)))
    call.breaks_off(lambda: cancel(timer))
    return None


def _invalid(call: Call) -> int:
    exten = call.channel.exten
    if not call.go_to_special("i", "INVALID"):
        return HANG_UP
    if call.channel.exten == "i":
        call.set_variable("INVALID_EXTEN", exten)
    call.channel.priority = 0
    return CONTINUE


def _wait_digit(call: Call, text: str) -> Result:
    """WaitDigit(seconds[,digits]): nobody presses one."""
    length = milliseconds(padded(arguments(text, 2), 2)[0])
    if length is None:
        call.set_variable("WAITDIGITSTATUS", "ERROR")
        return CONTINUE
    if call.channel.hung_up:
        return HANG_UP

    def over() -> None:
        call.set_variable("WAITDIGITSTATUS", "TIMEOUT")
        resume(CONTINUE)

    resume = call.suspend()
    timer = call.surroundings.call_later(max(length, 0) / 1000, over)
    call.breaks_off(lambda: cancel(timer))
    return None


def _wait_until(call: Call, text: str) -> Result:
    """WaitUntil(epoch): until then, in seconds since 1970."""
    until, now = integer(text), integer(call.variable("EPOCH") or "")
    if until is None or now is None:
        call.set_variable("WAITUNTILSTATUS", "FAILURE")
        return CONTINUE
    if until <= now:
        call.set_variable("WAITUNTILSTATUS", "PAST")
        return CONTINUE
    if call.channel.hung_up:
        return HANG_UP

    def over() -> None:
        call.set_variable("WAITUNTILSTATUS", "OK")
        resume(CONTINUE)

    resume = call.suspend()
    timer = call.surroundings.call_later(until - now, over)
    call.breaks_off(lambda: cancel(timer))
    return None


def _wait_for_condition(call: Call, text: str) -> Result:
    """`replacer,condition[,timeout[,interval]]`: the condition has the replacer where others have a dollar sign."""
    replacer, condition, timeout, interval = padded(arguments(text, 4, raw=True), 4)
    if len(replacer) != 1 or not condition:
        call.set_variable("WAITFORCONDITIONSTATUS", "FAILURE")
        return CONTINUE
    expression = condition.replace(replacer, "$")
    if not expression.startswith("$["):
        call.set_variable("WAITFORCONDITIONSTATUS", "FAILURE")
        return CONTINUE
    limit = (milliseconds(timeout) or 0) / 1000 if timeout else 0.0
    step = max((milliseconds(interval) or 0) / 1000, 0.05) if interval else CONDITION_STEP_S
    if holds(substitute(expression, call)):
        call.set_variable("WAITFORCONDITIONSTATUS", "TRUE")
        return CONTINUE
    if call.channel.hung_up:
        return HANG_UP
    return _until_it_holds(call, expression, limit, step)


def _until_it_holds(call: Call, expression: str, limit: float, step: float) -> Result:
    resume = call.suspend()
    waited = 0.0

    def look() -> None:
        nonlocal waited
        waited += step
        true = holds(substitute(expression, call))
        if not true and (not limit or waited < limit):
            later()
            return
        call.set_variable("WAITFORCONDITIONSTATUS", "TRUE" if true else "TIMEOUT")
        resume(CONTINUE)

    def later() -> None:
        timer = call.surroundings.call_later(min(step, limit - waited) if limit else step, look)
        call.breaks_off(lambda: cancel(timer))

    later()
    return None


def _wait_for_signal(call: Call, text: str) -> Result:
    """WaitForSignal(name[,seconds]): nobody gives one."""
    name, timeout = padded(arguments(text, 2), 2)
    length = milliseconds(timeout) if timeout else None
    if not name or (timeout and length is None):
        call.set_variable("WAITFORSIGNALSTATUS", "ERROR")
        return CONTINUE
    if length is None or length <= 0:
        return until_hangup(call)
    if call.channel.hung_up:
        return HANG_UP

    def over() -> None:
        call.set_variable("WAITFORSIGNALSTATUS", "TIMEOUT")
        resume(CONTINUE)

    resume = call.suspend()
    timer = call.surroundings.call_later(length / 1000, over)
    call.breaks_off(lambda: cancel(timer))
    return None


def _hang_up(_call: Call, _text: str) -> Result:
    """There are no voicemail boxes to choose from by a name."""
    return HANG_UP


LESSER_APPLICATIONS: dict[str, Application] = {
    "AttendedTransfer": _status(("ATTENDEDTRANSFERSTATUS", "NOTPERMITTED")),
    "BlindTransfer": _status(("BLINDTRANSFERSTATUS", "INVALID")),
    "CallCompletionCancel": _status(("CC_CANCEL_RESULT", "FAIL"), ("CC_CANCEL_REASON", "NO_CORE_INSTANCE")),
    "CallCompletionRequest": _status(("CC_REQUEST_RESULT", "FAIL"), ("CC_REQUEST_REASON", "NO_CORE_INSTANCE")),
    "ControlPlayback": _status(("CPLAYBACKSTATUS", "ERROR"), ("CPLAYBACKOFFSET", "-1")),
    "HangupCauseClear": _status(),
    "Directory": _hang_up,
    "Incomplete": _incomplete,
    "ReceiveText": _status(("RECEIVETEXTSTATUS", "FAILURE")),
    "Signal": _status(("SIGNALSTATUS", "FAILURE")),
    "SpeechCreate": _status(("ERROR", "1")),
    "Transfer": _status(("TRANSFERSTATUS", "FAILURE"), ("TRANSFERSTATUSPROTOCOL", "0")),
    "WaitDigit": _wait_digit,
    "WaitForCondition": _wait_for_condition,
    "WaitForSignal": _wait_for_signal,
    "WaitUntil": _wait_until,
    "Authenticate": lambda call, _text: call.answer_first(lambda: HANG_UP),
    "DISA": keeps_waiting,
    "PrivacyManager": keeps_waiting,
    **{name: waits_unanswered for name in ("BridgeWait", "ReadExten", "WaitForRing")},
}
