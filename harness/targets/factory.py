"""Makes the target of a scenario; a function of a module, so that it travels to other processes."""

from __future__ import annotations

from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from harness.config.folder import Configuration, read_folder
from harness.dpma import ShimOptions
from harness.errors import InputError, TargetError
from harness.scenario.known import KnownPhones, known_phones
from harness.targets.embedded import EmbeddedTarget

if TYPE_CHECKING:
    from harness.net.world import World
    from harness.scenario.model import Scenario
    from harness.scenario.run import TargetFactory

COMING = ("asterisk", "remote")
"""Targets of the command line that are not there yet."""
MAX_REMEMBERED = 256
"""Configuration folders that are kept in memory; scenarios share them."""


def factory_for(target: str, sip_as_pjsip: bool = False) -> TargetFactory:
    """What makes the targets that `--target` names.

    Raises InputError for one that is not known, TargetError for one that is not there yet.
    `sip_as_pjsip`: devices named SIP/x count as PJSIP/x in all scenarios, not only in those that say so.
    """
    kind = target.partition(":")[0]
    if kind == "embedded" and target == kind:
        return partial(make_embedded, sip_as_pjsip=True) if sip_as_pjsip else make_embedded
    if kind in COMING:
        raise TargetError(f"the target {kind} comes later\n  run on the embedded server: --target embedded")
    raise InputError(f"no target is named {target!r}", None, "there are embedded, asterisk[:COMMAND] and remote")


@lru_cache(maxsize=MAX_REMEMBERED)
def _folder(path: Path) -> Configuration:
    return read_folder(path)


def phones_of(path: Path) -> KnownPhones:
    """The phones of a folder; raises InputError where it cannot be read."""
    return known_phones(_folder(path))


def make_embedded(scenario: Scenario, world: World, sip_as_pjsip: bool = False) -> EmbeddedTarget:
    """The embedded server on the scenario's configuration; raises InputError where that cannot be read."""
    as_pjsip = sip_as_pjsip or scenario.sip_as_pjsip
    options = ShimOptions(**scenario.dpma) if scenario.dpma else None
    return EmbeddedTarget(
        _folder(scenario.config), world, scenario.phones, scenario.only, options, as_pjsip
    )
