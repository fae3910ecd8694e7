"""One end of a call against another, with nothing but a list of datagrams between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from harness.sip.client import Client
from harness.sip.dialog import Dialog
from harness.sip.flow import Flow
from harness.sip.leg import Ending, Leg, LegState, Offer
from harness.sip.leg_table import RULES
from harness.sip.machine import Failure
from harness.sip.message import Request, Response
from harness.sip.server_transaction import ServerTransaction
from harness.sip.session_timer import SessionTimer
from tests.sip.conftest import Wire

ALICE, BOB, CAROL = ("10.0.0.1", 5060), ("10.0.0.2", 5060), ("10.0.0.3", 5060)
ALLOW = (("Allow", "INVITE, ACK, BYE, CANCEL, UPDATE, PRACK, REFER"), ("Supported", "100rel, timer"))


@dataclass
class User:
    """Writes down what it is told."""

    told: list[str] = field(default_factory=list)
    leg: Leg | None = None
    offers: list[Offer] = field(default_factory=list)
    answers_offers: bool = True
    incoming: Callable[[Leg], None] = lambda leg: leg.ring()

    def progress(self, leg: Leg, response: Response) -> None:
        self.told.append(f"progress {response.status}")

    def answered(self, leg: Leg, response: Response) -> None:
        self.told.append(f"answered {response.body.decode()}")

    def refused(self, leg: Leg, outcome: Response | Failure) -> None:
        self.told.append(f"refused {outcome.status}")

    def confirmed(self, leg: Leg, ack: Request) -> None:
        self.told.append("confirmed")

    def offered(self, leg: Leg, offer: Offer) -> None:
        self.told.append(f"offered {offer.body.decode()}")
        self.offers.append(offer)
        if self.answers_offers:
            offer.accept(b"yes")

    def reanswered(self, leg: Leg, outcome: Response | Failure) -> None:
        self.told.append(f"reanswered {outcome.status}")

    def requested(self, leg: Leg, transaction: ServerTransaction) -> None:
        self.told.append(f"requested {transaction.request.method}")

    def ended(self, leg: Leg, ending: Ending) -> None:
        self.told.append(f"ended {ending.why}")


class Ends:
    """Alice, who calls, and Bob, who is called."""

    def __init__(
        self, wire: Wire, alice_timer: SessionTimer | None = None, bob_timer: SessionTimer | None = None,
        transport: str = "UDP",
    ) -> None:  # fmt: skip
        self.wire, self.transport = wire, transport
        self.alice, self.bob = User(), User()
        self.stacks = {who: wire.stack(who) for who in (ALICE, BOB)}
        self.bob_timer = bob_timer
        self.stacks[BOB].on_request = self._called
        self.alice.leg = self._leg(self.alice, ALICE, BOB, alice_timer)

    def _leg(self, user: User, own: tuple[str, int], far: tuple[str, int], timer: SessionTimer | None) -> Leg:
        return Leg(
            Client(self.stacks[own]), user, lambda _uri: Flow(self.transport, own, far),
            contact=f"<sip:{own[0]}>", capabilities=ALLOW, session_timer=timer,
        )  # fmt: skip

    def _called(self, transaction: ServerTransaction) -> None:
        leg = self._leg(self.bob, BOB, ALICE, self.bob_timer)
        if leg.receive(transaction):
            self.bob.leg = leg
            self.bob.incoming(leg)

    @property
    def caller(self) -> Leg:
        assert self.alice.leg is not None
        return self.alice.leg

    @property
    def callee(self) -> Leg:
        assert self.bob.leg is not None
        return self.bob.leg

    def call(self, **headers: str) -> None:
        rows = [(name.replace("_", "-"), value) for name, value in headers.items()]
        self.caller.place("sip:bob@10.0.0.2", "<sip:alice@10.0.0.1>", body=b"offer", headers=rows)
        self.wire.settle()

    def talk(self) -> None:
        self.call()
        self.callee.accept(b"answer")
        self.wire.settle()

    def states(self) -> tuple[LegState, LegState]:
        return self.caller.state, self.callee.state

    def nothing_is_left(self) -> bool:
        """No dialog and no unfinished transaction after the time that transactions may take."""
        self.wire.elapse(70)
        return all(not stack.open_transactions() and not len(stack.dialogs) for stack in self.stacks.values())


@pytest.fixture
def ends(wire: Wire) -> Ends:
    """Two who can call."""
    return Ends(wire)


def test_a_call_rings_is_answered_and_ends(ends: Ends) -> None:
    """INVITE, 180, 200, ACK; BYE, 200; each side is told once."""
    ends.talk()
    assert ends.states() == (LegState.TALKING, LegState.TALKING)
    ends.callee.hang_up()
    ends.wire.settle()
    assert [line.split()[1] for line in ends.wire.lines()] == ["INVITE", "180", "200", "ACK", "BYE", "200"]
    assert ends.alice.told == ["progress 180", "answered answer", "ended bye"]
    assert ends.bob.told == ["confirmed"]
    assert ends.nothing_is_left()


def test_a_refused_call_is_over_at_once(ends: Ends) -> None:
    """486 ends both legs."""
    ends.call()
    ends.callee.refuse(486)
    ends.wire.settle()
    assert ends.alice.told[-1] == "refused 486"
    assert ends.states() == (LegState.ENDED, LegState.ENDED)
    assert ends.nothing_is_left()


def test_giving_up_is_cancel_and_487(ends: Ends) -> None:
    """The callee is told, and both are over when the 487 has come."""
    ends.call()
    ends.caller.hang_up()
    ends.wire.settle()
    assert ends.bob.told == ["ended cancel"]
    assert ends.alice.told == ["progress 180", "ended cancel"]
    assert ends.nothing_is_left()


def test_a_cancel_that_crosses_the_answer_becomes_a_bye(ends: Ends) -> None:
    """RFC 3261 9.1: the call that was answered all the same is acknowledged and ended."""
    ends.call()
    ends.callee.accept(b"answer")
    ends.caller.hang_up()
    ends.wire.settle()
    assert "answered answer" not in ends.alice.told
    sent = [line.split()[1] for line in ends.wire.lines()]
    assert sorted(sent[2:]) == ["200", "200", "200", "ACK", "BYE", "CANCEL"]
    assert sent.index("ACK") < sent.index("BYE")
    assert ends.bob.told[-1] == "ended bye"
    assert ends.nothing_is_left()


def test_a_bye_waits_for_the_ack(ends: Ends) -> None:
    """RFC 3261 15: who answered and hangs up before the ACK sends the BYE after it."""
    ends.call()
    ends.callee.accept(b"answer")
    ends.callee.hang_up()
    assert not any("BYE" in line for line in ends.wire.lines())
    ends.wire.settle()
    assert ends.alice.told[-1] == "ended bye"
    assert ends.nothing_is_left()


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
def test_an_answer_is_repeated_until_it_is_acknowledged(wire: Wire, transport: str) -> None:
    """RFC 3261 13.3.1.4: 200 at 0, 0.5 and 1.5 s on any transport, each with an ACK (13.2.2.4), till one arrives."""
    ends = Ends(wire, transport=transport)
    wire.fate = lambda data: [] if data.startswith(b"ACK") and wire.timers.now < 1 else [0.0]
    ends.call()
    start = len(wire.log)
    ends.callee.accept(b"answer")
    wire.settle()
    assert ends.callee.state is LegState.ANSWERED
    wire.elapse(60)
    assert wire.lines(start) == ["0 200", "0 ACK", "0.5 200", "0.5 ACK", "1.5 200", "1.5 ACK"]
    assert ends.states() == (LegState.TALKING, LegState.TALKING)
    assert ends.alice.told.count("answered answer") == ends.bob.told.count("confirmed") == 1
    invite, *acks = [one for one in wire.messages() if isinstance(one, Request)]
    assert {ack.uri for ack in acks} == {"sip:10.0.0.2"}
    assert invite.via.branch not in {ack.via.branch for ack in acks}
    assert all(stack.open_transactions() == [] for stack in ends.stacks.values())
    assert wire.timers.next_due() is None


def test_an_answer_that_is_never_acknowledged_ends_in_bye(ends: Ends) -> None:
    """RFC 3261 13.3.1.4, after 64*T1; until then it is repeated, at last each T2."""
    ends.wire.fate = lambda data: [] if data.startswith(b"ACK") else [0.0]
    ends.talk()
    ends.wire.elapse(33)
    assert [line.split()[0] for line in ends.wire.lines() if line.endswith(" 200")] == [
        "0", "0.5", "1.5", "3.5", "7.5", "11.5", "15.5", "19.5", "23.5", "27.5", "31.5", "32",
    ]  # fmt: skip
    assert "32 BYE" in ends.wire.lines()
    assert ends.bob.told[-1] == "ended no ACK"
    assert ends.alice.told[-1] == "ended bye"
    assert ends.nothing_is_left()


def test_the_second_phone_that_answers_is_sent_away(wire: Wire) -> None:
    """A forked INVITE with two 2xx: the first makes the call, the second gets ACK and BYE."""
    ends = Ends(wire)
    ends.call()
    request = ends.callee.invite_request
    assert request is not None
    ends.callee.accept(b"answer")
    wire.settle()
    transaction = ends.callee._transaction
    assert transaction is not None
    other = transaction.reply(200, headers=[("Contact", "<sip:10.0.0.2>")])
    begin = len(wire.log)
    other.headers.set("To", f"{request.headers.get('To')};tag=second")
    transaction.respond(other)
    wire.settle()
    sent = [message for message in wire.messages(begin) if isinstance(message, Request)]
    assert [(message.method, message.to.tag) for message in sent] == [
        ("ACK", ends.callee.dialog.local_tag if ends.callee.dialog else ""), ("ACK", "second"), ("BYE", "second"),
    ]  # fmt: skip
    assert ends.alice.told == ["progress 180", "answered answer"]


def test_offers_that_cross_are_made_again(ends: Ends) -> None:
    """Both get 491; the callee tries again within 2 s, the owner of the Call-ID after that (RFC 3261 14.1)."""
    ends.talk()
    ends.caller.reoffer(b"hold by alice")
    ends.callee.reoffer(b"hold by bob")
    ends.wire.elapse(5)
    assert sorted(line.split()[1] for line in ends.wire.lines()).count("491") == 2
    assert ends.alice.told[-2:] == ["offered hold by bob", "reanswered 200"]
    assert ends.bob.told[-2:] == ["reanswered 200", "offered hold by alice"]
    ends.caller.hang_up()
    assert ends.nothing_is_left()


def test_a_second_offer_before_the_first_is_answered_is_told_to_wait(ends: Ends) -> None:
    """500 with Retry-After (RFC 3261 14.2)."""
    ends.talk()
    ends.bob.answers_offers = False
    ends.caller.reoffer(b"one")
    ends.wire.settle()
    dialog = ends.caller.dialog
    assert isinstance(dialog, Dialog)
    answers: list[Response | Failure] = []
    ends.caller.request("INVITE", body=b"two", on_response=answers.append)
    ends.wire.settle()
    last = answers[-1]
    assert isinstance(last, Response)
    assert last.status == 500
    assert last.headers.get("Retry-After") is not None
    ends.bob.offers[0].refuse(488)
    ends.wire.settle()
    assert ends.alice.told[-1] == "reanswered 488"


def test_an_offer_waits_for_the_ack_of_the_call(ends: Ends) -> None:
    """RFC 3261 14.1: no re-INVITE while the INVITE is not done with."""
    ends.call()
    ends.callee.accept(b"answer")
    ends.callee.reoffer(b"hold")
    assert not any("INVITE" in line for line in ends.wire.lines()[3:])
    ends.wire.settle()
    assert ends.alice.told[-1] == "offered hold"


def test_a_refused_offer_leaves_the_call(ends: Ends) -> None:
    """Offers wait for each other, and the call goes on."""
    ends.talk()
    ends.caller.reoffer(b"one")
    ends.caller.reoffer(b"two")
    ends.wire.settle()
    assert ends.bob.told[-2:] == ["offered one", "offered two"]
    assert ends.states() == (LegState.TALKING, LegState.TALKING)


def test_a_provisional_response_that_must_arrive_is_repeated_until_its_prack(ends: Ends) -> None:
    """RFC 3262: Require: 100rel makes the 180 reliable."""
    lost = [True]

    def fate(data: bytes) -> list[float]:
        return [] if data.startswith(b"SIP/2.0 180") and lost and lost.pop() else [0.0]

    ends.wire.fate = fate
    ends.call(Require="100rel")
    ends.wire.elapse(2)
    # once more by itself, once more for the repeated INVITE
    assert [line.split()[1] for line in ends.wire.lines()].count("180") == 3
    pracks = [one for one in ends.wire.messages() if isinstance(one, Request) and one.method == "PRACK"]
    assert len(pracks) == 1
    ends.callee.accept(b"answer")
    ends.wire.settle()
    assert ends.alice.told == ["progress 180", "answered answer"]
    ends.caller.hang_up()
    assert ends.nothing_is_left()


def test_a_reliable_response_without_prack_ends_in_500(ends: Ends) -> None:
    """RFC 3262 3, after 64*T1."""
    ends.wire.fate = lambda data: [] if data.startswith(b"PRACK") else [0.0]
    ends.call(Require="100rel")
    ends.wire.elapse(70)
    assert ends.alice.told[-1] == "refused 500"


def test_a_session_is_refreshed_at_half_its_time(wire: Wire) -> None:
    """RFC 4028: the caller refreshes with UPDATE, and the call outlives the first period."""
    ends = Ends(wire, SessionTimer(100), SessionTimer(100))
    ends.talk()
    wire.elapse(250)
    assert ends.states() == (LegState.TALKING, LegState.TALKING)
    assert [line.split()[1] for line in wire.lines()].count("UPDATE") == 5
    ends.caller.hang_up()
    assert ends.nothing_is_left()


@pytest.mark.parametrize(("asked", "who"), [(";refresher=uac", ALICE), (";refresher=UAS", BOB), ("", ALICE)])
def test_who_was_named_refreshes_and_stays_the_one(wire: Wire, asked: str, who: tuple[str, int]) -> None:
    """RFC 4028 7.1, 9: the caller says who, else it is the caller; whoever offers anew leaves that as it is (7.4)."""
    ends = Ends(wire, SessionTimer(100, asks=False), SessionTimer(100))
    ends.call(Session_Expires=f"100{asked}")
    ends.callee.accept(b"answer")
    for leg in (ends.callee, ends.caller):
        wire.elapse(10)
        leg.reoffer(b"hold")
    wire.elapse(250)
    assert ends.states() == (LegState.TALKING, LegState.TALKING)
    assert {source for _, source, data in wire.log if data.startswith(b"UPDATE")} == {who}


def test_a_session_without_a_sign_of_life_is_ended(wire: Wire) -> None:
    """The side that does not refresh says BYE before the time is over (RFC 4028 10)."""
    ends = Ends(wire, SessionTimer(100), SessionTimer(100))
    ends.talk()
    wire.fate = lambda data: [] if b"\r\nCSeq:" in data and b" UPDATE" in data else [0.0]
    wire.elapse(70)
    assert ends.bob.told[-1] == "ended session expired"
    assert ends.alice.told[-1] == "ended bye"


def test_a_session_that_is_too_brief_is_asked_for_again(wire: Wire) -> None:
    """422 with Min-SE (RFC 4028 7.4)."""
    ends = Ends(wire, SessionTimer(100), SessionTimer(600, 300))
    ends.bob.incoming = lambda leg: None
    timer = SessionTimer(600, 300)
    stack = ends.stacks[BOB]
    called = stack.on_request

    def refuse_once(transaction: ServerTransaction) -> None:
        if refusal := timer.refusal(transaction.request):
            transaction.reply(422, headers=refusal)
        else:
            called(transaction)

    stack.on_request = refuse_once
    ends.call()
    ends.callee.accept(b"answer")
    wire.settle()
    assert ends.callee.session_timer is not None
    assert ends.callee.session_timer.expires == 300
    assert ends.caller.state is LegState.TALKING


def test_a_lost_dialog_ends_the_call(ends: Ends) -> None:
    """481 to a re-INVITE (RFC 3261 12.2.1.2)."""
    ends.talk()
    assert ends.callee.dialog is not None
    ends.stacks[BOB].remove_dialog(ends.callee.dialog)
    ends.caller.reoffer(b"hold")
    ends.wire.settle()
    assert ends.alice.told[-1] == "ended lost"


def test_other_requests_go_to_the_user_and_unknown_ones_get_501(ends: Ends) -> None:
    """INFO is told; who does not answer it is not there for it."""
    ends.talk()
    answers: list[Response | Failure] = []
    ends.caller.request("INFO", on_response=answers.append)
    ends.wire.settle()
    assert ends.bob.told[-1] == "requested INFO"
    assert answers[-1].status == 501


def test_every_rule_names_its_clause_and_every_action_exists() -> None:
    """The table speaks of what `Leg` can do."""
    for step in RULES.values():
        assert step.clause
        for action in step.actions:
            assert callable(getattr(Leg, action))
