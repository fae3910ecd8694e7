"""`dialplan`: what is shown, live changes, and what they do to those who watch."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pbx.test_commands_desk import EXTENSIONS, Desk

DEACTIVATED, REMOVED = -1, -2


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_context_is_shown_with_its_lines_and_their_origin(desk: Desk) -> None:
    """Hints first, labels in the place of the name, then what it includes."""
    assert desk.run("dialplan show office") == (
        "[ Context 'office' created by 'pbx_config' ]\n"
        "  '100' =>          hint: PJSIP/100,CustomPresence:100            [extensions.conf:7]\n"
        "                    1. NoOp(first)                                [extensions.conf:8]\n"
        "     [ring]         2. Dial(PJSIP/100,20)                         [extensions.conf:9]\n"
        "  '102' =>          hint: Custom:102                              [extensions.conf:10]\n"
        "  '_2XX' =>         hint: Custom:${EXTEN},CustomPresence:${EXTEN} [extensions.conf:11]\n"
        "  Include =>        'shared'                                      [pbx_config]\n"
        "\n"
        "-= 3 extensions (5 priorities) in 1 context. =-\n"
    )


def test_everything_is_shown_from_the_youngest_context_on(desk: Desk) -> None:
    """With the context that a module of Asterisk makes: after those that commands made, before the file's."""
    desk.run("dialplan add extension 1,1,NoOp into young")
    shown = desk.run("dialplan show")
    titles = [line.split("'")[1] for line in shown.splitlines() if line.startswith("[ Context")]
    assert titles == ["young", "__func_periodic_hook_context__", "shared", "office"]
    assert shown.endswith("-= 7 extensions (17 priorities) in 4 contexts. =-\n")


def test_a_number_is_shown_wherever_it_matches(desk: Desk) -> None:
    """In the context and in what it includes, which is named as included."""
    shown = desk.run("dialplan show 300@office")
    assert shown.startswith("[ Included context 'shared' created by 'pbx_config' ]\n")
    assert shown.endswith("-= 1 extension (2 priorities) in 1 context. =-\n")
    assert "'_2XX' =>" in desk.run("dialplan show 222@")


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("nosuch", "There is no existence of 'nosuch' context\n"),
        ("OFFICE", "There is no existence of 'OFFICE' context\n"),
        ("999@office", "There is no existence of 999@office extension\n"),
        ("999@", "There is no existence of '999' extension in all contexts\n"),
    ],
)
def test_what_is_not_there_is_said(desk: Desk, place: str, said: str) -> None:
    """The command fails."""
    assert desk.fail(f"dialplan show {place}") == f"{said}Command 'dialplan show {place}' failed.\n"


def test_a_circle_of_includes_ends(tmp_path: Path) -> None:
    """Each context is included once."""
    desk = Desk(tmp_path, "[a]\nexten => 1,1,NoOp\ninclude => b\n[b]\ninclude => a\nexten => 1,1,NoOp\n")
    assert desk.run("dialplan show 1@a").count("ontext '") == 3


def test_callers_ignore_patterns_and_switches_are_shown(tmp_path: Path) -> None:
    """Each in its form; for a number, only the ignore patterns that match it."""
    desk = Desk(tmp_path, "[c]\nexten => 1/555,1,NoOp\nignorepat => 9\nswitch => Realtime/a@b\nautohints = yes\n")
    shown = desk.run("dialplan show c")
    assert "Autohints support enabled\n" in shown
    assert "  '1' (CID match '555') =>  1. NoOp()                                     [extensions.conf:2]\n" in shown
    assert "  Ignore pattern => '9'                                           [pbx_config]\n" in shown
    assert "  Alt. Switch =>    'Realtime/a@b'                                [pbx_config]\n" in shown
    assert "Ignore" not in desk.run("dialplan show 1@c")


def test_globals_are_listed_from_the_last_one_set(desk: Desk) -> None:
    """Setting one again moves it to the front."""
    assert desk.run('dialplan set global NEW "a b"') == "\n    -- Global variable 'NEW' set to 'a b'\n"
    desk.run("dialplan set global ONE 11")
    assert desk.run("dialplan show globals") == "   ONE=11\n   NEW=a b\n   TWO=two words\n\n    -- 3 variable(s)\n"


def test_a_function_is_evaluated_on_a_channel_of_its_own(desk: Desk) -> None:
    """Its end is a device event; a function that fails gives nothing."""
    seen: list[tuple[str, str]] = []
    desk.core.devices.subscribe(lambda device, state: seen.append((device, state.token)))
    assert desk.run("dialplan eval function LEN(abcd)") == "Return Value: Success (0)\nResult: 4\n"
    assert desk.run("dialplan eval function NOSUCH(1)") == "Return Value: Failure (-1)\nResult: \n"
    assert seen == [("CLIEval/1", "INVALID"), ("CLIEval/2", "INVALID")]


