"""PJSIPShow...: endpoints, AORs, contacts and subscriptions (res/res_pjsip/*.c, res_pjsip_pubsub.c)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

from harness.core.octets import to_bytes
from harness.core.states import DeviceState, extension_text
from harness.pbx.commands import callerid
from harness.pbx.manager.actions import ActionEntry
from harness.pbx.manager.packets import Action

if TYPE_CHECKING:
    from harness.config.pjsip import PjsipConfig
    from harness.config.pjsip_objects import Aor, Endpoint
    from harness.pbx.manager.session import ManagerSession
    from harness.pbx.notifier import Subscription
    from harness.pbx.registrar import Contact

CLASSES = ("system",)
_Named = TypeVar("_Named", "Aor", "Endpoint")


class SipActions:
    """The actions bound to one server's registrar and subscriptions."""

    def __init__(
        self,
        pjsip: Callable[[], PjsipConfig],
        contacts: Callable[[], Iterable[Contact]],
        subscriptions: Callable[[], Iterable[Subscription]],
        device: Callable[[str], DeviceState],
        channels: Callable[[str], int],
    ) -> None:
        self._pjsip, self._contacts, self._subscriptions, self._device = pjsip, contacts, subscriptions, device
        self._channels = channels

    def entries(self) -> tuple[ActionEntry, ...]:
        """For the table of the manager."""
        return (
            ActionEntry("PJSIPShowEndpoints", CLASSES, "Lists PJSIP endpoints.", self.endpoints),
            ActionEntry("PJSIPShowAors", CLASSES, "Lists PJSIP AORs.", self.aors),
            ActionEntry("PJSIPShowContacts", CLASSES, "Lists PJSIP Contacts.", self.contacts),
            ActionEntry(
                "PJSIPShowSubscriptionsInbound", CLASSES, "Lists inbound subscriptions.", self.inbound
            ),
            ActionEntry(
                "PJSIPShowSubscriptionsOutbound", CLASSES, "Lists outbound subscriptions.", self.outbound
            ),
        )

    def _by_aor(self) -> dict[str, list[Contact]]:
        found: dict[str, list[Contact]] = {}
        for contact in self._contacts():
            found.setdefault(contact.aor, []).append(contact)
        return found

    def endpoints(self, session: ManagerSession, action: Action) -> None:
        """PJSIPShowEndpoints: what an endpoint consists of and what its device is."""
        items, known = _sorted(self._pjsip().endpoints), self._by_aor()
        if not items:
            session.error(action, "No endpoints found\n")
            return
        lines = (self._endpoint(endpoint, known) for endpoint in items)
        message = "A listing of Endpoints follows, presented as EndpointList events"
        session.listing(action, message, lines, "EndpointListComplete")

    def _endpoint(self, endpoint: Endpoint, known: Mapping[str, list[Contact]]) -> list[str]:
        contacts = "".join(f"{c.aor}/{c.uri}," for aor in endpoint.aors for c in known.get(aor, ()))
        return [
            "Event: EndpointList",
            "ObjectType: endpoint",
            f"ObjectName: {endpoint.name}",
            f"Transport: {endpoint.transport}",
            f"Aor: {','.join(endpoint.aors)}",
            f"Auths: {','.join(endpoint.auth)}",
            f"OutboundAuths: {','.join(endpoint.outbound_auth)}",
            *([f"Contacts: {contacts}"] if endpoint.aors else []),
            f"DeviceState: {self._device(f'PJSIP/{endpoint.name}').words}",
            f"ActiveChannels: {self._channels(f'PJSIP/{endpoint.name}')}",
        ]

    def aors(self, session: ManagerSession, action: Action) -> None:
        """PJSIPShowAors."""
        items, known = _sorted(self._pjsip().aors), self._by_aor()
        if not items:
            session.error(action, "No AORs found\n")
            return
        lines = (_aor(aor, known.get(aor.name, [])) for aor in items)
        session.listing(action, "A listing of AORs follows, presented as AorList events", lines, "AorListComplete")

    def contacts(self, session: ManagerSession, action: Action) -> None:
        """PJSIPShowContacts; the message where there are none ends in a line end of its own."""
        aors = self._pjsip().aors
        lines = [_contact(contact, aors.get(contact.aor)) for contact in self._contacts()]
        if not lines:
            session.error(action, "No Contacts found\n")
            return
        message = "A listing of Contacts follows, presented as ContactList events"
        session.listing(action, message, lines, "ContactListComplete")

    def inbound(self, session: ManagerSession, action: Action) -> None:
        """PJSIPShowSubscriptionsInbound."""
        message = "Following are Events for each inbound Subscription"
        session.listing(action, message, self._watchers(), "InboundSubscriptionDetailComplete")

    def _watchers(self) -> Iterator[list[str]]:
        endpoints = self._pjsip().endpoints
        for each in self._subscriptions():
            endpoint = endpoints.get(each.endpoint)
            yield [
                "Event: InboundSubscriptionDetail",
                "Role: Notifier",
                f"Endpoint: {each.endpoint}",
                f"Callid: {each.dialog.call_id}",
                "State: ACTIVE",
                f"Callerid: {callerid.parse(endpoint.callerid if endpoint else '').text('Unknown')}",
                "SubscriptionType: extension_state",
                f"Extension: {each.exten}",
                f"ExtensionStates: {extension_text(each.hint_state)}",
            ]

    def outbound(self, session: ManagerSession, action: Action) -> None:
        """PJSIPShowSubscriptionsOutbound: the server itself subscribes nowhere."""
        message = "Following are Events for each outbound Subscription"
        session.listing(action, message, (), "OutboundSubscriptionDetailComplete")


