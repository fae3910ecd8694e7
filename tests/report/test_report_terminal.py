"""The report on a terminal, and the results as JSON lines."""

import io
import json

import pytest

from harness.columns import clean, columns, fit, pad
from harness.report import jsonl
from harness.report.terminal import Terminal
from harness.report.text import Paint, duration, wants_colours
from harness.scenario.run import RunOptions, run_files
from tests.scenario.fakes import fake_phones, make_target

STORY = """\
scenario: Lunch reaches the receptionist
why: it should
config: office
tags: [{tags}]
steps:
  - status: {{phone: bob, set: away, substatus: Lunch}}
  - expect: {{phone: reception, contact: 2000, presence: away, within: 1 s}}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "office").mkdir()
    (tmp_path / "good.scenario.yaml").write_text(STORY.format(tags=""))
    return tmp_path


def report(folder, **options):
    stream = io.StringIO()
    events = options.get("ladders", False)
    given = RunOptions(make_target, phones_of=fake_phones, report_dir=folder / "report", events=events)
    run = run_files([folder], given, Terminal(stream, **options))
    return run, stream.getvalue()


def test_progress_table_and_totals(folder):
    """A line for each scenario with its time, then all in a table."""
    _, text = report(folder)
    lines = text.splitlines()
    assert lines[0] == "1 scenario in 1 file"
    assert lines[1].startswith("[1/1] passed ")
    assert lines[1].endswith("ms  Lunch reaches the receptionist")
    assert lines[3].split() == ["verdict", "scenario", "what", "steps", "story", "took"]
    assert lines[4].split()[:2] == ["passed", "good"]
    assert lines[-1].startswith("1 passed in ")
    assert lines[-1].endswith("(virtual time, seed 1)")
    assert "\x1b" not in text


def test_a_failure_tells_everything(folder):
    """YAML line, expected and seen, the road, the way to do it again, and the ladder with all who matter."""
    (folder / "bad.scenario.yaml").write_text(STORY.format(tags="without-hint"))
    _, text = report(folder)
    for part in (
        "FAILED  Lunch reaches the receptionist",
        "bad.scenario.yaml:7:5: it did not come within 1 s",
        "    7 |   - expect: {phone: reception, contact: 2000, presence: away, within: 1 s}",
        "expected   reception sees 2000: presence 'away'",
        "seen       reception shows 2000: presence 'available', lamp 'idle'",
        "road       ended at hint: the hint 2000@default (extensions.conf:12) has no presence part",
        "again      dpma-harness run ",
        "trace      ",
        "--- 1. status: {phone: bob, set: away, substatus: Lunch} ---",
        ">>> 2. expect: ",
        "MESSAGE sip:proxy@server",
        "hint: no hint CustomPresence:2000",
    ):
        assert part in text
    header = next(line for line in text.splitlines() if "bob" in line and "server" in line and "scenario" not in line)
    assert "reception" in header
    assert text.splitlines()[-1].startswith("1 passed, 1 failed in")


def test_what_cannot_be_read_is_told_in_full(folder):
    """All errors of the file, each with its caret."""
    (folder / "bad.scenario.yaml").write_text("scenario: A\nconfig: office\nsteps:\n  - paus: 1\n  - pause: 5\n")
    run, text = report(folder)
    assert run.exit_code == 2
    assert text.count("unreadable  ") == 2
    assert "did you mean 'pause'?" in text
    assert "^^^^" in text
    assert "1 passed, 1 unreadable in" in text


def test_ladders_of_those_that_passed(folder):
    """Where they are asked for."""
    assert "NOTIFY sip:reception@phone" not in report(folder)[1]
    assert "NOTIFY sip:reception@phone" in report(folder, ladders=True)[1]


def test_warnings_come_at_the_end(folder):
    """What could not fail."""
    never = "  - never: {phone: reception, contact: 2999, changes: true, for: 1 s}\n"
    (folder / "good.scenario.yaml").write_text(STORY.format(tags="") + never)
    assert "good: could not fail: never reception sees 2999" in report(folder)[1]


def test_steps_are_told_when_verbose(folder):
    """Each with its time."""
    assert "passed       2.0 ms  expect: {phone: reception" in report(folder, verbose=True)[1]


def test_nothing_collected_is_said(tmp_path):
    """An empty folder."""
    run, text = report(tmp_path)
    assert run.exit_code == 4
    assert "nothing was collected" in text


def test_a_narrow_encoding_does_not_break_the_report(folder):
    """What the terminal cannot show is replaced."""
    text = STORY.format(tags="").replace("Lunch reaches", "昼休み")
    (folder / "good.scenario.yaml").write_text(text, encoding="utf-8")
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    run_files([folder], RunOptions(make_target, phones_of=fake_phones), Terminal(stream))
    stream.flush()
    assert b"??? the receptionist" in stream.buffer.getvalue()


def test_colours_only_where_they_are_wanted(folder):
    """On a terminal, without NO_COLOR."""

    class Terminals(io.StringIO):
        def isatty(self):
            return True

    assert wants_colours(Terminals(), {})
    assert not wants_colours(Terminals(), {"NO_COLOR": "1"})
    assert wants_colours(Terminals(), {"NO_COLOR": ""})
    assert not wants_colours(Terminals(), {"TERM": "dumb"})
    assert not wants_colours(io.StringIO(), {})
    assert "\x1b[32mpassed" in report(folder, colours=True)[1]
    assert Paint(True)("x", "red", "bold") == "\x1b[31;1mx\x1b[0m"


def test_results_as_json_lines(folder):
    """One object each, without the events, which have their own file."""
    (folder / "bad.scenario.yaml").write_text(STORY.format(tags="without-hint"))
    (folder / "worse.scenario.yaml").write_text("scenario: \n")
    run, _ = report(folder)
    file = io.StringIO()
    jsonl.write(run, file)
    bad, good, worse = map(json.loads, file.getvalue().splitlines())
    assert (bad["verdict"], good["verdict"]) == ("failed", "passed")
    assert bad["failures"][0]["road"].startswith("hint: ")
    assert bad["steps"][1]["verdict"] == "failed"
    assert "events" not in bad
    assert worse["unreadable"].endswith("worse.scenario.yaml")


def test_text_is_measured_as_a_terminal_shows_it():
    """Wide characters take two columns, joined marks none."""
    assert columns("昼休み") == 6
    assert columns("e\u0301") == 1
    assert fit("昼休み", 5) == "昼休…"
    assert pad("昼", 4) == "昼  "
    assert clean("a\x1b\nb\u202ec\ud800") == "a\ufffd b\ufffdc\ufffd"
    assert clean("a\nb", keep_lines=True) == "a\nb"
    assert [duration(each) for each in (0.0012, 3.04, 600, 90000)] == ["1.2 ms", "3.0 s", "10 min", "25.0 h"]
