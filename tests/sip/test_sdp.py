"""Session descriptions: read, written, and what is no description."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.sip import sdp
from harness.sip.sdp import Description, Format, SdpError

PLAIN = Description("10.0.0.1", 4000, (Format(0, "PCMU/8000"), Format(101, sdp.TELEPHONE_EVENT)))
FROM_A_PHONE = (
    b"v=0\r\no=- 3 4 IN IP4 10.0.1.1\r\ns=digphn\r\nc=IN IP4 10.0.1.1\r\nt=0 0\r\na=sendonly\r\n"
    b"m=video 5000 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    b"m=audio 4002 RTP/AVP 9 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
)



def one_each(formats: list[Format]) -> tuple[Format, ...]:
    return tuple({each.number: each for each in formats}.values())


encodings = st.sampled_from(["PCMU/8000", "PCMA/8000", "G722/8000", "opus/48000", "telephone-event/8000"])
descriptions = st.builds(
    Description,
    address=st.sampled_from(["10.0.0.1", "0.0.0.0", "2001:db8::1"]),
    port=st.integers(0, 65535),
    formats=st.lists(st.builds(Format, st.integers(0, 127), encodings), min_size=1, max_size=6).map(one_each),
    direction=st.sampled_from(sdp.DIRECTIONS),
    session=st.integers(0, 2**63),
    version=st.integers(0, 2**63),
    user=st.sampled_from(["-", "alice"]),
    name=st.sampled_from(["-", "digphn", "two words"]),
    others=st.just(()),
    tool=st.sampled_from(["", "digphn 2"]),
)


def reads_or_refuses(body: bytes) -> bool:
    try:
        return isinstance(sdp.read(body), Description)
    except SdpError as error:
        return bool(error.reason)


@given(descriptions)
def test_what_is_written_is_read_again(description: Description) -> None:
    """One audio stream with its formats, direction and version."""
    assert sdp.read(description.encode()) == description


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """Nothing but SdpError comes out of a body of rubbish."""
    assert reads_or_refuses(body)


@given(st.binary(max_size=40), st.integers(0, len(FROM_A_PHONE)))
def test_a_description_with_rubbish_in_it_is_read_or_refused(rubbish: bytes, place: int) -> None:
    """The same for what is nearly one."""
    assert reads_or_refuses(FROM_A_PHONE[:place] + rubbish + FROM_A_PHONE[place:])


def test_the_first_audio_stream_counts_and_the_others_are_refused() -> None:
    """Static payload types need no rtpmap; the direction of the session holds for its streams (RFC 8866 6.7)."""
    read = sdp.read(FROM_A_PHONE)
    assert read.formats == (Format(9, "G722/8000"), Format(0, "PCMU/8000"), Format(101, "telephone-event/8000"))
    assert (read.port, read.direction, read.held) == (4002, "sendonly", True)
    answer = read._replace(direction="recvonly").encode().decode()
    assert answer.index("m=video 0 RTP/AVP 96") < answer.index("m=audio 4002")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "v=0"),
        (b"v=1\r\n", "v=0"),
        (b"v=0\r\n", "no audio"),
        (b"v=0\r\nm=audio x RTP/AVP 0\r\n", "cannot be read"),
        (FROM_A_PHONE.replace(b"4002", b"99999"), "port"),
        (FROM_A_PHONE.replace(b"c=IN", b"c=XX"), "c= line"),
        (b"v=0\r\n" + b"m=audio 1 RTP/AVP 0\r\n" * 17, "streams"),
        (b"v=0\r\n" + b"a=x\r\n" * 5000, "bytes"),
    ],
)
def test_what_is_no_description_says_why(body: bytes, why: str) -> None:
    """Missing lines, a port that is none, too much of anything."""
    with pytest.raises(SdpError, match=why):
        sdp.read(body)


@pytest.mark.parametrize(
    ("change", "held"),
    [({}, False), ({"direction": "sendonly"}, True), ({"direction": "inactive"}, True), ({"address": "0.0.0.0"}, True),
     ({"direction": "recvonly"}, False)],
)  # fmt: skip
def test_holding_is_a_direction_or_the_old_address(change: dict[str, str], held: bool) -> None:
    """RFC 3264 8.4, and 0.0.0.0 of RFC 2543."""
    assert PLAIN._replace(**change).held is held  # type: ignore[arg-type]


def test_what_both_have_in_the_order_and_numbers_of_the_offer() -> None:
    """RFC 3264 6.1; encodings are compared without case."""
    offered = (Format(9, "G722/8000"), Format(111, "pcmu/8000"), Format(101, "telephone-event/8000"))
    assert sdp.common(offered, ("PCMU/8000", "telephone-event/8000")) == offered[1:]
