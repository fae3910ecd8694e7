"""A scenario on the page, step by step, and the trace that it left, with the slider."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.browsing import NARROW, Browser
from tests.browser.demos import STOP_LIMIT_S, card, demo, sees, shown

ABOUT = "document.querySelector('.drive-about').textContent"
PAUSE, STEP, GO = (f".drive-controls button:nth-child({place})" for place in (1, 2, 3))


class Run:
    """A run that is followed on a page."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process, self.url = process, url

    def end(self) -> tuple[int, str]:
        """End it as Ctrl-C does; its exit code and all that it said."""
        self.process.terminate()
        out, errors = self.process.communicate(timeout=STOP_LIMIT_S)
        assert "Traceback" not in errors, errors
        return self.process.returncode, out + errors


@contextlib.contextmanager
def running(*options: str) -> Iterator[Run]:
    """`run --live` on a free port."""
    command = [sys.executable, "-m", "harness.cli", "run", "--live=127.0.0.1:0", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Run(process, f"http://{process.stdout.readline().split('http=')[1].strip()}/")
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def verdicts(browser: Browser) -> list[str]:
    """Of the steps, as they are shown."""
    return list(browser.run("return [...document.querySelectorAll('.steps li')].map(each => each.dataset.verdict)"))


@pytest.mark.parametrize("time", ["virtual", "real"])
def test_a_scenario_is_told_step_by_step(browser: Browser, tmp_path: Path, time: str) -> None:
    """Nothing happens before its step; then its phones show it; going on leads to the end and the report."""
    with running("--step", "--only", "08-two", "--time", time, "--report", str(tmp_path)) as run:
        shown(browser, run.url, 3)
        browser.until(f"return {ABOUT}.includes('paused')")
        assert verdicts(browser) == ["running", "none"]
        assert not browser.run(sees("carol", "2000", "away"))
        browser.click(STEP)
        browser.until("return document.querySelectorAll('.steps li')[0].dataset.verdict === 'passed'")
        browser.click(STEP)
        browser.until(sees("carol", "2000", "away", "Lunch"))
        browser.until("return document.querySelectorAll('.steps li')[1].dataset.verdict === 'passed'")
        browser.until(f"return {ABOUT}.includes('paused')")
        browser.click(GO)
        browser.until(f"return {ABOUT}.includes('1 passed') && {ABOUT}.includes('ended')")
        assert verdicts(browser) == ["passed", "passed"]
        browser.open("about:blank")
        code, said = run.end()
    assert code == 0
    assert "1 passed" in said
    assert (tmp_path / "junit.xml").exists()
    browser.expect_complaints("net::ERR_")


def test_what_runs_can_be_stopped_and_goes_on(browser: Browser, tmp_path: Path) -> None:
    """Pause before a later step; ended there, the run says that it was stopped."""
    with running("--only", "02-five", "--report", str(tmp_path)) as run:
        browser.open(run.url)
        browser.until("return document.querySelectorAll('.steps [data-verdict=passed]').length > 0")
        browser.click(PAUSE)
        browser.until(f"return {ABOUT}.includes('paused')")
        assert "none" in verdicts(browser)
        browser.open("about:blank")
        code, said = run.end()
    assert code == 130
    assert "stopped before all was told" in said
    browser.expect_complaints("net::ERR_")


@pytest.mark.long
def test_nothing_begins_before_a_page_is_opened_and_a_failure_is_shown(browser: Browser, tmp_path: Path) -> None:
    """With what was wrong in the ladder; the exit code is that of the run."""
    source = Path(__file__).parents[2] / "scenarios" / "presence"
    text = (source / "01-the-page.scenario.yaml").read_text("utf-8")
    (tmp_path / "a.scenario.yaml").write_text(
        text.replace("config: ", f"config: {source}/").replace("subtype: Lunch", "subtype: Dinner"), "utf-8"
    )
    with running(str(tmp_path), "--report", str(tmp_path / "report")) as run:
        browser.open(run.url)
        browser.until("return document.querySelector('.steps [data-verdict=failed]') !== null")
        browser.until("return document.querySelector('.rung.broken:last-child')?.textContent.includes('failed:')")
        failure = str(browser.find(".failures li").text)
        assert failure.startswith("a: it did not come within 500 ms\nexpect: {phone: desk, contact: 2000")
        assert "The road ended at" in failure
        browser.until(f"return {ABOUT}.includes('all steps are told')")
        browser.until(f"return {ABOUT}.includes('ended')")
        assert browser.find(".failures li").text == failure
        browser.open("about:blank")
        code, said = run.end()
    assert code == 1
    assert "1 failed" in said
    browser.expect_complaints("net::ERR_")


@pytest.mark.long
def test_the_step_that_is_told_is_in_view(browser: Browser, tmp_path: Path) -> None:
    """Of many steps, in a narrow window."""
    with running("--only", "02-five", "--report", str(tmp_path)) as run:
        browser.size(*NARROW)
        browser.open(run.url)
        browser.until(f"return {ABOUT}.includes('ended')", within_s=30)
        browser.until("""const steps = document.querySelector('.steps'), last = steps.lastElementChild;
            const [row, chip] = [steps, last].map(each => each.getBoundingClientRect());
            return steps.scrollWidth > 2 * steps.clientWidth
                && chip.left >= row.left - 1 && chip.right <= row.right + 1""")
        browser.open("about:blank")
        run.end()
    browser.expect_complaints("net::ERR_")


def test_live_does_not_go_with_jobs() -> None:
    """One scenario after the other; and elsewhere than on loopback not at all."""
    for options in (("--jobs", "2"), ()):
        place = "--live=127.0.0.1:0" if options else "--live=0.0.0.0:0"
        command = [sys.executable, "-m", "harness.cli", "run", place, *options]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode == 2
        assert ("--jobs" if options else "loopback") in done.stderr


def test_a_trace_is_gone_through_with_the_slider(browser: Browser, tmp_path: Path) -> None:
    """By key and by step; the screens are those of the place."""
    command = [sys.executable, "-m", "harness.cli", "run", "--only", "08-two", "--report", str(tmp_path)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    (trace,) = tmp_path.glob("traces/**/*.jsonl")
    with demo("--replay", str(trace)) as replay:
        shown(browser, replay.url, 3)
        assert browser.run(sees("carol", "2000", "away", "Lunch"))
        assert browser.all(".soft-key") == [], "nobody presses anything in a replay"
        browser.run("document.querySelector('.drive-controls input').focus()")
        browser.press(Keys.HOME)
        browser.until(f"return document.querySelector('{card('carol')}').dataset.on === 'false'")
        browser.press(Keys.END)
        browser.until("return document.querySelector('.drive-about').textContent.match(/event (\\d+) of \\1$/)")
        browser.click(".steps li:nth-child(2) button")
        browser.until(sees("carol", "2000", "away", "Lunch"))
        browser.press(Keys.TAB)
        browser.click(".steps li:nth-child(1) button")
        browser.until(sees("carol", "2000", "none"))
        browser.click(".drive-controls button")
        browser.until(sees("carol", "2000", "away", "Lunch"))
        browser.click(".drive-controls button:nth-child(2)")
        browser.until(sees("carol", "2000", "none"))
        browser.click(".slow input")
        browser.until(sees("carol", "2000", "away", "Lunch"))
        browser.open("about:blank")
    browser.expect_complaints("net::ERR_")