def test_there_is_no_channel_to_set_variables_of(desk: Desk) -> None:
    """Whatever its name."""
    assert desk.fail("dialplan set chanvar SIP/1 a b").startswith("Channel 'SIP/1' not found\n")
    assert desk.fail("dialplan show chanvar x").startswith("Channel 'x' not found\n")


@pytest.mark.parametrize(
    ("typed", "step", "said"),
    [
        ("900,1,NoOp", "1. NoOp()", "900,1,NoOp()"),
        ("900,2,Set,a=b", "2. Set(a=b)", "900,2,Set(a=b)"),
        ("900,3,Set(a=b,c)x", "3. Set(a=b,c)", "900,3,Set(a=b,c)"),
        ("900,4x,App(a", "4. App(a()", "900,4x,App(a()"),
        ("900,99999999999,App", "1215752191. App()", "900,99999999999,App()"),
    ],
)
def test_a_line_is_added_in_each_of_its_forms(desk: Desk, typed: str, step: str, said: str) -> None:
    """`App`, `App(arguments)` and `App,arguments`; a priority is a number up to where it stops being one."""
    assert desk.run(f"dialplan add extension {typed} into office") == (
        f"Extension '{said}' added into 'office' context\n"
    )
    assert f"'900' =>          {step:45} [pbx_config]" in desk.run("dialplan show 900@office")


@pytest.mark.parametrize(
    "words",
    ["900 into office", "900,1 into office", "900,1,NoOp in office", "900,1,NoOp into office again", "900,1,NoOp"],
)
def test_an_unfinished_line_prints_the_usage(desk: Desk, words: str) -> None:
    """And adds nothing."""
    assert desk.fail(f"dialplan add extension {words}").startswith("Usage: dialplan add extension")


def test_a_taken_place_needs_replace(desk: Desk) -> None:
    """Which says what it did."""
    assert desk.fail("dialplan add extension 100,1,NoOp into office").startswith(
        "Extension 100@office with priority 1 already exists\n"
    )
    assert desk.run("dialplan add extension 100,1,NoOp(x) into office replace") == (
        "Extension 100@office (1) replace by '100,1,NoOp(x)'\n"
    )


def test_a_new_context_is_announced(desk: Desk) -> None:
    """For extensions and for includes."""
    assert desk.run("dialplan add extension 1,1,NoOp into new").startswith(
        "Context 'new' did not exist prior to add extension - the context will be created.\n"
    )
    assert desk.run("dialplan add include new into newer") == (
        "Context 'newer' did not exist prior to add include - the context will be created.\n"
        "Context 'new' included in 'newer' context\n"
    )
    assert desk.fail("dialplan add include NEW into newer").startswith("Context 'NEW' already included in 'newer'")
    assert desk.run("dialplan remove include new from newer") == "We are not including 'new' into 'newer' now\n"
    assert desk.fail("dialplan remove include new from newer").startswith("Failed to remove 'new' include")


def test_a_hint_that_is_added_lives(desk: Desk) -> None:
    """It follows its device at once."""
    desk.run("dialplan add extension 600,hint,Custom:600,CustomPresence:600() into office")
    seen = desk.watch("office", "600")
    desk.run("devstate change Custom:600 INUSE")
    desk.run("presencestate change CustomPresence:600 dnd")
    assert seen == [("device", 1, "not_set"), ("presence", 1, "dnd")]


def test_a_hint_that_is_replaced_tells_its_new_device_state(desk: Desk) -> None:
    """Not its new presence."""
    seen = desk.watch("office", "300")
    desk.run("devstate change Custom:other INUSE")
    desk.run("presencestate change CustomPresence:other away")
    desk.run("dialplan add extension 300,hint,Custom:other,CustomPresence:other() into shared replace")
    assert seen == [("device", 1, "not_set")]


@pytest.mark.parametrize(
    "command",
    ["remove extension 300@shared hint", "remove extension 300@shared", "remove context shared"],
)
def test_a_hint_that_is_removed_ends_its_watchers(desk: Desk, command: str) -> None:
    """They are told that it was deactivated."""
    seen = desk.watch("office", "300")
    desk.run(f"dialplan {command}")
    assert seen == [("deactivated", DEACTIVATED, "not_set")]
    assert desk.run("core show hint 300").startswith("No hints")


