"""Commands about what an Asterisk has and this server has none of: said as Asterisk says that there is nothing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from harness.config.features import FeaturesConfig
from harness.pbx.commands.columns import left
from harness.pbx.commands.registry import USAGE, Answer, Registry, failure
from harness.pbx.commands.served import Served

_RULE = "=" * 61
TEXTS = {
    "cc report status": "",
    "cel show status": "CEL Logging: Disabled\n",
    "cli show aliases": f"{left('Alias Command', 50)} {left('Real Command', 50)}\n",
    "cli show permissions": "",
    "core show hanguphandlers all": f"{left('Channel', 30)} Handler\n",
    "core show image formats": (
        f"{'Name':>10} {left('Extensions', 45)} {'Description':>15} {'Format':>10}\n"
        f"{'----':>10} {left('----------', 45)} {'-----------':>15} {'------':>10}\n\n0 image formats registered.\n"
    ),
    "core show switches": (
        "\n    -= Registered Asterisk Alternative Switches =-\n"
        "Loopback: Loopback Dialplan Switch\nRealtime: Realtime Dialplan Switch\n"
    ),
    "dialplan locks show": f"func_lock locks:\n{left('Name', 40)} Requesters Owner\n0 total locks listed.\n",
    "dnsmgr status": "DNS Manager: disabled\nRefresh Interval: 300 seconds\nNumber of entries: 0\n",
    "group show channels": f"{left('Channel', 25)}  {left('Group', 20)}  {left('Category', 20)}\n0 active channels\n",
    "indication show": "Country   Description\n===========================\n",
    "keys show": (
        f"{left('Key Name', 18)} {left('Type', 8)} {left('Status', 16)} {left('Sum', 33)}\n"
        f"{'-' * 18} {'-' * 8} {'-' * 16} {'-' * 32} \n\n0 known RSA keys.\n"
    ),
    "logger mute": "Couldn't find remote console.\n",
    "logger reload": "",
    "logger rotate": "",
    "moh show classes": "",
    "moh show files": "",
    "pjsip show channelstats": "No objects found.\n\n",
    "pjsip show maintenance": (
        f"\n  {left('Endpoint', 40)}  State\n  {'-' * 40}  -----\n\n  0 endpoints in maintenance mode\n\n"
    ),
    "pjsip show transport-monitors": (
        "PJSIP Transport Monitors:\n\n<Remote Host...................................> <State.....> <Direction> "
        "<RefCnt> <Monitors> <ObjName............>\n\nTotal Transport Monitors: 0\n\n"
    ),
    "sla show stations": (
        f"\n{_RULE}\n=== Configured SLA Stations {'=' * 33}\n{_RULE}\n===\n{'=' * 60}\n\n"
    ),
    "sla show trunks": f"\n{_RULE}\n=== Configured SLA Trunks {'=' * 35}\n{_RULE}\n===\n{_RULE}\n\n",
    "ulimit": "",
}
"""What such a command prints; more words are not understood."""

_OWN_FILES = {
    "cel show status": "cel.conf",
    "cli show aliases": "cli_aliases.conf",
    "cli show permissions": "cli_permissions.conf",
    "dnsmgr status": "dnsmgr.conf",
    "indication show": "indications.conf",
    "moh show classes": "musiconhold.conf",
    "moh show files": "musiconhold.conf",
    "sla show stations": "sla.conf",
    "sla show trunks": "sla.conf",
}
"""Commands that would have something to say where the file is there, which is not read here."""

_NO_LISTS = "\nacl\n---\nACL configuration isn't available.\n"
_FEATURES = (
    *(("Pickup", "*8", "pickupexten"), ("Blind Transfer", "#", "blindxfer"), ("Attended Transfer", "", "atxfer")),
    *(("Disconnect Call", "*", "disconnect"), ("Park Call", "", "parkcall")),
    ("One Touch MixMonitor", "", "automixmon"),
)


def register(registry: Registry, served: Served) -> None:
    """Serve the family."""
    folder = served.configuration.path
    for name, text in TEXTS.items():
        if not _has(folder, _OWN_FILES.get(name)):
            registry.serve(name, partial(_say, text))
    registry.serve("features show", lambda words: USAGE if words else _features(served.configuration.features))
    if not _has(folder, "acl.conf"):
        registry.serve("acl show", lambda words: USAGE if len(words) > 1 else Answer("" if words else _NO_LISTS))
    registry.serve("core ping taskprocessor", _ping)
    registry.serve("core show sounds", lambda words: USAGE if words else failure(""))
    registry.serve("bridge show", lambda words: _missing(words, "Bridge '{}' not found"))
    registry.serve("pjsip show registration", lambda words: _missing(words, "Unable to find object {}.\n"))
    for name in ("pjsip send register", "pjsip send unregister"):
        registry.serve(name, _no_registration)


def _has(folder: Path, name: str | None) -> bool:
    return name is not None and (folder / name).is_file()


def _say(text: str, words: Sequence[str]) -> Answer:
    return USAGE if words else Answer(text)


def _missing(words: Sequence[str], text: str) -> Answer:
    return Answer(text.format(words[0]) + "\n") if len(words) == 1 else USAGE


def _ping(words: Sequence[str]) -> Answer:
    return Answer(f"\nping failed: {words[0]} not found\n\n") if len(words) == 1 else USAGE


def _no_registration(words: Sequence[str]) -> Answer:
    """The server itself registers nowhere."""
    return failure(f"Unable to retrieve registration {words[0]}\n") if len(words) == 1 else USAGE


def _features(config: FeaturesConfig | None) -> Answer:
    given = {} if config is None else {"pickupexten": config.pickupexten, **config.featuremap}
    rows = [("Builtin Feature", "Default", "Current"), ("-" * 15, "-" * 7, "-" * 7)]
    rows += [(title, default, given.get(option, default)) for title, default, option in _FEATURES]
    lines = [f"{left(title, 25)} {left(default, 7)} {left(current, 7)}" for title, default, current in rows]
    lines += ["", f"{left('Dynamic Feature', 25)} {left('Default', 7)} {left('Current', 7)}"]
    lines += [f"{left('-' * 15, 25)} {left('-' * 7, 7)} {left('-' * 7, 7)}", "(none)"]
    lines += ["", "Feature Groups:", "-" * 15, "(none)"]
    return Answer("".join(f"{line}\n" for line in lines))
