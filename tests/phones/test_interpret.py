"""How a phone reads a NOTIFY: two halves that never mix, and nothing lit that was not understood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.bodies import dialog_info, pidf, xpidf
from phones.interpret import FAMILIES, Options, Shown, interpret
from tests.bodies.characters import carries

FAMILY = "digium-2x"
ENTITY = "sip:2000@192.0.2.1"


def body(
    state: int = 0, token: str = "not_set", subtype: str = "", message: str = "", *, digium: bool = True,
) -> bytes:
    return pidf.write(ENTITY, "2000", state, "sip:w@192.0.2.1", token, subtype, message, digium=digium)


def read(data: bytes, options: Options | None = None, kind: str = pidf.CONTENT_TYPE) -> Shown:
    return interpret(kind, data, FAMILY, options or Options())


@pytest.mark.parametrize("family", list(FAMILIES))
@pytest.mark.parametrize(("state", "lamp"), [
    (0, "idle"), (1, "on_the_phone"), (2, "on_the_phone"), (4, "unknown"), (8, "ringing"), (9, "ringing"),
    (16, "on_hold"), (-1, "idle"), (17, "idle"),
])
def test_the_device_half_lights_the_lamp(family: str, state: int, lamp: str) -> None:
    """Each extension state of Asterisk has its word of Smart BLF."""
    assert interpret(pidf.CONTENT_TYPE, body(state), family).lamp == lamp


@pytest.mark.parametrize("family", list(FAMILIES))
@pytest.mark.parametrize("token", ["available", "away", "dnd", "xa", "chat"])
def test_the_five_states_are_shown_with_their_text(family: str, token: str) -> None:
    """Presence, substatus and message come from the Digium tuple."""
    shown = interpret(pidf.CONTENT_TYPE, body(0, token, "Lunch", "back at two"), family)
    assert shown == Shown(True, "idle", token, "Lunch", "back at two", ENTITY)


@given(
    state=st.sampled_from([0, 1, 2, 4, 8, 9, 16]),
    token=st.sampled_from(["not_set", "unavailable", "available", "away", "xa", "chat", "dnd"]),
)
def test_neither_half_changes_the_other(state: int, token: str) -> None:
    """The lamp is the same for every presence, and presence the same for every device state."""
    shown = read(body(state, token, "s", "m"))
    assert shown.lamp == read(body(state)).lamp
    assert shown[2:5] == read(body(0, token, "s", "m"))[2:5]


@pytest.mark.parametrize("token", ["unavailable", "not_set"])
def test_an_unsupported_state_shows_nothing_and_is_noted(token: str) -> None:
    """What a phone shows for it is not documented; by default nothing, its text neither."""
    shown = read(body(8, token, "s", "m"))
    assert shown[:5] == (True, "ringing", "", "", "")
    assert shown.notes == (f"digium_presence type {token!r} is not supported by Digium phones",)


@pytest.mark.parametrize("token", ["unavailable", "not_set"])
def test_an_unsupported_state_can_be_shown_by_its_token(token: str) -> None:
    """The option shows it as it was sent, and it stays noted."""
    shown = read(body(0, token, "s", "m"), Options(unsupported="token"))
    assert shown[2:5] == (token, "s", "m")
    assert shown.notes


@pytest.mark.parametrize("token", ["Away", "AWAY", "lunching", "busy"])
def test_an_unknown_type_shows_nothing(token: str) -> None:
    """Types are compared exactly; the note names what came."""
    shown = read(body(0, token, "s", "m"))
    assert (shown.understood, shown.lamp, shown.presence, shown.subtype) == (True, "idle", "", "")
    assert repr(token) in shown.notes[0]


def test_without_the_tuple_there_is_a_lamp_and_no_presence() -> None:
    """A phone whose User-Agent was not recognised sees the device half alone."""
    shown = read(body(1, "away", digium=False))
    assert (shown.lamp, shown.presence) == ("on_the_phone", "")
    assert shown.notes == ("the body has no digium_presence element",)


@pytest.mark.parametrize("data", [
    body(0, ""),                                # <digium_presence type />
    body(0, "away", "", "&" * 250),             # cut within an entity
    body(0, "away", "", "\x07"),                # a control character
    body(0, "away", "", "\udcff"),              # a byte that is not UTF-8
    b"<presence/>", b"nonsense",
])
def test_a_body_that_cannot_be_read_lights_nothing(data: bytes) -> None:
    """Not even the lamp, though Asterisk wrote one; the note says why."""
    shown = read(data)
    assert shown[:5] == (False, "", "", "", "")
    assert shown.notes[0].startswith("the application/pidf+xml body shows nothing: ")


@given(st.text(max_size=100).filter(carries))
def test_any_text_that_xml_carries_is_shown_whole(message: str) -> None:
    """Markup, quotes, line breaks and any language."""
    assert read(body(0, "away", "", message)).message == message


def test_an_empty_body_changes_nothing() -> None:
    """A NOTIFY that ends a subscription may have none."""
    assert read(b"") .understood is False
    assert interpret("", b"", FAMILY).notes == ("the NOTIFY has no body",)


def test_a_type_that_the_phone_did_not_ask_for_is_not_read() -> None:
    """XPIDF and dialog-info are not in the Accept of these phones."""
    other = xpidf.write(ENTITY, "2000", 1, "sip:w@192.0.2.1", "guid")
    assert interpret(xpidf.CONTENT_TYPE, other, FAMILY).notes == (
        "digium-2x phones do not read application/xpidf+xml",)
    assert not interpret(dialog_info.CONTENT_TYPE, dialog_info.write(ENTITY, "2000", 1, 0), FAMILY).understood


def test_the_content_type_is_compared_without_case_and_parameters() -> None:
    """Media types have neither case nor order (RFC 2045 clause 5.1)."""
    assert read(body(0, "away"), kind="Application/PIDF+XML; charset=utf-8").presence == "away"


@pytest.mark.parametrize(("note", "basic", "lamp"), [
    ("", "open", "idle"), ("In a meeting", "open", "idle"), ("", "closed", "unknown"), ("Ready", "closed", "unknown"),
    ("not online", "open", "unknown"), ("RINGING", "open", "ringing"),
])
def test_without_a_note_of_asterisk_basic_decides(note: str, basic: str, lamp: str) -> None:
    """Another server's document lights what can be told from it."""
    data = body(0).replace(b">Ready<", f">{note}<".encode()).replace(b">open<", f">{basic}<".encode())
    assert read(data).lamp == lamp


