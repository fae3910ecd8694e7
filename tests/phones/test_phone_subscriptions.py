"""Phones that watch their contacts.

    bob                          server
     |--- SUBSCRIBE auto_hint_x --->|
     |<-- 200, expires -------------|
     |<-- NOTIFY active, PIDF ------|     and the contact lights up
     |--- 200 --------------------->|
"""

from __future__ import annotations

import pytest

from harness.sip.subscription import REFRESH_MARGIN
from phones.interpret import Options
from phones.phone import Account
from phones.signalling import REFUSED_WAIT_S
from phones.watching import FIRST_NOTIFY_S
from tests.peers.desk import PASSWORDS, Desk, configuration, contact
from tests.peers.small_server import Given, presence

HINT = "auto_hint_2001"


def test_a_contact_is_subscribed_to_as_a_phone_does() -> None:
    """Event presence, PIDF only, the model's User-Agent, and the `;ob` Contact of its line."""
    desk = Desk(model="D40")

    async def story() -> None:
        await desk.start()
        (request,) = desk.server.requests("SUBSCRIBE")
        assert request.uri == f"sip:{HINT}@10.0.0.1"
        assert request.headers.get("Event") == "presence"
        assert request.headers.all("Accept") == ["application/pidf+xml"]
        assert request.headers.get("User-Agent") == "Digium D40 1_4_0_0_57389"
        assert request.contact is not None
        assert request.contact.uri == "sip:2000@10.0.1.1:49152;ob"
        assert request.expires == 3600
        assert desk.subscription() == ("2001", f"sip:{HINT}@10.0.0.1", "active", 200, "active")

    desk.tell(story)


@pytest.mark.parametrize(("subscribe_to", "uri"), [
    ("auto_hint_alice", "sip:auto_hint_alice@10.0.0.1"),
    ("2001", "sip:2001@10.0.0.1"),
    ("**25**", "sip:**25**@10.0.0.1"),
    ("sip:alice@example.org;user=phone", "sip:alice@example.org;user=phone"),
    ("Zoë 1", "sip:Zo%C3%AB%201@10.0.0.1"),
])  # fmt: skip
def test_what_subscribe_to_means(subscribe_to: str, uri: str) -> None:
    """Names are users of the server; a URI stays as it is and goes to the server all the same."""
    desk = Desk(phone=configuration(contact("x", subscribe_to)))

    async def story() -> None:
        await desk.start()
        assert [request.uri for request in desk.server.requests("SUBSCRIBE")] == [uri]
        assert desk.subscription("x").target == uri

    desk.tell(story)


def test_a_notify_lights_the_contact_and_is_answered_as_a_phone_does() -> None:
    """The screen shows state, subtype and lamp; the 200 names what a Digium phone allows and supports."""
    desk = Desk()

    async def story() -> None:
        await desk.start()
        desk.server.change(HINT, presence("2001", "away", "Lunch"))
        await desk.until(lambda: desk.shown() == ("away", "Lunch", "idle"))
        await desk.until(lambda: len(desk.server.answers) == 2)
        _, status, headers = desk.server.answers[-1]
        assert status == 200
        assert headers.get("Allow") == (
            "PRACK, INVITE, ACK, BYE, CANCEL, UPDATE, SUBSCRIBE, NOTIFY, REFER, MESSAGE, OPTIONS")
        assert headers.get("Supported") == "replaces, 100rel, timer, norefersub"

    desk.tell(story)


def test_each_notify_is_an_event_of_the_screen_caused_by_its_arrival() -> None:
    """A NOTIFY that changes nothing is an event too, with nothing changed."""
    desk = Desk()

    async def story() -> None:
        await desk.start()
        desk.server.change(HINT, presence("2001", "dnd"))
        desk.server.change(HINT, presence("2001", "dnd"))
        await desk.until(lambda: len(desk.events("screen")) == 3)
        _, second, third = desk.events("screen")
        assert (second["phone"], second["contact"], second["presence"]) == ("bob", "2001", "dnd")
        assert second["uri"] == f"sip:{HINT}@10.0.0.1"
        assert second["changed"] == [{"field": "presence", "before": "available", "after": "dnd"}]
        assert third["changed"] == []
        cause = desk.world.trace.event(desk.raw_events("screen")[2].cause)
        assert cause is not None
        assert cause.hop == "arrived"
        assert isinstance(cause.payload, bytes)
        assert cause.payload.startswith(b"NOTIFY")

    desk.tell(story)


