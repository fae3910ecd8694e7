"""Annotations for GitHub Actions."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from harness.errors import InputError, Location
from harness.report.github import MAX_ANNOTATIONS, command, commands, wanted
from harness.scenario.problems import ScenarioErrors
from harness.scenario.result import Failure, Result, RunResult

ROOT = {"GITHUB_WORKSPACE": "/github/workspace"}


def test_only_where_it_runs_there() -> None:
    """Elsewhere the lines would be noise."""
    assert wanted({"GITHUB_ACTIONS": "true"})
    assert not wanted({})


def test_failures_stand_at_their_lines() -> None:
    """With what was expected and seen, the file as the repository names it; an inconclusive one is a warning."""
    failure = Failure("step", "it did not come", "/github/workspace/s/a.yaml:9:5", wanted="away", seen="50% of it")
    results = [
        Result("a", "Lunch, at 12:30", "a", verdict="failed", failures=[failure], seed=3),
        Result("b", "No target", "b", "b.yaml:1:1", verdict="inconclusive", failures=[Failure("target", "no server")]),
        Result("c", "Known", "c", verdict="xfailed", failures=[failure]),
        Result("d", "Good", "d", "d.yaml:1:1", warnings=["could not fail"]),
    ]
    assert list(commands(RunResult(results), ROOT)) == [
        "::error file=s/a.yaml,line=9,col=5,title=failed%3A Lunch%2C at 12%3A30::"
        "it did not come%0Aexpected: away%0Aseen: 50%25 of it%0Aseed 3",
        "::warning file=b.yaml,line=1,col=1,title=inconclusive%3A No target::no server%0Aseed 0",
        "::warning file=d.yaml,line=1,col=1,title=Good::could not fail",
    ]


def test_each_error_of_a_file_is_told() -> None:
    """With its advice; one without a place has none."""
    errors = [ScenarioErrors([InputError("one", Location("g.yaml", 1, 2), "try this"), InputError("two")])]
    assert list(commands(RunResult(errors=list(errors)), {})) == [
        "::error file=g.yaml,line=1,col=2,title=unreadable::one%0Atry this",
        "::error title=unreadable::two",
    ]


def test_there_are_not_too_many() -> None:
    """What is left out is counted."""
    results = [Result("a", "A", "a", warnings=["w"] * (MAX_ANNOTATIONS + 5))]
    told = list(commands(RunResult(results), {}))
    assert len(told) == MAX_ANNOTATIONS + 1
    assert told[-1] == "::notice title=dpma-harness::and 5 more"


@given(st.text(st.characters()), st.text(st.characters()), st.text(st.characters()))
def test_no_text_becomes_a_command(where: str, title: str, message: str) -> None:
    """One line, whose values hold no separator."""
    line = command("error", where, title, message, "/work")
    line.encode("utf-8")
    assert re.fullmatch(r"::error (?:(?:file|line|col|title)=[^:,\r\n]*,?)*::[^\r\n]*", line)
