"""A configuration folder that a test fills line by line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from harness.config.syntax import ConfigFile, parse_config

Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file of the folder; the text may be indented as the test is."""

    def writer(name: str, text: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else dedent(text).encode())
        return path

    return writer


@pytest.fixture
def parse(tmp_path: Path, write: Write) -> Callable[[str | bytes], ConfigFile]:
    """Read one text as the file a.conf."""
    return lambda text: parse_config(write("a.conf", text), tmp_path)
