"""Digest authentication: RFC 7616, RFC 8760, RFC 3261 22, and Asterisk's way of writing it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.sip.digest import (
    Account,
    Challenge,
    Challenger,
    Credentials,
    Verdict,
    answer,
    compute,
    digest,
    read_challenges,
    secret_hash,
)
from harness.sip.grammar import GrammarError

ASTERISK = 'Digest realm="asterisk",nonce="1700000000/0f1e",opaque="5ccc",algorithm=MD5,qop="auth"'
URI = "sip:10.0.0.1"
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=12)


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.5

    def __call__(self) -> float:
        return self.now


def challenger(clock: Clock | None = None, algorithms: tuple[str, ...] = ("MD5",), seed: int = 1) -> Challenger:
    return Challenger("asterisk", clock or Clock(), random.Random(seed).randbytes, algorithms)


def lookup(user: str, realm: str, algorithm: str) -> str | None:
    return secret_hash(user, realm, "secret", algorithm) if user == "alice" else None


def answered(server: Challenger, password: str = "secret", user: str = "alice") -> Credentials:
    made = answer(read_challenges(server.challenges()), user, password, "REGISTER", URI, cnonce="c0")
    assert made is not None
    return made


# RFC 7616 3.9.1: one challenge in two algorithms.
@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_example_of_rfc_7616(algorithm: str, response: str) -> None:
    """The responses printed in the RFC come out."""
    challenge = Challenge(
        "http-auth@example.org", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", algorithm, ("auth", "auth-int")
    )
    made = answer(
        [challenge],
        "Mufasa",
        "Circle of Life",
        "GET",
        "/dir/index.html",
        cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    )
    assert made is not None
    assert (made.response, made.qop, made.nc) == (response, "auth", "00000001")


def test_the_example_of_rfc_2617() -> None:
    """The response that RFC 2617 prints comes out as well."""
    made = Credentials(
        "Mufasa", "testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093", "/dir/index.html", "",
        None, "0a4f113b", None, "auth", "00000001",
    )  # fmt: skip
    secret = secret_hash("Mufasa", "testrealm@host.com", "Circle Of Life")
    assert compute(made, secret, "GET") == "6629fae49393a05397450978507c4ef1"


def test_without_qop() -> None:
    """RFC 2069: neither cnonce nor nc, in the hash or in the header."""
    made = answer([Challenge("r", "n")], "u", "p", "M", "sip:h", cnonce="unused")
    assert made is not None
    assert (made.qop, made.cnonce, made.nc) == (None, None, None)
    assert made.response == digest("MD5", digest("MD5", "u", "r", "p"), "n", digest("MD5", "M", "sip:h"))


def test_session_algorithms_and_body() -> None:
    """-sess hashes nonce and cnonce into the secret; auth-int the body into the rest (RFC 7616 3.4.2, 3.4.3)."""
    made = answer([Challenge("r", "n", "SHA-256-sess", ("auth-int",))], "u", "p", "M", "sip:h", cnonce="c", body=b"b")
    assert made is not None
    one = digest("SHA-256", digest("SHA-256", "u", "r", "p"), "n", "c")
    two = digest("SHA-256", "M", "sip:h", digest("SHA-256", "b"))
    assert made.response == digest("SHA-256", one, "n", "00000001", "c", "auth-int", two)


def test_asterisks_challenge_is_read_and_written() -> None:
    """Commas without blanks, an unquoted algorithm."""
    challenge = Challenge.parse(ASTERISK)
    assert challenge == Challenge("asterisk", "1700000000/0f1e", "MD5", ("auth",), "5ccc", False)
    assert str(challenge) == ASTERISK
    assert str(challenge._replace(stale=True)) == ASTERISK.replace(",algorithm", ",stale=true,algorithm")


@pytest.mark.parametrize(
    "text",
    [
        'digest NONCE = "n" , realm="r",algorithm="MD5", qop="auth,auth-int", stale=TRUE',
        'DIGEST   qop="auth , AUTH-INT",stale="true",nonce=n,realm=r',
        'Digest realm="r", nonce="n", qop="auth,auth-int", stale=true, unknown="a,b", ',
    ],
)
def test_spellings_of_a_challenge(text: str) -> None:
    """Any order, quotes or none, blanks around commas and equals signs."""
    assert Challenge.parse(text) == Challenge("r", "n", "MD5", ("auth", "auth-int"), None, True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Digest",
        'Basic realm="r"',
        'Digest realm="r"',
        'Digest nonce="n"',
        'Digest realm="r" nonce="n"',
        'Digest realm="r",realm="s",nonce="n"',
        'Digest realm="r,nonce="n"',
        "Digest " + ",".join(f"a{n}=1" for n in range(99)) + ',realm="r",nonce="n"',
    ],
)
def test_what_is_no_challenge(text: str) -> None:
    """Another scheme, missing, repeated, unbalanced or endless parameters are refused."""
    with pytest.raises(GrammarError):
        Challenge.parse(text)


@pytest.mark.parametrize("missing", ["username", "realm", "nonce", "uri", "response", "cnonce", "nc"])
def test_credentials_need_their_parameters(missing: str) -> None:
    """A response that lacks a parameter is refused; nc has eight digits."""
    given = 'username="u",realm="r",nonce="n",uri="sip:h",response="00",qop=auth,nc=00000001,cnonce="c"'
    parts = given.split(",")
    assert Credentials.parse("Digest " + ", ".join(parts)).nc == "00000001"
    with pytest.raises(GrammarError):
        Credentials.parse("Digest " + ", ".join(part for part in parts if not part.startswith(missing + "=")))
    with pytest.raises(GrammarError):
        Credentials.parse("Digest " + ", ".join(parts).replace("00000001", "1"))


@given(st.lists(TEXTS, min_size=6, max_size=6))
def test_credentials_are_read_as_they_were_written(texts: list[str]) -> None:
    """Names with quotes, commas and backslashes survive."""
    made = Credentials("", "", "", "", "", "MD5", "c", texts[5], "auth", "0000000a")
    made = made._replace(username=texts[0], realm=texts[1], nonce=texts[2], uri=texts[3], response=texts[4])
    assert Credentials.parse(str(made)) == made
    challenge = Challenge(texts[0], texts[1], "SHA-256", ("auth",), texts[2], True)
    assert Challenge.parse(str(challenge)) == challenge


@given(st.text(max_size=80))
def test_any_text_is_credentials_or_a_grammar_error(text: str) -> None:
    """No text raises anything but GrammarError."""
    for value in (text, f"Digest {text}", f'Digest realm="r", nonce="n", {text}'):
        for parse in (Challenge.parse, Credentials.parse):
            try:
                str(parse(value))
            except GrammarError:
                continue


def test_the_first_challenge_that_is_known_is_answered() -> None:
    """RFC 8760 2.4: the topmost supported row counts; unknown algorithms, qops and schemes are passed over."""
    rows = [
        'Digest realm="r",nonce="1",algorithm=SHA-512-256,qop="auth"',
        'Basic realm="r"',
        'Digest realm="r",nonce="2",algorithm=SHA-256,qop="later"',
        'Digest realm="r",nonce="3",algorithm="sha-256",qop="auth"',
        'Digest realm="r",nonce="4",qop="auth"',
    ]
    assert [challenge.nonce for challenge in read_challenges(rows)] == ["3", "4"]
    made = answer(read_challenges(rows), "u", "p", "M", "sip:h", cnonce="c")
    assert made is not None
    assert made.nonce == "3"
    assert answer([Challenge("r", "n", "unknown")], "u", "p", "M", "sip:h", cnonce="c") is None


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256", "MD5-sess", "SHA-256-sess"])
def test_a_server_takes_the_answer_to_its_challenge(algorithm: str) -> None:
    """What `answer` makes is verified, written and read in between."""
    server = challenger(algorithms=(algorithm,))
    made = Credentials.parse(str(answered(server)))
    assert server.verify(made, "REGISTER", URI, b"", lookup) is Verdict.GOOD


@given(
    st.sampled_from([name for name in Credentials._fields]),
    TEXTS,
    st.sampled_from(["MD5", "SHA-256"]),
)
def test_a_changed_field_is_refused(field: str, value: str, algorithm: str) -> None:
    """Any single field that differs from what `answer` made spoils it, in each algorithm."""
    server = challenger(algorithms=(algorithm,))
    made = answered(server)
    changed = made._replace(**{field: value})
    verdict = server.verify(changed, "REGISTER", None, b"", lookup)
    assert (verdict is Verdict.GOOD) == (changed == made)


def test_other_requests_and_passwords_are_refused() -> None:
    """The method, the uri, the password and the user are all part of it."""
    server = challenger()
    made = answered(server)
    assert server.verify(made, "REGISTER", "SIP:10.0.0.1;x=y", b"", lookup) is Verdict.GOOD
    assert server.verify(made, "SUBSCRIBE", URI, b"", lookup) is Verdict.WRONG
    assert server.verify(made, "REGISTER", "sip:10.0.0.2", b"", lookup) is Verdict.WRONG
    assert server.verify(made, "REGISTER", "tel:1", b"", lookup) is Verdict.WRONG
    assert server.verify(answered(server, "Secret"), "REGISTER", URI, b"", lookup) is Verdict.WRONG
    assert server.verify(answered(server, user="bob"), "REGISTER", URI, b"", lookup) is Verdict.UNKNOWN


def test_an_old_nonce_is_stale_only_with_the_right_password() -> None:
    """After 32 s, or from a server before this one, the nonce is stale; a wrong password stays wrong."""
    clock = Clock()
    server = challenger(clock)
    made, wrong = answered(server), answered(server, "other")
    clock.now += 31
    assert server.verify(made, "REGISTER", URI, b"", lookup) is Verdict.GOOD
    clock.now += 2
    assert server.verify(made, "REGISTER", URI, b"", lookup) is Verdict.STALE
    assert server.verify(wrong, "REGISTER", URI, b"", lookup) is Verdict.WRONG
    clock.now -= 60
    assert server.verify(made, "REGISTER", URI, b"", lookup) is Verdict.STALE
    restarted = challenger(clock, seed=2)
    assert restarted.verify(answered(server), "REGISTER", URI, b"", lookup) is Verdict.STALE


def test_a_server_offers_its_algorithms_in_order() -> None:
    """One row an algorithm, most wanted first, the same nonce; another is refused."""
    server = challenger(algorithms=("SHA-256", "MD5"))
    first, second = (Challenge.parse(row) for row in server.challenges(stale=True))
    assert (first.algorithm, second.algorithm, first.stale) == ("SHA-256", "MD5", True)
    assert first.nonce == second.nonce
    weak = challenger(algorithms=("MD5",))
    assert challenger(algorithms=("SHA-256",)).verify(answered(weak), "REGISTER", URI, b"", lookup) is Verdict.WRONG


def test_the_same_random_numbers_give_the_same_challenge() -> None:
    """Nothing but what was handed in makes a nonce."""
    assert challenger(seed=5).challenges() == challenger(seed=5).challenges()
    assert challenger(seed=5).challenges() != challenger(seed=6).challenges()


def test_an_account_counts_the_uses_of_a_nonce() -> None:
    """nc rises with each use and starts again with a new nonce."""
    account = Account("alice", "secret", iter(f"c{n}" for n in range(9)).__next__)
    assert account.credentials("REGISTER", URI) is None
    assert account.challenged([ASTERISK], answered=False)
    used = [Credentials.parse(account.credentials("REGISTER", URI) or "") for _ in range(3)]
    assert [(made.nc, made.cnonce) for made in used] == [("00000001", "c0"), ("00000002", "c1"), ("00000003", "c2")]
    assert account.challenged([ASTERISK.replace("0f1e", "ffff")], answered=True)
    again = Credentials.parse(account.credentials("REGISTER", URI) or "")
    assert (again.nonce, again.nc) == ("1700000000/ffff", "00000001")


def test_an_account_does_not_try_a_wrong_password_again() -> None:
    """A first use that is refused ends it, whatever the nonce; a stale nonce does not, but not for ever."""
    account = Account("alice", "wrong", lambda: "c")
    assert account.challenged([ASTERISK], answered=False)
    account.credentials("REGISTER", URI)
    assert not account.challenged([ASTERISK.replace("0f1e", "ffff")], answered=True)
    account.credentials("REGISTER", URI)
    stale = ASTERISK.replace(",algorithm", ",stale=true,algorithm")
    tries = 0
    while account.challenged([stale], answered=True):
        account.credentials("REGISTER", URI)
        tries += 1
        assert tries < 10
    assert tries == 3


def test_an_account_that_understands_no_challenge_gives_up() -> None:
    """Without a known scheme and algorithm there is nothing to answer."""
    assert not Account("a", "b", lambda: "c").challenged(['Basic realm="r"'], answered=False)


def test_account_and_server_agree() -> None:
    """A refusal, an answer, and further requests on the same nonce."""
    server, account = challenger(), Account("alice", "secret", lambda: "c")
    assert account.challenged(server.challenges(), answered=False)
    for _ in range(3):
        made = Credentials.parse(account.credentials("SUBSCRIBE", URI, b"x") or "")
        assert server.verify(made, "SUBSCRIBE", URI, b"x", lookup) is Verdict.GOOD
