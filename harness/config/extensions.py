"""extensions.conf as lines for the dialplan (pbx/pbx_config.c:1684-1973)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from harness.config.files import FolderFiles
from harness.config.syntax import ConfigFile, Setting, parse_config
from harness.errors import Location, Note

FILE_NAME = "extensions.conf"
_GENERAL = (
    "static",
    "writeprotect",
    "autofallthrough",
    "extenpatternmatchnew",
    "clearglobalvars",
    "overrideswitch",
    "userscontext",
)


@dataclass(slots=True)
class RawContext:
    """One `[context]` header with its keywords (`exten`, `same`, `include`, ...) in file order.

    A context may have several headers; each stands alone here, because `same` and the priority `n` start
    anew at each header.
    """

    name: str
    where: Location
    lines: list[Setting]


@dataclass(slots=True)
class RawDialplan:
    """The file before anything is interpreted; `general` by lower-case name, the first value counts."""

    general: dict[str, str] = field(default_factory=dict)
    globals: list[Setting] = field(default_factory=list)
    contexts: list[RawContext] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def read_extensions(folder: Path, files: FolderFiles | None = None) -> RawDialplan:
    """Read `extensions.conf` of a folder; `InputError` where Asterisk would refuse it or it is missing."""
    return from_sections(parse_config(folder / FILE_NAME, folder, files))


def from_sections(config: ConfigFile) -> RawDialplan:
    """The raw dialplan of a file that is already read."""
    plan = RawDialplan(notes=list(config.notes))
    for section in config.visible:
        kind = section.name.lower()
        if kind == "general":
            _general(section.settings, plan)
        elif kind == "globals":
            plan.globals.extend(section.settings)
        else:
            plan.contexts.append(RawContext(section.name, section.where, section.settings))
    return plan


def _general(settings: list[Setting], plan: RawDialplan) -> None:
    for setting in settings:
        name = setting.name.lower()
        if name not in _GENERAL and name not in plan.general:
            plan.notes.append(Note("option", f"unknown option {setting.name} in [general]", setting.where))
        plan.general.setdefault(name, setting.value)
