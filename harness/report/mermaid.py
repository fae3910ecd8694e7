"""The ladder as the text of a Mermaid sequence diagram, for wikis and issue trackers that draw those."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.columns import fit
from harness.report.rows import Act, Row, Story

WIDTH = 100
"""Columns of one text; a longer one ends with an ellipsis."""
ARROWS = {"request": "->>", "lost": "-x", "inner": "->>"}
ANSWER = "-->>"
MARK = "rgb(255, 214, 208)"
"""Behind the step that failed."""

_PLAIN = re.compile(r"[\w .,:/@()'\"=*+!?…-]")


def diagram(story: Story) -> str:
    """The diagram; steps are notes across all lanes."""
    return "\n".join(["sequenceDiagram", *(f"    {line}" for line in _lines(story))]) + "\n"


def _lines(story: Story) -> Iterator[str]:
    for number, name in enumerate(story.lanes):
        yield f"participant p{number} as {escape(name)}"
    across = f"p0,p{len(story.lanes) - 1}" if len(story.lanes) > 1 else "p0"
    for act in story.acts:
        failed = act.verdict not in ("", "passed")
        if failed:
            yield f"rect {MARK}"
        if act.index > 0 and story.lanes:
            yield f"Note over {across}: {escape(f'{act.index}. {act.text}')}"
        yield from map(_row, act.rows)
        if failed:
            yield f"Note over {across}: {escape(_verdict(act))}"
            yield "end"


def _verdict(act: Act) -> str:
    return f"{act.index}. {act.verdict}: {act.why}" if act.why else f"{act.index}. {act.verdict}"


def _row(row: Row) -> str:
    said = f"{row.event.time:.6f} {row.label.removeprefix('* ')}" + (f" ({row.why})" if row.why else "")
    if row.at == row.to and row.message is None:
        return f"Note over p{row.at}: {escape(said)}"
    return f"p{row.at}{ARROWS.get(row.kind, ANSWER)}p{row.to}: {escape(said)}"


def escape(text: str) -> str:
    """A text that Mermaid shows as it is: what might mean something to it goes as `#number;`."""
    return "".join(char if _PLAIN.match(char) else f"#{ord(char)};" for char in fit(text, WIDTH)) or "#8203;"
