"""The phones' screens, found again from a trace, and how long changes took to reach them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.net.world import World
from harness.report import looks
from harness.report.looks import Change, changes, lines
from harness.report.passages import Passage, Spread, passages, percentile, spreads
from harness.report.screens import Screens
from harness.scenario.result import ShownEvent, shown_events
from harness.scenario.run import RunOptions, run_files
from harness.targets.factory import make_embedded
from tests.report.stories import event, over
from tests.shipped.telling import FILES


@pytest.mark.parametrize("name", FILES)
def test_what_a_trace_tells_is_what_the_phones_show(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the last step of each shipped scenario, with keys, lines, statuses and names."""
    told: list[tuple[dict[str, object], World]] = []
    stop = "harness.targets.embedded.EmbeddedTarget.stop"

    async def noting(self: object) -> None:
        shown = {phone.name: phone.screen.snapshot() for phone in self.phones.values()}  # type: ignore[attr-defined]
        told.append((shown, list(shown_events(self.world.trace))))  # type: ignore[attr-defined, arg-type]
        await stopped(self)

    from harness.targets.embedded import EmbeddedTarget

    stopped = EmbeddedTarget.stop
    monkeypatch.setattr(stop, noting)
    run_files([FILES[name]], RunOptions(make_embedded))
    assert told
    for shown, events in told:
        found = looks.after(events, Screens(), {})  # type: ignore[arg-type]
        assert found == shown


ON = event("note", "desk", "", {"what": "switched on", "screen": {"title": "desk", "status": {}, "lines": {},
                                                                  "contacts": {"2000": {"id": "2000", "name": "Bob"}}}})
LIT = {"key": "2000", "place": "main:1", "colour": "red", "state": "fast", "ring": True}
SEEN = event("screen", "desk", "", {"contact": "2000", "presence": "away", "subtype": "Lunch", "message": "",
                                    "lamp": "ringing", "keys": [LIT]})  # fmt: skip


def test_changes_are_told_line_by_line() -> None:
    """Before and after, by whose line it is; what was before is left as it was."""
    screens = Screens()
    before = looks.after([ON], screens, {})
    after = looks.after([SEEN], screens, before)
    assert changes(before["desk"], after["desk"]) == [Change("Bob (2000)", "–", "Away / Lunch, ringing")]
    assert changes(before["desk"], before["desk"]) == []
    assert [line.sign for line in lines(after["desk"])] == ["", "ringing"]


def test_a_phone_that_is_off_shows_nothing() -> None:
    """Coming and going are changes."""
    screens = Screens()
    there = looks.after([ON], screens, {})
    gone = looks.after([event("note", "desk", "", {"what": "plug pulled"})], screens, there)
    assert gone == {}
    assert changes(there["desk"], gone.get("desk")) == [Change("the phone", "on", "off")]


def test_lines_status_keys_and_calls_are_on_the_screen() -> None:
    """What each line of it says."""
    screen = {
        "status": {"status": "dnd", "substatus": "Busy", "message": "x"}, "lines": {"2000": "registered"},
        "calls": [{"number": "2001", "name": "Ann", "direction": "in", "state": "ringing"}, {"state": "ended"}],
        "mailboxes": {"100": {"new": 2, "old": 1}},
        "keys": [{"place": "main:1", "label": "Bob", "colour": "red", "state": "on"},
                 {"place": "main:2", "colour": ""}],
    }  # fmt: skip
    assert [(line.who, line.shown) for line in lines(screen)] == [
        ("Me", "Do not disturb / Busy “x”"), ("line 2000", "registered"), ("call in", "Ann 2001, ringing"),
        ("mailbox 100", "2 new, 1 old"),
        ("key main:1", "Bob: red on"),
    ]  # fmt: skip


NAMES = ["what", "screen", "contact", "contacts", "keys", "lines", "line", "place", "status", "calls", "changed",
         "call", "mailbox", "mailboxes", "state"]


@given(st.recursive(
    st.one_of(st.none(), st.integers(), st.text(max_size=4)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner)),
    max_leaves=12,
), st.sampled_from(["note", "screen"]))  # fmt: skip
def test_no_payload_breaks_the_reading(payload: object, hop: str) -> None:
    """A trace may come from anywhere."""
    known = {"what": "phonebook", "contact": "2000", **(payload if isinstance(payload, dict) else {})}
    events = [ON._replace(source="a"), event(hop, "a", "", payload), event(hop, "a", "", known), SEEN]
    found = looks.after([each._replace(source="a") for each in events], Screens(), {})
    for screen in found.values():
        list(lines(screen))
    passages([event(hop, "a", "", known)])


# how long it took


def seen(seq: int, time: float, cause: int, *fields: str, keys: bool = False) -> ShownEvent:
    """Something changes on a screen."""
    said = {"contact": "2000", "changed": [{"field": name} for name in fields], "keys": [LIT] if keys else []}
    return event("screen", "desk", "", said, seq, time, cause)


ACTING = event("step", "scenario", "scenario", {"index": 1, "acts": True, "text": "set_device"}, 1, 1.0)
ASKING = event("step", "scenario", "scenario", {"index": 2, "acts": False, "text": "expect"}, 2, 1.0)
PRESS = event("press", "bob", "", {}, 3, 2.0)
SENT = event("sip", "bob", "server", "MESSAGE", 4, 2.0, 3)


def test_passages_run_from_the_press_or_the_acting_step_to_each_change() -> None:
    """Presence and lamp apart; what only asks, or led nowhere, is no beginning."""
    events = [
        ACTING, ASKING, PRESS, SENT, seen(5, 2.004, 4, "presence", "lamp"), seen(6, 2.005, 1, "subtype"),
        seen(7, 2.006, 2, "presence"), seen(8, 2.007, 4), seen(9, 2.008, 99, "presence"), seen(10, 2.009, 4, keys=True),
    ]  # fmt: skip
    found = [each._replace(seconds=round(each.seconds, 6)) for each in passages(events)]
    assert found == [
        Passage("press", "presence", 0.004), Passage("press", "lamp", 0.004), Passage("step", "presence", 1.005),
        Passage("press", "lamp", 0.009),
    ]  # fmt: skip


def test_what_comes_after_the_last_step_does_not_count() -> None:
    """Phones that are switched off tell the others."""
    assert len(passages([PRESS, seen(4, 2.1, 3, "lamp"), over(5, 1, "passed", 2.2), seen(6, 9.0, 3, "lamp")])) == 1


def test_spreads_are_percentiles_by_nearest_rank() -> None:
    """p50, p95 and the longest of each kind."""
    found = [Passage("press", "lamp", float(number)) for number in range(1, 101)] + [Passage("step", "lamp", 7.0)]
    assert spreads(found) == [Spread("press", "lamp", 100, 50.0, 95.0, 100.0), Spread("step", "lamp", 1, 7.0, 7.0, 7.0)]


@given(st.lists(st.floats(0, 100), min_size=1), st.integers(1, 100))
def test_a_percentile_is_the_smallest_that_is_enough(values: list[float], percent: int) -> None:
    """At least that part of the values does not exceed it, and a smaller one would not do."""
    found = percentile(values, percent)
    assert sum(value <= found for value in values) * 100 >= percent * len(values)
    assert sum(value < found for value in values) * 100 < percent * len(values)
