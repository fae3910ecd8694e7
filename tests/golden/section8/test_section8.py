"""The conformance cases of section 8 of the behaviour text, as the same Asterisk answered them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.golden.replay import difference
from tests.golden.section8.longer import replay_longer

HERE = Path(__file__).parent
NOT_YET: dict[str, str] = {}
"""What cannot be met yet, by the case's first word, and why."""


def stories() -> list[Any]:
    found = []
    for path in sorted((HERE / "cases").glob("*.yaml")):
        for case in yaml.safe_load(path.read_text()):
            reason = NOT_YET.get(case["name"].split()[0])
            marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
            found.append(pytest.param(path.stem, case, id=case["name"], marks=marks))
    return found


@pytest.mark.parametrize(("file", "case"), stories())
def test_a_case_of_section_8(file: str, case: dict[str, Any], tmp_path: Path) -> None:
    """What came back at each step is what came back from Asterisk."""
    recorded = json.loads((HERE / "asterisk-22.10.1" / f"{file}.json").read_text())[case["name"]]
    if differs := difference(recorded, replay_longer(case, tmp_path)):
        pytest.fail(f"{case['name']}\n{differs}", pytrace=False)
