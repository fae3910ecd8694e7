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


class Place:
    """The scope of texts that no call evaluates: globals, hints; EXTEN and CONTEXT where they are known."""

    __slots__ = ("_plan", "channel", "context", "exten")

    def __init__(self, plan: Dialplan, context: str | None = None, exten: str | None = None) -> None:
        self._plan, self.context, self.exten = plan, context, exten
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
        return self._plan.functions.read(name, arguments, self, depth)

    def assign(self, name: str, value: str | None) -> None:
        """See `substitute.Scope`."""
        self._plan.set_global(name, value)

    def variable_told(self, name: str, value: str) -> None:
        """See `substitute.Scope`: there is no channel."""

    def changed(self, event: str, more: Sequence[tuple[str, str]] = ()) -> None:
        """See `substitute.Scope`: there is no channel."""
