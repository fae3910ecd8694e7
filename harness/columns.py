"""Text that is safe on a terminal, and its width there."""

from __future__ import annotations

import unicodedata

JOINER = "\u200d"
"""Joins emoji; other format characters could turn text round."""


def clean(text: str, keep_lines: bool = False) -> str:
    """Text without what a terminal obeys: control characters, bidi marks, lone surrogates."""
    if text.isprintable():
        return text
    text = text.replace("\r\n", "\n")
    kept = "\n" if keep_lines else ""
    return "".join(char if char in kept else _clean(char) for char in text)


def _clean(char: str) -> str:
    if char in "\r\n\t\u2028\u2029":
        return " "
    hostile = char != JOINER and unicodedata.category(char) in ("Cc", "Cf", "Cs")
    return "\ufffd" if hostile else char


def columns(text: str) -> int:
    """How many columns a text takes."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(char: str) -> int:
    if char == JOINER or unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def fit(text: str, width: int) -> str:
    """A cleaned text in at most `width` columns; what is cut off ends with an ellipsis."""
    text = clean(text)
    if columns(text) <= width:
        return text
    return fit_to(text, width - 1) + "…" if width > 0 else ""


def fit_to(text: str, width: int) -> str:
    """As much of the beginning of a text as `width` columns take."""
    used = 0
    for at, char in enumerate(text):
        used += _columns(char)
        if used > width:
            return text[:at]
    return text


def pad(text: str, width: int) -> str:
    """A text that takes exactly `width` columns."""
    text = fit(text, width)
    return text + " " * (width - columns(text))