def _sorted(objects: Mapping[str, _Named]) -> list[_Named]:
    return [objects[name] for name in sorted(objects, key=to_bytes)]


def _yes_no(flag: bool) -> str:
    return "true" if flag else "false"


def _aor(aor: Aor, contacts: list[Contact]) -> list[str]:
    return [
        "Event: AorList",
        "ObjectType: aor",
        f"ObjectName: {aor.name}",
        f"MinimumExpiration: {aor.minimum_expiration}",
        f"DefaultExpiration: {aor.default_expiration}",
        f"QualifyTimeout: {aor.qualify_timeout:f}",
        "Qualify2xxOnly: false",
        f"Mailboxes: {aor.mailboxes}",
        f"SupportPath: {_yes_no(aor.support_path)}",
        f"RemoveUnavailable: {_yes_no(aor.remove_unavailable)}",
        f"VoicemailExtension: {aor.value('voicemail_extension')}",
        f"MaxContacts: {aor.max_contacts}",
        f"AuthenticateQualify: {_yes_no(aor.authenticate_qualify)}",
        f"Contacts: {','.join(f'{c.aor}/{c.uri}' for c in contacts)}",
        f"MaximumExpiration: {aor.maximum_expiration}",
        f"QualifyFrequency: {aor.qualify_frequency}",
        f"RemoveExisting: {_yes_no(aor.remove_existing)}",
        f"OutboundProxy: {aor.outbound_proxy}",
    ]


def _contact(contact: Contact, aor: Aor | None) -> list[str]:
    timeout = aor.qualify_timeout if aor else 3.0
    return [
        "Event: ContactList",
        "ObjectType: contact",
        f"ObjectName: {contact.key.removeprefix('contact/')}",
        f"ViaAddr: {contact.via[0]}",
        f"QualifyTimeout: {timeout:f}",
        "Qualify2xxOnly: false",
        f"CallId: {contact.call_id}",
        "RegServer: ",
        "PruneOnBoot: no",
        "Path: ",
        f"Endpoint: {contact.endpoint}",
        f"ViaPort: {contact.via[1]}",
        "AuthenticateQualify: no",
        f"Uri: {contact.uri}",
        f"QualifyFrequency: {aor.qualify_frequency if aor else 0}",
        f"UserAgent: {contact.user_agent}",
        f"ExpirationTime: {int(contact.expires_at)}",
        "OutboundProxy: ",
        "Status: NonQualified",
        "RoundtripUsec: N/A",
    ]
