"""Two hundred phones on the live page: a change is painted in time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.browsing import Browser
from tests.browser.crowds import COLLEAGUES, write_crowd
from tests.browser.demos import Demo, demo, shown

pytestmark = pytest.mark.long

PHONES = 200
LIMIT_MS = 200.0
"""From the press in the browser to the frame in which the last of the watching phones is painted."""
ALL_LIMIT_MS = 1000.0
"""The same where all of them watch: a fifth of that on two idle cores; one laid out anew for each is slower."""
CHANGES = 5

MEASURE = """
const [phone, number, status, done] = arguments;
const rows = [...document.querySelectorAll(`[data-contact="${number}"] .presence`)];
const painted = () => rows.filter((row) => row.dataset.presence === status).length;
const session = document.querySelector('meta[name="session"]').content;
const began = performance.now();
let first = 0;
fetch('act', {method: 'POST', headers: {'Content-Type': 'application/json', 'X-Session': session},
              body: JSON.stringify({act: 'status', phone, status, substatus: ''})});
const look = () => {
  const seen = painted();
  if (seen && !first) first = performance.now() - began;
  // the frame after the one in which the elements were changed has been painted
  if (seen === rows.length) requestAnimationFrame(() => done([first, performance.now() - began, rows.length]));
  else if (performance.now() - began > 20000) done([first, -1, seen]);
  else requestAnimationFrame(look);
};
look();
"""


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """An office of two hundred."""
    with demo("--config", str(write_crowd(tmp_path_factory.mktemp("crowd") / "crowd", PHONES))) as running:
        yield running


def measured(browser: Browser, phone: str, number: str) -> tuple[list[float], int]:
    """Milliseconds of several changes, each until the last phone was painted, and how many phones that were."""
    browser.driver.set_script_timeout(30)
    times, watchers = [], 0
    for change in range(CHANGES):
        status = ("away", "dnd")[change % 2]
        _, last, watchers = browser.driver.execute_async_script(MEASURE, phone, number, status)
        assert last >= 0, f"{watchers} phones only"
        times.append(last)
    return times, watchers


def told(what: str, times: list[float], watchers: int, capsys: pytest.CaptureFixture[str]) -> float:
    """Print the figures; gives the median."""
    middle = sorted(times)[len(times) // 2]
    with capsys.disabled():
        print(f"\n  {PHONES} phones, {what}: press to painted on {watchers} screens in {middle:.0f} ms "  # noqa: T201
              f"(of {', '.join(f'{each:.0f}' for each in times)})")  # fmt: skip
    return middle


def test_a_change_among_two_hundred_phones_is_painted_in_time(
    browser: Browser, crowd: Demo, capsys: pytest.CaptureFixture[str]
) -> None:
    """The median of five changes that five colleagues watch, from the press to the frame that shows them all."""
    shown(browser, crowd.url, PHONES)
    times, watchers = measured(browser, "p1042", "1042")
    assert watchers == COLLEAGUES
    assert told("one of a team", times, watchers, capsys) <= LIMIT_MS


def test_a_change_that_all_of_them_watch_is_painted_at_once(
    browser: Browser, crowd: Demo, capsys: pytest.CaptureFixture[str]
) -> None:
    """Everybody watches reception: the page does not fall behind the phones."""
    shown(browser, crowd.url, PHONES)
    times, watchers = measured(browser, "p1000", "1000")
    assert watchers == PHONES
    assert told("all watch", times, watchers, capsys) <= ALL_LIMIT_MS
    said = browser.run("return document.querySelector('#figures').textContent")
    assert "199 phones" in said or "200 phones" in said
