"""The actions of the manager interface on queues, and what the dialplan and the command line ask of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pbx.call_desk import CallDesk
from tests.pbx.manager_lines import Packet, lines_of

DIALPLAN = """
[office]
exten => q,1,Queue(all)
 same => n,UserEvent(Left,Status: ${QUEUESTATUS},Info: ${QUEUE_WITHDRAW_INFO})
exten => pause,1,PauseQueueMember(all,PJSIP/a,,lunch)
 same => n,UserEvent(Said,Paused: ${PQMSTATUS})
 same => n,PauseQueueMember(all,PJSIP/x)
 same => n,UserEvent(Said,Paused: ${PQMSTATUS})
 same => n,UnpauseQueueMember(,PJSIP/a)
 same => n,UserEvent(Said,Paused: ${UPQMSTATUS})
exten => asks,1,UserEvent(Said,There: ${QUEUE_EXISTS(ALL)}${QUEUE_EXISTS(no)},Waiting: ${QUEUE_WAITING_COUNT(all)})
 same => n,UserEvent(Said,There: ${QUEUE_EXISTS()},Waiting: ${QUEUE_WAITING_COUNT(no)})
"""
QUEUES = """
[all]
servicelevel = 60
member => PJSIP/a
member => PJSIP/b,3,Bea
[none]
"""


@pytest.fixture
def desk(tmp_path: Path) -> CallDesk:
    """Two members and two callers, all registered."""
    desk = CallDesk(tmp_path, DIALPLAN, files={"queues.conf": QUEUES})
    desk.register("a b c d")
    return desk


def ask(desk: CallDesk, *lines: str) -> list[Packet]:
    """What one action is answered, events left out."""
    line = desk.manager()
    line.send("Action: Events\nEventMask: off")
    return line.send("\n".join(f"Action: {text}" if not number else text for number, text in enumerate(lines)))


def said(desk: CallDesk, *lines: str) -> str:
    """The message of its answer."""
    return lines_of(ask(desk, *lines)[0], "Message")[0]


def of(packet: Packet, *names: str) -> list[str]:
    return [f"{name}: {value}" for name in names for value in lines_of(packet, name)]


# lists


def test_the_status_of_a_queue_has_its_members_and_callers(desk: CallDesk) -> None:
    """In this order; the names are in any case, and an unknown one has nothing."""
    desk["c"].dial("q")
    desk.wait(3)
    answer, queue, b, a, caller, end = ask(desk, "QueueStatus", "Queue: ALL")
    assert of(answer, "Message", "EventList") == ["Message: Queue status will follow", "EventList: start"]
    assert of(queue, "Event", "Strategy", "Calls", "ServiceLevel") == [
        "Event: QueueParams", "Strategy: ringall", "Calls: 1", "ServiceLevel: 60",
    ]  # fmt: skip
    assert of(a, "Event", "Name", "Location", "Penalty", "Paused") == [
        "Event: QueueMember", "Name: PJSIP/a", "Location: PJSIP/a", "Penalty: 0", "Paused: 0",
    ]  # fmt: skip
    assert of(b, "Name", "Penalty") == ["Name: Bea", "Penalty: 3"]
    assert of(caller, "Event", "Position", "CallerIDNum", "Wait") == [
        "Event: QueueEntry", "Position: 1", "CallerIDNum: c", "Wait: 3",
    ]  # fmt: skip
    assert of(end, "Event", "ListItems") == ["Event: QueueStatusComplete", "ListItems: 4"]
    assert len(ask(desk, "QueueStatus", "Queue: no")) == 2
    assert len(ask(desk, "QueueStatus")) == 7


@pytest.mark.parametrize("member", ["Bea", "PJSIP/b"])
def test_the_status_of_one_member(desk: CallDesk, member: str) -> None:
    """By name or by interface; queues are told all the same."""
    found = [lines_of(packet, "Event", "Name") for packet in ask(desk, "QueueStatus", f"Member: {member}")[1:-1]]
    assert found == [["QueueParams"], ["QueueMember", "Bea"], ["QueueParams"]]


def test_the_summary_counts_who_is_there_and_free(desk: CallDesk) -> None:
    """A paused member is there and not free, one whose phone is gone is neither."""
    assert ask(desk, "QueuePause", "Interface: PJSIP/b", "Paused: yes")[0][0] == "Response: Success"
    desk["a"].unregister()
    desk["c"].dial("q")
    desk.wait(3)
    _, summary, end = ask(desk, "QueueSummary", "Queue: all")
    assert summary[1:6] == ["Queue: all", "LoggedIn: 1", "Available: 0", "Callers: 1", "HoldTime: 0"]
    assert summary[-1] == "LongestHoldTime: 3"
    assert of(end, "Event") == ["Event: QueueSummaryComplete"]


# members


def test_a_member_is_added_and_removed(desk: CallDesk) -> None:
    """With what the action says of it."""
    lines = ("QueueAdd", "Queue: none", "Interface: PJSIP/d", "MemberName: Dee", "Penalty: 2", "Paused: yes",
             "Reason: late")  # fmt: skip
    assert said(desk, *lines) == "Added interface to queue"
    shown = desk.command("queue show none")
    assert "Dee (PJSIP/d) with penalty 2" in shown
    assert "(dynamic) (paused:late" in shown
    assert said(desk, *lines) == "Unable to add interface: Already there"
    assert said(desk, "QueueRemove", "Queue: none", "Interface: PJSIP/d") == "Removed interface from queue"
    assert "Dee" not in desk.command("queue show none")


def test_a_member_is_paused_in_one_queue_or_in_all(desk: CallDesk) -> None:
    """With its reason; each queue tells it."""
    ask(desk, "QueueAdd", "Queue: none", "Interface: PJSIP/a")
    assert said(desk, "QueuePause", "Queue: none", "Interface: PJSIP/a", "Paused: 1", "Reason: tea") == (
        "Interface paused successfully"
    )
    assert ["paused" in desk.command(f"queue show {queue}") for queue in ("none", "all")] == [True, False]
    assert said(desk, "QueuePause", "Interface: PJSIP/a", "Paused: no") == "Interface unpaused successfully"
    assert desk.heard("QueueMemberPause", "Queue", "Paused", "PausedReason") == [
        ("none", "1", "tea"), ("all", "0", ""), ("none", "0", ""),
    ]  # fmt: skip


def test_a_member_is_given_a_penalty_and_whether_it_is_rung_in_a_call(desk: CallDesk) -> None:
    """Each change is told."""
    assert said(desk, "QueuePenalty", "Interface: PJSIP/a", "Penalty: 7") == "Interface penalty set successfully"
    assert desk.heard("QueueMemberPenalty", "Queue", "MemberName", "Penalty") == [("all", "PJSIP/a", "7")]
    rings = ("QueueMemberRingInUse", "Interface: PJSIP/a", "RingInUse: no", "Queue: all")
    assert said(desk, *rings) == "Interface ringinuse set successfully"
    assert "PJSIP/a with penalty 7 (ringinuse disabled)" in desk.command("queue show all")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("QueueAdd",), "'Queue' not specified."),
        (("QueueAdd", "Queue: all"), "'Interface' not specified."),
        (("QueueAdd", "Queue: no", "Interface: PJSIP/a"), "Unable to add interface to queue: No such queue"),
        (("QueueRemove", "Queue: all"), "Need 'Queue' and 'Interface' parameters."),
        (("QueueRemove", "Queue: all", "Interface: PJSIP/x"), "Unable to remove interface: Not there"),
        (("QueueRemove", "Queue: all", "Interface: PJSIP/a"), "Member not dynamic"),
        (("QueueRemove", "Queue: no", "Interface: PJSIP/a"), "Unable to remove interface from queue: No such queue"),
        (("QueuePause", "Interface: PJSIP/a"), "Need 'Interface' and 'Paused' parameters."),
        (("QueuePause", "Interface: PJSIP/x", "Paused: 1"), "Interface not found"),
        (("QueuePenalty", "Penalty: 1"), "Need 'Interface' and 'Penalty' parameters."),
        (("QueuePenalty", "Interface: PJSIP/a", "Penalty: -1"), "Invalid interface, queuename or penalty"),
        (("QueueMemberRingInUse", "Interface: PJSIP/a"), "Need 'Interface' and 'RingInUse' parameters."),
        (("QueueMemberRingInUse", "Interface: PJSIP/a", "RingInUse: maybe"),
         "'RingInUse' parameter must be a truth value (yes/no, on/off, 0/1, etc)"),
        (("QueueMemberRingInUse", "Interface: PJSIP/x", "RingInUse: no"),
         "Invalid interface, queuename, or ringinuse value\n"),
        (("QueueLog", "Queue: all"), "Need 'Queue' and 'Event' parameters."),
        (("QueueChangePriorityCaller", "Queue: all", "Caller: x"), "'Priority' not specified."),
        (("QueueChangePriorityCaller", "Queue: all", "Caller: x", "Priority: high"), "'Priority' need integer."),
        (("QueueChangePriorityCaller", "Queue: all", "Caller: x", "Priority: 1"),
         "Unable to change priority caller on queue: No such caller"),
        (("QueueWithdrawCaller", "Queue: all"), "'Caller' not specified."),
        (("QueueWithdrawCaller", "Queue: no", "Caller: x"), "Unable to request withdraw from queue: No such queue"),
        (("QueueWithdrawCaller", "Queue: all", "Caller: x"), "Unable to request withdraw from queue: No such caller"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_what_cannot_be_done_is_said(desk: CallDesk, lines: tuple[str, ...], message: str) -> None:
    """To the letter, and nothing changes."""
    before = desk.command("queue show")
    answer = ask(desk, *lines)[0]
    assert answer[:2] == ["Response: Error", f"Message: {message}"]
    assert desk.command("queue show") == before


# queues and callers


def test_a_caller_is_moved_by_its_priority(desk: CallDesk) -> None:
    """At once where that is asked for; else it counts for those who come."""
    desk["c"].dial("q")
    desk["d"].dial("q")
    (first,), (second,) = desk.heard("QueueCallerJoin", "Channel")
    lines = ("QueueChangePriorityCaller", "Queue: all", f"Caller: {second}", "Priority: 5")
    assert said(desk, *lines) == "Priority change for caller on queue"
    assert callers(desk) == [first, second]
    ask(desk, *lines, "Immediate: yes")
    assert callers(desk) == [second, first]


def callers(desk: CallDesk) -> list[str]:
    """The channels that wait, in their order."""
    return [name for packet in ask(desk, "QueueStatus", "Queue: all") if packet[0] == "Event: QueueEntry"
            for name in lines_of(packet, "Channel")]  # fmt: skip


def test_a_caller_is_withdrawn(desk: CallDesk) -> None:
    """It goes on in the dialplan, with what the action says, once those whom it rings have had their time."""
    desk["c"].dial("q")
    ((caller,),) = desk.heard("QueueCallerJoin", "Channel")
    lines = ("QueueWithdrawCaller", "Queue: all", f"Caller: {caller}", "WithdrawInfo: closed")
    assert said(desk, *lines) == "Withdraw requested successfully"
    assert said(desk, *lines) == "Unable to request withdraw from queue: Already requested"
    desk.wait(20)
    assert desk.heard("UserEvent", "Status", "Info") == [("WITHDRAW", "closed")]
    assert desk.states("a b") == ["NOT_INUSE", "NOT_INUSE"]
    assert desk.nothing_is_left()


def call_that_is_taken(desk: CallDesk) -> None:
    """One call of 5 s, which a takes."""
    desk["c"].dial("q")
    desk["a"].pick_up()
    desk.wait(5)
    desk["c"].hang_up()
    assert "C:1," in desk.command("queue show all")
    assert "has taken 1 calls" in desk.command("queue show all")


@pytest.mark.parametrize("how", ["QueueReset", "queue reset stats", "queue reset stats ALL"])
def test_figures_begin_anew(desk: CallDesk, how: str) -> None:
    """Of all queues or of one, by the action and by the command."""
    call_that_is_taken(desk)
    desk.command("queue reset stats none")
    assert "C:1," in desk.command("queue show all")
    if how == "QueueReset":
        assert said(desk, how) == "Queue stats reset successfully"
    else:
        assert desk.command(how) == ""
    shown = desk.command("queue show all")
    assert "C:0, A:0" in shown
    assert shown.count("has taken no calls yet") == 2


@pytest.mark.parametrize(
    ("asked", "parameters", "members"),
    [("Parameters: yes", True, False), ("Members: yes", False, True), ("Queue: all", True, True)],
)
def test_a_reload_takes_what_is_asked_for(
    desk: CallDesk, tmp_path: Path, asked: str, parameters: bool, members: bool
) -> None:
    """Parameters, members, or both where neither is named; a file that cannot be read is an error."""
    file = tmp_path / "etc" / "queues.conf"
    file.write_text("[all]\nservicelevel = 30\nmember => PJSIP/a\n[none]\n")
    assert said(desk, "QueueReload", asked) == "Queue reloaded successfully"
    shown = desk.command("queue show all")
    assert ("within 30s" in shown, "Bea" not in shown) == (parameters, members)
    file.write_text("[all\n")
    assert said(desk, "QueueReload") == "Error encountered while reloading queue"


def test_what_nobody_keeps_is_taken_all_the_same(desk: CallDesk) -> None:
    """A line for the log of queues, and the rules of penalties."""
    assert said(desk, "QueueLog", "Queue: all", "Event: X") == "Event added successfully"
    assert ask(desk, "QueueRule")[0][0] == "Response: Success"


# the dialplan and the command line


def test_the_dialplan_pauses_members(desk: CallDesk) -> None:
    """PAUSED, NOTFOUND, UNPAUSED; where no queue is named, in all."""
    desk["c"].dial("pause")
    assert desk.heard("UserEvent", "Paused") == [("PAUSED",), ("NOTFOUND",), ("UNPAUSED",)]
    assert desk.heard("QueueMemberPause", "Paused", "PausedReason") == [("1", "lunch"), ("0", "")]


def test_the_dialplan_asks_whether_a_queue_is_there_and_who_waits(desk: CallDesk) -> None:
    """Names are in any case; nobody waits in a queue that is not there."""
    desk["d"].dial("q")
    desk["c"].dial("asks")
    assert desk.heard("UserEvent", "There", "Waiting") == [("10", "1"), ("", "0")]


def test_ringinuse_is_set_by_a_command(desk: CallDesk) -> None:
    """In one queue; it asks for a truth value and a member."""
    desk.command("queue set ringinuse no on PJSIP/b in all")
    assert desk.heard("QueueMemberRinginuse", "MemberName", "Ringinuse") == [("Bea", "0")]
    assert "with penalty 3 (ringinuse disabled)" in desk.command("queue show all")
    assert desk.command("queue set ringinuse maybe on PJSIP/b").startswith("Usage: queue set ringinuse")
    assert desk.command("queue set ringinuse yes on PJSIP/x").startswith("Failed to set ringinuse")
