"""Ranks, aggregates and mappings of states."""

from __future__ import annotations

from itertools import pairwise, permutations, product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core import DeviceState, ExtensionState, PresenceState, extension_text, extension_token, parse_device
from harness.core.states import aggregate_devices, aggregate_presence, extension_state
from harness.core.value import Found

DEVICES = st.lists(st.sampled_from(DeviceState), max_size=6)
FOUND = st.builds(Found, st.sampled_from(PresenceState), st.text(max_size=2), st.text(max_size=2))
MEMBERS = st.lists(FOUND, max_size=6)

RISING = ["not_set", "available", "unavailable", "chat", "away", "xa", "dnd"]
DEVICES_RISING = ["INVALID", "UNKNOWN", "UNAVAILABLE", "NOT_INUSE", "ONHOLD", "RINGING", "INUSE", "BUSY", "RINGINUSE"]
RANKS = [PresenceState[name.upper()] for name in RISING]


def state_of(members: list[Found]) -> PresenceState:
    winner = aggregate_presence(members)
    return PresenceState.INVALID if winner is None else winner.state


@pytest.mark.rule("2.2-rank")
@pytest.mark.parametrize(("low", "high"), list(pairwise(RISING)))
def test_the_higher_state_wins_in_either_order(low: str, high: str) -> None:
    """Neighbours of the ranking decide it for all."""
    lower, higher = Found(PresenceState[low.upper()]), Found(PresenceState[high.upper()])
    assert aggregate_presence([lower, higher]) is higher
    assert aggregate_presence([higher, lower]) is higher


@pytest.mark.rule("2.2-rank")
@given(MEMBERS, st.randoms(use_true_random=False))
def test_order_does_not_change_the_state(members: list[Found], random: Random) -> None:
    """A list says the same state in any order."""
    shuffled = list(members)
    random.shuffle(shuffled)
    assert state_of(members) is state_of(shuffled)


@pytest.mark.rule("2.2-rank")
@given(MEMBERS, MEMBERS)
def test_lists_of_lists_aggregate_alike(one: list[Found], other: list[Found]) -> None:
    """Aggregating parts first changes nothing, texts included."""
    parts = [winner for winner in (aggregate_presence(one), aggregate_presence(other)) if winner]
    assert aggregate_presence([*one, *other]) == aggregate_presence(parts)


@pytest.mark.rule("2.2-tie", "2.2-winner")
@given(MEMBERS)
def test_the_winner_is_the_first_of_the_highest(members: list[Found]) -> None:
    """State and texts are those of one member, the first that nobody outranks."""
    valid = [member for member in members if member.state is not PresenceState.INVALID]
    highest = max((RANKS.index(member.state) for member in valid), default=0)
    first = next((member for member in valid if RANKS.index(member.state) == highest), None)
    assert aggregate_presence(members) is first


@pytest.mark.rule("2.2-invalid")
@given(MEMBERS, st.integers(0, 6))
def test_an_invalid_member_changes_nothing(members: list[Found], place: int) -> None:
    """INVALID is neutral wherever it stands, and alone it is the answer."""
    with_invalid = [*members[:place], Found(PresenceState.INVALID, "lost", "lost"), *members[place:]]
    assert aggregate_presence(with_invalid) == aggregate_presence(members)
    assert aggregate_presence([Found(PresenceState.INVALID)] * (place + 1)) is None


@pytest.mark.rule("3.1-tokens")
def test_device_states_have_numbers_and_tokens() -> None:
    """Nine states count from 0."""
    tokens = ["UNKNOWN", "NOT_INUSE", "INUSE", "BUSY", "INVALID", "UNAVAILABLE", "RINGING", "RINGINUSE", "ONHOLD"]
    assert [(state.value, state.token) for state in DeviceState] == list(enumerate(tokens))
    for state in DeviceState:
        assert parse_device(state.token.swapcase()) is state


@pytest.mark.rule("3.1-tokens")
@pytest.mark.parametrize("text", ["", "bogus", " INUSE", "INUSE ", "2", "IN_USE"])
def test_an_unknown_device_token_is_unknown(text: str) -> None:
    """Unlike presence, whatever cannot be read is a state."""
    assert parse_device(text) is DeviceState.UNKNOWN


