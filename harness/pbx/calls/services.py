"""What is made of a server's calls beyond joining them: queues, pickup, voicemail and who is told of messages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from harness.config import pjsip_notify
from harness.config.queues import read_queues
from harness.config.voicemail import FILE_NAME as BOXES_FILE
from harness.config.voicemail import VoicemailConfig, read_voicemail
from harness.core.states import DeviceState
from harness.dialplan.functions import Functions
from harness.errors import InputError, Note
from harness.pbx.calls.channel_applications import ChannelApplications
from harness.pbx.calls.kept_members import KeptMembers
from harness.pbx.calls.listening import is_played_to
from harness.pbx.calls.pickup import Pickup
from harness.pbx.calls.queue_applications import QueueApplications
from harness.pbx.calls.queues import QueueDesk
from harness.pbx.calls.spool import Spool
from harness.pbx.calls.voicemail import VoicemailDesk
from harness.pbx.calls.voicemail_applications import VoicemailApplications
from harness.pbx.mailbox_states import MailboxStates
from harness.pbx.mailbox_watchers import MailboxWatchers
from harness.pbx.outside import Outside
from harness.pbx.phone_notices import PhoneNotices

if TYPE_CHECKING:
    from harness.dialplan.channel import Channel
    from harness.dialplan.function import Function
    from harness.pbx.server import Server


class Told(Protocol):
    """What was read of a file, with what is to be told of it."""

    notes: list[Note]


Read = TypeVar("Read", bound=Told)


IDLE_PROVIDERS = {"ccss": DeviceState.NOT_INUSE, "Stasis": DeviceState.UNKNOWN}
"""What is said of devices whose provider is there and has none: call completion, and applications outside."""


class Services:
    """The services of one server."""

    def __init__(self, server: Server, random: Any, spool: Spool | None) -> None:
        self._server = server
        self.exchange, self.configuration = server.exchange, server.configuration
        self.pickup = Pickup(server.exchange)
        server.exchange.serve(self.pickup.applications())
        server.exchange.serve(ChannelApplications(server.exchange).applications())
        self._functions: dict[str, Function] = {}
        for label, state in IDLE_PROVIDERS.items():
            server.core.devices.register_provider(label, lambda _name, state=state: state)  # type: ignore[misc]
        self.queues = QueueDesk(server.exchange, random.randrange)
        if self.configuration.queues is not None:
            self._serve_queues()
        else:
            del server.exchange.applications["queue"]  # without queues.conf the module of Asterisk does not load
        server.exchange.surroundings.sounds = self._sounds
        states = MailboxStates(server.core.devices, lambda *told: server.exchange.publish(*told))
        self.voicemail = VoicemailDesk(
            server.exchange, spool or Spool(), states, lambda text: server.tell(Note("voicemail", text))
        )
        self._serve_voicemail()
        invites = server.invites
        outside = Outside(server.stack, lambda: server.agent, invites.road, invites.account)
        self.watchers = MailboxWatchers(
            states, lambda: server.pjsip, server.registrar, outside, server.exchange.soon
        )
        server.subscriptions.watch_mailboxes(self.watchers)
        server.registrar.on_bound = self.watchers.contact_bound
        server.commands.modules.add("res_pjsip_mwi", self.watchers.recreate)
        self.notices: PhoneNotices | None = None
        if (self.configuration.path / pjsip_notify.FILE_NAME).is_file():
            self._serve_notices(outside)

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
            if self.configuration.queues.persistentmembers:
                self.kept.restore(self.queues.members)
        self.voicemail.load(self.configuration.voicemail or VoicemailConfig())
        self.watchers.recreate()

    def _sounds(self, channel: Channel) -> bool:
        live = self.exchange.of(channel)
        return live is not None and is_played_to(live)

    def _serve_queues(self) -> None:
        desk, commands = self.queues, self._server.commands
        desk.read = lambda: self._read_again(read_queues, "the queues")
        self.kept = KeptMembers(self._server.store)
        desk.members.keep = self.kept.keep
        commands.modules.add("app_queue", desk.reload)
        commands.serve_queues(desk)
        extra = QueueApplications(desk)
        self.exchange.serve(extra.applications())
        self._functions |= extra.functions()

    def _serve_voicemail(self) -> None:
        desk, commands = self.voicemail, self._server.commands
        desk.read = self._read_boxes
        commands.modules.add("app_voicemail", desk.reload)
        commands.serve_voicemail(desk)
        extra = VoicemailApplications(desk)
        self.exchange.serve(extra.applications())
        self._functions |= extra.functions()

    def _serve_notices(self, outside: Outside) -> None:
        server = self._server
        self.notices = PhoneNotices(
            lambda: server.pjsip, server.registrar, outside, server.exchange, self._read_notices
        )
        server.commands.modules.add("res_pjsip_notify", self.notices.reload)
        server.commands.serve_notices(self.notices)

    def _read_notices(self) -> dict[str, pjsip_notify.Headers] | None:
        try:
            return pjsip_notify.read_notify(self.configuration.path)
        except InputError as error:
            self._server.tell(Note("reload", f"what phones are notified of stays as it was: {error}"))
            return None

    def _read_boxes(self) -> VoicemailConfig | None:
        """Voicemail is there also without its file."""
        if not (self.configuration.path / BOXES_FILE).is_file():
            return VoicemailConfig()
        return self._read_again(read_voicemail, "the voicemail boxes")

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
