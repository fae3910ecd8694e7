"""Messages of voicemail boxes, in folders as Asterisk's spool has them: `<context>/<box>/INBOX/msg0000.txt`.

With a place they are files there and outlive the server; without one they are kept in memory.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from harness.errors import InputError, Location

FOLDERS = (
    *("INBOX", "Old", "Work", "Family", "Friends", "Cust1", "Cust2", "Cust3", "Cust4", "Cust5", "Deleted", "Urgent"),
)
"""The folders of a box in Asterisk's order (app_voicemail.c, mailbox_folders)."""
INBOX, OLD, URGENT = "INBOX", "Old", "Urgent"
SPOOL_PATH = "/var/spool/asterisk/voicemail"
"""Where an Asterisk keeps them: what a message that is in memory says of its file."""
MAX_MESSAGES = 9999
MAX_FILE_BYTES = 16_384
HEAD = ";\n; Message Information file\n;\n[message]\n"

_FILE = re.compile(r"msg([0-9]{4})\.txt")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_SAFE = re.compile(r"[^/\x00-\x1f]{1,100}")


@dataclass(slots=True)
class Message:
    """One message as its file has it: `callerid`, `origdate`, `origtime`, `msg_id`, `flag`, `duration`, ..."""

    fields: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """What names it over all folders."""
        return self.fields.get("msg_id", "")

    def text(self) -> str:
        """The file; what a caller says of himself ends no line of it."""
        return HEAD + "".join(f"{name}={_CONTROLS.sub(' ', value)}\n" for name, value in self.fields.items())


class Spool:
    """The messages of all boxes, those of one folder in order from 0."""

    def __init__(self, place: Path | None = None) -> None:
        """`place` is the folder `voicemail` of the data, made when the first message comes; raises InputError."""
        self.place = place
        self._folders: dict[tuple[str, str, str], list[Message]] = {}
        if place is not None and place.is_dir():
            try:
                self._load(place)
            except OSError as error:
                raise InputError(f"the messages cannot be read: {error.strerror}", Location(str(place))) from None

    def messages(self, context: str, box: str, folder: str = INBOX) -> tuple[Message, ...]:
        """Those in a folder."""
        return tuple(self._folders.get((context, box, folder), ()))

    def path(self, context: str, box: str, folder: str, number: int) -> str:
        """The file of a message without its ending."""
        return f"{self.place or SPOOL_PATH}/{context}/{box}/{folder}/msg{number:04d}"

    def add(self, context: str, box: str, folder: str, message: Message) -> int:
        """Put a message at the end; gives its number.

        Raises InputError where it cannot be written: then it is kept in memory all the same.
        """
        found = self._folders.setdefault((context, box, folder), [])
        found.append(message)
        self._write(context, box, folder)
        return len(found) - 1

    def remove(self, context: str, box: str, folder: str, message: Message) -> None:
        """Take a message out; those after it move up."""
        found = self._folders.get((context, box, folder), [])
        found[:] = [each for each in found if each is not message]
        self._write(context, box, folder)

    def move(self, context: str, box: str, folder: str, message: Message, to: str) -> None:
        """From one folder to another; it stays where it is if the other cannot be written, which raises InputError."""
        try:
            self.add(context, box, to, message)
        except InputError:
            self._folders[context, box, to].pop()
            raise
        self.remove(context, box, folder, message)

    # files

    def _write(self, context: str, box: str, folder: str) -> None:
        if self.place is None:
            return
        where = self.place
        try:
            for part in (context, box, folder):
                if not _SAFE.fullmatch(part) or part in (".", ".."):
                    return  # no box of the configuration: stays in memory
                where = where / part
            where.mkdir(parents=True, exist_ok=True)
            messages = self.messages(context, box, folder)
            for number, message in enumerate(messages):
                _replace(where / f"msg{number:04d}.txt", message.text())
            for path in list(where.iterdir()):
                found = _number(path)
                if found is not None and found >= len(messages):
                    path.unlink()
        except OSError as error:
            raise InputError(f"a message cannot be kept: {error.strerror}", Location(str(where))) from None

    def _load(self, place: Path) -> None:
        for path in sorted(place.glob("*/*/*/msg*.txt")):
            folder = path.parent.name
            if _number(path) is None or folder not in FOLDERS or path.is_symlink():
                continue
            key = (path.parent.parent.parent.name, path.parent.parent.name, folder)
            found = self._folders.setdefault(key, [])
            if len(found) < MAX_MESSAGES and path.stat().st_size <= MAX_FILE_BYTES:
                found.append(_read(path.read_text("utf-8", "surrogateescape")))


def _number(path: Path) -> int | None:
    found = _FILE.fullmatch(path.name)
    return None if found is None else int(found[1])


def _read(text: str) -> Message:
    """A file of ours, or of an Asterisk; lines that say nothing are passed over."""
    pairs = (line.partition("=") for line in text.split("\n") if not line.startswith((";", "[")))
    return Message({name.strip(): value.strip() for name, equals, value in pairs if equals})


def _replace(path: Path, text: str) -> None:
    """Whole or not at all."""
    raw = text.encode("utf-8", "surrogateescape")
    if path.is_file() and path.read_bytes() == raw:
        return
    fresh = path.with_suffix(".new")
    fresh.write_bytes(raw)
    fresh.replace(path)
