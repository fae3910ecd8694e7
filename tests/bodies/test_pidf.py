"""PIDF with the Digium tuple: written as Asterisk does, read as a phone does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.bodies import pidf
from harness.bodies.device_words import words_for
from harness.bodies.pidf import DigiumPresence, PidfError, PidfTemplate, presence_part
from harness.bodies.xml import escape
from tests.bodies.characters import carries

ENTITY, CONTACT = "sip:2000@192.0.2.1:5060", "sip:watcher@192.0.2.1"

# What XML carries; surrogates stand for bytes that are not UTF-8, and C strings have no NUL.
texts = st.text(max_size=120).filter(carries)
any_bytes = st.binary(max_size=60).map(lambda raw: raw.decode("utf-8", "surrogateescape"))


def body(
    state: int = 4, token: str = "away", subtype: str = "", message: str = "", *, digium: bool = True,
) -> bytes:
    return pidf.write(ENTITY, "2000", state, CONTACT, token, subtype, message, digium=digium)


def test_the_example_of_a_custom_state_is_the_whole_document() -> None:
    """A Digium phone gets the device half, the person and the Digium tuple, in that order."""
    assert body(1, "away", "lunch", "banana").decode() == """\
<?xml version="1.0" encoding="UTF-8"?>
<presence entity="sip:2000@192.0.2.1:5060" xmlns="urn:ietf:params:xml:ns:pidf" \
xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid">
 <note>On the phone</note>
 <tuple id="2000">
  <status>
   <basic>open</basic>
  </status>
  <contact priority="1">sip:watcher@192.0.2.1</contact>
 </tuple>
 <dm:person>
  <rpid:activities>
   <rpid:on-the-phone />
  </rpid:activities>
 </dm:person>
 <tuple id="digium-presence">
  <status>
   <digium_presence type="away" subtype="lunch">banana</digium_presence>
  </status>
 </tuple>
