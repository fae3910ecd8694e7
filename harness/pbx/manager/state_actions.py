"""Actions on presence, extension and device states, on variables, on the database and the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from harness.core.states import extension_text
from harness.pbx.manager.actions import ActionEntry
from harness.pbx.manager.packets import Action, packet

if TYPE_CHECKING:
    from harness.core import PresenceCore
    from harness.pbx.manager.session import ManagerSession

QUERY = ("call", "reporting")
HINT_BYTES = 255
FUNCTION_BYTES = 1023
BLACKLIST = (("module", "load"), ("module", "unload"), ("restart", "gracefully"))


class Variables(Protocol):
    """What Setvar and Getvar need of the dialplan."""

    def get_variable(self, name: str) -> str:
        """A global variable or the result of a function; '' where there is none."""

    def set_variable(self, name: str, value: str) -> bool:
        """Write a global or a function; false where the function refused."""


class CommandLine(Protocol):
    """What Command needs: the output of a command and whether it succeeded."""

    def run(self, command: str) -> tuple[bool, str]:
        """The output ends with a line end where the command printed one."""


class Database(Protocol):
    """The store, and the moment when what was written is safe."""

    def get(self, family: str, key: str) -> str | None: ...

    def put(self, family: str, key: str, value: str) -> None: ...

    def delete(self, family: str, key: str) -> bool: ...

    def tree(self, prefix: str) -> list[tuple[str, str]]: ...

    def delete_tree(self, prefix: str) -> int: ...

    def when_safe(self, call: Callable[[], None]) -> None: ...


def cut(text: str, size: int) -> str:
    """At most `size` bytes of a text."""
    raw = text.encode("utf-8", "surrogateescape")
    return text if len(raw) <= size else raw[:size].decode("utf-8", "surrogateescape")


class StateActions:
    """The actions bound to one server's state."""

    def __init__(self, core: PresenceCore, store: Database, variables: Variables, commands: CommandLine) -> None:
        self.core, self.store, self.variables, self.commands = core, store, variables, commands

    def entries(self) -> tuple[ActionEntry, ...]:
        """For the table of the manager."""
        return (
            ActionEntry("PresenceState", QUERY, "Check Presence State", self.presence_state),
            ActionEntry("PresenceStateList", QUERY, "List the current known presence states.", self.presence_list),
            ActionEntry("ExtensionState", QUERY, "Check Extension Status.", self.extension_state),
            ActionEntry("ExtensionStateList", QUERY, "List the current known extension states.", self.extension_list),
            ActionEntry("DeviceStateList", QUERY, "List the current known device states.", self.device_list),
            ActionEntry("Getvar", QUERY, "Gets a channel variable or function value.", self.getvar),
            ActionEntry(
                "Setvar", ("call",), "Sets a channel variable or function value.", self.setvar
            ),
            ActionEntry("Command", ("command",), "Execute Asterisk CLI Command.", self.command),
            ActionEntry("DBGet", ("system", "reporting"), "Get DB Entry.", self.db_get),
            ActionEntry(
                "DBGetTree",
                ("system", "reporting"),
                "Get DB entries, optionally at a particular family/key",
                self.db_get_tree,
            ),
            ActionEntry("DBPut", ("system",), "Put DB entry.", self.db_put),
            ActionEntry("DBDel", ("system",), "Delete DB entry.", self.db_del),
            ActionEntry("DBDelTree", ("system",), "Delete DB Tree.", self.db_del_tree),
        )

    # presence, extensions, devices

    def presence_state(self, session: ManagerSession, action: Action) -> None:
        """PresenceState (manager.c:5512)."""
        provider = action.get("Provider")
        if not provider:
            session.error(action, "No provider specified")
            return
        presence = self.core.presence.query(provider)
        if presence is None:
            session.error(action, f"Invalid provider {provider} or provider in invalid state")
            return
        lines = ["Message: Presence State", f"State: {presence.state.token}"]
        if presence.subtype:
            lines.append(f"Subtype: {presence.subtype}")
        if presence.message:
            lines += [f"Message: {presence.message}", f"PresenceMessage: {presence.message}"]
        session.respond(action, "Success", *lines)

    def presence_list(self, session: ManagerSession, action: Action) -> None:
        """PresenceStateList (res_manager_presencestate.c)."""
        items = [
            [
                "Event: PresenceStateChange",
                f"Presentity: {provider}",
                f"Status: {presence.state.token}",
                f"Subtype: {c_escape(presence.subtype)}",
                f"Message: {c_escape(presence.message)}",
            ]
            for provider, presence in self.core.presence.cached()
        ]
        session.listing(action, "Presence State Changes will follow", items, "PresenceStateListComplete")

    def extension_state(self, session: ManagerSession, action: Action) -> None:
        """ExtensionState (manager.c:5482)."""
        exten, context = action.get("Exten"), action.get("Context") or "default"
        if not exten:
            session.error(action, "Extension not specified")
            return
        status = self.core.hints.state(context, exten)
        hint = self.core.hints.find(context, exten)
        session.respond(
            action,
            "Success",
            "Message: Extension Status",
            f"Exten: {exten}",
            f"Context: {context}",
            f"Hint: {cut(hint.text, HINT_BYTES) if hint else ''}",
            f"Status: {status}",
            f"StatusText: {extension_text(status)}",
        )

    def extension_list(self, session: ManagerSession, action: Action) -> None:
        """ExtensionStateList: stored states, no patterns (pbx.c:8388)."""
        items = [
            [
                "Event: ExtensionStatus",
                f"Exten: {hint.exten}",
                f"Context: {hint.context}",
                f"Hint: {hint.text}",
                f"Status: {hint.state}",
                f"StatusText: {extension_text(hint.state)}",
            ]
            for hint in self.core.hints.listing()
            if not hint.exten.startswith("_")
        ]
        session.listing(action, "Extension Statuses will follow", items, "ExtensionStateListComplete")

    def device_list(self, session: ManagerSession, action: Action) -> None:
        """DeviceStateList (res_manager_devicestate.c)."""
        items = [
            ["Event: DeviceStateChange", f"Device: {device}", f"State: {state.token}"]
            for device, state in self.core.devices.cached()
        ]
        session.listing(action, "Device State Changes will follow", items, "DeviceStateListComplete")

    # variables and commands

    def getvar(self, session: ManagerSession, action: Action) -> None:
        """Getvar: always a success."""
        name = action.get("Variable")
        if not name:
            session.error(action, "No variable specified")
        elif action.get("Channel"):
            session.error(action, "No such channel")
        else:
            value = cut(self.variables.get_variable(name), FUNCTION_BYTES)
            session.respond(action, "Success", f"Variable: {name}", f"Value: {value}")

    def setvar(self, session: ManagerSession, action: Action) -> bool:
        """Setvar; answered once the write is safe."""
        name = action.get("Variable")
        if not name:
            session.error(action, "No variable specified")
            return False
        if action.get("Channel"):
            session.error(action, "No such channel")
            return False
        if not self.variables.set_variable(name, action.get("Value")):
            session.error(action, "Variable not set")
            return False
        return self._safely(session, lambda: session.ack(action, "Variable Set"))

    def _safely(self, session: ManagerSession, answer: Callable[[], None]) -> bool:
        at_once = True
        answered = False

        def safe() -> None:
            nonlocal answered
            answered = True
            answer()
            if not at_once:
                session.later()()

        self.store.when_safe(safe)
        at_once = False
        return not answered

    def command(self, session: ManagerSession, action: Action) -> bool:
        """Command (manager.c:4297)."""
        text = action.get("Command")
        words = tuple(text.lower().split())
        if not text:
            session.error(action, "No command provided")
            return False
        if any(words[: len(bad)] == bad for bad in BLACKLIST):
            session.error(action, "Command blacklisted")
            return False
        success, output = self.commands.run(text)
        lines = output.removesuffix("\n").split("\n")
        return self._safely(
            session,
            lambda: session.respond(
                action,
                "Success" if success else "Error",
                "Message: Command output follows",
                *(f"Output: {line}" for line in lines),
            ),
        )

    # the database

    def db_get(self, session: ManagerSession, action: Action) -> None:
        """DBGet; its item carries the ActionID last (main/db.c)."""
        family, key = action.get("Family"), action.get("Key")
        if not self._named(session, action, family, key, stop="."):
            return
        value = self.store.get(family, key)
        if value is None:
            session.error(action, "Database entry not found")
            return
        self._tree_list(session, action, "DBGet", [[f"Family: {family}", f"Key: {key}", f"Val: {value}"]])

    def db_get_tree(self, session: ManagerSession, action: Action) -> None:
        """DBGetTree; none is a success."""
        family, key = action.get("Family"), action.get("Key")
        rows = self.store.tree("/".join(part for part in (family, key) if part))
        self._tree_list(session, action, "DBGetTree", [[f"Key: {k}", f"Val: {v}"] for k, v in rows])

    def _tree_list(self, session: ManagerSession, action: Action, name: str, items: list[list[str]]) -> None:
        identity = [f"ActionID: {action_id}"] if (action_id := action.get("ActionID")) else []
        session.respond(action, "Success", "EventList: start", "Message: Result will follow")
        for item in items:
            session.raw(packet([f"Event: {name}Response", *item, *identity]))
        end = [f"Event: {name}Complete", *identity, "EventList: Complete", f"ListItems: {len(items)}"]
        session.raw(packet(end))

    def db_put(self, session: ManagerSession, action: Action) -> bool:
        """DBPut; nobody is told of the change."""
        family, key = action.get("Family"), action.get("Key")
        if not self._named(session, action, family, key, stop=""):
            return False
        self.store.put(family, key, action.get("Val"))
        return self._safely(session, lambda: session.ack(action, "Updated database successfully"))

    def db_del(self, session: ManagerSession, action: Action) -> bool:
        """DBDel."""
        family, key = action.get("Family"), action.get("Key")
        if not self._named(session, action, family, key, stop="."):
            return False
        if not self.store.delete(family, key):
            session.error(action, "Database entry could not be deleted")
            return False
        return self._safely(session, lambda: session.ack(action, "Key deleted successfully"))

    def db_del_tree(self, session: ManagerSession, action: Action) -> bool:
        """DBDelTree."""
        family, key = action.get("Family"), action.get("Key")
        if not family:
            session.error(action, "No family specified.")
            return False
        if not self.store.delete_tree("/".join(part for part in (family, key) if part)):
            session.error(action, "Database entry not found")
            return False
        return self._safely(session, lambda: session.ack(action, "Key tree deleted successfully"))

    @staticmethod
    def _named(session: ManagerSession, action: Action, family: str, key: str, stop: str) -> bool:
        if not family:
            session.error(action, f"No family specified{stop}")
        elif not key:
            session.error(action, f"No key specified{stop}")
        return bool(family and key)


_ESCAPES = str.maketrans(
    {
        "\a": "\\a",
        "\b": "\\b",
        "\f": "\\f",
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
        "\v": "\\v",
        "\\": "\\\\",
        "'": "\\'",
        '"': '\\"',
        "?": "\\?",
    }
)


def c_escape(text: str) -> str:
    """How PresenceStateChange writes subtype and message (ast_escape_c_alloc)."""
    return text.translate(_ESCAPES)
