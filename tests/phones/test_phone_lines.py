"""Phones at the registrar.

    bob                     server
     |--- REGISTER ----------->|
     |<-- 401 -----------------|
     |--- REGISTER + digest -->|
     |<-- 200, expires --------|      and again before it runs out
"""

from __future__ import annotations

import itertools

import pytest

from harness.errors import InputError
from harness.sip.digest import Credentials
from phones.lines import REFRESH_MARGIN_S, RULES, LineEvent, LineState
from phones.phone import Account
from phones.signalling import REFUSED_WAIT_S
from tests.peers.desk import PASSWORDS, Desk, configuration, contact
from tests.peers.small_server import Given, presence


def test_a_line_registers_with_digest() -> None:
    """The REGISTER that the server takes carries the line's credentials and the phone's Contact."""
    desk = Desk()

    async def story() -> None:
        await desk.start()
        (request,) = desk.server.requests("REGISTER")
        assert Credentials.parse(request.headers.get("Authorization") or "").username == "2000"
        assert desk.server.bound == {"2000": "sip:2000@10.0.1.1:49152;ob"}
        assert request.headers.get("User-Agent") == "Digium D65 2_9_19"
        assert desk.phone.registrations["2000"].state == "registered"
        assert desk.phone.screen.lines == {"2000": "registered"}

    desk.tell(story)


def test_the_digest_name_may_differ_from_the_line() -> None:
    """The account's user goes into the digest, its line into From, To and Contact."""
    desk = Desk(accounts=[Account("bobs-line", "2000", PASSWORDS["2000"])])

    async def story() -> None:
        await desk.start()
        (request,) = desk.server.requests("REGISTER")
        assert request.to.sip_uri.user == request.from_.sip_uri.user == "bobs-line"
        assert Credentials.parse(request.headers.get("Authorization") or "").username == "2000"

    desk.tell(story)


@pytest.mark.parametrize(("granted", "after"), [(3600, 3600 - REFRESH_MARGIN_S), (60, 55.0), (6, 3.0)])
def test_a_registration_is_refreshed_before_it_runs_out(granted: int, after: float) -> None:
    """The refresh comes a margin before expiry, or half-way where that is longer, in the same Call-ID."""
    desk = Desk()
    desk.server.expires = granted

    async def story() -> None:
        await desk.start()
        await desk.until(lambda: len(desk.server.requests("REGISTER")) == 2, 4000)
        first, second = desk.server.requests("REGISTER")
        times = desk.server.times("REGISTER")
        assert times[1] - times[0] == pytest.approx(after, abs=0.05)
        assert first.call_id == second.call_id
        assert second.cseq.number > first.cseq.number
        assert desk.phone.registrations["2000"].expires_at > desk.world.seconds()

    desk.tell(story)


def test_a_wrong_password_ends_on_the_screen() -> None:
    """Credentials that are refused are not sent again and again; the line shows as refused."""
    desk = Desk(accounts=[Account("2000", "2000", "not-the-password")])

    async def story() -> None:
        await desk.start()
        assert desk.phone.screen.lines == {"2000": "refused"}
        view = desk.phone.registrations["2000"]
        assert (view.state, view.status) == ("refused", 401)
        assert desk.phone.configuration is None
        await desk.world.sleep(REFUSED_WAIT_S - 10)
        sent = [event for event in desk.raw_events("note") if "line refused" in str(event.payload)]
        assert len(sent) == 1

    desk.tell(story)


def test_a_refused_line_is_tried_again_after_a_long_while() -> None:
    """When somebody has mended the server's configuration, the phone comes back by itself."""
    desk = Desk()
    desk.server.instead["REGISTER"] = [Given(403)]

    async def story() -> None:
        await desk.start()
        assert desk.phone.registrations["2000"].state == "refused"
        await desk.until(lambda: desk.phone.registrations["2000"].state == "registered", REFUSED_WAIT_S + 1)
        await desk.until(lambda: desk.phone.settled)
        assert desk.subscription().state == "active"

    desk.tell(story)


def test_too_brief_is_asked_for_longer() -> None:
    """A 423 is answered with the expiry that its Min-Expires names."""
    desk = Desk(expires=60)
    desk.server.instead["REGISTER"] = [Given(423, (("Min-Expires", "600"),))]

    async def story() -> None:
        await desk.start()
        assert [request.expires for request in desk.server.requests("REGISTER")] == [60, 600]
        assert desk.phone.registrations["2000"].state == "registered"

    desk.tell(story)


def test_a_423_that_names_nothing_longer_is_a_refusal() -> None:
    """Without a Min-Expires above what was asked for there is nothing to ask."""
    desk = Desk(expires=60)
    desk.server.instead["REGISTER"] = [Given(423, (("Min-Expires", "60"),))]

    async def story() -> None:
        await desk.start()
        assert desk.phone.registrations["2000"].state == "refused"

    desk.tell(story)


def test_a_silent_server_is_asked_again_until_it_answers() -> None:
    """After a timeout the phone backs off, tries again, and goes on as if nothing had been."""
    desk = Desk()

    async def story() -> None:
        desk.cut()
        desk.phone.start()
        await desk.until(lambda: desk.phone.registrations["2000"].state == "waiting", 40)
        assert desk.phone.registrations["2000"].status == 408
        assert not desk.phone.settled
        desk.mend()
        await desk.until(lambda: desk.phone.settled, 10)
        assert desk.subscription().state == "active"

    desk.tell(story)


