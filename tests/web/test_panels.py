"""How phones share a window, and a ladder the rest of it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console
from twisted.internet.task import Clock

from harness.cli import shipped
from harness.config.folder import read_folder
from harness.net.world import World
from harness.scenario.result import ShownEvent
from harness.web.abridged import abridged
from harness.web.feed import Feed
from harness.web.office import Office
from harness.web.panels import Panels
from harness.web.terminal import TerminalView


def picture(name: str, contacts: int = 6, **more: Any) -> dict[str, Any]:
    """A phone as it is told to viewers; the last of its contacts is away."""
    shown = {
        str(number): {"name": f"Somebody {number}", "presence": "", "subtype": "", "message": "", "lamp": "idle",
                      "led": ["green", "on"]}
        for number in range(contacts)
    }  # fmt: skip
    if contacts:
        shown[str(contacts - 1)] |= {"presence": "away", "subtype": "Lunch"}
    return {
        "title": name, "model": "D65", "line_order": ["100", "110"], "own": {"status": ""}, "on": True, "loss": 0.0,
        "contacts": shown, "order": list(shown), "calls": {}, **more,
    }  # fmt: skip


def drawn(phones: int, width: int, room: int | None = None, chosen: int = 0) -> list[str]:
    """The lines of the panels, which are as many as is said."""
    panels = Panels({f"p{number}": picture(f"Phone {number}") for number in range(phones)}, width, chosen)
    told = panels.drawn(room)
    console = Console(width=width, file=io.StringIO(), color_system=None)
    lines = ["".join(part.text for part in line) for line in console.render_lines(told.shown)]
    assert len(lines) == told.height
    return lines


def test_panels_share_the_width() -> None:
    """As many abreast as rows need, as wide as there is room for; all lines stand in the title."""
    lines = drawn(5, 160)
    assert lines[0].count("╭") == 3
    assert len(lines[0].rstrip()) > 150
    assert "Phone 0 D65 100, 110" in lines[0]
    assert [line.count("╭") for line in drawn(4, 160) if "╭" in line] == [4]


def test_where_lines_are_few_contacts_give_way_before_phones() -> None:
    """Those that show something stay; how many others there are is said."""
    lines = drawn(5, 120, 14)
    assert len(lines) <= 14
    text = "\n".join(lines)
    assert all(f"Phone {number} " in text for number in range(5))
    assert text.count("Somebody 5 Away / Lunch") == 5
    assert text.count("more contacts") == 5


@pytest.mark.parametrize("chosen", range(5))
def test_phones_without_room_are_named(chosen: int) -> None:
    """The chosen one is always there."""
    lines = drawn(5, 60, 8, chosen)
    assert len(lines) <= 8
    assert f"Phone {chosen} " in "\n".join(lines)
    others = ", ".join(f"p{number}" for number in range(5) if number != chosen)
    assert lines[-1].strip() == f"4 more: {others}"


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (132, 50), (200, 60)])
def test_a_frame_fills_its_window_and_no_more(size: tuple[int, int]) -> None:
    """Before and after a press; every key is there, each with its word on one line."""
    width, height = size
    world = World.simulated(1)
    office = Office(read_folder(shipped() / "demo" / "office"), world, {})
    console = Console(width=width, height=height, file=io.StringIO(), color_system=None)
    view = TerminalView(Feed(office, Clock()), console, "")

    def lines() -> list[str]:
        view.catch_up()
        return ["".join(part.text for part in line) for line in console.render_lines(view.frame(height))]

    async def story(_world: World) -> None:
        await office.start()
        frames = [lines()]
        office.perform("status", {"phone": "bob", "status": "away", "substatus": "Lunch"})
        await world.sleep(1)
        frames.append(lines())
        for frame in frames:
            assert len(frame) == height
            assert max(map(len, frame)) <= width
            text = "\n".join(frame)
            assert all(key in text for key in ("1 Available", "c In a meeting", "P plug", "Q quit"))
        after = "\n".join(frames[1])
        assert all(hop in after for hop in ("presses away", "dpma:", "core:", "hint:", "sees 2000: away"))

    world.run(story)


def hop(seq: int, kind: str, source: str, destination: str, payload: object) -> ShownEvent:
    """An event without a cause."""
    return ShownEvent(seq, 0, seq / 1000, kind, source, destination, "UDP", payload)


HOPS = [
    hop(1, "press", "bob", "", {"status": "away"}),
    hop(2, "sip", "bob", "server", "MESSAGE sip:proxy@server SIP/2.0\r\n"),
    hop(3, "sip", "server", "bob", "SIP/2.0 200 OK\r\n"),
    hop(4, "hint", "server", "", {"what": "told", "exten": "2000", "context": "office"}),
    hop(5, "sip", "server", "carol", "NOTIFY sip:carol SIP/2.0\r\n"),
    hop(6, "sip", "server", "dave", "NOTIFY sip:dave SIP/2.0\r\n"),
    hop(7, "screen", "carol", "", {"contact": "2000", "presence": "away"}),
    hop(8, "screen", "dave", "", {"contact": "2000", "presence": "away"}),
]
ROAD = {1, 2, 5, 7}


def test_a_ladder_with_little_room_tells_the_road() -> None:
    """In the order of the events; then what the server does and what others see; answers come last."""
    lines, left_out = abridged(HOPS, ROAD, 100, 5)
    assert left_out == 4
    words = ("press", "MESSAGE", "NOTIFY", "sees")
    assert all(word in line for word, line in zip(words, lines[1:], strict=True))
    assert "hint:" in "\n".join(abridged(HOPS, ROAD, 100, 6).lines)
    assert "200 OK" not in "\n".join(abridged(HOPS, ROAD, 100, 8).lines)
    assert abridged(HOPS, ROAD, 100, 9).left_out == 0


def test_a_narrow_ladder_leaves_lanes_out() -> None:
    """Those that the road does not need."""
    lines, left_out = abridged(HOPS, ROAD, 60, 20)
    assert "dave" not in "\n".join(lines)
    assert left_out == 2
    assert max(map(len, lines)) <= 60
    assert abridged(HOPS, ROAD, 60, 0).lines == []
