"""Who is heard.  No media are sent or taken here: whether somebody speaks or listens is known in other ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.core.octets import fold
from harness.pbx.calls.local_channel import LocalHalf
from harness.pbx.calls.pjsip_channel import PjsipChannel
from harness.sip.sdp import TOOL

if TYPE_CHECKING:
    from harness.pbx.calls.live import LiveChannel

SOUNDING = frozenset(("milliwatt", "playback", "background"))
"""Applications that make a sound on their channel."""
MAX_HOPS = 10


def is_person(live: LiveChannel) -> bool:
    """Whether it is a phone of this project: somebody speaks, listens and presses keys there.

    Of all others nothing is heard, as nothing is heard of a phone that sends no media to an Asterisk.
    """
    return isinstance(live, PjsipChannel) and live.media.remote is not None and live.media.remote.tool == TOOL


def is_played_to(live: LiveChannel) -> bool:
    """Whether an application makes a sound at the other end of a Local channel."""
    if not isinstance(live, LocalHalf) or live.other.bridge is not None:
        return False
    return fold(live.other.channel.application) in SOUNDING


def speaks(live: LiveChannel, hops: int = MAX_HOPS) -> bool:
    """Whether something is heard from a channel: a person, or what is played at the other end of a Local channel."""
    if not isinstance(live, LocalHalf) or not hops:
        return is_person(live)
    other = live.other
    if other.bridge is None:
        return is_played_to(live)
    return any(speaks(member, hops - 1) for member in other.bridge.members if member is not other)
