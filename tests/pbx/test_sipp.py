"""SIPp as a watcher, over UDP and TCP."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.serving import require, served

PEERS = Path(__file__).parent.parent / "peers" / "sipp"
CALLS = 100
LIMIT_S = 60


@pytest.mark.parametrize("transport", ["u1", "t1"], ids=["udp", "tcp"])
def test_a_hundred_watchers_of_another_make_are_served(transport: str, tmp_path: Path) -> None:
    """SIPp subscribes, sees the Digium tuple in the NOTIFY and unsubscribes, a hundred times without a failure."""
    require("sipp")
    with served(PEERS / "etc") as server:
        variable = "Variable: PRESENCE_STATE(CustomPresence:2000)"
        assert "Variable Set" in server.manager(f"Action: Setvar\r\n{variable}\r\nValue: away,lunch,banana")
        host, port = server.place("sip")
        done = subprocess.run(
            [
                "sipp", f"{host}:{port}", "-sf", str(PEERS / "subscribe.xml"), "-t", transport, "-i", "127.0.0.1",
                "-m", str(CALLS), "-r", "50", "-l", "20", "-timeout", f"{LIMIT_S}s", "-timeout_error",
                "-recv_timeout", "10000", "-nostdin", "-trace_stat", "-stf", str(tmp_path / "stat.csv"),
                "-trace_err", "-error_file", str(tmp_path / "errors.log"),
            ],
            capture_output=True, text=True, timeout=LIMIT_S + 30, check=False, cwd=tmp_path,
        )  # fmt: skip
        errors = tmp_path / "errors.log"
        assert done.returncode == 0, errors.read_text() if errors.exists() else done.stdout[-2000:]
    header, *_, last = (tmp_path / "stat.csv").read_text().splitlines()
    figures = dict(zip(header.split(";"), last.split(";"), strict=False))
    assert int(figures["SuccessfulCall(C)"]) == CALLS
    assert int(figures["FailedCall(C)"]) == 0
    assert re.fullmatch(r"\d+", figures["TotalCallCreated"])
