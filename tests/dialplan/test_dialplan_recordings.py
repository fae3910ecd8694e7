"""The recordings of the case `dialplan`: the same calls give the same events, and the plan reads the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.dialplan.contexts import HINT, Context, Extension

GOLDEN = next(
    (
        place
        for place in (Path(__file__).parents[1] / "golden", Path(__file__).parents[3] / "shared" / "golden")
        if place.is_dir()
    ),
    None,
)

pytestmark = pytest.mark.skipif(GOLDEN is None, reason="the recordings are not here")

TOLD = ("UserEvent", "Newexten", "Hangup")


def recording() -> tuple[list[dict[str, Any]], dict[str, Any]]:
    assert GOLDEN is not None
    cases = yaml.safe_load((GOLDEN / "cases" / "dialplan.yaml").read_text())
    return cases, json.loads((GOLDEN / "asterisk-22.10.1" / "dialplan.json").read_text())


def test_calls_do_what_the_recorded_ones_did(desk: Any) -> None:
    """All dial steps of all cases, with the writes between them (D01, D06 and others)."""
    assert GOLDEN is not None
    cases, recorded = recording()
    compared = 0
    for case in cases:
        made = desk((GOLDEN / "etc" / "extensions.conf").read_text())
        for step, answer in zip(case["steps"], recorded[case["name"]], strict=True):
            ((verb, what),) = step.items()
            if verb == "ami" and what["Action"] == "Setvar":
                assert made.plan.set_variable(what["Variable"], what["Value"])
            if verb != "dial" or not made.plan.exists(what["context"], what["exten"]):
                continue
            del made.events[:]
            made.call(what["exten"], what["context"])
            wanted = [
                event
                for event in answer.get("events", [])
                if event[0].removeprefix("Event: ") in TOLD and event[1].endswith(";2")
            ]
            kinds = {event[0].removeprefix("Event: ") for event in wanted}
            got = [_told(event, fields, _kept(wanted, event)) for event, fields in made.events if event in kinds]
            assert sorted(map(_bare, got)) == sorted(map(_bare, wanted))
            compared += len(wanted)
    assert compared >= 29


def _kept(wanted: list[list[str]], event: str) -> set[str]:
    """The headers that the recorder kept of such an event."""
    return {line.partition(":")[0] for row in wanted if row[0] == f"Event: {event}" for line in row}


def _told(event: str, fields: dict[str, str], kept: set[str]) -> list[str]:
    return [f"Event: {event}", *(f"{name}: {value}" for name, value in fields.items() if name in kept)]


def _bare(event: list[str]) -> list[str]:
    return [line for line in event if not line.startswith("Channel: ")]


def shown(context: Context) -> list[str]:
    """`dialplan show <context>` as the recording has it, from what the plan keeps."""
    lines = [f"[ Context '{context.name}' created by '{context.registrar}' ]"]
    for extension in context.extensions:
        lines += _extension(extension)
    lines += [f"  Include =>        {row.text!r:<45} [{row.registrar}]" for row in context.includes]
    count = sum(len(extension.priorities) for extension in context.extensions)
    return [*lines, "", f"-= {len(context.extensions)} extensions ({count} priorities) in 1 context. =-"]


def _extension(extension: Extension) -> list[str]:
    lines = []
    for at, line in enumerate(extension.priorities.values()):
        head = f"'{extension.name}' =>" if at == 0 else (f"   [{line.label}]" if line.label else "")
        what = f"hint: {line.app}" if line.number == HINT else f"{line.number}. {line.app}({line.args})"
        lines.append(f"  {head:<17} {what:<45} [{line.where}]")
    return lines


@pytest.mark.parametrize(("case", "context"), [("what was read", "demo"), ("the page's dialplan as it stands", "page")])
def test_the_plan_reads_as_asterisk_shows_it(desk: Any, case: str, context: str) -> None:
    """Labels, file and line, the missing application; everything that `dialplan show` needs is kept."""
    assert GOLDEN is not None
    made = desk((GOLDEN / "etc" / "extensions.conf").read_text())
    answer = [step for step in recording()[1][case] if step["step"] == "cli"][-1]["answer"]
    output = [line.removeprefix("Output: ") for line in answer[2:]]
    assert shown(made.plan.context(context)) == output


def test_the_last_context_made_is_shown_first(desk: Any) -> None:
    """As Asterisk keeps its list."""
    made = desk("[a]\nexten => 1,1,NoOp()\n[b]\nexten => 1,1,NoOp()")
    assert [context.name for context in made.plan.shown_contexts()] == ["b", "a"]
    assert [context.name for context in made.plan.contexts()] == ["a", "b"]
