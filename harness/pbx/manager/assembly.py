"""The manager interface of one server: all its actions and events put together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from harness.config.manager import read_manager
from harness.errors import InputError, Note
from harness.pbx.calls.listing import ChannelListing
from harness.pbx.calls.variables import ChannelVariables
from harness.pbx.commands.module_list import PRESENT, SUBSYSTEMS
from harness.pbx.manager.actions import SESSION_ACTIONS, ActionEntry, table
from harness.pbx.manager.bridge_actions import BridgeActions
from harness.pbx.manager.channel_actions import ChannelActions
from harness.pbx.manager.config_actions import ConfigActions
from harness.pbx.manager.core_actions import CoreActions
from harness.pbx.manager.database_actions import DatabaseActions
from harness.pbx.manager.dialplan_actions import DialplanActions
from harness.pbx.manager.dpma_actions import DpmaActions
from harness.pbx.manager.events import StateEvents
from harness.pbx.manager.message_actions import MessageActions
from harness.pbx.manager.modules import ReloadableModules
from harness.pbx.manager.notify_actions import NotifyActions
from harness.pbx.manager.originate import OriginateAction
from harness.pbx.manager.queue_actions import QueueActions
from harness.pbx.manager.server import Manager
from harness.pbx.manager.sip_actions import SipActions
from harness.pbx.manager.state_actions import StateActions
from harness.pbx.manager.unserved import unserved
from harness.pbx.manager.variable_actions import VariableActions
from harness.pbx.manager.voicemail_actions import VoicemailActions

if TYPE_CHECKING:
    from harness.config.manager import ManagerConfig
    from harness.pbx.server import Server


RELOADABLE = ("pbx_config", "manager", "res_pjsip", "res_pjsip_mwi", "app_queue", "app_voicemail")


class Family(Protocol):
    """Actions that belong together."""

    def entries(self) -> tuple[ActionEntry, ...]:
        """For the table."""


def make_manager(server: Server, config: ManagerConfig) -> Manager:
    """A manager interface, not yet listening."""
    world = server.world
    random = world.random_for(f"{server.name}/manager")
    manager = Manager(
        config, world.clock, lambda kind, text: server.tell(Note(kind, text)), world.epoch, random.getrandbits
    )
    modules = server.commands.modules
    modules.add("manager", lambda: _read_again(manager, server))

    def run(name: str | None) -> bool:
        manager.reloaded()
        return modules.run(name)

    notify = () if server.services.notices is None else ("res_pjsip_notify",)
    reloads = ReloadableModules(PRESENT, (*RELOADABLE, *SUBSYSTEMS, *notify), run, manager.publish)
    calls = server.exchange
    calls.shown_variables = config.channel_variables
    families: list[Family] = [
        StateActions(server.core),
        VariableActions(server.store, server.variables, server.commands, ChannelVariables(calls)),
        DatabaseActions(server.store),
        DialplanActions(server),
        CoreActions(reloads, ChannelListing(calls)),
        VoicemailActions(server.services.voicemail),
        OriginateAction(calls),
        ChannelActions(calls, server.invites.transfers, server.configuration.features),
        BridgeActions(calls),
        SipActions(server),
        MessageActions(server.messages.send),
        ConfigActions(server.configuration.path),
    ]
    if server.configuration.queues is not None:
        families.append(QueueActions(server.services.queues))
    notices = server.services.notices
    if notices is not None:
        families.append(NotifyActions(notices))
    entries = [*SESSION_ACTIONS, *(entry for family in families for entry in family.entries())]
    digium = server.configuration.digium_phone
    if digium is not None:
        entries += DpmaActions(lambda: digium.phones).entries()
    manager.actions = table([*entries, *unserved(entries, calls.live.__contains__)])
    StateEvents(server.core, manager)
    return manager


def _read_again(manager: Manager, server: Server) -> bool:
    """Read manager.conf again; False, all staying as it was, where Asterisk would refuse it."""
    try:
        manager.configure(read_manager(server.configuration.path))
        server.exchange.shown_variables = manager.config.channel_variables
    except InputError as error:
        server.tell(Note("reload", f"the manager's users stay as they were: {error}"))
        return False
    return True
