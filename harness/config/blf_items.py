"""The Smart BLF sheet that a phone loads (`blf_items=`): which key stands where, what it does and how it lights.

Elements, attributes and words are those of Digium's page on Smart BLF. A phone tells nobody of an error in it, the
sheet is just not loaded; so every word that is not known is an error here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TypeVar

from harness.config.files import FolderFiles
from harness.config.sheets import Sheet, parse_sheet
from harness.config.values import is_true, suggestion
from harness.errors import InputError, Location, Note

MAX_ITEMS = 2_000
MAX_RULES = 64
"""Behaviors of one item, and indicators."""
MAX_INDEX = 999

LOCATIONS = ("main", "side", "expansion")
TARGET_STATUSES = ("unknown", "idle", "on_hold", "ringing", "on_the_phone")
"""What is known of the watched device; none of them is a user's presence."""
PHONE_STATES = ("idle", "incoming", "connected", "hold", "transfer", "dialing", "calling", "failed")
"""Of the phone itself; several may stand with `/` between, as `incoming/transfer`."""
PRESS_FUNCTIONS = ("dial", "transfer")
LED_COLORS = ("green", "amber", "red")
LED_STATES = ("on", "off", "slow", "fast")


@dataclass(frozen=True, slots=True)
class Behavior:
    """What a press does while the phone and the watched device are in these states; '' is any.

    The actions are ids of the contact's actions.
    """

    phone_state: str = ""
    target_status: str = ""
    press_action: str = ""
    press_function: str = ""
    long_press_action: str = ""
    long_press_function: str = ""


@dataclass(frozen=True, slots=True)
class Indicator:
    """How a key looks while the watched device is in this state; '' is any, '' elsewhere is nothing said."""

    target_status: str = ""
    ring: bool = False
    ringtone_id: str = ""
    led_color: str = ""
    led_state: str = ""
    line_label_fgcolor: str = ""
    line_label_bgcolor: str = ""


@dataclass(slots=True)
class BlfItem:
    """One key. `paging` and `node` (of an expansion module) are kept; what they do is not documented."""

    where: Location
    index: int
    location: str = "main"
    paging: bool = False
    node: str = ""
    contact_id: str = ""
    app_id: str = ""
    blank: bool = False
    behaviors: list[Behavior] = field(default_factory=list)
    indicators: list[Indicator] = field(default_factory=list)


@dataclass(slots=True)
class BlfSheet:
    """One file; where it cannot be loaded there are no items and `fault` says why, with file and line."""

    where: Location
    items: list[BlfItem] = field(default_factory=list)
    fault: str = ""
    notes: list[Note] = field(default_factory=list)


_Rule = TypeVar("_Rule", Behavior, Indicator)

_PATH = ("config", "smart_blf", "blf_items")
_INSIDE = {
    "blf_items": ("blf_item",),
    "blf_item": ("behaviors", "indicators"),
    "behaviors": ("behavior",),
    "indicators": ("indicator",),
}
_ATTRIBUTES = {
    "blf_item": ("location", "index", "paging", "node", "contact_id", "app_id", "blank"),
    "behavior": tuple(each.name for each in fields(Behavior)),
    "indicator": tuple(each.name for each in fields(Indicator)),
}
_WORDS = {
    "location": LOCATIONS,
    "target_status": TARGET_STATUSES,
    "press_function": PRESS_FUNCTIONS,
    "long_press_function": PRESS_FUNCTIONS,
    "led_color": LED_COLORS,
    "led_state": LED_STATES,
}


def read_blf_items(path: Path, files: FolderFiles | None = None) -> BlfSheet:
    """Read one sheet; `InputError` at file:line where a phone would not load it."""
    files = files or FolderFiles(path.parent)
    reader = _Reader(files.name(path), str(path))
    parse_sheet(path, files, reader, "a Smart BLF sheet")
    if not reader.found:
        advice = "its items stand in <config><smart_blf><blf_items>"
        raise InputError("there is no <blf_items> in it", Location(str(path)), advice)
    return reader.sheet


