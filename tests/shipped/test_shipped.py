"""The shipped scenarios: all pass, each can be made to fail, and a failure names the hop at which its road ended."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.pbx.notifier import Subscription
from harness.pbx.subscriptions import Subscriptions
from harness.scenario.road import HOPS
from harness.scenario.run import TRACES
from harness.targets.assembly import CoreWriter, PlanHints
from phones import interpret
from tests.shipped.changes import CHANGES, Line, Name
from tests.shipped.telling import FILES, SHIPPED, copy_of, folder_of, tell

SEEDS = int(os.environ.get("DPMA_HARNESS_SEEDS", "3"))
"""Seeds of an ordinary run; CI asks for 100."""
SEEDS_OF_CALLS = int(os.environ.get("DPMA_HARNESS_CALL_SEEDS", SEEDS))
"""The same for stories that are not on presence alone, of which there are many and longer ones; CI asks for fewer."""
RUN_LIMIT_S = 120.0
"""Seconds of real time that a process of its own may take for all scenarios."""

COULD_NOT_FAIL = "could not fail: "
"""How a step that was bound to hold is told; other warnings are of the configuration."""

EACH_CHANGE = [
    pytest.param(name, change, id=f"{name}-{number}")
    for name, changes in CHANGES.items()
    for number, change in enumerate(changes, 1)
]


# passing


@pytest.mark.parametrize("name", FILES)
def test_a_shipped_scenario_passes_whatever_the_seed(name: str) -> None:
    """Each file passes with every seed, says why it is there, and nothing that it asks was bound to hold."""
    seeds = SEEDS if FILES[name].parent.name == "presence" else SEEDS_OF_CALLS
    told = tell(FILES[name], seed=1, repeat=seeds)
    assert told.run.exit_code == 0, told.report
    assert {result.seed for result in told.run.results} == set(range(1, seeds + 1))
    assert [result.name for result in told.run.results if not result.why] == []
    assert [said for result in told.run.results for said in result.warnings if said.startswith(COULD_NOT_FAIL)] == []


# failing


def test_every_shipped_scenario_has_a_change_that_breaks_it() -> None:
    """A new scenario without an entry in changes.py fails here."""
    assert len(FILES) >= 16
    assert set(CHANGES) == set(FILES)
    assert [name for name, changes in CHANGES.items() if not changes] == []


@pytest.mark.parametrize(("name", "change"), EACH_CHANGE)
def test_one_change_makes_it_fail_and_its_hop_is_named(
    name: str, change: Line | Name, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The step that depends on what was changed fails, and the report says where the road ended."""
    copy = copy_of(FILES[name], tmp_path)
    change.make(folder_of(copy), monkeypatch)
    told = tell(copy)
    assert [result.verdict for result in told.run.results] == ["failed"], told.report
    failure = told.run.results[0].failures[0]
    assert failure.kind == "step"
    assert change.step in failure.step
    if change.hop:
        assert f"road       ended at {change.hop}: " in told.report


def test_the_hops_in_the_table_are_hops() -> None:
    """A misspelt hop in changes.py would be compared with nothing."""
    assert {change.hop for changes in CHANGES.values() for change in changes} <= {*HOPS, ""}


# taking one hop out


