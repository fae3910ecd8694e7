"""Queues: whose turn it is, who is rung, what is told of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pbx.call_desk import CallDesk

DIALPLAN = """
[office]
exten => _[abcd],1,Dial(PJSIP/${EXTEN},20)
exten => _q.,1,Queue(${EXTEN:1},,,,20)
 same => n,UserEvent(Left,Status: ${QUEUESTATUS},Position: ${QUEUEPOSITION})
 same => n,Hangup()
exten => goes,1,Queue(all,c)
 same => n,UserEvent(Left,Status: ${QUEUESTATUS})
exten => short,1,Queue(all,,,,2)
 same => n,UserEvent(Left,Status: ${QUEUESTATUS})
exten => first,1,Set(QUEUE_PRIO=5)
 same => n,Queue(all)
exten => wait,1,Answer()
 same => n,Wait(60)
exten => agents,1,AddQueueMember(none,PJSIP/a,2)
 same => n,UserEvent(Agents,Status: ${AQMSTATUS},Count: ${QUEUE_MEMBER(none,count)},List: ${QUEUE_MEMBER_LIST(none)})
 same => n,RemoveQueueMember(none,PJSIP/a)
 same => n,UserEvent(Agents,Status: ${RQMSTATUS},Count: ${QUEUE_MEMBER(none,count)})
exten => lamp,hint,Queue:all
exten => a,hint,PJSIP/a
"""
QUEUES = """
[all]
ringinuse = no
retry = 1
timeout = 5
member => PJSIP/a
member => PJSIP/b
[one]
strategy = linear
retry = 1
timeout = 3
member => PJSIP/a
member => PJSIP/b
[turns]
strategy = rrmemory
timeout = 3
member => PJSIP/a
member => PJSIP/b
[strict]
joinempty = strict
member => PJSIP/a
[full]
maxlen = 1
ringinuse = no
member => PJSIP/a
[rest]
wrapuptime = 10
retry = 1
member => PJSIP/a
[hint]
ringinuse = no
retry = 1
member => PJSIP/a,0,Ann,hint:a@office
[tired]
timeout = 2
retry = 1
autopause = yes
member => PJSIP/a
[none]
"""


@pytest.fixture
def desk(tmp_path: Path) -> CallDesk:
    """Two members and two callers, all registered."""
    desk = CallDesk(tmp_path, DIALPLAN, files={"queues.conf": QUEUES})
    desk.register("a b c d")
    return desk


def rung(desk: CallDesk) -> list[str]:
    return [interface for (interface,) in desk.heard("AgentCalled", "Interface")]


def test_all_ring_and_the_first_who_answers_talks(desk: CallDesk) -> None:
    """The other one's call is cancelled as answered elsewhere; the times of the call are told at its end."""
    desk["c"].dial("qall")
    assert desk.states("a b") == ["RINGING", "RINGING"]
    assert desk.device("Queue:all") == "RINGING"
    assert desk.device("Queue:all_avail") == "INUSE"
    desk["b"].pick_up()
    assert desk.states("a b c") == ["NOT_INUSE", "INUSE", "INUSE"]
    assert desk.device("Queue:all") == "NOT_INUSE"
    assert desk.heard("Hangup", "Channel", "Cause") == [("PJSIP/a-00000001", "26")]
    desk.wait(7)
    desk["b"].hang_up()
    assert desk["c"].told[-1] == "bye"
    assert desk.heard("AgentComplete", "MemberName", "TalkTime", "Reason") == [("PJSIP/b", "7", "agent")]
    assert "C:1, A:0" in desk.command("queue show all")
    assert desk.nothing_is_left()


def test_a_busy_member_is_skipped(desk: CallDesk) -> None:
    """With ringinuse=no; it is called once its own call is over."""
    desk["a"].dial("wait")
    desk["c"].dial("qall")
    assert rung(desk) == ["PJSIP/b"]
    desk["b"].call.refuse(486)
    desk.wait(0.1)
    desk["a"].hang_up()
    desk.wait(2)
    assert sorted(rung(desk)) == ["PJSIP/a", "PJSIP/b", "PJSIP/b"]


def test_presence_never_decides(desk: CallDesk) -> None:
    """A member whose user is away is rung like any other."""
    desk.server.core.presence.write("CustomPresence:a", "away,Lunch,")
    desk["c"].dial("qall")
    assert desk.states("a b") == ["RINGING", "RINGING"]


def test_one_after_the_other(desk: CallDesk) -> None:
    """A linear queue goes on to the next member, and begins again after the last."""
    desk["c"].dial("qone")
    assert rung(desk) == ["PJSIP/a"]
    desk.wait(5)
    assert rung(desk) == ["PJSIP/a", "PJSIP/b"]
    assert desk.heard("AgentRingNoAnswer", "Interface", "RingTime") == [("PJSIP/a", "3000")]
    desk["b"].call.refuse(480)
    desk.wait(2)
    assert rung(desk)[-1] == "PJSIP/a"


def test_turns_are_remembered_from_call_to_call(desk: CallDesk) -> None:
    """Round robin with memory."""
    for phone in ("a", "b", "a"):
        desk["c"].dial("qturns")
        desk[phone].pick_up()
        desk["c"].hang_up()
    assert rung(desk) == ["PJSIP/a", "PJSIP/b", "PJSIP/a"]


def test_the_time_in_the_queue_is_over(desk: CallDesk) -> None:
    """The dialplan goes on with TIMEOUT, and the caller counts as one who gave up."""
    desk["c"].dial("short")
    desk.wait(4)
    assert desk.heard("UserEvent", "Status") == [("TIMEOUT",)]
    assert desk.heard("QueueCallerAbandon", "HoldTime") == [("2",)]
    assert desk.states("a b") == ["NOT_INUSE", "NOT_INUSE"]


