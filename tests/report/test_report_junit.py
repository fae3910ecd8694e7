"""JUnit XML for CI servers."""

import io
from xml.etree import ElementTree

from harness.errors import InputError, Location
from harness.report import junit
from harness.scenario.problems import ScenarioErrors
from harness.scenario.result import Failure, Result, RunResult
from tests.report.stories import ROAD


def written(run):
    file = io.StringIO()
    junit.write(run, file)
    text = file.getvalue()
    text.encode("utf-8")
    return ElementTree.fromstring(text)


def results():
    failure = Failure(
        "step", "it did not come \x1b\x00within 1 s", "a.scenario.yaml:5:5",
        lines=("  - expect: {x: y}",), first_line=5,
        wanted="away", seen="dnd \ud800", hints=("too early",), road="hint: no presence part",
    )  # fmt: skip
    broken, no_target = Failure("error", "KeyError", details="trace"), Failure("target", "no server")
    return [
        Result("presence/a", "Good", "presence/a.scenario.yaml", "presence/a.scenario.yaml:1:1", why="because",
               tags=("x", "y"), warnings=["could not fail"], wall_s=0.5, config="etc", checksum="0123"),
        Result("b", "Bad", "b", verdict="failed", reason=failure.message, failures=[failure]),
        Result("c", "Broken", "c", verdict="error", reason="KeyError", failures=[broken]),
        Result("d", "Skipped", "d", verdict="skipped", reason="not today"),
        Result("e", "Known", "e", verdict="xfailed", reason="issue 7", failures=[failure]),
        Result("f", "No target", "f", verdict="inconclusive", reason="no server", failures=[no_target]),
    ]  # fmt: skip


def run():
    errors = [
        InputError("there is no such file", Location("none")),
        ScenarioErrors([InputError("one", Location("g", 1, 1)), InputError("two", Location("g", 2, 1))]),
    ]
    return RunResult(results(), errors, seed=7, wall_s=1.0, target="embedded")


def test_one_testcase_a_scenario_and_counts_that_agree():
    """Collected equals reported; a file that cannot be read is an error."""
    root = written(run())
    suite = root.find("testsuite")
    cases = suite.findall("testcase")
    assert len(cases) == 8
    for name, number in (("tests", 8), ("failures", 1), ("errors", 4), ("skipped", 2)):
        assert root.get(name) == suite.get(name) == str(number)
    assert [case.get("name") for case in cases][:2] == ["Good", "Bad"]
    assert cases[0].get("classname") == "scenarios.presence"
    assert (cases[0].get("time"), cases[0].get("line")) == ("0.500000", "1")


def test_failures_carry_their_real_text():
    """With line, expectation, what was seen, and the road; control characters are replaced."""
    failure = written(run()).find(".//failure")
    assert failure.get("message") == "it did not come \ufffd\ufffdwithin 1 s"
    parts = ("a.scenario.yaml:5:5", "5 |   - expect: {x: y}", "expected: away", "seen: dnd \ufffd",
             "note: too early", "the road ended at hint: no presence part")  # fmt: skip
    assert [part for part in parts if part not in failure.text] == []


def test_errors_name_their_kind():
    """Ours, the target's, and what cannot be read."""
    errors = written(run()).findall(".//error")
    assert [error.get("type") for error in errors] == ["error", "inconclusive", "unreadable", "unreadable"]
    assert errors[3].get("message") == "2 errors, the first: one"
    assert "g:2:1: two" in errors[3].text


def test_properties_tell_the_rest():
    """Seed, verdict, tags, warnings."""
    root = written(run())
    given = {each.get("name"): each.get("value") for each in root.find(".//testcase/properties")}
    assert given["why"] == "because"
    assert given["tags"] == "x, y"
    assert given["warning 1"] == "could not fail"
    assert (given["config"], given["config checksum"]) == ("etc", "0123")
    suite = {each.get("name"): each.get("value") for each in root.find("testsuite/properties")}
    assert suite == {"seed": "7", "target": "embedded", "time": "virtual"}


def test_a_failure_has_its_ladder():
    """As what the test said, with the phone that was watched."""
    failure = Failure("step", "x", phone="reception")
    result = Result("a", "A", "a", verdict="failed", failures=[failure], events=tuple(ROAD), marked=8)
    said = written(RunResult([result])).find(".//system-out").text
    assert ">>> 2. expect: {phone: reception} >>>" in said
    assert "MESSAGE sip:proxy@server" in said


def test_an_empty_run_is_a_document_too():
    """Nothing collected."""
    assert written(RunResult()).get("tests") == "0"
