"""The random texts of SIP: branches, tags, Call-IDs and first CSeq numbers."""

from __future__ import annotations

import random
from itertools import count

BRANCH_COOKIE = "z9hG4bK"
"""RFC 3261 8.1.1.7: marks a branch that is unique across space and time."""

MAX_FIRST_CSEQ = 1 << 15


class Identifiers:
    """A random prefix (64 bits) and a counter: unique, cheap, and the same for the same `random`.

    Tags need at least 32 random bits (RFC 3261 19.3); the prefix gives them.
    """

    __slots__ = ("_branch", "_call", "_next", "_random", "_tag")

    def __init__(self, random: random.Random) -> None:
        self._random = random
        self._branch = f"{BRANCH_COOKIE}{random.getrandbits(64):016x}."
        self._tag = f"{random.getrandbits(64):016x}."
        self._call = f"{random.getrandbits(64):016x}-"
        self._next = count(1).__next__

    def branch(self) -> str:
        """Of a new transaction; begins with the cookie (RFC 3261 8.1.1.7)."""
        return f"{self._branch}{self._next():x}"

    def tag(self) -> str:
        """Of one end of a dialog (RFC 3261 19.3)."""
        return f"{self._tag}{self._next():x}"

    def call_id(self) -> str:
        """Of a new call or registration (RFC 3261 8.1.1.4)."""
        return f"{self._call}{self._next():x}"

    def cseq(self) -> int:
        """A first CSeq number, 1 to 32767: far below the limit of 2**31 (RFC 3261 8.1.1.5)."""
        return self._random.randrange(1, MAX_FIRST_CSEQ)

    def wait(self, low: float, high: float) -> float:
        """A random time between two, in steps of 10 ms (seconds, RFC 3261 14.1)."""
        return self._random.randrange(round(low * 100), round(high * 100) + 1) / 100
