"""Applications (section 7.8): what they do as measured on Asterisk 22.10.1 with these very lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.dialplan.applications import NAMES
from harness.dialplan.causes import cause_text, parse_cause
from harness.dialplan.channel import Channel
from harness.dialplan.telephony import Cancel, Dialed, NoTelephony, option_letters

Make = Callable[..., Any]


def program(*lines: str, first: str = "s") -> str:
    return f"exten => {first},1," + "\nsame => n".join(
        line if at == 0 else (line if line.startswith("(") else "," + line) for at, line in enumerate(lines)
    )


def said(text: str) -> str:
    return f"UserEvent(E,v: {text})"


# If


def test_a_true_branch_goes_on_into_elseif_and_else_body(desk: Make) -> None:
    """D13: without ExitIf the ElseIf is evaluated, and where it is false the Else body runs too."""
    text = program(
        "If(1)", said("A"), "ElseIf(0)", said("B"), "Else()", said("C"), "EndIf()", said("D [${IF_0}][${IF_1}]")
    )
    assert desk(text).said() == ["A", "C", "D [][]"]


def test_if_with_true_elseif_runs_both(desk: Make) -> None:
    """D13: If(1) ... ElseIf(1) without ExitIf."""
    text = program("If(1)", said("A"), "ElseIf(1)", said("B"), "EndIf()", said("D"))
    assert desk(text).said() == ["A", "B", "D"]


def test_a_false_if_takes_the_first_true_elseif_and_exitif_leaves(desk: Make) -> None:
    """ExitIf jumps behind EndIf."""
    text = program(
        "If(0)", said("A"), "ElseIf(1)", said("B"), "ExitIf()", said("no"), "Else()", said("C"), "EndIf()", said("D")
    )
    assert desk(text).said() == ["B", "D"]


def test_nested_ifs_find_their_own_end(desk: Make) -> None:
    """Else of the outer one is found past the inner one; Else after a true branch is skipped."""
    text = program(
        "If(0)", "If(1)", said("no"), "Else()", said("no"), "EndIf()", "Else()", "If(1)", said("inner"), "Else()",
        said("no"), "EndIf()", said("C"), "EndIf()", said("D")
    )
    assert desk(text).said() == ["inner", "C", "D"]


def test_an_if_without_end_falls_into_its_body(desk: Make) -> None:
    """Nothing to jump to."""
    assert desk(program("If(0)", said("A"), said("B"))).said() == ["A", "B"]


# While


def test_a_loop_counts_and_continues_and_exits(desk: Make) -> None:
    """D13; nested, with ContinueWhile, ExitWhile and If inside."""
    text = program(
        "Set(i=0)", "While($[${i} < 5])", "Set(i=$[${i}+1])", "If($[${i} = 2])", "ContinueWhile()", "EndIf()",
        "If($[${i} = 4])", "ExitWhile()", "EndIf()", "Set(j=0)", "While($[${j} < 2])", "Set(j=$[${j}+1])", "EndWhile()",
        said("${i}.${j}"), "EndWhile()", said("done ${i} [${WHILE_0}]")
    )
    assert desk(text).said() == ["1.2", "3.2", "done 4 []"]


def test_a_loop_that_is_false_at_once_is_passed_over(desk: Make) -> None:
    """Or, without an end, its body runs, with a word about it."""
    assert desk(program("While(0)", said("A"), "EndWhile()", said("B"))).said() == ["B"]
    made = desk(program("While(0)", said("A")))
    assert made.said() == ["A"]
    assert "warning: Couldn't find matching EndWhile?" in made.told


# Goto


def test_goto_jumps_relatively_to_labels_and_across_contexts(desk: Make) -> None:
    """D19, D03."""
    made = desk(
        "[c]\nexten => s,1,Goto(+2)\nsame => n,UserEvent(E,v: no)\nsame => n,GotoIf(0?1)\nsame => n,GotoIf(1?)\n"
        'same => n,GotoIf($["a" = "a"]?d,x,lbl:nolabel)\n[d]\nexten => x,1,UserEvent(E,v: no)\n'
        "same => n(lbl),UserEvent(E,v: lbl ${CONTEXT})\nsame => n,Set(c=$[0${c} + 1])\nsame => n,GotoIf($[${c} < 3]?-2)\n"
        "same => n,Goto(y,2)\nexten => y,1,UserEvent(E,v: no)\nexten => y,2,UserEvent(E,v: y)\nsame => n,Goto(nolabel)\n"
        "same => n,UserEvent(E,v: no)"
    )
    assert made.said() == ["lbl d", "lbl d", "lbl d", "y"]


@pytest.mark.parametrize("where", ["nowhere", "1x", "", "x,nolabel", "zz,s,label"])
def test_a_label_that_is_not_there_hangs_up(desk: Make, where: str) -> None:
    """A number is not checked, and leads to i."""
    made = desk(f"exten => s,1,Goto({where})\nsame => n,UserEvent(E,v: no)\nexten => h,1,UserEvent(E,v: h)")
    assert made.said() == ["h"]


def test_conditions_are_true_as_measured(desk: Make) -> None:
    """Section 7.5: leading integer, other text true, empty false."""
    for text, taken in [
        ("1", True), ("0", False), ("", False), ("0abc", False), ("00", False), ("-1", True), ("0.5", False),
        ('"0"', True), ("no", True), (" 1", True), (" 0", False),
    ]:
        assert desk(f"exten => s,1,GotoIf({text}?y)\nsame => n,Hangup()\nsame => n(y),UserEvent(E,v: y)").said() == (
            ["y"] if taken else []
        )


# Gosub


def test_subroutines_have_arguments_and_locals_and_return_a_value(desk: Make) -> None:
    """Quotes are kept; a subroutine's variables go when it returns, those that they hid come back."""
    made = desk(
        '[c]\nexten => s,1,Gosub(sub,s,1(a,"b,c",d e))\nsame => n,UserEvent(E,v: ${GOSUB_RETVAL} [${ARG1}][${ARGC}])\n'
        "same => n,GosubIf(1?lab(x):other)\nsame => n,GosubIf(0?lab)\nsame => n,GosubIf(1)\nsame => n,Gosub(nosuch,1)\n"
        "same => n,UserEvent(E,v: never)\nexten => s,50(lab),UserEvent(E,v: lab ${ARG1} ${ARGC})\nsame => n,Return()\n"
        "[sub]\nexten => s,1,UserEvent(E,v: ${ARG1}|${ARG2}|${ARG3}|${ARGC}|${LOCAL(ARG1)})\nsame => n,Set(LOCAL(z)=in)\n"
        "same => n,Gosub(s2,1(q))\nsame => n,UserEvent(E,v: ${GOSUB_RETVAL} ${ARG1} ${z})\nsame => n,Return(val ue)\n"
        "exten => s2,1,UserEvent(E,v: ${ARG1} [${ARG2}] ${LOCAL_PEEK(1,ARG1)})\nsame => n,Set(LOCAL(z)=deeper)\n"
        "same => n,Return(r2)"
    )
    assert made.said() == ["a|b", "q [] a", "r2 a in", "val ue [][]", "lab x 1"]


