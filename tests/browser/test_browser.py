"""The browser of these tests hears what it must hear."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.browsing import NARROW, Browser


def page(folder: Path, body: str) -> Path:
    path = folder / "page.html"
    path.write_text(f'<!doctype html><html lang="en"><meta charset="utf-8"><title>t</title>{body}', "utf-8")
    return path


@pytest.mark.parametrize(
    "body",
    [
        "<script>throw new Error('fault')</script>",
        "<script>console.error('fault')</script>",
        "<meta http-equiv='Content-Security-Policy' content=\"script-src 'none'\"><script>fault()</script>",
        "<img src='fault.png' alt=''>",
    ],
)
def test_errors_of_a_page_are_heard(browser: Browser, tmp_path: Path, body: str) -> None:
    """An exception, an error that is written, refused content and a missing picture."""
    browser.open(page(tmp_path, body))
    browser.until("return document.readyState === 'complete'")
    assert browser.complaints()
    browser.expect_complaints("fault", "Content Security Policy")


def test_a_quiet_page_is_quiet(browser: Browser, tmp_path: Path) -> None:
    """And its size is the one asked for."""
    browser.open(page(tmp_path, "<p>Hello"))
    browser.size(*NARROW)
    assert browser.run("return [innerWidth, innerHeight]") == list(NARROW)
    browser.media("dark")
    assert browser.run("return matchMedia('(prefers-color-scheme: dark)').matches")
    assert browser.complaints() == []


def test_waiting_for_what_does_not_come_fails(browser: Browser, tmp_path: Path) -> None:
    """With the condition in the message."""
    browser.open(page(tmp_path, "<p>Hello"))
    assert browser.until("return document.querySelector('p').textContent === 'Hello'") < 1000
    with pytest.raises(AssertionError, match="never"):
        browser.until("return document.querySelector('.never')", within_s=0.05)
