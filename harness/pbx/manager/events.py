"""What the core publishes, as events of the manager interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.core.octets import c_escape, cut
from harness.core.states import extension_text

if TYPE_CHECKING:
    from harness.core import PresenceCore
    from harness.core.hint import Notification
    from harness.core.states import DeviceState
    from harness.core.value import Presence
    from harness.pbx.manager.server import Manager

HINT_BYTES = 511


class StateEvents:
    """Ties the core to the manager: PresenceStateChange, DeviceStateChange, PresenceStatus, ExtensionStatus."""

    def __init__(self, core: PresenceCore, manager: Manager) -> None:
        self.core, self.manager = core, manager
        core.presence.subscribe(self._presence)
        core.devices.subscribe(self._device)
        core.hints.subscribe_general(self._hint)

    def _presence(self, provider: str, presence: Presence) -> None:
        """PresenceStateChange (main/presencestate.c): subtype and message are escaped, the name is not."""
        self.manager.publish(
            "call",
            "PresenceStateChange",
            [
                ("Presentity", provider),
                ("Status", presence.state.token),
                ("Subtype", c_escape(presence.subtype)),
                ("Message", c_escape(presence.message)),
            ],
        )

    def _device(self, device: str, state: DeviceState) -> None:
        """DeviceStateChange (main/devicestate.c)."""
        self.manager.publish("call", "DeviceStateChange", [("Device", device), ("State", state.token)])

    def _hint(self, change: Notification, text: str) -> None:
        """PresenceStatus or ExtensionStatus (manager_state_cb), not escaped; nobody is told of the end of a hint."""
        hint = change.hint
        place: list[tuple[str, object]] = [
            ("Exten", hint.exten),
            ("Context", hint.context),
            ("Hint", cut(text, HINT_BYTES)),
        ]
        if change.reason == "presence":
            told = change.presence
            fields = [("Status", told.state.token), ("Subtype", told.subtype), ("Message", told.message)]
            self.manager.publish("call", "PresenceStatus", [*place, *fields])
        elif change.reason == "device":
            status = [("Status", change.state), ("StatusText", extension_text(change.state))]
            self.manager.publish("call", "ExtensionStatus", [*place, *status])
