"""TAP: the document, its diagnostics, and Perl's `prove` as another reader."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import yaml
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import InputError, Location
from harness.report import tap
from harness.scenario.problems import ScenarioErrors
from harness.scenario.result import Failure, Result, RunResult
from tests.report.stories import HOSTILE
from tests.serving import require

FAILURE = Failure("step", "it did not come", "a b.yaml:6:5", step="expect: {x: y}", wanted="away", seen="dnd",
                  hints=("too early",), road="hint: no presence part")  # fmt: skip
BROKEN = Failure("error", "KeyError", details="a\n...\n  b")


def run() -> RunResult:
    """One of each verdict, and two files that cannot be read."""
    results = [
        Result("p/a", "Good #1", "a"),
        Result("b", "Bad", "b", verdict="failed", reason="x", failures=[FAILURE], seed=7, checksum="0123", repeat=1),
        Result("c", "Broken", "c", "c:1:1", verdict="error", failures=[BROKEN]),
        Result("d", "Skipped", "d", verdict="skipped", reason="not # today"),
        Result("e", "Known", "e", verdict="xfailed", reason="issue 7", failures=[FAILURE]),
        Result("f", "No target", "f", verdict="inconclusive", failures=[Failure("target", "no server")]),
    ]
    several = ScenarioErrors([InputError("one", Location("h", 1, 1)), InputError("two", Location("h", 2, 1))])
    errors: list[InputError] = [InputError("no such file", Location("g")), several]
    return RunResult(results, errors, seed=7, target="embedded")


def diagnostics(lines: list[str]) -> list[dict[str, object]]:
    """The YAML blocks of a document."""
    blocks: list[list[str]] = []
    inside = False
    for line in lines:
        if line == "  ---":
            blocks.append([])
        elif inside and line != "  ...":
            assert line.startswith("  ") or not line
            blocks[-1].append(line[2:])
        inside = line != "  ..." if inside else line == "  ---"
    assert not inside
    return [yaml.safe_load("\n".join(block)) for block in blocks]


def test_a_line_for_each_scenario_and_each_unreadable_file() -> None:
    """Collected equals reported; skipped and expected failures are directives."""
    lines = list(tap.lines(run()))
    assert [line for line in lines if re.match(r"TAP|\d|ok|not ok", line)] == [
        "TAP version 13", "1..8", r"ok 1 - p/a: Good \#1", "not ok 2 - b: Bad (seed 7)", "not ok 3 - c: Broken",
        r"ok 4 - d: Skipped # SKIP not \# today", "not ok 5 - e: Known # TODO issue 7", "not ok 6 - f: No target",
        "not ok 7 - g", "not ok 8 - h",
    ]  # fmt: skip


def test_diagnostics_tell_what_failed() -> None:
    """As YAML that another reader reads."""
    bad, broken, known, target, missing, errors = diagnostics(list(tap.lines(run())))
    assert bad["message"] == "it did not come"
    assert bad["at"] == {"file": "a b.yaml", "line": 6, "column": 5}
    assert (bad["seed"], bad["checksum"], bad["severity"]) == (7, "0123", "fail")
    assert bad["failures"][0]["notes"] == "too early"  # type: ignore[index]
    assert broken["failures"][0]["details"] == BROKEN.details  # type: ignore[index]
    assert (known["severity"], target["severity"]) == ("xfailed", "inconclusive")
    assert missing["message"] == "no such file"
    assert [each["where"] for each in errors["errors"]] == ["h:1:1", "h:2:1"]  # type: ignore[attr-defined]


@given(st.text(st.characters()), st.text(st.characters()))
def test_no_text_leaves_its_place(name: str, reason: str) -> None:
    """Whatever is in it, the document has the same lines and the same blocks."""
    failure = Failure("step", reason, "x:1:1", details=reason)
    told = RunResult([Result("a", name, "a", verdict="failed", failures=[failure]),
                      Result("b", name, "b", verdict="skipped", reason=reason)])  # fmt: skip
    lines = list(tap.lines(told))
    assert [line[:8] for line in lines if not line.startswith(" ")][3:] == ["not ok 1", "ok 2 - b"]
    assert not any("\n" in line or "\r" in line for line in lines)
    (block,) = diagnostics(lines)
    assert set(block) >= {"severity", "at", "failures"}


def test_prove_reads_it(tmp_path: Path) -> None:
    """Two of them bad, the expected failure not counted, nothing that it cannot parse."""
    require("prove")
    hostile = [Result(f"h{number}", text, "h") for number, text in enumerate(HOSTILE)]
    told = run()
    path = tmp_path / "run.tap"
    with path.open("w", encoding="utf-8") as file:
        tap.write(RunResult([*told.results, *hostile], told.errors), file)
    done = subprocess.run(["prove", "--exec", "cat", str(path)], capture_output=True, text=True, check=False)
    assert "Parse errors" not in done.stdout
    assert re.search(r"Failed tests:\s+2-3, 6, 13-14", done.stdout), done.stdout
