"""The channels of an exchange as the manager's actions list them."""

from __future__ import annotations

from harness.dialplan.call import Call
from harness.dialplan.channel import NOBODY
from harness.dialplan.substitute import split_call
from harness.pbx.calls.exchange import Exchange
from harness.pbx.calls.live import LiveChannel
from harness.pbx.calls.pickup import group_numbers
from harness.pbx.calls.pjsip_channel import PjsipChannel


class ChannelListing:
    """See `manager.core_actions.Calls`."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange

    @property
    def processed(self) -> int:
        """Calls that there have been."""
        return self.exchange.calls_processed

    def channels(self) -> list[list[str]]:
        """The headers of every channel for CoreShowChannel, the last one first."""
        return [self._lines(live) for live in reversed(self.exchange.live.values())]

    def _lines(self, live: LiveChannel) -> list[str]:
        channel = live.channel
        return [
            *(f"{name}: {value}" for name, value in channel.snapshot()),
            f"Application: {channel.application}",
            f"ApplicationData: {channel.application_data}",
            f"Duration: {duration(self.exchange.now() - live.began_at)}",
            f"BridgeId: {live.bridge.identity if live.bridge else ''}",
        ]

    def statuses(self) -> list[list[str]]:
        """The headers of every channel for Status, the last one first."""
        return [self._status(live) for live in reversed(self.exchange.live.values())]

    def _status(self, live: LiveChannel) -> list[str]:
        channel = live.channel
        codec = live.codec
        return [
            *(f"{name}: {value}" for name, value in channel.snapshot()),
            f"Type: {channel.technology}",
            f"DNID: {channel.dialed}",
            f"EffectiveConnectedLineNum: {channel.connected.number or NOBODY}",
            f"EffectiveConnectedLineName: {channel.connected.name or NOBODY}",
            "TimeToHangup: 0",
            f"BridgeID: {live.bridge.identity if live.bridge else ''}",
            f"Application: {channel.application}",
            f"Data: {channel.application_data}",
            f"Nativeformats: ({live.formats})",
            f"Readformat: {codec}",
            "Readtrans: ",
            f"Writeformat: {codec}",
            "Writetrans: ",
            f"Callgroup: {_groups(live, 'call_group')}",
            f"Pickupgroup: {_groups(live, 'pickup_group')}",
            f"Seconds: {int(self.exchange.now() - live.began_at)}",
        ]

    def variables(self, name: str) -> list[tuple[str, str]]:
        """All variables of one channel, the last one set first."""
        live = self.exchange.live.get(name)
        return list(live.channel.variables.newest_first()) if live is not None else []

    def variable(self, name: str, variable: str) -> str | None:
        """A variable or function of one channel; None where it has none."""
        live = self.exchange.live.get(name)
        if live is None:
            return None
        call = Call(live.channel, self.exchange.surroundings)
        return call.function(*split_call(variable)) or "" if variable.endswith(")") else call.variable(variable)

    def names(self) -> list[str]:
        """The names of all channels."""
        return list(self.exchange.live)

    def hang_up(self, name: str, cause: int | None) -> bool:
        """End one channel; false where there is none of that name."""
        live = self.exchange.live.get(name)
        if live is None:
            return False
        if cause:
            live.channel.hangup_cause = cause
        live.far_hung_up(cause or 0)
        return True


def duration(seconds: float) -> str:
    """`00:00:59`."""
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole % 3600 // 60:02}:{whole % 60:02}"


def _groups(live: LiveChannel, option: str) -> int:
    """The call groups of a channel as bits."""
    if not isinstance(live, PjsipChannel):
        return 0
    return sum(1 << number for number in group_numbers(live.endpoint.value(option)))
