"""voicemail.conf: mailboxes and what they take (apps/app_voicemail.c, actual_load_config, apply_option)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.config.files import FolderFiles
from harness.config.syntax import ConfigFile, Section, Setting, parse_config
from harness.config.values import is_true, leading_number, suggestion
from harness.errors import Location, Note

FILE_NAME = "voicemail.conf"
DEFAULT_CONTEXT = "default"
DEFAULT_MAXMSG, MAXMSG_LIMIT = 100, 9999
NO_BOXES = ("general", "zonemessages")

_FLAGS = ("attach", "delete", "operator", "review", "saycid", "sendvoicemail", "envelope", "moveheard", "leaveurgent")
_OTHER = (
    *("attachfmt", "attachextrecs", "serveremail", "fromstring", "emailbody", "emailsubject", "language", "tz"),
    *("locale", "tempgreetwarn", "messagewrap", "sayduration", "saydurationm", "forcename", "forcegreetings"),
    *("callback", "dialout", "exitcontext", "nextaftercmd", "backupdeleted", "volgain", "passwordlocation"),
    *("deletevoicemail", "minsecs", "maxsecs", "maxmessage", "maxmsg", "options"),
    *("imapuser", "imapserver", "imapport", "imapflags", "imappassword", "imapsecret", "imapfolder", "imapvmshareid"),
)
_OF_BOX = (*_FLAGS, *_OTHER)
_GENERAL = (
    *_OF_BOX,
    *("userscontext", "aliasescontext", "searchcontexts", "mailcmd", "maxsilence", "emaildateformat", "format"),
    *("pagerdateformat", "externpass", "externpassnotify", "externpasscheck", "externnotify", "smdienable"),
    *("smdiport", "silencethreshold", "minmessage", "maxgreet", "skipms", "maxlogins", "minpassword", "pollfreq"),
    *("cidinternalcontexts", "forward_urgent_auto", "usedirectory", "pollmailboxes", "pbxskip", "pagerfromstring"),
    *("charset", "adsifdn", "adsisec", "adsiver", "pagersubject", "pagerbody", "tps_queue_high", "tps_queue_low"),
    *("vm-login", "vm-newuser", "vm-password", "vm-newpassword", "vm-invalid-password", "vm-passchanged"),
    *("vm-reenterpassword", "vm-mismatch", "vm-pls-try-again", "vm-prepend-timeout", "odbcstorage", "odbctable"),
    *("listen-control-forward-key", "listen-control-reverse-key", "listen-control-pause-key"),
    *("listen-control-restart-key", "listen-control-stop-key"),
)


@dataclass(slots=True)
class Box:
    """One mailbox; `minsecs` and `maxsecs` in seconds, 0 for any; `maxmsg` messages a folder, 0: only the greeting."""

    name: str
    context: str
    where: Location
    password: str = field(default="", repr=False)
    fullname: str = ""
    email: str = ""
    has_email: bool = False
    """Whether its line has that column."""
    pager: str = ""
    minsecs: int = 0
    maxsecs: int = 0
    maxmsg: int = DEFAULT_MAXMSG
    tz: str = ""
    locale: str = ""
    language: str = ""
    exitcontext: str = ""
    attach: bool = True
    delete: bool = False
    operator: bool = False
    review: bool = False
    saycid: bool = False
    sendvoicemail: bool = False
    envelope: bool = True
    moveheard: bool = True
    leaveurgent: bool = True
    options: dict[str, str] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """`box@context`."""
        return f"{self.name}@{self.context}"


@dataclass(slots=True)
class VoicemailConfig:
    """The boxes in order; `zones` by name; `searchcontexts` finds a box without a context in any."""

    searchcontexts: bool = False
    format: str = "wav"
    tz: str = ""
    options: dict[str, str] = field(default_factory=dict)
    """What else is said in [general]."""
    boxes: list[Box] = field(default_factory=list)
    zones: dict[str, str] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    def box(self, name: str, context: str = "") -> Box | None:
        """The box of that name in a context (find_user); in `default` where none is given."""
        wanted, place = name.lower(), context.lower()
        anywhere = self.searchcontexts and not place
        place = place or DEFAULT_CONTEXT
        found = (box for box in self.boxes if box.name.lower() == wanted)
        return next((box for box in found if anywhere or box.context.lower() == place), None)


def read_voicemail(folder: Path, files: FolderFiles | None = None) -> VoicemailConfig:
    """Read `voicemail.conf` of a folder; `InputError` where Asterisk would refuse it or it is missing."""
    return from_sections(parse_config(folder / FILE_NAME, folder, files))


def from_sections(file: ConfigFile) -> VoicemailConfig:
    """The boxes of a file that is already read."""
    config = VoicemailConfig(notes=list(file.notes))
    general = next(iter(file.named("general")), Section("general", Location(FILE_NAME)))
    defaults = _defaults(config, general)
    for section in file.visible:
        name = section.name.lower()
        if name == "zonemessages":
            config.zones |= {setting.name: setting.value for setting in section.settings}
        elif name not in NO_BOXES:
            for setting in section.settings:
                _box(config, defaults, section.name, setting)
    return config


def _defaults(config: VoicemailConfig, general: Section) -> Box:
    box = Box("", "", general.where)
    for setting in reversed(general.settings):  # the first of several counts
        name, value = setting.name.lower(), setting.value
        if name == "searchcontexts":
            config.searchcontexts = is_true(value)
        elif name == "format":
            config.format = value
        elif name == "minmessage":
            box.minsecs = leading_number(value)
        elif name not in _GENERAL:
            hint = suggestion(name, _GENERAL)
            _note(config, "option", f"unknown option {setting.name} in [general]{hint}", setting.where)
        elif name not in _OF_BOX:
            config.options[name] = value
        elif name not in ("options", "delete", "deletevoicemail"):
            _apply(config, box, name, value, setting.where)
    config.tz = box.tz
    return box


def _box(config: VoicemailConfig, defaults: Box, context: str, setting: Setting) -> None:
    name = setting.name
    if name.startswith("*"):
        _note(config, "value", f"mailbox {name} begins with *, which Asterisk ignores", setting.where)
        return
    anywhere = "" if config.searchcontexts else context
    if config.box(name, anywhere) is not None:
        _note(config, "duplicate", f"mailbox {name} in [{context}] is already defined; the first counts", setting.where)
        return
    box = replace(defaults, name=name, context=context, where=setting.where, options=dict(defaults.options))
    row = setting.value.split(",", 4)
    box.has_email = len(row) > 2
    box.password, box.fullname, box.email, box.pager, options = (*row, *[""] * (5 - len(row)))
    for option in options.split("|"):
        word, equals, value = option.partition("=")
        if equals:
            _apply(config, box, word, value, setting.where)
    config.boxes.append(box)


def _apply(config: VoicemailConfig, box: Box, name: str, value: str, where: Location) -> None:
    low = {"deletevoicemail": "delete", "maxmessage": "maxsecs"}.get(name.lower(), name.lower())
    if low in _FLAGS:
        setattr(box, low, is_true(value))
    elif low == "minsecs":
        box.minsecs = max(leading_number(value), 0)
    elif low == "maxsecs":
        box.maxsecs = leading_number(value) if leading_number(value) > 0 else box.maxsecs
    elif low == "maxmsg":
        number = leading_number(value)
        box.maxmsg = DEFAULT_MAXMSG if number < 0 else min(number, MAXMSG_LIMIT)
    elif low in ("tz", "locale", "language", "exitcontext"):
        setattr(box, low, value)
    elif low not in _OF_BOX:
        _note(config, "option", f"unknown option {name} of mailbox {box.name}{suggestion(low, _OF_BOX)}", where)
    else:
        box.options[low] = value


def _note(config: VoicemailConfig, kind: str, text: str, where: Location) -> None:
    note = Note(kind, text, where)
    if note not in config.notes:
        config.notes.append(note)
