"""Action Originate of Local channels: what is refused, what happens, and what is told of it.

client             server                                   others
  | Originate        |                                         |
  |----------------->| ;2 executes the dialplan  Newexten ...  |
  |                  |------------------------------------------>|
  |                  | ;2 answers: so is ;1      Newstate, DialEnd
  |                  |------------------------------------------>|
  |   queued/failed  | ;1 begins its application               |
  |<-----------------| one ends, the other too   Hangup        |
  |                  |------------------------------------------>|
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pbx.manager_lines import Packet, lines_of
from tests.pbx.test_manager_actions import EXTENSIONS, MANAGER, Desk, error

CALLS = """
[calls]
exten => silent,1,UserEvent(Ran,Who: ${WHO},Caller: ${CALLERID(num)},Name: ${CALLERID(name)})
 same => n,Hangup()
exten => answers,1,Answer()
 same => n,Wait(2)
 same => n,UserEvent(Later)
exten => waits,1,Wait(5)
exten => busy,1,Busy(1)
exten => congested,1,Congestion(1)
exten => rejects,1,Hangup(17)
exten => writes,1,Set(PRESENCE_STATE(CustomPresence:200)=away,from,dialplan)
 same => n,Hangup()
exten => h,1,UserEvent(Gone,Cause: ${HANGUPCAUSE})
exten => then,1,UserEvent(Then,Chan: ${CHANNEL(state)})
 same => n(label),Hangup()
[autos]
autohints = yes
"""
USERS = MANAGER + "[dialler]\nsecret = dialler\nread = call\nwrite = originate\nsetvar = WHO=dialler\n"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """The usual desk with extensions to call."""
    return Desk(tmp_path, extensions=EXTENSIONS + CALLS, manager=USERS)


class Call:
    """One Originate and what was heard of it."""

    def __init__(self, desk: Desk, *headers: str, user: str = "boss", seconds: float = 30.0) -> None:
        watcher, line = desk.line(events="call,user,dialplan"), desk.line(user)
        self.answers = line.send("\n".join(["Action: Originate", "ActionID: o", *headers]))
        desk.world.network.advance(seconds)  # type: ignore[attr-defined]
        self.answers += line.heard()
        self.events = watcher.heard()

    def named(self, name: str) -> list[Packet]:
        """The events of that name."""
        return [packet for packet in self.events if packet[0] == f"Event: {name}"]

    def story(self) -> list[str]:
        """Events by name, with the half they are about."""
        return [packet[0].removeprefix("Event: ") + half_of(packet) for packet in self.events]

    def value(self, event: str, header: str) -> str:
        """A header of the only event of that name."""
        (packet,) = self.named(event)
        return lines_of(packet, header)[0]


def half_of(packet: Packet) -> str:
    """`;1` or `;2`, nothing where an event is not about a channel."""
    names = lines_of(packet, "Channel", "DestChannel")
    return names[0][-2:] if names and names[0][-2] == ";" else ""


WAIT = "Application: Wait\nData: 1"
QUEUED = ["Response: Success", "ActionID: o", "Message: Originate successfully queued"]
INCOMPLETE = "Originate with 'Exten' requires 'Context' and 'Priority'"
FAILED = ["Response: Error", "ActionID: o", "Message: Originate failed"]


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ("", "Channel not specified"),
        ("Channel: Local", "Invalid channel"),
        ("Channel: Local/x@y\nExten: 400", INCOMPLETE),
        ("Channel: Local/x@y\nExten: 400\nContext: default", INCOMPLETE),
        ("Channel: Local/x@y\nExten: 499\nContext: default\nPriority: 1", "Extension does not exist."),
        ("Channel: Local/x@y\nExten: 400\nContext: default\nPriority: 9", "Extension does not exist."),
        ("Channel: Local/x@y\nExten: 400\nContext: default\nPriority: nolabel", "Invalid priority"),
        ("Channel: Local/x@y\nTimeout: abc\nApplication: Wait", "Invalid timeout"),
    ],
)
def test_what_is_refused(desk: Desk, headers: str, message: str) -> None:
    """In Asterisk's order, with its words."""
    assert desk.line().send(f"Action: Originate\n{headers}") == error(message)


