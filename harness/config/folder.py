"""Reading a whole configuration folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from harness.config import digium_phone, extensions, features, manager, pjsip, queues, realtime, voicemail
from harness.config.blf_items import BlfSheet
from harness.config.contacts import Phonebook
from harness.config.digium_phone import DigiumPhoneConfig
from harness.config.extensions import RawDialplan
from harness.config.features import FeaturesConfig
from harness.config.files import FolderFiles
from harness.config.inherited import told_once
from harness.config.manager import ManagerConfig
from harness.config.phone_sheets import PhoneSheets
from harness.config.pjsip import PjsipConfig
from harness.config.queues import QueuesConfig
from harness.config.voicemail import VoicemailConfig
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


_Part = TypeVar("_Part")


@dataclass(slots=True)
class Configuration:
    """What a folder says; a part is None where its file is not there.

    `phonebooks` has the contacts of each phone in the order of its `contact=` lines, `blf_sheets` the sheet of each
    phone with `blf_items=` whose file is there. `checksum` is the SHA-256 over the names and contents of every file
    that was read.
    """

    path: Path
    digium_phone: DigiumPhoneConfig | None = None
    extensions: RawDialplan | None = None
    pjsip: PjsipConfig | None = None
    manager: ManagerConfig | None = None
    queues: QueuesConfig | None = None
    voicemail: VoicemailConfig | None = None
    features: FeaturesConfig | None = None
    phonebooks: dict[str, list[Phonebook]] = field(default_factory=dict)
    blf_sheets: dict[str, BlfSheet] = field(default_factory=dict)
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
        sheets = PhoneSheets(config.digium_phone, folder, files)
        config.phonebooks, config.blf_sheets = sheets.phonebooks, sheets.blf_sheets
        config.notes += sheets.notes
    if extensions.FILE_NAME in present:
        config.extensions = extensions.read_extensions(folder, files)
    if pjsip.FILE_NAME in present or pjsip.WIZARD_FILE_NAME in present:
        config.pjsip = pjsip.read_pjsip(folder, files)
    if manager.FILE_NAME in present:
        config.manager = manager.read_manager(folder, files)
    config.queues = _optional(config, queues.FILE_NAME, queues.read_queues, files)
    config.voicemail = _optional(config, voicemail.FILE_NAME, voicemail.read_voicemail, files)
    config.features = _optional(config, features.FILE_NAME, features.read_features, files)
    config.notes = told_once(_all_notes(config, files))
    config.checksum, config.files = files.checksum(), files.names
    return config


def _optional(
    config: Configuration, name: str, read: Callable[[Path, FolderFiles], _Part], files: FolderFiles
) -> _Part | None:
    """A file without which Asterisk goes on, also where it refuses it."""
    if not (config.path / name).exists():
        return None
    try:
        return read(config.path, files)
    except InputError as error:
        config.notes.append(Note("refused", f"Asterisk goes on without {name}: {error.message}", error.where))
        return None


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
    told = (config.digium_phone, config.extensions, config.pjsip, config.manager)
    for part in (*told, config.queues, config.voicemail, config.features):
        if part is not None:
            yield from part.notes
    yield from config.notes
    yield from realtime.read_realtime(config.path, files)
    for name, reason in NOT_READ.items():
        if (config.path / name).exists():
            yield Note("not-read", f"{name} is not read ({reason})", Location(name))
