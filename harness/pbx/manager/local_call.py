"""Local channels: a pair of which one half executes the dialplan and the other what Originate asked for.

main/core_local.c and main/dial.c as far as nobody speaks:

    ;2 executes exten@context    ;1 waits to be answered, then runs an application or the dialplan
    answers                      is answered, begins
    is busy or congested         fails; ;2 is hung up
    ends                         is hung up, with the same cause
    is hung up with its cause    ends, or nobody answered in time (cause 19)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.core.octets import fold
from harness.dialplan.call import Call, Surroundings
from harness.dialplan.causes import cause_text
from harness.dialplan.channel import Channel, ChannelState, Party
from harness.dialplan.executor import Execution
from harness.dialplan.telephony import nothing
from harness.dialplan.variables import bare_name

if TYPE_CHECKING:
    from harness.pbx.manager.local_calls import LocalCalls

TECHNOLOGY = "Local"
NO_ANSWER_CAUSE = 19
NORMAL_CAUSE = 16

REASON_FAILED, REASON_NO_ANSWER, REASON_ANSWERED, REASON_BUSY, REASON_CONGESTED = 0, 3, 4, 5, 8
"""What OriginateResponse says under `Reason` (AST_CONTROL_...)."""

Fields = Sequence[tuple[str, object]]
Timer = Any


@dataclass(slots=True)
class Wanted:
    """What is to be called and what is to be done once it answers; `timeout` in seconds."""

    destination: str
    application: str = ""
    data: str = ""
    context: str = ""
    exten: str = ""
    priority: int = 1
    timeout: float = 30.0
    caller: Party = field(default_factory=Party)
    account: str = ""
    variables: list[tuple[str, str]] = field(default_factory=list)
    uniqueids: tuple[str, str] = ("", "")


Done = Callable[["int", "Channel | None"], None]
"""Takes the reason and the answered channel; None where nobody answered."""


class OneApplication(Call):
    """A channel that runs one application and ends; unlike a line of the dialplan it is not announced."""

    __slots__ = ("_application", "_data", "_ended")

    def __init__(
        self, channel: Channel, surroundings: Surroundings, application: str, data: str, ended: Callable[[], None]
    ) -> None:
        super().__init__(channel, surroundings)
        self._application, self._data, self._ended = application, data, ended
        self._announced = (channel.context, channel.exten, channel.priority)

    def start(self) -> None:
        """Run it, unless the other side is gone already."""
        if self.channel.hung_up:
            self._ended()
            return
        if fold(self._application) not in self.surroundings.applications:
            self.tell(f"No such application '{self._application}'")
            self._ended()
            return
        self._executing = True
        result = self.run(self._application, self._data)
        self._executing = False
        if result is not None or self._ticket is None:
            self._ended()

    def _resumed(self, result: int) -> None:
        self._ended()

    def hang_up(self, cause: int | None = None) -> None:
        """The other side hung up: what is under way is broken off."""
        self.channel.hung_up = True
        if cause:
            self.channel.hangup_cause = cause
        if self._ticket is not None:
            self._ticket, break_off, self._break_off = None, self._break_off, nothing
            break_off()
            if not self._executing:
                self._ended()


class LocalCall:
    """One pair of channels."""

    def __init__(self, calls: LocalCalls, wanted: Wanted, done: Done) -> None:
        self._calls, self._wanted, self._done = calls, wanted, done
        exten, _, place = wanted.destination.partition("@")
        context, _, options = place.rpartition("/") if "/" in place else (place, "", "")
        if not place:
            exten, _, options = exten.partition("/")
        self.exten, self.context = exten, context or "default"
        self.optimizes = "n" not in options
        self.up = False
        """Whether the device counts as in use."""
        name = calls.new_name(self.exten, self.context)
        self.one = self._channel(f"{name};1", wanted.uniqueids[0], ChannelState.DOWN)
        self.two = self._channel(f"{name};2", wanted.uniqueids[1], ChannelState.RING)
        self.two.linkedid = self.one.uniqueid
        self._inner: Execution | None = None
        self._outer: Execution | OneApplication | None = None
        self._timer: Timer = None

    def _channel(self, name: str, uniqueid: str, state: ChannelState) -> Channel:
        uniqueid = uniqueid or self._calls.new_uniqueid()
        return Channel(name, uniqueid, context=self.context, exten=self.exten, state=state)

    def channel_named(self, name: str) -> Channel:
        """One of the two."""
        return self.one if name == self.one.name else self.two

    # beginning

    def start(self) -> None:
        """Make the channels and let ;2 execute the dialplan."""
        calls = self._calls
        for channel in (self.one, self.two):
            calls.pairs[channel.name] = self
            self._tell("call", "Newchannel", channel)
        first = [("Extension", self.exten), ("Application", "AppDial2"), ("AppData", "(Outgoing Line)")]
        self._tell("dialplan", "Newexten", self.one, first)
        self._furnish()
        if not calls.plan.exists(self.context, self.exten, 1, self._wanted.caller.number):
            self._gone(self.two)
            self._finish(REASON_FAILED)
            self._gone(self.one)
            return
        self._tell_pair()
        self._tell_dial("DialBegin", ("DialString", self._wanted.destination))
        self._inner = Execution(self.two, calls.surroundings, lambda _call: None)
        self._timer = calls.clock.callLater(self._wanted.timeout, self._timed_out)
        self._inner.start()

    def _furnish(self) -> None:
        """What Originate said about the caller, on both halves."""
        wanted = self._wanted
        number, name = wanted.caller.number, wanted.caller.name
        for channel, pairs in ((self.one, wanted.variables), (self.two, wanted.variables[::-1])):
            for variable, value in wanted.variables:
                channel.variables.set(variable, value)
            for variable, value in pairs:
                self._tell("dialplan", "VarSet", channel, [("Variable", bare_name(variable)), ("Value", value)])
            channel.account_code = wanted.account
            channel.caller, channel.connected = Party(number, name), Party(number, name)
            if number or name:
                self._tell("call", "NewConnectedLine", channel)

    # in between

    def answered(self, channel: Channel) -> None:
        """;2 answered: so is ;1, and begins what it is there for."""
        if channel is not self.two or self._outer is not None or self.one.name not in self._calls.pairs:
            return
        self.one.state, self.up = ChannelState.UP, True
        for each in (self.two, self.one):
            self._tell("call", "Newstate", each)
            self._device()
        self._tell_dial("DialEnd", ("DialStatus", "ANSWER"))
        self._begin_outer()
        self._finish(REASON_ANSWERED)

    def _begin_outer(self) -> None:
        wanted, calls = self._wanted, self._calls
        outer: Execution | OneApplication
        if wanted.application:
            outer = OneApplication(
                self.one, calls.surroundings, wanted.application, wanted.data, lambda: self.ending(self.one.name)
            )
        else:
            self.one.context, self.one.exten, self.one.priority = wanted.context, wanted.exten, wanted.priority
            outer = Execution(self.one, calls.surroundings)
        self._outer = outer
        calls.clock.callLater(0, outer.start)

    def refused(self, what: str) -> None:
        """;2 is busy or congested: where nobody has answered, that is the end."""
        if self._outer is None and self.one.name in self._calls.pairs:
            busy, self.up = what == "busy", True
            self._tell("call", "Newstate", self.two)
            self._device()
            self._tell_dial("DialEnd", ("DialStatus", what.upper()))
            self._finish(REASON_BUSY if busy else REASON_CONGESTED)
            self.ending(self.one.name)

    def _timed_out(self) -> None:
        self.one.hangup_cause = NO_ANSWER_CAUSE
        self._finish(REASON_NO_ANSWER)
        self.ending(self.one.name)

    # ending

    def hang_up(self, name: str, cause: int) -> None:
        """Somebody from outside ends one half."""
        channel = self.channel_named(name)
        if cause:
            channel.hangup_cause = cause
        running = self._inner if channel is self.two else self._outer
        if running is not None:
            running.hang_up(cause or None)
        else:
            self._finish(REASON_FAILED)
            self.ending(name)

    def ending(self, name: str) -> None:
        """One half is at its end: tell so, then end the other with the same cause."""
        channel = self.channel_named(name)
        other = self.two if channel is self.one else self.one
        pairs = self._calls.pairs
        if channel.name not in pairs:
            return
        if channel is self.two or isinstance(self._outer, Execution):
            self._tell("call", "SoftHangupRequest", channel, [("Cause", channel.hangup_cause or NORMAL_CAUSE)])
        if other.name in pairs:
            self._tell("call", "HangupRequest", other, [("Cause", channel.hangup_cause)])
        if channel is self.two and self._outer is None and other.name in pairs:
            self._tell_dial("DialEnd", ("DialStatus", "BUSY" if channel.hangup_cause == 17 else "NOANSWER"))
            self._finish(REASON_FAILED)
        self._gone(channel)
        if other.name in pairs:
            self._end_other(other, channel.hangup_cause)

    def _end_other(self, other: Channel, cause: int) -> None:
        running = self._inner if other is self.two else self._outer
        if not other.hangup_cause:
            other.hangup_cause = cause
        if running is None:
            self.ending(other.name)
        else:
            self._calls.clock.callLater(0, running.hang_up)

    def _gone(self, channel: Channel) -> None:
        cause = channel.hangup_cause
        self._tell("call", "Hangup", channel, [("Cause", cause), ("Cause-txt", cause_text(cause))])
        self.up = False
        del self._calls.pairs[channel.name]
        self._device()

    def _finish(self, reason: int) -> None:
        """Tell who asked, once."""
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        done, self._done = self._done, lambda _reason, _channel: None
        done(reason, self.one if reason == REASON_ANSWERED else None)

    # telling

    def _device(self) -> None:
        address = f"{self.exten}@{self.context}"
        self._calls.core.devices.publish_uncached(f"{TECHNOLOGY}/{address}", self._calls.device_state(address))

    def _tell(self, kind: str, event: str, channel: Channel, more: Fields = ()) -> None:
        self._calls.publish(kind, event, [*channel.snapshot(), *more])

    def _tell_dial(self, event: str, more: tuple[str, object]) -> None:
        self._calls.publish("call", event, [*_prefixed("Dest", self.one), more])

    def _tell_pair(self) -> None:
        place = [("Context", self.context), ("Exten", self.exten)]
        optimizes = ("LocalOptimization", "Yes" if self.optimizes else "No")
        both = [*_prefixed("LocalOne", self.one), *_prefixed("LocalTwo", self.two)]
        self._calls.publish("call", "LocalBridge", [*both, *place, optimizes])


def _prefixed(prefix: str, channel: Channel) -> list[tuple[str, str]]:
    return [(prefix + name, value) for name, value in channel.snapshot()]
