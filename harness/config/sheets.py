"""Reading the XML sheets that a phone loads: no document type, no entities, and every error with its line."""

from __future__ import annotations

import xml.sax
from pathlib import Path
from xml.sax.handler import ContentHandler, ErrorHandler
from xml.sax.xmlreader import AttributesImpl

import defusedxml.sax
from defusedxml.common import DefusedXmlException

from harness.config.files import FolderFiles
from harness.errors import InputError, Location

MAX_DEPTH = 32


class Sheet(ContentHandler, ErrorHandler):
    """What reads one sheet, element by element; `element` and `end` are told of those that are not too deep."""

    def __init__(self, name: str, path: str) -> None:
        """`name` is the file as places call it, `path` as errors do."""
        super().__init__()
        self.name, self.path = name, path
        self.depth = 0

    def element(self, name: str, values: dict[str, str]) -> None:
        """An element begins; `depth` is 1 for the root.  Raises InputError."""

    def end(self, name: str) -> None:
        """An element ends."""

    @property
    def line(self) -> int:
        """The line that is being read, 0 before the first."""
        locator = getattr(self, "_locator", None)
        return (locator.getLineNumber() or 0) if locator is not None else 0

    @property
    def here(self) -> Location:
        """The place as the rest of the configuration calls it."""
        return Location(self.name, self.line)

    @property
    def error_at(self) -> Location:
        """The place as an error calls it."""
        return Location(self.path, self.line)

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise InputError(f"elements are nested deeper than {MAX_DEPTH}", self.error_at)
        self.element(name, {str(key): str(value) for key, value in attrs.items()})

    def endElement(self, name: str) -> None:
        self.depth -= 1
        self.end(name)


def parse_sheet(path: Path, files: FolderFiles, sheet: Sheet, what: str) -> None:
    """Let `sheet` read a file, called `what` in errors; `InputError` at file:line where it is no such XML."""
    try:
        defusedxml.sax.parseString(files.read(path), sheet, sheet, forbid_dtd=True)
    except xml.sax.SAXParseException as error:
        where = Location(str(path), error.getLineNumber() or 0, (error.getColumnNumber() or 0) + 1)
        raise InputError(f"not well-formed XML: {error.getMessage()}", where) from None
    except DefusedXmlException:
        message = f"a document type or entities are not read in {what}"
        raise InputError(message, sheet.error_at) from None
    except (ValueError, LookupError, UnicodeError) as error:
        raise InputError(f"not well-formed XML: {error}", sheet.error_at) from None
