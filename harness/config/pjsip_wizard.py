"""pjsip_wizard.conf: one `type=wizard` section stands for several objects (res_pjsip_config_wizard.c)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from harness.config.pjsip_options import WIZARD_OPTIONS, WIZARD_PREFIXES
from harness.config.syntax import Section, Setting
from harness.config.values import comma_list, is_true, suggestion
from harness.errors import Location, Note


class WizardHint(NamedTuple):
    """`exten,hint,PJSIP/endpoint` of `has_hint=yes`; `application` (if any) is what its priority 1 does."""

    context: str
    exten: str
    endpoint: str
    application: str
    where: Location


@dataclass(slots=True)
class Expanded:
    """Sections by type as pjsip.conf would have them; their settings point into the wizard's lines."""

    sections: dict[str, list[Section]] = field(default_factory=dict)
    hints: list[WizardHint] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def expand(sections: list[Section]) -> Expanded:
    """Expand every wizard of a file; where a name comes twice the last one counts."""
    result = Expanded()
    wizards: dict[str, Section] = {}
    for section in sections:
        if not any(setting.value == "wizard" for setting in section.all("type")):
            text = f"[{section.name}] has no type=wizard and is not read"
            result.notes.append(Note("type", text, section.where))
            continue
        if section.name in wizards:
            text = f"a second wizard [{section.name}] replaces the one at {wizards[section.name].where}"
            result.notes.append(Note("duplicate", text, section.where))
        wizards[section.name] = section
    for section in wizards.values():
        _Wizard(section, result).expand()
    return result


class _Wizard:
    """One section while it is expanded."""

    def __init__(self, section: Section, result: Expanded) -> None:
        self.section, self.result, self.id = section, result, section.name
        self.hosts = comma_list(self._value("remote_hosts"))

    def expand(self) -> None:
        """Add the objects in the order in which Asterisk makes them."""
        self._tell_unknown()
        self._auth("outbound", "sends_auth", f"{self.id}-oauth")
        self._auth("inbound", "accepts_auth", f"{self.id}-iauth")
        self._aor()
        self._endpoint()
        self._identify()
        self._hint()
        for option, what in (("sends_registrations", "registration"), ("has_phoneprov", "phoneprov")):
            if self._on(option):
                self._note("not-read", f"{option}: the {what} is not used here", option)

    # the objects

    def _auth(self, direction: str, switch: str, name: str) -> None:
        if not self._on(switch):
            return
        settings = self._under(f"{direction}_auth/")
        if not any(setting.name.lower() == "username" for setting in settings):
            self._note("refused", f"wizard {self.id} needs {direction}_auth/username for {switch}", switch)
            return
        if not any(setting.name.lower() == "auth_type" for setting in settings):
            settings.append(self._made("auth_type", "userpass", switch))
        self._add("auth", name, settings)

    def _aor(self) -> None:
        settings = [*self._under("aor/"), *self._copied("outbound_proxy")]
        if not any(setting.name.lower() == "contact" for setting in settings):
            pattern = self._value("contact_pattern", "sip:${REMOTE_HOST}")
            for host in self.hosts if pattern else ():
                uri = pattern.replace("${REMOTE_HOST}", host)
                settings.append(self._made("contact", uri, "remote_hosts"))
        self._add("aor", self.id, settings)

    def _endpoint(self) -> None:
        settings = self._under("endpoint/")
        settings += self._hint_place()
        settings.append(Setting("aors", self.id, self.section.where))
        settings += [*self._copied("outbound_proxy"), *self._copied("transport")]
        if self._on("sends_auth"):
            settings.append(self._made("outbound_auth", f"{self.id}-oauth", "sends_auth"))
        if self._on("accepts_auth"):
            settings.append(self._made("auth", f"{self.id}-iauth", "accepts_auth"))
        self._add("endpoint", self.id, settings)

    def _identify(self) -> None:
        if self._on("accepts_registrations") or self._on("sends_line_with_registrations"):
            return
        if not self.hosts:
            text = f"wizard {self.id} needs remote_hosts where it does not accept registrations"
            self._note("refused", text, "accepts_registrations")
            return
        settings = self._under("identify/")
        settings.append(Setting("endpoint", self.id, self.section.where))
        if not any(setting.name.lower() == "match" for setting in settings):
            settings += [self._made("match", host, "remote_hosts") for host in self.hosts]
        self._add("identify", f"{self.id}-identify", settings)

    def _hint_context(self) -> str:
        return self._value("hint_context") or self._value("endpoint/context") or "default"

    def _hint_place(self) -> list[Setting]:
        """What the endpoint notes of its hint, also where `has_hint` is off."""
        if not self._value("hint_exten"):
            return []
        exten = self._made("@hint_exten", self._value("hint_exten"), "hint_exten")
        return [self._made("@hint_context", self._hint_context(), "hint_context"), exten]

    def _hint(self) -> None:
        exten = self._value("hint_exten")
        if not exten or not self._on("has_hint"):
            return
        context = self._hint_context()
        application = self._value("hint_application")
        hint = WizardHint(context, exten, self.id, application, self._where("hint_exten"))
        self.result.hints.append(hint)

    # the options

    def _under(self, prefix: str) -> list[Setting]:
        """The settings below a prefix, without it; the prefix is compared with its case."""
        return [
            setting._replace(name=setting.name[len(prefix) :])
            for setting in self.section.settings
            if setting.name.startswith(prefix) and len(setting.name) > len(prefix)
        ]

    def _value(self, option: str, default: str = "") -> str:
        found = self.section.get(option)
        return found.value if found else default

    def _on(self, option: str) -> bool:
        return is_true(self._value(option))

    def _where(self, option: str) -> Location:
        found = self.section.get(option)
        return found.where if found else self.section.where

    def _copied(self, option: str) -> list[Setting]:
        found = self.section.get(option)
        return [found._replace(name=option)] if found and found.value else []

    def _made(self, name: str, value: str, because: str) -> Setting:
        return Setting(name, value, self._where(because))

    def _add(self, kind: str, name: str, settings: list[Setting]) -> None:
        made_by = Setting("@pjsip_wizard", self.id, self.section.where)
        self.result.sections.setdefault(kind, []).append(Section(name, self.section.where, [made_by, *settings]))

    def _tell_unknown(self) -> None:
        for setting in self.section.settings:
            prefix, slash, _ = setting.name.partition("/")
            if (slash and prefix in WIZARD_PREFIXES) or (not slash and prefix.lower() in WIZARD_OPTIONS):
                continue
            known = [f"{name}/" for name in WIZARD_PREFIXES] if slash else WIZARD_OPTIONS
            hint = suggestion(prefix + slash, known)
            note = Note("option", f"unknown option {setting.name} of a wizard{hint}", setting.where)
            if note not in self.result.notes:
                self.result.notes.append(note)

    def _note(self, kind: str, text: str, option: str) -> None:
        self.result.notes.append(Note(kind, text, self._where(option)))
