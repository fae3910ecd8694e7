"""Phones that are switched off, restarted, or lose their power."""

from __future__ import annotations

import pytest

from harness.errors import HarnessError, InputError
from harness.net.world import World
from phones.phone import Account, Phone, PhoneSettings
from tests.peers.desk import PASSWORDS, Desk, configuration, contact
from tests.peers.small_server import presence


def test_a_phone_that_stops_leaves_nothing_behind() -> None:
    """It unsubscribes, takes the last NOTIFYs, unregisters; neither end has anything left."""
    desk = Desk(phone=configuration(contact("2001"), contact("2002")))

    async def story() -> None:
        await desk.start()
        assert len(desk.phone.open_items()) == 3
        await desk.phone.stop()
        assert desk.phone.open_items() == []
        assert desk.server.subscribed == []
        assert desk.server.bound == {}
        assert desk.server.stack.open_transactions() == []
        assert [status for _, status, _ in desk.server.answers] == [200] * 4

    desk.tell(story)


def test_what_a_person_saw_last_stays_on_the_screen_of_a_stopped_phone() -> None:
    """The last NOTIFYs of a phone that leaves change nothing any more."""
    desk = Desk()

    async def story() -> None:
        await desk.start()
        seen = len(desk.events("screen"))
        await desk.phone.stop()
        assert desk.shown() == ("available", "", "idle")
        assert len(desk.events("screen")) == seen

    desk.tell(story)


def test_a_server_that_does_not_let_go_is_told() -> None:
    """Without answers the phone gives up in time, and says what was left."""
    desk = Desk()

    async def story() -> None:
        await desk.start()
        desk.cut()
        before = desk.world.seconds()
        await desk.phone.stop()
        assert desk.world.seconds() - before < 30
        left = desk.phone.open_items()
        assert any(item.startswith("subscription to 2001") for item in left)
        assert any(item.startswith("registration of 2000") for item in left)

    desk.tell(story)


def test_stopping_in_the_midst_of_starting_leaves_nothing_behind() -> None:
    """Whatever was under way is answered or given up."""
    for moment in (0.0, 0.0015, 0.0045, 0.0075, 0.0095, 0.0115):
        desk = Desk()

        async def story(desk: Desk = desk, moment: float = moment) -> None:
            desk.phone.start()
            await desk.world.sleep(moment)
            await desk.phone.stop()
            await desk.world.sleep(40)
            assert desk.phone.open_items() == [], moment
            assert desk.server.bound == {}, moment
            assert desk.server.subscribed == [], moment

        desk.tell(story)


@pytest.mark.parametrize("cleanly", [True, False])
def test_a_restarted_phone_has_new_dialogs(cleanly: bool) -> None:
    """Same address, new Call-IDs, tags and branches; the screen begins empty and fills again."""
    desk = Desk()

    async def story() -> None:
        await desk.start()
        old = [request for _, request in desk.server.heard]
        await desk.press("away")
        await desk.phone.restart(cleanly=cleanly)
        assert desk.phone.screen.contacts == {}
        assert desk.phone.screen.status.status == ""
        await desk.until(lambda: desk.phone.settled)
        new = [request for _, request in desk.server.heard][-3:]
        assert [request.method for request in new] == ["REGISTER", "MESSAGE", "SUBSCRIBE"]
        for what in ("Call-ID", "From", "Via"):
            assert not {r.headers.get(what) for r in old} & {r.headers.get(what) for r in new}, what
        assert old[0].headers.get("Contact") == new[0].headers.get("Contact")
        assert desk.shown() == ("available", "", "idle")

    desk.tell(story)


def test_a_phone_may_keep_its_status_over_a_restart() -> None:
    """Not documented, so a setting."""
    desk = Desk(keep_status=True)

    async def story() -> None:
        await desk.start()
        await desk.press("away", "Lunch")
        await desk.phone.restart()
        assert desk.phone.screen.status.substatus == "Lunch"

    desk.tell(story)


