"""What the page tells of one scenario: its file with marks, its ladder in acts, the screens between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from harness.errors import InputError
from harness.net.blanking import blank
from harness.report import looks
from harness.report.decoded import Body, decoded
from harness.report.looks import Change, Standing
from harness.report.passages import Passage, passages
from harness.report.rows import Act, Row, Story, story
from harness.report.screens import Screens
from harness.report.svg import Lanes
from harness.report.text import place_of
from harness.report.tracefile import read_trace
from harness.scenario.result import Result, ShownEvent

MAX_FILE_LINES = 600
"""Lines of a scenario's file that are shown."""
MAX_FILE_BYTES = 1_000_000
MAX_ROWS = 1_200
"""Rows of one ladder; of more the first ones are shown, and the trace has them all."""
MAX_MESSAGE = 30_000
"""Characters of one message that are shown."""


class FileLine(NamedTuple):
    """A line of a scenario's file; `mark` is the verdict of the step that begins there, or failed within one."""

    number: int
    text: str
    mark: str = ""


class Looked(NamedTuple):
    """One phone around an act: its screen in lines before and after, and what changed."""

    phone: str
    before: tuple[looks.Line, ...]
    after: tuple[looks.Line, ...]
    changes: tuple[Change, ...]

    @property
    def touched(self) -> frozenset[str]:
        """Whose lines changed."""
        return frozenset(change.who for change in self.changes)


@dataclass(slots=True)
class ShownAct:
    """An act with its rows and with the screens around it."""

    act: Act
    rows: list[ShownRow]
    looks: list[Looked] = field(default_factory=list)
    left_out: int = 0


class ShownRow(NamedTuple):
    """A row, its picture, and what it opens to."""

    row: Row
    strip: str
    body: Body | None
    text: str
    """The whole message, '' for what is none."""
    facts: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Section:
    """One scenario.  `problem` says why there is no ladder."""

    number: int
    result: Result
    file: list[FileLine]
    story: Story | None = None
    lanes: Lanes | None = None
    acts: list[ShownAct] = field(default_factory=list)
    standing: list[Looked] = field(default_factory=list)
    """The screens before the first step."""
    passages: list[Passage] = field(default_factory=list)
    problem: str = ""
    links: Mapping[int, Row] = field(default_factory=dict)
    """For the number of each event the row which tells it."""


def section(number: int, result: Result, room: int = MAX_ROWS, steps_only: bool = False) -> Section:
    """Everything that is told of a result; what cannot be read any more is said.

    `room` is how many rows its ladder may have, with `steps_only` none before the first step and after the last.
    """
    made = Section(number, result, list(_file(result)))
    if not result.trace_file:
        made.problem = "there is no trace"
        return made
    try:
        events = read_trace(Path(result.trace_file))
    except InputError as error:
        made.problem = str(error)
        return made
    made.passages = passages(events)
    told = made.story = story(events, [failure.phone for failure in result.failures])
    made.lanes = Lanes(told)
    links = _links(told, events)
    screens, standing = Screens(), Standing()
    shown: set[int] = set()
    if not room:
        made.problem = "the ladder is left out, for this page would be too large"
        return made
    for act in told.acts:
        wanted = act.rows[: 0 if steps_only and act.index <= 0 else room]
        rows = [_row(row, made.lanes) for row in wanted]
        shown |= {row.row.event.seq for row in rows}
        room -= len(rows)
        now = looks.after(act.events, screens, standing)
        failed = act.verdict not in ("", "passed")
        around = list(_looks(standing, now, all_of_them=failed)) if act.index > 0 else []
        if act.index == 0:
            made.standing = list(_looks(now, now, all_of_them=True))
        made.acts.append(ShownAct(act, rows, around, len(act.rows) - len(rows)))
        standing = now
    made.links = {seq: row for seq, row in links.items() if row.event.seq in shown}
    return made


def _links(told: Story, events: list[ShownEvent]) -> dict[int, Row]:
    """The arrival of a message is told by the row of its sending."""
    links = {row.event.seq: row for act in told.acts for row in act.rows}
    for event in events:
        if event.seq not in links and event.cause in links:
            links[event.seq] = links[event.cause]
    return links


# the file


def _file(result: Result) -> Iterator[FileLine]:
    path = Path(result.file)
    try:
        with path.open("rb") as stream:
            text = stream.read(MAX_FILE_BYTES).decode("utf-8", "replace")
    except (OSError, ValueError):
        return
    marks = _marks(result)
    for number, line in enumerate(blank(text).splitlines()[:MAX_FILE_LINES], 1):
        yield FileLine(number, line, marks.get(number, ""))


def _marks(result: Result) -> dict[int, str]:
    """By lines: what became of the step that stands there; of several the worst."""
    marks: dict[int, str] = {}
    for step in result.steps:
        file, line, _ = place_of(step.where)
        if file == result.file and marks.get(line) in (None, "passed"):
            marks[line] = step.verdict or "not reached"
    for failure in result.failures:
        if place_of(failure.where)[0] == result.file:
            marks |= {failure.first_line + number: "failed" for number in range(len(failure.lines))}
    return marks


# rows and screens


def _row(row: Row, lanes: Lanes) -> ShownRow:
    if row.message is None:
        return ShownRow(row, lanes.strip(row), None, "", tuple(_facts(row.event.payload)))
    said = row.event.payload
    text = said if isinstance(said, str) else str(said.get("data") or "") if isinstance(said, Mapping) else ""
    body = decoded(row.message)
    if body.laid_out and len(body.laid_out.splitlines()) <= len(row.message.body.strip().splitlines()):
        body = body._replace(laid_out="")  # it came in good order
    return ShownRow(row, lanes.strip(row), body if body.kind else None, text[:MAX_MESSAGE], ())


def _facts(payload: object) -> Iterator[tuple[str, str]]:
    """The values of an event, those of a screen apart."""
    if not isinstance(payload, Mapping):
        if payload not in (None, ""):
            yield "said", str(payload)
        return
    for name, value in payload.items():
        if name == "screen" or value in ("", None, []):
            continue
        if name in ("changed", "keys") and isinstance(value, list):
            yield from ((name, _said(each)) for each in value)
        else:
            yield str(name), ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _said(changed: object) -> str:
    if not isinstance(changed, Mapping):
        return str(changed)
    if "field" in changed:
        return f"{changed['field']}: {changed.get('before') or '–'} → {changed.get('after') or '–'}"
    return f"{changed.get('place')}: {changed.get('colour') or 'dark'} {changed.get('state') or ''}".strip()


def _looks(before: Standing, now: Standing, all_of_them: bool = False) -> Iterator[Looked]:
    for phone in dict.fromkeys((*before, *now)):
        old, new = before.get(phone), now.get(phone)
        if old is new and not all_of_them:
            continue
        changes = tuple(looks.changes(old, new)) if old is not new else ()
        if changes or all_of_them:
            yield Looked(phone, tuple(looks.lines(old)) if old is not None else (),
                         tuple(looks.lines(new)) if new is not None else (), changes)  # fmt: skip
