"""Resource lists: application/rlmi+xml within multipart/related (RFC 4662, RFC 2387; Asterisk §4.9).

Boundary, content ids and instance ids are the caller's: five letters or digits each in Asterisk.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from harness.bodies.xml import (
    MAX_BODY,
    URI_BYTES,
    BodyError,
    Element,
    children,
    document,
    encode,
    escape,
    parse,
    split_name,
    text_of,
)

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element as ParsedElement

CONTENT_TYPE = "application/rlmi+xml"
MULTIPART = "multipart/related"
NAMESPACE = "urn:ietf:params:xml:ns:rlmi"

MAX_PARTS = 1_000
MAX_PART_HEADERS = 16
MAX_BOUNDARY = 70       # RFC 2046 clause 5.1.1

LENGTH_DIGITS = 5       # pjsip leaves room for the digits of its largest packet


class RlmiError(BodyError):
    """A body that is not a resource list."""


class Instance(NamedTuple):
    """One subscription behind a resource; `cid` names its part, without angle brackets, '' for none."""

    id: str
    state: str = "active"
    cid: str = ""
    reason: str = ""


class Resource(NamedTuple):
    """One resource of a list."""

    uri: str
    name: str = ""
    instances: tuple[Instance, ...] = ()


class Rlmi(NamedTuple):
    """The list itself."""

    uri: str
    version: int
    full_state: bool
    name: str = ""
    resources: tuple[Resource, ...] = ()


class Part(NamedTuple):
    """A part of a multipart body; `cid` without angle brackets."""

    content_type: str
    cid: str
    body: bytes


class ResourceList(NamedTuple):
    """A list and the parts that its instances name, by content id."""

    rlmi: Rlmi
    parts: dict[str, Part]


# ---- written


def write(rlmi: Rlmi) -> bytes:
    """The RLMI document; only the names of resources are escaped."""
    attributes = [
        ("xmlns", NAMESPACE), ("uri", rlmi.uri), ("version", str(rlmi.version)),
        ("fullState", "true" if rlmi.full_state else "false"),
    ]
    name = Element("name", text=rlmi.name)
    return document(Element("list", attributes, children=[name, *map(_resource, rlmi.resources)]))


def _resource(resource: Resource) -> Element:
    instances = [
        Element("instance", [("id", each.id), ("state", each.state), ("cid", each.cid)])
        for each in resource.instances
    ]
    name = Element("name", text=escape(resource.name, URI_BYTES))
    return Element("resource", [("uri", resource.uri)], children=[name, *instances])


def multipart_type(boundary: str) -> str:
    """The Content-Type of the whole body, as Asterisk spells it."""
    return f'{MULTIPART};type="{CONTENT_TYPE}";boundary={boundary}'


def write_multipart(boundary: str, parts: Sequence[Part]) -> bytes:
    """Parts joined as pjsip joins them (sip_multipart.c): the list's part comes first."""
    joined = [
        b"\r\n--%s\r\nContent-ID: <%s>\r\nContent-Type: %s\r\nContent-Length: %s\r\n\r\n%s" % (
            encode(boundary), encode(part.cid), encode(part.content_type),
            b"%*d" % (LENGTH_DIGITS, len(part.body)), part.body,
        )
        for part in parts
    ]
    return b"".join([*joined, b"\r\n--%s--\r\n" % encode(boundary)])


def write_list(boundary: str, cid: str, rlmi: Rlmi, parts: Sequence[Part]) -> bytes:
    """A whole body: the list under its own content id, then one part for each resource."""
    return write_multipart(boundary, [Part(CONTENT_TYPE, cid, write(rlmi)), *parts])


# ---- read

_PARAMETER = re.compile(r';\s*([^\s=;]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]*))')


def _parameters(content_type: str) -> tuple[str, dict[str, str]]:
    kind, _, _ = content_type.partition(";")
    found = {
        name.lower(): re.sub(r"\\(.)", r"\1", quoted) or bare
        for name, quoted, bare in _PARAMETER.findall(content_type)
    }
    return kind.strip().lower(), found


def read_rlmi(body: str | bytes) -> Rlmi:
    """Read an RLMI document; raises RlmiError."""
    try:
        root = parse(body)
    except BodyError as error:
        raise RlmiError(error.reason) from error
    if split_name(root.tag) != (NAMESPACE, "list"):
        raise RlmiError(f"the root is {root.tag!r}, not an RLMI list")
    version = root.get("version", "")
    if not (version.isascii() and version.isdigit() and len(version) <= 10):
        raise RlmiError(f"the version is {version!r}, not a number")
    return Rlmi(
        root.get("uri", ""), int(version), root.get("fullState") in ("true", "1"), _name(root),
        tuple(_read_resource(each) for each in children(root, NAMESPACE, "resource")),
    )


def _name(element: ParsedElement) -> str:
    return text_of(next(iter(children(element, NAMESPACE, "name")), None))


def _read_resource(element: ParsedElement) -> Resource:
    instances = tuple(
        Instance(each.get("id", ""), each.get("state", ""), each.get("cid", ""), each.get("reason", ""))
        for each in children(element, NAMESPACE, "instance")
    )
    return Resource(element.get("uri", ""), _name(element), instances)


def read_multipart(content_type: str, body: bytes) -> list[Part]:
    """Take a multipart body apart (RFC 2046 clause 5.1); raises RlmiError."""
    kind, parameters = _parameters(content_type)
    boundary = encode(parameters.get("boundary", ""))
    if not kind.startswith("multipart/") or not 0 < len(boundary) <= MAX_BOUNDARY:
        raise RlmiError(f"{content_type!r} names no multipart boundary")
    if len(body) > MAX_BODY:
        raise RlmiError(f"the body has {len(body)} bytes, more than {MAX_BODY}")
    delimiter = re.compile(rb"(?:^|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r?\n|$)")
    marks = list(delimiter.finditer(body))
    end = next((index for index, mark in enumerate(marks) if mark[1]), None)
    if end is None:
        raise RlmiError(f"no closing delimiter --{parameters['boundary']}--")
    if end > MAX_PARTS:
        raise RlmiError(f"{end} parts, more than {MAX_PARTS}")
    return [_part(body[marks[i].end():marks[i + 1].start()]) for i in range(end)]


def _part(data: bytes) -> Part:
    """One part: headers up to an empty line; without a Content-Type it is text/plain (RFC 2046)."""
    match = re.search(rb"\r?\n\r?\n", data)
    if match is None:
        raise RlmiError("a part without an empty line after its headers")
    lines = data[:match.start()].decode("utf-8", "surrogateescape").split("\n")[1:]
    if len(lines) > MAX_PART_HEADERS:
        raise RlmiError(f"a part with more than {MAX_PART_HEADERS} headers")
    rows = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in rows}
    cid = headers.get("content-id", "").removeprefix("<").removesuffix(">")
    return Part(headers.get("content-type", "text/plain"), cid, data[match.end():])


def read(content_type: str, body: bytes) -> ResourceList:
    """A whole resource list; the root part is the `start` parameter's or the first; raises RlmiError.

    A part may be a list again (its content type is multipart/related): read it the same way.
    """
    parts = read_multipart(content_type, body)
    start = _parameters(content_type)[1].get("start", "").removeprefix("<").removesuffix(">")
    root = next((part for part in parts if not start or part.cid == start), None)
    if root is None or _parameters(root.content_type)[0] != CONTENT_TYPE:
        raise RlmiError("the first part is not an RLMI document")
    rlmi = read_rlmi(root.body)
    return ResourceList(rlmi, {part.cid: part for part in parts if part is not root})
