"""Messages and bodies for reading: a gist, sentences, and the body laid out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.bodies import dialog_info, pidf, rlmi, xpidf
from harness.core.states import ExtensionState
from harness.report import decoded
from harness.report.decoded import body_of, gist, lay_out_xml, read_message, user_of
from tests import growth

PIDF = pidf.write("sip:2000@10.0.0.1", "2000", 0, "sip:2001@10.0.0.1", "away", "Lunch", "back <soon>").decode()
SDP = (
    "v=0\r\no=- 1 1 IN IP4 10.0.1.1\r\ns=-\r\nc=IN IP4 10.0.1.1\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=sendonly\r\n"
    "m=video 0 RTP/AVP 99\r\n"
)


def message(start: str, *headers: str, body: str = "") -> str:
    """A message's text."""
    return "\r\n".join([start, *headers, "", body])


NOTIFY = message(
    "NOTIFY sip:2001@10.0.1.1 SIP/2.0", "f: <sip:2000@10.0.0.1>;tag=1", f"c: {pidf.CONTENT_TYPE}", body=PIDF
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (NOTIFY, 'NOTIFY of 2000: away "Lunch" saying "back <soon>", Ready'),
        (message("SIP/2.0 401 Unauthorized", "CSeq: 7 REGISTER"), "401 Unauthorized to REGISTER"),
        (message("REGISTER sip:10.0.0.1 SIP/2.0", "To: <sip:2001@10.0.0.1>", "Expires: 0"), "REGISTER 2001, to end it"),
        (message("SUBSCRIBE sip:10.0.0.1:5060 SIP/2.0", "To: <sip:2000@10.0.0.1>;tag=2"), "SUBSCRIBE 2000"),
        (message("INVITE sip:2000@10.0.0.1 SIP/2.0", "Content-Type: application/sdp", body=SDP),
         "INVITE 2000: audio sendonly, video refused"),
        (message("MESSAGE sip:proxy@x SIP/2.0", "Content-Type: text/plain",
                 body='{"method": "status", "status": "away", "substatus": "Lunch"}'),
         "MESSAGE proxy: status away / Lunch"),
        (message("NOTIFY sip:a@b SIP/2.0"), "NOTIFY a"),
        (message("REFER sip:a@b SIP/2.0", "Content-Type: message/sipfrag", body="SIP/2.0 200 OK\r\n"),
         "REFER a: 200 OK"),
    ],
)  # fmt: skip
def test_the_gist_of_a_message(text: str, said: str) -> None:
    """One short text, whatever the method."""
    assert gist(read_message(text)) == said


def test_pidf_is_said_in_words_and_laid_out() -> None:
    """Device and person apart, one element a line, the spelling untouched."""
    body = decoded.decoded(read_message(NOTIFY))
    assert body.words == (
        "about sip:2000@10.0.0.1",
        "the device: Ready, open",
        'the person (Digium tuple): away "Lunch" saying "back <soon>"',
    )
    assert '      <digium_presence type="away" subtype="Lunch">back &lt;soon&gt;</digium_presence>' in body.laid_out


def test_pidf_without_a_digium_tuple_says_so() -> None:
    """A phone of another make is told nothing of the person."""
    text = pidf.write("sip:a@b", "a", int(ExtensionState.INUSE), "sip:c@b", digium=False).decode()
    body = body_of(pidf.CONTENT_TYPE, text)
    assert body.words[1:] == ("the device: On the phone, open, on-the-phone",
                              "the person: nothing, for there is no Digium tuple")  # fmt: skip


def test_dialogs_are_said_in_words() -> None:
    """State, direction, the other end, hold."""
    call = dialog_info.RingingCall(dialog_info.Party("100", "Ann"), dialog_info.Party("2000"), "10.0.0.1")
    ringing = dialog_info.write("sip:2000@x", "2000", int(ExtensionState.RINGING), 3, call=call).decode()
    body = body_of(dialog_info.CONTENT_TYPE, ringing)
    assert body.words == ("all dialogs of sip:2000@x, version 3", "2000: early, recipient, with Ann")
    held = body_of(dialog_info.CONTENT_TYPE, dialog_info.write("s", "2000", int(ExtensionState.ONHOLD), 4).decode())
    assert held.gist == "confirmed, on hold"


def test_an_older_body_and_a_list_are_said_in_words() -> None:
    """xpidf, and rlmi with a part for each resource."""
    old = body_of(xpidf.CONTENT_TYPE, xpidf.write("sip:a@b", "2000", 0, "c", "d").decode())
    assert old.words[1].startswith("2000: open")
    bob = rlmi.Resource("sip:2000@x", "Bob", (rlmi.Instance("i", cid="cid2"),))
    listed = rlmi.Rlmi("sip:office@x", 2, True, "office", (bob,))
    text = rlmi.write_list("abcde", "cid1", listed, [rlmi.Part(pidf.CONTENT_TYPE, "cid2", PIDF.encode())]).decode()
    body = body_of(rlmi.multipart_type("abcde"), text)
    assert body.words[0] == "part 1, application/rlmi+xml: the list office in full, version 2"
    assert "  Bob: active" in body.words
    assert '  the person (Digium tuple): away "Lunch" saying "back <soon>"' in body.words
    assert body.laid_out.count("-- part ") == 2


