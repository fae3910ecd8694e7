"""How many messages wait (RFC 3842)."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.bodies.message_summary import MAX_COUNT, MessageSummary, read, write
from harness.bodies.xml import BodyError

COUNTS = st.integers(0, MAX_COUNT)


ACCOUNTS = st.sampled_from(("", "sip:2000@10.0.0.1"))


@given(st.builds(MessageSummary, st.booleans(), COUNTS, COUNTS, COUNTS, COUNTS, ACCOUNTS))
def test_what_is_written_is_read(summary: MessageSummary) -> None:
    """All counts, and the account."""
    assert read(write(summary)) == summary


def test_it_looks_as_asterisk_writes_it() -> None:
    """One line each."""
    assert write(MessageSummary(True, 2, 1, account="sip:2000@10.0.0.1")) == (
        b"Messages-Waiting: yes\r\nMessage-Account: sip:2000@10.0.0.1\r\nVoice-Message: 2/1 (0/0)\r\n")


@pytest.mark.parametrize(
    ("body", "read_as"),
    [
        (b"Messages-Waiting: yes", MessageSummary(True)),
        (b"messages-waiting:no\nVOICE-MESSAGE: 0/3\n", MessageSummary(False, 0, 3)),
        (b"Messages-Waiting: yes\r\nFax-Message: 1/0\r\nVoice-Message: 4/8 (1/2)", MessageSummary(True, 4, 8, 1, 2)),
    ],
)
def test_other_spellings_are_read(body: bytes, read_as: MessageSummary) -> None:
    """Case, bare LF, no urgent counts, other kinds of messages."""
    assert read(body) == read_as


@pytest.mark.parametrize(
    "body", [b"", b"Voice-Message: 1/0", b"Messages-Waiting: maybe", b"Messages-Waiting: yes\n" + b"x" * 20_000,
             b"Messages-Waiting: yes\nVoice-Message: 9999999999/0"],
)  # fmt: skip
def test_what_makes_no_sense_is_an_error(body: bytes) -> None:
    """With a reason."""
    with pytest.raises(BodyError):
        read(body)


@given(st.binary(max_size=120))
def test_no_bytes_break_it(body: bytes) -> None:
    """Nothing but BodyError comes out."""
    with contextlib.suppress(BodyError):
        read(b"Messages-Waiting: yes\r\n" + body)
