"""A browser for each process of tests, an empty page for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.browsing import Browser, chromium


@pytest.fixture(scope="session")
def running_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium, started once."""
    with chromium(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture
def browser(running_browser: Browser) -> Iterator[Browser]:
    """An empty page; the test fails where the console hears an error or a warning."""
    running_browser.fresh()
    yield running_browser
    complaints = list(running_browser.complaints())
    running_browser.driver.get("about:blank")
    assert complaints == []
