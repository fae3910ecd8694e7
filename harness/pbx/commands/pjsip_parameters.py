"""The options of one PJSIP object as the console and the manager interface list them."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from harness.config.values import is_true, leading_number
from harness.core.octets import bucket
from harness.pbx.commands import callerid
from harness.pbx.commands.pjsip_defaults import (
    AOR,
    AUTH,
    CAPITAL_YES_OR_NO,
    ENDPOINT,
    GLOBAL,
    IDENTIFY,
    ONLY_WHERE_SET,
    RESOURCE_LIST,
    SYSTEM,
    TRANSPORT,
    YES_OR_NO,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.config.pjsip_objects import (
        Aor,
        Auth,
        Endpoint,
        GlobalOptions,
        Identify,
        PjsipObject,
        ResourceList,
        SystemOptions,
        Transport,
    )
    from harness.pbx.contact import Contact


Parameters = list[tuple[str, str]]
"""Names and values in the order of the manager interface; some options give a row for each of their values."""

NAMED_GROUP_BUCKETS = 19
SETS = "set_var"
"""The option whose rows the console calls by the names of the variables."""

_TOS = {
    "ef": 184,
    **{f"cs{level}": level << 5 for level in range(8)},
    **{f"af{level}{drop}": level << 5 | drop << 3 for level in range(1, 5) for drop in range(1, 4)},
}


def type_of_service(text: str) -> int:
    """The number that a `tos` option stands for."""
    return _TOS[text.lower()] if text.lower() in _TOS else number(text)


def number(text: str) -> int:
    """A number as written in C, 0 for anything else."""
    try:
        return int(text, 0)
    except ValueError:
        return 0


def endpoint_parameters(endpoint: Endpoint) -> Parameters:
    """Of an endpoint."""
    values = _values(endpoint, ENDPOINT)
    for name in ONLY_WHERE_SET:
        if name not in endpoint.options:
            values.pop(name, None)
    values["allow"] = _codecs(endpoint)
    values["auth"] = ",".join(endpoint.auth)
    values["outbound_auth"] = ",".join(endpoint.outbound_auth)
    values["callerid"] = callerid.parse(endpoint.callerid).text("<unknown>")
    values["identify_by"] = ",".join(endpoint.identify_by)
    values["direct_media_method"] = endpoint.value("connected_line_method", values["direct_media_method"])
    for name in ("tos_audio", "tos_video"):
        values[name] = str(type_of_service(values[name]))
    for name in ("call_group", "pickup_group"):
        values[name] = _groups(values[name])
    for name in ("named_call_group", "named_pickup_group"):
        values[name] = _named_groups(values[name])
    return _rows(values, SETS, [setting.value for setting in endpoint.options.get(SETS, ())])


def _named_groups(text: str) -> str:
    """Each name once, in the order of the table that Asterisk keeps them in (main/channel.c, ast_get_namedgroups)."""
    names = dict.fromkeys(name.strip() for name in text.split(",") if name.strip())
    return ", ".join(sorted(names, key=lambda name: bucket(name, NAMED_GROUP_BUCKETS)))


def aor_parameters(aor: Aor, contacts: Iterable[Contact]) -> Parameters:
    """Of an AOR with its contacts."""
    values = _values(aor, AOR) | {"qualify_timeout": f"{aor.qualify_timeout:f}"}
    return _rows(values, "contact", [contact.uri for contact in contacts])


def auth_parameters(auth: Auth) -> Parameters:
    """Of credentials, passwords and all, as Asterisk tells them."""
    values = _values(auth, AUTH)
    values["auth_type"] = auth.auth_type
    values["password_digest"] = ",".join(f"{algorithm}:{digest}" for algorithm, digest in auth.digests.items())
    values["supported_algorithms_uas"] = ",".join(auth.supported_algorithms_uas)
    values["supported_algorithms_uac"] = ",".join(auth.supported_algorithms_uac)
    return list(values.items())


def identify_parameters(identify: Identify) -> Parameters:
    """Of an identify."""
    return _rows(_values(identify, IDENTIFY), "match", [with_mask(each) for each in identify.match])


def transport_parameters(transport: Transport, address: str) -> Parameters:
    """Of a transport that listens at an address."""
    values = _values(transport, TRANSPORT)
    values["protocol"], values["bind"] = transport.protocol, address
    values["tos"] = str(type_of_service(values["tos"]))
    values["cos"] = str(number(values["cos"]))
    return _rows(values, "local_net", [with_mask(each) for each in transport.whole_list("local_net")])


def list_parameters(resources: ResourceList) -> Parameters:
    """Of a resource list."""
    values = _values(resources, RESOURCE_LIST)
    values["list_item"] = ",".join(resources.items)
    return list(values.items())


def global_parameters(options: GlobalOptions) -> Parameters:
    """Of `type=global`."""
    return list((_values(options, GLOBAL) | {"user_agent": options.user_agent}).items())


def system_parameters(options: SystemOptions) -> Parameters:
    """Of `type=system`; a pool of threads has two names."""
    values = _values(options, SYSTEM)
    for name in list(values):
        other = name.replace("taskpool", "threadpool")
        if other != name and other in values and other in options.options:
            values[name] = values[other]
        elif other != name and other in values:
            values[other] = values[name]
    return list(values.items())


def with_mask(text: str) -> str:
    """An address or a network with its mask; a host name as it stands."""
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return text
    return f"{network.network_address}/{network.netmask}"


def contact_parameters(contact: Contact, aor: Aor) -> Parameters:
    """Of a contact, with what it has from its AOR."""
    shared = _values(aor, AOR)
    static = not contact.expires_at
    return [
        ("authenticate_qualify", "yes" if is_true(shared["authenticate_qualify"]) else "no"),
        ("call_id", contact.call_id),
        ("endpoint", "" if static else contact.endpoint),
        ("expiration_time", str(int(contact.expires_at))),
        ("outbound_proxy", shared["outbound_proxy"]),
        ("path", ""),
        ("prune_on_boot", "no"),
        ("qualify_2xx_only", shared["qualify_2xx_only"]),
        ("qualify_frequency", shared["qualify_frequency"]),
        ("qualify_timeout", f"{aor.qualify_timeout:f}"),
        ("reg_server", ""),
        ("uri", contact.uri),
        ("user_agent", contact.user_agent),
        ("via_addr", contact.via[0]),
        ("via_port", "0" if static else str(contact.via[1])),
    ]


def _rows(values: dict[str, str], name: str, several: list[str]) -> Parameters:
    """All rows, with one for each of the values of one option."""
    rows: Parameters = []
    for each, value in values.items():
        rows += [(name, one) for one in several] if each == name and several else [(each, value)]
    return rows


def _values(thing: PjsipObject, defaults: dict[str, str]) -> dict[str, str]:
    own = {name: thing.value(name) for name in thing.options if name.startswith("@")}
    return {name: _value(thing, name, default) for name, default in defaults.items()} | own


def _value(thing: PjsipObject, name: str, default: str) -> str:
    if name not in thing.options:
        return default
    value = thing.value(name)
    if name in YES_OR_NO:
        return "yes" if is_true(value) else "no"
    if name in CAPITAL_YES_OR_NO:
        return "Yes" if is_true(value) else "No"
    if default in ("true", "false"):
        return "true" if is_true(value) else "false"
    return value


def _groups(text: str) -> str:
    """`1,3-5` as single numbers."""
    numbers: list[int] = []
    for item in filter(None, (part.strip() for part in text.split(","))):
        first, dash, last = item.partition("-")
        if first.isdecimal() and (not dash or last.isdecimal()):
            numbers += range(leading_number(first), min(leading_number(last or first), 63) + 1)
    return ", ".join(map(str, sorted({each for each in numbers if each < 64})))


def _codecs(endpoint: Endpoint) -> str:
    """What is allowed, in order; `disallow=all` before it is what everybody writes and changes nothing."""
    codecs: dict[str, None] = {}
    for setting in endpoint.options.get("allow", ()):
        for name in setting.value.split(","):
            name = name.strip()
            if name.startswith("!"):
                codecs = {} if name == "!all" else {each: None for each in codecs if each != name[1:]}
            elif name:
                codecs[name] = None
    return f"({'|'.join(codecs)})" if codecs else "(nothing)"
