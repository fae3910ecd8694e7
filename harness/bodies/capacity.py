"""How large a body may be: Asterisk's text buffer of a subscription grows by doubling, a few times a body.

A body that is still too large is sent empty (with a warning); the buffer stays grown, so that the same body
may fit the next time. `*_to_string` in the body generators; the first size is in res_pjsip_pubsub.c.
"""

from __future__ import annotations

FIRST_CAPACITY = 128
"""Bytes of the buffer of a new subscription."""

PIDF_GROWTHS = 5
DIALOG_INFO_GROWTHS = 6
"""Attempts for one body, each after the first with a doubled buffer."""


def always_fits(growths: int) -> int:
    """Bytes of the largest body that even a new subscription can send."""
    return (FIRST_CAPACITY << (growths - 1)) - 1


def fit(length: int, capacity: int, growths: int) -> tuple[bool, int]:
    """Whether a body of `length` bytes is sent, and the capacity in bytes that the buffer has afterwards."""
    for _ in range(growths):
        if length <= capacity - 1:
            return True, capacity
        capacity *= 2
    return False, capacity