</presence>
"""


@pytest.mark.parametrize(("state", "basic", "activities", "note"), [
    (-2, "open", (), "Ready"), (-1, "open", (), "Ready"), (0, "open", (), "Ready"),
    (1, "open", ("on-the-phone",), "On the phone"), (2, "open", ("on-the-phone",), "On the phone"),
    (4, "closed", (), "Unavailable"),
    (8, "open", ("on-the-phone",), "Ringing"), (9, "open", ("on-the-phone",), "Ringing"),
    (16, "open", ("on-the-phone",), "On hold"), (17, "open", (), "Ready"),
])
def test_each_extension_state_has_its_words(
    state: int, basic: str, activities: tuple[str, ...], note: str,
) -> None:
    """The device half follows the table of presence_xml.c, odd states included."""
    found = pidf.read(body(state))
    assert (found.basic, found.activities, found.note) == (basic, activities, note)


def test_presence_has_no_part_in_the_device_half() -> None:
    """Whatever the presence, basic, note and activities stay the same."""
    halves = {pidf.read(body(0, token))[:5] for token in ("not_set", "unavailable", "away", "dnd")}
    assert len(halves) == 1


def test_without_the_tuple_presence_leaves_no_trace() -> None:
    """A watcher that is no Digium phone gets the same bytes before and after a presence change."""
    assert body(0, "away", "lunch", "x", digium=False) == body(0, "dnd", digium=False)
    assert pidf.read(body(0, "away", digium=False)).digium is None


def test_an_invalid_state_is_a_document_that_no_phone_can_read() -> None:
    """`<digium_presence type />` is not XML, so nothing of the document is shown."""
    data = body(token="")
    assert b"<digium_presence type />" in data
    with pytest.raises(PidfError, match="not well-formed"):
        pidf.read(data)


def test_the_entity_is_not_escaped_and_the_contact_is() -> None:
    """An ampersand in the Request-URI breaks the document; one in the From URI does not."""
    assert pidf.read(pidf.write(ENTITY, "2000", 0, "sip:a&b@192.0.2.1")).contact == "sip:a&b@192.0.2.1"
    with pytest.raises(PidfError):
        pidf.read(pidf.write("sip:a&b@192.0.2.1", "2000", 0, CONTACT))


def test_a_long_text_is_cut_to_1023_bytes_and_may_break_the_document() -> None:
    """Markup in a long message makes it unreadable; a long plain message only loses its end."""
    with pytest.raises(PidfError):
        pidf.read(body(message="&" * 250))
    found = pidf.read(body(message="a" * 2000)).digium
    assert found is not None
    assert found.message == "a" * 1023


@given(state=st.sampled_from([0, 1, 4, 8, 16]), subtype=texts, message=texts)
def test_any_text_arrives_whole(state: int, subtype: str, message: str) -> None:
    """What XML can carry is read as it was written, but that a tab in a subtype comes as a blank."""
    found = pidf.read(body(state, "away", subtype, message))
    assert found.note == words_for(state).note
    assert found.digium == ("away", subtype.replace("\t", " "), message)


@given(any_bytes, any_bytes)
def test_text_that_xml_cannot_carry_is_refused_by_the_reader(subtype: str, message: str) -> None:
    """A control character or a byte that is not UTF-8 passes the writer and makes the document unreadable."""
    subtype, message = subtype.replace("\0", ""), message.replace("\0", "")
    data = body(0, "away", subtype, message)
    if carries(subtype) and carries(message):
        assert pidf.read(data).digium is not None
    else:
        with pytest.raises(PidfError):
            pidf.read(data)


@given(
    state=st.sampled_from([-2, -1, 0, 1, 2, 4, 8, 9, 16, 17]), digium=st.booleans(),
    entity=any_bytes, exten=any_bytes, contact=any_bytes, subtype=any_bytes, message=any_bytes,
)
def test_a_template_is_the_same_as_one_whole_document(
    state: int, digium: bool, entity: str, exten: str, contact: str, subtype: str, message: str,
) -> None:
    """One template and one shared presence part give what Asterisk's generator gives anew each time."""
    words = words_for(state)
    entity, exten = entity.partition("\0")[0], exten.partition("\0")[0]
    person = (
        " <dm:person>\n  <rpid:activities>\n   <rpid:on-the-phone />\n  </rpid:activities>\n"
        " </dm:person>\n") if words.on_the_phone else " <dm:person />\n"
    shown_subtype, shown_message = escape(subtype, 1023), escape(message, 1023)
    attribute = f' subtype="{shown_subtype}"' if shown_subtype else ""
    end = f">{shown_message}</digium_presence>" if shown_message else " />"
    digium_tuple = (
        f' <tuple id="digium-presence">\n  <status>\n   <digium_presence type="away"{attribute}{end}\n'
        "  </status>\n </tuple>\n") if digium else ""
    ident = f' id="{exten}"' if exten else " id"
    where = escape(contact, 511)
    contact_line = f'<contact priority="1">{where}</contact>' if where else '<contact priority="1" />'
    entity_attribute = f'entity="{entity}"' if entity else "entity"
    expected = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<presence {entity_attribute} '
        'xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" '
        f'xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid">\n <note>{words.note}</note>\n <tuple{ident}>\n'
        f"  <status>\n   <basic>{words.basic}</basic>\n  </status>\n  {contact_line}\n </tuple>\n"
        f"{person}{digium_tuple}</presence>\n")
    template = PidfTemplate(entity, exten, contact, digium)
    rendered = template.render(state, presence_part("away", subtype, message))
    assert rendered == expected.encode("utf-8", "surrogateescape")


@pytest.mark.parametrize(("user_agent", "expected"), [
    ("Digium D65 2_9_19", True), ("my SANGOMA p310", True), ("mydigiumthing", True),
    ("Grandstream GXP2170", False), ("", False), (None, False),
])
def test_the_tuple_is_earned_by_the_user_agent(user_agent: str | None, expected: bool) -> None:
    """`digium` or `sangoma` anywhere in the User-Agent, in any case."""
    assert pidf.wants_digium_tuple(user_agent) is expected


