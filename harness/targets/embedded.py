"""The embedded target: server, shim and phones in one world, virtual or real."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from harness.config.folder import Configuration
from harness.dpma import ShimOptions
from harness.errors import InputError, Note
from harness.pbx.astdb import VolatileDB
from harness.pbx.calls.spool import Spool
from harness.pbx.server import Listen
from harness.scenario.target import ContactOnMap, HintOnMap, RoadMap
from harness.targets.assembly import Assembly
from phones.phone import Account, Phone, PhoneSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.config.digium_phone import Phone as PhoneSection
    from harness.net.world import World

SERVER_HOST = ipaddress.IPv4Address("10.0.0.1")
FIRST_PHONE_HOST = ipaddress.IPv4Address("10.0.1.1")
SIP_PORT = 5060
LOOPBACK = "127.0.0.1"
SETTLE_S = 40.0
"""Seconds that the phones have to register and subscribe; longer than a request may take without an answer (32 s)."""
LAST_ANSWERS_S = 1.0
"""Seconds that the last answers of phones may take to reach the server, before the story begins and after it."""
GIVEN_UP_S = 33.0
"""Seconds until the server gives up what a phone did not answer whose plug was pulled (64 * T1): virtual ones only."""
CAPABILITIES = frozenset(("presence", "devices", "restart", "dpma", "calls", "virtual-time"))


class EmbeddedTarget:
    """A server of ours on the configuration of a scenario, with the phones of its type=phone sections."""

    name = "embedded"
    capabilities = CAPABILITIES

    def __init__(
        self,
        configuration: Configuration,
        world: World,
        phones: Mapping[str, Mapping[str, Any]] | None = None,
        only: Sequence[str] | None = None,
        options: ShimOptions | None = None,
        sip_as_pjsip: bool = False,
        listen: Listen | None = None,
    ) -> None:
        """`phones` changes options of some, `only` selects; both by the names of sections.

        `listen` says where the server takes SIP: in real time any free port of loopback is the default.
        """
        self.configuration, self.world, self._options = configuration, world, options
        self._sip_as_pjsip = sip_as_pjsip
        if configuration.digium_phone is None:
            raise InputError(
                "there is no res_digium_phone.conf", None, f"a scenario needs phones: add it to {configuration.path}"
            )
        self.on_server: Callable[[], None] = lambda: None
        """Called when a server has come up: the first one, and after each restart."""
        self._store, self._spool = VolatileDB(), Spool()
        self._place = listen or (Listen(str(SERVER_HOST), SIP_PORT) if world.virtual else Listen(LOOPBACK, 0))
        self.assembly = self._assembled()
        self.phones: dict[str, Phone] = {}
        self._changes = phones or {}
        self._chosen = [
            section
            for section in configuration.digium_phone.phones.values()
            if only is None or section.name in only
        ]

    def _assembled(self) -> Assembly:
        return Assembly(
            self.configuration, self.world, self._store, spool=self._spool, options=self._options,
            sip_as_pjsip=self._sip_as_pjsip,
        )  # fmt: skip

    @property
    def notes(self) -> list[Note]:
        """What is to be said of the configuration, once: what the readers found, and what the server does."""
        over_tls = [
            Note("transport", f"phone {section.name} speaks TCP here in the place of TLS", section.where)
            for section in self._chosen
            if self._transport(section) == "tls"
        ]
        return [*self.configuration.notes, *self.assembly.dialplan_notes(), *self.assembly.notes, *over_tls]

    # start and stop

    async def start(self) -> None:
        """Server up, then all phones, until each has what it can get."""
        self._start_server()
        for number, section in enumerate(self._chosen):
            phone = Phone(section.name, self.world, self._settings(section, number))
            self.phones[section.name] = phone
            phone.start()
        await self.world.wait(lambda: all(phone.settled for phone in self.phones.values()), SETTLE_S)
        # the server asks contacts whether they are there (qualify) and tells of that: not to fall into the first step
        await self.world.wait(self._quiet, LAST_ANSWERS_S)

    def _quiet(self) -> bool:
        return not self.assembly.server.stack.open_transactions()

    def _start_server(self) -> None:
        server = self.assembly.server
        trace = self.world.trace
        with trace.caused_by(trace.cause):  # what the core tells at its start causes nothing later
            server.start(self._place)
        self.on_server()
        self._place = Listen(*server.address)
        trace.names[server.address] = server.name

    def _settings(self, section: PhoneSection, number: int) -> PhoneSettings:
        host = str(FIRST_PHONE_HOST + number) if self.world.virtual else LOOPBACK
        return PhoneSettings(
            accounts=[self._account(ref.name) for ref in section.lines],
            server=self.assembly.server.address,
            host=host,
            mac=section.mac,
            contacts_max_subscriptions=section.contacts_max_subscriptions,
            transport="UDP" if self._transport(section) in ("", "udp") else "TCP",
            **self._changes.get(section.name, {}),
        )

    def _transport(self, section: PhoneSection) -> str:
        """What the phone speaks: as its first line says, else its first network."""
        digium = self.configuration.digium_phone
        assert digium is not None
        lines = [digium.lines[ref.name].transport for ref in section.lines if ref.name in digium.lines]
        networks = [digium.networks[ref.name].transport for ref in section.networks if ref.name in digium.networks]
        return next((each.lower() for each in (*lines[:1], *networks) if each), "")

    def _account(self, line: str) -> Account:
        """The credentials of a line: those of its own section, else those that the server wants."""
        digium = self.configuration.digium_phone
        pjsip = self.configuration.pjsip
        assert digium is not None
        section = digium.lines.get(line)
        endpoint = pjsip.endpoints.get(line) if pjsip else None
        names = [name for name in endpoint.auth if name in pjsip.auths] if pjsip and endpoint else []
        wanted = pjsip.auths[names[0]] if pjsip and names else None
        secret = section.secret if section and section.secret else wanted.password if wanted else ""
        user = section.authname if section and section.authname else wanted.username if wanted else line
        return Account(line, user, secret)

    async def stop(self) -> None:
        """Phones give back what they have, then the server goes."""
        self.assembly.server.subscriptions.drop_silent()
        for phone in self.phones.values():
            await phone.stop()
        server = self.assembly.server
        lost = any(phone.was_unplugged for phone in self.phones.values()) and self.world.virtual
        await self.world.wait(self._quiet, GIVEN_UP_S if lost else LAST_ANSWERS_S)
        await server.stop()

    async def restart_server(self) -> None:
        """The server goes and comes back on what it stored."""
        await self.assembly.server.stop()
        self.assembly = self._assembled()
        self._start_server()

    # acting

    async def set_presence(self, provider: str, value: str) -> bool:
        """As the dialplan function PRESENCE_STATE writes it."""
        return self.assembly.server.core.presence.write(provider, value)

    async def set_device(self, device: str, state: str) -> bool:
        """As the dialplan function DEVICE_STATE writes it."""
        return self.assembly.server.core.devices.write(device, state)

    # what the configuration says

    @property
    def checksum(self) -> str:
        """Of the configuration files that were read."""
        return self.configuration.checksum

    def explain(self) -> RoadMap:
        """Hints, contacts and lines with their places in the files, for sentences about a road."""
        server = self.assembly.server
        hints = tuple(
            HintOnMap(h.exten, h.context, h.text, str(h.where or "made by the DPMA"), h.provider or "")
            for h in server.core.hints.listing()
        )
        contacts = tuple(
            ContactOnMap(section.name, contact.id, contact.subscribe_to, str(contact.where))
            for section in self._chosen
            for book in self.configuration.phonebooks.get(section.name, ())
            for contact in book.contacts
        )
        lines = {section.name: tuple(ref.name for ref in section.lines) for section in self._chosen}
        contexts = {
            name: endpoint.subscribe_context or endpoint.context
            for name, own in lines.items()
            if own and (endpoint := server.pjsip.endpoints.get(own[0])) is not None
        }
        return RoadMap(hints, contacts, lines, contexts)

    # what is left

    def open_items(self) -> list[str]:
        """Calls, bridges, subscriptions and unfinished transactions, in words.

        What a phone left behind whose plug was pulled, and that is still out, is no fault of anybody's.
        """
        server, exchange = self.assembly.server, self.assembly.server.exchange
        out = {name for name, phone in self.phones.items() if phone.unplugged}
        gone = {ref.name for section in self._chosen if section.name in out for ref in section.lines}
        left = [f"channel {name}" for name in exchange.live]
        left += [f"bridge of {', '.join(m.name for m in b.members) or 'nobody'}" for b in exchange.bridges.values()]
        left += [
            f"subscription {s.endpoint} -> {s.exten}@{s.context}"
            for s in server.subscriptions.active()
            if s.endpoint not in gone
        ]
        left += [
            f"{t.side} transaction {t.method} with {with_whom}"
            for t in server.stack.open_transactions()
            if (with_whom := self.world.trace.name_of(t.peer.remote)) not in out
        ]
        for phone in self.phones.values():
            left += [f"{phone.name}: {item}" for item in phone.open_items()]
        return left
