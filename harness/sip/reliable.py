"""Reliable provisional responses (RFC 3262), both ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.sip.parts import read_number
from harness.sip.tables import T1, TIMEOUT

if TYPE_CHECKING:
    from harness.sip.dialog import Dialog
    from harness.sip.leg import Leg
    from harness.sip.message import Response
    from harness.sip.server_transaction import ServerTransaction
    from harness.sip.timers import TimerHandle

OPTION = "100rel"
MAX_RSEQ = 2**32 - 1
"""RFC 3262 7.1."""
MAX_WAITING = 8
"""Provisional responses that wait for the PRACK of one before them."""


class ReliableResponses:
    """The callee's side: one unacknowledged response at a time, repeated until its PRACK comes (3)."""

    def __init__(self, leg: Leg, transaction: ServerTransaction) -> None:
        self._leg, self._transaction = leg, transaction
        self.required = OPTION in transaction.request.headers.all("Require")
        self._number = leg.client.stack.identifiers.cseq()
        self._waiting: list[tuple[int, list[tuple[str, str]], bytes]] = []
        self._unacknowledged: Response | None = None
        self._timer: TimerHandle | None = None

    def respond(self, status: int, rows: list[tuple[str, str]], body: bytes) -> None:
        """Send a provisional response, after those that were asked for before."""
        if not self.required or status == 100:
            self._transaction.reply(status, headers=rows, body=body)
        elif self._unacknowledged is not None:
            if len(self._waiting) < MAX_WAITING:
                self._waiting.append((status, rows, body))
        else:
            self._send(status, rows, body)

    def acknowledged(self, prack: ServerTransaction) -> bool:
        """Take a PRACK; False where it is for nothing that waits."""
        waiting = self._unacknowledged
        if waiting is None:
            return False
        wanted = f"{waiting.headers.get('RSeq')} {waiting.cseq.number} {waiting.cseq.method}"
        if " ".join((prack.request.headers.get("RAck") or "").split()) != wanted:
            return False
        self.stop_timer()
        self._unacknowledged = None
        prack.reply(200)
        if self._waiting:
            self._send(*self._waiting.pop(0))
        return True

    def stop(self) -> None:
        """A final response was given: nothing is repeated any more."""
        self.stop_timer()
        self._unacknowledged = None
        self._waiting.clear()

    def stop_timer(self) -> None:
        """Repeat no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _send(self, status: int, rows: list[tuple[str, str]], body: bytes) -> None:
        self._number += 1
        rows = [*rows, ("Require", OPTION), ("RSeq", str(self._number))]
        self._unacknowledged = self._transaction.reply(status, headers=rows, body=body)
        self._repeat_in(T1, T1)

    def _repeat_in(self, interval: float, waited: float) -> None:
        self._timer = self._leg.client.stack.timers.schedule(interval, self._repeat, interval, waited)

    def _repeat(self, interval: float, waited: float) -> None:
        if self._unacknowledged is None:
            return
        if waited >= TIMEOUT:
            self._leg.refuse(500)  # 3: no PRACK, so the request is rejected with 5xx
            return
        self._transaction.respond(self._unacknowledged)
        self._repeat_in(2 * interval, waited + 2 * interval)


class PrackSender:
    """The caller's side: a PRACK for each reliable response, in order (4)."""

    def __init__(self, leg: Leg) -> None:
        self._leg = leg
        self._last: dict[str, int] = {}

    def heard(self, response: Response, dialog: Dialog) -> bool:
        """A provisional response of an early dialog; False for one that is repeated or skips one, which is dropped."""
        number = read_number(response.headers.get("RSeq"), MAX_RSEQ)
        if number is None or OPTION not in response.headers.all("Require"):
            return True
        last = self._last.get(dialog.remote_tag)
        if last is not None and number != last + 1:
            return False
        self._last[dialog.remote_tag] = number
        cseq = response.cseq
        self._leg.request("PRACK", [("RAck", f"{number} {cseq.number} {cseq.method}")], dialog=dialog)
        return True

    def stop(self) -> None:
        """Nothing is acknowledged any more."""
        self._last.clear()
