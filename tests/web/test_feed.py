"""What viewers are told: everything once, then differences, a frame's worth at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from harness.net.trace import Trace
from harness.web.events import MAX_BACKLOG_BYTES, EventStream
from harness.web.feed import FRAME_S, Feed
from harness.web.picture import NESTED, difference


class Desk:
    """Two phones that show a word each."""

    mode, title, acts = "office", "desk", frozenset(("status",))

    def __init__(self) -> None:
        self.trace = Trace()
        self.words = {"bob": "a", "carol": "a"}
        self.drawn: list[str] = []
        self.stands: dict[str, Any] = {"server": {"up": True}, "steps": []}
        self.on_renewed: Callable[[], None] = lambda: None
        self.on_news: Callable[[], None] = lambda: None

    def pictures(self) -> Mapping[str, Callable[[], dict[str, Any]]]:
        return {name: lambda name=name: self._draw(name) for name in self.words}  # type: ignore[misc]

    def _draw(self, name: str) -> dict[str, Any]:
        self.drawn.append(name)
        word = self.words[name]
        return {"word": word, "contacts": {"1": {"presence": word}, "2": {"presence": ""}}}

    def standing(self) -> dict[str, Any]:
        return dict(self.stands)

    def perform(self, act: str, said: Mapping[str, Any]) -> None:
        raise AssertionError

    def show(self, phone: str, word: str) -> None:
        self.words[phone] = word
        self.trace.add("screen", phone, "", "", {"phone": phone})


class Viewer:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []

    def tell(self, kind: str, data: str) -> None:
        assert data.isascii()
        assert "\n" not in data
        self.told.append((kind, json.loads(data)))


def test_a_viewer_is_told_everything_then_what_is_different() -> None:
    """One message a frame, with the contact that changed and no other."""
    desk, clock, viewer = Desk(), Clock(), Viewer()
    Feed(desk, clock).join(viewer)
    kind, told = viewer.told.pop()
    assert kind == "picture"
    assert list(told["phones"]) == ["bob", "carol"]
    desk.show("bob", "b")
    desk.show("bob", "c")
    assert viewer.told == []
    clock.advance(FRAME_S)
    assert viewer.told.pop() == ("change", {"phones": {"bob": {"word": "c", "contacts": {"1": {"presence": "c"}}}}})
    clock.advance(10)
    assert viewer.told == []


def test_nothing_is_drawn_while_nobody_looks() -> None:
    """Before the first viewer and after the last."""
    desk, clock, viewer = Desk(), Clock(), Viewer()
    feed = Feed(desk, clock)
    desk.show("bob", "b")
    feed.join(viewer)
    feed.leave(viewer)
    desk.drawn.clear()
    desk.show("bob", "c")
    clock.advance(1)
    assert desk.drawn == []
    assert clock.getDelayedCalls() == []


def test_only_who_the_trace_names_is_drawn_again() -> None:
    """The others cannot look different."""
    desk, clock = Desk(), Clock()
    Feed(desk, clock).join(Viewer())
    desk.drawn.clear()
    desk.show("carol", "b")
    clock.advance(FRAME_S)
    assert desk.drawn == ["carol"]


def test_a_viewer_that_comes_later_knows_the_same() -> None:
    """What the first was told in differences, the second has in its picture."""
    desk, clock, first, second = Desk(), Clock(), Viewer(), Viewer()
    feed = Feed(desk, clock)
    feed.join(first)
    desk.show("bob", "b")
    feed.join(second)
    assert first.told[-1][1]["phones"]["bob"]["word"] == "b"
    assert second.told[-1][1]["phones"]["bob"]["word"] == "b"


def test_of_what_stands_only_the_part_that_changed_is_told() -> None:
    """And a desk that is another tells everything."""
    desk, clock, viewer = Desk(), Clock(), Viewer()
    Feed(desk, clock).join(viewer)
    desk.stands["server"] = {"up": False}
    desk.on_news()
    clock.advance(FRAME_S)
    assert viewer.told[-1] == ("change", {"standing": {"server": {"up": False}}})
    desk.trace = Trace()
    desk.on_renewed()
    assert viewer.told[-1][0] == "picture"


_plain = st.dictionaries(st.sampled_from("abc"), st.integers(0, 2))
_pictures = st.fixed_dictionaries({"word": st.integers(0, 2), **{name: _plain for name in NESTED}})


@given(_pictures, _pictures)
def test_a_difference_leads_from_one_picture_to_the_other(before: dict[str, Any], after: dict[str, Any]) -> None:
    """As the page applies it."""
    known = {name: dict(value) if name in NESTED else value for name, value in before.items()}
    for name, value in difference(before, after).items():
        if name not in NESTED:
            known[name] = value
            continue
        for key, entry in value.items():
            if entry is None:
                del known[name][key]
            else:
                known[name][key] = entry
    assert known == after


# one viewer's connection


class Request:
    """An answer that is written slowly."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.producer: Any = None
        self.gone: Deferred[None] = Deferred()
        self.finished = False

    def setHeader(self, name: str, value: str) -> None:
        pass

    def notifyFinish(self) -> Deferred[None]:
        return self.gone

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        assert streaming
        self.producer = producer

    def unregisterProducer(self) -> None:
        self.producer = None

    def finish(self) -> None:
        assert self.producer is None
        self.finished = True

    def write(self, data: bytes) -> None:
        self.written.append(data)


@pytest.fixture
def slow() -> tuple[Desk, Clock, EventStream, Request]:
    """A viewer that reads nothing for now."""
    desk, clock, request = Desk(), Clock(), Request()
    stream = EventStream(Feed(desk, clock), request)
    stream.open()
    request.written.clear()
    stream.pauseProducing()
    return desk, clock, stream, request


def test_what_a_slow_viewer_missed_is_told_when_it_reads(slow: tuple[Desk, Clock, EventStream, Request]) -> None:
    """In order, at once."""
    desk, clock, stream, request = slow
    for word in "bc":
        desk.show("bob", word)
        clock.advance(FRAME_S)
    assert request.written == []
    stream.resumeProducing()
    (told,) = request.written
    assert told.index(b'"word":"b"') < told.index(b'"word":"c"')


def test_a_viewer_far_behind_is_told_everything_anew(slow: tuple[Desk, Clock, EventStream, Request]) -> None:
    """What waits for it is bounded."""
    desk, clock, stream, request = slow
    for turn in range(4):
        desk.show("bob", f"{turn}" * (MAX_BACKLOG_BYTES // 3))
        clock.advance(FRAME_S)
    assert stream._waiting == 0
    desk.show("bob", "z")
    clock.advance(FRAME_S)
    stream.resumeProducing()
    (told,) = request.written
    assert told.startswith(b"event: picture\n")
    assert b'"word":"z"' in told


def test_a_viewer_that_leaves_is_forgotten(slow: tuple[Desk, Clock, EventStream, Request]) -> None:
    """Whether the connection is lost or the harness ends it."""
    desk, clock, _, request = slow
    request.gone.callback(None)
    desk.show("bob", "b")
    assert clock.getDelayedCalls() == []
    other = Request()
    second = EventStream(Feed(desk, clock), other)
    second.open()
    second.close()
    assert other.finished
