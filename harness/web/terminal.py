"""The office in a terminal: phones as panels, the last change as a ladder below, a few keys to play with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from harness.columns import clean, fit
from harness.web.abridged import abridged
from harness.web.panels import Panels
from phones.screen import PRESENCE_WORDS

if TYPE_CHECKING:
    from harness.web.feed import Feed

FRAME_S = 0.1
"""Seconds between two frames at least."""
LEAST_LADDER = 8
"""Lines that a ladder needs to tell the road from a press to a screen; a longer one has what the phones leave."""
KEYS = (("Tab", "next phone"), ("P", "plug"), ("L", "lose half"), ("R", "restart server"), ("Q", "quit"))
CHOICES = "123456789abcdefghijklmno"
"""Keys for the statuses of the chosen phone."""
HOP_STYLES = ((" * presses", "green"), (" * sees", "green"), ("dpma:", "cyan"), ("core:", "cyan"), ("hint:", "cyan"),
              ("x lost", "red"))  # fmt: skip
GAP = 2
"""Columns between two keys."""


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
        """Everything; with a `height` in lines the phones and the ladder share what there is, the keys at the foot."""
        wide = self._console.width
        foot = self._foot(wide) if keys else []
        room = None if height is None else max(0, height - 1 - len(foot))
        hops = self._feed.change.events()
        wanted = min(len(hops) + 1, LEAST_LADDER)
        panels = Panels(self._feed.known, wide, self.chosen if keys else -1)
        phones = panels.drawn(None if room is None else max(1, room - wanted))
        ladder = self._ladder(wide, None if room is None else max(0, room - phones.height))
        empty = 0 if room is None else max(0, room - phones.height - len(ladder))
        parts: list[RenderableType] = [self._head(wide), phones.shown, *ladder, *[Text("")] * empty, *foot]
        return Group(*parts)

    def _head(self, width: int) -> Text:
        server = self._feed.desk.standing().get("server") or {}
        stands = Text("● server up" if server.get("up") else "○ server restarting",
                      style="green" if server.get("up") else "red")  # fmt: skip
        title = f" / {clean(self._feed.desk.title)}   "
        head = Text.assemble(("dpma-harness", "bold"), title, stands, f"   {self.where}")
        head.truncate(width)
        return head

    def _ladder(self, width: int, most: int | None) -> list[Text]:
        """What matters most of the last change; how many hops are left out stands at the left of the names."""
        change = self._feed.change
        hops = change.events()
        if not hops:
            return [Text("Pick a status with a key: what it leads to is told here.", style="dim")][:most]
        most = len(hops) + 1 if most is None else most
        told = abridged(hops, {event.seq for event in change.road()}, max(60, width - 1), most)
        if not told.lines or not most:
            return []
        more = f" +{told.left_out} more" if told.left_out else ""
        names = more + told.lines[0][len(more) :]
        return [Text(names, style="bold", no_wrap=True), *(_painted(line) for line in told.lines[1:])]

    def _foot(self, width: int) -> list[Text]:
        """The keys, in lines."""
        phones = self.phones
        lines: list[Text] = []
        if phones:
            whose = Text(f"{clean(phones[self.chosen])}:", style="bold")
            offered = zip(CHOICES, self.statuses(), strict=False)
            keys = [_key(key, clean(sub or PRESENCE_WORDS.get(status, status))) for key, (status, sub) in offered]
            lines += _packed([whose, *keys], width)
        said = [Text(fit(self.said, width), style="red")] if self.said else []
        return [*lines, *_packed([*(_key(key, does) for key, does in KEYS), *said], width)]


def _key(key: str, does: str) -> Text:
    return Text.assemble((key, "bold cyan"), (f" {does}", "dim"))


def _packed(words: Iterable[Text], width: int) -> list[Text]:
    """Words with two spaces between them, in lines of that width."""
    lines = [Text()]
    for word in words:
        if lines[-1] and lines[-1].cell_len + GAP + word.cell_len > width:
            lines.append(Text())
        if lines[-1]:
            lines[-1].append(" " * GAP)
        lines[-1].append_text(word)
    return lines


def _painted(line: str) -> Text:
    """A line of the ladder; hostile texts have been cleaned by who drew it."""
    text = Text(line, no_wrap=True, overflow="ellipsis")
    for mark, style in HOP_STYLES:
        at = line.find(mark)
        if at >= 0:
            text.stylize(style, at, len(line.rstrip(" |")))
    if "---" in line[11:] and line[11:14] in ("---", ">>>"):
        text.stylize("bold", 11)
    return text


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
