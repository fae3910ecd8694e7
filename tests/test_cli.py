"""The command line: what it takes, what it says of what it cannot take, and its exit codes."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import pytest

from harness.cli import main, shipped

ROOT = Path(__file__).parents[1]
PRESENCE = ROOT / "scenarios" / "presence"
LIMIT_S = 60.0
"""Seconds of real time that a process of its own may take."""

HEAD = "scenario: A test\nwhy: it is one\nconfig: page\n"
STEPS = """\
steps:
  - status: {phone: bob, set: away, substatus: Lunch}
  - expect: {phone: desk, contact: 2000, presence: away, within: 500 ms}
"""
GOOD = HEAD + STEPS
FAILING = GOOD.replace("presence: away", "presence: dnd")

Capture = pytest.CaptureFixture[str]


class Said(NamedTuple):
    """An exit code and what was printed."""

    code: int
    out: str
    err: str


class Desk:
    """A folder of scenarios with the configuration of the page beside them."""

    def __init__(self, tmp_path: Path, capsys: Capture) -> None:
        self.folder, self.report, self._capsys = tmp_path / "mine", tmp_path / "report", capsys
        shutil.copytree(PRESENCE / "page", self.folder / "page")

    def write(self, text: str | bytes, name: str = "a") -> Path:
        """A scenario file."""
        path = self.folder / f"{name}.scenario.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def run(self, *options: str | Path) -> Said:
        """`run` on the folder, or on what the options name."""
        paths = () if any(isinstance(option, Path) for option in options) else (self.folder,)
        code = main(["run", *map(str, (*paths, *options)), "--report", str(self.report)])
        return Said(code, *self._capsys.readouterr())


@pytest.fixture
def desk(tmp_path: Path, capsys: Capture) -> Desk:
    """An empty desk."""
    return Desk(tmp_path, capsys)


def unreadable(said: Said) -> list[str]:
    """The messages of what could not be read, each from its place to its advice."""
    text = said.out.partition("\n\n")[0]
    return re.split(r"(?m)^unreadable {2}", text)[1:]


# what cannot be read


def bomb() -> str:
    """A few lines that stand for ten million values."""
    levels = "abcdefgh"
    rows = [f"  {one}: &{one} [{', '.join([f'*{before}'] * 10)}]" for before, one in itertools.pairwise(levels)]
    return "\n".join([HEAD + "vars:", "  a: &a [x, x, x, x, x, x, x, x, x, x]", *rows, STEPS])


UNREADABLE: dict[str, tuple[str | bytes, tuple[str, ...]]] = {
    "a misspelt key": (
        GOOD.replace("  - expect", "  - expekt"), ("a.scenario.yaml:6:5: ", "'expekt'", "did you mean 'expect'?")),
    "a misspelt key of a step": (
        GOOD.replace("presence:", "presense:"), ("a.scenario.yaml:6:42: ", "'presense'", "did you mean 'presence'?")),
    "an unknown phone": (
        GOOD.replace("phone: bob", "phone: bobb"),
        ("a.scenario.yaml:5:21: ", "no type=phone section is named 'bobb'", "did you mean 'bob'?")),
    "a key that is there twice": (GOOD + "why: again\n", ("a.scenario.yaml:7:1: ", "why")),
    "broken YAML": (HEAD + "steps: [\n", ("a.scenario.yaml:",)),
    "bytes that are not UTF-8": (GOOD.encode().replace(b"Lunch", b"L\xfcnch"), ("a.scenario.yaml:5:", "UTF-8")),
    "an alias bomb": (bomb(), ("a.scenario.yaml:", "aliases counted with what they stand for")),
    "a missing configuration folder": (
        GOOD.replace("config: page", "config: pages"), ("a.scenario.yaml:3:9: ", "pages", "is not there")),
    "nothing": ("", ("a.scenario.yaml",)),
    "a list": ("- a\n- b\n", ("a.scenario.yaml:1:1: ",)),
    "a NUL": (GOOD.replace("Lunch", '"\\0"').replace("why: it", "why: \0it"), ("a.scenario.yaml:",)),
}  # fmt: skip


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_scenario_that_cannot_be_read_is_one_clear_message_and_2(desk: Desk, name: str) -> None:
    """Where, what, and what to try; no traceback."""
    text, words = UNREADABLE[name]
    desk.write(text)
    said = desk.run()
    assert said.code == 2
    assert len(unreadable(said)) == 1, said.out
    assert [each for each in words if each not in unreadable(said)[0]] == []
    assert "Traceback" not in said.out + said.err
    assert "1 unreadable" in said.out


def test_the_place_is_shown_with_its_line_and_a_caret(desk: Desk) -> None:
    """The caret stands under the word that is wrong."""
    desk.write(GOOD.replace("phone: bob", "phone: bobb"))
    _, line, caret, _ = unreadable(desk.run())[0].rstrip().split("\n")
    start = caret.index("^")
    assert line[start : start + caret.count("^")] == "bobb"


def test_three_errors_of_one_file_are_told_at_once(desk: Desk) -> None:
    """Each at its own place, in the order of the file."""
    desk.write(GOOD.replace("why:", "wy:").replace("bob", "bobb").replace("500 ms", "500"))
    said = desk.run()
    assert said.code == 2
    told = unreadable(said)
    places = [int(re.findall(r"a\.scenario\.yaml:(\d+):", each)[0]) for each in told]
    assert places == sorted(places)
    assert {2, 5, 6} <= set(places)
    assert [each for each in ("'wy'", "'bobb'", "500") if each not in "".join(told)] == []


def test_an_include_that_never_ends_is_named_with_its_line(desk: Desk) -> None:
    """The loop is told once, for the scenario that needs the folder."""
    with (desk.folder / "page" / "extensions.conf").open("a", encoding="utf-8") as file:
        file.write('#include "more.conf"\n')
    (desk.folder / "page" / "more.conf").write_text('\n#include "extensions.conf"\n', "utf-8")
    desk.write(GOOD)
    said = desk.run()
    assert said.code == 2
    (told,) = unreadable(said)
    assert "a.scenario.yaml:3:9: " in told
    assert "more.conf:2: the include never ends" in told


@pytest.mark.parametrize("file", ["pjsip.conf", "extensions.conf", "res_digium_phone.conf"])
def test_a_configuration_that_asterisk_refuses_is_unreadable(desk: Desk, file: str) -> None:
    """The file and line of the configuration are in the message."""
    (desk.folder / "page" / file).write_text("[one]\n[two\n", "utf-8")
    desk.write(GOOD)
    said = desk.run()
    assert said.code == 2
    assert f"{file}:2: " in unreadable(said)[0]


def test_a_path_that_is_not_there_is_2(desk: Desk) -> None:
    """Named as it was given."""
    said = desk.run(desk.folder / "nobody.scenario.yaml")
    assert said.code == 2
    assert "nobody.scenario.yaml: there is no such file or folder" in unreadable(said)[0]


def test_a_file_with_another_ending_is_2(desk: Desk) -> None:
    """It would be passed over in silence in a folder, so where it is named it is told."""
    path = desk.folder / "a.yaml"
    path.write_text(GOOD, "utf-8")
    said = desk.run(path)
    assert said.code == 2
    assert "scenario files end in .scenario.yaml" in unreadable(said)[0]


def test_an_empty_folder_is_4(desk: Desk) -> None:
    """Nothing was collected: that is no success."""
    said = desk.run()
    assert said.code == 4
    assert "nothing was collected" in said.out


def test_a_text_that_is_in_no_name_is_4(desk: Desk) -> None:
    """The same where --only or --tag leave nothing."""
    desk.write(GOOD)
    assert desk.run("--only", "nobody").code == 4
    assert desk.run("--tag", "slow").code == 4


# what comes out


def test_what_passes_is_0_and_the_report_is_written(desk: Desk) -> None:
    """JUnit, JSON lines and a trace, in the folder that is named at the end."""
    desk.write(GOOD)
    said = desk.run()
    assert said.code == 0, said.out
    assert "1 passed" in said.out
    assert said.out.endswith(f"report: {desk.report}\n")
    assert said.err == ""
    assert 'failures="0"' in (desk.report / "junit.xml").read_text("utf-8")
    (result,) = map(json.loads, (desk.report / "results.jsonl").read_text("utf-8").splitlines())
    assert result["verdict"] == "passed"
    events = [json.loads(line) for line in (desk.report / "traces" / "a.jsonl").read_text("utf-8").splitlines()]
    assert {"press", "dpma", "core", "hint", "sip", "arrived", "screen"} <= {event["hop"] for event in events}


def test_what_fails_is_1_with_the_hop_and_a_ladder(desk: Desk) -> None:
    """The step, what was seen, the hop, and how to run it again."""
    path = desk.write(FAILING)
    said = desk.run("--seed", "5")
    assert said.code == 1
    assert "a.scenario.yaml:6:5: it did not come within 500 ms" in said.out
    assert "road       ended at screen: " in said.out
    assert f"run {path} --seed 5" in said.out
    assert "presses away / Lunch" in said.out


def test_one_unreadable_file_does_not_keep_the_others_from_running(desk: Desk) -> None:
    """2 comes before 1, and all is told: what passed, what failed, what could not be read."""
    desk.write(GOOD, "a")
    desk.write("scenario: [\n", "b")
    desk.write(FAILING, "c")
    said = desk.run()
    assert said.code == 2
    assert "1 passed, 1 failed, 1 unreadable" in said.out


def test_only_chooses_by_name_and_fail_fast_stops(desk: Desk) -> None:
    """What was not told is told to be skipped: collected equals reported."""
    desk.write(FAILING.replace("A test", "First"), "a")
    desk.write(GOOD.replace("A test", "Second"), "b")
    assert desk.run("--only", "second").code == 0
    said = desk.run("--fail-fast")
    assert said.code == 1
    assert "1 failed, 1 skipped" in said.out


def test_repeat_goes_on_with_the_next_seed(desk: Desk) -> None:
    """Three tellings, seeds 4, 5 and 6."""
    desk.write(GOOD)
    assert desk.run("--repeat", "3", "--seed", "4").code == 0
    results = [json.loads(line) for line in (desk.report / "results.jsonl").read_text("utf-8").splitlines()]
    assert [result["seed"] for result in results] == [4, 5, 6]


def test_the_page_is_written_and_named(desk: Desk) -> None:
    """In the folder of the report."""
    desk.write(FAILING)
    assert f"\npage: {desk.report / 'report.html'}\n" in desk.run().out
    text = (desk.report / "report.html").read_text("utf-8")
    assert text.startswith("<!doctype html>")
    assert "it did not come within 500 ms" in text


def test_without_jinja_the_rest_is_written_and_the_way_to_the_page_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, and it is no failure."""
    monkeypatch.setattr("harness.report.files.find_spec", lambda _name: None)
    desk.write(GOOD)
    said = desk.run()
    assert said.code == 0
    assert said.out.count("pip install 'dpma-harness[report]'") == 1
    assert not (desk.report / "report.html").exists()
    assert (desk.report / "junit.xml").exists()


