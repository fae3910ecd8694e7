"""Annotations for GitHub Actions: what failed, shown beside the line of the scenario in a pull request.

They are printed as workflow commands; the runner reads them from the output.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from harness.errors import InputError
from harness.report.text import place_of, visible
from harness.scenario.problems import ScenarioErrors
from harness.scenario.result import ERROR, FAILED, INCONCLUSIVE, Failure, Result, RunResult

MAX_ANNOTATIONS = 50
"""Of one run; GitHub shows ten of each kind for a step, and the log shows all."""


def wanted(environment: Mapping[str, str]) -> bool:
    """Whether this runs within GitHub Actions."""
    return environment.get("GITHUB_ACTIONS") == "true"


def commands(run: RunResult, environment: Mapping[str, str]) -> Iterator[str]:
    """A command for each failure, each error of a file and each warning, the worst first."""
    root = environment.get("GITHUB_WORKSPACE", "")
    found = [*_unreadable(run), *_failures(run), *_warnings(run)]
    for kind, where, title, message in found[:MAX_ANNOTATIONS]:
        yield command(kind, where, title, message, root)
    if len(found) > MAX_ANNOTATIONS:
        yield command("notice", "", "dpma-harness", f"and {len(found) - MAX_ANNOTATIONS} more", root)


Annotation = tuple[str, str, str, str]
"""Kind, place, title, message."""


def _unreadable(run: RunResult) -> Iterator[Annotation]:
    for error in run.errors:
        several: tuple[InputError, ...] = tuple(error.errors) if isinstance(error, ScenarioErrors) else (error,)
        for each in several:
            said = f"{each.message}\n{each.advice}" if each.advice else each.message
            yield "error", str(each.where or ""), "unreadable", said


def _failures(run: RunResult) -> Iterator[Annotation]:
    for result in run.results:
        kind = {FAILED: "error", ERROR: "error", INCONCLUSIVE: "warning"}.get(result.verdict)
        if kind:
            title = f"{result.verdict}: {result.name}"
            yield from ((kind, each.where or result.where, title, _told(each, result)) for each in result.failures)


def _told(failure: Failure, result: Result) -> str:
    lines = [failure.message]
    lines += [f"{name}: {said}" for name, said in (("expected", failure.wanted), ("seen", failure.seen)) if said]
    lines += [f"note: {hint}" for hint in failure.hints]
    lines += [f"the road ended at {failure.road}"] if failure.road else []
    return "\n".join([*lines, f"seed {result.seed}"])


def _warnings(run: RunResult) -> Iterator[Annotation]:
    for result in run.results:
        yield from (("warning", result.where, result.name, warning) for warning in result.warnings)


def command(kind: str, where: str, title: str, message: str, root: str = "") -> str:
    """One workflow command; a file below `root` is named from there, as GitHub knows it."""
    file, line, column = place_of(where)
    if root and os.path.isabs(file) and os.path.commonpath([root, os.path.abspath(file)]) == os.path.abspath(root):
        file = os.path.relpath(file, root)
    values = {"file": file, "line": line, "col": column, "title": title}
    given = ",".join(f"{name}={_value(str(value))}" for name, value in values.items() if value)
    return f"::{kind} {given}::{_data(message)}"


def _data(text: str) -> str:
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
