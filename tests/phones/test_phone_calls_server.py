"""A phone and a server that calls it, is called by it, and does not always behave.

    bob                              server
     |<-- INVITE ------------------------|
     |--- 180 -------------------------->|
     |--- INVITE ----------------------->|
     |<-- 401, 180, 200, 200 (forked) ---|
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.sip import sdp
from harness.sip.message import Request
from phones.phone import Account
from tests.peers.desk import PASSWORDS, Desk, configuration, contact
from tests.peers.far_end import SDP, FarEnd

STATUSES = [{"status": "dnd", "substatuses": [], "send486": True}, {"status": "away", "substatuses": []}]


class Line(Desk):
    """Bob's phone, configured, and a far end for one call."""

    def __init__(self, **fields: Any) -> None:
        settings = fields.pop("settings", {})
        super().__init__(phone=configuration(contact("2001"), **fields), **settings)
        self.far = FarEnd(self.server)
        self.server.invited = self.far.take

    def play(self, story: Coroutine[Any, Any, None]) -> None:
        """Start, tell, stop: nothing is left."""

        async def told() -> None:
            await self.start()
            await story
            await self.phone.stop()
            assert self.phone.open_items() == []
            await self.world.sleep(40)
            assert [each for each in self.server.stack.open_transactions() if each.method in ("INVITE", "BYE")] == []

        self.tell(told)

    @property
    def address(self) -> tuple[str, int]:
        """Where the phone listens."""
        session = self.phone._session
        assert session is not None
        return session.signalling.address

    def sent(self) -> list[bytes]:
        """What the phone sent, as bytes."""
        sent = [event for event in self.world.trace.events if event.hop == "sip" and event.source == self.address]
        return [event.payload for event in sent if isinstance(event.payload, bytes)]

    def states(self) -> list[str]:
        """The states of all calls."""
        return [call.state for call in self.phone.screen.calls.values()]

    async def rings(self, **more: Any) -> None:
        """The server calls, and it rings."""
        self.far.call(self.address, **more)
        await self.until(lambda: self.states()[-1:] == ["ringing"])

    async def refused(self, **more: Any) -> int:
        """The server calls and is refused; with what."""
        self.far.call(self.address, **more)
        await self.until(lambda: self.far.told and self.far.told[-1].startswith("refused"))
        return int(self.far.told[-1].split()[1])


# being called


def test_the_screen_shows_who_calls() -> None:
    """Number and name of the From header; where that has no name, the phonebook's."""
    line = Line()
    line.server.phone["contacts"][0]["dial"] = "1000"  # type: ignore[index]

    async def story() -> None:
        await line.rings()
        call = line.phone.screen.calls["1"]
        assert (call.number, call.name, call.line) == ("1000", "Reception", "2000")
        line.phone.reject()
        line.far = FarEnd(line.server)
        await line.rings(caller="<sip:1000@10.0.0.1>")
        assert line.phone.screen.calls["2"].name == "Person 2001"

    line.play(story())


def test_a_status_with_send486_turns_calls_away_while_it_is_set() -> None:
    """DND with it answers 486; away, and dnd without it, ring."""
    line = Line(statuses=STATUSES)

    async def story() -> None:
        assert await line.press("dnd") == (200, "OK")
        assert await line.refused() == 486
        assert line.states() == []
        (note,) = [note for note in line.events("note") if note["what"] == "call refused"]
        assert note["why"] == "the status dnd has send486=yes"
        await line.press("away")
        await line.rings()

    line.play(story())


def test_an_answer_is_the_phones_description() -> None:
    """The codec of the offer, from `digphn`."""
    line = Line()

    async def story() -> None:
        await line.rings()
        line.phone.answer()
        await line.until(lambda: "answered" in line.far.told)
        answer = sdp.read(line.far.bodies[0])
        assert (answer.name, [each.encoding for each in answer.formats]) == ("digphn", ["PCMU/8000"])

    line.play(story())


def test_an_invite_without_an_offer_gets_one() -> None:
    """The answer to it comes in the ACK; one without is no call (RFC 3261 13.2.1)."""
    line = Line()

    async def story() -> None:
        await line.rings(body=b"")
        line.phone.answer()
        await line.until(lambda: "answered" in line.far.told)
        assert sdp.read(line.far.bodies[0]).formats[0].encoding == "PCMU/8000"
        await line.until(lambda: line.states() == ["ended"])  # the far end's ACK has no body
        assert line.phone.screen.calls["1"].why == "no usable session description"

    line.play(story())


