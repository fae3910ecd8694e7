"""The files that a run leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TextIO

from harness.report import jsonl, junit
from harness.scenario.result import RunResult

Written = tuple[Path, Callable[[RunResult, TextIO], None]]


PAGE = "report.html"
JUNIT = "junit.xml"


def wanted_files(folder: Path, junit_file: Path | None = None, tap_file: Path | None = None) -> list[Written]:
    """Each file with what writes it: JUnit, JSON lines, TAP where it is asked for, the page where it can be."""
    files: list[Written] = [(junit_file or folder / JUNIT, junit.write), (folder / "results.jsonl", jsonl.write)]
    if tap_file is not None:
        from harness.report import tap

        files.append((tap_file, tap.write))
    if page_can_be_written():
        from harness.report import html

        files.append((folder / PAGE, html.write))
    return files


def drop_stale(folder: Path, files: Iterable[Written]) -> None:
    """Take away the JUnit file and the page of an earlier run where this one writes its own elsewhere or has none.

    Whoever gathers `junit.xml` files would count both runs. What cannot be removed is left.
    """
    written = {path.resolve() for path, _ in files}
    for name in (JUNIT, PAGE):
        if (folder / name).resolve() not in written:
            with suppress(OSError):
                (folder / name).unlink()


def page_can_be_written() -> bool:
    """Whether Jinja2 is there, which the extra `report` brings."""
    return find_spec("jinja2") is not None
