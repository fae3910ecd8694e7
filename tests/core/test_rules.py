"""Every rule of the behaviour text is held by a test that names it."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parent
TEXT = HERE.parents[2] / "shared" / "reference" / "asterisk-behaviour.md"
"""The behaviour text, where it is beside the project."""
PART = re.compile(r"# (\d+)\. ")
SECTION = re.compile(r"## (\d+\.\d+) ")
ITEM = re.compile(r"(\d+)\. ")
BULLET = re.compile(r" {0,2}\* ")


def _rules() -> ModuleType:
    spec = importlib.util.spec_from_file_location("core_rules", HERE / "rules.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


LISTED = _rules()
ALL = {**LISTED.RULES, **LISTED.ELSEWHERE, **LISTED.NOTHING_TO_HOLD}


def _numbers(decorator: ast.expr) -> list[str]:
    if not (isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.rule"):
        return []
    return [ast.literal_eval(argument) for argument in decorator.args]


def _held() -> dict[str, list[str]]:
    """Rule to tests, read from the sources, so that it does not matter which tests are selected."""
    held: dict[str, list[str]] = {}
    for path in sorted(HERE.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for number in (number for decorator in node.decorator_list for number in _numbers(decorator)):
                    held.setdefault(number, []).append(f"{path.name}:{node.name}")
    return held


def _tests_of(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef)}


def _written() -> dict[str, int]:
    """The sections 1 to 3 of the behaviour text and their numbered items, with how many bullets each section has."""
    found: dict[str, int] = {}
    part = section = ""
    for line in TEXT.read_text(encoding="utf-8").split("\n"):
        if heading := PART.match(line):
            part, section = heading[1], ""
        elif part not in ("1", "2", "3"):
            continue
        elif heading := SECTION.match(line):
            section = heading[1]
            found[section] = 0
        elif item := ITEM.match(line):
            found[f"{section}.{item[1]}"] = 0
        elif BULLET.match(line):
            found[section] += 1
    return found


def _number(rule: str) -> str:
    """`1.3` of `1.3-notset`."""
    return rule.partition("-")[0]


def test_every_rule_has_a_test() -> None:
    """A rule of the list that no test names is a gap."""
    assert sorted(set(LISTED.RULES) - set(_held())) == []


def test_every_named_rule_is_listed() -> None:
    """A test that names a rule which does not exist holds nothing, and each rule stands in one list."""
    held = _held()
    assert {number: held[number] for number in sorted(set(held) - set(LISTED.RULES))} == {}
    assert len(ALL) == len(LISTED.RULES) + len(LISTED.ELSEWHERE) + len(LISTED.NOTHING_TO_HOLD)


@pytest.mark.parametrize("rule", LISTED.ELSEWHERE)
def test_a_rule_that_is_held_elsewhere_names_a_test_that_is_there(rule: str) -> None:
    """File and function."""
    file, _, name = LISTED.ELSEWHERE[rule][1].partition("::")
    assert name.startswith("test_")
    assert name in _tests_of(HERE.parent / file)


@pytest.mark.skipif(not TEXT.is_file(), reason="../shared/reference is not here")
def test_the_list_has_every_number_of_the_text_and_no_other() -> None:
    """A section or a numbered item that is added to the behaviour text has to be listed, and so has each bullet."""
    written = _written()
    items = {number for number in written if number.count(".") == 2}
    sections = set(written) - items
    assert len(sections) > 20
    listed = {_number(rule) for rule in ALL}
    assert listed <= set(written)
    assert items <= listed
    assert {number for number in sections if not any((f"{rule}.").startswith(f"{number}.") for rule in listed)} == set()
    counted = Counter(".".join(_number(rule).split(".")[:2]) for rule in ALL)
    assert {number: written[number] for number in sections if counted[number] < written[number]} == {}
