"""What is refused before anybody asks who speaks (res_pjsip/pjsip_message_filter.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.sip.grammar import GrammarError
from harness.sip.uri import SipUri

if TYPE_CHECKING:
    from harness.sip.message import Request

CREATE_DIALOGS = frozenset(("INVITE", "SUBSCRIBE", "REFER", "NOTIFY", "UPDATE"))
"""Methods that need a Contact (pjsip_method_creates_dialog)."""
ALLOWED_SCHEMES = ("sip:", "sips:", "tel:")
MISSING_CONTACT = "Missing Contact header"


def unreadable(request: Request) -> bool:
    """Whether pjsip's parser stumbles over it: such a request gets no answer at all."""
    event = request.headers.get("Event")
    return (event is not None and not event.partition(";")[0].strip()) or "sip:@" in request.uri.lower()


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


def _scheme(uri: str) -> str:
    return uri.partition(":")[0].lower() + ":"


def user_of(uri: str) -> str:
    """The user part of a sip: or sips: URI, the number of a tel: URI; raises GrammarError for other schemes."""
    if _scheme(uri) == "tel:":
        return uri[len("tel:") :].partition(";")[0]
    return SipUri.parse(uri).user_unescaped
