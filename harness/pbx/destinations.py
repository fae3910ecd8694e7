"""Where a request goes that is for an endpoint by its name (res_pjsip.c, ast_sip_get_endpoint).

The forms: an endpoint; `endpoint@anything`; `PJSIP/user@endpoint`; `endpoint/aor`; `endpoint/uri`; and, by way of the
global option default_outbound_endpoint, a URI or what looks like one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from harness.sip.grammar import GrammarError
from harness.sip.uri import NameAddr, SipUri

if TYPE_CHECKING:
    from harness.config.pjsip import PjsipConfig
    from harness.config.pjsip_objects import Endpoint
    from harness.pbx.contact import Contact
    from harness.pbx.registrar import Registrar

CHANNEL_FORM = "PJSIP/"
SCHEMES = ("sip:", "sips:")


class Destination(NamedTuple):
    """An endpoint and the URI to ask; `contact` where that is one of its own."""

    endpoint: Endpoint
    uri: str
    contact: Contact | None = None


def find(text: str, config: PjsipConfig, registrar: Registrar) -> Destination | None:
    """What a destination stands for; None where there is nobody to be had."""
    has_scheme = any(scheme in text for scheme in SCHEMES)
    if "/" in text:
        return _with_slash(text, has_scheme, config, registrar)
    named = config.endpoints.get(text.partition("@")[0])
    if named is not None and not has_scheme:
        return _contact(named, registrar.contacts_of(named))
    default = config.endpoints.get(config.globals.default_outbound_endpoint)
    return None if default is None else _uri(default, text if has_scheme else f"sip:{text}")


def _with_slash(text: str, has_scheme: bool, config: PjsipConfig, registrar: Registrar) -> Destination | None:
    before, _, after = text.partition("/")
    if text.startswith(CHANNEL_FORM):
        user, at, before = after.partition("@")
        endpoint = config.endpoints.get(before)
        found = _contact(endpoint, registrar.contacts_of(endpoint)) if endpoint is not None and at else None
        return None if found is None else found._replace(uri=str(SipUri.parse(found.uri)._replace(user=user)))
    endpoint = config.endpoints.get(before)
    if endpoint is None:
        return None
    if not has_scheme and after in config.aors:
        return _contact(endpoint, registrar.of_aor(after))
    return _uri(endpoint, after if has_scheme else f"sip:{after}")


def _contact(endpoint: Endpoint, contacts: list[Contact]) -> Destination | None:
    return Destination(endpoint, contacts[0].target, contacts[0]) if contacts else None


def _uri(endpoint: Endpoint, text: str) -> Destination | None:
    try:
        return Destination(endpoint, str(NameAddr.parse(text).sip_uri))
    except GrammarError:
        return None
