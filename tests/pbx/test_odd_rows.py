"""Rows of AstDB that nobody of ours wrote, and messages that would not be one: the server starts and goes on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.net.world import World
from harness.pbx.astdb import VolatileDB
from harness.pbx.persistence import FAMILY
from harness.sip.message import Request
from tests.pbx.subscriber import Desk, hinted, tell, write

HINTS = hinted("300")
DEEP = "[" * 100_000
BOB = "[bob]\ntype=endpoint\ncontext=office\naors=bob\n[bob]\ntype=aor\nmax_contacts=1\n"
SEND = (
    "exten => msg,1,MessageSend(pjsip:bob,sip:${URIDECODE(a%0ab)}@h)\n"
    " same => n,Set(GLOBAL(STATUS)=${MESSAGE_SEND_STATUS})\n"
)


def changed(row: str, change: dict[str, object]) -> str:
    """A stored row with other values."""
    return json.dumps(json.loads(row) | change)


@pytest.mark.parametrize(
    "change",
    [
        {"expires": "nan"}, {"expires": "inf"}, {"expires": 1e400}, {"cseq": "x"}, {"packet": "SUBSCRIBE"},
        {"contact_uri": "<garbage"}, {"contact_uri": "\ud800"}, {"src_port": None}, {"generator_data": DEEP},
        {"endpoint": "nobody"}, {"tag": 5}, {"transport_key": "TLS"},
    ],
    ids="+".join,
)  # fmt: skip
def test_a_stored_subscription_that_cannot_be_is_dropped(tmp_path: Path, change: dict[str, object]) -> None:
    """The server starts, the others go on."""
    write(tmp_path / "etc", "", HINTS)

    async def story(world: World) -> None:
        store = VolatileDB()
        desk = Desk(world, tmp_path / "etc", store)
        watcher = desk.watcher()
        await watcher.ask("300")
        desk.server.stop()
        ((key, row),) = store.rows(FAMILY)
        store.put(FAMILY, f"{key}x", changed(row, change))
        store.put(FAMILY, f"{key}y", DEEP)
        before = len(watcher.heard)
        again = Desk(world, tmp_path / "etc", store)
        await world.sleep(1.0)
        assert len(watcher.heard) > before
        assert again.watched("300") >= 1
        again.server.stop()

    World.simulated(7).run(story)


@pytest.mark.parametrize(
    "change", [{"expiration_time": "nan"}, {"expiration_time": "inf"}, {"uri": "\ud800"}], ids="+".join
)
def test_a_stored_contact_that_cannot_be_is_dropped(tmp_path: Path, change: dict[str, object]) -> None:
    """And the next REGISTER of its AOR is answered."""
    write(tmp_path / "etc", BOB, HINTS)

    async def story(world: World) -> None:
        store = VolatileDB()
        desk = Desk(world, tmp_path / "etc", store)
        phone = desk.watcher()
        (answer,) = await phone.ask("bob", method="REGISTER", sender="bob", event=None)
        assert answer.status == 200, answer
        desk.server.stop()
        ((key, row),) = store.rows("registrar")
        store.put("registrar", key, changed(row, change))
        store.put("registrar", "contact/bob;@deep", DEEP)
        again = Desk(world, tmp_path / "etc", store)
        (answer,) = await phone.ask("bob", method="REGISTER", sender="bob", event=None)
        assert answer.status == 200, answer
        again.server.stop()

    World.simulated(7).run(story)


def test_a_message_that_would_not_be_one_keeps_none_from_going(tmp_path: Path) -> None:
    """A line break in an address: MESSAGE_SEND_STATUS says FAILURE, and the next message is executed."""

    async def story(desk: Desk) -> None:
        phone = desk.watcher()
        await phone.ask("bob", method="REGISTER", sender="bob", event=None)
        for _ in range(2):
            desk.server.plan.set_global("STATUS", "none")
            (answer,) = await desk.watcher().ask(
                "msg", "Content-Type: text/plain", method="MESSAGE", sender="bob", event=None
            )
            assert answer.status == 202, answer
            assert desk.server.plan.global_variable("STATUS") == "FAILURE"
        assert not [each for each in phone.heard if isinstance(each, Request) and each.method == "MESSAGE"]

    tell(tmp_path / "etc", story, BOB, HINTS + SEND)
