"""Calls through the server: Dial, hold, transfers, and what is left of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.sip.leg import Leg
from tests.pbx.call_desk import CallDesk

DIALPLAN = """
[office]
exten => _[abcd],1,Dial(PJSIP/${EXTEN},20)
 same => n,Hangup()
exten => both,1,Dial(PJSIP/b&PJSIP/c,20)
exten => busy,1,Busy(1)
exten => echo,1,Answer()
 same => n,Echo()
"""


@pytest.fixture
def desk(tmp_path: Path) -> CallDesk:
    """Four registered phones."""
    desk = CallDesk(tmp_path, DIALPLAN)
    desk.register("a b c d")
    return desk


def replaces(leg: Leg) -> str:
    """Names a call of the one who hands on, in the URI of a Refer-To (RFC 3891 3, escaped as 19.1.1 of RFC 3261)."""
    dialog = leg.dialog
    assert dialog is not None
    return f"{dialog.call_id}%3Bto-tag%3D{dialog.remote_tag}%3Bfrom-tag%3D{dialog.local_tag}"


def test_a_call_is_rung_answered_held_and_ended(desk: CallDesk) -> None:
    """Device states follow; a hold shows on the other side's device."""
    a, b = desk["a"], desk["b"]
    a.dial("b")
    assert desk.states("a b") == ["INUSE", "RINGING"]
    b.pick_up()
    assert desk.states("a b") == ["INUSE", "INUSE"]
    b.hold()
    assert desk.states("a b") == ["ONHOLD", "INUSE"]
    b.hold("sendrecv")
    assert desk.states("a b") == ["INUSE", "INUSE"]
    a.hang_up()
    assert desk.states("a b") == ["NOT_INUSE", "NOT_INUSE"]
    assert a.told == ["180", "answered"]
    assert b.told == ["confirmed", "offer 200", "offer 200", "bye"]
    assert desk.nothing_is_left()


def test_the_one_who_answers_first_has_the_call(desk: CallDesk) -> None:
    """The other phone's INVITE is cancelled."""
    desk["a"].dial("both")
    desk["c"].pick_up()
    assert desk.states("b c") == ["NOT_INUSE", "INUSE"]
    assert desk["b"].told == ["cancel"]
    desk["c"].hang_up()
    assert desk.nothing_is_left()


def test_two_who_answer_at_once(desk: CallDesk) -> None:
    """One has the call, the other one's answer crosses its CANCEL: it is acknowledged and ended with BYE."""
    desk["a"].dial("both")
    for name in "bc":
        phone = desk[name]
        phone.call.accept(phone.sdp())
    desk.wait(0.2)
    told = sorted(desk[name].told[-1] for name in "bc")
    assert told == ["bye", "confirmed"]
    assert len(desk.server.exchange.bridges) == 1
    assert sorted(desk.states("b c")) == ["INUSE", "NOT_INUSE"]
    desk["a"].hang_up()
    assert desk.nothing_is_left()


def test_a_caller_who_gives_up_while_it_is_answered(desk: CallDesk) -> None:
    """CANCEL and 200 cross: the callee is let go, and nothing stays behind."""
    a, b = desk["a"], desk["b"]
    a.dial("b")
    b.call.accept(b.sdp())
    a.call.hang_up()
    desk.wait(1)
    assert b.told[-1] == "bye"
    assert desk.states("a b") == ["NOT_INUSE", "NOT_INUSE"]
    assert desk.nothing_is_left()


def test_a_phone_that_vanishes_is_let_go_with_its_call(desk: CallDesk) -> None:
    """No answer to the server's offer for 32 s, none to its BYE for as long; the other side hears of it."""
    a, b = desk["a"], desk["b"]
    a.dial("b")
    b.pick_up()
    b.carrier.close()
    a.hang_up()
    assert desk.states("a b") == ["NOT_INUSE", "NOT_INUSE"]
    assert desk.nothing_is_left()


def test_busy_is_told_and_ends_the_call(desk: CallDesk) -> None:
    """Busy() is 486 at once."""
    desk["a"].dial("busy")
    desk.wait(1)
    assert desk["a"].told == ["486"]
    assert desk.nothing_is_left()


@pytest.mark.parametrize("who", ["a", "b"], ids=["the caller", "the called one"])
def test_a_call_is_handed_on_blindly(desk: CallDesk, who: str) -> None:
    """REFER is accepted, whoever stays talks to the new one, and who handed on is told how it goes and is free."""
    other = "b" if who == "a" else "a"
    desk["a"].dial("b")
    desk["b"].pick_up()
    desk[who].refer("<sip:c@127.0.0.1>")
    assert "REFER 202" in desk[who].told
    assert desk.states(f"{who} {other} c") == ["NOT_INUSE", "INUSE", "RINGING"]
    # who handed on is let go last: only then has it heard everything in the dialog of its call
    assert [event for event, _ in desk.events if event in ("DialBegin", "Hangup")] == ["DialBegin"] * 2 + ["Hangup"]
    desk["c"].pick_up()
    assert desk.states(f"{other} c") == ["INUSE", "INUSE"]
    assert desk[who].notified == ["SIP/2.0 100 Trying", "SIP/2.0 180 Ringing", "SIP/2.0 200 OK"]
    desk[other].hang_up()
    assert desk.states("a b c") == ["NOT_INUSE"] * 3
    assert desk.nothing_is_left()


