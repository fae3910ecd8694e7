"""ShowDialPlan (main/pbx.c), DialplanExtensionAdd and DialplanExtensionRemove (pbx/pbx_config.c)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.config.values import is_true
from harness.core.octets import fold
from harness.dialplan.contexts import HINT, Context, Extension, Priority
from harness.dialplan.loading import without_fluff
from harness.dialplan.pattern import matches
from harness.pbx.commands.built_in import contexts_to_show
from harness.pbx.commands.dialplan_change import Editing, Line, number_of
from harness.pbx.manager.actions import ActionEntry
from harness.pbx.manager.packets import Action

if TYPE_CHECKING:
    from harness.pbx.commands.served import Served
    from harness.pbx.manager.session import ManagerSession

CLASSES = ("config", "reporting")
CHANGE = ("system",)
INVALID_PRIORITY = "The priority specified was invalid."
WILL_FOLLOW = "DialPlan list will follow"
MAX_INCLUDES = 128
HINT_WORD = "hint"
"""A hint is asked for by this word alone, not by its number."""


class DialplanActions:
    """The actions bound to one server's dialplan."""

    def __init__(self, served: Served) -> None:
        self._served, self._editing = served, Editing(served)

    def entries(self) -> tuple[ActionEntry, ...]:
        """For the table of the manager."""
        return (
            ActionEntry("ShowDialPlan", CLASSES, "Show dialplan contexts and extensions", self.show),
            ActionEntry("DialplanExtensionAdd", CHANGE, "Add an extension to the dialplan", self.add),
            ActionEntry("DialplanExtensionRemove", CHANGE, "Remove an extension from the dialplan", self.remove),
        )

    def add(self, session: ManagerSession, action: Action) -> None:
        """DialplanExtensionAdd: one line, in a context that is made where there is none."""
        named = ("Context", "Extension", "Priority", "Application")
        context, extension, priority, application = map(action.get, named)
        number = number_of(priority)
        if not all((context, extension, priority, application)):
            needed = "Context, Extension, Priority, and Application must be defined for DialplanExtensionAdd."
            session.error(action, needed)
            return
        if number is None or (number < 0 and priority != HINT_WORD):
            session.error(action, INVALID_PRIORITY)
            return
        if self._served.plan.context(context) is None:
            self._served.plan.obtain(context)
        exten, slash, cid = extension.partition("/")
        caller = without_fluff(cid, dashes=False) if slash else None
        line = Line(exten, caller, priority, number, application, action.get("ApplicationData"))
        if self._editing.add(context, line, is_true(action.get("Replace"))) is None:
            session.error(action, "That extension and priority already exist at that context")
        else:
            session.ack(action, "Added requested extension")

    def remove(self, session: ManagerSession, action: Action) -> None:
        """DialplanExtensionRemove: one line, or all of an extension."""
        context, extension, priority = action.get("Context"), action.get("Extension"), action.get("Priority")
        number = number_of(priority) if priority else None
        if not context or not extension:
            session.error(action, "Context and Extension must be provided for DialplanExtensionRemove")
            return
        if priority and (number is None or (number <= 0 and priority != HINT_WORD)):
            session.error(action, INVALID_PRIORITY)
            return
        exten, _, cid = extension.partition("/")
        if not self._editing.remove(context, exten, number, cid or None):
            session.error(action, "Failed to remove requested extension")
        elif number is None:
            session.ack(action, "Removed the requested extension")
        else:
            session.ack(action, "Removed the requested priority from the extension")

    def show(self, session: ManagerSession, action: Action) -> None:
        """ShowDialPlan of all, of one context, of one extension or of both."""
        context, exten = action.get("Context"), action.get("Extension")
        found = _Found(contexts_to_show(self._served.plan), exten)
        found.look(context)
        if context and not found.contexts:
            session.error(action, f"Did not find context {context}")
        elif exten and not found.extensions:
            # what was found besides, such as a switch, has been told by then
            where = f"{exten}@{context}" if context else f"{exten} in any context"
            if found.items:
                session.begin_list(action, WILL_FOLLOW, found.items)
            session.error(action, f"Did not find extension {where}")
        else:
            counts = (
                f"ListExtensions: {found.extensions}",
                f"ListPriorities: {found.priorities}",
                f"ListContexts: {found.contexts}",
            )
            session.listing(action, WILL_FOLLOW, found.items, "ShowDialPlanComplete", *counts)


@dataclass(slots=True)
class _Found:
    all: list[Context]
    exten: str
    items: list[list[str]] = field(default_factory=list)
    contexts: int = 0
    extensions: int = 0
    priorities: int = 0

    def look(self, name: str, road: tuple[str, ...] = ()) -> None:
        """Look into the contexts of that name, all without one; for an extension, into what they include too.

        `road` are the includes that led here.  An include is looked for by its whole text, so that one with a time
        condition leads nowhere.
        """
        for context in self.all:
            if name and context.name != name:
                continue
            self.contexts += 1
            for extension in context.extensions:
                if not self.exten or matches(extension.exten, self.exten):
                    self._extension(context, extension)
            self._rest(context, road)

    def _extension(self, context: Context, extension: Extension) -> None:
        self.extensions += 1
        for number in sorted(extension.priorities):
            self.priorities += 1
            self.items.append(_line(context, extension, extension.priorities[number]))

    def _rest(self, context: Context, road: tuple[str, ...]) -> None:
        head = ["Event: ListDialplan", f"Context: {context.name}"]
        for include in context.includes:
            if not self.exten:
                self.items.append([*head, f"IncludeContext: {include.text}", f"Registrar: {include.registrar}"])
            elif fold(include.text) not in road and len(road) < MAX_INCLUDES:
                self.look(include.text, (*road, fold(include.text)))
        for ignored in context.ignore_patterns:
            if not self.exten or matches(f"_{ignored.pattern}.", self.exten):
                self.items.append([*head, f"IgnorePattern: {ignored.pattern}", f"Registrar: {ignored.registrar}"])
        if not road:
            for switch in context.switches:
                self.items.append([*head, f"Switch: {switch.name}/{switch.data}", f"Registrar: {switch.registrar}"])


def _line(context: Context, extension: Extension, priority: Priority) -> list[str]:
    what = [f"Application: {priority.app}"]
    if priority.number != HINT:
        what.append(f"AppData: {priority.args}")
    return [
        "Event: ListDialplan",
        f"Context: {context.name}",
        f"Extension: {extension.name}",
        *([f"ExtensionLabel: {priority.label}"] if priority.label else []),
        f"Priority: {'hint' if priority.number == HINT else priority.number}",
        *what,
        f"Registrar: {priority.registrar}",
    ]
