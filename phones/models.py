"""The phones as data: lines, keys, firmware family, and the User-Agent they send.

Digium's figures are those of FreePBX's key generator; the line counts of Sangoma's P-series come from one
third-party table and are marked `low`. What no source tells is None.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Trust = Literal["documented", "low"]

DIGIUM_1X, DIGIUM_2X, SANGOMA_P = "digium-1x", "digium-2x", "sangoma-p"

DIGIUM, SANGOMA = "Digium", "Sangoma"


class Model(NamedTuple):
    """One model. `lines` None on the D80 means without limit; elsewhere None means not known."""

    name: str
    brand: str
    lines: int | None
    side_keys: int | None       # keys beside the main screen
    main_pages: int | None      # further pages of keys on the main screen
    side_pages: int | None      # pages of the side keys
    blf_limit: int | None       # most contacts with a lamp, where one is told
    version: str                # firmware in its User-Agent form
    trust: Trust                # of the figures for lines and keys
    version_trust: Trust        # whether that version was seen in a User-Agent of this model

    @property
    def family(self) -> str:
        """The firmware family of the model with its own version."""
        return family_of(self.brand, self.version)

    def user_agent(self, version: str = "", mac: str = "") -> str:
        """The User-Agent; P-series phones append the MAC where `send_mac_with_useragent` is set."""
        return " ".join(filter(None, (self.brand, self.name, version or self.version, mac)))


def _digium(
    name: str, lines: int | None, side_keys: int, version: str, *,
    main_pages: int = 0, side_pages: int = 0, blf_limit: int | None = None, seen: bool = False,
) -> Model:
    return Model(
        name, DIGIUM, lines, side_keys, main_pages, side_pages, blf_limit, version,
        "documented", "documented" if seen else "low")


def _sangoma(name: str, lines: int | None, version: str = "4_9_2", *, seen: bool = False) -> Model:
    return Model(
        name, SANGOMA, lines, None, None, None, None, version, "low", "documented" if seen else "low")


MODELS: dict[str, Model] = {model.name: model for model in (
    _digium("D40", 2, 0, "1_4_0_0_57389", seen=True),
    _digium("D45", 2, 0, "1_4_0_0_57389"),
    _digium("D50", 4, 10, "1_4_0_0_57389", side_pages=1),
    _digium("D60", 2, 0, "2_7_0", seen=True),
    _digium("D62", 2, 0, "2_7_0"),
    # the generator gives the D65 ten side keys on no page, so none
    _digium("D65", 6, 0, "2_9_19", main_pages=20, seen=True),
    _digium("D70", 6, 10, "1_4_0_0_57389", side_pages=10),
    _digium("D80", None, 0, "2_9_19", blf_limit=100),
    _sangoma("P310", 2),
    _sangoma("P315", 4),
    _sangoma("P320", 8),
    _sangoma("P325", 8, seen=True),
    _sangoma("P330", 12, "4_27_8", seen=True),
    _sangoma("P370", 16),
)}
"""All models by name."""


class UserAgent(NamedTuple):
    """A User-Agent taken apart; `model` is None for a model that is not in `MODELS`."""

    brand: str
    model_name: str
    version: str
    mac: str
    model: Model | None

    @property
    def family(self) -> str:
        """The firmware family that its brand and version tell."""
        return family_of(self.brand, self.version)


_USER_AGENT = re.compile(
    r"(?P<brand>Digium|Sangoma) (?P<model>[A-Za-z]+[0-9]+[A-Za-z]*) (?P<version>[0-9]+(?:_[0-9]+)*)"
    r"(?: (?P<mac>[0-9A-Fa-f]{12}))?")


def family_of(brand: str, version: str) -> str:
    """The family: Digium's firmware 1 and 2 are two, Sangoma's P-series is one."""
    if brand == SANGOMA:
        return SANGOMA_P
    return DIGIUM_1X if version.partition("_")[0] == "1" else DIGIUM_2X


def parse_user_agent(text: str) -> UserAgent | None:
    """Take `<brand> <model> <version with underscores>[ MAC]` apart; None for any other User-Agent."""
    match = _USER_AGENT.fullmatch(text)
    if match is None:
        return None
    model = MODELS.get(match["model"])
    if model is not None and model.brand != match["brand"]:
        model = None
    return UserAgent(match["brand"], match["model"], match["version"], match["mac"] or "", model)
