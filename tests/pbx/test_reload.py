"""Files that change while the server runs: what a reload takes over, what it keeps, what it refuses."""

from __future__ import annotations

import contextlib
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.targets.control_client import ask
from tests.peers.lines import PATIENCE_S, ManagerLine, request
from tests.serving import Served, served

pytestmark = pytest.mark.long
CONFIG = Path(__file__).parent.parent / "peers" / "sipp" / "etc"
AUTO_HINTS = Path(__file__).parents[2] / "scenarios" / "presence" / "auto-hint"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    """A server on a copy of its configuration, in `etc` of the test's folder."""
    shutil.copytree(CONFIG, tmp_path / "etc")
    with served(tmp_path / "etc") as running:
        yield running


@pytest.fixture
def line(server: Served) -> Iterator[ManagerLine]:
    with contextlib.closing(ManagerLine(server.place("ami"), "sipp", "sipp")) as opened:
        yield opened


class Phone:
    """A UDP socket that asks and reads."""

    def __init__(self, server: Served) -> None:
        self._server = server.place("sip")
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(PATIENCE_S)

    def ask(self, method: str, uri: str, name: str, *headers: str, user: str = "sipp") -> str:
        """Send and give the first message that comes."""
        own = self._socket.getsockname()
        self._socket.sendto(request(method, uri, own, name, user=user, headers=headers), self._server)
        return self.next()

    def next(self) -> str:
        """The next message; a NOTIFY is answered."""
        data, source = self._socket.recvfrom(65_536)
        text = data.decode()
        if text.startswith("NOTIFY"):
            kept = [row for row in text.split("\r\n") if row.split(":")[0] in ("Via", "From", "To", "Call-ID", "CSeq")]
            self._socket.sendto("\r\n".join(["SIP/2.0 200 OK", *kept, "Content-Length: 0", "", ""]).encode(), source)
        return text


def test_a_subscription_outlives_a_reload_and_sees_the_new_hint(
    server: Served, line: ManagerLine, tmp_path: Path
) -> None:
    """`dialplan reload` gives the hint another provider; the next change of that one reaches the watcher."""
    phone = Phone(server)
    wanted = ("Event: presence", "Expires: 300", "Accept: application/pidf+xml", "User-Agent: Digium D65 2_2_1_0")
    assert phone.ask("SUBSCRIBE", "sip:2000@127.0.0.1", "w", *wanted).startswith("SIP/2.0 200")
    assert phone.next().startswith("NOTIFY")
    extensions = tmp_path / "etc" / "extensions.conf"
    extensions.write_text(extensions.read_text().replace("CustomPresence:2000", "CustomPresence:other"))
    line.act("Command", "Command: dialplan reload")
    line.act("Setvar", "Variable: PRESENCE_STATE(CustomPresence:other)", "Value: dnd,,door shut")
    assert 'type="dnd">door shut<' in phone.next()
    assert "Watchers  1" in line.act("Command", "Command: core show hint 2000")


def test_a_new_endpoint_may_register_after_a_reload(server: Served, line: ManagerLine, tmp_path: Path) -> None:
    """Before it is a stranger; registrations of others stay."""
    phone = Phone(server)
    assert phone.ask("REGISTER", "sip:sipp@127.0.0.1", "a", "Expires: 300").startswith("SIP/2.0 200")
    asked = ("REGISTER", "sip:newcomer@127.0.0.1")
    assert phone.ask(*asked, "b", "Expires: 300", user="newcomer").startswith("SIP/2.0 401")
    with (tmp_path / "etc" / "pjsip.conf").open("a") as file:
        file.write("\n[newcomer]\ntype=endpoint\ncontext=default\naors=newcomer\n[newcomer]\ntype=aor\n")
        file.write("max_contacts=1\n")
    assert "reloaded successfully" in line.act("Command", "Command: module reload res_pjsip.so")
    assert phone.ask(*asked, "c", "Expires: 300", user="newcomer").startswith("SIP/2.0 200")
    listed = line.act("Command", "Command: pjsip show endpoints")
    assert "newcomer" in listed
    for name in ("sipp", "newcomer"):
        assert "Value: NOT_INUSE" in line.act("Getvar", f"Variable: DEVICE_STATE(PJSIP/{name})")


def test_an_endpoint_that_is_gone_is_a_stranger(server: Served, line: ManagerLine, tmp_path: Path) -> None:
    """Its device is invalid from then on."""
    phone = Phone(server)
    assert phone.ask("REGISTER", "sip:sipp@127.0.0.1", "a", "Expires: 300").startswith("SIP/2.0 200")
    pjsip = tmp_path / "etc" / "pjsip.conf"
    pjsip.write_text(pjsip.read_text().replace("[sipp]", "[else]"))
    line.act("Reload", "Module: res_pjsip")
    assert phone.ask("REGISTER", "sip:sipp@127.0.0.1", "b", "Expires: 300").startswith("SIP/2.0 401")
    assert "Value: INVALID" in line.act("Getvar", "Variable: DEVICE_STATE(PJSIP/sipp)")


@pytest.mark.parametrize(
    ("file", "module"), [("extensions.conf", "pbx_config"), ("pjsip.conf", "res_pjsip"), ("manager.conf", "manager")]
)
def test_a_file_that_cannot_be_read_changes_nothing(
    server: Served, line: ManagerLine, tmp_path: Path, file: str, module: str
) -> None:
    """The reload fails, one note tells file and line, and everything goes on as before."""
    (tmp_path / "etc" / file).write_text("[default\n")
    assert "Response: Error" in line.act("Reload", f"Module: {module}")
    assert "Custom:2000" in line.act("Command", "Command: core show hint 2000")
    assert Phone(server).ask("REGISTER", "sip:sipp@127.0.0.1", "a", "Expires: 300").startswith("SIP/2.0 200")
    assert "Success" in line.act("Ping")


def test_the_hints_of_the_dpma_outlive_a_reload(tmp_path: Path) -> None:
    """No file holds them, and a reload of the files does not lose them."""
    with served(AUTO_HINTS, "--data", str(tmp_path), ami=False):
        before = ask(tmp_path, "core show hints")
        assert "auto_hint_2000" in before[1]
        assert ask(tmp_path, "dialplan reload") == (True, "Dialplan reloaded.\n")
        assert ask(tmp_path, "core show hints") == before
