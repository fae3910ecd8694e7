"""Asking for the keys of a phone and their lamps."""

from __future__ import annotations

import pytest

from harness.scenario.conditions import TextMatch
from harness.scenario.matches import KeyMatch
from harness.scenario.model import Scenario
from tests.shipped.telling import FILES, copy_of, tell

STEPS = "steps:\n  - set_device: {device: 'Custom:bob', state: RINGING}\n"


def the_match(scenario: Scenario) -> KeyMatch:
    """What the last step asks for."""
    (match,) = scenario.steps[-1].action.matches  # type: ignore[attr-defined]
    assert isinstance(match, KeyMatch)
    return match


@pytest.mark.parametrize(
    ("asked", "fields"),
    [
        ("led: red", {"colour": "red"}),
        ("led: dark", {"colour": ""}),
        ("led: {colour: amber, state: slow}", {"colour": "amber", "state": "slow"}),
        ("place: main:1/2", {"place": "main:1/2"}),
        ("ring: true", {"ring": "true"}),
        ("label: Bob", {"label": "Bob"}),
        ("label: {fgcolor: '#FFFFFF'}", {"fgcolor": "#FFFFFF"}),
    ],
)
def test_a_key_is_asked_for_its_look(read, asked: str, fields: dict[str, str]) -> None:
    """A lamp in short or in full, place, ring and label."""
    (scenario,) = read(STEPS + f"  - expect: {{phone: reception, key: 2000, {asked}}}\n")
    match = the_match(scenario)
    assert (match.phone, match.key, match.shown) == ("reception", "2000", None)
    assert match.fields == {name: TextMatch(value) for name, value in fields.items()}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("{phone: reception, key: 2000}", "this asks for nothing of the key"),
        ("{phone: reception, led: red}", "'led' needs 'key'"),
        ("{key: 2000, led: red}", "which phone?"),
        ("{phone: reception, key: 2000, led: blue}", "'blue' is no colour of a lamp"),
        ("{phone: reception, key: 2000, led: {state: blink}}", "'blink' is no state of a lamp"),
        ("{phone: reception, key: 2000, led: {color: red}}", "led has no key 'color'"),
        ("{phone: reception, key: 2000, led: red, presence: away}", "'presence' does not go with 'key'"),
        ("{phone: reception, key: 2000, shown: true, led: red}", "whether a key is there is asked by itself"),
    ],
)
def test_what_makes_no_sense_is_an_error(errors, asked: str, said: str) -> None:
    """With the place in the file."""
    (error,) = errors(STEPS + f"  - expect: {asked}\n")
    assert said in error


SAID = "expect: {phone: back, key: 2000, led: {colour: red, state: fast}, within: 500 ms}"


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("expect: {phone: back, key: 2000, led: amber, within: 500 ms}",
         ("back's key for 2000: colour 'amber'", "key main:1 for 2000 is red fast", "colour is 'red', not 'amber'")),
        ("state: {phone: back, key: 2001, shown: false}", ("it has the key main:2 for 2001",)),
        ("state: {phone: back, key: 2009, led: red}", ("phone back has no key for '2009'; it has 1001 (main:0)",)),
        ("never: {phone: back, key: 2000, led: red, for: 1 s}", ("it happened",)),
        ("expect: {phone: back, key: 2001, led: red, within: 500 ms}", ("road       ended at hint",)),
    ],
)  # fmt: skip
def test_a_failure_says_what_the_key_shows(tmp_path, step: str, words: tuple[str, ...]) -> None:
    """Wanted, seen, the nearest miss, and where the road to the lamp ended."""
    copy = copy_of(FILES["20-keys-without-a-sheet"], tmp_path)
    text = copy.read_text("utf-8")
    assert SAID in text
    copy.write_text(text.replace(SAID, step), "utf-8")
    told = tell(copy)
    assert [result.verdict for result in told.run.results] == ["failed"]
    for word in words:
        assert word in told.report


def test_never_without_a_key_could_not_fail(tmp_path) -> None:
    """It is reported."""
    copy = copy_of(FILES["26-no-group"], tmp_path)
    with copy.open("a", encoding="utf-8") as file:
        file.write("  - never: {phone: nobody, key: 2000, led: red, for: 1 s}\n")
    (result,) = tell(copy).run.results
    assert [each for each in result.warnings if "has no key for '2000'" in each]
