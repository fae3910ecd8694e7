"""Telling the shipped scenarios, as they are or on a copy with something changed."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path
from typing import NamedTuple

from harness.report.terminal import Terminal
from harness.scenario.collect import SUFFIX
from harness.scenario.result import Result, RunResult
from harness.scenario.run import RunOptions, run_files
from harness.targets.factory import make_embedded

SHIPPED = Path(__file__).parents[2] / "scenarios"
FILES = {path.name.removesuffix(SUFFIX): path for path in sorted(SHIPPED.rglob(f"*{SUFFIX}"))}
"""The shipped scenario files by their names."""
WIDE = 2000
"""Columns: nothing in a report is shortened."""

_CONFIG = re.compile(r"(?m)^config: *(\S+)")


class Told(NamedTuple):
    """A run and what its report says."""

    run: RunResult
    report: str

    def failed(self) -> list[Result]:
        """Those that did not pass."""
        return [result for result in self.run.results if result.verdict != "passed"]


def tell(path: Path, seed: int = 1, repeat: int = 1, report_dir: Path | None = None) -> Told:
    """Run a file or a folder in virtual time; traces are written where `report_dir` says."""
    report = io.StringIO()
    options = RunOptions(make_embedded, seed=seed, repeat=repeat, report_dir=report_dir)
    run = run_files([path], options, Terminal(report, width=WIDE))
    return Told(run, report.getvalue())


def folder_of(scenario: Path) -> Path:
    """The configuration of a scenario."""
    found = _CONFIG.search(scenario.read_text("utf-8"))
    assert found is not None, f"{scenario.name} names no configuration"
    return scenario.parent / found[1]


def copy_of(scenario: Path, to: Path) -> Path:
    """A scenario with its configuration in another folder."""
    folder = folder_of(scenario)
    shutil.copytree(folder, to / folder.name)
    return Path(shutil.copy(scenario, to))


def change_line(file: Path, old: str, new: str) -> None:
    """Put one line in the place of another, which has to be there once."""
    lines = file.read_text("utf-8").split("\n")
    assert lines.count(old) == 1, f"{file.name} has the line {old!r} {lines.count(old)} times"
    file.write_text("\n".join(new if line == old else line for line in lines), "utf-8")
