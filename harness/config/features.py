"""features.conf: what picks a ringing call up (main/features_config.c)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from harness.config.files import FolderFiles
from harness.config.syntax import ConfigFile, Setting, parse_config
from harness.config.values import suggestion
from harness.errors import Note

FILE_NAME = "features.conf"
DEFAULT_PICKUP_EXTEN = "*8"
_READ = ("pickupexten", "pickupsound", "pickupfailsound")
_NOT_USED = (
    *("featuredigittimeout", "courtesytone", "recordingfailsound", "transferdigittimeout", "atxfernoanswertimeout"),
    *("atxferloopdelay", "atxfercallbackretries", "atxferdropcall", "xfersound", "xferfailsound", "atxferabort"),
    *("atxfercomplete", "atxferthreeway", "atxferswap", "transferdialattempts", "transferretrysound"),
    *("transferinvalidsound", "transferannouncesound"),
)
_FEATUREMAP = ("blindxfer", "disconnect", "atxfer", "automixmon", "parkcall")


@dataclass(slots=True)
class FeaturesConfig:
    """`pickupexten` is what is dialled to pick up a call of one's own pickup groups; empty: nothing is."""

    pickupexten: str = DEFAULT_PICKUP_EXTEN
    pickupsound: str = ""
    pickupfailsound: str = ""
    featuremap: dict[str, str] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)


def read_features(folder: Path, files: FolderFiles | None = None) -> FeaturesConfig:
    """Read `features.conf` of a folder; `InputError` where Asterisk would refuse it or it is missing."""
    return from_sections(parse_config(folder / FILE_NAME, folder, files))


def from_sections(file: ConfigFile) -> FeaturesConfig:
    """The features of a file that is already read; the last value of an option counts."""
    config = FeaturesConfig(notes=list(file.notes))
    for section in file.visible:
        for setting in section.settings:
            name = setting.name.lower()
            if section.name.lower() == "general":
                _general(config, name, setting)
            elif section.name.lower() == "featuremap":
                _feature(config, name, setting)
    return config


def _general(config: FeaturesConfig, name: str, setting: Setting) -> None:
    if name in _READ:
        setattr(config, name, setting.value)
    elif name not in _NOT_USED:
        _unknown(config, setting, "[general]", (*_READ, *_NOT_USED))


def _feature(config: FeaturesConfig, name: str, setting: Setting) -> None:
    if name in _FEATUREMAP:
        config.featuremap[name] = setting.value
    else:
        _unknown(config, setting, "[featuremap]", _FEATUREMAP)


def _unknown(config: FeaturesConfig, setting: Setting, place: str, known: tuple[str, ...]) -> None:
    text = f"unknown option {setting.name} in {place}{suggestion(setting.name.lower(), known)}"
    note = Note("option", text, setting.where)
    if note not in config.notes:
        config.notes.append(note)
