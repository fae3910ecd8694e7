"""Dialogs: what both ends make of the same messages."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.sip.dialog import Dialog, DialogState
from harness.sip.grammar import GrammarError
from harness.sip.headers import Headers
from harness.sip.message import Request, Response, response_to


def invite(routes: tuple[str, ...] = (), method: str = "INVITE") -> Request:
    """A request that makes a dialog, as it arrives after these Record-Routes."""
    rows = [
        ("Via", "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKone"),
        *(("Record-Route", route) for route in routes),
        ("From", '"Alice" <sip:alice@a.example>;tag=alice'),
        ("To", "<sip:bob@b.example>"),
        ("Call-ID", "call"),
        ("CSeq", f"7 {method}"),
        ("Contact", "<sip:alice@10.0.0.1:5062;transport=udp>"),
    ]
    return Request(method, "sip:bob@b.example", Headers(rows))


def accepted(request: Request, status: int = 200, tag: str = "bob", contact: str = "<sip:bob@10.0.0.2>") -> Response:
    response = response_to(request, status, to_tag=tag)
    if contact:
        response.headers.add("Contact", contact)
    return response


def both_ends(routes: tuple[str, ...] = ()) -> tuple[Dialog, Dialog]:
    """Caller and callee."""
    request = invite(routes)
    uas = Dialog.uas(request, "bob", contact="<sip:bob@10.0.0.2>", local_cseq=100)
    return Dialog.uac(request, accepted(request)), uas


def test_the_two_ends_of_a_dialog_mirror_each_other() -> None:
    """RFC 3261 12.1.1 and 12.1.2: tags, URIs and CSeq numbers are swapped, the Call-ID is one."""
    uac, uas = both_ends()
    assert uac.key == ("call", "alice", "bob")
    assert uas.key == ("call", "bob", "alice")
    assert (uac.local, uac.remote) == (uas.remote, uas.local)
    assert uas.local == "<sip:bob@b.example>;tag=bob"
    assert uas.remote == '"Alice" <sip:alice@a.example>;tag=alice'
    assert (uac.local_cseq, uac.remote_cseq) == (7, None)
    assert (uas.local_cseq, uas.remote_cseq) == (100, 7)
    assert (uac.remote_target, uas.remote_target) == ("sip:bob@10.0.0.2", "sip:alice@10.0.0.1:5062;transport=udp")


def test_a_request_in_the_dialog_goes_to_the_target_with_the_next_cseq() -> None:
    """RFC 3261 12.2.1.1: what the one end sends, the other takes."""
    uac, uas = both_ends()
    for sender, receiver in ((uas, uac), (uac, uas), (uas, uac)):
        before = sender.local_cseq
        request = sender.request("BYE", headers=[("Reason", "Q.850")])
        assert request.uri == sender.remote_target
        assert request.cseq == (before + 1, "BYE")
        assert request.headers.get("Max-Forwards") == "70"
        assert request.headers.get("Reason") == "Q.850"
        assert "Contact" not in request.headers
        assert receiver.key == (request.call_id, request.to.tag, request.from_.tag)
        assert receiver.receive(request)


@pytest.mark.parametrize("method", ["INVITE", "SUBSCRIBE", "NOTIFY", "UPDATE"])
def test_a_target_refresh_carries_our_contact_and_moves_the_peers_target(method: str) -> None:
    """RFC 3261 12.2.1.1 and 12.2.2: as Asterisk sends its NOTIFYs to the Contact of the last refresh."""
    uac, uas = both_ends()
    uac.contact = "<sip:alice@10.0.0.99>"
    request = uac.request(method)
    assert request.headers.get("Contact") == "<sip:alice@10.0.0.99>"
    assert uas.receive(request)
    assert uas.remote_target == "sip:alice@10.0.0.99"


@pytest.mark.parametrize("method", ["BYE", "MESSAGE", "INFO"])
def test_another_request_moves_no_target(method: str) -> None:
    """Only target refresh requests do (RFC 3261 12.2)."""
    uac, uas = both_ends()
    request = uac.request(method, headers=[("Contact", "<sip:elsewhere@10.0.0.3>")])
    assert uas.receive(request)
    assert uas.remote_target == "sip:alice@10.0.0.1:5062;transport=udp"


def test_a_refresh_without_a_usable_contact_leaves_the_target() -> None:
    """An answer is a target refresh too, where it has a Contact that can be read."""
    uac, _ = both_ends()
    for contact in ("", "nonsense", "*"):
        uac.refresh_target(accepted(invite(), contact=contact))
        assert uac.remote_target == "sip:bob@10.0.0.2"
    uac.refresh_target(accepted(invite(), contact="<sip:bob@10.0.0.44>"))
    assert uac.remote_target == "sip:bob@10.0.0.44"


def test_a_cseq_has_to_rise() -> None:
    """RFC 3261 12.2.2: lower ones are refused, gaps are not; a refused one changes nothing."""
    _, uas = both_ends()
    results = []
    for number in (7, 6, 8, 20, 20, 19, 21):
        request = invite(method="SUBSCRIBE")
        request.headers.set("CSeq", f"{number} SUBSCRIBE")
        request.headers.set("Contact", f"<sip:alice@10.0.0.{number}>")
        results.append(uas.receive(request))
    assert results == [False, False, True, True, False, False, True]
    assert uas.remote_cseq == 21
    assert uas.remote_target == "sip:alice@10.0.0.21"


@given(st.lists(st.integers(0, 50), max_size=30))
def test_the_accepted_cseqs_are_the_record_heights(numbers: list[int]) -> None:
    """Whatever arrives, in whatever order, what is accepted rises strictly."""
    dialog = Dialog.awaited(invite())
    taken = []
    for number in numbers:
        request = invite(method="NOTIFY")
        request.headers.set("CSeq", f"{number} NOTIFY")
        if dialog.receive(request):
            taken.append(number)
    assert taken == [number for at, number in enumerate(numbers) if all(number > one for one in numbers[:at])]


LOOSE = ("<sip:p2.example;lr>", "<sip:p1.example;lr>")


def test_loose_routers_are_passed_in_order_on_both_ways() -> None:
    """RFC 3261 12.1: the callee takes the Record-Routes as they stand, the caller from the last to the first."""
    uac, uas = both_ends(LOOSE)
    there, back = uac.request("BYE"), uas.request("BYE")
    assert there.headers.rows("Route") == [LOOSE[1], LOOSE[0]]
    assert back.headers.rows("Route") == list(LOOSE)
    assert there.uri == "sip:bob@10.0.0.2"
    assert uac.next_hop == "sip:p1.example;lr"
    assert uas.next_hop == "sip:p2.example;lr"


def test_a_strict_router_gets_itself_as_the_request_uri() -> None:
    """RFC 3261 12.2.1.1: the target goes to the end of the route."""
    _, uas = both_ends(("<sip:strict.example>", "<sip:p1.example;lr>"))
    request = uas.request("BYE")
    assert request.uri == "sip:strict.example"
    assert request.headers.rows("Route") == ["<sip:p1.example;lr>", "<sip:alice@10.0.0.1:5062;transport=udp>"]


def test_without_a_route_the_next_hop_is_the_target() -> None:
    """RFC 3261 8.1.2."""
    uac, _ = both_ends()
    assert uac.next_hop == uac.remote_target
    assert uac.request("BYE").headers.rows("Route") == []


def test_the_ack_of_a_2xx_has_the_invites_number() -> None:
    """RFC 3261 13.2.2.4: also where other requests were sent meanwhile, and for a re-INVITE."""
    uac, _ = both_ends()
    uac.request("INFO")
    assert uac.acknowledgement().cseq == (7, "ACK")
    again = uac.request("INVITE")
    uac.request("INFO")
    assert uac.acknowledgement().cseq == (again.cseq.number, "ACK")
    assert uac.acknowledgement(7).cseq == (7, "ACK")
    assert uac.acknowledgement().uri == uac.remote_target


def test_an_early_dialog_is_confirmed_by_its_2xx() -> None:
    """RFC 3261 13.2.2.4: route set and target are those of the 2xx."""
    request = invite()
    early = Dialog.uac(request, accepted(request, 180, contact="<sip:bob@10.0.0.7>"))
    assert early.state is DialogState.EARLY
    final = accepted(invite(LOOSE), contact="<sip:bob@10.0.0.8>")
    early.confirm(final)
    assert early.state is DialogState.CONFIRMED
    assert early.remote_target == "sip:bob@10.0.0.8"
    assert early.route_set == (LOOSE[1], LOOSE[0])
    assert Dialog.uas(request, "bob", early=True).state is DialogState.EARLY


def test_each_answer_of_a_forked_invite_makes_a_dialog() -> None:
    """RFC 3261 13.2.2.4: two To tags, two dialogs, each with its own target."""
    request = invite()
    first = Dialog.uac(request, accepted(request, tag="desk", contact="<sip:bob@10.0.0.2>"))
    second = Dialog.uac(request, accepted(request, tag="mobile", contact="<sip:bob@10.0.0.3>"))
    assert first.key != second.key
    assert [dialog.acknowledgement().uri for dialog in (first, second)] == ["sip:bob@10.0.0.2", "sip:bob@10.0.0.3"]
    assert [dialog.request("BYE").to.tag for dialog in (first, second)] == ["desk", "mobile"]


def _without_contact() -> Any:
    request = invite()
    request.headers.remove("Contact")
    return Dialog.uas(request, "bob")


@pytest.mark.parametrize(
    "make",
    [
        _without_contact,
        lambda: Dialog.uac(invite(), accepted(invite(), contact="")),
        lambda: Dialog.uac(invite(), accepted(invite(), contact="nonsense")),
        lambda: Dialog.uas(invite(("not a route",)), "bob"),
        lambda: Dialog.uac(invite(), accepted(invite(("not a route",)))),
        lambda: both_ends()[0].confirm(accepted(invite(("not a route",)))),
    ],
)
def test_no_dialog_comes_of_an_unusable_contact_or_route(make: Any) -> None:
    """A GrammarError then, before anything is sent to nowhere."""
    with pytest.raises(GrammarError):
        make()


def test_a_request_that_has_our_tag_already_keeps_it() -> None:
    """A NOTIFY that makes the dialog carries the tag of our SUBSCRIBE (RFC 6665 4.4.1)."""
    notify = invite(method="NOTIFY")
    notify.headers.set("To", "<sip:bob@b.example>;tag=ours")
    dialog = Dialog.uas(notify, "ours")
    assert dialog.local == "<sip:bob@b.example>;tag=ours"
    assert dialog.key == ("call", "ours", "alice")
