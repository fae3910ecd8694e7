"""Hints as they come into being: from the file, from a pattern, from a device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.core import ASTERISK_11, DeviceState, Presence, PresenceState
from harness.core.value import Found

Desk = Any
MakeDesk = Callable[..., Any]

PLAN = """[default]
300,hint,Custom:300,CustomPresence:300
307,hint,${DEVPFX}:307,CustomPresence:${EXTEN}
_1XX,hint,Custom:${EXTEN},CustomPresence:${EXTEN}
_4XX,hint,Custom:four,CustomPresence:four${EXTEN}
_6XX,hint,Custom:six,CustomPresence:six
include => inc
[inc]
800,hint,Custom:800(Eight Hundred)
_5XX,hint,Custom:${EXTEN}(Five ${EXTEN})
"""


@pytest.fixture
def plan(make_desk: MakeDesk) -> Desk:
    """Ordinary hints, one with variables, patterns of all kinds and an include."""
    return make_desk(PLAN, variables={"DEVPFX": "Custom"}, rows={"/CustomPresence/300": "not_set,x,y"})


def hint(desk: Desk, exten: str, context: str = "default") -> Any:
    return next(hint for hint in desk.core.hints.listing() if hint.key == (context, exten))


@pytest.mark.rule("3.7-stored")
def test_state_and_presence_are_computed_at_creation(make_desk: MakeDesk) -> None:
    """Texts that are not there are missing, and a NOT_SET row's texts are not kept."""
    rows = {
        "/CustomDevstate/1": "RINGING",
        "/CustomPresence/1": "away,x",
        "/CustomPresence/2": "not_set,x,y",
        "/CustomPresence/3": "garbage",
    }
    plan = "[default]\n1,hint,Custom:1,CustomPresence:1\n2,hint,,CustomPresence:2\n3,hint,,CustomPresence:3"
    desk = make_desk(plan, rows)
    shown = [(int(hint.state), hint.presence) for hint in desk.core.hints.listing()]
    assert shown == [
        (8, Found(PresenceState.AWAY, "x", None)),
        (4, Found(PresenceState.NOT_SET, None, None)),
        (4, Found(PresenceState.INVALID, None, None)),
    ]
    assert desk.core.hints.presence("default", "2") == Presence(PresenceState.NOT_SET, "x", "y")


@pytest.mark.rule("3.7-told", "3.7-dynamic")
def test_new_hints_are_told_to_the_general_callbacks(plan: Desk) -> None:
    """In the order of the file, patterns without a variable too, those with one not."""
    assert plan.general == [
        ("device", "300@default", "Custom:300,CustomPresence:300", 0),
        ("device", "307@default", "Custom:307,CustomPresence:307", 0),
        ("device", "_6XX@default", "Custom:six,CustomPresence:six", 0),
        ("device", "800@inc", "Custom:800", 0),
    ]


@pytest.mark.rule("3.7-told")
def test_11_tells_nobody_of_new_hints(make_desk: MakeDesk) -> None:
    """The older profile keeps creation to itself."""
    desk = make_desk(PLAN, profile=ASTERISK_11)
    desk.core.hints.find("default", "123")
    assert desk.general == []


@pytest.mark.rule("3.7-dynamic")
def test_a_pattern_with_a_variable_shows_nothing(plan: Desk) -> None:
    """Unavailable, without a valid presence, its text as it was written."""
    pattern = hint(plan, "_1XX")
    assert (pattern.text, int(pattern.state)) == ("Custom:${EXTEN},CustomPresence:${EXTEN}", 4)
    assert pattern.presence == Found(PresenceState.INVALID)
    assert pattern.dynamic
    assert not hint(plan, "_6XX").dynamic


