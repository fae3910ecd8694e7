"""What a text of the dialplan may refer to where no call evaluates it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from harness.dialplan.channel import Channel
from harness.dialplan.substitute import Scope

if TYPE_CHECKING:
    from harness.dialplan.plan import Dialplan


class Functions(Protocol):
    """What a text may call besides variables; see `functions.Functions`."""

    def predefined(self, name: str) -> str | None:
        """The value of a variable that belongs to the system: EPOCH, SYSTEMNAME ..."""
        ...

    def read(self, name: str, arguments: str, scope: Scope, depth: int = 0) -> str | None:
        """What a function gives; None where it is unknown or fails."""
        ...

    def write(self, name: str, arguments: str, value: str, scope: Scope) -> bool:
        """Let a function take a value; False where it is unknown or refuses it."""
        ...


class NoFunctions:
    """Every function is unknown."""

    __slots__ = ()

    def predefined(self, name: str) -> str | None:
        """See `Functions`."""
        return None

    def read(self, name: str, arguments: str, scope: Scope, depth: int = 0) -> str | None:
        """See `Functions`."""
        return None

    def write(self, name: str, arguments: str, value: str, scope: Scope) -> bool:
        """See `Functions`."""
        return False


BEYOND = frozenset(("DB", "DB_DELETE", "SHELL"))
"""Functions that reach further than whoever uses a manager connection may (`live_dangerously` is off)."""


class Restricted:
    """Functions for what the manager interface has done: those that reach too far are not read."""

    __slots__ = ("_functions",)

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def predefined(self, name: str) -> str | None:
        """See `Functions`."""
        return self._functions.predefined(name)

    def read(self, name: str, arguments: str, scope: Scope, depth: int = 0) -> str | None:
        """See `Functions`."""
        return None if name in BEYOND else self._functions.read(name, arguments, scope, depth)

    def write(self, name: str, arguments: str, value: str, scope: Scope) -> bool:
        """See `Functions`."""
        return self._functions.write(name, arguments, value, scope)


class Place:
    """The scope of texts that no call evaluates: globals, hints; EXTEN and CONTEXT where they are known."""

    __slots__ = ("_plan", "channel", "context", "exten", "functions")

    def __init__(self, plan: Dialplan, context: str | None = None, exten: str | None = None) -> None:
        self._plan, self.context, self.exten = plan, context, exten
        self.functions = plan.functions
        self.channel: Channel | None = None

    def variable(self, name: str) -> str | None:
        """See `substitute.Scope`."""
        if name == "EXTEN" and self.exten is not None:
            return self.exten
        if name == "CONTEXT" and self.context is not None:
            return self.context
        return self._plan.global_variable(name)

    def function(self, name: str, arguments: str, depth: int = 0) -> str | None:
        """See `substitute.Scope`."""
        return self.functions.read(name, arguments, self, depth)

    def assign(self, name: str, value: str | None) -> None:
        """See `substitute.Scope`."""
        self._plan.set_global(name, value)

    def variable_told(self, name: str, value: str) -> None:
        """See `substitute.Scope`: there is no channel."""

    def changed(self, event: str, more: Sequence[tuple[str, str]] = ()) -> None:
        """See `substitute.Scope`: there is no channel."""


class Passing(Place):
    """A place whose variables are gone afterwards: what functions set there is told, and then nobody sees it."""

    __slots__ = ()

    def assign(self, name: str, value: str | None) -> None:
        """See `substitute.Scope`."""
        if value is not None and self._plan.global_told is not None:
            self._plan.global_told(name, value)
