"""`presencestate`, `devstate` and `core show hint(s)`: what they print and what they set off."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pbx.test_commands_desk import Desk

RULE = "-" * 69


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_presence_that_is_stored_is_listed_as_written(desk: Desk) -> None:
    """Encoded texts stay encoded, rows that cannot be read are left out."""
    desk.run('presencestate change CustomPresence:lamp "away,temporary,Out to lunch"')
    desk.run("presencestate change custompresence:b DND,YQ==,Yg==,e")
    desk.run("database put CustomPresence bad nonsense")
    assert desk.run("presencestate list") == (
        f"\n{RULE}\n--- Custom Presence States {'-' * 42}\n{RULE}\n---\n"
        "--- Name: 'CustomPresence:b'\n    --- State: 'dnd'\n    --- Subtype: 'YQ=='\n    --- Message: 'Yg=='\n"
        "    --- Base64 Encoded: 'Yes'\n---\n"
        "--- Name: 'CustomPresence:lamp'\n    --- State: 'away'\n    --- Subtype: 'temporary'\n"
        "    --- Message: 'Out to lunch'\n    --- Base64 Encoded: 'No'\n---\n"
        f"{RULE}\n{RULE}\n\n"
    )


def test_no_presence_ends_the_list_early(desk: Desk) -> None:
    """Without its footer."""
    assert desk.run("presencestate list").endswith("---\nNo custom presence states defined\n")


def test_a_change_of_presence_reaches_watchers_as_typed(desk: Desk) -> None:
    """The state is told as it was typed, up to the first comma."""
    seen = desk.watch("office", "300")
    assert desk.run("presencestate change CustomPresence:300 AWAY,lunch") == "Changing 300 to AWAY\n"
    assert seen == [("presence", 0, "away")]


@pytest.mark.parametrize(
    "words",
    ["", "CustomPresence:x", "CustomPresence: away", "CustomPresence:x foo", "CustomPresence:x away,,,z", "a b c"],
)
def test_a_change_that_is_no_change_prints_the_usage(desk: Desk, words: str) -> None:
    """And stores nothing."""
    assert desk.fail(f"presencestate change {words}".strip()).startswith("Usage: presencestate change <entity>")
    assert desk.store.rows("CustomPresence") == []


def test_another_provider_cannot_be_set(desk: Desk) -> None:
    """Nor another device."""
    assert desk.fail("presencestate change Foo:x away") == (
        "The presencestate command can only be used to set 'CustomPresence:' presence state!\n"
        "Command 'presencestate change Foo:x away' failed.\n"
    )
    assert desk.fail("devstate change SIP/x INUSE") == (
        "The devstate command can only be used to set 'Custom:' device state!\n"
        "Command 'devstate change SIP/x INUSE' failed.\n"
    )


def test_devices_are_listed_with_what_was_typed(desk: Desk) -> None:
    """The footer is there even when nothing else is."""
    header = f"\n{RULE}\n--- Custom Device States {'-' * 44}\n{RULE}\n---\n"
    assert desk.run("devstate list") == f"{header}{RULE}\n{RULE}\n\n"
    assert desk.run("devstate change custom:Lamp inuse") == "Changing Lamp to inuse\n"
    assert desk.run("devstate list") == f"{header}--- Name: 'Custom:Lamp'  State: 'inuse'\n---\n{RULE}\n{RULE}\n\n"
    assert desk.fail("devstate change Custom:Lamp UNKNOWN").startswith("Usage: devstate change")


def test_hints_stand_in_columns(desk: Desk) -> None:
    """Each column is filled or cut; patterns show their text and no presence."""
    lines = desk.run("core show hints").splitlines()
    assert lines[:2] == ["", "    -= Registered Asterisk Dial Plan Hints =-"]
    assert lines[2] == (
        f"{'100@office':30}: {'PJSIP/100,CustomPresence:100':60}  State:{'Unavailable':15} Presence:{'not_set':15} "
        "Watchers  0"
    )
    text = "Custom:${EXTEN},CustomPresence:${EXTEN}"
    assert lines[4].startswith(f"{'_2XX@office':30}: {text:60}  State:{'Unavailable':15} Presence:{'':15} Watch")
    assert lines[-2:] == ["----------------", "- 4 hints registered"]


def test_columns_count_bytes(tmp_path: Path) -> None:
    """A letter of two bytes takes two places, and may be cut in two."""
    device = "ü" * 40
    desk = Desk(tmp_path, f"[c]\nexten => {'é' * 20},hint,Custom:{device}\n")
    line = desk.run("core show hint é").splitlines()[0].encode("utf-8", "surrogateescape")
    assert line.startswith(("é" * 15).encode() + b": Custom:" + ("ü" * 26).encode() + b"\xc3  State:")


def test_a_hint_is_found_by_the_beginning_of_its_name(desk: Desk) -> None:
    """In any case; more words are not looked at."""
    assert desk.run("core show hint 10 and more").splitlines()[2] == "2 hints matching extension 10"
    assert desk.run("core show hint 300").endswith("1 hint matching extension 300\n")
    assert desk.run("core show hint zz") == "No hints matching extension zz\n"
    assert desk.fail("core show hint").startswith("Usage: core show hint <exten>")


def test_a_hint_counts_its_watchers_and_shows_what_was_last_told(desk: Desk) -> None:
    """The stored state, as the watchers know it."""
    desk.watch("office", "300")
    desk.watch("office", "300")
    desk.run("devstate change Custom:300 RINGING")
    desk.run("presencestate change CustomPresence:300 xa")
    line = desk.run("core show hint 300")
    assert f"State:{'Ringing':15} Presence:{'xa':15} Watchers  2\n" in line


def test_no_hints_at_all_are_told(tmp_path: Path) -> None:
    """Whichever was asked for."""
    desk = Desk(tmp_path, "[c]\nexten => 1,1,NoOp\n")
    for command in ("core show hints", "core show hint 1"):
        assert desk.run(command) == "There are no registered dialplan hints\n"
