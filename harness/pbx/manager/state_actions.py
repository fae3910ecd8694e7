"""Actions on presence, extension and device states."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from harness.core.octets import c_escape, cut
from harness.core.states import extension_text
from harness.pbx.commands.hints import in_order
from harness.pbx.manager.actions import ActionEntry
from harness.pbx.manager.packets import Action

if TYPE_CHECKING:
    from harness.core import PresenceCore
    from harness.pbx.manager.session import ManagerSession

QUERY = ("call", "reporting")
HINT_BYTES = 255
DEFAULT_CONTEXT = "default"


class StateActions:
    """The actions bound to one server's core."""

    def __init__(self, core: PresenceCore) -> None:
        self.core = core

    def entries(self) -> tuple[ActionEntry, ...]:
        """For the table of the manager."""
        return (
            ActionEntry("PresenceState", QUERY, "Check Presence State", self.presence_state),
            ActionEntry("PresenceStateList", QUERY, "List the current known presence states.", self.presence_list),
            ActionEntry("ExtensionState", QUERY, "Check Extension Status.", self.extension_state),
            ActionEntry("ExtensionStateList", QUERY, "List the current known extension states.", self.extension_list),
            ActionEntry("DeviceStateList", QUERY, "List the current known device states.", self.device_list),
        )

    def presence_state(self, session: ManagerSession, action: Action) -> None:
        """PresenceState, from the cache; the message comes under two names."""
        provider = action.get("Provider")
        if not provider:
            session.error(action, "No provider specified")
            return
        presence = self.core.presence.query(provider)
        if presence is None:
            session.error(action, f"Invalid provider {provider} or provider in invalid state")
            return
        lines = ["Message: Presence State", f"State: {presence.state.token}"]
        if presence.subtype:
            lines.append(f"Subtype: {presence.subtype}")
        if presence.message:
            lines += [f"Message: {presence.message}", f"PresenceMessage: {presence.message}"]
        session.respond(action, "Success", *lines)

    def presence_list(self, session: ManagerSession, action: Action) -> None:
        """PresenceStateList: what was published (res_manager_presencestate.c)."""
        items = (
            [
                "Event: PresenceStateChange",
                f"Presentity: {provider}",
                f"Status: {presence.state.token}",
                f"Subtype: {c_escape(presence.subtype)}",
                f"Message: {c_escape(presence.message)}",
            ]
            for provider, presence in self.core.presence.cached()
        )
        session.listing(action, "Presence State Changes will follow", items, "PresenceStateListComplete")

    def extension_state(self, session: ManagerSession, action: Action) -> None:
        """ExtensionState, from the devices as they are now; no hint is a success as well."""
        exten, context = action.get("Exten"), action.get("Context") or DEFAULT_CONTEXT
        if not exten:
            session.error(action, "Extension not specified")
            return
        status = self.core.hints.state(context, exten)
        hint = self.core.hints.find(context, exten)
        session.respond(
            action,
            "Success",
            "Message: Extension Status",
            f"Exten: {exten}",
            f"Context: {context}",
            f"Hint: {cut(hint.text, HINT_BYTES) if hint else ''}",
            f"Status: {status}",
            f"StatusText: {extension_text(status)}",
        )

    def extension_list(self, session: ManagerSession, action: Action) -> None:
        """ExtensionStateList: stored states, no patterns (main/pbx.c)."""
        session.listing(action, "Extension Statuses will follow", self._extensions(), "ExtensionStateListComplete")

    def _extensions(self) -> Iterator[list[str]]:
        for hint in in_order(self.core.hints.listing()):
            if not hint.pattern:
                yield [
                    "Event: ExtensionStatus",
                    f"Exten: {hint.exten}",
                    f"Context: {hint.context}",
                    f"Hint: {hint.text}",
                    f"Status: {hint.state}",
                    f"StatusText: {extension_text(hint.state)}",
                ]

    def device_list(self, session: ManagerSession, action: Action) -> None:
        """DeviceStateList (res_manager_devicestate.c)."""
        items = (
            ["Event: DeviceStateChange", f"Device: {device}", f"State: {state.token}"]
            for device, state in self.core.devices.cached()
        )
        session.listing(action, "Device State Changes will follow", items, "DeviceStateListComplete")
