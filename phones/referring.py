"""REFER (RFC 3515): a call that is handed on, and one that is placed because somebody asked for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from harness.sip.grammar import GrammarError, unescape
from harness.sip.message import Request, Response
from harness.sip.notify import read_notify
from harness.sip.uri import NameAddr

if TYPE_CHECKING:
    from harness.sip.dialog import Dialog
    from harness.sip.machine import Failure
    from harness.sip.server_transaction import ServerTransaction
    from phones.call import Call

SIPFRAG = "message/sipfrag;version=2.0"
LASTS_S = 60
"""Seconds that the news of a referral are promised for (RFC 3515 2.4.4)."""
_STATUS = re.compile(rb"SIP/2\.0 ([1-6][0-9]{2})(?: ([^\r\n]*))?")


HOLDING, CONSULTING, ASKED, DONE, FAILED = "holding", "consulting", "asked", "done", "failed"
"""How a transfer stands: until the far end is on hold, until the person joins two calls, until it is answered."""


class Transfer:
    """Our REFER within a call: sent once the call is on hold; the call is given up when the far end has what it was
    sent for, and comes back to the person when that fails."""

    def __init__(self, call: Call, target: str, by: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        """`target` is a URI, `by` the Referred-By value; `headers` are sent with it."""
        self.call, self._target, self._by, self._headers = call, target, by, headers
        self.consulted: Call | None = None
        """The call with whom the other is to be joined; it ends with the transfer."""
        self.state = HOLDING

    def consult(self, other: Call) -> None:
        """Wait until the person has talked to the other."""
        self.consulted, self.state = other, CONSULTING

    def held(self) -> None:
        """The hold has been answered."""
        if self.state == HOLDING:
            self._send(self._target)

    def join(self, target: str) -> None:
        """Send the far end to a URI that replaces us in the other call."""
        if self.state == CONSULTING:
            self._send(target)

    def _send(self, target: str) -> None:
        self.state = ASKED
        rows = [("Refer-To", f"<{target}>"), ("Referred-By", self._by), *self._headers]
        self.call.leg.request("REFER", rows, on_response=self._answered)

    def _answered(self, outcome: Response | Failure) -> None:
        if outcome.status >= 300 and self.state == ASKED:
            self._failed(f"{outcome.status} {outcome.reason}")

    def notified(self, transaction: ServerTransaction) -> None:
        """News of it: the last response that the far end's new call got, as a fragment of it."""
        request = transaction.request
        event = (request.headers.get("Event") or "").partition(";")[0].strip().lower()
        if event != "refer" or self.state != ASKED:
            transaction.reply(481)
            return
        found = _STATUS.match(request.body.lstrip())
        if found is None:
            transaction.reply(400, "No Status Line In The Fragment")
            return
        transaction.reply(200)
        status, reason = int(found[1]), (found[2] or b"").decode("utf-8", "replace")
        told = read_notify(transaction)
        if 200 <= status < 300:
            self._done()
        elif status >= 300:
            self._failed(f"{status} {reason}".rstrip())
        elif told is not None and told.state == "terminated":
            self._failed("the news of it ended")

    def left(self) -> None:
        """The far end hung up; after a REFER that is a good sign."""
        if self.state == ASKED:
            self._done()

    def _done(self) -> None:
        self.state = DONE
        for call in (self.call, self.consulted):
            if call is not None and call.live:
                call.hang_up("transferred")

    def _failed(self, why: str) -> None:
        self.state = FAILED
        self.call.owner.note("transfer failed", call=self.call.id, target=self._target, why=why)
        self.call.transfer = None
        if self.call.live:
            self.call.resume()

    def deserted(self) -> None:
        """Whom the person wanted to consult is not there (any more): the far end stays on hold."""
        if self.state == CONSULTING:
            self.state, self.call.transfer = FAILED, None


class Referral:
    """The far end's REFER: its news go back as NOTIFYs within the same dialog."""

    def __init__(self, call: Call, event_id: int) -> None:
        """`call` is the one in which it came, `event_id` the CSeq number of the REFER."""
        self.call, self._event = call, f"refer;id={event_id}"
        self._finished = False

    def told(self, outcome: Response | Failure) -> None:
        """What the new call was answered; a refusal brings the person back to who asked for it."""
        if self._finished:
            return
        self._notify(f"SIP/2.0 {outcome.status} {outcome.reason}", outcome.status >= 200)
        if outcome.status >= 300:
            self.call.resume()

    def finished(self) -> None:
        """The new call is over before it was answered."""
        if not self._finished:
            self._notify("SIP/2.0 487 Request Terminated", True)

    def begin(self) -> None:
        """RFC 3515 2.4.4: a first NOTIFY at once."""
        self._notify("SIP/2.0 100 Trying", False)

    def _notify(self, line: str, last: bool) -> None:
        self._finished = last
        state = "terminated;reason=noresource" if last else f"active;expires={LASTS_S}"
        rows = [("Event", self._event), ("Subscription-State", state), ("Content-Type", SIPFRAG)]
        if not self.call.leg.over:
            self.call.leg.request("NOTIFY", rows, f"{line}\r\n".encode())


def refer_to(request: Request) -> tuple[str, str] | None:
    """The URI of a Refer-To without its headers, and its Replaces."""
    values = request.headers.all("Refer-To")
    try:
        uri = NameAddr.parse(values[0]).sip_uri if len(values) == 1 else None
    except GrammarError:
        return None
    if uri is None:
        return None
    headers = dict(part.partition("=")[::2] for part in uri.headers.split("&") if part)
    replaces = next((value for name, value in headers.items() if name.lower() == "replaces"), "")
    return str(uri._replace(headers="")), unescape(replaces)


def replacing(uri: str, dialog: Dialog) -> str:
    """A URI with the Replaces that takes our place in a dialog (RFC 3891, RFC 3261 19.1.1)."""
    value = f"{dialog.call_id};to-tag={dialog.remote_tag};from-tag={dialog.local_tag}"
    return f"{uri}?Replaces={quote(value, safe='')}"
