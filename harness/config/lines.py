"""From the bytes of a file to its logical lines: length limit, BOM, comments (main/config.c:2500-2633)."""

from __future__ import annotations

from collections.abc import Iterator

from harness.config.values import BLANKS
from harness.errors import InputError, Location, Note

MAX_LINE_BYTES = 8190
MAX_NESTED_COMMENTS = 128
_BOM = b"\xef\xbb\xbf"


class CommentStripper:
    """Takes comments off one line after the other; block comments live across lines.

    `depth` counts open block comments. It falls below zero on a `--;` that closes nothing: Asterisk then
    skips every following line until a `;--` brings it back to zero.
    """

    __slots__ = ("depth", "opened")

    def __init__(self) -> None:
        self.depth = 0
        self.opened: list[int] = []

    def strip(self, text: str, line: int) -> str | None:
        """What is left of a line, or None where it lies inside a block comment."""
        begin = 0 if self.depth == 0 else None
        cut: int | None = None
        scan = 0
        while (at := text.find(";", scan)) >= 0:
            if at > scan and text[at - 1] == "\\":
                text, scan = text[: at - 1] + text[at:], at
            elif text.startswith(";--", at) and not text.startswith(";---", at):
                if begin is not None and cut is None:
                    cut = at
                scan = at + 3
                self._open(line)
            elif at >= scan + 2 and text[at - 2 : at] == "--":
                scan = at + 1
                if self._close():
                    if begin is None:
                        begin = scan
                    elif cut is not None:
                        text, scan, cut = text[:cut] + text[scan:], cut, None
            elif self.depth == 0:
                text = text[:at]
                break
            else:
                scan = at + 1
        return None if begin is None else text[begin:cut]

    def _open(self, line: int) -> None:
        if self.depth >= MAX_NESTED_COMMENTS:
            raise ValueError(f"block comments are nested deeper than {MAX_NESTED_COMMENTS}")
        self.depth += 1
        self.opened.append(line)

    def _close(self) -> bool:
        """True where the last open comment ends here."""
        self.depth -= 1
        if self.opened:
            self.opened.pop()
        return self.depth == 0


def logical_lines(data: bytes, path: str, name: str, notes: list[Note]) -> Iterator[tuple[int, str]]:
    """Yield (line number, stripped text without comments) of the lines that say something.

    `path` names the file in an `InputError` (NUL bytes, comments nested too deep), `name` in a `Note`.
    """
    stripper = CommentStripper()
    for number, text in enumerate(_decoded(data, path, name, notes).split("\n"), 1):
        if len(text) > MAX_LINE_BYTES // 4 and _size(text) > MAX_LINE_BYTES:
            notes.append(_too_long(text, Location(name, number)))
            continue
        left: str | None = text
        if stripper.depth or ";" in text:
            left = _without_comments(stripper, text, Location(path, number), Location(name, number), notes)
        if left and (left := left.strip(BLANKS)):
            yield number, left
    if stripper.depth > 0:
        where = Location(name, stripper.opened[-1])
        notes.append(Note("syntax", "a block comment begins here and never ends", where))


def _decoded(data: bytes, path: str, name: str, notes: list[Note]) -> str:
    data = data.removeprefix(_BOM)
    if (at := data.find(b"\0")) >= 0:
        where = Location(path, data.count(b"\n", 0, at) + 1)
        raise InputError("a NUL byte: this is not a text file", where)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        where = Location(name, data.count(b"\n", 0, error.start) + 1)
        notes.append(Note("encoding", "bytes that are not UTF-8 are kept as they are", where))
        return data.decode("utf-8", "surrogateescape")


def _without_comments(
    stripper: CommentStripper, text: str, place: Location, where: Location, notes: list[Note]
) -> str | None:
    level = stripper.depth
    try:
        left = stripper.strip(text, where.line)
    except ValueError as error:
        raise InputError(str(error), place) from None
    if stripper.depth < 0 <= level:
        notes.append(Note("syntax", "a --; that closes no comment: Asterisk skips what follows", where))
    return left


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape"))


def _too_long(text: str, where: Location) -> Note:
    reason = f"the line is longer than {MAX_LINE_BYTES} bytes and is skipped; it begins with {text[:32]!r}"
    return Note("syntax", reason, where)
