"""Applications that only a person on the line, a disk or a program would notice: the call goes on, or waits.

They are here so that a real extensions.conf runs; each use is told on the trace.  What Asterisk 22 has and this table
does not have ends a call, as an application that is not loaded does there.
"""

from __future__ import annotations

from harness.dialplan.call import CONTINUE, HANG_UP, Application, Call, Result, cancel
from harness.dialplan.channel import ChannelState
from harness.dialplan.splitting import arguments, integer, milliseconds, padded

READ_WAIT_S = 10.0
"""How long Read() waits for digits where it does not say so."""

PASSED_OVER = (
    *("CELGenUserEvent", "ForkCDR", "ResetCDR", "QueueLog", "DumpChan"),
    *("MixMonitor", "StopMixMonitor", "StartMusicOnHold", "StopMusicOnHold", "PlayTones", "StopPlayTones"),
    *("SayAlpha", "SayAlphaCase", "SayDigits", "SayNumber", "SayOrdinal", "SayMoney", "SayPhonetic", "SayUnixTime"),
    *("DateTime", "Festival", "MP3Player", "Morsecode"),
    *("SendDTMF", "SendMF", "SendSF", "Zapateller", "StoreDTMF", "BackgroundDetect"),
    *("WaitForNoise", "WaitForSilence", "ChanSpy", "ExtenSpy"),
)
"""Nothing comes of them that a phone or a watcher would see."""
NEVER_RUN = {
    **dict.fromkeys(("System", "TrySystem"), "SYSTEMSTATUS"),
    **dict.fromkeys(("AGI", "EAGI", "DeadAGI"), "AGISTATUS"),
}
"""No program is started for a dialplan; the variable says SUCCESS."""
KEEPS_WAITING = ("ConfBridge", "Record", "StreamEcho")
"""They answer, and last until the caller hangs up."""


def _passed_over(name: str) -> Application:
    def application(call: Call, _text: str) -> Result:
        call.tell(f"{name}() is passed over: the call goes on")
        return HANG_UP if call.channel.hung_up else CONTINUE

    return application


def _never_run(name: str, status: str) -> Application:
    def application(call: Call, _text: str) -> Result:
        call.tell(f"{name}() is passed over: no program is run; {status} is SUCCESS")
        call.set_variable(status, "SUCCESS")
        return CONTINUE

    return application


def keeps_waiting(call: Call, _text: str) -> Result:
    """Answers and waits for what nobody says or presses, until the caller hangs up."""
    return call.answer_first(lambda: until_hangup(call))


def until_hangup(call: Call) -> Result:
    """What an application gives back that lasts as long as the call."""
    if call.channel.hung_up:
        return HANG_UP
    call.suspend()
    return None


def waits_unanswered(call: Call, _text: str) -> Result:
    """Until the caller hangs up."""
    return until_hangup(call)


def _music_on_hold(call: Call, text: str) -> Result:
    """`class[,seconds]`: so long, or until the caller hangs up; nothing where there is no music (musiconhold.conf)."""
    if not call.telephony.has_music:
        call.tell("MusicOnHold(): there is no musiconhold.conf, so there is no music: the call goes on")
        return CONTINUE
    length = milliseconds(padded(arguments(text, 2), 2)[1])
    if length is not None and length > 0:
        return call.sleep(length / 1000)
    return until_hangup(call)


def _read(call: Call, text: str) -> Result:
    """Read(variable,...): nobody presses a digit, so it ends after its time; READSTATUS is TIMEOUT."""
    variable, _files, _most, options, attempts, timeout = padded(arguments(text, 6), 6)
    if not variable:
        call.tell("Read requires an argument (variable)")
        call.set_variable("READSTATUS", "ERROR")
        return CONTINUE
    if call.channel.state is not ChannelState.UP:
        if "s" in options:
            call.set_variable("READSTATUS", "SKIPPED")
            return CONTINUE
        if "n" not in options:
            return call.answer_first(lambda: _wait_for_digits(call, variable, attempts, timeout))
    return _wait_for_digits(call, variable, attempts, timeout)


def _wait_for_digits(call: Call, variable: str, attempts: str, timeout: str) -> Result:
    if call.channel.hung_up:
        return HANG_UP
    length = milliseconds(timeout)
    seconds = length / 1000 if length is not None and length > 0 else READ_WAIT_S

    def ended() -> None:
        call.set_variable(variable, "")
        call.set_variable("READSTATUS", "TIMEOUT")
        resume(CONTINUE)

    resume = call.suspend()
    timer = call.surroundings.call_later(seconds * max(integer(attempts) or 1, 1), ended)
    call.breaks_off(lambda: cancel(timer))
    return None


UNHEARD_APPLICATIONS: dict[str, Application] = {
    **{name: _passed_over(name) for name in PASSED_OVER},
    **{name: _never_run(name, status) for name, status in NEVER_RUN.items()},
    **{name: keeps_waiting for name in KEEPS_WAITING},
    "MusicOnHold": _music_on_hold,
    "Read": _read,
    "Milliwatt": waits_unanswered,
    "Stasis": waits_unanswered,
}
