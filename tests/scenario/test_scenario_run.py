"""Runs of several files: order, jobs, selection, exit codes."""

import json

import pytest

from harness.scenario.collect import find
from harness.scenario.run import RunOptions, Silent, run_files
from tests.scenario.fakes import fake_phones, make_target

GOOD = """\
scenario: {name}
config: office
tags: [{tags}]
steps:
  - status: {{phone: bob, set: away}}
  - expect: {{phone: reception, contact: 2000, presence: {wanted}, within: 1 s}}
"""


@pytest.fixture
def many(folder):
    for number in range(5):
        text = GOOD.format(name=f"Story {number}", tags="even" if number % 2 == 0 else "odd", wanted="away")
        (folder / f"{number}.scenario.yaml").write_text(text)
    return folder


def run(paths, listener=None, **options):
    return run_files(paths, RunOptions(make_target, phones_of=fake_phones, **options), listener)


def failing(folder, name="5"):
    (folder / f"{name}.scenario.yaml").write_text(GOOD.format(name="It fails", tags="", wanted="dnd"))


class Heard(Silent):
    def __init__(self):
        self.said = []

    def collected(self, scenarios, files):
        self.said.append((scenarios, files))

    def unreadable(self, error):
        self.said.append(error.where.file)

    def finished(self, result):
        self.said.append(result.id)


def test_results_come_in_the_order_of_the_files(many):
    """Whatever the jobs, and the listener hears it so."""
    heard = Heard()
    one = run([many], heard)
    assert heard.said == [(5, 5), "0", "1", "2", "3", "4"]
    assert [result.id for result in run([many], jobs=3).results] == [result.id for result in one.results]
    assert one.exit_code == 0


def test_one_seed_gives_the_same_bytes_for_any_number_of_jobs(many, tmp_path):
    """Traces are compared byte for byte."""
    traces = []
    for jobs in (1, 3):
        report = tmp_path / f"report{jobs}"
        run([many], jobs=jobs, report_dir=report)
        traces.append({path.name: path.read_bytes() for path in sorted((report / "traces").iterdir())})
    assert traces[0] == traces[1]
    assert list(traces[0]) == [f"{number}.jsonl" for number in range(5)]
    first = json.loads(traces[0]["0.jsonl"].splitlines()[0])
    assert (first["seq"], first["hop"]) == (1, "sip")


def test_the_seed_is_the_same_in_whatever_folder(many, tmp_path_factory):
    """A world is seeded with the scenario's own name."""
    other = tmp_path_factory.mktemp("elsewhere")
    (other / "deep").mkdir()
    (other / "deep" / "office").mkdir()
    path = other / "deep" / "0.scenario.yaml"
    path.write_text((many / "0.scenario.yaml").read_text())
    written = []
    for place, name in ((many / "0.scenario.yaml", "a"), (other, "b")):
        report = other / name
        [result] = run([place], report_dir=report).results
        written.append(open(result.trace_file, "rb").read())  # noqa: SIM115
    assert written[0] == written[1]


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ({"only": "story 3"}, ["3"]),
        ({"only": "2"}, ["2"]),
        ({"tags": ("odd",)}, ["1", "3"]),
        ({"tags": ("odd", "even")}, []),
        ({"only": "3", "repeat": 2}, ["3", "3"]),
    ],
)
def test_scenarios_are_selected(many, options, ids):
    """By text, by tag; repeats have seeds of their own."""
    result = run([many], **options)
    assert [each.id for each in result.results] == ids
    assert result.exit_code == (0 if ids else 4)
    repeats = options.get("repeat", 1)
    assert {each.seed for each in result.results} == (set(range(1, repeats + 1)) if ids else set())


def test_exit_codes(many, tmp_path_factory):
    """2 before 1 before 3; 4 for nothing at all."""
    empty = tmp_path_factory.mktemp("empty")
    assert run([empty]).exit_code == 4
    assert run([empty / "none"]).exit_code == 2
    (many / "6.scenario.yaml").write_text(GOOD.format(name="None", tags="without-start", wanted="away"))
    assert run([many]).exit_code == 3
    failing(many)
    assert run([many]).exit_code == 1
    (many / "7.scenario.yaml").write_text("scenario: [")
    result = run([many])
    assert (result.exit_code, len(result.results), len(result.errors)) == (2, 7, 1)


