"""Asterisk's configuration syntax: sections, templates, additions, includes (main/config.c:2019-2334).

What Asterisk reads with a warning is read here with a `Note`; where it refuses the file, `InputError`.
It is stricter in one thing: a fault in an included file refuses the whole, while Asterisk silently goes on
with the half that it had read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from harness.config.files import FolderFiles
from harness.config.includes import is_pattern, named_files, unquoted
from harness.config.lines import logical_lines
from harness.config.values import BLANKS, suggestion, truncated
from harness.errors import InputError, Location, Note

MAX_INCLUDE_LEVEL = 10
MAX_SECTION_NAME_BYTES = 79
MAX_INHERITED = 500_000
"""Settings that the sections of a file take over from others, all together: ten thousand phones with fifty each."""


class Setting(NamedTuple):
    """`name = value` or, with `arrow`, `name => value`; `where` is the line itself, also where inherited."""

    name: str
    value: str
    where: Location
    arrow: bool = False


@dataclass(slots=True)
class Section:
    """One `[name]` header and its settings; those of the bases come first, each with its own location."""

    name: str
    where: Location
    settings: list[Setting] = field(default_factory=list)
    template: bool = False
    bases: tuple[str, ...] = ()

    def get(self, name: str) -> Setting | None:
        """The last setting of that name; names are compared without case."""
        wanted = name.lower()
        return next((s for s in reversed(self.settings) if s.name.lower() == wanted), None)

    def first(self, name: str) -> Setting | None:
        """The first setting of that name."""
        wanted = name.lower()
        return next((s for s in self.settings if s.name.lower() == wanted), None)

    def all(self, name: str) -> list[Setting]:
        """Every setting of that name in order."""
        wanted = name.lower()
        return [s for s in self.settings if s.name.lower() == wanted]


@dataclass(slots=True)
class ConfigFile:
    """What one file with its includes says; `sections` in order, templates among them, names may repeat."""

    path: Path
    sections: list[Section] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    @property
    def visible(self) -> list[Section]:
        """The sections that are not templates."""
        return [section for section in self.sections if not section.template]

    def named(self, name: str) -> list[Section]:
        """The visible sections of that name, compared without case."""
        wanted = name.lower()
        return [s for s in self.sections if not s.template and s.name.lower() == wanted]


def parse_config(path: Path, root: Path, files: FolderFiles | None = None) -> ConfigFile:
    """Read one file of the folder `root`; relative includes start from `root`.

    `InputError` at file:line where Asterisk would refuse the file, and where it cannot be read.
    """
    parser = _Parser(ConfigFile(path), files or FolderFiles(root), root)
    parser.read([path], None, ())
    return parser.result


class _Parser:
    """The state that runs through a file and all that it includes."""

    __slots__ = ("_by_name", "_current", "_inherited", "files", "result", "root")

    def __init__(self, result: ConfigFile, files: FolderFiles, root: Path) -> None:
        self.result, self.files, self.root = result, files, root
        self._current: Section | None = None
        self._by_name: dict[str, list[Section]] = {}
        self._inherited = 0

    def read(self, paths: list[Path], asked: Location | None, chain: tuple[Path, ...]) -> None:
        """Read files one after the other; a section of the first may go on in the next."""
        section = self._current
        for path in paths:
            self._refuse_loops(path, asked, chain)
            data = self.files.read(path, asked)
            name = self.files.name(path)
            for number, text in logical_lines(data, str(path), name, self.result.notes):
                place = _Place(path, Location(name, number), (*chain, path))
                if text[0] == "[":
                    section = self._header(text, place)
                elif text[0] == "#":
                    self._directive(text, place)
                else:
                    self._setting(text, place, section)

    def _refuse_loops(self, path: Path, asked: Location | None, chain: tuple[Path, ...]) -> None:
        if len(chain) > MAX_INCLUDE_LEVEL:
            raise InputError(f"includes are nested deeper than {MAX_INCLUDE_LEVEL}", asked)
        real = path.resolve()
        if any(real == earlier.resolve() for earlier in chain):
            road = " -> ".join(self.files.name(step) for step in (*chain, path))
            raise InputError(f"the include never ends: {road}", asked, "take one of these #include lines out")

    # [header](options)

    def _header(self, text: str, place: _Place) -> Section:
        name, closed, rest = text[1:].partition("]")
        if not closed:
            raise place.fault(f"[{name} has no closing ]")
        fresh = Section(truncated(name, MAX_SECTION_NAME_BYTES), place.where)
        target: Section = fresh
        if rest.startswith("("):
            options, closed, rest = rest[1:].partition(")")
            if not closed:
                raise place.fault(f"[{name}]({options} has no closing )")
            for option in options.split(","):
                target = self._option(option, fresh, target, place)
        if rest.strip(BLANKS):
            self._note("syntax", f"{_first_word(rest.strip(BLANKS))!r} after [{name}] is ignored", place)
        if target is fresh:
            self.result.sections.append(fresh)
            self._by_name.setdefault(fresh.name.lower(), []).append(fresh)
        self._current = target
        return target

    def _option(self, option: str, fresh: Section, target: Section, place: _Place) -> Section:
        if option == "!":
            target.template = True
        elif option.startswith("+"):
            grown = self._to_extend(fresh.name, option[1:], place)
            grown.template = grown.template or target.template
            grown.settings.extend(fresh.settings)
            fresh.settings.clear()
            return grown
        else:
            self._inherit(target, self._base(option, place), place)
        return target

    def _inherit(self, target: Section, base: Section, place: _Place) -> None:
        self._inherited += len(base.settings)
        if self._inherited > MAX_INHERITED:
            advice = "templates that take over each other more than once double with each line"
            raise place.fault(f"the sections inherit more than {MAX_INHERITED} settings", advice)
        target.settings.extend(list(base.settings))
        target.bases = (*target.bases, base.name)

    def _base(self, name: str, place: _Place) -> Section:
        found = self._by_name.get(name.lower(), []) if name else self.result.sections
        if not found:
            known = [section.name for section in self.result.sections]
            advice = "blanks inside ( ) belong to the name" if name != name.strip() else ""
            hint = suggestion(name.strip(), known)
            raise place.fault(f'there is no section or template "{name}" to inherit from{hint}', advice)
        if not name:
            self._note("syntax", f"an empty name in ( ) takes the first section, [{found[0].name}]", place)
        return found[0]

    def _to_extend(self, name: str, condition: str, place: _Place) -> Section:
        for section in self._by_name.get(name.lower(), []):
            if _meets(section, condition):
                return section
        raise place.fault(f"[{name}](+) adds to a section that does not exist")

    # #directive argument

    def _directive(self, text: str, place: _Place) -> None:
        word, *rest = re.split(r"[\x01-\x20]", text[1:], maxsplit=1)
        argument = rest[0].strip(BLANKS) if rest else ""
        kind = word.lower()
        if kind == "exec":
            self._note("exec", f"#exec {argument} is not run; what it would print is missing here", place)
        elif kind not in ("include", "tryinclude"):
            known = ("include", "tryinclude", "exec")
            self._note("syntax", f"unknown directive #{word}{suggestion(kind, known)}", place)
        elif not argument:
            self._note("syntax", f"#{word} names no file", place)
        else:
            self._include(unquoted(argument), kind == "tryinclude", place)

    def _include(self, name: str, may_miss: bool, place: _Place) -> None:
        try:
            found = named_files(name, self.root)
        except ValueError as error:
            raise place.fault(str(error)) from None
        if not found and not may_miss:
            if not is_pattern(name):
                advice = "use #tryinclude where it may be absent"
                raise place.fault(f"#include {name}: there is no such file", advice)
            text = f"#include {name} matches no file; Asterisk refuses such a file, #tryinclude would not"
            self._note("include", text, place)
        self.read(found, place.error_at, place.chain)

    # name = value

    def _setting(self, text: str, place: _Place, section: Section | None) -> None:
        if section is None:
            raise place.fault(f"{_first_word(text)!r} stands before any [section]")
        escaped = text[0] == "\\"
        text = text[1:] if escaped else text
        if not text or text[0] in BLANKS:
            raise place.fault("a backslash at the start of a line escapes nothing")
        at = text.find("=", 1 if escaped else 0)
        if at < 0:
            self._note("syntax", f"no = after {_first_word(text)!r}; the line is ignored", place)
        elif at > (1 if escaped else 0) and text[at - 1] == "+":
            self._append(text[: at - 1].strip(BLANKS), text[at + 1 :], place, section)
        else:
            arrow = text.startswith(">", at + 1)
            self._add(text[:at].strip(BLANKS), text[at + 1 + arrow :], arrow, place, section)

    def _add(self, name: str, value: str, arrow: bool, place: _Place, section: Section) -> None:
        if not name:
            self._note("syntax", "no name before the =; the line is ignored", place)
            return
        section.settings.append(Setting(name, value.strip(BLANKS), place.where, arrow))

    def _append(self, name: str, text: str, place: _Place, section: Section) -> None:
        """`name += text`: to the last setting of that very name; without one it is a plain setting.

        The new value takes the place of the first setting with the same name and value (compared without
        case), which is another one where a value repeats: ast_variable_update() looks for it from the start.
        """
        last = next((s for s in reversed(section.settings) if s.name == name), None)
        if last is None:
            self._add(name, text, False, place, section)
            return
        value = (last.value + text).strip(BLANKS)
        for index, old in enumerate(section.settings):
            same = not last.value or old.value.lower() == last.value.lower()
            if old.name.lower() == name.lower() and same:
                section.settings[index] = Setting(name, value, old.where, old.arrow)
                return

    def _note(self, kind: str, text: str, place: _Place) -> None:
        self.result.notes.append(Note(kind, text, place.where))


class _Place(NamedTuple):
    """Where a line stands: its file, its location as told in notes, the files that include it."""

    path: Path
    where: Location
    chain: tuple[Path, ...]

    @property
    def error_at(self) -> Location:
        return Location(str(self.path), self.where.line)

    def fault(self, message: str, advice: str = "") -> InputError:
        return InputError(message, self.error_at, advice)


def _meets(section: Section, condition: str) -> bool:
    """Whether a section fits `(+name=regex&...)`; TEMPLATES=include|restrict lets templates in."""
    if not condition:
        return not section.template
    admitted = not section.template
    for part in condition.split("&"):
        name, given, wanted = (piece.strip(BLANKS) for piece in part.partition("="))
        if not given:
            return False
        if name == "TEMPLATES":
            if wanted.lower() == "restrict" and not section.template:
                return False
            admitted = admitted or wanted.lower() in ("include", "restrict")
        elif not _has(section, name, wanted):
            return False
    return admitted


def _has(section: Section, name: str, wanted: str) -> bool:
    try:
        return any(re.search(name, s.name) and re.search(wanted, s.value) for s in section.settings)
    except re.error:
        return False


def _first_word(text: str) -> str:
    """What is shown of a line that cannot be read: the rest of it may be a secret."""
    return re.split(r"[\s=]", text, maxsplit=1)[0][:40]
