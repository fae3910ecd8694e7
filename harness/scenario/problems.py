"""What is wrong with a scenario file: every error at its place, all of them at once."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from harness.errors import InputError, Location

MAX_PROBLEMS = 50
"""Errors that are told of one file; a file with more has one that causes the others."""
_EXCERPT_WIDTH = 160


class Span(NamedTuple):
    """From where to where something stands; lines and columns count from 1, the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Source(NamedTuple):
    """A file's name for messages, and its lines."""

    name: str
    lines: Sequence[str]

    def location(self, span: Span) -> Location:
        """Where a span begins."""
        return Location(self.name, span.line, span.column)

    def excerpt(self, span: Span) -> str:
        """The line that a span begins on, with carets under it; '' where there is no such line."""
        if not 0 < span.line <= len(self.lines):
            return ""
        text = self.lines[span.line - 1]
        start = min(span.column - 1, len(text))
        end = span.end_column - 1 if span.end_line == span.line else len(text)
        skip = max(0, start - _EXCERPT_WIDTH // 2)
        before, marked = _printable(text[skip:start]), _printable(text[start:max(end, start + 1)])
        rest = _printable(text[max(end, start + 1):])[: max(0, _EXCERPT_WIDTH - len(before) - len(marked))]
        number = str(span.line)
        carets = " " * _columns(before) + "^" * max(1, min(_columns(marked), _EXCERPT_WIDTH))
        return f"  {number} | {before}{marked[:_EXCERPT_WIDTH]}{rest}\n  {' ' * len(number)} | {carets}"


class SourceError(InputError):
    """One thing that is wrong in a file, shown with its line and a caret."""

    def __init__(self, message: str, where: Location | None, advice: str = "", excerpt: str = "") -> None:
        super().__init__(message, where, advice)
        self.excerpt = excerpt
        head = f"{where}: {message}" if where else message
        self.args = ("\n".join(filter(None, (head, excerpt, f"  {advice}" if advice else ""))),)


class ScenarioErrors(InputError):
    """All that is wrong with one file (or with what it names), in the order of the file."""

    def __init__(self, errors: Iterable[InputError]) -> None:
        self.errors = tuple(errors)
        first = self.errors[0]
        super().__init__(first.message, first.where, first.advice)
        self.args = ("\n".join(str(error) for error in self.errors),)

    def __reduce__(self) -> tuple[type[ScenarioErrors], tuple[tuple[InputError, ...]]]:
        return type(self), (self.errors,)


class Problems:
    """Gathers the errors of one reading."""

    def __init__(self) -> None:
        self.errors: list[InputError] = []

    def add(self, error: InputError) -> None:
        """Remember an error; the same one, from a second reading of the same text, counts once."""
        if len(self.errors) < MAX_PROBLEMS and str(error) not in map(str, self.errors):
            self.errors.append(error)

    def raise_any(self) -> None:
        """Raises ScenarioErrors where there is any error."""
        if self.errors:
            raise ScenarioErrors(sorted(self.errors, key=_place))


def _place(error: InputError) -> tuple[int, int]:
    return (error.where.line, error.where.column) if error.where else (0, 0)


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """Advice for a word that is not known: the nearest one, or else all there are."""
    known = list(known)
    folded = {each.lower(): each for each in reversed(known)}  # of two that differ in case, the first
    near = get_close_matches(word.lower(), folded, n=1, cutoff=0.6)
    if near:
        return f"did you mean {folded[near[0]]!r}?"
    return otherwise or (f"known here: {', '.join(known)}" if known else "")


def _printable(text: str) -> str:
    return "".join(
        " " if char == "\t" else "\ufffd" if unicodedata.category(char) in ("Cc", "Cf", "Cs") else char for char in text
    )


def _columns(text: str) -> int:
    return sum(
        0 if unicodedata.category(char) in ("Mn", "Me") else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )
