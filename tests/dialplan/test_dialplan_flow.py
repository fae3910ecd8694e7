"""Applications that jump (section 7.8), as measured on Asterisk 22.10.1 with these very lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

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
        "If(1)",
        said("A"),
        "ElseIf(0)",
        said("B"),
        "Else()",
        said("C"),
        "EndIf()",
        said("D [${IF_0}][${IF_1}]"),
    )
    assert desk(text).said() == ["A", "C", "D [][]"]


def test_if_with_true_elseif_runs_both(desk: Make) -> None:
    """D13: If(1) ... ElseIf(1) without ExitIf."""
    text = program("If(1)", said("A"), "ElseIf(1)", said("B"), "EndIf()", said("D"))
    assert desk(text).said() == ["A", "B", "D"]


def test_a_false_if_takes_the_first_true_elseif_and_exitif_leaves(desk: Make) -> None:
    """ExitIf jumps behind EndIf."""
    text = program(
        "If(0)",
        said("A"),
        "ElseIf(1)",
        said("B"),
        "ExitIf()",
        said("no"),
        "Else()",
        said("C"),
        "EndIf()",
        said("D"),
    )
    assert desk(text).said() == ["B", "D"]


def test_nested_ifs_find_their_own_end(desk: Make) -> None:
    """Else of the outer one is found past the inner one; Else after a true branch is skipped."""
    text = program(
        "If(0)",
        "If(1)",
        said("no"),
        "Else()",
        said("no"),
        "EndIf()",
        "Else()",
        "If(1)",
        said("inner"),
        "Else()",
        said("no"),
        "EndIf()",
        said("C"),
        "EndIf()",
        said("D"),
    )
    assert desk(text).said() == ["inner", "C", "D"]


def test_an_if_without_end_falls_into_its_body(desk: Make) -> None:
    """Nothing to jump to."""
    assert desk(program("If(0)", said("A"), said("B"))).said() == ["A", "B"]


# While


def test_a_loop_counts_and_continues_and_exits(desk: Make) -> None:
    """D13; nested, with ContinueWhile, ExitWhile and If inside."""
    text = program(
        "Set(i=0)",
        "While($[${i} < 5])",
        "Set(i=$[${i}+1])",
        "If($[${i} = 2])",
        "ContinueWhile()",
        "EndIf()",
        "If($[${i} = 4])",
        "ExitWhile()",
        "EndIf()",
        "Set(j=0)",
        "While($[${j} < 2])",
        "Set(j=$[${j}+1])",
        "EndWhile()",
        said("${i}.${j}"),
        "EndWhile()",
        said("done ${i} [${WHILE_0}]"),
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
        "[c]\nexten => s,1,Goto(+2)\nsame => n,UserEvent(E,v: no)\nsame => n,GotoIf(0?1)\n"
        "same => n,GotoIf(1?)\n"
        'same => n,GotoIf($["a" = "a"]?d,x,lbl:nolabel)\n[d]\nexten => x,1,UserEvent(E,v: no)\n'
        "same => n(lbl),UserEvent(E,v: lbl ${CONTEXT})\nsame => n,Set(c=$[0${c} + 1])\n"
        "same => n,GotoIf($[${c} < 3]?-2)\n"
        "same => n,Goto(y,2)\nexten => y,1,UserEvent(E,v: no)\nexten => y,2,UserEvent(E,v: y)\n"
        "same => n,Goto(nolabel)\n"
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
        ("1", True),
        ("0", False),
        ("", False),
        ("0abc", False),
        ("00", False),
        ("-1", True),
        ("0.5", False),
        ('"0"', True),
        ("no", True),
        (" 1", True),
        (" 0", False),
    ]:
        assert desk(f"exten => s,1,GotoIf({text}?y)\nsame => n,Hangup()\nsame => n(y),UserEvent(E,v: y)").said() == (
            ["y"] if taken else []
        )


# Gosub


def test_subroutines_have_arguments_and_locals_and_return_a_value(desk: Make) -> None:
    """Quotes are kept; a subroutine's variables go when it returns, those that they hid come back."""
    made = desk(
        '[c]\nexten => s,1,Gosub(sub,s,1(a,"b,c",d e))\n'
        "same => n,UserEvent(E,v: ${GOSUB_RETVAL} [${ARG1}][${ARGC}])\n"
        "same => n,GosubIf(1?lab(x):other)\nsame => n,GosubIf(0?lab)\nsame => n,GosubIf(1)\n"
        "same => n,Gosub(nosuch,1)\n"
        "same => n,UserEvent(E,v: never)\nexten => s,50(lab),UserEvent(E,v: lab ${ARG1} ${ARGC})\n"
        "same => n,Return()\n"
        "[sub]\nexten => s,1,UserEvent(E,v: ${ARG1}|${ARG2}|${ARG3}|${ARGC}|${LOCAL(ARG1)})\n"
        "same => n,Set(LOCAL(z)=in)\n"
        "same => n,Gosub(s2,1(q))\nsame => n,UserEvent(E,v: ${GOSUB_RETVAL} ${ARG1} ${z})\n"
        "same => n,Return(val ue)\n"
        "exten => s2,1,UserEvent(E,v: ${ARG1} [${ARG2}] ${LOCAL_PEEK(1,ARG1)})\n"
        "same => n,Set(LOCAL(z)=deeper)\n"
        "same => n,Return(r2)"
    )
    assert made.said() == ["a|b,c|d e|3|a", "q [] a", "r2 a in", "val ue [][]", "lab x 1"]


def test_return_without_gosub_hangs_up_and_stackpop_does_not(desk: Make) -> None:
    """LOCAL outside a subroutine is refused, the call goes on."""
    text = program(
        "StackPop()",
        "Gosub(pop)",
        "(pop),StackPop()",
        "Set(LOCAL(x)=1)",
        said("[${x}]"),
        "Return()",
        said("no"),
    )
    assert desk(text).said() == ["[]"]


def test_a_subroutine_that_calls_itself_ends(desk: Make) -> None:
    """There is a limit to the depth."""
    made = desk("exten => s,1,Gosub(1)")
    made.call()
    assert "warning: Gosub: 1000 subroutines deep" in made.told
