"""Writing sections back as a file that reads the same."""

from __future__ import annotations

from collections.abc import Iterable

from harness.config.syntax import Section


def format_config(sections: Iterable[Section]) -> str:
    """The text of a configuration file with these sections.

    Inherited settings are written out where they were inherited, so no base is named. Reading the text gives
    the same names, values and templates; only locations and bases differ.
    """
    return "".join(_section(section) for section in sections)


def _section(section: Section) -> str:
    header = f"[{_escaped(section.name)}]{'(!)' if section.template else ''}\n"
    return header + "".join(
        f"{_name(setting.name)} {'=>' if setting.arrow else '='} {_escaped(setting.value)}\n"
        for setting in section.settings
    )


def _name(name: str) -> str:
    # A backslash at the start of a line takes the meaning from the next character.
    return ("\\" if name[0] in "[#\\" else "") + _escaped(name)


def _escaped(text: str) -> str:
    return text.replace(";", "\\;")
