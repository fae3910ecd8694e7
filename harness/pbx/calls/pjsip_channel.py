"""A PJSIP channel: a call leg to a phone, and what its messages mean to the exchange (channels/chan_pjsip.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.dialplan.channel import Channel, ChannelState
from harness.pbx.calls.causes import cause_of_status, status_of_cause
from harness.pbx.calls.live import LiveChannel
from harness.pbx.calls.media import Media
from harness.sip.grammar import GrammarError
from harness.sip.leg import Ending, Leg, LegState, Offer
from harness.sip.machine import Failure
from harness.sip.message import Request, Response
from harness.sip.sdp import SdpError
from harness.sip.uri import SipUri

if TYPE_CHECKING:
    from harness.config.pjsip_objects import Endpoint
    from harness.pbx.calls.exchange import Exchange
    from harness.pbx.calls.invites import Invites
    from harness.sip.server_transaction import ServerTransaction

TECHNOLOGY = "PJSIP"
MOVED, DECLINE = 302, 603
INDICATED = ("ringing", "progress")
REFUSED = {"busy": 486, "congestion": 503, "incomplete": 484}


class PjsipChannel(LiveChannel):
    """One leg with its channel."""

    technology = TECHNOLOGY
    leg: Leg

    def __init__(
        self, exchange: Exchange, channel: Channel, endpoint: Endpoint, invites: Invites, media: Media
    ) -> None:
        super().__init__(exchange, channel)
        self.endpoint, self.invites, self.media = endpoint, invites, media
        self.target = ""
        self.headers: list[tuple[str, str]] = []
        """What the dialplan adds to its INVITE (`PJSIP_HEADER`)."""
        self._early = False
        self._said: list[tuple[str, str]] = []
        """Headers that, once said in a response, stay in those that follow."""
        self.holds = False
        """Whether the phone at the other end of the leg holds the call."""

    @property
    def codec(self) -> str:  # type: ignore[override]
        """What was agreed, by Asterisk's name."""
        return self.media.codec

    @property
    def formats(self) -> str:
        """What was agreed, or until then all that is offered."""
        return self.media.codec if self.media.remote is not None else self.media.offers

    @property
    def call_id(self) -> str:
        """Of its INVITE; '' while there is none."""
        request = self.leg.invite_request
        return request.call_id if request is not None else ""

    # what the exchange wants

    def call_out(self) -> bool:
        """Send the INVITE."""
        self.exchange.settle_devices()
        self.invites.place(self)
        return True

    def tell(self, what: str) -> None:
        """Say what becomes of the call: a provisional response, or a refusal (chan_pjsip_indicate)."""
        up = self.channel.state is ChannelState.UP
        if what in INDICATED:
            self.exchange.device_changed(self)
        if what == "proceeding" and not up:
            self.leg.ring(100)
        elif what == "forwarded" and not up:
            self._said = [("Supported", "histinfo")]
            self.leg.ring(181, headers=self._said)
        elif what in INDICATED and not up:
            if what == "progress" or self._early or self.endpoint.flag("inband_progress"):
                self._early = True  # what has been described once is described again (a 180 would take it back)
                self.leg.ring(183, self.media.answer(), self._said)
            else:
                self.leg.ring(180, headers=self._said)
        elif what in REFUSED and not up:
            self.tech_cause = REFUSED[what]
            self.leg.refuse(REFUSED[what], headers=self._said)
            self.exchange.soon(self._refused)

    def _refused(self) -> None:
        if not self.gone:
            self.channel.hangup_cause = self.channel.hangup_cause or cause_of_status(self.tech_cause)
            self.exchange.hangup_requested(self)
            self.far_hung_up()

    def send_text(self, text: str) -> None:
        """A MESSAGE in the dialog (chan_pjsip_sendtext)."""
        self.leg.request("MESSAGE", [("Content-Type", "text/plain")], text.encode("utf-8", "surrogateescape"))

    def send_media_to(self, other: PjsipChannel | None) -> None:
        """Tell the phone to send its media to another one's, or to the server."""
        remote = other.media.remote if other is not None else None
        if self.media.direct(remote):
            update = self.endpoint.value("direct_media_method") == "update"
            self.leg.reoffer(self.media.reoffer(), "UPDATE" if update else "INVITE")

    def pick_up(self) -> None:
        """Answer: 200 with what was agreed (chan_pjsip_answer)."""
        self.leg.accept(self.media.answer())

    def let_go(self, cause: int) -> None:
        """BYE, CANCEL or a refusal with the status of the cause (chan_pjsip_hangup)."""
        status = status_of_cause(cause)
        if not self.tech_cause:
            self.tech_cause = status
        said = [("Supported", "histinfo"), ("Contact", self.leg.contact)] if status == MOVED else self._said
        self.leg.hang_up(() if self.talking else said, status or DECLINE)

    # what the phone does (`LegUser`)

    def progress(self, leg: Leg, response: Response) -> None:
        """1xx."""
        if response.status == 180 and not response.body:
            self.far_rang()
        elif response.status in (180, 183):
            if response.status == 180 and self.channel.state is not ChannelState.UP:
                self.become(ChannelState.RINGING)
            self.far_progressed()

    def answered(self, leg: Leg, response: Response) -> None:
        """2xx."""
        try:
            self.media.answered(response.body)
        except SdpError as error:
            self.exchange.note("no media", self, why=error.reason)
            self.tech_cause = 488
            self.far_hung_up(cause_of_status(488))
            return
        self.far_answered()

    def refused(self, leg: Leg, outcome: Response | Failure) -> None:
        """Another final answer, or none."""
        self.tech_cause = outcome.status
        self.channel.hangup_cause = cause_of_status(outcome.status)
        if isinstance(outcome, Response) and outcome.status == 302:
            self.forward_to = _user_of_contact(outcome)
        self.exchange.hangup_requested(self)
        self.far_hung_up()

    def confirmed(self, leg: Leg, ack: Request) -> None:
        """ACK of our 2xx."""

    def offered(self, leg: Leg, offer: Offer) -> None:
        """re-INVITE or UPDATE: the phone holds the call, or goes on with it."""
        if not offer.body and offer.request.method == "UPDATE":
            offer.accept()
            return
        try:
            held = self.media.offered(offer.body)
        except SdpError as error:
            self.exchange.note("offer refused", self, why=error.reason)
            offer.refuse(488)
            return
        offer.accept(self.media.answer())
        if held is not None:
            self._holds(held)

    def _holds(self, held: bool) -> None:
        if held != self.holds and not self.gone:
            self.holds = held
            self.far_held(held)

    def reanswered(self, leg: Leg, outcome: Response | Failure) -> None:
        """What the phone says of where its media go; it may hold the call with that, or no longer."""
        if not isinstance(outcome, Response) or outcome.status >= 300:
            return
        try:
            self._holds(self.media.answered(outcome.body))
        except SdpError as error:
            self.exchange.note("no media", self, why=error.reason)

    def requested(self, leg: Leg, transaction: ServerTransaction) -> None:
        """REFER, INFO and others."""
        self.invites.requested(self, transaction)

    def ended(self, leg: Leg, ending: Ending) -> None:
        """BYE, CANCEL, or the phone is gone."""
        if self.gone:
            return
        if ending.why == "cancel":
            self.tech_cause = 487
        elif ending.why != "bye":
            self.tech_cause = 408
        if self.tech_cause and not self.channel.hangup_cause:
            self.channel.hangup_cause = cause_of_status(self.tech_cause)
        self.exchange.hangup_requested(self)
        self.far_hung_up()

    @property
    def talking(self) -> bool:
        """Whether both sides have the dialog."""
        return self.leg.state is LegState.TALKING


def _user_of_contact(response: Response) -> str:
    """Where a 302 sends the call: the user of its Contact (`redirect_method=user`); '' for none."""
    try:
        contact = response.contact
        return SipUri.parse(contact.uri).user_unescaped if contact is not None else ""
    except GrammarError:
        return ""
