"""What is made of a server's calls beyond joining them: queues."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from harness.config.queues import read_queues
from harness.dialplan.functions import Functions
from harness.errors import InputError, Note
from harness.pbx.calls.channel_applications import ChannelApplications
from harness.pbx.calls.pickup import Pickup
from harness.pbx.calls.queue_applications import QueueApplications
from harness.pbx.calls.queues import QueueDesk

if TYPE_CHECKING:
    from harness.dialplan.function import Function
    from harness.pbx.server import Server


class Told(Protocol):
    """What was read of a file, with what is to be told of it."""

    notes: list[Note]


Read = TypeVar("Read", bound=Told)


class Services:
    """The services of one server."""

    def __init__(self, server: Server, random: Any) -> None:
        self._server = server
        self.exchange, self.configuration = server.exchange, server.configuration
        self.pickup = Pickup(server.exchange)
        server.exchange.serve(self.pickup.applications())
        server.exchange.serve(ChannelApplications(server.exchange).applications())
        self._functions: dict[str, Function] = {}
        self.queues = QueueDesk(server.exchange, random.randrange)
        if self.configuration.queues is not None:
            self._serve_queues()
        else:
            del server.exchange.applications["queue"]  # without queues.conf the module of Asterisk does not load

    def start(self) -> None:
        """Take the configuration in force: the hints are there, and the dialplan has its functions."""
        invites, features = self._server.invites, self.configuration.features
        invites.pick_up = self.pickup.by_extension
        if features is not None:
            invites.pickup_exten = features.pickupexten
        known = self._server.plan.functions
        if isinstance(known, Functions):
            for name, function in self._functions.items():
                known.register(name, function)
        if self.configuration.queues is not None:
            self.queues.load(self.configuration.queues)

    def _serve_queues(self) -> None:
        desk, commands = self.queues, self._server.commands
        desk.read = lambda: self._read_again(read_queues, "the queues")
        commands.modules.add("app_queue", desk.reload)
        commands.serve_queues(desk)
        extra = QueueApplications(desk)
        self.exchange.serve(extra.applications())
        self._functions |= extra.functions()

    def _read_again(self, read: Callable[[Path], Read], what: str) -> Read | None:
        """A file of the configuration; None, all staying as it was, where Asterisk would refuse it."""
        try:
            fresh = read(self.configuration.path)
        except InputError as error:
            self._server.tell(Note("reload", f"{what} stay as they were: {error}"))
            return None
        for note in fresh.notes:
            self._server.tell(note)
        return fresh
