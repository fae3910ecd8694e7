"""Presence values as text."""

from __future__ import annotations

import base64

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.core import PresenceState, PresenceValue, parse_presence, parse_value
from harness.core.octets import cut, fold, to_bytes, to_text
from harness.core.value import Found, Presence, decode_base64, encode_base64, refusal

TOKENS = ["not_set", "unavailable", "available", "away", "xa", "chat", "dnd"]
STATES = dict(zip(TOKENS, list(PresenceState)[:7], strict=True))
FIELD = st.text(alphabet=st.characters(exclude_characters=",\0", exclude_categories=["Cs"]))
CASED = st.sampled_from(TOKENS).flatmap(
    lambda token: st.lists(st.booleans(), min_size=len(token), max_size=len(token)).map(
        lambda up: "".join(letter.upper() if big else letter for letter, big in zip(token, up, strict=True))
    )
)


@pytest.mark.rule("1.1")
def test_states_have_numbers_and_tokens() -> None:
    """Seven states count from 0, and the eighth prints as nothing."""
    assert [(state.value, state.token) for state in PresenceState] == [*enumerate(TOKENS), (7, "")]


@pytest.mark.rule("1.1-parse")
@given(CASED)
def test_tokens_are_read_in_any_case(token: str) -> None:
    """Whole tokens are read, whatever the case of their letters."""
    assert parse_presence(token) is STATES[token.lower()]


@pytest.mark.rule("1.1-parse")
@pytest.mark.parametrize("text", [" away", "away ", "awa", "aways", "3", "invalid", "INVALID", "not set", "ａｗａｙ"])
def test_what_is_not_a_token_is_invalid(text: str) -> None:
    """Nothing is trimmed, abbreviated or counted."""
    assert parse_presence(text) is PresenceState.INVALID


@pytest.mark.rule("1.1-empty")
def test_the_empty_text_is_invalid() -> None:
    """No text is no state."""
    assert parse_presence("") is PresenceState.INVALID


@pytest.mark.rule("1.2-split", "1.2-state", "1.2-missing", "1.2-options")
@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("away", ("away", "", "", "")),
        ("away,", ("away", "", "", "")),
        ("away,,", ("away", "", "", "")),
        ("away,,,", ("away", "", "", "")),
        (
            "away,down the hall,Quarterly financial meeting",
            ("away", "down the hall", "Quarterly financial meeting", ""),
        ),
        ("unavailable,,On vacation,", ("unavailable", "", "On vacation", "")),
        ("away,,,e", ("away", "", "", "e")),
        ("away,,,,e", ("away", "", "", "")),
        ("away,,,,zzz", ("away", "", "", "")),
        ("away,,,xeq", ("away", "", "", "xeq")),
        ("not_set,foo,bar", ("not_set", "foo", "bar", "")),
        ("away,,Gone fishing, back later", ("away", "", "Gone fishing", " back later")),
        ('away,"a,b",e', ("away", '"a', 'b"', "e")),
        ("away,\\,x", ("away", "\\", "x", "")),
        ("away,,,i", None),
        ("away,,,E", None),
        ("away,,Gone fishing, so long", None),
        ("foo", None),
        ("", None),
        (",subtype", None),
        ("away ", None),
        (" away", None),
    ],
)
def test_values_of_the_table(text: str, fields: tuple[str, str, str, str] | None) -> None:
    """Each value of the behaviour text comes out as it says."""
    wanted = None if fields is None else PresenceValue(STATES[fields[0]], *fields[1:])
    assert parse_value(text) == wanted
    assert bool(refusal(text)) == (wanted is None)


@pytest.mark.rule("1.2-options")
@pytest.mark.parametrize(
    ("text", "encoded"),
    [("away", False), ("away,,,", False), ("away,,,e", True), ("away,,,xeq", True), ("away,,,,e", False)],
)
def test_an_e_anywhere_in_the_options_means_base64(text: str, encoded: bool) -> None:
    """Other letters beside it do not matter."""
    value = parse_value(text)
    assert value is not None
    assert value.encoded is encoded


@pytest.mark.rule("1.2-comma")
def test_a_comma_needs_base64() -> None:
    """What follows a comma in a message is taken for options."""
    assert parse_value("away,,one, two") is None
    value = parse_value(f"away,,{encode_base64('one, two')},e")
    assert value is not None
    assert value.published(255).message == "one, two"


