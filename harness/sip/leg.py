"""One end of a call: an INVITE dialog from its first request to its BYE (RFC 3261 13 to 15), without I/O.

Forked answers: the first 2xx makes the call, each further one is acknowledged and ended with BYE (RFC 3261 13.2.2.4).
Offers and answers are bytes here; what they say is the user's business. Re-INVITEs are in `reoffers`, reliable
provisional responses in `reliable`, session timers in `session_timer`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

from harness.sip.client import Client, Exchange
from harness.sip.dialog import Dialog, DialogState
from harness.sip.flow import Flow
from harness.sip.grammar import GrammarError
from harness.sip.leg_table import RULES, LegEvent, LegState
from harness.sip.machine import Failure
from harness.sip.message import Request, Response
from harness.sip.reliable import PrackSender, ReliableResponses
from harness.sip.reoffers import Offer, Reoffers
from harness.sip.server_transaction import ServerTransaction
from harness.sip.session_timer import SessionTimer
from harness.sip.tables import T1, T2, TIMEOUT
from harness.sip.timers import TimerHandle

__all__ = ["Ending", "Leg", "LegState", "LegUser", "Offer"]

SDP = "application/sdp"
REFER_LIMIT_S = 64.0
"""Seconds that the dialog of a call that is over is kept for the NOTIFYs of a REFER."""
MAX_FORKS = 16
"""Early dialogs and further 2xx of one INVITE that are minded; what comes beyond is dropped."""

Rows = Iterable[tuple[str, str]]


class Ending(NamedTuple):
    """Why a call is over: `bye`, `cancel`, `no ACK`, `session expired`, `lost`; `message` is what said so."""

    why: str
    message: Request | Response | None = None


class LegUser(Protocol):
    """Who has the leg. Told once each: refused or answered or ended, and ended after that."""

    def progress(self, leg: Leg, response: Response) -> None:
        """A provisional response but 100."""

    def answered(self, leg: Leg, response: Response) -> None:
        """The far end answered with 2xx, which is acknowledged already."""

    def refused(self, leg: Leg, outcome: Response | Failure) -> None:
        """The far end did not take the call; the leg is over."""

    def confirmed(self, leg: Leg, ack: Request) -> None:
        """The ACK of our 2xx has come."""

    def offered(self, leg: Leg, offer: Offer) -> None:
        """The far end wants to change the session: `offer.accept(body)` or `offer.refuse(status)`, now or later."""

    def reanswered(self, leg: Leg, outcome: Response | Failure) -> None:
        """What came of `reoffer`."""

    def requested(self, leg: Leg, transaction: ServerTransaction) -> None:
        """Another request within the dialog: REFER, INFO, NOTIFY, MESSAGE, ...; unanswered it gets 501."""

    def ended(self, leg: Leg, ending: Ending) -> None:
        """The call is over without our having asked for it (or the CANCEL that we asked for has come through)."""


class Leg:
    """One end of one call.

    `flow_to(uri)` gives the flow that requests to a URI leave on. `contact` and `capabilities` (Allow, Supported, ...)
    are ours. Made for `place` or for `receive`, once. `linger`: seconds for which a BYE that comes when all is over is
    still answered 200, as pjsip does.
    """

    def __init__(
        self,
        client: Client,
        user: LegUser,
        flow_to: Callable[[str], Flow],
        *,
        contact: str,
        capabilities: Rows = (),
        session_timer: SessionTimer | None = None,
        linger: float = 0.0,
    ) -> None:
        self.client, self.user, self.contact = client, user, contact
        self.capabilities = tuple(capabilities)
        self.state = LegState.IDLE
        self.dialog: Dialog | None = None
        """The dialog, once there is one; early ones included."""
        self.invite_request: Request | None = None
        """The INVITE that began it, as it was sent or came."""
        self.caller = False
        """Whether we sent it."""
        self.reoffers = Reoffers(self)
        self._linger = linger
        self.session_timer = session_timer
        if session_timer is not None:
            session_timer.leg = self
        self.flow_to = flow_to
        self._exchange: Exchange | None = None
        self._transaction: ServerTransaction | None = None
        self._reliable: ReliableResponses | None = None
        self._pracks = PrackSender(self)
        self._early: dict[str, Dialog] = {}
        self._forked: set[str] = set()
        self._repeating: TimerHandle | None = None
        self._deadline: TimerHandle | None = None
        self._message: Request | Response | None = None
        self._outcome: Response | Failure | None = None
        self._why = ""
        self._bye_rows: tuple[tuple[str, str], ...] = ()
        self._bye: ServerTransaction | None = None
        self._rang = self._referring = self._leaves = False
        self._kept: TimerHandle | None = None
        self._refusal: tuple[int, str | None, tuple[tuple[str, str], ...]] = (603, None, ())
        self._answer_rows: list[tuple[str, str]] = []
        self._answer_body = b""
        self._accepted: Response | None = None

    # what the user asks for

    def place(self, uri: str, from_: str, to: str | None = None, body: bytes = b"", headers: Rows = ()) -> None:
        """Call a URI. `from_` and `to` are header values without tags; `body` is an offer, if any."""
        rows = [("Contact", self.contact), *self.capabilities, *self._timer_rows(), *headers, *_typed(body)]
        self.invite_request = self.client.build("INVITE", uri, from_, to, rows, body)
        self.caller = True
        self._happen(LegEvent.PLACE)

    def receive(self, transaction: ServerTransaction) -> bool:
        """Take an INVITE that came; False, answered already, where no dialog can be made with it."""
        request = transaction.request
        tag = transaction.to_tag
        try:
            dialog = Dialog.uas(request, tag, contact=self.contact, early=True, flow=transaction.flow)
        except GrammarError:
            transaction.reply(400, "Missing Contact header")
            return False
        dialog.local_cseq = self.client.stack.identifiers.cseq()
        self.invite_request, self._transaction = request, transaction
        self._reliable = ReliableResponses(self, transaction)
        transaction.on_cancel = lambda: self._end(LegEvent.CANCELLED, "cancel")
        transaction.on_failure = lambda _failure: self._end(LegEvent.LOST, "lost")
        self._adopt(dialog)
        self._happen(LegEvent.ARRIVE)
        return True

    def ring(self, status: int = 180, body: bytes = b"", headers: Rows = ()) -> None:
        """Answer provisionally, reliably where the caller requires it; nothing where it has a final answer."""
        if status == 100:
            if self.state is LegState.INCOMING and self._transaction is not None:
                self._transaction.reply(100)
        elif self.state is LegState.INCOMING and self._reliable is not None:
            self._rang = True
            self._reliable.respond(status, [*self._rows(), *headers, *_typed(body)], body)

    def accept(self, body: bytes = b"", headers: Rows = ()) -> None:
        """Answer the INVITE with 200, an answer or offer in it, and repeat that until it is acknowledged."""
        timer = self.session_timer
        rows = [*self.response_rows, *headers, *_typed(body)]
        if timer is not None and self.invite_request is not None:
            rows += timer.answer_rows(self.invite_request)
        self._answer_rows, self._answer_body = rows, body
        self._happen(LegEvent.ACCEPT)

    def repeat_answer(self) -> None:
        """Send the 2xx once more, whether or not its ACK has come."""
        if self._accepted is not None and self._transaction is not None:
            self._transaction.respond(self._accepted)

    def refuse(self, status: int, reason: str | None = None, headers: Rows = ()) -> None:
        """Answer the INVITE with a final refusal; the leg is over."""
        self._refusal = (status, reason, tuple(headers))
        self._happen(LegEvent.REFUSE)

    def hang_up(self, headers: Rows = (), status: int = 603) -> None:
        """End it as its state asks for: CANCEL, BYE, or `status` to an INVITE that has no final answer.

        A BYE waits for the ACK that is to come (RFC 3261 15) and, as with pjsip, for the answer to an offer of ours.
        Nothing where it is over.
        """
        self._bye_rows = tuple(headers)
        if self.reoffers.out and self.state is LegState.TALKING:
            self._leaves = True
        elif self.state is LegState.INCOMING:
            self.refuse(status, headers=headers)
        else:
            self._happen(LegEvent.HANG_UP)

    def reoffer_over(self) -> None:
        """An offer of ours has come to something: what had to wait for it is done."""
        if self._leaves:
            self._leaves = False
            self.hang_up(self._bye_rows)

    def reoffer(self, body: bytes, method: str = "INVITE") -> None:
        """Offer to change the session (RFC 3261 14.1, or 3311 with UPDATE); waits for what is under way before it."""
        self.reoffers.ask(body, method)

    def request(
        self,
        method: str,
        headers: Rows = (),
        body: bytes = b"",
        on_response: Callable[[Response | Failure], None] = lambda _: None,
        dialog: Dialog | None = None,
    ) -> None:
        """Another request within the dialog; digest challenges are answered. Nothing where there is no dialog."""
        dialog = dialog or self.dialog
        if dialog is None:
            return
        rows = [*self.capabilities_of(method), *headers]
        request = dialog.request(method, rows, body)
        self.client.request(request, self.flow_to(dialog.next_hop), on_response, lambda: _next_cseq(dialog))

    @property
    def response_rows(self) -> list[tuple[str, str]]:
        """Our headers in a 2xx: Contact, Allow and Supported."""
        return [("Contact", self.contact), *(row for row in self.capabilities if row[0] in ("Allow", "Supported"))]

    def refer(
        self, to: str, headers: Rows = (), on_response: Callable[[Response | Failure], None] = lambda _: None
    ) -> None:
        """Hand the call on (RFC 3515): what becomes of it comes in NOTIFYs, which may outlive the call (RFC 5057)."""

        def answered(outcome: Response | Failure) -> None:
            if 200 <= outcome.status < 300:
                self._referring = True
            on_response(outcome)

        self.request("REFER", [("Refer-To", to), *headers], on_response=answered)

    def capabilities_of(self, method: str) -> list[tuple[str, str]]:
        """Our headers in a request: all of them where it may move the target, else those about the sender."""
        if method in ("INVITE", "UPDATE"):
            return list(self.capabilities)
        return [row for row in self.capabilities if row[0] not in ("Allow", "Supported")]

    @property
    def over(self) -> bool:
        """Whether nothing is under way any more."""
        return self.state is LegState.ENDED

    @property
    def established(self) -> bool:
        """Whether both sides have the call, or one is waiting for an ACK only."""
        return self.state in (LegState.TALKING, LegState.ANSWERED)

    def give_up(self, why: str) -> None:
        """The dialog is of no use any more (a 481, an expired session): BYE, and tell the user."""
        self._end(LegEvent.LOST, why)

    # the machine

    def _happen(self, event: LegEvent) -> None:
        step = RULES.get((self.state, event))
        if step is None:
            return
        self.state = step.state
        for action in step.actions:
            getattr(self, action)()

    def _end(self, event: LegEvent, why: str, message: Request | Response | None = None) -> None:
        self._why = why
        if message is not None:
            self._message = message
        self._happen(event)

    # actions: the caller

    def invite(self) -> None:
        """Send the INVITE (RFC 3261 13.2.1)."""
        request = self.invite_request
        assert request is not None
        self._exchange = self.client.prepare(request, self.flow_to(request.uri), self._responded)
        self._exchange.send()

    def cancel(self) -> None:
        """Give the INVITE up; it goes out once a provisional response is there (RFC 3261 9.1)."""
        if self._exchange is not None:
            self._exchange.cancel()

    def acknowledge(self) -> None:
        """RFC 3261 13.2.2.4; the ACK of a repeated 2xx is the same again."""
        assert self.dialog is not None
        assert isinstance(self._outcome, Response)
        ack = self.dialog.acknowledgement(self._outcome.cseq.number, self.capabilities_of("ACK"))
        self.client.stack.acknowledge(ack, self.flow_to(self.dialog.next_hop))

    def tell_progress(self) -> None:
        """A provisional response, but not 100 (RFC 3261 13.2.2.1)."""
        if isinstance(self._outcome, Response) and self._outcome.status > 100:
            self.user.progress(self, self._outcome)

    def tell_answered(self) -> None:
        """The first 2xx, which says who refreshes the session too (RFC 4028 7.2)."""
        assert isinstance(self._outcome, Response)
        if self.session_timer is not None:
            self.session_timer.agreed(self._outcome)
        self.user.answered(self, self._outcome)

    def tell_refused(self) -> None:
        """A final response of 300 and above, or none (RFC 3261 13.2.2.3)."""
        assert self._outcome is not None
        self.user.refused(self, self._outcome)

    # actions: the callee

    def accept_invite(self) -> None:
        """Send the 2xx, which confirms the dialog and is repeated until its ACK comes (RFC 3261 13.3.1.4)."""
        assert self._transaction is not None
        assert self._reliable is not None
        self._reliable.stop()
        self._deadline = self._later(TIMEOUT, lambda: self._end(LegEvent.LOST, "no ACK"))
        self._accepted = response = self._transaction.reply(200, headers=self._answer_rows, body=self._answer_body)
        self._repeat_later(response, T1)
        if self.dialog is not None:
            self.dialog.state = DialogState.CONFIRMED

    def _repeat_later(self, response: Response, interval: float) -> None:
        """RFC 3261 13.3.1.4: the 2xx is repeated by its user until the ACK comes, on any transport."""

        def repeat() -> None:
            assert self._transaction is not None
            self._transaction.respond(response)
            self._repeat_later(response, min(2 * interval, T2))

        self._repeating = self._later(interval, repeat)

    def refuse_invite(self) -> None:
        """Send a final response of 300 and above (RFC 3261 13.3.1.3)."""
        assert self._transaction is not None
        assert self._reliable is not None
        self._reliable.stop()
        status, reason, rows = self._refusal
        # pjsip's final answer is its last provisional one made over, which had an Allow if it was no 100
        allow = [row for row in self.capabilities if row[0] == "Allow" and self._rang]
        self._transaction.reply(status, reason, headers=[*allow, *rows])

    def terminate_invite(self) -> None:
        """487 to an INVITE that was cancelled (RFC 3261 9.2)."""
        self._refusal = (487, None, ())
        self.refuse_invite()

    def stop_repeating(self) -> None:
        """The 2xx is acknowledged, or its ACK is awaited no more."""
        for timer in (self._repeating, self._deadline):
            if timer is not None:
                timer.cancel()
        self._repeating = self._deadline = None

    def tell_confirmed(self) -> None:
        """The ACK has come; an offer that had to wait for it goes out (RFC 3261 14.1)."""
        assert isinstance(self._message, Request)
        if self.session_timer is not None:
            self.session_timer.start()
        self.user.confirmed(self, self._message)
        self.reoffers.go_on()

    # actions: both

    def say_bye(self) -> None:
        """End the session (RFC 3261 15.1.1)."""
        self.stop_repeating()
        self._stop_timer()
        self.reoffers.stop()
        self.request("BYE", self._bye_rows, on_response=self._bye_answered)

    def _bye_answered(self, outcome: Response | Failure) -> None:
        if outcome.status >= 200:
            self._happen(LegEvent.BYE_ANSWERED)

    def take_bye(self) -> None:
        """Answer the BYE that came (RFC 3261 15.1.2)."""
        if self._bye is not None:
            self._bye.reply(200)

    def close(self) -> None:
        """Let go of dialogs and timers; what the far end still sends in them is answered 481."""
        self.stop_repeating()
        self._stop_timer()
        self.reoffers.stop()
        self._pracks.stop()
        if self._reliable is not None:
            self._reliable.stop()
        for dialog in self._early.values():
            self.client.stack.remove_dialog(dialog)
        self._early.clear()
        keep = REFER_LIMIT_S if self._referring else self._linger
        if keep and self.dialog is not None and self.dialog.state is DialogState.CONFIRMED:
            self._kept = self._later(keep, self._let_dialog_go)
        else:
            self._let_dialog_go()

    def _let_dialog_go(self) -> None:
        if self._kept is not None:
            self._kept.cancel()
        if self.dialog is not None:
            self.client.stack.remove_dialog(self.dialog)

    def tell_ended(self) -> None:
        """The call is over; the user hears why."""
        self.user.ended(self, Ending(self._why, self._message))

    # what comes back for the INVITE

    def _responded(self, outcome: Response | Failure) -> None:
        if isinstance(outcome, Failure) or outcome.status >= 300:
            self._outcome = outcome
            if self._longer_session(outcome):
                return
            self._why, self._message = "cancel", outcome if isinstance(outcome, Response) else None
            self._happen(LegEvent.FAILURE)
        elif outcome.status < 200:
            self._provisional(outcome)
        else:
            self._success(outcome)

    def _longer_session(self, outcome: Response | Failure) -> bool:
        """RFC 4028 7.4: a 422 says how long a session must last at least; asked for again with that."""
        request, timer = self.invite_request, self.session_timer
        asked = self.state in (LegState.CALLING, LegState.PROCEEDING)
        if timer is None or request is None or not asked or not isinstance(outcome, Response):
            return False
        if not timer.too_brief(outcome):
            return False
        for name, value in timer.request_rows():
            request.headers.set(name, value)
        request.headers.set("CSeq", f"{request.cseq.number + 1} INVITE")
        self.invite()
        return True

    def _provisional(self, response: Response) -> None:
        tag = _tag(response)
        if tag and response.status > 100 and not self._early_dialog(response, tag):
            return
        self._outcome = response
        self._happen(LegEvent.PROVISIONAL)

    def _early_dialog(self, response: Response, tag: str) -> bool:
        """The early dialog of a 1xx with a tag, made at its first; False where the 1xx is to be dropped."""
        assert self.invite_request is not None
        dialog = self._early.get(tag)
        if dialog is None:
            if len(self._early) >= MAX_FORKS:
                return False
            try:
                dialog = Dialog.uac(self._sent(response), response, contact=self.contact)
            except GrammarError:
                return True  # a 1xx without a Contact makes none, and may be heard all the same
            self._early[tag] = dialog
            self.dialog = self.dialog or dialog
            self.client.stack.add_dialog(dialog, lambda transaction: self._requested(dialog, transaction))
        return self._pracks.heard(response, dialog)

    def _success(self, response: Response) -> None:
        tag = _tag(response)
        if self.state in (LegState.CALLING, LegState.PROCEEDING, LegState.CANCELLING):
            if not self._confirm(response, tag):
                return
        elif self.dialog is None or tag != self.dialog.remote_tag:
            self._end_fork(response, tag)
            return
        self._outcome = response
        self._happen(LegEvent.SUCCESS)

    def _confirm(self, response: Response, tag: str) -> bool:
        try:
            dialog = self._early.pop(tag, None) or Dialog.uac(self._sent(response), response, contact=self.contact)
            dialog.confirm(response)
        except GrammarError:
            return False  # no way to acknowledge it
        for other in self._early.values():
            self.client.stack.remove_dialog(other)
        self._early.clear()
        self._adopt(dialog)
        return True

    def _end_fork(self, response: Response, tag: str) -> None:
        """A further phone answered the same INVITE: acknowledged, and ended where that is news."""
        try:
            dialog = Dialog.uac(self._sent(response), response, contact=self.contact)
        except GrammarError:
            return
        flow = self.flow_to(dialog.next_hop)
        ack = dialog.acknowledgement(response.cseq.number, self.capabilities_of("ACK"))
        self.client.stack.acknowledge(ack, flow)
        if tag not in self._forked and len(self._forked) < MAX_FORKS:
            self._forked.add(tag)
            self.request("BYE", dialog=dialog)

    def _sent(self, response: Response) -> Request:
        """The INVITE as it was sent last: From and CSeq of the response are its own."""
        assert self.invite_request is not None
        return Request("INVITE", self.invite_request.uri, response.headers)

    # what comes in the dialog

    def _adopt(self, dialog: Dialog) -> None:
        self.dialog = dialog
        self.client.stack.add_dialog(dialog, lambda transaction: self._requested(dialog, transaction))

    def _requested(self, dialog: Dialog, transaction: ServerTransaction) -> None:
        request = transaction.request
        method = request.method
        if method == "ACK":
            self._acknowledged(request)
        elif method == "BYE":
            self._bye = transaction
            self._end(LegEvent.BYE, "bye", request)
            if not transaction.answered:
                transaction.reply(200)
        elif method == "PRACK":
            if self._reliable is None or not self._reliable.acknowledged(transaction):
                transaction.reply(481)  # RFC 3262 3
        elif method in ("INVITE", "UPDATE"):
            self.reoffers.arrived(transaction)
        elif self.over and not self._referring:
            transaction.reply(481)
        else:
            self.user.requested(self, transaction)
            if not transaction.answered and method != "REFER":
                transaction.reply(501)
            if method == "NOTIFY" and self._referring:
                self._referred(request)

    def _referred(self, notify: Request) -> None:
        state = notify.headers.get("Subscription-State") or ""
        if state.partition(";")[0].strip().lower() == "terminated":
            self._referring = False
            if self.state is LegState.ENDED:
                self._let_dialog_go()

    def _acknowledged(self, request: Request) -> None:
        if self.reoffers.acknowledged(request):
            return
        self._message = request
        self._happen(LegEvent.ACK)

    # helpers

    def _rows(self) -> list[tuple[str, str]]:
        """Contact and Allow of our responses."""
        return [("Contact", self.contact), *(row for row in self.capabilities if row[0] == "Allow")]

    def _timer_rows(self) -> list[tuple[str, str]]:
        return self.session_timer.request_rows() if self.session_timer is not None else []

    def _stop_timer(self) -> None:
        if self.session_timer is not None:
            self.session_timer.stop()

    def _later(self, delay: float, call: Callable[[], None]) -> TimerHandle:
        return self.client.stack.timers.schedule(delay, call)


def _typed(body: bytes) -> list[tuple[str, str]]:
    return [("Content-Type", SDP)] if body else []


def _next_cseq(dialog: Dialog) -> int:
    dialog.local_cseq += 1
    return dialog.local_cseq


def _tag(response: Response) -> str:
    try:
        return response.to.tag or ""
    except GrammarError:
        return ""
