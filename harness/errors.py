"""What can go wrong, told to a person: what was wrong, where, and what to do."""

from __future__ import annotations

from typing import NamedTuple


class Location(NamedTuple):
    """A place in a file; line and column count from 1, 0 means the whole file or line."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        parts = [self.file]
        if self.line:
            parts.append(str(self.line))
            if self.column:
                parts.append(str(self.column))
        return ":".join(parts)


class Note(NamedTuple):
    """Something to tell once and go on: a kind for grouping, a sentence, a place.

    `of` is the part of the sentence that names who has it; notes that differ only in that are one mistake that several
    share, made at the place `cause`, by default `where`.
    """

    kind: str
    text: str
    where: Location | None = None
    of: str = ""
    cause: Location | None = None

    def __str__(self) -> str:
        return f"{self.where}: {self.text}" if self.where else self.text


class HarnessError(Exception):
    """Base of every error that this project raises on purpose; `exit_code` is the command's."""

    exit_code = 1


class InputError(HarnessError):
    """Something that was given cannot be read or does not make sense."""

    exit_code = 2

    def __init__(self, message: str, where: Location | None = None, advice: str = "") -> None:
        self.message, self.where, self.advice = message, where, advice
        text = f"{where}: {message}" if where else message
        super().__init__(f"{text}\n  {advice}" if advice else text)


class TargetError(HarnessError):
    """The server that a scenario should run against could not be used: inconclusive."""

    exit_code = 3
