"""The files that a run leaves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from harness.report import jsonl, junit
from harness.scenario.result import RunResult

Written = tuple[Path, Callable[[RunResult, TextIO], None]]


def wanted_files(folder: Path, junit_file: Path | None = None, tap_file: Path | None = None) -> list[Written]:
    """Each file with what writes it: always JUnit and JSON lines, TAP where it is asked for."""
    files: list[Written] = [(junit_file or folder / "junit.xml", junit.write), (folder / "results.jsonl", jsonl.write)]
    if tap_file is not None:
        from harness.report import tap

        files.append((tap_file, tap.write))
    return files
