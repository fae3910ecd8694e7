"""Taking Local channels out: two bridges with a Local channel between them become one (main/core_unreal.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.pbx.calls.bridge import Bridge
    from harness.pbx.calls.exchange import Exchange
    from harness.pbx.calls.local_channel import LocalHalf


def optimize(exchange: Exchange, bridge: Bridge) -> None:
    """Where one member is a half whose other half talks to somebody as well, let the outer two talk directly."""
    from harness.pbx.calls.local_channel import LocalHalf

    for half in list(bridge.members):
        if not (isinstance(half, LocalHalf) and half.optimizes and half.other.bridge is not None):
            continue
        far = half.other.bridge.peer(half.other)
        near = bridge.peer(half)
        if far is not None and near is not None:
            _join(exchange, bridge, half, far)
            return


def _join(exchange: Exchange, bridge: Bridge, half: LocalHalf, far: object) -> None:
    one, two = half.pair
    exchange.publish("call", "LocalOptimizationBegin", one.pair_fields())
    other_bridge = half.other.bridge
    # the bridge of whoever dialled stays: its dialling is what ends the call
    if half is one:
        keep, leave, moving = bridge, half, far
    else:
        assert other_bridge is not None
        keep, leave, moving = other_bridge, half.other, bridge.peer(half)
    keep.swap(leave, moving)  # type: ignore[arg-type]
    exchange.publish("call", "LocalOptimizationEnd", one.pair_fields()[: 2 * len(one.channel.snapshot())])
    one.taken_out()
    two.taken_out()
