"""The benchmarks run, small; what they find of time is not looked at."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.bench import baseline, fanout, memory, scenarios, writes
from harness.bench.account import Account
from harness.bench.manager import ManagerLine
from harness.bench.served import PROVIDER, Served
from harness.bench.watchers import Watchers
from harness.cli import shipped
from harness.net.real import READ_BYTES
from harness.pbx.notifier import Fanout as Slices

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="processes are measured on Linux only"),
]


def test_the_baseline_is_a_small_positive_time() -> None:
    """So many datagrams go out and as many come in."""
    assert 0 < baseline.measure(200) < 1


def test_every_watcher_sees_every_change_once(tmp_path: Path) -> None:
    """20 watchers, 3 changes: 60 NOTIFYs, none lost, none twice."""
    found = fanout.fan_out(tmp_path, 20, 3)
    assert found.account.faultless
    assert found.account.arrived == 60
    assert found.cpu_s > 0
    assert found.notifies_per_s > 0


def test_a_turn_reads_the_answers_of_what_a_turn_sends() -> None:
    """Else they pile up in the socket, and a fan-out sends every NOTIFY again; an answer may have 1,000 bytes."""
    assert Slices.SLICE * 1_000 <= READ_BYTES


def test_a_change_that_is_not_answered_comes_again_and_is_noticed(tmp_path: Path) -> None:
    """The books see what a server sends twice: here because its watcher kept silent."""
    account = Account(1)
    with (
        Served(tmp_path) as server,
        ManagerLine(server.place("ami")) as manager,
        Watchers(1, server.place("sip"), account) as crowd,
    ):
        crowd.subscribe()
        crowd.silent = True
        manager.set_presence(PROVIDER, f"away,{account.begin()}")
        crowd.collect()
        manager.expect_success()
        crowd.silent = False
        crowd.settle()
    assert account.arrived == 1
    assert account.repeated > 0
    assert not account.faultless


def test_a_change_of_another_provider_reaches_nobody(tmp_path: Path) -> None:
    """What does not come is missing in the books."""
    account = Account(2)
    with (
        Served(tmp_path) as server,
        ManagerLine(server.place("ami")) as manager,
        Watchers(2, server.place("sip"), account) as crowd,
    ):
        crowd.subscribe()
        manager.set_presence("CustomPresence:other", f"away,{account.begin()}")
        manager.expect_success()
        crowd.settle()
    assert account.missing == 2
    assert not account.faultless


def test_a_subscription_is_looked_at_twice() -> None:
    """Fresh, and once its transaction is over; the wait between them is handed in."""
    waits: list[float] = []
    found = memory.measure(400, waits.append, 100)
    assert waits == [memory.KEPT_S] * 2
    assert found.fresh > 1_000
    assert found.standing == pytest.approx(found.fresh, rel=0.5)


def test_what_was_answered_is_on_disk_after_kill_9(tmp_path: Path) -> None:
    """Over one connection and over three."""
    for found in writes.measure((1, 3), 90):
        assert found.answered == 90
        assert found.lost == 0
        assert found.cpu_s > 0


def test_the_shipped_scenarios_are_all_measured() -> None:
    """Each has a figure of its own."""
    found = scenarios.measure(shipped(), rounds=1)
    assert found.count == len(found.each_s) >= 16
    assert found.again_s > 0
    assert found.start_s > 0
