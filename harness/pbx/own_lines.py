"""Lines of the dialplan that no extensions.conf holds: those of wizards, and those of phones that are there.

`pjsip_wizard.conf` adds hints (`has_hint`, res_pjsip_config_wizard.c); the global option `regcontext` names a context
in which every reachable endpoint has an extension (pjsip_configuration.c).  What extensions.conf says of the same
extension stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from harness.core.hint import HintEntry
from harness.dialplan.contexts import HINT, Priority

if TYPE_CHECKING:
    from harness.config.pjsip import PjsipConfig
    from harness.config.pjsip_wizard import WizardHint
    from harness.core import PresenceCore
    from harness.dialplan.plan import Dialplan

WIZARD = "res_pjsip_config_wizard"
PJSIP = "PJSIP"


def wizard_lines(hints: Iterable[WizardHint]) -> list[Priority]:
    """The hint of each wizard, and what its extension does where the wizard says so."""
    lines = []
    for hint in hints:
        lines.append(Priority(hint.context, hint.exten, HINT, f"PJSIP/{hint.endpoint}", registrar=WIZARD))
        app, opened, rest = hint.application.partition("(")
        if app and (rest[:-1] or not opened):
            lines.append(Priority(hint.context, hint.exten, 1, app, rest[:-1], registrar=WIZARD))
    return lines


def registered_line(context: str, endpoint: str) -> Priority:
    """The extension of an endpoint that is reachable."""
    return Priority(context, endpoint, 1, "Noop", endpoint, registrar=PJSIP)


def put(plan: Dialplan, line: Priority) -> bool:
    """Add a line unless its place is taken; the context is made where there is none."""
    context = plan.context(line.context)
    if context is None:
        context = plan.obtain(line.context)
        context.registrar = line.registrar
    extension = context.extension(line.exten)
    if extension is not None and line.number in extension.priorities:
        return False
    return plan.add_priority(line) is not None


class OwnLines:
    """Puts them into a dialplan, and into the one in force when they come and go."""

    def __init__(self, pjsip: PjsipConfig, plan: Dialplan, core: PresenceCore) -> None:
        self._pjsip, self._plan, self._core = pjsip, plan, core
        self._reachable: list[str] = []
        self._wizard: list[Priority] = []

    def put_all(self, plan: Dialplan) -> None:
        """Add them to a dialplan that was just read."""
        self._wizard = wizard_lines(self._pjsip.wizard_hints)
        for line in self._wizard:
            put(plan, line)
        context = self._pjsip.globals.value("regcontext")
        if context and plan.context(context) is None:
            plan.obtain(context).registrar = PJSIP
        for endpoint in self._reachable if context else ():
            if not plan.exists(context, endpoint):
                put(plan, registered_line(context, endpoint))

    def reread(self) -> None:
        """The wizards may be others now: hints that none has any more go, new ones come, and watchers are told."""
        before, self._wizard = self._wizard, wizard_lines(self._pjsip.wizard_hints)
        for line in before:
            if line not in self._wizard:
                self._take_out(line)
        for line in self._wizard:
            if put(self._plan, line) and line.number == HINT:
                self._core.hints.added(HintEntry(line.context, line.exten, line.app, line.args))

    def _take_out(self, line: Priority) -> None:
        context = self._plan.context(line.context)
        extension = context.extension(line.exten) if context is not None else None
        held = extension.priorities.get(line.number) if extension is not None else None
        if held is None or held.registrar != WIZARD:
            return
        self._plan.remove_extension(line.context, line.exten, line.number)
        if line.number == HINT:
            self._core.hints.removed(line.context, line.exten)

    def reachable(self, endpoint: str, online: bool) -> None:
        """An endpoint came or went."""
        if online:
            self._reachable.append(endpoint)
        elif endpoint in self._reachable:
            self._reachable.remove(endpoint)
        context = self._pjsip.globals.value("regcontext")
        if not context:
            return
        if not online:
            self._plan.remove_extension(context, endpoint, 1)
        elif not self._plan.exists(context, endpoint):
            put(self._plan, registered_line(context, endpoint))
