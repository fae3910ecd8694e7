"""What a reload and live changes of the dialplan do to hints and their watchers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.core import HintEntry, PresenceState
from harness.core.value import Found

Desk = Any
MakeDesk = Callable[..., Any]
OLD = "[default]\n301,hint,Custom:301,CustomPresence:301\n302,hint,Custom:302\n_1XX,hint,Custom:${EXTEN}"


@pytest.fixture
def old(make_desk: MakeDesk) -> Desk:
    """Two hints and a pattern, after their start."""
    desk = make_desk(OLD)
    desk.clear()
    return desk


@pytest.mark.rule("3.9-A", "3.9-order")
def test_a_reload_notifies_nobody_and_keeps_what_was_shown(old: Desk) -> None:
    """The mapping changed, yet watchers and listing keep the old state until something differs."""
    watch = old.watch("301")
    old.set("301", "away,x")
    old.device("new", "INUSE")
    old.clear()
    old.reload("[default]\n301,hint,Custom:new,CustomPresence:new")
    assert old.seen("301") == []
    assert old.general == [("device", "301@default", "Custom:301,CustomPresence:301", 1)]
    hint = old.core.hints.listing()[0]
    assert watch.hint is hint
    assert (hint.text, int(hint.state)) == ("Custom:new,CustomPresence:new", 0)
    assert hint.presence == Found(PresenceState.AWAY, "x", "")
    assert old.core.hints.state("default", "301") == 1
    old.set("new", "away,x")
    old.device("301", "BUSY")
    assert old.seen("301") == []
    old.device("new", "BUSY")
    assert old.seen("301") == [("device", 2, ("away", "x", ""))]


@pytest.mark.rule("3.9-A")
def test_a_stale_state_swallows_the_change_back_to_it(old: Desk) -> None:
    """What equals the old state is no news to the watchers, though the new device was different meanwhile."""
    old.device("new", "INUSE")
    old.watch("302")
    old.reload("[default]\n302,hint,Custom:new")
    old.device("new", "NOT_INUSE")
    assert old.seen("302") == []


@pytest.mark.rule("3.9-B", "3.7-told")
def test_hints_without_watchers_are_computed_anew(old: Desk) -> None:
    """Each is told once, with what it shows now."""
    old.set("new", "dnd")
    old.device("new", "INUSE")
    old.clear()
    old.reload("[default]\n301,hint,Custom:new,CustomPresence:new\n302,hint,Custom:302")
    assert [(where, state) for _, where, _, state in old.general] == [("301@default", 1), ("302@default", 0)]
    hint = old.core.hints.listing()[0]
    assert (int(hint.state), hint.presence) == (1, Found(PresenceState.DND, None, None))


@pytest.mark.rule("3.7-reload", "3.9-text")
def test_the_text_is_looked_up_in_the_old_dialplan(make_desk: MakeDesk) -> None:
    """Blank for a new extension, the old text for a changed one, the included context's for one that it hides."""
    desk = make_desk("[default]\n1,hint,Custom:1\ninclude => inc\n[inc]\n2,hint,Custom:inc2\n_3X,hint,Custom:${EXTEN}")
    desk.clear()
    desk.reload("[default]\n1,hint,Custom:one\n2,hint,Custom:two\n31,hint,Custom:31\n9,hint,Custom:9\n[inc]")
    assert desk.general == [
        ("device", "1@default", "Custom:1", 0),
        ("device", "2@default", "Custom:inc2", 0),
        ("device", "31@default", "Custom:${EXTEN}", 0),
        ("device", "9@default", "", 0),
    ]


@pytest.mark.rule("3.9-removed")
def test_watchers_of_a_hint_that_is_gone_are_told_so(old: Desk) -> None:
    """REMOVED, with no presence left; nothing general; afterwards they watch nothing."""
    watch = old.watch("301")
    old.set("301", "away,x")
    old.clear()
    old.reload("[default]\n302,hint,Custom:302")
    assert old.seen("301") == [("removed", -2, ("not_set", "", ""))]
    assert [where for _, where, _, _ in old.general] == ["302@default"]
    assert not watch.active
    old.reload(OLD)
    old.set("301", "dnd")
    assert len(old.seen("301")) == 1
    watch.cancel()