@pytest.mark.rule("3.8-once")
def test_variables_are_replaced_when_a_hint_is_added(plan: Desk) -> None:
    """Later changes of the variable change nothing."""
    plan.plan.variables["DEVPFX"] = "PJSIP"
    assert hint(plan, "307").text == "Custom:307,CustomPresence:307"
    assert plan.core.hints.text("default", "307") == "Custom:307,CustomPresence:307"


@pytest.mark.rule("3.8-pattern", "3.8-told", "3.8-listed")
@pytest.mark.parametrize(
    "ask",
    [
        lambda desk: desk.core.hints.state("default", "123"),
        lambda desk: desk.core.hints.presence("default", "123"),
        lambda desk: desk.core.hints.find("default", "123"),
        lambda desk: desk.watch("123"),
    ],
    ids=["state", "presence", "find", "watch"],
)
def test_asking_creates_the_instance_of_a_pattern(plan: Desk, ask: Callable[[Desk], object]) -> None:
    """Once, with its own text, told like any new hint and listed beside its pattern."""
    plan.clear()
    ask(plan)
    ask(plan)
    assert plan.general == [("device", "123@default", "Custom:123,CustomPresence:123", 0)]
    assert [hint.exten for hint in plan.core.hints.listing()] == [
        *("300", "307", "_1XX", "_4XX", "_6XX", "800", "_5XX", "123")
    ]
    assert plan.core.hints.text("default", "123") == "Custom:123,CustomPresence:123"


@pytest.mark.rule("3.8-pattern")
def test_an_instance_is_a_hint_like_any_other(plan: Desk) -> None:
    """It has watchers and is told what happens."""
    plan.watch("123")
    plan.set("123", "away,pattern")
    plan.device("123", "INUSE")
    assert plan.seen("123") == [("presence", 0, ("away", "pattern", "")), ("device", 1, ("away", "pattern", ""))]


@pytest.mark.rule("3.8-holder")
def test_an_instance_lives_where_its_pattern_does(plan: Desk) -> None:
    """That may be an included context; its name is the pattern's."""
    watch = plan.watch("512")
    assert watch.hint.key == ("inc", "512")
    assert plan.core.hints.find("inc", "512") is watch.hint
    assert plan.core.hints.find("default", "800").key == ("inc", "800")
    assert plan.plan.contexts["inc"]["512"].text == "Custom:512(Five 512)"


@pytest.mark.rule("3.8-exists", "3.8-function")
def test_some_questions_create_nothing(plan: Desk) -> None:
    """Whether there is a hint, what its text and its name are: a pattern answers for itself."""
    hints = plan.core.hints
    plan.clear()
    assert hints.exists("default", "123")
    assert hints.text("default", "123") == "Custom:${EXTEN},CustomPresence:${EXTEN}"
    assert hints.name("default", "800") == "Eight Hundred"
    assert hints.name("default", "123") == ""
    assert plan.general == []
    assert len(hints.listing()) == 7


@pytest.mark.rule("3.8-function")
def test_an_extension_without_a_hint(plan: Desk) -> None:
    """Every question has its answer for nothing."""
    hints = plan.core.hints
    assert not hints.exists("default", "999")
    assert hints.state("default", "999") == -1
    answers = [hints.presence("default", "999"), hints.find("nowhere", "300"), hints.text("default", "999")]
    assert [*answers, hints.name("default", "999"), plan.watch("999")] == [None] * 5


