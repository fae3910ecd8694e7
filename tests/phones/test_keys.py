"""Which key stands where, and how its lamp looks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phones.blf import COLOURS, LED_STATES, Indicator, Item, Sheet, read_sheet
from phones.interpret import NOTES, PRESENCES
from phones.keys import CONTACT, DARK, DEFAULT, Key, KeyOptions, Led, Panels, lay_out, loads_sheets, look_of
from phones.models import MODELS
from phones.provisioning import Line, PhonebookEntry
from phones.rows import Unreadable

LINES = (Line("2000", "Bob"),)
PEOPLE = tuple(PhonebookEntry(str(number), f"Person {number}", where="c.xml:1") for number in range(101, 141))


def places(model: str, sheet: Sheet | None = None, lines: tuple[Line, ...] = LINES, **options: bool) -> dict[str, str]:
    """Where each has its key."""
    layout = lay_out(Panels(MODELS[model], options.pop("expansion", False)), lines, PEOPLE, sheet, **options)
    return {key.name: key.place for key in layout.keys}


def at(location: str, index: int, contact: str) -> Item:
    """An item of a sheet."""
    return Item("b.xml:5", location, index, contact_id=contact)


# without a sheet


def test_contacts_follow_the_lines_in_order() -> None:
    """A D40 has two keys in all, so one contact has one."""
    assert places("D40") == {"2000": "main:0", "101": "main:1"}


def test_contacts_go_on_to_the_next_page_and_the_side_keys() -> None:
    """A D65 has pages of main keys, where the line keeps its key; a D70 has keys at its side."""
    d65, d70 = places("D65"), places("D70")
    assert (d65["105"], d65["106"]) == ("main:5", "main:1/2")
    assert (d70["105"], d70["106"], d70["116"]) == ("main:5", "side:0", "side:0/2")


def test_unused_line_keys_may_be_left_alone() -> None:
    """`blf_unused_linekeys=no`, on phones with keys at the side."""
    assert places("D70", unused_linekeys=False)["101"] == "side:0"
    assert places("D65", unused_linekeys=False)["101"] == "main:1"


def test_who_finds_no_key_is_told() -> None:
    """With the place in the phonebook."""
    layout = lay_out(Panels(MODELS["D62"]), LINES, PEOPLE[:3], None)
    assert layout.missing == (
        ("c.xml:1", "102", "a D62 has no key left"), ("c.xml:1", "103", "a D62 has no key left"))  # fmt: skip


@given(st.sampled_from(sorted(MODELS)), st.integers(0, 20), st.integers(0, 40))
def test_no_two_keys_stand_in_one_place(model: str, lines: int, people: int) -> None:
    """Whatever there is, each key has a place that the model has, and nobody is forgotten."""
    panels = Panels(MODELS[model])
    own = tuple(Line(f"l{number}") for number in range(lines))
    layout = lay_out(panels, own, PEOPLE[:people], None)
    assert len({key.place for key in layout.keys}) == len(layout.keys)
    assert len([key for key in layout.keys if key.kind == CONTACT]) + len(layout.missing) == people
    for key in layout.keys:
        keys, pages = panels.sizes[key.location]
        assert key.index < keys
        assert key.page <= pages


# with a sheet


def test_only_what_the_sheet_names_has_a_key() -> None:
    """Where it says, blank keys and apps among them."""
    items = (at("main", 3, "101"), Item("b.xml:6", "main", 1, app_id="parking"), Item("b.xml:7", "main", 2))
    assert places("D65", Sheet(items)) == {"2000": "main:0", "parking": "main:1", "": "main:2", "101": "main:3"}


def test_an_account_comes_before_an_item() -> None:
    """Index 0 of the main panel is the account's; with two lines so is 1, and never on any page."""
    sheet = Sheet((at("main", 0, "101"), at("main", 1, "102"), at("main", 1, "103")))
    assert places("D65", sheet) == {"2000": "main:0", "102": "main:1", "103": "main:1/2"}
    two = (*LINES, Line("2050"))
    layout = lay_out(Panels(MODELS["D65"]), two, PEOPLE, sheet)
    assert [key.name for key in layout.keys] == ["2000", "2050"]
    assert {why for _, _, why in layout.missing} == {"that key is an account's, and accounts come before items"}


@pytest.mark.parametrize(("model", "second"), [("D65", "main:4/2"), ("D70", None), ("D50", None)])
def test_the_same_index_twice_is_for_the_next_page(model: str, second: str | None) -> None:
    """Where the model has one; a D70 has such pages at its side only."""
    sheet = Sheet((at("main", 4 if model != "D50" else 3, "101"), at("main", 4 if model != "D50" else 3, "102")))
    assert places(model, sheet).get("102") == second


def test_what_the_model_has_not_is_told() -> None:
    """With the place in the sheet and the model's number of keys."""
    sheet = Sheet((at("side", 0, "101"), at("main", 6, "102"), at("expansion", 0, "103"), at("main", 1, "999")))
    layout = lay_out(Panels(MODELS["D65"]), LINES, PEOPLE, sheet)
    assert [why for _, _, why in layout.missing] == [
        "a D65 has no side keys",
        "a D65 has 6 main keys, from index 0",
        "a D65 has no expansion keys",
        "the phone has no contact '999'",
    ]
    assert places("D65", sheet, expansion=True)["103"] == "expansion:0"


