"""Asks a running `serve` to run a command (`control.py`). Imports little: all that `dpma-harness cli` needs."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from pathlib import Path

from harness.errors import TargetError

DATA_NAME = ".dpma-harness"
SOCKET_NAME = "control.sock"
MAX_ANSWER_BYTES = 64 * 1024 * 1024
UNKNOWN = "No such command"
"""How the answer to a command that is not known begins."""
LIMIT_S = 30.0
"""Seconds that a command may take."""


def data_folder(config: Path, data: str | None) -> Path:
    """Where a server keeps its state: as said, or one place for each configuration folder."""
    return Path(data) if data is not None else config / DATA_NAME


def joined(words: Sequence[str]) -> str:
    """One command of the words that a shell gave: one alone is the whole, of several those with blanks are quoted."""
    if len(words) == 1:
        return words[0]
    return " ".join('"{}"'.format(word.replace('"', '\\"')) if " " in word or not word else word for word in words)


def ask(folder: Path, command: str) -> tuple[bool, str]:
    """Run a command on the server of a data folder; raises TargetError where none answers."""
    path = folder / SOCKET_NAME
    advice = "start one with `dpma-harness serve --config DIR`, or name its folder with --data"
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(LIMIT_S)
            connection.connect(str(path))
            connection.sendall(json.dumps(command).encode() + b"\n")
            answer = _line(connection)
    except OSError as error:
        raise TargetError(f"no server takes commands at {path}: {error}\n  {advice}") from None
    try:
        told = json.loads(answer)
        return bool(told["ok"]), str(told["output"])
    except (ValueError, KeyError, TypeError):
        raise TargetError(f"what answers at {path} is no server of ours") from None


def _line(connection: socket.socket) -> bytes:
    answer = bytearray()
    while not answer.endswith(b"\n") and len(answer) < MAX_ANSWER_BYTES:
        data = connection.recv(65_536)
        if not data:
            break
        answer += data
    return bytes(answer)
