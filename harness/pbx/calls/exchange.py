"""All channels of a server: their names and events, what devices are in use, and the dialplan's telephone side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from harness.core.octets import fold
from harness.core.states import DeviceState, aggregate_devices
from harness.dialplan.applications import SPELLING, standard_applications
from harness.dialplan.call import CONTINUE, Application, Surroundings
from harness.dialplan.causes import cause_text
from harness.dialplan.channel import Channel, ChannelState
from harness.dialplan.telephony import Cancel, Dialed, QueueCall, nothing
from harness.pbx.calls.dialing import Dialing
from harness.pbx.calls.live import LiveChannel

if TYPE_CHECKING:
    from harness.core import PresenceCore
    from harness.dialplan.plan import Dialplan
    from harness.pbx.calls.bridge import Bridge

MEDIA_WAIT_S = 0.5
"""Seconds that Answer() waits for a sound from the other side, which never comes here."""
MAX_CHANNELS = 2_000
BUSY_CAUSE, CONGESTION_CAUSE = 17, 34
CHANNEL_NOT_IMPLEMENTED = 66
CACHED_TECHNOLOGY = "PJSIP"
"""Its devices are kept in the cache of states; others are published each time."""

FROM_BEFORE = frozenset(("HangupRequest", "Hold", "Unhold", "VarSet"))
"""Events that carry the last snapshot of their channel."""

IN_USE = {
    ChannelState.DOWN: DeviceState.NOT_INUSE,
    ChannelState.RINGING: DeviceState.RINGING,
    ChannelState.BUSY: DeviceState.BUSY,
}
"""What a channel makes of its device; the other states make it INUSE (main/devicestate.c, ast_state_chan2dev)."""
NO_USE = (ChannelState.DOWN, ChannelState.RESERVED)

Fields = Sequence[tuple[str, object]]
Publish = Callable[[str, str, Fields], None]


class Technology(Protocol):
    """Makes channels that call out."""

    def request(self, address: str, requestor: Channel | None) -> LiveChannel | int:
        """A channel to `address`, not calling yet; the hangup cause where there can be none."""


class Sounds(Protocol):
    """What can be played."""

    def length_of(self, name: str, language: str) -> float | None:
        """Seconds; None where there is no such sound."""


class Queues(Protocol):
    """Queues of callers."""

    def join(
        self, exchange: Exchange, caller: LiveChannel, asked: QueueCall, done: Callable[[str, int], None]
    ) -> Cancel:
        """See `telephony.Telephony.queue`."""


class Exchange:
    """All channels of a server; `publish(class, event, fields)` tells the managers."""

    def __init__(
        self,
        plan: Dialplan,
        core: PresenceCore,
        clock: Any,
        epoch: Callable[[], float],
        publish: Publish,
        observe: Callable[..., None] | None = None,
        new_id: Callable[[], str] = lambda: "0",
    ) -> None:
        self.plan, self.core, self.clock, self.epoch, self.publish = plan, core, clock, epoch, publish
        self.observe, self.new_bridge_id = observe, new_id
        self.applications, self._spelling = standard_applications(), dict(SPELLING)
        self.surroundings = Surroundings(
            plan, self.applications, clock.callLater, self._emitted, self, observe, self.variable_set,
            self._channel_changed, MEDIA_WAIT_S, self._spelling,
        )  # fmt: skip
        plan.global_told = self._global_told
        self.live: dict[str, LiveChannel] = {}
        """By channel name."""
        self.bridges: dict[str, Bridge] = {}
        self.technologies: dict[str, Technology] = {}
        self.sounds: Sounds | None = None
        self.has_music = False
        self.queues: Queues | None = None
        self.processed = 0
        """Channels that there have been."""
        self.calls_processed = 0
        """Channels that began to execute the dialplan."""
        self.shown_variables: tuple[str, ...] = ()
        """Variables that every event about a channel tells of."""
        self._made: dict[str, int] = {}
        self._changed: dict[str, None] = {}

    def offer(self, name: str, application: Application) -> None:
        """One more application of the dialplan, by the name that Asterisk gives it."""
        self.applications[fold(name)], self._spelling[fold(name)] = application, name

    def serve(self, applications: Mapping[str, Application]) -> None:
        """Several more."""
        for name, application in applications.items():
            self.offer(name, application)

    # names and time

    def now(self) -> float:
        """Seconds of the clock."""
        return float(self.clock.seconds())

    def soon(self, call: Callable[[], object]) -> None:
        """Call in a moment, not within what goes on now."""
        self.clock.callLater(0, call)

    def later(self, seconds: float, call: Callable[[], object]) -> Any:
        """Call in some seconds; gives what can cancel it."""
        return self.clock.callLater(seconds, call)

    def new_uniqueid(self) -> str:
        """Seconds since 1970 and a number."""
        self.processed += 1
        return f"{int(self.epoch())}.{self.processed - 1}"

    def new_number(self, technology: str) -> str:
        """The number in a channel's name, counted for each technology."""
        number = self._made.get(technology, 0)
        self._made[technology] = number + 1
        return f"{number:08x}"

    # channels

    def request(self, technology: str, address: str, requestor: Channel | None) -> LiveChannel | int:
        """See `Technology.request`; a technology that is not there is no implemented channel (cause 66)."""
        made = self.technologies.get(fold(technology))
        if made is None or len(self.live) >= MAX_CHANNELS:
            return CHANNEL_NOT_IMPLEMENTED if made is None else CONGESTION_CAUSE
        return made.request(address, requestor)

    def add(self, live: LiveChannel) -> None:
        """A channel begins; its device is not asked before something happens to it."""
        live.channel.shown_variables = self.shown_variables
        self.live[live.name] = live
        self.publish_channel("call", "Newchannel", live.channel)
        self.note("begins", live)

    def ended(self, live: LiveChannel) -> None:
        """A channel is over."""
        self.live.pop(live.name, None)
        cause = live.channel.hangup_cause
        rows = [("Cause", cause), ("Cause-txt", cause_text(cause)), *_tech_cause(live)]
        self.publish_channel("call", "Hangup", live.channel, rows)
        self.note("ended", live, cause=cause)
        self.device_changed(live)

    def of(self, channel: Channel) -> LiveChannel | None:
        """The live channel behind a channel of the dialplan."""
        return self.live.get(channel.name)

    def channels_of(self, device: str) -> Iterator[LiveChannel]:
        """The channels of a device, the oldest first."""
        return (live for live in self.live.values() if live.device == device)

    def hangup_requested(self, live: LiveChannel) -> None:
        """Its far end asked for the end."""
        cause = live.channel.hangup_cause
        rows = [*([("Cause", cause)] if cause else []), *_tech_cause(live)]
        self.publish_channel("call", "HangupRequest", live.channel, rows)

    def state_changed(self, live: LiveChannel) -> None:
        """A channel rings, is up, ..."""
        if live.channel.state is ChannelState.UP:
            live.up_at = self.now()
        self.publish_channel("call", "Newstate", live.channel)
        self.note(live.channel.state.word.lower(), live)
        self.device_changed(live)

    def answer(self, live: LiveChannel) -> None:
        """A caller is answered."""
        live.become(ChannelState.UP)
        live.pick_up()

    def redirect(self, live: LiveChannel, context: str, exten: str, priority: int) -> None:
        """Somebody from outside sends a channel elsewhere; whom it talked to is left to its own end."""
        if live.execution is not None:
            live.redirect(context, exten, priority)
            return
        attempt, live.attempt = live.attempt, None
        if attempt is not None:
            attempt.failed(live)
        elif live.bridge is not None:
            live.bridge.depart(live)
            self._run_redirected(live, context, exten, priority)
        else:
            self._run_redirected(live, context, exten, priority)

    def _run_redirected(self, live: LiveChannel, context: str, exten: str, priority: int) -> None:
        channel = live.channel
        channel.context, channel.exten, channel.priority = context, exten, priority
        announced = bool(channel.application)
        if announced:  # as in Asterisk, with the application that it leaves
            self.publish_newexten(channel)
        live.run_soon(context, exten, priority, announced)

    # devices

    def device_changed(self, live: LiveChannel) -> None:
        """What the device of a channel is may have changed."""
        devices = self.core.devices
        if live.technology != CACHED_TECHNOLOGY:
            devices.publish_uncached(live.device, devices.ask(live.device))
        elif live.device not in self._changed:
            # as in Asterisk, where a thread of its own asks: what comes and goes in one breath is not seen
            self._changed[live.device] = None
            self.soon(self._ask_devices)

    def settle_devices(self) -> None:
        """What has changed so far counts now: the next thing takes its time in Asterisk."""
        if self._changed:
            self._ask_devices()

    def device_now(self, live: LiveChannel) -> None:
        """What it is counts at once, even if it changes again in the same breath."""
        if live.technology == CACHED_TECHNOLOGY:
            self.core.devices.set(live.device)

    def _ask_devices(self) -> None:
        changed, self._changed = self._changed, {}
        for device in changed:
            self.core.devices.set(device)

    def use_of(self, device: str, state: DeviceState, busy_at: int = 0) -> DeviceState:
        """The state of a device with its channels counted in; `state` where it has none (chan_pjsip.c:1179)."""
        found = list(self.channels_of(device))
        if not found:
            return state
        in_use = sum(live.channel.state not in NO_USE for live in found)
        if busy_at and in_use >= busy_at:
            return DeviceState.BUSY
        return aggregate_devices(
            DeviceState.ONHOLD if live.held else IN_USE.get(live.channel.state, DeviceState.INUSE) for live in found
        )

    # what the dialplan says

    def _emitted(self, event: str, fields: Sequence[tuple[str, str]]) -> None:
        if event == "Hangup":
            return  # told where the channel ends
        live = self.live.get(fields[0][1])
        if event == "SoftHangupRequest" and live is not None:
            fields = [*live.channel.last_snapshot(), *fields[len(live.channel.snapshot()) :]]
            fields += [(name, str(value)) for name, value in _tech_cause(live)]
        elif live is not None and event == "Newexten":
            live.channel.published()
        kind = {"Newexten": "dialplan", "UserEvent": "user"}.get(event, "call")
        self.publish(kind, event, fields)
        if event == "Newexten" and self.observe is not None:
            self._note_course(dict(fields))

    def _note_course(self, said: dict[str, str]) -> None:
        assert self.observe is not None
        context, exten, priority = said["Context"], said["Exten"], said["Priority"]
        line = self.plan.find(context, exten, int(priority))
        self.observe(
            "dialplan", channel=said["Channel"], context=context, exten=exten, priority=int(priority),
            label=(line.label or "") if line else "", application=said["Application"], data=said["AppData"],
            where=str(line.where) if line and line.where else "",
        )  # fmt: skip

    def set_variable(self, channel: Channel, name: str, value: str) -> None:
        """Set a channel's variable and tell so."""
        channel.variables.set(name, value)
        self.variable_set(channel, name, value)

    def variable_set(self, channel: Channel, name: str, value: str) -> None:
        """Event VarSet."""
        self.publish_channel("dialplan", "VarSet", channel, [("Variable", name), ("Value", value)])

    def _global_told(self, name: str, value: str) -> None:
        row = [("Variable", name), ("Value", value)]
        self.publish("dialplan", "VarSet", [("Channel", "none"), ("Uniqueid", "none"), *row])

    def _channel_changed(self, event: str, channel: Channel, more: Fields) -> None:
        if event == "NewCallerid":
            self.publish_caller(channel)
        else:
            self.publish_channel("call", event, channel, more)

    # the telephone side (`telephony.Telephony`)

    def answered(self, channel: Channel) -> None:
        """See `telephony.Telephony`: the state is up already."""
        live = self.of(channel)
        if live is not None:
            self.state_changed(live)
            live.pick_up()

    def indicate(self, channel: Channel, what: str) -> None:
        """See `telephony.Telephony`."""
        live = self.of(channel)
        if live is None:
            return
        if what in ("busy", "congestion"):
            self.soon(lambda: self._tell(live, what))  # the channel's state changes only after it has been told
        else:
            live.tell(what)

    def _tell(self, live: LiveChannel, what: str) -> None:
        if not live.gone:
            live.tell(what)
            if live.channel.state is not ChannelState.UP:
                self.state_changed(live)
                self.device_now(live)

    def send_text(self, channel: Channel, text: str) -> None:
        """See `telephony.Telephony`."""
        live = self.of(channel)
        if live is not None:
            live.send_text(text)

    def play(self, channel: Channel, sound: str, done: Callable[[bool], None]) -> Cancel:
        """See `telephony.Telephony`."""
        length = self.sounds.length_of(sound, channel.language) if self.sounds is not None else None
        if self.observe is not None:
            self.observe("plays", channel=channel.name, sound=sound, seconds=length or 0.0, found=length is not None)
        if length is None:
            done(False)
            return nothing
        timer = self.later(length, lambda: done(True))
        return lambda: timer.cancel() if timer.active() else None

    def dial(
        self,
        channel: Channel,
        devices: tuple[str, ...],
        timeout: float | None,
        options: dict[str, str],
        done: Callable[[Dialed], None],
    ) -> Cancel:
        """See `telephony.Telephony`."""
        caller = self.of(channel)
        if caller is None:
            done(Dialed("CHANUNAVAIL", cause=CHANNEL_NOT_IMPLEMENTED))
            return nothing
        dialing = Dialing(self, caller, devices, timeout, options, done)
        dialing.start()
        return dialing.break_off

    def queue(self, channel: Channel, asked: QueueCall, done: Callable[[str, int], None]) -> Cancel:
        """See `telephony.Telephony`."""
        caller = self.of(channel)
        if self.queues is None or caller is None:
            done("UNKNOWN", CONTINUE)
            return nothing
        return self.queues.join(self, caller, asked, done)

    # telling

    def publish_channel(self, kind: str, event: str, channel: Channel, more: Fields = ()) -> None:
        """An event about one channel; some say where it was when it was last told of, not where it is now."""
        if event in FROM_BEFORE:
            self.publish(kind, event, [*channel.last_snapshot(), *more])
            return
        channel.published()
        self.publish(kind, event, [*channel.snapshot(), *more])

    def publish_hold(self, live: LiveChannel, held: bool) -> None:
        """Hold with the class of the music that is not played, or Unhold."""
        rows = [("MusicClass", live.channel.music_class or "default")] if held else []
        self.publish_channel("call", "Hold" if held else "Unhold", live.channel, rows)

    def publish_newexten(self, channel: Channel) -> None:
        """Event Newexten of a channel that executes no dialplan, but is called by one."""
        row = [
            ("Extension", channel.exten),
            ("Application", channel.application),
            ("AppData", channel.application_data),
        ]
        self.publish_channel("dialplan", "Newexten", channel, row)

    def publish_caller(self, channel: Channel) -> None:
        """Event NewCallerid."""
        row = [("CID-CallingPres", "0 (Presentation Allowed, Not Screened)")]
        self.publish_channel("call", "NewCallerid", channel, row)

    def publish_dial(self, event: str, caller: Channel | None, called: Channel, more: tuple[str, object]) -> None:
        """DialBegin, DialState, DialEnd."""
        fields: list[tuple[str, object]] = list(caller.snapshot()) if caller is not None else []
        known = called.last_snapshot() if event == "DialBegin" else called.snapshot()
        fields += [("Dest" + name, value) for name, value in known]
        self.publish("call", event, [*fields, more])

    def note(self, what: str, live: LiveChannel, **more: object) -> None:
        """What became of a channel, on the trace."""
        if self.observe is not None:
            channel = live.channel
            self.observe(
                "channel", state=what, channel=live.name, device=live.device, caller=channel.caller.number,
                connected=channel.connected.number, **more,
            )  # fmt: skip


def _tech_cause(live: LiveChannel) -> list[tuple[str, object]]:
    return [("TechCause", live.tech_cause)] if live.tech_cause else []
