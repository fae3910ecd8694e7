"""Media that two phones send to each other, past the server (bridges/bridge_native_rtp.c).

The server says so to both with re-INVITEs once they talk, and takes it back from one that is put on hold and from both
when their bridge is over. No media are sent here, but what a phone answers to such a re-INVITE counts, also
that it holds the call, or no longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pbx.calls.pjsip_channel import PjsipChannel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.pbx.calls.live import LiveChannel

LISTENS_FOR_DIGITS = frozenset("tThHkKwWxX")
"""Options of Dial() and Queue() that let one of the two press digits, which the server has to hear."""


def hears_digits(options: Mapping[str, str]) -> bool:
    """Whether the options of Dial() or Queue() keep the media with the server."""
    return not LISTENS_FOR_DIGITS.isdisjoint(options)


def is_native(members: Sequence[LiveChannel]) -> bool:
    """Whether two members of a bridge can be joined without the server's looking into their media."""
    return len(members) == 2 and isinstance(members[0], PjsipChannel) and isinstance(members[1], PjsipChannel)


class DirectMedia:
    """The media of two phones in one bridge."""

    def __init__(self, first: PjsipChannel, second: PjsipChannel) -> None:
        self._first, self._second = first, second
        for one, other in ((first, second), (second, first)):
            one.send_media_to(other)

    @classmethod
    def between(cls, members: Sequence[LiveChannel]) -> DirectMedia | None:
        """Begin with it; None where the two cannot or may not, or have no codec in common."""
        if len(members) != 2:
            return None
        first, second = members
        if not (isinstance(first, PjsipChannel) and isinstance(second, PjsipChannel)):
            return None
        allowed = all(each.endpoint.value("direct_media", "yes") not in ("no", "false") for each in (first, second))
        return cls(first, second) if allowed and first.codec == second.codec else None

    def held(self, live: PjsipChannel | LiveChannel, held: bool) -> None:
        """One of the two is put on hold by the other one, or no longer."""
        for one, other in ((self._first, self._second), (self._second, self._first)):
            if one is live:
                one.send_media_to(None if held else other)

    def end(self) -> None:
        """They leave the bridge."""
        for each in (self._first, self._second):
            each.send_media_to(None)