@pytest.mark.parametrize(("content_type", "body"), [
    ("application/pidf+xml", b"<presence"),
    ("application/pidf+xml", b"\xff\xfe\x00"),
    ("application/xpidf+xml", presence("2001", "dnd")),
    ("text/html", b"<p>away</p>"),
])  # fmt: skip
def test_a_body_that_cannot_be_read_lights_nothing(content_type: str, body: bytes) -> None:
    """It is answered 200, changes nothing, and the event says why."""
    desk = Desk()
    desk.server.notifies_at_all = False

    async def story() -> None:
        await desk.start()
        desk.server.change(HINT, body, content_type)
        await desk.until(lambda: desk.events("screen"))
        (event,) = desk.events("screen")
        assert event["changed"] == []
        assert event["notes"]
        assert desk.shown() == ("", "", "")
        await desk.until(lambda: desk.server.answers)
        assert desk.server.answers[0][1] == 200

    desk.tell(story)


def test_undocumented_choices_are_settings() -> None:
    """What an unsupported state shows is chosen by name."""
    desk = Desk(interpretation=Options(unsupported="token"))

    async def story() -> None:
        await desk.start()
        desk.server.change(HINT, presence("2001", "unavailable"))
        await desk.until(lambda: desk.shown()[0] == "unavailable")

    desk.tell(story)


def test_a_notify_before_the_200_counts() -> None:
    """The contact lights up at once, and the late 200 makes no second subscription."""
    desk = Desk()
    desk.server.notify_first = True
    desk.server.bodies[HINT] = presence("2001", "xa", "Travel")

    async def story() -> None:
        desk.phone.start()
        await desk.until(lambda: desk.phone.screen.contacts and desk.shown()[0] == "xa")
        accepted = desk.world.seconds()
        await desk.world.sleep(1)
        assert len(desk.server.requests("SUBSCRIBE")) == 1
        assert desk.subscription().state == "active"
        assert desk.phone.settled
        assert accepted < 0.1
        desk.server.change(HINT, presence("2001", "chat"))
        await desk.until(lambda: desk.shown()[0] == "chat")

    desk.tell(story)


def test_a_subscription_is_refreshed_before_it_runs_out() -> None:
    """The refresh goes into the same dialog, a margin before expiry, with a digest of its own."""
    desk = Desk()

    async def story() -> None:
        await desk.start()
        await desk.until(lambda: len(desk.server.requests("SUBSCRIBE")) == 2, 4000)
        first, second = desk.server.requests("SUBSCRIBE")
        times = desk.server.times("SUBSCRIBE")
        assert times[1] - times[0] == pytest.approx(3600 - REFRESH_MARGIN, abs=0.1)
        assert (first.call_id, first.from_.tag) == (second.call_id, second.from_.tag)
        assert first.to.tag is None
        assert second.to.tag is not None
        assert desk.subscription().state == "active"

    desk.tell(story)


def test_many_refreshes_with_old_nonces_lose_nothing() -> None:
    """Forty subscriptions whose nonces have aged refresh together, and all of them stand."""
    numbers = [str(number) for number in range(3000, 3040)]
    desk = Desk(phone=configuration(*map(contact, numbers)))

    async def story() -> None:
        await desk.start()
        await desk.world.sleep(4000)
        assert {desk.subscription(number).state for number in numbers} == {"active"}
        assert len({request.call_id for request in desk.server.requests("SUBSCRIBE")}) == 40

    desk.tell(story)


def test_too_brief_is_asked_for_longer() -> None:
    """A 423 is answered with the expiry that its Min-Expires names."""
    desk = Desk(subscription_expires=30)
    desk.server.instead["SUBSCRIBE"] = [Given(423, (("Min-Expires", "90"),))]

    async def story() -> None:
        await desk.start()
        assert [request.expires for request in desk.server.requests("SUBSCRIBE")] == [30, 90]
        assert desk.subscription().state == "active"

    desk.tell(story)


def test_a_server_that_lost_the_dialog_gets_a_new_one() -> None:
    """481 to a refresh: the phone subscribes anew at once, and what it shows stays meanwhile."""
    desk = Desk()
    desk.server.expires = 120

    async def story() -> None:
        await desk.start()
        desk.server.forget_dialogs()
        await desk.until(lambda: desk.server.subscribed, 120)
        first, *_, last = desk.server.requests("SUBSCRIBE")
        assert first.call_id != last.call_id
        assert first.from_.tag != last.from_.tag
        assert last.to.tag is None
        await desk.until(lambda: desk.subscription().state == "active")
        assert [event["notes"] for event in desk.events("screen")] == [[], []]
        assert desk.events("screen")[1]["changed"] == []

    desk.tell(story)


