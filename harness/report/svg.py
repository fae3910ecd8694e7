"""The ladder as SVG: strips of one row each, which the page puts below one another, or one whole picture."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from html import escape
from pathlib import Path

from harness.columns import columns, fit
from harness.report.rows import Act, Row, Story
from harness.report.text import visible

ROW = 26
"""Height of a strip, in units that are pixels where the picture is not scaled."""
HEAD = 30
_TIME, _MARGIN, _WIDEST, _MOST = 92, 290, 150, 1180
_NARROWEST = 84
_LETTER = 7.3
"""Width of a letter of 12 units in the usual monospaced fonts."""
_LINE, _BASE, _SAID = 19, 16, 11
"""Heights in a strip: of an arrow, of text beside a mark, of text over an arrow."""
_LONGEST = 64
"""Columns over an arrow."""
_PREFIXES = ("* ", "core: ", "dpma: ", "pbx: ", "note: ")
MAX_TITLE = 4_000
"""Characters of a message that the picture tells where the pointer rests on its row."""
PAGE = Path(__file__).with_name("page")


@lru_cache(1)
def style() -> str:
    """The colours of a ladder, in light and in darkness."""
    return (PAGE / "ladder.css").read_text("utf-8")


class Lanes:
    """Where the lanes of a story are."""

    def __init__(self, story: Story) -> None:
        self.names = story.lanes
        count = max(1, len(self.names))
        room = (_MOST - _TIME - _MARGIN) // count
        self.lane = max(_NARROWEST, min(_WIDEST, room))
        self.width = _TIME + count * self.lane + _MARGIN

    def x(self, lane: int) -> int:
        """The rail of a lane."""
        return _TIME + lane * self.lane + self.lane // 2

    def heads(self) -> str:
        """The names over the lanes."""
        letters = int(self.lane / _LETTER)
        return "".join(
            f'<text class="name" x="{self.x(number)}" y="20">{escape(fit(name, letters))}</text>'
            for number, name in enumerate(self.names)
        )

    def rails(self, height: int) -> str:
        """The lines that time runs along."""
        way = "".join(f"M{self.x(number)} 0V{height}" for number in range(len(self.names)))
        return f'<path class="rail" d="{way}"/>'

    def strip(self, row: Row) -> str:
        """One row, `ROW` units high, without its time and its rails."""
        if row.message is not None or row.at != row.to:
            return self._arrow(row)
        return self._mark(row)

    def _arrow(self, row: Row) -> str:
        start, end = self.x(row.at), self.x(row.to)
        if start == end:  # to itself
            loop = f"M{start} {_LINE - 8}h14v8h-10"
            return f'<path class="way" d="{loop}"/>{_tip(start, _LINE, -1)}{self._beside(row, start + 20)}'
        way = 1 if end > start else -1
        if row.message is None:  # what happened within the server
            drawn = f'<path class="way" d="M{start} {_BASE - 4}H{end - 5 * way}"/>{_tip(end, _BASE - 4, way)}'
            return drawn + self._beside(row, max(start, end) + 10)
        if row.kind == "lost":
            middle = start + (end - start) * 2 // 3
            cross = f"M{middle - 5} {_LINE - 5}l10 10m0 -10l-10 10"
            drawn = f'<path class="way" d="M{start} {_LINE}H{middle - 7 * way}"/><path class="tip way" d="{cross}"/>'
        else:
            drawn = f'<path class="way" d="M{start} {_LINE}H{end - 5 * way}"/>{_tip(end, _LINE, way)}'
        return drawn + self._over(row, (start + end) / 2)

    def _over(self, row: Row, middle: float) -> str:
        room = min(middle - _TIME, self.width - middle) * 2 / _LETTER
        label = f"{row.label} ({row.why})" if row.why else row.label
        text = escape(fit(label, min(_LONGEST, int(room))))
        return f'<text class="mid" x="{middle:g}" y="{_SAID}">{text}</text>'

    def _beside(self, row: Row, x: int) -> str:
        label = fit(label_of(row), int((self.width - x) / _LETTER))
        return f'<text x="{x}" y="{_BASE}">{escape(label)}</text>'

    def _mark(self, row: Row) -> str:
        x, y = self.x(row.at), _BASE - 4
        if row.kind == "press":
            mark = f'<circle class="tip" cx="{x}" cy="{y}" r="5"/>'
        elif row.kind == "screen":
            mark = f'<rect class="tip" x="{x - 6}" y="{y - 4}" width="12" height="9" rx="1.5"/>'
        else:
            mark = f'<path class="tip" d="M{x - 5} {y}l5 -5l5 5l-5 5z"/>'
        return mark + self._beside(row, x + 11)


def label_of(row: Row) -> str:
    """What is said of a row, without what its lane tells already."""
    label = row.label
    for told_by_its_lane in _PREFIXES:
        label = label.removeprefix(told_by_its_lane)
    return label


def _tip(x: int, y: int, way: int) -> str:
    return f'<path class="tip" d="M{x} {y}l{-9 * way} -4.5v9z"/>'


# one whole picture


def picture(story: Story) -> str:
    """A document of its own; resting on a row shows the message's text."""
    lanes = Lanes(story)
    parts: list[str] = []
    y = HEAD
    for part, height in _parts(story, lanes):
        parts.append(f'<g transform="translate(0 {y})">{part}</g>')
        y += height
    height = y + 8
    css = escape(style(), quote=False)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="ladder" viewBox="0 0 {lanes.width} {height}" '
        f'width="{lanes.width}" height="{height}" role="img" aria-label="ladder"><style>{css}</style>'
        f'<rect class="ground" width="{lanes.width}" height="{height}"/>{lanes.heads()}'
        f'<g transform="translate(0 {HEAD})">{lanes.rails(height - HEAD)}</g>{"".join(parts)}</svg>\n'
    )


def _parts(story: Story, lanes: Lanes) -> Iterator[tuple[str, int]]:
    for act in story.acts:
        if (title := title_of(act)) is not None:
            yield _bar("act", title, lanes.width), ROW + 4
        for row in act.rows:
            yield _whole_row(row, lanes), ROW
        if act.verdict not in ("", "passed"):
            yield _bar("bad", f"{act.verdict}: {act.why}" if act.why else act.verdict, lanes.width), ROW + 4


def title_of(act: Act) -> str | None:
    """What stands over the rows of an act."""
    if act.index > 0:
        return f"{act.index}. {act.text}"
    return "afterwards" if act.index < 0 else None


def _bar(name: str, text: str, width: int) -> str:
    said = escape(fit(text, int((width - 16) / _LETTER)))
    return f'<rect class="{name}" y="2" width="{width}" height="{ROW}" rx="3"/><text x="10" y="19">{said}</text>'


def _whole_row(row: Row, lanes: Lanes) -> str:
    time = f'<text class="at" x="{_TIME - 12}" y="{_BASE}">{row.event.time:.6f}</text>'
    said = row.event.payload if isinstance(row.event.payload, str) else row.label
    title = f"<title>{escape(visible(said)[:MAX_TITLE])}</title>" if columns(said) else ""
    return f'<g class="{row.kind}">{title}{time}{lanes.strip(row)}</g>'
