"""manager.conf: the manager interface and its users (main/manager.c, __init_manager)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from harness.config.files import FolderFiles
from harness.config.syntax import ConfigFile, Section, Setting, parse_config
from harness.config.values import is_true, leading_number, suggestion, unsigned
from harness.errors import Location, Note

FILE_NAME = "manager.conf"
ACL_FILE_NAME = "acl.conf"
DEFAULT_PORT = 5038
CLASSES = (
    *("system", "call", "log", "verbose", "command", "agent", "user", "config", "dtmf", "reporting"),
    *("cdr", "dialplan", "originate", "agi", "cc", "aoc", "test", "security", "message"),
)
"""The classes of permission, in the order of their bits; `all` stands for every one."""

_FLAGS = (
    *("enabled", "webenabled", "brokeneventsaction", "allowmultiplelogin", "displayconnects"),
    *("timestampevents", "debug"),
)
_SECONDS_AND_COUNTS = ("authtimeout", "authlimit", "httptimeout")
_LEFT_RAW = (
    *("channelvars", "disabledevents", "tlsenable", "sslenable", "tlscertfile", "sslcert", "tlscert"),
    *("tlsprivatekey", "sslprivatekey", "tlscipher", "sslcipher", "tlsbindaddr", "sslbindaddr"),
    *("tlsservercipherorder", "tlsdisablev1", "tlsdisablev11", "tlsdisablev12"),
)
_GENERAL = (*_FLAGS, *_SECONDS_AND_COUNTS, *_LEFT_RAW, "port", "bindaddr")
_USER = (
    *("secret", "deny", "permit", "acl", "read", "write", "displayconnects", "allowmultiplelogin"),
    *("writetimeout", "setvar", "eventfilter"),
)


@dataclass(slots=True)
class ManagerUser:
    """One user; `acl` and `eventfilters` are the lines as written, in order; `writetimeout` in ms."""

    name: str
    where: Location
    secret: str | None = field(default=None, repr=False)
    """None where no line gives one: then nobody gets in, while an empty one is a password like others."""
    read: frozenset[str] = frozenset()
    write: frozenset[str] = frozenset()
    displayconnects: bool = True
    allowmultiplelogin: bool = True
    writetimeout: int = 100
    eventfilters: list[Setting] = field(default_factory=list)
    acl: list[Setting] = field(default_factory=list)
    variables: list[Setting] = field(default_factory=list)


@dataclass(slots=True)
class ManagerConfig:
    """`[general]` and the users by name; `authtimeout` and `httptimeout` in seconds."""

    enabled: bool = False
    webenabled: bool = False
    port: int = DEFAULT_PORT
    bindaddr: str = "::"
    authtimeout: int = 30
    authlimit: int = 50
    httptimeout: int = 60
    timestampevents: bool = False
    allowmultiplelogin: bool = True
    displayconnects: bool = True
    brokeneventsaction: bool = False
    debug: bool = False
    options: dict[str, Setting] = field(default_factory=dict)
    users: dict[str, ManagerUser] = field(default_factory=dict)
    acls: dict[str, list[Setting]] = field(default_factory=dict)
    """The lists of `acl.conf` by their names."""
    notes: list[Note] = field(default_factory=list)

    @property
    def channel_variables(self) -> tuple[str, ...]:
        """The variables that events about channels tell of (`channelvars`)."""
        given = self.options.get("channelvars")
        return tuple(name for name in given.value.split(",") if name) if given is not None else ()

    def user(self, name: str) -> ManagerUser | None:
        """The user of that name; names are compared without case."""
        wanted = name.lower()
        return next((user for key, user in self.users.items() if key.lower() == wanted), None)


def read_manager(folder: Path, files: FolderFiles | None = None) -> ManagerConfig:
    """Read `manager.conf` of a folder; `InputError` where Asterisk would refuse it or it is missing."""
    config = from_sections(parse_config(folder / FILE_NAME, folder, files))
    if (folder / ACL_FILE_NAME).is_file():
        for section in parse_config(folder / ACL_FILE_NAME, folder, files).visible:
            config.acls[section.name] = [each for each in section.settings if each.name in ("permit", "deny")]
    return config


def from_sections(file: ConfigFile) -> ManagerConfig:
    """The manager's configuration from a file that is already read."""
    config = ManagerConfig(notes=list(file.notes))
    # Asterisk looks at the first [general] only; the others are neither options nor users.
    for section in file.named("general")[:1]:
        for setting in section.settings:
            _general(config, setting)
    for section in file.visible:
        if section.name.lower() != "general":
            _user(config, section)
    return config


