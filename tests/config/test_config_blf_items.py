"""The Smart BLF sheet of a phone."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.config.blf_items import MAX_ITEMS, Behavior, Indicator, read_blf_items
from harness.config.folder import read_folder
from harness.errors import InputError, Location

SHEET = """\
<?xml version="1.0"?>
<config>
  <setting id="brightness" value="5"/>
  <smart_blf>
    <blf_items>
      <blf_item location="side" index="0" node="" paging="1" contact_id="101">
        <behaviors>
          <behavior phone_state="incoming/transfer" target_status="idle" press_action="vm" press_function="dial"/>
          <behavior phone_state="idle" long_press_action="intercom" long_press_function="dial"/>
        </behaviors>
        <indicators>
          <indicator target_status="ringing" ring="1" ringtone_id="Techno" led_color="red" led_state="fast"
                     line_label_fgcolor="#FFFFFF" line_label_bgcolor="#308030"/>
          <indicator led_color="green"/>
        </indicators>
      </blf_item>
      <blf_item location="expansion" index="3" node="2" app_id="parking"/>
      <blf_item index="4" blank="1"/>
    </blf_items>
  </smart_blf>
</config>
"""


def sheet(items: str) -> str:
    """A sheet with these items."""
    return f"<config><smart_blf><blf_items>\n{items}\n</blf_items></smart_blf></config>"


def item(inside: str = "", **attributes: str) -> str:
    """One item; without attributes one that is right."""
    given = {"index": "1", "contact_id": "101", **attributes}
    said = " ".join(f'{name}="{value}"' for name, value in given.items())
    return f"<blf_item {said}>{inside}</blf_item>"


def test_items_are_read_with_their_places(write) -> None:
    """Panel, index, module, and what the key is for; an empty attribute is none."""
    read = read_blf_items(write("b.xml", SHEET))
    side, expansion, blank = read.items
    assert [each.where for each in read.items] == [Location("b.xml", line) for line in (6, 17, 18)]
    assert (side.location, side.index, side.node, side.paging) == ("side", 0, "", True)
    assert (side.contact_id, side.app_id, side.blank) == ("101", "", False)
    assert (expansion.location, expansion.node, expansion.app_id) == ("expansion", "2", "parking")
    assert (blank.location, blank.index, blank.blank, blank.contact_id) == ("main", 4, True, "")
    assert (read.fault, read.notes) == ("", [])


def test_rules_are_read_in_order(write) -> None:
    """What a press does, and how the key looks; what is not said is any, or nothing."""
    side = read_blf_items(write("b.xml", SHEET)).items[0]
    assert side.behaviors == [
        Behavior("incoming/transfer", "idle", "vm", "dial"),
        Behavior("idle", long_press_action="intercom", long_press_function="dial"),
    ]
    assert side.indicators == [
        Indicator("ringing", True, "Techno", "red", "fast", "#FFFFFF", "#308030"),
        Indicator(led_color="green"),
    ]


@pytest.mark.parametrize(
    ("items", "said"),
    [
        (item("<indicators><indicator target_status='hold'/></indicators>"), 'did you mean "on_hold"'),
        (item("<indicators><indicator target_status='all'/></indicators>"), "leave it out for all of them"),
        (item("<indicators><indicator target_status='away'/></indicators>"), "'away' is no target_status"),
        (item("<indicators><indicator led_color='blue'/></indicators>"), "there are green, amber, red"),
        (item("<indicators><indicator led_state='blink'/></indicators>"), "'blink' is no led_state"),
        (item("<behaviors><behavior press_fuction='dial'/></behaviors>"), 'did you mean "press_function"'),
        (item("<behaviors><behavior press_function='call'/></behaviors>"), "'call' is no press_function"),
        (item("<behaviors><behavior phone_state='idle/busy'/></behaviors>"), "'busy' is no phone_state"),
        (item("<behaviour/>"), 'did you mean "behaviors"'),
        (item("<behaviors><indicator/></behaviors>"), "<indicator> is not known here"),
        (item(location="top"), "there are main, side, expansion"),
        (item(index=""), "the item has no index"),
        (item(index="-1"), "'-1' is no index"),
        (item(index="1000"), "'1000' is no index"),
        ("<blf_itme/>", 'did you mean "blf_item"'),
        ("<blf_item index='1'>&undefined;</blf_item>", "not well-formed"),
        (item(index="1") * (MAX_ITEMS + 1), f"more than {MAX_ITEMS} items"),
        (item(f"<indicators>{'<indicator/>' * 65}</indicators>"), "more than 64 rules"),
    ],
)
def test_a_word_that_is_not_known_is_told_with_its_line(write, items: str, said: str) -> None:
    """A phone would not load the sheet and not say so."""
    with pytest.raises(InputError) as caught:
        read_blf_items(write("b.xml", sheet(items)))
    assert said in f"{caught.value} {caught.value.advice}"
    assert caught.value.where is not None
    assert caught.value.where.line == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<config><smart_blf></smart_blf></config>", "there is no <blf_items> in it"),
        ("<config><smart_blff><blf_items/></smart_blff></config>", "there is no <blf_items> in it"),
        ("<confg/>", 'did you mean "config"'),
        ("<config>", "not well-formed"),
        ("", "not well-formed"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><config>&b;</config>', "entities are not read in a Smart BLF sheet"),
        ("<config>" + "<a>" * 40, "nested deeper"),
    ],
)
def test_what_is_no_sheet_is_told(write, text: str, said: str) -> None:
    """Entities are never expanded."""
    with pytest.raises(InputError) as caught:
        read_blf_items(write("b.xml", text))
    assert said in f"{caught.value} {caught.value.advice}"


def test_an_item_that_is_for_nothing_or_for_two_is_told(write) -> None:
    """The sheet is loaded all the same."""
    read = read_blf_items(write("b.xml", sheet('<blf_item index="1"/>\n' + item(app_id="voicemail"))))
    assert len(read.items) == 2
    assert [(note.kind, note.where and note.where.line) for note in read.notes] == [("blf", 2), ("blf", 3)]
    assert "has both contact_id and app_id" in read.notes[1].text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(st.one_of(st.binary(max_size=80), st.text(max_size=80).map(lambda text: sheet(text).encode("utf-8", "ignore"))))
def test_any_bytes_are_a_sheet_or_an_error(tmp_path: Path, data: bytes) -> None:
    """Nothing but InputError comes out of a reader."""
    path = tmp_path / "any.xml"
    path.write_bytes(data)
    with contextlib.suppress(InputError):
        read_blf_items(path)


# in a folder

PHONE = """\
[bob]
type=phone
contact=c.xml
blf_contact_group=team
blf_items=blf.php?lines=2
"""
CONTACTS = """\
<contacts group_name="team">
  <contact id="101"><actions><action id="primary" dial="1"/></actions></contact>
