"""Changing a session: re-INVITE and UPDATE (RFC 3261 14, RFC 3311), both ends, with their glare.

One offer stands at a time. Ours waits for what is under way; the far end's is refused with 491 where ours is out, and
with 500 where an earlier one of theirs is not answered yet. After a 491 the side that owns the Call-ID waits longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.sip.leg_table import LegState
from harness.sip.machine import Failure
from harness.sip.message import Request, Response
from harness.sip.tables import T1, T2, TIMEOUT

if TYPE_CHECKING:
    from harness.sip.leg import Leg
    from harness.sip.server_transaction import ServerTransaction
    from harness.sip.timers import TimerHandle

OWNER_WAIT_S = (2.1, 4.0)
OTHER_WAIT_S = (0.0, 2.0)
"""Seconds, from and to, that an offer waits after a 491 (RFC 3261 14.1)."""
RETRY_AFTER_S = 10
"""Seconds, at most, that a second offer is told to wait for the first (RFC 3261 14.2)."""

SDP = "application/sdp"


class Offer:
    """A re-INVITE or UPDATE of the far end, until it is answered."""

    def __init__(self, reoffers: Reoffers, transaction: ServerTransaction) -> None:
        self._reoffers, self._transaction = reoffers, transaction

    @property
    def request(self) -> Request:
        """What came."""
        return self._transaction.request

    @property
    def body(self) -> bytes:
        """The offer; empty where one is asked of us, or where the session is only to be kept alive."""
        return self.request.body

    def accept(self, body: bytes = b"") -> None:
        """Take it: `body` is the answer, or our offer where none came with it. Nothing where it is answered."""
        if not self._transaction.answered:
            self._reoffers.accept(self._transaction, body)

    def refuse(self, status: int = 488) -> None:
        """Leave the session as it is. Nothing where it is answered."""
        if not self._transaction.answered:
            self._reoffers.refuse(self._transaction, status)


class Reoffers:
    """All offers of one leg after the first one."""

    def __init__(self, leg: Leg) -> None:
        self._leg = leg
        self._out = False
        self._wanted: tuple[bytes, str] | None = None
        self._taken: ServerTransaction | None = None
        """Theirs that is not answered."""
        self._unacknowledged: int | None = None
        self._timer: TimerHandle | None = None
        self._repeating: TimerHandle | None = None
        self._deadline: TimerHandle | None = None

    @property
    def out(self) -> bool:
        """Whether an offer of ours is not answered yet."""
        return self._out

    @property
    def pending(self) -> bool:
        """Whether an offer is under way in either direction."""
        return self._out or self._taken is not None or self._unacknowledged is not None

    def stop(self) -> None:
        """The call ends: nothing is sent any more."""
        for timer in (self._timer, self._repeating, self._deadline):
            if timer is not None:
                timer.cancel()
        self._timer = self._repeating = self._deadline = self._wanted = None
        if self._taken is not None and not self._taken.answered:
            self._taken.reply(487)
        self._taken = None

    # ours

    def ask(self, body: bytes, method: str = "INVITE") -> None:
        """Offer; the last one asked for counts where it has to wait."""
        self._wanted = (body, method)
        self.go_on()

    def go_on(self) -> None:
        """Send what was asked for, where nothing is in its way any more: the ACK of the call itself, another offer."""
        if self._wanted is None or self.pending or self._timer is not None:
            return
        if self._leg.state is not LegState.TALKING:
            return
        (body, method), self._wanted = self._wanted, None
        self._out = True
        rows = [("Content-Type", SDP)] if body else []
        timer = self._leg.session_timer
        rows += timer.refresh_rows() if timer is not None else []
        self._leg.request(method, rows, body, lambda outcome: self._answered(outcome, body, method))

    def _answered(self, outcome: Response | Failure, body: bytes, method: str) -> None:
        if outcome.status < 200:
            return
        leg = self._leg
        if method == "INVITE" and isinstance(outcome, Response) and outcome.status < 300:
            self._acknowledge(outcome)
        if not self._out or leg.state is not LegState.TALKING:
            self._out = False
            return
        self._out = False
        if outcome.status == 491:
            self._again(body, method)
        elif outcome.status in (408, 481):
            leg.give_up("lost")  # RFC 3261 12.2.1.2
        else:
            if isinstance(outcome, Response) and outcome.status < 300 and leg.session_timer is not None:
                leg.session_timer.agreed(outcome)
            leg.user.reanswered(leg, outcome)
        leg.reoffer_over()
        self.go_on()

    def _acknowledge(self, response: Response) -> None:
        leg = self._leg
        if leg.dialog is None:
            return
        leg.dialog.refresh_target(response)
        ack = leg.dialog.acknowledgement(response.cseq.number, leg.capabilities_of("ACK"))
        leg.client.stack.acknowledge(ack, leg.flow_to(leg.dialog.next_hop))

    def _again(self, body: bytes, method: str) -> None:
        """RFC 3261 14.1: both offered at once; the owner of the Call-ID waits longer."""
        low, high = OWNER_WAIT_S if self._leg.caller else OTHER_WAIT_S
        self._wanted = self._wanted or (body, method)
        stack = self._leg.client.stack
        self._timer = stack.timers.schedule(stack.identifiers.wait(low, high), self._waited)

    def _waited(self) -> None:
        self._timer = None
        self.go_on()

    # theirs

    def arrived(self, transaction: ServerTransaction) -> None:
        """A re-INVITE or UPDATE came."""
        leg = self._leg
        stack = leg.client.stack
        if self._out:
            transaction.reply(491)  # RFC 3261 14.2
        elif self._taken is not None:
            seconds = int(stack.identifiers.wait(0.0, float(RETRY_AFTER_S)))
            transaction.reply(500, headers=[("Retry-After", str(seconds))])  # RFC 3261 14.2
        elif leg.state in (LegState.ENDING, LegState.LEAVING, LegState.ENDED):
            transaction.reply(481)
        elif leg.session_timer is not None and (refusal := leg.session_timer.refusal(transaction.request)):
            transaction.reply(422, headers=refusal)
        else:
            self._taken = transaction
            transaction.on_cancel = lambda: self._cancelled(transaction)
            leg.user.offered(leg, Offer(self, transaction))

    def _cancelled(self, transaction: ServerTransaction) -> None:
        transaction.reply(487)
        self._release()

    def accept(self, transaction: ServerTransaction, body: bytes) -> None:
        """Answer with 200; the one to a re-INVITE is repeated until its ACK comes."""
        leg = self._leg
        rows = leg.response_rows + ([("Content-Type", SDP)] if body else [])
        request = transaction.request
        if leg.session_timer is not None:
            rows += leg.session_timer.answer_rows(request)
            leg.session_timer.start()
        if request.method == "INVITE":
            self._unacknowledged = request.cseq.number
            self._deadline = leg.client.stack.timers.schedule(TIMEOUT, self._never_acknowledged)
            response = transaction.reply(200, headers=rows, body=body)
            self._repeat_later(transaction, response, T1)
        else:
            transaction.reply(200, headers=rows, body=body)
        self._release()

    def _repeat_later(self, transaction: ServerTransaction, response: Response, interval: float) -> None:
        def repeat() -> None:
            transaction.respond(response)
            self._repeat_later(transaction, response, min(2 * interval, T2))

        self._repeating = self._leg.client.stack.timers.schedule(interval, repeat)

    def _never_acknowledged(self) -> None:
        self._let_go()
        self._leg.give_up("no ACK")

    def refuse(self, transaction: ServerTransaction, status: int) -> None:
        """Answer with a refusal."""
        transaction.reply(status)
        self._release()

    def acknowledged(self, request: Request) -> bool:
        """Take an ACK; False where it is not for one of these."""
        if self._unacknowledged is None or request.cseq.number != self._unacknowledged:
            return False
        self._let_go()
        self.go_on()
        return True

    def _let_go(self) -> None:
        self._unacknowledged = None
        for timer in (self._repeating, self._deadline):
            if timer is not None:
                timer.cancel()
        self._repeating = self._deadline = None

    def _release(self) -> None:
        self._taken = None
        self.go_on()
