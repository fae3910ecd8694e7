"""`manager show ...` and its like, and commands on calls, levels and what is not there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pbx.test_manager_actions import Desk, Line

USERS = """
[general]
enabled = yes
timestampevents = yes
channelvars = a,b
[boss]
secret = boss
read = all
write = all
[clerk]
secret = clerk
read = call,user
write =
deny = 0.0.0.0/0
permit = 127.0.0.0/255.0.0.0
allowmultiplelogin = no
setvar = DEPT=ops
[nobody]
read = system
"""
PLAN = """
[general]
[default]
exten => s,1,UserEvent(Started)
exten => wait,1,Answer()
 same => n,Wait(60)
exten => other,1,UserEvent(Came)
 same => n(here),Wait(60)
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, manager=USERS, extensions=PLAN)


@pytest.fixture
def line(desk: Desk) -> Line:
    return desk.line()


@pytest.fixture
def run(line: Line) -> Callable[[str], list[str]]:
    """Runs a command; whether it succeeded, and its lines."""

    def command(text: str) -> list[str]:
        (packet,) = (each for each in line.send(f"Action: Command\nCommand: {text}") if each[0].startswith("Resp"))
        return [packet[0].removeprefix("Response: "), *(row.removeprefix("Output: ") for row in packet[2:])]

    return command


def test_users_in_the_order_of_the_file(run: Callable[[str], list[str]]) -> None:
    """With their number."""
    names = ["boss", "clerk", "nobody"]
    rows = ["", "username", "--------", *names, "-------------------", "3 manager users configured."]
    assert run("manager show users") == ["Success", *rows]
    assert run("manager show users x")[1] == "Usage: manager show users"


def test_one_user_with_classes_and_addresses(run: Callable[[str], list[str]]) -> None:
    """Whoever has no class has `<none>`; the secret is never told."""
    assert run("manager show user CLERK") == [
        "Success",
        "",
        "          username: clerk",
        "            secret: <Set>",
        "               ACL: yes",
        "         read perm: call,user",
        "        write perm: <none>",
        "   displayconnects: yes",
        "allowmultiplelogin: no",
        "         Variables: ",
        "                 DEPT = ops",
        "ACL: (unnamed)",
        "---------------------------------------------",
        "  0:  deny - 0.0.0.0/0.0.0.0",
        "  1: allow - 127.0.0.0/255.0.0.0",
    ]
    assert run("manager show user nobody")[3] == "            secret: (N/A)"
    assert run("manager show user boss")[5].endswith("agi,cc,aoc,test,security,message,all")
    assert run("manager show user else") == ["Success", "There is no manager called else"]


def test_who_is_connected_may_be_kicked(desk: Desk, run: Callable[[str], list[str]]) -> None:
    """By the number in the list."""
    other = desk.line("clerk")
    _, title, first, second, count = run("manager show connected")
    assert title.split()[:2] == ["Username", "IP"]
    assert (first.split()[0], second.split()[:2], count) == ("boss", ["clerk", "127.0.0.1"], "2 users connected.")
    number = second.split()[4]
    assert run("manager kick session 99")[1] == "No manager session found using file descriptor 99"
    assert run("manager kick session x") [1] == "Invalid AMI file descriptor: x"
    assert run(f"manager kick session {number}")[1].startswith("Kicking manager session")
    desk.world.run(lambda world: world.sleep(0.1))
    other.heard()
    assert other.closed


def test_settings_and_what_is_on(run: Callable[[str], list[str]]) -> None:
    """As the file says; where nothing is said, as Asterisk has it."""
    rows = run("manager show settings")
    assert "  Timestamp events:          Yes            " in rows
    assert "  Channel vars:              a,b" in rows
    assert run("manager set debug") == ["Success", "manager debug is off"]
    assert run("manager set debug on") == ["Success", ""]
    assert run("manager show settings")[-1].split() == ["Debug:", "Yes"]


def test_the_users_are_read_again(desk: Desk, run: Callable[[str], list[str]]) -> None:
    """`manager reload` says nothing."""
    (desk.folder / "manager.conf").write_text(USERS + "[new]\nsecret = new\n")
    assert run("manager reload") == ["Success", ""]
    assert run("manager show users")[-1] == "4 manager users configured."


def test_a_call_from_the_command_line(desk: Desk, run: Callable[[str], list[str]]) -> None:
    """To an application or an extension; without one it is s@default, and nobody waits for what comes of it."""
    events = desk.line(events="on")
    assert run("channel originate Local/wait@default extension") == ["Success", ""]
    assert run("channel originate Local/wait@default application Wait 60") == ["Success", ""]
    desk.world.run(lambda world: world.sleep(1))
    assert "UserEvent: Started" in [row for packet in events.heard() for row in packet]
    name = "Local/wait@default-00000001;1"
    assert f"{name} -- wait@default" in run("local show channels")
    assert run(f"channel redirect {name} default,other,here") == [
        "Success", f"Channel '{name}' successfully redirected to default,other,here",
    ]  # fmt: skip
    assert run(f"channel redirect {name} nolabel")[1] == f"Channel '{name}' failed to be redirected to nolabel"
    assert run("channel redirect none 1")[:2] == ["Error", "Channel 'none' not found"]


@pytest.mark.parametrize("words", ["", " Local/x", " Local/x bogus y", " Local/x application"])
def test_half_a_call_is_shown_how_it_goes(run: Callable[[str], list[str]], words: str) -> None:
    """What is understood of neither kind."""
    assert run(f"channel originate{words}")[1].startswith("  There are two ways")