def test_tap_and_a_capture_go_where_they_are_asked_for(desk: Desk, tmp_path: Path) -> None:
    """`--tap FILE`, `--pcap FILE`, in folders that need not be there."""
    desk.write(GOOD)
    assert desk.run("--tap", str(tmp_path / "new" / "a.tap"), "--pcap", str(tmp_path / "new" / "a.pcap")).code == 0
    assert (tmp_path / "new" / "a.tap").read_text("utf-8").startswith("TAP version 13\n1..1\n")
    assert (tmp_path / "new" / "a.pcap").read_bytes()[:4] == b"\xd4\xc3\xb2\xa1"


def test_annotations_are_printed_within_github_actions(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nowhere else."""
    path = desk.write(FAILING)
    assert "::error" not in desk.run().out
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert f"::error file={path},line=6,col=5,title=failed%3A A test::" in desk.run().out


def test_ladder_shows_the_road_of_what_passes(desk: Desk) -> None:
    """Without the option there is none."""
    desk.write(GOOD)
    assert "NOTIFY" not in desk.run().out
    assert "NOTIFY" in desk.run("--ladder").out


@pytest.mark.parametrize(("form", "words"), [
    ("text", ">>> 2. failed: it did not come within 500 ms >>>"), ("mermaid", "sequenceDiagram\n"), ("svg", "<svg "),
])  # fmt: skip
def test_ladder_draws_a_trace(desk: Desk, capsys: Capture, form: str, words: str) -> None:
    """All of it, with the step that failed."""
    desk.write(FAILING)
    desk.run()
    assert main(["ladder", str(desk.report / "traces" / "a.jsonl"), "--format", form]) == 0
    assert words in capsys.readouterr().out


def test_ladder_of_what_is_no_trace_is_2_with_its_place(desk: Desk, capsys: Capture) -> None:
    """File, line and column, and what a trace is."""
    path = desk.write(GOOD)
    assert main(["ladder", str(path)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert f"{path}:1:1: this is not JSON" in said.err
    assert main(["ladder", str(desk.folder / "none.jsonl")]) == 2


def test_junit_goes_where_it_is_asked_for(desk: Desk, tmp_path: Path) -> None:
    """`--junit FILE` in the place of the report's own."""
    desk.write(GOOD)
    assert desk.run("--junit", str(tmp_path / "ci" / "results.xml")).code == 0
    assert (tmp_path / "ci" / "results.xml").is_file()
    assert not (desk.report / "junit.xml").exists()


def test_a_failure_shows_what_the_server_warned_of(desk: Desk) -> None:
    """Since the last acting step, with the line of the dialplan."""
    with (desk.folder / "page" / "extensions.conf").open("a", encoding="utf-8") as file:
        file.write("exten => 7,1,Dail(PJSIP/2000)\n")
    desk.write(HEAD + "steps:\n  - call: {phone: bob, to: 7}\n  - expect: {phone: bob, call: connected, within: 1 s}\n")
    said = desk.run()
    assert said.code == 1
    assert "the server warned at" in said.out
    assert "No application 'Dail' (extensions.conf:" in said.out


@pytest.mark.parametrize("name", ["ci.xml", "junit.xml"])
def test_a_run_leaves_one_junit_file(desk: Desk, name: str) -> None:
    """The one of an earlier run does not stay beside the one that was asked for."""
    desk.write(GOOD)
    assert desk.run().code == 0
    assert desk.run("--junit", str(desk.report / "traces" / ".." / name)).code == 0
    assert [path.name for path in desk.report.rglob("*.xml")] == [name]


def test_a_report_that_cannot_be_written_is_2(desk: Desk) -> None:
    """A file stands where the folder should be; the scenarios are told all the same."""
    desk.write(GOOD)
    desk.report.write_text("in the way", "utf-8")
    said = desk.run()
    assert said.code == 2
    assert "cannot be written" in said.err
    assert "A test" in said.out
    assert "Traceback" not in said.out + said.err


def test_a_junit_file_that_cannot_be_written_is_2(desk: Desk) -> None:
    """The rest of the report is there."""
    said = desk.run("--junit", str(desk.write(GOOD) / "junit.xml"))
    assert said.code == 2
    assert "junit.xml: cannot be written" in said.err
    assert (desk.report / "results.jsonl").is_file()


def test_without_a_path_the_shipped_scenarios_are_run(desk: Desk, capsys: Capture) -> None:
    """Those beside the package, wherever the command is called."""
    assert shipped() == PRESENCE.parent
    assert main(["run", "--only", "The page's example", "--report", str(desk.report)]) == 0
    assert "presence/01-the-page" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("target", "words"),
    [("asterisk", "comes later"), ("asterisk:/usr/sbin/asterisk", "comes later"), ("remote", "comes later")],
)
def test_a_target_that_cannot_be_used_is_3(desk: Desk, target: str, words: str) -> None:
    """It says that this one comes later, and which there is."""
    desk.write(GOOD)
    said = desk.run("--target", target)
    assert said.code == 3
    assert words in said.err
    assert "--target embedded" in said.err