OFFER = SDP.decode()


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"nonsense", (), 488),
        (b"v=0\r\n", (), 488),
        (OFFER.replace("RTP/AVP 0", "RTP/AVP 96").replace("rtpmap:0 PCMU", "rtpmap:96 opus").encode(), (), 488),
        (OFFER.replace("m=audio", "m=video").encode(), (), 488),
        (SDP, (("Require", "precondition"),), 420),
        (SDP, (("Content-Disposition", "session"), ("Require", "100rel")), 0),
    ],
)
def test_what_the_phone_cannot_take_is_refused(body: bytes, headers: tuple[tuple[str, str], ...], status: int) -> None:
    """488 for a session that it cannot have, 420 for an extension; nothing rings."""
    line = Line()

    async def story() -> None:
        if not status:
            await line.rings(body=body, headers=headers)
            return
        assert await line.refused(body=body, headers=headers) == status
        assert line.states() == []
        if status == 420:
            assert line.far.refusal.headers.get("Unsupported") == "precondition"

    line.play(story())


@settings(max_examples=25)
@given(st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(OFFER.split("\r\n"))).map(
    lambda lines: "\r\n".join(lines).encode())))  # fmt: skip
def test_no_body_breaks_a_phone(body: bytes) -> None:
    """It rings, or is refused with a reason."""
    line = Line()

    async def story() -> None:
        line.far.call(line.address, body=body)
        await line.until(lambda: line.far.told)
        assert line.far.told[-1] in ("progress 180", "refused 488")
        if line.far.told[-1:] == ["progress 180"]:
            line.phone.answer()
            await line.world.sleep(1)

    line.play(story())


def test_ringing_is_reliable_where_that_is_asked_for() -> None:
    """RFC 3262: a 180 with RSeq, which the caller acknowledges."""
    line = Line()

    async def story() -> None:
        await line.rings(headers=(("Require", "100rel"),))
        assert any(b"RSeq" in data for data in line.sent())
        events = line.world.trace.events
        await line.until(lambda: any(isinstance(e.payload, bytes) and e.payload.startswith(b"PRACK") for e in events))
        line.phone.answer()
        await line.until(lambda: "answered" in line.far.told)

    line.play(story())


def test_a_caller_that_gives_up_is_gone() -> None:
    """CANCEL: the phone stops ringing and says why."""
    line = Line()

    async def story() -> None:
        await line.rings()
        line.far.leg.hang_up()
        await line.until(lambda: line.states() == ["ended"])
        assert line.phone.screen.calls["1"].why == "cancel"

    line.play(story())


def test_a_call_for_another_line_and_for_none() -> None:
    """Each line of the phone is called by its own name."""
    accounts = [Account(name, name, PASSWORDS[name]) for name in ("2000", "2001")]
    line = Line(lines=("2000", "2001"), settings={"accounts": accounts})

    async def story() -> None:
        await line.rings(to="2001")
        assert line.phone.screen.calls["1"].line == "2001"
        assert await line.refused(to="2999") == 404

    line.play(story())


def test_the_server_holds_and_goes_on() -> None:
    """Its re-INVITE with sendonly shows as `on hold`, one that makes no sense is 488 and changes nothing."""
    line = Line()

    async def story() -> None:
        await line.rings()
        line.phone.answer()
        await line.until(lambda: "answered" in line.far.told)
        line.far.leg.reoffer(SDP.replace(b"sendrecv", b"sendonly"))
        await line.until(lambda: line.states() == ["on hold"])
        line.far.leg.reoffer(b"nonsense")
        await line.until(lambda: line.far.told[-1:] == ["reanswered 488"])
        assert line.states() == ["on hold"]
        line.far.leg.reoffer(SDP)
        await line.until(lambda: line.states() == ["connected"])

    line.play(story())


ALERTS = [
    {"alert_info": "intercom", "ring_type": "answer"},
    {"alert_info": "http://ring/2", "ring_type": "ring-answer"},
]


@pytest.mark.parametrize(
    ("alert_info", "seconds"),
    [("intercom", 0.0), ("<http://x>;info=intercom", 0.0), ("<http://ring/2>", 2.0), ("other", None), ("", None)],
)
def test_an_alert_may_answer_by_itself(alert_info: str, seconds: float | None) -> None:
    """At once or after a moment, by the Alert-Info of the call; other calls ring."""
    line = Line(alerts=ALERTS)

    async def story() -> None:
        await line.rings(headers=(("Alert-Info", alert_info),) if alert_info else ())
        began = line.world.seconds()
        if seconds is None:
            await line.world.sleep(5)
            assert line.states() == ["ringing"]
            return
        await line.until(lambda: line.states() == ["connected"])
        assert seconds <= line.world.seconds() - began <= seconds + 0.01

    line.play(story())


