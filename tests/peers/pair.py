"""Phones that talk to each other without a server between: alice and bob have each other for a server.

Their REGISTERs come to nothing, which is no matter for calls.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from harness.net.condition import Datagram, Delivery
from harness.net.world import World
from harness.sip.message import Request, Response, parse_message
from phones.phone import Account, Phone, PhoneSettings

ALICE, BOB, CAROL = ("10.0.1.1", 5060), ("10.0.1.2", 5060), ("10.0.1.3", 5060)
NUMBERS = {"alice": "1000", "bob": "2000", "carol": "3000"}
TO_CAROL = "sip:3000@10.0.1.3"


class Pair:
    """Alice with number 1000 and bob with number 2000; carol (3000) is called by her URI."""

    def __init__(self, seed: int = 1, **settings: Any) -> None:
        """`settings` are for both; `alice` and `bob` may have their own as mappings."""
        self.world = World.simulated(seed)
        own = {name: settings.pop(name, {}) for name in NUMBERS}
        self.alice = self._phone("alice", ALICE, BOB, {**settings, **own["alice"]})
        self.bob = self._phone("bob", BOB, ALICE, {**settings, **own["bob"]})
        self.carol = self._phone("carol", CAROL, ALICE, {**settings, **own["carol"]})

    def _phone(self, name: str, place: tuple[str, int], other: tuple[str, int], more: Mapping[str, Any]) -> Phone:
        accounts = [Account(NUMBERS[name], NUMBERS[name], "secret-of-both")]
        host, port = place
        self.world.trace.names[place] = name
        return Phone(name, self.world, PhoneSettings(accounts=accounts, server=other, host=host, port=port, **more))

    def tell(self, story: Callable[[], Coroutine[Any, Any, None]], clean: bool = True) -> None:
        """Switch all on, run a story in virtual time, switch all off: nothing is left of any call (`clean`)."""
        phones = (self.alice, self.bob, self.carol)

        async def told() -> None:
            for phone in phones:
                phone.start()
            await self.world.sleep(0.1)
            await story()
            for phone in phones:
                await phone.stop()
                left = [item for item in phone.open_items() if "regist" not in item.lower()]
                assert not left or not clean, left
                await self.world.sleep(1)

        self.world.run(told())

    async def until(self, predicate: Callable[[], object], within: float = 10.0) -> None:
        """Wait for something that has to come true."""
        if not await self.world.wait(lambda: bool(predicate()), within):
            raise AssertionError(f"it did not come true: {[*map(self.calls, (self.alice, self.bob, self.carol))]}")

    async def talk(self) -> None:
        """Alice calls bob, who answers."""
        self.alice.call("2000")
        await self.be("ringing", "ringing")
        self.bob.answer()
        await self.be("connected", "connected")

    def states(self) -> tuple[str, str]:
        """The state of the last call of each, '' for none."""
        last = [[*phone.screen.calls.values()][-1:] for phone in (self.alice, self.bob)]
        return tuple(calls[0].state if calls else "" for calls in last)  # type: ignore[return-value]

    async def be(self, alice: str, bob: str, within: float = 10.0) -> None:
        """Wait until the last calls are in these states."""
        await self.until(lambda: self.states() == (alice, bob), within)

    def calls(self, phone: Phone) -> list[str]:
        """The states of all calls of a phone."""
        return [call.state for call in phone.screen.calls.values()]

    def notes(self) -> list[str]:
        """What the phones noted."""
        payloads = (event.payload for event in self.world.trace.events if event.hop == "note")
        return [str(payload["what"]) for payload in payloads if isinstance(payload, Mapping)]

    def why(self) -> tuple[str, str]:
        """Why the last call of each is over."""
        return tuple([*phone.screen.calls.values()][-1].why for phone in (self.alice, self.bob))  # type: ignore[return-value]

    def messages(self, method: str = "") -> list[Request | Response]:
        """What was sent, of calls only; with a method its requests alone."""
        found = []
        for event in self.world.trace.events:
            if event.hop == "sip" and isinstance(event.payload, bytes):
                message = parse_message(event.payload)
                of = message.cseq.method
                if of != "REGISTER" and (not method or (isinstance(message, Request) and message.method == method)):
                    found.append(message)
        return found

    def lose(self, start: bytes, times: int = 1) -> None:
        """Lose the first datagrams that begin like this."""
        left = [times]

        def condition(datagram: Datagram) -> list[Delivery] | None:
            if left[0] and datagram.data.startswith(start):
                left[0] -= 1
                return []
            return None

        self.world.network.condition = condition
