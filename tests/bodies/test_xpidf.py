"""XPIDF, which is also sent as CPIM-PIDF."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.bodies import xpidf
from tests.bodies.characters import carries

GUID = "11111111-2222-3333-4444-555555555555"


@pytest.mark.parametrize(("state", "status", "substatus"), [
    (0, "open", "online"), (1, "inuse", "onthephone"), (2, "inuse", "onthephone"), (4, "closed", "offline"),
    (8, "inuse", "onthephone"), (9, "inuse", "onthephone"), (16, "inuse", "onthephone"),
    (-1, "open", "online"),
])
def test_each_extension_state_has_its_words(state: int, status: str, substatus: str) -> None:
    """The device half in the words of XPIDF; it has no place for presence."""
    found = xpidf.read(xpidf.write("sip:2000@192.0.2.1", "2000", state, "sip:w@192.0.2.1", GUID))
    assert found == ("sip:2000@192.0.2.1;method=SUBSCRIBE", "2000", status, substatus)


@given(st.text(max_size=80).filter(carries))
def test_the_contact_is_escaped(contact: str) -> None:
    """Whatever the subscriber's URI holds, the document stays readable."""
    assert xpidf.read(xpidf.write("sip:2000@192.0.2.1", "2000", 0, contact, GUID)).exten == "2000"


@pytest.mark.parametrize("data", [b"", b"<a/>", b'<presence xmlns="urn:ietf:params:xml:ns:pidf"/>'])
def test_what_is_not_xpidf_is_refused(data: bytes) -> None:
    """PIDF has the same root name in a namespace and is not XPIDF."""
    with pytest.raises(xpidf.XpidfError):
        xpidf.read(data)


def test_a_document_without_an_atom_says_nothing() -> None:
    """What is missing reads as empty text."""
    assert xpidf.read(b"<presence/>") == ("", "", "", "")
