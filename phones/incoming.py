"""What an INVITE says before anybody answers it: who calls, what is asked for, and why it cannot be had."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from harness.sip import sdp
from harness.sip.grammar import GrammarError, read_params
from harness.sip.sdp import SdpError
from phones.sound import Sound

if TYPE_CHECKING:
    from harness.sip.message import Request
    from phones.call import Call

Rows = tuple[tuple[str, str], ...]

UNDERSTOOD = frozenset(("100rel", "timer", "replaces", "norefersub"))
"""Extensions that an INVITE may require."""


def refusal(request: Request) -> tuple[int, Rows] | None:
    """Status and headers for an INVITE that the phone cannot take (RFC 3261 8.2.2.3, 8.2.3); None where it can."""
    unknown = [option for option in request.headers.all("Require") if option.lower() not in UNDERSTOOD]
    if unknown:
        return 420, (("Unsupported", ", ".join(unknown)),)
    if not request.body:
        return None
    content_type = (request.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    if content_type != sdp.CONTENT_TYPE:
        return 415, (("Accept", sdp.CONTENT_TYPE),)
    try:
        Sound("0.0.0.0", 0).answer(request.body)
    except SdpError as error:
        return 488, (("Warning", f'399 phone "{error.reason}"'),)
    return None


def shown_caller(request: Request) -> tuple[str, str]:
    """Number and name as the phone shows them: of the From header."""
    try:
        caller = request.from_
        number = caller.sip_uri.user_unescaped
    except GrammarError:
        return "", ""
    return number, caller.display


def replaced(request: Request, calls: Iterable[Call]) -> Call | None:
    """The call that this one is to replace (RFC 3891 3): that of the dialog which its Replaces header names."""
    values = request.headers.rows("Replaces")
    if len(values) != 1:
        return None
    call_id, semicolon, rest = values[0].partition(";")
    params = read_params(semicolon + rest)
    named = (call_id.strip(), params.get("to-tag"), params.get("from-tag"))
    for call in calls:
        dialog = call.leg.dialog
        if dialog is not None and call.talking and (dialog.call_id, dialog.local_tag, dialog.remote_tag) == named:
            return call
    return None
