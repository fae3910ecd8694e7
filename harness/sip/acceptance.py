"""A 2xx to an INVITE, which its user repeats until the ACK comes (RFC 3261 13.3.1.4)."""

from __future__ import annotations

from collections.abc import Callable

from harness.sip.message import Response
from harness.sip.server_transaction import ServerTransaction
from harness.sip.tables import T1, T2, TIMEOUT
from harness.sip.timers import TimerHandle, Timers


class Acceptance:
    """Sends the 2xx at once and again after T1, doubling up to T2, on reliable transports too.

    Call `acknowledged` when the dialog gets the ACK. Without one, `on_unacknowledged` is called 64*T1 after the first;
    the dialog stands then, and the user ends it with a BYE.
    """

    __slots__ = ("_deadline", "_interval", "_on_unacknowledged", "_response", "_timer", "_timers", "_transaction")

    def __init__(
        self,
        timers: Timers,
        transaction: ServerTransaction,
        response: Response,
        on_unacknowledged: Callable[[], None],
    ) -> None:
        self._timers = timers
        self._transaction = transaction
        self._response = response
        self._on_unacknowledged = on_unacknowledged
        self._interval = T1
        self._deadline = timers.now + TIMEOUT
        transaction.respond(response)
        self._timer: TimerHandle | None = timers.schedule(T1, self._again)

    def acknowledged(self) -> None:
        """Stop. May be called more than once."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _again(self) -> None:
        left = self._deadline - self._timers.now
        if left <= 0:
            self._timer = None
            self._on_unacknowledged()
            return
        self._interval = min(2 * self._interval, T2)
        self._timer = self._timers.schedule(min(self._interval, left), self._again)
        self._transaction.respond(self._response)
