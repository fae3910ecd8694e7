"""Applications that need the telephone side: Answer, Playback, Dial, Queue.

main/pbx_builtins.c, apps/app_playback.c, app_dial.c, app_queue.c.  What they ask of the telephone
side may be answered at once or later.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from harness.core.octets import fold
from harness.dialplan.call import CONTINUE, HANG_UP, Application, Call, Result, cancel
from harness.dialplan.channel import ChannelState
from harness.dialplan.splitting import arguments, integer, milliseconds, padded, strip
from harness.dialplan.telephony import Cancel, Dialed, QueueCall, nothing, option_letters

DIAL_VARIABLES = (
    "DIALSTATUS",
    "DIALEDPEERNUMBER",
    "DIALEDPEERNAME",
    "ANSWEREDTIME",
    "ANSWEREDTIME_MS",
    "DIALEDTIME",
    "DIALEDTIME_MS",
    "RINGTIME",
    "RINGTIME_MS",
    "PROGRESSTIME",
    "PROGRESSTIME_MS",
)
QUEUE_VARIABLES = (
    "ANSWEREDTIME",
    "ANSWEREDTIME_MS",
    "DIALEDTIME",
    "DIALEDTIME_MS",
    "QUEUEWAIT",
    "QUEUEWAIT_MS",
)
MAX_SOUNDS = 100
DIGIT_WAIT_S = 10.0
"""How long WaitExten() waits where it does not say so."""
MAX_DEVICES = 100
GOES_ON = "CONTINUE"
"""The caller went on at a place (option G); its variables are set."""
ENDS_THE_CALL = ("CANCEL", "DONTCALL_HANGUP")


def _asked(call: Call, ask: Callable[[Callable[[int], None]], Cancel], broken_off: Cancel = nothing) -> Result:
    """Ask the telephone side for something; `ask` is handed what resumes the call.

    Where the caller hangs up first, what was asked is broken off and then `broken_off` is called.
    """
    resume = call.suspend(broken_off)
    answers: list[int] = []

    def answered(result: int) -> None:
        answers.append(result)
        resume(result)

    break_off = ask(answered)
    if not answers and not call.pending:
        break_off()

    def both() -> None:
        break_off()
        broken_off()

    call.breaks_off(both)
    return None


def _answer(call: Call, text: str) -> Result:
    """Answer, and wait for media or `delay` milliseconds, where it was not up and the option is not exactly `i`."""
    delay, options = padded(arguments(text, 2), 2)
    if options == "i":
        return CONTINUE if call.answer() else HANG_UP
    return call.answer_first(lambda: CONTINUE, max(integer(delay) or 0, 0) / 1000)


def _echo(call: Call, _text: str) -> Result:
    """Echo, or a tone, until the caller hangs up; nobody presses `#` here."""
    if call.channel.hung_up:
        return HANG_UP
    call.suspend()
    return None


def _send_text(call: Call, text: str) -> Result:
    """Of what was tried SENDTEXTSTATUS says SUCCESS; whether it arrived is not waited for."""
    if call.channel.hung_up:
        return HANG_UP
    call.telephony.send_text(call.channel, text)
    call.set_variable("SENDTEXTSTATUS", "SUCCESS")
    return CONTINUE


# Playback


def _playback(call: Call, text: str) -> Result:
    if not text:
        call.tell("Playback requires an argument (filename)")
        return HANG_UP
    sounds, options = padded(arguments(text, 2), 2)
    wanted = fold(options)
    if call.channel.state is not ChannelState.UP:
        if "skip" in wanted:
            call.set_variable("PLAYBACKSTATUS", "SUCCESS")
            return CONTINUE
        if "noanswer" not in wanted:
            if call.channel.hung_up:
                call.set_variable("PLAYBACKSTATUS", "SUCCESS")
            return call.answer_first(lambda: _play(call, sounds))
    return _play(call, sounds)


def _play(call: Call, sounds: str, status: str = "PLAYBACKSTATUS") -> Result:
    return _Sounds(call, [strip(sound) for sound in sounds.split("&")][:MAX_SOUNDS], status).play()


class _Sounds:
    """Sounds that are played one after the other."""

    __slots__ = ("_break_off", "_call", "_failed", "_queue", "_resume", "_status")

    def __init__(self, call: Call, sounds: list[str], status: str) -> None:
        self._status = status
        self._call, self._queue = call, list(reversed(sounds))
        self._failed = False
        self._break_off: Cancel = nothing
        self._resume: Callable[[int], None] = lambda _result: None

    def play(self) -> Result:
        """Begin; the call is resumed after the last one."""
        self._resume = self._call.suspend(lambda: self._break_off())
        self._next()
        return None

    def _next(self) -> None:
        while self._queue:
            heard: list[bool] = []
            returned: list[bool] = []

            def done(played: bool, heard: list[bool] = heard, returned: list[bool] = returned) -> None:
                self._failed = self._failed or not played
                heard.append(played)
                if returned:
                    self._next()

            sound = self._queue.pop()
            self._break_off = self._call.telephony.play(self._call.channel, sound, done)
            returned.append(True)
            if not heard:
                return
            if not heard[0]:
                self._call.tell(f"Playback failed for {sound}")
        self._call.set_variable(self._status, "FAILED" if self._failed else "SUCCESS")
        self._resume(CONTINUE)


def _background(call: Call, text: str) -> Result:
    """Play while digits are waited for, which nobody presses here."""
    if not text:
        call.tell("BackGround requires an argument (filename)")
        return HANG_UP
    sounds, options = padded(arguments(text, 2), 2)
    if call.channel.state is not ChannelState.UP:
        if "s" in options:
            call.set_variable("BACKGROUNDSTATUS", "SUCCESS")
            return CONTINUE
        if "n" not in options:
            return call.answer_first(lambda: _play(call, sounds, "BACKGROUNDSTATUS"))
    return _play(call, sounds, "BACKGROUNDSTATUS")


def _wait_exten(call: Call, text: str) -> Result:
    """Wait for digits, then go on, or to `t` where there is no next line."""
    if call.channel.hung_up:
        return HANG_UP
    length = milliseconds(padded(arguments(text, 2), 2)[0])
    resume = call.suspend()
    seconds = length / 1000 if length is not None and length > 0 else DIGIT_WAIT_S
    timer = call.surroundings.call_later(seconds, lambda: resume(_no_digits(call)))
    call.breaks_off(lambda: cancel(timer))
    return None


def _no_digits(call: Call) -> int:
    channel = call.channel
    if call.find(channel.exten, channel.priority + 1) is None:
        if not call.go_to_special("t", "RESPONSETIMEOUT"):
            call.tell("timeout, but no t or e extension")
            return HANG_UP
        channel.priority = 0  # the loop counts one up
    return CONTINUE


# Dial


class Dialling(NamedTuple):
    """What Dial() was asked for."""

    devices: tuple[str, ...]
    seconds: float | None
    options: dict[str, str]

    def start(self, call: Call, finished: Callable[[int], None]) -> Cancel:
        """Dial; `finished` is told what the application gives back."""

        def done(dialed: Dialed) -> None:
            finished(_dialed(call, dialed, "g" in self.options))

        return call.telephony.dial(call.channel, self.devices, self.seconds, self.options, done)


def dialling(call: Call, text: str) -> Dialling | int:
    """What Dial(text) is to do; the result where it comes to nothing at once. Its variables begin empty."""
    for name in DIAL_VARIABLES:
        call.set_variable(name, "")
    if call.channel.hung_up:
        call.set_variable("DIALSTATUS", "CANCEL")
        return HANG_UP
    peers, timeout, letters, _url = padded(arguments(text, 4), 4)
    options = option_letters(letters)
    devices = tuple(strip(device) for device in peers.split("&") if strip(device))
    if options is None or not all(device.partition("/")[2] for device in devices):
        call.tell("Dial argument takes format (technology/resource)")
        call.set_variable("DIALSTATUS", "INVALIDARGS")
        return CONTINUE if "g" in (options or {}) else HANG_UP
    if not devices:
        call.set_variable("DIALSTATUS", "CHANUNAVAIL")
        return CONTINUE
    return Dialling(devices[:MAX_DEVICES], _dial_timeout(call, timeout), options)


def gave_up(call: Call) -> None:
    """The caller hung up while Dial() was under way."""
    answered = call.channel.variables.get("DIALSTATUS") == "ANSWER"
    call.set_variable("DIALSTATUS", "ANSWER" if answered else "CANCEL")


def _dial(call: Call, text: str) -> Result:
    asked = dialling(call, text)
    if isinstance(asked, int):
        return asked
    return _asked(call, lambda resume: asked.start(call, resume), lambda: gave_up(call))


def _dial_timeout(call: Call, text: str) -> float | None:
    """Seconds; None, which is without end, for nothing and for what is no number above 0."""
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = float(integer(text) or 0)
    if not 0 < seconds < float("inf"):
        call.tell(f"Invalid timeout specified: '{text}'. Setting timeout to infinite")
        return None
    return seconds


def _dialed(call: Call, dialed: Dialed, goes_on: bool) -> int:
    if dialed.status == "ANSWER":
        for name, seconds in (("ANSWEREDTIME", dialed.answered_time), ("DIALEDTIME", dialed.dialed_time)):
            call.set_variable(name, str(int(seconds)))
            call.set_variable(f"{name}_MS", str(int(seconds * 1000)))
    if dialed.status != GOES_ON:
        call.set_variable("DIALSTATUS", dialed.status)
    if dialed.peer and call.channel.variables.get("DIALEDPEERNAME") != dialed.peer:
        call.set_variable("DIALEDPEERNAME", dialed.peer)
    if dialed.cause is not None:
        call.channel.hangup_cause = dialed.cause
    if dialed.status in ENDS_THE_CALL or (dialed.status == "ANSWER" and not goes_on):
        return HANG_UP
    return CONTINUE


# Queue


def _queue(call: Call, text: str) -> Result:
    for name in QUEUE_VARIABLES:
        call.set_variable(name, "")
    if not text:
        call.tell("Queue requires an argument: queuename[,options ...]")
        return HANG_UP
    name, letters, _url, _announce, timeout, _agi, gosub, _rule, position = padded(arguments(text, 9), 9)
    call.set_variable("ABANDONED", None)
    seconds = integer(timeout) or 0
    asked = QueueCall(
        name, option_letters(letters) or {}, seconds if timeout else None, gosub, max(integer(position) or 0, 0)
    )

    def ask(resume: Callable[[int], None]) -> Cancel:
        def done(status: str, result: int) -> None:
            if status:
                call.set_variable("QUEUESTATUS", status)
            resume(result)

        return call.telephony.queue(call.channel, asked, done)

    return _asked(call, ask)


CALL_APPLICATIONS: dict[str, Application] = {
    "Answer": _answer,
    "Echo": _echo,
    "Milliwatt": _echo,
    "BackGround": _background,
    "Playback": _playback,
    "SendText": _send_text,
    "WaitExten": _wait_exten,
    "Dial": _dial,
    "Queue": _queue,
}
