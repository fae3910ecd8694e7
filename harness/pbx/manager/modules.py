"""Action Reload on what can be read again, and its event."""

from __future__ import annotations

from collections.abc import Callable, Collection

from harness.core.octets import fold
from harness.pbx.commands.modules import ALL
from harness.pbx.manager.core_actions import FAILED, NOT_FOUND, NOT_SUPPORTED, RELOADED, Outcome

Publish = Callable[[str, str, list[tuple[str, object]]], None]
Run = Callable[["str | None"], bool]


class ReloadableModules:
    """The modules by the names that Asterisk has for them.

    `present` are all, `reloadable` those that `run(name)` reads again; `run(None)` does so with all of them.
    """

    def __init__(self, present: Collection[str], reloadable: Collection[str], run: Run, publish: Publish) -> None:
        self._present, self._reloadable = present, reloadable
        self._run, self._publish = run, publish

    def known(self, name: str) -> bool:
        """See `core_actions.Modules`."""
        bare = _bare(name)
        return bare in self._present or bare in self._reloadable

    def reload(self, name: str | None) -> Outcome:
        """See `core_actions.Modules`; event Reload comes in any case."""
        outcome = self._outcome(name)
        self._publish("system", "Reload", [("Module", name or ALL), ("Status", outcome.status)])
        return outcome

    def _outcome(self, name: str | None) -> Outcome:
        if name is None:
            self._run(None)
            return RELOADED
        bare = _bare(name)
        if bare in self._reloadable:
            return RELOADED if self._run(bare) else FAILED
        return NOT_SUPPORTED if bare in self._present else NOT_FOUND


def _bare(name: str) -> str:
    return fold(name).removesuffix(".so")
