"""SIP URIs and addresses: RFC 3261 19.1 and 20.10."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.sip.grammar import GrammarError, escape_user, quote, split_list, unescape, unquote
from harness.sip.uri import NameAddr, SipUri, valid_uri

HOSTS = st.sampled_from(["example.com", "10.0.0.5", "[2001:db8::1]", "under_score.local", "a"])
NAMES = st.from_regex(r"[a-z][a-z0-9\-]{0,8}", fullmatch=True)
VALUES = st.one_of(st.none(), st.from_regex(r"[A-Za-z0-9\-.]{0,8}", fullmatch=True))
PARAMS = st.dictionaries(NAMES, VALUES, max_size=4)
USERS = st.one_of(st.none(), st.text(max_size=20).map(escape_user))


@st.composite
def sip_uris(draw: st.DrawFn) -> SipUri:
    user = draw(USERS)
    password = draw(st.one_of(st.none(), st.from_regex(r"[a-z0-9]{0,6}", fullmatch=True))) if user is not None else None
    port = draw(st.one_of(st.none(), st.integers(0, 65535)))
    headers = draw(st.sampled_from(["", "subject=x", "a=b&c=%20d"]))
    scheme = draw(st.sampled_from(["sip", "sips"]))
    return SipUri(scheme, user, password, draw(HOSTS), port, draw(PARAMS), headers)


@given(sip_uris())
def test_a_uri_is_read_as_it_was_written(uri: SipUri) -> None:
    """Writing and reading a URI gives the same URI, which is equivalent to itself."""
    assert SipUri.parse(str(uri)) == uri
    assert uri.equivalent(SipUri.parse(str(uri)))
    assert valid_uri(str(uri))


@given(st.text(max_size=20), sip_uris(), PARAMS)
def test_an_address_is_read_as_it_was_written(display: str, uri: SipUri, params: dict[str, str | None]) -> None:
    """Writing and reading an address gives the same address, quotes and backslashes in the name included."""
    address = NameAddr(display, str(uri), params)
    assert NameAddr.parse(str(address)) == address


@given(st.text(max_size=30))
def test_a_user_part_survives_its_escape(text: str) -> None:
    """Any text can be a user part: escaped it is fit for a URI, unescaped it is the text."""
    user = escape_user(text.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape"))
    assert SipUri.parse(f"sip:{user}@h").user_unescaped.encode("utf-8", "surrogateescape") == text.encode(
        "utf-8", "surrogatepass"
    )


@given(st.lists(st.one_of(st.from_regex(r"[a-z0-9]{1,6}", fullmatch=True), st.text(max_size=8).map(quote)), max_size=6))
def test_lists_split_at_their_own_commas_only(members: list[str]) -> None:
    """Commas inside quotes and brackets split nothing, whatever is quoted."""
    members = [f"{member} <sip:a,b@c>" for member in members]
    assert split_list(", ".join(members)) == members


@given(st.text(max_size=60))
def test_any_text_is_a_uri_or_a_grammar_error(text: str) -> None:
    """No text raises anything but GrammarError."""
    for parse in (SipUri.parse, NameAddr.parse):
        try:
            str(parse(text))
        except GrammarError:
            continue
    unescape(text)
    unquote(text)


def test_parts_of_a_full_uri() -> None:
    """Each part comes out where the grammar puts it."""
    uri = SipUri.parse("SIPS:a%20b:pw@[2001:DB8::1]:5071;Transport=TCP;lr?Subject=a&b=c")
    params = {"transport": "TCP", "lr": None}
    assert uri == SipUri("sips", "a%20b", "pw", "[2001:DB8::1]", 5071, params, "Subject=a&b=c")
    assert uri.user_unescaped == "a b"
    assert uri.address == ("2001:DB8::1", 5071)
    assert uri.loose


def test_the_default_port_is_the_schemes() -> None:
    """Without a port the address has 5060, or 5061 with sips."""
    assert SipUri.parse("sip:h").address == ("h", 5060)
    assert SipUri.parse("sips:h").address == ("h", 5061)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sip:",
        "sip:@",
        "tel:+1555",
        "sip:a b@h",
        "sip:a@h o",
        "sip:a@h:",
        "sip:a@h:65536",
        "sip:a@h:123456",
        "sip:a@b@c",
        "sip:%ZZ@h",
        "sip:a@[::1",
        "sip:a@h;",
        "sip:a@h;=x",
        "<sip:a@h>",
        "sip:a@h\n",
        'sip:"a"@h',
    ],
)
def test_what_is_no_sip_uri(text: str) -> None:
    """Text beside the grammar is refused."""
    with pytest.raises(GrammarError):
        SipUri.parse(text)


@pytest.mark.parametrize("user", ["*98", "2000", "#21#", "bob.smith+x", "josé", "a;b=c", "_auto", "proxy"])
def test_users_that_phones_dial(user: str) -> None:
    """Feature codes and names beyond ASCII are user parts."""
    assert SipUri.parse(f"sip:{user}@h").user == user


# RFC 3261 19.1.4, its own examples first.
@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;security=on"),
        (
            "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
            "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
        ),
        (
            "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
            "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
        ),
    ],
)
def test_equivalent(one: str, two: str) -> None:
    """These pairs name the same thing, in either order."""
    assert SipUri.parse(one).equivalent(SipUri.parse(two))
    assert SipUri.parse(two).equivalent(SipUri.parse(one))


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
        ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"),
        ("sip:a@h", "sips:a@h"),
        ("sip:a:pw@h", "sip:a@h"),
        ("sip:h", "sip:@h"),
        ("sip:a%3Bb@h", "sip:a;b@h"),
    ],
)
def test_not_equivalent(one: str, two: str) -> None:
    """These pairs differ, in either order."""
    assert not SipUri.parse(one).equivalent(SipUri.parse(two))
    assert not SipUri.parse(two).equivalent(SipUri.parse(one))


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ('"A. \\"B\\"" <sip:a@h>;tag=1', NameAddr('A. "B"', "sip:a@h", {"tag": "1"})),
        ("Alice B <sip:a@h;lr>;TAG=Ab", NameAddr("Alice B", "sip:a@h;lr", {"tag": "Ab"})),
        ("<sip:a@h>", NameAddr("", "sip:a@h")),
        ("sip:a@h;tag=1;x", NameAddr("", "sip:a@h", {"tag": "1", "x": None})),
        ('<sip:a@h>;+sip.instance="<urn:uuid:1;2>"', NameAddr("", "sip:a@h", {"+sip.instance": '"<urn:uuid:1;2>"'})),
        ("Jürgen <sip:j@h>", NameAddr("Jürgen", "sip:j@h")),
        ("<tel:+1555>;tag=x", NameAddr("", "tel:+1555", {"tag": "x"})),
    ],
)
def test_addresses(text: str, address: NameAddr) -> None:
    """Names are unquoted, parameters outside of the brackets are the header's."""
    assert NameAddr.parse(text) == address
    assert address.tag == address.params.get("tag")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<>",
        "<sip:a@h",
        "sip:a@h>",
        '"a <sip:a@h>',
        "a, b <sip:a@h>",
        "<sip:a@h>;;",
        "sip:a@h?x=y",
        "<sip:a b@h>",
        "a@h",
    ],
)
def test_what_is_no_address(text: str) -> None:
    """Unbalanced quotes and brackets, bare commas and URIs that do not parse are refused."""
    with pytest.raises(GrammarError):
        NameAddr.parse(text)



def test_the_last_of_two_tags_counts() -> None:
    """As pjsip reads From and To."""
    assert NameAddr.parse("<sip:a@b>;tag=one;tag=two").tag == "two"
    assert NameAddr.parse("<sip:a@b>;x=1;tag=one").tag == "one"
