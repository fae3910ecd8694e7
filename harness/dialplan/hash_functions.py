"""HASH, HASHKEYS and ClearHash: several values under one name (funcs/func_strings.c).

Each value is a variable of its own, `~HASH~name~key~`.
"""

from __future__ import annotations

from collections.abc import Iterable

from harness.core.octets import to_bytes, to_text
from harness.dialplan.call import CONTINUE, Application, Call, Result
from harness.dialplan.channel import Channel
from harness.dialplan.function import Function, Invocation
from harness.dialplan.splitting import arguments, padded
from harness.dialplan.substitute import MAX_NAME_BYTES

COLUMNS = "~ODBCFIELDS~"
"""The keys that HASH(name) was read with last; a value that is written without a key is spread over them."""
MOST_COLUMNS = 100


def _variable(name: str, key: str) -> str:
    return f"~HASH~{name}~{key}~"


def _keys(channel: Channel, name: str) -> list[str]:
    """The last one set comes first; an empty one does not show."""
    start = _variable(name, "")[:-1]
    names = [each for each, _ in channel.variables.newest_first() if each.startswith(start)]
    return [key for each in names if (key := each[len(start) : -1])]


def _read(use: Invocation) -> str | None:
    channel, row = use.scope.channel, arguments(use.text, 2)
    if channel is None or not row:
        return None
    if len(row) > 1:
        return channel.variables.get(_variable(*row))
    keys = _keys(channel, row[0])
    use.set_variable(COLUMNS, ",".join(keys))
    return ",".join(channel.variables.get(_variable(row[0], key)) or "" for key in keys)


def _write(use: Invocation, value: str) -> bool:
    channel, row = use.scope.channel, arguments(use.text, 2)
    if len(row) > 1:
        use.set_variable(_variable(*row), value)
        return True
    if channel is None:
        return False
    columns = arguments(channel.variables.get(COLUMNS) or "", MOST_COLUMNS)
    values = padded(arguments(value, MOST_COLUMNS), len(columns))
    for column, each in zip(columns, values, strict=False):
        use.set_variable(_variable(row[0] if row else "", column), each)
    return True


def _keys_read(use: Invocation) -> str | None:
    channel = use.scope.channel
    if channel is None:
        return None
    return _cut(_keys(channel, use.text))


def _cut(keys: Iterable[str]) -> str:
    return to_text(to_bytes(",".join(keys))[:MAX_NAME_BYTES])


def _clear(call: Call, text: str) -> Result:
    """Nobody is told of the variables that go."""
    for key in _keys(call.channel, text):
        call.channel.variables.set(_variable(text, key), None)
    return CONTINUE


HASH_FUNCTIONS = {"HASH": Function(_read, _write), "HASHKEYS": Function(_keys_read)}
HASH_APPLICATIONS: dict[str, Application] = {"ClearHash": _clear}
