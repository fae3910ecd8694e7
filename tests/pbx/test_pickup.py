"""Picking up what rings elsewhere; who sent a call on, and why."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.pbx.calls.pickup import MAX_GROUP, group_numbers
from tests.pbx.call_desk import CallDesk

DIALPLAN = """
[office]
exten => _[abcd],1,Dial(PJSIP/${EXTEN},20)
 same => n,Hangup()
exten => blue,1,Set(__PICKUPMARK=Blue)
 same => n,Dial(PJSIP/b)
exten => queue,1,Queue(desk)
exten => take,1,Pickup(nobody@office&b)
 same => n,UserEvent(Nothing)
exten => marked,1,Pickup(blue@PICKUPMARK)
exten => group,1,Pickup()
 same => n,UserEvent(Nothing)
exten => channel,1,PickupChan(PJSIP/b)
 same => n,UserEvent(Nothing)
exten => h,1,UserEvent(Over,Cause: ${HANGUPCAUSE},Exten: ${CHANNEL(exten)})
exten => why,1,UserEvent(Why,Feature: ${PJSIP_HEADER(read,X-Digium-Call-Feature)},Names: ${PJSIP_HEADERS(x-digium)},\
Reason: ${REDIRECTING(reason)},From: ${REDIRECTING(from-num)},Name: ${REDIRECTING(from-name)},\
To: ${REDIRECTING(to-num)})
"""


@pytest.fixture
def desk(tmp_path: Path) -> CallDesk:
    """Four registered phones, some of them in groups."""
    files = {"queues.conf": "[desk]\nmember => PJSIP/b\n", "features.conf": "[general]\npickupexten=*5\n"}
    desk = CallDesk(tmp_path, DIALPLAN, files=files)
    groups = {"b": {"call_group": "1,3-4"}, "c": {"pickup_group": "4", "named_pickup_group": "sales, support"}}
    groups["d"] = {"named_call_group": "support"}
    for name, options in groups.items():
        for option, value in options.items():
            desk.set_option(name, option, value)
    desk.register("a b c d")
    return desk


@pytest.mark.parametrize("how", ["take", "group", "channel", "*5"])
def test_the_one_who_picks_up_talks_to_the_caller(desk: CallDesk, how: str) -> None:
    """The phone that rang is told that the call was answered elsewhere, or just that it is over."""
    desk["a"].dial("b")
    assert desk.state("b") == "RINGING"
    desk["c"].dial(how)
    desk.wait(1)
    assert desk.states("a b c") == ["INUSE", "NOT_INUSE", "INUSE"]
    assert desk["b"].told == ["cancel"]
    assert desk.heard("Pickup", "Channel", "TargetChannel") == [("PJSIP/c-00000002", "PJSIP/b-00000001")]
    ended = [row for row in desk.heard("Hangup", "Channel", "Cause") if row[0].startswith("PJSIP/b")]
    assert ended == [("PJSIP/b-00000001", "16" if how == "*5" else "26")]
    assert desk.heard("UserEvent", "UserEvent") == [] if how == "*5" else [("Over",)]
    desk["c"].hang_up()
    assert desk["a"].told[-1] == "bye"
    assert desk.nothing_is_left()


def test_what_the_picker_executed_ends_on_the_other_channel(desk: CallDesk) -> None:
    """Its h extension runs there, in its own context."""
    desk["a"].dial("b")
    desk["c"].dial("take")
    desk.wait(1)
    assert desk.heard("UserEvent", "Channel", "Cause", "Exten") == [("PJSIP/b-00000001", "26", "h")]


def test_a_mark_finds_a_call(desk: CallDesk) -> None:
    """Whatever its case."""
    desk["a"].dial("blue")
    desk["d"].dial("marked")
    desk.wait(1)
    assert desk.states("a b d") == ["INUSE", "NOT_INUSE", "INUSE"]


def test_a_named_group_finds_a_call(desk: CallDesk) -> None:
    """Where both name it."""
    desk["a"].dial("d")
    desk["c"].dial("*5")
    desk.wait(1)
    assert desk.states("a c d") == ["INUSE", "INUSE", "NOT_INUSE"]


def test_groups_that_do_not_fit(desk: CallDesk) -> None:
    """The dialplan goes on; the pickup extension is refused with 403."""
    desk["c"].dial("a")
    desk["d"].dial("group")
    assert desk.heard("UserEvent", "UserEvent")[0] == ("Nothing",)
    desk["d"].dial("*5")
    assert desk["d"].told[-1] == "403"
    assert desk.state("a") == "RINGING"


def test_a_call_that_is_answered_cannot_be_picked_up(desk: CallDesk) -> None:
    """Nor one's own."""
    desk["a"].dial("b")
    desk["b"].pick_up()
    desk["c"].dial("channel")
    assert desk.heard("UserEvent", "UserEvent")[0] == ("Nothing",)
    desk["a"].hang_up()
    assert desk.nothing_is_left()