@pytest.mark.parametrize("target", ["embeded", "embedded:x"])
def test_a_target_that_does_not_exist_is_2(desk: Desk, target: str) -> None:
    """It says which there are."""
    desk.write(GOOD)
    said = desk.run("--target", target)
    assert said.code == 2
    assert "no target is named" in said.err


@pytest.mark.parametrize(
    "arguments",
    [[], ["walk"], ["run", "--jobs", "0"], ["run", "--repeat", "-1"], ["run", "--seed", "x"], ["run", "--time", "slow"],
     ["run", "--bogus"], ["serve"], ["serve", "--config", ".", "--sip", "here"],
     ["serve", "--config", ".", "--sip", "127.0.0.1:65536"], ["serve", "--config", ".", "--ami", "127.0.0.1"],
     ["explain", "."], ["explain", ".", "--from", "bob"]],
)  # fmt: skip
def test_options_that_make_no_sense_are_2(arguments: list[str], capsys: Capture) -> None:
    """One sentence, and where to read what there is."""
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("dpma-harness: ")
    assert "--help tells what there is" in err


def test_version_is_that_of_the_package(capsys: Capture) -> None:
    """And nothing else is done."""
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"dpma-harness {version('dpma-harness')}\n"


def test_cli_without_a_command_says_how_to_see_them(capsys: Capture) -> None:
    """Before any server is asked."""
    assert main(["cli"]) == 2
    assert "core show help" in capsys.readouterr().err


