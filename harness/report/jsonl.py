"""JSON lines: one object for each scenario.  (Traces are written as JSON lines by themselves.)"""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import Any, TextIO

from harness.scenario.result import Result, RunResult

_NOT_TOLD = frozenset({"events", "marked"})
"""What stands in the trace's own file."""


def write(run: RunResult, file: TextIO) -> None:
    """Write a line for each result, in order, then one for each error."""
    for result in run.results:
        file.write(line(record(result)) + "\n")
    for error in run.errors:
        where = error.where
        file.write(line({"unreadable": where.file if where else "", "error": str(error)}) + "\n")


def record(result: Result) -> dict[str, Any]:
    """A result as plain values."""
    plain: dict[str, Any] = {}
    for each in fields(result):
        if each.name in _NOT_TOLD:
            continue
        value = getattr(result, each.name)
        if each.name in ("steps", "failures"):
            value = [asdict(item) for item in value]
        plain[each.name] = list(value) if isinstance(value, tuple) else value
    return plain


def line(value: object) -> str:
    """One JSON object on one line, in UTF-8 that can be written."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace").decode("utf-8")
