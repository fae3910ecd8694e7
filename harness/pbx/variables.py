"""Variables and functions as the manager interface reads and writes them: without a call (main/manager.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.core.octets import cut
from harness.dialplan.channel import Channel, ChannelState
from harness.dialplan.place import Passing
from harness.dialplan.substitute import split_call

if TYPE_CHECKING:
    from harness.dialplan.plan import Dialplan

VALUE_BYTES = 1023
"""So much of what a function gives is told."""
NOT_READ = frozenset(("DB", "DB_DELETE"))
NOT_WRITTEN = frozenset(("DB",))
"""Functions that reach further than the interface's own rights (`live_dangerously` in asterisk.conf is off)."""


class Variables:
    """Getvar and Setvar: a name that ends in `)` is a function, any other a global variable."""

    def __init__(self, plan: Dialplan) -> None:
        self._plan = plan

    def get_variable(self, name: str) -> str:
        """'' for what is not there or fails; functions see a channel that is none, and is gone afterwards."""
        if not name.endswith(")"):
            return cut(self._plan.global_variable(name) or "", VALUE_BYTES)
        function, arguments = split_call(name)
        if function in NOT_READ:
            return ""
        place = Passing(self._plan)
        place.channel = Channel("", context="", exten="", state=ChannelState.DOWN)
        return cut(place.function(function, arguments) or "", VALUE_BYTES)

    def set_variable(self, name: str, value: str) -> bool:
        """False where a function is unknown or refused."""
        if name.endswith(")") and split_call(name)[0] in NOT_WRITTEN:
            return False
        return self._plan.set_variable(name, value)