def test_an_alert_does_not_answer_into_another_call() -> None:
    """It rings, as any second call does."""
    line = Line(alerts=ALERTS)

    async def story() -> None:
        await line.rings()
        line.phone.answer()
        await line.until(lambda: "answered" in line.far.told)
        line.far = FarEnd(line.server)
        await line.rings(headers=(("Alert-Info", "intercom"),))
        await line.world.sleep(3)
        assert line.states() == ["connected", "ringing"]

    line.play(story())


# calling


def test_a_challenge_is_answered() -> None:
    """The INVITE comes again with credentials and a CSeq one higher; no password is on the trace."""
    line = Line()

    async def story() -> None:
        line.phone.call("1000")
        await line.until(lambda: line.states() == ["ringing"])
        sent = [data for data in line.sent() if data.startswith(b"INVITE")]
        assert len(sent) == 2
        assert b"Authorization" in sent[1]
        line.far.pick_up()
        await line.until(lambda: line.states() == ["connected"])
        assert not any(PASSWORDS["2000"] in text for text in line.world.trace.lines())

    line.play(story())


def test_a_wrong_password_ends_the_call() -> None:
    """401 again."""
    line = Line()

    async def story() -> None:
        line.server.passwords["2000"] = "another"
        line.phone.call("1000")
        await line.until(lambda: line.states() == ["ended"])
        assert line.phone.screen.calls["1"].why.startswith("401")
        line.server.passwords["2000"] = PASSWORDS["2000"]

    line.play(story())


def test_of_two_phones_that_answer_the_second_is_sent_away() -> None:
    """A forked 2xx gets ACK and BYE (RFC 3261 13.2.2.4); the call goes on with the first."""
    line = Line()

    async def story() -> None:
        line.phone.call("1000")
        await line.until(lambda: line.states() == ["ringing"])
        line.far.pick_up()
        await line.until(lambda: line.states() == ["connected"])
        transaction = line.far.leg._transaction
        assert transaction is not None
        second = transaction.reply(200, headers=[("Contact", "<sip:10.0.0.1:5060>")], body=SDP)
        to = second.headers.get("To") or ""
        second.headers.set("To", to.partition(";tag=")[0] + ";tag=second")
        transaction.respond(second)
        await line.world.sleep(0.1)
        methods = [data.split(b" ", 1)[0] for data in line.sent() if b"tag=second" in data]
        assert methods == [b"ACK", b"BYE"]
        assert line.states() == ["connected"]

    line.play(story())


@pytest.mark.parametrize("answer", [b"", b"nonsense", SDP.replace(b"m=audio 20000", b"m=audio 0")])
def test_an_answer_without_a_session_ends_the_call(answer: bytes) -> None:
    """ACK and BYE; the screen says why."""
    line = Line()
    line.far.answer = answer

    async def story() -> None:
        line.phone.call("1000")
        await line.until(lambda: line.states() == ["ringing"])
        line.far.pick_up()
        await line.until(lambda: line.states() == ["ended"])
        assert line.phone.screen.calls["1"].why == "no usable session description"
        await line.until(lambda: line.far.told[-1:] == ["ended bye"])

    line.play(story())


def test_an_answer_that_crosses_the_hangup_is_ended() -> None:
    """CANCEL crosses the 200: ACK and BYE follow."""
    line = Line()

    async def story() -> None:
        line.phone.call("1000")
        await line.until(lambda: line.states() == ["ringing"])
        line.far.pick_up()
        line.phone.hangup()
        await line.until(lambda: line.far.told[-1:] == ["ended bye"])
        assert line.states() == ["ended"]

    line.play(story())


def test_a_server_that_is_silent_is_told_after_its_time() -> None:
    """408 after 32 s (timer B)."""
    line = Line()

    async def story() -> None:
        line.cut()
        line.phone.call("1000")
        await line.until(lambda: line.states() == ["ended"], 40)
        assert line.phone.screen.calls["1"].why.startswith("408")
        line.mend()

    line.play(story())


