"""What the same Asterisk answered on other configurations: each folder has one, its stories and the answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.golden.more.blur import blurred
from tests.golden.replay import Replay, Stage, difference, tell

HERE = Path(__file__).parent
FOLDERS = sorted(path.parent for path in HERE.glob("*/cases.yaml"))


def answers(folder: Path) -> dict[str, Any]:
    """What was recorded; what came several times is written down once, in the list `again`."""
    file = json.loads((folder / "answers.json").read_text())
    again: list[Any] = []

    def whole(note: Any) -> Any:
        if isinstance(note, list):
            return [whole(each) for each in note]
        if not isinstance(note, dict):
            return note
        return again[note["again"]] if "again" in note else {name: whole(each) for name, each in note.items()}

    for note in file["again"]:
        again.append(whole(note))  # noqa: PERF401 a note may hold those before it
    return {name: whole(notes) for name, notes in file["answers"].items()}


def stories() -> list[Any]:
    return [
        pytest.param(folder, case, id=f"{folder.name}: {case['name']}")
        for folder in FOLDERS
        for case in yaml.safe_load((folder / "cases.yaml").read_text())
    ]


@pytest.mark.parametrize(("folder", "case"), stories())
def test_other_configurations_get_the_same_answers(folder: Path, case: dict[str, Any]) -> None:
    """What came back at each step is what came back from Asterisk."""
    recorded = answers(folder)[case["name"]]
    notes = json.loads(json.dumps(tell(Replay(Stage(folder / "etc")), case)))
    if differs := difference(blurred(recorded), blurred(notes)):
        pytest.fail(f"{folder.name}: {case['name']}\n{differs}", pytrace=False)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_story_has_its_answers(folder: Path) -> None:
    """Nothing is recorded that is not replayed."""
    names = [case["name"] for case in yaml.safe_load((folder / "cases.yaml").read_text())]
    assert sorted(answers(folder)) == sorted(names)
