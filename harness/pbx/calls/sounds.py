"""Sounds of a configuration: files in its folder `sounds/`, of which only the length counts (main/file.c)."""

from __future__ import annotations

import wave
from functools import lru_cache
from pathlib import Path

BYTES_PER_SECOND = {"ulaw": 8000, "alaw": 8000, "g722": 8000, "gsm": 1650, "sln": 16000, "sln16": 32000}
"""Of the formats without a header, by the ending of the file."""
MAX_NAME = 200
MAX_REMEMBERED = 256


class FolderSounds:
    """See `exchange.Sounds`: `<language>/<name>` comes before `<name>`, as in Asterisk."""

    def __init__(self, folder: Path) -> None:
        self._folder = (folder / "sounds").resolve()

    def length_of(self, name: str, language: str) -> float | None:
        """Seconds; None where there is no such sound."""
        if len(name) > MAX_NAME or not self._folder.is_dir():
            return None
        try:
            return self._length_of(name, language)
        except (OSError, ValueError):  # a name that no file can have
            return None

    def _length_of(self, name: str, language: str) -> float | None:
        for place in (self._folder / language / name, self._folder / name):
            length = _length(place) if place.resolve().is_relative_to(self._folder) else None
            if length is not None:
                return length
        return None


@lru_cache(maxsize=MAX_REMEMBERED)
def _length(stem: Path) -> float | None:
    for ending, rate in BYTES_PER_SECOND.items():
        path = stem.with_name(f"{stem.name}.{ending}")
        if path.is_file():
            return path.stat().st_size / rate
    path = stem.with_name(f"{stem.name}.wav")
    if not path.is_file():
        return None
    try:
        with wave.open(str(path)) as sound:
            return float(sound.getnframes() / (sound.getframerate() or 1))
    except (wave.Error, EOFError, OSError):
        return None