def test_a_redirect_is_not_followed() -> None:
    """The person sees it as a refusal."""
    line = Line()
    line.server.invited = lambda transaction: transaction.reply(302, headers=[("Contact", "<sip:1@10.0.0.9>")]) and None

    async def story() -> None:
        line.phone.call("1000")
        await line.until(lambda: line.states() == ["ended"])
        assert line.phone.screen.calls["1"].why.startswith("302")

    line.play(story())


# keys


ACTIONS = [
    {"id": "primary", "dial": "2001"},
    {"id": "sendtovm", "dial": "*862001", "headers": {
        "X-Digium-Call-Feature": "feature_send_to_vm",
        "Diversion": '<sip:%_ACCOUNT_USERNAME_%@%_ACCOUNT_SERVER_%:%_ACCOUNT_PORT_%>;reason="send_to_vm"'}},
    {"id": "pickup", "dial": "**2001", "headers": {"X-Digium-Call-Feature": "feature_pickup"}},
    {"id": "monitor", "dial": "556", "headers": {"X-Digium-Call-Feature": "feature_monitor"}},
]  # fmt: skip


def with_actions(behaviors: list[dict[str, str]] | None = None, **more: Any) -> Line:
    """Bob's phone with a contact that can do all of that."""
    line = Line(**more)
    assert line.server.phone is not None
    line.server.phone["contacts"][0] |= {"actions": ACTIONS, "pickup_action": "pickup"}
    if behaviors is not None:
        items = [{"index": 1, "contact_id": "2001", "behaviors": 0}]
        line.server.phone["blf_items"] = {"items": items, "behaviors": [{"rules": behaviors}]}
    return line


def invites(line: Line) -> list[Request]:
    """What the phone called, challenges left out."""
    return line.server.requests("INVITE")


def test_a_contacts_key_dials_its_number() -> None:
    """Without a sheet."""
    line = with_actions()

    async def story() -> None:
        line.phone.press("2001")
        await line.until(lambda: line.states() == ["ringing"])
        assert invites(line)[0].uri == "sip:2001@10.0.0.1"
        assert line.phone.screen.calls["1"].name == "Person 2001"

    line.play(story())


def test_what_rings_there_is_picked_up() -> None:
    """With the contact's pickup_action, and the header that says so."""
    line = with_actions()
    from tests.peers.small_server import presence

    async def story() -> None:
        line.server.change("auto_hint_2001", presence("2001", "away").replace(b"<note>Ready", b"<note>Ringing"))
        await line.until(lambda: line.shown()[2] == "ringing")
        line.phone.press("2001")
        await line.until(lambda: line.states() == ["ringing"])
        (invite,) = invites(line)
        assert invite.uri == "sip:**2001@10.0.0.1"
        assert invite.headers.get("X-Digium-Call-Feature") == "feature_pickup"

    line.play(story())


BEHAVIORS = [
    {"phone_state": "idle", "target_status": "idle", "press_action": "sendtovm", "press_function": "dial",
     },
    {"phone_state": "idle", "target_status": "idle", "long_press_action": "monitor", "long_press_function": "dial"},
    {"phone_state": "connected", "press_action": "primary", "press_function": "transfer"},
    {"phone_state": "incoming", "press_action": "sendtovm", "press_function": "transfer"},
]  # fmt: skip


@pytest.mark.parametrize(
    ("long", "uri", "feature"),
    [(False, "sip:*862001@10.0.0.1", "feature_send_to_vm"), (True, "sip:556@10.0.0.1", "feature_monitor")],
)
def test_a_sheet_says_what_a_press_does(long: bool, uri: str, feature: str) -> None:
    """By the phone's state and the watched device's, short and long; headers name the account."""
    line = with_actions(BEHAVIORS)

    async def story() -> None:
        line.phone.press("2001", long)
        await line.until(lambda: line.states() == ["ringing"])
        (invite,) = invites(line)
        assert (invite.uri, invite.headers.get("X-Digium-Call-Feature")) == (uri, feature)
        if not long:
            assert invite.headers.get("Diversion") == '<sip:2000@10.0.0.1:5060>;reason="send_to_vm"'

    line.play(story())


def test_a_press_while_talking_transfers() -> None:
    """Where the sheet says so."""
    line = with_actions(BEHAVIORS)

    async def story() -> None:
        await line.rings()
        line.phone.answer()
        await line.until(lambda: "answered" in line.far.told)
        line.phone.press("2001")
        await line.until(lambda: "requested REFER" in line.far.told)
        assert line.states() == ["held"]

    line.play(story())


