"""Resource lists over time: batches, refreshes, resources that come, go or are invalid, and a restart.

What is odd here is Asterisk's: each case agrees with a recording of 22.10.1.
"""

from __future__ import annotations

import json
from pathlib import Path

from harness.net.world import World
from harness.pbx.astdb import VolatileDB
from harness.pbx.persistence import FAMILY
from harness.sip.message import Request
from tests.pbx.subscriber import EVENTLIST, Desk, Watcher, body_of, hinted, listed, shown, statuses, tell, write

HINTS = hinted("300", "301", "302", "303")
PICK = listed("pick", "300", "301")
BATCH = listed("batch", "300", "301", options="notification_batch_interval=1000")
INVALID = "exten => 320,hint,Custom:320,Bogus:x\n"


def test_changes_within_an_interval_are_told_together(tmp_path: Path) -> None:
    """One NOTIFY at its end, with the last state of each resource that changed."""

    async def story(desk: Desk) -> None:
        watcher = desk.watcher()
        await watcher.ask("batch", EVENTLIST)
        assert await watcher.hear(desk.device("300", "INUSE")) == []
        assert await watcher.hear(desk.device("301", "BUSY")) == []
        (both,) = await watcher.hear(desk.device("300", "RINGING"), 1.0)
        found = body_of(both)
        assert shown(found) == (1, False, {"300": "active", "301": "active"})
        assert b"Ringing" in b"".join(part.body for part in found.parts.values())
        assert await watcher.hear(desk.device("302", "INUSE"), 2.0) == []

    tell(tmp_path / "etc", story, BATCH, HINTS)


def test_a_refresh_within_an_interval_tells_all_and_the_batch_is_dropped(tmp_path: Path) -> None:
    """A change that comes before the old interval is over then waits for the change after it."""

    async def story(desk: Desk) -> None:
        watcher = desk.watcher()
        await watcher.ask("batch", EVENTLIST)
        await watcher.hear(desk.device("300", "INUSE"))
        _, full = await watcher.ask("batch", EVENTLIST)
        assert shown(body_of(full)) == (1, True, {"300": "active", "301": "active"})
        assert await watcher.hear(desk.device("301", "BUSY"), 2.0) == []
        (late,) = await watcher.hear(desk.device("300", "NOT_INUSE"), 2.0)
        assert shown(body_of(late)) == (2, False, {"300": "active", "301": "active"})

    tell(tmp_path / "etc", story, BATCH, HINTS)


def test_a_refresh_and_the_end_tell_the_full_state(tmp_path: Path) -> None:
    """A refresh has to ask for lists again; to end it need not."""

    async def story(desk: Desk) -> None:
        watcher = desk.watcher()
        await watcher.ask("pick", EVENTLIST)
        accepted, full = await watcher.ask("pick", EVENTLIST, expires="300")
        assert accepted.headers.get("Require") == "eventlist"
        assert shown(body_of(full)) == (1, True, {"300": "active", "301": "active"})
        ended = await watcher.ask("pick", expires="0")
        assert statuses(ended) == [200, "terminated"]
        assert shown(body_of(ended[1])) == (2, True, {"300": "terminated", "301": "terminated"})
        assert desk.watched("300") == 0
        assert statuses(await watcher.ask("pick", EVENTLIST)) == [500]

    tell(tmp_path / "etc", story, PICK, HINTS)


def test_a_list_that_runs_out_ends_with_its_full_state(tmp_path: Path) -> None:
    """As an unsubscription, but nobody asked."""

    async def story(desk: Desk) -> None:
        watcher = desk.watcher()
        await watcher.ask("pick", EVENTLIST, expires="5")
        (ended,) = await watcher.hear(lambda: None, 6.0)
        assert statuses([ended]) == ["terminated"]
        assert shown(body_of(ended)) == (1, True, {"300": "terminated", "301": "terminated"})

    tell(tmp_path / "etc", story, PICK, HINTS)


def test_a_refresh_that_asks_for_no_list_ends_it(tmp_path: Path) -> None:
    """200 for the seconds asked for, then the end: there is no extension of that name."""

    async def story(desk: Desk) -> None:
        watcher = desk.watcher()
        await watcher.ask("pick", EVENTLIST)
        accepted, ended = await watcher.ask("pick", expires="100")
        assert (accepted.headers.get("Expires"), statuses([ended])) == ("100", ["terminated"])

    tell(tmp_path / "etc", story, PICK, HINTS)


def test_a_refresh_that_asks_for_no_list_gets_the_extension_of_its_name(tmp_path: Path) -> None:
    """It goes on as a single document, and as the list with the next version when lists are asked for again."""

    async def story(desk: Desk) -> None:
        watcher = desk.watcher()
        await watcher.ask("303", EVENTLIST)
        _, single = await watcher.ask("303")
        assert single.headers.get("Content-Type") == "application/pidf+xml"
        assert single.headers.get("Require") == "eventlist"
        assert desk.watched("300") == 0
        assert len(await watcher.hear(desk.device("303", "INUSE"))) == 1
        _, again = await watcher.ask("303", EVENTLIST)
        assert shown(body_of(again)) == (1, True, {"300": "active", "301": "active"})

    tell(tmp_path / "etc", story, listed("303", "300", "301"), HINTS)