def test_return_without_gosub_hangs_up_and_stackpop_does_not(desk: Make) -> None:
    """LOCAL outside a subroutine is refused, the call goes on."""
    text = program("StackPop()", "Gosub(pop)", "(pop),StackPop()", "Set(LOCAL(x)=1)", said("[${x}]"), "Return()", said("no"))
    assert desk(text).said() == ["[]"]


def test_a_subroutine_that_calls_itself_ends(desk: Make) -> None:
    """There is a limit to the depth."""
    made = desk("exten => s,1,Gosub(1)")
    made.call()
    assert "warning: Gosub: 1000 subroutines deep" in made.told


# variables, events, the rest


def test_set_keeps_everything_and_mset_takes_quotes_off(desk: Make) -> None:
    """Names keep their blanks; without = nothing happens."""
    made = desk(
        program(
            'MSet(a=1,b="x,y",c=a\\,b,d,e="q" r)', said("${a}|${b}|${c}|${d}|${e}"), "Set(q= a=b )", "Set( sp =x)",
            "Set(noequals)", "Set(=x)", said("[${q}][${sp}][${ sp }]")
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
    event = [fields for name, fields in made.events if name == "UserEvent"][0]
    assert list(event.items())[14:] == [
        ("UserEvent", "Foo"), ("key", "again"), ("  k2", "v2"), ("a,b", "c:d"), ("E", "")
    ]
    assert list(event)[:14] == [
        "Channel", "ChannelState", "ChannelStateDesc", "CallerIDNum", "CallerIDName", "ConnectedLineNum",
        "ConnectedLineName", "Language", "AccountCode", "Context", "Exten", "Priority", "Uniqueid", "Linkedid",
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
            "ExecIf(1?UserEvent(E,v: a):UserEvent(E,v: b))", "ExecIf(0?UserEvent(E,v: a):UserEvent(E,v: b))",
            "ExecIf(0?UserEvent(E,v: a))", "ExecIf(1,UserEvent,E\\,v: old)", "ExecIf(1?Goto(7):NoOp())", said("no"),
            "ExecIf(1?nosuch(x))", said("no")
        )
    )
    assert made.said() == ["a", "b", "old"]
    announced = [fields["Application"] for event, fields in made.events if event == "Newexten"]
    assert announced == ["ExecIf"] * 6


def test_verbose_and_log_are_told(desk: Make) -> None:
    """To the observer; an unknown level is a warning."""
    made = desk(program("Verbose(hi)", "Verbose(9,loud)", "Verbose(x,odd)", "Log(NOTICE,note)", "Log(BOGUS,x)", "NoOp(x)"))
    made.call()
    assert made.told == [
        "verbose: hi", "verbose: loud", "verbose: odd", "log: note", "warning: Unknown log level: 'BOGUS'"
    ]


@pytest.mark.parametrize(
    ("text", "cause"), [("", 16), ("17", 17), ("USER_BUSY", 17), ("user_busy", 17), ("bogus", 16), ("BUSY", 16)]
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
    made = desk(program("Wait(0.2)", "Wait(100ms)", "Wait(abc)", "Wait(0.001h)", "Wait(-1)", "Wait(1 x)", "Answer(500)"))
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


class Phones(NoTelephony):
    """Remembers what was asked and answers when told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.done: list[Callable[[Any], None]] = []
        self.broken_off = 0
        self.indicated: list[str] = []

    def _break_off(self) -> None:
        self.broken_off += 1

    def answered(self, channel: Channel) -> None:
        self.indicated.append("answered")

    def indicate(self, channel: Channel, what: str) -> None:
        self.indicated.append(what)

    def dial(self, channel: Channel, devices: Any, timeout: Any, options: Any, done: Any) -> Cancel:
        self.asked.append((devices, timeout, options))
        self.done.append(done)
        return self._break_off

    def play(self, channel: Channel, sound: str, done: Any) -> Cancel:
        self.asked.append((sound,))
        self.done.append(done)
        return self._break_off

    def voicemail(self, channel: Channel, boxes: Any, options: Any, done: Any) -> Cancel:
        self.asked.append((boxes, options))
        done("SUCCESS")
        return self._break_off


DIAL = program("Dial(PJSIP/2000&PJSIP/2001,20,gtU(sub^1))", said("${DIALSTATUS} ${ANSWEREDTIME} ${HANGUPCAUSE}")) + (
    "\nexten => h,1,UserEvent(E,v: h ${DIALSTATUS})"
)


def test_dial_waits_for_its_end(desk: Make) -> None:
    """Devices, seconds and options are handed over; the status comes back."""
    phones = Phones()
    made = desk(DIAL, phones)
    made.begin()
    assert phones.asked == [(("PJSIP/2000", "PJSIP/2001"), 20.0, {"g": "", "t": "", "U": "sub^1"})]
    assert made.ended == []
    phones.done[0](Dialed("ANSWER", answered_time=3.5, cause=16))
    phones.done[0](Dialed("BUSY"))
    assert [fields["v"] for event, fields in made.events if event == "UserEvent"] == ["ANSWER 3 16", "h ANSWER"]


def test_an_answered_call_ends_with_the_callee_unless_g(desk: Make) -> None:
    """Without the option g the dialplan does not go on."""
    phones = Phones()
    made = desk(DIAL.replace("gtU", "tU"), phones)
    made.begin()
    phones.done[0](Dialed("ANSWER"))
    assert [fields["v"] for event, fields in made.events if event == "UserEvent"] == ["h ANSWER"]


def test_a_caller_who_gives_up_breaks_the_dialling_off(desk: Make) -> None:
    """DIALSTATUS is CANCEL, then h runs; what comes later is ignored."""
    phones = Phones()
    made = desk(DIAL, phones)
    made.begin().hang_up(16)
    phones.done[0](Dialed("ANSWER"))
    assert phones.broken_off == 1
    assert [fields["v"] for event, fields in made.events if event == "UserEvent"] == ["h CANCEL"]
    assert made.events[-1][1]["Cause"] == "16"


@pytest.mark.parametrize(
    ("arguments", "status", "goes_on"),
    [
        ("", "CHANUNAVAIL", True),
        (",10", "CHANUNAVAIL", True),
        ("SIP/Bob", "CHANUNAVAIL", True),
        ("PJSIP/", "INVALIDARGS", False),
        ("PJSIP/,10,g", "INVALIDARGS", True),
        ("nothing", "INVALIDARGS", False),
        ("PJSIP/2000,5,U(x", "INVALIDARGS", False),
        ("PJSIP/2000&&PJSIP/1,x", "CHANUNAVAIL", True),
    ],
)
def test_dial_without_anyone_to_reach(desk: Make, arguments: str, status: str, goes_on: bool) -> None:
    """D11: the dialplan goes on where nobody could be reached, and ends where the arguments make no sense."""
    made = desk(f"exten => s,1,Dial({arguments})\nsame => n,UserEvent(E,v: on)\nexten => h,1,UserEvent(E,v: ${{DIALSTATUS}})")
    assert made.said() == (["on", status] if goes_on else [status])


def test_playback_of_a_missing_file_goes_on(desk: Make) -> None:
    """D10: FAILED; skip does nothing where the channel is not up; without an argument the call ends."""
    text = program(
        "Playback(a,SKIP)", said("${PLAYBACKSTATUS} ${CHANNEL(state)}"), "Playback(a,noanswer)",
        said("${PLAYBACKSTATUS} ${CHANNEL(state)}"), "Playback(a)", said("${PLAYBACKSTATUS} ${CHANNEL(state)}"),
        "Playback()", said("no")
    )
    assert desk(text).said() == ["SUCCESS Ring", "FAILED Ring", "FAILED Up"]


def test_sounds_are_played_one_after_the_other(desk: Make) -> None:
    """One that is missing makes it FAILED; hanging up breaks off the one that plays."""
    phones = Phones()
    made = desk(program("Playback( a & b &c)", said("${PLAYBACKSTATUS}")), phones)
    made.begin()
    phones.done[0](True)
    phones.done[1](False)
    assert phones.asked == [("a",), ("b",), ("c",)]
    phones.done[2](True)
    assert [fields["v"] for event, fields in made.events if event == "UserEvent"] == ["FAILED"]
    made.begin().hang_up()
    assert phones.broken_off == 1
    assert len(made.ended) == 2


def test_voicemail_answers_and_goes_on(desk: Make) -> None:
    """D12: FAILED without a box; bad options end the call; e does not answer."""
    text = program("VoiceMail(1@x&2@x,us)", said("${VMSTATUS} ${CHANNEL(state)}"), "VoiceMail(1@x,u(x)", said("no"))
    assert desk(text).said() == ["FAILED Up"]
    phones = Phones()
    assert desk(text, phones).said() == ["SUCCESS Up"]
    assert phones.asked == [(("1@x", "2@x"), {"u": "", "s": ""})]
    phones = Phones()
    assert desk(program("VoiceMail(1,e)", said("${CHANNEL(state)}")), phones).said() == ["Ring"]
    assert phones.indicated == ["progress"]


def test_a_queue_that_is_not_there_goes_on(desk: Make) -> None:
    """QUEUESTATUS tells; an empty name ends the call."""
    assert desk(program("Queue(zz)", said("${QUEUESTATUS}"), "Queue()", said("no"))).said() == ["UNKNOWN"]


def test_indications_go_to_the_telephone_side(desk: Make) -> None:
    """And change nothing else."""
    phones = Phones()
    desk(program("Ringing", "Progress()", "Proceeding", "Answer", "Answer(1,i)", "Busy(1)"), phones).call()
    assert phones.indicated == ["ringing", "progress", "proceeding", "answered", "busy"]


def test_options_are_letters_with_arguments() -> None:
    """Nested parentheses, quotes, backslashes; one that is not closed spoils them all."""
    assert option_letters("gU(a(b)c)t") == {"g": "", "U": "a(b)c", "t": ""}
    assert option_letters('A("x)y\\"")b') == {"A": 'x)y"', "b": ""}
    assert option_letters("A(x\\)y)") == {"A": "x)y"}
    assert option_letters("A(x") is None
    assert option_letters("") == {}


def test_all_applications_of_the_issue_are_there() -> None:
    """By Asterisk's spelling."""
    wanted = (
        "Answer Set MSet GotoIf Goto Gosub Return GosubIf If ElseIf Else ExitIf EndIf While EndWhile ExecIf NoOp Verbose"
        " UserEvent Playback Wait Hangup Dial VoiceMail Queue Busy Congestion Progress Ringing Log ExitWhile ContinueWhile"
    )
    assert set(wanted.split()) <= set(NAMES)
