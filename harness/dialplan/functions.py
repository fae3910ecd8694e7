"""Dialplan functions by name (main/pbx_functions.c).

One that is unknown, cannot be read or fails expands to nothing; one that cannot be written leaves the call going on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harness.dialplan.channel_functions import CHANNEL_FUNCTIONS
from harness.dialplan.function import Facts, Function, Invocation
from harness.dialplan.hash_functions import HASH_FUNCTIONS
from harness.dialplan.list_functions import LIST_FUNCTIONS
from harness.dialplan.number_functions import NUMBER_FUNCTIONS
from harness.dialplan.party_functions import PARTY_FUNCTIONS
from harness.dialplan.presence_functions import PRESENCE_FUNCTIONS
from harness.dialplan.record_functions import RECORD_FUNCTIONS
from harness.dialplan.substitute import Scope
from harness.dialplan.text_functions import TEXT_FUNCTIONS
from harness.dialplan.text_message import MESSAGE_FUNCTIONS
from harness.dialplan.timeout_functions import TIMEOUT_FUNCTIONS


class Functions:
    """All functions by name, which is case-sensitive, with what they work on.

    `system` are the variables that belong to the system (`SYSTEMNAME`, `ASTETCDIR`, `ENTITYID` ...); `observe` is
    told what fails.
    """

    __slots__ = ("_table", "facts", "observe", "system")

    def __init__(
        self,
        facts: Facts,
        system: Mapping[str, str] | None = None,
        observe: Callable[..., None] | None = None,
    ) -> None:
        self.facts, self.observe = facts, observe
        self.system: Mapping[str, str] = system or {}
        self._table: dict[str, Function] = {
            **PRESENCE_FUNCTIONS,
            **TEXT_FUNCTIONS,
            **LIST_FUNCTIONS,
            **CHANNEL_FUNCTIONS,
            **PARTY_FUNCTIONS,
            **MESSAGE_FUNCTIONS,
            **HASH_FUNCTIONS,
            **NUMBER_FUNCTIONS,
            **RECORD_FUNCTIONS,
            **TIMEOUT_FUNCTIONS,
        }

    def register(self, name: str, function: Function) -> None:
        """Add a function, or replace one."""
        self._table[name] = function

    def names(self) -> list[str]:
        """The functions there are, sorted."""
        return sorted(self._table)

    def predefined(self, name: str) -> str | None:
        """See `plan.Functions`."""
        return str(int(self.facts.epoch())) if name == "EPOCH" else self.system.get(name)

    def read(self, name: str, arguments: str, scope: Scope, depth: int = 0) -> str | None:
        """See `plan.Functions`."""
        function = self._table.get(name)
        if function is None or function.read is None:
            self._tell(f"Function {name} {'not registered' if function is None else 'cannot be read'}")
            return None
        value = function.read(Invocation(self.facts, arguments, scope, depth))
        if value is None:
            self._tell(f"Function {name}({arguments}) failed")
        return value

    def write(self, name: str, arguments: str, value: str, scope: Scope) -> bool:
        """See `plan.Functions`."""
        function = self._table.get(name)
        if function is None or function.write is None:
            self._tell(f"Function {name} {'not registered' if function is None else 'cannot be written to'}")
            return False
        done = function.write(Invocation(self.facts, arguments, scope), value)
        if not done:
            self._tell(f"Function {name}({arguments}) refused {value!r}")
        return done

    def _tell(self, text: str) -> None:
        if self.observe is not None:
            self.observe("warning", text=text)