@pytest.mark.parametrize(
    ("to", "status"),
    [("<sip:nobody@127.0.0.1>", 404), ("<tel:+15551234>", 400), ("rubbish", 400), ("<sip:c@h?Replaces=x>", 400)],
)
def test_a_call_cannot_be_handed_to_nobody(desk: CallDesk, to: str, status: int) -> None:
    """The call goes on as it was."""
    desk["a"].dial("b")
    desk["b"].pick_up()
    desk["b"].refer(to)
    assert desk["b"].told[-1] == f"REFER {status}"
    assert desk.states("a b") == ["INUSE", "INUSE"]


@pytest.mark.parametrize("first", ["a", "b"], ids=["who was called first", "who called first"])
def test_a_call_is_handed_on_after_asking(desk: CallDesk, first: str) -> None:
    """REFER with Replaces joins the two others, whoever placed the first call."""
    b, c = desk["b"], desk["c"]
    desk[first].dial("b" if first == "a" else "a")
    desk["b" if first == "a" else "a"].pick_up()
    held = b.call
    asked = b.dial("c")
    c.pick_up()
    b.refer(f"<sip:c@127.0.0.1?Replaces={replaces(asked)}>", held)
    assert desk.states("a b c") == ["INUSE", "NOT_INUSE", "INUSE"]
    assert b.notified[-1] == "SIP/2.0 200 OK"
    c.hang_up()
    assert desk.states("a b c") == ["NOT_INUSE"] * 3
    assert desk.nothing_is_left()


@pytest.mark.parametrize("first", ["a", "b"], ids=["who was called first", "who called first"])
def test_a_call_is_handed_to_one_that_still_rings(desk: CallDesk, first: str) -> None:
    """Whoever waited goes where the second call was going, and rings there; who handed on is free of both calls."""
    b, c = desk["b"], desk["c"]
    desk[first].dial("b" if first == "a" else "a")
    desk["b" if first == "a" else "a"].pick_up()
    held = b.call
    asked = b.dial("c")
    b.refer(f"<sip:c@127.0.0.1?Replaces={replaces(asked)}>", held)
    assert b.notified == ["SIP/2.0 100 Trying", "SIP/2.0 200 OK"]
    assert desk.states("a b c") == ["INUSE", "NOT_INUSE", "RINGING"]
    gone = [name for (name,) in desk.heard("Hangup", "Channel") if name.startswith("PJSIP/b-")]
    assert len(gone) == 2
    assert gone == sorted(gone, reverse=True)  # the call that was handed on is let go last
    c.pick_up()
    assert desk.states("a b c") == ["INUSE", "NOT_INUSE", "INUSE"]
    c.hang_up()
    assert desk.states("a b c") == ["NOT_INUSE"] * 3
    assert desk.nothing_is_left()


def test_an_invite_with_replaces_takes_a_call_over(desk: CallDesk) -> None:
    """RFC 3891: the new call stands in the place of the old one."""
    desk["a"].dial("b")
    desk["b"].pick_up()
    dialog = desk["b"].call.dialog
    assert dialog is not None
    desk["d"].dial("b", Replaces=f"{dialog.call_id};to-tag={dialog.remote_tag};from-tag={dialog.local_tag}")
    assert desk.states("a b d") == ["INUSE", "NOT_INUSE", "INUSE"]
    desk["d"].dial("b", Replaces="nothing;to-tag=a;from-tag=b")
    assert desk["d"].told[-1] == "481"


def test_a_ringing_call_is_picked_up_with_replaces(desk: CallDesk) -> None:
    """The phone that rang is let go."""
    desk["a"].dial("b")
    dialog = desk["b"].call.dialog
    assert dialog is not None
    desk["d"].dial("b", Replaces=f"{dialog.call_id};to-tag={dialog.remote_tag};from-tag={dialog.local_tag}")
    assert desk.states("a b d") == ["INUSE", "NOT_INUSE", "INUSE"]
    assert desk["a"].told[-1] == "answered"
    desk["a"].hang_up()
    assert desk.nothing_is_left()


def test_a_session_that_has_no_codec_in_common_is_refused(desk: CallDesk) -> None:
    """488, and no channel is made."""
    a = desk["a"]
    leg = a._leg()
    body = a.sdp().replace(b"PCMU", b"XXXX").replace(b"RTP/AVP 0", b"RTP/AVP 99").replace(b":0 ", b":99 ")
    leg.place("sip:b@127.0.0.1", "<sip:a@127.0.0.1>", body=body)
    desk.wait(0.1)
    assert a.told == ["488"]
    assert not desk.server.exchange.live


def test_a_call_without_an_offer_gets_one(desk: CallDesk) -> None:
    """The 200 carries the server's own description (RFC 3261 13.2.1)."""
    a = desk["a"]
    leg = a._leg()
    leg.place("sip:echo@127.0.0.1", "<sip:a@127.0.0.1>")
    desk.wait(1)
    assert a.told == ["answered"]
    assert desk.state("a") == "INUSE"
    a.hang_up()
    assert desk.nothing_is_left()


def test_who_calls_where_nobody_is_named(tmp_path: Path) -> None:
    """The global option default_from_user."""
    pjsip = "[global]\ntype=global\ndefault_from_user=pbx\n"
    desk = CallDesk(tmp_path, "[office]\nexten => go,1,Dial(PJSIP/b)\n", pjsip=pjsip)
    desk.register("b")
    desk.manager().send("Action: Originate\nChannel: Local/go@office\nApplication: Wait\nData: 5\nAsync: yes")
    desk.wait(0.5)
    assert desk["b"].call.dialog is not None
    assert "<sip:pbx@" in desk["b"].call.dialog.remote
