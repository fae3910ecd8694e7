"""The books of a fan-out: what counts as lost, as sent twice, as repeated."""

from __future__ import annotations

import pytest

from harness.bench.account import Account


def told(watchers: int = 2) -> Account:
    """Books of watchers that have their first NOTIFY, with CSeq 10, and one change under way."""
    account = Account(watchers)
    for watcher in range(watchers):
        account.first(watcher, 10)
    account.begin()
    return account


def test_a_change_that_each_watcher_sees_once_is_faultless() -> None:
    """Every watcher gets every change with the next CSeq."""
    account = told()
    for change in (1, 2, 3):
        for watcher in (0, 1):
            account.notified(watcher, 10 + change, change)
        assert account.missing == 0
        if change < 3:
            account.begin()
    assert account.faultless
    assert account.arrived == 6


def test_a_change_that_one_watcher_did_not_see_is_lost() -> None:
    """What is missing when the next change begins is lost."""
    account = told()
    account.notified(0, 11, 1)
    account.begin()
    assert account.lost == 1
    assert not account.faultless


def test_what_is_missing_of_the_last_change_is_a_fault() -> None:
    """The last change has no next one that would count what it lost."""
    account = told()
    account.notified(0, 11, 1)
    assert account.missing == 1
    assert not account.faultless


def test_the_same_notify_again_is_a_repetition() -> None:
    """A retransmission has the CSeq that was seen."""
    account = told()
    account.notified(0, 11, 1)
    account.notified(0, 11, 1)
    assert (account.repeated, account.doubled, account.arrived) == (1, 0, 1)
    assert not account.faultless


def test_the_same_change_in_another_notify_is_sent_twice() -> None:
    """A change that comes again with a new CSeq was told twice."""
    account = told()
    account.notified(0, 11, 1)
    account.notified(0, 12, 1)
    assert (account.repeated, account.doubled) == (0, 1)
    assert not account.faultless


def test_a_cseq_that_was_left_out_is_a_gap() -> None:
    """CSeq rises by one; a number that never came belongs to a NOTIFY that nobody saw."""
    account = told()
    account.notified(0, 13, 1)
    assert account.gaps == 2
    assert not account.faultless


def test_a_change_that_comes_late_is_not_lost() -> None:
    """One that arrives after the next change began has only come late."""
    account = told()
    account.notified(0, 11, 1)
    account.begin()
    account.notified(1, 11, 1)
    assert account.lost == 0
    assert account.missing == 2


def test_a_second_first_notify_is_counted() -> None:
    """A SUBSCRIBE brings one NOTIFY."""
    account = Account(1)
    assert account.first(0, 5)
    assert not account.first(0, 5)
    assert not account.first(0, 6)
    assert (account.repeated, account.doubled) == (1, 1)


@pytest.mark.parametrize("watchers", [1, 3])
def test_a_change_without_watchers_left_out_needs_all_of_them(watchers: int) -> None:
    """`missing` counts down to nothing with the last watcher."""
    account = told(watchers)
    for watcher in range(watchers):
        assert account.missing == watchers - watcher
        account.notified(watcher, 11, 1)
    assert account.missing == 0
