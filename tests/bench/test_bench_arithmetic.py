"""What the benchmarks make of their figures."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import pytest

from harness.bench import command, fanout, memory, process, scenarios, watchers, writes
from harness.bench.account import Account
from harness.errors import HarnessError, InputError
from harness.scenario.result import FAILED, PASSED, Result

NOTIFY = (
    b"NOTIFY sip:w@127.0.0.1:5 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bK1.1\r\n"
    b"From: <sip:2000@h>;tag=a\r\nTo: <sip:w@h>;tag=bench7\r\nContact: <sip:127.0.0.1:9>\r\n"
    b"Call-ID: 7@bench\r\nCSeq: 31 NOTIFY\r\nEvent: presence\r\nContent-Length:     4\r\n\r\nbody"
)


def fan_out(count: int, cpu_s: float, bytes_each: float = 1_000.0, account: Account | None = None) -> fanout.Fanout:
    """One measurement."""
    return fanout.Fanout(count, 10, cpu_s, 1.0, bytes_each, account or Account(count))


def test_a_notify_is_told_in_bare_datagrams() -> None:
    """Its cost by that of the baseline, and the most watchers by the fewest, in whatever order."""
    few, many = fan_out(200, 30e-6), fan_out(5_000, 45e-6)
    for order in ((few, many), (many, few)):
        report = fanout.Report(10e-6, order)
        assert report.ratio(few) == pytest.approx(3.0)
        assert report.growth == pytest.approx(1.5)
        assert fanout.misses(report) == []


def test_each_aim_that_is_missed_is_named() -> None:
    """Cost and growth have an aim each; memory is told beside its own."""
    report = fanout.Report(10e-6, (fan_out(200, 61e-6), fan_out(5_000, 99e-6, 5_555.0)))
    assert len(fanout.misses(report)) == 3
    assert any("6.10 times" in miss for miss in fanout.misses(report))
    assert any("5,555 bytes" in line for line in fanout.lines(report))
    assert any("1.62 times the fewest" in miss for miss in fanout.misses(report))


def test_memory_is_held_against_its_aim_once_the_transactions_are_over() -> None:
    """What is fresh may cost more."""
    small, large = memory.Memory(5_000, 6_000.0, 4_000.0), memory.Memory(5_000, 6_000.0, 4_200.0)
    assert memory.misses(small) == []
    assert "4,200 bytes" in memory.misses(large)[0]
    assert "4,000 bytes of memory for a subscription that stands, 6,000 while" in memory.lines(small)[0]


def test_the_report_says_what_was_lost() -> None:
    """Figures for a person carry the books."""
    account = Account(3)
    account.begin()
    report = fanout.Report(10e-6, (fan_out(3, 20e-6, account=account),))
    assert not report.lossless
    assert any("3 lost" in line for line in fanout.lines(report))


def test_the_middle_one_of_several_is_taken() -> None:
    """Of an even number, the lower of the two."""
    assert fanout.median([3.0, 1.0, 2.0]) == 2.0
    assert fanout.median([4.0, 1.0, 2.0, 3.0]) == 2.0


def test_a_notify_is_answered_with_what_it_must_carry() -> None:
    """Via, From, To, Call-ID and CSeq come back, nothing else does."""
    assert watchers.answer(NOTIFY) == (
        b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bK1.1\r\n"
        b"From: <sip:2000@h>;tag=a\r\nTo: <sip:w@h>;tag=bench7\r\nCall-ID: 7@bench\r\nCSeq: 31 NOTIFY\r\n"
        b"Content-Length: 0\r\n\r\n"
    )


def test_a_write_that_was_answered_and_is_gone_is_lost() -> None:
    """Answered less kept."""
    found = writes.Writes(1, 100, 97, 150e-6, 300e-6)
    assert found.lost == 3
    assert "3 of them lost" in writes.lines([found])[0]
    assert writes.misses([found]) == []
    assert len(writes.misses([writes.Writes(1, 100, 100, 201e-6, 300e-6)])) == 1


def test_cpu_time_rises_with_work_and_not_with_waiting() -> None:
    """The clock of a process counts what it computes."""
    me = process.os.getpid()
    before = process.cpu_s(me)
    until = time.process_time() + 0.02
    while time.process_time() < until:
        pass
    assert 0.02 <= process.cpu_s(me) - before < 5
    assert process._ticks_s(me) == pytest.approx(process.cpu_s(me), abs=0.5)
    assert process.memory_bytes(me) > 1_000_000


def test_a_process_that_does_not_start_is_an_error() -> None:
    """What it said last is told."""
    with pytest.raises(HarnessError, match="No module named"):
        process.Measured(["-m", "harness.bench.nowhere"], "ready")


def test_scenarios_are_measured_only_where_they_pass() -> None:
    """A failed one says nothing about speed."""
    clock = scenarios._Clock()
    clock.collected(2, 2)
    clock.finished(result(PASSED))
    assert list(clock.each) == ["a/b"]
    with pytest.raises(HarnessError, match="did not pass"):
        clock.finished(result(FAILED))


def result(verdict: str) -> Result:
    """A scenario that was told."""
    made = Result("a/b", "A story", "a/b.scenario.yaml", 1)
    made.verdict = verdict
    return made


def options(**changes: object) -> argparse.Namespace:
    """What the command line gives."""
    given = {"what": "writes", "watchers": None, "changes": None, "json": None, "strict": False}
    return argparse.Namespace(**{**given, **changes})


@pytest.mark.parametrize(
    ("kept", "cpu_s", "strict", "code"),
    [(10, 1e-6, False, 0), (9, 1e-6, False, 1), (10, 1.0, False, 0), (10, 1.0, True, 1)],
    ids=["all well", "one lost", "slow", "slow and strict"],
)
def test_the_exit_code_tells_of_losses(
    kept: int, cpu_s: float, strict: bool, code: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """1 where something was lost; a missed aim counts with --strict."""
    monkeypatch.setattr(writes, "measure", lambda: [writes.Writes(1, 10, kept, cpu_s, cpu_s)])
    said: list[str] = []
    path = tmp_path / "figures.json"
    assert command.run(options(strict=strict, json=path), said.append, Path) == code
    assert any("10 writes" in line for line in said)
    assert any(line.startswith("aim missed") for line in said) == (cpu_s == 1.0)
    assert json.loads(path.read_text())["writes"][0]["kept"] == kept


def test_figures_that_cannot_be_written_are_a_fault_of_the_input(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A folder that is not there is named."""
    monkeypatch.setattr(writes, "measure", lambda: [writes.Writes(1, 1, 1, 1e-6, 1e-6)])
    with pytest.raises(InputError, match="nowhere"):
        command.run(options(json=tmp_path / "nowhere" / "figures.json"), lambda _line: None, Path)
