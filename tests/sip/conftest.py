"""Two stacks tied together, with nothing but a list of datagrams between them."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from itertools import count

import pytest

from harness.sip.flow import Address, Flow
from harness.sip.identifiers import Identifiers
from harness.sip.message import Request, Response, parse_message
from harness.sip.stack import Stack
from harness.sip.timers import Timers


class Wire:
    """Carries what stacks send to the one that lives at the address, in virtual time.

    `fate(data)` gives the delays (seconds) at which a message arrives: none for a lost one, two for a repeated one.
    `log` keeps (time, source, data) of what was sent.
    """

    def __init__(self) -> None:
        self.timers = Timers(0.0)
        self.log: list[tuple[float, Address, bytes]] = []
        self.fate: Callable[[bytes], list[float]] = lambda data: [0.0]
        self.told: list[tuple[str, dict[str, object]]] = []
        self._stacks: dict[Address, Stack] = {}
        self._number = count()
        self._under_way: list[tuple[float, int, Flow, bytes]] = []

    def stack(self, address: Address, *, force_rport: bool = False) -> Stack:
        """A stack that lives at this address."""

        def send(flow: Flow, data: bytes) -> None:
            self.log.append((self.timers.now, address, data))
            arrives = Flow(flow.transport, flow.remote, flow.local, flow.connection)
            for delay in self.fate(data):
                heapq.heappush(self._under_way, (self.timers.now + delay, next(self._number), arrives, data))

        def observe(what: str, **values: object) -> None:
            self.told.append((what, values))

        seed = len(self._stacks)
        stack = Stack(self.timers, Identifiers(random.Random(seed)), send, observe, force_rport=force_rport)
        self._stacks[address] = stack
        return stack

    def settle(self) -> None:
        """Deliver what is due now, and what that brings about at once."""
        while self._under_way and self._under_way[0][0] <= self.timers.now + 1e-9:
            _, _, flow, data = heapq.heappop(self._under_way)
            stack = self._stacks.get(flow.local)
            if stack is not None:
                stack.receive(flow, data)

    def elapse(self, seconds: float) -> None:
        """Let time pass, leaping from one due moment to the next."""
        end = self.timers.now + seconds
        self.settle()
        while (moment := self._next()) is not None and moment <= end + 1e-9:
            self.timers.advance(moment)
            self.settle()
        self.timers.advance(end)

    def _next(self) -> float | None:
        moments = [self.timers.next_due(), self._under_way[0][0] if self._under_way else None]
        return min((moment for moment in moments if moment is not None), default=None)

    def messages(self, start: int = 0) -> list[Request | Response]:
        """What was sent, taken apart."""
        return [parse_message(data) for _, _, data in self.log[start:]]

    def lines(self, start: int = 0) -> list[str]:
        """`time method` and `time status` of what was sent."""
        found = []
        for moment, _, data in self.log[start:]:
            words = data.split(b" ", 2)
            word = words[1] if words[0] == b"SIP/2.0" else words[0]
            found.append(f"{round(moment, 6):g} {word.decode()}")
        return found


@pytest.fixture
def wire() -> Wire:
    """A wire with nobody on it."""
    return Wire()


@pytest.fixture(scope="session")
def new_wire() -> type[Wire]:
    """For properties, which need a fresh wire for each example."""
    return Wire
