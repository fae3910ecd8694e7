"""Phones that call each other.

    alice                              bob
     |--- INVITE ----------------------->|  rings
     |<-- 180, 200 ----------------------|  bob answers
     |--- ACK -------------------------->|
     |<-- INVITE (sendonly) -------------|  bob holds
"""

from __future__ import annotations

import pytest

from harness.errors import HarnessError
from harness.sip import sdp
from harness.sip.message import Request, Response
from tests.peers.pair import Pair


def test_a_call_rings_is_answered_and_ends() -> None:
    """Each side sees number, direction and state; who hangs up is told apart."""
    pair = Pair()

    async def story() -> None:
        pair.alice.call("2000")
        assert pair.states() == ("dialing", "")
        await pair.be("ringing", "ringing")
        (mine,) = pair.alice.screen.calls.values()
        (theirs,) = pair.bob.screen.calls.values()
        assert (mine.direction, mine.number, mine.line) == ("out", "2000", "1000")
        assert (theirs.direction, theirs.number, theirs.line) == ("in", "1000", "2000")
        pair.bob.answer()
        await pair.be("connected", "connected")
        pair.bob.hangup()
        await pair.be("ended", "ended")
        assert pair.why() == ("bye", "hung up")
        sent = [m.method if isinstance(m, Request) else str(m.status) for m in pair.messages()]
        assert sent == ["INVITE", "180", "200", "ACK", "BYE", "200"]

    pair.tell(story)


def test_an_invite_says_what_the_phone_is_and_can() -> None:
    """As a Digium phone writes it: User-Agent, Allow, Supported, an audio offer from `digphn`."""
    pair = Pair()

    async def story() -> None:
        pair.alice.call("2000")
        await pair.be("ringing", "ringing")
        (invite,) = pair.messages("INVITE")
        assert isinstance(invite, Request)
        assert invite.uri == "sip:2000@10.0.1.2"
        assert invite.headers.get("User-Agent") == "Digium D65 2_9_19"
        assert "100rel" in invite.headers.all("Supported")
        assert invite.headers.get("Session-Expires") == "1800"
        offer = sdp.read(invite.body)
        assert (offer.name, offer.address, offer.direction) == ("digphn", "10.0.1.1", "sendrecv")
        assert offer.formats[0].encoding == "PCMU/8000"

    pair.tell(story)


@pytest.mark.parametrize("status", [486, 603, 480])
def test_a_rejected_call_ends_with_the_status(status: int) -> None:
    """Both screens say why."""
    pair = Pair()

    async def story() -> None:
        pair.alice.call("2000")
        await pair.be("ringing", "ringing")
        pair.bob.reject(status)
        await pair.be("ended", "ended")
        assert pair.why()[0].startswith(str(status))
        assert pair.why()[1] == f"refused with {status}"

    pair.tell(story)


def test_giving_up_is_cancel() -> None:
    """CANCEL, 487; the callee sees that it was cancelled."""
    pair = Pair()

    async def story() -> None:
        pair.alice.call("2000")
        await pair.be("ringing", "ringing")
        pair.alice.hangup()
        await pair.be("ended", "ended")
        assert pair.why() == ("hung up", "cancel")
        assert len(pair.messages("CANCEL")) == 1

    pair.tell(story)


def test_a_cancel_that_crosses_the_answer_ends_in_bye() -> None:
    """RFC 3261 9.1: answered all the same, so acknowledged and ended."""
    pair = Pair()

    async def story() -> None:
        pair.alice.call("2000")
        await pair.be("ringing", "ringing")
        pair.bob.answer()
        pair.alice.hangup()
        await pair.be("ended", "ended")
        methods = [m.method for m in pair.messages() if isinstance(m, Request)]
        assert methods == ["INVITE", "CANCEL", "ACK", "BYE"] or methods == ["INVITE", "CANCEL", "BYE", "ACK"]
        assert pair.why()[1] == "bye"

    pair.tell(story)


def test_a_call_to_a_line_that_is_not_there_is_404() -> None:
    """The phone answers for its own lines alone."""
    pair = Pair()

    async def story() -> None:
        pair.alice.call("2999")
        await pair.until(lambda: pair.states()[0] == "ended")
        assert pair.bob.screen.calls == {}
        assert pair.alice.screen.calls["1"].why == "404 Not Found"

    pair.tell(story)


# hold