def test_a_server_in_trouble_is_asked_ever_more_seldom() -> None:
    """5xx answers double the wait, and a Retry-After is kept."""
    desk = Desk()
    desk.server.instead["REGISTER"] = [Given(503), Given(500), Given(503, (("Retry-After", "30"),))]

    async def story() -> None:
        await desk.start()
        times = desk.server.times("REGISTER")
        waits = [round(later - earlier) for earlier, later in itertools.pairwise(times)]
        assert waits == [2, 4, 30]

    desk.tell(story)


def test_two_lines_register_each_with_its_account() -> None:
    """The second line follows when the configuration has named it, under its own user and Call-ID."""
    accounts = [Account(line, line, PASSWORDS[line]) for line in ("2000", "2001")]
    desk = Desk(phone=configuration(lines=("2000", "2001")), accounts=accounts)

    async def story() -> None:
        await desk.start()
        assert set(desk.server.bound) == {"2000", "2001"}
        first, second = desk.server.requests("REGISTER")
        assert first.call_id != second.call_id
        methods = [request.method for _, request in desk.server.heard]
        assert methods == ["REGISTER", "MESSAGE", "REGISTER"]
        assert desk.phone.screen.lines == {"2000": "registered", "2001": "registered"}
        await desk.phone.stop()
        assert desk.server.bound == {}

    desk.tell(story)


def test_a_line_without_an_account_is_told_and_left() -> None:
    """A line of the configuration that no credentials are known for cannot register."""
    desk = Desk(phone=configuration(lines=("2000", "2001")))

    async def story() -> None:
        await desk.start()
        assert set(desk.server.bound) == {"2000"}
        assert "line without an account" in desk.notes()

    desk.tell(story)


def test_unregistering_keeps_the_subscriptions() -> None:
    """The binding goes, NOTIFYs still come, and registering again brings the binding back."""
    desk = Desk()

    async def story() -> None:
        await desk.start()
        await desk.phone.unregister()
        assert desk.server.bound == {}
        assert desk.phone.screen.lines == {"2000": "unregistered"}
        assert desk.subscription().state == "active"
        await desk.world.sleep(3600 * 2)
        assert desk.server.bound == {}
        await desk.phone.register()
        assert set(desk.server.bound) == {"2000"}

    desk.tell(story)


def test_unregistering_while_registering_ends_unregistered() -> None:
    """One REGISTER at a time: the binding is taken back when the one under way has been answered."""
    desk = Desk()

    async def story() -> None:
        desk.phone.start()
        await desk.phone.unregister()
        assert desk.server.bound == {}
        assert [request.expires for request in desk.server.requests("REGISTER")] == [3600, 0]

    desk.tell(story)


def test_registering_while_unregistering_ends_registered() -> None:
    """Who changes their mind is registered in the end."""
    desk = Desk()

    async def story() -> None:
        await desk.start()
        leaving = desk.world.start(desk.phone.unregister())
        await desk.phone.register()
        await desk.until(lambda: desk.phone.registrations["2000"].state == "registered")
        assert set(desk.server.bound) == {"2000"}
        await leaving

    desk.tell(story)


def test_tcp_registers_and_subscribes_over_one_connection() -> None:
    """On TCP all goes over the connection that the phone opened, and the Contact says so."""
    desk = Desk(transport="TCP", phone=configuration(contact("2001")))

    async def story() -> None:
        await desk.start()
        assert desk.server.bound["2000"].endswith(";transport=TCP;ob")
        assert desk.subscription().state == "active"
        assert desk.shown() == ("available", "", "idle")
        assert {request.via.transport for _, request in desk.server.heard} == {"TCP"}
        await desk.phone.stop()
        assert desk.phone.open_items() == []
        assert desk.server.subscribed == []

    desk.tell(story)


def test_a_lost_connection_brings_registration_and_subscriptions_back() -> None:
    """A server that ends what came over a broken connection finds the phone there again in seconds."""
    desk = Desk(transport="TCP")

    async def story() -> None:
        await desk.start()
        desk.world.network.cut("10.0.1.1")  # type: ignore[attr-defined]
        desk.server.bound.clear()
        desk.server.forget_dialogs()
        await desk.until(lambda: desk.server.bound and desk.server.subscribed, 5)
        desk.server.change("auto_hint_2001", presence("2001", "away"))
        await desk.until(lambda: desk.shown()[0] == "away")

    desk.tell(story)


def test_ipv6_addresses_stand_in_brackets() -> None:
    """Host parts of URIs are written as RFC 3261 wants them."""
    from harness.net.world import World
    from phones.phone import PhoneSettings
    from phones.signalling import Signalling

    settings = PhoneSettings([], ("2001:db8::1", 5070), "2001:db8::2")
    signalling = Signalling("bob", World.simulated(), settings, 5060)
    assert signalling.uri("a b") == "sip:a%20b@[2001:db8::1]:5070"
    assert signalling.contact("2000") == "sip:2000@[2001:db8::2]:5060;ob"


def test_settings_that_make_no_phone_are_refused() -> None:
    """An unknown model or transport is an error with advice, not a traceback later."""
    with pytest.raises(InputError, match="D65"):
        Desk(model="D99")
    with pytest.raises(InputError, match="TCP"):
        Desk(transport="SCTP")
    with pytest.raises(InputError, match="1 second"):
        Desk(expires=0)


def test_every_state_of_a_line_can_be_stopped() -> None:
    """Whatever a registration is doing, there is a rule that leads it back to unregistered."""
    for state in LineState:
        if state in (LineState.UNREGISTERED, LineState.LEAVING, LineState.WITHDRAWING):
            continue
        assert {(state, LineEvent.STOP), (state, LineEvent.STOP_LATER)} & RULES.keys(), state
