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


def stories() -> list[Any]:
    return [
        pytest.param(folder, case, id=f"{folder.name}: {case['name']}")
        for folder in FOLDERS
        for case in yaml.safe_load((folder / "cases.yaml").read_text())
    ]


@pytest.mark.parametrize(("folder", "case"), stories())
def test_other_configurations_get_the_same_answers(folder: Path, case: dict[str, Any]) -> None:
    """What came back at each step is what came back from Asterisk."""
    recorded = json.loads((folder / "answers.json").read_text())[case["name"]]
    notes = json.loads(json.dumps(tell(Replay(Stage(folder / "etc")), case)))
    if differs := difference(blurred(recorded), blurred(notes)):
        pytest.fail(f"{folder.name}: {case['name']}\n{differs}", pytrace=False)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_story_has_its_answers(folder: Path) -> None:
    """Nothing is recorded that is not replayed."""
    names = [case["name"] for case in yaml.safe_load((folder / "cases.yaml").read_text())]
    assert sorted(json.loads((folder / "answers.json").read_text())) == sorted(names)
