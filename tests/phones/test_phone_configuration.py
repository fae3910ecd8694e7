"""A phone asks for its configuration, and sets its status.

    bob                              server
     |--- MESSAGE sip:proxy@... -------->|
     |<-- 200 ---------------------------|
     |<-- MESSAGE with the configuration-|
     |--- 200 -------------------------->|
"""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.dpma import bodies
from phones import provisioning
from phones.asking import ANSWER_S
from phones.provisioning import PhonebookEntry, StatusChoice, read_configuration
from phones.rows import Unreadable
from phones.signalling import REFUSED_WAIT_S
from tests.peers.desk import Desk, configuration, contact
from tests.peers.small_server import Given

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=40)  # type: ignore[arg-type]


def test_the_configuration_is_asked_for_once_the_line_is_registered() -> None:
    """MESSAGE to `proxy` at the server, text/plain, from the primary line; the answer names lines and contacts."""
    desk = Desk(phone=configuration(
        contact("2001"), statuses=[{"status": "away", "substatuses": ["Lunch"], "send486": True}]))  # fmt: skip

    async def story() -> None:
        await desk.start()
        (request,) = desk.server.requests("MESSAGE")
        assert request.uri == "sip:proxy@10.0.0.1"
        assert request.content_type == "text/plain"
        assert request.from_.sip_uri.user == "2000"
        assert json.loads(request.body) == {"dpma-harness": 1, "method": "configuration", "phone": "bob"}
        told = desk.phone.configuration
        assert told is not None
        assert told.statuses == (StatusChoice("away", ("Lunch",), True),)
        assert desk.phone.screen.title == "Bob"

    desk.tell(story)


def test_a_phone_that_the_server_does_not_know_settles_without_contacts() -> None:
    """404 to the request: no lines but the first, no subscriptions, a note, and another try much later."""
    desk = Desk()
    known, desk.server.phone = desk.server.phone, None

    async def story() -> None:
        await desk.start()
        assert desk.phone.configuration is None
        assert "configuration refused" in desk.notes()
        desk.server.phone = known
        await desk.until(lambda: desk.phone.configuration, REFUSED_WAIT_S + 1)
        await desk.until(lambda: desk.phone.settled)
        assert desk.subscription().state == "active"

    desk.tell(story)


@pytest.mark.parametrize("raw", [
    b'{"dpma-harness": 1',
    b'{"dpma-harness": 2, "method": "configuration"}',
    b'{"dpma-harness": 1, "method": "configuration", "lines": [{}]}',
    b'{"dpma-harness": 1, "method": "configuration", "contacts": {"a": 1}}',
    b'["dpma-harness"]',
])  # fmt: skip
def test_an_unreadable_configuration_is_told_and_changes_nothing(raw: bytes) -> None:
    """The MESSAGE is answered, the phone settles as registered and unconfigured, and the note says why."""
    desk = Desk()
    desk.server.raw_configuration = raw

    async def story() -> None:
        await desk.start()
        assert desk.phone.configuration is None
        assert desk.phone.screen.contacts == {}
        assert [note["reason"] for note in desk.events("note") if note["what"] == "configuration refused"]
        await desk.until(lambda: not desk.server.stack.open_transactions(), 1)

    desk.tell(story)


def test_a_promised_configuration_that_does_not_come_is_asked_for_again() -> None:
    """200 and then silence: after a while the phone asks anew."""
    desk = Desk()
    desk.server.instead["MESSAGE"] = [Given(200)]

    async def story() -> None:
        await desk.start()
        first, second = desk.server.times("MESSAGE")
        assert second - first >= ANSWER_S
        assert desk.phone.configuration is not None

    desk.tell(story)


def test_a_configuration_that_overtakes_the_200_is_taken() -> None:
    """The order of the two does not matter."""
    desk = Desk()

    async def story() -> None:
        desk.phone.start()
        await desk.until(lambda: desk.server.bound)
        desk.lose(1, b"SIP/2.0 200")
        await desk.until(lambda: desk.phone.configuration, 2)
        await desk.until(lambda: desk.phone.settled, 10)
        assert len(desk.server.requests("MESSAGE")) == 1

    desk.tell(story)


