"""Pictures of the live page and of the view in a terminal."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.browser.browsing import NARROW, Browser
from tests.browser.demos import card, contact, demo, pick, sees, shown

BEFORE = (
    ("reception", "available", "Working with customers"), ("carol", "dnd", "In a meeting"), ("dave", "available", ""),
    ("erin", "xa", "Working elsewhere"), ("frank", "chat", "Write to me"),
)  # fmt: skip
WIDE = (1240, 760)
COLUMNS, LINES = 132, 42


def of_the_live_page(browser: Browser, folder: Path) -> Iterator[Path]:
    """An office after a press: wide, dark, narrow; the Status app, a call, a phone without power."""
    with demo() as office:
        browser.fresh()
        browser.size(*WIDE)
        shown(browser, office.url)
        yield browser.picture(folder / "live-first.png")
        for phone, status, substatus in BEFORE:
            pick(browser, phone, status, substatus)
            own = f"document.querySelector('{card(phone)} .own .presence')"
            browser.until(f"return {own}.dataset.presence === '{status}'")
        pick(browser, "bob", "away", "Lunch")
        _quiet(browser, sees("frank", "2000", "away", "Lunch"))
        yield browser.picture(folder / "live.png")
        browser.media("dark")
        yield browser.picture(folder / "live-dark.png")
        browser.media()
        browser.click(f"{card('carol')} .soft-key")
        yield browser.picture(folder / "live-status.png")
        browser.press("\ue00c")
        yield from _of_a_call(browser, folder)
        browser.size(*NARROW)
        browser.run("scrollTo(0, 0)")
        yield browser.picture(folder / "live-narrow.png")
        browser.run("document.querySelector('#ladder').scrollIntoView()")
        yield browser.picture(folder / "live-narrow-ladder.png")


def _of_a_call(browser: Browser, folder: Path) -> Iterator[Path]:
    browser.click(f"{card('erin')} .plug")
    browser.until(f"return document.querySelector('{card('erin')}').dataset.on === 'false'")
    browser.click(f"{card('bob')} .soft-key:nth-child(2)")
    browser.click(f'{card("bob")} [data-number="2002"]')
    browser.until(f"return document.querySelector('{card('dave')} [data-key=answer]') !== null")
    lamp = f"document.querySelector('{contact('carol', '2002')} use').getAttribute('href')"
    browser.run("scrollTo(0, 0)")
    _quiet(browser, f"return {lamp} === '#lamp-ringing'")
    yield browser.picture(folder / "live-call.png")
    browser.click(f"{card('dave')} [data-key=reject]")
    browser.click(f"{card('erin')} .plug")
    _quiet(browser, f"return {lamp} === '#lamp-idle'")


def _quiet(browser: Browser, condition: str) -> None:
    """When a condition is met and nothing fades any more."""
    browser.until(condition)
    browser.until("return document.getAnimations().every(each => each.playState === 'finished' || "
                  "each.effect.getComputedTiming().iterations === Infinity)")  # fmt: skip


def of_a_run(browser: Browser, folder: Path) -> Iterator[Path]:
    """A scenario that is stopped before a step, and the trace that it left, replayed."""
    report = folder / "told"
    command = [sys.executable, "-m", "harness.cli", "run", "--live=127.0.0.1:0", "--step", "--only", "08-two",
               "--report", str(report)]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    place = process.stdout.readline().split("http=")[1].strip()
    browser.fresh()
    browser.size(*WIDE)
    shown(browser, f"http://{place}/", 3)
    for _ in range(2):
        browser.until("return document.querySelector('.drive-about').textContent.includes('paused')")
        browser.click(".drive-controls button:nth-child(2)")
    _quiet(browser, "return document.querySelectorAll('.rung').length > 8")
    yield browser.picture(folder / "run.png")
    browser.click(".drive-controls button:nth-child(3)")
    browser.until("return document.querySelector('.drive-about').textContent.includes('ended')")
    process.terminate()
    process.communicate()
    browser.fresh()
    (trace,) = report.glob("traces/**/*.jsonl")
    with demo("--replay", str(trace)) as replay:
        browser.size(*WIDE)
        shown(browser, replay.url, 3)
        yield browser.picture(folder / "replay.png")
        browser.open("about:blank")
    browser.expect_complaints("net::ERR_")


def of_the_terminal(browser: Browser, folder: Path) -> Iterator[Path]:
    """A frame of the view in a terminal after some presses, in virtual time."""
    from rich.console import Console
    from rich.terminal_theme import DIMMED_MONOKAI
    from twisted.internet.task import Clock

    from harness.cli import shipped
    from harness.config.folder import read_folder
    from harness.net.world import World
    from harness.web.feed import Feed
    from harness.web.office import Office
    from harness.web.terminal import TerminalView

    world = World.simulated(1)
    office = Office(read_folder(shipped() / "demo" / "office"), world, {})
    console = Console(record=True, force_terminal=True, width=COLUMNS, file=io.StringIO(), color_system="truecolor")
    view = TerminalView(Feed(office, Clock()), console, "sip=127.0.0.1:5060")

    async def story(_world: World) -> None:
        await office.start()
        for phone, status, substatus in (*BEFORE, ("bob", "away", "Lunch")):
            office.perform("status", {"phone": phone, "status": status, "substatus": substatus})
            await world.sleep(1)
        view.catch_up()
        view.choose(1)
        console.print(view.frame(LINES))

    world.run(story)
    svg = re.sub(r"@font-face \{.*?\}", "", console.export_svg(title="dpma-harness demo --terminal",
                                                               theme=DIMMED_MONOKAI), flags=re.S)  # fmt: skip
    path = folder / "terminal.svg"
    path.write_text(svg.replace("Fira Code, monospace", "DejaVu Sans Mono, monospace"), "utf-8")
    browser.fresh()
    browser.size(1340, 900)
    browser.open(path)
    yield browser.picture(folder / "terminal.png")
