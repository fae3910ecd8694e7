"""One phone and one small server on a simulated network, ready for a story."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from harness.net.condition import Datagram, Delivery
from harness.net.trace import Event
from harness.net.world import World
from phones.phone import Account, Phone, PhoneSettings
from phones.watching import SubscriptionView
from tests.peers.small_server import HOST, PORT, SmallServer

PHONE_HOST = "10.0.1.1"
GROUP = "colleagues"
PASSWORDS = {"2000": "secret-of-2000", "2001": "secret-of-2001"}


def contact(number: str, subscribe_to: str | None = None, group: str = GROUP) -> dict[str, str]:
    """A contact as the configuration has it; by default it subscribes to its auto hint."""
    target = f"auto_hint_{number}" if subscribe_to is None else subscribe_to
    return {"id": number, "name": f"Person {number}", "group": group, "subscribe_to": target}


def configuration(*contacts: dict[str, str], lines: tuple[str, ...] = ("2000",), **fields: Any) -> dict[str, Any]:
    """The configuration of phone bob."""
    return {
        "phone": "bob",
        "name": "Bob",
        "lines": [{"name": line} for line in lines],
        "blf_contact_group": GROUP,
        "contacts": list(contacts),
        **fields,
    }


class Desk:
    """The world of one test."""

    def __init__(self, seed: int = 1, phone: dict[str, Any] | None = None, **settings: Any) -> None:
        self.world = World.simulated(seed)
        told = configuration(contact("2001")) if phone is None else phone
        self.server = SmallServer(self.world, PASSWORDS, told).start()
        settings.setdefault("accounts", [Account("2000", "2000", PASSWORDS["2000"])])
        self.phone = Phone("bob", self.world, PhoneSettings(server=(HOST, PORT), host=PHONE_HOST, **settings))

    def tell(self, story: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a story in virtual time to its end."""
        self.world.run(story())

    async def start(self, within: float = 60.0) -> None:
        """Switch the phone on and wait until it has settled."""
        self.phone.start()
        assert await self.world.wait(lambda: self.phone.settled, within), "the phone did not settle"

    async def until(self, predicate: Callable[[], object], within: float = 10.0) -> None:
        """Wait for something that has to come true."""
        assert await self.world.wait(lambda: bool(predicate()), within), "it did not come true"

    async def press(self, status: str, substatus: str = "") -> tuple[int, str]:
        """Pick a status and wait for the answer."""
        self.phone.set_status(status, substatus)
        await self.until(lambda: self.phone.status_answer, 60)
        answer = self.phone.status_answer
        assert answer is not None
        return answer

    def cut(self) -> None:
        """From now on no datagram arrives."""
        self.world.network.condition = lambda _datagram: ()

    def lose(self, first: int, start: bytes) -> None:
        """Lose the first datagrams that begin like this."""
        left = [first]

        def condition(datagram: Datagram) -> list[Delivery] | None:
            if left[0] and datagram.data.startswith(start):
                left[0] -= 1
                return []
            return None

        self.world.network.condition = condition

    def mend(self) -> None:
        """The network is whole again."""
        self.world.network.condition = None

    def shown(self, number: str = "2001") -> tuple[str, str, str]:
        """Presence, subtype and lamp of a contact."""
        seen = self.phone.screen.contacts[number]
        return seen.presence, seen.subtype, seen.lamp

    def subscription(self, number: str = "2001") -> SubscriptionView:
        """The subscription to a contact."""
        view = self.phone.subscription_of(number)
        assert view is not None
        return view

    def events(self, hop: str) -> list[Mapping[str, Any]]:
        """What the phone wrote to the trace at one hop."""
        return [dict(event.payload) for event in self.raw_events(hop) if isinstance(event.payload, Mapping)]

    def raw_events(self, hop: str) -> list[Event]:
        """The events of the phone at one hop."""
        return [event for event in self.world.trace.events if event.hop == hop and event.source == "bob"]

    def notes(self) -> list[str]:
        """What the phone noted."""
        return [str(note["what"]) for note in self.events("note")]
