"""The Smart BLF sheet as the configuration brings it: items, with what their keys do and how they look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from phones.rows import Row, Unreadable, number, rows, text, word

MAX_ITEMS = 1_000
MAX_RULES = 64
MAX_INDEX = 999

LOCATIONS = ("main", "side", "expansion")
PRESS_FUNCTIONS = ("dial", "transfer")
COLOURS = ("green", "amber", "red")
LED_STATES = ("on", "off", "slow", "fast")


class Behavior(NamedTuple):
    """What a press does while the phone and the watched device are in these states; '' is any."""

    phone_state: str = ""
    target_status: str = ""
    press_action: str = ""
    press_function: str = ""
    long_press_action: str = ""
    long_press_function: str = ""


class Indicator(NamedTuple):
    """How a key looks while the watched device is in this state; '' is any state, and elsewhere nothing said."""

    target_status: str = ""
    ring: bool = False
    ringtone_id: str = ""
    led_color: str = ""
    led_state: str = ""
    line_label_fgcolor: str = ""
    line_label_bgcolor: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One key of the sheet; `where` is its file and line, for reports."""

    where: str
    location: str
    index: int
    paging: bool = False
    node: str = ""
    contact_id: str = ""
    app_id: str = ""
    behaviors: tuple[Behavior, ...] = ()
    indicators: tuple[Indicator, ...] = ()


class Sheet(NamedTuple):
    """The whole sheet; with a `fault` it could not be loaded and has no items."""

    items: tuple[Item, ...] = ()
    fault: str = ""


def read_sheet(row: Row) -> Sheet:
    """Read the sheet; raises Unreadable.  Rules that several items share are written once, items give their numbers."""
    fault = text(row, "fault")
    behaviors = [tuple(map(_behavior, rows(each, "rules", MAX_RULES))) for each in rows(row, "behaviors", MAX_ITEMS)]
    indicators = [tuple(map(_indicator, rows(each, "rules", MAX_RULES))) for each in rows(row, "indicators", MAX_ITEMS)]
    items = (_item(each, behaviors, indicators) for each in rows(row, "items", MAX_ITEMS))
    return Sheet(tuple(items), fault)


def _item(row: Row, behaviors: list[tuple[Behavior, ...]], indicators: list[tuple[Indicator, ...]]) -> Item:
    index = number(row, "index", MAX_INDEX)
    if index is None:
        raise Unreadable("an item has no index")
    own_behaviors = number(row, "behaviors", len(behaviors) - 1)
    own_indicators = number(row, "indicators", len(indicators) - 1)
    return Item(
        text(row, "where"),
        word(row, "location", LOCATIONS) or LOCATIONS[0],
        index,
        row.get("paging") is True,
        text(row, "node"),
        text(row, "contact_id"),
        text(row, "app_id"),
        () if own_behaviors is None else behaviors[own_behaviors],
        () if own_indicators is None else indicators[own_indicators],
    )


def _behavior(row: Row) -> Behavior:
    return Behavior(
        text(row, "phone_state"),
        text(row, "target_status"),
        text(row, "press_action"),
        word(row, "press_function", PRESS_FUNCTIONS),
        text(row, "long_press_action"),
        word(row, "long_press_function", PRESS_FUNCTIONS),
    )


def _indicator(row: Row) -> Indicator:
    return Indicator(
        text(row, "target_status"),
        row.get("ring") is True,
        text(row, "ringtone_id"),
        word(row, "led_color", COLOURS),
        word(row, "led_state", LED_STATES),
        text(row, "line_label_fgcolor"),
        text(row, "line_label_bgcolor"),
    )
