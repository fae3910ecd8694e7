"""Functions on texts and lists: results as on Asterisk 22.10.1, and whatever is put in, nothing but text comes out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.dialplan.list_functions import LIST_FUNCTIONS
from harness.dialplan.substitute import substitute

Make = Callable[..., Any]

GLOBALS = "[globals]\nV=one-two-three-four\nLIST=x,y,z\nNUM=5\nWORD=x5\n[c]\nexten => 1,1,NoOp\n"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${STRREPLACE(V,-,+)}|${STRREPLACE(V,-,,2)}", "one+two+three+four|onetwothree-four"),
        ("${REPLACE(V,-o,+)}|${REPLACE(V,-)}|[${REPLACE(V)}]", "+ne+tw++three+f+ur|onetwothreefour|[]"),
        ('${QUOTE(a"b\\c)}|${CSV_QUOTE(a"b,c)}', '"a\\"b\\\\c"|"a""b,c"'),
        ("${LISTFILTER(LIST,\\,,y)}|${LISTFILTER(LIST,\\,,q)}|[${LISTFILTER(NOPE,\\,,y)}]", "x,z|x,y,z|[]"),
        ("${SORT(b:2,a:1,c:-3,d)}", "c,a,b"),
        ("${SPRINTF(%03d|%s|%5.2f|%%|%x,7,a,1.239,255)}|[${SPRINTF(%d)}]", "007|a| 1.24|%|ff|[]"),
        ("${MD5(abc)}", "900150983cd24fb0d6963f7d28e17f72"),
        ("${SHA1(abc)}", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("${URIENCODE(a b&c/é)}|${URIDECODE(a%20b%zz)}", "a%20b%26c%2F%C3%A9|a b%zz"),
        ("${KEYPADHASH(Les-12)}", "53712"),
        ("${STRBETWEEN(V,)}|${STRBETWEEN(NUM,-)}|${STRBETWEEN(LIST,_)}", "one-two-three-four|5|x_,_y_,_z"),
        ("[${TRIM( a b )}][${LTRIM( a )}][${RTRIM( a )}][${TRIM()}]", "[a b][a ][ a][]"),
        ("${PASSTHRU(${V})}", "one-two-three-four"),
        ("${INC(NUM)}${INC(NUM)}${DEC(NUM)}${NUM}[${INC(WORD)}][${INC(NOPE)}]", "6766[][]"),
        ("${SHIFT(LIST)}${POP(LIST)}${LIST}${SHIFT(LIST)}[${LIST}]", "xzyy[]"),
        ("${SHIFT(V,-)}|${POP(V,-)}|${V}", "one|four|two-three"),
    ],
)
def test_a_function_gives_what_asterisk_gives(desk: Make, text: str, value: str) -> None:
    """Recorded, or worked out from what was."""
    assert substitute(text, desk(GLOBALS).call()) == value


def test_lists_grow_at_both_ends(desk: Make) -> None:
    """PUSH and UNSHIFT put a delimiter in between unless the list was empty; ARRAY sets several variables."""
    call = desk(GLOBALS).call()
    pushed = {"PUSH(LIST)": "end", "UNSHIFT(LIST,;)": "start", "PUSH(__new)": "1", "ARRAY(a,b,c)": "1,2"}
    for name, value in pushed.items():
        call.set_variable(name, value)
    assert substitute("${LIST}|${new}|${a}${b}[${c}]", call) == "start;x,y,z,end|1|12[]"


def test_keys_of_the_database_are_listed_by_component(desk: Make) -> None:
    """Each once, with commas escaped; they are counted alike."""
    made = desk(GLOBALS)
    for family, key in (("f", "a"), ("f", "b/c"), ("f", "b/d"), ("f", "x,y"), ("g", "a")):
        made.store.put(family, key, "1")
    call = made.call()
    assert substitute("${DB_KEYS(f)}|${DB_KEYS(/f/b/)}", call) == "a,b,x\\,y|c,d"
    assert substitute("${DB_KEYCOUNT(f)}|${DB_KEYCOUNT(nope)}", call) == "3|0"


@given(st.sampled_from(sorted(LIST_FUNCTIONS)), st.text(max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
def test_any_arguments_give_text(desk: Make, name: str, text: str) -> None:
    """Reading with any arguments, or writing any value, raises nothing."""
    call = desk(GLOBALS).call()
    assert isinstance(substitute(f"${{{name}({text})}}", call), str)
    call.set_variable(f"{name}({text})", text)
