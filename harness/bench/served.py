"""`serve` as a process on a configuration of the benchmark's own."""

from __future__ import annotations

import re
from pathlib import Path

from harness.bench.manager import SECRET, USER
from harness.bench.process import Measured
from harness.errors import HarnessError

EXTENSION = "2000"
PROVIDER = f"CustomPresence:{EXTENSION}"
WATCHER = "watcher"
"""The endpoint that all watchers are."""

FILES = {
    "pjsip.conf": f"[{WATCHER}]\ntype=endpoint\ncontext=default\n",
    "extensions.conf": f"[default]\nexten => {EXTENSION},hint,Custom:{EXTENSION},{PROVIDER}\n",
    "manager.conf": f"[general]\nenabled=yes\n[{USER}]\nsecret={SECRET}\nread=all\nwrite=all\n",
}


class Served(Measured):
    """A running server whose state is kept in `folder`, on free ports."""

    def __init__(self, folder: Path) -> None:
        config = folder / "etc"
        config.mkdir(exist_ok=True)
        for name, text in FILES.items():
            (config / name).write_text(text)
        places = ["--sip", "127.0.0.1:0", "--ami", "127.0.0.1:0"]
        self.data = folder / "data"
        super().__init__(
            ["-m", "harness.cli", "serve", "--config", str(config), "--data", str(self.data), *places], "ready "
        )

    def place(self, what: str) -> tuple[str, int]:
        """Host and port of `sip` or `ami` from the ready line."""
        found = re.search(rf"\b{what}=(\S+):(\d+)", self.line)
        if found is None:
            raise HarnessError(f"the server does not say where its {what} is: {self.line}")
        return found[1], int(found[2])
