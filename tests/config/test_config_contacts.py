"""The contacts XML of a phone."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.config.contacts import read_contacts
from harness.config.sheets import MAX_DEPTH
from harness.errors import InputError, Location

BOOK = """\
<?xml version="1.0" encoding="UTF-8"?>
<phonebooks>
  <contacts group_name="default" editable="0" id="internal">
    <contact id="bob" first_name="Bob" last_name="Bär" organization="Digium" contact_type="sip"
             account_id="2000" subscribe_to="auto_hint_2000">
      <numbers><number dial="2000" label="Work" primary="1"/></numbers>
      <emails><email address="bob@example.org"/></emails>
      <actions>
        <action id="primary" dial="2000" label="Call" name="Dial"/>
        <action id="sendtovm" dial="2000" label="VM">
          <headers><header key="X-Digium-Call-Feature" value="feature_send_to_vm"/></headers>
        </action>
      </actions>
    </contact>
    <contact id="night" organization="Night mode" subscribe_to="**25**"/>
  </contacts>
  <contacts group_name="external"><contact account_id="carol"/></contacts>
</phonebooks>
"""


def test_groups_and_contacts_are_read_in_order(write) -> None:
    """Each knows its line."""
    book = read_contacts(write("c.xml", BOOK))
    assert [(group.name, group.id, len(group.contacts)) for group in book.groups] == [
        ("default", "internal", 2),
        ("external", "", 1),
    ]
    assert [contact.where for contact in book.contacts] == [Location("c.xml", line) for line in (4, 15, 17)]
    assert not any(group.editable for group in book.groups)
    assert not read_contacts(write("d.xml", "<contacts/>")).groups[0].editable
    assert book.group("external") is book.groups[1]
    assert book.group("none") is None


def test_a_contact_has_what_a_phone_shows_and_subscribes_to(write) -> None:
    """Attributes, numbers, addresses and actions with their headers."""
    bob = read_contacts(write("c.xml", BOOK)).contacts[0]
    assert (bob.id, bob.name, bob.group) == ("bob", "Bob Bär", "default")
    assert (bob.subscribe_to, bob.account_id) == ("auto_hint_2000", "2000")
    assert [(number.dial, number.label, number.primary) for number in bob.numbers] == [("2000", "Work", True)]
    assert bob.emails == ["bob@example.org"]
    assert [(action.id, action.dial) for action in bob.actions] == [("primary", "2000"), ("sendtovm", "2000")]
    assert bob.actions[1].headers == {"X-Digium-Call-Feature": "feature_send_to_vm"}


def test_a_name_is_found_for_every_contact(write) -> None:
    """The organization, the account or the id stand in."""
    assert [contact.name for contact in read_contacts(write("c.xml", BOOK)).contacts] == [
        "Bob Bär",
        "Night mode",
        "carol",
    ]


def test_a_bare_group_is_a_phonebook_too(write) -> None:
    """As FreePBX writes it."""
    book = read_contacts(write("c.xml", '<contacts group_name="x" editable="1"><contact id="a"/></contacts>'))
    assert [(group.name, group.editable, group.contacts[0].id) for group in book.groups] == [("x", True, "a")]


def test_what_is_not_known_is_passed_over(write) -> None:
    """Elements of later versions do no harm."""
    text = "<phonebooks><new/><contact id='stray'/><contacts><new><contact id='a'/></new></contacts></phonebooks>"
    assert [contact.id for contact in read_contacts(write("c.xml", text)).contacts] == ["a"]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("<phonebooks>\n<contacts>\n</phonebooks>", 3, "mismatched tag"),
        ("", 1, "no element found"),
        ("<config/>", 1, "<config> is not <phonebooks>"),
        ('<!DOCTYPE x [<!ENTITY a "b">]>\n<phonebooks>&a;</phonebooks>', 1, "document type"),
        ('<!DOCTYPE x SYSTEM "http://example.org/x">\n<phonebooks/>', 1, "document type"),
        ("<contacts>" * (MAX_DEPTH + 1), 1, "deeper"),
        ('<?xml version="1.0" encoding="nonsense"?><phonebooks/>', 1, "XML"),
    ],
)
def test_files_that_cannot_be_read_name_the_line(write, text: str, line: int, reason: str) -> None:
    """One clear error, no entities, no documents from elsewhere."""
    path = write("c.xml", text)
    with pytest.raises(InputError, match=reason) as caught:
        read_contacts(path)
    assert caught.value.where is not None
    assert (caught.value.where.file, caught.value.where.line) == (str(path), line)


def test_bytes_that_are_not_utf8_are_refused(write) -> None:
    """XML must say its encoding."""
    with pytest.raises(InputError, match="not well-formed"):
        read_contacts(write("c.xml", b"<contacts><contact id='\xe9'/></contacts>"))


def test_the_number_of_contacts_is_bounded(write, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is a constant."""
    monkeypatch.setattr("harness.config.contacts.MAX_CONTACTS", 2)
    with pytest.raises(InputError, match="more than 2"):
        read_contacts(write("c.xml", "<contacts>" + "<contact/>" * 3 + "</contacts>"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=60), st.text("<>/contas=\"' &;!?x", max_size=60).map(str.encode)))
def test_any_bytes_are_a_phonebook_or_one_error(tmp_path: Path, data: bytes) -> None:
    """Nothing else gets out."""
    path = tmp_path / "c.xml"
    path.write_bytes(data)
    with contextlib.suppress(InputError):
        assert read_contacts(path).where == Location("c.xml")