@pytest.mark.rule("1.2-split", "1.2-missing")
@given(CASED, st.lists(FIELD, max_size=5))
@example("away", ["", "", "", "e"])
def test_a_value_is_its_first_four_fields(state: str, rest: list[str]) -> None:
    """Taking apart and putting together agree, and later fields never count."""
    value = parse_value(",".join([state, *rest]))
    fields = [*rest, "", "", ""][:3]
    if fields[2] and "e" not in fields[2]:
        assert value is None
    else:
        assert value == PresenceValue(STATES[state.lower()], *fields)


@pytest.mark.rule("1.2-state")
@given(FIELD, st.lists(FIELD, max_size=3))
def test_nothing_helps_an_unknown_state(state: str, rest: list[str]) -> None:
    """The first field alone decides whether there is a state."""
    value = parse_value(",".join([state, *rest]))
    assert (fold(state) in STATES) or value is None


@pytest.mark.rule("1.3.7")
def test_published_texts_are_decoded_and_cut() -> None:
    """255 bytes of each decoded text are published, while plain text is published whole."""
    long = "x" * 400
    encoded = PresenceValue(PresenceState.AWAY, encode_base64(long), encode_base64("ä" * 200), "e")
    assert encoded.published(255) == Presence(PresenceState.AWAY, "x" * 255, "ä" * 127 + "\udcc3")
    assert encoded.published(None) == Presence(PresenceState.AWAY, encoded.subtype, encoded.message)
    assert PresenceValue(PresenceState.AWAY, long, long).published(255) == Presence(PresenceState.AWAY, long, long)


@pytest.mark.rule("1.4-encoded", "1.4-none")
def test_a_provider_decodes_and_tells_missing_from_empty() -> None:
    """An unwritten text is none; one that decodes to nothing is empty."""
    assert PresenceValue(PresenceState.AWAY).found(1300) == Found(PresenceState.AWAY, None, None)
    assert PresenceValue(PresenceState.AWAY, "=", "aGk=", "e").found(1300) == Found(PresenceState.AWAY, "", "hi")
    assert PresenceValue(PresenceState.AWAY, "", "a", "").found(1300) == Found(PresenceState.AWAY, None, "a")
    assert PresenceValue(PresenceState.AWAY, "=", "", "e").found(1300).told() == Presence(PresenceState.AWAY)


@pytest.mark.rule("1.4-base64", "1.5-roundtrip")
@given(st.binary(max_size=400).filter(lambda raw: b"\0" not in raw))
def test_base64_round_trip(raw: bytes) -> None:
    """What was encoded is decoded, whatever the bytes were, and the encoder is the standard one."""
    text = to_text(raw)
    assert encode_base64(text) == base64.b64encode(raw).decode()
    assert decode_base64(encode_base64(text), 400) == text
    assert to_bytes(decode_base64(encode_base64(text), 255)) == raw[:255]


@pytest.mark.rule("1.4-base64")
@given(st.binary(max_size=80), st.integers(0, 70))
def test_decoding_never_fails(raw: bytes, limit: int) -> None:
    """Whatever stands there decodes to at most three quarters of its length, and never to more than the limit."""
    assert len(to_bytes(decode_base64(to_text(raw), limit))) <= min(limit, len(raw) * 3 // 4)


@pytest.mark.rule("1.4-base64")
def test_the_decoder_stops_at_padding_and_at_a_nul() -> None:
    """Nothing after the first `=` counts, and a decoded NUL ends the text."""
    assert decode_base64("aGk=aGk=", 255) == "hi"
    assert decode_base64(base64.b64encode(b"a\0b").decode(), 255) == "a"
    assert decode_base64("aGVsbG8", 255) == "hello"
    assert decode_base64("a?", 255) == to_text(bytes([0b01101011]))  # a stray character counts as 63


@given(st.binary(max_size=60), st.integers(0, 70))
def test_cutting_counts_bytes(raw: bytes, limit: int) -> None:
    """A limit cuts bytes, also in the middle of a character, and loses nothing else."""
    assert to_bytes(cut(to_text(raw), limit)) == raw[:limit]


@given(st.binary())
def test_folding_touches_ascii_letters_only(raw: bytes) -> None:
    """Two texts fold to the same when strcasecmp() says so."""
    assert to_bytes(fold(to_text(raw))) == raw.lower()
