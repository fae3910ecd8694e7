"""ShowDialPlan (manager_show_dialplan of main/pbx.c)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.core.octets import fold
from harness.dialplan.contexts import HINT, Context, Extension, Priority
from harness.dialplan.pattern import matches
from harness.pbx.manager.actions import ActionEntry
from harness.pbx.manager.packets import Action

if TYPE_CHECKING:
    from harness.dialplan.plan import Dialplan
    from harness.pbx.manager.session import ManagerSession

CLASSES = ("config", "reporting")
MAX_INCLUDES = 128


class DialplanActions:
    """The action bound to one dialplan."""

    def __init__(self, plan: Dialplan) -> None:
        self._plan = plan

    def entries(self) -> tuple[ActionEntry, ...]:
        """For the table of the manager."""
        return (ActionEntry("ShowDialPlan", CLASSES, "Show dialplan contexts and extensions", self.show),)

    def show(self, session: ManagerSession, action: Action) -> None:
        """ShowDialPlan of all, of one context, of one extension or of both."""
        context, exten = action.get("Context"), action.get("Extension")
        found = _Found(self._plan, exten)
        found.look(context)
        if context and not found.contexts:
            session.error(action, f"Did not find context {context}")
        elif exten and not found.extensions:
            where = f"{exten}@{context}" if context else f"{exten} in any context"
            session.error(action, f"Did not find extension {where}")
        else:
            counts = (
                f"ListExtensions: {found.extensions}",
                f"ListPriorities: {found.priorities}",
                f"ListContexts: {found.contexts}",
            )
            message = "DialPlan list will follow"
            session.listing(action, message, found.items, "ShowDialPlanComplete", *counts)


@dataclass(slots=True)
class _Found:
    plan: Dialplan
    exten: str
    items: list[list[str]] = field(default_factory=list)
    contexts: int = 0
    extensions: int = 0
    priorities: int = 0
    visited: list[str] = field(default_factory=list)

    def look(self, name: str, included: bool = False) -> None:
        """Look into the contexts of that name, all without one; for an extension, into what they include too."""
        for context in self.plan.shown_contexts():
            if name and context.name != name:
                continue
            self.contexts += 1
            for extension in context.extensions:
                if not self.exten or matches(extension.exten, self.exten):
                    self._extension(context, extension)
            self._rest(context, included)

    def _extension(self, context: Context, extension: Extension) -> None:
        self.extensions += 1
        for number in sorted(extension.priorities):
            self.priorities += 1
            self.items.append(_line(context, extension, extension.priorities[number]))

    def _rest(self, context: Context, included: bool) -> None:
        head = ["Event: ListDialplan", f"Context: {context.name}"]
        for include in context.includes:
            if not self.exten:
                self.items.append([*head, f"IncludeContext: {include.text}", f"Registrar: {include.registrar}"])
            elif fold(include.target) not in self.visited and len(self.visited) < MAX_INCLUDES:
                self.visited.append(fold(include.target))
                self.look(include.target, included=True)
        for ignored in context.ignore_patterns:
            if not self.exten or matches(f"_{ignored.pattern}.", self.exten):
                self.items.append([*head, f"IgnorePattern: {ignored.pattern}", f"Registrar: {ignored.registrar}"])
        if not included:
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
