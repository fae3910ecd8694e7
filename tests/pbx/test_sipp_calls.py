"""SIPp's built-in caller and callee, with the server between them."""

from __future__ import annotations

import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from tests.serving import require, served

PEERS = Path(__file__).parent.parent / "peers" / "sipp"
CALLS, RATE = 100, 20
"""Calls, and calls in a second."""
TALK_MS = 300
LIMIT_S = 40

ENDPOINTS = """
[transport-udp]
type=transport
protocol=udp
bind=127.0.0.1:5060
[sipp]
type=endpoint
context=sipp
disallow=all
allow=ulaw
[called]
type=endpoint
context=sipp
disallow=all
allow=ulaw
direct_media=no
aors=called
[called]
type=aor
contact=sip:called@127.0.0.1:{port}
"""
DIALPLAN = """
[sipp]
exten => called,hint,PJSIP/called
exten => called,1,Dial(PJSIP/called,20)
 same => n,Hangup()
"""


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def figures(path: Path) -> dict[str, str]:
    header, *_, last = path.read_text().splitlines()
    return dict(zip(header.split(";"), last.split(";"), strict=False))


@pytest.mark.long
def test_a_hundred_calls_of_another_make_go_through(tmp_path: Path) -> None:
    """`uac` calls an extension at 20 a second, `uas` is its static contact: none fails in either direction, and the
    server is left with no channel."""
    require("sipp")
    etc = shutil.copytree(PEERS / "etc", tmp_path / "etc")
    port = free_port()
    (etc / "pjsip.conf").write_text(ENDPOINTS.format(port=port))
    (etc / "extensions.conf").write_text(DIALPLAN)
    limit = ["-timeout", f"{LIMIT_S}s", "-timeout_error"]
    common = ["-i", "127.0.0.1", "-m", str(CALLS), "-nostdin", "-trace_stat", *limit]
    with served(etc) as server:
        host, sip = server.place("sip")
        called = subprocess.Popen(
            ["sipp", "-sn", "uas", "-p", str(port), "-stf", str(tmp_path / "uas.csv"), *common],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=tmp_path,
        )  # fmt: skip
        try:
            calling = subprocess.run(
                [
                    "sipp", f"{host}:{sip}", "-sn", "uac", "-s", "called", "-r", str(RATE), "-d", str(TALK_MS),
                    "-stf", str(tmp_path / "uac.csv"), "-trace_err", "-error_file", str(tmp_path / "errors.log"),
                    *common,
                ],
                capture_output=True, text=True, timeout=LIMIT_S + 20, check=False, cwd=tmp_path,
            )  # fmt: skip
            called.wait(LIMIT_S)
        finally:
            if called.poll() is None:
                called.kill()
        errors = tmp_path / "errors.log"
        assert calling.returncode == 0, errors.read_text() if errors.exists() else calling.stdout[-2000:]
        assert called.returncode == 0
        left = server.manager("Action: CoreShowChannels", "Action: ExtensionState\r\nExten: called\r\nContext: sipp")
        assert "ListItems: 0" in left
        assert "StatusText: Idle" in left
    for name in ("uac.csv", "uas.csv"):
        counted = figures(tmp_path / name)
        assert (counted["SuccessfulCall(C)"], counted["FailedCall(C)"]) == (str(CALLS), "0"), name
