"""POSIX extended regular expressions as expressions and REGEX() use them."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.dialplan.ere import BadRegex, compile_regex


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("b(.)", "abc", (1, 2, "c")),
        ("a|ab", "ab", (0, 2, None)),
        ("(a|ab)(c|bcd)*", "abcd", (0, 4, "a")),
        ("x*", "aaa", (0, 0, None)),
        ("[[:digit:]]+", "ab12", (2, 2, None)),
        ("[]a]+", "x]a", (1, 2, None)),
        ("[a\\]", "\\", (0, 1, None)),
        ("a{2,3}", "aaaa", (0, 3, None)),
        ("a{,2}", "aaa", (0, 2, None)),
        ("^b", "ab", None),
        ("c$", "abc", (2, 1, None)),
        ("(x)?b", "ab", (1, 1, None)),
        ("\\.", "a.b", (1, 1, None)),
        ("a+?", "aa", (0, 2, None)),
        (")", "x)", (1, 1, None)),
        ("a||b", "b", (0, 1, None)),
        ("\\bfoo\\b", "a foo", (2, 3, None)),
        ("é", "é", (0, 2, None)),
    ],
)
def test_the_leftmost_longest_match_is_found(
    pattern: str, text: str, found: tuple[int, int, str | None] | None
) -> None:
    """Start and length in bytes, and the first group."""
    assert compile_regex(pattern).search(text) == found


@pytest.mark.parametrize(
    "pattern",
    ["(", "[", "*a", "a{", "a{2,1}", "^*", "a|*", "[b-a]", "[[:foo:]]", "\\", "(*a)", "a{1,x}"],
)
def test_what_regcomp_refuses_is_refused(pattern: str) -> None:
    """The caller gives an empty result for it."""
    with pytest.raises(BadRegex):
        compile_regex(pattern)


def test_no_pattern_takes_long_or_much() -> None:
    """Nested repetitions are worked off in one pass; programs are bounded."""
    began = time.perf_counter()
    assert compile_regex("(a*)*(a*)*b").search("a" * 2000) is None
    assert time.perf_counter() - began < 5
    with pytest.raises(BadRegex):
        compile_regex("((a{99}){99}){99}")
    with pytest.raises(BadRegex):
        compile_regex("(" * 5000)


_pieces = st.recursive(
    st.sampled_from(["a", "b", "c", ".", "[ab]", "[^a]", "\\."]),
    lambda inner: (
        st.tuples(inner, inner).map("".join)
        | inner.map(lambda text: f"({text})*")
        | inner.map(lambda text: f"({text})?")
        | inner.map(lambda text: f"({text}){{1,2}}")
        | st.tuples(inner, inner).map(lambda pair: f"({pair[0]}|{pair[1]})")
    ),
    max_leaves=6,
)


@given(_pieces, st.text("abc.", max_size=8))
def test_where_python_finds_a_match_so_does_this(pattern: str, text: str) -> None:
    """At the same place; and the length is that of the longest piece of text there that matches as a whole."""
    found, expected = compile_regex(pattern).search(text), re.search(pattern, text)
    if expected is None:
        assert found is None
        return
    assert found is not None
    start = expected.start()
    longest = max(end for end in range(start, len(text) + 1) if re.fullmatch(pattern, text[start:end]))
    assert (found.start, found.length) == (start, longest - start)
