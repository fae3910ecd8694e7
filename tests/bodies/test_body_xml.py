"""The printing and escaping that all bodies share."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.bodies.xml import MAX_BODY, BodyError, Element, document, escape, parse, render
from tests.bodies.characters import carries


def test_an_element_with_neither_text_nor_children_closes_itself_after_a_blank() -> None:
    """pj_xml_print writes `<a b="c" />`."""
    assert render(Element("a", [("b", "c")])) == '<a b="c" />'


def test_an_empty_attribute_value_leaves_the_bare_name() -> None:
    """pj_xml_print drops ="" where there is nothing to quote, and what it prints cannot be read."""
    printed = document(Element("a", [("type", "")]))
    assert printed.endswith(b"<a type />\n")
    with pytest.raises(BodyError, match="not well-formed"):
        parse(printed)


def test_children_are_indented_by_one_space_per_depth() -> None:
    """Siblings stand on lines of their own; text stays on the line of its element."""
    tree = Element("a", children=[Element("b", text="x"), Element("c", children=[Element("d")])])
    assert document(tree) == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<a>\n <b>x</b>\n <c>\n  <d />\n </c>\n</a>\n')


def test_the_seven_characters_are_escaped_and_nothing_else() -> None:
    """presence_xml.c knows five entities and two line breaks."""
    assert escape("<>\"&'\r\n\t\x07é", 99) == "&lt;&gt;&quot;&amp;&apos;&#13;&#10;\t\x07é"


def test_text_is_cut_after_escaping_within_an_entity() -> None:
    """Of 250 ampersands 204 fit whole and one in part: 1023 bytes."""
    assert escape("&" * 250, 1023) == "&amp;" * 204 + "&am"


def test_text_is_cut_within_a_character() -> None:
    """The limit counts bytes; half a character goes out as it is."""
    assert escape("é" * 512, 1023).encode("utf-8", "surrogateescape") == ("é" * 511).encode() + b"\xc3"


def test_text_ends_at_a_nul() -> None:
    """The C function sees a string up to its NUL."""
    assert escape("a\0b", 99) == "a"


@given(st.text())
def test_escaped_text_never_exceeds_its_limit(text: str) -> None:
    """Whatever the text, the escaped bytes fit and are the start of the whole escaped text."""
    whole = escape(text, 10_000).encode("utf-8", "surrogateescape")
    for limit in (0, 1, 7, 30):
        assert escape(text, limit).encode("utf-8", "surrogateescape") == whole[:limit]


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"], blacklist_characters="\0")))
def test_a_text_is_readable_exactly_when_xml_carries_it(text: str) -> None:
    """`carries` tells beforehand whether a document with that text can be read back unchanged."""
    data = document(Element("a", text=escape(text, 100_000)))
    if carries(text):
        assert (parse(data).text or "") == text
    else:
        with pytest.raises(BodyError):
            parse(data)


@pytest.mark.parametrize(("body", "reason"), [
    (b"", "the body is empty"),
    (b"  \r\n", "the body is empty"),
    (b"<a", "not well-formed"),
    (b"<a>\xff</a>", "not well-formed"),
    (b"<a>\x01</a>", "not well-formed"),
    (b"<a>&nbsp;</a>", "not well-formed"),
    (b'<?xml version="1.0" encoding="utf-7"?><a/>', "not readable"),
    (b'<?xml version="1.0" encoding="none"?><a/>', "not readable"),
    (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "a DTD or an entity is not taken"),
    (b'<!DOCTYPE a SYSTEM "file:///etc/hostname"><a/>', "a DTD or an entity is not taken"),
    (b"<a>" + b" " * MAX_BODY + b"</a>", "more than 65536"),
    (b"<a>" * 20_000, "not well-formed"),
])
def test_what_cannot_be_read_is_a_body_error_with_its_reason(body: bytes, reason: str) -> None:
    """Every kind of malformed, hostile or oversized document ends in one error."""
    with pytest.raises(BodyError, match=reason) as caught:
        parse(body)
    assert caught.value.reason == str(caught.value)


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_fail_otherwise(body: bytes) -> None:
    """Random bytes are read or refused."""
    with suppress(BodyError):
        parse(body)
