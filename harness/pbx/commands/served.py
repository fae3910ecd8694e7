"""What the commands need of the server that they command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.config.folder import Configuration
    from harness.config.pjsip import PjsipConfig
    from harness.core import PresenceCore
    from harness.core.store import MemoryStore
    from harness.dialplan.plan import Dialplan
    from harness.errors import Note
    from harness.net.world import World
    from harness.pbx.calls.exchange import Exchange
    from harness.pbx.commands.commands import Commands
    from harness.pbx.manager.server import Manager
    from harness.pbx.qualify import Qualifying
    from harness.pbx.registrar import Registrar
    from harness.pbx.subscriptions import Subscriptions


class Served(Protocol):
    """The server; a part of it is asked for only when a command runs, so it may be made later than these."""

    @property
    def configuration(self) -> Configuration:
        """What was read; its folder is read again at a reload."""

    @property
    def plan(self) -> Dialplan:
        """The dialplan in force."""

    @property
    def core(self) -> PresenceCore:
        """Presence, devices and hints."""

    @property
    def store(self) -> MemoryStore:
        """AstDB."""

    @property
    def pjsip(self) -> PjsipConfig:
        """Endpoints, AORs and the like."""

    @property
    def registrar(self) -> Registrar:
        """Who is registered."""

    @property
    def qualifying(self) -> Qualifying:
        """Who is asked whether they answer."""

    @property
    def exchange(self) -> Exchange:
        """Channels and bridges."""

    @property
    def subscriptions(self) -> Subscriptions:
        """Who watches."""

    @property
    def world(self) -> World:
        """Time."""

    @property
    def commands(self) -> Commands:
        """These themselves."""

    @property
    def managers(self) -> list[Manager]:
        """Its manager interfaces; none where there is no manager.conf."""

    @property
    def address(self) -> tuple[str, int]:
        """Where the server takes SIP."""

    @property
    def tell(self) -> Callable[[Note], None]:
        """Takes what a person should know."""
