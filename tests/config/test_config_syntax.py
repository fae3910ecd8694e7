"""Sections, templates, settings and comments; the odd cases were measured on Asterisk 22.10.1."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import harness.config.syntax
from harness.config.lines import MAX_LINE_BYTES, MAX_NESTED_COMMENTS, CommentStripper
from harness.config.syntax import ConfigFile, Section, parse_config
from harness.errors import InputError, Location

Parse = Callable[[str | bytes], ConfigFile]


def pairs(section: Section) -> list[tuple[str, str]]:
    return [(setting.name, setting.value) for setting in section.settings]


def kinds(file: ConfigFile) -> list[str]:
    return [note.kind for note in file.notes]


def test_every_setting_knows_its_file_and_line(parse: Parse) -> None:
    """Files are named relative to the folder, lines count from 1."""
    section = parse("; one\n\n[a]\nx = 1\ny => 2\n").sections[0]
    assert section.where == Location("a.conf", 3)
    assert [(s.where.line, s.arrow) for s in section.settings] == [(4, False), (5, True)]
    assert section.settings[0].where.file == "a.conf"


def test_both_sides_of_the_sign_are_stripped_and_a_value_may_be_empty(parse: Parse) -> None:
    """`=` and `=>` mean the same; later signs belong to the value."""
    file = parse("[a]\n  x  =  1 2  \ny=>\nz = a=>b\n")
    assert pairs(file.sections[0]) == [("x", "1 2"), ("y", ""), ("z", "a=>b")]


def test_one_name_may_head_several_sections(parse: Parse) -> None:
    """They stay apart and in order."""
    file = parse("[bob]\ntype=phone\n[bob]\ntype=line\n")
    assert [section.get("type").value for section in file.named("BOB")] == ["phone", "line"]  # type: ignore[union-attr]


def test_repeated_keys_are_kept_in_order(parse: Parse) -> None:
    """`get` gives the last, `first` the first, `all` every one, without regard to case."""
    section = parse("[a]\nline=1\nLINE=2\nother=x\nline=3\n").sections[0]
    assert [s.value for s in section.all("Line")] == ["1", "2", "3"]
    last, first = section.get("line"), section.first("line")
    assert last is not None
    assert first is not None
    assert (first.value, last.value) == ("1", "3")
    assert section.get("none") is None


def test_settings_of_bases_come_first_with_their_own_lines(parse: Parse) -> None:
    """Templates and ordinary sections alike, in the order of the list."""
    file = parse("[t](!)\na=1\n[s]\nb=2\n[x](t,s)\na=3\n")
    section = file.sections[2]
    assert [(s.name, s.value, s.where.line) for s in section.settings] == [
        ("a", "1", 2),
        ("b", "2", 4),
        ("a", "3", 6),
    ]
    assert section.bases == ("t", "s")


def test_templates_may_not_double_without_end(parse: Parse, monkeypatch: pytest.MonkeyPatch) -> None:
    """What all sections take over together has a limit, which names the line."""
    monkeypatch.setattr(harness.config.syntax, "MAX_INHERITED", 12)
    once = "[a](!)\nx=1\ny=2\n[b](!,a,a)\n"
    assert len(parse(once + "[c](b,b)\n").visible[0].settings) == 8
    with pytest.raises(InputError, match="more than 12 settings") as refused:
        parse(once + "[c](!,b,b)\n[d](a)\n")
    assert refused.value.where is not None
    assert refused.value.where.line == 6


def test_templates_are_not_visible(parse: Parse) -> None:
    """They are found as bases and nowhere else."""
    file = parse("[t](!)\na=1\n[x](t)\n")
    assert [section.name for section in file.visible] == ["x"]
    assert file.named("t") == []


def test_base_names_have_no_case_but_count_blanks(parse: Parse) -> None:
    """[Base] is found as base; ( b) looks for a name with a blank, as Asterisk does."""
    assert pairs(parse("[Base](!)\na=1\n[x](base)\n").sections[1]) == [("a", "1")]
    with pytest.raises(InputError, match='no section or template " b"') as caught:
        parse("[b](!)\n[x](b, b)\n")
    assert "blanks" in caught.value.advice


def test_an_addition_goes_to_the_first_section_of_that_name(parse: Parse) -> None:
    """[x](+) makes no new section."""
    file = parse("[x]\na=1\n[y]\n[X](+)\nb=2\n")
    assert [section.name for section in file.sections] == ["x", "y"]
    assert pairs(file.sections[0]) == [("a", "1"), ("b", "2")]


def test_an_addition_with_a_condition_chooses_among_sections(parse: Parse) -> None:
    """(+type=line) means the one whose type says so; TEMPLATES=include lets templates in."""
    file = parse("[x]\ntype=phone\n[x]\ntype=line\n[x](+type=^line$)\nb=2\n[t](!)\n[t](+TEMPLATES=include)\nc=3\n")
    assert pairs(file.sections[1]) == [("type", "line"), ("b", "2")]
    assert pairs(file.sections[2]) == [("c", "3")]


def test_an_addition_meets_all_of_its_conditions(parse: Parse) -> None:
    """TEMPLATES=restrict looks at templates alone; a condition without a sign, or one that fails, finds nothing."""
    file = parse("[x]\na=1\nb=2\n[x](!)\na=1\n[x](+TEMPLATES=restrict&a=1)\nc=3\n[x](+a=1&b=2)\nc=4\n")
    assert [section.all("c")[0].value for section in file.sections] == ["4", "3"]
    for condition in ("a", "a=1&b=3", "a=(", "TEMPLATES=restrict"):
        with pytest.raises(InputError, match="does not exist"):
            parse(f"[x]\na=1\nb=2\n[x](+{condition})\n")


def test_an_addition_can_make_a_template_of_a_section(parse: Parse) -> None:
    """And a template stays one."""
    file = parse("[x]\na=1\n[x](!,+)\n[t](!)\n[t](+TEMPLATES=include)\n")
    assert file.visible == []


def test_an_addition_may_inherit_too(parse: Parse) -> None:
    """What is inherited before and after the + ends in the grown section."""
    file = parse("[s](!)\nb=2\n[t](!)\nc=3\n[x]\na=1\n[x](s,+,t)\nd=4\n")
    assert pairs(file.sections[2]) == [("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")]


def test_an_empty_option_inherits_from_the_first_section(parse: Parse) -> None:
    """Measured: [x]() takes the settings of whatever stands first, and a note says so."""
    file = parse("[first]\na=1\n[x]()\n")
    assert pairs(file.sections[1]) == [("a", "1")]
    assert kinds(file) == ["syntax"]


def test_options_after_a_blank_are_ignored_and_told(parse: Parse) -> None:
    """Measured: [x] (t) inherits nothing."""
    file = parse("[t](!)\na=1\n[x] (t)\n")
    assert pairs(file.sections[1]) == []
    assert "ignored" in file.notes[0].text


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("[a\n", 1, r"no closing \]"),
        ("[a](b\n", 1, r"no closing \)"),
        ("[a](b)\n", 1, "inherit from"),
        ("\n[a](+)\n", 2, "does not exist"),
        ("x=1\n", 1, "before any"),
        ("[a]\n\\\n", 2, "escapes nothing"),
    ],
)
def test_a_file_that_asterisk_refuses_names_the_line(parse: Parse, text: str, line: int, reason: str) -> None:
    """One clear error with the path as it was given."""
    with pytest.raises(InputError, match=reason) as caught:
        parse(text)
    assert caught.value.where is not None
    assert caught.value.where.line == line
    assert Path(caught.value.where.file).is_absolute()


def test_a_misspelt_base_gets_a_suggestion(parse: Parse) -> None:
    """The nearest name of the file is offered."""
    with pytest.raises(InputError, match='did you mean "phone"'):
        parse("[phone](!)\n[x](phon)\n")


def test_additions_to_a_value_keep_the_blank(parse: Parse) -> None:
    """`A += x` gives a blank, `A +=x` none; the line stays that of the first part (measured)."""
    section = parse("[a]\nA = 1\nA += x\nA +=y\nnew += z\n").sections[0]
    assert pairs(section) == [("A", "1 xy"), ("new", "z")]
    assert section.settings[0].where.line == 2


def test_an_addition_to_a_repeated_value_changes_the_first_of_them(parse: Parse) -> None:
    """ast_variable_update() looks for name and value from the start."""
    section = parse("[a]\nx=1\nx=2\nx=1\nx += !\n").sections[0]
    assert [s.value for s in section.all("x")] == ["1 !", "2", "1"]


def test_lines_without_a_sign_or_a_name_are_told_and_skipped(parse: Parse) -> None:
    """Asterisk warns and goes on."""
    file = parse("[a]\nnonsense\n= 3 +\n+= 4\nx=1\n")
    assert pairs(file.sections[0]) == [("x", "1")]
    assert [note.where.line for note in file.notes if note.where] == [2, 3, 4]


def test_a_backslash_lets_a_name_begin_with_a_bracket_or_a_hash(parse: Parse) -> None:
    """The first character loses its meaning."""
    assert pairs(parse("[a]\n\\[x = 1\n\\#y = 2\n").sections[0]) == [("[x", "1"), ("#y", "2")]


def test_section_names_are_cut_to_what_asterisk_keeps(parse: Parse) -> None:
    """79 bytes."""
    assert parse(f"[{'a' * 100}]\n").sections[0].name == "a" * 79


# comments


def test_a_semicolon_begins_a_comment_even_in_quotes_unless_escaped(parse: Parse) -> None:
    """The backslash goes away."""
    file = parse('[a]\nx = "1;2"\ny = 1\\;2 ; not\nz = 3;--- not a block\nw = 4\n')
    assert pairs(file.sections[0]) == [("x", '"1'), ("y", "1;2"), ("z", "3"), ("w", "4")]


def test_block_comments_nest_and_glue_what_stands_around_them(parse: Parse) -> None:
    """Text after the end of the block is read as if it followed the text before."""
    file = parse("[a]\nx = c;--hidden--;d\ny = 1;-- a ;-- b --; c\nnot = here\n--;z = 2\n")
    assert pairs(file.sections[0]) == [("x", "cd"), ("y", "1"), ("z", "2")]


def test_a_block_comment_that_never_ends_is_told(parse: Parse) -> None:
    """The note points at its beginning."""
    file = parse("[a]\nx=1\n;--\ny=2\n")
    assert pairs(file.sections[0]) == [("x", "1")]
    assert file.notes[0].where == Location("a.conf", 3)


def test_an_end_that_closes_nothing_swallows_the_rest(parse: Parse) -> None:
    """Measured: the line itself is read whole, then nothing until the next ;--."""
    file = parse("[a]\nx = before --; after\ny = lost\n;--\nz = back\n")
    assert pairs(file.sections[0]) == [("x", "before --; after"), ("z", "back")]
    assert kinds(file) == ["syntax"]


def test_comments_may_not_nest_without_end(parse: Parse) -> None:
    """Asterisk's limit is an error here."""
    with pytest.raises(InputError, match="nested"):
        parse("[a]\n" + ";--\n" * (MAX_NESTED_COMMENTS + 1))


