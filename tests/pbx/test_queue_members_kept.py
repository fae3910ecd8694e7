"""Dynamic members of queues that a restart does not lose."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.pbx.calls.kept_members import FAMILY, KeptMembers
from tests.pbx.call_desk import CallDesk

PLAN = "[office]\nexten => 1,1,Queue(sales)\n"
QUEUES = "[general]\npersistentmembers={}\n[sales]\nmember => PJSIP/a\n"


@pytest.fixture
def desk(tmp_path: Path) -> CallDesk:
    return CallDesk(tmp_path, PLAN, "a b", files={"queues.conf": QUEUES.format("yes")})


def row(desk: CallDesk) -> str | None:
    return desk.server.store.get(FAMILY, "sales")


def test_what_is_stored_of_a_member(desk: CallDesk) -> None:
    """Each change of a dynamic member is stored at once; those of the file are not."""
    members = desk.server.services.queues.members
    members.add("sales", "PJSIP/b", name="B", penalty=2, state_interface="Custom:b")
    assert row(desk) == "PJSIP/b;2;0;B;Custom:b;;0"
    members.pause("sales", "PJSIP/b", True, "lunch")
    members.set_penalty("sales", "PJSIP/b", 3)
    members.add("sales", "Local/1@office")
    assert row(desk) == "PJSIP/b;3;1;B;Custom:b;lunch;0|Local/1@office;0;0;Local/1@office;Local/1@office;;0"
    members.remove("sales", "PJSIP/b")
    members.remove("sales", "Local/1@office")
    assert row(desk) is None


def test_members_come_back(desk: CallDesk) -> None:
    """As they were stored, up to one that cannot be read; what is stored of an unknown queue goes."""
    store, members = desk.server.store, desk.server.services.queues.members
    store.put(FAMILY, "sales", "PJSIP/b;2;1;B;Custom:b;lunch;5|broken|Local/1@office;0;0;x;y;;0")
    store.put(FAMILY, "gone", "PJSIP/b;0;0;B;;;0")
    KeptMembers(store).restore(members)
    shown = desk.command("queue show sales")
    assert "B (PJSIP/b from Custom:b) with penalty 2" in shown
    assert "(dynamic) (paused:lunch" in shown
    assert "Local/1" not in shown
    assert store.get(FAMILY, "gone") is None


def test_nothing_is_stored_where_it_is_not_wanted(tmp_path: Path) -> None:
    """Without `persistentmembers`."""
    desk = CallDesk(tmp_path, PLAN, "a b", files={"queues.conf": QUEUES.format("no")})
    desk.server.services.queues.members.add("sales", "PJSIP/b")
    assert row(desk) is None


@pytest.mark.parametrize(
    ("device", "state"), [("ccss:x", "NOT_INUSE"), ("Stasis:x", "UNKNOWN"), ("bogus:x", "INVALID")]
)
def test_devices_of_idle_providers(desk: CallDesk, device: str, state: str) -> None:
    """Call completion has none that is in use, applications outside none at all."""
    assert f"Value: {state}" in desk.manager().send(f"Action: Getvar\nVariable: DEVICE_STATE({device})")[0]