@pytest.mark.rule("3.9-removed")
def test_a_watcher_that_cancels_another_at_the_end(old: Desk) -> None:
    """It is not called any more, and nothing breaks."""
    later: list[Any] = []
    old.core.hints.watch("default", "301", lambda note: later[0].cancel())
    later.append(old.watch("301"))
    old.reload("[default]")
    assert old.seen("301") == []


@pytest.mark.rule("3.9-order", "3.9-A")
def test_watchers_keep_their_order_and_can_leave_after_a_reload(old: Desk) -> None:
    """They follow the hint through any number of reloads."""
    watches = [old.watch("302", name=name) for name in ("b", "a", "c")]
    for _ in range(3):
        old.reload(OLD)
    watches[1].cancel()
    old.clear()
    old.device("302", "INUSE")
    assert old.order == ["general", "b", "c"]
    assert [len(hint.watchers) for hint in old.core.hints.listing()] == [0, 2, 0]


@pytest.mark.rule("3.8-vanish", "3.9-instances", "3.8-told")
def test_instances_live_on_with_their_watchers_only(old: Desk) -> None:
    """Those with watchers are created again after the configured hints, with the text of the new pattern."""
    old.core.hints.find("default", "150")
    old.watch("151")
    old.device("151", "BUSY")
    old.clear()
    old.reload("[default]\n_1XX,hint,Custom:new${EXTEN}\n301,hint,Custom:301")
    assert old.general == [
        ("device", "301@default", "Custom:301,CustomPresence:301", 0),
        ("device", "151@default", "Custom:new151", 0),
    ]
    listing = [(hint.exten, hint.text, int(hint.state)) for hint in old.core.hints.listing()]
    assert listing[2:] == [("151", "Custom:new151", 2)]
    assert old.seen("151") == []


@pytest.mark.rule("3.9-order")
def test_watchers_move_to_whatever_hint_is_found(make_desk: MakeDesk) -> None:
    """An included context's hint takes over those of a name that left its own context."""
    desk = make_desk("[default]\n1,hint,Custom:1\ninclude => inc\n[inc]\n1,hint,Custom:inc")
    desk.watch("1")
    desk.device("1", "BUSY")
    desk.clear()
    desk.reload("[default]\ninclude => inc\n[inc]\n1,hint,Custom:inc")
    assert desk.seen("1") == []
    desk.device("inc", "INUSE")
    assert [(note.hint.key, note.state) for note in desk.told["1"]] == [(("inc", "1"), 1)]


@pytest.mark.rule("3.9-deactivated")
def test_an_extension_removed_live(old: Desk) -> None:
    """DEACTIVATED with the last presence, nothing general, and events reach it no more."""
    watch = old.watch("301")
    old.set("301", "away,x,y")
    old.clear()
    old.plan.drop("default", "301")
    assert old.core.hints.removed("default", "301")
    assert not old.core.hints.removed("default", "301")
    old.set("301", "dnd")
    old.device("301", "BUSY")
    assert old.seen("301") == [("deactivated", -1, ("away", "x", "y"))]
    assert old.general == []
    assert not watch.active
    assert [hint.exten for hint in old.core.hints.listing()] == ["302", "_1XX"]


@pytest.mark.parametrize("reason", ["presence", "device"])
def test_an_extension_removed_while_its_event_is_told(make_desk: MakeDesk, reason: str) -> None:
    """The hints after it are told all the same, and it is told that it is gone."""
    text = "Custom:x,CustomPresence:x"
    desk = make_desk(f"[default]\n1,hint,{text}\n2,hint,{text}\n3,hint,{text}")

    def remove(note: Any) -> None:
        desk.plan.drop("default", "2")
        desk.core.hints.removed("default", "2")

    desk.core.hints.watch("default", "1", remove)
    desk.watch("2")
    desk.watch("3")
    assert desk.set("x", "away") if reason == "presence" else desk.device("x", "INUSE")
    assert [told for told, _, _ in desk.seen("2")] == ["deactivated"]
    assert [told for told, _, _ in desk.seen("3")] == [reason]


