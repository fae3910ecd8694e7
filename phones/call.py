"""One call of a phone: the INVITE dialog below, and what is shown of it above."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from harness.sip.message import Request, Response
from harness.sip.sdp import SdpError
from phones.referring import Referral, Transfer

if TYPE_CHECKING:
    from harness.sip.leg import Ending, Leg, Offer
    from harness.sip.machine import Failure
    from harness.sip.server_transaction import ServerTransaction
    from phones.sound import Sound

IN, OUT = "in", "out"
DIALING, RINGING, CONNECTED, HELD, ON_HOLD, ENDED = "dialing", "ringing", "connected", "held", "on hold", "ended"
"""States as they are shown: HELD is by us, ON_HOLD by the far end."""
STATES = (DIALING, RINGING, CONNECTED, HELD, ON_HOLD, ENDED)


class Owner(Protocol):
    """Who has the calls of a phone."""

    def changed(self, call: Call) -> None:
        """The call may look different."""

    def ended(self, call: Call) -> None:
        """The call is over."""

    def refer(self, call: Call, transaction: ServerTransaction) -> None:
        """The far end asks for a call to somebody else."""

    def note(self, what: str, **values: object) -> None:
        """For the trace."""


class Call:
    """One call; `direction` IN or OUT, `number` and `name` are the far end's. It is the leg's user."""

    leg: Leg

    def __init__(self, owner: Owner, call_id: str, line: str, direction: str, number: str, sound: Sound) -> None:
        self.owner, self.id, self.line, self.direction, self.number = owner, call_id, line, direction, number
        self.name = ""
        self.sound = sound
        self._holding = False
        """Whether our hold has been agreed; `sound.holding` is what was asked for last."""
        self.why = ""
        """Why it is over: `hung up`, `bye`, `cancel`, `486 Busy Here`, ..."""
        self.state = DIALING if direction == OUT else RINGING
        self.transfer: Transfer | None = None
        """Our REFER in this call."""
        self.referral: Referral | None = None
        """The REFER that this call was placed for."""
        self.replaces: Call | None = None
        """The call that this one takes the place of once it is answered."""

    # what the person does

    def answer(self) -> None:
        """Take an incoming call."""
        request = self.leg.invite_request
        assert request is not None
        try:
            body = self.sound.answer(request.body) if request.body else self.sound.offer(False)
        except SdpError as error:
            self.refuse(488, error.reason)
            return
        self.leg.accept(body)
        self._talk()
        if self.replaces is not None:
            self.replaces.hang_up("replaced")

    def refuse(self, status: int, why: str = "", headers: tuple[tuple[str, str], ...] = ()) -> None:
        """Turn an incoming call away."""
        self.leg.refuse(status, headers=headers)
        self.end(why or f"refused with {status}")

    def hold(self) -> None:
        """Offer not to listen any more."""
        self._reoffer(True)

    def resume(self) -> None:
        """Offer to listen again."""
        self._reoffer(False)

    def _reoffer(self, holding: bool) -> None:
        if self.sound.holding != holding:
            self.sound.holding = holding
            self.leg.reoffer(self.sound.offer(holding))

    def hang_up(self, why: str = "hung up") -> None:
        """End it, whatever state it is in."""
        self.leg.hang_up(status=486)
        self.end(why)

    # what is shown

    @property
    def live(self) -> bool:
        """Whether it is not over."""
        return self.state != ENDED

    @property
    def talking(self) -> bool:
        """Whether it has been answered and is not over."""
        return self.state in (CONNECTED, HELD, ON_HOLD)

    def _talk(self) -> None:
        self._be(HELD if self._holding else ON_HOLD if self.sound.held else CONNECTED)

    def _be(self, state: str) -> None:
        if self.state != ENDED:
            self.state = state
            self.owner.changed(self)

    def end(self, why: str) -> None:
        """It is over, as far as the person is concerned; the dialog may still say its goodbyes."""
        if self.state != ENDED:
            self.why = why
            self._be(ENDED)
            if self.referral is not None:
                self.referral.finished()
            self.owner.ended(self)

    # what the leg tells

    def progress(self, leg: Leg, response: Response) -> None:
        """It rings there, or there is sound already."""
        if response.status in (180, 183):
            self._be(RINGING)
        if self.referral is not None:
            self.referral.told(response)

    def answered(self, leg: Leg, response: Response) -> None:
        """The far end took it; a 2xx without an answer that makes sense is no call (RFC 3264 4)."""
        try:
            self.sound.learn(response.body)
        except SdpError as error:
            self.owner.note("call given up", call=self.id, why=f"the answer's session description: {error.reason}")
            self.hang_up("no usable session description")
            return
        self._talk()
        if self.referral is not None:
            self.referral.told(response)

    def refused(self, leg: Leg, outcome: Response | Failure) -> None:
        """The far end did not take it."""
        if self.referral is not None:
            self.referral.told(outcome)
        self.end(f"{outcome.status} {outcome.reason}".rstrip())

    def confirmed(self, leg: Leg, ack: Request) -> None:
        """The ACK; where the INVITE had no offer it brings the answer to ours."""
        assert leg.invite_request is not None
        if leg.invite_request.body:
            return
        try:
            self.sound.learn(ack.body)
        except SdpError as error:
            self.owner.note("call given up", call=self.id, why=f"the ACK's session description: {error.reason}")
            self.hang_up("no usable session description")

    def offered(self, leg: Leg, offer: Offer) -> None:
        """A re-INVITE or UPDATE: a hold, a resume, or a sign of life."""
        if not offer.body:
            offer.accept(self.sound.offer(self.sound.holding) if offer.request.method == "INVITE" else b"")
            return
        try:
            answer = self.sound.answer(offer.body)
        except SdpError as error:
            self.owner.note("offer refused", call=self.id, why=error.reason)
            offer.refuse(488)
            return
        offer.accept(answer)
        self._talk()

    def reanswered(self, leg: Leg, outcome: Response | Failure) -> None:
        """What came of a hold or a resume."""
        if isinstance(outcome, Response) and outcome.status < 300:
            self._holding = self.sound.holding
            if outcome.body:
                self._learned(outcome.body)
        else:
            self.sound.holding = self._holding  # as it was
            self.owner.note("offer not taken", call=self.id, status=outcome.status, reason=outcome.reason)
        self._talk()
        if self.transfer is not None:
            self.transfer.held()

    def _learned(self, body: bytes) -> None:
        try:
            self.sound.learn(body)
        except SdpError as error:
            self.owner.note("answer not understood", call=self.id, why=error.reason)

    def requested(self, leg: Leg, transaction: ServerTransaction) -> None:
        """What else may come within a call."""
        method = transaction.request.method
        if method == "REFER":
            self.owner.refer(self, transaction)
        elif method == "NOTIFY" and self.transfer is not None:
            self.transfer.notified(transaction)
        elif method == "NOTIFY":
            transaction.reply(481)
        elif method in ("INFO", "MESSAGE", "OPTIONS"):
            transaction.reply(200)

    def ended(self, leg: Leg, ending: Ending) -> None:
        """The far end hung up, or it is lost."""
        if self.transfer is not None:
            self.transfer.left()
        self.end(ending.why)
