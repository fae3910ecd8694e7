"""`pjsip send notify` (res/res_pjsip_notify.c)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.core.octets import fold
from harness.pbx.commands.registry import USAGE, Answer, Registry, command_of, failure

if TYPE_CHECKING:
    from harness.pbx.phone_notices import PhoneNotices

USAGE_TEXT = (
    "Usage: pjsip send notify <type> {endpoint|uri|channel} <peer> [<peer>...]\n"
    "       Send a NOTIFY request to an endpoint\n"
    "       Message types are defined in pjsip_notify.conf\n"
)


def register(registry: Registry, notices: PhoneNotices) -> None:
    """Have the command, which is there only where there is a pjsip_notify.conf."""
    family = _Send(notices)
    registry.add([command_of("pjsip send notify", family.notify, "Send a NOTIFY request to an endpoint", USAGE_TEXT)])


class _Send:
    def __init__(self, notices: PhoneNotices) -> None:
        self._notices = notices

    def notify(self, words: Sequence[str]) -> Answer:
        """`type {endpoint|uri|channel} to...`"""
        kind, place = words[0] if words else "", fold(words[1]) if len(words) > 1 else ""
        if len(words) < 3 or place not in ("endpoint", "uri", "channel"):
            return USAGE
        if kind not in self._notices.kinds:
            return failure(f"Unable to find notify type '{kind}'\n")
        return Answer("".join(self._to(kind, place, to) for to in words[2:]))

    def _to(self, kind: str, place: str, to: str) -> str:
        said, headers = f"Sending NOTIFY of type '{kind}' to '{to}'\n", self._notices.kinds[kind]
        if place == "endpoint" and not self._notices.to_endpoint(to, headers):
            return f"{said}Unable to retrieve endpoint {to}\n"
        if place == "channel" and not self._notices.to_channel(to, headers):
            return f"{said}Unable to find channel {to}\n"
        return said
