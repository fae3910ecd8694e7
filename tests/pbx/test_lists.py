"""Resource lists: what a watcher of a list is told, as recordings of Asterisk 22.10.1 have it.

watcher                            server
   | SUBSCRIBE sip:pick, eventlist    |
   |--------------------------------->|
   |<------------- 200, Require ------|
   |<------ NOTIFY version 0, full ---|
   |                                  | <- a device changes
   |<------ NOTIFY version 1, part ---|
"""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.bodies import pidf, rlmi
from harness.sip.message import Request
from tests.pbx.subscriber import EVENTLIST, Desk, body_of, hinted, listed, shown, statuses, tell

HINTS = hinted("300", "301", "302", "303")
PICK = listed("pick", "300", "301")


def test_a_list_is_told_in_full_first_and_then_in_part(tmp_path: Path) -> None:
    """The answers require eventlist, versions count the NOTIFYs, and only what changed is told later."""

    async def story(desk: Desk) -> None:
        watcher = desk.watcher()
        accepted, first = await watcher.ask("pick", EVENTLIST)
        assert accepted.headers.get("Require") == first.headers.get("Require") == "eventlist"
        assert shown(body_of(first)) == (0, True, {"300": "active", "301": "active"})
        (second,) = await watcher.hear(desk.presence("300", "away,lunch,back at one"))
        found = body_of(second)
        assert shown(found) == (1, False, {"300": "active"})
        (part,) = found.parts.values()
        assert part.content_type == pidf.CONTENT_TYPE
        assert b"<note>Ready</note>" in part.body

    tell(tmp_path / "etc", story, PICK, HINTS)


def test_resources_are_named_as_the_request_names_the_list(tmp_path: Path) -> None:
    """Each URI is the Request-URI with another user, and each part is found by its own content id."""

    async def story(desk: Desk) -> None:
        uri = "sip:pick@office.example:5099;user=phone?Subject=1"
        _, first = await desk.watcher().ask("pick", EVENTLIST, uri=uri)
        found = body_of(first)
        assert found.rlmi.uri == uri
        for resource in found.rlmi.resources:
            assert resource.uri == uri.replace("pick", resource.name)
            (instance,) = resource.instances
            assert instance.cid.endswith("@office.example")
            assert f'entity="{resource.uri}"'.encode() in found.parts[instance.cid].body

    tell(tmp_path / "etc", story, PICK, HINTS)


@pytest.mark.parametrize(
    ("headers", "event", "status"),
    [
        pytest.param((), "presence", 404, id="lists not asked for"),
        pytest.param(("Supported: 100rel",), "presence", 404, id="something else asked for"),
        pytest.param(("Require: eventlist",), "presence", 404, id="in the wrong header"),
        pytest.param(("Supported: 100rel, EventList",), "presence", 200, id="in any case, among others"),
        pytest.param(("Supported: x", "k: eventlist"), "presence", 200, id="in a second header, compact"),
        pytest.param((EVENTLIST,), "dialog", 404, id="a list for another event"),
    ],
)
def test_a_list_is_for_those_who_ask_for_lists(
    headers: tuple[str, ...], event: str, status: int, tmp_path: Path
) -> None:
    """Without `Supported: eventlist`, or for another event package, the name is that of an extension."""

    async def story(desk: Desk) -> None:
        first, *_ = await desk.watcher().ask("pick", *headers, event=event)
        assert statuses([first]) == [status]

    tell(tmp_path / "etc", story, PICK, HINTS)


def test_full_state_tells_all_of_it_every_time(tmp_path: Path) -> None:
    """`full_state=yes`: what did not change is there as well."""

    async def story(desk: Desk) -> None:
        watcher = desk.watcher()
        await watcher.ask("all", EVENTLIST)
        (second,) = await watcher.hear(desk.device("301", "INUSE"))
        assert shown(body_of(second)) == (1, True, {"300": "active", "301": "active"})

    tell(tmp_path / "etc", story, listed("all", "300", "301", options="full_state=yes"), HINTS)


