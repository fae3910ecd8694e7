"""Phones in a terminal: each a panel, as wide as there is room for, with as many contacts as there are lines for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from harness.columns import clean, columns, fit
from phones.screen import PRESENCE_WORDS

Plain = dict[str, Any]

LEAST_PANEL, MOST_PANEL = 38, 72
"""Columns of a panel, its border included."""
LEAST_CONTACTS = 3
"""Lines of contacts that a panel has at least, before phones are left out."""
LEAST_NAME = 14
"""Columns of a contact's name at least."""
FRAME = 2
"""Lines of a panel's border."""

PRESENCE_SIGNS = {
    "available": ("●", "green"), "chat": ("◆", "blue"), "away": ("◐", "yellow"), "xa": ("☾", "magenta"),
    "dnd": ("⊖", "red"), "": ("·", "dim"),
}  # fmt: skip
LAMP_SIGNS = {
    "": ("·", "dim"), "unknown": ("○", "dim"), "idle": ("●", "green"), "ringing": ("▲", "red"),
    "on_the_phone": ("■", "red"), "on_hold": ("‖", "red"),
}  # fmt: skip


class Drawn(NamedTuple):
    """What is drawn, and how many lines it takes."""

    shown: RenderableType
    height: int


class Panels:
    """The panels of phones in a window `width` columns wide; `chosen` is the place of one, -1 for none."""

    def __init__(self, pictures: Mapping[str, Plain], width: int, chosen: int) -> None:
        self._names, self._pictures = list(pictures), list(pictures.values())
        self._chosen = chosen
        most = max(1, min(len(pictures), (width + 1) // (LEAST_PANEL + 1)))
        self.abreast = -(-len(pictures) // -(-len(pictures) // most)) if pictures else 1  # rows alike in length
        self._width = min(MOST_PANEL, (width - self.abreast + 1) // self.abreast)

    def drawn(self, room: int | None = None) -> Drawn:
        """All phones, where need be with fewer contacts; where that does not do, rows of them with the chosen one."""
        phones = range(len(self._pictures))
        most = max((len(picture["order"]) for picture in self._pictures), default=0)
        for contacts in range(most, min(most, LEAST_CONTACTS) - 1, -1):
            if room is None or self._height(phones, contacts) <= room:
                return self._of(phones, contacts)
        return self._some(room or 0, min(most, LEAST_CONTACTS))

    def _some(self, room: int, contacts: int) -> Drawn:
        """As many rows of phones as there is room for, and a line that names the others."""
        rows = list(self._rows(range(len(self._pictures))))
        first = max(self._chosen, 0) // self.abreast
        last = first + 1
        while self._fits(rows, first, last + 1, contacts, room) or self._fits(rows, first - 1, last, contacts, room):
            first, last = (first, last + 1) if self._fits(rows, first, last + 1, contacts, room) else (first - 1, last)
        shown = [phone for row in rows[first:last] for phone in row]
        while contacts and self._height(shown, contacts) + 1 > room:
            contacts -= 1
        drawn = self._of(shown, contacts)
        others = [name for phone, name in enumerate(self._names) if phone not in shown]
        more = Text(fit(f"{len(others)} more: {', '.join(others)}", self._width * self.abreast), style="dim")
        return Drawn(Group(drawn.shown, more), drawn.height + 1)

    def _fits(self, rows: Sequence[Sequence[int]], first: int, last: int, contacts: int, room: int) -> bool:
        if first < 0 or last > len(rows):
            return False
        return self._height([phone for row in rows[first:last] for phone in row], contacts) + 1 <= room

    # drawing

    def _of(self, phones: Sequence[int], contacts: int) -> Drawn:
        grid = Table.grid(padding=(0, 1, 0, 0))
        for row in self._rows(phones):
            grid.add_row(*(self._panel(phone, contacts) for phone in row))
        return Drawn(grid, self._height(phones, contacts))

    def _rows(self, phones: Sequence[int]) -> Iterator[Sequence[int]]:
        for start in range(0, len(phones), self.abreast):
            yield phones[start : start + self.abreast]

    def _height(self, phones: Sequence[int], contacts: int) -> int:
        return sum(FRAME + max(len(self._lines(phone, contacts)) for phone in row) for row in self._rows(phones))

    def _panel(self, number: int, contacts: int) -> Panel:
        picture = self._pictures[number]
        lost = f" loses {picture['loss']:.0%} " if picture["loss"] else None
        return Panel(
            Group(*self._lines(number, contacts)), title=self._title(picture), title_align="left", subtitle=lost,
            width=self._width, border_style="bold cyan" if number == self._chosen else "" if picture["on"] else "dim",
        )  # fmt: skip

    def _title(self, picture: Plain) -> Text:
        """Who, the model, and all lines."""
        told = " ".join(filter(None, (picture["model"], ", ".join(map(clean, picture["line_order"])))))
        room = self._width - 6
        title = f"{fit(picture['title'], max(LEAST_NAME, room - columns(told) - 1))} {told}".rstrip()
        return Text(f" {fit(title, room)} ", style="bold" if picture["on"] else "dim")

    def _lines(self, number: int, most: int) -> list[Text]:
        """What is on a screen: the own status, contacts, calls."""
        picture, inner = self._pictures[number], self._width - 4
        if not picture["on"]:
            return [Text("no power", style="dim")]
        own = picture["own"]
        words = _words(own["status"], own) or "no status"
        rows = [_row(PRESENCE_SIGNS.get(own["status"], ("?", "")), "Me", words, inner)]
        contacts = [picture["contacts"][each] for each in picture["order"]]
        shown = _telling(contacts, most)
        rows += [_contact(contact, inner) for contact in shown]
        if len(shown) < len(contacts):
            rows.append(Text(f"  {len(contacts) - len(shown)} more contacts"[:inner], style="dim"))
        rows += [_row(("☎", "bold"), call["state"], f"{call['name']} {call['number']}", inner)
                 for call in picture["calls"].values() if call["state"] != "ended"]  # fmt: skip
        return rows


def _telling(contacts: list[Plain], most: int) -> list[Plain]:
    """At most so many contacts in their order: first those that show something, and a line for the others."""
    if len(contacts) <= most:
        return contacts
    weight = sorted(range(len(contacts)), key=lambda at: (_quiet(contacts[at]), at))[: max(0, most - 1)]
    return [contacts[at] for at in sorted(weight)]


def _quiet(contact: Plain) -> int:
    """0 for presence, 1 for a device in use, 2 for nothing to tell."""
    return 0 if contact["presence"] else 2 if contact["lamp"] in ("", "unknown", "idle") else 1


def _contact(contact: Plain, width: int) -> Text:
    lamp = LAMP_SIGNS.get(contact["lamp"], ("?", "")) if contact["led"] is not None else (" ", "")
    words = _words(contact["presence"], contact)
    room = max(LEAST_NAME, width - 5 - columns(clean(words)))
    return _row(lamp, fit(contact["name"], room), words, width, PRESENCE_SIGNS.get(contact["presence"], ("?", "")))


def _words(presence: str, of: Plain) -> str:
    word = PRESENCE_WORDS.get(presence, presence)
    text = " / ".join(filter(None, (word, of.get("subtype") or of.get("substatus"))))
    return f'{text} "{of["message"]}"' if of.get("message") else text


def _row(lamp: tuple[str, str], name: str, text: str, width: int, sign: tuple[str, str] | None = None) -> Text:
    row = Text.assemble(lamp, " ", (*sign,) if sign else "", " " if sign else "", (f"{clean(name)} ", "bold"))
    row.append(fit(text, max(4, width - row.cell_len)))
    row.truncate(width)
    return row
