"""The last change: what belongs to it, what it tells of itself."""

from __future__ import annotations

from harness.net.trace import Trace
from harness.web.change import LASTS_S, LOST, MAX_LANES, MAX_ROWS, Change

SERVER = ("10.0.0.1", 5060)
BOB = ("10.0.1.1", 5060)
NOTIFY = b"NOTIFY sip:x SIP/2.0\r\n\r\n"


class Clock:
    """A trace whose time is set by hand, and the change that follows it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.trace = Trace()
        self.trace.start_at(lambda: self.now)
        self.trace.names = {SERVER: "server", BOB: "bob"}
        self.change = Change(self.trace)
        self.trace.listeners.append(self.change.take)

    def press(self, status: str = "away", substatus: str = "") -> int:
        said = {"phone": "bob", "status": status, "substatus": substatus}
        return self.trace.add("press", "bob", "", "", said, cause=0)

    def screen(self, phone: str, cause: int, changed: bool = True) -> int:
        said = {"phone": phone, "contact": "2000", "presence": "away", "lamp": "on_the_phone",
                "changed": [{"field": "presence"}] if changed else []}  # fmt: skip
        return self.trace.add("screen", phone, "", "", said, cause=cause)


def test_what_a_press_leads_to_belongs_to_it_and_nothing_else() -> None:
    """By causes alone: a registration that is refreshed meanwhile is not drawn."""
    desk = Clock()
    press = desk.press("away", "Lunch")
    desk.now = 0.001
    sent = desk.trace.add("sip", BOB, SERVER, "UDP", b"MESSAGE sip:proxy@x SIP/2.0\r\n\r\n", press)
    desk.trace.add("sip", BOB, SERVER, "UDP", b"REGISTER sip:x SIP/2.0\r\n\r\n", 0)
    desk.now = 0.0015
    arrived = desk.trace.add("arrived", BOB, SERVER, "UDP", b"MESSAGE sip:proxy@x SIP/2.0\r\n\r\n", sent)
    desk.now = 0.002
    desk.trace.add("dpma", "dpma", "server", "", {"verdict": "accepted", "provider": "CustomPresence:2000"}, arrived)
    assert desk.change.what == "bob picks away / Lunch"
    assert [row["hop"] for row in desk.change.rows] == ["press", "sip", "dpma"]
    message = desk.change.rows[1]
    assert (message["from"], message["to"], message["at"], message["flight"]) == ("bob", "server", 1.0, 0.5)
    assert desk.change.landed() == {sent: 0.5}
    assert desk.change.landed() == {}
    assert desk.change.lanes == ["bob", "server"]


def test_the_next_press_begins_anew() -> None:
    """What the one before still leads to is not drawn any more."""
    desk = Clock()
    first = desk.press("away")
    second = desk.press("dnd")
    desk.screen("carol", first)
    assert desk.change.start == second
    assert [row["text"] for row in desk.change.rows] == ["picks dnd"]


def test_it_counts_phones_notifies_and_the_road_to_the_first() -> None:
    """A screen that shows the same as before has not seen anything."""
    desk = Clock()
    press = desk.press()
    for place, phone in enumerate(("carol", "dave", "erin"), 1):
        desk.now = place / 1000
        sent = desk.trace.add("sip", SERVER, (f"10.0.2.{place}", 5060), "UDP", NOTIFY, press)
        desk.now += 0.0005
        desk.screen(phone, desk.trace.add("arrived", SERVER, BOB, "UDP", NOTIFY, sent), changed=phone != "erin")
    told = desk.change.summary
    assert (told["notifies"], told["seen"], told["first"], told["last"]) == (3, 2, 1.5, 2.5)
    assert [(hop["word"], hop["ms"]) for hop in told["road"]] == [
        ("press", 0.0), ("NOTIFY", 1.0), ("NOTIFY travels", 0.5), ("screen", 0.0),
    ]  # fmt: skip


def test_many_participants_are_counted_and_few_are_drawn() -> None:
    """And the rows have an end."""
    desk = Clock()
    press = desk.press()
    for place in range(200):
        desk.screen(f"phone {place}", press)
    told = desk.change.summary
    assert len(told["lanes"]) == MAX_LANES
    assert told["seen"] == 200
    assert told["hidden"] == 200 - (MAX_LANES - 1)
    for _ in range(MAX_ROWS):
        desk.screen("phone 1", press)
    assert len(desk.change.rows) == MAX_ROWS


def test_the_steps_of_a_scenario_begin_changes_or_ask_about_them() -> None:
    """A press belongs to the step that asks for it; a failure is told, a pass is not."""
    desk = Clock()
    step = desk.trace.add("step", "s", "s", "", {"index": 1, "verb": "status", "text": "status: ..."}, 0)
    desk.press("away")
    assert (desk.change.start, desk.change.what) == (step, "bob picks away")
    desk.trace.add("step", "s", "s", "", {"index": 1, "verdict": "passed"}, step)
    asked = desk.trace.add("step", "s", "s", "", {"index": 2, "verb": "expect", "text": "expect: ..."}, 0)
    desk.trace.add("step", "s", "s", "", {"index": 2, "verdict": "failed", "why": "nothing came"}, asked)
    assert [(row["text"], row["asks"]) for row in desk.change.rows] == [
        ("status: ...", False), ("picks away", False), ("expect: ...", True), ("failed: nothing came", True),
    ]  # fmt: skip


def test_secrets_are_blanked_and_bad_bytes_do_no_harm() -> None:
    """In the rows as everywhere."""
    desk = Clock()
    desk.trace.secrets.add("swordfish")
    press = desk.press("swordfish", "<b>\ud800")
    desk.trace.add("sip", BOB, SERVER, "UDP", b"\xff\xfe\x00 sip:bob:secret-1@x SIP/2.0\r\n", press)
    lost = {"why": "taken", "data": b"NOTIFY sip:swordfish SIP/2.0\r\n"}
    note = desk.trace.add("note", "bob", "", "", {"what": "swordfish"}, press)
    desk.trace.add("lost", BOB, SERVER, "UDP", lost, desk.trace.add("arrived", BOB, BOB, "UDP", b"", note))
    text = " ".join(row["text"] for row in desk.change.rows) + desk.change.what
    assert "swordfish" not in text
    assert "secret-1" not in text
    assert [row["hop"] for row in desk.change.rows] == ["press", "sip", "note", "lost"]


def test_what_is_lost_is_told_of_the_message_itself() -> None:
    """One row, which never lands."""
    desk = Clock()
    sent = desk.trace.add("sip", BOB, SERVER, "UDP", NOTIFY, desk.press())
    desk.trace.add("lost", BOB, SERVER, "UDP", {"why": "taken by the network", "data": NOTIFY}, sent)
    assert [row["hop"] for row in desk.change.rows] == ["press", "sip"]
    assert desk.change.landed() == {sent: LOST}


def test_a_change_has_an_end() -> None:
    """What it leads to an hour later is another matter, such as the refresh of a registration."""
    desk = Clock()
    press = desk.press()
    desk.now = LASTS_S
    desk.screen("carol", press)
    desk.now = LASTS_S + 0.1
    desk.screen("dave", press)
    assert desk.change.summary["seen"] == 1
