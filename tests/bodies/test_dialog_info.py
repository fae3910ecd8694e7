"""dialog-info: the device half for lamps, with who calls whom."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.bodies import dialog_info
from harness.bodies.dialog_info import DialogInfoError, Party, RingingCall
from tests.bodies.characters import carries

ENTITY = "sip:2000@192.0.2.1:5060"


def body(state: int, version: int = 0, **options: object) -> bytes:
    return dialog_info.write(ENTITY, "2000", state, version, **options)  # type: ignore[arg-type]


def only_dialog(data: bytes) -> dialog_info.Dialog:
    dialog, = dialog_info.read(data).dialogs
    return dialog


@pytest.mark.parametrize(("state", "expected"), [
    (-1, "terminated"), (0, "terminated"), (1, "confirmed"), (2, "confirmed"), (4, "terminated"),
    (8, "early"), (9, "confirmed"), (16, "confirmed"), (17, "terminated"),
])
def test_each_extension_state_has_its_dialog_state(state: int, expected: str) -> None:
    """The table of presence_xml.c; unavailable looks like idle here."""
    assert only_dialog(body(state)).state == expected


def test_in_use_and_ringing_is_early_where_the_endpoint_asks_for_it() -> None:
    """notify_early_inuse_ringing turns state 9, and no other, into an early dialog."""
    assert only_dialog(body(9, notify_early_inuse_ringing=True)).state == "early"
    assert only_dialog(body(1, notify_early_inuse_ringing=True)).state == "confirmed"


def test_ringing_without_a_device_list_names_nobody() -> None:
    """A body that a presence change caused has the direction but no ends."""
    dialog = only_dialog(body(8, devices=False))
    assert (dialog.direction, dialog.state, dialog.local.identity) == ("recipient", "early", "")


def test_ringing_without_a_channel_names_the_entity_as_local() -> None:
    """A custom device rings with nobody behind it."""
    dialog = only_dialog(body(8))
    assert (dialog.local.identity, dialog.local.target) == (ENTITY, ENTITY)
    assert dialog.remote == ("", "", "", "")


def test_a_ringing_channel_names_both_ends() -> None:
    """The remote end is the connected line, the local one the caller id, with their names as display."""
    call = RingingCall(Party("2001", 'Bob "B" <b>'), Party("2000", "Alice"), "192.0.2.1")
    dialog = only_dialog(body(8, call=call))
    assert dialog.remote == ("sip:2001@192.0.2.1", 'Bob "B" <b>', "sip:2001@192.0.2.1", "")
    assert dialog.local == ("sip:2000@192.0.2.1", "Alice", ENTITY, "")


def test_a_restricted_caller_is_anonymous() -> None:
    """Neither number nor name of a caller who withholds them is told."""
    call = RingingCall(Party("2001", "Bob", True, True), Party("2000"), "192.0.2.1")
    remote = only_dialog(body(8, call=call)).remote
    assert remote == ("sip:anonymous@anonymous.invalid", "anonymous", "sip:anonymous@anonymous.invalid", "")


def test_a_caller_without_a_number_is_invalid() -> None:
    """A channel without a number gives the word that Asterisk puts in its place."""
    dialog = only_dialog(body(8, call=RingingCall(Party(), Party(), "192.0.2.1")))
    assert dialog.remote.identity == dialog.local.identity == "sip:invalid@192.0.2.1"


def test_hold_is_told_by_the_rendering_parameter() -> None:
    """A call on hold is a confirmed dialog whose local target does not render."""
    dialog = only_dialog(body(16))
    assert (dialog.state, dialog.local.target, dialog.local.rendering) == ("confirmed", ENTITY, "no")
    assert only_dialog(body(1)).local.rendering == ""


def test_the_entity_is_escaped() -> None:
    """Unlike in PIDF, a Request-URI with an ampersand leaves the document readable."""
    found = dialog_info.read(dialog_info.write("sip:a&b@192.0.2.1", "a", 0, 3))
    assert (found.entity, found.version) == ("sip:a&b@192.0.2.1", 3)


@given(
    state=st.sampled_from([0, 1, 4, 8, 9, 16]), version=st.integers(0, 2**32 - 1),
    name=st.text(max_size=80).filter(carries), devices=st.booleans(),
)
def test_any_name_and_version_round_trips(state: int, version: int, name: str, devices: bool) -> None:
    """What XML can carry is read as written; in an attribute a tab comes as a blank."""
    call = RingingCall(Party("2001", name), Party("2000"), "192.0.2.1")
    found = dialog_info.read(body(state, version, call=call, devices=devices))
    assert (found.version, found.full, found.entity) == (version, True, ENTITY)
    if state == 8 and devices:
        assert found.dialogs[0].remote.display == name.replace("\t", " ")


@pytest.mark.parametrize("data", [
    b"", b"<dialog-info/>",
    b'<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="x"/>',
    b'<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info"/>',
    b'<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="99999999999999999999"/>',
    '<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="٣"/>'.encode(),
])
def test_what_is_not_dialog_info_is_refused(data: bytes) -> None:
    """Another root or a version that is no number is a DialogInfoError."""
    with pytest.raises(DialogInfoError) as caught:
        dialog_info.read(data)
    assert caught.value.reason


def test_a_partial_document_says_so() -> None:
    """A phone has to know whether dialogs that are not named are gone (RFC 4235 clause 4.1.1)."""
    assert not dialog_info.read(body(0).replace(b'state="full"', b'state="partial"')).full
