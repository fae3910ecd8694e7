"""Dialplan functions: the registry, and those that read and write the presence core and the store.

A function that is unknown, cannot be read or fails expands to nothing; one that cannot be written leaves the call
going on (main/pbx_functions.c).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from harness.core import PresenceCore, extension_token
from harness.core.octets import cut
from harness.dialplan.contexts import HINT
from harness.dialplan.plan import Dialplan
from harness.dialplan.splitting import arguments, padded
from harness.dialplan.substitute import Scope

HINT_BYTES = 4095
DEFAULT_CONTEXT = "default"


class Invocation(NamedTuple):
    """One use of a function: its arguments as written, and where it is evaluated."""

    env: Functions
    text: str
    scope: Scope
    depth: int = 0

    def arguments(self, most: int, separator: str = ",", raw: bool = False) -> list[str]:
        """The arguments, with empty ones for those that are missing."""
        return padded(arguments(self.text, most, separator, raw), most)

    def set_variable(self, name: str, value: str) -> None:
        """Set a variable of the channel, or a global where there is none."""
        channel = self.scope.channel
        (self.env.plan.globals if channel is None else channel.variables).set(name, value)


Read = Callable[[Invocation], "str | None"]
Write = Callable[[Invocation, str], bool]


class Function(NamedTuple):
    """What a function can do; `read` gives None and `write` False where it fails."""

    read: Read | None = None
    write: Write | None = None


class Functions:
    """All functions by name, which is case-sensitive, with what they work on.

    `epoch` gives seconds since 1970; `system` the variables that belong to the system (`SYSTEMNAME`, `ASTETCDIR`,
    `ENTITYID` ...); `observe` is told of what fails.
    """

    __slots__ = ("_table", "core", "epoch", "observe", "plan", "system")

    def __init__(
        self,
        core: PresenceCore,
        plan: Dialplan,
        epoch: Callable[[], float] = lambda: 0.0,
        system: Mapping[str, str] | None = None,
        observe: Callable[..., None] | None = None,
    ) -> None:
        self.core, self.plan, self.epoch, self.observe = core, plan, epoch, observe
        self.system: Mapping[str, str] = system or {}
        self._table: dict[str, Function] = dict(standard_functions())

    def register(self, name: str, function: Function) -> None:
        """Add a function, or replace one."""
        self._table[name] = function

    def names(self) -> list[str]:
        """The functions there are, sorted."""
        return sorted(self._table)

    def predefined(self, name: str) -> str | None:
        """See `plan.Functions`."""
        return str(int(self.epoch())) if name == "EPOCH" else self.system.get(name)

    def read(self, name: str, arguments: str, scope: Scope, depth: int = 0) -> str | None:
        """See `plan.Functions`."""
        function = self._table.get(name)
        if function is None or function.read is None:
            self._tell(f"Function {name} {'not registered' if function is None else 'cannot be read'}")
            return None
        value = function.read(Invocation(self, arguments, scope, depth))
        if value is None:
            self._tell(f"Function {name}({arguments}) failed")
        return value

    def write(self, name: str, arguments: str, value: str, scope: Scope) -> bool:
        """See `plan.Functions`."""
        function = self._table.get(name)
        if function is None or function.write is None:
            self._tell(f"Function {name} {'not registered' if function is None else 'cannot be written to'}")
            return False
        return function.write(Invocation(self, arguments, scope), value)

    def _tell(self, text: str) -> None:
        if self.observe is not None:
            self.observe("function", text=text)


# presence and devices


def _presence_read(use: Invocation) -> str | None:
    provider, field, options = use.arguments(3)
    return use.env.core.presence.read_field(provider, field, options)


def _presence_write(use: Invocation, value: str) -> bool:
    return use.env.core.presence.write(use.text, value)


def _device_read(use: Invocation) -> str:
    return use.env.core.devices.query(use.text).token


def _device_write(use: Invocation, value: str) -> bool:
    return use.env.core.devices.write(use.text, value)


def _place(text: str) -> tuple[str, str]:
    exten, _, context = text.partition("@")
    return context or DEFAULT_CONTEXT, exten


def _hint_read(use: Invocation) -> str | None:
    where, options = use.arguments(2)
    context, exten = _place(where)
    found = use.env.plan.find(context, exten, HINT) if where else None
    if found is None:
        return None
    return cut(found.args if "n" in options else found.app, HINT_BYTES)


def _extension_state(use: Invocation) -> str | None:
    context, exten = _place(use.text)
    return extension_token(use.env.core.hints.state(context, exten)) if exten else None


# the store


def _row(use: Invocation) -> tuple[str, str] | None:
    row = arguments(use.text, 2, "/")
    return (row[0], row[1]) if len(row) == 2 else None


def _db_read(use: Invocation) -> str | None:
    row = _row(use)
    if row is None:
        return None
    value = use.env.core.store.get(*row)
    if value is None:
        return ""
    use.set_variable("DB_RESULT", value)
    return value


def _db_write(use: Invocation, value: str) -> bool:
    row = _row(use)
    if row is None:
        return False
    use.env.core.store.put(*row, value)
    return True


def _db_exists(use: Invocation) -> str | None:
    row = _row(use)
    if row is None:
        return None
    value = use.env.core.store.get(*row)
    if value is None:
        return "0"
    use.set_variable("DB_RESULT", value)
    return "1"


def _db_delete(use: Invocation) -> str | None:
    row = _row(use)
    if row is None:
        return None
    value = use.env.core.store.get(*row)
    if value is not None:
        use.env.core.store.delete(*row)
    use.set_variable("DB_RESULT", value or "")
    return value or ""


def _db_delete_write(use: Invocation, _value: str) -> bool:
    return _db_delete(use) is not None


# globals


def _global_read(use: Invocation) -> str:
    return use.env.plan.global_variable(use.text) or ""


def _global_write(use: Invocation, value: str) -> bool:
    use.env.plan.set_variable(use.text, value)
    return True


def _global_exists(use: Invocation) -> str:
    return str(int(use.env.plan.globals.get(use.text) is not None))


def _dialplan_exists(use: Invocation) -> str | None:
    if not use.text:
        return None
    context, exten, priority = use.arguments(3)
    plan = use.env.plan
    if not exten:
        return str(int(plan.context(context) is not None))
    if not priority:
        return str(int(plan.exists(context, exten)))
    wanted: int | str = int(priority) if priority.isascii() and priority.isdigit() else priority
    return str(int(plan.find(context, exten, wanted) is not None))


PRESENCE_FUNCTIONS = {
    "PRESENCE_STATE": Function(_presence_read, _presence_write),
    "DEVICE_STATE": Function(_device_read, _device_write),
    "HINT": Function(_hint_read),
    "EXTENSION_STATE": Function(_extension_state),
    "DB": Function(_db_read, _db_write),
    "DB_EXISTS": Function(_db_exists),
    "DB_DELETE": Function(_db_delete, _db_delete_write),
    "GLOBAL": Function(_global_read, _global_write),
    "GLOBAL_EXISTS": Function(_global_exists),
    "DIALPLAN_EXISTS": Function(_dialplan_exists),
}


def standard_functions() -> dict[str, Function]:
    """All functions that there are before any is registered."""
    from harness.dialplan.channel_functions import CHANNEL_FUNCTIONS
    from harness.dialplan.text_functions import TEXT_FUNCTIONS

    return {**PRESENCE_FUNCTIONS, **TEXT_FUNCTIONS, **CHANNEL_FUNCTIONS}
