"""The live page, as a person uses it.

    browser            harness            phones
       |-- press Away --->|                  |
       |                  |-- MESSAGE, NOTIFY ->  (real SIP on loopback)
       |<--- change ------|<--- screens -----|
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.browsing import NARROW, WIDE, Browser
from tests.browser.contrast import poor_contrasts
from tests.browser.demos import Demo, card, contact, demo, pick, sees, shown
from tests.web.offices import larger_office

OTHERS = ("reception", "carol", "dave", "erin", "frank")
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def office() -> Iterator[Demo]:
    """The shipped office."""
    with demo() as running:
        yield running


def test_away_on_one_phone_is_seen_on_the_others(browser: Browser, office: Demo) -> None:
    """Within a second, with the substatus, and the ladder of the change beside it."""
    shown(browser, office.url)
    browser.until("return document.querySelector('#link').dataset.live === 'true'")
    pick(browser, "bob", "away", "Lunch")
    for phone in OTHERS:
        browser.until(sees(phone, "2000", "away", "Lunch"), within_s=1.0)
    browser.until("return document.querySelector('#figures').textContent.includes('6 phones')")
    rows = browser.run("return [...document.querySelectorAll('.rung')].map(row => row.dataset.hop)")
    assert rows[0] == "press"
    assert {"dpma", "core", "hint"} <= set(rows)
    texts = browser.run("return [...document.querySelectorAll('.rung .label')].map(label => label.textContent)")
    assert sum(text.startswith("NOTIFY") for text in texts) == 6
    assert all("ms" in text for text in texts), "each hop tells how long it took"


def test_each_phone_is_drawn_as_its_family(browser: Browser, office: Demo) -> None:
    """Three families, each twice, with their models' names."""
    shown(browser, office.url)
    families = browser.run("return [...document.querySelectorAll('.phone')].map(phone => phone.dataset.family)")
    assert sorted(families) == ["digium-1x", "digium-1x", "digium-2x", "digium-2x", "sangoma-p", "sangoma-p"]
    assert browser.find(f"{card('reception')} .model").text == "Digium D70"


def test_a_hostile_text_stays_a_text(browser: Browser, office: Demo) -> None:
    """As a message of somebody's presence, on every screen and in the ladder."""
    shown(browser, office.url)
    browser.click(".elsewhere summary")
    browser.click(".elsewhere [name=provider] option[value='CustomPresence:2003']")
    browser.find(".elsewhere [name=message]").send_keys(HOSTILE)
    browser.find(".elsewhere [name=subtype]").send_keys("<b>x</b>")
    browser.click(".elsewhere [type=submit]")
    for phone in ("bob", "carol"):
        browser.until(sees(phone, "2003", "available", HOSTILE))
        assert "<b>x</b>" in browser.find(contact(phone, "2003")).text
    browser.until("return document.querySelectorAll('.rung').length > 8")
    assert browser.all("main img") == []
    browser.run("document.querySelector('.rung[data-hop=screen] .track').click()")
    browser.until("return document.querySelector('#event').open")
    browser.until("return document.querySelector('#event-text').textContent.includes('onerror')")
    assert browser.all("img") == []


