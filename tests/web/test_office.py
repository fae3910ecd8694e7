"""The office behind the page, in virtual time: what a person may do to it."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from harness.cli import shipped
from harness.config.folder import read_folder
from harness.errors import HarnessError, InputError
from harness.net.condition import Datagram
from harness.net.world import World
from harness.web.losses import Losses
from harness.web.office import Office, models_of, presence_value
from tests.web.offices import larger_office

FOLDER = shipped() / "demo" / "office"


def told(story: Callable[[Office, World], Awaitable[None]], folder: Path = FOLDER, **models: str) -> Office:
    """Tell a story in a fresh office."""
    world = World.simulated(1)
    office = Office(read_folder(folder), world, models)

    async def whole(_world: World) -> None:
        await office.start()
        await story(office, world)
        await office.stop()

    world.run(whole)
    return office


def test_what_is_written_on_the_server_reaches_the_phones_as_it_is() -> None:
    """Commas, line ends and blanks included."""
    message = " a, b\n<i>ü</i> "

    async def story(office: Office, world: World) -> None:
        said = {"provider": "CustomPresence:2000", "state": "away", "subtype": "x,y", "message": message}
        office.perform("presence", said)
        carol = office.target.phones["carol"].screen.contacts["2000"]
        assert await world.wait(lambda: carol.presence == "away", 1)
        assert (carol.subtype, carol.message.replace("\r", "")) == ("x,y", message)

    told(story)


def test_a_phone_is_drawn_with_all_its_lines_and_all_whom_it_can_call(tmp_path: Path) -> None:
    """Lines in their order, with labels; a contact without a subscription has its number, and says why it is dark."""

    async def story(office: Office, _world: World) -> None:
        bob = office.pictures()["bob"]()
        assert bob["line_order"] == ["2000", "2010"]
        assert (bob["lines"]["2010"]["state"], bob["lines"]["2010"]["label"]) == ("registered", "Support")
        assert (bob["contacts"]["supplier"]["number"], bob["contacts"]["2001"]["number"]) == ("9555", "2001")
        assert bob["dark"] == {"supplier": "no subscription: it has no subscribe_to"}

    told(story, larger_office(tmp_path / "office"))


@pytest.mark.parametrize(
    ("subtype", "message", "value"),
    [("", "", "away"), ("Lunch", "", "away,Lunch,"), ("", "back soon", "away,,back soon")],
)
def test_a_plain_text_is_written_plain(subtype: str, message: str, value: str) -> None:
    """As `presencestate change` would take it."""
    assert presence_value("away", subtype, message) == value


def test_another_text_is_encoded() -> None:
    """Option `e` is for both fields."""
    first, second, third, option = presence_value("dnd", "a,b", "c").split(",")
    assert (first, option) == ("dnd", "e")
    assert (base64.b64decode(second), base64.b64decode(third)) == (b"a,b", b"c")


def test_a_restart_is_told_and_a_second_one_refused_meanwhile() -> None:
    """The page sees the server go and come."""

    async def story(office: Office, world: World) -> None:
        news: list[bool] = []
        office.on_news = lambda: news.append(office.standing()["server"]["up"])
        office.perform("restart", {})
        assert await world.wait(lambda: office.server_up, 5)
        assert news == [False, True]
        office.server_up = False
        with pytest.raises(HarnessError, match="restarting already"):
            office.perform("restart", {})

    told(story)


def test_models_come_from_firmwares_and_may_be_chosen() -> None:
    """A phone that names one firmware is of its model."""
    configuration = read_folder(FOLDER)
    assert models_of(configuration, {"bob": "D80"}) == {
        "reception": "D70", "bob": "D80", "carol": "P330", "dave": "D40", "erin": "D80", "frank": "P325",
    }  # fmt: skip
    for wrong in ({"nobody": "D65"}, {"bob": "D66"}):
        with pytest.raises(InputError):
            models_of(configuration, wrong)


def test_a_configuration_without_phones_is_refused(tmp_path: Path) -> None:
    """With what is missing."""
    (tmp_path / "pjsip.conf").write_text("")
    with pytest.raises(InputError, match="res_digium_phone"):
        Office(read_folder(tmp_path), World.simulated(1), {})


def test_datagrams_of_one_phone_get_lost_both_ways() -> None:
    """All of them or none; those of others never; without losses nothing stands in the way."""
    world = World.simulated(1)
    bob, server, carol = ("10.0.1.1", 5060), ("10.0.0.1", 5060), ("10.0.1.2", 5060)
    world.trace.names |= {bob: "bob", carol: "carol"}
    losses = Losses(world)

    def fate(source: Any, destination: Any) -> Any:
        return losses(Datagram(0.0, source, destination, b"x", 1))

    losses.set("bob", 1.0)
    assert world.network.condition is losses
    assert fate(bob, server) == fate(server, bob) == ()
    assert fate(carol, server) is None
    losses.set("bob", 0.5)
    lost = sum(fate(bob, server) == () for _ in range(1000))
    assert 400 < lost < 600
    losses.set("bob", 0.0)
    losses.set("carol", 0.0)
    assert world.network.condition is None