@pytest.mark.rule("3.1-aggregate")
@pytest.mark.parametrize(("low", "high"), list(pairwise(DEVICES_RISING)))
def test_the_higher_device_state_wins(low: str, high: str) -> None:
    """Neighbours of the ranking decide, but for ringing beside engaged."""
    pair = (DeviceState[low], DeviceState[high])
    wanted = DeviceState.RINGINUSE if {low, high} in ({"RINGING", "ONHOLD"}, {"RINGING", "INUSE"}) else pair[1]
    assert aggregate_devices(pair) is wanted
    assert aggregate_devices(reversed(pair)) is wanted


@pytest.mark.rule("3.1-aggregate")
def test_all_pairs_of_devices() -> None:
    """Of any two devices the sum is as the rule says, spelled out once more."""
    rank = {DeviceState[name]: number for number, name in enumerate(DEVICES_RISING)}
    for pair in product(DeviceState, repeat=2):
        if {state.token for state in pair} in ({"RINGING", "INUSE"}, {"RINGING", "ONHOLD"}, {"RINGING", "BUSY"}):
            wanted = DeviceState.RINGINUSE
        else:
            wanted = max(pair, key=rank.__getitem__)
        assert aggregate_devices(pair) is wanted


@pytest.mark.rule("3.1-aggregate")
def test_three_devices_in_any_order() -> None:
    """Somebody rings, somebody talks, somebody is gone: ringing and in use, in whichever order."""
    three = (DeviceState.RINGING, DeviceState.UNAVAILABLE, DeviceState.ONHOLD)
    assert {aggregate_devices(order) for order in permutations(three)} == {DeviceState.RINGINUSE}


@pytest.mark.rule("3.1-aggregate")
@given(DEVICES, DEVICES, st.randoms(use_true_random=False))
def test_devices_aggregate_in_any_order_and_grouping(
    one: list[DeviceState], other: list[DeviceState], random: Random
) -> None:
    """Neither order, grouping, repetition nor an INVALID member changes the sum."""
    whole = [*one, *other]
    shuffled = [*whole, *one, DeviceState.INVALID]
    random.shuffle(shuffled)
    total = aggregate_devices(whole)
    assert aggregate_devices(shuffled) is total
    assert aggregate_devices([aggregate_devices(one), aggregate_devices(other)]) is total


@pytest.mark.rule("3.1-aggregate")
def test_no_device_is_invalid() -> None:
    """The sum starts with INVALID."""
    assert aggregate_devices([]) is DeviceState.INVALID


@pytest.mark.rule("3.2")
@pytest.mark.parametrize(
    ("device", "number", "text"),
    [
        ("UNKNOWN", 0, "Idle"),
        ("NOT_INUSE", 0, "Idle"),
        ("INUSE", 1, "InUse"),
        ("BUSY", 2, "Busy"),
        ("INVALID", 4, "Unavailable"),
        ("UNAVAILABLE", 4, "Unavailable"),
        ("RINGING", 8, "Ringing"),
        ("RINGINUSE", 9, "InUse&Ringing"),
        ("ONHOLD", 16, "Hold"),
    ],
)
def test_device_states_become_extension_states(device: str, number: int, text: str) -> None:
    """Each device state has its extension state and text."""
    state = extension_state(DeviceState[device])
    assert (int(state), extension_text(state)) == (number, text)


@pytest.mark.rule("3.2")
def test_texts_of_states_that_no_device_gives() -> None:
    """What is removed, deactivated or nowhere defined is Unknown; in use and on hold has a name."""
    assert [extension_text(number) for number in (-1, -2, 3, 17)] == ["Unknown", "Unknown", "Unknown", "InUse&Hold"]
    assert ExtensionState.INUSE_ONHOLD == 17


@pytest.mark.rule("3.8-function")
def test_the_tokens_of_extension_state() -> None:
    """The function EXTENSION_STATE has words of its own."""
    words = [extension_token(number) for number in (-1, 0, 1, 2, 4, 8, 9, 16)]
    assert words == ["UNKNOWN", "NOT_INUSE", "INUSE", "BUSY", "UNAVAILABLE", "RINGING", "RINGINUSE", "ONHOLD"]
