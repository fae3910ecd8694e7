"""What an application can do with the call that runs it; also where the call's names get their values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from harness.core.octets import fold
from harness.dialplan.channel import Channel, ChannelState
from harness.dialplan.contexts import Priority
from harness.dialplan.plan import Dialplan
from harness.dialplan.splitting import integer
from harness.dialplan.substitute import split_call
from harness.dialplan.telephony import Cancel, NoTelephony, Telephony, nothing
from harness.dialplan.variables import bare_name

BUSY_CAUSE = 17
CONGESTION_CAUSE = 34
FIRST_SOUND_S = 0.02
"""When the first packet of a sound is there."""
CONTINUE = 0
HANG_UP = -1

_NUMBER = re.compile(r"[ \t\r\n\v\f]*[+-]?[0-9]{1,30}[ \t\r\n\v\f]*")

Result = int | None
"""What an application gives back: 0 goes on, -1 hangs up, None: it will resume the call."""
Fields = Sequence[tuple[str, str]]
Emit = Callable[[str, Fields], None]


class Timer(Protocol):
    """A delayed call that can be called off."""

    def cancel(self) -> object:
        """Call it off."""
        ...


Application = Callable[["Call", str], Result]
CallLater = Callable[[float, Callable[[], None]], Timer]


@dataclass(slots=True)
class Surroundings:
    """What all calls of a server share; `applications` by lower-case name.

    `call_later(seconds, callback)` keeps time, `emit(event, fields)` takes Newexten, UserEvent and Hangup, `observe` is
    told why something did not happen.
    """

    plan: Dialplan
    applications: Mapping[str, Application]
    call_later: CallLater
    emit: Emit
    telephony: Telephony = field(default_factory=NoTelephony)
    observe: Callable[..., None] | None = None
    variable_set: Callable[[Channel, str, str], None] | None = None
    """Told of a variable of a channel that was set."""
    changed: Callable[[str, Channel, Fields], None] | None = None
    """Told that a channel is another than before."""
    media_wait: float = 0.0
    """Seconds that answering waits for a sound from the other side."""
    spelling: dict[str, str] = field(default_factory=dict)
    """How Asterisk writes an application, by lower-case name."""
    sounds: Callable[[Channel], bool] = lambda _channel: False
    """Whether there is one, a moment after the answer."""


class Call:
    """A channel in the dialplan, as applications and functions see it; `executor.Execution` drives it."""

    __slots__ = ("_announced", "_before", "_break_off", "_early", "_executing", "_ticket", "channel", "surroundings")

    def __init__(self, channel: Channel, surroundings: Surroundings) -> None:
        self.channel: Channel = channel
        self.surroundings = surroundings
        self._before: tuple[str, str] | None = None
        self._announced: tuple[str, str, int] | None = None
        self._break_off: Cancel = nothing
        self._ticket: object | None = None
        self._early: int = CONTINUE
        self._executing = False

    def _resumed(self, result: int) -> None:
        """An application that was waited for is done."""
        raise NotImplementedError

    @property
    def plan(self) -> Dialplan:
        """The dialplan that the call executes."""
        return self.surroundings.plan

    @property
    def telephony(self) -> Telephony:
        """The telephone side."""
        return self.surroundings.telephony

    def variable(self, name: str) -> str | None:
        """See `substitute.Scope`: of the channel itself, the system, the channel's variables, the globals."""
        channel = self.channel
        own = _OWN.get(name)
        if own is not None:
            return own(channel)
        if name in ("HINT", "HINTNAME"):
            hint = self.plan.hint_for(channel.context, channel.exten)
            return None if hint is None else (hint.text if name == "HINT" else hint.name)
        value = self.plan.functions.predefined(name)
        value = channel.variables.get(name) if value is None else value
        return self.plan.globals.get(name) if value is None else value

    def function(self, name: str, arguments: str, depth: int = 0) -> str | None:
        """See `substitute.Scope`."""
        return self.plan.functions.read(name, arguments, self, depth)

    def set_variable(self, name: str, value: str | None) -> None:
        """Set a channel variable, or write a function where the name ends with `)`; None removes a variable."""
        if name.endswith(")"):
            function, arguments = split_call(name)
            self.plan.functions.write(function, arguments, value or "", self)
        else:
            self.assign(name, value)

    def assign(self, name: str, value: str | None) -> None:
        """See `substitute.Scope`; a value that is gone is told as an empty one."""
        variables = self.channel.variables
        gone = value is None and bool(variables.get(bare_name(name)))
        variables.set(name, value)
        if value is not None or gone:
            self.variable_told(name, value or "")

    def variable_told(self, name: str, value: str) -> None:
        """Event VarSet."""
        if self.surroundings.variable_set is not None:
            self.surroundings.variable_set(self.channel, name, value)

    def changed(self, event: str, more: Fields = ()) -> None:
        """See `substitute.Scope`."""
        if self.surroundings.changed is not None:
            self.surroundings.changed(event, self.channel, more)

    def find(self, exten: str, wanted: int | str, context: str | None = None) -> Priority | None:
        """A line for this caller, in the channel's context unless another is named."""
        place = self.channel.context if context is None else context
        return self.plan.find(place, exten, wanted, self.channel.caller.number)

    def go_to_special(self, special: str, reason: str) -> bool:
        """Go to a special extension, or else to `e` with an exception; False where there is neither."""
        channel = self.channel
        if self.find(special, 1) is None:
            if self.find("e", 1) is None:
                return False
            self.raise_exception(reason)
            special = "e"
        channel.exten, channel.priority = special, 1
        return True

    def raise_exception(self, reason: str) -> None:
        """Note what EXCEPTION() tells."""
        channel = self.channel
        channel.exception = {
            "REASON": reason,
            "CONTEXT": channel.context,
            "EXTEN": channel.exten,
            "PRIORITY": str(channel.priority),
        }

    def go_to(self, text: str) -> bool:
        """Go on at `[[context,]exten,]priority`, a number, `+n`, `-n` or a label; False where it cannot be found.

        Whether there is such a line shows only when it is executed.
        """
        if not text:
            return self.tell("Goto requires an argument")
        parts = text.split(",", 3)[:3]
        wanted = parts[-1]
        exten = parts[-2] if len(parts) > 1 else None
        context = parts[0] if len(parts) > 2 else None
        sign = {"+": 1, "-": -1}.get(wanted[:1], 0)
        bare = wanted[1:] if sign else wanted
        number = integer(bare) if _is_number(bare) else None
        if number is None:
            found = self.find(self.channel.exten if exten is None else exten, bare, context)
            if found is None or found.number < 1:
                return self.tell(f"Priority '{bare}' must be a number > 0, or valid label")
            number = found.number
        elif sign:
            number = self.channel.priority + sign * number
        self.jump(context or "", exten or "", number)
        return True

    def jump(self, context: str, exten: str, priority: int) -> None:
        """Go on at a place; what is empty stays.  The loop counts one up, so this stands one before it."""
        channel = self.channel
        channel.context, channel.exten = context or channel.context, exten or channel.exten
        if priority > -1:
            channel.priority = priority - 1

    def suspend(self, break_off: Cancel = nothing) -> Callable[[int], None]:
        """Announce that the application resumes the call later, by calling what is given back, once.

        `break_off` is called instead where the caller hangs up first.
        """
        ticket = self._ticket = object()
        self._break_off = break_off

        def resume(result: int) -> None:
            if self._ticket is not ticket:
                return
            self._ticket, self._break_off = None, nothing
            if self._executing:
                self._early = result
                return
            self._resumed(result)

        return resume

    def breaks_off(self, break_off: Cancel) -> None:
        """How to break off what was announced with `suspend`, where that is known only now."""
        if self._ticket is not None:
            self._break_off = break_off

    @property
    def pending(self) -> bool:
        """Whether an application has been announced to resume the call later and has not done so."""
        return self._ticket is not None

    def sleep(self, seconds: float, result: int = CONTINUE) -> Result:
        """Resume after some seconds; a channel that hung up does not sleep."""
        if self.channel.hung_up:
            return HANG_UP
        resume = self.suspend()
        timer = self.surroundings.call_later(seconds, lambda: resume(result))
        self.breaks_off(lambda: cancel(timer))
        return None

    def answer(self) -> bool:
        """Answer the channel where it is not up yet; False where it is hung up, even if it was up."""
        if self.channel.hung_up:
            return False
        if self.channel.state is not ChannelState.UP:
            self.channel.state = ChannelState.UP
            self.telephony.answered(self.channel)
        return True

    def answer_first(self, go_on: Callable[[], Result], delay: float = 0.0) -> Result:
        """Answer where it is not up yet, wait for media or `delay` seconds, then `go_on`; -1 where it is hung up."""
        if self.channel.state is ChannelState.UP and not self.channel.hung_up:
            return go_on()
        if not self.answer():
            return HANG_UP
        around, wait = self.surroundings, delay or self.surroundings.media_wait
        if not wait:
            return go_on()
        resume = self.suspend()

        def later(seconds: float, then: Callable[[], None]) -> None:
            timer = around.call_later(seconds, then)
            self.breaks_off(lambda: cancel(timer))

        def on() -> None:
            self._go_on(go_on, resume)

        def heard() -> None:
            if around.sounds(self.channel):
                on()
            else:
                later(wait - FIRST_SOUND_S, on)

        if delay:
            later(delay, on)
        else:
            later(min(FIRST_SOUND_S, wait), heard)
        return None

    @staticmethod
    def _go_on(go_on: Callable[[], Result], resume: Callable[[int], None]) -> None:
        result = go_on()
        if result is not None:
            resume(result)

    def tone(self, what: str, cause: int, seconds: float | None) -> Result:
        """Busy or congestion tone, without end where no seconds are given; the call ends after it."""
        self.telephony.indicate(self.channel, what)
        if self.channel.state is not ChannelState.UP:
            self.channel.hangup_cause, self.channel.state = cause, ChannelState.BUSY
        if self.channel.hung_up:
            return HANG_UP
        if seconds is not None:
            return self.sleep(seconds, HANG_UP)
        self.suspend()
        return None

    def emit(self, event: str, fields: Fields) -> None:
        """Tell an event about this channel: its own headers, then `fields`."""
        self.surroundings.emit(event, [*self.channel.snapshot(), *fields])

    def tell(self, text: str) -> bool:
        """Tell the observer why something does not happen; always False."""
        if self.surroundings.observe is not None:
            channel = self.channel
            place = f"{channel.context},{channel.exten},{channel.priority}"
            self.surroundings.observe("warning", text=text, channel=channel.name, place=place)
        return False

    def run(self, name: str, arguments: str) -> Result:
        """Run an application by name; -1 where there is none."""
        application = self.surroundings.applications.get(fold(name))
        if application is None:
            self.tell(f"No application '{name}'")
            return HANG_UP
        channel = self.channel
        outer, before = self._before is None, (channel.application, channel.application_data)
        if outer:
            self._before = before
        channel.application, channel.application_data = self.surroundings.spelling.get(fold(name), name), arguments
        channel.ran = channel.application, arguments
        self.announce()
        result = application(self, arguments)
        if result is not None:
            if outer:
                self._before = None
            channel.application, channel.application_data = before
        return result

    def application_done(self) -> None:
        """The application of the channel is again what it was before the one that went on for a while."""
        if self._before is not None:
            self.channel.application, self.channel.application_data = self._before
            self._before = None

    def announce(self) -> None:
        """Newexten, where the call is not at the place where it last was."""
        channel = self.channel
        place = (channel.context, channel.exten, channel.priority)
        if place == self._announced:
            return
        self._announced = place
        self.emit(
            "Newexten",
            [
                ("Extension", channel.exten),
                ("Application", channel.application),
                ("AppData", channel.application_data),
            ],
        )


_OWN: dict[str, Callable[[Channel], str]] = {
    "EXTEN": lambda channel: channel.exten,
    "CONTEXT": lambda channel: channel.context,
    "PRIORITY": lambda channel: str(channel.priority),
    "CHANNEL": lambda channel: channel.name,
    "UNIQUEID": lambda channel: channel.uniqueid,
    "HANGUPCAUSE": lambda channel: str(channel.hangup_cause),
    "CALLINGPRES": lambda _channel: "0",
    "CALLINGANI2": lambda _channel: "0",
    "CALLINGTON": lambda _channel: "0",
    "CALLINGTNS": lambda _channel: "0",
}


def cancel(timer: Timer) -> None:
    """Call off a delayed call."""
    timer.cancel()


def _is_number(text: str) -> bool:
    """Whether a priority is a number: digits with nothing but blanks after them."""
    return _NUMBER.fullmatch(text) is not None
