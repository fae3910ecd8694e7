"""`core show version`, `uptime`, `channels`, `help` and `core waitfullybooted` (main/cli.c, main/asterisk.c)."""

from __future__ import annotations

from collections.abc import Sequence

from harness.pbx.commands.columns import column, left
from harness.pbx.commands.line import join
from harness.pbx.commands.registry import USAGE, Answer, Registry, Search
from harness.pbx.commands.served import Served

VERSION = "22.10.1"
BUILT = "built by dpma-harness @ localhost on a x86_64 running Linux on 2026-01-01 00:00:00 UTC"

_UNITS = (("year", 31_536_000), ("week", 604_800), ("day", 86_400), ("hour", 3_600), ("minute", 60))
_BRIEF = (("Channel", 64), ("Location", 32), ("State", 7), ("Application(Data)", 30))
_VERBOSE = (
    *(("Channel", 80), ("Context", 24), ("Extension", 24), ("Prio", 4), ("State", 7), ("Application", 12)),
    *(("Data", 25), ("CallerID", 15), ("Duration", 8), ("Accountcode", 11), ("PeerAccount", 11), ("BridgeID", 20)),
)


def register(registry: Registry, served: Served, uptime: Uptime) -> None:
    """Serve the family."""
    family = _Core(registry, uptime)
    registry.serve("core show version", family.show_version)
    registry.serve("core show uptime [seconds]", family.show_uptime)
    registry.serve("core show help", family.show_help)
    registry.serve("core waitfullybooted", family.wait_fully_booted)
    registry.serve("core show channels [concise|verbose|count]", family.show_channels)
    registry.serve("core show channel", family.show_channel)
