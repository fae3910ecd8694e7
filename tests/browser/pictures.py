"""Pictures of the pages, for looking at them: `make screenshots`, or `python -m tests.browser.pictures FOLDER`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.browser.browsing import NARROW, Browser, chromium
from tests.browser.live_pictures import of_a_run, of_the_live_page, of_the_terminal
from tests.browser.reported import written
from tests.browser.slim import slim

ROOT = Path(__file__).parents[2]
SMALL_BYTES = 150_000
"""Bytes that a picture in git may have."""
REPORT, WEB = (ROOT / "harness" / part / "pictures" for part in ("report", "web"))
KEPT = {
    "report-failure.png": REPORT / "report.png",
    "report-ladder.png": REPORT / "ladder.png",
    "live.png": WEB / "live.png",
    "terminal.svg": WEB / "terminal.svg",
}
"""Pictures that may be shown elsewhere, and where they are kept."""

_LADDER = """
const scenario = document.querySelector(".scenario[data-verdict=failed]");
for (const part of scenario.querySelectorAll(".act.quiet")) part.hidden = true;
scenario.querySelector(".drawn").scrollIntoView({ block: "start" });
"""
_MESSAGE = """
const rows = [...document.querySelectorAll(".scenario[data-verdict=failed] .act:not(.quiet) .row")];
const row = rows.find((each) => each.textContent.includes("NOTIFY of 2000: away"));
row.open = true;
row.querySelector("summary").scrollIntoView({ block: "start" });
"""
_FAILURE = 'document.querySelector(".scenario[data-verdict=failed]").scrollIntoView({ block: "start" });'


def of_the_report(browser: Browser, folder: Path) -> Iterator[Path]:
    """The page of a run in which one scenario failed: its top, the ladder, a message; dark; on a phone."""
    page = written(folder / "run")
    wide, shown = (1240, 860), (1120, 740)
    looks: tuple[tuple[str, tuple[int, int], str, str], ...] = (
        ("report-top", wide, "light", ""),
        ("report-failure", shown, "light", _FAILURE),
        ("report-ladder", (1200, 1010), "light", _LADDER),
        ("report-message", (1240, 1000), "light", _MESSAGE),
        ("report-dark", wide, "dark", _LADDER),
        ("report-narrow", NARROW, "light", _FAILURE),
        ("report-narrow-ladder", NARROW, "dark", _LADDER),
    )
    for name, size, scheme, before in looks:
        browser.fresh()
        browser.size(*size)
        browser.media(scheme)
        browser.open(page)
        if before:
            browser.run(before)
        yield browser.picture(folder / f"{name}.png")


SUBJECTS: tuple[Callable[[Browser, Path], Iterator[Path]], ...] = (
    of_the_report, of_the_live_page, of_a_run, of_the_terminal,
)  # fmt: skip
"""Each makes its pictures in a folder."""


def main(folder: Path) -> None:
    """Make all pictures; those that may be shown are put beside the code."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as profile, chromium(Path(profile)) as browser:
        for subject in SUBJECTS:
            for path in subject(browser, folder):
                print(f"{path} ({path.stat().st_size // 1000} KB)")  # noqa: T201
        complaints = browser.complaints()
    assert complaints == [], complaints
    for name, kept in KEPT.items():
        kept.parent.mkdir(exist_ok=True)
        shutil.copy(folder / name, kept)
        if kept.suffix == ".png" and kept.stat().st_size > SMALL_BYTES:
            slim(kept)
    large = [path.name for path in KEPT.values() if path.stat().st_size > SMALL_BYTES]
    assert large == [], large


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "reports" / "pictures")
