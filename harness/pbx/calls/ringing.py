"""Who makes a hint ring: what a dialog-info body says of both ends (res_pjsip_dialog_info_body_generator.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.bodies.dialog_info import Party, RingingCall
from harness.dialplan import channel as dialplan
from harness.dialplan.channel import ChannelState

if TYPE_CHECKING:
    from harness.core.hint import Notification
    from harness.pbx.calls.exchange import Exchange

HIDDEN = "prohib"
"""How the presentation of what is not to be shown begins."""


def ringing_call(exchange: Exchange, change: Notification, host: str) -> RingingCall | None:
    """The oldest ringing channel of the devices of a change; None where none of them has one."""
    for device, _state in change.devices or ():
        for live in exchange.channels_of(device):
            channel = live.channel
            if channel.state is ChannelState.RINGING:
                return RingingCall(_party(channel.connected), _party(channel.caller), host)
    return None


def _party(who: dialplan.Party) -> Party:
    hidden = [each.startswith(HIDDEN) for each in (who.number_presentation, who.name_presentation)]
    return Party(who.number, who.name, *hidden)