def test_schema_prints_a_json_schema(capsys: Capture) -> None:
    """Ready for an editor."""
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


# processes of their own


def python(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """An interpreter of its own, in the folder of the project."""
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, cwd=ROOT, check=False)


def test_real_time_passes_over_loopback_sockets(desk: Desk) -> None:
    """The same scenario on sockets, called as from a shell."""
    told = python("-m", "harness.cli", "run", desk.write(GOOD), "--time", "real", "--report", desk.report)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "real time" in told.stdout


class Refused(NamedTuple):
    """Options of `serve`, where {UDP} and {TCP} are places that are taken, and words of what it says."""

    folder: str
    options: str
    words: tuple[str, ...]


REFUSED = {
    "a SIP port that another has for UDP": Refused("office", "--sip {UDP}", ("{UDP}: ", "give another port")),
    "a SIP port that another has for TCP": Refused("office", "--sip {TCP}", ("{TCP}: ", "give another port")),
    "a manager port that is taken": Refused("office", "--ami {TCP}", ("{TCP}: ", "--ami HOST:PORT")),
    "an address that is not of this machine": Refused("office", "--sip 192.0.2.1:0", ("192.0.2.1",)),  # RFC 5737
    "a name in the place of an address": Refused("office", "--sip nobody.invalid:0", ("nobody.invalid",)),
    "a manager port without users": Refused("page", "--ami 127.0.0.1:0", ("there is no manager.conf",)),
    "a folder that is not there": Refused("nowhere", "", ("nowhere: there is no such folder",)),
    "a file in the place of a folder": Refused("page/pjsip.conf", "", ("a file, not a configuration folder",)),
    "a folder without phones' endpoints": Refused("bare", "", ("there is no pjsip.conf",)),
    "a broken pjsip.conf": Refused("broken", "", ("pjsip.conf:3: ",)),
    "a place for its data that is a file": Refused("page", "--data {folder}/page/pjsip.conf", ("--data",)),
}
SERVE = """
import contextlib, io, json, sys, traceback
from harness.cli import main
for arguments in json.load(sys.stdin):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(arguments)
        except BaseException:
            code = 1
            traceback.print_exc()
    print(json.dumps([code, out.getvalue(), err.getvalue()]))
"""


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Said, tuple[str, ...]]]:
    """What `serve` says to each, and the words to look for; told in one process of its own."""
    folder = tmp_path_factory.mktemp("serve")
    for name in ("office", "page"):
        shutil.copytree(PRESENCE / name, folder / name)
    shutil.copytree(PRESENCE / "page", folder / "bare", ignore=shutil.ignore_patterns("pjsip.conf"))
    shutil.copytree(PRESENCE / "page", folder / "broken")
    (folder / "broken" / "pjsip.conf").write_text("[global]\ntype=global\n[transport-udp\n", "utf-8")
    with taken(socket.SOCK_DGRAM) as udp, taken(socket.SOCK_STREAM) as tcp:
        places = {"UDP": udp, "TCP": tcp, "folder": str(folder)}
        asked = [
            ["serve", "--config", str(folder / each.folder), "--sip", "127.0.0.1:0", "--data", ":memory:",
             *each.options.format_map(places).split()]
            for each in REFUSED.values()
        ]  # fmt: skip
        told = subprocess.run(
            [sys.executable, "-c", SERVE], input=json.dumps(asked), capture_output=True, text=True, timeout=LIMIT_S,
            cwd=ROOT, check=True,
        )  # fmt: skip
    said = [Said(*json.loads(line)) for line in told.stdout.splitlines()]
    words = [tuple(word.format_map(places) for word in each.words) for each in REFUSED.values()]
    return dict(zip(REFUSED, zip(said, words, strict=True), strict=True))


@contextlib.contextmanager
def taken(kind: int) -> Iterator[str]:
    """HOST:PORT that somebody listens on, for UDP or TCP."""
    with socket.socket(socket.AF_INET, kind) as taker:
        taker.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            taker.listen()
        yield "{}:{}".format(*taker.getsockname())


@pytest.mark.parametrize("name", REFUSED)
def test_serve_says_in_one_message_why_it_cannot_and_ends_with_2(
    refused: dict[str, tuple[Said, tuple[str, ...]]], name: str
) -> None:
    """Nothing on stdout (a ready line would be believed), one message with the place, no traceback."""
    said, words = refused[name]
    assert said.code == 2, said.err
    assert said.out == ""
    assert "Traceback" not in said.err
    assert said.err.count("dpma-harness: ") == 1
    assert [each for each in words if each not in said.err] == []
