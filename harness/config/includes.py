"""Which files an `#include` names (config_text_file_load: glob with GLOB_NOMAGIC and GLOB_BRACE)."""

from __future__ import annotations

import glob
import os.path  # whose tests are false, where those of Path may raise
import re
from pathlib import Path

MAX_BRACE_PATTERNS = 64
INSTALLED_FOLDER = "/etc/asterisk"
"""Absolute includes below it are looked for beside the configuration first: people copy that folder."""


def unquoted(text: str) -> str:
    """The name between quotes or angle brackets; half a pair stays."""
    closing = {'"': '"', "<": ">"}.get(text[0])
    return text[1:-1] if closing and len(text) > 1 and text.endswith(closing) else text


def is_pattern(name: str) -> bool:
    """Whether a name may stand for several files."""
    return any(char in name for char in "*?[{")


def named_files(name: str, root: Path) -> list[Path]:
    """The existing paths, in order; ValueError where a pattern has too many alternatives.

    Relative names start at the folder of the configuration, not at the file that includes.
    """
    for candidate in _candidates(name, root):
        found = _matching(candidate, root) if is_pattern(name) else [candidate]
        if present := [path for path in found if os.path.exists(path)]:
            return present
    return []


def _candidates(name: str, root: Path) -> list[Path]:
    inside = Path(name)
    if not inside.is_absolute():
        return [root / name]
    if inside.is_relative_to(INSTALLED_FOLDER):
        return [root / inside.relative_to(INSTALLED_FOLDER), inside]
    return [inside]


def _matching(pattern: Path, root: Path) -> list[Path]:
    text, literal = str(pattern), str(root)
    prefix = literal if text.startswith(literal) else ""
    found: list[Path] = []
    for variant in _alternatives(text.removeprefix(prefix)):
        names = sorted(glob.glob(glob.escape(prefix) + variant))
        found.extend(path for path in map(Path, names) if os.path.isfile(path))
    return found


def _alternatives(pattern: str) -> list[str]:
    """`{a,b}` stands for each of its parts, in order."""
    done: list[str] = []
    waiting = [pattern]
    while waiting:
        text = waiting.pop(0)
        found = re.search(r"\{([^{}]*)\}", text)
        if found is None:
            done.append(text)
            continue
        before, after = text[: found.start()], text[found.end() :]
        waiting = [before + part + after for part in found[1].split(",")] + waiting
        if len(waiting) + len(done) > MAX_BRACE_PATTERNS:
            raise ValueError(f"more than {MAX_BRACE_PATTERNS} alternatives in one #include")
    return done
