"""What the configuration says of the phones is known before a story is told: slips are errors of the file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import shipped
from harness.scenario.known import KnownPhone
from harness.scenario.loader import load, phones_in
from harness.scenario.problems import ScenarioErrors

OFFICE = shipped() / "presence" / "office"
Told = Callable[[str], list[str]]


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """What is wrong with the one step of a file in the shipped office."""
    shutil.copytree(OFFICE, tmp_path / "office")

    def wrong(step: str) -> list[str]:
        path = tmp_path / "a.scenario.yaml"
        path.write_text(f"scenario: a\nconfig: office\nsteps:\n  - {step}\n", "utf-8")
        try:
            load(path, shown=path.name)
        except ScenarioErrors as errors:
            return [str(error) for error in errors.errors]
        return []

    return wrong


def test_the_phones_of_a_folder_are_known() -> None:
    """With the names of their contacts, their lines and their statuses."""
    bob = phones_in(OFFICE)["bob"]
    assert isinstance(bob, KnownPhone)
    assert bob.lines == ("2000",)
    assert {"available", "away"} <= set(bob.statuses)
    assert bob.contacts == ()
    reception = phones_in(OFFICE)["reception"]
    assert isinstance(reception, KnownPhone)
    assert reception.contacts == ("2000", "Bob", "2001", "Carol")


@pytest.mark.parametrize(
    ("step", "said", "advice"),
    [
        ("expect: {phone: reception, contact: 1002, presence: away}", "phone reception has no contact '1002'", "2000"),
        ("state: {phone: reception, contact: 20000, lamp: idle}", "has no contact '20000'", "did you mean '2000'?"),
        ("never: {phone: reception, contact: 1002, changes: true, for: 1 s}", "has no contact '1002'", "2000"),
        ("state: {phone: reception, contacts: {1002: {lamp: idle}}}", "has no contact '1002'", "2000"),
        ("all_of: [{phone: reception, contact: 1002, presence: away}]", "has no contact '1002'", "2000"),
        ("optional: {phone: reception, contact: 1002, presence: away}", "has no contact '1002'", "2000"),
        ("expect: {phone: reception, contact: 1002, subscription: active}", "has no contact '1002'", "2000"),
        ("call: {phone: bob, to: 2001, line: 999}", "phone bob has no line '999'", "it has 2000"),
        ("state: {phone: bob, voicemail: {new: 1, line: 999}}", "phone bob has no line '999'", "it has 2000"),
        ("status: {phone: bob, set: awya}", "no status of phone bob is called 'awya'", "did you mean 'away'?"),
    ],
)  # fmt: skip
def test_what_no_phone_has_is_an_error_of_the_file(told: Told, step: str, said: str, advice: str) -> None:
    """At its place, with what there is."""
    (error,) = told(step)
    assert error.startswith("a.scenario.yaml:4:")
    assert said in error
    assert advice in error
    assert "^" in error


@pytest.mark.parametrize(
    "step",
    [
        "status: {phone: bob, set: unavailable}",
        "status: {phone: bob, set: AWAY}",
        "status: {phone: bob, set: gone fishing}",
        "call: {phone: bob, to: 999}",
        "set_presence: {line: 999, state: away}",
        "set_device: {device: PJSIP/999, state: INUSE}",
        "expect: {phone: reception, contact: Carol, presence: away}",
        "expect: {phone: reception, contact: '2000#2', presence: away}",
        "press: {phone: bob, key: 999}",
    ],
)
def test_what_may_be_meant_is_none(told: Told, step: str) -> None:
    """A status that is refused, a number that nobody has, a provider without a hint: stories are told of them."""
    assert told(step) == []


def test_a_phone_that_lost_its_contacts_is_no_error_of_the_scenario(told: Told, tmp_path: Path) -> None:
    """The story tells why."""
    for path in (tmp_path / "office").glob("*.xml"):
        path.unlink()
    assert told("state: {phone: reception, contact: 2000, presence: away}") == []
