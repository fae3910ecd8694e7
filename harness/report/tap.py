"""TAP, version 13, with YAML diagnostics: what `prove` and CI servers of all kinds read.

Version 14 has nothing that is needed here, and the `prove` of many systems does not know it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TextIO

import yaml

from harness.columns import clean
from harness.errors import InputError
from harness.report.text import place_of, visible
from harness.scenario.problems import ScenarioErrors
from harness.scenario.result import ERROR, FAILED, INCONCLUSIVE, SKIPPED, XFAILED, Failure, Result, RunResult


def write(run: RunResult, file: TextIO) -> None:
    """Write the whole document: a plan, a line for each scenario and each file that cannot be read, diagnostics."""
    file.writelines(f"{line}\n" for line in lines(run))


def lines(run: RunResult) -> Iterator[str]:
    """The document's lines."""
    yield "TAP version 13"
    yield f"1..{len(run.results) + len(run.errors)}"
    yield f"# seed {run.seed}, {'real' if run.real else 'virtual'} time, target {described(run.target) or 'none'}"
    for number, result in enumerate(run.results, 1):
        yield from _result(number, result)
    for number, error in enumerate(run.errors, len(run.results) + 1):
        where = error.where.file if error.where else "input"
        yield f"not ok {number} - {described(where)}"
        yield from _diagnostics({"message": error.message, "severity": "unreadable", "errors": _errors(error)})


def _result(number: int, result: Result) -> Iterator[str]:
    repeat = f" (seed {result.seed})" if result.repeat else ""
    said = f"{number} - {described(f'{result.id}: {result.name}{repeat}')}"
    if result.verdict == SKIPPED:
        yield f"ok {said} # SKIP {described(result.reason)}"
    elif result.verdict == XFAILED:
        yield f"not ok {said} # TODO {described(result.reason)}"
    elif result.verdict in (FAILED, ERROR, INCONCLUSIVE):
        yield f"not ok {said}"
    else:
        yield f"ok {said}"
    if result.failures and result.verdict != SKIPPED:
        yield from _diagnostics(_told(result))


def _told(result: Result) -> dict[str, Any]:
    first = result.failures[0]
    file, line, column = place_of(first.where or result.where)
    severity = "fail" if result.verdict == FAILED else result.verdict
    told: dict[str, Any] = {"message": first.message, "severity": severity}
    told |= {"at": {"file": file, "line": line, "column": column}}
    told |= {"seed": result.seed, "config": result.config, "checksum": result.checksum, "trace": result.trace_file}
    told["failures"] = [_failure(failure) for failure in result.failures]
    return told


def _failure(failure: Failure) -> dict[str, Any]:
    told = {
        "kind": failure.kind, "message": failure.message, "where": failure.where, "step": failure.step,
        "expected": failure.wanted, "seen": failure.seen, "notes": "; ".join(failure.hints), "road": failure.road,
        "details": failure.details,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value}


def _errors(error: InputError) -> list[dict[str, str]]:
    several = error.errors if isinstance(error, ScenarioErrors) else (error,)
    return [{"where": str(each.where or ""), "message": each.message, "advice": each.advice} for each in several]


def _diagnostics(told: dict[str, Any]) -> Iterator[str]:
    """A YAML block, two blanks in; what goes on in a further line is indented more, so nothing can end it."""
    told = {name: value for name, value in told.items() if value not in ("", None)}
    text = yaml.dump(_visible(told), Dumper=_Yamlish, sort_keys=False, allow_unicode=True, width=2**31)
    yield "  ---"
    yield from (f"  {line}" for line in text.splitlines())
    yield "  ..."


class _Yamlish(yaml.SafeDumper):
    """YAML of which Perl's TAP::Parser understands each line: no text is folded, lists are indented.

    It has lists of mappings only: an entry that is text with a colon in it is no text to that parser.
    """

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """As PyYAML does it, but for lists too."""
        del indentless
        super().increase_indent(flow, False)


def _represented(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, '"' if "\n" in text else None)


_Yamlish.add_representer(str, _represented)


def _visible(value: Any) -> Any:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, list):
        return [_visible(each) for each in value]
    return {name: _visible(each) for name, each in value.items()} if isinstance(value, dict) else value


def described(text: str) -> str:
    """A text for the line of a test: `#` would begin a directive, a backslash an escape."""
    return clean(text).replace("\\", "\\\\").replace("#", "\\#")
