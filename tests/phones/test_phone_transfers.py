"""Calls that are handed on.

    alice            bob             carol
     |<==== call =====>|
     |<-- REFER -------|               bob: transfer to carol
     |--- 202, NOTIFY->|
     |--- INVITE ---------------------->|
     |<-- 200 --------------------------|
     |--- NOTIFY: 200->|
     |<-- BYE ---------|
"""

from __future__ import annotations

import pytest

from harness.errors import HarnessError
from harness.sip.message import Request, Response
from phones.referring import refer_to, replacing
from tests.peers.pair import TO_CAROL, Pair


def test_a_blind_transfer_hands_the_call_on() -> None:
    """Held, referred, told how it goes, and given up once the other has answered."""
    pair = Pair()

    async def story() -> None:
        await pair.talk()
        pair.bob.transfer(TO_CAROL)
        await pair.until(lambda: pair.calls(pair.carol) == ["ringing"])
        assert pair.calls(pair.bob) == ["held"]
        pair.carol.answer()
        await pair.until(lambda: pair.calls(pair.bob) == ["ended"])
        assert pair.bob.screen.calls["1"].why == "transferred"
        await pair.until(lambda: pair.calls(pair.alice) == ["ended", "connected"])
        assert pair.calls(pair.carol) == ["connected"]
        (refer,) = pair.messages("REFER")
        assert (refer.headers.get("Refer-To"), refer.headers.get("Referred-By")) == (
            f"<{TO_CAROL}>", "<sip:2000@10.0.1.1>")  # fmt: skip
        news = [m for m in pair.messages("NOTIFY") if (m.headers.get("Event") or "").startswith("refer")]
        bodies = [m.body.decode().strip() for m in news]
        assert bodies[0] == "SIP/2.0 100 Trying"
        assert bodies[-1] == "SIP/2.0 200 OK"
        invite = pair.messages("INVITE")[-1]
        assert invite.headers.get("Referred-By") == "<sip:2000@10.0.1.1>"

    pair.tell(story)


def test_a_transfer_that_fails_gives_the_call_back() -> None:
    """The far end told 486; bob takes alice back from hold."""
    pair = Pair()

    async def story() -> None:
        await pair.talk()
        pair.bob.transfer(TO_CAROL)
        await pair.until(lambda: pair.calls(pair.carol) == ["ringing"])
        pair.carol.reject()
        await pair.until(lambda: pair.calls(pair.bob) == ["connected"])
        assert "transfer failed" in pair.notes()
        await pair.until(lambda: pair.calls(pair.alice) == ["connected", "ended"])

    pair.tell(story)


def test_an_attended_transfer_joins_the_two_calls() -> None:
    """Bob talks to carol first; then alice replaces him there (RFC 3891)."""
    pair = Pair()

    async def story() -> None:
        await pair.talk()
        pair.bob.transfer(TO_CAROL, attended=True)
        await pair.until(lambda: pair.calls(pair.bob) == ["held", "ringing"])
        with pytest.raises(HarnessError, match="no call can be joined"):
            pair.bob.transfer()
        pair.carol.answer()
        await pair.until(lambda: pair.calls(pair.bob) == ["held", "connected"])
        pair.bob.transfer()
        await pair.until(lambda: pair.calls(pair.bob) == ["ended", "ended"])
        await pair.until(lambda: pair.calls(pair.carol) == ["ended", "connected"])
        assert pair.calls(pair.alice)[-1] == "connected"
        assert pair.carol.screen.calls["1"].why == "replaced"

    pair.tell(story)


def test_whom_one_wanted_to_consult_may_be_busy() -> None:
    """Then there is nothing to join, and the first call is taken back by hand."""
    pair = Pair()

    async def story() -> None:
        await pair.talk()
        pair.bob.transfer(TO_CAROL, attended=True)
        await pair.until(lambda: pair.calls(pair.carol) == ["ringing"])
        pair.carol.reject()
        await pair.until(lambda: pair.calls(pair.bob) == ["held", "ended"])
        with pytest.raises(HarnessError, match="begin with a number"):
            pair.bob.transfer()
        pair.bob.resume()
        await pair.until(lambda: pair.calls(pair.bob) == ["connected", "ended"])

    pair.tell(story)


