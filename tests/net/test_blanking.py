"""Secrets stay out of what is read."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.net.blanking import MIN_SECRET, Secrets, blank, readable

REGISTER = (
    "REGISTER sip:server SIP/2.0\r\n"
    'Authorization: Digest username="bob", realm="asterisk", nonce="1767225600/abc", uri="sip:server",\r\n'
    ' response = "6629fae49393a05397450978507c4ef1", cnonce="0a4f113b", qop=auth, nc=00000001\r\n'
    "\r\n"
)


def test_a_digest_loses_its_response_and_keeps_the_rest() -> None:
    """RFC 7616's response and cnonce go, on folded lines too; who and which nonce stay."""
    text = blank(REGISTER)
    assert "6629fae4" not in text
    assert "0a4f113b" not in text
    assert 'username="bob"' in text
    assert 'nonce="1767225600/abc"' in text
    assert 'response = "***", cnonce="***", qop=auth' in text


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ('Proxy-Authorization: Digest response="abcdef0123456789"', "abcdef"),
        ("Authorization: Digest response=abcdef0123456789", "abcdef"),
        ('Authorization: Digest response="abcdef01', "abcdef"),
        (r'Authorization: Digest cnonce="a\"bcdef"', "bcdef"),
        ('Authentication-Info: rspauth="abcdef0123456789"', "abcdef"),
        ("AUTHORIZATION: Basic Ym9iOnM=", "Ym9i"),
        ("authorization: bearer tok-en", "tok-en"),
        ("Action: Login\r\nUsername: admin\r\nSecret: hunter two\r\n\r\n", "hunter"),
        ("action: login\r\nsecret:hunter\r\n", "hunter"),
        ("Key: 0123456789abcdef0123456789abcdef\r\nUsername: admin\r\n", "0123456789"),
        ("Key: shortened\r\nAction: Login\r\n", "shortened"),
        ("secret=hun;ter two\n", "hun"),
        ("secret => hunter", "hunter"),
        ("remotesecret = hunter", "hunter"),
        ("  password = hunter two ; note", "hunter two"),
        ("md5_cred=0123abcd", "0123"),
        ("pin=1234", "1234"),
        ("[bob] type=auth,password=hunter,username=bob", "hunter"),
        ("set password='hunter'", "hunter"),
        ('<config password="hun ter" />', "hun ter"),
        ('{"secret": "hunter \\" two", "line": "2000"}', "hunter"),
        ('{"pin":1234}', "1234"),
        ("Contact: <sip:bob:hunter2@10.0.0.5:5060;transport=tcp>", "hunter2"),
    ],
)
def test_each_form_of_a_secret_is_blanked(text: str, secret: str) -> None:
    """Digests, manager actions, settings, JSON, XML attributes, URI passwords."""
    assert secret in text
    assert secret not in blank(text)
    assert "***" in blank(text)


@pytest.mark.parametrize(
    "text",
    [
        "Response: Success\r\nMessage: Authentication accepted\r\n",
        "Action: DBGet\r\nFamily: CustomPresence\r\nKey: 2000\r\n",
        "Contact: <sip:bob@10.0.0.5:5060>, <sip:10.0.0.5:5060;transport=tcp>",
        'WWW-Authenticate: Digest realm="asterisk", nonce="17/ab", opaque="1f", algorithm=MD5, qop="auth"',
        "pinned=1 spin=2 secretary=bob",
        "",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    """Answers, database keys, ports and challenges are to be read."""
    assert blank(text) == text


@given(st.text(), st.text(min_size=MIN_SECRET))
def test_an_added_secret_is_gone_from_any_text(around: str, secret: str) -> None:
    """A literal value is masked wherever it stands."""
    secrets = Secrets()
    secrets.add(secret)
    if readable(secret) not in "***":
        assert readable(secret) not in secrets.blank(readable(around) + readable(secret)).replace("***", "")


def test_the_longer_of_two_secrets_is_masked_whole() -> None:
    """One secret may be the start of another; a short one is not masked."""
    secrets = Secrets()
    for value in ("blue", "bluebird", "abc"):
        secrets.add(value)
    assert secrets.blank("bluebird blue abc") == "*** *** abc"


def test_a_secret_that_is_no_utf8_is_masked_as_it_would_be_shown() -> None:
    """Configuration text carries such bytes as surrogates."""
    secrets = Secrets()
    secrets.add(b"caf\xe9".decode("utf-8", "surrogateescape"))
    assert secrets.blank(readable(b"<caf\xe9>")) == "<***>"


@given(st.text())
def test_blanking_twice_changes_nothing_more(text: str) -> None:
    """What is blanked is stable."""
    assert blank(blank(text)) == blank(text)


@pytest.mark.parametrize("piece", ["sip:a:", "response=", 'response="', "secret=", "password = ", "key: ", "\n "])
def test_hostile_text_takes_no_long_time(piece: str) -> None:
    """No text of a message's size makes the patterns slow."""
    text = piece * (65_535 // len(piece))
    before = time.process_time()
    blank(text)
    assert time.process_time() - before < 1.0


@given(st.binary())
def test_bytes_become_text_that_can_be_written(data: bytes) -> None:
    """UTF-8 stays as it is, other bytes are written as escapes, however the text was decoded."""
    text = readable(data)
    assert text.encode() == text.encode("utf-8", "strict")
    assert readable(data.decode("utf-8", "surrogateescape")) == text


def test_a_byte_that_is_no_utf8_is_an_escape() -> None:
    """So that one sees what was there."""
    assert readable("Pause à midi".encode() + b"\xff") == "Pause à midi\\xff"
    assert readable("\ud800") == "\\ud800"
