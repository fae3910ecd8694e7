"""Calls over SIP: INVITEs that come, INVITEs that go out (res_pjsip_session.c, chan_pjsip.c)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from harness.dialplan.channel import SHOWN, Channel, ChannelState, Party
from harness.dialplan.party_functions import split_caller
from harness.pbx.calls import diversion
from harness.pbx.calls.media import FIRST_PORT, LAST_PORT, NO_CODEC, Media, allowed_codecs
from harness.pbx.calls.pjsip_channel import TECHNOLOGY, PjsipChannel
from harness.pbx.calls.transfers import Transfers
from harness.pbx.reach import flow_to, may_carry
from harness.pbx.screening import user_of
from harness.sip.client import Client
from harness.sip.digest import Account
from harness.sip.flow import Flow
from harness.sip.grammar import GrammarError, escape_user
from harness.sip.leg import Leg
from harness.sip.sdp import SdpError
from harness.sip.session_timer import SessionTimer
from harness.sip.uri import SipUri

if TYPE_CHECKING:
    from harness.config.pjsip import PjsipConfig
    from harness.config.pjsip_objects import Endpoint
    from harness.pbx.calls.exchange import Exchange
    from harness.pbx.contact import Contact
    from harness.pbx.registrar import Registrar
    from harness.sip.server_transaction import ServerTransaction
    from harness.sip.stack import Stack

NO_ROUTE, UNACCEPTABLE, REJECTED = 3, 6, 21
LINGER_S = 32.0
"""Seconds that pjsip's dialog outlives its call, with the transaction of its INVITE (timers I and M)."""
ANONYMOUS = "Anonymous"