@pytest.mark.parametrize(
    ("application", "data", "allowed"),
    [("System", "ls", False), ("TryExec", "x", False), ("Wait", "${SHELL(ls)}", False), ("Wait", "${DB(a/b)}", False),
     ("Queue", "q,,,,,agi", False), ("Wait", "1", True), ("Queue", "q", True)],
)  # fmt: skip
def test_what_reaches_far_needs_the_right_to(desk: Desk, application: str, data: str, allowed: bool) -> None:
    """Programs, files and the database are not for those who may only call."""
    line = desk.line("dialler")
    asked = f"Channel: Local/waits@calls\nApplication: {application}\nData: {data}\nAsync: yes"
    answer = line.send(f"Action: Originate\n{asked}")
    assert (answer == error("Originate Access Forbidden: app or data blacklisted")) is not allowed


def test_a_call_that_nobody_answers(desk: Desk) -> None:
    """The dialplan runs on ;2, and with its end both are hung up."""
    call = Call(desk, "Channel: Local/silent@calls", WAIT, "Async: true")
    assert call.answers == [QUEUED]
    assert call.story() == [
        "Newchannel;1", "Newchannel;2", "Newexten;1", "LocalBridge", "DialBegin;1", "Newexten;2", "UserEvent;2",
        "Newexten;2", "SoftHangupRequest;2", "Newexten;2", "UserEvent;2", "HangupRequest;1", "Hangup;2",
        "DeviceStateChange", "ExtensionStatus", "DialEnd;1", "OriginateResponse", "Hangup;1", "DeviceStateChange",
    ]  # fmt: skip
    assert call.value("DialEnd", "DialStatus") == "NOANSWER"
    assert call.named("OriginateResponse")[0][2:] == [
        "ActionID: o", "Response: Failure", "Channel: Local/silent@calls", "Application: Wait", "Data: 1", "Reason: 0",
        "Uniqueid: <unknown>", "CallerIDNum: <unknown>", "CallerIDName: <unknown>",
    ]  # fmt: skip
    assert [lines_of(packet, "Cause") for packet in call.named("Hangup")] == [["16"], ["16"]]
    assert [lines_of(packet, "State") for packet in call.named("DeviceStateChange")] == [["NOT_INUSE"]] * 2


def test_a_call_that_is_answered(desk: Desk) -> None:
    """Both halves are up, the device is in use twice, then the application runs; with its end all ends."""
    call = Call(desk, "Channel: Local/answers@calls", WAIT, "Async: true")
    assert [lines_of(packet, "State") for packet in call.named("DeviceStateChange")] == [
        ["INUSE"], ["INUSE"], ["NOT_INUSE"], ["NOT_INUSE"]
    ]  # fmt: skip
    assert call.value("DialEnd", "DialStatus") == "ANSWER"
    assert call.value("OriginateResponse", "Response") == "Success"
    assert call.value("OriginateResponse", "Reason") == "4"
    assert [name for name in call.story() if name.startswith("Hangup")] == ["HangupRequest;2", "Hangup;1", "Hangup;2"]
    assert not any("UserEvent: Later" in packet for packet in call.events)


def test_the_first_half_may_execute_the_dialplan_too(desk: Desk) -> None:
    """From an extension and a priority, by number or label."""
    call = Call(desk, "Channel: Local/answers@calls", "Context: calls", "Exten: then", "Priority: 1", "Async: true")
    then = next(packet for packet in call.named("UserEvent") if "UserEvent: Then" in packet)
    assert lines_of(then, "Exten", "Chan") == ["then", "Up"]
    assert call.named("OriginateResponse")[0][5:7] == ["Context: calls", "Exten: then"]
    label = Call(
        desk, "Channel: Local/answers@calls", "Context: calls", "Exten: then", "Priority: label", "Async: true"
    )
    assert not any("UserEvent: Then" in packet for packet in label.events)
    assert label.value("OriginateResponse", "Response") == "Success"


