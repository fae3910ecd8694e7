"""panoramisk, a manager client of other people's, logs in, acts and hears events."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from tests.serving import served

CONFIG = Path(__file__).parent.parent / "peers" / "sipp" / "etc"
LIMIT_S = 20.0


def panoramisk() -> Any:
    if os.environ.get("DPMA_HARNESS_PEERS") == "required":
        import panoramisk as found

        return found
    return pytest.importorskip("panoramisk", reason="panoramisk is not installed (pip install panoramisk)")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_actions_are_answered_and_events_heard() -> None:
    """Setvar succeeds, PresenceState tells it, and the events of the change arrive."""
    client = panoramisk()

    async def talk(host: str, port: int) -> tuple[Any, Any, list[dict[str, str]]]:
        manager = client.Manager(host=host, port=port, username="sipp", secret="sipp", ping_delay=60)
        heard: list[dict[str, str]] = []
        told = asyncio.Event()

        def hear(_manager: Any, message: Any) -> None:
            heard.append(dict(message.items()))
            if message.event == "PresenceStatus":
                told.set()

        manager.register_event("Presence*", hear)
        await manager.connect()
        written = await manager.send_action(
            {"Action": "Setvar", "Variable": "PRESENCE_STATE(CustomPresence:2000)", "Value": "away,lunch,banana"}
        )
        await asyncio.wait_for(told.wait(), LIMIT_S)
        state = await manager.send_action({"Action": "PresenceState", "Provider": "CustomPresence:2000"})
        manager.close()
        return written, state, heard

    with served(CONFIG) as server:
        written, state, heard = asyncio.run(asyncio.wait_for(talk(*server.place("ami")), LIMIT_S))
    assert written.success
    assert (state["State"], state["Subtype"], state["PresenceMessage"]) == ("away", "lunch", "banana")
    kinds = {each["Event"]: each for each in heard}
    assert kinds["PresenceStateChange"]["Presentity"] == "CustomPresence:2000"
    assert kinds["PresenceStatus"]["Exten"] == "2000"
