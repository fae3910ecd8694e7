"""The server's end of a call with a phone: rings, answers as told, and writes down what it hears."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.sip.client import Client
from harness.sip.flow import Flow
from harness.sip.leg import Ending, Leg, Offer
from harness.sip.machine import Failure
from harness.sip.message import Request, Response
from harness.sip.sdp import Description, Format
from harness.sip.server_transaction import ServerTransaction
from tests.peers.small_server import HOST, PORT, SmallServer

SDP = Description(HOST, 20_000, (Format(0, "PCMU/8000"),), name="server").encode()


@dataclass
class FarEnd:
    """One call at the server; `told` is what its leg said."""

    server: SmallServer
    told: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    answer: bytes = SDP

    def _leg(self, flow: Flow) -> Leg:
        contact = f"<sip:{HOST}:{PORT}>"
        capabilities = (("Allow", "INVITE, ACK, BYE, PRACK, UPDATE"), ("Supported", "100rel, timer"))
        return Leg(Client(self.server.stack), self, lambda _uri: flow, contact=contact, capabilities=capabilities)

    def call(self, address: tuple[str, int], headers: tuple[tuple[str, str], ...] = (), body: bytes = SDP,
             to: str = "2000", caller: str = '"Reception" <sip:1000@10.0.0.1>') -> Leg:  # fmt: skip
        """Call a phone at its address."""
        self.leg = self._leg(Flow("UDP", (HOST, PORT), address))
        self.leg.place(f"sip:{to}@{address[0]}:{address[1]}", caller, body=body, headers=headers)
        return self.leg

    def take(self, transaction: ServerTransaction) -> None:
        """Be called by a phone, and ring."""
        self.leg = self._leg(transaction.flow)
        assert self.leg.receive(transaction)
        self.leg.ring(180)

    def pick_up(self) -> None:
        """Answer a phone that called."""
        self.leg.accept(self.answer)

    def progress(self, leg: Leg, response: Response) -> None:
        self.told.append(f"progress {response.status}")

    def answered(self, leg: Leg, response: Response) -> None:
        self.told.append("answered")
        self.bodies.append(response.body)

    def refused(self, leg: Leg, outcome: Response | Failure) -> None:
        self.told.append(f"refused {outcome.status}")
        if isinstance(outcome, Response):
            self.refusal = outcome

    def confirmed(self, leg: Leg, ack: Request) -> None:
        self.told.append("confirmed")

    def offered(self, leg: Leg, offer: Offer) -> None:
        self.told.append("offered")
        self.bodies.append(offer.body)
        offer.accept(self.answer)

    def reanswered(self, leg: Leg, outcome: Response | Failure) -> None:
        self.told.append(f"reanswered {outcome.status}")

    def requested(self, leg: Leg, transaction: ServerTransaction) -> None:
        self.told.append(f"requested {transaction.request.method}")
        if transaction.request.method == "REFER":
            transaction.reply(202)

    def ended(self, leg: Leg, ending: Ending) -> None:
        self.told.append(f"ended {ending.why}")