def test_hold_and_resume_show_on_both_sides() -> None:
    """sendonly and sendrecv; who holds sees `held`, the other `on hold`."""
    pair = Pair()

    async def story() -> None:
        await pair.talk()
        pair.bob.hold()
        await pair.be("on hold", "held")
        pair.bob.resume()
        await pair.be("connected", "connected")
        invites = [m for m in pair.messages("INVITE") if isinstance(m, Request)]
        assert [sdp.read(m.body).direction for m in invites] == ["sendrecv", "sendonly", "sendrecv"]
        answers = [m for m in pair.messages() if isinstance(m, Response) and m.status == 200 and m.body]
        assert [sdp.read(m.body).direction for m in answers] == ["sendrecv", "recvonly", "sendrecv"]
        versions = [sdp.read(m.body).version for m in invites[1:]]
        assert versions == sorted(set(versions))

    pair.tell(story)


def test_both_may_hold() -> None:
    """The second hold is answered inactive; each takes back its own."""
    pair = Pair()

    async def story() -> None:
        await pair.talk()
        pair.bob.hold()
        await pair.be("on hold", "held")
        pair.alice.hold()
        await pair.be("held", "held")
        answer = [m for m in pair.messages() if isinstance(m, Response) and m.body][-1]
        assert sdp.read(answer.body).direction == "inactive"
        pair.bob.resume()
        await pair.be("held", "on hold")
        pair.alice.resume()
        await pair.be("connected", "connected")

    pair.tell(story)


@pytest.mark.parametrize("seed", range(6))
def test_holds_that_cross_are_made_again(seed: int) -> None:
    """RFC 3261 14.1: both get 491, and the owner of the Call-ID tries later than the other."""
    pair = Pair(seed)

    async def story() -> None:
        await pair.talk()
        pair.alice.hold()
        pair.bob.hold()
        await pair.be("held", "held")
        refused = [m for m in pair.messages() if isinstance(m, Response) and m.status == 491]
        assert len(refused) == 2
        invites = [(event.source, event.time) for event in pair.world.trace.events
                   if event.hop == "sip" and isinstance(event.payload, bytes) and event.payload.startswith(b"INVITE")]
        again = {pair.world.trace.name_of(source): time for source, time in invites[3:]}
        began = invites[1][1]
        assert 2.1 <= again["alice"] - began <= 4.1
        assert again["bob"] - began <= 2.1

    pair.tell(story)


def test_a_hold_that_is_refused_leaves_the_call_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """The person sees a connected call, the trace says why."""
    pair = Pair()

    async def story() -> None:
        await pair.talk()
        monkeypatch.setattr("phones.call.Call.offered", lambda _self, _leg, offer: offer.refuse(488))
        pair.alice.hold()
        await pair.until(lambda: any(e.hop == "note" and "offer not taken" in str(e.payload)
                                     for e in pair.world.trace.events))  # fmt: skip
        assert pair.states() == ("connected", "connected")
        monkeypatch.undo()
        pair.alice.hold()
        await pair.be("held", "on hold")

    pair.tell(story)


# several calls


def test_a_second_call_waits_and_a_third_is_busy() -> None:
    """Up to the limit of a line; more get 486."""
    pair = Pair(alice={"calls_per_line": 3})

    async def story() -> None:
        await pair.talk()
        pair.alice.call("2000")
        await pair.be("ringing", "ringing")
        assert [call.state for call in pair.alice.screen.calls.values()] == ["held", "ringing"]
        pair.alice.call("2000")
        await pair.until(lambda: pair.states()[0] == "ended")
        assert [*pair.alice.screen.calls.values()][-1].why == "486 Busy Here"
        pair.bob.answer()
        await pair.until(lambda: [c.state for c in pair.bob.screen.calls.values()] == ["held", "connected"])
        pair.bob.resume()  # alice holds that call, too
        await pair.until(lambda: [c.state for c in pair.bob.screen.calls.values()] == ["on hold", "held"])

    pair.tell(story)


def test_a_line_takes_no_more_calls_than_its_limit() -> None:
    """A person cannot begin one either."""
    pair = Pair(calls_per_line=1)

    async def story() -> None:
        await pair.talk()
        with pytest.raises(HarnessError, match="line 1000 of phone alice has 1 calls already"):
            pair.alice.call("2000")

    pair.tell(story)


