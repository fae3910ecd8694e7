"""Functions that read and write the presence core, the store and the dialplan itself.

funcs/func_presencestate.c, func_devstate.c, func_extstate.c, func_db.c, func_global.c, func_dialplan.c.
"""

from __future__ import annotations

from harness.core import extension_token
from harness.core.octets import cut
from harness.dialplan.contexts import HINT
from harness.dialplan.function import Function, Invocation
from harness.dialplan.splitting import arguments, integer

HINT_BYTES = 4095
DEFAULT_CONTEXT = "default"

# presence and devices


def _presence_read(use: Invocation) -> str | None:
    provider, field, options = use.arguments(3)
    return use.facts.core.presence.read_field(provider, field, options)


def _presence_write(use: Invocation, value: str) -> bool:
    return use.facts.core.presence.write(use.text, value)


def _device_read(use: Invocation) -> str:
    return use.facts.core.devices.query(use.text).token


def _device_write(use: Invocation, value: str) -> bool:
    return use.facts.core.devices.write(use.text, value)


def _place(text: str) -> tuple[str, str]:
    exten, _, context = text.partition("@")
    return context or DEFAULT_CONTEXT, exten


def _hint_read(use: Invocation) -> str | None:
    where, options = use.arguments(2)
    context, exten = _place(where)
    found = use.facts.plan.find(context, exten, HINT) if where else None
    if found is None:
        return None
    return cut(found.args if "n" in options else found.app, HINT_BYTES)


def _extension_state(use: Invocation) -> str | None:
    context, exten = _place(use.text)
    return extension_token(use.facts.core.hints.state(context, exten)) if exten else None


# the store


def _row(use: Invocation) -> tuple[str, str] | None:
    row = arguments(use.text, 2, "/")
    return (row[0], row[1]) if len(row) == 2 else None


def _db_read(use: Invocation) -> str | None:
    row = _row(use)
    if row is None:
        return None
    value = use.facts.core.store.get(*row)
    if value is None:
        return None
    use.set_variable("DB_RESULT", value)
    return value


def _db_write(use: Invocation, value: str) -> bool:
    row = _row(use)
    if row is None:
        return False
    use.facts.core.store.put(*row, value)
    return True


def _db_exists(use: Invocation) -> str | None:
    row = _row(use)
    if row is None:
        return None
    value = use.facts.core.store.get(*row)
    if value is None:
        return "0"
    use.set_variable("DB_RESULT", value)
    return "1"


def _db_delete(use: Invocation) -> str | None:
    row = _row(use)
    if row is None:
        return None
    value = use.facts.core.store.get(*row)
    if value is not None:
        use.facts.core.store.delete(*row)
    use.set_variable("DB_RESULT", value or "")
    return value or ""


def _db_delete_write(use: Invocation, _value: str) -> bool:
    return _db_delete(use) is not None


# globals


def _global_read(use: Invocation) -> str:
    return use.facts.plan.global_variable(use.text) or ""


def _global_write(use: Invocation, value: str) -> bool:
    use.facts.plan.set_variable(use.text, value)
    return True


def _global_exists(use: Invocation) -> str:
    return str(int(use.facts.plan.globals.get(use.text) is not None))


def _dialplan_exists(use: Invocation) -> str | None:
    if not use.text:
        return None
    context, exten, priority = use.arguments(3)
    plan = use.facts.plan
    if not exten and not priority:
        return str(int(plan.context(context) is not None)) if context else None
    number = integer(priority or "1")
    wanted: int | str = priority if number is None or number < 1 else number
    caller = use.scope.channel.caller.number if use.scope.channel else ""
    found = plan.find(context, exten, wanted, caller)
    return str(int(found is not None and found.number > 0))


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