def test_a_call_to_nothing(run: Callable[[str], list[str]]) -> None:
    """A technology alone is no channel."""
    said = ["Error", "*** No data provided after channel type! ***"]
    assert run("channel originate Local application Wait")[:2] == said


def test_levels_are_kept(run: Callable[[str], list[str]]) -> None:
    """`atleast` never lowers; of one module another sentence is said."""
    said = [
        ("core set verbose off", "Console verbose is still OFF."),
        ("core set verbose 3", "Console verbose was OFF and is now 3."),
        ("core set verbose atleast 2", "Console verbose is still 3."),
        ("core set verbose 4 silent", ""),
        ("core set debug 3", "Core debug was OFF and is now 3."),
        ("core set debug 4 pbx.so", "Core debug was 0 and has been set to 4 for 'pbx'."),
        ("core set debug off", "Core debug was 3 and is now OFF."),
        ("pjsip set logger on", "PJSIP Logging enabled"),
        ("pjsip set logger host 10.0.0.1", "PJSIP Logging Enabled for host: 10.0.0.1"),
        ("pjsip set history clear", "PJSIP History cleared"),
    ]
    assert [run(command) for command, _ in said] == [["Success", text] for _, text in said]
    assert run("core set verbose x")[0] == "Error"


def test_which_algorithm_finds_an_extension(run: Callable[[str], list[str]]) -> None:
    """Both find the same, but which one it is can be set."""
    end = "pattern match algorithm for extension names in the dialplan."
    assert run("dialplan set extenpatternmatchnew false")[2] == f"    -- Still using the OLD {end}"
    assert run("dialplan set extenpatternmatchnew true")[2] == f"    -- Switched to using the NEW {end}"


def test_modules_are_listed_by_a_part_of_their_name(run: Callable[[str], list[str]]) -> None:
    """Those of the program itself without `.so`."""
    rows = run("module show like PRESENCESTATE")
    assert [row.split()[0] for row in rows[2:-1]] == ["func_presencestate.so", "res_manager_presencestate.so"]
    assert rows[-1] == "2 modules loaded"
    assert run("module show like .so")[-1] != run("module show")[-1]
    assert run("module show bogus")[0] == "Error"


def test_parts_of_asterisk_without_their_file(desk: Desk, run: Callable[[str], list[str]]) -> None:
    """Some can be read again in any case, others not before their file is there."""
    assert run("module reload logger") == ["Success", "Module 'logger' reloaded successfully."]
    assert run("module reload features") == ["Success", "The module 'features' reported a reload failure"]
    (desk.folder / "features.conf").write_text("[general]\n")
    assert run("module reload features") == ["Success", "Module 'features' reloaded successfully."]


def test_what_is_not_there_is_said_so(run: Callable[[str], list[str]]) -> None:
    """As an Asterisk that has none of it says it."""
    assert run("indication show") == ["Success", "Country   Description", "==========================="]
    assert run("cel show status") == ["Success", "CEL Logging: Disabled"]
    assert run("pjsip show registration x") == ["Success", "Unable to find object x.", ""]
    assert run("features show")[3] == "Pickup                    *8      *8     "
    assert run("core show calls uptime")[-1].startswith("System uptime: ")
    assert run("pjsip show scheduled_tasks x")[0] == "Error"


def test_variables_of_a_channel(desk: Desk, run: Callable[[str], list[str]]) -> None:
    """Set from the command line, the last one set first."""
    run("channel originate Local/wait@default application Wait 60")
    desk.world.run(lambda world: world.sleep(1))
    name = "Local/wait@default-00000000;2"
    assert run(f"dialplan set chanvar {name} A 1")[2] == f"    -- Channel variable 'A' set to '1' for '{name}'"
    run(f"dialplan set chanvar {name} B 2")
    assert run(f"dialplan show chanvar {name}") == ["Success", "B=2", "A=1"]
    assert run("dialplan set chanvar none A 1")[1] == "Channel 'none' not found"


def test_events_tell_of_the_variables_that_the_file_names(desk: Desk, line: Line) -> None:
    """`channelvars`, empty where a channel has none of that name; the answer to Originate names the channel."""
    events = desk.line(events="on")
    line.send("Action: Originate\nChannel: Local/s@default\nApplication: Wait\nVariable: a=1\nAsync: yes")
    desk.world.run(lambda world: world.sleep(1))
    heard = events.heard()
    (said,) = (packet for packet in heard if packet[0] == "Event: UserEvent")
    assert said[-3:] == ["ChanVariable: a=1", "ChanVariable: b=", "UserEvent: Started"]
    line.send("Action: Originate\nChannel: Local/wait@default\nApplication: Wait\nAsync: yes")
    desk.world.run(lambda world: world.sleep(1))
    (response,) = (packet for packet in events.heard() if packet[0] == "Event: OriginateResponse")
    shown = [f"ChanVariable(Local/wait@default-00000001;1): {name}=" for name in ("a", "b")]
    assert response[-2:] == shown


def test_hanging_up_from_the_command_line_is_told(desk: Desk, run: Callable[[str], list[str]]) -> None:
    """SoftHangupRequest with the reason in the place of a cause, before what comes of it."""
    run("channel originate Local/wait@default application Wait 60")
    desk.world.run(lambda world: world.sleep(1))
    events = desk.line(events="on")
    run("channel request hangup Local/wait@default-00000000;2")
    desk.world.run(lambda world: world.sleep(1))
    asked = [packet[-1] for packet in events.heard() if packet[0] == "Event: SoftHangupRequest"]
    assert asked[0] == "Cause: 32"
    assert run("core show channels count")[1] == "0 active channels"
