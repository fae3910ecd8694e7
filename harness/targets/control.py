"""The command line of a running `serve`: a socket in its data folder, for its owner only.

One line of JSON each way: the command as a text, the answer as `{"ok": bool, "output": text}`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twisted.internet.protocol import ServerFactory
from twisted.protocols.basic import LineOnlyReceiver

from harness.targets.control_client import SOCKET_NAME

if TYPE_CHECKING:
    from harness.pbx.manager.variable_actions import CommandLine

MODE = 0o600
MAX_COMMAND_BYTES = 8_192
MAX_SOCKET_PATH = 100
"""Bytes of a path that every system takes for a socket."""


class Control(LineOnlyReceiver):
    """One connection."""

    delimiter = b"\n"
    MAX_LENGTH = MAX_COMMAND_BYTES

    def __init__(self, commands: CommandLine) -> None:
        self._commands = commands

    def lineReceived(self, line: bytes) -> None:
        try:
            command = json.loads(line.decode("utf-8"))
            str(command).encode("utf-8", "surrogateescape")
        except (UnicodeDecodeError, ValueError, RecursionError):
            command = None
        if not isinstance(command, str):
            self._answer(False, "a command is a JSON text on one line\n")
            return
        self._answer(*self._commands.run(command))

    def _answer(self, ok: bool, output: str) -> None:
        text = output.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        self.sendLine(json.dumps({"ok": ok, "output": text}).encode())  # type: ignore[no-untyped-call]


class ControlFactory(ServerFactory):
    """Makes a `Control` for each connection."""

    noisy = False

    def __init__(self, commands: CommandLine) -> None:
        self._commands = commands

    def buildProtocol(self, _address: Any) -> Control:
        return Control(self._commands)


def listen(reactor: Any, folder: Path, commands: CommandLine) -> Any:
    """Take commands in a data folder; gives the port, or None where the folder's path is too long for a socket.

    The folder is this server's alone (`DataFolder`): a socket that lies there is what an earlier one left.
    """
    path = folder / SOCKET_NAME
    if len(os.fsencode(path)) > MAX_SOCKET_PATH:
        return None
    path.unlink(missing_ok=True)
    return reactor.listenUNIX(str(path), ControlFactory(commands), mode=MODE)