def test_a_new_configuration_changes_only_what_is_new() -> None:
    """A push: the contact that stays keeps dialog and lamp, one goes with an unsubscribe, one comes."""
    desk = Desk(phone=configuration(contact("2001"), contact("2002")))

    async def story() -> None:
        await desk.start()
        before = desk.server.requests("SUBSCRIBE")
        desk.server.phone = configuration(contact("2001"), contact("2003"))
        desk.server.raw_configuration = None
        await desk.press("away")
        desk.server.push()
        await desk.until(lambda: "2003" in desk.phone.screen.contacts)
        await desk.until(lambda: desk.phone.settled)
        await desk.until(lambda: len(desk.server.subscribed) == 2)
        assert {each.user for each in desk.server.subscribed} == {"auto_hint_2001", "auto_hint_2003"}
        after = desk.server.requests("SUBSCRIBE")[len(before) :]
        assert sorted((request.expires, request.to.tag is None) for request in after) == [(0, False), (3600, True)]
        assert desk.shown("2001") == ("available", "", "idle")
        assert "2002" not in desk.phone.screen.contacts
        await desk.phone.stop()
        assert desk.phone.open_items() == []

    desk.tell(story)


def test_a_configuration_for_another_phone_is_not_taken() -> None:
    """What is addressed to alice changes nothing on bob."""
    desk = Desk(phone={**configuration(contact("2001")), "phone": "alice"})

    async def story() -> None:
        desk.phone.start()
        await desk.until(lambda: "configuration ignored" in desk.notes())
        assert desk.phone.configuration is None

    desk.tell(story)


def test_messages_of_others_are_answered_and_ignored() -> None:
    """A MESSAGE from another host, and one of the server that is not ours, get a 200 and nothing else."""
    desk = Desk()

    async def story() -> None:
        from harness.net.carrier import SipCarrier
        from harness.sip.client import Client

        await desk.start()
        stranger = SipCarrier(desk.world, "stranger")
        stranger.listen_udp("10.9.9.9", 5060)
        body = json.dumps({"dpma-harness": 1, "method": "configuration", "phone": "bob", "lines": []}).encode()
        answers: list[int] = []
        flow = stranger.flow_to("UDP", ("10.0.1.1", 49152))
        for method, content in (("MESSAGE", body), ("OPTIONS", b""), ("NOTIFY", b""), ("INVITE", b"")):
            client = Client(stranger.stack)
            rows = [("Contact", "<sip:s@10.9.9.9>"), ("Event", "check-sync")]
            request = client.build(method, "sip:2000@10.0.1.1", "<sip:s@10.9.9.9>", headers=rows, body=content)
            client.request(request, flow, lambda outcome: answers.append(outcome.status))
        await desk.until(lambda: len(answers) == 4)
        assert sorted(answers) == [180, 200, 200, 481]  # an INVITE rings, whoever calls
        assert desk.phone.screen.contacts
        assert desk.phone.configuration is not None
        assert desk.phone.configuration.contacts

    desk.tell(story)


# ---- statuses


def test_a_press_shows_when_the_server_has_taken_it() -> None:
    """The press is the root of the trace, the MESSAGE follows from it, the screen from the 200."""
    desk = Desk()

    async def story() -> None:
        await desk.start()
        desk.phone.set_status("away", "Lunch")
        assert desk.phone.status_answer is None
        assert desk.phone.screen.status.status == ""
        await desk.until(lambda: desk.phone.status_answer)
        assert desk.phone.status_answer == (200, "OK")
        assert (desk.phone.screen.status.status, desk.phone.screen.status.substatus) == ("away", "Lunch")
        body = json.loads(desk.server.requests("MESSAGE")[-1].body)
        assert body == {
            "dpma-harness": 1, "method": "status", "phone": "bob", "status": "away", "substatus": "Lunch"}  # fmt: skip
        (press,) = desk.raw_events("press")
        assert press.payload == {"phone": "bob", "line": "2000", "status": "away", "substatus": "Lunch"}
        road = [event.hop for event in desk.world.trace.chain(desk.raw_events("screen")[-1].seq)]
        assert road == ["press", "sip", "arrived", "sip", "arrived", "screen"]

    desk.tell(story)


