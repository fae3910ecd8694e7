"""pjsip.conf and pjsip_wizard.conf as Asterisk 22 would load them (res_sorcery_config.c, config_options.c).

Asterisk does not load an object with an unknown option or a bad value, nor any object of a type where one
name comes twice. Such objects are kept in `refused`, each with a note, and are in no other place.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import NamedTuple

from harness.config.acl import read_acls
from harness.config.files import FolderFiles
from harness.config.pjsip_objects import (
    AccessList,
    Aor,
    Auth,
    DomainAlias,
    Endpoint,
    GlobalOptions,
    Identify,
    PjsipObject,
    ResourceList,
    SystemOptions,
    Transport,
    Unloadable,
    algorithm_named,
)
from harness.config.pjsip_options import KNOWN_TYPES, NUMBERS, OPTIONS, RANGES, READ_TYPES, SINGLE_TYPES
from harness.config.pjsip_wizard import WizardHint, expand
from harness.config.syntax import Section, Setting, parse_config
from harness.config.values import comma_list, suggestion, unsigned
from harness.errors import Location, Note

__all__ = [
    "Aor",
    "Auth",
    "DomainAlias",
    "Endpoint",
    "GlobalOptions",
    "Identify",
    "PjsipConfig",
    "PjsipObject",
    "Refused",
    "ResourceList",
    "Transport",
    "WizardHint",
    "read_pjsip",
]

FILE_NAME = "pjsip.conf"
WIZARD_FILE_NAME = "pjsip_wizard.conf"
_NOWHERE = Location(FILE_NAME)


class Refused(NamedTuple):
    """An object that Asterisk does not load; `where` is the line to blame."""

    kind: str
    object: PjsipObject
    reason: str
    where: Location


@dataclass(slots=True)
class PjsipConfig:
    """The objects by name, in file order; those of the wizard come after those of pjsip.conf."""

    globals: GlobalOptions = field(default_factory=lambda: GlobalOptions("global", _NOWHERE))
    system: SystemOptions = field(default_factory=lambda: SystemOptions("system", _NOWHERE))
    transports: dict[str, Transport] = field(default_factory=dict)
    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    aors: dict[str, Aor] = field(default_factory=dict)
    auths: dict[str, Auth] = field(default_factory=dict)
    identifies: dict[str, Identify] = field(default_factory=dict)
    resource_lists: dict[str, ResourceList] = field(default_factory=dict)
    domain_aliases: dict[str, DomainAlias] = field(default_factory=dict)
    access_lists: dict[str, AccessList] = field(default_factory=dict)
    acls: dict[str, list[Setting]] = field(default_factory=dict)
    """The lists of acl.conf by their names."""
    wizard_hints: list[WizardHint] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def adopt(self, fresh: PjsipConfig) -> None:
        """Take the objects of another reading; transports stay, as they do in Asterisk without `allow_reload`."""
        for each in fields(self):
            if each.name != "transports":
                setattr(self, each.name, getattr(fresh, each.name))


def read_pjsip(folder: Path, files: FolderFiles | None = None) -> PjsipConfig:
    """Read `pjsip.conf` and `pjsip_wizard.conf` of a folder, each where it is there.

    `InputError` where Asterisk would refuse the syntax of a file.
    """
    files = files or FolderFiles(folder)
    config = PjsipConfig(acls=read_acls(folder, files))
    loader = _Loader(config)
    for name in (FILE_NAME, WIZARD_FILE_NAME):
        if not (folder / name).exists():
            continue
        file = parse_config(folder / name, folder, files)
        config.notes.extend(file.notes)
        if name == FILE_NAME:
            loader.load(loader.sorted_by_type(file.visible))
        else:
            expanded = expand(file.visible)
            config.notes.extend(expanded.notes)
            config.wizard_hints.extend(expanded.hints)
            loader.load(expanded.sections)
    _check_references(config)
    return config


WITHOUT_EFFECT = {
    "global": frozenset((
        "max_forwards", "keep_alive_interval", "max_initial_qualify_time", "unidentified_request_count",
        "unidentified_request_period", "unidentified_request_prune_interval", "use_callerid_contact",
        "send_contact_status_on_update_registration",
    )),
    "transport": frozenset((
        "external_signaling_address", "external_signaling_port", "external_media_address", "ca_list_path", "tos", "cos",
    )),
}  # fmt: skip
"""What Asterisk does with these is not done here, and somebody may look for it; what concerns sound is not named."""


class _Loader:
    """Makes objects of sections and tells what Asterisk would not load."""

    def __init__(self, config: PjsipConfig) -> None:
        self.config = config
        self._told: set[tuple[str, Location]] = set()

    def sorted_by_type(self, sections: list[Section]) -> dict[str, list[Section]]:
        """The sections of each type that is read; the others are told."""
        found: dict[str, list[Section]] = {kind: [] for kind in READ_TYPES}
        for section in sections:
            kind = self._kind(section)
            if kind in found:
                found[kind].append(section)
            elif kind:
                text = f"[{section.name}] type={kind} is not used here"
                self._note("not-read", text, section.where)
        return found

    def load(self, by_type: dict[str, list[Section]]) -> None:
        """Load what one file says; the global options first, because others take defaults from them."""
        for kind in ("global", *(kind for kind in READ_TYPES if kind != "global")):
            sections = by_type.get(kind, [])
            if self._unambiguous(kind, sections):
                for section in sections:
                    self._load_one(kind, section)

    # which type a section has

    def _kind(self, section: Section) -> str:
        """The known type, or nothing. The first `type=` counts, and its case."""
        given = section.first("type")
        if given is None:
            return self._kind_by_name(section)
        if given.value not in KNOWN_TYPES:
            hint = suggestion(given.value.lower(), KNOWN_TYPES)
            self._note("type", f"[{section.name}] has the unknown type {given.value}{hint}", given.where)
            return ""
        last = section.get("type")
        if last is not None and last.value != given.value:
            text = f"[{section.name}] has two types; the first, {given.value} at {given.where}, counts"
            self._note("type", text, last.where)
        return given.value

    def _kind_by_name(self, section: Section) -> str:
        if section.name in SINGLE_TYPES:
            known = OPTIONS[section.name]
            if all(setting.name.lower() in known for setting in section.settings):
                return section.name
        self._note("type", f"[{section.name}] has no type= and is not read", section.where)
        return ""

    # whether the objects of a type are loaded at all

    def _unambiguous(self, kind: str, sections: list[Section]) -> bool:
        names: dict[str, Section] = {}
        for section in sections:
            if section.name in names or (kind in SINGLE_TYPES and names):
                first = next(iter(names.values())) if kind in SINGLE_TYPES else names[section.name]
                reason = f"a second [{section.name}] type={kind} (the first is at {first.where})"
                text = f"{reason}: Asterisk loads no {kind} at all from this file"
                self._note("duplicate", text, section.where)
                for each in sections:
                    refused = _CLASSES[kind](each.name, each.where, _options(each))
                    self.config.refused.append(Refused(kind, refused, reason, section.where))
                return False
            names[section.name] = section
        return True

    # one object

    def _load_one(self, kind: str, section: Section) -> None:
        thing = _CLASSES[kind](section.name, section.where, _options(section))
        try:
            self._check_settings(kind, section)
            thing.read()
            if isinstance(thing, Auth):
                thing.offer(*self._default_algorithms())
        except Unloadable as error:
            self.config.refused.append(Refused(kind, thing, str(error), error.where))
            text = f"Asterisk does not load [{section.name}] type={kind}: {error}"
            inherited = error.where != section.where
            at, of = (f" ({error.where})", f"[{section.name}]") if inherited else ("", "")
            self.config.notes.append(Note("refused", text + at, section.where, of, error.where))
            return
        self._store(kind, thing)
        self._tell_of_idle(kind, section)

    def _tell_of_idle(self, kind: str, section: Section) -> None:
        """Options that are read and change nothing here, in one note for a section."""
        idle = [setting for setting in section.settings if setting.name.lower() in WITHOUT_EFFECT.get(kind, ())]
        if idle:
            names = ", ".join(dict.fromkeys(setting.name for setting in idle))
            self._note("no-effect", f"[{section.name}] type={kind}: no effect here: {names}", idle[0].where)

    def _check_settings(self, kind: str, section: Section) -> None:
        fault: Unloadable | None = None
        for setting in section.settings:
            reason = self._fault(kind, setting)
            if reason and fault is None:
                fault = Unloadable(reason, setting.where)
        if fault is not None:
            raise fault

    def _fault(self, kind: str, setting: Setting) -> str:
        name = setting.name.lower()
        if name == "type" or name.startswith("@"):
            return ""
        if name not in OPTIONS[kind]:
            hint = suggestion(name, OPTIONS[kind])
            if (kind, setting.where) not in self._told:
                self._told.add((kind, setting.where))
                self._note("option", f"unknown option {setting.name} in type={kind}{hint}", setting.where)
            return f"unknown option {setting.name}"
        low, high = RANGES.get((kind, name), (0, 0xFFFFFFFF))
        if name in NUMBERS.get(kind, ()):
            number = unsigned(setting.value)
            if number is None or not low <= number <= high:
                return f"{name}={setting.value} is not a number from {low} to {high}"
        return ""

    def _default_algorithms(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        options = self.config.globals
        return (
            _algorithms(options.default_auth_algorithms_uas, options),
            _algorithms(options.default_auth_algorithms_uac, options),
        )

    def _store(self, kind: str, thing: PjsipObject) -> None:
        if isinstance(thing, GlobalOptions):
            self.config.globals = thing
            return
        if isinstance(thing, SystemOptions):
            self.config.system = thing
            return
        store: dict[str, PjsipObject] = getattr(self.config, _STORES[kind])
        earlier = store.setdefault(thing.name, thing)
        if earlier is not thing:
            text = f"[{thing.name}] type={kind} is already defined at {earlier.where}, which counts"
            self._note("duplicate", text, thing.where)

    def _note(self, kind: str, text: str, where: Location) -> None:
        self.config.notes.append(Note(kind, text, where))


_CLASSES: dict[str, type[PjsipObject]] = {
    "global": GlobalOptions,
    "system": SystemOptions,
    "transport": Transport,
    "endpoint": Endpoint,
    "aor": Aor,
    "auth": Auth,
    "identify": Identify,
    "resource_list": ResourceList,
    "domain_alias": DomainAlias,
    "acl": AccessList,
}
_STORES = {
    "transport": "transports",
    "endpoint": "endpoints",
    "aor": "aors",
    "auth": "auths",
    "identify": "identifies",
    "resource_list": "resource_lists",
    "domain_alias": "domain_aliases",
    "acl": "access_lists",
}


def _options(section: Section) -> dict[str, list[Setting]]:
    found: dict[str, list[Setting]] = {}
    for setting in section.settings:
        if (name := setting.name.lower()) != "type":
            found.setdefault(name, []).append(setting)
    return found


def _algorithms(text: str, options: GlobalOptions) -> tuple[str, ...]:
    return tuple(algorithm_named(item, options.where) for item in comma_list(text))


def _check_references(config: PjsipConfig) -> None:
    for endpoint in config.endpoints.values():
        for option, store in (("auth", config.auths), ("outbound_auth", config.auths), ("aors", config.aors)):
            for ref in endpoint.refs(option):
                if ref.name not in store:
                    _dangling(config, f"endpoint {endpoint.name}", option, ref.name, ref.where)
        if endpoint.transport and endpoint.transport not in config.transports:
            who, where = f"endpoint {endpoint.name}", endpoint.where_of("transport")
            _dangling(config, who, "transport", endpoint.transport, where)
    for identify in config.identifies.values():
        if identify.endpoint not in config.endpoints:
            who, where = f"identify {identify.name}", identify.where_of("endpoint")
            _dangling(config, who, "endpoint", identify.endpoint, where)


def _dangling(config: PjsipConfig, who: str, option: str, name: str, where: Location) -> None:
    kind = {"aors": "aor", "outbound_auth": "auth"}.get(option, option)
    lost = next((each for each in config.refused if each.kind == kind and each.object.name == name), None)
    if lost is not None:
        of = f"{who} names {option}={name}"
        text = f"{of}, which Asterisk does not load ({lost.where})"
        config.notes.append(Note("dangling", text, where, of, lost.where))
        return
    known: dict[str, PjsipObject] = getattr(config, _STORES[kind])
    text = f"{who} names {option}={name}, which no section defines{suggestion(name, known)}"
    config.notes.append(Note("dangling", text, where, who))
