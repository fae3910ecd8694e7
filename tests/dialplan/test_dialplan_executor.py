"""The loop (section 7.6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.dialplan.executor import MAX_PRIORITIES_WITHOUT_PAUSE, Phase

Make = Callable[..., Any]


def test_an_unknown_application_hangs_up_and_h_runs(desk: Make) -> None:
    """D07: h runs on a channel that is hung up; Wait ends it, and so does Answer."""
    made = desk(
        "exten => s,1,NoSuchApp(x)\nsame => n,UserEvent(E,v: no)\n"
        "exten => h,1,UserEvent(E,v: ${CHANNEL(checkhangup)})\n"
        "same => n,Goto(4)\nsame => n,UserEvent(E,v: no)\nsame => n,UserEvent(E,v: ${EXTEN} ${PRIORITY})\n"
        "same => n,Wait(1)\nsame => n,UserEvent(E,v: no)"
    )
    assert made.said() == ["1", "h 4"]
    made = desk("exten => s,1,Hangup()\nexten => h,1,Answer()\nsame => n,UserEvent(E,v: no)")
    assert made.said() == []
    assert made.events[-1][0] == "Hangup"


def test_running_off_the_end_hangs_up(desk: Make) -> None:
    """D08; the priority that was not there is the one that Hangup tells."""
    made = desk("exten => s,1,NoOp()")
    made.call()
    assert made.events[-1][0] == "Hangup"
    assert (made.events[-1][1]["Priority"], made.events[-1][1]["Cause"]) == ("2", "0")


@pytest.mark.parametrize(("status", "cause"), [("BUSY", 17), ("congestion", 34), ("CHANUNAVAIL", 34)])
def test_after_a_failed_dial_a_tone_is_heard_for_ten_seconds(desk: Make, status: str, cause: int) -> None:
    """D08."""
    made = desk(f"exten => s,1,Set(DIALSTATUS={status})")
    assert made.call().channel.hangup_cause == cause
    assert made.clock.now == 10.0


def test_an_invalid_extension_goes_to_i_then_e_then_ends(desk: Make) -> None:
    """D09: INVALID_EXTEN, and EXCEPTION with the place where it happened."""
    made = desk(
        "[a]\nexten => s,1,Goto(zz,1)\nexten => i,1,UserEvent(E,v: ${INVALID_EXTEN})\n"
        "same => n,Goto(b,yy,3)\n"
        "[b]\n"
        "exten => e,1,UserEvent(E,v: ${EXCEPTION(REASON)} ${EXCEPTION(CONTEXT)} ${EXCEPTION(EXTEN)}"
        " ${EXCEPTION(PRIORITY)})\n"
        "[d]\nexten => s,1,Goto(zz,1)"
    )
    assert made.said("s", "a") == ["zz", "INVALID b yy 3"]
    assert made.said("s", "d") == []
    assert len(made.ended) == 2


def test_a_call_without_an_extension_begins_at_s(desk: Make) -> None:
    """At priority 1."""
    assert desk("exten => s,1,UserEvent(E,v: ${EXTEN})").said("") == ["s"]


def test_without_autofallthrough_a_call_waits_for_digits(desk: Make) -> None:
    """Ten seconds, then t, else e, else the end."""
    general = "[general]\nautofallthrough=no\n"
    made = desk(general + "[c]\nexten => s,1,NoOp()\nexten => t,1,UserEvent(E,v: ${EXTEN})\nsame => n,Hangup()")
    assert made.said() == ["t"]
    assert made.clock.now == 10.0
    made = desk(
        general + "[c]\nexten => s,1,NoOp()\nexten => e,1,UserEvent(E,v: ${EXCEPTION(REASON)})\nsame => n,Hangup()"
    )
    assert made.said() == ["RESPONSETIMEOUT"]
    made = desk(general + "[c]\nexten => s,1,NoOp()")
    execution = made.begin()
    assert execution.phase is Phase.WAITING
    execution.hang_up()
    assert (execution.phase, made.clock.waiting) == (Phase.DONE, 0)


def test_newexten_tells_every_place_with_the_arguments_as_they_were_executed(desk: Make) -> None:
    """And one that is executed again only after another."""
    made = desk(
        "exten => s,1,Set(a=1)\nsame => n,NoOp(${a} $[1+1])\nsame => n,Set(b=0${b}1)\nsame => n,GotoIf($[${b} < 11]?-1)"
    )
    made.call()
    told = [
        (fields["Priority"], fields["Application"], fields["AppData"])
        for event, fields in made.events
        if event == "Newexten"
    ]
    assert told == [
        ("1", "Set", "a=1"),
        ("2", "NoOp", "1 2"),
        ("3", "Set", "b=01"),
        ("4", "GotoIf", "1?-1"),
        ("3", "Set", "b=0011"),
        ("4", "GotoIf", "0?-1"),
    ]


def test_a_loop_without_end_is_ended_and_lets_others_have_their_turn(desk: Make) -> None:
    """Every 500 lines; after 100,000 without a pause the call is hung up, and it is said why."""
    made = desk("[c]\nexten => s,1,Goto(1)\nexten => h,1,Goto(1)\n[d]\nexten => s,1,UserEvent(E,v: other)")
    made.begin()
    assert made.clock.waiting == 1
    assert made.said("s", "d") == ["other"]
    made.clock.run()
    assert sum(str(MAX_PRIORITIES_WITHOUT_PAUSE) in line for line in made.told) == 2
    assert len(made.ended) == 2


def test_a_loop_with_a_pause_goes_on_until_the_caller_hangs_up(desk: Make) -> None:
    """A pause counts as one; the timer goes with the call."""
    made = desk("exten => s,1,Wait(1)\nsame => n,Goto(1)\nexten => h,1,UserEvent(E,v: h)")
    execution = made.begin()
    made.clock.run(until=5000.0)
    assert execution.phase is Phase.RUNNING
    execution.hang_up(16)
    assert (execution.phase, made.clock.waiting) == (Phase.DONE, 0)
    assert made.events[-1][1]["Cause-txt"] == "Normal Clearing"
    execution.hang_up(17)
    assert len(made.ended) == 1


def test_hanging_up_while_others_have_their_turn_ends_the_call(desk: Make) -> None:
    """Between two turns as well."""
    made = desk("exten => s,1,NoOp()\nsame => n,Goto(1)\nexten => h,1,UserEvent(E,v: h)")
    execution = made.begin()
    execution.hang_up()
    assert execution.phase is Phase.DONE
    assert made.events[-2][1]["v"] == "h"


def test_a_caller_id_chooses_its_own_lines(desk: Make) -> None:
    """Also for labels."""
    made = desk(
        "exten => s/55,1,Goto(l)\nexten => s/55,2(l),UserEvent(E,v: 55)\nexten => s,1,Goto(l)\n"
        "exten => s,2(l),UserEvent(E,v: any)"
    )
    assert made.said(caller="55") == ["55"]
    assert made.said(caller="66") == ["any"]


def test_priorities_come_from_includes_too(desk: Make) -> None:
    """The context stays the caller's."""
    made = desk(
        "[c]\nexten => 100,1,UserEvent(E,v: 1)\ninclude => d\n[d]\nexten => _1XX,2,UserEvent(E,v: 2 ${CONTEXT})"
    )
    assert made.said("100") == ["1", "2 c"]


