"""Where a message came from or goes to."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

Address: TypeAlias = tuple[str, int]
"""Host as text (an IPv6 address without brackets) and port."""

Transport: TypeAlias = Literal["UDP", "TCP", "TLS"]


class Flow(NamedTuple):
    """One road between two ends (RFC 5626 3.2 uses the word the same way).

    `connection` tells streams apart; 0 on a stream means "open one to `remote`, or use one that is open".
    """

    transport: Transport
    local: Address
    remote: Address
    connection: int = 0

    @property
    def reliable(self) -> bool:
        """True where the transport retransmits by itself (RFC 3261 17: no timers A, E, G)."""
        return self.transport != "UDP"
