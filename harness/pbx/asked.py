"""What a SUBSCRIBE asks for, and the checks that come before anything is looked up (res_pjsip_pubsub.c:3249-3330)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from harness.pbx.documents import EVENTS, negotiate
from harness.sip.grammar import GENERIC_PARAMS, TOKEN, GrammarError, read_params
from harness.sip.parts import read_uint32
from harness.sip.uri import SipUri

if TYPE_CHECKING:
    from harness.config.pjsip_objects import Endpoint
    from harness.sip.headers import Headers
    from harness.sip.message import Request

EVENTLIST = "eventlist"
REQUIRE_EVENTLIST = (("Require", EVENTLIST),)
MAX_EXPIRES_S = 3600
"""The longest subscription (DEFAULT_EXPIRES), and the one of a SUBSCRIBE that names none."""

_NUMBER = re.compile(r"[0-9]+")
_EVENT = re.compile(rf"{TOKEN}{GENERIC_PARAMS}", re.DOTALL)


class Refused(NamedTuple):
    """The answer to a request that is not granted, and the sentence for the trace."""

    status: int
    reason: str


class Asked(NamedTuple):
    """A request that may be granted, if there is such a `resource`."""

    uri: SipUri
    resource: str
    package: str
    content_type: str
    eventlist: bool


def requested_expiry(headers: Headers) -> int | None:
    """Seconds that a legible request asks for, in 32 bits; None where it does not say."""
    text = headers.get("Expires")
    return None if text is None else read_uint32(text)


def granted_expiry(headers: Headers, otherwise: int) -> int:
    """Seconds that a legible request gets."""
    asked = requested_expiry(headers)
    return otherwise if asked is None else min(asked, MAX_EXPIRES_S)


def package_of(event: str | None) -> str:
    """The event package that an Event header names."""
    return (event or "").partition(";")[0].strip()


def same_event(one: str, other: str | None) -> bool:
    """Whether two Event values are about the same: package in any case, and `id` (evsub.c:1584)."""
    return other is not None and _event_key(one) == _event_key(other)


def _event_key(text: str) -> tuple[str, str]:
    package, semicolon, params = text.partition(";")
    return package.strip().lower(), read_params(semicolon + params).get("id") or ""


def wants_lists(headers: Headers) -> bool:
    """Whether the subscriber understands resource lists (RFC 4662 4.1)."""
    return any(option.strip().lower() == EVENTLIST for option in headers.all("Supported"))


def read(endpoint: Endpoint, request: Request, ignore_user_options: bool) -> Asked | Refused:
    """Check a first SUBSCRIBE in Asterisk's order."""
    if not endpoint.allow_subscribe:
        return Refused(603, f"subscriptions are not permitted for endpoint {endpoint.name} (allow_subscribe)")
    asked = understand(request, ignore_user_options)
    if isinstance(asked, Refused) and asked.status == 416:
        return asked
    expires = requested_expiry(request.headers)
    if expires == 0:
        return Refused(400, "there is no fetching of a state with Expires: 0")
    if expires is not None and expires < endpoint.sub_min_expiry:
        least = endpoint.sub_min_expiry
        return Refused(423, f"endpoint {endpoint.name} wants at least {least} s (sub_min_expiry)")
    return asked


def understand(request: Request, ignore_user_options: bool) -> Asked | Refused:
    """What a SUBSCRIBE is about, whoever sends it and for how long."""
    try:
        uri = SipUri.parse(request.uri)
    except GrammarError:
        return Refused(416, "the Request-URI is not a SIP URI")
    headers = request.headers
    package = package_of(headers.get("Event"))
    if package not in EVENTS:
        return Refused(489, f"the event package {package!r} is not served")
    content_type = negotiate(package, headers.all("Accept"))
    if content_type is None:
        return Refused(489, "no type of the Accept header can be made")
    user = uri.user_unescaped.partition("\0")[0]
    resource = user.partition(";")[0] if ignore_user_options else user
    return Asked(uri, resource, package, content_type, wants_lists(headers))