def permissions(text: str) -> frozenset[str]:
    """The classes that `read=` or `write=` gives (get_perm), with `all` among them where it is given.

    Asterisk does not strip blanks, so `call, log` is `call` alone; and what stands before a comma is compared
    only as far as it goes: `rep,x` gives `reporting`, and two commas in a row give everything.
    """
    given = frozenset(label for label in (*CLASSES, "all") if _in_string(text, label))
    return given | frozenset(CLASSES) if "all" in given else given


def _in_string(text: str, label: str) -> bool:
    *before_commas, last = text.split(",")
    return any(label.startswith(part) for part in before_commas) or label == last


def _general(config: ManagerConfig, setting: Setting) -> None:
    name, value = setting.name.lower(), setting.value
    config.options[name] = setting
    if name in _FLAGS:
        setattr(config, name, is_true(value))
    elif name in _SECONDS_AND_COUNTS:
        _number(config, name, setting)
    elif name == "port":
        _port(config, setting)
    elif name == "bindaddr":
        config.bindaddr = value
    elif name not in _GENERAL:
        hint = suggestion(name, _GENERAL)
        _note(config, "option", f"unknown option {setting.name} in [general]{hint}", setting)


def _port(config: ManagerConfig, setting: Setting) -> None:
    port = unsigned(setting.value)
    if port is None or not 1024 <= port <= 65535:
        text = f"port {setting.value!r} is not between 1024 and 65535; {DEFAULT_PORT} is used"
        _note(config, "value", text, setting)
        port = DEFAULT_PORT
    config.port = port


def _number(config: ManagerConfig, name: str, setting: Setting) -> None:
    number = leading_number(setting.value)
    if number < 1:
        text = f"{name} {setting.value!r} is not a number above 0; the default is used"
        _note(config, "value", text, setting)
        return
    setattr(config, name, number)


def _user(config: ManagerConfig, section: Section) -> None:
    user = config.user(section.name)
    if user is None:
        user = ManagerUser(section.name, section.where)
        user.displayconnects = config.displayconnects
        user.allowmultiplelogin = config.allowmultiplelogin
        config.users[section.name] = user
    else:
        user.eventfilters, user.acl, user.variables = [], [], []
    for setting in section.settings:
        _user_setting(config, user, setting)


def _user_setting(config: ManagerConfig, user: ManagerUser, setting: Setting) -> None:
    name, value = setting.name.lower(), setting.value
    if name == "secret":
        user.secret = value
    elif name in ("read", "write"):
        setattr(user, name, permissions(value))
        _check_permissions(config, setting)
    elif name in ("displayconnects", "allowmultiplelogin"):
        setattr(user, name, is_true(value))
    elif name in ("deny", "permit", "acl"):
        user.acl.append(setting)
    elif name == "setvar":
        user.variables.append(setting)
    elif setting.name.startswith("eventfilter"):
        user.eventfilters.append(setting)
    elif name == "writetimeout":
        user.writetimeout = max(leading_number(value), 100)
    else:
        hint = suggestion(name, _USER)
        _note(config, "option", f"unknown option {setting.name} of user {user.name}{hint}", setting)


def _check_permissions(config: ManagerConfig, setting: Setting) -> None:
    known = (*CLASSES, "all", "none", "")
    for word in setting.value.split(","):
        if word not in known:
            blank = " (blanks count)" if word.strip() in known else suggestion(word, known)
            _note(config, "value", f"{setting.name}: no class is called {word!r}{blank}", setting)


def _note(config: ManagerConfig, kind: str, text: str, setting: Setting) -> None:
    note = Note(kind, text, setting.where)
    if note not in config.notes:
        config.notes.append(note)
