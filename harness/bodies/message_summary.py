"""application/simple-message-summary: how many messages wait in a mailbox (RFC 3842)."""

from __future__ import annotations

import re
from typing import NamedTuple

from harness.bodies.xml import BodyError

CONTENT_TYPE = "application/simple-message-summary"
MAX_COUNT = 2**32 - 1
MAX_BYTES = 16_384

_WAITING = re.compile(r"Messages-Waiting[ \t]*:[ \t]*(yes|no)[ \t]*", re.IGNORECASE)
_ACCOUNT = re.compile(r"Message-Account[ \t]*:[ \t]*(\S+)[ \t]*", re.IGNORECASE)
_VOICE = re.compile(
    r"Voice-Message[ \t]*:[ \t]*([0-9]{1,10})/([0-9]{1,10})(?:[ \t]*\(([0-9]{1,10})/([0-9]{1,10})\))?[ \t]*",
    re.IGNORECASE,
)


class MessageSummary(NamedTuple):
    """Voice messages, urgent ones among them; `waiting` is what the lamp shows."""

    waiting: bool
    new: int = 0
    old: int = 0
    new_urgent: int = 0
    old_urgent: int = 0
    account: str = ""


def write(summary: MessageSummary) -> bytes:
    """The body, as Asterisk writes it."""
    lines = [f"Messages-Waiting: {'yes' if summary.waiting else 'no'}"]
    if summary.account:
        lines.append(f"Message-Account: {summary.account}")
    counts = f"{summary.new}/{summary.old} ({summary.new_urgent}/{summary.old_urgent})"
    return "\r\n".join([*lines, f"Voice-Message: {counts}", ""]).encode("utf-8", "surrogateescape")


def read(body: bytes) -> MessageSummary:
    """Read a body; raises BodyError where it does not say whether messages wait (RFC 3842 3.5)."""
    if len(body) > MAX_BYTES:
        raise BodyError(f"more than {MAX_BYTES} bytes")
    lines = body.decode("utf-8", "surrogateescape").splitlines()
    waiting = _first(_WAITING, lines[:1])
    if waiting is None:
        raise BodyError("it does not begin with Messages-Waiting: yes or no")
    account, voice = _first(_ACCOUNT, lines), _first(_VOICE, lines)
    counts = [int(text or 0) for text in voice.groups()] if voice is not None else [0, 0, 0, 0]
    if any(count > MAX_COUNT for count in counts):
        raise BodyError("a count is too large")
    new, old, new_urgent, old_urgent = counts
    told = account[1] if account is not None else ""
    return MessageSummary(waiting[1].lower() == "yes", new, old, new_urgent, old_urgent, told)


def _first(pattern: re.Pattern[str], lines: list[str]) -> re.Match[str] | None:
    return next((found for line in lines if (found := pattern.fullmatch(line))), None)