def test_the_keyboard_alone_is_enough(browser: Browser, office: Demo) -> None:
    """Tab to Status, Enter, arrows to a line, Enter: the status is taken and the focus is back on the key."""
    shown(browser, office.url)
    for _ in range(60):
        browser.press(Keys.TAB)
        if browser.run(f"return document.activeElement === document.querySelector('{card('dave')} .soft-key')"):
            break
    else:
        pytest.fail("the key cannot be reached")
    browser.press(Keys.ENTER)
    browser.until(f"return document.activeElement.closest('{card('dave')} .choices') !== null")
    browser.press(Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    assert browser.run("return document.activeElement.getAttribute('aria-label')") == "Chat"
    browser.press(Keys.ENTER)
    browser.until(sees("bob", "2002", "chat"))
    assert browser.run("return document.activeElement.textContent") == "Status"
    browser.press(Keys.ENTER, Keys.ESCAPE)
    assert browser.all(".choices") == []
    assert browser.run("return document.activeElement.textContent") == "Status"


def test_what_happened_is_said_to_a_screen_reader(browser: Browser, office: Demo) -> None:
    """The live region has a sentence; every phone, key and lamp has a name."""
    shown(browser, office.url)
    pick(browser, "frank", "xa", "On vacation")
    browser.until("return document.querySelector('#said').textContent.includes('seen on 6 phones')")
    nameless = """return [...document.querySelectorAll('button, select, input, section, aside')].filter(
        each => each.checkVisibility() && !each.computedName && !each.textContent.trim()
                && !each.getAttribute('aria-label') && !each.labels?.length).length"""
    assert browser.run(nameless) == 0
    assert "Lamp idle" in browser.run(f"return document.querySelector('{contact('bob', '2000')}').textContent")


def test_the_plug_is_pulled_and_put_back(browser: Browser, office: Demo) -> None:
    """A phone without power shows nothing and takes no press; with power it comes back and learns what stands."""
    shown(browser, office.url)
    pick(browser, "bob", "dnd", "In a meeting")
    browser.until(sees("erin", "2000", "dnd"))
    browser.click(f"{card('erin')} .plug")
    browser.until(f"return document.querySelector('{card('erin')}').dataset.on === 'false'")
    assert not browser.find(f"{card('erin')} .soft-key").is_enabled()
    browser.click(f"{card('erin')} .plug")
    browser.until(sees("erin", "2000", "dnd", "In a meeting"))


def test_what_is_lost_is_shown_and_sent_again(browser: Browser, office: Demo) -> None:
    """A phone that loses everything sees nothing; without losses it learns of the change by a repetition."""
    shown(browser, office.url)
    browser.click(f"{card('carol')} select option[value='100']")
    browser.until("return document.querySelector('#what').textContent.includes('lose 100 %')")
    pick(browser, "bob", "chat")
    browser.until(sees("dave", "2000", "chat"))
    browser.until("return document.querySelector('.rung.gone')?.textContent.includes('lost')")
    assert not browser.run(sees("carol", "2000", "chat"))
    browser.click(f"{card('carol')} select option[value='0']")
    browser.until(sees("carol", "2000", "chat"))


def test_the_server_restarts_and_the_phones_are_there_again(browser: Browser, office: Demo) -> None:
    """What was set is still known, and the next change is seen."""
    shown(browser, office.url)
    pick(browser, "bob", "xa")
    browser.until(sees("frank", "2000", "xa"))
    browser.click("#standing button")
    browser.until("return document.querySelector('#what').textContent.includes('restart')")
    browser.until("return document.querySelector('.server').dataset.up === 'true'")
    pick(browser, "bob", "away", "Back soon")
    browser.until(sees("frank", "2000", "away", "Back soon"))


def test_the_page_comes_back_when_the_harness_does(browser: Browser) -> None:
    """It says that it is cut off; a new run on the same port is another session, and can be used at once."""
    with demo() as first:
        shown(browser, first.url)
        place = first.place
    browser.until("return document.querySelector('#link').dataset.live === 'false'")
    with demo(http=place):
        browser.until("return document.querySelector('#link')?.dataset.live === 'true'")
        browser.until("return document.querySelectorAll('.phone').length === 6")
        pick(browser, "bob", "away")
        browser.until(sees("carol", "2000", "away"))
        browser.open("about:blank")
    browser.expect_complaints("net::ERR_")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_told_from_its_ground(browser: Browser, office: Demo, scheme: str) -> None:
    """On the screens of all families, in menus, in the ladder and in what folds out (WCAG 2.2, level AA)."""
    browser.media(scheme)
    shown(browser, office.url)
    pick(browser, "reception", "away", "Lunch" if scheme == "light" else "Back soon")
    browser.until("return document.querySelectorAll('.rung').length > 20")
    for phone in ("bob", "carol", "dave"):
        browser.click(f"{card(phone)} .soft-key")
    browser.run("for (const each of document.querySelectorAll('details')) each.open = true")
    browser.click(f"{card('frank')} .plug")
    browser.until(f"return document.querySelector('{card('frank')}').dataset.on === 'false'")
    browser.until("return document.getAnimations().every(each => each.playState === 'finished')")
    assert poor_contrasts(browser) == []
    browser.click(f"{card('frank')} .plug")
    browser.until(f"return document.querySelector('{card('frank')} .line').dataset.line === 'registered'")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_runs_over_the_edge(browser: Browser, office: Demo, scheme: str) -> None:
    """On a desk and on a phone's width, light and dark, the page scrolls down and never sideways."""
    browser.media(scheme)
    for width, height in ((1440, 900), (1000, 800), NARROW, (320, 640)):
        browser.size(width, height)
        shown(browser, office.url)
        assert browser.run("return document.documentElement.scrollWidth") <= width


def test_a_call_is_placed_answered_held_and_ended(browser: Browser, office: Demo) -> None:
    """On both phones' screens, and in the lamps of the others: ringing, on the phone, on hold, idle."""
    shown(browser, office.url)
    lamp = f"document.querySelector('{contact('carol', '2004')} use').getAttribute('href')"
    pick(browser, "frank", "available")
    browser.click(f"{card('bob')} .soft-key:nth-child(2)")
    browser.click(f'{card("bob")} [data-number="2004"]')
    browser.until(f"return document.querySelector('{card('frank')} [data-key=answer]') !== null")
    browser.until(f"return {lamp} === '#lamp-ringing'")
    browser.click(f"{card('frank')} [data-key=answer]")
    browser.until(f"return document.querySelector('{card('bob')} .call')?.dataset.state === 'connected'")
    browser.until(f"return {lamp} === '#lamp-on_the_phone'")
    browser.click(f"{card('frank')} .call-key[data-key=hold]")
    browser.until(f"return {lamp} === '#lamp-on_the_phone' || {lamp} === '#lamp-on_hold'")
    browser.until(f"return document.querySelector('{card('frank')} .call')?.dataset.state === 'held'")
    browser.click(f"{card('frank')} .call-key[data-key=hangup]")
    browser.until(f"return {lamp} === '#lamp-idle'")
    browser.until(f"return document.querySelector('{card('bob')} .call:not(.over)') === null")


def test_a_key_beside_the_screen_calls(browser: Browser, office: Demo) -> None:
    """With the keyboard: the keys are one stop, arrows walk through them."""
    shown(browser, office.url)
    keys = f"document.querySelectorAll('{card('erin')} .contacts button.lamp')"
    assert browser.run(f"return [...{keys}].filter(key => key.tabIndex === 0).length") == 1
    browser.run(f"{keys}[0].focus()")
    browser.press(Keys.ARROW_DOWN, Keys.ENTER)
    browser.until(f"return document.querySelector('{card('bob')} [data-key=reject]') !== null")
    browser.click(f"{card('bob')} [data-key=reject]")
    browser.until(f"return document.querySelector('{card('erin')} .call:not(.over)') === null")


def test_further_lines_and_whom_one_can_only_call(browser: Browser, tmp_path: Path) -> None:
    """A row for the second line; the call list has a contact that nobody can watch."""
    with demo("--config", str(larger_office(tmp_path / "office"))) as larger:
        shown(browser, larger.url)
        rows = "[...document.querySelectorAll('.lines li')].map(row => row.innerText.trim())"
        browser.until(f"return {rows}.join().includes('Support')")
        assert [row.split() for row in browser.run(f"return {rows}")] == [["Support", "2010", "registered"]]
        assert "no subscription" in browser.find(contact("carol", "supplier")).text
        browser.click(f"{card('carol')} .soft-key:nth-child(2)")
        assert browser.find(f'{card("carol")} [data-number="9555"]').text.split() == ["Paper", "Supplier", "9555"]
        browser.open("about:blank")
    browser.expect_complaints("net::ERR_")


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_no_label_of_the_ladder_is_cut(browser: Browser, office: Demo, size: tuple[int, int]) -> None:
    """Many lanes, long labels: all phones register anew."""
    browser.size(*size)
    shown(browser, office.url)
    browser.click("#standing button")
    browser.until("return document.querySelector('.server').dataset.up === 'true'")
    pick(browser, "bob", "dnd")
    browser.click(f"{card('bob')} .plug")
    browser.click(f"{card('bob')} .plug")
    browser.until("return [...document.querySelectorAll('.label')].some(each => each.textContent.startsWith('401'))")
    browser.until(f"return document.querySelector('{card('bob')} .line').dataset.line === 'registered'")
    cut = """return [...document.querySelectorAll('.label')].filter(label => {
        const [own, track] = [label, label.closest('.track')].map(each => each.getBoundingClientRect());
        return own.left < track.left - .5 || own.right > track.right + .5; }).map(label => label.textContent)"""
    assert browser.run(cut) == []


def test_a_narrow_window_tells_the_last_change_at_its_foot(browser: Browser, office: Demo) -> None:
    """Where the ladder is below the phones, a line leads to it, and goes where it is seen."""
    browser.size(*NARROW)
    shown(browser, office.url)
    pick(browser, "reception", "chat")
    browser.until("return document.querySelector('#peek').checkVisibility()")
    assert browser.find("#peek").text.split("\n")[0] == "reception picks Chat"
    browser.run("document.querySelector('#peek').click()")
    browser.until("return !document.querySelector('#peek').checkVisibility()")
    assert browser.run("return document.querySelector('#ladder').getBoundingClientRect().top") < NARROW[1] / 2
    browser.size(*WIDE)
    browser.run("scrollTo(0, 0)")
    assert not browser.find("#peek").is_displayed()
