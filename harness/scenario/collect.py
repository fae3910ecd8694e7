"""From paths to scenario files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from harness.errors import InputError, Location

SUFFIX = ".scenario.yaml"
ALIKE = (".scenario.yml", ".scenarios.yaml", ".scenario.yaml.txt")
"""Endings that were meant; a file with one would be passed over in silence."""
_PASSED_OVER = frozenset(("__pycache__", "node_modules"))


class Found(NamedTuple):
    """A scenario file: where it is, how messages call it, and its id (its path in the folder that was given)."""

    path: Path
    shown: str
    id: str


class Collected(NamedTuple):
    """The files in the order of the paths, by name within each; and what is wrong with the paths."""

    files: list[Found]
    errors: list[InputError]


def find(paths: Iterable[Path | str]) -> Collected:
    """The scenario files that paths name: a file itself, of a folder all that end in SUFFIX.  Each once."""
    files: dict[str, Found] = {}
    errors: list[InputError] = []
    for given in paths:
        try:
            for found in _under(Path(given)):
                files.setdefault(os.path.realpath(found.path), found)
        except InputError as error:
            errors.append(error)
    return Collected(_unlike(files.values()), errors)


def _under(path: Path) -> Iterator[Found]:
    where = Location(str(path))
    try:
        if path.is_dir():
            yield from _in_folder(path)
        elif path.is_file():
            if not path.name.endswith(SUFFIX):
                raise InputError("this is no scenario", where, f"scenario files end in {SUFFIX}")
            yield Found(path, str(path), path.name.removesuffix(SUFFIX))
        else:
            raise InputError("there is no such file or folder", where)
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read: {getattr(error, 'strerror', None) or error}", where) from None


def _in_folder(folder: Path) -> Iterator[Found]:
    def unreadable(error: OSError) -> None:
        raise error

    for place, folders, names in os.walk(folder, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _PASSED_OVER)
        for name in sorted(names):
            path = Path(place) / name
            if name.endswith(SUFFIX):
                yield Found(path, str(path), path.relative_to(folder).as_posix().removesuffix(SUFFIX))
            elif name.endswith(ALIKE):
                advice = f"scenario files end in {SUFFIX}"
                raise InputError("the ending is not quite right", Location(str(path)), advice)


def _unlike(files: Iterable[Found]) -> list[Found]:
    """Ids that several files have, from different folders, get a number, in order."""
    seen: dict[str, int] = {}
    unlike = []
    for found in files:
        seen[found.id] = number = seen.get(found.id, 0) + 1
        unlike.append(found if number == 1 else found._replace(id=f"{found.id}~{number}"))
    return unlike
