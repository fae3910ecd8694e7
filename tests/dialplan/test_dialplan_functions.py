"""Dialplan functions: results as measured on Asterisk 22.10.1."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.dialplan.function import Function
from harness.dialplan.splitting import arguments

Make = Callable[..., Any]

GLOBALS = "[globals]\nV=abcdefghij\nW=12 34,x\nU=é1ü2\nL=a-b--c-\n[c]\nexten => 1,hint,Custom:1,CustomPresence:1(One)\n"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${LEN(é)}", "2"),
        ("${EXISTS(x)}${EXISTS()}${ISNULL(x)}${ISNULL()}", "1001"),
        ("${IF(1?yes:no)}${IF(0?yes:no)}${IF( 1 ? y : n )}", "yesnoy"),
        ("[${IF(?a:b)}][${IF(1)}][${IF(1?:b)}][${IF(0?a)}]", "[][][][]"),
        ('${IF("0"?t:f)}${IF(0?a:"q")}${IF(1?"a:b":c)}', 'f"q"a:b'),
        ("${SET(zz=  val )}|${zz}", "val|val"),
        ("${CUT(L,-,2)}${CUT(L,-,-2)}${CUT(L,-,4-)}", "ba-bc-"),
        ("${CUT(L,-,1&4)}|${CUT(L,-,3&1)}|${CUT(L,-,0)}|${CUT(L,,2)}", "a-c|||b"),
        ("[${CUT(L,-,x)}][${CUT(L,-)}][${CUT(nope,-,1)}]", "[][][]"),
        ("${CUT(V,\\x63,1)}[${CUT(V,c,1&x)}]${CUT(V,z,1&x)}", "abcdefghij[]abcdefghij"),
        ("${FIELDQTY(L,-)}${FIELDQTY(nope,-)}${FIELDQTY(L)}", "501"),
        ("${FILTER(a-c1-3,${V}${W})}", "abc123"),
        ("${FILTER(a-z\\x2d,a-b_C)}${FILTER(A-Z0-9,abc-DEF 123)}", "a-bDEF123"),
        ('${REGEX("^1[0-9]+$" 123)}${REGEX("x" abc)}[${REGEX("(" x)}]', "10[]"),
        ("${TOUPPER(aé b)}${TOLOWER(AÉ)}", "Aé BaÉ"),
        ("${BASE64_ENCODE(abc)} ${BASE64_DECODE(YWJj)} [${BASE64_ENCODE()}]", "YWJj abc []"),
        (
            "${MATH(1+2)} ${MATH(7/2,int)} ${MATH(5>3)} ${MATH(2^10,i)} ${MATH(-5-3)}",
            "3.000000 3 TRUE 1024 -8.000000",
        ),
        (
            "${MATH(255+0,h)} ${MATH(7%4,i)} ${MATH(1/0)} [${MATH(x+1)}] [${MATH(1+2,bogus)}]",
            "ff 3 0.000000 [] []",
        ),
        ("${GLOBAL(V):0:2}${GLOBAL_EXISTS(V)}${GLOBAL_EXISTS(x)}${VARIABLE_EXISTS(V)}", "ab101"),
        ("${HINT(1@c)}|${HINT(1@c,n)}|[${HINT(2@c)}]", "Custom:1,CustomPresence:1|One|[]"),
        ("${EXTENSION_STATE(1@c)} ${EXTENSION_STATE(2@c)}", "NOT_INUSE UNKNOWN"),
        ("${DEVICE_STATE(Custom:1)} ${DEVICE_STATE(Nope:1)}", "UNKNOWN INVALID"),
        ("${DIALPLAN_EXISTS(c)}${DIALPLAN_EXISTS(x)}${DIALPLAN_EXISTS(c,1,1)}", "100"),
        ("${STRFTIME(0,UTC,%Y-%m-%d %H:%M é)}", "1970-01-01 00:00 é"),
        ("${STRFTIME(,,%j)}", "002"),
        ("${CALLERID(num)}|${CALLERID(name)}|${CALLERID(all)}|${CALLERID(x)}", '||"" <>|'),
        ("${CALLERID(pres)}", "unavailable"),
        ('${CALLERID(num,"Bob" <12-34>)}${CALLERID(name,"Bob" <12-34>)}${CALLERID(num,55)}', "1234Bob55"),
        (
            "${CHANNEL(state)} ${CHANNEL(channeltype)} ${CHANNEL(name)} [${CHANNEL(x)}]",
            "Ring Local Local/1@x-1;2 []",
        ),
        ("[${NOSUCH(x)}][${len(x)}]", "[][]"),
        ("${EVAL(${V}x)}[${EVAL()}]", "abcdefghijx[]"),
        ("${EPOCH}", "86400"),
    ],
)
def test_a_function_gives_what_asterisk_gives(desk: Make, text: str, value: str) -> None:
    """Section 7.4 and the functions of issue 3."""
    assert desk(GLOBALS).value(text) == value


def test_presence_is_read_and_written(desk: Make) -> None:
    """D06, P22, P23: fields in either case, base64 out and in, refused values change nothing."""
    made = desk(
        "exten => s,1,Set(PRESENCE_STATE(CustomPresence:${EXTEN})=away,cGVhcnM=,b2ggaGVsbG8=,e)\n"
        "same => n,Set(PRESENCE_STATE(CustomPresence:s)=sleepy)\n"
        "same => n,Set(PRESENCE_STATE(Custom:s)=dnd)\n"
        "same => n,UserEvent(E,v: ${PRESENCE_STATE(CustomPresence:s,VALUE)} ${PRESENCE_STATE(CustomPresence:s,subtype)}"
        " ${PRESENCE_STATE(CustomPresence:s,message,e)} [${PRESENCE_STATE(CustomPresence:s)}]"
        " [${PRESENCE_STATE(CustomPresence:s,bogus)}])"
    )
    assert made.said() == ["away pears b2ggaGVsbG8= [] []"]
    assert made.store.get("CustomPresence", "s") == "away,cGVhcnM=,b2ggaGVsbG8=,e"
    assert any("refused 'sleepy'" in line for line in made.told)


def test_device_states_are_written(desk: Make) -> None:
    """Only Custom: ones, and not UNKNOWN."""
    made = desk("")
    assert made.plan.set_variable("DEVICE_STATE(Custom:lamp)", "INUSE")
    assert not made.plan.set_variable("DEVICE_STATE(Custom:lamp)", "UNKNOWN")
    assert not made.plan.set_variable("DEVICE_STATE(SIP/lamp)", "INUSE")
    assert made.plan.expand("${DEVICE_STATE(Custom:lamp)}") == "INUSE"


def test_the_store_is_read_and_written(desk: Make) -> None:
    """DB, DB_EXISTS, DB_DELETE set DB_RESULT; a row that is not there is empty."""
    made = desk(
        "exten => s,1,UserEvent(E,v: [${DB(f/k)}]${DB_EXISTS(f/k)}[${DB(f)}])\nsame => n,Set(DB(f/k/l)=v 1)\n"
        "same => n,UserEvent(E,v: ${DB(f/k/l)} ${DB_EXISTS(f/k/l)} ${DB_RESULT})\n"
        "same => n,UserEvent(E,v: ${DB_DELETE(f/k/l)} [${DB(f/k/l)}] ${DB_RESULT})\n"
        "same => n,Set(DB(f/x)=1)\nsame => n,Set(DB_DELETE(f/x)=)\n"
        "same => n,UserEvent(E,v: ${DB_EXISTS(f/x)})"
    )
    assert made.said() == ["[]0[]", "v 1 1 v 1", "v 1 [] v 1", "0"]


def test_the_channel_is_written(desk: Make) -> None:
    """Caller ID and language; blanks around a number go."""
    made = desk(
        "exten => s,1,Set(CALLERID(num)= 77 )\nsame => n,Set(CALLERID(name)=Al)\n"
        "same => n,Set(CHANNEL(language)=de)\n"
        "same => n,UserEvent(E,v: ${CALLERID(all)} ${CHANNEL(language)})\n"
        'same => n,Set(CALLERID(all)="B C" <5-6>)\n'
        "same => n,UserEvent(E,v: ${CALLERID(name)}|${CALLERID(number)})\nsame => n,Set(GLOBAL(G)=1)\n"
        "same => n,UserEvent(E,v: ${G})"
    )
    assert made.said() == ["Al <77> de", "B C|56", "1"]


def test_without_a_channel_a_name_is_a_global(desk: Make) -> None:
    """As AMI's Setvar and Getvar use it (5.6)."""
    made = desk("")
    assert made.plan.set_variable("X", "1")
    assert made.plan.expand("${X}") == "1"
    assert made.plan.expand("${Y}") == ""
    assert not made.plan.set_variable("NOSUCH(x)", "1")
    assert made.plan.expand("${SET(Z=2)}") == "2"
    assert made.plan.globals.get("Z") == "2"


