"""The contacts XML that a phone loads: `<phonebooks>` around groups `<contacts>`, or one bare group."""

from __future__ import annotations

import xml.sax
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.handler import ContentHandler, ErrorHandler
from xml.sax.xmlreader import AttributesImpl

import defusedxml.sax
from defusedxml.common import DefusedXmlException

from harness.config.files import FolderFiles
from harness.errors import InputError, Location

MAX_CONTACTS = 20_000
MAX_DEPTH = 32
_NAME_PARTS = ("prefix", "first_name", "second_name", "last_name", "suffix")


@dataclass(slots=True)
class Number:
    """One `<number>`: what is dialled, and its label."""

    dial: str
    label: str = ""
    primary: bool = False


@dataclass(slots=True)
class Action:
    """One `<action>` of a contact; the id `primary` is what its key does."""

    id: str
    attributes: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def dial(self) -> str:
        """What the action dials."""
        return self.attributes.get("dial", "")


@dataclass(slots=True)
class Contact:
    """One `<contact>`; `attributes` holds all of them as written."""

    where: Location
    group: str
    attributes: dict[str, str] = field(default_factory=dict)
    numbers: list[Number] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The contact's id."""
        return self.attributes.get("id", "")

    @property
    def name(self) -> str:
        """What a phone shows: the parts of the name, else the organization, else the account, else the id."""
        parts = [self.attributes[part] for part in _NAME_PARTS if self.attributes.get(part)]
        attributes = self.attributes
        return " ".join(parts) or attributes.get("organization") or self.account_id or self.id

    @property
    def account_id(self) -> str:
        """The account that the contact stands for."""
        return self.attributes.get("account_id", "")

    @property
    def subscribe_to(self) -> str:
        """`auto_hint_<peer>`, an extension or a `sip:` URI; empty where nothing is subscribed."""
        return self.attributes.get("subscribe_to", "")

    @property
    def contact_type(self) -> str:
        """`sip` or `external`, or both with `|` between."""
        return self.attributes.get("contact_type", "")


@dataclass(slots=True)
class ContactGroup:
    """One `<contacts>` element."""

    name: str
    where: Location
    id: str = ""
    editable: bool = False
    contacts: list[Contact] = field(default_factory=list)


@dataclass(slots=True)
class Phonebook:
    """One file; `where` is the file."""

    where: Location
    groups: list[ContactGroup] = field(default_factory=list)

    @property
    def contacts(self) -> list[Contact]:
        """The contacts of all groups in file order."""
        return [contact for group in self.groups for contact in group.contacts]

    def group(self, name: str) -> ContactGroup | None:
        """The first group of that name."""
        return next((group for group in self.groups if group.name == name), None)


def read_contacts(path: Path, files: FolderFiles | None = None) -> Phonebook:
    """Read one contacts file; `InputError` at file:line where it cannot be read or is not such a file."""
    files = files or FolderFiles(path.parent)
    reader = _Reader(files.name(path), str(path))
    try:
        defusedxml.sax.parseString(files.read(path), reader, reader, forbid_dtd=True)
    except xml.sax.SAXParseException as error:
        where = Location(str(path), error.getLineNumber() or 0, (error.getColumnNumber() or 0) + 1)
        raise InputError(f"not well-formed XML: {error.getMessage()}", where) from None
    except DefusedXmlException:
        message = "a document type or entities are not read in a contacts file"
        raise InputError(message, reader.error_at) from None
    except (ValueError, LookupError, UnicodeError) as error:
        raise InputError(f"not well-formed XML: {error}", reader.error_at) from None
    return reader.book


class _Reader(ContentHandler, ErrorHandler):
    """Builds the phonebook from the elements that matter and passes over the others."""

    def __init__(self, name: str, path: str) -> None:
        super().__init__()
        self.book = Phonebook(Location(name))
        self._name, self._path = name, path
        self._depth = self._contacts = 0
        self._contact: Contact | None = None
        self._action: Action | None = None

    @property
    def error_at(self) -> Location:
        return Location(self._path, self._line())

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise InputError(f"elements are nested deeper than {MAX_DEPTH}", self.error_at)
        if self._depth == 1 and name not in ("phonebooks", "contacts"):
            raise InputError(f"<{name}> is not <phonebooks> or <contacts>", self.error_at)
        values = {str(key): str(value) for key, value in attrs.items()}
        if name == "contacts":
            self._begin_group(values)
        elif name == "contact" and self.book.groups:
            self._begin_contact(values)
        elif self._contact is not None:
            self._inside(name, values, self._contact)

    def endElement(self, name: str) -> None:
        self._depth -= 1
        if name == "contact":
            self._contact = None
        elif name == "action":
            self._action = None

    def _line(self) -> int:
        locator = getattr(self, "_locator", None)
        return (locator.getLineNumber() or 0) if locator is not None else 0

    def _begin_group(self, values: dict[str, str]) -> None:
        where = Location(self._name, self._line())
        editable = values.get("editable", "") in ("1", "true", "yes")
        name = values.get("group_name", "")
        self.book.groups.append(ContactGroup(name, where, values.get("id", ""), editable))

    def _begin_contact(self, values: dict[str, str]) -> None:
        self._contacts += 1
        if self._contacts > MAX_CONTACTS:
            raise InputError(f"more than {MAX_CONTACTS} contacts", self.error_at)
        group = self.book.groups[-1]
        self._contact = Contact(Location(self._name, self._line()), group.name, values)
        group.contacts.append(self._contact)

    def _inside(self, name: str, values: dict[str, str], contact: Contact) -> None:
        if name == "number":
            primary = values.get("primary", "") in ("1", "true", "yes")
            contact.numbers.append(Number(values.get("dial", ""), values.get("label", ""), primary))
        elif name == "email":
            contact.emails.append(values.get("address", ""))
        elif name == "action":
            self._action = Action(values.get("id", ""), values)
            contact.actions.append(self._action)
        elif name == "header" and self._action is not None:
            self._action.headers[values.get("key", "")] = values.get("value", "")
