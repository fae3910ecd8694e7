"""XML as pjlib-util prints it (xml.c), and a reader for bodies that come from strangers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from harness.errors import HarnessError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element as ParsedElement

PROLOG = '<?xml version="1.0" encoding="UTF-8"?>\n'

MAX_BODY = 65_536
"""Bytes of a body that a reader looks at; a SIP message of Asterisk holds fewer (PJSIP_MAX_PKT_LEN)."""

URI_BYTES = 511
"""Escaped bytes that fit a URI or a display name (PJSIP_MAX_URL_SIZE 512 with its closing NUL)."""

_ESCAPES = str.maketrans({
    "<": "&lt;", ">": "&gt;", '"': "&quot;", "&": "&amp;", "'": "&apos;", "\r": "&#13;", "\n": "&#10;",
})

# XML 1.0 production 2 (Char) turned round: neither a reference nor a raw character can carry these.


class BodyError(HarnessError):
    """A body that cannot be read; `reason` is one clause without a full stop, fit for a trace."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Element(NamedTuple):
    """An element to print. Text and attribute values are printed as they are: escape them first."""

    name: str
    attributes: Sequence[tuple[str, str]] = ()
    text: str = ""
    children: Sequence[Element] = ()


def encode(text: str) -> bytes:
    """Text to the bytes it was read from (UTF-8 with surrogateescape)."""
    return text.encode("utf-8", "surrogateescape")


def cut(text: str, limit: int) -> str:
    """The first `limit` bytes of a text, as a C string buffer keeps them: also within a character."""
    if len(text) * 4 <= limit:
        return text
    data = encode(text)
    return text if len(data) <= limit else data[:limit].decode("utf-8", "surrogateescape")


def escape(text: str, limit: int) -> str:
    """Escape as ast_sip_sanitize_xml does (res_pjsip/presence_xml.c) into at most `limit` bytes.

    The cut comes after the escaping and falls where it falls, within an entity or a character too.
    A text ends at a NUL, as C strings do. Other control characters pass through.
    """
    return cut(text.partition("\0")[0].translate(_ESCAPES), limit)


def render(element: Element, depth: int = 0) -> str:
    """One element as pj_xml_print prints it: a space of indent per depth, no final line break.

    An empty value leaves the bare name of the attribute, which is not well-formed; text follows the children.
    """
    indent = " " * depth
    attributes = "".join(f' {name}="{value}"' if value else f" {name}" for name, value in element.attributes)
    start = f"{indent}<{element.name}{attributes}"
    if not element.text and not element.children:
        return start + " />"
    children = "".join("\n" + render(child, depth + 1) for child in element.children)
    end = f"\n{indent}</{element.name}>" if element.children else f"</{element.name}>"
    return f"{start}>{children}{element.text}{end}"


def printed(before: bytes, last: Element, root: str, room: int) -> bytes:
    """A document as far as it goes into `room` bytes, in the pieces that pjlib-util writes.

    `before` is all that stands before the root's last child, with the line break.
    """
    done = bytearray(before)
    if _print(last, 1, done, room) and room - len(done) >= len(root) + 5:
        done += encode(f"\n</{root}>")
        done += b"\n" if len(done) < room else b""
    return bytes(done)


def _print(element: Element, depth: int, done: bytearray, room: int) -> bool:
    name = encode(element.name)
    if room - len(done) < len(name) + depth + 5:
        return False
    done += b" " * depth + b"<" + name
    for key, value in element.attributes:
        piece = encode(f' {key}="{value}"' if value else f" {key}")
        if room - len(done) < len(encode(key + value)) + 4:
            return False
        done += piece
    if not element.text and not element.children:
        done += b" />"
        return True
    if room - len(done) < 1:
        return False
    done += b">"
    for child in element.children:
        if room - len(done) < depth + 3:
            return False
        done += b"\n"
        if not _print(child, depth + 1, done, room):
            return False
    text = encode(element.text)
    if room - len(done) < len(text):
        return False
    done += text
    end = b"\n" + b" " * depth if element.children else b""
    if room - len(done) < len(name) + (5 + depth if element.children else 3):
        return False
    done += end + b"</" + name + b">"
    return True


def document(root: Element) -> bytes:
    """A whole document with prolog and final line break."""
    return encode(PROLOG + render(root) + "\n")


def parse(body: str | bytes, limit: int = MAX_BODY) -> ParsedElement:
    """Read a document without DTD and without entities of its own; raises BodyError."""
    data = encode(body) if isinstance(body, str) else body
    if not data.strip():
        raise BodyError("the body is empty")
    if len(data) > limit:
        raise BodyError(f"the body has {len(data)} bytes, more than {limit}")
    try:
        return fromstring(data, forbid_dtd=True)
    except ParseError as error:
        raise BodyError(f"not well-formed XML: {error}") from error
    except DefusedXmlException as error:
        raise BodyError(f"a DTD or an entity is not taken: {type(error).__name__}") from error
    except (LookupError, ValueError) as error:      # an encoding that expat does not know
        raise BodyError(f"not readable: {error}") from error


def split_name(tag: object) -> tuple[str, str]:
    """ElementTree's `{namespace}name` as (namespace, name); comments have neither."""
    if not isinstance(tag, str):
        return "", ""
    if tag.startswith("{"):
        namespace, _, name = tag[1:].partition("}")
        return namespace, name
    return "", tag


def children(element: ParsedElement, namespace: str, name: str) -> list[ParsedElement]:
    """The direct children with that name."""
    return element.findall(f"{{{namespace}}}{name}")


def text_of(element: ParsedElement | None) -> str:
    """The text before the first child, blanks at both ends taken off; '' for no element."""
    return (element.text or "").strip() if element is not None else ""