def test_functions_can_be_registered(desk: Make) -> None:
    """One that can only be read refuses to be written."""
    made = desk("")
    made.plan.functions.register("TWICE", Function(read=lambda use: use.text * 2))
    assert made.value("${TWICE(ab)}") == "abab"
    assert not made.plan.set_variable("TWICE(x)", "1")
    assert "TWICE" in made.plan.functions.names()
    assert "warning: Function TWICE cannot be written to" in made.told


@given(st.text(max_size=30).filter(lambda text: not set(text) & set("(){}$[]\n\r\0")))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_base64_brings_any_text_back(desk: Make, text: str) -> None:
    """Encoded by one function, decoded by the other."""
    if not text:
        return
    made = desk("")
    made.plan.globals.set("T", text)
    encoded = made.value("${BASE64_ENCODE(${T})}")
    assert base64.b64decode(encoded) == text.encode("utf-8", "surrogateescape")
    assert made.value("${BASE64_DECODE(${BASE64_ENCODE(${T})})}") == text


@pytest.mark.parametrize(
    ("text", "most", "parts"),
    [
        ("a,b,c", 5, ["a", "b", "c"]),
        ("a,b,c", 2, ["a", "b,c"]),
        ("a,", 3, ["a", ""]),
        ("", 3, []),
        ('"a,b",c', 3, ["a,b", "c"]),
        ("(a,b),[c,d],e", 5, ["(a,b)", "[c,d]", "e"]),
        ("a\\,b,c", 3, ["a,b", "c"]),
        (" a , b ", 3, [" a ", " b "]),
        ('x,"y,z"', 2, ["x", '"y,z"']),
        ("(,a", 3, ["(,a"]),
    ],
)
def test_arguments_are_taken_apart_as_app_c_does(text: str, most: int, parts: list[str]) -> None:
    """Section 7.7."""
    assert arguments(text, most) == parts


_plain = st.text(st.characters(exclude_characters='\\"()[],', exclude_categories=("Cs",)), min_size=1)


@given(st.lists(_plain, min_size=1))
def test_plain_arguments_come_back_as_they_were_joined(parts: list[str]) -> None:
    """Raw or not."""
    assert arguments(",".join(parts), 100) == parts
    assert arguments(",".join(parts), 100, raw=True) == parts
