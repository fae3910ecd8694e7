"""The table of actions, and those that need nothing but the session.  An action returns true where it answers later."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from harness.config.values import c_number
from harness.core.octets import fold
from harness.pbx.manager.filters import MAX_FILTERS, BadFilter, parse_filter
from harness.pbx.manager.login import challenge, login
from harness.pbx.manager.packets import Action
from harness.pbx.manager.permissions import EVERYTHING, bits, event_mask, privilege

if TYPE_CHECKING:
    from harness.pbx.manager.session import ManagerSession

Run = Callable[["ManagerSession", Action], "bool | None"]

_NUMBER = re.compile(r"[+-]?(?:0[xX][0-9a-fA-F]{1,15}|0[0-7]{0,20}|[1-9][0-9]{0,17})")
_FILTER_REFUSALS = {
    "compile": "Filter did not compile.  Check the syntax of the filter given.",
    "format": "Filter was formatted incorrectly.  Check the syntax of the filter given.",
}


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
    """The entries by their names in lower case, in the order in which ListCommands has them."""
    return {fold(entry.name): entry for entry in sorted(entries, key=lambda entry: fold(entry.name))}


def _logoff(session: ManagerSession, action: Action) -> None:
    session.respond(action, "Goodbye", "Message: Thanks for all the fish.")
    session.close()


def _ping(session: ManagerSession, action: Action) -> None:
    session.respond(action, "Success", "Ping: Pong", f"Timestamp: {session.manager.wall_s():.6f}")


def _events(session: ManagerSession, action: Action) -> None:
    mask = event_mask(action.get("EventMask"))
    broken = session.manager.config.brokeneventsaction
    if mask is not None:
        session.mask = mask
    elif not broken:
        session.error(action, "Invalid event mask")
    if mask is not None and not (broken and mask == EVERYTHING):
        session.respond(action, "Success", f"Events: {'On' if mask else 'Off'}")


def _list_commands(session: ManagerSession, action: Action) -> None:
    lines = (
        f"{entry.name}: {entry.synopsis}  (Priv: {privilege(entry.classes) if entry.mask else '<none>'})"
        for entry in session.manager.actions.values()
        if not entry.mask or session.write_permission & entry.mask
    )
    session.respond(action, "Success", *lines)


def _wait_event(session: ManagerSession, action: Action) -> bool:
    found = _NUMBER.match(action.get("Timeout"))
    seconds = c_number(found[0]) if found else None
    session.wait_event(action, None if seconds is None or seconds < 0 else seconds)
    return True


def _user_event(session: ManagerSession, action: Action) -> None:
    session.ack(action, "Event Sent")
    own = ("userevent:", "action:")
    lines = [line for line in action.lines if not fold(line).startswith(own)]
    session.manager.publish_lines("user", "UserEvent", [f"UserEvent: {action.get('UserEvent')}", *lines])


def _filter(session: ManagerSession, action: Action) -> None:
    if fold(action.get("Operation")) != "add":
        session.error(action, "Unknown operation")
        return
    criteria = action.get("MatchCriteria")
    try:
        if len(session.filters) >= MAX_FILTERS:
            raise BadFilter("format", "too many")
        options = f"({criteria})" if criteria else ""
        session.filters.add(parse_filter(f"eventfilter{options}", action.get("Filter")))
    except BadFilter as error:
        session.error(action, _FILTER_REFUSALS[error.kind])
    else:
        session.ack(action, "Success")


SESSION_ACTIONS = (
    ActionEntry("Login", (), "Login Manager.", login),
    ActionEntry("Logoff", (), "Logoff Manager.", _logoff),
    ActionEntry("Challenge", (), "Generate Challenge for MD5 Auth.", challenge),
    ActionEntry("Ping", (), "Keepalive command.", _ping),
    ActionEntry("Events", (), "Control Event Flow.", _events),
    ActionEntry("WaitEvent", (), "Wait for an event to occur.", _wait_event),
    ActionEntry("ListCommands", (), "List available manager commands.", _list_commands),
    ActionEntry("UserEvent", ("user",), "Send an arbitrary event.", _user_event),
    ActionEntry("Filter", ("system",), "Dynamically add filters for the current manager session.", _filter),
)
