"""`presencestate` and `devstate` (funcs/func_presencestate.c, funcs/func_devstate.c)."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core import PresenceCore
from harness.core.presence import FAMILY as PRESENCE_FAMILY
from harness.pbx.commands.registry import USAGE, Answer, Registry, failure

_RULE = "-" * 69


def register(registry: Registry, core: PresenceCore) -> None:
    """Serve the family."""
    family = _Presence(core)
    registry.serve("presencestate list", family.list_presence)
    registry.serve("presencestate change", family.change_presence)
    registry.serve("devstate list", family.list_devices)
    registry.serve("devstate change", family.change_device)


def _header(title: str) -> str:
    return f"\n{_RULE}\n{f'--- {title} '.ljust(69, '-')}\n{_RULE}\n---\n"


_FOOTER = f"{_RULE}\n{_RULE}\n\n"


class _Presence:
    def __init__(self, core: PresenceCore) -> None:
        self._core = core

    def list_presence(self, words: Sequence[str]) -> Answer:
        if words:
            return USAGE
        header = _header("Custom Presence States")
        if not self._core.store.tree(f"/{PRESENCE_FAMILY}"):
            return Answer(f"{header}No custom presence states defined\n")
        rows = (
            f"--- Name: 'CustomPresence:{name}'\n"
            f"    --- State: '{value.state.token}'\n"
            f"    --- Subtype: '{value.subtype}'\n"
            f"    --- Message: '{value.message}'\n"
            f"    --- Base64 Encoded: '{'Yes' if value.encoded else 'No'}'\n"
            "---\n"
            for name, value in self._core.presence.stored()
        )
        return Answer(f"{header}{''.join(rows)}{_FOOTER}")

    def change_presence(self, words: Sequence[str]) -> Answer:
        if len(words) != 2:
            return USAGE
        entity, value = words
        changed = self._core.presence.change(entity, value)
        if changed == "prefix":
            what = "'CustomPresence:' presence state"
            return failure(f"The presencestate command can only be used to set {what}!\n")
        if changed == "usage":
            return USAGE
        return Answer(f"Changing {_name(entity)} to {value.partition(',')[0]}\n")

    def list_devices(self, words: Sequence[str]) -> Answer:
        if words:
            return USAGE
        rows = (f"--- Name: 'Custom:{name}'  State: '{state}'\n---\n" for name, state in self._core.devices.stored())
        return Answer(f"{_header('Custom Device States')}{''.join(rows)}{_FOOTER}")

    def change_device(self, words: Sequence[str]) -> Answer:
        if len(words) != 2:
            return USAGE
        device, state = words
        changed = self._core.devices.change(device, state)
        if changed == "prefix":
            return failure("The devstate command can only be used to set 'Custom:' device state!\n")
        if changed == "usage":
            return USAGE
        return Answer(f"Changing {_name(device)} to {state}\n")


def _name(entity: str) -> str:
    return entity.partition(":")[2]
