"""A small dialplan and a desk with everything that happens on it, for the tests of the core."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from harness.core import (
    ASTERISK_22,
    DeviceState,
    HintEntry,
    MemoryStore,
    Notification,
    Presence,
    PresenceCore,
    PresenceState,
    Profile,
    Watch,
    split_name,
)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "rule(*numbers): the rules of the behaviour text that the test holds")


class Plan:
    """Contexts with hints, includes and patterns of X; variables are EXTEN, CONTEXT and the globals."""

    def __init__(self, text: str, variables: dict[str, str] | None = None) -> None:
        self.contexts: dict[str, dict[str, HintEntry]] = {}
        self.includes: dict[str, list[str]] = {}
        self.order: list[tuple[str, str]] = []
        self.variables = variables or {}
        context = ""
        for line in text.split("\n"):
            line = line.lstrip()
            if line.startswith("["):
                context = line.strip("[] ")
                self.contexts[context], self.includes[context] = {}, []
            elif line.startswith("include => "):
                self.includes[context].append(line[len("include => ") :])
            elif line:
                exten, _, application = line.partition(",hint,")
                self.put(context, exten, *split_name(application))

    def put(self, context: str, exten: str, text: str, name: str = "") -> HintEntry:
        entry = HintEntry(context, exten, text, name)
        if exten not in self.contexts.setdefault(context, {}):
            self.order.append((context, exten))
        self.contexts[context][exten] = entry
        return entry

    def drop(self, context: str, exten: str) -> None:
        del self.contexts[context][exten]
        self.order.remove((context, exten))

    def hint_for(self, context: str, exten: str) -> HintEntry | None:
        here = self.contexts.get(context, {})
        if exten in here:
            return here[exten]
        for entry in here.values():
            pattern = "".join("[0-9]" if letter == "X" else re.escape(letter) for letter in entry.exten[1:])
            if entry.exten.startswith("_") and re.fullmatch(pattern, exten):
                return entry
        found = (self.hint_for(other, exten) for other in self.includes.get(context, ()))
        return next((entry for entry in found if entry), None)

    def hint_entries(self) -> Iterable[HintEntry]:
        return [self.contexts[context][exten] for context, exten in self.order]

    def substitute(self, text: str, context: str, exten: str) -> str:
        known = {**self.variables, "EXTEN": exten, "CONTEXT": context}
        return re.sub(r"\$\{(\w+)\}", lambda match: known.get(match[1], ""), text)

    def add_hint(self, context: str, exten: str, text: str, name: str) -> None:
        self.put(context, exten, text, name)


class Desk:
    """A core on a plan; what it tells is kept in `presence`, `devices`, `general` and `decisions`."""

    def __init__(
        self,
        plan: str = "",
        rows: dict[str, str] | None = None,
        profile: Profile = ASTERISK_22,
        autohints: Iterable[str] = (),
        variables: dict[str, str] | None = None,
        endpoints: dict[str, DeviceState] | None = None,
    ) -> None:
        self.store = MemoryStore()
        for key, value in (rows or {}).items():
            self.store.load(key, value)
        self.decisions: list[tuple[str, dict[str, Any]]] = []
        self.presence: list[tuple[str, str, str, str]] = []
        self.devices: list[tuple[str, str]] = []
        self.general: list[tuple[Any, ...]] = []
        self.told: dict[str, list[Notification]] = {}
        self.order: list[str] = []
        self.profile, self.autohints, self.variables = profile, autohints, variables
        self.endpoints = dict(endpoints or {})
        self._boot(plan)

    def _boot(self, plan: str) -> None:
        self.plan = Plan(plan, self.variables)
        self.core = PresenceCore(self.store, self.plan, self._observe, self.profile)
        self.core.devices.register_technology("PJSIP", self._endpoint, self.endpoints)
        self.core.presence.subscribe(self._presence)
        self.core.devices.subscribe(lambda device, state: self.devices.append((device, state.token)))
        self.core.hints.subscribe_general(self._general)
        self.core.start(self.autohints)

    def restart(self, plan: str) -> None:
        """Everything anew but the store; what is told before the end of the start is forgotten."""
        self._boot(plan)
        self.clear()

    def reload(self, plan: str, autohints: Iterable[str] = ()) -> None:
        self.plan = Plan(plan, self.variables)
        self.core.hints.reload(self.plan, autohints)

    def clear(self) -> None:
        for kept in (self.presence, self.devices, self.general, self.decisions, self.order):
            kept.clear()
        for notes in self.told.values():
            notes.clear()

    def set(self, name: str, value: str) -> bool:
        return self.core.presence.write(f"CustomPresence:{name}", value)

    def device(self, name: str, state: str) -> bool:
        return self.core.devices.write(f"Custom:{name}", state)

    def watch(self, exten: str, context: str = "default", extended: bool = True, name: str = "") -> Watch | None:
        notes = self.told.setdefault(name or exten, [])

        def callback(note: Notification) -> None:
            notes.append(note)
            self.order.append(name or exten)

        return self.core.hints.watch(context, exten, callback, extended)

    def seen(self, exten: str) -> list[tuple[str, int, tuple[str, str, str]]]:
        """What a watcher was told: reason, state and presence."""
        return [(note.reason, int(note.state), spelled(note.presence)) for note in self.told[exten]]

    def whats(self) -> list[str]:
        return [what for what, _ in self.decisions]

    def _endpoint(self, name: str) -> DeviceState:
        return self.endpoints.get(name, DeviceState.INVALID)

    def _observe(self, what: str, /, **values: object) -> None:
        self.decisions.append((what, values))

    def _presence(self, provider: str, presence: Presence) -> None:
        self.presence.append((provider, *spelled(presence)))

    def _general(self, note: Notification, text: str) -> None:
        where = f"{note.hint.exten}@{note.hint.context}"
        told = int(note.state) if note.reason == "device" else spelled(note.presence)
        self.general.append((note.reason, where, text, told))
        self.order.append("general")


def spelled(presence: Presence) -> tuple[str, str, str]:
    assert isinstance(presence.state, PresenceState)
    return (presence.state.token, presence.subtype, presence.message)


@pytest.fixture(scope="session")
def make_desk() -> Callable[..., Desk]:
    """Makes a desk: a plan, stored rows, a profile, globals, endpoints."""
    return Desk


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    """A desk with one hint of each common form, after its start."""
    desk = make_desk(
        """[default]
        presence,hint,,CustomPresence:Eggs
        300,hint,Custom:300,CustomPresence:300
        301,hint,Custom:301
        302,hint,Custom:302a&Custom:302b
        303,hint,,CustomPresence:303a&CustomPresence:303b
        """
    )
    desk.clear()
    return desk
