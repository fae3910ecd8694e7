"""The contacts XML that a phone loads: `<phonebooks>` around groups `<contacts>`, or one bare group."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from harness.config.files import FolderFiles
from harness.config.sheets import Sheet, parse_sheet
from harness.errors import InputError, Location

MAX_CONTACTS = 20_000
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
    parse_sheet(path, files, reader, "a contacts file")
    return reader.book


class _Reader(Sheet):
    """Builds the phonebook from the elements that matter and passes over the others."""

    def __init__(self, name: str, path: str) -> None:
        super().__init__(name, path)
        self.book = Phonebook(Location(name))
        self._contacts = 0
        self._contact: Contact | None = None
        self._action: Action | None = None

    def element(self, name: str, values: dict[str, str]) -> None:
        if self.depth == 1 and name not in ("phonebooks", "contacts"):
            raise InputError(f"<{name}> is not <phonebooks> or <contacts>", self.error_at)
        if name == "contacts":
            self._begin_group(values)
        elif name == "contact" and self.book.groups:
            self._begin_contact(values)
        elif self._contact is not None:
            self._inside(name, values, self._contact)

    def end(self, name: str) -> None:
        if name == "contact":
            self._contact = None
        elif name == "action":
            self._action = None

    def _begin_group(self, values: dict[str, str]) -> None:
        editable = values.get("editable", "") in ("1", "true", "yes")
        name = values.get("group_name", "")
        self.book.groups.append(ContactGroup(name, self.here, values.get("id", ""), editable))

    def _begin_contact(self, values: dict[str, str]) -> None:
        self._contacts += 1
        if self._contacts > MAX_CONTACTS:
            raise InputError(f"more than {MAX_CONTACTS} contacts", self.error_at)
        group = self.book.groups[-1]
        self._contact = Contact(self.here, group.name, values)
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
