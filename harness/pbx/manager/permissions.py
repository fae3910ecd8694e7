"""Classes of permission and event masks (main/manager.c, perms[])."""

from __future__ import annotations

from collections.abc import Iterable

from harness.config.manager import CLASSES, permissions
from harness.config.values import is_false, is_true

BIT = {name: 1 << index for index, name in enumerate(CLASSES)}
EVERYTHING = (1 << 31) - 1

_LONG_MAX = (1 << 63) - 1


def bits(names: Iterable[str]) -> int:
    """The mask of class names; `all` is everything, unknown words add nothing."""
    total = 0
    for name in names:
        total |= EVERYTHING if name == "all" else BIT.get(name, 0)
    return total


def event_mask(text: str) -> int | None:
    """What `EventMask:` asks for; None where it is refused (strings_to_mask).

    A number is taken as C's atoi() gives it, so one that does not fit may come out negative, which is refused.
    """
    if not text:
        return None
    if text.isascii() and text.isdigit():
        number = min(int(text[:20]), _LONG_MAX) & 0xFFFFFFFF
        return None if number > EVERYTHING else number
    if is_false(text):
        return 0
    return EVERYTHING if is_true(text) else bits(permissions(text))


def privilege(classes: Iterable[str]) -> str:
    """How classes are written in `Privilege:` and by ListCommands (authority_to_str)."""
    return ",".join([*sorted(classes, key=CLASSES.index), "all"])