def test_a_silent_server_is_asked_again_until_it_answers() -> None:
    """The subscription waits, backs off, and comes up when the server is back."""
    desk = Desk()

    async def story() -> None:
        desk.lose(1000, b"SUBSCRIBE")
        desk.phone.start()
        await desk.until(lambda: desk.phone.screen.contacts)
        await desk.until(lambda: desk.subscription().status == 408, 40)
        assert desk.subscription().state == "waiting"
        assert not desk.phone.settled
        desk.mend()
        await desk.until(lambda: desk.phone.settled, 70)
        assert desk.shown() == ("available", "", "idle")

    desk.tell(story)


def test_what_was_shown_goes_dark_when_a_new_try_fails() -> None:
    """A server that is gone at refresh and again at the new try: nothing is known of the contact any more."""
    desk = Desk()
    desk.server.expires = 120

    async def story() -> None:
        await desk.start()
        assert desk.shown()[0] == "available"
        desk.cut()
        await desk.until(lambda: desk.subscription().state == "waiting", 200)
        assert desk.shown()[0] == "available"
        await desk.until(lambda: desk.shown() == ("", "", ""), 100)
        (gone,) = [event for event in desk.events("screen") if event["notes"]]
        assert gone["contact"] == "2001"
        assert gone["changed"]

    desk.tell(story)


@pytest.mark.parametrize("status", [403, 404, 489, 603])
def test_a_refusal_is_shown_with_its_status(status: int) -> None:
    """The phone settles, tells status and reason, and tries again only after a long while."""
    desk = Desk()
    desk.server.instead["SUBSCRIBE"] = [Given(status)]

    async def story() -> None:
        await desk.start()
        view = desk.subscription()
        assert (view.state, view.status) == ("refused", status)
        assert view.reason
        assert desk.shown() == ("", "", "")
        await desk.world.sleep(REFUSED_WAIT_S - 1)
        assert len(desk.server.requests("SUBSCRIBE")) == 1
        await desk.until(lambda: desk.subscription().state == "active", 5)

    desk.tell(story)


def test_a_server_in_trouble_is_given_time() -> None:
    """5xx: the subscription waits, ever longer, and the phone counts as settled: it was answered."""
    desk = Desk()
    desk.server.instead["SUBSCRIBE"] = [Given(500), Given(503)]

    async def story() -> None:
        await desk.start()
        assert (desk.subscription().state, desk.subscription().status) == ("waiting", 500)
        await desk.until(lambda: desk.subscription().state == "active", 10)
        first, second, third = desk.server.times("SUBSCRIBE")
        assert third - second > second - first > 0.5

    desk.tell(story)


@pytest.mark.parametrize(("reason", "again_within"), [("deactivated", 1.0), ("", 3.0), ("giveup", 3.0)])
def test_a_terminated_subscription_is_asked_for_anew(reason: str, again_within: float) -> None:
    """In a new dialog, at once or after a wait, as RFC 6665 has it for the reason."""
    desk = Desk()

    async def story() -> None:
        await desk.start()
        desk.server.end(HINT, reason)
        await desk.until(lambda: len(desk.server.requests("SUBSCRIBE")) == 2, again_within)
        await desk.until(lambda: desk.subscription().state == "active")

    desk.tell(story)


def test_a_subscription_that_ended_for_good_is_refused() -> None:
    """`noresource` says that there is nothing to watch: the contact goes dark."""
    desk = Desk()

    async def story() -> None:
        await desk.start()
        desk.server.end(HINT, "noresource")
        await desk.until(lambda: desk.subscription().state == "refused")
        assert desk.subscription().reason == "terminated noresource"
        assert desk.shown() == ("", "", "")

    desk.tell(story)


def test_a_server_that_accepts_and_stays_silent_counts_as_active() -> None:
    """Asterisk sends no NOTIFY while a presence is invalid: the phone settles after a moment, showing nothing."""
    desk = Desk()
    desk.server.notifies_at_all = False

    async def story() -> None:
        await desk.start(within=5)
        assert FIRST_NOTIFY_S <= desk.world.seconds() < FIRST_NOTIFY_S + 1
        assert desk.subscription()[2:] == ("active", 200, "no NOTIFY yet")
        await desk.world.sleep(60)
        assert len(desk.server.requests("SUBSCRIBE")) == 1
        desk.server.change(HINT, presence("2001", "away"))
        await desk.until(lambda: desk.shown()[0] == "away")

    desk.tell(story)


def test_a_phone_may_lose_patience_with_silence() -> None:
    """With timer N the phone takes the subscription for lost and asks in a new dialog."""
    desk = Desk(notify_within=32.0)
    desk.server.notifies_at_all = False

    async def story() -> None:
        await desk.start()
        await desk.until(lambda: desk.subscription().state == "waiting", 40)
        assert desk.subscription()[3:] == (200, "no NOTIFY came")
        assert desk.phone.settled
        await desk.until(lambda: len(desk.server.requests("SUBSCRIBE")) == 2, 5)

    desk.tell(story)


