"""Resource lists of pjsip.conf: what somebody subscribes to who names one (RFC 4662; res_pjsip_pubsub.c)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from harness.bodies.xml import cut
from harness.pbx.asked import Refused
from harness.pbx.documents import HINT_EVENTS

if TYPE_CHECKING:
    from harness.config.pjsip_objects import ResourceList
    from harness.core.hints import Hints

NAME_BYTES = 79
"""Bytes of a hint's name that are shown for its resource (AST_MAX_EXTENSION with its closing NUL)."""


class Resource(NamedTuple):
    """Something to subscribe to: an extension, a list where there are children, or mailboxes where they are given.

    `shown` is the name that a list shows for it, '' for the extension itself; `batch_s` counts at the root only.
    """

    name: str
    shown: str = ""
    children: tuple[Resource, ...] = ()
    full_state: bool = False
    batch_s: float = 0.0
    mailboxes: tuple[str, ...] | None = None

    def same_children(self, other: Resource) -> bool:
        """Whether a refresh goes on with what there is: names in order, without looking further down (4227)."""
        return [child[:2] for child in self.children] == [child[:2] for child in other.children]


class ResourceLists:
    """Finds what a name stands for, for an event package and in a context of the dialplan."""

    def __init__(self, configured: Callable[[], Mapping[str, ResourceList]], hints: Hints) -> None:
        self._configured = configured
        self._hints = hints

    def find(self, context: str, name: str, package: str, eventlist: bool) -> Resource | Refused:
        """The list of that name, if lists are asked for (`Supported: eventlist`), or else the extension (1366)."""
        configured = self._named(name, package) if eventlist else None
        if configured is not None:
            children = self._children(configured, context, {name})
            interval = configured.notification_batch_interval / 1000
            found = Resource(name, "", children, configured.full_state, interval)
            return found if children else Refused(500, f"list {name!r} has nothing that can be subscribed to")
        if self._served(package, context, name):
            return Resource(name)
        if package not in HINT_EVENTS:
            return Refused(404, f"there is no mailbox {name!r}")
        return Refused(404, f"extension {name!r} does not exist in context {context!r} or has no hint")

    def _named(self, name: str, package: str) -> ResourceList | None:
        configured = self._configured().get(name)
        return configured if configured is not None and configured.event == package else None

    def _served(self, package: str, context: str, name: str) -> bool:
        return package in HINT_EVENTS and self._hints.exists(context, name)

    def _children(self, configured: ResourceList, context: str, visited: set[str]) -> tuple[Resource, ...]:
        """Each name once in the whole tree, which also ends loops; what has no hint is left out (1251)."""
        children = []
        for name in configured.items:
            if name in visited:
                continue
            inner = self._named(name, configured.event)
            if inner is not None:
                visited.add(name)
                found = self._children(inner, context, visited)
                if found:
                    children.append(Resource(name, "", found, inner.full_state))
            elif self._served(configured.event, context, name):
                visited.add(name)
                shown = self._hints.name(context, name) if configured.resource_display_name else None
                children.append(Resource(name, cut(shown or "", NAME_BYTES)))
        return tuple(children)