class Invites:
    """Makes PJSIP channels, of requests that come and for those that are dialled."""

    def __init__(
        self,
        exchange: Exchange,
        stack: Stack,
        pjsip: Callable[[], PjsipConfig],
        registrar: Registrar,
        *,
        capabilities: list[tuple[str, str]],
        agent: Callable[[], str],
        flow_of: Callable[[str, str], Flow | None],
        random: Any,
    ) -> None:
        """`flow_of(transport, host)` is the road to somebody who has not asked for anything, None for none."""
        self.exchange, self.stack, self.registrar = exchange, stack, registrar
        self._pjsip, self._capabilities, self._agent = pjsip, capabilities, agent
        self._flow_of, self._random = flow_of, random
        self.transfers = Transfers(exchange)
        self.pickup_exten = "*8"
        self.pick_up: Callable[[PjsipChannel], bool] = lambda _live: False
        """Tries to pick a call up for a channel that dialled `pickup_exten`; False where there is none."""
        exchange.technologies[TECHNOLOGY.lower()] = self

    # calls that come

    def receive(self, endpoint: Endpoint, transaction: ServerTransaction) -> None:
        """An INVITE outside of a dialog."""
        request = transaction.request
        try:
            exten = user_of(request.uri) or "s"
        except GrammarError:
            transaction.refuse(416)
            return
        caller = self._caller(endpoint, transaction)
        replaces = request.headers.get("Replaces")
        known = replaces is not None or exten == self.pickup_exten
        known = known or self.exchange.plan.exists(endpoint.context, exten, 1, caller.number)
        if not known:
            self._refused(endpoint, transaction, 404, exten)
            return
        media = self._media(endpoint, transaction.flow)
        try:
            media.offered(request.body)
        except SdpError as error:
            if error.reason == NO_CODEC:
                transaction.reply(100)
            self._refused(endpoint, transaction, 488, error.reason)
            return
        self._begin(endpoint, transaction, exten, caller, media, replaces)

    def _refused(self, endpoint: Endpoint, transaction: ServerTransaction, status: int, why: str) -> None:
        if self.exchange.observe is not None:
            self.exchange.observe("refused", endpoint=endpoint.name, method="INVITE", status=status, why=why)
        transaction.reply(status)

    def _begin(
        self,
        endpoint: Endpoint,
        transaction: ServerTransaction,
        exten: str,
        caller: Party,
        media: Media,
        replaces: str | None,
    ) -> None:
        live = self._channel(endpoint, exten, ChannelState.RING, media)
        channel = live.channel
        channel.caller, channel.dialed = caller, exten
        channel.ani = Party(caller.number, caller.name)
        diversion.take_over(transaction.request, channel)
        live.leg = self._leg(live, transaction.flow, endpoint)
        if not live.leg.receive(transaction):
            return
        transaction.reply(100)
        self.exchange.add(live)
        host = SipUri.parse(transaction.request.uri).host
        self.exchange.set_variable(channel, "SIPDOMAIN", host)
        if replaces is not None:
            self._replace(live, replaces)
            return
        if exten == self.pickup_exten:
            if not self.pick_up(live):
                live.hang_up(REJECTED)
            return
        live.run(endpoint.context, exten, 1)

    def _replace(self, live: PjsipChannel, text: str) -> None:
        """An INVITE that takes the place of a leg (RFC 3891)."""
        status = self.transfers.replace(live, text)
        if status >= 300:
            live.leg.refuse(status)
            live.hang_up()

    def _caller(self, endpoint: Endpoint, transaction: ServerTransaction) -> Party:
        """Who calls: the endpoint's `callerid`, else the From (res_pjsip_caller_id.c)."""
        own = split_caller(endpoint.callerid) if endpoint.callerid else Party()
        own.number_presentation = own.name_presentation = endpoint.value("callerid_privacy") or SHOWN
        if own.number and not endpoint.flag("trust_id_inbound"):
            return own
        try:
            address = transaction.request.from_
            return Party(address.sip_uri.user_unescaped, address.display or "")
        except GrammarError:
            return own

    # calls that go out

    def request(self, address: str, requestor: Channel | None) -> PjsipChannel | int:
        """See `exchange.Technology`: `endpoint`, `endpoint/sip:uri`, `user@endpoint`."""
        name, _, uri = address.partition("/")
        endpoints = self._pjsip().endpoints
        user = ""
        endpoint = endpoints.get(name)
        if endpoint is None and "@" in name:
            user, _, name = name.partition("@")
            endpoint = endpoints.get(name)
        if not name:
            return UNACCEPTABLE
        target = "" if endpoint is None else self._target(endpoint, uri, user)
        if endpoint is None or not target:
            return NO_ROUTE
        flow = self.road(endpoint, target)
        if flow is None:
            return NO_ROUTE
        live = self._channel(endpoint, "s", ChannelState.DOWN, self._media(endpoint, flow))
        live.dial_string, live.target = address, target
        if endpoint.callerid:
            live.channel.caller = split_caller(endpoint.callerid)
        if requestor is not None:
            live.channel.linkedid = requestor.linkedid or requestor.uniqueid
        live.leg = self._leg(live, flow, endpoint)
        self.exchange.add(live)
        return live

    def _target(self, endpoint: Endpoint, uri: str, user: str) -> str:
        """The URI to call: a given one, else that of the first contact that can be reached."""
        if uri.startswith(("sip:", "sips:")):
            return uri
        contacts = self._contacts(endpoint, uri)
        if not contacts:
            return ""
        if not user:
            return contacts[0].target
        try:
            return str(SipUri.parse(contacts[0].target)._replace(user=escape_user(user)))
        except GrammarError:
            return ""

    def _contacts(self, endpoint: Endpoint, aor: str) -> list[Contact]:
        found = self.registrar.contacts_of(endpoint)
        return [contact for contact in found if contact.aor == aor] if aor else found

    def road(self, endpoint: Endpoint, uri: str) -> Flow | None:
        """How a URI of an endpoint is reached; None where it is not."""
        for contact in self.registrar.contacts_of(endpoint):
            if contact.target == uri and contact.flow is not None and may_carry(contact.flow, uri):
                return flow_to(uri, contact.flow, endpoint.rewrite_contact)
        try:
            target = SipUri.parse(uri)
            host, port = target.address
        except (GrammarError, ValueError):
            return None
        transport = "TLS" if target.scheme == "sips" else (target.params.get("transport") or "udp").upper()
        flow = self._flow_of(transport, host)
        return None if flow is None else flow._replace(remote=(host, port))

    def place(self, live: PjsipChannel) -> None:
        """Send the INVITE of a channel that was asked for."""
        endpoint, leg = live.endpoint, live.leg
        host = leg.flow_to(live.target).local[0]
        caller = self._from(endpoint, live.channel.connected, host)
        leg.place(live.target, caller, body=live.media.offer(), headers=live.headers)

    @property
    def _default_user(self) -> str:
        """Who calls where nobody is named."""
        return self._pjsip().globals.default_from_user

    def _from(self, endpoint: Endpoint, who: Party, host: str) -> str:
        user = endpoint.from_user or who.number or self._default_user
        name = who.name if who.number or who.name else ANONYMOUS
        domain = endpoint.from_domain or (f"[{host}]" if ":" in host else host)
        display = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '" ' if name else ""
        return f"{display}<sip:{escape_user(user)}@{domain}>"

    # parts

    def _channel(self, endpoint: Endpoint, exten: str, state: ChannelState, media: Media) -> PjsipChannel:
        exchange = self.exchange
        name = f"{TECHNOLOGY}/{endpoint.name}-{exchange.new_number(TECHNOLOGY)}"
        channel = Channel(name, exchange.new_uniqueid(), context=endpoint.context, exten=exten, state=state)
        channel.language = endpoint.language or channel.language
        channel.account_code = endpoint.accountcode
        for setting in endpoint.options.get("set_var", ()):
            variable, equals, value = setting.value.partition("=")
            if equals:
                channel.variables.set(variable, value)
        return PjsipChannel(exchange, channel, endpoint, self, media)

    def _leg(self, live: PjsipChannel, flow: Flow, endpoint: Endpoint) -> Leg:
        timer = SessionTimer(asks=True) if endpoint.value("timers", "yes") not in ("no", "false") else None
        user = self._default_user if live.channel.state is ChannelState.DOWN else ""
        return Leg(
            Client(self.stack, self.account(endpoint)),
            live,
            lambda uri: flow_to(uri, flow, endpoint.rewrite_contact),
            contact=_contact(flow, user),
            capabilities=[*self._capabilities, ("User-Agent", self._agent())],
            session_timer=timer,
            linger=LINGER_S,
        )

    def account(self, endpoint: Endpoint) -> Account | None:
        """What answers when an endpoint asks who is there (outbound_auth)."""
        auths = self._pjsip().auths
        found = next((auths[name] for name in endpoint.outbound_auth if name in auths), None)
        if found is None:
            return None
        return Account(found.username, found.password, lambda: f"{self._random.getrandbits(64):016x}")

    def _media(self, endpoint: Endpoint, flow: Flow) -> Media:
        lines = sorted(
            (setting.where.line, option, setting.value)
            for option in ("allow", "disallow")
            for setting in endpoint.options.get(option, ())
        )
        formats = allowed_codecs([(option, value) for _, option, value in lines])
        port = self._random.randrange(FIRST_PORT, LAST_PORT, 2)
        return Media(flow.local[0], port, self._random.getrandbits(31), formats)

    def requested(self, live: PjsipChannel, transaction: ServerTransaction) -> None:
        """A request within a call that is not about its session."""
        method = transaction.request.method
        if method == "REFER":
            self.transfers.refer(live, transaction)
        elif method in ("INFO", "OPTIONS", "MESSAGE", "NOTIFY"):
            transaction.reply(200)


def _contact(flow: Flow, user: str) -> str:
    host, port = flow.local
    own = f"[{host}]" if ":" in host else host
    transport = "" if flow.transport == "UDP" else f";transport={flow.transport}"
    return f"<sip:{user}{'@' if user else ''}{own}:{port}{transport}>"