@pytest.mark.parametrize("refer_to_value", ["", "<tel:+15551234>", "<sip:>", "nonsense", "<sip:a@b>, <sip:c@d>", None])
def test_a_refer_that_names_nobody_is_refused(refer_to_value: str | None) -> None:
    """400, and the call goes on."""
    pair = Pair()

    async def story() -> None:
        await pair.talk()
        session = pair.bob._session
        assert session is not None
        answers: list[int] = []
        rows = [] if refer_to_value is None else [("Refer-To", refer_to_value)]
        leg = session.calls.live[0].leg
        leg.request("REFER", rows, on_response=lambda outcome: answers.append(outcome.status))
        await pair.until(lambda: answers)
        assert answers == [400]
        assert pair.states() == ("connected", "connected")

    pair.tell(story)


@pytest.mark.parametrize(
    ("event", "body", "status"),
    [("refer", b"nonsense", 400), ("refer", b"SIP/2.0 999 X", 400), ("refer", b"", 400), ("dog", b"SIP/2.0 200", 481)],
)
def test_news_that_make_no_sense_are_refused(event: str, body: bytes, status: int) -> None:
    """The transfer goes on waiting for better ones."""
    pair = Pair()

    async def story() -> None:
        await pair.talk()
        pair.bob.transfer(TO_CAROL)
        await pair.until(lambda: pair.calls(pair.carol) == ["ringing"])
        session = pair.alice._session
        assert session is not None
        answers: list[int] = []
        rows = [("Event", event), ("Subscription-State", "active"), ("Content-Type", "message/sipfrag")]
        leg = session.calls.live[0].leg
        leg.request("NOTIFY", rows, body, lambda outcome: answers.append(outcome.status))
        await pair.until(lambda: answers)
        assert answers == [status]
        assert pair.calls(pair.bob) == ["held"]

    pair.tell(story)


def test_a_call_that_replaces_nothing_is_refused() -> None:
    """481 (RFC 3891 3)."""
    pair = Pair()

    async def story() -> None:
        session = pair.alice._session
        assert session is not None
        from phones.calls import Referred

        session.calls.place("2000", referred=Referred("<sip:x@y>", "unknown;to-tag=1;from-tag=2"))
        await pair.until(lambda: pair.states()[0] == "ended")
        assert pair.alice.screen.calls["1"].why.startswith("481")

    pair.tell(story)


def test_replaces_travels_in_a_uri_and_back() -> None:
    """Whatever a Call-ID holds."""
    pair = Pair()

    async def story() -> None:
        await pair.talk()
        session = pair.bob._session
        assert session is not None
        dialog = session.calls.live[0].leg.dialog
        assert dialog is not None
        dialog.call_id = "a%b;c=d@e&f?"
        uri = replacing("sip:3000@10.0.1.3", dialog)
        request = Request("REFER", "sip:x", pair.messages("INVITE")[0].headers.copy())
        request.headers.add("Refer-To", f"<{uri}>")
        assert refer_to(request) == (
            "sip:3000@10.0.1.3", f"a%b;c=d@e&f?;to-tag={dialog.remote_tag};from-tag={dialog.local_tag}")  # fmt: skip

    pair.tell(story, clean=False)


def test_the_far_end_of_a_refused_refer_is_taken_back() -> None:
    """A server that knows no transfers answers 501 or 603."""
    pair = Pair()

    async def story() -> None:
        await pair.talk()
        session = pair.alice._session
        assert session is not None
        session.calls.refer = lambda _call, transaction: transaction.reply(603)  # type: ignore[method-assign]
        pair.bob.transfer(TO_CAROL)
        await pair.until(lambda: "transfer failed" in pair.notes())
        await pair.be("connected", "connected")
        assert [m.status for m in pair.messages() if isinstance(m, Response) and m.cseq.method == "REFER"] == [603]

    pair.tell(story)
