"""Device states: who is asked, what is kept and what is published."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core import DeviceState

Desk = Any
MakeDesk = Callable[..., Any]
WRITES = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), st.sampled_from([state.token for state in DeviceState])), max_size=25
)


@pytest.mark.rule("3.1-custom")
def test_a_custom_device_without_a_row_is_unknown(desk: Desk) -> None:
    """Nothing stored is UNKNOWN, and so is what cannot be read."""
    assert desk.core.devices.query("Custom:x") is DeviceState.UNKNOWN
    desk.store.put("CustomDevstate", "x", "garbage")
    assert desk.core.devices.query("Custom:x") is DeviceState.UNKNOWN
    desk.store.put("CustomDevstate", "x", "ringing")
    assert desk.core.devices.query("custom:x") is DeviceState.RINGING


@pytest.mark.rule("3.1-refused")
@pytest.mark.parametrize(
    ("device", "state", "change"),
    [
        ("Custom:x", "UNKNOWN", "usage"),
        ("Custom:x", "bogus", "usage"),
        ("Custom:x", "", "usage"),
        ("Custom:", "INUSE", "usage"),
        ("PJSIP/x", "INUSE", "prefix"),
        ("CustomPresence:x", "INUSE", "prefix"),
    ],
)
def test_what_cannot_be_written_changes_nothing(desk: Desk, device: str, state: str, change: str) -> None:
    """Nothing is stored or published, and the command tells the prefix from the rest."""
    assert not desk.core.devices.write(device, state)
    assert desk.core.devices.change(device, state) == change
    assert desk.store.tree("") == []
    assert desk.devices == []
    assert desk.whats() == ["refused", "refused"]


@pytest.mark.rule("3.1-spelling")
def test_the_prefix_is_published_in_one_spelling(desk: Desk) -> None:
    """However it was written, the device is Custom:x; its name keeps its case, up to 79 bytes in all."""
    assert desk.core.devices.write("cUSTOM:Lamp", "inuse")
    assert desk.core.devices.write("custom:" + "n" * 100, "INUSE")
    assert desk.devices == [("Custom:Lamp", "INUSE"), ("Custom:" + "n" * 72, "INUSE")]
    assert desk.core.devices.stored() == [("Lamp", "inuse"), ("n" * 100, "INUSE")]


@pytest.mark.rule("3.1-dedup")
def test_an_identical_state_is_not_published_again(desk: Desk) -> None:
    """The row is written all the same, and it is said why nothing happened."""
    desk.device("x", "INUSE")
    desk.clear()
    assert desk.device("x", "inuse")
    assert desk.devices == []
    assert desk.whats() == ["not published"]
    assert desk.core.devices.stored() == [("x", "inuse")]


@pytest.mark.rule("3.1-dedup", "3.1-refused")
@given(WRITES)
def test_published_states_are_the_changes(make_desk: MakeDesk, writes: list[tuple[str, str]]) -> None:
    """For any row of writes the published ones are those that differ from the last one of their device."""
    desk = make_desk()
    for device, state in writes:
        desk.device(device, state)
    accepted = [(f"Custom:{device}", state) for device, state in writes if state != "UNKNOWN"]
    wanted = [
        (device, state)
        for place, (device, state) in enumerate(accepted)
        if state != dict(accepted[:place]).get(device)
    ]
    assert desk.devices == wanted
    assert [(device, state.token) for device, state in desk.core.devices.cached()] == sorted(dict(accepted).items())


@pytest.mark.rule("3.1-lookup")
def test_who_is_asked_for_a_device(desk: Desk) -> None:
    """The cache first, then the technology, then the provider, and nobody for anything else."""
    endpoints = {"a:1": DeviceState.BUSY}
    desk.core.devices.register_technology("Test", endpoints.__getitem__)
    desk.core.devices.register_provider("Park", lambda name: DeviceState.ONHOLD)
    query = desk.core.devices.query
    assert query("TEST/a:1") is DeviceState.BUSY
    assert query("park:701") is DeviceState.ONHOLD
    assert query("Custom:a/b") is DeviceState.INVALID  # the technology `Custom:a`
    for nobody in ("", "nothing", "Bogus:x", "Bogus/a:1", "CustomPresence:x"):
        assert query(nobody) is DeviceState.INVALID
    desk.device("x", "INUSE")
    desk.store.put("CustomDevstate", "x", "BUSY")
    assert query("Custom:x") is DeviceState.INUSE
    assert query("CUSTOM:x") is DeviceState.BUSY  # another spelling is not cached


@pytest.mark.rule("3.1-technology", "3.1-rows")
def test_endpoints_are_in_the_cache_from_the_start(make_desk: MakeDesk) -> None:
    """Each has a row, hint or not; an endpoint that is not configured is INVALID."""
    endpoints = {"one": DeviceState.UNAVAILABLE, "two": DeviceState.UNAVAILABLE}
    desk = make_desk("[default]\n1,hint,PJSIP/one", endpoints=endpoints)
    assert desk.core.devices.cached() == [
        ("PJSIP/one", DeviceState.UNAVAILABLE),
        ("PJSIP/two", DeviceState.UNAVAILABLE),
    ]
    assert desk.core.devices.query("PJSIP/three") is DeviceState.INVALID
    assert desk.core.hints.state("default", "1") == 4


@pytest.mark.rule("3.1-technology", "3.1-dedup")
def test_an_endpoint_that_changes_is_asked_or_says_it(make_desk: MakeDesk) -> None:
    """Without a state the technology is asked; what is no news is not published."""
    desk = make_desk(endpoints={"one": DeviceState.UNAVAILABLE})
    desk.clear()
    desk.endpoints["one"] = DeviceState.NOT_INUSE
    desk.core.devices.set("PJSIP/one")
    desk.core.devices.set("PJSIP/one")
    desk.core.devices.set("PJSIP/one", DeviceState.RINGING)
    assert desk.devices == [("PJSIP/one", "NOT_INUSE"), ("PJSIP/one", "RINGING")]


@pytest.mark.rule("3.1-uncached")
def test_channels_publish_every_time_and_are_not_kept(make_desk: MakeDesk) -> None:
    """Identical states are published again, nothing is cached, and a hint asks the technology."""
    desk = make_desk("[default]\n1,hint,Local/x@y")
    busy = [DeviceState.INUSE]
    desk.core.devices.register_technology("Local", lambda address: busy[0])
    desk.clear()
    desk.core.devices.publish_uncached("Local/x@y", DeviceState.INUSE)
    desk.core.devices.publish_uncached("Local/x@y", DeviceState.INUSE)
    assert desk.devices == [("Local/x@y", "INUSE")] * 2
    assert desk.core.devices.cached() == []
    assert desk.general == [("device", "1@default", "Local/x@y", 1)]


@pytest.mark.rule("3.1-custom")
def test_stored_devices_are_published_at_the_start(make_desk: MakeDesk) -> None:
    """Rows fill the cache, by what follows the last slash of a key; nobody answers yet for what cannot be read."""
    rows = {"/CustomDevstate/a": "INUSE", "/CustomDevstate/b/c": "busy", "/CustomDevstate/g": "garbage"}
    desk = make_desk(rows=rows)
    assert desk.core.devices.cached() == [
        ("Custom:a", DeviceState.INUSE),
        ("Custom:c", DeviceState.BUSY),
        ("Custom:g", DeviceState.INVALID),
    ]
