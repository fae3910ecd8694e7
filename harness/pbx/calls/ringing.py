"""Who makes a hint ring: what a dialog-info body says of both ends (res_pjsip_dialog_info_body_generator.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.bodies.dialog_info import Party, RingingCall
from harness.dialplan.channel import ChannelState

if TYPE_CHECKING:
    from harness.core.hint import Notification
    from harness.pbx.calls.exchange import Exchange


def ringing_call(exchange: Exchange, change: Notification, host: str) -> RingingCall | None:
    """The oldest ringing channel of the devices of a change; None where none of them has one."""
    for device, _state in change.devices or ():
        for live in exchange.channels_of(device):
            channel = live.channel
            if channel.state is ChannelState.RINGING:
                connected, caller = channel.connected, channel.caller
                return RingingCall(Party(connected.number, connected.name), Party(caller.number, caller.name), host)
    return None