def test_a_press_that_is_refused_is_not_shown() -> None:
    """The answer is kept with its reason, the screen stays."""
    desk = Desk()

    async def story() -> None:
        await desk.start()
        await desk.press("away")
        desk.server.instead["MESSAGE"] = [Given(488)]
        answer = await desk.press("dnd")
        assert answer == (488, "Not Acceptable Here")
        assert desk.phone.screen.status.status == "away"
        assert "status not taken" in desk.notes()

    desk.tell(story)


def test_a_press_into_silence_is_told() -> None:
    """No answer is 408; the phone does not press again by itself."""
    desk = Desk()

    async def story() -> None:
        await desk.start()
        desk.cut()
        assert await desk.press("away") == (408, "no answer")
        assert desk.phone.screen.status.status == ""

    desk.tell(story)


def test_presses_go_out_one_after_the_other() -> None:
    """Five presses at once, each with a nonce that has aged: all arrive, in order, and the last one's answer counts."""
    desk = Desk()

    async def story() -> None:
        await desk.start()
        await desk.world.sleep(100)
        for status in ("away", "dnd", "xa", "chat", "available"):
            desk.phone.set_status(status)
        await desk.until(lambda: desk.phone.status_answer)
        sent = [json.loads(request.body).get("status") for request in desk.server.requests("MESSAGE")]
        assert sent == [None, "away", "dnd", "xa", "chat", "available"]
        assert desk.phone.screen.status.status == "available"

    desk.tell(story)


# ---- bodies


@given(TEXTS, TEXTS, TEXTS)
def test_what_a_phone_writes_the_shim_reads(phone: str, status: str, substatus: str) -> None:
    """Both ends of the invented format agree on every text."""
    read = bodies.read_request(provisioning.write_status(phone, status, substatus))
    assert read == (bodies.STATUS, phone, status, substatus)
    assert bodies.read_request(provisioning.write_configuration_request(phone)).phone == phone
    assert provisioning.is_ours(provisioning.write_configuration_request(phone))


@given(TEXTS.filter(bool), TEXTS, st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=5))
def test_what_the_shim_writes_a_phone_reads(line: str, group: str, people: list[tuple[str, str, str]]) -> None:
    """Lines, group and contacts come through as they were."""
    contacts = [{"id": name, "name": text, "group": group, "subscribe_to": to} for name, text, to in people]
    body = bodies.write_configuration({"lines": [{"name": line}], "blf_contact_group": group, "contacts": contacts})
    read = read_configuration(body)
    assert [each.name for each in read.lines] == [line]
    assert read.blf_contact_group == group
    assert list(read.contacts) == [PhonebookEntry(name, text, group, subscribe_to=to) for name, text, to in people]


KEYS = ("lines", "contacts", "statuses", "phone", "name", "contacts_max_subscriptions")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner),
)


@given(st.dictionaries(st.sampled_from(KEYS), VALUES))
def test_a_configuration_of_any_shape_is_read_or_refused(fields: dict[str, object]) -> None:
    """Nothing but Unreadable is raised for JSON of any shape."""
    body = json.dumps({"dpma-harness": 1, "method": "configuration", **fields}).encode()
    with contextlib.suppress(Unreadable):
        assert read_configuration(body).phone == (fields.get("phone") or "")


@given(st.binary(max_size=200))
def test_bytes_that_are_no_configuration_are_refused(body: bytes) -> None:
    """Nothing but Unreadable is raised for bytes of any kind."""
    with pytest.raises(Unreadable):
        read_configuration(body)


@pytest.mark.parametrize(("fields", "why"), [
    ({"lines": [{"name": "x"}] * 65}, "more than 64 lines"),
    ({"contacts": [{"name": "x" * 2000}]}, "more than 1024 bytes"),
    ({"contacts_max_subscriptions": True}, "no number"),
    ({"contacts_max_subscriptions": -1}, "no number"),
    ({"statuses": [{"substatuses": [1]}]}, "no list of texts"),
])  # fmt: skip
def test_limits_of_a_configuration(fields: dict[str, object], why: str) -> None:
    """Sizes and counts are bounded, and the reason names the limit."""
    body = json.dumps({"dpma-harness": 1, "method": "configuration", **fields}).encode()
    with pytest.raises(Unreadable, match=why):
        read_configuration(body)
