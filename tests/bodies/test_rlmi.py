"""Resource lists: an RLMI document and the bodies it names, in one multipart body."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from harness.bodies import pidf, rlmi
from harness.bodies.rlmi import Instance, Part, Resource, Rlmi, RlmiError
from tests.bodies.characters import carries

ONE = pidf.write("sip:300@192.0.2.1", "300", 0, "sip:w@192.0.2.1", "away")
TWO = pidf.write("sip:301@192.0.2.1", "301", 8, "sip:w@192.0.2.1", "dnd", "", "hé")


def resource(exten: str, cid: str, state: str = "active") -> Resource:
    return Resource(f"sip:{exten}@192.0.2.1", exten, (Instance("i" + exten, state, cid),))


LIST = Rlmi("sip:pick@192.0.2.1", 0, True, "pick", (resource("300", "aaaaa@h"), resource("301", "bbbbb@h")))
PARTS = [Part(pidf.CONTENT_TYPE, "aaaaa@h", ONE), Part(pidf.CONTENT_TYPE, "bbbbb@h", TWO)]


def test_the_list_is_printed_as_asterisk_does() -> None:
    """Attributes and order as in res_pjsip_pubsub.c."""
    assert rlmi.write(Rlmi("sip:list@h", 2, False, "list", (resource("bob", "xxxxx@h"),))).decode() == """\
<?xml version="1.0" encoding="UTF-8"?>
<list xmlns="urn:ietf:params:xml:ns:rlmi" uri="sip:list@h" version="2" fullState="false">
 <name>list</name>
 <resource uri="sip:bob@192.0.2.1">
  <name>bob</name>
  <instance id="ibob" state="active" cid="xxxxx@h" />
 </resource>
</list>
"""


def test_parts_are_joined_as_pjsip_does() -> None:
    """A line break before each delimiter, Content-ID first, lengths set to the right in five columns."""
    data = rlmi.write_multipart("abcde", [Part("text/plain", "x@h", b"hello"), Part("a/b", "y@h", b"")])
    assert data == (
        b"\r\n--abcde\r\nContent-ID: <x@h>\r\nContent-Type: text/plain\r\nContent-Length:     5\r\n\r\nhello"
        b"\r\n--abcde\r\nContent-ID: <y@h>\r\nContent-Type: a/b\r\nContent-Length:     0\r\n\r\n"
        b"\r\n--abcde--\r\n")


def test_a_list_comes_back_with_the_body_of_each_resource() -> None:
    """A phone finds each contact's PIDF through the content id of its instance."""
    body = rlmi.write_list("abcde", "lllll@h", LIST, PARTS)
    found = rlmi.read(rlmi.multipart_type("abcde"), body)
    assert found.rlmi == LIST
    assert [found.parts[each.instances[0].cid].body for each in LIST.resources] == [ONE, TWO]


def test_the_content_type_is_spelled_as_asterisk_does() -> None:
    """Type first and quoted, boundary bare."""
    assert rlmi.multipart_type("abcde") == 'multipart/related;type="application/rlmi+xml";boundary=abcde'


def test_a_list_within_a_list_is_read_in_two_steps() -> None:
    """The part of a list in a list is multipart again."""
    inner = rlmi.write_list("inner", "i@h", LIST, PARTS)
    outer_list = Rlmi("sip:all@h", 0, True, "all", (resource("pick", "ccccc@h"),))
    nested = Part(rlmi.multipart_type("inner"), "ccccc@h", inner)
    outer = rlmi.write_list("outer", "o@h", outer_list, [nested])
    part = rlmi.read(rlmi.multipart_type("outer"), outer).parts["ccccc@h"]
    assert rlmi.read(part.content_type, part.body).rlmi == LIST


def test_the_start_parameter_names_the_list() -> None:
    """The list need not come first where `start` says which part it is (RFC 2387 clause 3.2)."""
    body = rlmi.write_multipart("abcde", [PARTS[0], Part(rlmi.CONTENT_TYPE, "l@h", rlmi.write(LIST))])
    kind = 'Multipart/Related; boundary="abcde"; start="<l@h>"; type="application/rlmi+xml"'
    assert rlmi.read(kind, body).rlmi == LIST


