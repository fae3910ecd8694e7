"""The sheets that the phones of a folder load: contacts and Smart BLF, found where a copy of the server has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import TypeVar

from harness.config.blf_items import BlfItem, BlfSheet, read_blf_items
from harness.config.contacts import Contact, Phonebook, read_contacts
from harness.config.digium_phone import DigiumPhoneConfig, Phone
from harness.config.files import FolderFiles
from harness.config.values import Ref, suggestion
from harness.errors import InputError, Location, Note

_Sheet = TypeVar("_Sheet")


class PhoneSheets:
    """Finds and reads the sheets of all phones; a file that several name is read once.

    A phone reports no error in its XML, it just does without: so what is wrong becomes a note and no more.
    """

    def __init__(self, phones: DigiumPhoneConfig, folder: Path, files: FolderFiles) -> None:
        self.phonebooks: dict[str, list[Phonebook]] = {}
        self.blf_sheets: dict[str, BlfSheet] = {}
        self.notes: list[Note] = []
        self._folder, self._files = folder, files
        self._directory = phones.option("file_directory")
        self._books: dict[Path, Phonebook | None] = {}
        self._sheets: dict[Path, BlfSheet] = {}
        for phone in phones.phones.values():
            self._read_contacts(phone)
            self._read_blf_items(phone)

    # contacts

    def _read_contacts(self, phone: Phone) -> None:
        paths = [path for ref in phone.contacts if (path := self._find(phone, "contact", "contacts", ref)) is not None]
        found = [book for path in paths if (book := self._once(self._books, path, self._parsed_contacts)) is not None]
        self.phonebooks[phone.name] = found
        wanted = phone.blf_contact_group
        if wanted and found and all(book.group(wanted) is None for book in found):
            text = f"phone {phone.name} names blf_contact_group={wanted}, which its contacts do not have"
            self._note("dangling", text, phone.where_of("blf_contact_group"), f"phone {phone.name}")

    def _parsed_contacts(self, path: Path) -> Phonebook | None:
        try:
            return read_contacts(path, self._files)
        except InputError as error:
            self._note("contacts", f"the contacts are not loaded: {error.message}", self._at(path, error))
            return None

    # Smart BLF

    def _read_blf_items(self, phone: Phone) -> None:
        if not phone.blf_items:
            return
        path = self._find(phone, "blf_items", "blf", Ref(phone.blf_items, phone.where_of("blf_items")))
        if path is None:
            return
        sheet = self.blf_sheets[phone.name] = self._once(self._sheets, path, self._parsed_items)
        if not phone.blf_contact_group:
            text = f"phone {phone.name} has blf_items without a blf_contact_group, so none of its keys shows a contact"
            self._note("blf", text, phone.where_of("blf_items"), f"phone {phone.name}")
        self._check_items(phone, sheet)

    def _parsed_items(self, path: Path) -> BlfSheet:
        try:
            sheet = read_blf_items(path, self._files)
        except InputError as error:
            where = self._at(path, error)
            advice = f" ({error.advice})" if error.advice else ""
            self._note("blf", f"the Smart BLF sheet is not loaded: {error.message}{advice}", where)
            return BlfSheet(Location(where.file), fault=f"{where}: {error.message}")
        self.notes += sheet.notes
        return sheet

    def _check_items(self, phone: Phone, sheet: BlfSheet) -> None:
        """Contacts and actions that the sheet names and the phone lacks, unless it lacks them all, which is told."""
        if phone.contacts and not self.phonebooks[phone.name]:
            return
        contacts = {contact.id: contact for book in self.phonebooks[phone.name] for contact in book.contacts}
        for item in sheet.items:
            if not item.contact_id:
                continue
            contact = contacts.get(item.contact_id)
            if contact is None:
                hint = suggestion(item.contact_id, contacts)
                text = f"the item is for contact {item.contact_id!r}, which phone {phone.name} does not have{hint}"
                self._note("dangling", text, item.where, f"phone {phone.name}")
            else:
                self._check_actions(item, contact)

    def _check_actions(self, item: BlfItem, contact: Contact) -> None:
        known = [action.id for action in contact.actions]
        for behavior in item.behaviors:
            for action in filter(None, (behavior.press_action, behavior.long_press_action)):
                if action not in known:
                    hint = suggestion(action, known)
                    text = f"the item does action {action!r}, which contact {contact.id} does not define{hint}"
                    self._note("dangling", text, item.where)

    # files

    def _find(self, phone: Phone, option: str, kind: str, ref: Ref) -> Path | None:
        places = list(self._places(ref.name))
        path = next((place for place in places if _is_file(place)), None)
        if path is None:
            looked = ", ".join(dict.fromkeys(map(self._files.name, places)))
            text = f"phone {phone.name} loads {option}={ref.name}, which is not there; looked for {looked}"
            self._note(kind, text, ref.where, f"phone {phone.name}")
        return path

    def _places(self, name: str) -> Iterator[Path]:
        """Under `file_directory` as it is written, then beside the configuration, where a copy has it."""
        root, directory = self._folder, self._directory
        plain = name.partition("?")[0]
        yield root / directory / plain
        if directory:
            yield root / PurePosixPath(directory).name / plain
        yield root / plain
        yield root / PurePosixPath(plain).name

    @staticmethod
    def _once(known: dict[Path, _Sheet], path: Path, read: Callable[[Path], _Sheet]) -> _Sheet:
        if path not in known:
            known[path] = read(path)
        return known[path]

    def _at(self, path: Path, error: InputError) -> Location:
        line, column = (error.where.line, error.where.column) if error.where else (0, 0)
        return Location(self._files.name(path), line, column)

    def _note(self, kind: str, text: str, where: Location, of: str = "") -> None:
        self.notes.append(Note(kind, text, where, of))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
