"""PJSIPShow...: endpoints, AORs, credentials, contacts and subscriptions (res/res_pjsip/*.c, res_pjsip_pubsub.c)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

from harness.core.octets import fold, to_bytes
from harness.pbx.commands.pjsip_parameters import (
    Parameters,
    aor_parameters,
    auth_parameters,
    contact_parameters,
    endpoint_parameters,
    identify_parameters,
    list_parameters,
    transport_parameters,
)
from harness.pbx.commands.pjsip_subscriptions import inbound_parameters
from harness.pbx.contact import REACHABLE
from harness.pbx.manager.actions import ActionEntry
from harness.pbx.manager.packets import Action
from harness.sip.matching import host_port

if TYPE_CHECKING:
    from harness.config.pjsip import PjsipConfig
    from harness.config.pjsip_objects import Aor, Auth, Endpoint, PjsipObject, ResourceList
    from harness.pbx.commands.served import Served
    from harness.pbx.contact import Contact
    from harness.pbx.manager.session import ManagerSession
    from harness.pbx.registrar import Registrar

CLASSES = ("system",)
ANY = ("system", "reporting")
_Named = TypeVar("_Named", "Aor", "Auth", "Endpoint", "ResourceList")


class SipActions:
    """The actions bound to one server's registrar and subscriptions."""

    def __init__(self, served: Served) -> None:
        self._served = served

    def _pjsip(self) -> PjsipConfig:
        return self._served.pjsip

    @property
    def _registrar(self) -> Registrar:
        return self._served.registrar

    def _use(self, endpoint: Endpoint) -> list[str]:
        device = f"PJSIP/{endpoint.name}"
        channels = sum(1 for _ in self._served.exchange.channels_of(device))
        return [f"DeviceState: {self._served.core.devices.query(device).words}", f"ActiveChannels: {channels}"]

    def entries(self) -> tuple[ActionEntry, ...]:
        """For the table of the manager."""
        return (
            ActionEntry("PJSIPQualify", ANY, "Qualify a chan_pjsip endpoint.", self.qualify),
            ActionEntry(
                "PJSIPShowMaintenance", ANY, "Show maintenance mode status for PJSIP endpoints.", self.maintained
            ),
            ActionEntry("PJSIPShowEndpoints", CLASSES, "Lists PJSIP endpoints.", self.endpoints),
            ActionEntry(
                "PJSIPShowEndpoint", CLASSES, "Detail listing of an endpoint and its objects.", self.endpoint
            ),
            ActionEntry("PJSIPShowAors", CLASSES, "Lists PJSIP AORs.", self.aors),
            ActionEntry("PJSIPShowAuths", CLASSES, "Lists PJSIP Auths.", self.auths),
            ActionEntry("PJSIPShowContacts", CLASSES, "Lists PJSIP Contacts.", self.contacts),
            ActionEntry(
                "PJSIPShowRegistrationsInbound", CLASSES, "Lists PJSIP inbound registrations.", self.registrations
            ),
            ActionEntry(
                "PJSIPShowRegistrationInboundContactStatuses",
                CLASSES,
                "Lists ContactStatuses for PJSIP inbound registrations.",
                self.statuses,
            ),
            ActionEntry(
                "PJSIPShowRegistrationsOutbound", ANY, "Lists PJSIP outbound registrations.", self.registered_outside
            ),
            ActionEntry(
                "PJSIPShowResourceLists", CLASSES, "Displays settings for configured resource lists.", self.lists
            ),
            ActionEntry(
                "PJSIPShowSubscriptionsInbound", CLASSES, "Lists inbound subscriptions.", self.inbound
            ),
            ActionEntry(
                "PJSIPShowSubscriptionsOutbound", CLASSES, "Lists outbound subscriptions.", self.outbound
            ),
        )

    def qualify(self, session: ManagerSession, action: Action) -> None:
        """PJSIPQualify: OPTIONS to all contacts of an endpoint."""
        name = action.get("Endpoint")
        endpoint = self._pjsip().endpoints.get(name)
        if not name:
            session.error(action, "Endpoint parameter missing.")
        elif endpoint is None:
            session.error(action, "Unable to retrieve endpoint\n")
        elif not endpoint.aors:
            session.error(action, "No AoRs configured for endpoint\n")
        else:
            for aor in endpoint.aors:
                self._served.qualifying.ask_all(aor)
            session.ack(action, "Endpoint found, will qualify")

    def maintained(self, session: ManagerSession, action: Action) -> None:
        """PJSIPShowMaintenance: no endpoint can be put into maintenance here."""
        session.listing(action, "Maintenance status events follow", (), "PJSIPMaintenanceStatusComplete")

    # many objects of one type

    def endpoints(self, session: ManagerSession, action: Action) -> None:
        """PJSIPShowEndpoints: what an endpoint consists of and what its device is."""
        self._listed(session, action, "Endpoint", map(self._endpoint, _sorted(self._pjsip().endpoints)))

    def aors(self, session: ManagerSession, action: Action) -> None:
        """PJSIPShowAors."""
        self._listed(
            session, action, "AOR", (self._aor("AorList", aor) for aor in _sorted(self._pjsip().aors)), "Aor"
        )

    def auths(self, session: ManagerSession, action: Action) -> None:
        """PJSIPShowAuths, with the passwords, as Asterisk tells them."""
        auths = _sorted(self._pjsip().auths)
        self._listed(session, action, "Auth", (_object("AuthList", "auth", a, auth_parameters(a)) for a in auths))

    def contacts(self, session: ManagerSession, action: Action) -> None:
        """PJSIPShowContacts: those that registered."""
        aors = self._pjsip().aors
        found = (contact for contact in self._registrar.all_contacts() if contact.expires_at)
        self._listed(session, action, "Contact", (_contact(contact, aors[contact.aor]) for contact in found))

    def lists(self, session: ManagerSession, action: Action) -> None:
        """PJSIPShowResourceLists."""
        found = _sorted(self._pjsip().resource_lists)
        rows = [_object("ResourceListDetail", "resource_list", each, list_parameters(each)) for each in found]
        if not rows:
            session.error(action, "No resource lists found\n")
            return
        message = "A listing of resource lists follows, presented as ResourceListDetail events"
        session.listing(action, message, rows, "ResourceListDetailComplete")

    @staticmethod
    def _listed(
        session: ManagerSession, action: Action, what: str, rows: Iterable[list[str]], event: str = ""
    ) -> None:
        """The message where there are none ends in a line end of its own."""
        lines = list(rows)
        if not lines:
            session.error(action, f"No {what}s found\n")
            return
        event = event or what
        message = f"A listing of {what}s follows, presented as {event}List events"
        session.listing(action, message, lines, f"{event}ListComplete")

    def _endpoint(self, endpoint: Endpoint) -> list[str]:
        return [
            "Event: EndpointList",
            "ObjectType: endpoint",
            f"ObjectName: {endpoint.name}",
            f"Transport: {endpoint.transport}",
            f"Aor: {','.join(endpoint.aors)}",
            f"Auths: {','.join(endpoint.auth)}",
            f"OutboundAuths: {','.join(endpoint.outbound_auth)}",
            *(f"Contacts: {self._bound(aor, ',')}" for aor in endpoint.aors if aor in self._pjsip().aors),
            *self._use(endpoint),
        ]

    def _bound(self, aor: str, end: str = "") -> str:
        """An AOR's contacts; with `end` behind each, without between them."""
        bound = [f"{contact.aor}/{contact.uri}" for contact in self._registrar.of_aor(aor)]
        return "".join(each + end for each in bound) if end else ",".join(bound)

    def _aor(self, event: str, aor: Aor, contacts: str = "Contacts") -> list[str]:
        rows = [(name, value) for name, value in aor_parameters(aor, ()) if name != "contact"]
        lines = _object(event, "aor", aor, rows)
        place = lines.index(f"MaximumExpiration: {aor.maximum_expiration}")
        return [*lines[:place], f"{contacts}: {self._bound(aor.name)}", *lines[place:]]

    # one endpoint with all that belongs to it

    def endpoint(self, session: ManagerSession, action: Action) -> None:
        """PJSIPShowEndpoint: an endpoint, then each object that it names."""
        name = action.get("Endpoint")
        if not name:
            session.error(action, "PJSIPShowEndpoint requires an endpoint name\n")
            return
        if fold(name).startswith("pjsip/"):
            name = name[len("pjsip/") :]
        endpoint = self._pjsip().endpoints.get(name)
        if endpoint is None:
            session.error(action, f"Unable to retrieve endpoint {name}\n")
            return
        message = "Following are Events for each object associated with the Endpoint"
        session.listing(action, message, [self._detail(endpoint), *self._parts(endpoint)], "EndpointDetailComplete")

    def _detail(self, endpoint: Endpoint) -> list[str]:
        return [
            *_object("EndpointDetail", "endpoint", endpoint, endpoint_parameters(endpoint)),
            *self._use(endpoint),
        ]

    def _parts(self, endpoint: Endpoint) -> Iterator[list[str]]:
        config, name = self._pjsip(), f"EndpointName: {endpoint.name}"
        transport = config.transports.get(endpoint.transport)
        if transport is not None:
            rows = transport_parameters(transport, host_port(*self._served.address))
            yield [*_object("TransportDetail", "transport", transport, rows), name]
        aors = [config.aors[name] for name in endpoint.aors if name in config.aors]
        for aor in aors:
            bound = self._registrar.of_aor(aor.name)
            registered = sum(1 for contact in bound if contact.expires_at)
            counts = [f"TotalContacts: {len(bound)}", f"ContactsRegistered: {registered}"]
            yield [*self._aor("AorDetail", aor), *counts, name]
        for auth in filter(None, map(config.auths.get, (*endpoint.auth, *endpoint.outbound_auth))):
            yield [*_object("AuthDetail", "auth", auth, auth_parameters(auth)), name]
        for identify in config.identifies.values():
            if identify.endpoint == endpoint.name:
                yield [*_object("IdentifyDetail", "identify", identify, identify_parameters(identify)), name]
        for aor in aors:
            for contact in self._registrar.of_aor(aor.name):
                yield _status(contact, aor, endpoint.name)

    # registrations

    def registrations(self, session: ManagerSession, action: Action) -> None:
        """PJSIPShowRegistrationsInbound: every AOR, whether somebody registered or not."""
        aors = _sorted(self._pjsip().aors)
        rows = [
            [*self._aor("InboundRegistrationDetail", aor, "Contact"), f"Contacts: {self._bound(aor.name, ',')}"]
            for aor in aors
        ]
        message = "Following are Events for each Inbound registration"
        session.listing(action, message, rows, "InboundRegistrationDetailComplete")

    def statuses(self, session: ManagerSession, action: Action) -> None:
        """PJSIPShowRegistrationInboundContactStatuses: those that registered."""
        aors = self._pjsip().aors
        found = (contact for contact in self._registrar.all_contacts() if contact.expires_at)
        rows = [_status(contact, aors[contact.aor], contact.endpoint) for contact in found]
        message = "Following are ContactStatusEvents for each Inbound registration"
        session.listing(action, message, rows, "ContactStatusDetailComplete")

    def registered_outside(self, session: ManagerSession, action: Action) -> None:
        """PJSIPShowRegistrationsOutbound: the server itself registers nowhere."""
        message, counts = "Following are Events for each Outbound registration", ("Registered: 0", "NotRegistered: 0")
        session.listing(action, message, (), "OutboundRegistrationDetailComplete", *counts)

    # subscriptions

    def inbound(self, session: ManagerSession, action: Action) -> None:
        """PJSIPShowSubscriptionsInbound."""
        message = "Following are Events for each inbound Subscription"
        session.listing(action, message, self._watchers(), "InboundSubscriptionDetailComplete")

    def _watchers(self) -> Iterator[list[str]]:
        endpoints = self._pjsip().endpoints
        for each in self._served.subscriptions.active():
            rows = inbound_parameters(each, endpoints.get(each.endpoint))
            yield ["Event: InboundSubscriptionDetail", *(f"{name}: {value}" for name, value in rows)]

    def outbound(self, session: ManagerSession, action: Action) -> None:
        """PJSIPShowSubscriptionsOutbound: the server itself subscribes nowhere."""
        message = "Following are Events for each outbound Subscription"
        session.listing(action, message, (), "OutboundSubscriptionDetailComplete")


