"""A caller ID as configuration writes it, `"Name" <number>`, taken apart and put together (main/callerid.c)."""

from __future__ import annotations

import re
from typing import NamedTuple

_PARTS = re.compile(r"[ \t]*+(?P<name>[^<]*+)<(?P<number>[^>]*+)>")
_NUMBER = re.compile(r"[0-9+*#() .\[\]-]+")
_FILLING = str.maketrans("", "", "() ")


class CallerId(NamedTuple):
    """Name and number; None where it has none."""

    name: str | None = None
    number: str | None = None

    def text(self, nobody: str) -> str:
        """As one text; `nobody` where there is neither."""
        if self.name and self.number:
            escaped = self.name.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}" <{self.number}>'
        return self.name or self.number or nobody


def parse(text: str) -> CallerId:
    """Take a text apart; one without `<...>` is a number where it looks like one, else a name."""
    found = _PARTS.match(text)
    if found is not None:
        name, number = found["name"].strip(), found["number"].translate(_FILLING)
    elif _NUMBER.fullmatch(text.strip()):
        name, number = "", text.strip().translate(_FILLING)
    else:
        name, number = text.strip(), ""
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = name[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return CallerId(name or None, number or None)