@pytest.mark.parametrize(
    ("version", "loads"),
    [("1_3_2_0_50000", False), ("1_4_0_0_57389", True), ("2_9_19", True), ("4_27_8", True), ("1", False), ("x", True)],
)
def test_firmware_before_1_4_loads_no_sheet(version: str, loads: bool) -> None:
    """Smart BLF came with 1.4."""
    assert loads_sheets(version) is loads


# lamps


def key(*indicators: Indicator) -> Key:
    """A contact's key; with indicators it stands in a sheet."""
    item = Item("b.xml:1", "main", 1, contact_id="101", indicators=indicators)
    return Key(CONTACT, "101", "Bob", "main", 1, item=item)


def test_without_indicators_the_options_say_how_a_lamp_looks() -> None:
    """Every state of a device is told apart, and of one that is not known nothing is shown."""
    looks = {status: look_of(key(), status, DEFAULT).led for status in NOTES.values()}
    assert looks == {
        "idle": Led("green", "on"), "ringing": Led("red", "fast"), "on_the_phone": Led("red", "on"),
        "on_hold": Led("red", "slow"), "unknown": DARK}  # fmt: skip
    assert look_of(key(), "", DEFAULT).led == DARK
    assert look_of(key(), "idle", KeyOptions(leds={"idle": Led("amber", "on")})).led == Led("amber", "on")


@pytest.mark.parametrize("presence", PRESENCES)
def test_no_presence_lights_a_lamp(presence: str) -> None:
    """There is no target_status for away, dnd and the like."""
    assert look_of(key(Indicator(presence, led_color="red", led_state="on")), "", DEFAULT).led == DARK


def test_an_indicator_says_how_the_key_looks() -> None:
    """Lamp, ring and colours of the label; what it does not say stays as it would be."""
    bob = key(Indicator("ringing", True, "", "amber", "", "#FFFFFF", "#308030"), Indicator("idle", led_state="off"))
    assert look_of(bob, "ringing", DEFAULT) == (Led("amber", "on"), True, "#FFFFFF", "#308030")
    assert look_of(bob, "idle", DEFAULT) == (DARK, False, "", "")
    assert look_of(key(Indicator("idle", led_state="slow")), "idle", DEFAULT).led == Led("green", "slow")


def test_the_indicator_for_just_this_status_comes_before_one_for_all() -> None:
    """Unless the first is chosen: which of them the phones take is not documented."""
    bob = key(Indicator(led_color="red", led_state="slow"), Indicator("idle", led_color="amber", led_state="on"))
    assert look_of(bob, "idle", DEFAULT).led == Led("amber", "on")
    assert look_of(bob, "on_hold", DEFAULT).led == Led("red", "slow")
    assert look_of(bob, "idle", KeyOptions(precedence="first")).led == Led("red", "slow")


def test_a_status_that_no_indicator_names_looks_as_without_a_sheet() -> None:
    """Or dark, by choice."""
    bob = key(Indicator("idle", led_color="amber", led_state="on"))
    assert look_of(bob, "ringing", DEFAULT).led == Led("red", "fast")
    assert look_of(bob, "ringing", KeyOptions(unmatched="dark")).led == DARK


@given(st.sampled_from(("", *NOTES.values())), st.sampled_from(("", *COLOURS)), st.sampled_from(("", *LED_STATES)))
def test_a_lamp_has_a_colour_where_it_is_lit_and_none_where_it_is_off(status: str, colour: str, state: str) -> None:
    """Nobody sees the colour of a lamp that is off."""
    led = look_of(key(Indicator(status, led_color=colour, led_state=state)), status, DEFAULT).led
    assert bool(led.colour) == (led.state != "off")


# from the wire


def test_rules_that_items_share_are_written_once() -> None:
    """An item names them by number."""
    row = {"items": [{"index": 1, "indicators": 0}, {"index": 2, "indicators": 0, "location": "side"}],
           "indicators": [{"rules": [{"target_status": "idle", "led_color": "red", "ring": True}]}]}  # fmt: skip
    first, second = read_sheet(row).items
    assert first.indicators is second.indicators
    assert first.indicators == (Indicator("idle", True, led_color="red"),)
    assert (second.location, second.index) == ("side", 2)


@pytest.mark.parametrize(
    "row",
    [
        {"items": [{}]},
        {"items": [{"index": -1}]},
        {"items": [{"index": True}]},
        {"items": [{"index": 1, "indicators": 0}]},
        {"items": [{"index": 1, "location": "top"}]},
        {"items": {"index": 1}},
        {"items": [{"index": 1}] * 1001},
        {"indicators": [{"rules": [{"led_color": "blue"}]}]},
        {"behaviors": [{"rules": [{"press_function": 5}]}]},
        {"fault": 1},
    ],
)
def test_a_sheet_that_cannot_be_read_is_told(row: dict[str, object]) -> None:
    """What the server sends is bounded and checked."""
    with pytest.raises(Unreadable):
        read_sheet(row)
