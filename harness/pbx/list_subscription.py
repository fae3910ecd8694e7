"""A subscription to a resource list: one dialog, a document for each resource, one multipart body (RFC 4662).

The rules are those of res_pjsip_pubsub.c, its oddities included: see the comments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from harness.bodies import rlmi
from harness.pbx.asked import EVENTLIST, REQUIRE_EVENTLIST
from harness.pbx.documents import Author, Document, version_of
from harness.pbx.notifier import NotifyTemplate, Subscription, content_head

if TYPE_CHECKING:
    from harness.core.hint import Notification, Watch
    from harness.pbx.lists import Resource
    from harness.sip.dialog import Dialog
    from harness.sip.flow import Flow

ID_BITS = 20
"""Boundaries, content ids and instance ids are five hexadecimal digits."""

Content: TypeAlias = tuple[str, bytes]
"""A content type and a body."""


class Leaf:
    """One extension of a list; without a `watch` its presence was invalid, or that of one before it."""

    __slots__ = ("body", "changed", "content_type", "document", "ended", "name", "owner", "shown", "uri", "watch")

    def __init__(self, owner: ListSubscription, resource: Resource, author: Author) -> None:
        self.owner, self.name, self.shown = owner, resource.name, resource.shown or resource.name
        self.uri = author.entity(resource.name)
        self.content_type = author.content_type
        self.document: Document = author.document(resource.name)
        self.body = b""
        self.changed = self.ended = False
        self.watch: Watch | None = None

    def leaves(self) -> Iterator[Leaf]:
        """Itself."""
        yield self

    def finish(self) -> None:
        """Say `terminated` from now on."""
        self.ended = True

    def content(self, full: bool, random_bits: Callable[[int], int]) -> Content | None:
        """The body as it was made last; None where it need not be told."""
        if not (full or self.changed):
            return None
        self.changed = False
        return self.content_type, self.body


class Branch:
    """A list, the root or one within another; `version` counts the bodies that were made of it."""

    __slots__ = ("children", "ended", "full_state", "name", "shown", "uri", "version")

    def __init__(self, owner: ListSubscription, resource: Resource, author: Author) -> None:
        self.name = self.shown = resource.name
        self.uri = author.entity(resource.name)
        self.full_state = resource.full_state
        self.children = [plant(owner, child, author) for child in resource.children]
        self.version = 0
        self.ended = False

    def leaves(self) -> Iterator[Leaf]:
        """All extensions below, in order."""
        for child in self.children:
            yield from child.leaves()

    def finish(self) -> None:
        """Say `terminated` from now on."""
        self.ended = True
        for child in self.children:
            child.finish()

    def content(self, full: bool, random_bits: Callable[[int], int]) -> Content | None:
        """The multipart body (2295); None where there is nothing new below."""
        full = full or self.full_state
        host = _host(self.uri)
        resources, parts = [], []
        for child in self.children:
            made = child.content(full, random_bits)
            if made is None:
                continue
            cid = f"{_random_id(random_bits)}@{host}"
            state = "terminated" if child.ended else "active"
            instance = rlmi.Instance(_random_id(random_bits), state, cid)
            resources.append(rlmi.Resource(child.uri, child.shown, (instance,)))
            parts.append(rlmi.Part(made[0], cid, made[1]))
        if not parts:
            return None
        listed = rlmi.Rlmi(self.uri, self.version, full, self.name, tuple(resources))
        self.version += 1
        boundary = _random_id(random_bits)
        body = rlmi.write_list(boundary, f"{_random_id(random_bits)}@{host}", listed, parts)
        return rlmi.multipart_type(boundary), body


Node: TypeAlias = Leaf | Branch


def plant(owner: ListSubscription, resource: Resource, author: Author) -> Node:
    """What a resource becomes in a subscription."""
    return (Branch if resource.children else Leaf)(owner, resource, author)


def _random_id(random_bits: Callable[[int], int]) -> str:
    return f"{random_bits(ID_BITS):05x}"


def _host(uri: str) -> str:
    return uri


class ListTemplate(NotifyTemplate):
    """A NOTIFY whose Content-Type is another each time, for its boundary."""

    __slots__ = ("_before_content",)

    def __init__(self, dialog: Dialog, flow: Flow, event: str, agent: str) -> None:
        super().__init__(dialog, flow, event, "", agent, EVENTLIST)
        self._before_content = self.after_state.removesuffix(content_head(""))

    def carry(self, content_type: str) -> None:
        """The Content-Type of what is rendered next."""
        self.after_state = self._before_content + content_head(content_type)


class ListSubscription(Subscription):
    """`stuck` is what an extension that loses its hint leaves behind: the dialog lives on, and nothing more is told.

    In Asterisk the NOTIFY that tells of the end of one resource marks the whole subscription as ending (2613), and
    nothing ends it but the subscriber.  `root` is a leaf where a refresh did not ask for lists any more and an
    extension has the list's name.
    """

    __slots__ = ("author", "batch", "batch_due", "root", "stuck", "tree")

    template: ListTemplate

    def __init__(
        self, dialog: Dialog, flow: Flow, endpoint: str, event: str, place: tuple[str, str], author: Author
    ) -> None:
        super().__init__(dialog, flow, endpoint, event, place, author.content_type)
        self.author = author
        self.batch: Any = None
        self.batch_due = self.stuck = False

    required = REQUIRE_EVENTLIST
