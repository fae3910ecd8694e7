"""The ladder as rows, as SVG and as Mermaid."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from harness.report import mermaid, svg
from harness.report.rows import MAX_PHONES, Row, step_that_failed, story
from harness.scenario.result import ShownEvent
from tests.report.stories import HOSTILE, ROAD, event, over, step

SVG = "{http://www.w3.org/2000/svg}"


def rows(events: list[ShownEvent]) -> list[Row]:
    """All rows of a trace."""
    return [row for act in story(events).acts for row in act.rows]


def texts(picture: str) -> list[str]:
    """All text that a picture shows."""
    return [each.text or "" for each in ElementTree.fromstring(picture).iter(f"{SVG}text")]


def test_lanes_are_phones_then_server_shim_and_core() -> None:
    """From left to right as a change travels."""
    drawn = story(ROAD)
    assert drawn.lanes == ("bob", "reception", "server", "dpma", "core")
    assert drawn.phones == 2


def test_acts_hold_what_happened_in_each_step() -> None:
    """Before the first, in each with its verdict, after the last."""
    acts = story(ROAD).acts
    assert [(act.index, act.verdict, len(act.rows)) for act in acts] == [
        (0, "", 2), (1, "passed", 2), (2, "failed", 5), (-1, "", 1)
    ]  # fmt: skip
    assert acts[2].why == "it did not come within 500 ms"
    assert (acts[2].began, acts[2].ended) == (0.01, 0.511)
    assert step_that_failed(ROAD) == 8
    assert step_that_failed(ROAD[:8]) == 0


def test_a_message_is_one_row_with_the_time_of_its_arrival() -> None:
    """What was lost says why, and what came twice is there twice."""
    told = {row.event.seq: row for row in rows(ROAD)}
    assert (told[1].kind, told[1].arrived, told[1].label) == ("request", 0.001, "REGISTER 2000")
    assert told[3].kind == "challenge"
    assert (told[13].kind, told[13].why, told[13].arrived) == ("lost", "taken by the network", None)
    assert 14 not in told


def test_a_copy_that_is_lost_has_a_row_of_its_own() -> None:
    """The network may double a datagram and lose one of the two."""
    twice = [*ROAD[:2], event("lost", "bob", "server", {"why": "gone", "data": "REGISTER x"}, 3, 0.002, 1)]
    assert [(row.event.seq, row.kind) for row in rows(twice)] == [(1, "request"), (3, "lost")]


def test_what_a_server_elsewhere_sent_is_drawn_when_it_arrives() -> None:
    """Nobody saw it leave."""
    foreign = event("arrived", "asterisk", "bob", "SIP/2.0 200 OK\r\nCSeq: 1 REGISTER\r\n\r\n", 2, 0.5, 0)
    drawn = story([event("press", "bob", "", {}, 1), foreign])
    assert drawn.lanes == ("bob", "asterisk")
    (_, row) = drawn.acts[0].rows
    assert (row.kind, row.at, row.to, row.arrived) == ("success", 1, 0, 0.5)


def test_the_road_within_the_server_goes_from_lane_to_lane() -> None:
    """From the server to the shim, from the shim to the core."""
    told = {row.event.hop: (row.at, row.to) for row in rows(ROAD)}
    assert (told["dpma"], told["core"], told["hint"]) == ((2, 3), (3, 4), (4, 4))


def test_many_phones_share_a_lane() -> None:
    """The busy ones keep their own."""
    asked = "OPTIONS sip:s SIP/2.0\r\n\r\n"
    many = [event("sip", f"phone{number}", "server", asked, number) for number in range(1, 200)]
    drawn = story([*many, event("press", "phone150", "", {}, 200)])
    assert drawn.lanes[0] == "phone150"
    assert drawn.lanes[MAX_PHONES:] == (f"{199 - MAX_PHONES} others", "server")
    assert {row.at for row in drawn.acts[0].rows} == set(range(MAX_PHONES + 1))


def test_a_silent_phone_can_have_a_lane() -> None:
    """The one that was watched."""
    assert "carol" in story(ROAD, also=["carol", ""]).lanes


def test_the_picture_tells_names_times_steps_and_the_failure() -> None:
    """To the microsecond, with the message's text where the pointer rests."""
    picture = svg.picture(story(ROAD))
    told = texts(picture)
    for part in ("bob", "server", "0.011000", "1. status: {phone: bob, set: away}", "presses away / Lunch",
                 "failed: it did not come within 500 ms", "NOTIFY of 2000 (taken by the network)", "afterwards",
                 "accepted CustomPresence:2000=away,,"):  # fmt: skip
        assert part in told
    titles = [each.text for each in ElementTree.fromstring(picture).iter(f"{SVG}title")]
    assert "SIP/2.0 401 Unauthorized\nCSeq: 1 REGISTER\n\n" in titles


