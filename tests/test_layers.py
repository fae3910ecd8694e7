"""Imports run one way, and what must be without I/O is."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

GROUND = {"errors", "columns"}
MAY_IMPORT: dict[str, set[str]] = {
    **{part: set() for part in GROUND},
    "core": GROUND,
    "config": GROUND,
    "sip": GROUND,
    "bodies": GROUND,
    "net": GROUND | {"sip"},
    "dialplan": GROUND | {"core", "config"},
    "check": GROUND | {"config", "core", "dialplan"},
    "pbx": GROUND | {"core", "sip", "bodies", "config", "net", "dialplan"},
    "dpma": GROUND | {"config"},
    "phones": GROUND | {"sip", "bodies", "net"},
    "scenario": GROUND | {"core", "config", "sip", "net", "phones"},
    "targets": GROUND | {"core", "config", "sip", "net", "dialplan", "check", "pbx", "dpma", "phones", "scenario"},
    "report": GROUND | {"bodies", "net", "phones", "scenario"},
}
"""What each part may import, itself left out; it stands below those that may import it."""
ROW = re.compile(r"\| (?:\[)?`(?:\.\./)?(\w+)/`[^|]*\|[^|]*\|([^|]*)\|")
NAME = re.compile(r"`(\w+)`")
WITHOUT_IO = ("core", "sip", "bodies", "dialplan", "dpma")
FORBIDDEN_THERE = frozenset(("twisted", "socket", "asyncio", "threading", "time", "select", "subprocess", "sqlite3"))
MAY_IMPORT_THE_REACTOR = frozenset(
    ("harness/bench/baseline.py", "harness/targets/serving.py", "harness/scenario/realtime.py")
)


def part_of(path: Path) -> str:
    relative = path.relative_to(ROOT)
    return relative.parts[1].removesuffix(".py") if relative.parts[0] == "harness" else relative.parts[0]


def sources() -> list[Path]:
    return [path for top in ("harness", "phones") for path in sorted((ROOT / top).rglob("*.py"))]


def imported(path: Path) -> list[tuple[str, int]]:
    """Every module that a file names in an import, with the line; those for type checking only count as well."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append((node.module or "", node.lineno))
            found += [(f"{node.module}.{alias.name}", node.lineno) for alias in node.names]
    return found


def ours(module: str) -> str | None:
    names = module.split(".")
    if names[0] == "phones":
        return "phones"
    return names[1] if names[0] == "harness" and len(names) > 1 else None


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_from_the_layers_below_it(path: Path) -> None:
    """A part of the package imports itself and the parts that the design puts below it."""
    part = part_of(path)
    if part not in MAY_IMPORT:
        return  # what stands on top may import everything
    allowed = MAY_IMPORT[part] | {part}
    wrong = [f"line {line}: {name}" for name, line in imported(path) if ours(name) not in (None, *allowed)]
    assert not wrong


@pytest.mark.parametrize("part", WITHOUT_IO)
def test_no_input_or_output_below_the_network(part: str) -> None:
    """The core, SIP, bodies, dialplan and shim know no socket, no clock and no Twisted."""
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in sorted((ROOT / "harness" / part).rglob("*.py"))
        for name, line in imported(path)
        if name.split(".")[0] in FORBIDDEN_THERE
    ]
    assert not wrong


def test_only_the_network_carrier_knows_sip() -> None:
    """Clock, sockets and trace serve anything; one module ties them to SIP."""
    wrong = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "harness" / "net").rglob("*.py"))
        if path.name != "carrier.py" and any(ours(name) == "sip" for name, _ in imported(path))
    ]
    assert not wrong


def test_only_what_starts_the_program_imports_the_reactor() -> None:
    """A reactor is handed down; importing it would make it global."""
    wrong = [
        str(path.relative_to(ROOT))
        for path in sources()
        if str(path.relative_to(ROOT)) not in MAY_IMPORT_THE_REACTOR
        and any(name.startswith("twisted.internet.reactor") for name, _ in imported(path))
    ]
    assert not wrong


def test_no_part_is_below_itself() -> None:
    """The table goes from below to above, so nothing in it can lead back."""
    below: set[str] = set()
    for part, allowed in MAY_IMPORT.items():
        assert allowed <= below, part
        below.add(part)


def test_the_table_that_people_read_says_the_same() -> None:
    """harness/README.md names every folder that is there, each with what it may import, from below to above."""
    there = {part_of(path) for path in sources() if path.parent != ROOT / "harness"}
    rows = [ROW.match(line) for line in (ROOT / "harness" / "README.md").read_text("utf-8").split("\n")]
    told = {row[1]: set(NAME.findall(row[2])) & there for row in rows if row is not None}
    layers = {part: allowed & there for part, allowed in MAY_IMPORT.items() if part in there}
    assert set(told) == there
    assert [(part, allowed) for part, allowed in told.items() if part in layers] == list(layers.items())


def test_every_part_of_the_package_has_its_place() -> None:
    """A new folder must be put into the table of layers."""
    on_top = {"bench", "cli", "explain", "web", "__init__", "__main__"}
    parts = {part_of(path) for path in sources()}
    assert parts - on_top - GROUND <= set(MAY_IMPORT)


def test_the_top_of_the_project_holds_what_it_should() -> None:
    """Beyond hidden files, the seven names of the project, a licence and a Makefile."""
    folders = {"harness", "phones", "scenarios", "tests", "reports"}
    allowed = folders | {"pyproject.toml", "README.md", "LICENSE", "Makefile"}
    made = {"build", "dist"}
    names = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    found = {name for name in names if not name.endswith(".egg-info")}
    assert found - made <= allowed
