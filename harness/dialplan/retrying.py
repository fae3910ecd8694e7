"""RetryDial(): dial, and when nobody answers wait and dial again (apps/app_dial.c)."""

from __future__ import annotations

from harness.dialplan.call import CONTINUE, HANG_UP, Application, Call, Result, cancel
from harness.dialplan.call_applications import dialling, gave_up
from harness.dialplan.splitting import arguments, integer, padded
from harness.dialplan.telephony import Cancel, nothing

PAUSE_S = 10
"""Seconds between two attempts where it does not say so."""


class _Retrying:
    """One RetryDial(); `left` attempts are to come, below 0 without end."""

    __slots__ = ("_break_off", "_call", "_dialing", "_left", "_pause", "_resume", "_sound", "_what")

    def __init__(self, call: Call, sound: str, pause: float, left: int, what: str) -> None:
        self._call, self._sound, self._pause, self._left, self._what = call, sound, pause, left, what
        self._dialing = False
        self._break_off: Cancel = nothing
        self._resume = call.suspend()
        call.breaks_off(self._broken_off)

    def start(self) -> None:
        """The next attempt."""
        call = self._call
        call.channel.application_data = "Retrying"
        asked = dialling(call, self._what)
        if isinstance(asked, int):
            self._tried(asked)
            return
        self._dialing, self._break_off = True, nothing
        break_off = asked.start(call, self._tried)
        if self._dialing:
            self._break_off = break_off

    def _tried(self, result: int) -> None:
        self._dialing, self._break_off = False, nothing
        call = self._call
        if result == HANG_UP or call.channel.hung_up or call.channel.variables.get("DIALSTATUS") == "ANSWER":
            self._resume(result)
            return
        self._left -= 1 if self._left > 0 else 0
        if self._sound:
            self._break_off = call.telephony.play(call.channel, self._sound, lambda _played: self._rest())
        else:
            self._rest()

    def _rest(self) -> None:
        timer = self._call.surroundings.call_later(self._pause, self._rested)
        self._break_off = lambda: cancel(timer)

    def _rested(self) -> None:
        self._break_off = nothing
        if self._left:
            self.start()
        else:
            self._resume(CONTINUE)

    def _broken_off(self) -> None:
        self._break_off()
        if self._dialing:
            gave_up(self._call)


def _retry_dial(call: Call, text: str) -> Result:
    """`sound,seconds between attempts,attempts,what Dial() takes`; without a number of attempts they have no end."""
    sound, pause, attempts, what = padded(arguments(text, 4), 4)
    if not text:
        call.tell("RetryDial requires an argument")
        return HANG_UP
    seconds = integer(pause) or 0
    _Retrying(call, sound, seconds if seconds > 0 else PAUSE_S, integer(attempts) or -1, what).start()
    return None


RETRYING_APPLICATIONS: dict[str, Application] = {"RetryDial": _retry_dial}
