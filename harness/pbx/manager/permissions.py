"""Classes of permission and event masks (main/manager.c, perms[])."""

from __future__ import annotations

import re

CLASSES = (
    "system",
    "call",
    "log",
    "verbose",
    "command",
    "agent",
    "user",
    "config",
    "dtmf",
    "reporting",
    "cdr",
    "dialplan",
    "originate",
    "agi",
    "cc",
    "aoc",
    "test",
    "security",
    "message",
)
BIT = {name: 1 << index for index, name in enumerate(CLASSES)}
EVERYTHING = (1 << 31) - 1

_TRUE = frozenset(("yes", "true", "y", "t", "1", "on"))
_FALSE = frozenset(("no", "false", "n", "f", "0", "off"))


def bits(names: str | frozenset[str] | tuple[str, ...]) -> int:
    """The mask of a comma list (or a set) of class names; unknown words add nothing."""
    words = names.split(",") if isinstance(names, str) else names
    total = 0
    for word in words:
        word = word.strip().lower()
        total |= EVERYTHING if word == "all" else BIT.get(word, 0)
    return total


def event_mask(text: str) -> int | None:
    """What `EventMask:` asks for; None where it is empty (strings_to_mask)."""
    if not text:
        return None
    if re.fullmatch(r"[0-9]+", text):
        return int(text) & EVERYTHING
    word = text.lower()
    if word in _FALSE:
        return 0
    return EVERYTHING if word in _TRUE else bits(text)


def privilege(name: str) -> str:
    """The value of `Privilege:` for an event of one class."""
    return f"{name},all"


def priv_text(classes: tuple[str, ...]) -> str:
    """How ListCommands prints the classes of an action (authority_to_str)."""
    if not classes:
        return "<none>"
    return ",".join([*sorted(classes, key=CLASSES.index), "all"])
