"""Offers and answers of two phones."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.sip import sdp
from harness.sip.sdp import DIRECTIONS, Description, Format, SdpError
from phones.sound import FORMATS, Sound

A, B = "10.0.1.1", "10.0.1.2"


def talking() -> tuple[Sound, Sound]:
    """Two who have agreed on a session."""
    one, other = Sound(A, 1), Sound(B, 2)
    one.learn(other.answer(one.offer(False)))
    return one, other


def offers(of: Sound, to: Sound, holding: bool) -> None:
    """One offers, the other answers."""
    of.holding = holding
    of.learn(to.answer(of.offer(holding)))


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=12))
def test_each_side_knows_whether_the_other_holds(acts: list[tuple[bool, bool]]) -> None:
    """After any holds and resumes, in any order."""
    one, other = talking()
    for first, holding in acts:
        offers(*((one, other) if first else (other, one)), holding)
    assert (one.held, other.held) == (other.holding, one.holding)


@given(st.lists(st.booleans(), min_size=1, max_size=8))
def test_versions_rise_where_something_is_different_and_only_there(holds: list[bool]) -> None:
    """RFC 3264 8."""
    one = Sound(A, 1)
    said = [sdp.read(one.offer(holding)) for holding in holds]
    for before, after in itertools.pairwise(said):
        assert after.version - before.version == (0 if after.direction == before.direction else 1)
    assert {each.session for each in said} == {1}


@given(st.sampled_from(DIRECTIONS), st.booleans())
def test_an_answer_never_says_more_than_the_offer_allows(direction: sdp.Direction, holding: bool) -> None:
    """RFC 3264 6.1: nobody is sent what they will not hear, and who holds does not listen."""
    sound = Sound(A, 1)
    sound.holding = holding
    answer = sdp.read(sound.answer(Description(B, 4_000, FORMATS, direction).encode()))
    speaks, listens = answer.direction in ("sendrecv", "sendonly"), answer.direction in ("sendrecv", "recvonly")
    assert not speaks or direction in ("sendrecv", "recvonly")
    assert not listens or (direction in ("sendrecv", "sendonly") and not holding)


def test_other_streams_are_refused_one_by_one() -> None:
    """In their places, with port 0."""
    offer = (
        b"v=0\r\no=- 1 1 IN IP4 10.0.1.2\r\ns=-\r\nc=IN IP4 10.0.1.2\r\nt=0 0\r\n"
        b"m=video 5000 RTP/AVP 96\r\nm=audio 4000 RTP/AVP 8 0\r\n"
    )
    lines = Sound(A, 1).answer(offer).split(b"\r\n")
    assert [line for line in lines if line.startswith(b"m=")] == [b"m=video 0 RTP/AVP 96", b"m=audio 4002 RTP/AVP 8 0"]


@pytest.mark.parametrize(
    "formats", [(), (Format(96, "opus/48000"),), (Format(101, "telephone-event/8000"),)], ids=["none", "opus", "digits"]
)
def test_without_a_common_codec_there_is_no_call(formats: tuple[Format, ...]) -> None:
    """Digits alone are none."""
    with pytest.raises(SdpError):
        Sound(A, 1).answer(Description(B, 4_000, formats).encode())


def test_a_stream_that_is_refused_is_no_answer() -> None:
    """Port 0."""
    with pytest.raises(SdpError):
        Sound(A, 1).learn(Description(B, 0, FORMATS).encode())
