"""GetConfig, GetConfigJSON and ListCategories: the configuration as it stands in the folder (main/manager.c).

Nothing is written here: CreateConfig and UpdateConfig would change a person's files.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from harness.config.syntax import ConfigFile, Section, parse_config
from harness.config.values import BLANKS
from harness.core.octets import fold
from harness.dialplan.ere import BadRegex, Regex, compile_regex
from harness.errors import InputError
from harness.pbx.manager.actions import ActionEntry
from harness.pbx.manager.packets import Action

if TYPE_CHECKING:
    from harness.pbx.manager.session import ManagerSession

READ = ("system", "config")
NOT_FOUND = "Config file not found"
RESTRICTED = "File requires escalated privileges"


class Refused(Exception):
    """The action is answered with an error of this text."""


class ConfigActions:
    """The actions bound to one folder, out of which no name leads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def entries(self) -> tuple[ActionEntry, ...]:
        """For the table of the manager."""
        return (
            ActionEntry("GetConfig", READ, "Retrieve configuration.", self.get),
            ActionEntry("GetConfigJSON", READ, "Retrieve configuration (JSON format).", self.get_json),
            ActionEntry("ListCategories", ("config",), "List categories in configuration file.", self.list_categories),
        )

    def get(self, session: ManagerSession, action: Action) -> None:
        """GetConfig: every section with its lines, numbered; the values are told as they are."""
        try:
            sections = self._wanted(action, NOT_FOUND)
        except Refused as refused:
            session.error(action, str(refused))
            return
        lines = [line for number, section in enumerate(sections) for line in _lines(f"{number:06}", section)]
        if not sections and action.get("Category"):
            lines = ["No categories found"]
        session.respond(action, "Success", *lines)

    def get_json(self, session: ManagerSession, action: Action) -> None:
        """GetConfigJSON: one object, in which a name comes as often as it was written."""
        try:
            sections = self._wanted(action, RESTRICTED)
        except Refused as refused:
            session.error(action, str(refused))
            return
        session.respond(action, "Success", f"JSON: {{{','.join(map(_object, sections))}}}")

    def list_categories(self, session: ManagerSession, action: Action) -> None:
        """ListCategories: the names of the sections, those of templates only where `Match` lets them in."""
        try:
            file = self._file(action.get("Filename"), NOT_FOUND)
        except Refused as refused:
            session.error(action, str(refused))
            return
        found = [each for each in file.sections if fits(each, action.get("Match"))]
        lines = [f"Category-{number:06}: {section.name}" for number, section in enumerate(found)]
        session.respond(action, "Success", *(lines or ["Error: no categories found"]))

    def _wanted(self, action: Action, absent: str) -> list[Section]:
        file, category = self._file(action.get("Filename"), absent), fold(action.get("Category"))
        named = [each for each in file.sections if not category or fold(each.name) == category]
        return [each for each in named if fits(each, action.get("Filter"))]

    def _file(self, name: str, absent: str) -> ConfigFile:
        if not name:
            raise Refused("Filename not specified")
        try:
            path = (self._folder / name.strip(BLANKS)).resolve(strict=True)
        except (OSError, ValueError):
            raise Refused(absent) from None
        if not path.is_relative_to(self._folder.resolve()):
            raise Refused(RESTRICTED)
        if not path.is_file():
            raise Refused(NOT_FOUND)
        try:
            return parse_config(path, self._folder)
        except InputError:
            raise Refused("Config file has invalid format") from None


def fits(section: Section, condition: str) -> bool:
    """Whether a section fits `name=value,...`, both regular expressions; without one, whether it is no template.

    `TEMPLATES=include` lets templates in, `TEMPLATES=restrict` nothing else (does_category_match of main/config.c).
    """
    admitted, wanted, found = not section.template, 0, 0
    for part in filter(None, condition.split(",")):
        wanted += 1
        name, given, value = (piece.strip(BLANKS) for piece in part.partition("="))
        if not given or (name == "TEMPLATES" and fold(value) == "restrict" and not section.template):
            break
        if name == "TEMPLATES":
            found += fold(value) in ("include", "restrict")
            admitted = admitted or fold(value) in ("include", "restrict")
            continue
        try:
            found += _has(section, compile_regex(name), compile_regex(value))
        except BadRegex:
            return False
    return admitted and found == wanted


def _has(section: Section, name: Regex, value: Regex) -> bool:
    return any(name.search(each.name) and value.search(each.value) for each in section.settings)


def _lines(number: str, section: Section) -> Iterator[str]:
    yield f"Category-{number}: {section.name}"
    if section.template:
        yield f"IsTemplate-{number}: 1"
    if section.bases:
        yield f"Templates-{number}: {','.join(section.bases)}"
    for index, setting in enumerate(section.settings):
        yield f"Line-{number}-{index:06}: {setting.name}={setting.value}"


def _object(section: Section) -> str:
    members = ['"istemplate":1'] if section.template else []
    if section.bases:
        members.append(f'"templates":"{",".join(section.bases)}"')
    members += [f'"{_escaped(each.name)}":"{_escaped(each.value)}"' for each in section.settings]
    return f'"{_escaped(section.name)}":{{{",".join(members)}}}'


def _escaped(text: str) -> str:
    """Only the two characters that Asterisk escapes, so that a control character stays as it is."""
    return text.replace("\\", "\\\\").replace('"', '\\"')