def without_presence_part(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Every hint, written or made, ends before its comma."""
    for file in folder.rglob("extensions.conf"):
        text, found = re.subn(r"(?m)^(exten => [^,]+,hint,[^,\n]*),.*$", r"\1", file.read_text("utf-8"))
        file.write_text(text, "utf-8")
        assert found or ",hint," not in text or file.parent.name == "no-presence", file
    add = PlanHints.add_hint
    patch.setattr(PlanHints, "add_hint", lambda self, *place: add(self, *place[:2], place[2].partition(",")[0]))


def without_write(_folder: Path, patch: pytest.MonkeyPatch) -> None:
    """The shim believes that it wrote."""
    patch.setattr(CoreWriter, "set_presence", lambda _self, _provider, _value: True)


def without_notify(_folder: Path, patch: pytest.MonkeyPatch) -> None:
    """After its first NOTIFY a subscription sends none until its last."""
    notify = Subscriptions._notify

    def first_and_last(self: Subscriptions, subscription: Subscription, *why: str) -> None:
        if subscription.ended or not subscription.established:
            notify(self, subscription, *why)

    patch.setattr(Subscriptions, "_notify", first_and_last)


def without_tuple(_folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Phones read all of a body but the Digium tuple."""
    patch.setattr(interpret, "_presence", lambda _digium, _family, _options: ("", ""))


NOTHING_ARRIVES = {"06-no-presence-part", "14-wrong-context", "17-not-offered"}
"""They tell of what does not reach a phone."""
NO_PRESS = {"10-substatus-then-message", "16-before-the-watcher"}
"""They write presence as a dialplan does, without the shim."""

WITHOUT = (
    pytest.param(without_presence_part, "hint", NOTHING_ARRIVES, id="the hint's presence part"),
    pytest.param(without_write, "dpma", NOTHING_ARRIVES | NO_PRESS, id="the shim's write"),
    # what was set before the watcher came is in its first NOTIFY
    pytest.param(without_notify, "notify", NOTHING_ARRIVES | {"16-before-the-watcher"}, id="the NOTIFY"),
    # of another make's phone it is the NOTIFY that is looked at
    pytest.param(without_tuple, "screen", NOTHING_ARRIVES | {"13-another-make"}, id="the phone's reading of the tuple"),
)


@pytest.mark.parametrize(("take_out", "hop", "independent"), WITHOUT)
def test_taking_one_hop_out_fails_what_depends_on_it_and_names_it(
    take_out: Callable[[Path, pytest.MonkeyPatch], None],
    hop: str,
    independent: set[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Scenarios that need the hop fail there, and those that do not still pass."""
    folder = shutil.copytree(SHIPPED / "presence", tmp_path / "scenarios")  # the others are of something else
    take_out(folder, monkeypatch)
    told = tell(folder)
    assert {name_of(result.id) for result in told.run.results if result.verdict == "passed"} == independent
    failed = told.failed()
    assert {result.verdict for result in failed} == {"failed"}, told.report
    assert {result.id: result.failures[0].road.partition(":")[0] for result in failed} == {
        result.id: hop for result in failed
    }
    assert told.report.count(f"road       ended at {hop}: ") == len(failed)


def name_of(result_id: str) -> str:
    """The file of a result: its id without folders and the values of a matrix."""
    return result_id.partition("[")[0].rpartition("/")[2]


# one seed, one trace


def traces(folder: Path) -> dict[str, bytes]:
    """All traces of a report by their names."""
    root = folder / TRACES
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def told_here(report: Path, seed: int) -> dict[str, bytes]:
    """The traces that this process writes, one scenario after the other."""
    told = tell(SHIPPED, seed=seed, report_dir=report)
    assert told.run.exit_code == 0, told.report
    return traces(report)


def told_elsewhere(copy: Path, report: Path, seed: int, jobs: int) -> dict[str, bytes]:
    """The traces of another process with another hash seed, for a copy of the shipped scenarios."""
    shutil.copytree(SHIPPED, copy)
    options = ["--report", str(report), "--seed", str(seed), "--jobs", str(jobs)]
    here = os.environ.get("PYTHONHASHSEED")  # not set: a random one, of four thousand million
    environment = {**os.environ, "PYTHONHASHSEED": "4242" if here != "4242" else "4243"}
    done = subprocess.run(
        [sys.executable, "-m", "harness.cli", "run", str(copy), *options],
        env=environment, capture_output=True, text=True, timeout=RUN_LIMIT_S, cwd=SHIPPED.parent, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return traces(report)


@pytest.mark.long
def test_one_seed_gives_the_same_bytes_in_every_process_folder_and_number_of_jobs(tmp_path: Path) -> None:
    """Hash seed, folder and `--jobs` leave no mark on a trace, and another seed does."""
    one = told_here(tmp_path / "one", seed=7)
    assert {name_of(name).removesuffix(".jsonl") for name in one} == set(FILES)
    assert b"".join(one.values()).count(b'"hop":"screen"') >= len(FILES)
    four = told_elsewhere(tmp_path / "else" / "where", tmp_path / "four", seed=7, jobs=4)
    assert [name for name in one if one[name] != four.get(name)] == []
    assert set(one) == set(four)
    assert set(one.values()).isdisjoint(told_here(tmp_path / "another", seed=8).values())