def _sorted(objects: Mapping[str, _Named]) -> list[_Named]:
    return [objects[name] for name in sorted(objects, key=to_bytes)]


def _object(event: str, kind: str, thing: PjsipObject, rows: Parameters) -> list[str]:
    """An event about one object; what an option names several times stands together."""
    values: dict[str, list[str]] = {}
    for name, value in rows:
        values.setdefault(name, []).append(value)
    lines = [f"{_camel(name)}: {','.join(given)}" for name, given in values.items()]
    return [f"Event: {event}", f"ObjectType: {kind}", f"ObjectName: {thing.name}", *lines]


def _camel(name: str) -> str:
    """`max_contacts` as `MaxContacts`."""
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def _contact(contact: Contact, aor: Aor) -> list[str]:
    rows = dict(contact_parameters(contact, aor))
    return [
        "Event: ContactList",
        "ObjectType: contact",
        f"ObjectName: {contact.key.removeprefix('contact/')}",
        *(f"{_camel(name)}: {rows[name]}" for name in _CONTACT_ORDER),
        *_answers(contact),
    ]


_CONTACT_ORDER = (
    "via_addr", "qualify_timeout", "qualify_2xx_only", "call_id", "reg_server", "prune_on_boot", "path", "endpoint",
    "via_port", "authenticate_qualify", "uri", "qualify_frequency", "user_agent", "expiration_time", "outbound_proxy",
)  # fmt: skip


