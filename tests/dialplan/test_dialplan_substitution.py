"""Variables, offsets and function calls in a text (section 7.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.core.octets import to_bytes, to_text
from harness.dialplan.substitute import split_call, split_offsets, substitute, substring

Make = Callable[..., Any]


class Names:
    """A scope with some variables; a function gives its name and arguments."""

    channel = None

    def __init__(self, **values: str) -> None:
        self.values = values

    def variable(self, name: str) -> str | None:
        return self.values.get(name)

    def function(self, name: str, arguments: str, depth: int = 0) -> str | None:
        return f"<{name}|{arguments}>" if name.isupper() else None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${VAR:1}", "234567"),
        ("${VAR:-4}", "4567"),
        ("${VAR:0:3}", "123"),
        ("${VAR:2:3}", "345"),
        ("${VAR:1:-2}", "2345"),
        ("${VAR:-4:2}", "45"),
        ("${VAR:9}", ""),
        ("${VAR:1:-6}", ""),
        ("${VAR:-20:2}", "12"),
        ("${VAR::2}", "1234567"),
        ("${VAR:x}", "1234567"),
        ("${VAR: 2: 2}", "34"),
        ("a${VAR}b$c$", "a1234567b$c$"),
        ("[${nope}]", "[]"),
        ("${${N}:1:1}", "2"),
        ("${VAR:${TWO}}", "34567"),
        ("x${VAR", "x1234567"),
        ("${F(a:b,${TWO})}", "<F|a:b,2>"),
        ("${F(a):1:2}", "F|"),
        ("${F(a)b)}", "<F|a)b>"),
        ("${f(a)}", ""),
        ("${RAW}", "${VAR}"),
        ("$[${TWO} + 1]", "3"),
        ("$[$[1+1]*3]", "6"),
        ("$[1+2", "3"),
    ],
)
def test_a_text_is_replaced_once(text: str, value: str) -> None:
    """D05; what comes out is not looked at again."""
    assert substitute(text, Names(VAR="1234567", N="VAR", TWO="2", RAW="${VAR}")) == value


@given(st.text(max_size=12), st.integers(-15, 15), st.integers(-15, 15))
def test_offsets_cut_bytes(value: str, offset: int, length: int) -> None:
    """Against a restatement of main/pbx_variables.c, step by step."""
    data = to_bytes(value)
    start = max(len(data) + offset, 0) if offset < 0 else offset
    rest = data[start:]
    expected = rest[:length] if length >= 0 else rest[: max(len(rest) + length, 0)]
    assert to_bytes(substring(value, offset, length)) == expected


@given(st.text(max_size=20), st.integers(0, 40))
def test_what_is_cut_apart_and_put_together_again_is_the_same_text(value: str, at: int) -> None:
    """Also in the middle of a character."""
    whole = substitute(f"${{V:0:{at}}}${{V:{at}}}", Names(V=value))
    assert whole == to_text(to_bytes(value))


@given(st.text("ab:()-0123", max_size=15))
def test_only_a_colon_outside_parentheses_begins_an_offset(text: str) -> None:
    """The name keeps what stands before it."""
    name, offsets = split_offsets(text)
    assert text.startswith(name)
    depth = 0
    for character in name:
        assert character != ":" or depth
        depth += {"(": 1, ")": -1}.get(character, 0)
    assert (offsets is None) == (name == text)


def test_a_call_ends_at_the_last_parenthesis() -> None:
    """And is taken as it stands where there is none."""
    assert split_call("F(a(b)c)") == ("F", "a(b)c")
    assert split_call("F(a") == ("F", "a")


def test_names_and_texts_end_at_their_limits() -> None:
    """4,095 bytes for a value, 8,191 for the arguments of an application."""
    scope = Names(V="é" * 5000)
    assert len(to_bytes(substitute("${V}", scope))) == 4095
    assert len(to_bytes(substitute("${V}${V}${V}", scope))) == 8191


def test_a_text_that_refers_to_itself_ends(desk: Make) -> None:
    """EVAL of itself: after 15 levels the inner part is empty."""
    made = desk("")
    made.plan.globals.set("X", "a${EVAL(${X})}")
    assert made.value("${EVAL(${X})}").strip("a") == ""
    assert made.value("${" * 2000 + "X" + "}" * 2000) == ""
    made.plan.globals.set("C", "${CUT(C,-,1)}")
    assert made.value("${CUT(CUT(C,-,1),-,1)}") != "x"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.text('$[]{}()ab:,1+"\\', max_size=40))
def test_no_text_breaks_it(desk: Make, text: str) -> None:
    """Whatever the brackets."""
    substitute(text, Names(a="1", b="${a}"))


def test_a_channel_knows_itself_before_its_variables_and_those_before_globals(desk: Make) -> None:
    """EXTEN and its like cannot be hidden; system names come before variables."""
    made = desk(
        "[globals]\nG=global\nBOTH=global\n[c]\nexten => s,1,Set(BOTH=channel)\nsame => n,Set(EXTEN=x)\n"
        "same => n,Set(EPOCH=x)\n"
        "same => n,UserEvent(E,v: ${EXTEN} ${CONTEXT} ${PRIORITY} ${CHANNEL} ${UNIQUEID}"
        " ${G} ${BOTH} ${EPOCH} ${GLOBAL(BOTH)})"
    )
    assert made.said() == ["s c 4 Local/s@c-1;2 1.2 global channel 86400 global"]
