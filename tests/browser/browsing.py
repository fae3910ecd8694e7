"""Chromium without a window, for tests of pages: Debian's `chromium` and `chromium-driver`, nothing is downloaded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.serving import require

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--disable-default-apps", "--mute-audio", "--hide-scrollbars", "--force-color-profile=srgb",
)  # fmt: skip
WIDE = (1280, 900)
NARROW = (390, 844)
"""Widths and heights in CSS pixels: a desk, and a phone held upright."""
PATIENCE_S = 10.0
"""Seconds that a page has for what is awaited; where a test is about time it says so itself."""

_AWAIT = """
const done = arguments[arguments.length - 1], patience = arguments[0];
const began = performance.now();
const condition = () => {{ {body} }};
const look = () => {{
  let found = null;
  try {{ found = condition(); }} catch (fault) {{ found = null; }}
  if (found) done([performance.now() - began, true]);
  else if (performance.now() - began > patience) done([performance.now() - began, false]);
  else requestAnimationFrame(look);
}};
look();
"""


class Browser:
    """One browser; `driver` is Selenium's."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver
        self._heard: list[str] = []

    def open(self, place: str | Path) -> None:
        """Load an address, or a file."""
        self.driver.get(place.resolve().as_uri() if isinstance(place, Path) else place)

    def fresh(self) -> None:
        """An empty page of the usual size, light, with nothing heard."""
        self.driver.get("about:blank")
        self.size(*WIDE)
        self.media()
        self.complaints()
        self._heard.clear()

    def size(self, width: int, height: int, scale: float = 1) -> None:
        """Make the page that large, in CSS pixels; `scale` is of pictures."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": False},
        )

    def media(self, scheme: str = "light", motion: str = "no-preference") -> None:
        """What the person prefers: `light` or `dark`; `reduce` for less motion."""
        features = [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": motion},
        ]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def run(self, body: str, *arguments: object) -> Any:
        """The value of a function's body in the page."""
        return self.driver.execute_script(body, *arguments)

    def until(self, body: str, within_s: float = PATIENCE_S) -> float:
        """Wait until a function's body gives something true, looked at in each frame; milliseconds that it took.

        Raises AssertionError where it did not within `within_s` seconds.
        """
        self.driver.set_script_timeout(within_s + PATIENCE_S)
        took, met = self.driver.execute_async_script(_AWAIT.format(body=body), within_s * 1000)
        assert met, f"not within {within_s} s: {body}"
        return float(took)

    def find(self, selector: str) -> Any:
        """The first element that a CSS selector names; raises where there is none."""
        return self.driver.find_element("css selector", selector)

    def all(self, selector: str) -> list[Any]:
        """All elements that a CSS selector names."""
        return list(self.driver.find_elements("css selector", selector))

    def click(self, selector: str) -> None:
        """Click on the first element that a CSS selector names, in the middle of the window."""
        element = self.find(selector)
        self.run("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element)
        element.click()

    def press(self, *keys: str) -> None:
        """Press keys, where the focus is."""
        from selenium.webdriver.common.action_chains import ActionChains

        chain = ActionChains(self.driver, duration=0)
        for key in keys:
            chain = chain.send_keys(key)
        chain.perform()

    def complaints(self) -> list[str]:
        """What the console has been told so far that is an error or a warning: exceptions, refused content, 404s."""
        for entry in self.driver.get_log("browser"):
            if entry["level"] in ("SEVERE", "WARNING"):
                self._heard.append(f"{entry['level']}: {entry['message']}")
        return self._heard

    def expect_complaints(self, *words: str) -> None:
        """Forget the complaints with one of these words: the test brings them about."""
        self._heard[:] = [each for each in self.complaints() if not any(word in each for word in words)]

    def picture(self, path: Path) -> Path:
        """Write what is seen as PNG."""
        self.driver.save_screenshot(str(path))
        return path


@contextmanager
def chromium(profile: Path) -> Iterator[Browser]:
    """A browser with a fresh profile; the test is skipped, or fails in CI, where there is none."""
    require("chromium")
    require("chromedriver")
    from selenium.webdriver import Chrome, ChromeOptions, ChromeService

    options = ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in (*FLAGS, f"--user-data-dir={profile}", f"--window-size={WIDE[0]},{WIDE[1]}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = ChromeService(shutil.which("chromedriver"), env={**os.environ, "SE_OFFLINE": "true"})
    driver = Chrome(options=options, service=service)
    try:
        yield Browser(driver)
    finally:
        driver.quit()
