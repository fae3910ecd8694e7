"""What `serve` makes of its files and options, without sockets."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.dpma import ShimOptions
from harness.net.world import World
from harness.targets.serving import MEMORY, ServeOptions, Serving

SIP, AMI = ("127.0.0.1", 5060), ("127.0.0.1", 5038)


def notes_of(etc: Path) -> list[str]:
    """What it says at its start."""
    told: list[str] = []
    Serving(ServeOptions(etc, SIP, AMI, MEMORY), World.simulated(1), lambda note: told.append(str(note)))
    return told


def test_transports_that_nothing_listens_for_are_named(tmp_path: Path) -> None:
    """One place serves UDP and TCP and one TLS; a second port or a websocket is not served, and that is said."""
    transports = [("a", "udp", 5060), ("b", "tcp", 5060), ("c", "udp", 5070), ("d", "ws", 5060), ("e", "tcp", 5080)]
    (tmp_path / "pjsip.conf").write_text(
        "".join(f"[{n}]\ntype=transport\nprotocol={kind}\nbind=0.0.0.0:{port}\n" for n, kind, port in transports)
    )
    (tmp_path / "extensions.conf").write_text("[default]\n")
    said = [note for note in notes_of(tmp_path) if "nothing listens" in note]
    assert said == [
        "pjsip.conf:9: nothing listens for transport c (udp, port 5070)",
        "pjsip.conf:13: nothing listens for transport d (ws, port 5060)",
        "pjsip.conf:17: nothing listens for transport e (tcp, port 5080)",
    ]


@pytest.mark.parametrize("context", ["default", "elsewhere"])
def test_where_auto_hints_live_is_an_option(tmp_path: Path, context: str) -> None:
    """What the DPMA does is not documented."""
    (tmp_path / "pjsip.conf").write_text("[2000]\ntype=endpoint\ncontext=default\n")
    (tmp_path / "extensions.conf").write_text("[default]\n[elsewhere]\n")
    (tmp_path / "res_digium_phone.conf").write_text(
        "[2000]\ntype=line\n[bob]\ntype=phone\nmac=000fd3000001\nline=2000\n"
    )
    options = ServeOptions(tmp_path, SIP, AMI, MEMORY, shim=ShimOptions(auto_hint_context=context))
    serving = Serving(options, World.simulated(1), lambda _note: None)
    made = [entry.context for entry in serving.assembly.plan.hint_entries() if entry.exten == "auto_hint_2000"]
    assert made == [context]
