"""Reading a whole configuration folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from harness.config import digium_phone, extensions, manager, pjsip, realtime
from harness.config.contacts import Phonebook, read_contacts
from harness.config.digium_phone import DigiumPhoneConfig, Phone
from harness.config.extensions import RawDialplan
from harness.config.files import FolderFiles
from harness.config.manager import ManagerConfig
from harness.config.pjsip import PjsipConfig
from harness.config.values import Ref
from harness.errors import InputError, Location, Note

KNOWN_FILES = (
    digium_phone.FILE_NAME,
    extensions.FILE_NAME,
    pjsip.FILE_NAME,
    pjsip.WIZARD_FILE_NAME,
    manager.FILE_NAME,
)
"""A folder is a configuration where it has one of them."""

NOT_READ = {
    "extensions.ael": "dialplan in AEL",
    "extensions.lua": "dialplan in Lua",
    "sip.conf": "chan_sip, which Asterisk 22 does not have",
    "users.conf": "users for several modules at once",
}
"""Files that could define phones or hints, and the reason to tell that they are passed over."""


@dataclass(slots=True)
class Configuration:
    """What a folder says; a part is None where its file is not there.

    `phonebooks` has the contacts of each phone in the order of its `contact=` lines. `checksum` is the
    SHA-256 over the names and contents of every file that was read.
    """

    path: Path
    digium_phone: DigiumPhoneConfig | None = None
    extensions: RawDialplan | None = None
    pjsip: PjsipConfig | None = None
    manager: ManagerConfig | None = None
    phonebooks: dict[str, list[Phonebook]] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    checksum: str = ""
    files: tuple[str, ...] = ()


def read_folder(path: Path | str) -> Configuration:
    """Read every known file of a folder.

    `InputError` where the folder or all known files are missing, or where a file cannot be read or is one
    that Asterisk would refuse. `notes` gathers what is told by all readers, each once.
    """
    folder = Path(path)
    present = _present(folder)
    files = FolderFiles(folder)
    config = Configuration(folder)
    if digium_phone.FILE_NAME in present:
        config.digium_phone = digium_phone.read_digium_phone(folder, files)
        _Contacts(config, config.digium_phone, files).read()
    if extensions.FILE_NAME in present:
        config.extensions = extensions.read_extensions(folder, files)
    if pjsip.FILE_NAME in present or pjsip.WIZARD_FILE_NAME in present:
        config.pjsip = pjsip.read_pjsip(folder, files)
    if manager.FILE_NAME in present:
        config.manager = manager.read_manager(folder, files)
    config.notes = list(dict.fromkeys(_all_notes(config, files)))
    config.checksum, config.files = files.checksum(), files.names
    return config


def _present(folder: Path) -> set[str]:
    where = Location(str(folder))
    try:
        names = {entry.name for entry in folder.iterdir()}
    except FileNotFoundError:
        raise InputError("there is no such folder", where) from None
    except NotADirectoryError:
        raise InputError("this is a file, not a configuration folder", where) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"the folder cannot be read: {reason}", where) from None
    if not names.intersection(KNOWN_FILES):
        advice = "give the folder that holds them, as /etc/asterisk does"
        raise InputError(f"no configuration here; looked for {', '.join(KNOWN_FILES)}", where, advice)
    return names


def _all_notes(config: Configuration, files: FolderFiles) -> Iterator[Note]:
    for part in (config.digium_phone, config.extensions, config.pjsip, config.manager):
        if part is not None:
            yield from part.notes
    yield from config.notes
    yield from realtime.read_realtime(config.path, files)
    for name, reason in NOT_READ.items():
        if (config.path / name).exists():
            yield Note("not-read", f"{name} is not read ({reason})", Location(name))


class _Contacts:
    """Finds and reads the contacts files of all phones; a file that several name is read once."""

    def __init__(self, config: Configuration, phones: DigiumPhoneConfig, files: FolderFiles) -> None:
        self.config, self.phones, self.files = config, phones, files
        self._read: dict[Path, Phonebook | None] = {}

    def read(self) -> None:
        for phone in self.phones.phones.values():
            found = [book for ref in phone.contacts if (book := self._book(phone, ref)) is not None]
            self.config.phonebooks[phone.name] = found
            self._check_group(phone, found)

    def _book(self, phone: Phone, ref: Ref) -> Phonebook | None:
        places = list(self._places(ref.name))
        path = next((place for place in places if _is_file(place)), None)
        if path is None:
            looked = ", ".join(dict.fromkeys(map(self.files.name, places)))
            text = f"phone {phone.name} loads contact={ref.name}, which is not there; looked for {looked}"
            self._note("contacts", text, ref.where)
            return None
        if path not in self._read:
            self._read[path] = self._parsed(path)
        return self._read[path]

    def _parsed(self, path: Path) -> Phonebook | None:
        """A phone reports no error in its XML, it just has no contacts: so a note and no more."""
        try:
            return read_contacts(path, self.files)
        except InputError as error:
            line, column = (error.where.line, error.where.column) if error.where else (0, 0)
            where = Location(self.files.name(path), line, column)
            self._note("contacts", f"the contacts are not loaded: {error.message}", where)
            return None

    def _places(self, name: str) -> Iterator[Path]:
        """Under `file_directory` as it is written, then beside the configuration, where a copy has it."""
        root = self.config.path
        plain = name.partition("?")[0]
        directory = self.phones.option("file_directory")
        yield root / directory / plain
        if directory:
            yield root / PurePosixPath(directory).name / plain
        yield root / plain
        yield root / PurePosixPath(plain).name

    def _check_group(self, phone: Phone, books: list[Phonebook]) -> None:
        wanted = phone.blf_contact_group
        if wanted and books and all(book.group(wanted) is None for book in books):
            text = f"phone {phone.name} names blf_contact_group={wanted}, which its contacts do not have"
            self._note("dangling", text, phone.where_of("blf_contact_group"))

    def _note(self, kind: str, text: str, where: Location) -> None:
        self.config.notes.append(Note(kind, text, where))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