def test_removing_an_include_leaves_watchers_alone(desk: Desk) -> None:
    """They still hear of changes."""
    seen = desk.watch("office", "300")
    desk.run("dialplan remove include shared from office")
    desk.run("devstate change Custom:300 BUSY")
    assert seen == [("device", 2, "not_set")]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("100@office 0", "If you want to remove whole extension, please omit priority argument\n"),
        ("100@office x", "Invalid priority 'x'\n"),
        ("100", "Missing extension or context name in third argument '100'\n"),
        ("@office", "Missing extension or context name in third argument '@office'\n"),
        ("1@2@3", ""),
        ("777@office", "Failed to remove extension 777@office\n"),
        ("777/5@office", "Failed to remove extension 777/5@office\n"),
    ],
)
def test_what_cannot_be_removed_is_said(desk: Desk, words: str, said: str) -> None:
    """The command fails."""
    assert desk.fail(f"dialplan remove extension {words}") == (
        f"{said}Command 'dialplan remove extension {words}' failed.\n"
    )


def test_a_caller_is_part_of_the_name(tmp_path: Path) -> None:
    """One line of a name with callers needs the caller; the whole name takes all of them."""
    desk = Desk(tmp_path, "[c]\nexten => 1/5,1,NoOp\nexten => 1,1,NoOp\nexten => 1,2,NoOp\n")
    assert desk.fail("dialplan remove extension 1@c 1").startswith("Failed to remove extension 1@c")
    assert desk.run("dialplan remove extension 1/5@c 1") == "Extension 1@c with priority 1 removed\n"
    assert desk.run("dialplan remove extension 1@c 1") == "Extension 1@c with priority 1 removed\n"
    assert desk.run("dialplan remove extension 1@c") == "Whole extension 1@c removed\n"


def test_a_hint_with_a_dash_cannot_be_removed_by_its_name(tmp_path: Path) -> None:
    """Asterisk looks for the name without the dash, which the hint has kept."""
    desk = Desk(tmp_path, "[c]\nexten => 10-6,hint,Custom:a\n")
    assert desk.fail("dialplan remove extension 10-6@c hint").startswith("Failed to remove extension 10-6@c")


def test_the_youngest_context_of_a_name_in_any_case_is_removed(tmp_path: Path) -> None:
    """Although the name that is asked for must exist as it is typed."""
    desk = Desk(tmp_path, "[c]\nexten => 1,1,NoOp\n[C]\nexten => 1,1,NoOp\n")
    assert desk.run("dialplan remove context c") == "Removed context 'c'\n"
    assert desk.run("dialplan show c")
    assert desk.fail("dialplan show C")
    assert desk.run("dialplan remove context nosuch") == "There is no such context as 'nosuch'\n"


def test_ignore_patterns_come_and_go(desk: Desk) -> None:
    """Once each."""
    assert desk.run("dialplan add ignorepat 8 into office") == "Ignore pattern '8' added into 'office' context\n"
    assert desk.fail("dialplan add ignorepat 8 into office").startswith("Ignore pattern '8' already included")
    assert "Ignore pattern => '8'" in desk.run("dialplan show office")
    assert desk.run("dialplan remove ignorepat 8 from office") == (
        "Ignore pattern '8' removed from 'office' context\n"
    )
    assert desk.fail("dialplan remove ignorepat 8 from office").startswith("There is no existence of '8' ignore")


# reload


def test_a_reload_undoes_what_commands_did(desk: Desk) -> None:
    """Contexts, lines and globals of the file are as they were; other globals stay."""
    before = desk.run("dialplan show")
    desk.run("dialplan add extension 1,1,NoOp into young")
    desk.run("dialplan remove context shared")
    desk.run("dialplan set global ONE 7")
    desk.run("dialplan set global OWN 8")
    assert desk.run("dialplan reload") == "Dialplan reloaded.\n"
    assert desk.run("dialplan show") == before
    assert set(desk.plan.globals.newest_first()) == {("ONE", "1"), ("TWO", "two words"), ("OWN", "8")}


def test_a_reload_tells_watchers_nothing_although_their_hint_changed(desk: Desk) -> None:
    """The old state stays until the new device or provider says otherwise."""
    seen = desk.watch("office", "300")
    desk.run("devstate change Custom:new INUSE")
    desk.write("extensions.conf", EXTENSIONS.replace("Custom:300", "Custom:new"))
    desk.run("dialplan reload")
    assert seen == []
    assert f"State:{'Idle':15} Presence:{'not_set':15} Watchers  1\n" in desk.run("core show hint 300")
    desk.run("devstate change Custom:new BUSY")
    assert seen == [("device", 2, "not_set")]


def test_a_hint_that_a_reload_removes_ends_its_watchers(desk: Desk) -> None:
    """They are told that it is gone."""
    seen = desk.watch("office", "300")
    desk.write("extensions.conf", EXTENSIONS.replace("exten => 300,hint", "exten => 301,hint"))
    desk.run("dialplan reload")
    assert seen == [("removed", REMOVED, "not_set")]


