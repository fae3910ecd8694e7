"""The office in a terminal: phones as panels, the last change as a ladder below, a few keys to play with."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.text import Text

from harness.columns import clean, fit
from harness.errors import HarnessError
from harness.report.ladder import ladder
from phones.screen import PRESENCE_WORDS

if TYPE_CHECKING:
    from harness.web.desk import Desk
    from harness.web.feed import Feed
    from harness.web.picture import Plain

FRAME_S = 0.1
"""Seconds between two frames at least."""
PANEL = 42
"""Columns of a panel, its border included."""
LEAST_LADDER = 8
"""Lines of the ladder that are drawn where the window is too small for everything."""
KEYS = (("Tab", "next phone"), ("P", "plug"), ("L", "lose half"), ("R", "restart server"), ("Q", "quit"))
CHOICES = "123456789abcdefghijklmno"
"""Keys for the statuses of the chosen phone."""

PRESENCE_SIGNS = {
    "available": ("●", "green"), "chat": ("◆", "blue"), "away": ("◐", "yellow"), "xa": ("☾", "magenta"),
    "dnd": ("⊖", "red"), "": ("·", "dim"),
}  # fmt: skip
LAMP_SIGNS = {
    "": ("·", "dim"), "unknown": ("○", "dim"), "idle": ("●", "green"), "ringing": ("▲", "red"),
    "on_the_phone": ("■", "red"), "on_hold": ("‖", "red"),
}  # fmt: skip
HOP_STYLES = ((" * presses", "green"), (" * sees", "green"), ("dpma:", "cyan"), ("core:", "cyan"), ("hint:", "cyan"),
              ("x lost", "red"))  # fmt: skip


class TerminalView:
    """A viewer (`feed.Viewer`) that draws frames of what the feed knows."""

    def __init__(self, feed: Feed, console: Console, where: str) -> None:
        self._feed, self._console, self.where = feed, console, where
        self.chosen = 0
        self.said = ""
        self.on_stale: Callable[[], None] = lambda: None

    def tell(self, kind: str, data: str) -> None:
        """See `feed.Viewer`: what is known is drawn anew."""
        self.on_stale()

    def catch_up(self) -> None:
        """Know what stands now, without waiting for the feed's next frame."""
        self._feed.join(self)

    @property
    def phones(self) -> list[str]:
        """The names of the phones, in order."""
        return list(self._feed.known)

    def choose(self, number: int) -> None:
        """Choose a phone, by its place."""
        self.chosen = number % max(1, len(self.phones))
        self.on_stale()

    def statuses(self) -> list[tuple[str, str]]:
        """What the chosen phone's Status app offers: status and substatus."""
        phones = self.phones
        if not phones:
            return []
        offered = self._feed.known[phones[self.chosen]]["statuses"]
        flat = [(each["status"], sub) for each in offered for sub in ("", *each["substatuses"])]
        return flat[: len(CHOICES)]

    # drawing

    def frame(self, height: int | None = None, keys: bool = True) -> Group:
        """Everything; with a `height` in lines the ladder gets what the phones leave."""
        wide = self._console.width
        foot = self._foot(wide)
        below = len(self._console.render_lines(foot)) if keys else 0
        room = None if height is None else height - 2 - below
        phones = self._phones(keys, max(1, wide // (PANEL + 1)), None if room is None else room - LEAST_LADDER)
        parts: list[RenderableType] = [self._head(wide), phones]
        lines = self._ladder(wide)
        if room is not None:
            left = max(room - len(self._console.render_lines(phones)), LEAST_LADDER)
            if len(lines) > left:
                lines = [*lines[:1], *lines[1 - left :]]
        parts += lines
        if keys:
            parts.append(foot)
        return Group(*parts)

    def _phones(self, keys: bool, abreast: int, room: int | None) -> Columns:
        """The panels; where there is no room for all of them, rows of them from the chosen one on."""
        panels = [
            self._panel(name, picture, keys and number == self.chosen)
            for number, (name, picture) in enumerate(self._feed.known.items())
        ]
        if room is not None and self._lines(panels) > room:
            panels = panels[self.chosen // abreast * abreast :]
            while len(panels) > abreast and self._lines(panels) > room:
                panels = panels[:-abreast]
        return Columns(panels, padding=(0, 1), expand=False)

    def _lines(self, panels: list[Panel]) -> int:
        return len(self._console.render_lines(Columns(panels, padding=(0, 1), expand=False)))

    def _head(self, width: int) -> Text:
        server = self._feed.desk.standing().get("server") or {}
        stands = Text("● server up" if server.get("up") else "○ server restarting",
                      style="green" if server.get("up") else "red")  # fmt: skip
        title = f" / {clean(self._feed.desk.title)}   "
        head = Text.assemble(("dpma-harness", "bold"), title, stands, f"   {self.where}")
        head.truncate(width)
        return head

    def _panel(self, name: str, picture: Plain, chosen: bool) -> Panel:
        inner = PANEL - 4
        title = " ".join(filter(None, (fit(picture["title"], 20), picture["model"], picture["number"])))
        own = picture["own"]
        rows = [_row(PRESENCE_SIGNS.get(own["status"], ("?", "")), "Me", _words(own["status"], own), inner)]
        if not picture["on"]:
            rows = [Text("no power", style="dim")]
        rows += [_contact(contact, inner) for contact in (picture["contacts"][each] for each in picture["order"])]
        rows += [_row(("☎", "bold"), call["state"], f"{call['name']} {call['number']}", inner)
                 for call in picture["calls"].values() if call["state"] != "ended"]  # fmt: skip
        lost = f" loses {picture['loss']:.0%} " if picture["loss"] else None
        return Panel(
            Group(*rows), title=Text(f" {title} ", style="bold" if picture["on"] else "dim"), title_align="left",
            subtitle=lost, width=PANEL, border_style="bold cyan" if chosen else "" if picture["on"] else "dim",
        )  # fmt: skip

    def _ladder(self, width: int) -> list[Text]:
        events = self._feed.change.events()
        if not events:
            return [Text("Nothing has happened yet.", style="dim")]
        drawn = ladder(events, max(60, width - 1), most=len(events)).split("\n")
        return [_painted(line) for line in drawn]

    def _foot(self, width: int) -> Text:
        phones = self.phones
        foot = Text(style="dim")
        if phones:
            foot.append(f"{phones[self.chosen]}: ", style="bold not dim")
            for key, (status, substatus) in zip(CHOICES, self.statuses(), strict=False):
                foot.append(key, style="bold not dim cyan")
                foot.append(f" {clean(substatus or PRESENCE_WORDS.get(status, status))}  ")
        foot.append("\n")
        for key, does in KEYS:
            foot.append(key, style="bold not dim cyan")
            foot.append(f" {does}  ")
        if self.said:
            foot.append(clean(self.said), style="not dim red")
        return foot


def _contact(contact: Plain, width: int) -> Text:
    lamp = LAMP_SIGNS.get(contact["lamp"], ("?", "")) if contact["led"] is not None else (" ", "")
    sign, style = PRESENCE_SIGNS.get(contact["presence"], ("?", ""))
    return _row(lamp, fit(contact["name"], 14), _words(contact["presence"], contact), width, (sign, style))


def _words(presence: str, of: Plain) -> str:
    word = PRESENCE_WORDS.get(presence, presence)
    text = " / ".join(filter(None, (word, of.get("subtype") or of.get("substatus"))))
    return f'{text} "{of["message"]}"' if of.get("message") else text


def _row(lamp: tuple[str, str], name: str, text: str, width: int, sign: tuple[str, str] | None = None) -> Text:
    row = Text.assemble(lamp, " ", (*sign,) if sign else "", " " if sign else "", (f"{clean(name)} ", "bold"))
    row.append(fit(text, max(4, width - row.cell_len)))
    row.truncate(width)
    return row


def _painted(line: str) -> Text:
    """A line of the ladder; hostile texts have been cleaned by who drew it."""
    text = Text(line, no_wrap=True, overflow="ellipsis")
    for mark, style in HOP_STYLES:
        at = line.find(mark)
        if at >= 0:
            text.stylize(style, at)
    if "---" in line[11:] and line[11:14] in ("---", ">>>"):
        text.stylize("bold", 11)
    return text


class Keyboard:
    """What is typed, where standard input is a terminal: a reader for the reactor."""

    def __init__(self, view: TerminalView, desk: Desk, leave: Callable[[], None]) -> None:
        import termios
        import tty

        self._view, self._desk, self._leave = view, desk, leave
        self._place = sys.stdin.fileno()
        self._before = termios.tcgetattr(self._place)
        tty.setcbreak(self._place)

    def restore(self) -> None:
        """The terminal as it was."""
        import termios

        termios.tcsetattr(self._place, termios.TCSADRAIN, self._before)

    # IReadDescriptor

    def fileno(self) -> int:
        return self._place

    def doRead(self) -> None:
        for key in _keys(os.read(self._place, 256).decode("utf-8", "replace")):
            self._view.said = ""
            try:
                self.press(key)
            except HarnessError as error:
                self._view.said = str(error)
            self._view.on_stale()

    def logPrefix(self) -> str:
        return "keyboard"

    def connectionLost(self, _reason: object) -> None:
        self.restore()

    def press(self, key: str) -> None:
        """Do what a key says; raises HarnessError where that cannot be done."""
        view = self._view
        phones = view.phones
        statuses = view.statuses()
        if key in ("\t", "right", "down"):
            view.choose(view.chosen + 1)
        elif key in ("left", "up"):
            view.choose(view.chosen - 1)
        elif key == "Q":
            self._leave()
        elif key == "R":
            self._desk.perform("restart", {})
        elif not phones:
            return
        elif key == "P":
            on = self._desk.pictures()[phones[view.chosen]]()["on"]
            self._desk.perform("unplug" if on else "plug", {"phone": phones[view.chosen]})
        elif key == "L":
            loss = self._desk.pictures()[phones[view.chosen]]()["loss"]
            self._desk.perform("loss", {"phone": phones[view.chosen], "percent": 0 if loss else 50})
        elif key in CHOICES[: len(statuses)]:
            status, substatus = statuses[CHOICES.index(key)]
            self._desk.perform("status", {"phone": phones[view.chosen], "status": status, "substatus": substatus})


_ARROWS = {"\x1b[A": "up", "\x1b[B": "down", "\x1b[C": "right", "\x1b[D": "left"}


def _keys(text: str) -> Iterator[str]:
    while text:
        arrow = _ARROWS.get(text[:3])
        yield arrow or text[0]
        text = text[3:] if arrow else text[1:]


def follow(view: TerminalView, console: Console, reactor: Any) -> Callable[[], None]:
    """Draw frames whenever something is new; gives what ends it."""
    live = Live(console=console, screen=True, auto_refresh=False)
    waiting: list[Any] = []

    def draw() -> None:
        waiting.clear()
        live.update(view.frame(console.height), refresh=True)

    def stale() -> None:
        if not waiting:
            waiting.append(reactor.callLater(FRAME_S, draw))

    def end() -> None:
        for call in waiting:
            call.cancel()
        view.on_stale = lambda: None
        live.stop()

    view.on_stale = stale
    live.start()
    draw()
    return end
