"""res_digium_phone.conf: phones, lines, applications and the rest of the ten types.

The module that reads this file is closed; what is not documented is told where it matters: sections with the
same type and name are joined, and the last value of an option that cannot repeat counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from harness.config.digium_options import (
    APPLICATION_KINDS,
    BUILT_IN_RINGTONES,
    GENERAL,
    OPTIONS,
    STATUSES,
)
from harness.config.digium_sections import (
    TYPES,
    Alert,
    Application,
    DigiumSection,
    ExternalLine,
    Firmware,
    Line,
    MulticastPage,
    Network,
    Phone,
    Ringtone,
    Translation,
    fill,
    options_of,
)
from harness.config.files import FolderFiles
from harness.config.syntax import ConfigFile, Section, Setting, parse_config
from harness.config.values import Ref, suggestion
from harness.errors import Location, Note

__all__ = [
    "Alert",
    "Application",
    "DigiumPhoneConfig",
    "DigiumSection",
    "ExternalLine",
    "Firmware",
    "Line",
    "MulticastPage",
    "Network",
    "Phone",
    "Ref",
    "Ringtone",
    "Translation",
    "read_digium_phone",
]

FILE_NAME = "res_digium_phone.conf"


@dataclass(slots=True)
class DigiumPhoneConfig:
    """The file by type and name; a phone and a line may bear the same name."""

    general: dict[str, Setting] = field(default_factory=dict)
    phones: dict[str, Phone] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    external_lines: dict[str, ExternalLine] = field(default_factory=dict)
    applications: dict[str, Application] = field(default_factory=dict)
    networks: dict[str, Network] = field(default_factory=dict)
    firmwares: dict[str, Firmware] = field(default_factory=dict)
    ringtones: dict[str, Ringtone] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    translations: dict[str, Translation] = field(default_factory=dict)
    multicastpages: dict[str, MulticastPage] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    def option(self, name: str, default: str = "") -> str:
        """The last value of an option of `[general]`."""
        found = self.general.get(name)
        return found.value if found else default

    def statuses(self, phone: Phone) -> list[Application]:
        """The status applications of a phone that exist, in the order of its `application=` lines."""
        found = (self.applications.get(ref.name) for ref in phone.applications)
        return [application for application in found if application and application.kind == "status"]


def read_digium_phone(folder: Path, files: FolderFiles | None = None) -> DigiumPhoneConfig:
    """Read `res_digium_phone.conf` of a folder; `InputError` where the file's syntax is refused."""
    return from_sections(parse_config(folder / FILE_NAME, folder, files))


def from_sections(file: ConfigFile) -> DigiumPhoneConfig:
    """The phones' configuration from a file that is already read."""
    config = DigiumPhoneConfig(notes=list(file.notes))
    reader = _Reader(config)
    for section in file.visible:
        if section.name.lower() == "general":
            reader.general(section)
        else:
            reader.section(section)
    for store in reader.stores.values():
        for each in store.values():
            fill(each)
    for application in config.applications.values():
        _check_application(application, config)
    for phone in config.phones.values():
        _check_numbers(phone, config)
    _check_references(config)
    return config


class _Reader:
    """Sorts sections by type and tells once what is unknown."""

    def __init__(self, config: DigiumPhoneConfig) -> None:
        self.config = config
        # The typed dictionaries of the configuration, seen as what all sections share.
        self.stores: dict[str, dict[str, DigiumSection]] = {kind: getattr(config, kind + "s") for kind in TYPES}
        self._told: set[tuple[str, str]] = set()

    def general(self, section: Section) -> None:
        for setting in section.settings:
            self._unknown("general", setting, GENERAL)
            self.config.general[setting.name.lower()] = setting

    def section(self, section: Section) -> None:
        kind = section.get("type")
        if kind is None:
            self._note("type", f"[{section.name}] has no type= and is not read", section.where)
            return
        store = self.stores.get(kind.value.lower())
        if store is None:
            text = f"[{section.name}] has the unknown type {kind.value}{suggestion(kind.value, TYPES)}"
            self._note("type", text, kind.where)
            return
        self._keep(section, kind.value.lower(), store)

    def _keep(self, section: Section, kind: str, store: dict[str, DigiumSection]) -> None:
        options = options_of(section)
        for settings in options.values():
            self._unknown(kind, settings[0], OPTIONS[kind])
        earlier = store.get(section.name)
        if earlier is None:
            store[section.name] = TYPES[kind](section.name, section.where, options)
            return
        text = f"a second [{section.name}] with type={kind} is joined with the one at {earlier.where}"
        self._note("duplicate", text, section.where)
        for name, settings in options.items():
            earlier.options.setdefault(name, []).extend(settings)

    def _unknown(self, kind: str, setting: Setting, known: frozenset[str]) -> None:
        name = setting.name.lower()
        if name in known or not known or (kind, name) in self._told:
            return
        self._told.add((kind, name))
        where = "[general]" if kind == "general" else f"type={kind}"
        text = f"unknown option {setting.name} in {where}, kept{suggestion(name, known)}"
        self._note("option", text, setting.where)

    def _note(self, kind: str, text: str, where: Location) -> None:
        self.config.notes.append(Note(kind, text, where))


def _check_application(application: Application, config: DigiumPhoneConfig) -> None:
    if application.kind not in APPLICATION_KINDS:
        text = f"[{application.name}] has no known kind: application={application.kind}"
        _tell(config, text, application, "application")
    if application.kind != "status":
        return
    if application.status not in STATUSES:
        hint = suggestion(application.status, STATUSES)
        text = f"[{application.name}] has no known status: status={application.status}{hint}"
        _tell(config, text, application, "status")


def _check_numbers(phone: Phone, config: DigiumPhoneConfig) -> None:
    name = "contacts_max_subscriptions"
    if name in phone.options and phone.contacts_max_subscriptions is None:
        _tell(config, f"{name}={phone.value(name)} is not a number", phone, name)


def _tell(config: DigiumPhoneConfig, text: str, section: DigiumSection, option: str) -> None:
    config.notes.append(Note("value", text, section.where_of(option)))


def _check_references(config: DigiumPhoneConfig) -> None:
    tones = {*config.ringtones, *BUILT_IN_RINGTONES}
    for phone in config.phones.values():
        for kind, refs, known in (
            ("line", phone.lines, config.lines),
            ("external_line", phone.external_lines, config.external_lines),
            ("application", phone.applications, config.applications),
            ("network", phone.networks, config.networks),
            ("firmware", phone.firmwares, config.firmwares),
            ("ringtone", phone.ringtones, tones),
            ("alert", phone.alerts, config.alerts),
            ("multicastpage", phone.multicastpages, config.multicastpages),
        ):
            _check(config, f"phone {phone.name}", kind, refs, known)
    for alert in config.alerts.values():
        _check(config, f"alert {alert.name}", "ringtone", alert.refs("ringtone"), tones)
    for application in config.applications.values():
        refs = application.refs("translation")
        _check(config, f"application {application.name}", "translation", refs, config.translations)


def _check(config: DigiumPhoneConfig, who: str, kind: str, refs: list[Ref], known: Iterable[str]) -> None:
    names = set(known)
    for ref in refs:
        if ref.name not in names:
            hint = suggestion(ref.name, sorted(names))
            text = f"{who} names {kind}={ref.name}, which no section defines{hint}"
            config.notes.append(Note("dangling", text, ref.where, who))
