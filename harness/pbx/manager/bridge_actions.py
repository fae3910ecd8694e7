"""Bridge...: who talks to whom, and taking them apart (main/manager_bridges.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.core.octets import fold
from harness.pbx.manager.actions import ActionEntry
from harness.pbx.manager.packets import Action
from harness.pbx.manager.refusals import refusal

if TYPE_CHECKING:
    from harness.pbx.calls.bridge import Bridge
    from harness.pbx.calls.exchange import Exchange
    from harness.pbx.manager.session import ManagerSession

TECHNOLOGIES = (
    ("holding_bridge", "Holding", 50),
    ("native_rtp", "Native", 90),
    ("simple_bridge", "1to1Mix", 50),
    ("softmix", "MultiMix", 10),
)
"""What could join channels: its name, the kind, and the priority; the greatest is taken."""
NOT_FOUND = "Specified BridgeUniqueid not found"


class BridgeActions:
    """The actions bound to one server's bridges."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def entries(self) -> tuple[ActionEntry, ...]:
        """For the table of the manager."""
        listed = "List available bridging technologies and their statuses."
        return (
            ActionEntry("BridgeList", (), "Get a list of bridges in the system.", self.list_all),
            ActionEntry("BridgeInfo", (), "Get information about a bridge.", self.info),
            ActionEntry("BridgeDestroy", (), "Destroy a bridge.", self.destroy),
            ActionEntry("BridgeKick", (), "Kick a channel from a bridge.", self.kick),
            ActionEntry("BridgeTechnologyList", (), listed, _technologies),
        )

    def list_all(self, session: ManagerSession, action: Action) -> None:
        """BridgeList, of one type where one is given."""
        wanted = fold(action.get("BridgeType"))
        items = [
            ["Event: BridgeListItem", *_lines(bridge)]
            for bridge in self._exchange.bridges.values()
            if wanted in ("", "basic")
        ]
        session.listing(action, "Bridge listing will follow", items, "BridgeListComplete")

    def info(self, session: ManagerSession, action: Action) -> None:
        """BridgeInfo: the channels of a bridge."""
        bridge = self._named(session, action)
        if bridge is not None:
            rows = ([f"{name}: {value}" for name, value in each.channel.snapshot()] for each in bridge.members)
            items = [["Event: BridgeInfoChannel", *row] for row in rows]
            message = "Bridge channel listing will follow"
            session.listing(action, message, items, "BridgeInfoComplete", *_lines(bridge))

    def destroy(self, session: ManagerSession, action: Action) -> None:
        """BridgeDestroy: whoever is in it is let go."""
        bridge = self._named(session, action)
        if bridge is not None:
            for live in list(bridge.members):
                self._exchange.soon(live.far_hung_up)
            session.ack(action, "Bridge has been destroyed")

    def kick(self, session: ManagerSession, action: Action) -> None:
        """BridgeKick: one channel is let go."""
        refused = refusal(action, self._exchange.live.__contains__)
        live = self._exchange.live.get(action.get("Channel"))
        if refused is not None or live is None:
            session.error(action, refused or "Channel does not exist")
            return
        wanted = action.get("BridgeUniqueid")
        if not wanted and live.bridge is None:
            session.error(action, "Channel is not in a bridge")
        elif wanted and wanted not in self._exchange.bridges:
            session.error(action, "Bridge not found")
        elif live.bridge is None or (wanted and live.bridge.identity != wanted):
            session.error(action, "Channel kick from bridge failed")
        else:
            self._exchange.soon(live.far_hung_up)
            session.ack(action, "Channel has been kicked")

    def _named(self, session: ManagerSession, action: Action) -> Bridge | None:
        wanted = action.get("BridgeUniqueid")
        found = self._exchange.bridges.get(wanted)
        if found is None:
            session.error(action, NOT_FOUND if wanted else "BridgeUniqueid must be provided")
        return found


def _lines(bridge: Bridge) -> list[str]:
    return [f"{name}: {value}" for name, value in bridge.snapshot()]


def _technologies(session: ManagerSession, action: Action) -> None:
    """BridgeTechnologyList."""
    items = [
        [
            "Event: BridgeTechnologyListItem",
            f"BridgeTechnology: {name}",
            f"BridgeType: {kind}",
            f"BridgePriority: {priority}",
            "BridgeSuspended: No",
        ]
        for name, kind, priority in TECHNOLOGIES
    ]
    session.listing(action, "Bridge technology listing will follow", items, "BridgeTechnologyListComplete")
