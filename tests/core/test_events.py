"""What a change of a device or of a presence does to a hint and its watchers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from harness.core import ASTERISK_11, DeviceState, Presence, PresenceState
from harness.core.value import Found

Desk = Any
MakeDesk = Callable[..., Any]
NOT_SET = ("not_set", "", "")


@pytest.mark.rule("3.5-change", "3.10-general")
def test_a_new_state_is_told_to_all_in_order(desk: Desk) -> None:
    """General callbacks first, then the watchers as they subscribed."""
    for name in ("c", "a", "b"):
        desk.watch("301", name=name)
    desk.device("301", "INUSE")
    assert desk.order == ["general", "c", "a", "b"]
    assert desk.general == [("device", "301@default", "Custom:301", 1)]
    assert desk.seen("a") == [("device", 1, NOT_SET)]
    assert desk.core.hints.find("default", "301").state == 1


@pytest.mark.rule("3.10-general")
def test_a_new_presence_is_told_to_all_in_order(desk: Desk) -> None:
    """General callbacks first here too."""
    for name in ("c", "a", "b"):
        desk.watch("300", name=name)
    desk.set("300", "away")
    assert desk.order == ["general", "c", "a", "b"]


@pytest.mark.rule("3.5-same")
def test_the_same_extension_state_is_told_to_nobody(desk: Desk) -> None:
    """Different device states may show the same, and it is said that they do."""
    desk.watch("302")
    desk.device("302a", "INUSE")
    desk.clear()
    desk.device("302b", "NOT_INUSE")
    desk.device("302b", "UNAVAILABLE")
    assert (desk.general, desk.seen("302")) == ([], [])
    assert desk.whats().count("same device state") == 2


@pytest.mark.rule("3.5-repeat", "3.5-same")
def test_unknown_to_not_in_use_is_no_change(desk: Desk) -> None:
    """A device without a row shows the same as an idle one (Asterisk's devstate_repeat)."""
    desk.watch("301")
    desk.device("301", "NOT_INUSE")
    assert desk.devices == [("Custom:301", "NOT_INUSE")]
    assert desk.seen("301") == []


@pytest.mark.rule("3.5-ringing")
@pytest.mark.parametrize(("ringing", "state"), [("RINGING", 8), ("RINGINUSE", 9)])
def test_ringing_is_repeated_to_extended_watchers(desk: Desk, ringing: str, state: int) -> None:
    """While something rings every event of a device is told on, but not to others."""
    desk.watch("302", name="phone")
    desk.watch("302", name="plain", extended=False)
    desk.device("302a", ringing)
    desk.device("302b", "NOT_INUSE")
    desk.device("302b", "UNAVAILABLE")
    assert [told for _, told, _ in desk.seen("phone")] == [state] * 3
    assert [told for _, told, _ in desk.seen("plain")] == [state]
    assert [told for _, _, _, told in desk.general] == [state]


@pytest.mark.rule("3.6-devices")
def test_device_callbacks_carry_the_devices(desk: Desk) -> None:
    """In the order of the hint's text, for extended watchers only; presence callbacks carry none."""
    desk.watch("302", name="phone")
    desk.watch("302", name="plain", extended=False)
    desk.watch("300")
    desk.device("302b", "BUSY")
    desk.set("300", "away")
    wanted = (("Custom:302a", DeviceState.UNKNOWN), ("Custom:302b", DeviceState.BUSY))
    assert [note.devices for note in desk.told["phone"]] == [wanted]
    assert [note.devices for note in desk.told["plain"]] == [None]
    assert [note.devices for note in desk.told["300"]] == [None]


@pytest.mark.rule("3.4-device")
def test_a_device_event_recomputes_all_devices(desk: Desk) -> None:
    """The aggregate of what stands now is told, not the state of the event."""
    desk.watch("302")
    desk.device("302a", "ONHOLD")
    desk.device("302b", "RINGING")
    desk.device("302a", "NOT_INUSE")
    desk.device("302b", "INVALID")
    assert [state for _, state, _ in desk.seen("302")] == [16, 9, 8, 0]


@pytest.mark.rule("3.4-presence", "2.3-cached")
def test_a_presence_event_is_taken_as_it_is(desk: Desk) -> None:
    """Watchers of a list are told the member that changed, whoever asks is told the aggregate."""
    desk.set("303a", "dnd")
    desk.watch("303")
    desk.clear()
    desk.set("303b", "available")
    assert desk.seen("303") == [("presence", 4, ("available", "", ""))]
    assert desk.general == [
        ("presence", "303@default", ",CustomPresence:303a&CustomPresence:303b", ("available", "", ""))
    ]
    assert desk.core.hints.presence("default", "303") == Presence(PresenceState.DND)
    assert desk.core.hints.find("default", "303").presence.state is PresenceState.AVAILABLE


@pytest.mark.rule("3.4-pieces", "3.4-presence")
def test_11_compares_the_whole_presence_part(make_desk: MakeDesk) -> None:
    """Its hints hear neither of a member of a list nor of a provider among the devices."""
    plan = """[default]
        list,hint,,CustomPresence:a&CustomPresence:b
        among,hint,CustomPresence:a
        one,hint,Custom:a,custompresence:a"""
    desk = make_desk(plan, profile=ASTERISK_11)
    desk.set("a", "away")
    desk.core.presence.write("CustomPresence:a&CustomPresence:b", "dnd")
    told = [(where, presence[0]) for _, where, _, presence in desk.general]
    assert told == [("one@default", "away"), ("list@default", "dnd")]


@pytest.mark.rule("3.6-both", "3.6-reason", "3.6-null")
def test_every_callback_carries_both(desk: Desk) -> None:
    """A device change repeats the presence, a presence change the state, and no text is missing."""
    desk.watch("300")
    desk.device("300", "INUSE")
    desk.set("300", "away,x,y")
    desk.device("300", "ONHOLD")
    assert desk.seen("300") == [
        ("device", 1, NOT_SET),
        ("presence", 1, ("away", "x", "y")),
        ("device", 16, ("away", "x", "y")),
    ]


@pytest.mark.rule("3.5-presence")
def test_presence_is_compared_byte_for_byte(desk: Desk) -> None:
    """The same is dropped and said to be; another subtype, message or case is told."""
    desk.watch("300")
    for value in ("away,x,y", "AWAY,x,y", "away,x,z", "away,x,Z", "away,X,Z"):
        desk.set("300", value)
    assert [presence for _, _, presence in desk.seen("300")] == [
        ("away", "x", "y"),
        ("away", "x", "z"),
        ("away", "x", "Z"),
        ("away", "X", "Z"),
    ]
    assert desk.whats().count("same presence") == 1


@pytest.mark.rule("3.5-null")
@pytest.mark.parametrize(
    ("stored", "event", "delivered"),
    [
        ("away,x,y", "away,x,y", 0),
        ("away,x,y", "away,z,y", 1),
        ("away,x,y", "away,x,Y", 1),
        ("away", "away", 1),
        ("away,x", "away,x", 1),
        ("away,,y", "away,,y", 1),
        (None, "not_set", 1),
        ("not_set,x,y", "not_set,x,y", 1),
        ("away,=,=,e", "away,=,=,e", 1),
    ],
)
def test_a_missing_text_differs_from_an_empty_one_once(
    make_desk: MakeDesk, stored: str | None, event: str, delivered: int
) -> None:
    """A fresh hint tells the first repetition where it had no text, and never the second."""
    plan = "[default]\n300,hint,Custom:300,CustomPresence:300"
    desk = make_desk(plan, rows={} if stored is None else {"/CustomPresence/300": stored})
    desk.watch("300")
    for _ in range(3):
        desk.set("300", event)
    assert len(desk.seen("300")) == delivered


@pytest.mark.rule("3.5-null", "1.4-none")
def test_a_text_that_decodes_to_nothing_is_not_missing(make_desk: MakeDesk) -> None:
    """Read past the cache such a text is empty and there, so the hint starts with what the event brings."""
    desk = make_desk("[default]")
    desk.store.put("CustomPresence", "300", "away,=,=,e")
    desk.reload("[default]\n300,hint,,CustomPresence:300")
    assert desk.core.hints.listing()[0].presence == Found(PresenceState.AWAY, "", "")
    desk.clear()
    desk.set("300", "away")
    assert desk.general == []


@pytest.mark.rule("3.5-repeat")
def test_the_same_presence_twice_is_told_once(make_desk: MakeDesk) -> None:
    """Set, subscribe, set the same: the first body only (Asterisk's presencestate_repeat)."""
    desk = make_desk("[default]\npresence,hint,,CustomPresence:Eggs")
    value = "AWAY,scrambled,feeling a bit sick"
    desk.set("Eggs", value)
    desk.watch("presence")
    desk.set("Eggs", value)
    assert desk.seen("presence") == []


@pytest.mark.rule("3.5-repeat")
def test_new_subtype_then_new_message_are_told(make_desk: MakeDesk) -> None:
    """Two changes, two notifications (Asterisk's presencestate_repeat_okay)."""
    desk = make_desk("[default]\npresence,hint,,CustomPresence:Eggs")
    desk.set("Eggs", "AWAY,scrambled,feeling a bit sick")
    desk.watch("presence")
    desk.set("Eggs", "AWAY,poached,feeling a bit sick")
    desk.set("Eggs", "AWAY,poached,the horses could not put me back together")
    assert len(desk.seen("presence")) == 2


@pytest.mark.rule("3.10-creation")
def test_several_hints_are_told_in_the_order_of_their_creation(make_desk: MakeDesk) -> None:
    """As in the file, instances and added ones last."""
    plan = """[b]
        z,hint,Custom:x,CustomPresence:x
        [a]
        y,hint,Custom:x,CustomPresence:x
        _1X,hint,Custom:x,CustomPresence:x"""
    desk = make_desk(plan)
    desk.core.hints.find("a", "12")
    desk.core.hints.find("a", "11")
    desk.core.hints.added(desk.plan.put("b", "a", "CustomPresence:x&Custom:x"))
    wanted = ["z@b", "y@a", "_1X@a", "12@a", "11@a", "a@b"]
    for change in (lambda: desk.set("x", "away"), lambda: desk.device("x", "INUSE")):
        desk.clear()
        change()
        assert [where for _, where, _, _ in desk.general] == wanted


@pytest.mark.rule("3.10-sorted")
def test_hints_are_listed_by_creation(desk: Desk) -> None:
    """With what each last showed and who watches it."""
    desk.watch("301")
    desk.device("301", "BUSY")
    listing = [(hint.exten, int(hint.state), len(hint.watchers)) for hint in desk.core.hints.listing()]
    assert listing == [("presence", 4, 0), ("300", 0, 0), ("301", 2, 1), ("302", 0, 0), ("303", 4, 0)]


def test_a_watch_that_is_cancelled_meanwhile_is_not_called(desk: Desk) -> None:
    """Watchers may cancel themselves and others, before and after, while they are called."""
    watches: list[Any] = []

    def cancel_all(note: object) -> None:
        for watch in watches:
            watch.cancel()

    before = desk.watch("300", name="before")
    watches.append(before)
    watches.append(desk.core.hints.watch("default", "300", cancel_all))
    watches.append(desk.watch("300", name="after"))
    desk.set("300", "away")
    desk.set("300", "dnd")
    assert [len(desk.told[name]) for name in ("before", "after")] == [1, 0]
    assert not desk.core.hints.find("default", "300").watchers
    before.cancel()


def test_one_that_starts_to_watch_meanwhile_is_called_from_the_next_change_on(desk: Desk) -> None:
    """It reads what stands, so the change that is being told is no news to it."""
    desk.core.hints.watch("default", "300", lambda note: "late" in desk.told or desk.watch("300", name="late"))
    desk.set("300", "away")
    assert desk.seen("late") == []
    desk.set("300", "dnd")
    assert len(desk.seen("late")) == 1


def test_all_watchers_share_one_notification(desk: Desk) -> None:
    """Thousands of watchers cost one object for a change, and leave nothing when they go."""
    notes: list[object] = []
    watches = [desk.core.hints.watch("default", "300", notes.append) for _ in range(5000)]
    desk.set("300", "away")
    assert len(notes) == 5000
    assert len({id(note) for note in notes}) == 1
    for watch in watches:
        watch.cancel()
    assert not desk.core.hints.find("default", "300").watchers


class DeduplicatedPresence(RuleBasedStateMachine):
    """One hint on two providers against a model that keeps a list of what must have been told."""

    make_desk: MakeDesk

    @initialize(stored=st.sampled_from([None, "away", "away,x", "dnd,x,y", "not_set,x"]))
    def start(self, stored: str | None) -> None:
        rows = {} if stored is None else {"/CustomPresence/a": stored}
        self.desk = type(self).make_desk("[default]\n1,hint,,CustomPresence:a&CustomPresence:b", rows=rows)
        self.desk.watch("1")
        fields = [] if stored is None or stored.startswith("not_set") else stored.split(",")
        state, subtype, message = [*fields, None, None, None][:3]
        self.last: tuple[str | None, ...] = (state or "not_set", subtype, message)
        self.wanted: list[tuple[str, ...]] = []

    @rule(
        name=st.sampled_from(["a", "b", "c"]),
        state=st.sampled_from(["away", "dnd", "not_set", "bogus"]),
        subtype=st.sampled_from(["", "x", "X"]),
        message=st.sampled_from(["", "y"]),
    )
    def write(self, name: str, state: str, subtype: str, message: str) -> None:
        accepted = self.desk.set(name, f"{state},{subtype},{message}")
        assert accepted == (state != "bogus")
        told = (state, subtype, message)
        if accepted and name != "c" and told != self.last:
            self.wanted.append(told)
            self.last = told

    @invariant()
    def only_changes_were_told(self) -> None:
        if hasattr(self, "desk"):
            assert [presence for _, _, presence in self.desk.seen("1")] == self.wanted
            general = [told for reason, _, _, told in self.desk.general if reason == "presence"]
            assert general == self.wanted


@pytest.mark.rule("3.5-presence", "3.5-null", "1.3-nodedup")
def test_deduplication_agrees_with_a_model(make_desk: MakeDesk) -> None:
    """Whatever is written in whatever order, what is told is what differs from what was told last."""
    DeduplicatedPresence.make_desk = staticmethod(make_desk)  # type: ignore[assignment]
    run_state_machine_as_test(DeduplicatedPresence)


@pytest.mark.rule("3.5-change", "3.5-same", "3.5-ringing")
@given(
    st.lists(
        st.tuples(st.sampled_from(["302a", "302b"]), st.sampled_from(["NOT_INUSE", "INUSE", "RINGING", "UNAVAILABLE"])),
        max_size=15,
    )
)
def test_device_changes_are_told_as_a_model_says(make_desk: MakeDesk, writes: list[tuple[str, str]]) -> None:
    """For two devices: told when the sum differs, and to phones also while it rings and a device changes."""
    desk = make_desk("[default]\n302,hint,Custom:302a&Custom:302b")
    desk.clear()
    desk.watch("302")
    sums = {"NOT_INUSE": 0, "INUSE": 1, "RINGING": 8, "UNAVAILABLE": 4, "UNKNOWN": 0}
    now, last, phone, general = {"302a": "UNKNOWN", "302b": "UNKNOWN"}, 0, [], []
    for device, state in writes:
        repeated, now[device] = now[device] == state, state
        pair = set(now.values())
        highest = next(s for s in ("INUSE", "RINGING", "NOT_INUSE", "UNAVAILABLE", "UNKNOWN") if s in pair)
        if pair == {"UNKNOWN", "UNAVAILABLE"}:
            highest = "UNAVAILABLE"
        total = 9 if pair == {"INUSE", "RINGING"} else sums[highest]
        if not repeated and (total != last or total & 8):
            phone.append(total)
        if total != last:
            general.append(total)
        last = total
        desk.device(device, state)
    assert [told for _, told, _ in desk.seen("302")] == phone
    assert [told for _, _, _, told in desk.general] == general