def test_a_refresh_takes_over_what_the_list_is_now(tmp_path: Path) -> None:
    """A resource that got its hint meanwhile appears with the next refresh."""

    async def story(desk: Desk) -> None:
        watcher = desk.watcher()
        _, first = await watcher.ask("late", EVENTLIST)
        assert shown(body_of(first)) == (0, True, {"300": "active"})
        plan = desk.server.plan
        plan.add_hint("office", "350", "Custom:350")
        entry = plan.hint_for("office", "350")
        assert entry is not None
        desk.server.core.hints.added(entry)
        _, second = await watcher.ask("late", EVENTLIST)
        assert shown(body_of(second)) == (1, True, {"350": "active", "300": "active"})
        (third,) = await watcher.hear(desk.device("350", "INUSE"))
        assert shown(body_of(third)) == (2, False, {"350": "active"})

    tell(tmp_path / "etc", story, listed("late", "350", "300"), HINTS)


def test_a_resource_that_loses_its_hint_silences_the_list(tmp_path: Path) -> None:
    """Its end is told within a subscription that says `active`; after that refreshes are answered, but nothing told."""

    async def story(desk: Desk) -> None:
        watcher = desk.watcher()
        await watcher.ask("pick", EVENTLIST, expires="60")
        (told,) = await watcher.hear(desk.unhint("300"))
        assert statuses([told]) == ["active"]
        assert shown(body_of(told)) == (1, False, {"300": "terminated"})
        assert await watcher.hear(desk.device("301", "INUSE")) == []
        (accepted,) = await watcher.ask("pick", EVENTLIST, expires="60")
        assert (statuses([accepted]), accepted.headers.get("Require")) == ([200], None)
        assert await watcher.hear(lambda: None, 70.0) == []
        assert statuses(await watcher.ask("pick", EVENTLIST, expires="0")) == [200]
        assert statuses(await watcher.ask("pick", EVENTLIST)) == [500]

    tell(tmp_path / "etc", story, PICK, HINTS)


def test_an_invalid_presence_stops_the_list_where_it_stands(tmp_path: Path) -> None:
    """No first NOTIFY; those up to the invalid one are watched, those behind it stay empty for good."""

    async def story(desk: Desk) -> None:
        watcher = desk.watcher()
        assert statuses(await watcher.ask("some", EVENTLIST)) == [200]
        assert statuses(await watcher.ask("some", EVENTLIST)) == [500]
        assert await watcher.hear(desk.device("301", "INUSE")) == []
        (first,) = await watcher.hear(desk.device("300", "INUSE"))
        assert shown(body_of(first)) == (0, False, {"300": "active"})
        _, full = await watcher.ask("some", EVENTLIST)
        found = body_of(full)
        assert shown(found) == (1, True, {"300": "active", "320": "active", "301": "active"})
        assert [bool(part.body) for part in found.parts.values()] == [True, False, False]

    tell(tmp_path / "etc", story, listed("some", "300", "320", "301"), HINTS + INVALID)


def test_a_list_goes_away_when_its_notify_is_refused(tmp_path: Path) -> None:
    """481 ends it silently, for all its resources."""

    async def story(desk: Desk) -> None:
        watcher = desk.watcher()
        watcher.answers = ["481 Gone"]
        await watcher.ask("pick", EVENTLIST)
        assert desk.watched("300") == desk.watched("301") == 0
        assert await watcher.hear(desk.device("300", "INUSE")) == []

    tell(tmp_path / "etc", story, PICK, HINTS)


def test_a_list_outlives_a_restart(tmp_path: Path) -> None:
    """One row stands for it; its version begins anew, those of dialog documents go on."""
    write(tmp_path / "etc", listed("lamps", "300", "301", event="dialog"), HINTS)

    async def story(world: World) -> None:
        store = VolatileDB()
        desk = Desk(world, tmp_path / "etc", store)
        watcher: Watcher = desk.watcher()
        await watcher.ask("lamps", EVENTLIST, event="dialog")
        await watcher.hear(desk.device("300", "INUSE"))
        last = watcher.heard[-1]
        await desk.server.stop()
        ((_, row),) = store.rows(FAMILY)
        assert json.loads(json.loads(row)["generator_data"]) == {"300": 1, "301": 0}
        before = len(watcher.heard)
        Desk(world, tmp_path / "etc", store)
        await world.sleep(1.0)
        (again,) = watcher.heard[before:]
        assert isinstance(last, Request)
        assert isinstance(again, Request)
        assert again.cseq.number == last.cseq.number + 1
        found = body_of(again)
        assert shown(found) == (0, True, {"300": "active", "301": "active"})
        bodies = b"".join(part.body for part in found.parts.values())
        assert b'version="2"' in bodies
        assert b'version="1"' in bodies

    World.simulated(7).run(story)
