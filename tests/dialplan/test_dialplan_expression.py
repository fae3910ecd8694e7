"""`$[...]` (section 7.5): values as measured on Asterisk 22.10.1, and an evaluator of our own to compare with."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.dialplan.expression import evaluate, tokens
from harness.dialplan.longdouble import parse, rounded, text_of

MEASURED = [
    ("1+2*3", "7"),
    ("10/4", "2.5"),
    ("5/0", "2147483647"),
    ('"a"=a', "0"),
    ('"abc" =~ "b(.)"', "c"),
    ("abc : a.", "2"),
    ("!foo", "1"),
    ("", ""),
    ("1 2", "1"),
    ("1 + 2 3", "3"),
    ("2 + 3)", "5"),
    ("1,2", "1"),
    ("very busy = busy", "very"),
    (" = 1", ""),
    ("1 +", "0"),
    ("1 =", "0"),
    ("(1 2)", "0"),
    ("2 + (3", "0"),
    ("!", "0"),
    ("1e3 + 1", "1"),
    ("0x10 + 1", "1"),
    ("foo - 5", "-5"),
    ("5 - foo", "5"),
    ("foo + bar", "0"),
    ("7.5 % 2", "1.5"),
    ("-7 % 3", "-1"),
    ("7 % -3", "1"),
    ("7 % 0", "0"),
    ("7 / foo", "2147483647"),
    ("!5", "0"),
    ("!0.5", "1"),
    ('!"x"', "1"),
    ("-0", "-0"),
    ('"" | foo', '""'),
    ("1/3", "0.333333333333333333"),
    ("1 ?:: 2", "0"),
    ("1 ? 2 :: 3", "2"),
    ("0 ? 2 :: 0 ? 4 :: 5", "5"),
    ('"abc123" : "abc([0-9]+)"', "123"),
    ('"abc" : "b"', "0"),
    ('"abc" : "(b)"', ""),
    ('"abc" =~ "["', ""),
    ('"abc" ~~ "de"', "abcde"),
    ("007 | 1", "7"),
    ("0 | 007", "007"),
    ("1.50 & 1", "1.5"),
    ("1 & 0", "0"),
    ("10000000*100000000000", "1e+18"),
    ("1/1000000", "1e-06"),
    ("0.1+0.2", "0.3"),
    ("99999999999999999999", "99999999999999999999"),
    ("99999999999999999999+0", "1e+20"),
    ("2 < 10", "1"),
    ('"2" < "10"', "0"),
    ("-2 - -3", "1"),
    ("2 : -3 : 1", "0"),
    ("ABS(-3)", "3"),
    ("ABS()", "0"),
    ("POW(2,10)", "1024"),
    ("POW(2)", "0"),
    ("SQRT(2)", "1.41421356237309505"),
    ("SIN(1)", "0.841470984807896507"),
    ("COS(0)", "1"),
    ("TAN(1)", "1.55740772465490223"),
    ("ATAN2(1,-1)", "2.35619449019234493"),
    ("ACOS(2)", "nan"),
    ("SQRT(-1)", "-nan"),
    ("EXP(1)", "2.71828182845904524"),
    ("LOG(2)", "0.693147180559945309"),
    ("LOG(0)", "-inf"),
    ("LOG10(1000)", "3"),
    ("ROUND(2.5)", "3"),
    ("RINT(2.5)", "2"),
    ("TRUNC(-2.5)", "-2"),
    ("FLOOR(-0.5)", "-1"),
    ("CEIL(-0.5)", "-0"),
    ("REMAINDER(5,3)", "-1"),
    ("NOSUCH(1)", "0"),
    ("abc (1)", "0"),
    ("LEN(abc) + 1", "4"),
    ("NAME(1) = text", "1"),
    ("~1~ + [2]", "3"),
    ('"abc = 1', "0"),
]


def call(name: str, arguments: str) -> str | None:
    return {"LEN": str(len(arguments)), "NAME": "text"}.get(name)


@pytest.mark.parametrize(("text", "value"), MEASURED)
def test_an_expression_has_the_value_that_asterisk_gives(text: str, value: str) -> None:
    """D04 and the list of 7.5; errors included."""
    assert evaluate(text, call) == value


def test_depth_is_no_limit() -> None:
    """Thousands of brackets and signs, without recursion."""
    assert evaluate("(" * 2000 + "1" + ")" * 2000, call) == "1"
    assert evaluate("(" * 4000, call) == "0"
    assert evaluate("-" * 4000 + "1", call) == "1"


def test_a_variable_that_came_through_unevaluated_is_one_text() -> None:
    """`${...}` from inside a value is a token with what stands around it."""
    assert [token.text for token in tokens("a${b {c} d}e + 1")] == ["a${b {c} d}e", "+", "1"]
    assert [token.text for token in tokens("1 + ${open")] == ["1", "+"]


# an independent evaluator: trees of known value, printed with and without brackets

_OPERATORS = {"|": 3, "&": 4, "=": 5, "!=": 5, "<": 5, ">": 5, "<=": 5, ">=": 5, "+": 6, "-": 6, "*": 7}
_numbers = st.integers(0, 999)
_trees = st.recursive(
    _numbers,
    lambda inner: st.tuples(st.sampled_from(sorted(_OPERATORS)), inner, inner) | st.tuples(st.just("neg"), inner),
    max_leaves=12,
)


def worth(tree) -> int:
    if isinstance(tree, int):
        return tree
    if tree[0] == "neg":
        return -worth(tree[1])
    a, b = worth(tree[1]), worth(tree[2])
    return {
        "|": a or b,
        "&": a if a and b else 0,
        "=": int(a == b),
        "!=": int(a != b),
        "<": int(a < b),
        ">": int(a > b),
        "<=": int(a <= b),
        ">=": int(a >= b),
        "+": a + b,
        "-": a - b,
        "*": a * b,
    }[tree[0]]


def printed(tree, level: int = 0) -> str:
    """With as few brackets as the table of precedence allows."""
    if isinstance(tree, int):
        return str(tree)
    if tree[0] == "neg":
        return "-" + printed(tree[1], 8)
    own = _OPERATORS[tree[0]]
    text = f"{printed(tree[1], own)} {tree[0]} {printed(tree[2], own + 1)}"
    return f"({text})" if own < level else text


@given(_trees)
def test_precedence_is_that_of_the_table(tree) -> None:
    """A tree printed with the fewest brackets is read as that tree."""
    result = worth(tree)
    if abs(result) >= 10**17:
        return
    got = evaluate(printed(tree), call)
    assert (got.removeprefix("-") if result == 0 else got) == str(result)


@given(st.integers(-(10**17), 10**17), st.integers(-(10**17), 10**17))
def test_whole_numbers_of_17_digits_are_added_exactly(a: int, b: int) -> None:
    """A long double has 64 bits."""
    assert evaluate(f"{a} + {b}", call) == str(a + b)


@given(st.text(max_size=30))
def test_no_expression_breaks_it(text: str) -> None:
    """There is always a result."""
    assert isinstance(evaluate(text, call), str)


@given(st.fractions().filter(lambda f: abs(f) < 10**30))
def test_a_printed_number_is_read_back_to_18_digits(value: Fraction) -> None:
    """printf and strtold agree."""
    number = rounded(value)
    shown = text_of(number)
    if "e" in shown:
        return
    again = parse(shown)
    assert abs(Fraction(again) - Fraction(number)) <= abs(Fraction(number)) * Fraction(6, 10**18)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15))
def test_a_double_prints_as_c_prints_it(value: float) -> None:
    """%.18Lg of a number that a double holds is %.18g of it."""
    assert text_of(rounded(Fraction(value), math.copysign(1, value) < 0)) == f"{value:.18g}"


def test_numbers_of_any_length_are_read() -> None:
    """Also those that int() refuses."""
    assert text_of(parse("9" * 4_900)) == "1e+4900"
    assert text_of(parse("-" + "9" * 5_000)) == "-inf"
    assert text_of(parse("0" * 5_000 + "7.25" + "0" * 5_000)) == "7.25"
    assert text_of(parse("0." + "0" * 4_400 + "1")) == "1e-4401"
