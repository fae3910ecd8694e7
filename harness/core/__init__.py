"""The presence core: presence, device states and hints, exactly as Asterisk has them; no I/O, no clock."""

from __future__ import annotations

from collections.abc import Iterable

from harness.core.delivery import Delivery, Observe
from harness.core.devices import DeviceStates
from harness.core.hint import Extensions, Hint, HintEntry, Notification, Watch, split_name
from harness.core.hints import Hints
from harness.core.presence import PresenceStates
from harness.core.profiles import ASTERISK_11, ASTERISK_22, Profile
from harness.core.states import (
    DeviceState,
    ExtensionState,
    PresenceState,
    extension_text,
    extension_token,
    parse_device,
    parse_presence,
)
from harness.core.store import MemoryStore, Store
from harness.core.value import Presence, PresenceValue, parse_value

__all__ = [
    "ASTERISK_11",
    "ASTERISK_22",
    "DeviceState",
    "DeviceStates",
    "ExtensionState",
    "Extensions",
    "Hint",
    "HintEntry",
    "Hints",
    "MemoryStore",
    "Notification",
    "Observe",
    "Presence",
    "PresenceCore",
    "PresenceState",
    "PresenceStates",
    "PresenceValue",
    "Profile",
    "Store",
    "Watch",
    "extension_text",
    "extension_token",
    "parse_device",
    "parse_presence",
    "parse_value",
    "split_name",
]


class PresenceCore:
    """Everything together, in the order in which Asterisk starts it.

    What is stored is published when the core is made.  Then technologies and listeners are added, and `start`
    creates the hints, so that they see the devices as they are.
    """

    __slots__ = ("devices", "hints", "presence", "profile", "store", "together")

    def __init__(
        self,
        store: Store,
        extensions: Extensions,
        observe: Observe | None = None,
        profile: Profile = ASTERISK_22,
    ) -> None:
        delivery = Delivery()
        self.store, self.profile = store, profile
        self.together = delivery.hold
        """`with core.together():` what changes inside is delivered at its end, when all of it has happened."""
        self.presence = PresenceStates(store, delivery, profile, observe)
        self.devices = DeviceStates(store, delivery, observe)
        self.hints = Hints(self.presence, self.devices, extensions, delivery, profile, observe)
        self.presence.boot()
        self.devices.boot()

    def start(self, autohints: Iterable[str] = ()) -> None:
        """Create the hints of the dialplan; `autohints` are the contexts with `autohints=yes`."""
        self.hints.load(autohints)