def test_a_fault_of_ours_ends_the_call_and_is_heard_of(desk: Make) -> None:
    """The call does not stay for ever, and whoever waits for its end is told."""
    made = desk("exten => s,1,Breaks()\nexten => s,n,UserEvent(E,v: on)\nexten => h,1,UserEvent(E,v: over)")

    def breaks(_call: object, _text: str) -> None:
        raise RuntimeError("broken")

    made.surroundings.applications["breaks"] = breaks
    with pytest.raises(RuntimeError, match="broken"):
        made.begin()
    made.clock.run()
    assert len(made.ended) == 1
    assert made.ended[0].phase is Phase.DONE
    assert [fields["v"] for event, fields in made.events if event == "UserEvent"] == ["over"]


def test_a_call_that_lasts_too_long_goes_to_the_big_t(desk: Make) -> None:
    """What is under way is broken off when TIMEOUT(absolute) is over, and it is lifted by 0."""
    made = desk(
        "exten => s,1,Set(TIMEOUT(absolute)=2)\n"
        "exten => s,n,UserEvent(E,v: ${TIMEOUT(absolute)})\n"
        "exten => s,n,Wait(5)\n"
        "exten => s,n,UserEvent(E,v: never)\n"
        "exten => T,1,UserEvent(E,v: ${EXTEN} ${TIMEOUT(absolute)})\n"
        "exten => lifted,1,Set(TIMEOUT(absolute)=2)\n"
        "exten => lifted,n,Set(TIMEOUT(absolute)=0)\n"
        "exten => lifted,n,Wait(5)\n"
        "exten => lifted,n,UserEvent(E,v: on)\n"
        "exten => h,1,UserEvent(E,v: h)\n"
    )
    assert made.said() == ["2.000", "T 0", "h"]
    assert made.said("lifted") == ["on", "h"]
    assert made.clock.waiting == 0


