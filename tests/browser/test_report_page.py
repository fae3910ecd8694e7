"""The page of a run, as a person uses it: filters, the ladder, the keyboard, narrow and dark."""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.browsing import NARROW, Browser
from tests.browser.contrast import poor_contrasts
from tests.browser.reported import HOSTILE, written

FAILED = ".scenario[data-verdict=failed]"
NOTIFY = f"{FAILED} .act:not(.quiet) .row:has(.mid)"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with passed, failed and skipped scenarios."""
    return written(tmp_path_factory.mktemp("told"))


def shown(browser: Browser) -> list[str]:
    """The names of the scenarios that are shown."""
    names: list[str] = browser.run(
        "return [...document.querySelectorAll('.scenario')].filter(each => each.checkVisibility())"
        ".map(each => each.querySelector('h2').textContent)"
    )
    return names


def focused(browser: Browser) -> str:
    """What has the focus, in words."""
    said: str = browser.run(
        "const at = document.activeElement; return `${at.tagName} ${at.name || ''} ${at.innerText}`"
    )
    return said


def opened(browser: Browser) -> None:
    """Everything is open, and drawn though it is far below the window."""
    browser.run(
        "document.querySelectorAll('details').forEach(each => each.open = true);"
        "document.querySelectorAll('.scenario').forEach(each => each.style.contentVisibility = 'visible')"
    )


def count(browser: Browser) -> str:
    """What the page says of how many are shown."""
    return str(browser.find(".count").text)


def test_the_filters_leave_what_fits(browser: Browser, page: Path) -> None:
    """Text, verdict and tag, alone and together; the page says how many are left."""
    browser.open(page)
    assert count(browser) == "6 of 6 shown"
    assert len(shown(browser)) == 6
    browser.find("[name=text]").send_keys("LUNCH meeting")
    assert shown(browser) == ["Reception sees who is at lunch and who is in a meeting"]
    assert count(browser) == "1 of 6 shown"
    browser.find("[name=text]").clear()
    browser.find("[name=text]").send_keys(" ")
    browser.click("[name=verdict][value=passed]")
    assert shown(browser) == ["Reception sees who is at lunch and who is in a meeting", "Not today"]
    browser.click("[name=verdict][value=passed]")
    browser.find("[name=tag]").send_keys("presence")
    assert browser.find("[name=tag]").get_attribute("value") == "presence"
    assert count(browser) == "1 of 6 shown"
    browser.click("[name=verdict][value=failed]")
    assert shown(browser) == []
    assert browser.find(".none").is_displayed()


def test_a_message_of_the_ladder_opens_to_its_text(browser: Browser, page: Path) -> None:
    """With its body in words; the failed step is marked and tells the time to the microsecond."""
    browser.open(page)
    lunch = 'NOTIFY of 2000: away "Lunch"'
    row = next(each for each in browser.all(NOTIFY) if lunch in each.get_attribute("textContent"))
    assert not row.find_element("css selector", ".message").is_displayed()
    browser.run("arguments[0].scrollIntoView({block: 'center'})", row)
    row.find_element("css selector", "summary").click()
    assert 'the person (Digium tuple): away "Lunch"' in row.text
    assert '<digium_presence type="away" subtype="Lunch" />' in row.find_element("css selector", ".message").text
    broken = browser.find(f"{FAILED} .broken")
    assert "4. expect: {phone: reception, contact: 2001" in broken.text
    assert "✗ 0.513000 s: it did not come within 500 ms" in broken.text
    lines = [each.text for each in browser.all(f"{FAILED} .file tr.failed")]
    assert len(lines) == 1
    assert "contact: 2001, presence: dnd" in lines[0]


def test_a_link_to_what_led_there_opens_it(browser: Browser, page: Path) -> None:
    """Also where it is in a part that is closed; a link from elsewhere to a scenario works the same."""
    browser.open(page)
    row = browser.find(f"{FAILED} .quiet .row:nth-of-type(12)")
    place = row.get_attribute("id")
    assert not row.is_displayed()
    browser.run("location.hash = arguments[0]", place)
    browser.until(f"return document.activeElement.parentElement.id === '{place}'")
    assert row.is_displayed()
    assert row.get_attribute("open") is not None
    browser.run("document.querySelector('[name=text]').value = 'nothing like that'")
    browser.driver.get(f"{page.as_uri()}#s5")
    browser.driver.refresh()
    browser.until("return document.querySelector('#s5').open")


def test_everything_can_be_done_with_the_keyboard(browser: Browser, page: Path) -> None:
    """Skip link, filter, a scenario, its parts, a message; what has the focus is seen."""
    browser.open(page)
    browser.press(Keys.TAB)
    assert "To the scenarios" in focused(browser)
    browser.press(Keys.ENTER, Keys.TAB)
    assert "text" in focused(browser)
    browser.press(*"page's example")
    assert shown(browser) == ["The page's example"]
    for _ in range(20):
        browser.press(Keys.TAB)
        if "The page's example" in focused(browser):
            break
    browser.press(Keys.ENTER)
    assert browser.run("return document.activeElement.parentElement.open")
    outline = browser.run("return getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    for _ in range(20):
        browser.press(Keys.TAB)
        if "presses away / Lunch" in browser.run("return document.activeElement.textContent"):
            break
    browser.press(Keys.SPACE)
    assert browser.run("return document.activeElement.parentElement.querySelector('.full').checkVisibility()")
    assert "substatus" in browser.run("return document.activeElement.parentElement.innerText")


def test_a_hostile_text_stays_a_text(browser: Browser, page: Path) -> None:
    """In names, steps, screens, ladders and messages."""
    browser.open(page)
    opened(browser)
    assert browser.run("return document.querySelectorAll('img, iframe, object, link').length") == 0
    assert browser.run("return document.scripts.length") == 1
    texts = browser.run("return document.querySelector('main').innerText")
    assert texts.count(HOSTILE) > 10
    assert "</script><script>alert(2)</script>" in texts


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_told_from_its_ground(browser: Browser, page: Path, scheme: str) -> None:
    """With everything open, in both schemes; and the schemes differ."""
    browser.media(scheme)
    browser.open(page)
    opened(browser)
    assert poor_contrasts(browser) == []
    ground = browser.run("return getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, ground[4:-1].split(","))) < 384) == (scheme == "dark")


def test_it_fits_the_width_of_a_phone(browser: Browser, page: Path) -> None:
    """Nothing is wider than the window; the ladder is told line by line."""
    browser.size(*NARROW)
    browser.open(page)
    opened(browser)
    assert browser.run("return document.documentElement.scrollWidth") <= NARROW[0]
    assert not browser.find(".drawn svg.ladder").is_displayed()
    said = browser.find(f"{FAILED} .act:not(.quiet) .said")
    assert said.text == "0.011000 s bob: presses away / Lunch"


def test_figures_are_seen_whole_on_a_phone(browser: Browser, page: Path) -> None:
    """No value of the latencies is beyond the edge of its box, and each says what it is."""
    browser.size(*NARROW)
    browser.open(page)
    box = browser.run("return document.querySelector('.passages').getBoundingClientRect().right")
    cells = "[...document.querySelectorAll('.passages td')].filter(each => each.checkVisibility())"
    rights = browser.run(f"return {cells}.map(each => each.getBoundingClientRect().right)")
    assert rights
    assert max(rights) <= box
    said = "getComputedStyle(document.querySelector('.passages [data-of=p95]'), '::before').content"
    assert browser.run(f"return {said}") == '"p95"'


def test_what_a_link_leads_to_is_seen_whole(browser: Browser, page: Path) -> None:
    """The outline of the scenario's head does not reach into the line below it."""
    browser.open(page)
    browser.run("document.querySelector('.bad-ones a').focus()")
    browser.press(Keys.ENTER)
    browser.until(f"return document.activeElement === document.querySelector('{FAILED} > summary')")
    below = browser.run(f"return document.querySelector('{FAILED} .why').getBoundingClientRect().top")
    reach = """const head = document.activeElement, style = getComputedStyle(head);
        return head.getBoundingClientRect().bottom + parseFloat(style.outlineOffset) + parseFloat(style.outlineWidth)"""
    assert browser.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert browser.run(reach) < below
    assert browser.run("return document.activeElement.getBoundingClientRect().top") >= 0


def test_it_is_whole_without_its_script(browser: Browser, page: Path) -> None:
    """Scenarios and messages open by themselves; filters that would do nothing are not there."""
    browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.open(page)
        assert not browser.find(".filter").is_displayed()
        assert len([each for each in browser.all(".scenario") if each.is_displayed()]) == 6
        row = browser.find(f"{FAILED} .act:not(.quiet) .row")
        row.find_element("css selector", "summary").click()
        assert row.find_element("css selector", ".full").is_displayed()
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_its_links_lead_to_files(browser: Browser, page: Path) -> None:
    """The traces beside it."""
    browser.open(page)
    places = browser.run(
        "return [...document.querySelectorAll('.facts-of a')]"
        ".map(link => decodeURIComponent(new URL(link.href).pathname))"
    )
    assert len(places) == 5
    assert all(Path(place).is_file() for place in places)
