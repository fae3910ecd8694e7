"""`digium_phones`, which an Asterisk has where the DPMA is loaded.

The names of the commands, `Version <asterisk>_<dpma>`, the header and footer of `show phones` and `show alerts`, the
ends of the lines of `show sessions` and `OK, Valid` are documented; all other output is this project's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from harness.net.blanking import BLANK
from harness.pbx.commands.registry import USAGE, Answer, Command, Registry, command_of, failure

if TYPE_CHECKING:
    from harness.config.digium_phone import DigiumPhoneConfig
    from harness.config.digium_sections import DigiumSection

KINDS = ("phone", "line", "application", "network", "firmware", "translation", "alert")
SECRETS = ("pin", "password", "secret", "_value")
"""The value of an option whose name ends in one of them is not shown."""
ASTERISK_AND_DPMA = "22.0_3.6.8"


class Session(NamedTuple):
    """A phone that has its configuration, and from where; `mac` has 12 digits or is empty."""

    phone: str
    host: str
    port: int
    mac: str


class DigiumPhones(Protocol):
    """What the commands need of the DPMA's place."""

    @property
    def config(self) -> DigiumPhoneConfig:
        """What is in force."""

    def sessions(self) -> Sequence[Session]:
        """The phones that are connected."""

    def reconfigure(self, phone: str | None) -> int:
        """Have one phone or all ask for their configuration again; how many were told."""


def register(registry: Registry, phones: DigiumPhones) -> None:
    """Serve the family."""
    family = _Digium(phones)
    commands = [family.command("reconfigure {all|phone}", "Tell phones to load their configuration again")]
    commands.append(family.command("license status", "Show the state of the licence"))
    for kind in KINDS:
        commands.append(family.command(f"show {kind}s", f"List the {kind}s that are configured"))
        commands.append(family.command(f"show {kind}", f"Show the options of one {kind}"))
    for what, summary in (
        ("sessions", "List the phones that are connected"),
        ("settings", "Show the general options"),
        ("version", "Show the version"),
    ):
        commands.append(family.command(f"show {what}", summary))
    registry.add(sorted(commands, key=lambda each: each.name))


class _Digium:
    def __init__(self, phones: DigiumPhones) -> None:
        self._phones = phones

    def command(self, rest: str, summary: str) -> Command:
        usage = f"Usage: digium_phones {rest}{_ARGUMENT.get(rest.partition(' ')[0], '')}\n       {summary}.\n"
        return command_of(f"digium_phones {rest}", self._runner(rest), summary, usage)

    def _runner(self, rest: str) -> Callable[[Sequence[str]], Answer]:
        _, _, what = rest.partition(" ")
        if what in KINDS:
            return lambda words: self._show_one(what, words)
        if what.removesuffix("s") in KINDS:
            return lambda words: self._show_all(what.removesuffix("s"), words)
        return {
            "sessions": self._sessions,
            "settings": self._settings,
            "version": lambda words: USAGE if words else Answer(f"Version {ASTERISK_AND_DPMA}\n"),
            "status": lambda words: USAGE if words else Answer("OK, Valid\n"),
        }.get(what, self._reconfigure)

    def _sections(self, kind: str) -> Mapping[str, DigiumSection]:
        config = self._phones.config
        sections: dict[str, Mapping[str, DigiumSection]] = {
            "phone": config.phones,
            "line": config.lines,
            "application": config.applications,
            "network": config.networks,
            "firmware": config.firmwares,
            "translation": config.translations,
            "alert": config.alerts,
        }
        return sections[kind]

    def _show_all(self, kind: str, words: Sequence[str]) -> Answer:
        if words:
            return USAGE
        if kind == "line":
            return Answer(self._lines())
        names = list(self._sections(kind))
        listed = "".join(f"{name}\n" for name in names)
        if kind == "phone":
            return Answer(f"---- Digium Phones ----\n{listed}---- {len(names)} Phones Found ----\n")
        title = f"{kind.capitalize()}s"
        return Answer(f"--- {title} ---\n{listed}---- {len(names)} {title} found ----\n")

    def _lines(self) -> str:
        config = self._phones.config
        mapped = {ref.name for phone in config.phones.values() for ref in (*phone.lines, *phone.external_lines)}
        lines = {**dict.fromkeys(config.lines, "Internal"), **dict.fromkeys(config.external_lines, "External")}
        text = ""
        for title, wanted in (("Lines mapped to phones", True), ("Lines un-mapped to phones", False)):
            found = [f"{name} {kind}\n" for name, kind in lines.items() if (name in mapped) is wanted]
            text += f"--- {title} ---\n{''.join(found)}"
        return f"{text}---- {len(lines)} Lines found ----\n"

    def _show_one(self, kind: str, words: Sequence[str]) -> Answer:
        if len(words) != 1:
            return USAGE
        section = self._sections(kind).get(words[0])
        if section is None:
            return failure(f"{kind.capitalize()} '{words[0]}' not found\n")
        options = [setting for settings in section.options.values() for setting in settings if setting.name != "type"]
        lines = "".join(f"{each.name}={_visible(each.name, each.value)}\n" for each in options)
        return Answer(f"--- {kind.capitalize()} {section.name} ---\n{lines}")

    def _settings(self, words: Sequence[str]) -> Answer:
        if words:
            return USAGE
        general = self._phones.config.general
        lines = (f"{name}={_visible(name, setting.value)}\n" for name, setting in general.items())
        return Answer(f"--- Settings ---\n{''.join(lines)}")

    def _sessions(self, words: Sequence[str]) -> Answer:
        if words:
            return USAGE
        sessions = self._phones.sessions()
        lines = (f"{each.phone} sip:{each.host}:{each.port} MAC:{each.mac}\n" for each in sessions)
        return Answer(f"--- Sessions ---\n{''.join(lines)}---- {len(sessions)} Sessions found ----\n")

    def _reconfigure(self, words: Sequence[str]) -> Answer:
        everybody = words[0].lower() == "all"
        if len(words) != (1 if everybody else 2):
            return USAGE
        phone = None if everybody else words[1]
        if phone is not None and phone not in self._phones.config.phones:
            return failure(f"Phone '{phone}' not found\n")
        told = self._phones.reconfigure(phone)
        return Answer(f"Reconfiguration sent to {told} phone{'' if told == 1 else 's'}\n")


_ARGUMENT = {"reconfigure": " [name]"}


def _visible(name: str, value: str) -> str:
    return BLANK if name.lower().endswith(SECRETS) else value
