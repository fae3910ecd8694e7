"""acl.conf: lists of rules by name, for whoever says `acl=name` (main/named_acl.c)."""

from __future__ import annotations

from pathlib import Path

from harness.config.files import FolderFiles
from harness.config.syntax import Setting, parse_config

FILE_NAME = "acl.conf"
RULES = ("permit", "deny")


def read_acls(folder: Path, files: FolderFiles | None = None) -> dict[str, list[Setting]]:
    """The rules of each list in order; none where there is no such file."""
    if not (folder / FILE_NAME).is_file():
        return {}
    sections = parse_config(folder / FILE_NAME, folder, files).visible
    return {section.name: [each for each in section.settings if each.name in RULES] for section in sections}
