"""TIMEOUT: how long a call may last and how long it waits for digits (funcs/func_timeout.c)."""

from __future__ import annotations

import math
import re

from harness.core.octets import fold
from harness.dialplan.function import Function, Invocation

_SECONDS = re.compile(r"[ \t\r\n\v\f]*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))")
MOST_SECONDS = 2**31 / 1000.0


def _read(use: Invocation) -> str | None:
    """What is left of an absolute time, `0` for none; the others as they were set."""
    channel, item = use.scope.channel, fold(use.text)
    if channel is None:
        return None
    if item.startswith("absolute"):
        left = max(channel.expires_at - use.facts.epoch(), 0.0)
        return f"{math.floor(left * 1000) / 1000:.3f}" if channel.expires_at else "0"
    if item.startswith("digit"):
        return f"{channel.digit_wait:.3f}"
    return f"{channel.response_wait:.3f}" if item.startswith("response") else None


def _write(use: Invocation, value: str) -> bool:
    channel, item = use.scope.channel, fold(use.text)
    found = _SECONDS.match(value)
    if channel is None or found is None:
        return False
    seconds = min(max(float(found[1]), 0.0), MOST_SECONDS)
    if item.startswith("absolute"):
        channel.limit = seconds
        channel.expires_at = use.facts.epoch() + seconds if seconds else 0.0
    elif item.startswith("digit"):
        channel.digit_wait = seconds
    elif item.startswith("response"):
        channel.response_wait = seconds
    else:
        return False
    return True


TIMEOUT_FUNCTIONS = {"TIMEOUT": Function(_read, _write)}
