"""How a phone speaks SIP: its addresses and URIs, the headers that it sends, one client for each conversation."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from harness.net.carrier import SipCarrier
from harness.sip.client import Client
from harness.sip.digest import Account as Digest
from harness.sip.grammar import GrammarError, escape_user
from harness.sip.uri import SipUri

if TYPE_CHECKING:
    from harness.net.world import World
    from harness.sip.flow import Address, Flow
    from phones.settings import Account, PhoneSettings

ALLOW = "PRACK, INVITE, ACK, BYE, CANCEL, UPDATE, SUBSCRIBE, NOTIFY, REFER, MESSAGE, OPTIONS"
SUPPORTED = "replaces, 100rel, timer, norefersub"
CAPABILITIES = (("Allow", ALLOW), ("Supported", SUPPORTED))
"""As a Digium phone answers a NOTIFY (the trace in Asterisk's documentation of presence state)."""

SIP_PORT = 5060

FIRST_WAIT_S = 2.0
LONGEST_WAIT_S = 64.0
"""Seconds until a further try after a server that was silent or in trouble: the first, doubled up to the longest."""
REFUSED_WAIT_S = 300.0
"""Seconds until a further try after a refusal: somebody has to change something first."""


class BackOff:
    """How long to wait for the next try."""

    __slots__ = ("_failures",)

    def __init__(self) -> None:
        self._failures = 0

    def next(self, retry_after: int | None = None) -> float:
        """Seconds, doubled with each call; at least what the server asked for."""
        delay = min(FIRST_WAIT_S * 2.0**self._failures, LONGEST_WAIT_S)
        self._failures += 1
        return max(delay, retry_after or 0)

    def forget(self) -> None:
        """It worked: begin anew."""
        self._failures = 0


class Signalling:
    """The SIP element of a phone that is switched on. Raises InputError where its address cannot be had."""

    def __init__(self, name: str, world: World, settings: PhoneSettings, port: int) -> None:
        self._server = settings.server
        self._agent = settings.agent
        self._random = world.random_for(f"{name}/cnonce")
        self.carrier = SipCarrier(world, name)
        self.stack = self.carrier.stack
        transport = settings.flow_transport
        listen = self.carrier.listen_udp if transport == "UDP" else self.carrier.listen_tcp
        self.address = listen(settings.host, port)
        self.flow = self.carrier.flow_to(transport, settings.server)
        for account in settings.accounts:
            world.trace.secrets.add(account.password)

    @property
    def registrar(self) -> str:
        """The URI of the server itself."""
        return f"sip:{_place(self._server)}"

    def uri(self, user: str) -> str:
        """The URI of a user at the server."""
        return f"sip:{escape_user(user)}@{_place(self._server)}"

    def contact(self, user: str) -> str:
        """The URI under which the phone itself can be reached, as Digium phones write it."""
        host, port = self.address
        transport = "" if self.flow.transport == "UDP" else f";transport={self.flow.transport}"
        return f"sip:{escape_user(user)}@{_host(host)}:{port}{transport};ob"

    def flow_to(self, uri: str) -> Flow:
        """The way that a call to a URI takes: to the server, but to another address where the URI names one."""
        try:
            address = SipUri.parse(uri).address
            ipaddress.ip_address(address[0])
        except (GrammarError, ValueError):
            return self.flow
        return self.flow if address == self._server else self.carrier.flow_to(self.flow.transport, address)

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """What stands in every request."""
        return (("User-Agent", self._agent), *CAPABILITIES)

    def client(self, account: Account) -> Client:
        """A client with a digest session of its own, as PJSIP keeps one for each dialog.

        Many conversations with one nonce between them could not tell an old nonce from a wrong password.
        """
        return Client(self.stack, Digest(account.user, account.password, self._cnonce))

    def _cnonce(self) -> str:
        return f"{self._random.getrandbits(64):016x}"


def _host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _place(address: Address) -> str:
    host, port = address
    return _host(host) if port == SIP_PORT else f"{_host(host)}:{port}"
