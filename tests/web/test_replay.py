"""A trace on the page: every screen at any place of it, from the trace alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.task import Clock

from harness.cli import main, shipped
from harness.errors import InputError
from harness.scenario.run import RunOptions, run_files
from harness.targets.embedded import EmbeddedTarget
from harness.targets.factory import make_embedded
from harness.web.change import Change, grown
from harness.web.picture import picture_of
from harness.web.replay import Replay
from tests.shipped.telling import FILES


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the scenario with two watchers."""
    report = tmp_path_factory.mktemp("report")
    assert main(["run", str(shipped() / "presence"), "--only", "08-two", "--report", str(report)]) == 0
    (found,) = report.glob("traces/**/*.jsonl")
    return found


@pytest.fixture
def replay(trace: Path) -> Replay:
    """At the end of the last step, as it opens."""
    return Replay(trace, Clock())


def presence(replay: Replay, phone: str) -> str:
    """What a phone shows of bob, '' where it shows nothing."""
    contacts: dict[str, Any] = replay.pictures()[phone]()["contacts"]
    return str(contacts["2000"]["presence"]) if "2000" in contacts else ""


def test_it_opens_where_the_story_ends(replay: Replay) -> None:
    """The phones are still on, and show what the scenario expected."""
    assert set(replay.pictures()) == {"reception", "bob", "carol"}
    assert presence(replay, "reception") == presence(replay, "carol") == "away"
    drawn = replay.pictures()["bob"]()
    assert (drawn["own"]["status"], drawn["model"], drawn["on"]) == ("away", "D65", True)
    assert [step["verdict"] for step in replay.standing()["steps"]] == ["passed", "passed"]


def test_every_place_can_be_sought(replay: Replay) -> None:
    """Before anything nobody has power; what is seen changes once, and never back before the end."""
    count = replay.standing()["replay"]["count"]
    seen = []
    for place in range(0, count + 1, 5):
        replay.perform("seek", {"seq": place})
        assert replay.standing()["replay"]["place"] == place
        seen.append(presence(replay, "carol"))
    replay.perform("seek", {"seq": 0})
    assert not any(draw()["on"] for draw in replay.pictures().values())
    assert [each for each, before in zip(seen, [None, *seen], strict=False) if each != before] == ["", "away", ""]
    replay.perform("seek", {"seq": 10**9})
    assert replay.standing()["replay"]["place"] == count


def test_the_ladder_is_that_of_the_place(replay: Replay) -> None:
    """It ends with what had happened until then."""
    step = replay.standing()["steps"][0]
    replay.perform("seek", {"seq": step["begins"]})
    assert len(grown(Change(replay.trace), replay.trace.events).rows) == 1
    replay.perform("seek", {"seq": replay.standing()["steps"][1]["ends"]})
    assert grown(Change(replay.trace), replay.trace.events).summary["seen"] == 2


def test_it_plays_the_story_and_stops_where_it_ends(trace: Path) -> None:
    """From the first step; each instant at its time; stopped, it stays; the phones are on all the time."""
    clock = Clock()
    replay = Replay(trace, clock)
    replay.perform("play", {"on": True})
    told = replay.standing()
    assert told["replay"]["playing"]
    assert told["replay"]["place"] == told["replay"]["start"] == told["steps"][0]["begins"] - 1
    assert presence(replay, "carol") == ""
    clock.advance(0.0)
    first = replay.standing()["replay"]["place"]
    assert first > told["replay"]["start"]
    replay.perform("play", {"on": False})
    clock.advance(5.0)
    assert replay.standing()["replay"]["place"] == first
    replay.perform("play", {"on": True})
    seen = set()
    for _ in range(100):
        clock.advance(0.05)
        seen.add(presence(replay, "carol"))
        assert all(draw()["on"] for draw in replay.pictures().values())
    assert seen == {"", "away"}
    now = replay.standing()["replay"]
    assert (now["place"], now["playing"]) == (told["steps"][-1]["ends"], False)


