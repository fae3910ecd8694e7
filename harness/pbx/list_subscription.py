"""A subscription to a resource list: one dialog, a document for each resource, one multipart body (RFC 4662).

The rules are those of res_pjsip_pubsub.c; the numbers in brackets are its lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from harness.bodies import rlmi
from harness.bodies.xml import encode
from harness.pbx.asked import EVENTLIST, REQUIRE_EVENTLIST
from harness.pbx.subscription import NotifyTemplate, Subscription, content_head, version_of

if TYPE_CHECKING:
    from harness.core.hint import Notification, Watch
    from harness.pbx.documents import Author, Document
    from harness.pbx.lists import Resource
    from harness.sip.dialog import Dialog
    from harness.sip.flow import Flow

MAX_NOTIFY_BYTES = 65_535
"""A longer NOTIFY is not sent (PJSIP_MAX_PKT_LEN, 2146)."""
VARYING_BYTES = 80
"""Room for the branch, the number and the state of a NOTIFY, which are not known yet when its size is."""

Content: TypeAlias = tuple[str, bytes]
"""A content type and a body."""


class Names:
    """Boundaries, content ids and instance ids of one body: five hexadecimal digits, none twice."""

    BITS = 20

    __slots__ = ("_random_bits", "_taken")

    def __init__(self, random_bits: Callable[[int], int]) -> None:
        self._random_bits = random_bits
        self._taken: set[int] = set()

    def fresh(self) -> str:
        """Another one."""
        number = self._random_bits(self.BITS)
        while number in self._taken:
            number = (number + 1) % (1 << self.BITS)
        self._taken.add(number)
        return f"{number:05x}"


class Leaf:
    """An extension of a list. `watch` stays None, and the body empty, where one before it has an invalid presence."""

    __slots__ = (
        "_content_type",
        "_document",
        "body",
        "changed",
        "ended",
        "name",
        "owner",
        "shown",
        "uri",
        "version",
        "watch",
    )

    def __init__(self, owner: ListSubscription, resource: Resource) -> None:
        self.owner, self.name, self.shown = owner, resource.name, resource.shown or resource.name
        author = owner.author
        self.uri = author.entity(resource.name)
        self._content_type = author.content_type
        self._document: Document = author.document(resource.name)
        self.body = b""
        self.changed = self.ended = False
        self.version = 0  # not told; kept for the list that may come back in its place
        self.watch: Watch | None = None

    def leaves(self) -> Iterator[Leaf]:
        """Itself."""
        yield self

    def generate(self, change: Notification) -> None:
        """Make the body for a change."""
        self.body = self._document.render(change)

    def move(self, contact: str) -> None:
        """The watcher goes by another URI from now on."""
        self._document.move(contact)

    def versions(self) -> dict[str, int]:
        """See `Subscription.versions`."""
        return version_of(self.name, self._document)

    def finish(self) -> None:
        """Be `terminated` from now on."""
        self.ended = True

    def content(self, full: bool, names: Names) -> Content | None:
        """The body as it was made last; None where it need not be told."""
        if not (full or self.changed):
            return None
        self.changed = False
        return self._content_type, self.body


class Branch:
    """A list: that of the subscription, or one within another. `version` counts the bodies that were made of it."""

    __slots__ = ("_host", "children", "ended", "full_state", "name", "shown", "uri", "version")

    def __init__(self, owner: ListSubscription, resource: Resource) -> None:
        self.name = self.shown = resource.name
        self.uri, self._host = owner.author.entity(resource.name), owner.author.host
        self.full_state = resource.full_state
        self.children = [plant(owner, child) for child in resource.children]
        self.version = 0
        self.ended = False

    def leaves(self) -> Iterator[Leaf]:
        """The extensions below, in order."""
        for child in self.children:
            yield from child.leaves()

    def finish(self) -> None:
        """Be `terminated` from now on, and all below."""
        self.ended = True
        for child in self.children:
            child.finish()

    def content(self, full: bool, names: Names) -> Content | None:
        """The multipart body (2477); None where nothing below need be told."""
        full = full or self.full_state
        resources, parts = [], []
        for child in self.children:
            made = child.content(full, names)
            if made is None:
                continue
            cid = self._content_id(names)
            instance = rlmi.Instance(names.fresh(), "terminated" if child.ended else "active", cid)
            resources.append(rlmi.Resource(child.uri, child.shown, (instance,)))
            parts.append(rlmi.Part(made[0], cid, made[1]))
        if not parts:
            return None
        told = rlmi.Rlmi(self.uri, self.version, full, self.name, tuple(resources))
        self.version += 1
        boundary = names.fresh()
        return rlmi.multipart_type(boundary), rlmi.write_list(boundary, self._content_id(names), told, parts)

    def _content_id(self, names: Names) -> str:
        return f"{names.fresh()}@{self._host}"


Node: TypeAlias = Leaf | Branch


def plant(owner: ListSubscription, resource: Resource) -> Node:
    """What a resource becomes in a subscription."""
    return Branch(owner, resource) if resource.children else Leaf(owner, resource)


class ListTemplate(NotifyTemplate):
    """A NOTIFY whose Content-Type is another each time: its boundary is."""

    __slots__ = ("_before_content",)

    def __init__(self, dialog: Dialog, flow: Flow, event: str, agent: str) -> None:
        super().__init__(dialog, flow, event, "", agent, EVENTLIST)
        self._before_content = self.after_state.removesuffix(content_head("").encode())

    def carry(self, content_type: str, body: bytes) -> bool:
        """Prepare for a body; False where the NOTIFY would be too long."""
        self.after_state = self._before_content + encode(content_head(content_type))
        fixed = len(self.head) + len(self.after_branch) + len(self.after_cseq) + len(self.after_state)
        return fixed + VARYING_BYTES + len(body) <= MAX_NOTIFY_BYTES


class ListSubscription(Subscription):
    """One to a list; whatever it tells, the watcher has to understand lists.

    `tree` is what it was made of, `root` what became of that: a leaf after a refresh that asked for no list and found
    an extension of the same name.  `stuck`: an extension lost its hint.  `batch` is the timer of what waits to be
    told together; `due` is false where a full state was sent meanwhile, and then a change that comes before the timer
    runs out is told with the next one only (2652).
    """

    required: ClassVar[tuple[tuple[str, str], ...]] = REQUIRE_EVENTLIST

    __slots__ = ("_random_bits", "author", "batch", "due", "interval_s", "root", "tree")

    def __init__(
        self,
        dialog: Dialog,
        flow: Flow,
        endpoint: str,
        event: str,
        place: tuple[str, str],
        author: Author,
        random_bits: Callable[[int], int],
        tree: Resource,
    ) -> None:
        super().__init__(dialog, flow, endpoint, event, place, author.content_type)
        self.author, self._random_bits, self.tree = author, random_bits, tree
        self.interval_s = tree.batch_s
        self.root = plant(self, tree)
        self.batch: Any = None
        self.due = False

    def regrow(self, tree: Resource, content_type: str) -> None:
        """Begin anew with other resources; the version of the whole goes on, those of lists within do not."""
        self.author.versions |= self.versions()
        self.author.content_type = content_type
        old = self.root
        self.release()
        old.finish()
        self.tree = tree
        self.root = plant(self, tree)
        self.root.version = old.version

    def write_template(self, agent: str) -> None:
        """See `Subscription.write_template`."""
        self.template = ListTemplate(self.dialog, self.flow, self.event, agent)

    def compose(self, full: bool) -> bool:
        """Make the body of the next NOTIFY; False where there is nothing to tell, or too much."""
        made = self.root.content(full, Names(self._random_bits))
        if made is None:
            return False
        self.due = False
        self.body = made[1]
        assert isinstance(self.template, ListTemplate)
        return self.template.carry(*made)

    def repeat(self) -> bool:
        """A refresh gets the full state."""
        return self.compose(True)

    def finish(self) -> bool:
        """So does the last NOTIFY, with all of it ended."""
        self.root.finish()
        return self.compose(True)

    def move(self, contact: str) -> None:
        """See `Subscription.move`."""
        self.author.move(contact)
        for leaf in self.root.leaves():
            leaf.move(contact)

    def release(self) -> None:
        """Watch no more, and wait for nothing."""
        for leaf in self.root.leaves():
            if leaf.watch is not None:
                leaf.watch.cancel()
                leaf.watch = None
        if self.batch is not None:
            self.batch.cancel()
            self.batch = None

    def versions(self) -> dict[str, int]:
        """See `Subscription.versions`."""
        return {name: number for leaf in self.root.leaves() for name, number in leaf.versions().items()}
