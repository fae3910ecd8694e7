"""Truths, numbers and lists as Asterisk reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.config.values import (
    MAX_UINT32,
    comma_list,
    is_false,
    is_true,
    leading_number,
    suggestion,
    truncated,
    unsigned,
)


@pytest.mark.parametrize("word", ["yes", "true", "y", "t", "1", "on", "YES", "On"])
def test_six_words_are_true_in_any_case(word: str) -> None:
    """ast_true knows exactly these."""
    assert is_true(word)
    assert not is_false(word)


@pytest.mark.parametrize("word", ["", "2", "enable", "yes ", "no", "maybe"])
def test_other_words_are_not_true(word: str) -> None:
    """What is not a word for yes counts as no."""
    assert not is_true(word)


@pytest.mark.parametrize(
    ("text", "number"),
    [("60", 60), ("0x10", 16), ("010", 8), (" 7", 7), ("+3", 3), ("4294967295", MAX_UINT32)],
)
def test_numbers_are_read_with_base_zero(text: str, number: int) -> None:
    """strtoul with base 0: hexadecimal and octal have their prefixes."""
    assert unsigned(text) == number


@pytest.mark.parametrize("text", ["", "abc", "12x", "-1", "-0", "09", "4294967296", "1.5", "٣", "9" * 5000])
def test_what_asterisk_refuses_as_a_number_is_none(text: str) -> None:
    """Minus signs, trailing letters and too large numbers are refused."""
    assert unsigned(text) is None


@given(st.integers(0, MAX_UINT32))
def test_decimal_and_hexadecimal_mean_the_same(number: int) -> None:
    """Every 32 bit number survives both ways of writing it."""
    assert unsigned(str(number)) == unsigned(hex(number)) == number


def test_atoi_takes_the_digits_at_the_start() -> None:
    """30s is 30 and text is 0."""
    assert [leading_number(text) for text in ("30s", " 5", "-2", "x", "")] == [30, 5, -2, 0, 0]


def test_comma_lists_are_stripped_and_have_no_empty_items() -> None:
    """Blanks around a comma do not belong to the items."""
    assert comma_list(" a, b ,,\tc") == ("a", "b", "c")


def test_a_near_word_is_suggested_and_a_far_one_is_not() -> None:
    """The half sentence is empty where it would mislead."""
    assert suggestion("alow_subscribe", ["allow_subscribe", "aors"]) == '; did you mean "allow_subscribe"?'
    assert suggestion("zzz", ["allow_subscribe"]) == ""


def test_truncation_counts_bytes_and_keeps_half_a_character() -> None:
    """A cut character survives as the bytes it has left."""
    assert truncated("aé", 2).encode("utf-8", "surrogateescape") == b"a\xc3"
