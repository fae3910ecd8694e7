"""The messages of RFC 4475, each with its verdict: what the parser says, and what is left to the user agent.

400 and 505 are answered (the answer is made and read again here), None is dropped, GOOD is passed on; where the RFC
leaves the choice, the comment gives ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.sip.digest import Credentials, read_challenges
from harness.sip.grammar import GrammarError
from harness.sip.message import Malformed, Request, Response, parse_message, response_to
from harness.sip.uri import NameAddr, SipUri
from harness.sip.via import Via

FOLDER = Path(__file__).parent / "rfc4475"
GOOD = 0
DROPPED = None

VERDICTS: dict[str, int | None] = {
    "3.1.1.1 wsinv": GOOD,
    "3.1.1.2 intmeth": GOOD,
    "3.1.1.3 esc01": GOOD,
    "3.1.1.4 escnull": GOOD,
    "3.1.1.5 esc02": GOOD,
    "3.1.1.6 lwsdisp": GOOD,
    "3.1.1.7 longreq": GOOD,
    "3.1.1.8 dblreq": GOOD,
    "3.1.1.9 semiuri": GOOD,
    "3.1.1.10 transports": GOOD,
    "3.1.1.11 mpart01": GOOD,
    "3.1.1.12 unreason": GOOD,
    "3.1.1.13 noreason": GOOD,
    "3.1.2.1 badinv01": 400,
    "3.1.2.2 clerr": 400,
    "3.1.2.3 ncl": 400,
    "3.1.2.4 scalar02": 400,
    "3.1.2.5 scalarlg": DROPPED,
    "3.1.2.6 quotbal": 400,
    "3.1.2.7 ltgtruri": 400,
    "3.1.2.8 lwsruri": 400,
    "3.1.2.9 lwsstart": 400,
    "3.1.2.10 trws": 400,
    "3.1.2.11 escruri": GOOD,  # liberal: the escaped headers are there to see, and nobody uses them
    "3.1.2.12 baddate": GOOD,  # liberal: Date is not used
    "3.1.2.13 regbadct": 400,
    "3.1.2.14 badaspec": GOOD,  # liberal: the blanks are left out
    "3.1.2.15 baddn": 400,
    "3.1.2.16 badvers": 505,
    "3.1.2.17 mismatch01": 400,
    "3.1.2.18 mismatch02": 400,
    "3.1.2.19 bigcode": DROPPED,
    "3.2.1 badbranch": GOOD,  # told apart by Via.unique_branch
    "3.3.1 insuf": 400,
    "3.3.2 unkscm": GOOD,  # 416 by the user agent
    "3.3.3 novelsc": GOOD,  # 416 by the user agent
    "3.3.4 unksm2": GOOD,  # the registrar refuses the To
    "3.3.5 bext01": GOOD,  # 420 by the user agent
    "3.3.6 invut": GOOD,  # 415 by the user agent
    "3.3.7 regaut01": GOOD,  # 401 by the registrar
    "3.3.8 multi01": 400,
    "3.3.9 mcl01": 400,
    "3.3.10 bcast": GOOD,  # no transaction has its branch: dropped there
    "3.3.11 zeromf": GOOD,  # answered, not forwarded
    "3.3.12 cparam01": GOOD,
    "3.3.13 cparam02": GOOD,
    "3.3.14 regescrt": GOOD,
    "3.3.15 sdp01": GOOD,  # 406 by the user agent
    "3.4.1 inv2543": GOOD,
}


def _wire(text: str) -> bytes:
    """The RFC's notation (its section 2.1) as bytes."""
    text = re.sub(
        r"<allOneLine>\n(.*?)\n</allOneLine>", lambda found: found[1].replace("\n", ""), text, flags=re.DOTALL
    )
    text = re.sub(r"<repeat count=(\d+)>(.*?)</repeat>", lambda found: found[2] * int(found[1]), text)
    data = text.replace("\n", "\r\n").encode()
    return re.sub(rb"<hex>([0-9A-F\s]*)</hex>", lambda found: bytes.fromhex(b"".join(found[1].split()).decode()), data)


