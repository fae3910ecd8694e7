"""`voicemail ...` (apps/app_voicemail.c)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.core.octets import cut
from harness.pbx.calls.spool import FOLDERS
from harness.pbx.commands.registry import USAGE, Answer, Registry, command_of, failure
from harness.pbx.commands.usage import Help

if TYPE_CHECKING:
    from harness.config.voicemail import VoicemailConfig
    from harness.pbx.calls.voicemail import VoicemailDesk

NO_EMAIL = "(null)"
"""How the address of a box is printed whose line has no such column."""
VOICEMAIL_HELP = {
    "voicemail forward": Help(
        "Forward message to another folder",
        "Usage: voicemail forward <from_mailbox> <from_context> <from_folder> <messageid> <to_mailbox> <to_context> "
        "<to_folder>\n"
        "       Forward message <messageid> in mailbox <mailbox>@<context> <from_folder>\n"
        "       to mailbox <mailbox>@<context> <to_folder>\n",
    ),
    "voicemail move": Help(
        "Move message to another folder",
        "Usage: voicemail move <mailbox> <context> <from_folder> <messageid> <to_folder>\n"
        "       Move message <messageid> in mailbox <mailbox>&<context> from <from_folder> to <to_folder>\n",
    ),
    "voicemail reload": Help(
        "Reload voicemail configuration", "Usage: voicemail reload\n       Reload voicemail configuration\n"
    ),
    "voicemail remove": Help(
        "Remove message",
        "Usage: voicemail remove <mailbox> <context> <from_folder> <messageid>\n"
        "       Remove message <messageid> from <from_folder> in mailbox <mailbox>@<context>\n",
    ),
    "voicemail show aliases": Help(
        "List mailbox aliases", "Usage: voicemail show aliases\n       Lists mailbox aliases\n"
    ),
    "voicemail show mailbox": Help(
        "Display a mailbox's content details",
        "Usage: voicemail show mailbox <mailbox> <context>\n       Show contents of mailbox <mailbox>@<context>\n",
    ),
    "voicemail show users [for]": Help(
        "List defined voicemail boxes",
        "Usage: voicemail show users [for <context>]\n       Lists all mailboxes currently set up\n",
    ),
    "voicemail show zones": Help(
        "List zone message formats", "Usage: voicemail show zones\n       Lists zone message formats\n"
    ),
}


def register(registry: Registry, desk: VoicemailDesk) -> None:
    """Serve the family."""
    family = _Voicemail(desk)
    runs = {
        "voicemail forward": family.forward,
        "voicemail move": family.move,
        "voicemail reload": family.reload,
        "voicemail remove": family.remove,
        "voicemail show aliases": lambda words: USAGE if words else Answer("Aliases are not enabled\n"),
        "voicemail show mailbox": family.mailbox,
        "voicemail show users [for]": family.users,
        "voicemail show zones": family.zones,
    }
    registry.add([command_of(name, run, *VOICEMAIL_HELP[name]) for name, run in runs.items()])


class _Voicemail:
    def __init__(self, desk: VoicemailDesk) -> None:
        self._desk = desk

    @property
    def _config(self) -> VoicemailConfig:
        return self._desk.config

    # show

    def users(self, words: Sequence[str]) -> Answer:
        if len(words) not in (0, 2) or (words and words[0] != "for"):
            return USAGE
        if not self._config.boxes:
            return failure("There are no voicemail users currently defined\n")
        boxes = [box for box in self._config.boxes if not words or box.context == words[1]]
        if not boxes:
            return failure(f'No such voicemail context "{words[1]}"\n')
        rows = [_user("Context", "Mbox", "User", "Zone", "NewMsg")]
        for box in boxes:
            urgent, new, _ = self._desk.waiting(box.full_name)
            rows.append(_user(box.context, box.name, box.fullname, box.tz, str(urgent + new)))
        return Answer("".join([*rows, f"{len(boxes)} voicemail users configured.\n"]))

    def zones(self, words: Sequence[str]) -> Answer:
        if words:
            return USAGE
        if not self._config.zones:
            return failure("There are no voicemail zones currently defined\n")
        rows = [_zone("Zone", "Timezone", "Message Format")]
        for name, value in self._config.zones.items():
            timezone, _, text = value.partition("|")
            rows.append(_zone(name, timezone, text))
        return Answer("".join(rows))

    def mailbox(self, words: Sequence[str]) -> Answer:
        if len(words) != 2:
            return USAGE
        name, context = words
        box = self._config.box(name, context)
        if box is None:
            return failure(f"Can't find voicemail user {name}@{context}\n")
        widths = (32, 32, 16, 16, 16, 16)
        email = box.email if box.has_email else NO_EMAIL
        rows = [
            _columns(widths, "Full Name", "Email", "Pager", "Language", "Locale", "Time Zone"),
            _columns(widths, box.fullname, email, box.pager, box.language, box.locale, box.tz),
            "\n",
        ]
        widths = (8, 32, 32, 9, 6, 30)
        rows.append(_columns(widths, "Folder", "Caller ID", "Date", "Duration", "Flag", "ID"))
        count = 0
        for folder in FOLDERS:
            for message in self._desk.spool.messages(box.context, box.name, folder):
                told = (message.fields.get(key, "") for key in ("callerid", "origdate", "duration", "flag"))
                rows.append(_columns(widths, folder, *told, message.id))
                count += 1
        return Answer("".join([*rows, f"{count} Message{'' if count == 1 else 's'} Total\n"]))

    # change

    def reload(self, words: Sequence[str]) -> Answer:
        if words:
            return USAGE
        self._desk.reload()
        return Answer("Reloading voicemail configuration...\n")

    def remove(self, words: Sequence[str]) -> Answer:
        if len(words) != 4:
            return USAGE
        name, context, folder, message = words
        what = f"message {message} from mailbox {name}@{context} {folder}"
        return _done(self._desk.remove((name, context), folder, message), "Removed", "removing", what)

    def move(self, words: Sequence[str]) -> Answer:
        if len(words) != 5:
            return USAGE
        name, context, folder, message, to = words
        what = f"message {message} from mailbox {name}@{context} {folder} to {to}"
        return _done(self._desk.move((name, context), folder, message, to), "Moved", "moving", what)

    def forward(self, words: Sequence[str]) -> Answer:
        if len(words) != 7:
            return USAGE
        name, context, folder, message, to, to_context, to_folder = words
        what = f"message {message} from mailbox {name}@{context} {folder} to mailbox {to}@{to_context} {to_folder}"
        done = self._desk.forward((name, context), folder, message, (to, to_context), to_folder)
        return _done(done, "Forwarded", "forwarding", what)


def _done(done: bool, did: str, doing: str, what: str) -> Answer:
    return Answer(f"{did} {what}\n") if done else failure(f"Error {doing} {what}\n")


def _user(context: str, name: str, fullname: str, zone: str, count: str) -> str:
    return f"{context:<10} {name:<5} {fullname:<25} {zone:<10} {count:>6}\n"


def _zone(name: str, timezone: str, text: str) -> str:
    return f"{name:<15} {timezone:<20} {text:<45}\n"


def _columns(widths: tuple[int, ...], *texts: str) -> str:
    return " ".join(f"{cut(text, width):<{width}}" for text, width in zip(texts, widths, strict=True)) + "\n"