def test_an_instance_of_a_pattern_outlives_a_reload_only_with_watchers(desk: Desk) -> None:
    """Those without are gone until somebody asks again."""
    desk.watch("office", "222")
    desk.core.hints.find("office", "233")
    desk.run("dialplan reload")
    assert desk.run("core show hint 2").splitlines()[-1] == "1 hint matching extension 2"
    assert desk.plan.hint_for("office", "233") == desk.core.hints.extensions.hint_for("office", "233")
    desk.core.hints.find("office", "234")
    assert "'234' =>" in desk.run("dialplan show 234@office")


def test_events_of_a_reload_carry_the_text_that_was_in_force(desk: Desk) -> None:
    """The new dialplan takes over when its hints are made."""
    texts: list[str] = []
    desk.core.hints.subscribe_general(lambda _note, text: texts.append(text))
    desk.write("extensions.conf", EXTENSIONS.replace("Custom:300", "Custom:new"))
    desk.run("dialplan reload")
    assert "Custom:300,CustomPresence:300" in texts
    assert desk.core.hints.text("office", "300") == "Custom:new,CustomPresence:300"


@pytest.mark.parametrize("broken", ["#include nosuch.conf\n", "[office\n"])
def test_a_file_that_cannot_be_read_changes_nothing(desk: Desk, broken: str) -> None:
    """`dialplan reload` says that it reloaded all the same; `module reload` tells the truth."""
    before = desk.run("dialplan show")
    desk.write("extensions.conf", broken)
    assert desk.run("dialplan reload") == "Dialplan reloaded.\n"
    assert desk.run("module reload pbx_config.so") == "The module 'pbx_config.so' reported a reload failure\n"
    assert desk.run("dialplan show") == before
    assert any("extensions.conf:1" in text for text in desk.told)


def test_clearglobalvars_counts_from_the_reload_after_it_was_read(desk: Desk) -> None:
    """Even where that one cannot read the file."""
    desk.write("extensions.conf", EXTENSIONS.replace("[general]", "[general]\nclearglobalvars = yes"))
    desk.run("dialplan set global OWN 8")
    desk.run("dialplan reload")
    assert "OWN=8" in desk.run("dialplan show globals")
    desk.write("extensions.conf", "[broken\n")
    desk.run("dialplan reload")
    assert desk.run("dialplan show globals") == "\n    -- 0 variable(s)\n"


def test_what_no_file_holds_is_added_again_at_each_reload(desk: Desk) -> None:
    """The DPMA's hints keep their watchers."""
    desk.plan.add_hint("office", "auto_hint_100", "Custom:100")
    desk.core.hints.added(desk.core.hints.extensions.hint_for("office", "auto_hint_100"))  # type: ignore[arg-type]
    seen = desk.watch("office", "auto_hint_100")
    desk.commands.dialplan.parts.append(lambda plan: plan.add_hint("office", "auto_hint_100", "Custom:100"))
    desk.run("dialplan reload")
    desk.run("devstate change Custom:100 INUSE")
    assert seen == [("device", 1, "not_set")]


def test_autohints_work_for_the_contexts_of_the_new_file(desk: Desk) -> None:
    """And no longer for those of the old one."""
    desk.write("extensions.conf", EXTENSIONS + "[auto]\nautohints = yes\n")
    desk.run("dialplan reload")
    desk.run("devstate change Custom:fresh INUSE")
    assert "fresh@auto" in desk.run("core show hint fresh")


@pytest.mark.parametrize(
    ("general", "there"),
    [("", False), ("static=yes", True), ("static=yes\nwriteprotect=yes", False), ("static=no", False)],
)
def test_saving_is_for_a_dialplan_that_is_not_protected(tmp_path: Path, general: str, there: bool) -> None:
    """Without `static=yes`, or with `writeprotect=yes`, there is no such command."""
    said = Desk(tmp_path, extensions=f"[general]\n{general}\n[a]\nexten => 1,1,NoOp()\n").commands.run("dialplan save")
    assert said[1].startswith("No such command") != there


def test_what_that_channel_is_and_keeps(desk: Desk) -> None:
    """Which has a number; what it sets there is gone with it. A row that is not there is a failure."""
    assert desk.run("dialplan eval function CHANNEL(name)") == "Return Value: Success (0)\nResult: CLIEval/1\n"
    desk.run('dialplan eval function "SET(ONE=7)"')
    assert "ONE=1\n" in desk.run("dialplan show globals")
    assert desk.run("dialplan eval function DB(a/b)") == "Return Value: Failure (-1)\nResult: \n"