@pytest.mark.rule("3.9-replace")
def test_an_extension_replaced_live(old: Desk) -> None:
    """A device state that differs is told at once, a presence that differs is not."""
    old.watch("301")
    old.device("new", "INUSE")
    old.set("new", "dnd")
    old.clear()
    hint = old.core.hints.changed(old.plan.put("default", "301", "Custom:new,CustomPresence:new", "Name"))
    assert old.seen("301") == [("device", 1, ("not_set", "", ""))]
    assert old.general == [("device", "301@default", "Custom:new,CustomPresence:new", 1)]
    assert (hint.text, hint.name) == ("Custom:new,CustomPresence:new", "Name")
    old.device("301", "BUSY")
    old.set("301", "away")
    assert len(old.seen("301")) == 1
    old.set("new", "xa")
    assert old.seen("301")[1:] == [("presence", 1, ("xa", "", ""))]


@pytest.mark.rule("3.9-replace")
def test_a_replacement_that_changes_no_state_is_told_to_nobody(old: Desk) -> None:
    """Same state, no news; a hint that is not there cannot be replaced."""
    old.watch("301")
    old.core.hints.changed(old.plan.put("default", "301", "Custom:${EXTEN}x"))
    assert (old.general, old.seen("301")) == ([], [])
    assert old.core.hints.find("default", "301").text == "Custom:301x"
    assert old.core.hints.changed(HintEntry("default", "999", "Custom:1")) is None


@pytest.mark.rule("3.9-added", "3.8-once")
def test_an_extension_added_live(old: Desk) -> None:
    """It is told once, with its variables replaced."""
    old.device("303", "ONHOLD")
    hint = old.core.hints.added(old.plan.put("default", "303", "Custom:${EXTEN}"))
    assert old.general == [("device", "303@default", "Custom:303", 16)]
    assert hint.text == "Custom:303"
    assert old.core.hints.find("default", "303") is hint


@pytest.mark.rule("3.9-exists")
def test_a_hint_that_is_there_is_not_added(old: Desk) -> None:
    """Neither over one of the file nor over the instance of a pattern."""
    old.core.hints.find("default", "123")
    old.clear()
    assert old.core.hints.added(HintEntry("default", "301", "Custom:other")) is None
    assert old.core.hints.added(HintEntry("default", "123", "Custom:other")) is None
    assert old.general == []
    assert old.core.hints.text("default", "301") == "Custom:301,CustomPresence:301"


@pytest.mark.rule("3.9-include")
def test_removing_an_include_ends_nothing(make_desk: MakeDesk) -> None:
    """Those who watch through it go on watching; only new ones find nothing."""
    desk = make_desk("[default]\ninclude => inc\n[inc]\n1,hint,Custom:1")
    desk.watch("1")
    desk.plan.includes["default"].clear()
    desk.device("1", "BUSY")
    assert desk.seen("1") == [("device", 2, ("not_set", "", ""))]
    assert desk.watch("1", name="new") is None


def test_what_is_written_during_a_reload_waits(old: Desk) -> None:
    """A callback of the reload that writes is heard by the new dialplan's hints."""
    old.watch("301")
    old.core.hints.subscribe_general(lambda note, text: old.set("301", "away"))
    old.reload(OLD)
    assert old.seen("301") == [("presence", 0, ("away", "", ""))]


@pytest.mark.rule("3.8-autohints", "3.8-vanish")
def test_a_reload_says_anew_which_contexts_want_autohints(make_desk: MakeDesk) -> None:
    """Hints that a device brought about are in no file, so they go."""
    desk = make_desk("[default]\n[other]", autohints=["default"])
    desk.device("lamp", "INUSE")
    desk.reload("[default]\n[other]", autohints=["other"])
    assert desk.core.hints.listing() == ()
    desk.device("lamp", "BUSY")
    assert [hint.key for hint in desk.core.hints.listing()] == [("other", "lamp")]