def _messages() -> Iterator[tuple[str, bytes]]:
    for file in ("valid.txt", "invalid.txt", "other.txt"):
        for part in re.split(r"^=== ", (FOLDER / file).read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            title, _, text = part.partition("\n")
            yield title, _wire(text)


MESSAGES = dict(_messages())
BYTES = {title.split()[1]: data for title, data in MESSAGES.items()}


def request(name: str) -> Request:
    message = parse_message(BYTES[name])
    assert isinstance(message, Request)
    return message


def vias_of(message: Request | Response) -> list[Via]:
    """All of them, the top one first."""
    return [Via.parse(value) for value in message.headers.all("Via")]


def response(name: str) -> Response:
    message = parse_message(BYTES[name])
    assert isinstance(message, Response)
    return message


def refusal(name: str) -> Malformed:
    with pytest.raises(Malformed) as caught:
        parse_message(BYTES[name])
    return caught.value


def test_all_forty_nine_messages_are_here() -> None:
    """The suite holds every message of section 3, and each has a verdict."""
    assert len(MESSAGES) == 49
    assert list(MESSAGES) == list(VERDICTS)


@pytest.mark.parametrize("title", VERDICTS)
def test_verdict(title: str) -> None:
    """Each message is passed on, answered with its status, or dropped."""
    verdict = VERDICTS[title]
    if verdict == GOOD:
        assert parse_message(MESSAGES[title])
        return
    malformed = refusal(title.split()[1])
    assert malformed.status == verdict
    if verdict is DROPPED:
        assert malformed.request is None
        return
    assert malformed.request is not None
    answer = response_to(malformed.request, verdict).encode()
    assert answer.startswith(b"SIP/2.0 %d " % verdict)
    assert malformed.request.via.host.encode() in answer


@pytest.mark.parametrize("title", [title for title, verdict in VERDICTS.items() if verdict == GOOD])
def test_what_is_passed_on_survives_writing(title: str) -> None:
    """A good message, written and read again, is the same message."""
    message = parse_message(MESSAGES[title])
    again = parse_message(message.encode())
    message.headers.remove("Content-Length")
    again.headers.remove("Content-Length")
    assert again == message


def test_wsinv() -> None:
    """Values are found in spite of folding, compact names, odd case and blanks."""
    invite = request("wsinv")
    uri = SipUri.parse(invite.uri)
    assert (invite.method, uri.user, uri.host, dict(uri.params)) == (
        "INVITE", "vivekg", "chair-dnrc.example.com", {"unknownparam": None},
    )  # fmt: skip
    assert invite.to == NameAddr("", "sip:vivekg@chair-dnrc.example.com", {"tag": "1918181833n"})
    assert invite.from_ == NameAddr('J Rosenberg \\"', "sip:jdrosen@example.com", {"tag": "98asjd8"})
    assert (invite.headers.get("Max-Forwards"), invite.cseq) == ("0068", (9, "INVITE"))
    assert [(via.transport, via.host, via.branch) for via in vias_of(invite)] == [
        ("UDP", "192.0.2.2", "390skdjuw"),
        ("TCP", "spindle.example.com", "z9hG4bK9ikj8"),
        ("UDP", "192.168.255.111", "z9hG4bK30239"),
    ]
    assert invite.headers.get("Subject") == ""
    assert invite.headers.get("newfangledheader") == "newfangled value continued newfangled value"
    assert invite.headers.all("UnknownHeaderWithUnusualValue") == [";;,,;;,;"]
    (route,) = (NameAddr.parse(value) for value in invite.headers.all("Route"))
    assert route.sip_uri.loose
    assert dict(route.sip_uri.params) == {"lr": None, "unknownwith": "value", "unknown-no-value": None}
    assert invite.contact == NameAddr(
        'Quoted string ""', "sip:jdrosen@example.com", {"newparam": "newvalue", "secondparam": None, "q": "0.33"}
    )
    assert len(invite.body) == 150


def test_intmeth() -> None:
    """All characters that the grammar allows are kept, NUL and UTF-8 among them."""
    odd = request("intmeth")
    assert odd.method == odd.cseq.method == "!interesting-Method0123456789_*+`.%indeed'~"
    uri = SipUri.parse(odd.uri)
    assert uri.user == "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"
    assert uri.password == "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"
    assert odd.via.branch == "z9hG4bK-.!%66*_+`'~"
    assert odd.to.display == "BEL:\x07 NUL:\x00 DEL:\x7f"
    assert odd.from_.display == "token1~` token2'+_ token3*%!.-"
    assert odd.from_.params["fromparam''~+*_!.-%"] == '"работающий"'
    assert odd.from_.tag == "_token~1'+`*%!-."
    assert odd.call_id == "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{"
    assert odd.headers.get("Max-Forwards") == "255"
    assert odd.headers.get("extensionHeader-!.%*+_`'~") == "\ufeff大停電"


def test_esc01() -> None:
    """Escapes are kept in the text and taken out where a person reads it."""
    invite = request("esc01")
    uri = SipUri.parse(invite.uri)
    assert (uri.user, uri.host) == ("sips%3Auser%40example.com", "example.net")
    assert uri.user_unescaped == "sips:user@example.com"
    assert invite.to.sip_uri.equivalent(SipUri.parse("sip:user@example.com"))
    assert invite.from_.sip_uri.user_unescaped == "I have spaces"
    assert invite.contact is not None
    contact = invite.contact.sip_uri
    assert contact.equivalent(SipUri.parse("sip:caller@host5.example.net;lr;name=value%25%34%31"))
    assert not contact.equivalent(SipUri.parse("sip:caller@host5.example.net;lr;name=value%41"))
    assert invite.content_type == "application/sdp"


def test_escnull() -> None:
    """Escaped NULs neither end a text nor make two contacts one."""
    register = request("escnull")
    assert register.to.sip_uri.user_unescaped == "null-\0-null"
    one, two = (contact.sip_uri for contact in register.contacts)
    assert (one.user_unescaped, two.user_unescaped) == ("\0", "\0\0")
    assert not one.equivalent(two)


def test_esc02() -> None:
    """A percent sign in a method, a header name or a display name is itself."""
    odd = request("esc02")
    assert odd.method == "RE%47IST%45R"
    assert odd.to.display == odd.from_.display == "%Z%45"
    assert [contact.sip_uri.user for contact in odd.contacts] == ["alias1", "alias3"]
    assert odd.headers.get("C%6Fntact") == "<sip:alias2@host2.example.com>"
    assert odd.via.branch == "z9hG4bK209%fzsnel234"


def test_lwsdisp() -> None:
    """A display name may touch its bracket."""
    assert request("lwsdisp").from_ == NameAddr("caller", "sip:caller@example.com", {"tag": "323"})


def test_longreq() -> None:
    """Long values are kept whole, and thirty-four Vias stay in order."""
    invite = request("longreq")
    assert invite.to.display == f"I have a user name of {'extreme' * 10} proportion"
    assert invite.to.sip_uri.params["unknownparam1"] == f"very{'long' * 20}value"
    assert invite.to.sip_uri.port == 6000
    assert invite.from_.tag == f"1{'298' * 50}2424"
    vias = vias_of(invite)
    assert [via.host for via in vias] == [f"sip{n}.example.com" for n in range(33, 0, -1)] + ["host.example.com"]
    assert vias[-1].branch == f"very{'long' * 50}branchvalue"
    assert len(invite.body) == 150


def test_dblreq() -> None:
    """What follows the Content-Length of a datagram is cut off."""
    register = request("dblreq")
    assert (register.method, register.body) == ("REGISTER", b"")
    assert register.call_id == "dblreq.0ha0isndaksdj99sdfafnl3lk233412"
    assert len(vias_of(register)) == 1


def test_semiuri() -> None:
    """A semicolon in the user part starts no parameter, and folded lists are split."""
    options = request("semiuri")
    uri = SipUri.parse(options.uri)
    assert (uri.user_unescaped, uri.host, dict(uri.params)) == ("user;par=u@example.net", "example.com", {})
    assert options.headers.all("Accept") == [
        "application/sdp", "application/pkcs7-mime", "multipart/mixed", "multipart/signed",
        "message/sip", "message/sipfrag",
    ]  # fmt: skip


def test_transports() -> None:
    """Known and unknown transports in Vias are read alike."""
    assert [via.transport for via in vias_of(request("transports"))] == ["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"]


def test_mpart01() -> None:
    """A binary body, NULs and all, is kept byte for byte."""
    message = request("mpart01")
    assert message.content_type == "multipart/mixed"
    assert len(message.body) == 553
    assert message.body.startswith(b"--7a9cbec02ceef655\r\n")
    assert bytes.fromhex("3082015206092A864886F70D0107") in message.body
    assert message.body.endswith(b"\x99\xd0\x05\r\n--7a9cbec02ceef655--\r\n")


def test_unreason_and_noreason() -> None:
    """A reason phrase may be in any language, or empty."""
    assert response("unreason").status == 200
    assert response("unreason").reason == "= 2**3 * 5**2 но сто девяносто девять - простое"
    assert (response("noreason").status, response("noreason").reason) == (100, "")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("badinv01", "Via"),
        ("clerr", "Content-Length '9999' with 154 bytes"),
        ("ncl", "Content-Length '-999'"),
        ("scalar02", "Max-Forwards"),
        ("scalarlg", "CSeq"),
        ("quotbal", "To"),
        ("ltgtruri", "request line"),
        ("lwsruri", "request line"),
        ("lwsstart", "request line"),
        ("trws", "request line"),
        ("regbadct", "Contact"),
        ("baddn", "From"),
        ("badvers", "version 7.0"),
        ("mismatch01", "CSeq is of INVITE"),
        ("mismatch02", "CSeq is of INVITE"),
        ("bigcode", "status 4294967301"),
        ("insuf", "no Call-ID, From, To"),
        ("multi01", "twice"),
        ("mcl01", "Content-Length twice"),
    ],
)
def test_refusals_name_the_fault(name: str, reason: str) -> None:
    """A refused message is refused for what the RFC put wrong in it."""
    assert reason in refusal(name).reason


