"""The keys of a phone: which stands where, and the lamp that each shows for a device's state.

Without a Smart BLF sheet the contacts take the free keys in order; with one only those that it names have a key, where
it says. The lamp of a contact's key comes from the device half of its hint alone; a user's presence drives none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

from phones.blf import Behavior, Indicator, Item, Sheet

if TYPE_CHECKING:
    from phones.models import Model
    from phones.provisioning import Line, PhonebookEntry

LINE, CONTACT, APP, BLANK = "line", "contact", "app", "blank"

SMART_BLF_SINCE = (1, 4)
"""The first firmware that loads a sheet (Digium's page on Smart BLF)."""
EXPANSION_KEYS = 20
"""Keys of an expansion module on each of its pages; taken from its name and pictures, not from a manual."""


class Led(NamedTuple):
    """What a lamp looks like: `colour` green, amber or red, `state` on, slow or fast; ('', 'off') is dark."""

    colour: str = ""
    state: str = "off"

    def __str__(self) -> str:
        return f"{self.colour} {self.state}" if self.colour else self.state


DARK = Led()
_LEDS = {
    "unknown": DARK,
    "idle": Led("green", "on"),
    "on_hold": Led("red", "slow"),
    "ringing": Led("red", "fast"),
    "on_the_phone": Led("red", "on"),
}
_LINE_LEDS = {
    "dialing": Led("green", "on"),
    "connected": Led("green", "on"),
    "ringing": Led("green", "fast"),
    "held": Led("green", "slow"),
    "on hold": Led("green", "on"),
}


@dataclass(frozen=True, slots=True)
class KeyOptions:
    """What is not documented of the keys, chosen by name.

    `leds`: the lamp of a contact's key by target_status, where no indicator says otherwise; what is not named is dark.
    `line_leds`: that of a line by the state of its foremost call. `precedence`: of several rules that fit, the one
    with the most conditions (`specific`) or the first. `unmatched`: a status for which an item with indicators names
    none shows what `leds` says (`default`), or nothing (`dark`).
    """

    leds: Mapping[str, Led] = field(default_factory=lambda: MappingProxyType(_LEDS))
    line_leds: Mapping[str, Led] = field(default_factory=lambda: MappingProxyType(_LINE_LEDS))
    precedence: Literal["specific", "first"] = "specific"
    unmatched: Literal["default", "dark"] = "default"


DEFAULT = KeyOptions()


@dataclass(slots=True)
class Key:
    """One key. `name` is the line, the contact's id or the app, `page` counts from 1, `index` from 0 at the top.

    `ring`: the phone itself rings while the key looks like this; `fgcolor` and `bgcolor` are those of its label.
    """

    kind: str
    name: str
    label: str
    location: str
    index: int
    page: int = 1
    led: Led = DARK
    ring: bool = False
    fgcolor: str = ""
    bgcolor: str = ""
    item: Item | None = None

    @property
    def place(self) -> str:
        """Where it stands: `main:1`, and `side:1/2` on the second page."""
        page = f"/{self.page}" if self.page > 1 else ""
        return f"{self.location}:{self.index}{page}"


class Look(NamedTuple):
    """How a key looks for a status."""

    led: Led = DARK
    ring: bool = False
    fgcolor: str = ""
    bgcolor: str = ""


def look_of(key: Key, status: str, options: KeyOptions) -> Look:
    """How a contact's key looks while its device is in that state; '' is one of which nothing is known."""
    if not status:
        return Look()
    led = options.leds.get(status, DARK)
    indicators = key.item.indicators if key.item is not None else ()
    chosen = _chosen(indicators, status, options)
    if chosen is None:
        return Look(DARK if indicators and options.unmatched == "dark" else led)
    colour, state = chosen.led_color or led.colour, chosen.led_state or ("on" if chosen.led_color else led.state)
    lit = Led(colour, state) if colour and state != "off" else DARK
    return Look(lit, chosen.ring, chosen.line_label_fgcolor, chosen.line_label_bgcolor)


def _chosen(indicators: Iterable[Indicator], status: str, options: KeyOptions) -> Indicator | None:
    found = [each for each in indicators if each.target_status in ("", status)]
    if options.precedence == "specific":
        found.sort(key=lambda each: not each.target_status)
    return found[0] if found else None


def behavior_of(key: Key, phone_state: str, status: str, options: KeyOptions, long: bool = False) -> Behavior | None:
    """What the sheet says of a press, or a `long` one, in these states; None where it says nothing."""
    behaviors = key.item.behaviors if key.item is not None else ()
    found = [
        each
        for each in behaviors
        if each.phone_state in ("", phone_state)
        and each.target_status in ("", status)
        and (each.long_press_action or each.long_press_function if long else each.press_action or each.press_function)
    ]
    if options.precedence == "specific":
        found.sort(key=lambda each: -bool(each.phone_state) - bool(each.target_status))
    return found[0] if found else None


# where keys stand


@dataclass(frozen=True, slots=True)
class Place:
    """A key's place on a panel."""

    location: str
    page: int
    index: int


class Panels:
    """The keys that a model has: how many on a page, and how many pages, of each panel."""

    def __init__(self, model: Model, expansion: bool = False) -> None:
        """`expansion`: whether an expansion module is attached."""
        side = model.side_keys or 0
        self.model = model
        self.sizes: dict[str, tuple[int, int]] = {
            "main": (model.lines or model.blf_limit or 0, 1 + (model.main_pages or 0)),
            "side": (side, (model.side_pages or 1) if side else 0),
            "expansion": (EXPANSION_KEYS, 1) if expansion else (0, 0),
        }

    def places(self, location: str) -> Iterator[Place]:
        """The places of one panel, page after page."""
        keys, pages = self.sizes[location]
        return (Place(location, page, index) for page in range(1, pages + 1) for index in range(keys))

    def why_not(self, place: Place) -> str:
        """Why there is no such key; '' where there is one."""
        keys, pages = self.sizes[place.location]
        if not keys:
            return f"a {self.model.name} has no {place.location} keys"
        if place.index >= keys:
            return f"a {self.model.name} has {keys} {place.location} keys, from index 0"
        if place.page > pages:
            more = f"{pages} pages of them" if pages > 1 else "no further page"
            return f"another item has that index, and a {self.model.name} has {more}"
        return ""


class Layout(NamedTuple):
    """Keys in the order of panels, pages and indices, and in words what has none: (file:line, who, why)."""

    keys: tuple[Key, ...]
    missing: tuple[tuple[str, str, str], ...] = ()


def lay_out(
    panels: Panels,
    lines: Iterable[Line],
    contacts: Iterable[PhonebookEntry],
    sheet: Sheet | None,
    *,
    unused_linekeys: bool = True,
) -> Layout:
    """Where everything stands. `contacts` are those of the phone that may have a key; no sheet: in their order."""
    line_keys = [
        Key(LINE, line.name, line.label or line.name, "main", index)
        for index, line in zip(range(panels.sizes["main"][0]), lines, strict=False)
    ]
    if sheet is None:
        rest = _in_order(panels, len(line_keys), contacts, unused_linekeys)
    else:
        rest = _by_sheet(panels, len(line_keys), {entry.id: entry for entry in contacts}, sheet)
    order = ("main", "side", "expansion")
    keys = sorted((*line_keys, *rest.keys), key=lambda key: (order.index(key.location), key.page, key.index))
    return Layout(tuple(keys), rest.missing)


def _in_order(panels: Panels, taken: int, contacts: Iterable[PhonebookEntry], unused: bool) -> Layout:
    """The free keys of the main panel, then those beside it; the keys of lines are the same on each page."""
    main = [place for place in panels.places("main") if place.index >= taken]
    side = list(panels.places("side"))
    free = iter((*main, *side) if unused or not side else side)
    keys, missing = [], []
    for entry in contacts:
        place = next(free, None)
        if place is None:
            missing.append((entry.where, entry.id, f"a {panels.model.name} has no key left"))
        else:
            keys.append(Key(CONTACT, entry.id, entry.name or entry.id, place.location, place.index, place.page))
    return Layout(tuple(keys), tuple(missing))


def _by_sheet(panels: Panels, taken: int, contacts: Mapping[str, PhonebookEntry], sheet: Sheet) -> Layout:
    """Each item at its index; where that is taken by an item already, on the next page."""
    keys: list[Key] = []
    missing: list[tuple[str, str, str]] = []
    used: dict[tuple[str, int], int] = {}
    for item in sheet.items:
        who = item.contact_id or item.app_id or "a blank key"
        slot = (item.location, item.index)
        place = Place(item.location, used.get(slot, 0) + 1, item.index)
        if item.location == "main" and item.index < taken:
            why = "that key is an account's, and accounts come before items"
        elif item.contact_id and item.contact_id not in contacts:
            why = f"the phone has no contact {item.contact_id!r}"
        else:
            why = panels.why_not(place)
        if why:
            missing.append((item.where, who, why))
            continue
        used[slot] = place.page
        keys.append(_key(item, place, contacts))
    return Layout(tuple(keys), tuple(missing))


def _key(item: Item, place: Place, contacts: Mapping[str, PhonebookEntry]) -> Key:
    if item.contact_id:
        kind, name, label = CONTACT, item.contact_id, contacts[item.contact_id].name or item.contact_id
    elif item.app_id:
        kind, name, label = APP, item.app_id, item.app_id
    else:
        kind, name, label = BLANK, "", ""
    return Key(kind, name, label, place.location, place.index, place.page, item=item)


def loads_sheets(version: str) -> bool:
    """Whether firmware of that version (`1_4_0_0_57389`) knows Smart BLF; one that cannot be read does."""
    parts = version.split("_")
    if not all(part.isdecimal() for part in parts[:2]):
        return True
    return tuple(map(int, parts[:2])) >= SMART_BLF_SINCE
