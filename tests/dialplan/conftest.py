"""A desk for dialplan tests: a plan from text, a core in memory, a clock that leaps, and what calls did."""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.config.extensions import from_sections
from harness.config.syntax import parse_config
from harness.core import MemoryStore, PresenceCore
from harness.dialplan.applications import standard_applications
from harness.dialplan.call import Fields, Surroundings
from harness.dialplan.channel import Channel, Party
from harness.dialplan.executor import Execution
from harness.dialplan.function import Facts
from harness.dialplan.functions import Functions
from harness.dialplan.plan import Dialplan
from harness.dialplan.telephony import NoTelephony, Telephony


class Clock:
    """Runs delayed calls in the order in which they are due."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, int, list[Callable[[], None]]]] = []
        self._count = 0

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Delayed:
        self._count += 1
        entry = [callback]
        heapq.heappush(self._due, (self.now + seconds, self._count, entry))
        return Delayed(entry)

    def run(self, until: float = float("inf")) -> None:
        while self._due and self._due[0][0] <= until:
            self.now, _, entry = heapq.heappop(self._due)
            for callback in entry:
                callback()

    @property
    def waiting(self) -> int:
        """Delayed calls that are still to come."""
        return sum(bool(entry) for _, _, entry in self._due)


class Delayed:
    """A delayed call."""

    def __init__(self, entry: list[Callable[[], None]]) -> None:
        self._entry = entry

    def cancel(self) -> None:
        self._entry.clear()


class Desk:
    """A dialplan that is running."""

    def __init__(self, folder: Path, text: str, telephony: Telephony | None = None) -> None:
        folder.joinpath("extensions.conf").write_text(text, "utf-8", "surrogateescape")
        self.folder, self.clock = folder, Clock()
        self.plan, self.store = Dialplan(), MemoryStore()
        self.core = PresenceCore(self.store, self.plan)
        self.told: list[str] = []
        self.plan.functions = Functions(Facts(self.core, self.plan, lambda: 86400.0), observe=self._observe)
        self.plan.load(self.raw())
        self.core.start()
        self.events: list[tuple[str, dict[str, str]]] = []
        self.surroundings = Surroundings(
            self.plan,
            standard_applications(),
            self.clock.call_later,
            self._emit,
            telephony or NoTelephony(),
            self._observe,
        )
        self.ended: list[Execution] = []

    def raw(self):
        return from_sections(parse_config(self.folder / "extensions.conf", self.folder))

    def _emit(self, event: str, fields: Fields) -> None:
        self.events.append((event, dict(fields)))

    def _observe(self, what: str, **values: object) -> None:
        self.told.append(f"{what}: {values.get('text')}")

    def begin(self, exten: str = "s", context: str = "c", caller: str = "") -> Execution:
        channel = Channel(f"Local/{exten}@{context}-1;2", "1.2", context=context, exten=exten, caller=Party(caller, ""))
        execution = Execution(channel, self.surroundings, self.ended.append)
        execution.start()
        return execution

    def call(self, exten: str = "s", context: str = "c", caller: str = "") -> Execution:
        """A call from beginning to end."""
        execution = self.begin(exten, context, caller)
        self.clock.run()
        return execution

    def said(self, exten: str = "s", context: str = "c", caller: str = "") -> list[str]:
        """What UserEvent(E,v: ...) said in one call."""
        del self.events[:]
        self.call(exten, context, caller)
        return [fields["v"] for event, fields in self.events if event == "UserEvent" and "v" in fields]

    def value(self, text: str, exten: str = "s") -> str:
        """What a text becomes on a channel in an empty context."""
        call = Execution(Channel("Local/1@x-1;2", "1.2", context="x", exten=exten), self.surroundings)
        from harness.dialplan.substitute import substitute

        return substitute(text, call)


@pytest.fixture
def desk(tmp_path: Path) -> Callable[..., Desk]:
    """Makes a desk from the text of an extensions.conf; without a header it is the context `c`."""

    def make(text: str = "", telephony: Telephony | None = None) -> Desk:
        if not re.search(r"^\[", text, re.MULTILINE):
            text = f"[c]\n{text}"
        return Desk(tmp_path, text, telephony)

    return make
