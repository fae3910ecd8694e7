"""The README tells the truth: its commands, its scenario and its links."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.demos import demo
from tests.serving import served

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
PROGRAM = ".venv/bin/dpma-harness"
READMES = [ROOT / "README.md", *sorted(ROOT.glob("*/README.md")), ROOT / "harness" / "scenario" / "README.md"]


def harness(*words: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run the command line in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "harness.cli", *words], cwd=folder, capture_output=True, text=True, check=False
    )


def console() -> list[tuple[list[str], str]]:
    """Each command of the console blocks that is ours, with the output that the README shows."""
    found = []
    for block in re.findall(r"```console\n(.*?)```", README, re.S):
        for part in re.split(r"(?m)^\$ ", block)[1:]:
            line, _, output = part.partition("\n")
            words = shlex.split(line, comments=True)
            if words[0] == PROGRAM:
                found.append((words[1:], output))
    return found


def test_explain_tells_what_the_readme_shows() -> None:
    """To the letter."""
    (shown,) = [(words, output) for words, output in console() if words[0] == "explain"]
    assert harness(*shown[0]).stdout == shown[1].rstrip("\n") + "\n"


def test_the_server_is_ready_as_shown() -> None:
    """The ready line has the parts that the README shows."""
    words, output = next((words, output) for words, output in console() if words[0] == "serve" and output)
    with served(ROOT / words[words.index("--config") + 1]) as server:
        digits = re.compile(r":\d+")
        assert digits.sub(":N", server.line) == digits.sub(":N", output.rstrip("\n") + "\n")


def test_commands_reach_the_server_as_shown(tmp_path: Path) -> None:
    """Each `cli` line exits 0 and prints what the README shows, if it shows anything."""
    commands = [(words, output) for words, output in console() if words[0] == "cli"]
    assert len(commands) == 2
    with served(ROOT / "scenarios" / "presence" / "office", "--data", str(tmp_path)):
        for words, output in commands:
            done = harness(*(str(tmp_path) if word == "state" else word for word in words))
            assert done.returncode == 0, done.stderr
            assert done.stdout.startswith(output.strip())
            assert done.stdout.strip()


def test_the_first_scenario_passes_and_fails_as_told(tmp_path: Path) -> None:
    """As printed it passes; with `dnd` in the place of `away` it exits 1 and names the step."""
    text = re.sub(r"(?m)^   ", "", re.findall(r"```yaml\n(.*?)```", README, re.S)[0])
    shutil.copytree(ROOT / "scenarios" / "presence" / "office", tmp_path / "mine" / "office")
    scenario = tmp_path / "mine" / "lunch.scenario.yaml"
    scenario.write_text(text)
    passed = harness("run", "mine", "--report", "mine/reports", folder=tmp_path)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert list((tmp_path / "mine" / "reports").iterdir())
    assert "set: away" in text
    scenario.write_text(text.replace("set: away", "set: dnd"))
    failed = harness("run", "mine", "--report", "mine/reports", folder=tmp_path)
    assert failed.returncode == 1
    assert "lunch.scenario.yaml:6" in failed.stdout


@pytest.mark.parametrize("readme", READMES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(readme: Path) -> None:
    """Every relative link of a README names what is there."""
    links = re.findall(r"\]\(([^)#:]+)\)", readme.read_text())
    assert [link for link in links if not (readme.parent / link).exists()] == []


def test_the_commands_that_the_readme_names_are_there() -> None:
    """Nothing is promised that the command line does not have."""
    known = harness("--help").stdout
    named = set(re.findall(r"`(?:\.venv/bin/)?dpma-harness (\w+)", README)) | {words[0] for words, _ in console()}
    assert {"run", "explain", "serve", "schema", "cli", "bench"} <= named
    assert [name for name in sorted(named) if not re.search(rf"^    {name}\b", known, re.M)] == []


def test_the_demo_is_ready_as_shown() -> None:
    """On free ports, with the parts of the line that the README shows; it ends with SIGTERM."""
    words, output = next((words, output) for words, output in console() if words[0] == "demo")
    with demo(*words[1:]) as office:
        digits = re.compile(r":\d+")
        assert digits.sub(":N", office.line) == digits.sub(":N", output.rstrip("\n") + "\n")


def test_the_pictures_are_shown_and_small() -> None:
    """Each that is kept beside the code stands on a page, each that a page shows is there, with less than 150 KB."""
    folders = [ROOT / name for name in ("harness", "phones", "reports", "scenarios", "tests")]
    found = {
        (page.parent / name).resolve()
        for page in (ROOT / "README.md", *(page for folder in folders for page in folder.rglob("*.md")))
        for name in re.findall(r"!\[[^]]+\]\(([^)]+)\)", page.read_text("utf-8"))
    }
    kept = {path.resolve() for path in (ROOT / "harness").glob("*/pictures/*")}
    assert found == kept
    assert [path.name for path in kept if path.stat().st_size > 150_000] == []
