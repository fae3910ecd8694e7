"""baresip watches a contact.

  baresip                      server
    |   REGISTER, 200            |
    |   SUBSCRIBE, 200, NOTIFY   |
    |                            | <- DEVICE_STATE(Custom:2000)=UNAVAILABLE
    |   NOTIFY                   |
  "changed status from Online to Offline"
"""

from __future__ import annotations

import re
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving import Served, require, served

CONFIG = Path(__file__).parent.parent / "peers" / "sipp" / "etc"
MODULES = Path("/usr/lib/baresip/modules")
LIMIT_S = 30.0
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Baresip:
    """A running baresip whose output is read as it comes."""

    def __init__(self, folder: Path, place: tuple[str, int]) -> None:
        host, port = place
        (folder / "config").write_text(
            "poll_method epoll\nsip_listen 127.0.0.1:0\n"
            f"module_path {MODULES}\nmodule g711.so\nmodule_tmp account.so\n"
            "module_app contact.so\nmodule_app presence.so\nmodule_app menu.so\n"
        )
        (folder / "accounts").write_text(f"<sip:sipp@{host}:{port}>;regint=600;auth_user=sipp;auth_pass=none\n")
        (folder / "contacts").write_text(f'"Bob" <sip:2000@{host}:{port}>;presence=p2p\n')
        self.process = subprocess.Popen(
            ["baresip", "-f", str(folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        )  # fmt: skip
        self.heard = ""
        self._news = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._news:
                self.heard += COLOURS.sub("", line)
                self._news.notify_all()

    def hears(self, text: str) -> bool:
        """Whether it says that before the limit."""
        with self._news:
            return self._news.wait_for(lambda: text in self.heard, LIMIT_S)

    def end(self) -> None:
        """Stop it."""
        self.process.terminate()
        self.process.wait(LIMIT_S)


@pytest.fixture
def server() -> Iterator[Served]:
    require("baresip")
    with served(CONFIG) as running:
        yield running


def set_device(server: Served, state: str) -> None:
    answer = server.manager(f"Action: Setvar\r\nVariable: DEVICE_STATE(Custom:2000)\r\nValue: {state}")
    assert "Variable Set" in answer


def wait_for_watcher(server: Served) -> None:
    """Until baresip's subscription stands; each question is a manager session of its own, which takes its time."""
    until = time.monotonic() + LIMIT_S
    while time.monotonic() < until:
        if re.search(r"Watchers +1", server.manager("Action: Command\r\nCommand: core show hint 2000")):
            return
    raise AssertionError("baresip did not subscribe")


def test_a_watching_baresip_shows_each_change(server: Served, tmp_path: Path) -> None:
    """A contact goes offline, then busy, then online, and baresip says so."""
    set_device(server, "NOT_INUSE")
    watcher = Baresip(tmp_path, server.place("sip"))
    try:
        assert watcher.hears("200 OK"), watcher.heard
        wait_for_watcher(server)
        changes = {"UNAVAILABLE": "Online to Offline", "INUSE": "Offline to Busy", "NOT_INUSE": "Busy to Online"}
        for state, said in changes.items():
            set_device(server, state)
            assert watcher.hears(f"changed status from {said}"), watcher.heard
    finally:
        watcher.end()