def test_without_a_big_t_the_time_is_an_exception(desk: Make) -> None:
    """Then `e` has its turn, or the call ends."""
    lines = "exten => s,1,Set(TIMEOUT(absolute)=2)\nexten => s,n,Wait(5)\nexten => h,1,UserEvent(E,v: h)\n"
    assert desk(lines).said() == ["h"]
    exception = "exten => e,1,UserEvent(E,v: ${EXCEPTION(reason)} ${EXCEPTION(priority)})\n"
    assert desk(lines + exception).said() == ["ABSOLUTETIMEOUT 2", "h"]


def test_a_first_digit_is_waited_for_as_long_as_the_call_says(desk: Make) -> None:
    """TIMEOUT(response) is how long WaitExten() waits."""
    made = desk("exten => s,1,Set(TIMEOUT(response)=1.5)\nexten => s,n,WaitExten()\nexten => t,1,NoOp\n")
    made.call()
    assert made.clock.now == 1.5


def test_subroutines_run_at_the_end_of_a_call(desk: Make) -> None:
    """The last one pushed first, after `h`; the hangup is told of where the call was before them."""
    made = desk(
        "exten => s,1,Set(CHANNEL(hangup_handler_push)=first,1(a))\n"
        "exten => s,n,Set(CHANNEL(hangup_handler_push)=nosuch,1)\n"
        "exten => s,n,Set(CHANNEL(hangup_handler_push)=c,last,1)\n"
        "exten => first,1,UserEvent(E,v: first ${ARG1})\n"
        "exten => first,n,Return\n"
        "exten => last,1,UserEvent(E,v: last)\n"
        "exten => last,n,Return\n"
        "exten => h,1,UserEvent(E,v: h)\n"
    )
    assert made.said() == ["h", "last", "first a"]
    assert [fields["Exten"] for event, fields in made.events if event == "Hangup"] == ["h"]


def test_a_call_goes_through_what_it_cannot_do(desk: Make) -> None:
    """A status says why nothing came of it; what waits for a digit or a time goes on afterwards."""
    made = desk(
        "exten => s,1,Transfer(SIP/x)\n"
        "exten => s,n,WaitDigit(0.2)\n"
        "exten => s,n,UserEvent(E,v: ${TRANSFERSTATUS} ${WAITDIGITSTATUS})\n"
        "exten => s,n,WaitDigit()\n"
        "exten => s,n,WaitUntil(abc)\n"
        "exten => s,n,UserEvent(E,v: ${WAITDIGITSTATUS} ${WAITUNTILSTATUS})\n"
        "exten => s,n,WaitUntil(5)\n"
        "exten => s,n,UserEvent(E,v: ${WAITUNTILSTATUS})\n"
        "exten => s,n,WaitForSignal(x,1)\n"
        "exten => s,n,UserEvent(E,v: ${WAITFORSIGNALSTATUS})\n"
        'exten => s,n,WaitForCondition(#,#["#{EXTEN}"="s"],1)\n'
        "exten => s,n,UserEvent(E,v: ${WAITFORCONDITIONSTATUS})\n"
        'exten => s,n,WaitForCondition(#,#["#{EXTEN}"="no"],1)\n'
        "exten => s,n,UserEvent(E,v: ${WAITFORCONDITIONSTATUS})\n"
        "exten => s,n,Incomplete()\n"
        "exten => s,n,UserEvent(E,v: never)\n"
        "exten => i,1,UserEvent(E,v: ${INVALID_EXTEN})\n"
    )
    assert made.said() == ["FAILURE TIMEOUT", "ERROR FAILURE", "PAST", "TIMEOUT", "TRUE", "TIMEOUT", "s"]
