"""Reading extensions.conf again while the server runs (§3.9 of the behaviour text; pbx/pbx_config.c, main/pbx.c)."""

from __future__ import annotations

from collections.abc import Callable

from harness.config.extensions import read_extensions
from harness.config.values import is_true
from harness.dialplan.plan import Dialplan
from harness.errors import InputError, Note
from harness.pbx.commands.served import Served

KIND = "reload"


class DialplanReload:
    """Puts another dialplan in force without dropping a subscription.

    `parts` add to a fresh dialplan what no file holds and what a reload must not lose, such as the DPMA's hints.
    """

    __slots__ = ("_served", "parts")

    def __init__(self, served: Served) -> None:
        self._served = served
        self.parts: list[Callable[[Dialplan], None]] = []

    def run(self) -> bool:
        """Read and adopt; False, the old dialplan staying, where Asterisk would refuse the file."""
        served, plan = self._served, self._served.plan
        if is_true(plan.general.get("clearglobalvars", "")):
            plan.globals.clear()
        try:
            raw = read_extensions(served.configuration.path)
        except InputError as error:
            served.tell(Note(KIND, f"the dialplan stays as it was: {error}"))
            return False
        fresh = plan.prepared(raw, restricted=True)
        for part in self.parts:
            part(fresh)
        self._adopt(plan, fresh)
        for note in (*raw.notes, *plan.notes):
            served.tell(note)
        return True

    def _adopt(self, plan: Dialplan, fresh: Dialplan) -> None:
        """The hints first: while they are made anew, the old dialplan still says what a hint's text is."""
        hints = self._served.core.hints
        hints.reload(fresh, [context.name for context in fresh.contexts() if context.autohints])
        plan.adopt(fresh)
        hints.extensions = plan
