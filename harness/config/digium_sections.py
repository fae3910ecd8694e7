"""The sections of res_digium_phone.conf, one class a type.

`options` holds every setting of a section by lower-case name, in order, the known and the unknown ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields

from harness.config.syntax import Section, Setting
from harness.config.values import Ref, c_number, is_true
from harness.errors import Location


@dataclass(slots=True)
class DigiumSection:
    """What all ten types share."""

    name: str
    where: Location
    options: dict[str, list[Setting]] = field(default_factory=dict, repr=False)

    def value(self, option: str, default: str = "") -> str:
        """The last value of an option."""
        found = self.options.get(option)
        return found[-1].value if found else default

    def where_of(self, option: str) -> Location:
        """The line that sets an option last, or the section's header."""
        found = self.options.get(option)
        return found[-1].where if found else self.where

    def refs(self, option: str) -> list[Ref]:
        """The names that a repeated option gives, in order; empty ones are left out."""
        return [Ref(s.value, s.where) for s in self.options.get(option, ()) if s.value]

    def flag(self, option: str, default: bool = False) -> bool:
        """Whether an option is on."""
        return is_true(self.value(option)) if option in self.options else default

    def number(self, option: str) -> int | None:
        """The number that an option gives, or None where there is none."""
        return c_number(self.value(option))


@dataclass(slots=True)
class Phone(DigiumSection):
    """type=phone. The first of `lines` is the primary one."""

    full_name: str = ""
    mac: str = ""
    pin: str = field(default="", repr=False)
    group_pin: str = field(default="", repr=False)
    config_file: str = ""
    blf_contact_group: str = ""
    blf_items: str = ""
    contacts_max_subscriptions: int | None = None
    lines: list[Ref] = field(default_factory=list)
    external_lines: list[Ref] = field(default_factory=list)
    applications: list[Ref] = field(default_factory=list)
    networks: list[Ref] = field(default_factory=list)
    firmwares: list[Ref] = field(default_factory=list)
    ringtones: list[Ref] = field(default_factory=list)
    alerts: list[Ref] = field(default_factory=list)
    multicastpages: list[Ref] = field(default_factory=list)
    contacts: list[Ref] = field(default_factory=list)


@dataclass(slots=True)
class Line(DigiumSection):
    """type=line; its name is the name of the PJSIP endpoint."""

    exten: str = ""
    line_label: str = ""
    mailbox: str = ""
    context: str = ""
    subscribecontext: str = ""
    callerid: str = ""
    secret: str = field(default="", repr=False)
    authname: str = ""
    transport: str = ""


@dataclass(slots=True)
class ExternalLine(DigiumSection):
    """type=external_line; `userid` is the section's name by default, `authname` the userid."""

    server_address: str = ""
    server_port: int | None = None
    transport: str = ""
    secondary_server_address: str = ""
    secondary_server_port: int | None = None
    secondary_server_transport: str = ""
    userid: str = ""
    authname: str = ""
    secret: str = field(default="", repr=False)
    register: bool = True
    callerid: str = ""


@dataclass(slots=True)
class Application(DigiumSection):
    """type=application; `status`, `substatuses` and `send486` mean something where `kind` is `status`."""

    kind: str = ""
    status: str = ""
    substatuses: list[Ref] = field(default_factory=list)
    send486: bool = False
    translation: str = ""


@dataclass(slots=True)
class Network(DigiumSection):
    """type=network; a phone takes the first whose `cidr` holds its own address."""

    alias: str = ""
    cidr: str = ""
    registration_address: str = ""
    registration_port: int | None = None
    transport: str = "udp"
    file_url_prefix: str = ""


@dataclass(slots=True)
class Firmware(DigiumSection):
    """type=firmware, for one model."""

    model: str = ""
    version: str = ""
    file: str = ""
    public_firmware: bool = False


@dataclass(slots=True)
class Ringtone(DigiumSection):
    """type=ringtone."""

    alias: str = ""
    filename: str = ""


@dataclass(slots=True)
class Alert(DigiumSection):
    """type=alert; `ringtone` names a section or a tone that the phones have built in."""

    alert_info: str = ""
    ring_type: str = ""
    ringtone: str = ""


@dataclass(slots=True)
class Translation(DigiumSection):
    """type=translation, a table of words."""

    words: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class MulticastPage(DigiumSection):
    """type=multicastpage; the lower `priority` wins."""

    alias: str = ""
    address: str = ""
    port: int | None = None
    priority: int | None = None
    interrupt: bool = False


def options_of(section: Section) -> dict[str, list[Setting]]:
    """Settings by lower-case name, without `type`."""
    found: dict[str, list[Setting]] = {}
    for setting in section.settings:
        name = setting.name.lower()
        if name != "type":
            found.setdefault(name, []).append(setting)
    return found


_LISTS = {
    "line": "lines",
    "external_line": "external_lines",
    "application": "applications",
    "network": "networks",
    "firmware": "firmwares",
    "ringtone": "ringtones",
    "alert": "alerts",
    "multicastpage": "multicastpages",
    "contact": "contacts",
}
"""Repeatable options of a phone, and the field that keeps them."""

TYPES: dict[str, type[DigiumSection]] = {
    "phone": Phone,
    "line": Line,
    "external_line": ExternalLine,
    "application": Application,
    "network": Network,
    "firmware": Firmware,
    "ringtone": Ringtone,
    "alert": Alert,
    "translation": Translation,
    "multicastpage": MulticastPage,
}


_READ: dict[object, Callable[[DigiumSection, str], object]] = {
    "str": DigiumSection.value,
    "bool": DigiumSection.flag,
    "int | None": DigiumSection.number,
}
"""How a field is read from the option of its name, by the field's type as it is written."""


def fill(section: DigiumSection) -> None:
    """Set the typed fields from the options."""
    for each in fields(section)[len(fields(DigiumSection)) :]:
        if each.name in section.options and each.type in _READ:
            setattr(section, each.name, _READ[each.type](section, each.name))
    _fill_by_type(section)


def _fill_by_type(section: DigiumSection) -> None:
    if isinstance(section, Phone):
        for option, attribute in _LISTS.items():
            setattr(section, attribute, section.refs(option))
    elif isinstance(section, Application):
        section.kind = section.value("application").lower()
        section.status = section.status.lower()
        section.substatuses = section.refs("substatus")
    elif isinstance(section, ExternalLine):
        section.userid = section.userid or section.name
        section.authname = section.authname or section.userid
    elif isinstance(section, Translation):
        section.words = {s[-1].name: s[-1].value for s in section.options.values()}
