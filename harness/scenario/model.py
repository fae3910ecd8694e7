"""A scenario as it was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.errors import Location
from harness.scenario.steps.base import Action


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it does, and where and how it is written."""

    verb: str
    acts: bool
    action: Action
    text: str
    where: Location
    lines: tuple[str, ...] = ()
    """The lines of the file that it stands on."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One story.  `row` holds the matrix's values where the file tells several."""

    name: str
    file: str
    config: Path
    steps: tuple[Step, ...]
    where: Location
    why: str = ""
    row: Mapping[str, str] = field(default_factory=dict)
    phones: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Options of some phones: `user_agent`, `model`, `expansion`."""
    only: tuple[str, ...] | None = None
    """The phones that take part; None: all."""
    tags: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    not_real: str = ""
    """Why it is not told in real time; '' where it may be."""
    skip: str = ""
    xfail: str = ""
    strict: bool = False
    sip_as_pjsip: bool = False
    dpma: Mapping[str, Any] = field(default_factory=dict)
    """Options of the shim that are not their defaults (`ShimOptions`)."""
    """Whether devices named SIP/x count as PJSIP/x."""

    @property
    def stem(self) -> str:
        """The file's name without its ending."""
        return Path(self.file).name.partition(".scenario.")[0]

    @property
    def variant(self) -> str:
        """The matrix's values in brackets, '' without a matrix."""
        return f"[{', '.join(f'{name}={value}' for name, value in self.row.items())}]" if self.row else ""

    @property
    def title(self) -> str:
        """The name, with the matrix's values."""
        return f"{self.name} {self.variant}" if self.row else self.name

    @property
    def key(self) -> str:
        """What its world is seeded with: the same in whatever folder the file lies."""
        return f"{self.stem}/{self.name}{self.variant}"