def test_preamble_and_epilogue_are_passed_over() -> None:
    """Text before the first and after the last delimiter belongs to nobody (RFC 2046 clause 5.1.1)."""
    body = b"preamble" + rlmi.write_list("abcde", "l@h", LIST, PARTS) + b"epilogue"
    assert rlmi.read(rlmi.multipart_type("abcde"), body).rlmi == LIST


@given(
    boundary=st.text("abcdefXYZ0123456789", min_size=5, max_size=5),
    bodies=st.lists(st.binary(max_size=80), max_size=6),
)
def test_any_bodies_come_back_whole(boundary: str, bodies: list[bytes]) -> None:
    """Parts are taken apart exactly where they were joined, whatever bytes they hold."""
    assume(not any(b"--" + boundary.encode() in body for body in bodies))
    parts = [Part("application/octet-stream", f"{index}@h", body) for index, body in enumerate(bodies)]
    data = rlmi.write_multipart(boundary, parts)
    assert rlmi.read_multipart(rlmi.multipart_type(boundary), data) == parts


@given(names=st.lists(st.text(max_size=40).filter(carries), max_size=5), version=st.integers(0, 2**32 - 1))
def test_any_names_come_back(names: list[str], version: int) -> None:
    """Names of resources are escaped, so the list stays readable; blanks at their ends do not count."""
    given_list = Rlmi("sip:l@h", version, True, "l", tuple(Resource("sip:x@h", name) for name in names))
    found = rlmi.read_rlmi(rlmi.write(given_list))
    assert [each.name for each in found.resources] == [name.strip() for name in names]
    assert found.version == version


@pytest.mark.parametrize(("content_type", "body", "reason"), [
    ("application/pidf+xml", b"", "names no multipart boundary"),
    ("multipart/related", b"", "names no multipart boundary"),
    ("multipart/related;boundary=" + "a" * 71, b"", "names no multipart boundary"),
    ("multipart/related;boundary=b", b"\r\n--b\r\n\r\nx", "no closing delimiter"),
    ("multipart/related;boundary=b", b"--b\r\nnothing\r\n--b--", "without an empty line"),
    ("multipart/related;boundary=b", b"--b--", "the first part is not an RLMI"),
    ("multipart/related;boundary=b", b"--b\r\n\r\nx\r\n--b--", "the first part is not an RLMI"),
    ("multipart/related;boundary=b", b"--b\r\nContent-Type: application/rlmi+xml\r\n\r\n<a/>\r\n--b--",
     "not an RLMI list"),
    ("multipart/related;boundary=b", b"--b\r\n" + b"A: b\r\n" * 17 + b"\r\nx\r\n--b--",
     "more than 16 headers"),
    ("multipart/related;boundary=b", b"--b\r\n\r\n\r\n" * 1001 + b"--b--", "more than 1000"),
    ("multipart/related;boundary=b", b"x" * 70_000, "more than 65536"),
])
def test_what_is_not_a_resource_list_is_refused(content_type: str, body: bytes, reason: str) -> None:
    """A body that cannot be taken apart is an RlmiError that says why."""
    with pytest.raises(RlmiError, match=reason):
        rlmi.read(content_type, body)


@pytest.mark.parametrize("data", [
    b"", b"<list/>", b'<list xmlns="urn:ietf:params:xml:ns:rlmi" version="-1"/>',
])
def test_a_list_that_cannot_be_read_is_refused(data: bytes) -> None:
    """No XML, another namespace, or a version that is no number."""
    with pytest.raises(RlmiError):
        rlmi.read_rlmi(data)


@given(st.text(max_size=60), st.binary(max_size=200))
def test_no_bytes_make_the_reader_fail_otherwise(content_type: str, body: bytes) -> None:
    """Random types and bytes are read or refused."""
    for kind in (content_type, "multipart/related;boundary=b"):
        with suppress(RlmiError):
            rlmi.read(kind, body)
