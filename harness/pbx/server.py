"""The embedded server: configuration in, SIP and manager interface out, as an Asterisk 22 with PJSIP has them."""

from __future__ import annotations

import ipaddress
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.config.inherited import told_once
from harness.config.pjsip import read_pjsip
from harness.config.values import is_true
from harness.core import PresenceCore
from harness.core.states import DeviceState
from harness.errors import HarnessError, InputError, Note
from harness.net.carrier import SipCarrier
from harness.pbx import printed
from harness.pbx.astdb import FILE_NAME, AstDB, Later, VolatileDB, ensure_uuid
from harness.pbx.calls.exchange import Exchange
from harness.pbx.calls.functions import PjsipFunctions
from harness.pbx.calls.invites import Invites
from harness.pbx.calls.local_channel import LocalTechnology
from harness.pbx.calls.ringing import ringing_call
from harness.pbx.calls.services import Services
from harness.pbx.calls.sounds import FolderSounds
from harness.pbx.commands import Commands
from harness.pbx.contact import CREATED, REACHABLE, REMOVED, Contact
from harness.pbx.identify import Authentication, Identification
from harness.pbx.manager.assembly import make_manager
from harness.pbx.manager.notices import Notices
from harness.pbx.message_queue import MessageQueue
from harness.pbx.messages import MessageDesk
from harness.pbx.own_lines import OwnLines
from harness.pbx.persistence import SubscriptionRows
from harness.pbx.qualify import Qualifying
from harness.pbx.reach import flow_to, may_carry
from harness.pbx.registrar import Registrar
from harness.pbx.screening import publish_refusal, refusal, user_of
from harness.pbx.source_rules import SourceRules
from harness.pbx.subscriptions import Subscriptions
from harness.pbx.suite_events import SuiteEvents
from harness.pbx.telling import Observed
from harness.pbx.variables import Variables
from harness.sip import as_pjsip
from harness.sip.grammar import GrammarError
from harness.sip.uri import SipUri

if TYPE_CHECKING:
    from harness.config.folder import Configuration
    from harness.config.manager import ManagerConfig
    from harness.config.pjsip_objects import Endpoint
    from harness.dialplan.function import Function
    from harness.dialplan.plan import Dialplan
    from harness.net.tls import Credentials
    from harness.net.world import World
    from harness.pbx.calls.spool import Spool
    from harness.pbx.manager.server import Manager
    from harness.sip.flow import Flow
    from harness.sip.server_transaction import ServerTransaction
    from harness.sip.stack import Stack

SUPPORTED = "100rel, timer, replaces"
NOREFERSUB = "norefersub"
"""An option that is supported unless the global option of that name is off."""
ALLOW = "OPTIONS, REGISTER, SUBSCRIBE, NOTIFY, PUBLISH, INVITE, ACK, BYE, CANCEL, UPDATE, PRACK, MESSAGE, INFO, REFER"
ACCEPT = (
    "application/simple-message-summary, application/pidf+xml, application/xpidf+xml, application/cpim-pidf+xml, "
    "application/dialog-info+xml, application/simple-message-summary, application/pidf+xml, "
    "application/dialog-info+xml, application/sdp, message/sipfrag;version=2.0"
)
MAX_NAME_TOLD = 100
"""Characters of what a stranger sent that are repeated to a person."""
IDENTITY = [("Accept-Encoding", "identity"), ("Accept-Language", "en")]


@dataclass(slots=True)
class Listen:
    """Where the server listens for SIP; a port of 0 takes any free one, the same for UDP and TCP."""

    host: str = "127.0.0.1"
    port: int = 0
    tls: tuple[str, int] | None = None
    """Where encrypted connections are accepted, with `credentials`."""
    credentials: Credentials | None = None