CHAN_SIP = """<?xml version="1.0" encoding="ISO-8859-1"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:pp="urn:ietf:params:xml:ns:pidf:person"
xmlns:es="urn:ietf:params:xml:ns:pidf:rpid:status:rpid-status"
xmlns:ep="urn:ietf:params:xml:ns:pidf:rpid:rpid-person" entity="sip:watcher@192.0.2.1">
<pp:person><status>
<ep:activities><ep:busy/></ep:activities>
</status></pp:person>
<note>Ringing</note>
<tuple id="2000">
<contact priority="1">sip:2000@192.0.2.1</contact>
<status><basic>open</basic></status>
</tuple>
<tuple id="digium-presence">
<status>
<digium_presence type="away" subtype="">gone</digium_presence>
</status>
</tuple>
</presence>
"""


def test_the_reader_takes_the_older_document_too() -> None:
    """What chan_sip of Asterisk 11 writes is read the same way."""
    found = pidf.read(CHAN_SIP)
    assert (found.note, found.basic, found.activities) == ("Ringing", "open", ("busy",))
    assert found.digium == DigiumPresence("away", "", "gone")


def test_unknown_elements_are_passed_over() -> None:
    """Comments, foreign namespaces and new elements do not keep a phone from reading the rest."""
    data = body(8, "xa").decode().replace(
        " <note>", ' <!-- x --><note xmlns="urn:other">no</note><new><basic>closed</basic></new>\n <note>')
    found = pidf.read(data)
    assert (found.note, found.basic, found.digium) == ("Ringing", "open", DigiumPresence("xa", "", ""))


def test_other_prefixes_for_the_same_namespaces_mean_the_same() -> None:
    """Prefixes are free; the namespace counts."""
    data = body(1, "away").decode().replace("rpid:", "r:").replace("xmlns:rpid", "xmlns:r")
    assert pidf.read(data).activities == ("on-the-phone",)


def test_the_digium_element_counts_only_in_its_own_tuple() -> None:
    """A tuple of another id is a device's."""
    assert pidf.read(body(0).replace(b"digium-presence", b"other")).digium is None


@pytest.mark.parametrize("data", [
    b"", b"hello", b"<presence/>", b'<presence xmlns="urn:other"/>',
    b'<list xmlns="urn:ietf:params:xml:ns:pidf"/>',
])
def test_what_is_not_pidf_is_refused_with_a_reason(data: bytes) -> None:
    """Another root, another namespace or no XML at all is a PidfError."""
    with pytest.raises(PidfError) as caught:
        pidf.read(data)
    assert caught.value.reason


def test_an_empty_document_says_nothing() -> None:
    """A presence element alone is PIDF, with nothing in it."""
    assert pidf.read(b'<presence xmlns="urn:ietf:params:xml:ns:pidf"/>') == ("", "", "", (), "", None)


def test_a_first_body_is_cut_where_its_buffer_ends() -> None:
    """In the pieces in which it is printed: the closing tags, the whole text, or the attribute and all behind it."""
    template = PidfTemplate("sip:2000@127.0.0.1:15060", "2000", "sip:watcher@127.0.0.1", True)

    def first(length: int) -> bytes:
        return template.render_first(0, "away", "&" * length, "&" * length)

    assert first(150) == template.render(0, presence_part("away", "&" * 150, "&" * 150))
    assert first(155).endswith(b"&amp;</digium_presence>\n  </status>")
    assert first(156).endswith(b"&amp;</digium_presence>")
    assert first(170).endswith(b'subtype="' + b"&amp;" * 170 + b'">')
    assert first(255).endswith(b'subtype="' + b"&amp;" * 204 + b'&am">')
    assert all(len(first(length)) <= pidf.MAX_FIRST_BODY for length in range(256))


@given(st.text(max_size=400), st.text(max_size=400))
def test_what_is_cut_is_the_beginning_of_the_whole(subtype: str, message: str) -> None:
    """Nothing is made up, and what fits is whole."""
    template = PidfTemplate("sip:2000@h", "2000", "sip:w@h", True)
    whole = template.render(0, presence_part("away", subtype, message))
    cut = template.render_first(0, "away", subtype, message)
    assert whole.startswith(cut)
    assert (cut == whole) == (len(whole) <= pidf.MAX_FIRST_BODY)
