"""The keys of a phone that is on: from its configuration, lit by NOTIFYs.

    bob                              server
     |<-- MESSAGE with the configuration-|
     |--- SUBSCRIBE 2001 --------------->|
     |<-- NOTIFY: Ringing ---------------|   the key for 2001 blinks
"""

from __future__ import annotations

from typing import Any

from tests.peers.desk import Desk, configuration, contact
from tests.peers.small_server import presence

RINGING = presence("2001", "away").replace(b"<note>Ready", b"<note>Ringing")
SHEET = {
    "items": [{"index": 4, "contact_id": "2001", "indicators": 0, "where": "blf.xml:7"},
              {"index": 0, "contact_id": "2002", "where": "blf.xml:9"}],
    "indicators": [{"rules": [{"target_status": "ringing", "led_color": "amber", "led_state": "slow", "ring": True}]}],
}  # fmt: skip


def desk(sheet: dict[str, Any] | None = None, **settings: Any) -> Desk:
    """Bob's phone with two contacts."""
    told = configuration(contact("2001"), contact("2002"))
    if sheet is not None:
        told["blf_items"] = sheet
    return Desk(phone=told, **settings)


def keys(of: Desk) -> dict[str, tuple[str, str]]:
    """Where each key stands, and its lamp."""
    return {key.name: (key.place, str(key.led)) for key in of.phone.screen.keys}


def test_a_notify_lights_the_key_and_the_trace_says_so() -> None:
    """One event for contact and key; a NOTIFY that changes the presence alone touches no key."""
    here = desk()

    async def story() -> None:
        await here.start()
        assert keys(here) == {
            "2000": ("main:0", "off"), "2001": ("main:1", "green on"), "2002": ("main:2", "green on")}  # fmt: skip
        here.server.change("auto_hint_2001", RINGING)
        await here.until(lambda: here.shown()[2] == "ringing")
        assert keys(here)["2001"] == ("main:1", "red fast")
        (lit,) = here.events("screen")[-1]["keys"]
        assert (lit["key"], lit["place"], lit["colour"], lit["state"]) == ("2001", "main:1", "red", "fast")
        assert lit["changed"] == [{"field": "led", "before": "green on", "after": "red fast"}]
        here.server.change("auto_hint_2001", RINGING.replace(b'type="away"', b'type="dnd"'))
        await here.until(lambda: here.shown()[0] == "dnd")
        assert "keys" not in here.events("screen")[-1]
        assert keys(here)["2001"] == ("main:1", "red fast")

    here.tell(story)


def test_a_sheet_is_loaded_and_what_it_cannot_show_is_noted() -> None:
    """Its indicators count, the account's key is not given away."""
    here = desk(SHEET)

    async def story() -> None:
        await here.start()
        assert keys(here) == {"2000": ("main:0", "off"), "2001": ("main:4", "green on")}
        (note,) = [each for each in here.events("note") if each["what"] == "no key"]
        assert (note["contact"], note["where"]) == ("2002", "blf.xml:9")
        here.server.change("auto_hint_2001", RINGING)
        await here.until(lambda: here.phone.screen.keys[1].ring)
        assert keys(here)["2001"] == ("main:4", "amber slow")

    here.tell(story)


def test_a_sheet_with_a_fault_is_as_good_as_none() -> None:
    """The phone shows nothing of it; the trace does."""
    here = desk({"fault": "blf.xml:3: 'hold' is no target_status"})

    async def story() -> None:
        await here.start()
        assert set(keys(here)) == {"2000", "2001", "2002"}
        (note,) = [each for each in here.events("note") if each["what"] == "blf items not loaded"]
        assert note["why"] == "blf.xml:3: 'hold' is no target_status"

    here.tell(story)


def test_old_firmware_does_not_load_it() -> None:
    """By its User-Agent, else by its version."""
    here = desk(SHEET, model="D70", version="1_3_0")

    async def story() -> None:
        await here.start()
        assert keys(here)["2001"][0] == "main:1"
        assert "blf items not loaded" in here.notes()

    here.tell(story)


def test_without_a_group_no_contact_has_a_lit_key() -> None:
    """With or without a sheet."""
    for sheet in (None, SHEET):
        here = desk(sheet)
        here.server.phone["blf_contact_group"] = ""  # type: ignore[index]

        async def story(here: Desk = here) -> None:
            await here.start()
            assert set(keys(here)) == {"2000"}

        here.tell(story)


def test_keys_are_drawn_and_part_of_the_snapshot() -> None:
    """Without colours on a terminal, too."""
    here = desk(SHEET)

    async def story() -> None:
        await here.start()
        here.server.change("auto_hint_2001", RINGING)
        await here.until(lambda: here.phone.screen.keys[1].ring)
        drawn = here.phone.screen.render(48)
        assert "[main:4] amber slow Person 2001 (rings)" in drawn
        assert all(len(line) == 48 for line in drawn.split("\n"))
        snapshot = here.phone.screen.snapshot()["keys"]
        assert isinstance(snapshot, list)
        assert snapshot[1] == {
            "place": "main:4", "kind": "contact", "name": "2001", "label": "Person 2001",
            "colour": "amber", "state": "slow", "ring": True, "fgcolor": "", "bgcolor": ""}  # fmt: skip

    here.tell(story)


def test_a_key_is_found_by_who_it_is_for_its_place_or_its_label() -> None:
    """A label that several have names none."""
    here = desk(SHEET)

    async def story() -> None:
        await here.start()
        screen = here.phone.screen
        for text in ("2001", "main:4", "Person 2001"):
            assert (found := screen.find_key(text)) is not None
            assert found.name == "2001"
        assert screen.find_key("2002") is None

    here.tell(story)
