"""Who sent a call on, and why: the header Diversion of an INVITE (RFC 5806; res/res_pjsip_diversion.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.dialplan.channel import Channel, Party
from harness.sip.grammar import GrammarError
from harness.sip.uri import NameAddr

if TYPE_CHECKING:
    from harness.sip.message import Request

REASONS = {
    "unknown": "unknown", "user-busy": "cfb", "no-answer": "cfnr", "unavailable": "unavailable",
    "unconditional": "cfu", "time-of-day": "time_of_day", "do-not-disturb": "dnd", "deflection": "deflection",
    "follow-me": "follow_me", "out-of-service": "out_of_order", "away": "away", "cf_dte": "cf_dte",
    "send_to_vm": "send_to_vm",
}  # fmt: skip
"""What REDIRECTING(reason) calls them; others are as the header has them."""


def take_over(request: Request, channel: Channel) -> None:
    """What the first Diversion of a request says of the one who sent it on; nothing where it cannot be read."""
    rows = request.headers.all("Diversion")
    if not rows:
        return
    try:
        address = NameAddr.parse(rows[0])
        number = address.sip_uri.user_unescaped.partition(";")[0]
        called = request.to.sip_uri.user_unescaped
    except GrammarError:
        return
    channel.redirecting, channel.redirecting_name = number, address.display or ""
    channel.redirecting_to = Party(called, "")
    channel.redirecting_count = 1
    reason = address.params.get("reason") or "unknown"
    bare = reason[1:-1] if len(reason) > 1 and reason[0] == reason[-1] == '"' else reason
    channel.redirecting_reason = REASONS.get(bare.lower(), reason)