def test_the_call_goes_away_while_it_is_picked_up(desk: CallDesk) -> None:
    """The one who was answered already goes on in the dialplan, with nobody."""
    desk["a"].dial("b")
    desk["c"].dial("take")
    desk["a"].call.hang_up()
    desk.wait(1)
    assert ("Nothing",) in desk.heard("UserEvent", "UserEvent")
    assert desk["c"].told == ["answered", "bye"]
    assert desk.nothing_is_left()


def test_the_picker_hangs_up_at_once(desk: CallDesk) -> None:
    """The phone goes on ringing, and can be picked up by somebody else."""
    desk["a"].dial("b")
    desk["c"].dial("take")
    desk["c"].hang_up()
    desk.wait(1)
    assert desk.states("b c") == ["RINGING", "NOT_INUSE"]
    desk["d"].dial("take")
    desk.wait(1)
    assert desk.states("b d") == ["NOT_INUSE", "INUSE"]


def test_a_call_of_a_queue_is_picked_up(desk: CallDesk) -> None:
    """It counts as taken by the member whose phone rang."""
    desk["a"].dial("queue")
    desk["c"].dial("channel")
    desk.wait(1)
    assert desk.states("a b c") == ["INUSE", "NOT_INUSE", "INUSE"]
    assert desk.heard("AgentConnect", "DestChannel", "MemberName") == [("PJSIP/c-00000002", "PJSIP/b")]
    desk["c"].hang_up()
    assert desk.nothing_is_left()


def test_the_dialplan_sees_what_a_phone_asked_for(desk: CallDesk) -> None:
    """The feature's header, and who sent the call on."""
    desk["a"].dial(
        "why", X_Digium_Call_Feature="feature_send_to_vm", Diversion='"Bob" <sip:2000@host>;reason="send_to_vm"'
    )
    fields = ("Feature", "Names", "Reason", "From", "Name", "To")
    assert desk.heard("UserEvent", *fields)[0] == (
        *("feature_send_to_vm", "X-Digium-Call-Feature", "send_to_vm", "2000", "Bob", "why"),
    )
    desk["b"].dial("why", Diversion="<sip:2001@host>;reason=user-busy")
    assert desk.heard("UserEvent", "Reason")[2] == ("cfb",)
    desk["c"].dial("why", Diversion="<<<")
    assert desk.heard("UserEvent", "Reason", "From")[4] == ("unknown", "")


@given(st.lists(st.tuples(st.integers(0, 70), st.integers(0, 70)), max_size=5))
def test_groups_are_numbers_and_ranges(ranges: list[tuple[int, int]]) -> None:
    """None above the highest; a range that goes down is empty."""
    text = ",".join(f"{low} - {high}" for low, high in ranges)
    expected = {number for low, high in ranges for number in range(low, high + 1) if number <= MAX_GROUP}
    assert group_numbers(text) == expected
    assert group_numbers("1,x,3-,-4,5," + "9" * 5000) == {1, 5}
