"""`dpma-harness cli`: commands for a running `serve` through a socket of its data folder."""

from __future__ import annotations

import json
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.targets.control import MAX_COMMAND_BYTES
from harness.targets.control_client import SOCKET_NAME
from tests.serving import served

CONFIG = Path(__file__).parent / "peers" / "sipp" / "etc"


def command(*words: str) -> subprocess.CompletedProcess[str]:
    """Run `dpma-harness cli` with these words."""
    return subprocess.run(
        [sys.executable, "-m", "harness.cli", "cli", *words], capture_output=True, text=True, timeout=30, check=False
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of a running server."""
    folder = tmp_path_factory.mktemp("data")
    with served(CONFIG, "--data", str(folder)):
        yield folder


def talk(folder: Path, text: bytes) -> bytes:
    """The line that the socket answers to bytes; nothing where it closes."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(10)
        line.connect(str(folder / SOCKET_NAME))
        line.sendall(text)
        heard = b""
        while not heard.endswith(b"\n") and (part := line.recv(65_536)):
            heard += part
    return heard


def test_a_command_is_answered_as_on_the_console(data: Path) -> None:
    """A change that one command makes is what the next one shows; the exit code is 0."""
    changed = command("--data", str(data), "presencestate change CustomPresence:2000 away,lunch,soon")
    assert (changed.returncode, changed.stderr) == (0, "")
    shown = command("--data", str(data), "core show hint 2000")
    assert shown.returncode == 0
    assert "2000@default" in shown.stdout
    assert "Presence:away" in shown.stdout


def test_a_command_that_is_not_known_exits_1(data: Path) -> None:
    """What Asterisk says of it is printed."""
    done = command("--data", str(data), "no such")
    assert done.returncode == 1
    assert done.stdout.startswith("No such command 'no such'")
    assert "core show help" in done.stderr


def test_several_words_are_one_command(data: Path) -> None:
    """Nobody need quote a command; a word with blanks stays one word."""
    assert command("--data", str(data), "core", "show", "help", "core", "show", "hint").returncode == 0
    said = "away,long lunch,"
    assert command("presencestate", "change", "CustomPresence:2000", said, "--data", str(data)).returncode == 0
    assert "long lunch" in command("--data", str(data), "presencestate list").stdout


def test_only_the_owner_may_use_the_socket(data: Path) -> None:
    """Read and write for the owner, nothing for others."""
    assert stat.S_IMODE((data / SOCKET_NAME).stat().st_mode) == 0o600


@pytest.mark.parametrize("text", [b"\n", b"core show hints\n", b"\xff\n", b"[1]\n", b"[" * 4_000 + b"\n"])
def test_what_is_no_command_is_refused_and_the_server_goes_on(data: Path, text: bytes) -> None:
    """One line of JSON says so."""
    assert json.loads(talk(data, text)) == {"ok": False, "output": "a command is a JSON text on one line\n"}
    assert command("--data", str(data), "core show version").returncode == 0


def test_a_line_without_an_end_is_cut_off(data: Path) -> None:
    """More than a command may have is not read."""
    assert talk(data, b"x" * (MAX_COMMAND_BYTES + 1)) == b""


def test_where_no_server_answers_is_exit_3(tmp_path: Path) -> None:
    """One clear message says where it looked and what to do."""
    done = command("--data", str(tmp_path), "core show hints")
    assert done.returncode == 3
    assert str(tmp_path) in done.stderr
    assert "dpma-harness serve" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_second_server_on_the_same_folder_is_refused(data: Path) -> None:
    """It exits 2 and says which folder; the first goes on."""
    with pytest.raises(AssertionError, match="another server uses this folder"), served(CONFIG, "--data", str(data)):
        pass
    assert command("--data", str(data), "core show version").returncode == 0


def test_where_the_path_is_too_long_for_a_socket_the_folder_is_one_servers_still(tmp_path: Path) -> None:
    """Two would each keep a copy of the state in memory and write the same table."""
    data = tmp_path / ("long" * 25)
    with served(CONFIG, "--data", str(data)):
        assert not (data / SOCKET_NAME).exists()
        with pytest.raises(AssertionError, match="another server uses"), served(CONFIG, "--data", str(data)):
            pass
    with served(CONFIG, "--data", str(data)):
        assert data.stat().st_mode & 0o777 == 0o700


def test_half_a_surrogate_is_no_command(data: Path) -> None:
    """No bytes stand behind it: nothing of it is stored, and others go on storing."""
    assert b"JSON text" in talk(data, b'"database put f bad \\ud800"\n')
    assert command("--data", str(data), "database put f good x").returncode == 0
