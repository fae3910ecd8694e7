"""What reports make of text: what cannot be seen made visible, places, spans of time, colours."""

from __future__ import annotations

import re
import shlex
import unicodedata
from collections.abc import Mapping
from typing import TextIO

from harness.columns import JOINER, clean

_CODES = {"red": "31", "green": "32", "yellow": "33", "cyan": "36", "dim": "2", "bold": "1"}


_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


def visible(text: str) -> str:
    """Text of several lines in which what cannot be seen can: controls as pictures, what turns text round as escapes.

    What is left is what an XML or HTML document can carry.
    """
    if text.isprintable():
        return text
    text = text.replace("\r\n", "\n")
    if text.isascii():
        return _HIDDEN.sub(_picture, text)
    return "".join(map(_visible, text))


def _picture(found: re.Match[str]) -> str:
    return _visible(found[0])


def _visible(char: str) -> str:
    if char < " " and char not in "\n\t":
        return chr(0x2400 + ord(char))
    if char == "\x7f":
        return "\u2421"
    hidden = char != JOINER and unicodedata.category(char) in ("Cc", "Cf", "Cs", "Cn", "Zl", "Zp")
    return f"\\u{ord(char):04x}" if hidden and char not in "\n\t" else char


def place_of(where: str) -> tuple[str, int, int]:
    """File, line and column of a place as messages have it, `file:line:column`; 0 for what it does not name."""
    parts = where.rsplit(":", 2)
    numbers = [int(part) for part in parts[1:] if part.isascii() and part.isdecimal()]
    if len(parts) == 3 and len(numbers) == 2:
        return parts[0], numbers[0], numbers[1]
    if len(parts) > 1 and parts[-1].isascii() and parts[-1].isdecimal():
        return ":".join(parts[:-1]), int(parts[-1]), 0
    return where, 0, 0


def again(file: str, seed: int, real: bool, program: str = "dpma-harness") -> str:
    """The command that tells a scenario once more, as it was told."""
    chosen = (f" --seed {seed}" if seed != 1 else "") + (" --time real" if real else "")
    return f"{program} run {clean(shlex.quote(file))}{chosen}"


class Paint:
    """Colours, or none."""

    def __init__(self, on: bool) -> None:
        self.on = on

    def __call__(self, text: str, *names: str) -> str:
        """The text in a colour."""
        if not self.on or not text:
            return text
        return f"\x1b[{';'.join(_CODES[name] for name in names)}m{text}\x1b[0m"


def wants_colours(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """On a terminal only, and not where NO_COLOR is set (https://no-color.org) or the terminal is dumb."""
    return stream.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


def duration(seconds: float) -> str:
    """A time span for reading: 3.2 ms, 4.1 s, 12 min."""
    if seconds < 1:
        return f"{seconds * 1000:.1f} ms"
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
