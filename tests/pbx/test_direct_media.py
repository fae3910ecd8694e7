"""Media past the server: re-INVITEs to phones that talk, and what their answers do."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.sip.reoffers import Offer
from tests.pbx.call_desk import CallDesk

DIALPLAN = """
[office]
exten => _[a-d],hint,PJSIP/${EXTEN}
exten => _[a-d],1,Dial(PJSIP/${EXTEN},20)
exten => digits,1,Dial(PJSIP/b,20,t)
exten => on,1,Dial(PJSIP/b,20,g)
 same => n,Wait(100)
exten => apart,1,Dial(Local/b@office,20)
"""


@pytest.fixture
def desk(tmp_path: Path) -> CallDesk:
    desk = CallDesk(tmp_path, DIALPLAN)
    desk.register("a b c d")
    return desk


def talk(desk: CallDesk, number: str = "b") -> None:
    desk["a"].dial(number)
    desk["b"].pick_up()


def ports(desk: CallDesk, name: str) -> list[bool]:
    """For each offer that a phone got, whether it named the port of another phone."""
    of_phones = {str(phone.port) for phone in desk.phones.values()}
    return [offer.split()[1] in of_phones for offer in desk[name].offers]


def test_two_phones_that_talk_are_told_of_each_other(desk: CallDesk) -> None:
    """Each learns the other's port; the one that stays gets the server's own again, and then its BYE."""
    talk(desk)
    assert desk["a"].offers == [f"sendrecv {desk['b'].port}"]
    assert desk["b"].offers == [f"sendrecv {desk['a'].port}"]
    desk["b"].hang_up()
    assert ports(desk, "a") == [True, False]
    assert desk["a"].told[-1] == "bye"
    assert desk.nothing_is_left()


def test_a_caller_that_goes_on_gets_its_media_back(desk: CallDesk) -> None:
    """With option g the call goes on with the server."""
    talk(desk, "on")
    desk["b"].hang_up()
    assert ports(desk, "a") == [True, False]
    assert desk.states("a b") == ["INUSE", "NOT_INUSE"]


@pytest.mark.parametrize("number", ["digits", "apart"])
def test_the_server_keeps_what_it_has_to_hear(desk: CallDesk, number: str) -> None:
    """No offers where Dial() listens for digits, nor to a Local channel."""
    talk(desk, number)
    assert [desk[name].offers for name in "ab"] == [[], []]


@pytest.mark.parametrize("endpoint", ["a", "b"])
def test_one_endpoint_is_enough_to_forbid_it(desk: CallDesk, endpoint: str) -> None:
    """`direct_media=no` of either."""
    desk.set_option(endpoint, "direct_media", "no")
    talk(desk)
    assert [desk[name].offers for name in "ab"] == [[], []]


def test_a_phone_on_hold_gets_the_servers_media(desk: CallDesk) -> None:
    """Only the one that is put on hold is told, and told again when that is over."""
    talk(desk)
    desk["a"].hold()
    assert (ports(desk, "a"), ports(desk, "b")) == ([True], [True, False])
    desk["a"].hold("sendrecv")
    assert (ports(desk, "a"), ports(desk, "b")) == ([True], [True, False, True])


def test_a_phone_that_answers_sendrecv_holds_no_longer(desk: CallDesk) -> None:
    """The second hold makes the server offer something to the first that holds, which answers as if it did not."""
    talk(desk)
    desk["b"].hold()
    assert desk.states("a b") == ["ONHOLD", "INUSE"]
    desk["a"].hold()
    assert desk["b"].offers[1].startswith("recvonly")
    assert desk.states("a b") == ["INUSE", "INUSE"]


def test_phones_that_keep_holding_stay_on_hold(desk: CallDesk) -> None:
    """Both answer sendonly."""
    talk(desk)
    for name in "ab":
        desk[name].direction = "sendonly"
        desk[name].hold()
    assert desk.states("a b") == ["ONHOLD", "ONHOLD"]


def test_the_bye_waits_for_an_offer(desk: CallDesk) -> None:
    """A phone that takes its time to answer the re-INVITE is not hung up before."""
    talk(desk)
    offers: list[Offer] = []
    desk["a"].on_offer = offers.append
    desk["b"].hang_up()
    assert desk.states("a b") == ["NOT_INUSE", "NOT_INUSE"]
    assert "bye" not in desk["a"].told
    offers[0].accept(desk["a"].sdp())
    desk.wait(0.1)
    assert desk["a"].told[-1] == "bye"
    assert desk.nothing_is_left()