def test_answer_waits_half_a_second_for_a_sound(desk: Desk) -> None:
    """None comes, so what follows Answer() is executed half a second later."""
    call = Call(desk, "Channel: Local/answers@calls", WAIT, "Async: true", seconds=0.49)
    assert [lines_of(packet, "Application") for packet in call.named("Newexten")] == [["AppDial2"], ["Answer"]]
    later = Call(desk, "Channel: Local/answers@calls", WAIT, "Async: true", seconds=0.51)
    assert [lines_of(packet, "Application") for packet in later.named("Newexten")][2] == ["Wait"]


@pytest.mark.parametrize(
    ("exten", "status", "reason", "cause"),
    [("busy", "BUSY", "5", "17"), ("congested", "CONGESTION", "8", "34"), ("rejects", "BUSY", "0", "17")],
)
def test_a_call_that_is_refused(desk: Desk, exten: str, status: str, reason: str, cause: str) -> None:
    """The dialplan's tone or cause is the end of it."""
    call = Call(desk, f"Channel: Local/{exten}@calls", WAIT, "Async: true")
    assert call.value("DialEnd", "DialStatus") == status
    assert call.value("OriginateResponse", "Reason") == reason
    assert cause in [lines_of(packet, "Cause")[0] for packet in call.named("Hangup")]


def test_a_call_that_takes_too_long(desk: Desk) -> None:
    """After Timeout milliseconds both halves end with cause 19."""
    call = Call(desk, "Channel: Local/waits@calls", WAIT, "Async: true", "Timeout: 700", seconds=0.71)
    assert [lines_of(packet, "Cause", "Cause-txt") for packet in call.named("Hangup")] == [
        ["19", "User alerting, no answer"]
    ] * 2
    assert call.value("OriginateResponse", "Reason") == "3"


def test_without_async_the_answer_waits_for_the_call(desk: Desk) -> None:
    """What is sent meanwhile waits too; there is no OriginateResponse."""
    done = Call(desk, "Channel: Local/answers@calls", WAIT, "", "Action: Ping", seconds=1)
    assert [packet[1] for packet in done.answers] == ["ActionID: o", "Ping: Pong"]
    assert done.answers[0] == QUEUED
    assert done.named("OriginateResponse") == []
    assert Call(desk, "Channel: Local/silent@calls", WAIT).answers == [FAILED]


def test_an_extension_that_does_not_exist(desk: Desk) -> None:
    """The call fails, and the device is invalid, twice."""
    call = Call(desk, "Channel: Local/nosuch@calls", WAIT, "Async: true")
    assert call.value("OriginateResponse", "Response") == "Failure"
    assert [lines_of(packet, "State") for packet in call.named("DeviceStateChange")] == [["INVALID"]] * 2
    assert Call(desk, "Channel: Local/nosuch@calls", WAIT).answers == [FAILED]


@pytest.mark.parametrize("channel", ["PJSIP/100", "Bogus/x"])
def test_other_technologies_fail(desk: Desk, channel: str) -> None:
    """Nobody is registered there; nothing else happens."""
    call = Call(desk, f"Channel: {channel}", WAIT, "Async: true")
    assert [packet[0] for packet in call.events] == ["Event: OriginateResponse"]
    assert call.value("OriginateResponse", "Channel") == channel


def ran(call: Call) -> list[str]:
    """What the dialplan saw of the caller."""
    return lines_of(next(p for p in call.named("UserEvent") if "UserEvent: Ran" in p), "Who", "Caller", "Name")


