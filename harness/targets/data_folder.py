"""The folder that a server keeps its state in: its owner's alone, and one server's at a time."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from harness.errors import InputError, Location

LOCK_NAME = "lock"
FOLDER_MODE, FILE_MODE = 0o700, 0o600


class DataFolder:
    """Made where it is not there, and locked until `release`; a process that ends lets go by that.

    Raises InputError where another server uses the folder, and where it cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = -1
        try:
            path.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
            self._lock = os.open(path / LOCK_NAME, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, FILE_MODE)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            advice = "stop the other one, or give each a folder of its own with --data"
            raise InputError("another server uses this folder", Location(str(path)), advice) from None
        except OSError as error:
            self.release()
            advice = "name another place with --data, or keep nothing with --data :memory:"
            raise InputError(f"state cannot be kept here: {error.strerror}", Location(str(path)), advice) from None

    def release(self) -> None:
        """Let the next server have it; any number of times."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1
