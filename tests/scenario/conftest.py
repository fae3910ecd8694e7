"""Telling scenarios of one file on the small target of `fakes`."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.scenario.loader import load
from harness.scenario.model import Scenario
from harness.scenario.problems import ScenarioErrors
from harness.scenario.result import Result
from harness.scenario.run import RunOptions, run_files
from tests.scenario.fakes import fake_phones, make_target

HEAD = "scenario: A story\nconfig: office\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a configuration `office` beside the scenarios."""
    (tmp_path / "office").mkdir()
    return tmp_path


@pytest.fixture
def write(folder: Path) -> Callable[..., Path]:
    """Write a scenario file; without `scenario:` in it, name and configuration are put before it."""

    def written(text: str, name: str = "story") -> Path:
        text = textwrap.dedent(text).lstrip("\n")
        path = folder / f"{name}.scenario.yaml"
        path.write_text(text if "scenario:" in text else HEAD + text, encoding="utf-8")
        return path

    return written


@pytest.fixture
def read(write: Callable[..., Path]) -> Callable[..., list[Scenario]]:
    """The scenarios of a text."""
    return lambda text: load(write(text), fake_phones, "story.scenario.yaml")


@pytest.fixture
def errors(read: Callable[..., list[Scenario]]) -> Callable[[str], list[str]]:
    """What is wrong with a text, each error as it is shown."""

    def found(text: str) -> list[str]:
        with pytest.raises(ScenarioErrors) as raised:
            read(text)
        return [str(error) for error in raised.value.errors]

    return found


@pytest.fixture
def tell(write: Callable[..., Path]) -> Callable[..., Result]:
    """Tell the one scenario of a text."""

    def told(text: str, **options: object) -> Result:
        run = run_files([write(text)], RunOptions(make_target, phones_of=fake_phones, **options))  # type: ignore[arg-type]
        assert not run.errors, run.errors
        assert len(run.results) == 1
        return run.results[0]

    return told
