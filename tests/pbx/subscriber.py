"""A server on a simulated network and watchers that write their own SUBSCRIBEs, for tests of subscriptions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from twisted.internet.protocol import DatagramProtocol

from harness.bodies import rlmi
from harness.config.folder import read_folder
from harness.net.world import World
from harness.pbx.astdb import VolatileDB
from harness.pbx.server import Listen
from harness.sip.message import Request, Response, parse_message
from harness.targets.assembly import Assembly

SERVER = ("10.0.0.1", 5060)
SETTLE_S = 0.2
EVENTLIST = "Supported: eventlist"
PJSIP = """
[udp]
type=transport
protocol=udp
bind=0.0.0.0
[w]
type=endpoint
context=office
[nat]
type=endpoint
context=office
rewrite_contact=yes
"""


class Watcher(DatagramProtocol):
    """One dialog over UDP; what came is in `heard`, oldest first, and NOTIFYs get the next of `answers`, then 200."""

    def __init__(self, desk: Desk, number: int) -> None:
        self._desk, self.number = desk, number
        self.host = f"10.0.1.{number}"
        self.heard: list[Request | Response] = []
        self.answers: list[str | None] = []
        self.cseq = 0
        self.to_tag = ""
        self._port = desk.world.network.listenUDP(5060, self, interface=self.host, maxPacketSize=65_535)

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        """Note it; answer what is a request."""
        message = parse_message(datagram)
        self.heard.append(message)
        if isinstance(message, Response):
            self.to_tag = message.to.tag or ""
            return
        status = self.answers.pop(0) if self.answers else "200 OK"
        if status is not None:
            rows = [f"{name}: {message.headers.get(name)}" for name in ("Via", "From", "To", "Call-ID", "CSeq")]
            self._write([f"SIP/2.0 {status}", *rows])

    def _write(self, rows: list[str]) -> None:
        self._port.write("\r\n".join([*rows, "Content-Length: 0", "", ""]).encode(), SERVER)

    async def ask(
        self,
        to: str,
        *headers: str,
        method: str = "SUBSCRIBE",
        sender: str = "w",
        event: str | None = "presence",
        expires: str | None = "600",
        contact: str | None = "",
        uri: str = "",
    ) -> list[Request | Response]:
        """Send a request, in the dialog once there is one; what came until it fell quiet."""
        self.cseq += 1
        own = f"{self.host}:5060"
        contact = f"<sip:{sender}@{own}>" if contact == "" else contact
        rows = [
            f"{method} {uri or f'sip:{to}@10.0.0.1'} SIP/2.0",
            f"Via: SIP/2.0/UDP {own};rport;branch=z9hG4bK{self.number}x{self.cseq}",
            f"From: <sip:{sender}@{own}>;tag=t{self.number}",
            f"To: <sip:{to}@10.0.0.1:5060>" + (f";tag={self.to_tag}" if self.to_tag else ""),
            f"Call-ID: call-{self.number}",
            f"CSeq: {self.cseq} {method}",
            "Max-Forwards: 70",
            *([] if contact is None else [f"Contact: {contact}"]),
            *([] if event is None else [f"Event: {event}"]),
            *([] if expires is None else [f"Expires: {expires}"]),
            *headers,
        ]
        return await self._desk.after(self, lambda: self._write(rows))

    async def hear(self, act: Callable[[], object], seconds: float = SETTLE_S) -> list[Request | Response]:
        """What comes after something was done."""
        return await self._desk.after(self, act, seconds)


class Desk:
    """A world with one server in it."""

    def __init__(self, world: World, etc: Path, store: VolatileDB | None = None) -> None:
        self.world = world
        self.store = store or VolatileDB()
        self.assembly = Assembly(read_folder(etc), world, self.store)
        self.server = self.assembly.server
        self.server.start(Listen(*SERVER))
        self._watchers = 0

    def watcher(self) -> Watcher:
        """Another one."""
        self._watchers += 1
        return Watcher(self, self._watchers)

    async def after(
        self, watcher: Watcher, act: Callable[[], object], seconds: float = SETTLE_S
    ) -> list[Request | Response]:
        """What a watcher hears after something was done."""
        before = len(watcher.heard)
        act()
        await self.world.sleep(seconds)
        return watcher.heard[before:]

    def device(self, name: str, state: str) -> Callable[[], object]:
        """To be done: a custom device changes."""
        return lambda: self.server.core.devices.write(f"Custom:{name}", state)

    def presence(self, name: str, value: str) -> Callable[[], object]:
        """To be done: a presence is written."""
        return lambda: self.server.core.presence.write(f"CustomPresence:{name}", value)

    def unhint(self, exten: str) -> Callable[[], object]:
        """To be done: an extension loses its hint (`dialplan remove extension`)."""

        def remove() -> None:
            self.server.plan.remove_extension("office", exten)
            self.server.core.hints.removed("office", exten)

        return remove

    def watched(self, exten: str) -> int:
        """How many watchers a hint has."""
        hint = self.server.core.hints.find("office", exten)
        return 0 if hint is None else len(hint.watchers)


def tell(etc: Path, story: Callable[[Desk], Awaitable[None]], lists: str = "", hints: str = "") -> None:
    """Tell a story at a desk with these lists and these extensions of its context `office`."""
    write(etc, lists, hints)

    async def told(world: World) -> None:
        desk = Desk(world, etc)
        await story(desk)
        desk.server.stop()

    World.simulated(7).run(told)


def write(etc: Path, lists: str = "", hints: str = "") -> None:
    """The configuration of a desk."""
    etc.mkdir(exist_ok=True)
    (etc / "pjsip.conf").write_text(PJSIP + lists)
    (etc / "extensions.conf").write_text("[office]\n" + hints)


def listed(name: str, *items: str, event: str = "presence", options: str = "") -> str:
    """The section of a list."""
    rows = "".join(f"list_item={item}\n" for item in items)
    return f"[{name}]\ntype=resource_list\nevent={event}\n{rows}{options}\n"


def hinted(*extens: str) -> str:
    """Hints, each with a device and a presence of its own."""
    return "".join(f"exten => {exten},hint,Custom:{exten},CustomPresence:{exten}\n" for exten in extens)


def body_of(message: Request | Response) -> rlmi.ResourceList:
    """The list that a NOTIFY carries."""
    return rlmi.read(message.headers.get("Content-Type") or "", message.body)


def shown(found: rlmi.ResourceList) -> tuple[int, bool, dict[str, str]]:
    """Version, whether the state is full, and the state of each resource."""
    states = {resource.name: resource.instances[0].state for resource in found.rlmi.resources}
    return found.rlmi.version, found.rlmi.full_state, states


def statuses(messages: list[Request | Response]) -> list[int | str]:
    """What came, shortly: the status of a response, the Subscription-State of a NOTIFY without its seconds."""
    return [
        message.status
        if isinstance(message, Response)
        else (message.headers.get("Subscription-State") or "").partition(";")[0]
        for message in messages
    ]
