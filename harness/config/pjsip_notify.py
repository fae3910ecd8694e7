"""pjsip_notify.conf: NOTIFYs that a person may send to phones, each under a name (res/res_pjsip_notify.c)."""

from __future__ import annotations

from pathlib import Path

from harness.config.files import FolderFiles
from harness.config.syntax import parse_config

FILE_NAME = "pjsip_notify.conf"

Headers = list[tuple[str, str]]


def read_notify(folder: Path, files: FolderFiles | None = None) -> dict[str, Headers]:
    """The headers of each kind by its name, as written; `InputError` where Asterisk would refuse the file."""
    kinds: dict[str, Headers] = {}
    for section in parse_config(folder / FILE_NAME, folder, files).visible:
        kinds.setdefault(section.name, []).extend((each.name, each.value) for each in section.settings)
    return kinds
