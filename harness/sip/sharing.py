"""Texts that thousands of transactions, dialogs and subscriptions have in common are kept once."""

from __future__ import annotations

from functools import lru_cache

MAX_SHARED = 1_024
"""Texts that are known at a time: one that is forgotten is only kept once more."""


@lru_cache(MAX_SHARED)
def shared(text: str) -> str:
    """The first text that was equal to this one.  Not `sys.intern`, which may keep what peers send for good."""
    return text
