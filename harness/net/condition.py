"""What may become of a datagram on its way: the one hook that both networks have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Datagram:
    """One datagram that leaves its socket, at `time` of the clock; `number` counts a network's from 1."""

    time: float
    source: Address
    destination: Address
    data: bytes
    number: int


class Delivery(NamedTuple):
    """One arrival of a datagram, `delay_s` seconds later than the network would bring it."""

    delay_s: float
    data: bytes


Condition = Callable[[Datagram], Sequence[Delivery] | None]
"""Says what becomes of a datagram: None deliver it, empty lose it, several repeat it.

A delivery with a delay may overtake and be overtaken; others keep their order.
"""


def deliveries(condition: Condition | None, datagram: Datagram) -> Sequence[Delivery]:
    """How `datagram` arrives under `condition`."""
    decided = condition(datagram) if condition is not None else None
    return (Delivery(0.0, datagram.data),) if decided is None else decided
