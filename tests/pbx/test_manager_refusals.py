"""What actions on channels, bridges and the like refuse, and what those do that need a call."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pbx.manager_lines import Line, Packet, lines_of
from tests.pbx.test_manager_actions import Desk, error

CALLS = """
[general]
[default]
exten => wait,1,Answer()
 same => n,Wait(60)
exten => join,1,Dial(Local/wait@default)
exten => other,1,UserEvent(Came)
 same => n,Wait(60)
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A dialplan with calls that stay."""
    return Desk(tmp_path, extensions=CALLS)


@pytest.fixture
def line(desk: Desk) -> Line:
    return desk.line()


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ("AbsoluteTimeout", "No channel specified"),
        ("AbsoluteTimeout\nChannel: x", "No timeout specified"),
        ("AbsoluteTimeout\nChannel: x\nTimeout: 5", "No such channel"),
        ("Atxfer\nChannel: x", "No extension specified"),
        ("BlindTransfer\nChannel: x\nExten: 1", "Channel specified does not exist"),
        ("Bridge\nChannel1: a", "Missing channel parameter in request"),
        ("Bridge\nChannel1: a\nChannel2: b", "Channel1 does not exist: a"),
        ("BridgeInfo", "BridgeUniqueid must be provided"),
        ("BridgeInfo\nBridgeUniqueid: a", "Specified BridgeUniqueid not found"),
        ("BridgeDestroy\nBridgeUniqueid: a", "Specified BridgeUniqueid not found"),
        ("BridgeKick", "Channel must be provided"),
        ("BridgeKick\nChannel: a", "Channel does not exist"),
        ("LocalOptimizeAway", "'Channel' not specified."),
        ("MixMonitorMute\nChannel: a", "No direction specified. Must be read, write or both"),
        ("MuteAudio\nChannel: a\nState: on", "Direction not specified"),
        ("PlayDTMF", "Channel not found"),
        ("SendText\nChannel: a", "No Message specified"),
        ("AGI\nChannel: a\nCommand: b", "Channel a does not exist."),
        ("MessageSend", "No 'To' address specified."),
        ("MessageSend\nTo: xmpp:a", "Message technology not found."),
        ("MessageSend\nTo: pjsip:100\nBody: hi", "Message failed to send."),
        ("SorceryMemoryCacheExpireObject\nCache: a", "SorceryMemoryCacheExpireObject requires that an object name be "
         "provided\n"),
        ("PJSIPUnregister", "Registration parameter missing."),
        ("ModuleLoad\nModule: nothere\nLoadType: reload", "Module not found."),
        ("ModuleLoad\nModule: pbx_config\nLoadType: reload", "Module not found."),
        ("ModuleLoad\nModule: pbx_config.so\nLoadType: load", "Could not load module."),
        ("ModuleLoad\nModule: func_db.so\nLoadType: reload", "Module does not support reload action."),
    ],
)  # fmt: skip
def test_refusals_come_in_the_order_of_asterisk(line: Line, action: str, message: str) -> None:
    """What is missing first, then what is not there."""
    assert line.send(f"Action: {action}") == error(message)


def test_one_error_after_the_other(line: Line) -> None:
    """ModuleLoad does not stop at the first thing that is missing."""
    assert line.send("Action: ModuleLoad") == [
        *error("Incomplete ModuleLoad action."),
        *error("Need module name"),
        *error("Incomplete ModuleLoad action."),
    ]
    assert line.send("Action: ModuleLoad\nModule: pbx_config.so\nLoadType: reload") == [
        ["Response: Success", "Message: Module reloaded."]
    ]


@pytest.fixture
def joined(desk: Desk, line: Line) -> Callable[[str], list[Packet]]:
    """A call that goes through a bridge; sends actions."""
    line.send("Action: Originate\nChannel: Local/join@default\nApplication: Wait\nData: 60\nAsync: yes")
    desk.world.run(lambda world: world.sleep(1))
    return line.send


def test_a_bridge_and_its_channels(joined: Callable[[str], list[Packet]]) -> None:
    """BridgeList names the bridges, BridgeInfo who is in one."""
    start, item, end = joined("Action: BridgeList")
    assert start[1:] == ["EventList: start", "Message: Bridge listing will follow"]
    assert item[0] == "Event: BridgeListItem"
    assert end[0] == "Event: BridgeListComplete"
    (identity,) = lines_of(item, "BridgeUniqueid")
    start, *channels, end = joined(f"Action: BridgeInfo\nBridgeUniqueid: {identity}")
    assert [packet[0] for packet in channels] == ["Event: BridgeInfoChannel"] * 2
    assert f"BridgeUniqueid: {identity}" in end
    names = {name for packet in channels for name in lines_of(packet, "Channel")}
    assert names == {"Local/join@default-00000000;2", "Local/wait@default-00000001;1"}


def test_who_is_connected(joined: Callable[[str], list[Packet]]) -> None:
    """CoreShowChannelMap follows bridges and Local channels; outside of a bridge it has nobody."""
    _, *items, end = joined("Action: CoreShowChannelMap\nChannel: Local/join@default-00000000;2")
    assert {name for packet in items for name in lines_of(packet, "ConnectedChannel")} == {
        "Local/join@default-00000000;1",
        "Local/wait@default-00000001;1",
        "Local/wait@default-00000001;2",
    }
    assert end[0] == "Event: CoreShowChannelMapComplete"
    assert len(joined("Action: CoreShowChannelMap\nChannel: Local/join@default-00000000;1")) == 2


def test_a_blind_transfer_sends_the_other_one_on(desk: Desk, joined: Callable[[str], list[Packet]]) -> None:
    """BlindTransfer is about whom the channel talks to; one that talks to nobody cannot hand anybody on."""
    events = desk.line(events="on")
    ask = "Action: BlindTransfer\nExten: other\nContext: default\nChannel: "
    assert joined(f"{ask}Local/wait@default-00000001;2") == error("Transfer invalid")
    assert joined(f"{ask}Local/wait@default-00000001;1")[0] == ["Response: Success", "Message: Transfer succeeded"]
    desk.world.run(lambda world: world.sleep(1))
    came = [packet for packet in events.heard() if packet[0] == "Event: UserEvent"]
    assert [lines_of(packet, "Channel") for packet in came] == [["Local/join@default-00000000;2"]]


def test_a_time_limit_ends_a_call(desk: Desk, joined: Callable[[str], list[Packet]]) -> None:
    """AbsoluteTimeout takes seconds with a fraction."""
    asked = "Action: AbsoluteTimeout\nChannel: Local/wait@default-00000001;2\nTimeout: 2.5"
    assert joined(asked) == [["Response: Success", "Message: Timeout Set"]]
    desk.world.run(lambda world: world.sleep(2))
    assert len(joined("Action: CoreShowChannels")) == 6
    desk.world.run(lambda world: world.sleep(1))
    assert len(joined("Action: CoreShowChannels")) == 2


@pytest.mark.parametrize(
    "action", ["BridgeKick\nChannel: Local/wait@default-00000001;1", "BridgeDestroy\nBridgeUniqueid: {}"]
)
def test_a_bridge_is_taken_apart(desk: Desk, joined: Callable[[str], list[Packet]], action: str) -> None:
    """By letting one go, or all."""
    (identity,) = lines_of(joined("Action: BridgeList")[1], "BridgeUniqueid")
    assert joined("Action: " + action.format(identity))[0][0] == "Response: Success"
    desk.world.run(lambda world: world.sleep(1))
    assert len(joined("Action: BridgeList")) == 2


def test_an_include_with_a_time_leads_nowhere(tmp_path: Path) -> None:
    """ShowDialPlan looks for an include by its whole text; what it found is told before the refusal."""
    plan = "[default]\ninclude => late,18:00-20:00,*,*,*\nswitch => Loopback/x@late\n[late]\nexten => 1,1,NoOp()\n"
    line = Desk(tmp_path, extensions=plan).line()
    head, switch, refused = line.send("Action: ShowDialPlan\nContext: default\nExtension: 1")
    assert head == ["Response: Success", "EventList: start", "Message: DialPlan list will follow"]
    assert switch[2] == "Switch: Loopback/x@late"
    assert [refused] == error("Did not find extension 1@default")


def test_status_with_variables(desk: Desk, joined: Callable[[str], list[Packet]]) -> None:
    """Those that are asked for, functions too, then all; EVAL and its like only for who writes `system`."""
    name = "Local/wait@default-00000001;2"
    joined(f"Action: Setvar\nChannel: {name}\nVariable: A\nValue: 1")
    asked = f"Action: Status\nChannel: {name}\nVariables: A,NONE,CHANNEL(state)"
    assert lines_of(joined(asked)[1], "Variable") == ["A=1", "NONE=(null)", "CHANNEL(state)=Up"]
    everything = lines_of(joined(f"Action: Status\nChannel: {name}\nAllVariables: yes")[1], "Variable")
    assert everything[0] == "A=1"
    refused = error("Status Access Forbidden: Variables")
    assert desk.line("caller").send("Action: Status\nVariables: SHELL(ls)") == refused


def test_who_waits_and_is_sent_elsewhere_is_told_of_there(desk: Desk, line: Line) -> None:
    """Redirect breaks off a Wait() without a word: the next Newexten names what runs in the new place."""
    line.send("Action: Originate\nChannel: Local/wait@default\nApplication: Wait\nData: 60\nAsync: yes")
    desk.world.run(lambda world: world.sleep(1))
    events = desk.line(events="on")
    name = "Local/wait@default-00000000;2"
    line.send(f"Action: Redirect\nChannel: {name}\nContext: default\nExten: other\nPriority: 1")
    desk.world.run(lambda world: world.sleep(1))
    told = [lines_of(packet, "Priority", "Application") for packet in events.heard() if packet[0] == "Event: Newexten"]
    assert told == [["1", "UserEvent"], ["2", "Wait"]]


@pytest.mark.parametrize("action", ["Add", "Remove"])
def test_a_hint_is_not_asked_for_by_its_number(line: Line, action: str) -> None:
    """Only by the word."""
    asked = f"Action: DialplanExtension{action}\nContext: default\nExtension: 9\nApplication: Custom:9\nPriority: "
    assert line.send(f"{asked}-1") == error("The priority specified was invalid.")
    assert line.send(f"{asked}hint") != error("The priority specified was invalid.")
