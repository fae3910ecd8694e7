"""XPath on bodies: ElementTree's subset, with prefixes, `/@attribute` and `/text()` at the end, and `count()`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

NAMESPACES = {
    "pidf": "urn:ietf:params:xml:ns:pidf",
    "dm": "urn:ietf:params:xml:ns:pidf:data-model",
    "rpid": "urn:ietf:params:xml:ns:pidf:rpid",
    "di": "urn:ietf:params:xml:ns:dialog-info",
    "rlmi": "urn:ietf:params:xml:ns:rlmi",
}
"""The prefixes that every expression may use."""

MAX_BODY = 65_536
MAX_EXPRESSION = 300
_EMPTY = ElementTree.Element("nothing")
_TAIL = re.compile(r"(.*?)/(?:@(?P<attribute>[A-Za-z_][\w.:-]*)|(?P<text>text\(\)))", re.DOTALL)
_COUNT = re.compile(r"\s*count\((.*)\)\s*", re.DOTALL)
_PREFIX = re.compile(r"""(?:"[^"]*"|'[^']*')|(?<![\w:}])([A-Za-z_][\w.-]*):(?=[A-Za-z_*])""")


class BadExpression(Exception):
    """An expression that cannot be evaluated, and why."""


class Unreadable(Exception):
    """A body that is no XML."""


class Expression(NamedTuple):
    """One expression, checked: `path` selects elements, of which text, an attribute or their number is taken."""

    text: str
    path: str
    take: str
    namespaces: tuple[tuple[str, str], ...]

    def values(self, root: Element) -> list[str]:
        """The selected values in document order; a count gives its number."""
        holder = ElementTree.Element("document")
        holder.append(root)
        found = holder.findall(self.path, dict(self.namespaces))
        if self.take == "count()":
            return [str(len(found))]
        if self.take.startswith("@"):
            name = self._attribute()
            return [value for each in found if (value := each.get(name)) is not None]
        return ["".join(each.itertext()).strip() for each in found]

    def _attribute(self) -> str:
        prefix, colon, name = self.take[1:].partition(":")
        return f"{{{dict(self.namespaces)[prefix]}}}{name}" if colon else prefix

    def __str__(self) -> str:
        return self.text


def compile_expression(text: str, namespaces: dict[str, str] | None = None) -> Expression:
    """Check an expression.  Raises BadExpression, which says what is wrong."""
    known = {**NAMESPACES, **(namespaces or {})}
    if len(text) > MAX_EXPRESSION:
        raise BadExpression(f"longer than {MAX_EXPRESSION} characters")
    path, take = text.strip(), ""
    if counted := _COUNT.fullmatch(path):
        path, take = counted[1].strip(), "count()"
    if tail := _TAIL.fullmatch(path):
        if take and tail["attribute"]:
            path, take = f"{tail[1]}[@{tail['attribute']}]", take
        else:
            path, take = tail[1], take or (f"@{tail['attribute']}" if tail["attribute"] else "text()")
    expression = Expression(text, _anchored(path), take or "text()", tuple(known.items()))
    _check(expression, known)
    return expression


def _anchored(path: str) -> str:
    """Absolute paths begin above the root element, others anywhere below it."""
    if path.startswith("//"):
        return "." + path
    if path.startswith("/"):
        return "." + path
    return ".//" + path.removeprefix("./")


def _check(expression: Expression, known: dict[str, str]) -> None:
    prefixes = {found[1] for found in _PREFIX.finditer(expression.path) if found[1]}
    if expression.take.startswith("@") and ":" in expression.take:
        prefixes.add(expression.take[1:].partition(":")[0])
    for prefix in sorted(prefixes):
        if prefix not in known:
            raise BadExpression(f"the prefix {prefix!r} is not known; known are {', '.join(known)}")
    if expression.path.rstrip("/") in (".", "./", ".//") or expression.path.endswith("/"):
        raise BadExpression("it selects nothing: name an element")
    try:
        expression.values(_EMPTY)
    except (SyntaxError, KeyError, ValueError, TypeError, IndexError) as error:
        said = str(error) or type(error).__name__
        raise BadExpression(f"not understood ({said}); paths, [@a='b'], [n], /@a, /text() and count() are") from None


def parse_body(body: bytes) -> Element:
    """Read a body.  Raises Unreadable; entities and document types are refused."""
    if len(body) > MAX_BODY:
        raise Unreadable(f"longer than {MAX_BODY} bytes")
    if not body.strip():
        raise Unreadable("there is none")
    try:
        root: Element = fromstring(body)
    except (ElementTree.ParseError, DefusedXmlException, ValueError) as error:
        raise Unreadable(f"no XML ({error})") from None
    return root