def test_lists_of_lists_are_parts_within_parts(tmp_path: Path) -> None:
    """Each list counts its own versions, and a change below is told through all lists above."""

    async def story(desk: Desk) -> None:
        watcher = desk.watcher()
        _, first = await watcher.ask("outer", EVENTLIST)
        assert shown(body_of(first)) == (0, True, {"300": "active", "inner": "active"})
        (second,) = await watcher.hear(desk.device("300", "INUSE"))
        assert shown(body_of(second)) == (1, False, {"300": "active"})
        (third,) = await watcher.hear(desk.device("302", "INUSE"))
        outer = body_of(third)
        assert shown(outer) == (2, False, {"inner": "active"})
        (part,) = outer.parts.values()
        assert shown(rlmi.read(part.content_type, part.body)) == (1, False, {"302": "active"})

    tell(tmp_path / "etc", story, listed("outer", "300", "inner") + listed("inner", "301", "302"), HINTS)


def test_a_resource_is_there_once_and_loops_end(tmp_path: Path) -> None:
    """What was met anywhere in the tree is left out, and so is what has no hint, and a list of which nothing stays."""

    async def story(desk: Desk) -> None:
        _, first = await desk.watcher().ask("one", EVENTLIST)
        assert shown(body_of(first)) == (0, True, {"300": "active", "two": "active"})
        _, other = await desk.watcher().ask("two", EVENTLIST)
        assert shown(body_of(other)) == (0, True, {"300": "active", "301": "active"})

    lists = listed("one", "300", "one", "999", "two", "empty", "300") + listed("two", "300", "one", "301")
    tell(tmp_path / "etc", story, lists + listed("empty", "998"), HINTS)


def test_a_list_of_which_nothing_is_left_is_an_error(tmp_path: Path) -> None:
    """500, not 404: the list is there."""

    async def story(desk: Desk) -> None:
        (refused,) = await desk.watcher().ask("empty", EVENTLIST)
        assert (statuses([refused]), getattr(refused, "reason", "")) == ([500], "Server Internal Error")

    tell(tmp_path / "etc", story, listed("empty", "998", "999"), HINTS)


def test_display_names_come_from_the_hints(tmp_path: Path) -> None:
    """With `resource_display_name` the name of a hint is shown where it has one, 79 bytes of it."""

    async def story(desk: Desk) -> None:
        _, first = await desk.watcher().ask("named", EVENTLIST)
        assert list(shown(body_of(first))[2]) == ["Ann & Bob", "x" * 79, "300"]

    hints = f"exten => 310,hint,Custom:310(Ann & Bob)\nexten => 311,hint,Custom:311({'x' * 90})\n" + HINTS
    tell(tmp_path / "etc", story, listed("named", "310", "311", "300", options="resource_display_name=yes"), hints)


def test_dialog_documents_of_a_list_count_their_own_versions(tmp_path: Path) -> None:
    """Event dialog: the documents are those of single subscriptions."""

    async def story(desk: Desk) -> None:
        watcher = desk.watcher()
        await watcher.ask("lamps", EVENTLIST, event="dialog")
        (second,) = await watcher.hear(desk.device("300", "RINGING"))
        (part,) = body_of(second).parts.values()
        assert part.content_type == "application/dialog-info+xml"
        assert b'version="1"' in part.body
        assert b"<state>early</state>" in part.body

    tell(tmp_path / "etc", story, listed("lamps", "300", "301", event="dialog"), HINTS)


def test_a_notify_that_fits_no_datagram_is_not_sent(tmp_path: Path) -> None:
    """The subscription goes on all the same, and what changes later is told."""

    async def story(desk: Desk) -> None:
        watcher = desk.watcher()
        assert statuses(await watcher.ask("long", EVENTLIST)) == [200]
        (part,) = await watcher.hear(desk.device("1003", "INUSE"))
        assert shown(body_of(part)) == (1, False, {"1003": "active"})
        assert statuses(await watcher.ask("long", EVENTLIST)) == [200]

    extens = [str(1000 + number) for number in range(130)]
    tell(tmp_path / "etc", story, listed("long", *extens), "exten => _1XXX,hint,Custom:${EXTEN}\n")


def test_content_ids_of_a_long_list_differ(tmp_path: Path) -> None:
    """Five digits each, and none twice, however many there are."""

    async def story(desk: Desk) -> None:
        for _ in range(20):
            _, first = await desk.watcher().ask("long", EVENTLIST)
            assert isinstance(first, Request)
            found = body_of(first)
            ids = [instance.id for resource in found.rlmi.resources for instance in resource.instances]
            assert len({*ids, *(cid.partition("@")[0] for cid in found.parts)}) == 120

    extens = [str(1000 + number) for number in range(60)]
    tell(tmp_path / "etc", story, listed("long", *extens), "exten => _1XXX,hint,Custom:${EXTEN}\n")
