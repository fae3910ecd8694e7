"""features.conf: what picks a call up."""

from __future__ import annotations

from pathlib import Path

from harness.config.features import read_features
from harness.config.folder import read_folder


def test_the_pickup_extension(write, tmp_path: Path) -> None:
    """`*8` unless it is another; the last one counts, and may be nothing."""
    write("features.conf", "[general]\n")
    assert read_features(tmp_path).pickupexten == "*8"
    write("features.conf", "[general]\npickupexten=*7\npickupexten=\n")
    assert read_features(tmp_path).pickupexten == ""


def test_what_is_unknown_is_told(write, tmp_path: Path) -> None:
    """With its place; what is not used here is no news."""
    write("features.conf", "[general]\natxferabort=*1\npickupext=*8\n[featuremap]\nblindxfer=#1\nfly=1\n[x]\ny=z\n")
    config = read_features(tmp_path)
    assert [str(note) for note in config.notes] == [
        'features.conf:3: unknown option pickupext in [general]; did you mean "pickupexten"?',
        "features.conf:6: unknown option fly in [featuremap]",
    ]
    assert config.featuremap == {"blindxfer": "#1"}


def test_a_folder_has_them_beside_the_others(write, tmp_path: Path) -> None:
    """Queues, boxes and features are read with the folder, and their notes are among its notes."""
    write("manager.conf", "")
    write("queues.conf", "[a]\nx=y\n")
    write("voicemail.conf", "[default]\n1 => 1\n")
    write("features.conf", "")
    folder = read_folder(tmp_path)
    assert None not in (folder.queues, folder.voicemail, folder.features)
    assert [str(note) for note in folder.notes] == ["queues.conf:2: unknown option x of queue a"]
    assert "queues.conf" in folder.files
