"""Dial(): ring devices, join the one that answers with the caller (apps/app_dial.c)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.dialplan.call import Call
from harness.dialplan.causes import dial_status
from harness.dialplan.channel import Channel, ChannelState, Party
from harness.dialplan.channel_functions import split_caller
from harness.dialplan.telephony import Dialed
from harness.pbx.calls.bridge import Bridge
from harness.pbx.calls.direct_media import hears_digits
from harness.pbx.calls.live import NORMAL_CAUSE, LiveChannel, Subroutine

if TYPE_CHECKING:
    from harness.pbx.calls.exchange import Exchange

BUSY_CAUSE, CONGESTION_CAUSE, ANSWERED_ELSEWHERE = 17, 34, 26
MAX_FORWARDS = 20
"""How often one Dial() lets itself be sent elsewhere."""
NOT_COUNTED = (19, NORMAL_CAUSE)
"""Causes of a called channel that make neither busy nor congested nor unavailable (handle_cause)."""


class Dialing:
    """One Dial(). It ends with `done`, unless it is broken off before."""

    def __init__(
        self,
        exchange: Exchange,
        caller: LiveChannel,
        devices: tuple[str, ...],
        timeout: float | None,
        options: dict[str, str],
        done: Callable[[Dialed], None],
    ) -> None:
        self.exchange, self.caller, self.options = exchange, caller, options
        self._devices, self._timeout, self._done = devices, timeout, done
        self.called: list[LiveChannel] = []
        """Those that ring."""
        self.peer: LiveChannel | None = None
        self.bridge: Bridge | None = None
        self._count = {"busy": 0, "congestion": 0, "nochan": 0}
        self._timer: Any = None
        self._limit: Any = None
        self._cause: int | None = None
        self._told_ringing = self._told_progress = False
        self._peer_name = ""
        self._timed: set[str] = set()
        self._over = False
        self._asked = self._forwards = 0
        self._routine: Subroutine | None = None
        """What the caller runs before anybody is called (option B)."""

    # beginning

    def start(self) -> None:
        """Make a channel for each device, then call them all."""
        if "B" in self.options:
            caller = self.caller.channel
            self._routine = Subroutine(
                caller, self.exchange.surroundings, _routine(self.options["B"], caller), lambda _: self._prepared()
            )
            self._routine.start()
        else:
            self._request_all()

    def _prepared(self) -> None:
        self._routine = None
        self.exchange.publish_newexten(self.caller.channel)
        if self.caller.channel.hung_up:
            self.caller.far_hung_up()
        elif not self._over:
            self._request_all()

    def _request_all(self) -> None:
        asked = [self._request(device) for device in self._devices]
        self.called = [live for live in asked if live is not None]
        if asked and asked[-1] is None and self._cause is not None:
            self.caller.channel.hangup_cause = self._cause
        self._cause = None
        self._asked = len(self.called)
        self._call(list(self.called), any(asked))

    def _call(self, waiting: list[LiveChannel], any_asked: bool) -> None:
        """Call one after the other; with option b each runs a subroutine before."""
        while waiting and not self._over:
            live = waiting.pop(0)
            live.attempt = self
            if "b" not in self.options:
                self._call_one(live)
                continue

            def returned(live: LiveChannel = live) -> None:
                self._call_one(live)
                self.exchange.publish_newexten(live.channel)
                self._call(waiting, any_asked)

            live.run_subroutine(_routine(self.options["b"], live.channel), returned)
            return
        if not self._over:
            self._all_called(any_asked)

    def _call_one(self, live: LiveChannel) -> None:
        if live.call_out():
            self._publish("DialBegin", live, ("DialString", live.dial_string))
        else:
            self._never_called(live)

    def _all_called(self, any_asked: bool) -> None:
        if not self.called and self.peer is None and not self._over:
            self._finish(self._failed("CHANUNAVAIL") if any_asked else "CHANUNAVAIL")
            return
        if self._over or self.peer is not None:
            return
        if len(self.called) == 1:
            self._connect_caller(self.called[0])
        self._entertain()
        if self._timeout is not None:
            self._timer = self.exchange.later(self._timeout, self._timed_out)

    def _never_called(self, live: LiveChannel) -> None:
        live.attempt = None
        self.called.remove(live)
        if live.channel.hangup_cause:
            self.caller.channel.hangup_cause = live.channel.hangup_cause
        live.hang_up()

    def _request(self, device: str) -> LiveChannel | None:
        technology, _, address = device.partition("/")
        made = self.exchange.request(technology, address, self.caller.channel)
        if isinstance(made, int):
            self._handle_cause(made)
            self._cause = made
            return None
        self._furnish(made)
        return made

    def _furnish(self, live: LiveChannel) -> None:
        """Who calls, for the called channel; whom one calls, where it has no name of its own."""
        exchange, caller, channel = self.exchange, self.caller.channel, live.channel
        exchange.set_variable(channel, "DIALEDPEERNUMBER", live.dial_string)
        if "o" in self.options:
            channel.exten = caller.exten
            channel.caller = split_caller(self.options["o"]) if self.options["o"] else replace(caller.caller)
            exchange.publish_caller(channel)
        elif not channel.caller.number:
            channel.caller = Party(caller.exten, channel.caller.name)
            channel.exten = caller.exten
            exchange.publish_caller(channel)
        for name, value in caller.variables.inherited().newest_first(full=True):
            exchange.set_variable(channel, name, value)
        channel.exten = caller.exten
        who = self._shown_caller()
        if who.number or who.name:
            channel.connected = who
            exchange.publish_channel("call", "NewConnectedLine", channel)
        channel.application, channel.application_data = "AppDial", "(Outgoing Line)"
        exchange.publish_newexten(channel)

    def _shown_caller(self) -> Party:
        """Whom the called ones see: the caller, or whom option f names."""
        if self.options.get("f"):
            return split_caller(self.options["f"])
        caller = self.caller.channel.caller
        return Party(caller.number, caller.name)

    def _connect_caller(self, live: LiveChannel) -> None:
        """Whom the caller talks to, or is about to."""
        self.caller.connected_to(live.channel.caller)

    def _entertain(self) -> None:
        """What the caller hears where the options say so."""
        if "m" in self.options:
            self._tell_progress()
        elif "r" in self.options or "R" in self.options:
            self.caller.tell("ringing")

    # what the called ones do

    def rang(self, live: LiveChannel) -> None:
        """See `Attempt`."""
        self._took("RINGTIME", live)
        self._publish("DialState", live, ("DialStatus", "RINGING"))
        if "m" not in self.options and not self._told_progress:
            self._tell_ringing()

    def progressed(self, live: LiveChannel) -> None:
        """See `Attempt`."""
        self._took("PROGRESSTIME", live)
        self._publish("DialState", live, ("DialStatus", "PROGRESS"))
        if "m" not in self.options and "r" not in self.options and (self._asked == 1 or not self._told_ringing):
            self._tell_progress()

    def _took(self, name: str, live: LiveChannel) -> None:
        """Set how long it took until somebody rang, or made progress, for the first time."""
        if name not in self._timed:
            self._timed.add(name)
            self._duration(name, self.exchange.now() - live.began_at)

    def _duration(self, name: str, seconds: float) -> None:
        self._variable(name, str(int(seconds)))
        self._variable(f"{name}_MS", str(int(seconds * 1000)))

    def _tell_ringing(self) -> None:
        if not self._told_ringing:
            self._told_ringing = True
            self.caller.progressed_to(180)
            self.caller.tell("ringing")

    def _tell_progress(self) -> None:
        if not self._told_progress:
            self._told_progress = True
            self.caller.tell("progress")

    def answered(self, live: LiveChannel) -> None:
        """See `Attempt`: the others are let go, and the two are joined."""
        if self.peer is not None or self._over:
            live.hang_up(ANSWERED_ELSEWHERE)
            return
        self.peer = live
        self._peer_name = live.name
        self._stop_timer()
        channel = live.channel
        channel.hangup_cause = self.caller.channel.hangup_cause = NORMAL_CAUSE
        if self._asked > 1:
            self._connect_caller(live)
        others = [each for each in self.called if each is not live]
        self.called = []
        for other in others:
            self._publish("DialEnd", other, ("DialStatus", "CANCEL"))
        parted = "G" in self.options and self._part(live)
        if not parted:
            channel.exten = ""
        if "U" not in self.options:
            self.exchange.publish_newexten(channel)
        for other in others:
            self._cancel(other, ANSWERED_ELSEWHERE)
        self._publish("DialEnd", live, ("DialStatus", "ANSWER"))
        if parted:
            self._name_peer(live)
            live.run_soon(channel.context, channel.exten, channel.priority, announced=True)
            self._finish("CONTINUE")
        else:
            self._join(live)

    def _name_peer(self, live: LiveChannel) -> None:
        self._variable("DIALSTATUS", "ANSWER")
        self._variable("DIALEDPEERNAME", live.name)
        self._variable("DIALEDPEERNUMBER", live.dial_string)

    def _join(self, live: LiveChannel) -> None:
        self._name_peer(live)
        if self.caller.channel.state is not ChannelState.UP:
            self.exchange.answer(self.caller)
        if live.gone or self.caller.gone:
            return
        if "U" not in self.options:
            self._talk(live)
            return

        def returned() -> None:
            self.exchange.publish_newexten(live.channel)
            self._talk(live)

        label, _, given = self.options["U"].replace("^", ",").partition(",")
        live.run_subroutine(f"{label},s,1({given})", returned)

    def _part(self, live: LiveChannel) -> bool:
        """Option G: the caller goes on at a place, the called one at the line after it; False where there is none."""
        caller, execution = self.caller.channel, self.caller.execution
        if not isinstance(execution, Call) or not execution.go_to(self.options["G"].replace("^", ",")):
            return False
        channel = live.channel
        channel.context, channel.exten, channel.priority = caller.context, caller.exten, caller.priority + 2
        return True

    def _goes_on(self, live: LiveChannel) -> bool:
        """Option F: the caller hung up, and the called one goes on, at a place or after the caller's line."""
        if "F" not in self.options or live.gone:
            return False
        caller, channel = self.caller.channel, live.channel
        if not self.options["F"]:
            live.run_soon(caller.context, caller.exten, caller.priority + 1)
            return True
        if not Call(channel, self.exchange.surroundings).go_to(self.options["F"].replace("^", ",")):
            return False
        live.run_soon(channel.context, channel.exten, channel.priority + 1)
        return True

    def _talk(self, live: LiveChannel) -> None:
        if live.gone or self.caller.gone or self._over:
            return
        self.bridge = Bridge(self.exchange, self.caller, live, self._bridge_over, hears_digits(self.options))
        self._limit_call()

    def _limit_call(self) -> None:
        """Options L(milliseconds) and S(seconds)."""
        seconds = _number(self.options.get("S")) or _number(self.options.get("L", "").partition(":")[0]) / 1000
        if seconds > 0 and not self._over:
            self._limit = self.exchange.later(seconds, self._time_is_up)

    def _time_is_up(self) -> None:
        self._limit = None
        if self.bridge is not None:
            peer = self.bridge.peer(self.caller)
            if peer is not None:
                self.bridge.left(peer)

    def _bridge_over(self, first: LiveChannel | None) -> None:
        """One of the two left; where it was the called one, the dialplan goes on."""
        bridge = self.bridge
        if first is self.caller or bridge is None or self.caller not in bridge.members:
            return
        ended = [live for live in (first, *bridge.dissolve()) if live is not None and live is not self.caller]
        for live in ended:
            self._end_called(live)
        if ended and not self.caller.channel.hangup_cause:
            self.caller.channel.hangup_cause = ended[0].channel.hangup_cause
        self._finish("ANSWER")

    def failed(self, live: LiveChannel, word: str = "") -> None:
        """See `Attempt`."""
        if live not in self.called:
            return
        self.called.remove(live)
        cause = live.channel.hangup_cause
        self.caller.channel.hangup_cause = cause
        if live.forward_to is not None:
            self.caller.tell("forwarded")
        forwarded = bool(live.forward_to) and "i" not in self.options and self._forward(live)
        if not forwarded:
            self._publish("DialEnd", live, ("DialStatus", word.upper() or dial_status(cause)))
        live.hang_up()
        if forwarded:
            return
        self._handle_cause({"busy": BUSY_CAUSE, "congestion": CONGESTION_CAUSE}.get(word, cause))
        if not self.called and self.peer is None and not self._over:
            self._finish(self._status())

    def _forward(self, live: LiveChannel) -> bool:
        """The called one sends the call elsewhere: that extension of its own context is called (do_forward)."""
        context = live.channel.variables.get("FORWARD_CONTEXT") or live.channel.context
        made = self.exchange.request("Local", f"{live.forward_to}@{context}", self.caller.channel)
        if isinstance(made, int) or self._forwards >= MAX_FORWARDS:
            return False
        self._forwards += 1
        self._furnish(made)
        made.attempt = self
        self.called.append(made)
        if not made.call_out():
            self._never_called(made)
            return False
        self._publish("DialEnd", live, ("DialStatus", "CANCEL"))
        self._publish("DialBegin", made, ("DialString", made.dial_string))
        return True

    def _handle_cause(self, cause: int) -> None:
        if cause in NOT_COUNTED:
            return
        kind = {BUSY_CAUSE: "busy", CONGESTION_CAUSE: "congestion"}.get(cause, "nochan")
        self._count[kind] += 1

    def _status(self) -> str:
        """Where all have failed: the first that any of them is; NOANSWER where one of them was neither."""
        if sum(self._count.values()) < len(self._devices):
            return "NOANSWER"
        return self._failed("NOANSWER")

    def _failed(self, otherwise: str) -> str:
        words = (("busy", "BUSY"), ("congestion", "CONGESTION"), ("nochan", "CHANUNAVAIL"))
        return next((word for kind, word in words if self._count[kind]), otherwise)

    # picking up from elsewhere

    def picked_up(self, target: LiveChannel, by: LiveChannel) -> None:
        """Another channel takes the place of one that rings, and has answered."""
        self.called[self.called.index(target)] = by
        self._connect_caller(by)
        self.answered(by)
        by.channel.hangup_cause = self.caller.channel.hangup_cause = 0

    # ending

    def _timed_out(self) -> None:
        self._timer = None
        self._let_go_all("NOANSWER", None)
        self._finish("NOANSWER")

    def break_off(self) -> None:
        """The caller hung up, or goes elsewhere."""
        if self._over:
            return
        self._over = True
        self._stop_timer()
        if self._routine is not None:
            self._routine.abandon()
        bridge, self.bridge = self.bridge, None
        if bridge is not None:
            channel = self.caller.channel
            channel.hangup_cause = channel.hangup_cause or NORMAL_CAUSE
            with self.exchange.core.together():
                for live in bridge.dissolve():
                    if live is not self.caller and not self._goes_on(live):
                        self._end_called(live)
                        self.exchange.device_now(live)
        self._let_go_all("CANCEL", self.caller.channel.hangup_cause or NORMAL_CAUSE)

    def _end_called(self, live: LiveChannel) -> None:
        """The called one hangs up, with option e after it has executed `h` of its own context."""
        live.channel.hangup_cause = live.channel.hangup_cause or NORMAL_CAUSE
        if "e" in self.options and not live.gone:
            live.run_afterwards()
        else:
            live.hang_up()

    def release(self) -> None:
        """The caller goes on elsewhere; whoever it talks to is left alone."""
        self._over = True
        self._stop_timer()
        self.bridge = None

    def _let_go_all(self, status: str, cause: int | None) -> None:
        called, self.called = self.called, []
        if "c" in self.options:
            cause = ANSWERED_ELSEWHERE
        for live in called:
            self._publish("DialEnd", live, ("DialStatus", status))
        for live in called:
            self._cancel(live, cause)

    @staticmethod
    def _cancel(live: LiveChannel, cause: int | None) -> None:
        live.attempt = None
        live.hang_up(cause)

    def _finish(self, status: str) -> None:
        if self._over:
            return
        self._over = True
        self._stop_timer()
        if status == "BUSY":
            self.caller.progressed_to(486)
        now, caller = self.exchange.now(), self.caller
        self._done(Dialed(status, self._peer_name, now - caller.began_at, now - caller.up_at))

    def _stop_timer(self) -> None:
        for timer in (self._timer, self._limit):
            if timer is not None and timer.active():
                timer.cancel()
        self._timer = self._limit = None

    def _variable(self, name: str, value: str) -> None:
        self.exchange.set_variable(self.caller.channel, name, value)

    def _publish(self, event: str, live: LiveChannel, more: tuple[str, str]) -> None:
        self.exchange.publish_dial(event, self.caller.channel, live.channel, more)


def _routine(text: str, channel: Channel) -> str:
    """What option b or B runs, as Gosub() takes it: `[[context^]exten^]priority[(argument[^...])]`."""
    place, opened, given = text.partition("(")
    parts = place.split("^")[:3]
    whole = [channel.context, channel.exten, "1"][: 3 - len(parts)] + parts
    return ",".join(whole) + opened + given.replace("^", ",")


def _number(text: str | None) -> float:
    return float(text) if text and text.replace(".", "", 1).isdigit() else 0.0
