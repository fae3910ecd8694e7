"""Variables and functions as the manager interface reads and writes them: without a channel (main/manager.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.core import PresenceCore
    from harness.dialplan.plan import Dialplan


class Variables:
    """Getvar and Setvar: a name that ends in `)` is a function, any other a global variable."""

    def __init__(self, core: PresenceCore, plan: Dialplan) -> None:
        self._core, self._plan = core, plan

    def get_variable(self, name: str) -> str:
        """'' for what is not there or fails."""
        function, parenthesis, rest = name.partition("(")
        if not parenthesis or not name.endswith(")"):
            return self._plan.global_variable(name) or ""
        return self._read(function, rest.removesuffix(")"))

    def _read(self, function: str, arguments: str) -> str:
        if function == "PRESENCE_STATE":
            provider, _, rest = arguments.partition(",")
            field, _, options = rest.partition(",")
            return self._core.presence.read_field(provider, field, options, 1024) or ""
        if function == "DEVICE_STATE":
            return self._core.devices.query(arguments).token
        return ""

    def set_variable(self, name: str, value: str) -> bool:
        """False where a function is unknown or refused."""
        function, parenthesis, rest = name.partition("(")
        if not parenthesis or not name.endswith(")"):
            self._plan.globals.set(name, value)
            return True
        arguments = rest.removesuffix(")")
        if function == "PRESENCE_STATE":
            return self._core.presence.write(arguments, value)
        if function == "DEVICE_STATE":
            return self._core.devices.write(arguments, value)
        return False
