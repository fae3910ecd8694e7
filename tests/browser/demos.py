"""Starts `dpma-harness demo` as a process of its own, and drives its page."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from tests.browser.browsing import Browser

STOP_LIMIT_S = 30.0


@dataclass
class Demo:
    """A running office."""

    process: subprocess.Popen[str]
    line: str
    errors: str = ""

    @property
    def place(self) -> str:
        """HOST:PORT of the page."""
        found = re.search(r"\bhttp=(\S+)", self.line)
        assert found is not None, self.line
        return found[1]

    @property
    def url(self) -> str:
        """The address of the page."""
        return f"http://{self.place}/"


@contextlib.contextmanager
def demo(*options: str, http: str = "127.0.0.1:0") -> Iterator[Demo]:
    """An office with its page on a free port, ended with SIGTERM; a bad end fails the test."""
    command = [sys.executable, "-m", "harness.cli", "demo", "--http", http, *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    running = Demo(process, "")
    try:
        assert process.stdout is not None
        running.line = process.stdout.readline()
        if not running.line.startswith("ready "):
            _, errors = process.communicate(timeout=STOP_LIMIT_S)
            raise AssertionError(f"the demo did not start: {running.line!r} {errors}")
        yield running
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        _, running.errors = process.communicate(timeout=STOP_LIMIT_S)
    assert process.returncode == 0, running.errors
    assert "Traceback" not in running.errors, running.errors


def shown(browser: Browser, url: str, phones: int = 6) -> None:
    """Open the page and wait for its phones."""
    browser.open(url)
    browser.until(f"return document.querySelectorAll('.phone').length === {phones}")


def card(phone: str) -> str:
    """The selector of a phone."""
    return f'[data-phone="{phone}"]'


def contact(phone: str, number: str) -> str:
    """The selector of a contact on a phone."""
    return f'{card(phone)} [data-contact="{number}"]'


def pick(browser: Browser, phone: str, status: str, substatus: str = "") -> None:
    """Press Status on a phone, then a line of it, with the mouse."""
    browser.click(f"{card(phone)} .soft-key")
    browser.click(f'{card(phone)} [data-status="{status}"][data-substatus="{substatus}"]')


def sees(phone: str, number: str, presence: str, text: str = "") -> str:
    """A condition for `Browser.until`: a contact is shown so."""
    found = f"document.querySelector('{contact(phone, number)}')"
    words = f" && {found}.textContent.includes({text!r})" if text else ""
    return f"return {found}.querySelector('.presence').dataset.presence === '{presence}'{words}"
