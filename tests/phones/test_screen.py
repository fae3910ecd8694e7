"""The screen: what a person sees, what changed, and how it is drawn."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phones.interpret import Shown
from phones.screen import MIN_WIDTH, REGISTERED, Change, Screen

AWAY = Shown(True, "idle", "away", "Lunch", "back at two")


def office() -> Screen:
    screen = Screen("reception  Digium D65")
    screen.add_contact("2000", "Bob", "auto_hint_bob")
    screen.add_contact("2001", "Carol", "2001")
    return screen


def test_a_new_contact_is_dark() -> None:
    """Before the first NOTIFY nothing is known of anybody."""
    assert office().snapshot()["contacts"]["2000"] == {      # type: ignore[index]
        "id": "2000", "name": "Bob", "subscribe_to": "auto_hint_bob",
        "presence": "", "subtype": "", "message": "", "lamp": ""}


def test_a_body_changes_what_is_different_and_tells_it() -> None:
    """Changes come in the order presence, subtype, message, lamp, and are plain tuples."""
    screen = office()
    assert screen.apply("2000", AWAY) == (
        ("contact", "2000", "presence", "", "away"), ("contact", "2000", "subtype", "", "Lunch"),
        ("contact", "2000", "message", "", "back at two"), ("contact", "2000", "lamp", "", "idle"))
    assert screen.apply("2000", AWAY._replace(lamp="ringing")) == (
        ("contact", "2000", "lamp", "idle", "ringing"),)


def test_the_same_body_again_changes_nothing() -> None:
    """A refresh brings the full state once more."""
    screen = office()
    screen.apply("2000", AWAY)
    assert screen.apply("2000", AWAY) == ()


def test_what_a_body_does_not_say_goes_dark() -> None:
    """A body is the full state, so presence that is gone is no longer shown."""
    screen = office()
    screen.apply("2000", AWAY)
    screen.apply("2000", Shown(True, "unknown"))
    bob = screen.contacts["2000"]
    assert (bob.presence, bob.subtype, bob.message, bob.lamp) == ("", "", "", "unknown")


def test_a_body_that_was_not_understood_leaves_what_was_there() -> None:
    """A phone that cannot read a document has nothing to show instead."""
    screen = office()
    screen.apply("2000", AWAY)
    assert screen.apply("2000", Shown(False, notes=("broken",))) == ()
    assert screen.contacts["2000"].presence == "away"


def test_other_contacts_stay_as_they_were() -> None:
    """A change of Bob is none of Carol."""
    screen = office()
    screen.apply("2000", AWAY)
    assert screen.contacts["2001"].presence == ""


def test_a_contact_without_a_subscription_goes_dark() -> None:
    """Only what was lit is told."""
    screen = office()
    screen.apply("2000", Shown(True, "idle", "away"))
    assert screen.darken("2000") == (
        ("contact", "2000", "presence", "away", ""), ("contact", "2000", "lamp", "idle", ""))
    assert screen.darken("2000") == ()


def test_own_status_and_lines_tell_their_changes() -> None:
    """Each returns what became different, and nothing the second time."""
    screen = office()
    assert screen.set_status("away", "Lunch") == (
        ("status", "", "status", "", "away"), ("status", "", "substatus", "", "Lunch"))
    assert screen.set_status("away", "Lunch") == ()
    assert screen.set_registration("1000", REGISTERED) == (
        Change("line", "1000", "registration", "unregistered", "registered"),)
    assert screen.set_registration("1000", REGISTERED) == ()


@pytest.mark.parametrize(("text", "found"), [
    ("2000", "2000"), ("auto_hint_bob", "2000"), ("Carol", "2001"), ("2001", "2001"), ("nobody", None),
])
def test_a_contact_is_found_by_id_subscription_or_name(text: str, found: str | None) -> None:
    """As a scenario may name it."""
    contact = office().find(text)
    assert (contact.id if contact else None) == found


def test_a_name_that_two_contacts_share_finds_neither() -> None:
    """What is ambiguous is not guessed; the id still works."""
    screen = office()
    screen.add_contact("2002", "Bob")
    assert screen.find("Bob") is None
    assert screen.find("2002") is screen.contacts["2002"]


def test_an_unknown_contact_is_a_key_error() -> None:
    """The phone never subscribes to what is not in its phonebook."""
    with pytest.raises(KeyError):
        office().apply("9999", AWAY)


def test_a_screen_is_drawn_as_text() -> None:
    """Own status, lines, and each contact with its lamp, name and presence."""
    screen = office()
    screen.set_status("available")
    screen.set_registration("1000", REGISTERED)
    screen.apply("2000", AWAY._replace(lamp="ringing"))
    screen.apply("2001", Shown(True, "unknown"))
    assert screen.render(60) == """\
+- reception  Digium D65 ----------------------------------+
| Me: Available                                            |
| Line 1000: registered                                    |
|----------------------------------------------------------|
| (!) Bob   ringing      Away / Lunch "back at two"        |
| (?) Carol unknown                                        |
+----------------------------------------------------------+"""


def test_a_phone_without_contacts_is_drawn_too() -> None:
    """There is no second half."""
    assert Screen("x").render(24) == """\
+- x ------------------+
| Me: -                |
+----------------------+"""


def test_what_does_not_fit_ends_with_an_ellipsis() -> None:
    """The frame keeps its width."""
    screen = office()
    screen.apply("2000", AWAY)
    row = screen.render(30).splitlines()[3]
    assert row == "| (o) Bob   idle         Aw… |"


def columns(line: str) -> int:
    return sum(
        0 if char == "\u200d" or unicodedata.category(char) in ("Mn", "Me")
        else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)


@given(
    width=st.integers(1, 100), name=st.text(max_size=30),
    message=st.one_of(
        st.text(max_size=60), st.text("\x1b[31m\r\n\u202e\udcff渡e\u0301", max_size=20)),
)
def test_no_text_breaks_the_frame_or_commands_the_terminal(width: int, name: str, message: str) -> None:
    """Any text keeps the columns and holds no control, format or unprintable character."""
    screen = Screen(name)
    screen.add_contact("1", name)
    screen.apply("1", Shown(True, "idle", "away", message, message))
    drawn = screen.render(width)
    drawn.encode("utf-8")
    assert {columns(line) for line in drawn.split("\n")} == {max(width, MIN_WIDTH)}
    assert not {unicodedata.category(char) for char in drawn.replace("\n", "").replace("\u200d", "")} & {
        "Cc", "Cf", "Cs"}


def test_a_snapshot_is_plain_data_that_later_changes_leave_alone() -> None:
    """Reports keep it and print it as JSON."""
    screen = office()
    before = screen.snapshot()
    copy = json.loads(json.dumps(before))
    screen.apply("2000", AWAY)
    screen.set_registration("1", REGISTERED)
    assert before == copy
