"""Actions about the server itself: CoreStatus, CoreSettings, channels, modules, Reload."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

from harness.config.values import is_true
from harness.core.octets import fold
from harness.dialplan.ere import BadRegex, compile_regex
from harness.dialplan.splitting import arguments
from harness.pbx.manager.actions import ActionEntry
from harness.pbx.manager.packets import Action
from harness.pbx.manager.permissions import BIT
from harness.pbx.manager.variable_actions import FOR_SYSTEM_ONLY

if TYPE_CHECKING:
    from harness.pbx.manager.session import ManagerSession

ASTERISK_VERSION = "22.10.1"
SHOW = ("system", "reporting")
MAX_VARIABLES = 100
NULL = "(null)"
"""What Status says of a variable that is not there."""
HANG_UP = ("system", "call")


class Outcome(NamedTuple):
    """How a reload ended: the number of event Reload, and what action Reload says of it."""

    status: int
    message: str

    @property
    def success(self) -> bool:
        """Whether the module was read again."""
        return self.status == 0


RELOADED = Outcome(0, "Module Reloaded")
NOT_FOUND = Outcome(2, "No such module")
FAILED = Outcome(3, "An unknown error occurred")
NOT_SUPPORTED = Outcome(6, "Module does not support reload")
INCOMPLETE = "Incomplete ModuleLoad action."
_LOADED = {RELOADED: "Module reloaded.", NOT_SUPPORTED: "Module does not support reload action."}
"""What ModuleLoad says where it differs from Reload."""


class Modules(Protocol):
    """What can be read again."""

    def reload(self, name: str | None) -> Outcome:
        """Read the configuration of one module again, or of all; the event Reload is told by who does it."""

    def known(self, name: str) -> bool:
        """Whether there is such a module."""


class Calls(Protocol):
    """What is going on."""

    def channels(self) -> list[list[str]]:
        """The headers of every channel for CoreShowChannel."""

    def statuses(self) -> list[list[str]]:
        """The headers of every channel for Status, its name first."""

    def variables(self, name: str) -> list[tuple[str, str]]:
        """All variables of one channel."""

    def variable(self, name: str, variable: str) -> str | None:
        """One variable or function of a channel; None where there is no such."""

    def names(self) -> list[str]:
        """The names of all channels."""

    def hang_up(self, name: str, cause: int | None) -> bool:
        """End one channel; false where there is none of that name."""

    @property
    def processed(self) -> int:
        """Channels that there have been."""


class CoreActions:
    """The actions bound to one server's modules and calls."""

    def __init__(self, modules: Modules, calls: Calls) -> None:
        self.modules, self.calls = modules, calls

    def entries(self) -> tuple[ActionEntry, ...]:
        """For the table of the manager."""
        return (
            ActionEntry("CoreSettings", SHOW, "Show PBX core settings (version etc).", _core_settings),
            ActionEntry("CoreStatus", SHOW, "Show PBX core status variables.", self.core_status),
            ActionEntry("CoreShowChannels", SHOW, "List currently active channels.", self.channels),
            ActionEntry("Status", (*HANG_UP, "reporting"), "List channel status.", self.status),
            ActionEntry("Hangup", HANG_UP, "Hangup channel.", self.hang_up),
            ActionEntry("LoggerRotate", SHOW, "Reload and rotate the Asterisk logger.", _logger_rotate),
            ActionEntry("ModuleCheck", ("system",), "Check if module is loaded.", self.module_check),
            ActionEntry("ModuleLoad", ("system",), "Module management.", self.module_load),
            ActionEntry("Reload", ("config", "system"), "Send a reload event.", self.reload),
        )

    def core_status(self, session: ManagerSession, action: Action) -> None:
        """CoreStatus; dates and times are UTC."""
        manager = session.manager
        session.respond(
            action,
            "Success",
            *_moment("CoreStartup", manager.started_at()),
            *_moment("CoreReload", manager.reloaded_at()),
            f"CoreCurrentCalls: {len(self.calls.channels())}",
            f"CoreProcessedCalls: {self.calls.processed}",
        )

    def channels(self, session: ManagerSession, action: Action) -> None:
        """CoreShowChannels."""
        items = (["Event: CoreShowChannel", *lines] for lines in self.calls.channels())
        session.listing(action, "Channels will follow", items, "CoreShowChannelsComplete")

    def status(self, session: ManagerSession, action: Action) -> None:
        """Status: one channel, or all."""
        wanted, variables = action.get("Channel"), action.get("Variables")
        if not session.write_permission & BIT["system"] and any(word in variables for word in FOR_SYSTEM_ONLY):
            session.error(action, "Status Access Forbidden: Variables")
            return
        found = [lines for lines in self.calls.statuses() if not wanted or f"Channel: {wanted}" in lines]
        if wanted and not found:
            session.error(action, "No such channel")
            return
        items = (["Event: Status", "Privilege: Call", *lines, *self._asked(lines[0], action)] for lines in found)
        session.listing(action, "Channel status will follow", items, "StatusComplete", f"Items: {len(found)}")

    def _asked(self, head: str, action: Action) -> Iterator[str]:
        """The variables that Status was asked for, or all of them."""
        name = head.removeprefix("Channel: ")
        if is_true(action.get("AllVariables")):
            yield from (f"Variable: {variable}={value}" for variable, value in self.calls.variables(name))
        asked = action.get("Variables")
        for variable in arguments(asked, MAX_VARIABLES) if asked else ():
            value = self.calls.variable(name, variable)
            yield f"Variable: {variable}={NULL if value is None else value}"

    def hang_up(self, session: ManagerSession, action: Action) -> None:
        """Hangup of one channel by its name, or of all that fit `/regular expression/`."""
        name, cause = action.get("Channel"), _cause(action.get("Cause"))
        if not name:
            session.error(action, "No channel specified")
        elif name.startswith("/"):
            self._hang_up_many(session, action, name, cause)
        elif self.calls.hang_up(name, cause):
            session.ack(action, "Channel Hungup")
        else:
            session.error(action, "No such channel")

    def _hang_up_many(self, session: ManagerSession, action: Action, text: str, cause: int | None) -> None:
        if len(text) < 2 or not text.endswith("/"):
            session.error(action, "Regex format invalid, Channel param should be /regex/")
            return
        try:
            regex = compile_regex(text[1:-1])
        except BadRegex:
            session.error(action, f"Regex compile failed on: {text}")
            return
        found = [name for name in self.calls.names() if regex.search(name)]
        session.respond(action, "Success", "EventList: start", "Message: Channels hung up will follow")
        for name in found:
            self.calls.hang_up(name, cause)
            session.send(["Event: ChannelHungup", f"Channel: {name}", *action.identity])
        session.complete(action, "ChannelsHungupListComplete", len(found))

    def module_check(self, session: ManagerSession, action: Action) -> None:
        """ModuleCheck."""
        if self.modules.known(action.get("Module")):
            session.respond(action, "Success", "Version: ")
        else:
            session.error(action, "Module not loaded")

    def module_load(self, session: ManagerSession, action: Action) -> None:
        """ModuleLoad: everything is loaded and stays so, but may be read again; a name ends in `.so`.

        Without `LoadType` one error follows the other, as Asterisk forgets to stop at the first.
        """
        name, kind = action.get("Module"), fold(action.get("LoadType"))
        if not kind:
            session.error(action, INCOMPLETE)
        if not name and kind != "reload":
            session.error(action, "Need module name")
        if name and not (name.endswith(".so") and self.modules.known(name)):
            session.error(action, "Module not found.")
        elif kind in ("load", "unload", "refresh"):
            session.error(action, f"Could not {kind} module.")
        elif kind != "reload":
            session.error(action, INCOMPLETE)
        elif not name:
            self.modules.reload(None)
            session.ack(action, "All modules reloaded")
        else:
            outcome = self.modules.reload(name)
            said = _LOADED.get(outcome, outcome.message)
            (session.ack if outcome.success else session.error)(action, said)

    def reload(self, session: ManagerSession, action: Action) -> None:
        """Reload one module, or all."""
        outcome = self.modules.reload(action.get("Module") or None)
        (session.ack if outcome.success else session.error)(action, outcome.message)


def _core_settings(session: ManagerSession, action: Action) -> None:
    session.respond(
        action,
        "Success",
        f"AMIversion: {session.manager.version}",
        f"AsteriskVersion: {ASTERISK_VERSION}",
        "SystemName: ",
        "CoreMaxCalls: 0",
        "CoreMaxLoadAvg: 0.000000",
        "CoreRunUser: ",
        "CoreRunGroup: ",
        "CoreMaxFilehandles: 0",
        "CoreRealTimeEnabled: No",
        "CoreCDRenabled: Yes",
        "CoreHTTPenabled: No",
        "SoundsSearchCustomDir: No",
    )


def _logger_rotate(session: ManagerSession, action: Action) -> None:
    """LoggerRotate: there is no log file, so nothing is left undone."""
    session.ack(action, "Reloaded the logger and rotated log files")


def _cause(text: str) -> int | None:
    """A hangup cause from 1 to 127; anything else sets none."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
    return number if 0 < number < 128 else None


def _moment(what: str, seconds: float) -> tuple[str, str]:
    shown = datetime.fromtimestamp(seconds, UTC)
    return f"{what}Date: {shown:%Y-%m-%d}", f"{what}Time: {shown:%H:%M:%S}"