def test_what_comes_after_the_story_is_played_where_it_is_sought(trace: Path) -> None:
    """To the end, where the phones are off; from there it starts over."""
    clock = Clock()
    replay = Replay(trace, clock)
    replay.seek(replay.standing()["steps"][-1]["ends"] + 1)
    replay.perform("play", {"on": True})
    for _ in range(400):
        clock.advance(0.05)
    now = replay.standing()["replay"]
    assert (now["place"], now["playing"]) == (now["count"], False)
    assert not any(draw()["on"] for draw in replay.pictures().values())
    replay.perform("play", {"on": True})
    assert replay.standing()["replay"]["place"] == now["start"]


def test_slow_motion_is_slower(trace: Path) -> None:
    """A hop of a millisecond takes half a second."""
    places = []
    for slow in (False, True):
        clock = Clock()
        replay = Replay(trace, clock)
        replay.perform("slow", {"on": slow})
        replay.perform("play", {"on": True})
        clock.advance(0.0)
        clock.advance(0.06)
        places.append(replay.standing()["replay"]["place"])
    assert replay.standing()["replay"]["slow"]
    assert places[1] < places[0]


@pytest.mark.parametrize("name", FILES)
def test_what_has_no_subscription_says_why_as_it_does_live(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the last step of each shipped scenario."""
    live: list[tuple[int, dict[str, Any]]] = []
    stopped = EmbeddedTarget.stop

    async def noting(self: EmbeddedTarget) -> None:
        dark = {name: picture_of(phone)["dark"] for name, phone in self.phones.items()}
        live.append((self.world.trace.last_seq, dark))
        await stopped(self)

    monkeypatch.setattr(EmbeddedTarget, "stop", noting)
    told = run_files([FILES[name]], RunOptions(make_embedded, report_dir=tmp_path))
    for result, (place, dark) in zip(told.results, live, strict=True):
        replay = Replay(Path(result.trace_file), Clock())
        replay.seek(place)
        assert {name: draw()["dark"] for name, draw in replay.pictures().items()} == dark


def test_a_trace_with_holes_is_refused(trace: Path, tmp_path: Path) -> None:
    """With its line."""
    lines = trace.read_text("utf-8").splitlines()
    (tmp_path / "holes.jsonl").write_text("\n".join([*lines[:3], *lines[5:]]), "utf-8")
    with pytest.raises(InputError, match=r"holes\.jsonl:4: "):
        Replay(tmp_path / "holes.jsonl", Clock())


def test_a_hostile_trace_does_no_harm(tmp_path: Path) -> None:
    """Values of any form where the page expects others."""
    hostile: list[Any] = [
        {"what": "switched on", "screen": {"title": ["x"], "status": {}, "lines": {}, "contacts": {}, "keys": []}},
        {"what": "switched on", "screen": []},
        {"what": "line ", "line": {}},
        {"contact": "a", "presence": {"b": 1}, "changed": 5},
        {"contact": {"a": 1}},
        {"call": [1], "keys": [{"place": 1}, {"key": None}]},
        {"mailbox": "x", "new": "many"},
        "text", None, 5, [], {"verdict": 1}, {"status": 1},
    ]  # fmt: skip
    hops = ("note", "screen", "press", "step", "sip", "lost", "?")
    told = [(hop, payload) for payload in hostile for hop in hops]
    plain = {"cause": None, "source": "bob", "destination": "", "transport": ""}
    lines = [
        {**plain, "seq": seq, "time": seq / 10, "hop": hop, "payload": payload}
        for seq, (hop, payload) in enumerate(told, 1)
    ]
    (tmp_path / "hostile.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    replay = Replay(tmp_path / "hostile.jsonl", Clock())
    for place in range(len(lines) + 1):
        replay.perform("seek", {"seq": place})
        json.dumps([replay.pictures()["bob"](), replay.standing()])
        change = grown(Change(replay.trace), replay.trace.events)
        json.dumps([change.summary, change.rows])