def test_fail_fast_skips_the_rest_and_says_so(many):
    """Collected equals reported."""
    failing(many, "1")
    for jobs in (1, 2):
        results = run([many], fail_fast=True, jobs=jobs).results
        assert [result.verdict for result in results] == ["passed", "failed", "skipped", "skipped", "skipped"]
        assert "--fail-fast" in results[2].reason


def test_a_failure_keeps_its_events(many):
    """Since the last acting step, with the step that failed marked."""
    failing(many)
    result = run([many], only="it fails").results[0]
    assert result.events[0].hop == "step"
    assert any(event.seq == result.marked for event in result.events)
    assert {"sip", "core", "screen"} <= {event.hop for event in result.events}


def test_the_trace_tells_how_each_step_ended(many, tmp_path):
    """Its end is caused by its beginning; one that failed says why."""
    failing(many)
    [result] = run([many], only="it fails", report_dir=tmp_path / "report").results
    events = [json.loads(line) for line in open(result.trace_file)]  # noqa: SIM115
    steps = [(event["seq"], event["cause"], event["payload"]) for event in events if event["hop"] == "step"]
    began = {said["index"]: seq for seq, _, said in steps if "text" in said}
    ended = {said["index"]: (cause, said["verdict"]) for _, cause, said in steps if "verdict" in said}
    assert ended == {1: (began[1], "passed"), 2: (began[2], "failed")}
    assert steps[-1][2]["why"] == result.failures[0].message


def test_a_report_that_cannot_be_written_is_told(many):
    """Its folder is a file."""
    (many / "report").write_text("")
    result = run([many], only="story 0", report_dir=many / "report")
    assert result.exit_code == 2
    assert "cannot be written" in result.results[0].failures[0].message


def test_variants_have_traces_of_their_own(folder):
    """Also where their values cannot stand in a file's name."""
    (folder / "a.scenario.yaml").write_text(
        "scenario: A\nconfig: office\nmatrix: {x: [a/b, 'a:b', a_b, '..', 昼]}\nsteps:\n"
        "  - set_presence: {line: 2000, state: away, subtype: '${x}'}\n"
    )
    results = run([folder], report_dir=folder / "report").results
    files = [path.relative_to(folder / "report" / "traces") for path in (folder / "report").rglob("*.jsonl")]
    assert len(results) == len(files) == len({result.trace_file for result in results}) == 5
    assert all(len(path.parts) == 1 for path in files)


def test_a_matrix_with_a_value_twice_is_an_error(folder):
    """Two variants that nobody could tell apart."""
    (folder / "a.scenario.yaml").write_text(
        "scenario: A\nconfig: office\nmatrix: {x: [a, a]}\nsteps:\n  - status: {phone: bob, set: '${x}'}\n"
    )
    assert "twice" in str(run([folder]).errors[0])


# collecting


def test_folders_are_searched_in_order(folder):
    """Hidden folders are left out; each file comes once."""
    for name in ("b/2", "b/1", "a", ".hidden/x"):
        path = folder / f"{name}.scenario.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
    (folder / "office" / "notes.yaml").write_text("")
    found = find([folder, folder / "a.scenario.yaml"])
    assert [each.id for each in found.files] == ["a", "b/1", "b/2"]
    assert found.errors == []


def test_the_same_name_from_two_folders_gets_a_number(folder):
    """So that every result and trace has a place of its own."""
    for name in ("one", "two"):
        (folder / name).mkdir()
        (folder / name / "a.scenario.yaml").write_text("")
    assert [each.id for each in find([folder / "one", folder / "two"]).files] == ["a", "a~2"]


@pytest.mark.parametrize(
    ("name", "said"),
    [("a.yaml", "files end in .scenario.yaml"), ("b.scenario.yml", "not quite right"), ("none", "no such")],
)
def test_paths_that_are_no_scenarios_are_told(folder, name, said):
    """A slip in the ending is not passed over in silence."""
    if name != "none":
        (folder / name).write_text("")
    path = folder if name.endswith("yml") else folder / name
    assert said in str(find([path]).errors[0])