def test_each_fault_of_badinv01_and_scalar02_counts_alone() -> None:
    """With the first fault put right, the next one is found."""
    mended = BYTES["badinv01"].replace(b"192.0.2.15;;,;,,", b"192.0.2.15")
    with pytest.raises(Malformed, match="Contact"):
        parse_message(mended)
    mended = BYTES["scalar02"].replace(b"Max-Forwards: 300", b"Max-Forwards: 70")
    with pytest.raises(Malformed, match="CSeq"):
        parse_message(mended)
    register = parse_message(mended.replace(b"36893488147419103232", b"1"))
    assert register.expires == 2**32 - 1


def test_escruri() -> None:
    """Headers in a Request-URI are seen apart from the address."""
    uri = SipUri.parse(request("escruri").uri)
    assert (uri.user, uri.host, uri.headers) == ("user", "example.com", "Route=%3Csip:example.com%3E")


def test_baddate() -> None:
    """A wrong Date is kept as text."""
    assert request("baddate").headers.all("Date") == ["Fri, 01 Jan 2010 16:00:00 EST"]


def test_badaspec() -> None:
    """Blanks inside the brackets are no part of the address, and a comma in quotes splits nothing."""
    options = request("badaspec")
    assert options.to == NameAddr("Watson, Thomas", "sip:t.watson@example.org")
    assert options.from_.display == "Bell, Alexander"


