"""Applications that need nothing but the channel (section 7.8), as measured on Asterisk 22.10.1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.dialplan.applications import NAMES
from harness.dialplan.causes import cause_text, parse_cause

Make = Callable[..., Any]


def program(*lines: str, first: str = "s") -> str:
    return f"exten => {first},1," + "\nsame => n".join(
        line if at == 0 else (line if line.startswith("(") else "," + line) for at, line in enumerate(lines)
    )


def said(text: str) -> str:
    return f"UserEvent(E,v: {text})"


def test_set_keeps_everything_and_mset_takes_quotes_off(desk: Make) -> None:
    """Names keep their blanks; without = nothing happens."""
    made = desk(
        program(
            'MSet(a=1,b="x,y",c=a\\,b,d,e="q" r)',
            said("${a}|${b}|${c}|${d}|${e}"),
            "Set(q= a=b )",
            "Set( sp =x)",
            "Set(noequals)",
            "Set(=x)",
            said("[${q}][${sp}][${ sp }]"),
        )
    )
    made.call()
    values = [fields["AppData"] for event, fields in made.events if fields.get("Application") == "UserEvent"]
    assert values == ["E,v: 1|x,y|a,b||q r", "E,v: [ a=b ][][x]"]


def test_variables_are_inherited_by_their_underscores(desk: Make) -> None:
    """One underscore for the next channel, two for all after it."""
    made = desk(program("Set(a=1)", "Set(_b=2)", "Set(__c=3)", "Set(b=4)"))
    channel = made.call().channel
    child = channel.child("PJSIP/2000-1")
    assert [child.variables.get(name) for name in "abc"] == [None, None, "3"]
    assert child.child("x").variables.get("c") == "3"


def test_a_user_event_carries_pairs(desk: Make) -> None:
    """D18: values trimmed, keys not; what has no colon is dropped; a key twice keeps its place."""
    made = desk('exten => s,1,UserEvent(Foo,key: val,  k2:   v2  ,none,"a,b": c:d,key: again,E:)')
    made.call()
    event = next(fields for name, fields in made.events if name == "UserEvent")
    assert list(event.items())[14:] == [
        ("UserEvent", "Foo"),
        ("key", "again"),
        ("  k2", "v2"),
        ("a,b", "c:d"),
        ("E", ""),
    ]
    assert list(event)[:14] == [
        "Channel",
        "ChannelState",
        "ChannelStateDesc",
        "CallerIDNum",
        "CallerIDName",
        "ConnectedLineNum",
        "ConnectedLineName",
        "Language",
        "AccountCode",
        "Context",
        "Exten",
        "Priority",
        "Uniqueid",
        "Linkedid",
    ]
    assert event["CallerIDNum"] == "<unknown>"


def test_a_user_event_without_argument_or_with_stray_bytes_hangs_up(desk: Make) -> None:
    """JSON cannot carry what is not UTF-8."""
    assert desk(program("UserEvent()", said("no"))).said() == []
    assert desk(program(said("${BASE64_DECODE(/w==)}"), said("no"))).said() == []


def test_execif_runs_one_or_the_other(desk: Make) -> None:
    """The older form too; an unknown application hangs up; only the place is announced, once."""
    made = desk(
        program(
            "ExecIf(1?UserEvent(E,v: a):UserEvent(E,v: b))",
            "ExecIf(0?UserEvent(E,v: a):UserEvent(E,v: b))",
            "ExecIf(0?UserEvent(E,v: a))",
            "ExecIf(1,UserEvent,E,v: old)",
            "ExecIf(1?Goto(7):NoOp())",
            said("no"),
            "ExecIf(1?nosuch(x))",
            said("no"),
        )
    )
    assert made.said() == ["a", "b", "old"]
    announced = [fields["Application"] for event, fields in made.events if event == "Newexten"]
    assert announced == ["ExecIf"] * 6


def test_verbose_and_log_are_told(desk: Make) -> None:
    """To the observer; an unknown level is a warning."""
    made = desk(
        program("Verbose(hi)", "Verbose(9,loud)", "Verbose(x,odd)", "Log(NOTICE,note)", "Log(BOGUS,x)", "NoOp(x)")
    )
    made.call()
    assert made.told == [
        "verbose: hi",
        "verbose: loud",
        "verbose: odd",
        "log: note",
        "warning: Unknown log level: 'BOGUS'",
    ]


@pytest.mark.parametrize(
    ("text", "cause"),
    [("", 16), ("17", 17), ("USER_BUSY", 17), ("user_busy", 17), ("bogus", 16), ("BUSY", 16)],
)
def test_hangup_sets_the_cause(desk: Make, text: str, cause: int) -> None:
    """By number or the beginning of its name; what is neither counts as normal."""
    made = desk(program(f"Hangup({text})", said("no")))
    assert made.call().channel.hangup_cause == cause
    assert made.events[-1][0] == "Hangup"
    assert (made.events[-1][1]["Cause"], made.events[-1][1]["Cause-txt"]) == (str(cause), cause_text(cause))
    assert parse_cause("-1") is None


def test_wait_takes_time(desk: Make) -> None:
    """Seconds, or with a unit; what is no time takes none."""
    made = desk(
        program("Wait(0.2)", "Wait(100ms)", "Wait(abc)", "Wait(0.001h)", "Wait(-1)", "Wait(1 x)", "Answer(500)")
    )
    made.call()
    assert made.clock.now == pytest.approx(0.2 + 0.1 + 3.6 + 0.5)


def test_busy_and_congestion_end_the_call_after_their_tone(desk: Make) -> None:
    """Or never, without a length; the state is busy unless the channel is up."""
    made = desk(program("Busy(2)", said("no")))
    channel = made.call().channel
    assert (made.clock.now, channel.state.word, channel.hangup_cause) == (2.0, "Busy", 17)
    made = desk(program("Answer()", "Congestion()"))
    execution = made.call()
    assert (execution.channel.state.word, made.ended) == ("Up", [])
    execution.hang_up(16)
    assert len(made.ended) == 1


def test_all_applications_of_the_issue_are_there() -> None:
    """By Asterisk's spelling."""
    wanted = (
        "Answer Set MSet GotoIf Goto Gosub Return GosubIf If ElseIf Else ExitIf EndIf While EndWhile ExecIf NoOp "
        "Verbose UserEvent Playback Wait Hangup Dial Queue Busy Congestion Progress Ringing Log "
        "ExitWhile ContinueWhile"
    )
    assert set(wanted.split()) <= set(NAMES)