def test_a_pulled_plug_says_nothing() -> None:
    """No message leaves; the server's NOTIFY goes unanswered until the phone is back and knows it not."""
    desk = Desk()

    async def story() -> None:
        await desk.start()
        sent = len(desk.raw_events("sip")) + len([e for e in desk.world.trace.events if e.hop == "sip"])
        await desk.phone.kill()
        assert len(desk.raw_events("sip")) + len([e for e in desk.world.trace.events if e.hop == "sip"]) == sent
        assert desk.phone.open_items() == []
        assert set(desk.server.bound) == {"2000"}
        desk.phone.start()
        desk.server.change("auto_hint_2001", presence("2001", "away"))
        await desk.until(lambda: 481 in [status for _, status, _ in desk.server.answers])

    desk.tell(story)


def test_a_phone_that_is_off_is_quiet_and_says_so() -> None:
    """It is settled, has no answers, and cannot be pressed; stopping twice is nothing."""
    desk = Desk()

    async def story() -> None:
        await desk.phone.stop()
        assert desk.phone.settled
        assert desk.phone.subscription_of("2001") is None
        assert desk.phone.registrations == {}
        with pytest.raises(HarnessError, match="switched off"):
            desk.phone.set_status("away")
        await desk.start()
        with pytest.raises(HarnessError, match="on already"):
            desk.phone.start()

    desk.tell(story)


def test_an_address_that_is_taken_is_an_error_with_advice() -> None:
    """Two phones on one host and port: the second one says what to do."""
    desk = Desk(port=5060)
    desk.phone.start()
    settings = PhoneSettings([], ("10.0.0.1", 5060), "10.0.1.1", port=5060)
    with pytest.raises(InputError, match=r"10\.0\.1\.1:5060"):
        Phone("alice", desk.world, settings).start()


def test_a_phone_without_accounts_settles_and_says_why() -> None:
    """Nothing is sent, and a press is not taken."""
    world = World.simulated()
    phone = Phone("bob", world, PhoneSettings([], ("10.0.0.1", 5060), "10.0.1.1"))
    phone.start()
    phone.set_status("away")
    assert phone.settled
    assert phone.status_answer is None
    whats = [event.payload["what"] for event in world.trace.events if event.hop == "note"]  # type: ignore[index, call-overload]
    assert whats == ["switched on", "no account", "press not sent"]


def test_the_same_seed_gives_the_same_trace() -> None:
    """Registration, configuration, subscription, press and stop, byte for byte."""

    def trace(seed: int) -> list[str]:
        desk = Desk(seed, phone=configuration(contact("2001"), contact("2002"), contact("9", "")))

        async def story() -> None:
            await desk.start()
            await desk.press("away", "Lunch")
            await desk.phone.restart(cleanly=False)
            await desk.until(lambda: desk.phone.settled)
            await desk.phone.stop()

        desk.tell(story)
        return list(desk.world.trace.lines())

    assert trace(7) == trace(7)
    assert trace(7) != trace(8)


def test_passwords_are_blanked_in_the_trace() -> None:
    """The trace that is written down holds neither the password nor a digest made of it."""
    password = PASSWORDS["2000"]
    desk = Desk(accounts=[Account("2000", "2000", password)])

    async def story() -> None:
        await desk.start()
        await desk.press("away", password)
        text = "\n".join(desk.world.trace.lines())
        assert password not in text
        assert 'response=\\"***\\"' in text
        assert desk.world.trace.name_of(("10.0.1.1", 49152)) == "bob"

    desk.tell(story)


@pytest.mark.parametrize("seed", range(1, 6))
def test_a_lossy_network_only_costs_time(seed: int) -> None:
    """A fifth of all datagrams lost: the phone comes up, hears a change, and leaves nothing behind."""
    desk = Desk(seed, phone=configuration(contact("2001"), contact("2002")))
    random = desk.world.random_for("losses")
    desk.world.network.condition = lambda _datagram: () if random.random() < 0.2 else None

    async def story() -> None:
        await desk.start(within=300)
        await desk.until(lambda: desk.subscription().state == "active", 100)
        desk.server.change("auto_hint_2001", presence("2001", "dnd"))
        await desk.until(lambda: desk.shown()[0] == "dnd", 40)
        desk.mend()
        await desk.world.sleep(40)
        await desk.phone.stop()
        assert desk.phone.open_items() == []

    desk.tell(story)
