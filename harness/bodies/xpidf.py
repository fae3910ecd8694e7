"""application/xpidf+xml, which Asterisk also sends as application/cpim-pidf+xml."""

from __future__ import annotations

from typing import NamedTuple

from harness.bodies.device_words import words_for
from harness.bodies.xml import URI_BYTES, BodyError, Element, document, escape, parse

CONTENT_TYPE = "application/xpidf+xml"
CPIM_CONTENT_TYPE = "application/cpim-pidf+xml"


class XpidfError(BodyError):
    """A body that is not an XPIDF document."""


def write(entity: str, exten: str, extension_state: int, contact: str, atomid: str) -> bytes:
    """One body; `atomid` is a GUID of the caller's, a new one for each body. Only `contact` is escaped."""
    words = words_for(extension_state)
    uri = escape(contact, URI_BYTES) + ";user=ip"
    address = Element("address", [("uri", uri), ("priority", "0.80000")], children=[
        Element("status", [("status", words.status)]),
        Element("msnsubstatus", [("substatus", words.substatus)]),
    ])
    return document(Element("presence", children=[
        Element("presentity", [("uri", entity + ";method=SUBSCRIBE")]),
        Element("atom", [("atomid", atomid), ("id", exten)], children=[address]),
    ]))


class Xpidf(NamedTuple):
    """What an XPIDF document says; '' for what is not there."""

    uri: str
    exten: str
    status: str
    substatus: str


def read(body: str | bytes) -> Xpidf:
    """Read the first atom of an XPIDF document; raises XpidfError."""
    try:
        root = parse(body)
    except BodyError as error:
        raise XpidfError(error.reason) from error
    if root.tag != "presence":
        raise XpidfError(f"the root is {root.tag!r}, not an XPIDF presence element")

    def value(path: str, attribute: str) -> str:
        element = root.find(path)
        return element.get(attribute, "") if element is not None else ""

    return Xpidf(
        uri=value("presentity", "uri"), exten=value("atom", "id"),
        status=value("atom/address/status", "status"),
        substatus=value("atom/address/msnsubstatus", "substatus"),
    )
