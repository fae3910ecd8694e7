"""The buffer of a subscription, which decides whether a large body is sent or an empty one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.bodies.capacity import DIALOG_INFO_GROWTHS, FIRST_CAPACITY, PIDF_GROWTHS, always_fits, fit


def test_a_new_subscription_sends_up_to_2047_bytes_of_pidf() -> None:
    """128 bytes, doubled four times."""
    assert always_fits(PIDF_GROWTHS) == 2047
    assert fit(2047, FIRST_CAPACITY, PIDF_GROWTHS) == (True, 2048)
    assert fit(2048, FIRST_CAPACITY, PIDF_GROWTHS) == (False, 4096)


def test_a_new_subscription_sends_up_to_4095_bytes_of_dialog_info() -> None:
    """One growth more."""
    assert always_fits(DIALOG_INFO_GROWTHS) == 4095


def test_a_body_that_was_too_large_fits_the_next_time() -> None:
    """The buffer keeps what it grew to."""
    sent, capacity = fit(3000, FIRST_CAPACITY, PIDF_GROWTHS)
    assert not sent
    assert fit(3000, capacity, PIDF_GROWTHS) == (True, 4096)


@given(st.integers(0, 20_000), st.sampled_from([PIDF_GROWTHS, DIALOG_INFO_GROWTHS]))
def test_what_always_fits_is_what_a_new_buffer_takes(length: int, growths: int) -> None:
    """The shortcut and the loop agree."""
    assert fit(length, FIRST_CAPACITY, growths)[0] == (length <= always_fits(growths))
