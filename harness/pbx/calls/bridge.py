"""Two channels that talk (main/bridge.c, main/bridge_channel.c)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from harness.pbx.calls.direct_media import DirectMedia, is_native

if TYPE_CHECKING:
    from harness.pbx.calls.exchange import Exchange
    from harness.pbx.calls.live import LiveChannel


PEER, PEER_CALL_ID = "BRIDGEPEER", "BRIDGEPVTCALLID"


class Bridge:
    """Joins two channels until one leaves; `over(who)` is told then, once; None: one was sent away.

    `hears_digits`: the media of phones stay with the server, which listens for digits.
    """

    def __init__(
        self,
        exchange: Exchange,
        first: LiveChannel,
        second: LiveChannel,
        over: Callable[[LiveChannel | None], None],
        hears_digits: bool = False,
    ) -> None:
        self.exchange = exchange
        self.identity = exchange.new_bridge_id()
        self.began_at = exchange.now()
        self._over: Callable[[LiveChannel | None], None] | None = over
        self.members: list[LiveChannel] = []
        self._hears_digits = hears_digits
        self._direct: DirectMedia | None = None
        exchange.bridges[self.identity] = self
        self._publish("BridgeCreate")
        for member in (second, first):
            self._enter(member)
        self._name_peers()

    @property
    def technology(self) -> str:
        """What joins the two, as Asterisk calls it."""
        return "native_rtp" if is_native(self.members) and not self._hears_digits else "simple_bridge"

    def peer(self, live: LiveChannel) -> LiveChannel | None:
        """The other one."""
        return next((member for member in self.members if member is not live), None)

    def held(self, live: LiveChannel, held: bool) -> None:
        """One side holds, or goes on: the other one's device shows it."""
        self.exchange.publish_hold(live, held)
        other = self.peer(live)
        if other is not None:
            other.held = held
            other.tell("hold" if held else "unhold")
            if self._direct is not None:
                self._direct.held(other, held)
            self.exchange.device_changed(other)

    def swap(self, old: LiveChannel, new: LiveChannel) -> None:
        """Put one channel in the place of another, which is in no bridge afterwards."""
        self._leave(old)
        if new.bridge is not None:
            new.bridge.withdraw(new)
        self._enter(new)
        self._name_peers()

    def withdraw(self, live: LiveChannel) -> None:
        """Take one out, who goes on elsewhere; nobody is told, and the bridge stays as long as somebody is in it."""
        self._leave(live)
        self._dissolve_if_empty()

    def depart(self, live: LiveChannel) -> None:
        """One goes on elsewhere, and with that the bridge is over."""
        self._leave(live)
        over, self._over = self._over, None
        if over is not None:
            over(None)
        self._dissolve_if_empty()

    def left(self, live: LiveChannel) -> None:
        """One hung up: the bridge is over."""
        if live in self.members:
            self._leave(live)
        over, self._over = self._over, None
        if over is not None:
            over(live)
        self._dissolve_if_empty()

    def dissolve(self) -> list[LiveChannel]:
        """Over, without telling; gives those that were in it."""
        self._over = None
        members = self.members[::-1]
        for member in members:
            self._leave(member)
        self._dissolve_if_empty()
        return members

    def _enter(self, live: LiveChannel) -> None:
        self.members.append(live)
        live.bridge = self
        live.progressed_to(200)
        self._publish("BridgeEnter", live)
        if not self._hears_digits:
            self._direct = DirectMedia.between(self.members)

    def _name_peers(self) -> None:
        """Tell each whom it talks to, in variables."""
        for member in self.members:
            other = self.peer(member)
            if other is not None:
                self.exchange.set_variable(member.channel, PEER, other.name)
                if other.call_id:
                    self.exchange.set_variable(member.channel, PEER_CALL_ID, other.call_id)

    def _leave(self, live: LiveChannel) -> None:
        direct, self._direct = self._direct, None
        self.members.remove(live)
        if direct is not None:
            direct.end()
        for variable in (PEER, PEER_CALL_ID):
            if live.channel.variables.get(variable):
                live.channel.variables.set(variable, None)
                self.exchange.variable_set(live.channel, variable, "")
        live.bridge = None
        live.held = False
        for member in self.members:
            if member.held:  # whoever held it is gone: the device is seen in use before it is idle
                member.held = False
                self.exchange.device_now(member)
        self._publish("BridgeLeave", live)

    def _dissolve_if_empty(self) -> None:
        if not self.members and self.exchange.bridges.pop(self.identity, None) is not None:
            self._publish("BridgeDestroy")

    def snapshot(self) -> list[tuple[str, str]]:
        """The headers that events about a bridge begin with (main/manager_bridges.c)."""
        return [
            ("BridgeUniqueid", self.identity),
            ("BridgeType", "basic"),
            ("BridgeTechnology", self.technology),
            ("BridgeCreator", "<unknown>"),
            ("BridgeName", "<unknown>"),
            ("BridgeNumChannels", str(len(self.members))),
            ("BridgeVideoSourceMode", "none"),
        ]

    def _publish(self, event: str, live: LiveChannel | None = None) -> None:
        fields = self.snapshot() if live is None else [*self.snapshot(), *live.channel.snapshot()]
        self.exchange.publish("call", event, fields)
