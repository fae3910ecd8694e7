"""The options of one PJSIP object as `pjsip show endpoint`, `aor` and `contact` list them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.config.values import is_true
from harness.pbx.commands import callerid
from harness.pbx.commands.pjsip_defaults import AOR, ENDPOINT, ONLY_WHERE_SET, YES_OR_NO

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.config.pjsip_objects import Aor, Endpoint, PjsipObject
    from harness.pbx.registrar import Contact


Parameters = list[tuple[str, str]]
"""Names and values; some options give a row for each of their values."""


def endpoint_parameters(endpoint: Endpoint) -> Parameters:
    """Of an endpoint."""
    values = _values(endpoint, ENDPOINT)
    values.update({name: endpoint.value(name) for name in ONLY_WHERE_SET if name in endpoint.options})
    values["allow"] = _codecs(endpoint)
    values["auth"] = ",".join(endpoint.auth)
    values["outbound_auth"] = ",".join(endpoint.outbound_auth)
    values["callerid"] = callerid.parse(endpoint.callerid).text("<unknown>")
    values["identify_by"] = ",".join(endpoint.identify_by)
    return _rows(values, "set_var", [setting.value for setting in endpoint.options.get("set_var", ())])


def aor_parameters(aor: Aor, contacts: Iterable[Contact]) -> Parameters:
    """Of an AOR with those contacts of it that its section names."""
    values = _values(aor, AOR) | {"qualify_timeout": f"{aor.qualify_timeout:f}"}
    return _rows(values, "contact", [contact.uri for contact in contacts])


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
    rest = [(each, value) for each, value in values.items() if each != name]
    return rest + [(name, value) for value in several or [values[name]]]


def _values(thing: PjsipObject, defaults: dict[str, str]) -> dict[str, str]:
    return {name: _value(thing, name, default) for name, default in defaults.items()}


def _value(thing: PjsipObject, name: str, default: str) -> str:
    if name not in thing.options:
        return default
    value = thing.value(name)
    if name in YES_OR_NO:
        return "yes" if is_true(value) else "no"
    if default in ("true", "false"):
        return "true" if is_true(value) else "false"
    return value


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
