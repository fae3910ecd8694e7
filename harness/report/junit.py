"""JUnit XML, as CI servers read it: one testcase for a scenario, and one for a file that cannot be read."""

from __future__ import annotations

import re
from typing import TextIO
from xml.etree import ElementTree

from harness.errors import InputError
from harness.report.ladder import WIDTH, ladder
from harness.report.text import duration, place_of
from harness.scenario.problems import ScenarioErrors
from harness.scenario.result import ERROR, FAILED, INCONCLUSIVE, SKIPPED, XFAILED, Failure, Result, RunResult

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""What XML 1.0 cannot carry (production 2, Char), and what it discourages."""


def write(run: RunResult, file: TextIO) -> None:
    """Write the document; `file` is open for UTF-8."""
    ElementTree.indent(root := document(run))
    file.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    file.write(ElementTree.tostring(root, encoding="unicode"))
    file.write("\n")


def document(run: RunResult) -> ElementTree.Element:
    """The whole document as elements."""
    cases = [_case(result) for result in run.results] + [_unreadable(error) for error in run.errors]
    counts = {
        "tests": len(cases),
        "failures": sum(case.find("failure") is not None for case in cases),
        "errors": sum(case.find("error") is not None for case in cases),
        "skipped": sum(case.find("skipped") is not None for case in cases),
    }
    numbers = {name: str(number) for name, number in counts.items()} | {"time": f"{run.wall_s:.6f}"}
    suites = ElementTree.Element("testsuites", {"name": "dpma-harness", **numbers})
    suite = ElementTree.SubElement(suites, "testsuite", {"name": "scenarios", **numbers})
    _properties(suite, {"seed": str(run.seed), "target": run.target, "time": "real" if run.real else "virtual"})
    suite.extend(cases)
    return suites


def _case(result: Result) -> ElementTree.Element:
    folder, _, _ = result.id.rpartition("/")
    case = ElementTree.Element("testcase", {
        "classname": text(".".join(("scenarios", *filter(None, folder.split("/"))))),
        "name": text(result.name if not result.repeat else f"{result.name} (seed {result.seed})"),
        "time": f"{result.wall_s:.6f}",
        "file": text(result.file),
    })  # fmt: skip
    _, line, _ = place_of(result.where)
    if line:
        case.set("line", str(line))
    _properties(case, {
        "verdict": result.verdict, "why": result.why, "tags": ", ".join(result.tags), "seed": str(result.seed),
        "story": duration(result.story_s), "config": result.config, "config checksum": result.checksum,
        "trace": result.trace_file, "capture": result.pcap_file,
        **{f"warning {number}": said for number, said in enumerate(result.warnings, 1)},
    })  # fmt: skip
    _outcome(case, result)
    if result.failures and result.events:
        watched = dict.fromkeys(failure.phone for failure in result.failures)
        ElementTree.SubElement(case, "system-out").text = text(ladder(result.events, WIDTH, result.marked, watched))
    return case


def _outcome(case: ElementTree.Element, result: Result) -> None:
    if result.verdict in (SKIPPED, XFAILED):
        reason = result.reason if result.verdict == SKIPPED else f"xfail: {result.reason}"
        ElementTree.SubElement(case, "skipped", {"message": text(reason)})
    elif result.verdict in (FAILED, ERROR, INCONCLUSIVE):
        name = "failure" if result.verdict == FAILED else "error"
        kind = result.failures[0].kind if result.failures else result.verdict
        attributes = {"message": text(result.reason), "type": kind if result.verdict != INCONCLUSIVE else INCONCLUSIVE}
        element = ElementTree.SubElement(case, name, attributes)
        element.text = text("\n\n".join(map(failure_text, result.failures)))


def _unreadable(error: InputError) -> ElementTree.Element:
    where = error.where.file if error.where else "input"
    case = ElementTree.Element("testcase", {"classname": "scenarios", "name": text(where), "time": "0.000000",
                                            "file": text(where)})  # fmt: skip
    several = len(error.errors) if isinstance(error, ScenarioErrors) else 1
    message = error.message if several == 1 else f"{several} errors, the first: {error.message}"
    element = ElementTree.SubElement(case, "error", {"message": text(message), "type": "unreadable"})
    element.text = text(str(error))
    return case


def _properties(parent: ElementTree.Element, values: dict[str, str]) -> None:
    given = {name: value for name, value in values.items() if value}
    if given:
        properties = ElementTree.SubElement(parent, "properties")
        for name, value in given.items():
            ElementTree.SubElement(properties, "property", {"name": text(name), "value": text(value)})


def failure_text(failure: Failure) -> str:
    """A failure with all that is known of it, without colours."""
    lines = [failure.headline]
    lines += [f"  {failure.first_line + number} | {line}" for number, line in enumerate(failure.lines)]
    lines += [f"{name}: {said}" for name, said in (("expected", failure.wanted), ("seen", failure.seen)) if said]
    lines += [f"note: {hint}" for hint in failure.hints]
    if failure.road:
        lines.append(f"the road ended at {failure.road}")
    if failure.details:
        lines.append(failure.details.rstrip())
    return "\n".join(lines)


def text(value: str) -> str:
    """Text with what XML cannot carry replaced."""
    return _NOT_XML.sub("\ufffd", value)