</contacts>
"""


def test_the_sheet_is_found_beside_the_contacts(write, tmp_path: Path) -> None:
    """A query after its name is for the server that makes it."""
    write("res_digium_phone.conf", PHONE)
    write("c.xml", CONTACTS)
    write("blf.php", sheet(item()))
    config = read_folder(tmp_path)
    assert [each.contact_id for each in config.blf_sheets["bob"].items] == ["101"]
    assert config.notes == []
    assert "blf.php" in config.files


def test_a_sheet_that_is_not_there_is_told(write, tmp_path: Path) -> None:
    """At the line that names it."""
    write("res_digium_phone.conf", PHONE)
    write("c.xml", CONTACTS)
    (note,) = read_folder(tmp_path).notes
    assert (note.kind, note.where) == ("blf", Location("res_digium_phone.conf", 5))
    assert "which is not there" in note.text


def test_a_sheet_that_a_phone_would_not_load_is_a_note_with_file_and_line(write, tmp_path: Path) -> None:
    """And the phone is told why it has none, for the trace."""
    write("res_digium_phone.conf", PHONE)
    write("c.xml", CONTACTS)
    write("blf.php", sheet(item("<indicators><indicator target_status='hold'/></indicators>")))
    config = read_folder(tmp_path)
    (note,) = config.notes
    assert (note.kind, note.where) == ("blf", Location("blf.php", 2))
    assert 'did you mean "on_hold"' in note.text
    assert config.blf_sheets["bob"].items == []
    assert config.blf_sheets["bob"].fault.startswith("blf.php:2: 'hold' is no target_status")


def test_contacts_and_actions_that_are_not_there_are_told(write, tmp_path: Path) -> None:
    """The phone passes over both in silence."""
    write("res_digium_phone.conf", PHONE)
    write("c.xml", CONTACTS)
    dangling = "<behaviors><behavior press_action='primry' press_function='dial'/></behaviors>"
    write("blf.php", sheet(f"{item(dangling)}\n{item(contact_id='110')}"))
    notes = read_folder(tmp_path).notes
    assert [(note.kind, note.where) for note in notes] == [
        ("dangling", Location("blf.php", 2)),
        ("dangling", Location("blf.php", 3)),
    ]
    assert 'did you mean "primary"' in notes[0].text
    assert "contact '110', which phone bob does not have" in notes[1].text


def test_a_sheet_without_a_group_is_told(write, tmp_path: Path) -> None:
    """The group is what is subscribed to."""
    write("res_digium_phone.conf", PHONE.replace("blf_contact_group=team\n", ""))
    write("c.xml", CONTACTS)
    write("blf.php", sheet(item()))
    (note,) = read_folder(tmp_path).notes
    assert (note.kind, note.where) == ("blf", Location("res_digium_phone.conf", 4))
