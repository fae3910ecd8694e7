"""What a page may ask for, read with suspicion: a small JSON object with the fields of its act and no others."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from harness.errors import InputError

MAX_BODY_BYTES = 4_096
MAX_TEXT = 512
"""Characters of one text."""

Read = Callable[[object], Any]


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise ValueError(f"a text of at most {MAX_TEXT} characters")
    if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
        raise ValueError("a text without halves of characters")
    return value


def _name(value: object) -> str:
    text = _text(value)
    if not text or not text.isprintable():
        raise ValueError("a name")
    return text


def _percent(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100:
        raise ValueError("a whole number from 0 to 100")
    return value


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
        raise ValueError("a whole number")
    return value


def _yes_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


_PHONE: Mapping[str, Read] = {"phone": _name}
_CALL: Mapping[str, Read] = {"phone": _name, "call": _text}

FIELDS: Mapping[str, Mapping[str, Read]] = {
    "status": {"phone": _name, "status": _name, "substatus": _text},
    "presence": {"provider": _name, "state": _name, "subtype": _text, "message": _text},
    "unplug": _PHONE,
    "plug": _PHONE,
    "loss": {"phone": _name, "percent": _percent},
    "restart": {},
    "call": {"phone": _name, "number": _name},
    "answer": _CALL,
    "reject": _CALL,
    "hold": _CALL,
    "resume": _CALL,
    "hangup": _CALL,
    "transfer": {"phone": _name, "number": _text, "attended": _yes_no},
    "key": {"phone": _name, "key": _name},
    "pause": {},
    "step": {},
    "go": {},
    "slow": {"on": _yes_no},
    "seek": {"seq": _whole},
    "play": {"on": _yes_no},
}
"""The fields of each act; all of them have to be there."""


def read(body: bytes, acts: frozenset[str]) -> tuple[str, dict[str, Any]]:
    """The act and its fields; raises InputError for anything but one of `acts` in its right form."""
    try:
        said = json.loads(body.decode("utf-8"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise InputError("an act is a JSON object") from None
    if not isinstance(said, dict):
        raise InputError("an act is a JSON object")
    act = said.pop("act", None)
    if not isinstance(act, str) or act not in FIELDS or act not in acts:
        raise InputError("there is no such act here")
    fields = FIELDS[act]
    if set(said) != set(fields):
        raise InputError(f"{act} has the fields {', '.join(fields) or 'act alone'}")
    values = {}
    for name, reader in fields.items():
        try:
            values[name] = reader(said[name])
        except ValueError as error:
            raise InputError(f"{name} is to be {error}") from None
    return act, values