@given(st.text(st.characters(exclude_characters="\n\0")))
def test_escaped_text_survives_the_comment_stripper(text: str) -> None:
    """Backslashes before every semicolon hide all kinds of comments."""
    assert CommentStripper().strip(text.replace(";", "\\;"), 1) == text


# bytes


def test_a_byte_order_mark_is_removed(parse: Parse) -> None:
    """Files that were edited on Windows begin with one."""
    assert parse(b"\xef\xbb\xbf[a]\r\nx=1\r\n").sections[0].settings[0].value == "1"


def test_bytes_that_are_not_utf8_are_kept_and_told_once(parse: Parse) -> None:
    """They come back as the same bytes."""
    file = parse(b"[a]\nx=caf\xe9\ny=\xff\n")
    assert file.sections[0].settings[0].value.encode("utf-8", "surrogateescape") == b"caf\xe9"
    assert [(note.kind, note.where) for note in file.notes] == [("encoding", Location("a.conf", 2))]


def test_a_nul_byte_is_refused(parse: Parse) -> None:
    """The line is named."""
    with pytest.raises(InputError, match="NUL") as caught:
        parse(b"[a]\nx=\0\n")
    assert caught.value.where is not None
    assert caught.value.where.line == 2


@pytest.mark.parametrize(("extra", "kept"), [(0, True), (1, False)])
def test_lines_beyond_the_limit_are_skipped_with_a_note(parse: Parse, extra: int, kept: bool) -> None:
    """8190 bytes are read, one more is not; what follows is."""
    line = b"x=" + b"\xc3\xa9" * ((MAX_LINE_BYTES - 2) // 2) + b"a" * extra
    file = parse(b"[a]\n" + line + b"\ny=1\n")
    assert [name for name, _ in pairs(file.sections[0])] == (["x", "y"] if kept else ["y"])
    assert kinds(file) == ([] if kept else ["syntax"])


LINES = st.lists(
    st.one_of(
        st.sampled_from(
            ["[a]", "[b](!)", "[c](a)", "[a](+)", "[c]()", "x=1", "x += 2", "x=>", ";--", "--;", "#exec x"]
        ),
        st.text(max_size=20),
        st.text('[]()!+=;-\\#<>" ax', max_size=20),
    ),
    max_size=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES, raw=st.binary(max_size=20))
def test_any_bytes_are_read_or_refused_never_worse(tmp_path: Path, lines: list[str], raw: bytes) -> None:
    """Whatever the file holds, the answer is sections or one InputError."""
    path = tmp_path / "a.conf"
    path.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass") + raw)
    with contextlib.suppress(InputError):
        file = parse_config(path, tmp_path)
        assert all(setting.where.line for section in file.sections for setting in section.settings)
