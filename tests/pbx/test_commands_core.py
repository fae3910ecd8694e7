"""Version, uptime, channels, modules, and the DPMA's own commands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from harness.pbx.commands import Session
from harness.pbx.commands.core import in_words
from tests.pbx.test_commands_desk import Desk

DIGIUM = """
[general]
globalpin=4321
service_name=Office
[office]
type=network
[status-away]
type=application
application=status
status=away
[100]
type=line
exten=100
[101]
type=line
[bob]
type=phone
mac=00085d000001
pin=1234
line=100
application=status-away
network=office
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_the_version_is_that_of_the_asterisk_we_stand_for(desk: Desk) -> None:
    """With who built it in the place where tools look."""
    assert desk.run("core show version").startswith("Asterisk 22.10.1 built by ")
    assert desk.fail("core show version x").startswith("Usage: core show version")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (60, "60 seconds"),
        (61, "1 minute, 1 second"),
        (3_600, "60 minutes"),
        (7_200, "2 hours"),
        (86_401, "1 day, 1 second"),
        (8 * 86_400 + 3_661, "1 week, 1 day, 1 hour, 1 minute, 1 second"),
        (2 * 31_536_000 + 5, "2 years, 5 seconds"),
    ],
)
def test_a_span_is_told_in_words(seconds: int, words: str) -> None:
    """A unit counts only when there is more than one of the smaller ones in it, as Asterisk has it."""
    assert in_words(seconds) == words


def test_uptime_runs_from_the_start_and_from_the_last_reload(desk: Desk) -> None:
    """A reload of the dialplan alone is none."""
    desk.world.call_later(90, lambda: desk.run("module reload pbx_config"))
    desk.world.call_later(95, lambda: desk.run("dialplan reload"))
    desk.world.call_later(100, lambda: None)
    desk.world.run(lambda world: world.sleep(100.5))
    assert desk.run("core show uptime") == "System uptime: 1 minute, 40 seconds\nLast reload: 10 seconds\n"
    assert desk.run("core show uptime SECONDS") == "System uptime: 100\nLast reload: 10\n"
    assert desk.fail("core show uptime x").startswith("Usage: core show uptime [seconds]")


def test_the_server_is_booted_when_it_can_be_asked(desk: Desk) -> None:
    """Nobody waits."""
    assert desk.run("core waitfullybooted") == "Asterisk has fully booted.\n"


def test_there_are_no_channels(desk: Desk) -> None:
    """Each form has its own heading."""
    counts = "0 active channels\n0 active calls\n0 calls processed\n"
    heading = f"{'Channel':64} {'Location':32} State   {'Application(Data)':30}\n"
    assert desk.run("core show channels") == heading + counts
    assert desk.run("core show channels count") == counts
    assert desk.run("core show channels concise") == ""
    assert desk.run("core show channels verbose").splitlines()[0].split()[-1] == "BridgeID"
    assert desk.run("core show channel x") == "x is not a known channel\n"


def test_modules_are_reloaded_one_by_one(desk: Desk) -> None:
    """With or without `.so`, in any case; each is told as it was typed."""
    reloaded: list[str] = []
    desk.commands.modules.add("manager", lambda: bool(reloaded.append("manager")))
    desk.commands.modules.add("res_pjsip", lambda: reloaded.append("res_pjsip") is None)
    assert desk.run("module reload PBX_CONFIG.so res_pjsip manager func_devstate nosuch") == (
        "Module 'PBX_CONFIG.so' reloaded successfully.\n"
        "Module 'res_pjsip' reloaded successfully.\n"
        "The module 'manager' reported a reload failure\n"
        "The module 'func_devstate' does not support reloads\n"
        "No such module 'nosuch'\n"
    )
    assert reloaded == ["res_pjsip", "manager"]


@pytest.mark.parametrize("command", ["core reload", "module reload"])
def test_a_reload_of_all_says_nothing_and_reloads_all(desk: Desk, command: str) -> None:
    """Every module that has something to read."""
    reloaded: list[str] = []
    desk.commands.modules.add("manager", lambda: reloaded.append("manager") is None)
    desk.run("dialplan remove context shared")
    assert desk.run(command) == ""
    assert reloaded == ["manager"]
    assert desk.run("dialplan show shared")


# digium_phones


def test_without_the_dpma_its_commands_do_not_exist(desk: Desk) -> None:
    """As in an Asterisk without the module."""
    assert desk.fail("digium_phones show phones") == (
        "No such command 'digium_phones show phones' "
        "(type 'core show help digium_phones show' for other possible commands)\n"
    )


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("show version", "Version 22.0_3.6.8\n"),
        ("show phones", "---- Digium Phones ----\nbob\n---- 1 Phones Found ----\n"),
        ("show alerts", "--- Alerts ---\n---- 0 Alerts found ----\n"),
        ("show networks", "--- Networks ---\noffice\n---- 1 Networks found ----\n"),
        ("show applications", "--- Applications ---\nstatus-away\n---- 1 Applications found ----\n"),
        (
            "show lines",
            "--- Lines mapped to phones ---\n100 Internal\n--- Lines un-mapped to phones ---\n101 Internal\n"
            "---- 2 Lines found ----\n",
        ),
        (
            "show phone bob",
            "--- Phone bob ---\nmac=00085d000001\npin=***\nline=100\napplication=status-away\nnetwork=office\n",
        ),
        ("show settings", "--- Settings ---\nglobalpin=***\nservice_name=Office\n"),
        ("show sessions", "--- Sessions ---\n---- 0 Sessions found ----\n"),
        ("license status", "OK, Valid\n"),
        ("reconfigure all", "Reconfiguration sent to 0 phones\n"),
    ],
)
def test_the_dpma_shows_what_is_configured(tmp_path: Path, command: str, output: str) -> None:
    """No PIN is shown."""
    assert Desk(tmp_path, digium=DIGIUM).run(f"digium_phones {command}") == output


def test_the_dpmas_place_can_be_given_later(tmp_path: Path) -> None:
    """Then sessions and reconfiguration are those of real phones."""
    desk = Desk(tmp_path, digium=DIGIUM)
    asked: list[str | None] = []

    class Phones:
        config = desk.configuration.digium_phone

        def sessions(self) -> Sequence[Session]:
            return [Session("bob", "10.0.0.5", 5060, "00085d000001")]

        def reconfigure(self, phone: str | None) -> int:
            asked.append(phone)
            return 1

    desk.commands.serve_phones(Phones())
    assert "bob sip:10.0.0.5:5060 MAC:00085d000001\n" in desk.run("digium_phones show sessions")
    assert desk.run("digium_phones reconfigure phone bob") == "Reconfiguration sent to 1 phone\n"
    assert desk.fail("digium_phones reconfigure phone ann").startswith("Phone 'ann' not found\n")
    usage = "Usage: digium_phones reconfigure {all|phone} [name]\n"
    assert desk.fail("digium_phones reconfigure phone").startswith(usage)
    assert asked == ["bob"]


def test_the_dpmas_commands_are_listed_in_the_alphabet(tmp_path: Path) -> None:
    """Between the dialplan's and the others."""
    names = [line[:30].rstrip() for line in Desk(tmp_path, digium=DIGIUM).run("core show help").splitlines()]
    firsts = list(dict.fromkeys(name.split()[0] for name in names))
    assert firsts[firsts.index("digium_phones") - 1 :][:3] == ["dialplan", "digium_phones", "dnsmgr"]
    assert sorted(firsts) == firsts
