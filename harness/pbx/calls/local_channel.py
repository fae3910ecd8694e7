"""Local channels: a pair of halves, of which ;2 executes the dialplan and ;1 is called (main/core_local.c).

    ;2 executes exten@context    ;1 is what called it
    answers                      is answered
    is busy, congested, rings    is told so
    ends                         is hung up, with the same cause
    is hung up with its cause    ends
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.core.states import DeviceState
from harness.dialplan.channel import Channel, ChannelState, Party
from harness.pbx.calls.live import LiveChannel

if TYPE_CHECKING:
    from harness.pbx.calls.exchange import Exchange

TECHNOLOGY = "Local"
USED = (ChannelState.UP, ChannelState.BUSY)


class LocalHalf(LiveChannel):
    """One half; `other` is the other one."""

    technology = TECHNOLOGY

    def __init__(self, exchange: Exchange, channel: Channel, address: str, context: str, exten: str) -> None:
        super().__init__(exchange, channel)
        self.address, self.context, self.exten = address, context, exten
        self.dial_string = address
        self.optimizes = True
        """What the events say of it. A pair is taken out only where media flows through it, which is never here."""
        self.passes_hold = False
        """Whether a hold goes through (option m), instead of music from here on."""
        self.other: LocalHalf = self
        self.other_gone = False
        """Whether the other half is at its end already, for reasons of its own."""

    @property
    def in_use(self) -> bool:
        """Whether the device counts as in use: one of the two has been answered, or refused, and both are there."""
        both = (self, self.other)
        return not any(half.gone for half in both) and any(half.channel.state in USED for half in both)

    @property
    def first(self) -> bool:
        """Whether it is ;1."""
        return self.name.endswith(";1")

    @property
    def pair(self) -> tuple[LocalHalf, LocalHalf]:
        """;1 and ;2."""
        return (self, self.other) if self.first else (self.other, self)

    @property
    def device(self) -> str:
        """Both halves are one: the extension that is called."""
        return f"{TECHNOLOGY}/{self.exten}@{self.context}"

    def call_out(self) -> bool:
        """;2 begins to execute the dialplan, a moment later."""
        exchange, two = self.exchange, self.other
        exchange.hand_over(list(self.channel.variables.newest_first(full=True)), two.channel)
        if not exchange.plan.exists(self.context, self.exten, 1, self.channel.caller.number):
            two.other_gone = True
            two.hang_up()
            return False
        if self.channel.connected.number or self.channel.connected.name:
            two.channel.caller = self.channel.connected
            exchange.publish_caller(two.channel)
        if self.channel.caller.number or self.channel.caller.name:
            two.channel.connected = self.channel.caller
            exchange.publish_channel("call", "NewConnectedLine", two.channel)
        exchange.publish("call", "LocalBridge", [*self.pair_fields(), *self._place()])
        two.run_soon(self.context, self.exten, 1)
        return True

    def tell(self, what: str) -> None:
        """What is told to this half is what the far end of the other one does."""
        other = self.other
        if other.gone or self.channel.hung_up:
            return
        if what == "ringing":
            other.far_rang()
        elif what == "progress":
            other.far_progressed()
        elif what in ("hold", "unhold") and self.passes_hold:
            other.far_held(what == "hold")
        elif what in ("busy", "congestion") and self.channel.state is not ChannelState.UP:
            self.exchange.soon(lambda: self._refused(what))

    def _refused(self, what: str) -> None:
        """;2 is busy or congested: where nobody has answered, that is the end."""
        self.other.far_refused(what)

    def connected_to(self, who: Party) -> None:
        """Whom ;2 talks to is who ;1 is."""
        super().connected_to(who)
        other = self.other
        if not (other.gone or self.first) and (who.number or who.name) and other.channel.caller != who:
            other.channel.caller = Party(who.number, who.name)
            self.exchange.publish_caller(other.channel)

    def pick_up(self) -> None:
        """;2 answered: so is ;1."""
        if not self.first and not self.other.gone:
            self.other.far_answered()

    def let_go(self, cause: int) -> None:
        """One half is at its end: so is the other; that of ;2 comes with what became of its own Dial()."""
        other = self.other
        if not (other.gone or self.other_gone):
            status = None if self.first else self.channel.variables.get("DIALSTATUS")
            if status is not None:
                other.channel.hangup_cause = cause
                self.exchange.set_variable(other.channel, "CHANLOCALSTATUS", status)
            self.exchange.publish_channel("call", "HangupRequest", other.channel, [("Cause", cause)])
            self.exchange.soon(lambda: other.far_hung_up(cause))

    def far_hung_up(self, cause: int = 0) -> None:
        """The cause of the other half counts, whatever has been before."""
        self.channel.hangup_cause = cause or self.channel.hangup_cause
        super().far_hung_up(cause)

    def pair_fields(self) -> list[tuple[str, str]]:
        """The headers of both halves, as LocalBridge has them."""
        one, two = self.pair
        return [
            *(("LocalOne" + name, value) for name, value in one.channel.snapshot()),
            *(("LocalTwo" + name, value) for name, value in two.channel.snapshot()),
        ]

    def _place(self) -> list[tuple[str, str]]:
        optimizes = "Yes" if self.optimizes else "No"
        return [("Context", self.context), ("Exten", self.exten), ("LocalOptimization", optimizes)]


class LocalTechnology:
    """Makes pairs."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        exchange.technologies["local"] = self

    def give_states(self) -> None:
        """From now on its devices have a state.

        Those in hints have none when these are created: Asterisk looks before the dialplan with the hint is in force.
        """
        self.exchange.core.devices.register_technology(TECHNOLOGY, self.state)

    def request(self, address: str, requestor: Channel | None, uniqueids: tuple[str, str] = ("", "")) -> LocalHalf:
        """;1 of a new pair to `exten[@context][/options]`."""
        exten, _, place = address.partition("@")
        context, _, options = place.partition("/")
        if not place:
            exten, _, options = exten.partition("/")
        context = context or "default"
        exchange = self.exchange
        name = f"{TECHNOLOGY}/{exten}@{context}-{exchange.new_number(TECHNOLOGY)}"
        halves = []
        for number, state in (("1", ChannelState.DOWN), ("2", ChannelState.RING)):
            uniqueid = uniqueids[int(number) - 1] or exchange.new_uniqueid()
            channel = Channel(f"{name};{number}", uniqueid, context=context, exten=exten or "s", state=state)
            if requestor is not None:
                channel.linkedid = requestor.linkedid or requestor.uniqueid
            halves.append(LocalHalf(exchange, channel, address, context, exten))
        one, two = halves
        one.other, two.other = two, one
        one.optimizes = two.optimizes = "n" not in options
        one.passes_hold = two.passes_hold = "m" in options
        if requestor is None:
            two.channel.linkedid = one.channel.uniqueid
        exchange.add(one)
        exchange.add(two)
        return one

    def state(self, address: str) -> DeviceState:
        """What a device `Local/address` is (local_devicestate)."""
        exten, _, place = address.partition("@")
        context = place.partition("/")[0]
        halves = self.exchange.channels_of(f"{TECHNOLOGY}/{exten}@{context}")
        if any(half.in_use for half in halves if isinstance(half, LocalHalf)):
            return DeviceState.INUSE
        exists = self.exchange.plan.exists(context, exten)
        return DeviceState.NOT_INUSE if exists else DeviceState.INVALID
