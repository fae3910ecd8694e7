"""What a real Asterisk answered, `serve` answers: every recorded story, and the database that Asterisk wrote."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.net.world import World
from harness.pbx.astdb import FILE_NAME
from tests.golden.replay import Replay, Stage, difference, tell

HERE = Path(__file__).parent
SHARED = HERE.parents[2] / "shared" / "golden"
DATABASE = HERE / "astdb.sqlite3"
RECORDED = HERE / "asterisk-22.10.1"
REPLAY_LIMIT_S = 10.0
"""Seconds of processor time for all stories together; a process that tells some of them has its share of that."""
NOT_YET: dict[str, str] = {}
"""What cannot be met yet: a file of cases or `file: name` of one, and why."""


def stories() -> list[Any]:
    found = []
    for path in sorted((HERE / "cases").glob("*.yaml")):
        for case in yaml.safe_load(path.read_text()):
            name = f"{path.stem}: {case['name']}"
            reason = NOT_YET.get(path.stem) or NOT_YET.get(name)
            marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
            found.append(pytest.param(path.stem, case, id=name, marks=marks))
    return found


STORIES = stories()


@pytest.fixture(scope="module")
def stopwatch() -> Iterator[list[float]]:
    """Takes the processor time of each story that this process tells: others may use the machine as well."""
    spent: list[float] = []
    yield spent
    assert sum(spent) <= REPLAY_LIMIT_S * len(spent) / len(STORIES)


@pytest.mark.parametrize(("file", "case"), STORIES)
def test_the_same_steps_get_the_same_answers(file: str, case: dict[str, Any], stopwatch: list[float]) -> None:
    """What came back at each step is what came back from Asterisk."""
    recorded = json.loads((RECORDED / f"{file}.json").read_text())[case["name"]]
    begin = time.process_time()
    notes = tell(Replay(Stage(HERE / "etc")), case)
    stopwatch.append(time.process_time() - begin)
    if differs := difference(recorded, notes):
        pytest.fail(f"{file}: {case['name']}\n{differs}", pytrace=False)


def test_a_difference_is_shown_line_by_line() -> None:
    """What was recorded and did not come, and what came instead."""
    shown = difference([{"step": "cli", "answer": ["a", "b"]}], [{"step": "cli", "answer": ["a", "c"]}])
    assert [line for line in shown.splitlines() if line.startswith(("-", "+"))] == [
        "--- recorded", "+++ replayed", '-   "b"', '+   "c"',
    ]  # fmt: skip


# the copies


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/golden is not here")
@pytest.mark.parametrize("folder", ["cases", "etc", "asterisk-22.10.1"])
def test_the_copies_are_the_recordings(folder: str) -> None:
    """Cases, configuration and answers are those of ../shared/golden, byte for byte, none more and none less."""
    assert files_below(HERE / folder) == files_below(SHARED / folder)


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/golden is not here")
def test_the_copied_database_is_the_recorded_one() -> None:
    """So is the database."""
    assert DATABASE.read_bytes() == (SHARED / DATABASE.name).read_bytes()


def test_every_case_has_its_recording_and_every_exception_its_case() -> None:
    """Nothing is recorded that is not replayed, and `NOT_YET` names only what there is."""
    names = set()
    for path in (HERE / "cases").glob("*.yaml"):
        cases = [case["name"] for case in yaml.safe_load(path.read_text())]
        assert sorted(json.loads((RECORDED / f"{path.stem}.json").read_text())) == sorted(cases)
        names |= {path.stem, *(f"{path.stem}: {case}" for case in cases)}
    assert {path.stem for path in RECORDED.glob("*.json")} == {path.stem for path in (HERE / "cases").glob("*.yaml")}
    assert set(NOT_YET) <= names


# the database


def test_the_database_of_asterisk_opens_and_shows_its_states(tmp_path: Path) -> None:
    """States, devices and entries that Asterisk stored are listed; texts in base64 are decoded where they are told."""
    tmp_path.joinpath(FILE_NAME).write_bytes(DATABASE.read_bytes())
    replay = Replay(Stage(HERE / "etc", tmp_path))
    states = {"steps": [{"ami": {"Action": "PresenceStateList"}}, {"cli": "presencestate list"}]}
    entries = {"steps": [{"cli": "devstate list"}, {"cli": "database get family deep/key"}]}
    listed, printed, devices, entry = (
        note["answer"] for note in tell(replay, {"steps": [*states["steps"], *entries["steps"]]})
    )
    assert [packet[1:] for packet in listed[1:-1]] == [
        ["Presentity: CustomPresence:2000", "Status: xa", "Subtype: On vacation", "Message: See you, next week"],
        ["Presentity: CustomPresence:Bob", "Status: away", "Subtype: at home", "Message: Sick with the flu"],
    ]
    stored = [line.partition("'")[2].removesuffix("'") for line in printed if "--- Name" in line or "--- State" in line]
    assert stored == ["CustomPresence:2000", "xa", "CustomPresence:2001", "not_set", "CustomPresence:Bob", "away"]
    assert "Output: --- Name: 'Custom:lamp'  State: 'INUSE'" in devices
    assert entry[2:] == ["Output: Value: value with spaces"]


WRITING = """
- ami: {Action: Setvar, Variable: "PRESENCE_STATE(CustomPresence:Bob)", Value: "away,at home,Sick with the flu"}
- ami:
    Action: Setvar
    Variable: "PRESENCE_STATE(CustomPresence:2000)"
    Value: "xa,T24gdmFjYXRpb24=,U2VlIHlvdSwgbmV4dCB3ZWVr,e"
- ami: {Action: Setvar, Variable: "PRESENCE_STATE(CustomPresence:2001)", Value: "not_set"}
- ami: {Action: Setvar, Variable: "DEVICE_STATE(Custom:lamp)", Value: "INUSE"}
- cli: database put family deep/key "value with spaces"
- register: {user: "2000"}
- subscribe: {id: w, to: "2000", expires: 3000}
"""
"""What was done to the Asterisk that wrote `astdb.sqlite3`."""


def database(path: Path) -> tuple[list[Any], list[tuple[str, Any]]]:
    """Schema and rows; what differs from run to run becomes a token."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        schema = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name").fetchall()
        rows = connection.execute(
            "SELECT key, value, typeof(key), typeof(value) FROM astdb ORDER BY substr(key, 1, 40)"
        ).fetchall()
    return schema, [(_same(key), *(_same(text) for text in rest)) for key, *rest in rows]


def _same(text: str) -> Any:
    if text.startswith("{"):
        return [(name, "<tag>" if name == "tag" else _same(value)) for name, value in json.loads(text).items()]
    text = re.sub(r"127\.0\.0\.1:\d+", "<place>", text)
    text = re.sub(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "<uuid>", text)
    text = re.sub(r"\b(z9hG4bK)?([0-9a-f]{32}|[0-9a-f]{8})\b", r"\1<id>", text)
    return re.sub(r"^\d{2,}$", "<number>", text)


def test_a_database_of_ours_is_like_one_of_asterisk(tmp_path: Path) -> None:
    """The same commands leave the same rows in the same table: states, devices, entries, contacts, subscriptions."""

    replay = Replay(Stage(HERE / "etc", tmp_path))

    async def story(_world: World) -> None:
        await replay.start()
        for step in yaml.safe_load(WRITING):
            await replay.step(step)
        replay.close()
        await replay.stage.stop()

    replay.world.run(story)
    if differs := difference(database(DATABASE), database(tmp_path / FILE_NAME)):
        pytest.fail(differs, pytrace=False)
