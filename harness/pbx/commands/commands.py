"""One command in, its output back: all families in one table."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from harness.pbx.commands import (
    call_out,
    channels,
    core,
    database,
    dialplan_change,
    dialplan_show,
    digium,
    hints,
    levels,
    manager_interface,
    nothing_there,
    pjsip,
    pjsip_qualify,
    pjsip_send,
    pjsip_subscriptions,
    presence,
    queues,
    voicemail,
)
from harness.pbx.commands.line import split_line
from harness.pbx.commands.modules import Modules
from harness.pbx.commands.registry import Outcome, Registry, Search, registry_of_asterisk
from harness.pbx.commands.reloading import DialplanReload
from harness.pbx.commands.served import Served

if TYPE_CHECKING:
    from harness.pbx.calls.queues import QueueDesk
    from harness.pbx.calls.voicemail import VoicemailDesk
    from harness.pbx.phone_notices import PhoneNotices


class Commands:
    """The commands of one server.

    `modules` knows what can be reloaded (`modules.add(name, reload)` for more, `modules.run()` for the manager's
    Reload); `dialplan.parts` are called at each reload with the fresh dialplan.
    """

    def __init__(self, served: Served) -> None:
        self._served = served
        self._phones: digium.DigiumPhones | None = None
        self.uptime = core.Uptime(served)
        self.dialplan = DialplanReload(served)
        self.modules = Modules(self.uptime.reloaded)
        self.modules.add("pbx_config", self.dialplan.run)
        self.modules.add_subsystems(served.configuration.path)

    @cached_property
    def _registry(self) -> Registry:
        """Made when the first command comes: a server that plays a scenario seldom gets one."""
        registry, served = registry_of_asterisk(), self._served
        core.register(registry, self.uptime)
        channels.register(registry, served, self.uptime)
        call_out.register(registry, served)
        levels.register(registry)
        manager_interface.register(registry, served)
        nothing_there.register(registry, served)
        self.modules.register(registry)
        presence.register(registry, served.core)
        hints.register(registry, served.core)
        database.register(registry, served.store)
        dialplan_show.register(registry, served)
        dialplan_change.register(registry, served, self.dialplan)
        pjsip.register(registry, served)
        pjsip_qualify.register(registry, served)
        pjsip_subscriptions.register(registry, served)
        if self._phones is not None:
            digium.register(registry, self._phones)
        return registry

    def serve_phones(self, phones: digium.DigiumPhones) -> None:
        """Have the commands of the DPMA."""
        self._phones = phones
        if "_registry" in vars(self):
            digium.register(self._registry, phones)

    def serve_queues(self, desk: QueueDesk) -> None:
        """Have the commands of queues, which are there only where there is a queues.conf."""
        queues.register(self._registry, desk)

    def serve_notices(self, notices: PhoneNotices) -> None:
        """Have the command that sends NOTIFYs to phones, which is there only where there is a pjsip_notify.conf."""
        pjsip_send.register(self._registry, notices)

    def serve_voicemail(self, desk: VoicemailDesk) -> None:
        """Have the commands of voicemail."""
        voicemail.register(self._registry, desk)

    def run(self, command: str) -> tuple[bool, str]:
        """Whether it succeeded, and what it printed (main/cli.c, ast_cli_command_full)."""
        words = split_line(command)
        if not words:
            return False, ""
        found = self._registry.find(words, Search.LONGEST)
        if found is None:
            topic = self._registry.closest(words)
            return False, f"No such command '{command}' (type 'core show help {topic}' for other possible commands)\n"
        if found.run is None:
            return False, core.not_served(found.name)
        text, outcome = found.run(words[found.fixed :])
        if outcome is Outcome.SUCCESS:
            return True, text
        return False, text + (found.usage if outcome is Outcome.USAGE else f"Command '{command}' failed.\n")
