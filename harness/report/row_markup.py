"""The rows of a ladder as HTML.  A page has thousands of them, so they are put together here and not in a template.

Every text goes through `_text`, which makes it visible and escapes it; the rest are numbers and words of this module.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from harness.report.sections import Section, ShownRow
from harness.report.svg import ROW, label_of
from harness.report.text import visible


def _text(value: str) -> str:
    return escape(visible(value))


def markup(section: Section, rows: Sequence[ShownRow]) -> str:
    """Rows that open to what they tell."""
    assert section.lanes is not None
    box = f'0 0 {section.lanes.width} {ROW}"'
    return "\n".join(_row(section, shown, box) for shown in rows)


def _row(section: Section, shown: ShownRow, box: str) -> str:
    row, number = shown.row, section.number
    time = f"{row.event.time:.6f}"
    return (
        f'<details class="row" id="s{number}e{row.event.seq}"><summary>'
        f'<svg class="ladder" viewBox="{box} aria-hidden="true"><use href="#s{number}rails"/><g class="{row.kind}">'
        f'<text class="at" x="80" y="16">{time}</text>{shown.strip}</g></svg>'
        f'<span class="said"><time>{time} s</time> {_text(_said(section, shown))}</span></summary>'
        f'<div class="full">{"".join(_full(section, shown))}</div></details>'
    )


def _said(section: Section, shown: ShownRow) -> str:
    """A row in words, for those who do not see the picture."""
    row, lanes = shown.row, section.story.lanes if section.story else ()
    lost = f", lost: {row.why}" if row.kind == "lost" else ""
    way = lanes[row.at] if row.at == row.to and row.message is None else f"{lanes[row.at]} to {lanes[row.to]}"
    return f"{way}: {label_of(row)}{lost}"


def _full(section: Section, shown: ShownRow) -> Iterator[str]:
    yield f'<p class="facts">{", ".join(_facts(section, shown))}</p>'
    if shown.facts:
        rows = (f"<div><dt>{_text(name)}</dt><dd>{_text(value)}</dd></div>" for name, value in shown.facts)
        yield f'<dl class="values">{"".join(rows)}</dl>'
    body = shown.body
    if body is not None:
        problem = f'<p class="problem">cannot be read: {_text(body.problem)}</p>' if body.problem else ""
        words = f"<ul>{''.join(f'<li>{_text(word)}</li>' for word in body.words)}</ul>" if body.words else ""
        laid_out = f"<pre>{_text(body.laid_out)}</pre>" if body.laid_out else ""
        yield f'<div class="body"><p class="kind">{_text(body.kind)}</p>{problem}{words}{laid_out}</div>'
    if shown.text:
        yield f'<pre class="message" tabindex="0" aria-label="The whole message">{_text(shown.text)}</pre>'


def _facts(section: Section, shown: ShownRow) -> Iterator[str]:
    """From whom to whom, how, when it came in, what led to it."""
    row, event = shown.row, shown.row.event
    there = f" → {_text(event.destination)}" if event.destination and event.destination != event.source else ""
    yield _text(event.source) + there
    if event.transport:
        yield _text(event.transport)
    if row.arrived is not None and row.arrived != event.time:
        yield f"arrived at {row.arrived:.6f} s ({(row.arrived - event.time) * 1000:.3f} ms later)"
    if row.why:
        yield f"<strong>lost: {_text(row.why)}</strong>"
    cause = section.links.get(event.cause)
    if cause is not None:
        yield f'because of <a href="#s{section.number}e{cause.event.seq}">{_text(label_of(cause))}</a>'
    yield f"event {event.seq}"