def test_acts_without_a_call_to_act_on_say_so() -> None:
    """Each names what there is."""
    pair = Pair()

    async def story() -> None:
        for act in (pair.alice.answer, pair.alice.hold, pair.alice.resume, pair.alice.hangup, pair.alice.reject):
            with pytest.raises(HarnessError, match="phone alice has no call to"):
                act()
        with pytest.raises(HarnessError, match="no call to transfer"):
            pair.alice.transfer("2001")
        with pytest.raises(HarnessError, match="begin with a number"):
            pair.alice.transfer()
        with pytest.raises(HarnessError, match="has no line 5"):
            pair.alice.call("2000", "5")
        with pytest.raises(HarnessError, match="a call needs a number"):
            pair.alice.call("")
        with pytest.raises(HarnessError, match="no SIP URI"):
            pair.alice.call("sip:")
        pair.alice.call("2000")
        await pair.be("ringing", "ringing")
        with pytest.raises(HarnessError, match=r"no call to hold; it has 2000 \(ringing\)"):
            pair.alice.hold()

    pair.tell(story)


def test_a_phone_that_is_off_does_nothing() -> None:
    """And says so."""
    pair = Pair()
    with pytest.raises(HarnessError, match="phone alice is switched off"):
        pair.alice.call("2000")


# lost messages and time


def test_a_lost_ack_makes_the_answer_come_again() -> None:
    """The call stands on both sides after the second."""
    pair = Pair()

    async def story() -> None:
        pair.lose(b"ACK ")
        await pair.talk()
        await pair.world.sleep(2)
        assert len(pair.messages("ACK")) == 2
        assert pair.states() == ("connected", "connected")

    pair.tell(story)


def test_sessions_are_refreshed_and_one_without_a_sign_of_life_ends() -> None:
    """RFC 4028: half-way by the caller; a callee that hears nothing says BYE."""
    pair = Pair(session_expires=100)

    async def story() -> None:
        await pair.talk()
        await pair.world.sleep(120)
        assert len(pair.messages("UPDATE")) == 2
        pair.world.network.condition = lambda datagram: [] if datagram.data.startswith(b"UPDATE") else None
        await pair.be("ended", "ended", 120)
        assert "session expired" in pair.why()
        pair.world.network.condition = None

    pair.tell(story)


def test_a_phone_that_vanishes_is_noticed_by_its_session_timer() -> None:
    """Nobody says BYE; the caller's refresh has no answer."""
    pair = Pair(session_expires=100)

    async def story() -> None:
        await pair.talk()
        await pair.bob.kill()
        assert pair.states()[0] == "connected"
        await pair.until(lambda: pair.states()[0] == "ended", 120)

    pair.tell(story, clean=False)


def test_switching_off_hangs_up() -> None:
    """The far end hears BYE, and nothing is left."""
    pair = Pair()

    async def story() -> None:
        await pair.talk()
        await pair.bob.stop()
        await pair.until(lambda: pair.states()[0] == "ended")
        assert pair.bob.open_items() == []
        assert pair.why()[0] == "bye"

    pair.tell(story)


# what the trace and the screen say


def test_a_press_is_the_root_of_what_follows() -> None:
    """press, INVITE, screen: one chain."""
    pair = Pair()

    async def story() -> None:
        await pair.talk()
        trace = pair.world.trace
        press = next(event for event in trace.events if event.hop == "press")
        assert press.payload == {"phone": "alice", "act": "call", "number": "2000"}
        rung = next(e for e in trace.events if e.hop == "screen" and e.source == "bob")
        assert isinstance(rung.payload, dict)
        assert {"call": "1", "state": "ringing", "number": "1000", "direction": "in"}.items() <= rung.payload.items()
        assert press in trace.chain(rung.seq)

    pair.tell(story)


def test_calls_are_drawn() -> None:
    """One line a call that is not over."""
    pair = Pair()

    async def story() -> None:
        await pair.talk()
        assert "Call in 1000: connected" in pair.bob.screen.render(40)
        assert pair.bob.screen.snapshot()["calls"] == [
            {"id": "1", "line": "2000", "direction": "in", "state": "connected", "number": "1000",
             "name": "", "why": ""}]  # fmt: skip
        pair.bob.hangup()
        assert "Call" not in pair.bob.screen.render(40)

    pair.tell(story)


def test_only_the_last_calls_stay_on_the_screen() -> None:
    """A screen does not grow for ever."""
    pair = Pair()

    async def story() -> None:
        for _ in range(20):
            pair.alice.call("2000")
            await pair.be("ringing", "ringing")
            pair.bob.reject()
            await pair.be("ended", "ended")
        await pair.world.sleep(1)
        assert len(pair.alice.screen.calls) <= 17
        assert "20" in pair.alice.screen.calls

    pair.tell(story)
