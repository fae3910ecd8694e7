"""What a dialplan function is, and what one use of it knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from harness.core import PresenceCore
from harness.dialplan.plan import Dialplan
from harness.dialplan.splitting import arguments, padded
from harness.dialplan.substitute import Scope


def utc(seconds: float) -> datetime:
    """A point in time, given in seconds since 1970, as the clock on the wall shows it in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


@dataclass(slots=True)
class Facts:
    """What functions work on; `epoch` gives seconds since 1970, `local` the time of the place for them."""

    core: PresenceCore
    plan: Dialplan
    epoch: Callable[[], float] = lambda: 0.0
    local: Callable[[float], datetime] = utc
    pick: Callable[[int, int], int] = lambda low, _high: low
    """A whole number from the one to the other."""


class Invocation(NamedTuple):
    """One use of a function: its arguments as written, and where it is evaluated."""

    facts: Facts
    text: str
    scope: Scope
    depth: int = 0

    def arguments(self, most: int, separator: str = ",", raw: bool = False) -> list[str]:
        """The arguments, with empty ones for those that are missing."""
        return padded(arguments(self.text, most, separator, raw), most)

    def set_variable(self, name: str, value: str) -> None:
        """Set a variable of the channel, or a global where there is none."""
        self.scope.assign(name, value)


Read = Callable[[Invocation], "str | None"]
Write = Callable[[Invocation, str], bool]


class Function(NamedTuple):
    """What a function can do; `read` gives None and `write` False where it fails."""

    read: Read | None = None
    write: Write | None = None
