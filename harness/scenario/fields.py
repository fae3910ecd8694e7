"""What single values of a scenario can be: each kind reads its node and knows its JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar, NamedTuple

from harness.scenario.nodes import Node
from harness.scenario.problems import did_you_mean
from harness.scenario.reading import ANY_TEXT, Kind, Reading, Schema, Wrong

MAX_DURATION_S = 30 * 86400.0
MAX_COUNT = 1_000_000


class Text(Kind):
    """Any text; `empty` says whether none at all will do."""

    def __init__(self, what: str = "this", empty: bool = True) -> None:
        self.what, self.empty = what, empty

    def read(self, node: Node, reading: Reading) -> str:
        text = reading.text(node, self.what)
        if not text and not self.empty:
            raise Wrong(node, f"{self.what} is empty")
        return text

    def schema(self) -> Schema:
        return dict(ANY_TEXT) if self.empty else {**ANY_TEXT, "minLength": 1}


class Choice(Kind):
    """One of some words; `also` are other spellings of them."""

    def __init__(self, what: str, words: Sequence[str], also: Mapping[str, str] | None = None) -> None:
        self.what, self.words, self.also = what, tuple(words), dict(also or {})

    def read(self, node: Node, reading: Reading) -> str:
        text = reading.text(node, self.what)
        return self.checked(text, node)

    def checked(self, text: str, node: Node) -> str:
        """The word that `text` stands for."""
        if text in self.words:
            return text
        if text in self.also:
            return self.also[text]
        offered = [word for word in self.words if word] + [word for word in self.also if word]
        raise Wrong(node, f"{text!r} is no {self.what}", did_you_mean(text, offered))

    def schema(self) -> Schema:
        return {"anyOf": [{"enum": [*self.words, *self.also]}, VARIABLE]}


VARIABLE: Schema = {"type": "string", "pattern": r"\$\{[^{}]*\}"}


class Flag(Kind):
    """Yes or no."""

    _words: ClassVar[dict[str, bool]] = {"true": True, "yes": True, "false": False, "no": False}

    def read(self, node: Node, reading: Reading) -> bool:
        text = reading.text(node, "this").lower()
        if text not in self._words:
            raise Wrong(node, f"{text!r} is neither true nor false", "write true or false")
        return self._words[text]

    def schema(self) -> Schema:
        return {"anyOf": [{"type": "boolean"}, {"enum": ["yes", "no"]}, VARIABLE]}


class Duration(Kind):
    """A time span with its unit, as seconds."""

    units: ClassVar[dict[str, float]] = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}
    _form = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,9})?) ?([a-z]+)")

    def read(self, node: Node, reading: Reading) -> float:
        text = reading.text(node, "a duration").strip()
        found = self._form.fullmatch(text)
        if found is None or found[2] not in self.units:
            if re.fullmatch(r"[0-9.]+", text):
                raise Wrong(node, f"{text} of what?", f"name the unit: {text} s, or {text} ms")
            advice = did_you_mean(found[2], self.units) if found else "write it as 500 ms, 4 s, 1 min or 2 h"
            raise Wrong(node, f"{text!r} is no duration", advice)
        seconds = round(float(found[1]) * self.units[found[2]], 9)
        if seconds > MAX_DURATION_S:
            raise Wrong(node, f"{text} is longer than {MAX_DURATION_S / 86400:.0f} days")
        return seconds

    def schema(self) -> Schema:
        return {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)? ?(ms|s|min|h)$|\$\{"}


class Count(NamedTuple):
    """How many: at least `least`, at most `most` (None: without limit)."""

    least: int
    most: int | None

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and self.least <= number and (self.most is None or number <= self.most)

    def __str__(self) -> str:
        if self.least == self.most:
            return str(self.least)
        return f"{self.least}..{'' if self.most is None else self.most}"


class CountKind(Kind):
    """`2`, `1..3`, or `2..` for at least two; one dialect, everywhere."""

    _form = re.compile(r"([0-9]{1,7})(?:(\.\.)([0-9]{1,7})?)?")

    def read(self, node: Node, reading: Reading) -> Count:
        text = reading.text(node, "a count").replace(" ", "")
        found = self._form.fullmatch(text)
        if found is None:
            advice = "write 2 for exactly two, 1..3 for one to three, 2.. for two or more"
            raise Wrong(node, f"{text!r} is no count", advice)
        least = int(found[1])
        most = (int(found[3]) if found[3] else None) if found[2] else least
        if most == 0:
            raise Wrong(node, "a count of 0 expects nothing", "use the step `never ... for`")
        if least == 0:
            raise Wrong(node, f"{text} could not fail when nothing comes", "use `optional`")
        if (most is not None and most < least) or least > MAX_COUNT:
            raise Wrong(node, f"{text} holds no number")
        return Count(least, most)

    def schema(self) -> Schema:
        return {"anyOf": [
            {"type": "integer", "minimum": 1},
            {"type": "string", "pattern": r"^[0-9]+ *(\.\. *([0-9]+)?)?$|\$\{"},
        ]}  # fmt: skip


class Whole(Kind):
    """A whole number within bounds."""

    def __init__(self, what: str, least: int, most: int) -> None:
        self.what, self.least, self.most = what, least, most

    def read(self, node: Node, reading: Reading) -> int:
        text = reading.text(node, self.what)
        if not (text.isascii() and text.isdecimal() and len(text) < 10 and self.least <= int(text) <= self.most):
            raise Wrong(node, f"{text!r} is no {self.what}", f"a number from {self.least} to {self.most}")
        return int(text)

    def schema(self) -> Schema:
        return {"anyOf": [{"type": "integer", "minimum": self.least, "maximum": self.most}, VARIABLE]}


class PhoneName(Kind):
    """The name of a type=phone section that takes part."""

    def read(self, node: Node, reading: Reading) -> str:
        name = reading.text(node, "a phone's name")
        phones = reading.phones
        if phones is not None and name not in phones:
            if name in reading.left_out:
                raise Wrong(node, f"phone {name!r} is left out by `only:`", "add it there")
            raise Wrong(node, f"no type=phone section is named {name!r}", did_you_mean(name, sorted(phones)))
        return name

    def schema(self) -> Schema:
        return dict(ANY_TEXT)
