"""What a hint's text names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core import DeviceState, Presence, PresenceState, split_name
from harness.core.hint import device_pieces, devices_of, pieces, presence_pieces, provider_of

Desk = Any
MakeDesk = Callable[..., Any]
TEXTS = st.text(alphabet="ab:/&, ", max_size=12)


@pytest.mark.rule("3.3-name", "3.3-trim")
@pytest.mark.parametrize(
    ("application", "text", "name"),
    [
        ("Custom:400(Four Hundred)", "Custom:400", "Four Hundred"),
        ("Custom:400", "Custom:400", ""),
        ("Custom:400(Four (4) Hundred)", "Custom:400", "Four (4) Hundred"),
        ("Custom:400(Four) and more", "Custom:400", "Four"),
        ("Custom:400(Four", "Custom:400", "Four"),
        ("Custom:${EXTEN}(Four)", "Custom:${EXTEN}(Four)", ""),
        ("Custom:$[1+1](Four)", "Custom:$[1+1](Four)", ""),
        ("Custom:400(${EXTEN})", "Custom:400", "${EXTEN}"),
        (" \t Custom:a, CustomPresence:a", "Custom:a, CustomPresence:a", ""),
        (" Custom:a (x)", "Custom:a ", "x"),
        ("", "", ""),
    ],
)
def test_the_name_of_a_hint(application: str, text: str, name: str) -> None:
    """A parenthesis starts it, the last one ends it, and a variable before it makes it part of the text."""
    assert split_name(application) == (text, name)


@pytest.mark.rule("3.3-comma")
@pytest.mark.parametrize(
    ("text", "devices", "provider"),
    [
        ("Custom:a", ("Custom:a",), None),
        ("Custom:a&Custom:b", ("Custom:a", "Custom:b"), None),
        ("Custom:a,CustomPresence:a", ("Custom:a",), "CustomPresence:a"),
        (",CustomPresence:a", ("",), "CustomPresence:a"),
        ("Custom:a,", ("Custom:a",), ""),
        ("Custom:a,CustomPresence:b,CustomPresence:c", ("Custom:a,CustomPresence:b",), "CustomPresence:c"),
        ("Custom:a, CustomPresence:a", ("Custom:a",), " CustomPresence:a"),
        ("Custom:a,CustomPresence:a&CustomPresence:b", ("Custom:a",), "CustomPresence:a&CustomPresence:b"),
        ("", ("",), None),
    ],
)
def test_devices_before_the_last_comma_and_presence_after_it(
    text: str, devices: tuple[str, ...], provider: str | None
) -> None:
    """The last comma parts them; no comma, no presence part."""
    assert (devices_of(text), provider_of(text)) == (devices, provider)


@pytest.mark.rule("3.4-pieces")
@given(TEXTS)
def test_pieces_are_what_separators_leave(text: str) -> None:
    """No piece is empty or holds a separator, and together they are the text."""
    assert all(piece and "&" not in piece and "," not in piece for piece in pieces(text))
    assert "".join(pieces(text)) == text.replace("&", "").replace(",", "")


@given(TEXTS)
def test_11_knows_devices_and_one_presence_part(text: str) -> None:
    """In the older profile the two parts are registered apart, the presence part as a whole."""
    assert device_pieces(text) == tuple(device for device in devices_of(text) if device)
    assert presence_pieces(text) == tuple(part for part in [provider_of(text)] if part)


FORMS = """[default]
one,hint,Custom:a
two,hint,Custom:a&Custom:b
both,hint,Custom:a,CustomPresence:a
list,hint,Custom:a&SIP/b,CustomPresence:a&CustomPresence:b
none,hint,,CustomPresence:a
empty,hint,Custom:a,
three,hint,Custom:a,CustomPresence:b,CustomPresence:c
bogus,hint,Custom:a,Bogus:a&CustomPresence:a
among,hint,Custom:a&CustomPresence:a
unknown,hint,Custom:a,Bogus:a
space,hint,Custom:a, CustomPresence:a
nothing,hint,"""


@pytest.fixture
def forms(make_desk: MakeDesk) -> Desk:
    """One hint of each form; device a is busy, presence a is away, c is chat."""
    rows = {"/CustomDevstate/a": "BUSY", "/CustomPresence/a": "away,x", "/CustomPresence/c": "chat"}
    desk = make_desk(FORMS, rows=rows)
    desk.clear()
    return desk


@pytest.mark.rule("3.3-forms", "3.3-nopresence", "3.3-unknown", "3.3-comma")
@pytest.mark.parametrize(
    ("exten", "state", "presence"),
    [
        ("one", 2, Presence(PresenceState.NOT_SET)),
        ("two", 2, Presence(PresenceState.NOT_SET)),
        ("both", 2, Presence(PresenceState.AWAY, "x")),
        ("list", 2, Presence(PresenceState.AWAY, "x")),
        ("none", 4, Presence(PresenceState.AWAY, "x")),
        ("empty", 2, Presence(PresenceState.NOT_SET)),
        ("three", 0, Presence(PresenceState.CHAT)),
        ("bogus", 2, Presence(PresenceState.AWAY, "x")),
        ("among", 2, Presence(PresenceState.NOT_SET)),
        ("unknown", 2, None),
        ("space", 2, None),
        ("nothing", 4, None),
    ],
)
def test_what_each_form_shows(forms: Desk, exten: str, state: int, presence: Presence | None) -> None:
    """State and presence of each form, as asked for and as kept."""
    assert forms.core.hints.state("default", exten) == state
    assert forms.core.hints.presence("default", exten) == presence
    hint = forms.core.hints.find("default", exten)
    assert hint.state == state
    if presence is not None:
        assert hint.presence.told() == presence
    elif exten != "nothing":
        assert hint.presence.state is PresenceState.INVALID


@pytest.mark.rule("3.3-nopresence")
def test_it_is_said_that_a_hint_has_no_presence_part(forms: Desk) -> None:
    """Whoever asks for the presence of such a hint can be told why there is none."""
    forms.core.hints.presence("default", "one")
    assert forms.decisions == [("no presence part", {"hint": forms.core.hints.find("default", "one")})]


@pytest.mark.rule("3.3-forms", "3.4-pieces")
def test_which_forms_an_event_reaches(forms: Desk) -> None:
    """Device and presence events reach every hint with such a piece, in whichever part it stands."""
    forms.set("b", "dnd")
    assert [where for _, where, _, _ in forms.general] == ["list@default", "three@default"]
    forms.clear()
    forms.set("c", "xa")
    assert [where for _, where, _, _ in forms.general] == ["three@default"]
    forms.clear()
    forms.set("a", "available")
    reached = [where.partition("@")[0] for _, where, _, _ in forms.general]
    assert reached == ["both", "list", "none", "bogus", "among"]
    forms.clear()
    forms.device("a", "INUSE")
    reached = [where.partition("@")[0] for _, where, _, _ in forms.general]
    assert reached == ["one", "two", "both", "list", "empty", "bogus", "among", "unknown", "space"]


@pytest.mark.rule("3.3-trim")
def test_a_blank_before_a_provider_makes_it_another(forms: Desk) -> None:
    """Only the provider with the blank would match, and nobody can write that."""
    assert not forms.core.presence.write(" CustomPresence:a", "away")
    forms.set("a", "dnd")
    assert "space@default" not in [where for _, where, _, _ in forms.general]


@pytest.mark.rule("3.4-pieces")
def test_pieces_match_in_any_case_of_ascii(make_desk: MakeDesk) -> None:
    """Letters A to Z count in either case, others do not."""
    desk = make_desk("[default]\n1,hint,,custompresence:BÄR\n2,hint,,CustomPresence:Bär")
    desk.clear()
    desk.core.presence.write("CUSTOMPRESENCE:bÄr", "away")
    assert [where for _, where, _, _ in desk.general] == ["1@default"]


@pytest.mark.rule("3.4-pieces")
def test_a_piece_named_twice_is_reached_twice(make_desk: MakeDesk) -> None:
    """The second time is a repetition, which only ringing shows."""
    desk = make_desk("[default]\n1,hint,Custom:a&Custom:A,CustomPresence:a&CustomPresence:a")
    desk.watch("1")
    desk.device("a", "BUSY")
    desk.set("a", "away")
    assert len(desk.told["1"]) == 2
    desk.device("a", "RINGING")
    devices = (("Custom:a", DeviceState.RINGING), ("Custom:A", DeviceState.UNKNOWN))  # rows differ by case
    assert [note.devices for note in desk.told["1"][2:]] == [devices] * 2


@pytest.mark.rule("3.4-pieces")
def test_an_event_that_no_hint_names_is_said(forms: Desk) -> None:
    """The observer is told which provider or device it was."""
    forms.set("other", "away")
    forms.device("other", "INUSE")
    nobody = [values for what, values in forms.decisions if what == "no hint"]
    assert nobody == [{"provider": "CustomPresence:other"}, {"device": "Custom:other"}]