def test_a_press_while_it_rings_sends_the_call_away() -> None:
    """302 with the number and, for voicemail, the Diversion."""
    line = with_actions(BEHAVIORS)

    async def story() -> None:
        await line.rings()
        line.phone.press("2001")
        await line.until(lambda: line.far.told[-1:] == ["refused 302"])
        assert line.far.refusal.headers.get("Contact") == "<sip:*862001@10.0.0.1>"
        assert "send_to_vm" in (line.far.refusal.headers.get("Diversion") or "")

    line.play(story())


def test_a_lines_key_answers_holds_and_resumes() -> None:
    """And its lamp shows how the call stands."""
    line = with_actions()

    def lamp() -> str:
        return str(line.phone.screen.keys[0].led)

    async def story() -> None:
        assert lamp() == "off"
        await line.rings()
        assert lamp() == "green fast"
        line.phone.press("2000")
        await line.until(lambda: line.states() == ["connected"])
        assert lamp() == "green on"
        await line.world.sleep(0.1)
        line.phone.press("2000")
        await line.until(lambda: line.states() == ["held"])
        assert lamp() == "green slow"
        line.phone.press("2000")
        await line.until(lambda: line.states() == ["connected"])
        line.phone.hangup()
        assert lamp() == "off"

    line.play(story())


@pytest.mark.parametrize(("key", "said"), [("2000", "no number was given"), ("2009", "has no key for '2009'")])
def test_a_press_that_can_do_nothing_says_so(key: str, said: str) -> None:
    """A line without a call, a key that is not there."""
    line = with_actions()

    async def story() -> None:
        from harness.errors import HarnessError

        with pytest.raises(HarnessError, match=said):
            line.phone.press(key)

    line.play(story())


# messages


def summary(new: int, old: int) -> bytes:
    """The body of a NOTIFY."""
    waiting = "yes" if new else "no"
    return f"Messages-Waiting: {waiting}\r\nVoice-Message: {new}/{old} (0/0)\r\n".encode()


def test_a_line_with_a_mailbox_subscribes_to_its_messages() -> None:
    """Event message-summary; the counts are shown, and on the trace."""
    line = Line()
    assert line.server.phone is not None
    line.server.phone["lines"] = [{"name": "2000", "mailbox": "2000@default"}]
    line.server.bodies["2000"] = summary(0, 1)

    async def story() -> None:
        asked = [request for request in line.server.requests("SUBSCRIBE") if request.uri == "sip:2000@10.0.0.1"]
        assert [request.headers.get("Event") for request in asked] == ["message-summary"]
        assert line.phone.screen.mailboxes["2000"] == (0, 1)
        line.server.change("2000", summary(2, 1), "application/simple-message-summary")
        await line.until(lambda: line.phone.screen.mailboxes["2000"] == (2, 1))
        told = line.events("screen")[-1]
        assert (told["mailbox"], told["new"], told["old"], told["lamp"]) == ("2000", 2, 1, "on")
        assert "messages: 2 new, 1 old" in line.phone.screen.render(60)
        line.server.change("2000", b"nonsense", "application/simple-message-summary")
        await line.until(lambda: "messages not understood" in line.notes())
        assert line.phone.screen.mailboxes["2000"] == (2, 1)

    line.play(story())


def test_messages_that_nobody_asked_for_are_shown_all_the_same() -> None:
    """As Asterisk sends them to endpoints with mailboxes; those for nobody here are 481."""
    line = Line()

    async def story() -> None:
        from harness.sip.client import Client
        from harness.sip.flow import Flow

        answers: list[int] = []
        for user, event in (("2000", "message-summary"), ("2999", "message-summary"), ("2000", "dialog")):
            rows = [("Event", event), ("Subscription-State", "active"), ("Contact", "<sip:10.0.0.1>"),
                    ("Content-Type", "application/simple-message-summary")]  # fmt: skip
            host, port = line.address
            client = Client(line.server.stack)
            request = client.build("NOTIFY", f"sip:{user}@{host}:{port}", "<sip:a@b>", headers=rows, body=summary(1, 0))
            client.request(request, Flow("UDP", ("10.0.0.1", 5060), line.address), lambda o: answers.append(o.status))
            await line.world.sleep(0.1)
        assert answers == [200, 481, 481]
        assert line.phone.screen.mailboxes == {"2000": (1, 0)}

    line.play(story())
