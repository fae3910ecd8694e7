"""What a database or another file defines, and is therefore not read: extconfig.conf and sorcery.conf."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness.config.files import FolderFiles
from harness.config.syntax import Section, Setting, parse_config
from harness.errors import Note

EXTCONFIG = "extconfig.conf"
SORCERY = "sorcery.conf"
_HELD_BY_THE_SERVER = ("memory", "astdb", "memory_cache", "bucket")


def read_realtime(folder: Path, files: FolderFiles | None = None) -> list[Note]:
    """One note for each mapping to what is not read; nothing where neither file is there."""
    files = files or FolderFiles(folder)
    notes: list[Note] = []
    for name, told in ((EXTCONFIG, _extconfig), (SORCERY, _sorcery)):
        if (folder / name).exists():
            file = parse_config(folder / name, folder, files)
            notes.extend(file.notes)
            for section in file.visible:
                notes.extend(told(section))
    return notes


def _extconfig(section: Section) -> Iterator[Note]:
    if section.name.lower() != "settings":
        return
    for setting in section.settings:
        driver = setting.value.partition(",")[0].strip()
        text = f"[{section.name}] {setting.name} lies in a database ({driver}), which is not read"
        yield Note("realtime", text, setting.where)


def _sorcery(section: Section) -> Iterator[Note]:
    for setting in section.settings:
        kind = setting.name.partition("/")[0]
        wizard, _, rest = (part.strip() for part in setting.value.partition(","))
        if wizard == "config":
            yield from _other_file(section, setting, kind, rest.partition(",")[0].strip())
        elif wizard not in _HELD_BY_THE_SERVER:
            text = f"[{section.name}] {kind} lies in a database ({wizard}), which is not read"
            yield Note("realtime", text, setting.where)


def _other_file(section: Section, setting: Setting, kind: str, name: str) -> Iterator[Note]:
    if name not in ("pjsip.conf", ""):
        text = f"[{section.name}] {kind} lies in {name}, which is not read for it"
        yield Note("realtime", text, setting.where)
