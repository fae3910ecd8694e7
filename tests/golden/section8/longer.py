"""Steps that the conformance cases need beyond those of the recordings: a restart, an edit, raw manager sessions."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.golden.noting import Cleaner, Note, Tokens
from tests.golden.peers import ManagerConnection
from tests.golden.replay import SIP, Replay, Stage, tell

ETC = Path(__file__).parent / "etc"
SILENCE_S = 0.3
"""Silence that ends an answer of a raw session."""
LISTS: Tokens = (
    (re.compile(r'boundary="?[\w-]+"?'), "boundary=<b>"),
    (re.compile(r"^--[\w-]{4,8}(--)?$"), r"--<b>\1"),
    (re.compile(r"<\w+@<host>>"), "<<cid>@<host>>"),
    (re.compile(r'cid="\w+@'), 'cid="<cid>@'),
    (re.compile(r'instance id="[^"]*"'), 'instance id="<id>"'),
    (re.compile(r"^Content-Length: +\d+"), "Content-Length: <n>"),
)
"""What the bodies of resource lists make up anew each time, and sizes that depend on the length of a port."""
_COUNTED = re.compile(r"^(Uptime|LastReload): \d+")
_CHALLENGE = re.compile(r"^Challenge: (\d+)$")
_SECURITY = "Privilege: security,all"


class LongerReplay(Replay):
    """A replay on a folder that may be edited and a database that may be opened again."""

    user = ("harness", "mysecret")

    def __init__(self, stage: Stage, etc: Path) -> None:
        super().__init__(stage, Cleaner(SIP, LISTS))
        self._etc = etc

    async def step_restart(self, _: None) -> None:
        """The server goes and comes back on what it stored."""
        self.control.close()
        self.events.close()
        await self.stage.restart()
        await self.start()

    def step_edit(self, spec: Mapping[str, str]) -> None:
        """A file of the configuration changes: `new` in the place of `old`, or of everything."""
        file = self._etc / spec["file"]
        text = file.read_text()
        assert spec["old"] in text
        file.write_text(text.replace(spec["old"], spec["new"], 1) if spec["old"] else spec["new"])

    def step_subscribe(self, spec: Mapping[str, Any]) -> None:
        """As ever, with `answers` for the NOTIFYs that come."""
        self.watcher(spec["id"]).answers += spec.get("answers", ())
        super().step_subscribe(spec)

    async def step_session(self, items: Sequence[str | Mapping[str, Any]]) -> list[list[str]]:
        """A manager connection that is sent bytes as they are; what came at its beginning, and after each item."""
        session = RawSession(await self.stage.connect(), self)
        answers = [await session.hear(SILENCE_S), *[await session.do(item) for item in items]]
        if not session.connection.open:
            answers.append(["(closed)"])
        session.connection.close()
        return answers


class RawSession:
    """One connection whose bytes are looked at as they are."""

    def __init__(self, connection: ManagerConnection, replay: LongerReplay) -> None:
        self.connection, self._replay = connection, replay
        self._heard = 0
        self._challenges: list[str] = []

    async def do(self, item: str | Mapping[str, Any]) -> list[str]:
        """Send a text; or wait; or have another connection act."""
        if isinstance(item, str):
            self.connection.write(item.replace("{md5}", self._key()).encode())
        elif "ami" in item:
            await self._replay.step_ami(item["ami"])
        return await self.hear(item["wait"] if isinstance(item, Mapping) and "wait" in item else SILENCE_S)

    def _key(self) -> str:
        challenge = self._challenges[-1] if self._challenges else ""
        return hashlib.md5((challenge + self._replay.user[1]).encode(), usedforsecurity=False).hexdigest()

    async def hear(self, silence_s: float) -> list[str]:
        """The lines that come until it is silent; security events are left out."""
        start, before = self._heard, -1
        while before != len(self.connection.raw):
            before = len(self.connection.raw)
            await self._replay.world.sleep(silence_s)
        self._heard = len(self.connection.raw)
        packets = self.connection.raw[start:].decode().split("\r\n\r\n")
        lines = "\r\n\r\n".join(packet for packet in packets if _SECURITY not in packet).split("\r\n")
        return [self._clean(line) for line in (lines[:-1] if lines[-1] == "" else lines)]

    def _clean(self, line: str) -> str:
        found = _CHALLENGE.match(line)
        if found:
            if found[1] not in self._challenges:
                self._challenges.append(found[1])
            return f"Challenge: <{self._challenges.index(found[1]) + 1}>"
        return self._replay.cleaner.clean(_COUNTED.sub(r"\1: N", line))


def replay_longer(case: Mapping[str, Any], folder: Path) -> list[Note]:
    """Tell one story to a server on a copy of the fixture in `folder`."""
    etc = folder / "etc"
    shutil.copytree(ETC, etc)
    restarts = any("restart" in step for step in case["steps"])
    return tell(LongerReplay(Stage(etc, folder / "data" if restarts else None), etc), case)
