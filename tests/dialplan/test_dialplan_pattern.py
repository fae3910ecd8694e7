"""Which extension a number finds (section 7.3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.dialplan.pattern import matches, sort_key


@pytest.mark.parametrize(
    ("exten", "number", "found"),
    [
        ("100", "100", True),
        ("1-0-0", "10-0", True),
        ("abc", "ABC", False),
        ("_1XX", "123", True),
        ("_1xx", "1-2-3", True),
        ("_NXX", "123", False),
        ("_ZXX", "099", False),
        ("_z11", "911", True),
        ("_[1-35]X", "55", True),
        ("_[1-35]X", "45", False),
        ("_[a-c]", "b", True),
        ("_X.", "1", False),
        ("_X.", "12345", True),
        ("_X!", "1", True),
        ("_X!", "", False),
        ("_!", "", True),
        ("_[-1]", "1", True),
        ("_[]5", "5", True),
        ("_[5", "5", False),
        ("_6XX", "_6XX", True),
        ("_6XX", "_6xx", True),
        ("_.", "_6XX", True),
        ("_é.", "éa", True),
        ("_12", "1", False),
        ("_1", "12", False),
    ],
)
def test_a_number_matches_as_the_characters_of_the_pattern_say(exten: str, number: str, found: bool) -> None:
    """X, Z, N, sets, . and !; dashes count for nothing."""
    assert matches(exten, number) is found


def test_a_name_is_tried_before_patterns_and_a_smaller_set_before_a_larger() -> None:
    """Literal, sets by size, dot, exclamation mark."""
    order = [
        "100",
        "_100",
        "_10[0-4]",
        "_10N",
        "_10Z",
        "_10X",
        "_1[0-4]X",
        "_1ZX",
        "_1XX",
        "_1.",
        "_1!",
        "_X!",
        "_.",
    ]
    assert sorted(reversed(order), key=sort_key) == order


def test_of_two_sets_of_one_size_the_one_with_the_lower_members_comes_first() -> None:
    """[12] before [13] before [23]; the same set in another spelling is the same place."""
    assert sorted(["_[23]", "_[13]", "_[12]"], key=sort_key) == ["_[12]", "_[13]", "_[23]"]
    assert sort_key("_X") == sort_key("_[0-9]")
    assert sort_key("_X") != sort_key("_Z")


_SETS = {
    "X": "0123456789",
    "Z": "123456789",
    "N": "23456789",
    "[1-3]": "123",
    "[29]": "29",
    "5": "5",
    "a": "a",
}


@given(st.lists(st.sampled_from(sorted(_SETS)), min_size=1, max_size=5), st.text("0123456789a-", max_size=7))
def test_a_pattern_matches_just_the_numbers_of_its_sets(pieces: list[str], number: str) -> None:
    """Position by position, dashes left out."""
    digits = number.replace("-", "")
    expected = len(digits) == len(pieces) and all(d in _SETS[p] for d, p in zip(digits, pieces, strict=True))
    assert matches("_" + "".join(pieces), number) is expected


_rows = st.lists(st.sampled_from([*_SETS, ".", "!"]), max_size=4)


@given(_rows, _rows)
def test_the_order_compares_the_first_position_that_differs(left: list[str], right: list[str]) -> None:
    """A wider first difference comes later, whatever follows."""

    def width(row: list[str], at: int) -> int:
        if at >= len(row):
            return 300
        return {".": 100, "!": 200}.get(row[at], len(_SETS.get(row[at], "")))

    for at in range(max(len(left), len(right))):
        if width(left, at) != width(right, at):
            smaller = width(left, at) < width(right, at)
            assert (sort_key("_" + "".join(left)) < sort_key("_" + "".join(right))) is smaller
            return
        if left[at] != right[at]:
            return
    assert sort_key("_" + "".join(left)) == sort_key("_" + "".join(right))
