"""Datagrams of chosen phones get lost, both ways."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.net.condition import Datagram, Delivery

if TYPE_CHECKING:
    from harness.net.world import World


class Losses:
    """A condition of a network; it is there only while some phone loses something."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._random = world.random_for("losses")
        self._parts: dict[str, float] = {}

    def of(self, phone: str) -> float:
        """The part of a phone's datagrams that is lost, 0 to 1."""
        return self._parts.get(phone, 0.0)

    def set(self, phone: str, part: float) -> None:
        """Lose this part of what a phone sends and of what is sent to it."""
        self._parts[phone] = part
        if not part:
            del self._parts[phone]
        self._world.network.condition = self if self._parts else None

    def __call__(self, datagram: Datagram) -> Sequence[Delivery] | None:
        """See `harness.net.condition.Condition`."""
        name = self._world.trace.name_of
        part = max(self.of(name(datagram.source)), self.of(name(datagram.destination)))
        return () if part and self._random.random() < part else None