class _Reader(Sheet):
    """Reads what stands in blf_items; what else a <config> holds is for others."""

    def __init__(self, name: str, path: str) -> None:
        super().__init__(name, path)
        self.sheet = BlfSheet(Location(name))
        self.found = False
        self._open: list[str] = []

    def element(self, name: str, values: dict[str, str]) -> None:
        parent = self._open[-1] if self._open else ""
        self._open.append(name)
        if self.depth == 1 and name != _PATH[0]:
            raise InputError(f"<{name}> is not <config>{suggestion(name, _PATH[:1])}", self.error_at)
        if tuple(self._open) == _PATH:
            self.found = True
        elif tuple(self._open[: len(_PATH)]) == _PATH:
            self._inside(parent, name, {key: value for key, value in values.items() if value})

    def end(self, _name: str) -> None:
        self._open.pop()

    def _inside(self, parent: str, name: str, values: dict[str, str]) -> None:
        known = _INSIDE.get(parent, ())
        if name not in known:
            wanted = f"<{parent}> holds {' and '.join(f'<{each}>' for each in known) or 'nothing'}"
            raise InputError(f"<{name}> is not known here{suggestion(name, known)}", self.error_at, wanted)
        self._check(name, values)
        if name == "blf_item":
            self._item(values)
        elif name == "behavior":
            self._add(self.sheet.items[-1].behaviors, Behavior(**values))
        elif name == "indicator":
            ring = is_true(values.pop("ring", ""))
            self._add(self.sheet.items[-1].indicators, Indicator(ring=ring, **values))

    def _check(self, name: str, values: dict[str, str]) -> None:
        known = _ATTRIBUTES.get(name, ())
        for attribute, value in values.items():
            if attribute not in known:
                text = f"<{name}> has no attribute {attribute!r}{suggestion(attribute, known)}"
                raise InputError(text, self.error_at)
            if attribute == "phone_state":
                for part in value.split("/"):
                    self._known(attribute, part, PHONE_STATES)
            elif attribute in _WORDS:
                self._known(attribute, value, _WORDS[attribute])

    def _known(self, attribute: str, word: str, words: tuple[str, ...]) -> None:
        if word not in words:
            text = f"{word!r} is no {attribute}{suggestion(word, words)}"
            any_of_them = "; leave it out for all of them" if attribute in ("target_status", "phone_state") else ""
            raise InputError(text, self.error_at, f"there are {', '.join(words)}{any_of_them}")

    def _item(self, values: dict[str, str]) -> None:
        if len(self.sheet.items) >= MAX_ITEMS:
            raise InputError(f"more than {MAX_ITEMS} items", self.error_at)
        item = BlfItem(
            self.here,
            self._index(values.get("index", "")),
            values.get("location", "main"),
            is_true(values.get("paging", "")),
            values.get("node", ""),
            values.get("contact_id", ""),
            values.get("app_id", ""),
            is_true(values.get("blank", "")),
        )
        named = [name for name in ("contact_id", "app_id", "blank") if getattr(item, name)]
        if len(named) != 1:
            said = f"has both {' and '.join(named)}" if named else "has neither contact_id, app_id nor blank"
            self.sheet.notes.append(Note("blf", f"the item {said}", self.here))
        self.sheet.items.append(item)

    def _index(self, text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) <= MAX_INDEX):
            message = f"{text!r} is no index" if text else "the item has no index"
            raise InputError(message, self.error_at, f"a number from 0, the topmost key, to {MAX_INDEX}")
        return int(text)

    def _add(self, rules: list[_Rule], rule: _Rule) -> None:
        if len(rules) >= MAX_RULES:
            raise InputError(f"more than {MAX_RULES} rules for one key", self.error_at)
        rules.append(rule)

