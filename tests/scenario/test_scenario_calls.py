"""Calls in scenarios: steps, what can be asked of a call, and what a failure says."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.scenario.conditions import TextMatch
from harness.scenario.matches import CallMatch, MailboxMatch, TraceMatch
from harness.scenario.result import Result
from tests.shipped.telling import FILES, copy_of, tell

RINGS = FILES["30-it-rings"]
HEAD = "scenario: s\nwhy: w\nconfig: desk\nsteps:\n"


def told(tmp_path: Path, *steps: str) -> Result:
    """The result of these steps on the desk of three phones."""
    copy = copy_of(RINGS, tmp_path)
    copy.write_text(HEAD + "".join(f"  - {step}\n" for step in steps))
    (result,) = tell(copy).run.results
    return result


CALL = "call: {phone: carol, to: 2000}"
RINGING = "expect: {phone: bob, call: ringing, within: 1 s}"
TALK = (CALL, RINGING, "answer: bob", "expect: {phone: carol, call: connected, within: 1 s}")


# reading


@pytest.mark.parametrize(
    ("asked", "match"),
    [
        ("{phone: bob, call: ringing}", CallMatch("bob", {"state": TextMatch("ringing")})),
        ("{phone: bob, call: on hold}", CallMatch("bob", {"state": TextMatch("on hold")})),
        ("{phone: bob, call: {number: 1000, direction: in}}",
         CallMatch("bob", {"number": TextMatch("1000"), "direction": TextMatch("in")})),
        ("{phone: bob, call: none}", CallMatch("bob", none=True)),
        ("{phone: bob, voicemail: on}", MailboxMatch("bob", {"lamp": TextMatch("on")})),
        ("{phone: bob, voicemail: {new: 1, line: 2000}}", MailboxMatch("bob", {"new": TextMatch("1")}, "2000")),
        ("{dialplan: {exten: 2000, label: vm}}",
         TraceMatch("pbx", {"what": TextMatch("dialplan"), "exten": TextMatch("2000"), "label": TextMatch("vm")})),
    ],
)  # fmt: skip
def test_what_can_be_asked(read, asked: str, match: object) -> None:
    """A call, messages, a step through the dialplan."""
    (scenario,) = read(f"steps:\n  - state: {asked}\n")
    assert scenario.steps[0].action.matches == (match,)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("call: {phone: bob}", "call needs either 'to' or 'direct'"),
        ("call: {phone: bob, to: 1, direct: reception}", "call needs either 'to' or 'direct'"),
        ("call: bob", "call is a mapping"),
        ("answer: nobody", "nobody"),
        ("reject: {phone: bob, status: 200}", "'200' is no SIP status"),
        ("transfer: {phone: bob, attended: true}", "whom to consult?"),
        ("press: {phone: bob}", "press needs 'key'"),
        ("hold: {phone: bob, number: 5}", "hold has no key 'number'"),
        ("expect: {phone: bob, call: rining}", "did you mean 'ringing'"),
        ("expect: {phone: bob, call: {}}", "this asks for nothing of the call"),
        ("expect: {phone: bob, call: {state: none, number: 1}}", "no call has no number"),
        ("expect: {phone: bob, call: ringing, presence: away}", "'presence' does not go with 'call'"),
        ("expect: {dialplan: {extension: 5}}", "dialplan has no key 'extension'"),
        ("expect: {phone: bob, voicemail: {news: 5}}", "voicemail has no key 'news'"),
    ],
)
def test_what_makes_no_sense_is_an_error(errors, step: str, said: str) -> None:
    """With advice."""
    found = errors(f"steps:\n  - {step}\n")
    assert any(said in error for error in found), found


# telling


HOLDS = ("pause: 100 ms", "hold: {phone: bob, call: 2001}", "expect: {phone: bob, call: held, within: 1 s}")
NO_CALL = "state: {phone: bob, call: none, within: 1 s}"


def test_acts_and_what_is_seen(tmp_path: Path) -> None:
    """In short and in full, with the number of the call that is meant."""
    resumed = ("resume: bob", "expect: {phone: bob, call: connected, within: 1 s}")
    ended = ("hangup: {phone: carol, call: 2000}", "expect: {phone: bob, call: {state: ended, why: bye}, within: 1 s}")
    assert told(tmp_path, *TALK, *HOLDS, *resumed, *ended, NO_CALL).verdict == "passed"


def test_another_call_than_there_is_fails_the_step(tmp_path: Path) -> None:
    """With the calls that there are."""
    result = told(tmp_path, *TALK, "hangup: {phone: carol, call: 2009}")
    assert "phone carol has no call of 2009 to hang up; it has 2000 (connected)" in result.failures[0].message


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (("answer: bob",), "phone bob has no call to answer; it has none"),
        ((CALL, RINGING, "hold: bob"), "phone bob has no call to hold; it has 2001 (ringing)"),
        (("press: {phone: bob, key: 2009}",), "phone bob has no key for '2009'; it has 2000 (main:0)"),
        (("unplug: bob", "call: {phone: bob, to: 2001}"), "phone bob is switched off"),
        (("unplug: bob", "call: {phone: carol, direct: bob}"), "phone bob is switched off"),
    ],
)
def test_what_a_phone_cannot_do_fails_the_step(tmp_path: Path, steps: tuple[str, ...], said: str) -> None:
    """In words that name the phone and what there is."""
    result = told(tmp_path, *steps)
    assert result.verdict == "failed"
    assert said in result.failures[0].message


def test_a_failure_tells_what_call_was_seen(tmp_path: Path) -> None:
    """And the one that came nearest."""
    result = told(tmp_path, CALL, "expect: {phone: bob, call: {state: ringing, number: 1000}, within: 1 s}")
    failure = result.failures[0]
    assert failure.wanted == "bob has a call: state 'ringing', number '1000'"
    assert failure.seen == "bob: call 1 in 2001 Carol is ringing"
    assert "number is '2001', not '1000'" in failure.hints[0]


def test_none_means_that_nothing_is_under_way(tmp_path: Path) -> None:
    """Calls that are over do not count."""
    result = told(tmp_path, CALL, RINGING, "state: {phone: bob, call: none}")
    assert "it has a call: call 1 in 2001 Carol is ringing" in result.failures[0].message
    assert told(tmp_path / "b", CALL, RINGING, "hangup: carol", NO_CALL).verdict == "passed"


def test_a_call_that_is_left_is_ended_with_the_scenario(tmp_path: Path) -> None:
    """Phones hang up before they take their leave, and nothing is left over."""
    assert told(tmp_path, *TALK).verdict == "passed"
    assert told(tmp_path / "b", CALL).verdict == "passed"
    assert told(tmp_path / "c", CALL, RINGING).verdict == "passed"


def test_a_step_that_acts_moves_the_mark(tmp_path: Path) -> None:
    """What rang before a hangup does not count after it."""
    result = told(tmp_path, CALL, RINGING, "hangup: carol", "expect: {phone: bob, call: ringing, within: 1 s}")
    assert "it was seen too early" in result.failures[0].hints[0]
