"""No secret of a configuration and no digest response is in any log, trace or report."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest

from harness.net.trace import Trace
from harness.report import github
from harness.report.files import PAGE, wanted_files
from harness.report.terminal import Terminal
from harness.scenario.run import RunOptions, run_files, write_reports
from harness.targets.factory import make_embedded
from tests.peers import abusers
from tests.peers.lines import Address, packet, request
from tests.serving import served
from tests.shipped.changes import CHANGES
from tests.shipped.telling import FILES, SHIPPED, copy_of, folder_of

ETC = Path(__file__).parent / "peers" / "abuse" / "etc"

SETTING = re.compile(
    r"(?m)^[ \t]*\w*(?:secrett?|pin|password|passwrd|md5_cred|password_digest)[ \t]*=>?[ \t]*(\S.*?)[ \t]*$"
)
RESPONSE = re.compile(rb'(?i)\b(?:response|cnonce)="([^"]+)"')

MORE = {
    "manager.conf": (
        "[clerk]\nsecrett = mistyped-name-of-it\nsecret typed-without-its-sign\nsecret = clerks-own\nread = all\n"
    ),
    "pjsip.conf": (
        "[cellar]\ntype=auth\nauth_type=md5\nmd5_cred=nothing-of-thirty-two\npasswrd=mistyped-name-too\n"
        "[attic]\ntype=auth\nusername=attic\npassword_digest=MD5:a-digest-too-short\n"
    ),
    "res_digium_phone.conf": (
        "[general]\nglobalpin=pin-for-all\n[ann]\ntype=phone\nline=vault\npin=pin-of-ann\ngroup_pin=pin-of-group\n"
        "login_password=web-login-of-ann\n8021x_password=network-of-ann\ncontacts_max_subscriptions=many\n"
        "[far]\ntype=external_line\nserver_address=127.0.0.1\nuserid=far\nsecret=secret-far-away\n"
    ),
}
"""Added to a configuration: more secrets, some where they do not belong."""
MISPLACED = "typed-without-its-sign"


def secrets_in(folder: Path) -> set[str]:
    """Every value below a folder that is a secret by the name of its setting."""
    return {found for file in folder.rglob("*.conf") for found in SETTING.findall(file.read_text("utf-8"))}


def shown(secrets: set[str], texts: dict[str, str]) -> list[tuple[str, str]]:
    """Which of them stand where."""
    return [(name, each) for name, text in texts.items() for each in secrets if each in text]


def written(folder: Path) -> dict[str, str]:
    """Every file below a folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes().decode("utf-8", "replace") for path in files}


@pytest.fixture
def responses(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The digest responses that are on the wire from now on."""
    seen: set[str] = set()
    add = Trace.add

    def noting(self: Trace, hop: str, *values: Any, **named: Any) -> int:
        payload = values[3]
        if isinstance(payload, bytes):
            seen.update(found.decode() for found in RESPONSE.findall(payload))
        return add(self, hop, *values, **named)

    monkeypatch.setattr(Trace, "add", noting)
    return seen


@pytest.mark.long
def test_the_reports_and_traces_of_the_shipped_scenarios_tell_none(tmp_path: Path, responses: set[str]) -> None:
    """All that a run writes, as talkative as it can be."""
    texts = told([SHIPPED], tmp_path, 0)
    secrets = secrets_in(SHIPPED)
    assert len(secrets) >= 8
    assert len(responses) >= 2 * len(FILES)
    assert sum('response=\\"***\\"' in text for text in texts.values()) >= len(FILES)
    assert shown(secrets | responses, texts) == []


def test_the_report_of_a_failure_tells_none(
    tmp_path: Path, responses: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it shows of the road that ended early."""
    name = "01-the-page"
    copy = copy_of(FILES[name], tmp_path)
    CHANGES[name][0].make(folder_of(copy), monkeypatch)
    texts = told([copy], tmp_path / "report", 1)
    assert responses
    assert shown(secrets_in(tmp_path) | responses, texts) == []


def told(paths: list[Path], folder: Path, exit_code: int) -> dict[str, str]:
    """Run scenarios, with every report there is; what was written and what was said."""
    said = io.StringIO()
    options = RunOptions(make_embedded, report_dir=folder, pcap=folder / "all.pcap", events=True)
    run = run_files(paths, options, Terminal(said, ladders=True, verbose=True, width=2000))
    assert run.exit_code == exit_code, said.getvalue()
    assert write_reports(run, wanted_files(folder, tap_file=folder / "run.tap")) == []
    assert {"junit.xml", "results.jsonl", "run.tap", PAGE} <= {path.name for path in folder.iterdir()}
    assert any(folder.rglob("*.pcap"))
    said.writelines(github.commands(run, {}))
    return {"the terminal": said.getvalue(), **written(folder)}


def test_the_log_of_a_server_tells_none(tmp_path: Path) -> None:
    """Right and wrong logins of every kind, faulty configuration, and the log as long as it gets."""
    config = Path(shutil.copytree(ETC, tmp_path / "etc"))
    for name, text in MORE.items():
        with (config / name).open("a") as file:
            file.write("\n" + text)
    with served(config, verbose=True) as server:
        digests = abusers.wrong_registrations(server.place("sip"), "vault", 3)
        digests.append(register(server.place("sip"), "vault", "open-sesame"))
        keys = [login_by_challenge(server.place("ami"), "owner", each) for each in ("the-owners-own", "a-wrong-guess")]
        abusers.wrong_logins(server.place("ami"), "owner", 3)
        told = server.manager("Action: Command\r\nCommand: pjsip show endpoints", user="clerk", secret="clerks-own")
        assert "Authentication accepted" in told
    secrets = secrets_in(config) | {MISPLACED, "a-wrong-guess", "not-the-owners", *digests, *keys}
    assert len(secrets) >= 20
    log = server.errors
    kinds = ("failed to log in", "wrong name or password", "Log opened", "manager.conf:17", "unknown option passwrd")
    assert [each for each in kinds if each not in log] == []
    assert shown(secrets, {"the log": log}) == []


def register(place: Address, user: str, password: str) -> str:
    """Register with the right password; gives the digest response."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.connect(place)
        phone.settimeout(abusers.LIMIT_S)
        own = phone.getsockname()
        phone.send(request("REGISTER", "sip:127.0.0.1", own, "asks", user=user))
        nonce = abusers.parameter("nonce", phone.recv(65_536))
        response = abusers.digest(user, password, nonce)
        shown = abusers.credentials(user, nonce, response)
        phone.send(request("REGISTER", "sip:127.0.0.1", own, "proves", user=user, headers=[shown]))
        assert phone.recv(65_536).startswith(b"SIP/2.0 200 ")
    return response


def login_by_challenge(place: Address, user: str, secret: str) -> str:
    """Log in with the digest of a challenge; gives the digest."""
    with socket.create_connection(place, timeout=abusers.LIMIT_S) as connection:
        connection.sendall(packet("Action: Challenge", "AuthType: md5"))
        heard = ""
        while (found := re.search(r"Challenge: (\d+)\r\n", heard)) is None:
            heard += connection.recv(4096).decode()
        key = hashlib.md5((found[1] + secret).encode(), usedforsecurity=False).hexdigest()
        connection.sendall(packet("Action: Login", "AuthType: md5", f"Username: {user}", f"Key: {key}"))
        while "Authentication" not in heard:
            heard += connection.recv(4096).decode()
    return key