def test_nothing_hostile_leaves_its_text() -> None:
    """Names, messages and reasons are text in the picture, whatever they are."""
    for text in HOSTILE:
        events = [step(1, 1, text), event("sip", text, "server", f"NOTIFY sip:{text} SIP/2.0\r\n\r\n{text}", 2),
                  event("note", text, "", {"what": text}, 3), over(4, 1, "failed", 1.0, text)]  # fmt: skip
        picture = svg.picture(story(events))
        picture.encode("utf-8")
        root = ElementTree.fromstring(picture)
        assert {each.tag.removeprefix(SVG) for each in root.iter()} <= {
            "svg", "style", "rect", "text", "g", "path", "title", "circle"
        }  # fmt: skip


@given(st.lists(st.builds(
    ShownEvent, st.integers(1, 30), st.integers(0, 30), st.floats(0, 1e6), st.sampled_from(
        ["sip", "arrived", "lost", "step", "note", "press", "screen", "core", "hint", "dpma", "ami", "pbx", "new"]),
    st.sampled_from(["a", "b", "server", ""]), st.sampled_from(["a", "server", ""]), st.just("UDP"),
    st.one_of(st.none(), st.text(), st.dictionaries(
        st.sampled_from(["index", "verdict", "text", "what", "contact"]), st.one_of(st.integers(), st.text())))),
    max_size=12))  # fmt: skip
def test_any_trace_can_be_drawn(events: list[ShownEvent]) -> None:
    """What is in a file is anybody's."""
    drawn = story(events)
    ElementTree.fromstring(svg.picture(drawn))
    mermaid.diagram(drawn)


def test_mermaid_names_everyone_and_marks_the_failure() -> None:
    """Arrows for messages, notes for the rest, the failed step in a rectangle."""
    lines = [line.strip() for line in mermaid.diagram(story(ROAD)).splitlines()]
    assert lines[:3] == ["sequenceDiagram", "participant p0 as bob", "participant p1 as reception"]
    for part in ("p0->>p2: 0.000000 REGISTER 2000", "p2-->>p0: 0.001000 401 Unauthorized to REGISTER",
                 "p2-xp1: 0.011000 NOTIFY of 2000 (taken by the network)",
                 "Note over p0: 0.010000 presses away / Lunch",
                 "Note over p0,p4: 1. status: #123;phone: bob, set: away#125;"):  # fmt: skip
        assert part in lines
    marked = lines[lines.index(f"rect {mermaid.MARK}") : lines.index("end")]
    assert marked[-1] == "Note over p0,p4: 2. failed: it did not come within 500 ms"


@given(st.text())
def test_what_mermaid_is_given_means_nothing_to_it(text: str) -> None:
    """Neither a line's end nor a semicolon, a bracket, a percent sign or a number sign of its own."""
    escaped = mermaid.escape(text)
    assert re.fullmatch(r"(?:[\w .,:/@()'\"=*+!?…-]|#\d+;)+", escaped)
    assert "\n" not in escaped
