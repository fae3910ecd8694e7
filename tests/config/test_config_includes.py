"""#include, #tryinclude, #exec: which files are read, and when it is an error."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from harness.config.files import FolderFiles
from harness.config.includes import MAX_BRACE_PATTERNS
from harness.config.syntax import MAX_INCLUDE_LEVEL, ConfigFile, parse_config
from harness.errors import InputError, Location


def values(file: ConfigFile) -> list[tuple[str, str, str]]:
    return [(section.name, s.value, str(s.where)) for section in file.sections for s in section.settings]


@pytest.mark.parametrize("written", ["b.conf", '"b.conf"', "<b.conf>", "  b.conf  ; why", "<{root}/b.conf>"])
def test_an_included_file_keeps_its_own_locations(write, tmp_path: Path, written: str) -> None:
    """Quotes and angle brackets come off; absolute names work."""
    write("b.conf", "[b]\nx=2\n")
    main = write("a.conf", f"[a]\nx=1\n#include {written.format(root=tmp_path)}\n")
    assert values(parse_config(main, tmp_path)) == [("a", "1", "a.conf:2"), ("b", "2", "b.conf:2")]


def test_relative_names_start_at_the_folder_not_at_the_file(write, tmp_path: Path) -> None:
    """An include inside sub/ still counts from the configuration folder."""
    write("sub/b.conf", "#include sub/c.conf\n")
    write("sub/c.conf", "[c]\nx=3\n")
    main = write("a.conf", "#include sub/b.conf\n")
    assert values(parse_config(main, tmp_path)) == [("c", "3", "sub/c.conf:2")]


def test_the_installed_folder_means_the_copy(write, tmp_path: Path) -> None:
    """/etc/asterisk in a copied folder is looked for beside it."""
    write("sub/b.conf", "[b]\nx=2\n")
    main = write("a.conf", "#include /etc/asterisk/sub/*.conf\n#include /etc/asterisk/sub/b.conf\n")
    assert len(values(parse_config(main, tmp_path))) == 2


def test_wildcards_are_read_in_order(write, tmp_path: Path) -> None:
    """Alternatives in braces in the order they are written, matches sorted; other files are left alone."""
    for name in ("d/2.conf", "d/1.conf", "d/3.txt", "e/9.conf"):
        write(name, f"[{name}]\nx={name}\n")
    main = write("a.conf", "#include {e,d}/*.conf\n")
    assert [value for _, value, _ in values(parse_config(main, tmp_path))] == ["e/9.conf", "d/1.conf", "d/2.conf"]


def test_what_may_not_be_looked_at_does_not_match(write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as the open files of other people's processes."""
    write("d/1.conf", "[a]\nx=1\n")
    write("d/2.conf", "[b]\nx=2\n")
    looked = os.stat

    def stat(path: Any, *arguments: Any, **options: Any) -> os.stat_result:
        if str(path).endswith("2.conf"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return looked(path, *arguments, **options)

    monkeypatch.setattr(os, "stat", stat)
    main = write("a.conf", "#include d/*.conf\n#tryinclude d/2.conf\n")
    assert [value for _, value, _ in values(parse_config(main, tmp_path))] == ["1"]


def test_a_folder_whose_name_is_a_pattern_is_no_pattern(tmp_path: Path) -> None:
    """Brackets in the path of the configuration mean themselves."""
    folder = tmp_path / "conf[1]"
    folder.mkdir()
    (folder / "a.conf").write_text("#include *b.conf\n")
    (folder / "b.conf").write_text("[b]\nx=1\n")
    assert len(values(parse_config(folder / "a.conf", folder))) == 1


def test_sections_go_on_across_files_as_in_asterisk(write, tmp_path: Path) -> None:
    """Measured: a file goes on in the section that was read last, its includer in its own."""
    write("b.conf", "x=in b\n[b]\nx=b\n")
    write("c.conf", "x=in c\n")
    main = write("a.conf", "[a]\n#include b.conf\nx=after\n#include c.conf\n")
    assert [(name, value) for name, value, _ in values(parse_config(main, tmp_path))] == [
        ("a", "in b"),
        ("a", "after"),
        ("b", "b"),
        ("b", "in c"),
    ]


def test_a_missing_file_is_an_error_at_the_line_that_names_it(write, tmp_path: Path) -> None:
    """The advice is #tryinclude."""
    main = write("a.conf", "[a]\n\n#include none.conf\n")
    with pytest.raises(InputError, match=r"none\.conf: there is no such file") as caught:
        parse_config(main, tmp_path)
    assert caught.value.where == Location(str(main), 3)
    assert "#tryinclude" in caught.value.advice


def test_tryinclude_may_miss(write, tmp_path: Path) -> None:
    """Nothing is told."""
    file = parse_config(write("a.conf", "#tryinclude none.conf\n#tryinclude *.none\n[a]\n"), tmp_path)
    assert file.notes == []


def test_a_pattern_without_a_match_is_told(write, tmp_path: Path) -> None:
    """Asterisk refuses the file then (measured); a copied folder often lacks an empty directory."""
    file = parse_config(write("a.conf", "#include d/*.conf\n[a]\n"), tmp_path)
    assert [(note.kind, note.where) for note in file.notes] == [("include", Location("a.conf", 1))]


@pytest.mark.parametrize("word", ["include", "tryinclude"])
def test_a_loop_is_an_error_that_names_the_road(write, tmp_path: Path, word: str) -> None:
    """The line that closes the loop is the place."""
    main = write("a.conf", "[a]\n#include b.conf\n")
    other = write("b.conf", f"\n#{word} ./a.conf\n")
    with pytest.raises(InputError, match=r"a\.conf -> b\.conf -> a\.conf") as caught:
        parse_config(main, tmp_path)
    assert caught.value.where == Location(str(other), 2)


def test_a_link_does_not_hide_a_loop(write, tmp_path: Path) -> None:
    """Files are told apart by where they lie."""
    main = write("a.conf", "#include link.conf\n")
    (tmp_path / "link.conf").symlink_to(main)
    with pytest.raises(InputError, match="never ends"):
        parse_config(main, tmp_path)


@pytest.mark.parametrize(("depth", "fits"), [(MAX_INCLUDE_LEVEL, True), (MAX_INCLUDE_LEVEL + 1, False)])
def test_includes_nest_ten_deep(write, tmp_path: Path, depth: int, fits: bool) -> None:
    """Asterisk's limit."""
    for level in range(depth):
        write(f"{level}.conf", f"#include {level + 1}.conf\n")
    write(f"{depth}.conf", "[deep]\nx=1\n")
    if fits:
        assert len(values(parse_config(tmp_path / "0.conf", tmp_path))) == 1
    else:
        with pytest.raises(InputError, match="deeper than 10"):
            parse_config(tmp_path / "0.conf", tmp_path)


def test_includes_that_multiply_are_bounded(write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight files that include the next one ten times would be read a hundred million times."""
    monkeypatch.setattr("harness.config.files.MAX_FILES", 50)
    for level in range(8):
        write(f"{level}.conf", f"#include {level + 1}.conf\n" * 10)
    write("8.conf", "")
    with pytest.raises(InputError, match="more than 50 files"):
        parse_config(tmp_path / "0.conf", tmp_path)


def test_too_many_alternatives_are_refused(write, tmp_path: Path) -> None:
    """Braces multiply as well."""
    main = write("a.conf", "#include " + "{a,b}" * 12 + "\n")
    with pytest.raises(InputError, match=f"more than {MAX_BRACE_PATTERNS}"):
        parse_config(main, tmp_path)


def test_exec_is_not_run(write, tmp_path: Path) -> None:
    """A note says what is missing, and nothing happened."""
    witness = tmp_path / "witness"
    file = parse_config(write("a.conf", f"#exec touch {witness}\n[a]\n"), tmp_path)
    assert [note.kind for note in file.notes] == ["exec"]
    assert not witness.exists()


def test_other_directives_are_told_and_passed_over(write, tmp_path: Path) -> None:
    """Also those without a file."""
    file = parse_config(write("a.conf", "#inclde b.conf\n#include\n[a]\n"), tmp_path)
    assert 'did you mean "include"' in file.notes[0].text
    assert "names no file" in file.notes[1].text


def test_a_directory_is_refused_where_it_is_named(write, tmp_path: Path) -> None:
    """Both as the file itself and as an include."""
    (tmp_path / "d.conf").mkdir()
    with pytest.raises(InputError, match="is a directory"):
        parse_config(tmp_path / "d.conf", tmp_path)
    with pytest.raises(InputError, match="is a directory") as caught:
        parse_config(write("a.conf", "[a]\n#include d.conf\n"), tmp_path)
    assert caught.value.where is not None
    assert caught.value.where.line == 2


def test_a_name_that_no_file_can_have_is_missing(write, tmp_path: Path) -> None:
    """No traceback for names that the system refuses."""
    with pytest.raises(InputError, match="no such file"):
        parse_config(write("a.conf", "#include " + "a" * 5000 + "\n"), tmp_path)


def test_a_file_that_is_too_large_is_refused(write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is a constant."""
    monkeypatch.setattr("harness.config.files.MAX_FILE_BYTES", 10)
    with pytest.raises(InputError, match="larger than 10 bytes"):
        parse_config(write("a.conf", "[a]\nx=123456\n"), tmp_path)


def test_the_checksum_changes_with_every_file_that_is_read(write, tmp_path: Path) -> None:
    """Included files count, others do not."""
    main = write("a.conf", "#include b.conf\n")

    def checksum() -> str:
        files = FolderFiles(tmp_path)
        parse_config(main, tmp_path, files)
        return files.checksum()

    write("b.conf", "[b]\n")
    first = checksum()
    write("c.conf", "[c]\n")
    assert checksum() == first
    write("b.conf", "[b]\nx=1\n")
    assert checksum() != first
