"""The actions and who may use them.  An action returns true where it answers later."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from harness.pbx.manager.packets import Action
from harness.pbx.manager.permissions import bits, event_mask, priv_text

if TYPE_CHECKING:
    from harness.pbx.manager.session import ManagerSession

Run = Callable[["ManagerSession", Action], "bool | None"]


class ActionEntry(NamedTuple):
    """One action: what it is called, the classes of which one is needed, what it does."""

    name: str
    classes: tuple[str, ...]
    synopsis: str
    run: Run

    @property
    def mask(self) -> int:
        """The classes as bits; 0 means that anyone may."""
        return bits(self.classes)


def table(entries: Iterable[ActionEntry]) -> dict[str, ActionEntry]:
    """The entries by their lower-case names."""
    return {entry.name.lower(): entry for entry in entries}


# actions that need nothing but the session


def _login(session: ManagerSession, action: Action) -> bool:
    return session.login(action)


def _logoff(session: ManagerSession, action: Action) -> None:
    session.respond(action, "Goodbye", "Message: Thanks for all the fish.")
    session.close()


def _challenge(session: ManagerSession, action: Action) -> None:
    if action.get("AuthType").lower() != "md5":
        session.error(action, "Must specify AuthType")
        return
    if not session.challenge:
        session.challenge = session.manager.new_challenge()
    session.respond(action, "Success", f"Challenge: {session.challenge}")


def _ping(session: ManagerSession, action: Action) -> None:
    session.respond(action, "Success", "Ping: Pong", f"Timestamp: {session.manager.wall_s():.6f}")


def _events(session: ManagerSession, action: Action) -> None:
    mask = event_mask(action.get("EventMask"))
    if mask is None:
        session.error(action, "Invalid event mask")
        return
    session.mask = mask
    session.respond(action, "Success", f"Events: {'On' if mask else 'Off'}")


def _list_commands(session: ManagerSession, action: Action) -> None:
    allowed = [
        f"{entry.name}: {entry.synopsis} (Priv: {priv_text(entry.classes)})"
        for _, entry in sorted(session.manager.actions.items())
        if not entry.mask or session.write_permission & entry.mask
    ]
    session.respond(action, "Success", *allowed)


def _user_event(session: ManagerSession, action: Action) -> None:
    session.ack(action, "Event Sent")
    fields: list[tuple[str, object]] = [("UserEvent", action.get("UserEvent"))]
    for line in action.lines:
        if not line.lower().startswith(("userevent:", "action:")):
            name, colon, value = line.partition(":")
            fields.append((name, value[1:] if value.startswith(" ") else value) if colon else (line, ""))
    session.manager.publish("user", "UserEvent", fields)


SESSION_ACTIONS = (
    ActionEntry("Login", (), "Login Manager.", _login),
    ActionEntry("Logoff", (), "Logoff Manager.", _logoff),
    ActionEntry("Challenge", (), "Generate Challenge for MD5 Auth.", _challenge),
    ActionEntry("Ping", (), "Keepalive command.", _ping),
    ActionEntry("Events", (), "Control Event Flow.", _events),
    ActionEntry("ListCommands", (), "List available manager commands.", _list_commands),
    ActionEntry("UserEvent", ("user",), "Send an arbitrary event.", _user_event),
)
