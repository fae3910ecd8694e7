"""Actions on AstDB (main/db.c); nobody is told of what they change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pbx.manager.actions import ActionEntry
from harness.pbx.manager.packets import Action
from harness.pbx.manager.safely import Database, safely

if TYPE_CHECKING:
    from harness.pbx.manager.session import ManagerSession

READ = ("system", "reporting")
WRITE = ("system",)


class DatabaseActions:
    """The actions bound to one store."""

    def __init__(self, store: Database) -> None:
        self.store = store

    def entries(self) -> tuple[ActionEntry, ...]:
        """For the table of the manager."""
        tree = "Get DB entries, optionally at a particular family/key"
        return (
            ActionEntry("DBGet", READ, "Get DB Entry.", self.get),
            ActionEntry("DBGetTree", READ, tree, self.get_tree),
            ActionEntry("DBPut", WRITE, "Put DB entry.", self.put),
            ActionEntry("DBDel", WRITE, "Delete DB entry.", self.delete),
            ActionEntry("DBDelTree", WRITE, "Delete DB Tree.", self.delete_tree),
        )

    def get(self, session: ManagerSession, action: Action) -> None:
        """DBGet: a list of one."""
        family, key = action.get("Family"), action.get("Key")
        if not self._named(session, action, stop="."):
            return
        value = self.store.get(family, key)
        if value is None:
            session.error(action, "Database entry not found")
            return
        self._list(session, action, "DBGet", [[f"Family: {family}", f"Key: {key}", f"Val: {value}"]])

    def get_tree(self, session: ManagerSession, action: Action) -> None:
        """DBGetTree; none is a success."""
        rows = self.store.tree(_prefix(action))
        self._list(session, action, "DBGetTree", [[f"Key: {key}", f"Val: {value}"] for key, value in rows])

    @staticmethod
    def _list(session: ManagerSession, action: Action, name: str, items: list[list[str]]) -> None:
        """A list whose items carry the ActionID last."""
        session.respond(action, "Success", "EventList: start", "Message: Result will follow")
        for item in items:
            session.send([f"Event: {name}Response", *item, *action.identity])
        session.complete(action, f"{name}Complete", len(items))

    def put(self, session: ManagerSession, action: Action) -> bool:
        """DBPut."""
        if not self._named(session, action, stop=""):
            return False
        self.store.put(action.get("Family"), action.get("Key"), action.get("Val"))
        return safely(self.store, session, lambda: session.ack(action, "Updated database successfully"))

    def delete(self, session: ManagerSession, action: Action) -> bool:
        """DBDel."""
        if not self._named(session, action, stop="."):
            return False
        if not self.store.delete(action.get("Family"), action.get("Key")):
            session.error(action, "Database entry could not be deleted")
            return False
        return safely(self.store, session, lambda: session.ack(action, "Key deleted successfully"))

    def delete_tree(self, session: ManagerSession, action: Action) -> bool:
        """DBDelTree."""
        if not action.get("Family"):
            session.error(action, "No family specified.")
            return False
        if not self.store.delete_tree(_prefix(action)):
            session.error(action, "Database entry not found")
            return False
        return safely(self.store, session, lambda: session.ack(action, "Key tree deleted successfully"))

    @staticmethod
    def _named(session: ManagerSession, action: Action, stop: str) -> bool:
        for what in ("family", "key"):
            if not action.get(what):
                session.error(action, f"No {what} specified{stop}")
                return False
        return True


def _prefix(action: Action) -> str:
    """What a tree is asked for; without a family, everything."""
    family, key = action.get("Family"), action.get("Key")
    if not family:
        return ""
    return f"/{family}/{key}" if key else f"/{family}"
