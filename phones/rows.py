"""Taking values out of the JSON of a configuration, each bounded; what is not as it should be is Unreadable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MAX_TEXT_BYTES = 1_024
"""Of one text of a configuration: a name, a URI, a label."""

Row = Mapping[str, Any]


class Unreadable(ValueError):
    """A body that is ours and yet cannot be read; the text says why."""


def rows(holder: Row, name: str, limit: int) -> list[Row]:
    """A list of objects; [] where there is none."""
    found = holder.get(name) or []
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise Unreadable(f"{name} is no list of objects")
    if len(found) > limit:
        raise Unreadable(f"more than {limit} {name}")
    return found


def text(row: Row, name: str) -> str:
    """A text; '' where there is none."""
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unreadable(f"{name} is no text")
    if len(value.encode("utf-8", "surrogatepass")) > MAX_TEXT_BYTES:
        raise Unreadable(f"{name} has more than {MAX_TEXT_BYTES} bytes")
    return value


def word(row: Row, name: str, words: tuple[str, ...]) -> str:
    """A text that is one of some words, or ''."""
    value = text(row, name)
    if value and value not in words:
        raise Unreadable(f"{value!r} is no {name}")
    return value


def number(row: Row, name: str, limit: int) -> int | None:
    """A whole number from 0; None where there is none."""
    value = row.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= limit:
        raise Unreadable(f"{name} is no number")
    return value


def texts(row: Row, name: str, limit: int) -> dict[str, str]:
    """An object whose values are texts; {} where there is none."""
    found = row.get(name) or {}
    if not isinstance(found, dict):
        raise Unreadable(f"{name} is no object")
    if len(found) > limit:
        raise Unreadable(f"more than {limit} {name}")
    return {key: text(found, key) for key in found}