class Server:
    """One running server.  `start` and `stop` may not be repeated: a restart is a new server on the same store."""

    def __init__(
        self,
        configuration: Configuration,
        plan: Dialplan,
        world: World,
        *,
        store: AstDB | VolatileDB,
        spool: Spool | None = None,
        name: str = "server",
        tell: Callable[[Note], None] = lambda _note: None,
    ) -> None:
        if configuration.pjsip is None:
            raise InputError("there is no pjsip.conf", None, f"phones need endpoints: add one to {configuration.path}")
        self.configuration, self.plan, self.world, self.store, self.name = configuration, plan, world, store, name
        self.pjsip = configuration.pjsip
        self.tell = tell
        self.notices = Notices(world.clock, lambda kind, text: tell(Note(kind, text)))
        self.observed = Observed(world.trace, name)
        ensure_uuid(store, world.random_for(f"{name}/uuid").getrandbits)
        self.core = PresenceCore(store, plan, self.observed.core)
        self.own_lines = OwnLines(self.pjsip, plan, self.core)
        self.variables = Variables(plan)
        self.commands: Commands = Commands(self)
        self.commands.modules.told = lambda module, status: self._tell_managers(
            "Reload", [("Module", module), ("Status", status)]
        )
        self.tls_address: tuple[str, int] | None = None
        self.carrier = SipCarrier(world, name, force_rport=True)
        self.stack: Stack = self.carrier.stack
        self.stack.on_request = self._request
        self.stack.answer_malformed = False
        self.stack.read = as_pjsip.read
        self.stack.party = printed.party
        self.stack.own_headers = (("Server", self.agent),)
        self.carrier.on_connection_lost = self._connection_lost
        self.carrier.on_trouble = self.notices
        random = world.random_for(f"{name}/server")
        self.registrar: Registrar = Registrar(self.pjsip, store, world.epoch, self._reachable)
        self.registrar.on_contact = self._contact_status
        self.qualifying = Qualifying(
            self.registrar, self.stack, world, road_to=self._road_to, changed=self._qualified, agent=lambda: self.agent
        )
        self._online: dict[str, bool] = {}
        self.managers: list[Manager] = []
        self._random_bytes = random.randbytes
        self._make_screens()
        self.commands.modules.add("res_pjsip", self._reload_pjsip)
        self.commands.modules.add("res_pjsip_config_wizard", self._reload_pjsip)
        supported = f"{SUPPORTED}, {NOREFERSUB}" if is_true(self.pjsip.globals.value(NOREFERSUB, "yes")) else SUPPORTED
        capabilities = self._capabilities = [("Allow", ALLOW), ("Supported", supported)]
        self.subscriptions: Subscriptions = Subscriptions(
            self.core,
            self.stack,
            agent=self.agent,
            contact_of=contact_of,
            random_bits=random.getrandbits,
            ringing_calls=lambda change, host: ringing_call(self.exchange, change, host),
            observe=self.observed.pbx,
            rows=SubscriptionRows(store, world.epoch, random.getrandbits),
            wall_s=world.epoch,
            soon=lambda call: world.call_later(0, call),
            allowed=capabilities,
            lists=lambda: self.pjsip.resource_lists,
            ignore_user_options=self.pjsip.globals.ignore_uri_user_options,
        )
        self.messages = MessageDesk(
            self.stack,
            agent=self.agent,
            contact_uri=self._contact_uri,
            registrar=self.registrar,
            config=lambda: self.pjsip,
            road_to=self._road_to,
            notice=self.notices,
        )
        self._sweeping: Any = None
        self.exchange: Exchange = Exchange(
            plan, self.core, world.clock, world.epoch, self._publish_all, self.observed.pbx,
            lambda: str(uuid.UUID(int=random.getrandbits(128), version=4)),
        )  # fmt: skip
        self.exchange.sounds = FolderSounds(configuration.path)
        self.exchange.has_music = (configuration.path / "musiconhold.conf").is_file()
        self._local = LocalTechnology(self.exchange)
        self.messages.to_dialplan = MessageQueue(self.exchange, self.messages.send).put
        self.invites: Invites = Invites(
            self.exchange,
            self.stack,
            lambda: self.pjsip,
            self.registrar,
            capabilities=capabilities,
            agent=lambda: self.agent,
            flow_of=self._flow_of,
            random=random,
        )
        self.services: Services = Services(self, world.random_for(f"{name}/services"), spool)
        self._methods: dict[str, Callable[[Endpoint, ServerTransaction], None]] = {
            "REGISTER": self.registrar.register,
            "SUBSCRIBE": self.subscriptions.subscribe,
            "MESSAGE": self.messages.receive,
            "OPTIONS": self._options,
            "INVITE": self.invites.receive,
            "PUBLISH": self._publish,
        }

    @property
    def agent(self) -> str:
        """User-Agent and Server header (global option user_agent)."""
        return self.pjsip.globals.user_agent

    def functions(self) -> dict[str, Function]:
        """Dialplan functions about this server's own things."""
        return PjsipFunctions(self.exchange, lambda: self.pjsip, self.registrar).table()

    # the manager interface

    def make_manager(self, config: ManagerConfig) -> Manager:
        """The manager interface of this server, not yet listening."""
        manager = make_manager(self, config)
        self.managers.append(manager)
        return manager

    # starting and stopping

    def start(self, listen: Listen) -> None:
        """Publish what is stored, create the hints, listen.  Raises CannotListenError where a port is taken."""
        self.registrar.restore()
        self._online = {name: self.registrar.reachable(each) for name, each in self.pjsip.endpoints.items()}
        for name, online in self._online.items():
            if online:
                self.own_lines.reachable(name, online)
        self.core.devices.register_technology("PJSIP", self._device_state, self.pjsip.endpoints)
        self.core.start(self._autohints())
        self._local.give_states()
        self.services.start()
        self.address = self.carrier.listen(listen.host, listen.port)
        if listen.tls is not None and listen.credentials is not None:
            self.tls_address = self.carrier.listen_tls(*listen.tls, listen.credentials)
        self._sweep_later()
        self.subscriptions.restore(self.pjsip.endpoints.get, self.address)
        self.qualifying.start()
        self.services.watchers.tell_all()

    def stop(self) -> Any:
        """Stop listening and let go of the store; fires when all ports are closed."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            self._sweeping = None
        self.qualifying.stop()
        self.subscriptions.keep()
        closed = self.carrier.close()
        self.store.close()
        return closed

    def _sweep(self) -> None:
        self.registrar.sweep()
        self._sweep_later()

    def _sweep_later(self) -> None:
        """Contacts that ran out are looked for every so often; an interval of 0 means never."""
        interval_s = self.pjsip.globals.contact_expiration_check_interval
        self._sweeping = self.world.call_later(interval_s, self._sweep) if interval_s else None

    def _connection_lost(self, flow: Flow) -> None:
        self.subscriptions.connection_lost(flow)
        self.registrar.connection_lost(flow)

    # requests outside of dialogs

    def _request(self, transaction: ServerTransaction) -> None:
        """Identify, authenticate, then hand over by method (res_pjsip/pjsip_distributor.c)."""
        method = transaction.request.method
        if method == "ACK":
            return
        refused = refusal(transaction.request) if self._source_rules.take(transaction) else (403, None)
        if refused is not None:
            transaction.refuse(*refused)
            return
        if method in ("BYE", "CANCEL"):
            transaction.refuse(481)
            return
        endpoint = self._identification.endpoint_of(transaction)
        if endpoint is not None and not self._source_rules.take_from(endpoint, transaction):
            endpoint = None
        if not self._authentication.admits(endpoint, transaction) or endpoint is None:
            return
        serve = self._methods.get(method)
        if serve is None:
            transaction.refuse(501)
        else:
            serve(endpoint, transaction)

    def _not_admitted(self, endpoint: Endpoint | None, transaction: ServerTransaction) -> None:
        """Somebody unknown, or a wrong password; the first request of a phone, which has none yet, is no news."""
        request = transaction.request
        kind, why = "wrong-password", "wrong name or password"
        if endpoint is None:
            kind, why = "no-endpoint", "no endpoint is named so"
        who = request.from_.uri[:MAX_NAME_TOLD]
        host, port = transaction.flow.remote
        self.notices(kind, f"{request.method} from {host}:{port} as {who!r} was refused: {why}")

    def _publish(self, endpoint: Endpoint, transaction: ServerTransaction) -> None:
        """PUBLISH: nothing here takes one."""
        event = (transaction.request.headers.get("Event") or "")[:MAX_NAME_TOLD]
        self.notices("publish", f"PUBLISH of {endpoint.name} was refused: nothing here takes the event {event!r}")
        transaction.refuse(*publish_refusal(transaction.request))

    def _options(self, endpoint: Endpoint, transaction: ServerTransaction) -> None:
        """OPTIONS (res_pjsip/pjsip_options.c): 404 where the user is no extension."""
        try:
            user = user_of(transaction.request.uri)
        except GrammarError:
            transaction.reply(416)
            return
        if self.pjsip.globals.ignore_uri_user_options:
            user = user.partition(";")[0]
        known = not user or self.plan.exists(endpoint.context, user)
        transaction.reply(200 if known else 404, headers=[("Accept", ACCEPT), *self._capabilities, *IDENTITY])

    def _contact_uri(self, endpoint: Endpoint, transaction: ServerTransaction) -> str:
        remote = transaction.flow.remote
        for contact in self.registrar.contacts_of(endpoint):
            if SipUri.parse(contact.uri).address == remote:
                return contact.uri
        host = f"[{remote[0]}]" if ":" in remote[0] else remote[0]
        return f"sip:{endpoint.name}@{host}:{remote[1]}"

    def _autohints(self) -> list[str]:
        return [context.name for context in self.plan.contexts() if context.autohints]

    # reloading

    def _make_screens(self) -> None:
        self._identification = Identification(self.pjsip)
        self._source_rules = SourceRules(self.pjsip)
        self._authentication = Authentication(self.pjsip, self._random_bytes, self.world.epoch, self._not_admitted)

    def _reload_pjsip(self) -> bool:
        """Read pjsip.conf again; False, all staying as it was, where Asterisk would refuse it.

        Registrations and subscriptions stay; a subscription keeps the endpoint that it was made with.
        """
        try:
            fresh = read_pjsip(self.configuration.path)
        except InputError as error:
            self.tell(Note("reload", f"the endpoints stay as they were: {error}"))
            return False
        for note in told_once(fresh.notes):
            self.tell(note)
        before = set(self.pjsip.endpoints)
        self.pjsip.adopt(fresh)
        self.registrar.configured()
        self._make_screens()
        self.own_lines.reread()
        for name in sorted(before | set(self.pjsip.endpoints)):
            self._reachable(name)
        return True

    # devices

    def _device_state(self, name: str) -> DeviceState:
        """What a PJSIP endpoint's device is (chan_pjsip.c, chan_pjsip_devicestate)."""
        endpoint = self.pjsip.endpoints.get(name)
        if endpoint is None:
            return DeviceState.INVALID
        online = self.registrar.reachable(endpoint)
        state = DeviceState.NOT_INUSE if online else DeviceState.UNAVAILABLE
        return self.exchange.use_of(f"PJSIP/{name}", state, endpoint.device_state_busy_at)

    def _qualified(self, contact: Contact) -> None:
        """A contact answers OPTIONS again, or does so no more."""
        self._contact_status(contact, contact.status)
        for name, endpoint in self.pjsip.endpoints.items():
            if contact.aor in endpoint.aors:
                self._reachable(name)

    def _contact_status(self, contact: Contact, status: str) -> None:
        if status == CREATED:
            self.qualifying.added(contact)
        if status == REMOVED:
            self.services.watchers.contact_gone(contact)
        self._tell_managers(
            "ContactStatus",
            [
                ("URI", contact.uri),
                ("ContactStatus", status),
                ("AOR", contact.aor),
                ("EndpointName", contact.endpoint),
                ("RoundtripUsec", round(contact.roundtrip_s * 1e6) if status == REACHABLE else 0),
            ],
        )

    def _reachable(self, name: str) -> None:
        """An endpoint's contacts changed: tell where that makes it reachable or not (pjsip_configuration.c)."""
        endpoint = self.pjsip.endpoints.get(name)
        online = endpoint is not None and self.registrar.reachable(endpoint)
        if self._online.get(name, False) != online:
            self._online[name] = online
            self.own_lines.reachable(name, online)
            words = "Reachable" if online else "Unreachable"
            fields = [("ChannelType", "PJSIP"), ("Peer", f"PJSIP/{name}"), ("PeerStatus", words)]
            self._tell_managers("PeerStatus", fields)
            self.observed.pbx("reachable" if online else "unreachable", endpoint=name)
        self.core.devices.set(f"PJSIP/{name}")

    def _road_to(self, contact: Contact) -> Flow | None:
        """The road to a contact: what its URI names, over its own connection where it names that.

        None to a `sips` contact that did not come over TLS.
        """
        endpoint = self.pjsip.endpoints.get(contact.endpoint)
        uri = SipUri.parse(contact.target)
        if uri.scheme == "sips" and (contact.flow is None or not may_carry(contact.flow, contact.target)):
            return None
        if contact.flow is not None and endpoint is not None:
            return flow_to(contact.target, contact.flow, endpoint.rewrite_contact)
        flow = self._flow_of((uri.params.get("transport") or "udp").upper(), uri.address[0])
        return None if flow is None else flow._replace(remote=uri.address)

    def _flow_of(self, transport: str, host: str) -> Flow | None:
        """The road to a host that has asked for nothing; over UDP and TCP only, and only to addresses."""
        if transport not in ("UDP", "TCP"):
            return None
        try:
            ipaddress.ip_address(host)
            return self.carrier.flow_to("TCP" if transport == "TCP" else "UDP", (host, 0))
        except (ValueError, HarnessError):
            return None

    def _publish_all(self, kind: str, event: str, fields: Sequence[tuple[str, object]]) -> None:
        for manager in self.managers:
            manager.publish(kind, event, fields)

    def tell_test_events(self) -> None:
        """From now on tell managers of the states of subscriptions as an Asterisk built for its own tests does."""
        self.subscriptions.announce = SuiteEvents(self._publish_all)

    def _tell_managers(self, event: str, fields: Sequence[tuple[str, object]]) -> None:
        self._publish_all("system", event, fields)


def contact_of(flow: Flow, head: str = "sip:") -> str:
    """The Contact of the server's dialogs: its own address, and the transport where it is not UDP.

    `head` is what stands before the address: the scheme, and a user where the endpoint gives one.
    """
    host, port = flow.local
    own = f"[{host}]" if ":" in host else host
    transport = "" if flow.transport == "UDP" else f";transport={flow.transport}"
    return f"<{head}{own}:{port}{transport}>"


def open_store(place: Path | None, later: Later, tell: Callable[[str], None]) -> AstDB | VolatileDB:
    """The database in a folder, or one that keeps nothing; `tell` hears when the disk refuses."""
    return VolatileDB() if place is None else AstDB(place / FILE_NAME, later, tell)