def test_the_dialplan_sees_caller_and_variables(desk: Desk) -> None:
    """Variables of the action, and before them those of the user; underscores fall off."""
    channel = "Channel: Local/silent@calls"
    assert ran(Call(desk, channel, WAIT, 'CallerID: "Bob" <123>', "Variable: X=1,WHO=me")) == ["me", "123", "Bob"]
    inherited = Call(desk, channel, WAIT, "CallerID: 4711", "Variable: __WHO=two", "Variable: X=y")
    assert ran(inherited) == ["two", "4711", ""]
    assert ran(Call(desk, channel, WAIT, "CallerID: Just a name")) == ["", "", "Just a name"]
    assert ran(Call(desk, channel, WAIT, user="dialler")) == ["dialler", "", ""]
    assert ran(Call(desk, channel, WAIT, "Variable: WHO=own", user="dialler")) == ["own", "", ""]


def test_variables_are_told_once_for_each_half(desk: Desk) -> None:
    """Of the half that was asked for in order, of the other as it takes them over; a function is written."""
    call = Call(desk, "Channel: Local/silent@calls", WAIT, "Variable: A=1,__B=2,CALLERID(name)=Ann")
    told = [tuple(lines_of(packet, "Channel", "Variable")) for packet in call.named("VarSet")]
    halves = [[variable for channel, variable in told if channel.endswith(end)] for end in (";1", ";2")]
    assert halves[0][:2] == ["__B", "A"]
    assert halves[1][:2] == ["A", "__B"]
    assert not any("CALLERID" in variable for _, variable in told)


def test_ids_may_be_given(desk: Desk) -> None:
    """For both halves; longer ones than Asterisk keeps are refused."""
    call = Call(desk, "Channel: Local/silent@calls", WAIT, "ChannelId: one", "OtherChannelId: two", "Async: true")
    ids = [lines_of(packet, "Uniqueid", "Linkedid") for packet in call.named("Newchannel")]
    assert ids == [["one", "one"], ["two", "one"]]
    assert call.value("OriginateResponse", "Uniqueid") == "one"
    refused = desk.line().send(f"Action: Originate\nChannel: Local/silent@calls\nChannelId: {'x' * 150}")
    assert refused[0][1].startswith("Message: Uniqueid length exceeds maximum of 149")


def test_a_call_writes_presence(desk: Desk) -> None:
    """And the managers hear of it as of any other write."""
    call = Call(desk, "Channel: Local/writes@calls", WAIT, "Async: true")
    assert lines_of(call.named("PresenceStatus")[0], "Status", "Subtype", "Message") == ["away", "from", "dialplan"]


def test_channels_are_shown_and_hung_up(desk: Desk) -> None:
    """By name and by expression."""
    line = desk.line()
    for expression in ("name", "/^Local.waits/"):
        line.send(f"Action: Originate\nChannel: Local/waits@calls\n{WAIT}\nAsync: true")
        desk.world.network.advance(1)  # type: ignore[attr-defined]
        shown = line.send("Action: CoreShowChannels")
        assert lines_of(shown[-1], "ListItems") == ["2"]
        name = lines_of(shown[2], "Channel")[0]
        answer = line.send(f"Action: Hangup\nCause: 21\nChannel: {name if expression == 'name' else expression}")
        assert answer[0][0] == "Response: Success"
        desk.world.network.advance(1)  # type: ignore[attr-defined]
        assert lines_of(line.send("Action: CoreShowChannels")[-1], "ListItems") == ["0"]


def test_a_client_that_goes_leaves_its_call(desk: Desk) -> None:
    """The call goes on; nothing is written to who is gone."""
    line = desk.line()
    line.send(f"Action: Originate\nChannel: Local/answers@calls\n{WAIT}")
    line.hang_up()
    line.transport.clear()
    desk.world.network.advance(10)  # type: ignore[attr-defined]
    assert line.transport.value() == b""
    assert desk.world.errors == []


def test_auto_hints_follow_channels(desk: Desk) -> None:
    """A context with autohints gets a hint of a channel's device, as of any other."""
    watcher = desk.line(events="call")
    Call(desk, "Channel: Local/silent@calls", WAIT, "Async: true")
    hints = [packet for packet in watcher.heard() if packet[0] == "Event: ExtensionStatus"]
    assert lines_of(hints[0], "Exten", "Context", "StatusText") == ["silent@calls", "autos", "Idle"]
