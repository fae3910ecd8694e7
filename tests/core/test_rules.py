"""Every rule of the behaviour text is held by a test that names it."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path

HERE = Path(__file__).parent


def _listed() -> tuple[dict[str, str], dict[str, str]]:
    spec = importlib.util.spec_from_file_location("core_rules", HERE / "rules.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.RULES, module.ELSEWHERE


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


def test_every_rule_has_a_test() -> None:
    """A rule of the list that no test names is a gap."""
    rules, _ = _listed()
    assert sorted(set(rules) - set(_held())) == []


def test_every_named_rule_is_listed() -> None:
    """A test that names a rule which does not exist holds nothing."""
    rules, elsewhere = _listed()
    held = _held()
    assert {number: held[number] for number in sorted(set(held) - set(rules))} == {}
    assert not set(rules) & set(elsewhere)
