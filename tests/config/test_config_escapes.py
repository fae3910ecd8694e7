"""Any text that a configuration file can hold is read as what it stands for."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.config.syntax import Section, Setting, parse_config
from harness.config.values import BLANKS
from harness.errors import Location

NOWHERE = Location("a.conf", 1)
CHARACTERS = st.one_of(
    st.sampled_from(";-\\#[](){}!+<>=\"', ax"),
    st.characters(exclude_characters="\n\0", exclude_categories=["Cs"]),
)
TEXTS = st.text(CHARACTERS, max_size=30)
VALUES = TEXTS.map(lambda text: text.strip(BLANKS))
NAMES = TEXTS.map(lambda text: text.replace("=", "").strip(BLANKS)).filter(bool)
HEADERS = st.text(CHARACTERS.filter(lambda char: char != "]"), max_size=15)
SETTINGS = st.builds(Setting, NAMES, VALUES, st.just(NOWHERE), st.booleans())
SECTIONS = st.builds(Section, HEADERS, st.just(NOWHERE), st.lists(SETTINGS, max_size=5), st.booleans())


def written(sections: list[Section]) -> str:
    """A file with these sections, where what has a meaning of its own is behind a backslash."""
    return "".join(
        f"[{escaped(section.name)}]{'(!)' * section.template}\n"
        + "".join(
            f"{name(each.name)} {'=>' if each.arrow else '='} {escaped(each.value)}\n" for each in section.settings
        )
        for section in sections
    )


def name(text: str) -> str:
    """A backslash at the start of a line takes the meaning from the next character."""
    return ("\\" if text[0] in "[#\\" else "") + escaped(text)


def escaped(text: str) -> str:
    return text.replace(";", "\\;")


def content(sections: list[Section]) -> list[tuple[str, bool, list[tuple[str, str, bool]]]]:
    return [(s.name, s.template, [(t.name, t.value, t.arrow) for t in s.settings]) for s in sections]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(SECTIONS, max_size=5))
def test_sections_are_read_as_they_were_written(tmp_path: Path, sections: list[Section]) -> None:
    """Names, values, signs and templates survive whatever characters they have."""
    path = tmp_path / "a.conf"
    path.write_bytes(written(sections).encode("utf-8", "surrogateescape"))
    file = parse_config(path, tmp_path)
    assert content(file.sections) == content(sections)
    assert file.notes == []
