"""Sounds of a configuration: how long each takes, and what is no sound."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest

from harness.pbx.calls.sounds import FolderSounds
from tests.pbx.call_desk import CallDesk


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration with a few sounds, and a file beside them."""
    sounds = tmp_path / "sounds"
    (sounds / "de").mkdir(parents=True)
    (sounds / "hello.ulaw").write_bytes(bytes(8000))
    (sounds / "de" / "hello.ulaw").write_bytes(bytes(16000))
    (sounds / "short.gsm").write_bytes(bytes(825))
    with wave.open(str(sounds / "tone.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(24000))
    (sounds / "broken.wav").write_bytes(b"no wave")
    (tmp_path / "outside.ulaw").write_bytes(bytes(8000))
    return tmp_path


@pytest.mark.parametrize(
    ("name", "language", "seconds"),
    [
        ("hello", "en", 1.0), ("hello", "de", 2.0), ("short", "en", 0.5), ("tone", "en", 1.5), ("broken", "en", None),
        ("nosuch", "en", None), ("../outside", "en", None), ("/etc/passwd", "en", None), ("x" * 300, "en", None),
        ("\U0001f600" * 90, "en", None), ("a\0b", "en", None), ("hello", "x" * 300, None),
    ],
    ids=range(12),
)  # fmt: skip
def test_a_sound_has_the_length_of_its_file(folder: Path, name: str, language: str, seconds: float | None) -> None:
    """The caller's language comes first; nothing outside of the folder is a sound."""
    assert FolderSounds(folder).length_of(name, language) == seconds


def test_a_call_goes_on_after_the_sound(tmp_path: Path) -> None:
    """Playback() answers, waits for media, plays, and then the next line runs."""
    desk = CallDesk(tmp_path, "[office]\nexten => say,1,Playback(hello)\n same => n,Busy(1)\n")
    (tmp_path / "etc" / "sounds").mkdir()
    (tmp_path / "etc" / "sounds" / "hello.ulaw").write_bytes(bytes(16000))
    desk.register("a")
    desk["a"].dial("say")
    desk.wait(2.2)
    assert desk["a"].told == ["answered"]
    desk.wait(1.5)
    assert desk["a"].told == ["answered", "bye"]
    assert desk.nothing_is_left()