def test_without_a_note_the_activity_lights_on_the_phone() -> None:
    """An activity is what is left of a busy device."""
    assert read(body(1).replace(b">On the phone<", b"><")).lamp == "on_the_phone"


def test_a_document_without_a_device_leaves_the_lamp_dark() -> None:
    """No note, no basic, no activity: nothing is guessed."""
    shown = read(b'<presence xmlns="urn:ietf:params:xml:ns:pidf"/>')
    assert (shown.understood, shown.lamp) == (True, "")
    assert "the body tells nothing of the device" in shown.notes


@pytest.mark.parametrize(("state", "lamp"), [
    (0, "idle"), (1, "on_the_phone"), (4, "idle"), (8, "ringing"), (16, "on_hold"),
])
def test_dialog_info_lights_the_lamp_where_it_is_asked_for(state: int, lamp: str) -> None:
    """An option reads it; it never tells presence, and unavailable looks idle in it."""
    shown = read(dialog_info.write(ENTITY, "2000", state, 0), Options(dialog_info=True), dialog_info.CONTENT_TYPE)
    assert (shown.lamp, shown.presence, shown.notes) == (lamp, "", ())


def test_of_several_dialogs_the_ringing_one_lights_the_lamp() -> None:
    """One device may have several calls."""
    one = dialog_info.write(ENTITY, "2000", 1, 0)
    two = one.replace(b"</dialog-info>", b'<dialog id="x"><state>early</state></dialog></dialog-info>')
    assert read(two, Options(dialog_info=True), dialog_info.CONTENT_TYPE).lamp == "ringing"


def test_an_unknown_dialog_state_lights_nothing() -> None:
    """It is noted."""
    data = dialog_info.write(ENTITY, "2000", 1, 0).replace(b"confirmed", b"daydreaming")
    shown = read(data, Options(dialog_info=True), dialog_info.CONTENT_TYPE)
    assert (shown.lamp, shown.notes) == ("", ("dialog state 'daydreaming' is not known",))


@given(st.text(max_size=30), st.binary(max_size=200))
def test_nothing_that_a_server_sends_makes_a_phone_fail(content_type: str, data: bytes) -> None:
    """Any bytes under any type are shown or noted."""
    for kind in (content_type, pidf.CONTENT_TYPE, dialog_info.CONTENT_TYPE):
        shown = interpret(kind, data, FAMILY, Options(dialog_info=True))
        assert shown.understood or shown.notes
