"""`pjsip show` and `pjsip list` of what is configured and of who is registered (res/res_pjsip and its formatters)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from harness.core.octets import fold
from harness.pbx.calls.listing import duration
from harness.pbx.calls.pjsip_channel import TECHNOLOGY
from harness.pbx.commands import callerid
from harness.pbx.commands import pjsip_columns as columns
from harness.pbx.commands.columns import left
from harness.pbx.commands.pjsip_listing import NOTHING, Kind
from harness.pbx.commands.pjsip_parameters import (
    Parameters,
    aor_parameters,
    auth_parameters,
    contact_parameters,
    endpoint_parameters,
    global_parameters,
    identify_parameters,
    number,
    system_parameters,
    transport_parameters,
    type_of_service,
)
from harness.pbx.commands.registry import USAGE, Answer, Registry
from harness.pbx.commands.served import Served
from harness.pbx.identify import METHODS, identifier_order
from harness.sip.matching import host_port

if TYPE_CHECKING:
    from harness.config.pjsip_objects import Aor, Auth, Endpoint, Identify, Transport
    from harness.pbx.calls.live import LiveChannel
    from harness.pbx.contact import Contact

NO_TASKS = (
    "PJSIP Scheduled Tasks:\n\n<Task Name....................................> <Interval> <Times Run> <State>  "
    f"<Queued....>  <Last Start>  <Next Start.....secs>\n{'=' * 129}\n\nTotal Scheduled Tasks: 0\n\n"
)
PJPROJECT = "PJPROJECT version currently running against: 2.17\n"


def register(registry: Registry, served: Served) -> None:
    """Serve the family."""
    shown = _Objects(served)
    Kind(
        "endpoint",
        "endpoints",
        _endpoint_heading,
        lambda: served.pjsip.endpoints,
        shown.endpoint,
        endpoint_parameters,
    ).register(registry)
    Kind("aor", "aors", _aor_heading, lambda: served.pjsip.aors, shown.aor, shown.aor_details).register(registry)
    Kind("contact", "contacts", _contact_heading, shown.contacts, shown.contact, shown.details).register(registry)
    Kind(
        "auth", "auths", _auth_heading, lambda: served.pjsip.auths, shown.auth, auth_parameters
    ).register(registry)
    Kind(
        "identify",
        "identifies",
        _identify_heading,
        lambda: served.pjsip.identifies,
        shown.identify,
        identify_parameters,
    ).register(registry)
    Kind(
        "transport",
        "transports",
        _transport_heading,
        lambda: served.pjsip.transports,
        shown.transport,
        lambda transport: transport_parameters(transport, shown.address()),
    ).register(registry)
    Kind("channel", "channels", _channel_heading, shown.channels, shown.channel).register(registry)
    registry.serve("pjsip list registrations", lambda _words: Answer(NOTHING))
    registry.serve("pjsip show registrations", lambda _words: Answer(NOTHING))
    registry.serve("pjsip show settings", lambda _words: Answer(_settings(served)))
    registry.serve("pjsip show identifiers", lambda _words: Answer(_identifiers(served)))
    registry.serve("pjsip show unidentified_requests", lambda _words: Answer(NOTHING))
    registry.serve("pjsip show scheduled_tasks", _show_tasks)
    registry.serve("pjsip show version", lambda _words: Answer(PJPROJECT))


def _show_tasks(words: Sequence[str]) -> Answer:
    """There are none, `like` whatever pattern."""
    understood = not words or (len(words) == 2 and fold(words[0]) == "like")
    return Answer(NO_TASKS) if understood else USAGE


def _endpoint_heading(deep: bool) -> str:
    heading = columns.endpoint_heading()
    if not deep:
        return heading
    own = (columns.auth_heading(1), columns.aor_heading(1), columns.contact_heading(2), columns.transport_heading(1))
    other = (columns.identify_heading(1), columns.match_heading(2))
    return "".join((heading, *own, *other, columns.channel_heading(1), columns.dialed_heading(2)))


def _channel_heading(deep: bool) -> str:
    return columns.channel_heading(0) + (columns.dialed_heading(1) if deep else "")


def _aor_heading(deep: bool) -> str:
    return columns.aor_heading(0) + (columns.contact_heading(1) if deep else "")


def _contact_heading(_deep: bool) -> str:
    return columns.contact_heading(0)


def _auth_heading(_deep: bool) -> str:
    return columns.auth_heading(0)


def _identify_heading(deep: bool) -> str:
    return columns.identify_heading(0) + (columns.match_heading(1) if deep else "")


def _transport_heading(_deep: bool) -> str:
    return columns.transport_heading(0)


class _Objects:
    """The lines of each type; `depth` is how far in an object stands."""

    def __init__(self, served: Served) -> None:
        self._served = served

    def endpoint(self, endpoint: Endpoint, deep: bool) -> Iterator[str]:
        number = callerid.parse(endpoint.callerid).number
        name = f"{endpoint.name}/{number}" if number else endpoint.name
        state = self._served.core.devices.query(f"PJSIP/{endpoint.name}").words
        channels = list(self._served.exchange.channels_of(f"PJSIP/{endpoint.name}"))
        yield columns.endpoint_line(name, state, len(channels), endpoint.device_state_busy_at)
        if deep:
            yield from self._credentials(endpoint)
            for aor in filter(None, map(self._served.pjsip.aors.get, endpoint.aors)):
                yield from self._aor(aor, 1, deep)
            yield from self._reached_by(endpoint)
            for live in channels:
                yield from self._channel(live, 1, deep)
            yield "\n"

    def channels(self) -> dict[str, LiveChannel]:
        exchange = self._served.exchange
        return {name: live for name, live in exchange.live.items() if live.technology == TECHNOLOGY}

    def channel(self, live: LiveChannel, deep: bool) -> Iterator[str]:
        yield from self._channel(live, 0, deep)
        if deep:
            yield "\n"

    def _channel(self, live: LiveChannel, depth: int, deep: bool) -> Iterator[str]:
        channel, seconds = live.channel, self._served.exchange.now() - live.began_at
        yield columns.channel_line(
            live.name, channel.application, channel.state.word, duration(seconds), depth
        )  # fmt: skip
        if deep:
            yield columns.dialed_line(channel.exten, channel.connected, depth + 1)

    def _credentials(self, endpoint: Endpoint) -> Iterator[str]:
        for direction, names in (("Out", endpoint.outbound_auth), ("In", endpoint.auth)):
            for auth in filter(None, map(self._served.pjsip.auths.get, names)):
                yield columns.auth_line(direction, auth.name, auth.username, 1)

    def _reached_by(self, endpoint: Endpoint) -> Iterator[str]:
        transport = self._served.pjsip.transports.get(endpoint.transport)
        if transport is not None:
            yield self._transport(transport, 1)
        for identify in self._served.pjsip.identifies.values():
            if identify.endpoint == endpoint.name:
                yield from _identify(identify, 1, deep=True)

    def aor(self, aor: Aor, deep: bool) -> Iterator[str]:
        yield from self._aor(aor, 0, deep)
        if deep:
            yield "\n"

    def _aor(self, aor: Aor, depth: int, deep: bool) -> Iterator[str]:
        yield columns.aor_line(aor.name, aor.max_contacts, depth)
        if deep:
            for contact in self._served.registrar.of_aor(aor.name):
                yield _contact(contact, depth + 1)

    def aor_details(self, aor: Aor) -> Parameters:
        return aor_parameters(aor, self._served.registrar.of_aor(aor.name))

    def contacts(self) -> dict[str, Contact]:
        return {f"{contact.aor}/{contact.uri}": contact for contact in self._served.registrar.all_contacts()}

    def contact(self, contact: Contact, _deep: bool) -> Iterator[str]:
        yield _contact(contact, 0)

    def details(self, contact: Contact) -> Parameters:
        return contact_parameters(contact, self._served.pjsip.aors[contact.aor])

    def auth(self, auth: Auth, _deep: bool) -> Iterator[str]:
        yield columns.auth_line("", auth.name, auth.username, 0)

    def identify(self, identify: Identify, deep: bool) -> Iterator[str]:
        yield from _identify(identify, 0, deep)
        if deep:
            yield "\n"

    def transport(self, transport: Transport, _deep: bool) -> Iterator[str]:
        yield self._transport(transport, 0)

    def _transport(self, transport: Transport, depth: int) -> str:
        tos = type_of_service(transport.value("tos", "0"))
        cos = number(transport.value("cos", "0"))
        return columns.transport_line(transport.name, transport.protocol, cos, tos, self.address(), depth)

    def address(self) -> str:
        """Where the server listens."""
        return host_port(*self._served.address)


def _settings(served: Served) -> str:
    shown = (("Global", global_parameters(served.pjsip.globals)), ("System", system_parameters(served.pjsip.system)))
    return "".join(f"\n{name} Settings:\n\n{columns.parameters(values)}" for name, values in shown)


def _identifiers(served: Served) -> str:
    """Those without an order of their own come first, those that nothing orders last."""
    ordered = [word.strip() for word in served.pjsip.globals.endpoint_identifier_order.split(",") if word.strip()]
    names = ["name not specified", *(name for name in identifier_order(",".join(ordered)) if name in METHODS)]
    return "".join(f"{left(name, 20)}\n" for name in ("Identifier Names:", *names))


def _contact(contact: Contact, depth: int) -> str:
    return columns.contact_line(
        contact.aor, contact.uri, contact.digest, depth, contact.status, contact.roundtrip_s
    )


def _identify(identify: Identify, depth: int, deep: bool) -> Iterator[str]:
    yield columns.identify_line(identify.name, identify.endpoint, depth)
    if deep:
        for match in identify.match:
            yield columns.criterion_line("Match", _network(match), depth + 1)
        if identify.match_header:
            yield columns.criterion_line("Header", identify.match_header, depth + 1)
        if identify.match_request_uri:
            yield columns.criterion_line("RequestURI", identify.match_request_uri, depth + 1)


def _network(text: str) -> str:
    """An address or a network with its length; a host name, which Asterisk would have looked up, as it stands."""
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        return text