@pytest.mark.parametrize(("queue", "status"), [("qnowhere", "UNKNOWN"), ("qstrict", "JOINEMPTY"), ("qfull", "FULL")])
def test_queues_that_nobody_can_join(tmp_path: Path, queue: str, status: str) -> None:
    """One that is not there, one whose members are all unavailable, one with as many callers as it takes."""
    desk = CallDesk(tmp_path, DIALPLAN, files={"queues.conf": QUEUES})
    desk.register("b c d")
    desk["d"].dial("qfull")
    desk["c"].dial(queue)
    assert desk.heard("UserEvent", "Status") == [(status,)]


def test_a_caller_who_hangs_up_leaves_the_queue(desk: CallDesk) -> None:
    """Members ring no longer, and the next caller moves up."""
    desk["c"].dial("qall")
    desk["d"].dial("qall")
    desk["c"].call.hang_up()
    desk.wait(0.1)
    assert desk.heard("QueueCallerAbandon", "Position", "OriginalPosition") == [("1", "1")]
    assert "1. PJSIP/d-" in desk.command("queue show all")
    desk.wait(2)
    assert desk.states("a b") == ["RINGING", "RINGING"]


def test_a_caller_of_higher_priority_goes_before_others(desk: CallDesk) -> None:
    """QUEUE_PRIO decides where one joins."""
    desk["c"].dial("qall")
    desk["d"].dial("first")
    assert desk.heard("QueueCallerJoin", "Position", "Count") == [("1", "1"), ("1", "2")]


def test_a_member_rests_after_a_call(desk: CallDesk) -> None:
    """For the wrap-up time it is not called again."""
    desk["c"].dial("qrest")
    desk["a"].pick_up()
    desk["c"].hang_up()
    desk["d"].dial("qrest")
    desk.wait(8)
    assert len(rung(desk)) == 1
    desk.wait(4)
    assert len(rung(desk)) == 2


def test_a_member_known_by_its_hint(desk: CallDesk) -> None:
    """The hint's device counts."""
    desk["a"].dial("wait")
    desk["c"].dial("qhint")
    desk.wait(2)
    assert rung(desk) == []
    desk["a"].hang_up()
    desk.wait(2)
    assert desk.heard("AgentCalled", "MemberName") == [("Ann",)]


def test_who_does_not_answer_is_paused(desk: CallDesk) -> None:
    """Where the queue says so; a command ends the pause."""
    desk["c"].dial("qtired")
    desk.wait(6)
    assert rung(desk) == ["PJSIP/a"]
    assert "(paused:Auto-Pause" in desk.command("queue show tired")
    assert desk.device("Queue:tired_pause_PJSIP/a") == "INUSE"
    assert desk.command("queue unpause member PJSIP/a") == "unpaused interface 'PJSIP/a'\n"
    desk.wait(2)
    assert rung(desk) == ["PJSIP/a", "PJSIP/a"]


def test_the_caller_goes_on_after_the_member(desk: CallDesk) -> None:
    """With option c, and with CONTINUE."""
    desk["c"].dial("goes")
    desk["a"].pick_up()
    desk["a"].hang_up()
    assert desk.heard("UserEvent", "Status") == [("CONTINUE",)]


def test_members_come_and_go_in_the_dialplan(desk: CallDesk) -> None:
    """AddQueueMember, RemoveQueueMember and what can be read."""
    desk["c"].dial("agents")
    assert desk.heard("UserEvent", "Status", "Count", "List") == [("ADDED", "1", "PJSIP/a"), ("REMOVED", "0", "")]
    assert len(desk.heard("QueueMemberAdded")) == len(desk.heard("QueueMemberRemoved")) == 1


def test_a_reload_keeps_callers_and_dynamic_members(desk: CallDesk, tmp_path: Path) -> None:
    """What the file says of its own members is taken over."""
    desk.command("queue add member PJSIP/d to all")
    desk["c"].dial("qall")
    (tmp_path / "etc" / "queues.conf").write_text("[all]\nretry=1\ntimeout=2\nmember => PJSIP/b,4\n")
    assert desk.command("module reload app_queue") == "Module 'app_queue' reloaded successfully.\n"
    shown = desk.command("queue show all")
    assert "PJSIP/b with penalty 4" in shown
    assert "PJSIP/a " not in shown
    assert "PJSIP/d (ringinuse enabled) (dynamic)" in shown
    assert "1. PJSIP/c-" in shown
    assert desk.command("queue show one") == "No such queue: one.\n"
    (tmp_path / "etc" / "queues.conf").write_text("[all\n")
    assert "reload failure" in desk.command("module reload app_queue")
    assert "PJSIP/b with penalty 4" in desk.command("queue show all")


def test_commands_say_what_is_wrong(desk: CallDesk) -> None:
    """To the letter, as Asterisk does."""
    command = "queue add member PJSIP/a to all"
    assert desk.command(command).endswith(f"Already there\nCommand '{command}' failed.\n")
    assert desk.command("queue remove member PJSIP/a from all").startswith(
        "Unable to remove interface 'PJSIP/a' from queue 'all': Member is not dynamic\n"
    )
    assert desk.command("queue pause member PJSIP/x").startswith("Unable to pause interface 'PJSIP/x'\n")
    assert desk.command("queue add member PJSIP/a all").startswith("Usage: queue add member")
    assert desk.command("queue set penalty -1 on PJSIP/a").startswith("Failed to set penalty")