@pytest.mark.rule("3.8-literal")
def test_the_name_of_a_pattern_finds_the_pattern(plan: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It exists and has a state, but nobody can watch it, and nothing is created."""
    hints = plan.core.hints
    plan.clear()
    monkeypatch.delattr(type(plan.plan), "add_hint")
    assert hints.exists("default", "_6XX")
    assert hints.find("default", "_6XX").key == ("default", "_6XX")
    assert hints.state("default", "_6XX") == 0
    assert plan.watch("_6XX") is None
    assert plan.general == []


@pytest.mark.rule("3.4-patterns")
def test_pieces_of_a_pattern_reach_it_as_they_stand(plan: Desk) -> None:
    """The pattern itself is told of first, by its unevaluated text, then its instances."""
    for exten in ("405", "455"):
        plan.core.hints.find("default", exten)
    plan.clear()
    plan.device("four", "INUSE")
    assert plan.general == [
        ("device", "_4XX@default", "Custom:four,CustomPresence:four${EXTEN}", 1),
        ("device", "405@default", "Custom:four,CustomPresence:four405", 1),
        ("device", "455@default", "Custom:four,CustomPresence:four455", 1),
    ]
    plan.clear()
    plan.set("six", "away")
    assert plan.general == [("presence", "_6XX@default", "Custom:six,CustomPresence:six", ("away", "", ""))]


@pytest.mark.rule("3.4-patterns")
def test_pieces_with_a_variable_reach_a_pattern_by_that_text_only(plan: Desk) -> None:
    """An event of a number reaches no pattern that could have it."""
    plan.clear()
    plan.set("123", "away")
    plan.device("123", "INUSE")
    assert plan.general == []
    plan.set("${EXTEN}", "away")
    assert [where for _, where, _, _ in plan.general] == ["_1XX@default"]


@pytest.mark.rule("3.8-autohints")
def test_a_device_without_a_hint_gets_one(make_desk: MakeDesk) -> None:
    """Named after what follows the first slash or colon, told once with its state, in each such context."""
    desk = make_desk("[default]\n1,hint,Custom:1\n_7XX,hint,Custom:any\n[other]", autohints=["default", "other"])
    desk.clear()
    desk.device("lamp", "INUSE")
    assert desk.general == [("device", "lamp@default", "Custom:lamp", 1), ("device", "lamp@other", "Custom:lamp", 1)]
    assert desk.core.hints.name("default", "lamp") == "Custom:lamp"
    desk.clear()
    desk.device("lamp", "BUSY")
    assert desk.general == [("device", "lamp@default", "Custom:lamp", 2), ("device", "lamp@other", "Custom:lamp", 2)]


@pytest.mark.rule("3.8-autohints")
def test_a_name_that_has_a_hint_gets_no_other(make_desk: MakeDesk) -> None:
    """Neither one of the file nor one that a pattern or an include would give."""
    plan = "[default]\n1,hint,Custom:x\n_7XX,hint,Custom:y\ninclude => inc\n[inc]\nz,hint,Custom:z"
    desk = make_desk(plan, autohints=["default"])
    desk.clear()
    for name in ("1", "712", "z"):
        desk.core.devices.publish_uncached(f"Local/{name}", DeviceState.INUSE)
    assert len(desk.core.hints.listing()) == 3


@pytest.mark.rule("3.8-autohints")
@pytest.mark.parametrize(
    ("device", "exten"), [("Local/re@default", "re@default"), ("Custom:a/b", "a/b"), ("PJSIP/a:b", "a:b")]
)
def test_the_name_follows_the_first_separator(make_desk: MakeDesk, device: str, exten: str) -> None:
    """Channels count too, and the state is what the technology says."""
    desk = make_desk("[default]", autohints=["default"])
    desk.core.devices.register_technology("Local", lambda address: DeviceState.INUSE)
    desk.core.devices.publish_uncached(device, DeviceState.INUSE)
    assert [hint.key for hint in desk.core.hints.listing()] == [("default", exten)]
    assert desk.general == [("device", f"{exten}@default", device, 1 if "Local" in device else 4)]


@pytest.mark.rule("3.8-autohints")
@pytest.mark.parametrize("device", ["plain", "Local/", "Custom:"])
def test_a_device_without_a_name_gets_no_hint(make_desk: MakeDesk, device: str) -> None:
    """There is nothing to call it by."""
    desk = make_desk("[default]", autohints=["default"])
    desk.core.devices.publish_uncached(device, DeviceState.INUSE)
    assert desk.core.hints.listing() == ()