def test_sdp_is_said_in_words() -> None:
    """Where the sound goes, its codecs, whether it is held."""
    assert body_of("application/sdp", SDP).words == (
        "audio at 10.0.1.1:4000 (RTP/AVP): PCMU, PCMA, telephone-event; sendonly, held",
        "video refused at 10.0.1.1:0 (RTP/AVP): 99; sendrecv",
    )


def test_json_is_laid_out() -> None:
    """Lists are counted and named."""
    body = body_of("text/plain", '{"method":"configuration","lines":[{"name":"2000"}],"none":[]}')
    assert body.words == ("method: configuration", "lines: 1 (2000)")
    assert body.laid_out.splitlines()[1] == '  "method": "configuration",'


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (pidf.CONTENT_TYPE, "<presence"),
        (pidf.CONTENT_TYPE, '<!DOCTYPE x [<!ENTITY a "b">]><presence/>'),
        (dialog_info.CONTENT_TYPE, "<dialog-info xmlns='urn:ietf:params:xml:ns:dialog-info' version='x'/>"),
        ("application/json", "{"),
        ("application/json", "[" * 100_000),
        ("multipart/related", "--"),
    ],
)
def test_a_body_that_cannot_be_read_has_a_problem(kind: str, text: str) -> None:
    """And never raises: what stands on the wire is anybody's."""
    assert body_of(kind, text).problem


def test_multipart_bodies_within_each_other_end() -> None:
    """At a named depth."""
    text = "x"
    for _ in range(decoded.MAX_DEPTH + 2):
        text = f"--b\r\nContent-Type: multipart/mixed;boundary=b\r\n\r\n{text}\r\n--b--"
    assert body_of("multipart/mixed;boundary=b", text).kind == "multipart/mixed"


@given(st.text(max_size=200), st.sampled_from(["", *decoded._READERS, "multipart/mixed;boundary=b", "text/plain"]))
def test_no_text_breaks_the_reader(text: str, kind: str) -> None:
    """Whatever comes."""
    body_of(kind, text)
    gist(read_message(text))
    gist(read_message(f"NOTIFY {text} SIP/2.0\r\nContent-Type: {kind}\r\n\r\n{text}"))


@given(st.recursive(
    st.text("ab &\"'\n", max_size=5),
    lambda inner: st.lists(inner, max_size=3).map(lambda parts: f"<e a='1'>{''.join(parts)}</e>"),
))  # fmt: skip
def test_laying_out_changes_nothing_but_blanks(text: str) -> None:
    """Without white space both are the same."""
    assert "".join(lay_out_xml(text).split()) == "".join(text.split())


@given(st.lists(st.sampled_from(["<", ">", "<!--", "-->", "<![CDATA[", "]]>", "</a>", "<a>", "x", " "])).map("".join))
def test_nothing_is_lost_of_what_never_ends(text: str) -> None:
    """Comments, sections and tags that begin only."""
    assert "".join(lay_out_xml(text).split()) == "".join(text.split())


def test_what_is_deep_is_indented_so_far_and_no_further() -> None:
    """A body of nothing but beginnings would be a thousand times as long."""
    text = "<a>" * 20_000
    assert len(lay_out_xml(text)) < 40 * len(text)


@pytest.mark.parametrize("kind", [*decoded._READERS, "multipart/mixed;boundary=b", "text/plain"])
def test_a_long_body_takes_time_in_proportion(kind: str) -> None:
    """Whatever it is made of."""
    growth.check(lambda text: body_of(kind, text), [
        ("", "<!--", ""), ("", "<![CDATA[", ""), ("", "<", ""), ("", "<a>", ""), ("", "<a></b>", ""),
        ("<a>", "x", "</b>"), ("", " ", ""), ("", "--b\r\n", ""), ("", "\r\n", ""), ("", "&amp;", ""), ("", "9", "x"),
        ("v=0\r\n" * 5_000, "m=\r\n", ""), ("", "a=sendrecv", " x"), ("", "a=rtpmap:1", ""), ("", '{"a":', ""),
        ("", "[", ""), ("{", '"a":1,', ""),
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("text", "user"),
    [("<sip:a:b@c>, <sip:d@e>", "a"), ("sip:x;y <SIPS:a@b>", "a"), ("sip:a:b", "a:b"), ("asip:a@b sip:c@d", "c")],
)
def test_the_first_user_is_who_it_is_about(text: str, user: str) -> None:
    """Without a password; where there is none, what there is."""
    assert user_of(text) == user


def test_a_long_address_takes_time_in_proportion() -> None:
    """However often it seems to begin."""
    growth.check(user_of, [("", "sip:", ""), ("", "sip:a", ";"), ("", "sip:a ", ""), ("", "a", ""), ("", "sip::", "@")])