def test_badvers_is_answered_to_its_via() -> None:
    """The 505 carries back what came, the odd version in the Via too."""
    partial = refusal("badvers").request
    assert partial is not None
    assert response_to(partial, 505).headers.get("Via") == "SIP/7.0/UDP c.example.com;branch=z9hG4bKkdjuw"


def test_badbranch() -> None:
    """A branch that is the cookie alone does not count as unique."""
    via = request("badbranch").via
    assert via.branch == "z9hG4bK"
    assert not via.unique_branch
    assert request("zeromf").via.unique_branch


@pytest.mark.parametrize("name", ["unkscm", "novelsc"])
def test_unknown_schemes_are_for_the_user_agent(name: str) -> None:
    """An unknown scheme in the Request-URI is kept, and is no SIP URI: the user agent answers 416."""
    uri = request(name).uri
    assert uri in ("nobodyKnowsThisScheme:totallyopaquecontent", "soap.beep://192.0.2.103:3002")
    with pytest.raises(GrammarError):
        SipUri.parse(uri)


def test_unksm2() -> None:
    """From, To and Contact may be of any scheme."""
    register = request("unksm2")
    assert (register.to.uri, register.from_.uri, register.from_.tag) == (
        "isbn:2983792873", "http://www.example.com", "3234233",
    )  # fmt: skip
    assert [contact.uri for contact in register.contacts] == ["name:John_Smith"]


def test_what_the_user_agent_refuses_is_there_to_see() -> None:
    """Required extensions, body types and accepted types reach the user agent."""
    assert request("bext01").headers.all("Require") == ["nothingSupportsThis", "nothingSupportsThisEither"]
    assert request("invut").content_type == "application/unknownformat"
    assert request("sdp01").headers.all("Accept") == ["text/nobodyKnowsThis"]
    assert request("zeromf").headers.get("Max-Forwards") == "0"


def test_regaut01() -> None:
    """Credentials of an unknown scheme are passed over, not choked on."""
    value = request("regaut01").headers.get("Authorization")
    assert value == "NoOneKnowsThisScheme opaque-data=here"
    with pytest.raises(GrammarError):
        Credentials.parse(value)
    assert read_challenges([value]) == []


def test_bcast() -> None:
    """The second Via is seen, and the top one is not an address of ours."""
    vias = vias_of(response("bcast"))
    assert [via.host for via in vias] == ["192.0.2.198", "255.255.255.255"]


def test_contact_parameters() -> None:
    """Without brackets a parameter belongs to the header, with them to the URI."""
    (bare,), (bracketed,) = request("cparam01").contacts, request("cparam02").contacts
    assert (bare.uri, dict(bare.params)) == ("sip:+19725552222@gw1.example.net", {"unknownparam": None})
    assert dict(bracketed.params) == {}
    assert dict(bracketed.sip_uri.params) == {"unknownparam": None}


def test_regescrt() -> None:
    """Escaped headers stay with the contact's URI."""
    (contact,) = request("regescrt").contacts
    assert contact.sip_uri.headers == "Route=%3Csip:sip.example.com%3E"


def test_inv2543() -> None:
    """An INVITE of RFC 2543: no branch, no From tag, no Max-Forwards, no Content-Length."""
    invite = request("inv2543")
    assert invite.via.branch is None
    assert not invite.via.unique_branch
    assert invite.from_.tag is None
    assert invite.headers.get("Max-Forwards") is None
    assert invite.body.endswith(b"m=audio 49217 RTP/AVP 0\r\n")
