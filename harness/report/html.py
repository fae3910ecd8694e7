"""The page of a run: one file without anything from elsewhere.  Needs Jinja2, the extra `report`."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import zip_longest
from os import fsencode
from os.path import relpath
from pathlib import Path
from typing import Any, NamedTuple, TextIO
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from harness.columns import fit_to
from harness.report import svg
from harness.report.passages import Passage, spreads
from harness.report.row_markup import markup
from harness.report.sections import MAX_ROWS, Section, ShownRow, section
from harness.report.svg import PAGE
from harness.report.text import again, duration, visible
from harness.scenario.problems import ScenarioErrors
from harness.scenario.result import PASSED, SKIPPED, VERDICTS, Result, RunResult

MAX_WHOLE = 6_000_000
"""Characters after which scenarios that passed are told without what came before and after their steps."""
MAX_PASSED = 18_000_000
"""Characters after which they are told without their ladder."""
MAX_PAGE = 30_000_000
"""Characters after which all are."""

SIGNS = {"passed": "✓", "failed": "✗", "error": "✗", "skipped": "–", "xfailed": "~", "inconclusive": "?"}
_CARETS = re.compile(r" +\| *\^+")
KINDS = {"press": "press", "step": "step that acts", "presence": "presence", "lamp": "lamp"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands at the top of the page."""

    written: str
    seed: int
    target: str
    kind: str
    took: str
    files: int


def write(run: RunResult, file: TextIO) -> None:
    """Write the page; links to traces are made from the folder of `file` where it has a name."""
    folder = Path(getattr(file, "name", "") or ".").parent
    environment = _environment()
    tell = environment.get_template("section.html").render
    found: list[Passage] = []
    parts: list[str] = []
    written = 0
    for number, result in enumerate(run.results, 1):
        passed = result.verdict == PASSED
        room = 0 if written > (MAX_PASSED if passed else MAX_PAGE) else MAX_ROWS
        made = section(number, result, room, steps_only=passed and written > MAX_WHOLE)
        found += made.passages
        parts.append(tell(section=made, result=result, links=_files(result, folder), **_sectional(made)))
        written += len(parts[-1])
    around = {"spreads": spreads(found), **_around(run)}
    file.write(environment.get_template("head.html").render(around))
    file.writelines(parts)
    file.write(environment.get_template("foot.html").render(around))


# what templates use


@lru_cache(1)
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(PAGE), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, auto_reload=False, finalize=_finalized,
    )  # fmt: skip
    made.filters |= {"duration": duration, "millis": _millis, "micros": "{:.6f}".format}
    made.globals |= {"SIGNS": SIGNS, "KINDS": KINDS, "VERDICTS": VERDICTS, "MANY": _many}
    return made


def _finalized(value: object) -> object:
    """Every text that a template puts out, before it is escaped."""
    return visible(value) if type(value) is str else value


def _around(run: RunResult) -> dict[str, Any]:
    style, script = (PAGE / "page.css").read_text("utf-8") + svg.style(), (PAGE / "page.js").read_text("utf-8")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'; "
        "form-action 'none'"
    )
    counts = {verdict: run.count(verdict) for verdict in VERDICTS if run.count(verdict)}
    facts = Facts(datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"), run.seed, run.target,
                  "real" if run.real else "virtual", duration(run.wall_s), run.files)  # fmt: skip
    return {
        "style": Markup(style), "script": Markup(script), "policy": policy, "facts": facts, "counts": counts,
        "total": len(run.results), "failed": sum(result.bad for result in run.results),
        "unreadable": len(run.errors), "faults": [list(_lines(fault)) for fault in _faults(run)],
        "tags": sorted({tag for result in run.results for tag in result.tags}),
        "bad": [(number, result) for number, result in enumerate(run.results, 1)
                if result.verdict not in (PASSED, SKIPPED, "xfailed")],
    }  # fmt: skip


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _faults(run: RunResult) -> Iterator[str]:
    """All that is wrong with what could not be read; of one file it may be several things."""
    for error in run.errors:
        several = error.errors if isinstance(error, ScenarioErrors) else (error,)
        yield from (str(each) for each in several)


class Line(NamedTuple):
    """A line of a message; where carets stood below it, `marked` is what they pointed at."""

    before: str
    marked: str = ""
    after: str = ""


def _lines(fault: str) -> Iterator[Line]:
    """A message in lines. Carets become a mark, which stays in its place where a line is broken."""
    lines = fault.splitlines()
    for line, below in zip_longest(lines, lines[1:], fillvalue=""):
        if _CARETS.fullmatch(line):
            continue
        if not _CARETS.fullmatch(below):
            yield Line(line)
            continue
        start = len(fit_to(line, below.index("^")))
        end = start + len(fit_to(line[start:], below.count("^")))
        yield Line(line[:start], line[start:end] or " ", line[end:])


def _sectional(made: Section) -> dict[str, Any]:
    result = made.result
    searched = " ".join((result.name, result.id, result.why, *result.tags, *(each.text for each in made.file),
                         *(failure.headline for failure in result.failures)))  # fmt: skip
    return {
        "searched": " ".join(searched.lower().split()),
        "again": again(result.file, result.seed, result.real),
        "told": sum(step.verdict == "passed" for step in result.steps),
        "spreads": spreads(made.passages),
        "heads": Markup(made.lanes.heads() if made.lanes else ""),
        "rails": Markup(made.lanes.rails(svg.ROW) if made.lanes else ""),
        "markup": _marked_up,
    }


def _files(result: Result, folder: Path) -> Mapping[str, str]:
    """The files of a result, as links from the page's folder."""
    named = {"trace": result.trace_file, "capture": result.pcap_file}
    return {name: "./" + quote(fsencode(relpath(place, folder))) for name, place in named.items() if place}


def _marked_up(made: Section, rows: list[ShownRow]) -> Markup:
    return Markup(markup(made, rows))


def _millis(seconds: float) -> str:
    return f"{seconds * 1000:.3f} ms"


def _many(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
