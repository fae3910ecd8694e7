"""What is refused before anybody asks who speaks (res_pjsip/pjsip_message_filter.c)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.sip.grammar import GrammarError
from harness.sip.parts import read_uint32
from harness.sip.uri import SipUri

if TYPE_CHECKING:
    from harness.sip.message import Request

CREATE_DIALOGS = frozenset(("INVITE", "SUBSCRIBE", "REFER", "NOTIFY", "UPDATE"))
"""Methods that need a Contact (pjsip_method_creates_dialog)."""
ALLOWED_SCHEMES = ("sip:", "sips:", "tel:")
PUBLISHED_EVENTS = frozenset(("asterisk-devicestate", "asterisk-mwi"))
_NUMBER = re.compile(r"[ \t]*[+-]?[0-9]")
SERVER_ERROR = "Server Internal Error"
"""What pjsip says beside 500 (RFC 3261 21.5.1)."""
MISSING_CONTACT = "Missing Contact header"


def refusal(request: Request) -> tuple[int, str | None] | None:
    """Status and reason of the answer, or None where the request may go on."""
    try:
        parties = (request.from_.uri, request.to.uri)
        contacts = [address.uri for address in request.contacts]
    except GrammarError:
        return 400, None
    if any(_scheme(uri) not in ALLOWED_SCHEMES for uri in parties):
        return 416, None
    if not contacts and request.method in CREATE_DIALOGS:
        return 400, MISSING_CONTACT
    if any(_scheme(uri) not in ALLOWED_SCHEMES[:2] for uri in contacts):
        return 416, None
    return None


def publish_refusal(request: Request) -> tuple[int, str | None]:
    """Status and reason of the answer to a PUBLISH (res_pjsip_pubsub.c, pubsub_on_rx_publish_request).

    Two events have somebody who takes them, but only for an `inbound-publication`, of which there are none here.
    """
    headers = request.headers
    if (headers.get("Event") or "").partition(";")[0].strip() not in PUBLISHED_EVENTS:
        return 489, None
    etag = headers.get("SIP-If-Match")
    if etag is not None and _NUMBER.match(etag) is None:
        return 400, None
    expires = headers.get("Expires")
    body = bool(request.body) and "Content-Type" in headers
    if (expires is not None and not read_uint32(expires)) or etag is not None:
        return 412, "Conditional Request Failed"
    if not body:
        return 400, None
    return (404 if _scheme(request.uri) in ALLOWED_SCHEMES[:2] else 416), None


def _scheme(uri: str) -> str:
    return uri.partition(":")[0].lower() + ":"


def user_of(uri: str) -> str:
    """The user part of a sip: or sips: URI, the number of a tel: URI; raises GrammarError for other schemes."""
    if _scheme(uri) == "tel:":
        return uri[len("tel:") :].partition(";")[0]
    return SipUri.parse(uri).user_unescaped.partition("\0")[0]
