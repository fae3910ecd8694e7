"""`dpma-harness ladder`: a trace that was written, drawn."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TextIO

from harness.report import mermaid, svg
from harness.report.ladder import WIDTH, ladder
from harness.report.rows import step_that_failed, story
from harness.report.tracefile import read_trace


def draw(trace: Path, form: str, stream: TextIO) -> str:
    """The ladder as `text`, `mermaid` or `svg`, fit for a stream; InputError where the trace cannot be read."""
    events = read_trace(trace)
    if form == "svg":
        drawn = svg.picture(story(events))
    elif form == "mermaid":
        drawn = mermaid.diagram(story(events))
    else:
        width = max(WIDTH, shutil.get_terminal_size().columns) if stream.isatty() else WIDTH
        drawn = ladder(events, width, step_that_failed(events), most=len(events)) + "\n"
    encoding = stream.encoding or "utf-8"
    return drawn.encode(encoding, "replace").decode(encoding)
