"""Reading the files of one configuration folder, and remembering which they were."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from harness.errors import InputError, Location

MAX_FILE_BYTES = 16 * 1024 * 1024
MAX_FILES = 2000
"""Readings of one folder; a file that is included twice counts twice."""


class FolderFiles:
    """The files under (or named from) one configuration folder, each read whole."""

    __slots__ = ("_digests", "_readings", "root")

    def __init__(self, root: Path) -> None:
        self.root = root
        self._digests: dict[str, bytes] = {}
        self._readings = 0

    def name(self, path: Path) -> str:
        """How a file is called in a `Location`: relative to the folder where it lies in it."""
        try:
            return os.path.relpath(path, self.root) if path.is_relative_to(self.root) else str(path)
        except ValueError:
            return str(path)

    def read(self, path: Path, asked: Location | None = None) -> bytes:
        """The bytes of a regular file; `InputError` at `asked` (the place that names it) or at the file."""
        where = asked or Location(str(path))
        self._readings += 1
        if self._readings > MAX_FILES:
            raise InputError(f"more than {MAX_FILES} files are read for one configuration", where)
        try:
            data = self._bytes(path, where)
        except FileNotFoundError:
            raise InputError(f"there is no file {path}", where) from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise InputError(f"{path} cannot be read: {reason}", where) from None
        self._digests[self.name(path)] = hashlib.sha256(data).digest()
        return data

    def _bytes(self, path: Path, where: Location) -> bytes:
        if path.is_dir():
            raise InputError(f"{path} is a directory, not a file", where)
        if path.exists() and not path.is_file():
            raise InputError(f"{path} is not a regular file", where)
        with path.open("rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
        if len(data) > MAX_FILE_BYTES:
            raise InputError(f"{path} is larger than {MAX_FILE_BYTES} bytes", where)
        return data

    @property
    def names(self) -> tuple[str, ...]:
        """What was read so far, sorted."""
        return tuple(sorted(self._digests))

    def checksum(self) -> str:
        """SHA-256 (hexadecimal) over the sorted names and contents of the files that were read."""
        total = hashlib.sha256()
        for name in self.names:
            total.update(name.encode("utf-8", "surrogateescape") + b"\0" + self._digests[name])
        return total.hexdigest()
