"""Getvar, Setvar and Command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from harness.core.octets import fold
from harness.pbx.manager.actions import ActionEntry
from harness.pbx.manager.packets import Action
from harness.pbx.manager.permissions import BIT
from harness.pbx.manager.safely import Database, safely
from harness.pbx.manager.state_actions import QUERY

if TYPE_CHECKING:
    from harness.pbx.manager.session import ManagerSession

BLACKLIST = (("module", "load"), ("module", "unload"), ("restart", "gracefully"))
FOR_SYSTEM_ONLY = ("SHELL", "EVAL")
"""Texts in a name that only who may write `system` may ask for."""


class Variables(Protocol):
    """What Setvar and Getvar need of the dialplan."""

    def get_variable(self, name: str) -> str:
        """A global variable or the result of a function; '' where there is none."""

    def set_variable(self, name: str, value: str) -> bool:
        """Write a global or a function; false where the function refused."""


class ChannelVariables(Protocol):
    """The same of one channel; None where there is no channel of that name."""

    def get(self, channel: str, name: str) -> str | None:
        """See `Variables.get_variable`."""

    def set(self, channel: str, name: str, value: str) -> bool | None:
        """See `Variables.set_variable`."""


class CommandLine(Protocol):
    """What Command needs: the output of a command and whether it succeeded."""

    def run(self, command: str) -> tuple[bool, str]:
        """The output ends with a line end where the command printed one."""


class VariableActions:
    """The actions bound to one server's dialplan and command line; both may write to the store."""

    def __init__(
        self, store: Database, variables: Variables, commands: CommandLine, channels: ChannelVariables
    ) -> None:
        self.store, self.variables, self.commands, self.channels = store, variables, commands, channels

    def entries(self) -> tuple[ActionEntry, ...]:
        """For the table of the manager."""
        return (
            ActionEntry("Getvar", QUERY, "Gets a channel variable or function value.", self.getvar),
            ActionEntry("Setvar", ("call",), "Sets a channel variable or function value.", self.setvar),
            ActionEntry("Command", ("command",), "Execute Asterisk CLI Command.", self.command),
        )

    def getvar(self, session: ManagerSession, action: Action) -> bool:
        """Getvar: a success whether there is such a variable or not."""
        name = action.get("Variable")
        if not name:
            session.error(action, "No variable specified")
        elif not session.write_permission & BIT["system"] and any(word in name for word in FOR_SYSTEM_ONLY):
            session.error(action, "GetVar Access Forbidden: Variable")
        else:
            channel = action.get("Channel")
            value = self.channels.get(channel, name) if channel else self.variables.get_variable(name)
            if value is None:
                session.error(action, "No such channel")
                return False
            lines = (f"Variable: {name}", f"Value: {value}")
            return safely(self.store, session, lambda: session.respond(action, "Success", *lines))
        return False

    def setvar(self, session: ManagerSession, action: Action) -> bool:
        """Setvar; answered once the write is safe."""
        name, channel, value = action.get("Variable"), action.get("Channel"), action.get("Value")
        if not name:
            session.error(action, "No variable specified")
            return False
        done = self.channels.set(channel, name, value) if channel else self.variables.set_variable(name, value)
        if done:
            return safely(self.store, session, lambda: session.ack(action, "Variable Set"))
        session.error(action, "No such channel" if done is None else "Variable not set")
        return False

    def command(self, session: ManagerSession, action: Action) -> bool:
        """Command: the output line by line, without the end of the last line."""
        text = action.get("Command")
        words = tuple(fold(text).split())
        if not text:
            session.error(action, "No command provided")
            return False
        if any(words[: len(bad)] == bad for bad in BLACKLIST):
            session.error(action, "Command blacklisted")
            return False
        success, output = self.commands.run(text)
        lines = [f"Output: {line}" for line in output.removesuffix("\n").split("\n")]
        kind = "Success" if success else "Error"
        head = "Message: Command output follows"
        return safely(self.store, session, lambda: session.respond(action, kind, head, *lines))