def _answers(contact: Contact) -> list[str]:
    took = round(contact.roundtrip_s * 1e6) if contact.status == REACHABLE else "N/A"
    return [f"Status: {contact.status}", f"RoundtripUsec: {took}"]


def _status(contact: Contact, aor: Aor, endpoint: str) -> list[str]:
    """A contact with what is known of it; one of the file has never been heard of."""
    static = not contact.expires_at
    heard = [f"ViaAddress: {host_port(*contact.via)}", f"CallID: {contact.call_id}"]
    timeout = 3.0 if static else aor.qualify_timeout
    return [
        "Event: ContactStatusDetail",
        f"AOR: {contact.aor}",
        f"URI: {contact.uri}",
        f"UserAgent: {contact.user_agent}",
        f"RegExpire: {int(contact.expires_at)}",
        *([] if static else heard),
        *_answers(contact),
        f"EndpointName: {endpoint}",
        f"ID: {contact.aor}{'@@' if static else ';@'}{contact.digest}",
        f"AuthenticateQualify: {int(not static and aor.authenticate_qualify)}",
        f"OutboundProxy: {aor.outbound_proxy}",
        "Path: ",
        f"QualifyFrequency: {0 if static else aor.qualify_frequency}",
        f"QualifyTimeout: {timeout:.3f}",
        f"Qualify2xxOnly: {int(not static and aor.flag('qualify_2xx_only'))}",
    ]
