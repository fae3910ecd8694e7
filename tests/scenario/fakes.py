"""A small target for tests of the scenario language: the whole road in one file, and each hop can be taken out.

    bob presses --MESSAGE--> server: dpma, core, hint --NOTIFY--> reception's screen
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

from harness.errors import HarnessError, TargetError
from harness.net.world import World
from harness.scenario.known import KnownPhones
from harness.scenario.model import Scenario
from phones.screen import Screen

ONE_WAY_S = 0.001
EXTENSIONS = {"bob": "2000", "reception": "2001"}
PHONES = frozenset(EXTENSIONS)
SERVER = ("10.0.0.1", 5060)
HOSTS = {"bob": ("10.0.1.1", 5060), "reception": ("10.0.1.2", 5060)}


def fake_phones(folder: Path) -> KnownPhones:
    """The phones of every configuration here, by name only."""
    del folder
    return dict.fromkeys(sorted(PHONES))


class View(NamedTuple):
    """How a subscription stands."""

    state: str
    status: int = 200
    reason: str = "OK"
    target: str = ""


@dataclass
class FakePhone:
    """A phone whose every act is written down and carried by the target."""

    name: str
    target: FakeTarget
    screen: Screen
    status_answer: tuple[int, str] | None = None
    views: dict[str, View] = field(default_factory=dict)

    def set_status(self, status: str, substatus: str = "") -> None:
        if not self.views:
            raise HarnessError(f"phone {self.name} is switched off")
        self.status_answer = None
        self.target.press(self, status, substatus)

    async def register(self) -> None:
        await self.target.world.sleep(2 * ONE_WAY_S)
        self.target.subscribe(self)

    async def unregister(self) -> None:
        await self.target.world.sleep(2 * ONE_WAY_S)
        self.views.clear()

    async def restart(self) -> None:
        await self.unregister()
        await self.register()

    def subscription_of(self, contact: str) -> View | None:
        return self.views.get(contact)


@dataclass
class FakeTarget:
    """`without` names what is taken out: message, write, hint, notify, tuple, subscription, start, stop, leave."""

    world: World
    without: frozenset[str] = frozenset()
    name: str = "fake"
    capabilities: frozenset[str] = frozenset({"presence"})
    phones: dict[str, FakePhone] = field(default_factory=dict)
    presence: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    cseq: dict[str, int] = field(default_factory=dict)
    serial: int = 0
    left: list[str] = field(default_factory=list)

    async def start(self) -> None:
        if "start" in self.without:
            raise TargetError("the fake server does not start")
        names = self.world.trace.names
        names[SERVER] = "server"
        for name, address in HOSTS.items():
            names[address] = name
            screen = Screen(name)
            for other, exten in EXTENSIONS.items():
                if other != name:
                    screen.add_contact(exten, other.title(), exten)
            self.phones[name] = FakePhone(name, self, screen)
            self.subscribe(self.phones[name])
        await self.world.sleep(0.01)

    async def stop(self) -> None:
        if "stop" in self.without:
            raise RuntimeError("the fake server does not stop")
        await self.world.sleep(0.01)
        if "leave" in self.without:
            self.left.append("subscription bob->2001")

    async def set_presence(self, provider: str, value: str) -> bool:
        if value.startswith("nonsense"):
            return False
        self.publish(provider, *[*value.split(","), "", ""][:3])
        return True

    async def set_device(self, device: str, state: str) -> bool:
        self.world.trace.add("core", "server", "server", "", {"what": "published", "device": device, "state": state})
        return True

    async def restart_server(self) -> None:
        await self.world.sleep(0.1)
        for phone in self.phones.values():
            self.subscribe(phone)

    def open_items(self) -> list[str]:
        return self.left

    # the road

    def press(self, phone: FakePhone, status: str, substatus: str) -> None:
        trace = self.world.trace
        seq = trace.add("press", phone.name, phone.name, "", {"phone": phone.name, "line": EXTENSIONS[phone.name],
                                                               "status": status, "substatus": substatus})  # fmt: skip
        if "message" in self.without:
            return
        call = f"{phone.name}-{seq}"
        request = sip("MESSAGE sip:proxy@server SIP/2.0", call, call, "", "1 MESSAGE", b"{}")
        self.carry(HOSTS[phone.name], SERVER, request, lambda: self.shim(phone, request, status, substatus), seq)

    def shim(self, phone: FakePhone, request: bytes, status: str, substatus: str) -> None:
        exten = EXTENSIONS[phone.name]
        provider = f"CustomPresence:{exten}"
        known = status in ("available", "away", "dnd")
        code = 200 if known else 488
        answer = response(request, code)
        self.carry(SERVER, HOSTS[phone.name], answer, lambda: self.answered(phone, code, status, substatus))
        trace = self.world.trace
        verdict, why = ("accepted", "") if known else ("refused", f"{status!r} is no status")
        said = {"verdict": verdict, "phone": phone.name, "line": exten, "provider": provider,
                "value": f"{status},{substatus},", "reason": why}  # fmt: skip
        trace.add("dpma", "dpma", "server", "", said)
        if known and "write" not in self.without:
            self.publish(provider, status, substatus, "")

    def answered(self, phone: FakePhone, code: int, status: str, substatus: str) -> None:
        phone.status_answer = (code, "OK" if code == 200 else "Not Acceptable Here")
        if code == 200:
            phone.screen.set_status(status, substatus)

    def publish(self, provider: str, state: str, subtype: str, message: str) -> None:
        trace = self.world.trace
        seq = trace.add("core", "server", "server", "", {"what": "published", "provider": provider, "state": state})
        exten = provider.partition(":")[2]
        hint = {"exten": exten, "context": "default", "hint": f"PJSIP/{exten},{provider}",
                "where": "extensions.conf:12"}  # fmt: skip
        if "hint" in self.without or exten not in EXTENSIONS.values():
            trace.add("hint", "server", "server", "", {"what": "no hint", "provider": provider}, seq)
            return
        if self.presence.get(exten) == (state, subtype, message):
            trace.add("hint", "server", "server", "", {"what": "same presence", **hint}, seq)
            return
        self.presence[exten] = (state, subtype, message)
        told = trace.add("hint", "server", "server", "", {"what": "told", "reason": "presence", **hint}, seq)
        for phone in self.phones.values():
            if exten in phone.views and phone.views[exten].state == "active":
                self.notify(phone, exten, told)

    def subscribe(self, phone: FakePhone) -> None:
        for contact in phone.screen.contacts:
            if "subscription" in self.without:
                phone.views[contact] = View("refused", 404, "Not Found", f"sip:{contact}@server")
                continue
            phone.views[contact] = View("active", target=f"sip:{contact}@server")
            if "hint" in self.without:
                place = {"exten": contact, "context": "default", "where": "extensions.conf:12"}
                bare = {"what": "no presence part", **place}
                self.world.trace.add("hint", "server", "server", "", bare)
            self.serial += 1
            call = f"{phone.name}-{contact}-{self.serial}"
            self.cseq[f"{phone.name}-{contact}"] = 1
            request = sip(f"SUBSCRIBE sip:{contact}@server SIP/2.0", f"s{call}", call, "", "1 SUBSCRIBE", b"")
            self.calls = getattr(self, "calls", {}) | {(phone.name, contact): call}
            self.carry(HOSTS[phone.name], SERVER, request, partial(self.subscribed, phone, contact, request))

    def subscribed(self, phone: FakePhone, contact: str, request: bytes) -> None:
        self.carry(SERVER, HOSTS[phone.name], response(request, 200), lambda: None)
        self.notify(phone, contact, 0)

    def notify(self, phone: FakePhone, contact: str, cause: int) -> None:
        if "notify" in self.without:
            return
        self.serial += 1
        key = f"{phone.name}-{contact}"
        self.cseq[key] += 1
        state, subtype, message = self.presence.get(contact, ("available", "", ""))
        body = pidf(contact, state, subtype, message)
        call = self.calls[phone.name, contact]
        start, cseq = f"NOTIFY sip:{phone.name}@phone SIP/2.0", f"{self.cseq[key]} NOTIFY"
        data = sip(start, f"n{self.serial}", call, call, cseq, body, f"From: <sip:{contact}@server>;tag=srv")
        self.carry(SERVER, HOSTS[phone.name], data,
                   lambda: self.seen(phone, contact, data, (state, subtype, message)), cause or None)  # fmt: skip

    def seen(self, phone: FakePhone, contact: str, data: bytes, said: tuple[str, str, str]) -> None:
        trace = self.world.trace
        arrived = trace.cause
        self.carry(HOSTS[phone.name], SERVER, response(data, 200), lambda: None)
        shown = phone.screen.contacts[contact]
        values = ("", "", "") if "tuple" in self.without else said
        changed = [name for name, value in zip(("presence", "subtype", "message"), values, strict=True)
                   if getattr(shown, name) != value]  # fmt: skip
        shown.presence, shown.subtype, shown.message, shown.lamp = *values, "idle"
        payload = {"phone": phone.name, "contact": contact, "presence": shown.presence, "subtype": shown.subtype,
                   "message": shown.message, "lamp": shown.lamp, "changed": changed, "notes": []}  # fmt: skip
        trace.add("screen", phone.name, phone.name, "", payload, arrived)

    def carry(self, source: tuple[str, int], destination: tuple[str, int], data: bytes, then: Callable[[], object],
              cause: int | None = None) -> None:  # fmt: skip
        trace = self.world.trace
        sent = trace.add("sip", source, destination, "UDP", data, cause)

        def arrive() -> None:
            with trace.caused_by(trace.add("arrived", source, destination, "UDP", data, sent)):
                then()

        self.world.call_later(ONE_WAY_S, arrive)


def sip(start: str, branch: str, call: str, to_tag: str, cseq: str, body: bytes, sender: str = "") -> bytes:
    """A message with what the invariants read."""
    sender = sender or f"From: <sip:phone@server>;tag={call}"
    tag = f";tag={to_tag}" if to_tag else ""
    head = (f"{start}\r\nVia: SIP/2.0/UDP host;branch=z9hG4bK{branch}\r\n{sender}\r\nTo: <sip:x@server>{tag}\r\n"
            f"Call-ID: {call}\r\nCSeq: {cseq}\r\nEvent: presence\r\nContent-Type: application/pidf+xml\r\n"
            f"Content-Length: {len(body)}\r\n\r\n")  # fmt: skip
    return head.encode() + body


def response(request: bytes, status: int) -> bytes:
    """The answer to a message."""
    head = request.partition(b"\r\n\r\n")[0].partition(b"\r\n")[2]
    kept = b"\r\n".join(re.findall(rb"(?m)^(?:Via|From|To|Call-ID|CSeq):[^\r\n]*", head))
    return b"SIP/2.0 %d Said\r\n%s\r\nContent-Length: 0\r\n\r\n" % (status, kept)


def pidf(contact: str, state: str, subtype: str, message: str) -> bytes:
    """A body with the Digium tuple."""
    return (
        '<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"'
        f' entity="sip:{contact}@server"><note>Ready</note><tuple id="{contact}"><status><basic>open</basic></status>'
        f'</tuple><tuple id="digium-presence"><status><digium_presence type="{state}" subtype="{subtype}">{message}'
        "</digium_presence></status></tuple></presence>"
    ).encode()


def make_target(scenario: Scenario, world: World) -> FakeTarget:
    """The target of a scenario; its tags `without-...` take hops out."""
    without = frozenset(tag.removeprefix("without-") for tag in scenario.tags if tag.startswith("without-"))
    return FakeTarget(world, without)
