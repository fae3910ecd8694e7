"""Columns as C's printf makes them: widths count bytes."""

from __future__ import annotations

from harness.core.octets import cut, to_bytes


def left(text: str, width: int) -> str:
    """`%-*s`: filled up with blanks on the right, never cut."""
    return text + " " * (width - len(to_bytes(text)))


def column(text: str, width: int) -> str:
    """`%-*.*s`: filled up or cut to exactly `width` bytes; a negative width fills up and does not cut."""
    return left(text, -width) if width < 0 else left(cut(text, width), width)


def plural(count: int, one: str, many: str) -> str:
    """The number and the word that goes with it."""
    return f"{count} {one if count == 1 else many}"
