"""What is written as a configuration file reads the same."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.config.syntax import Section, Setting, parse_config
from harness.config.values import BLANKS
from harness.config.writer import format_config
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


def content(sections: list[Section]) -> list[tuple[str, bool, list[tuple[str, str, bool]]]]:
    return [(s.name, s.template, [(t.name, t.value, t.arrow) for t in s.settings]) for s in sections]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(SECTIONS, max_size=5))
def test_written_sections_read_the_same(tmp_path: Path, sections: list[Section]) -> None:
    """Names, values, signs and templates survive whatever characters they have."""
    path = tmp_path / "a.conf"
    path.write_bytes(format_config(sections).encode("utf-8", "surrogateescape"))
    file = parse_config(path, tmp_path)
    assert content(file.sections) == content(sections)
    assert file.notes == []


def test_inherited_settings_are_written_out(write, tmp_path: Path) -> None:
    """No base is named, so the file stands alone."""
    path = write("a.conf", "[t](!)\na=1\n[x](t)\nb => 2\n")
    text = format_config(parse_config(path, tmp_path).visible)
    assert text == "[x]\na = 1\nb => 2\n"
