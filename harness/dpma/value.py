"""What is written to `PRESENCE_STATE(CustomPresence:<line>)` for a status and its substatus."""

from __future__ import annotations

import base64

MAX_SUBSTATUS_BYTES = 255
"""What fits the buffer that a value with option `e` is decoded into (funcs/func_presencestate.c)."""


def presence_value(status: str, substatus: str) -> str:
    """`status,substatus,` in plain, or with option `e` where plain text would not arrive as it is.

    A comma would start another field, a control character would break a line of the manager interface, and a
    blank at the start would be lost in one.
    """
    if not substatus:
        return status
    plain = substatus == substatus.strip() and "," not in substatus and substatus.isprintable()
    if plain:
        return f"{status},{substatus},"
    encoded = base64.b64encode(substatus.encode("utf-8", "surrogateescape")).decode("ascii")
    return f"{status},{encoded},,e"