def test_without_a_blf_contact_group_nothing_is_subscribed() -> None:
    """Documented: the group is what makes a phone subscribe; the trace says so."""
    desk = Desk(phone=configuration(contact("2001"), blf_contact_group=""))

    async def story() -> None:
        await desk.start()
        assert desk.server.requests("SUBSCRIBE") == []
        assert desk.subscription()[2:] == ("none", 0, "the phone has no blf_contact_group")
        assert desk.notes().count("no subscriptions") == 1

    desk.tell(story)


def test_contacts_that_are_not_subscribed_to_say_why() -> None:
    """Without subscribe_to, in another group, or with a URI that is none."""
    others = [contact("quiet", ""), contact("other", group="family"), contact("odd", "sip:a b")]
    desk = Desk(phone=configuration(contact("2001"), *others))

    async def story() -> None:
        await desk.start()
        assert [request.uri for request in desk.server.requests("SUBSCRIBE")] == [f"sip:{HINT}@10.0.0.1"]
        reasons = {name: desk.subscription(name).reason for name in ("quiet", "other", "odd")}
        assert reasons["quiet"] == "it has no subscribe_to"
        assert "family" in reasons["other"]
        assert "sip:a b" in reasons["odd"]
        assert desk.phone.subscription_of("nobody") is None
        assert list(desk.phone.screen.contacts) == ["2001", "quiet", "other", "odd"]

    desk.tell(story)


@pytest.mark.parametrize(("told", "own", "most"), [(None, None, 40), (None, 5, 5), (3, 5, 3), (0, None, 0)])
def test_no_more_contacts_than_the_phone_may(told: int | None, own: int | None, most: int) -> None:
    """The first ones in the order of the phonebook; the configuration counts before the phone's own limit."""
    contacts = [contact(str(number)) for number in range(3000, 3045)]
    desk = Desk(
        phone=configuration(*contacts, contacts_max_subscriptions=told), contacts_max_subscriptions=own)  # fmt: skip

    async def story() -> None:
        await desk.start()
        uris = [request.uri for request in desk.server.requests("SUBSCRIBE")]
        assert uris == [f"sip:auto_hint_{number}@10.0.0.1" for number in range(3000, 3000 + most)]
        assert "contacts_max_subscriptions" in desk.subscription("3044").reason

    desk.tell(story)


def test_contacts_with_one_id_stay_two() -> None:
    """A repeated id gets a number, a missing one the name."""
    twins = [contact("2001"), contact("2001", "2002"), {**contact("2003"), "id": ""}]
    desk = Desk(phone=configuration(*twins))

    async def story() -> None:
        await desk.start()
        assert list(desk.phone.screen.contacts) == ["2001", "2001#2", "Person 2003"]
        assert len(desk.server.subscribed) == 3

    desk.tell(story)


def test_a_contact_is_found_by_what_it_subscribes_to_and_by_name() -> None:
    """The id, the subscribe_to and the display name all lead to the subscription."""
    desk = Desk()

    async def story() -> None:
        await desk.start()
        assert desk.phone.subscription_of(HINT) == desk.phone.subscription_of("Person 2001") == desk.subscription()

    desk.tell(story)


def test_the_primary_line_subscribes() -> None:
    """With two lines the first one's account is From and in the credentials."""
    accounts = [Account(line, line, PASSWORDS[line]) for line in ("2000", "2001")]
    desk = Desk(phone=configuration(contact("3000"), lines=("2000", "2001")), accounts=accounts)

    async def story() -> None:
        await desk.start()
        (request,) = desk.server.requests("SUBSCRIBE")
        assert request.from_.sip_uri.user == "2000"

    desk.tell(story)


def test_two_phones_on_one_world_do_not_mix() -> None:
    """Their Call-IDs and tags differ, for their random numbers come from their names."""
    from phones.phone import Phone, PhoneSettings

    desk = Desk()
    settings = PhoneSettings([Account("2001", "2001", PASSWORDS["2001"])], ("10.0.0.1", 5060), "10.0.1.2")
    desk.server.phone = {**configuration(contact("2001")), "phone": ""}
    other = Phone("alice", desk.world, settings)

    async def story() -> None:
        other.start()
        await desk.start()
        await desk.until(lambda: other.settled)
        one, two = desk.server.requests("SUBSCRIBE")
        assert one.call_id != two.call_id
        assert one.from_.tag != two.from_.tag

    desk.tell(story)
