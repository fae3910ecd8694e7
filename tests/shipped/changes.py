"""For each shipped scenario, changes of one line that make it fail, and the hop at which the road then ends.

A scenario that no small change could break would say nothing. What is changed is a line of its configuration, or
one name of the product.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.core.value import Found, Presence
from harness.dpma import ShimOptions
from tests.shipped.telling import change_line


class Unlike(Found):
    """What is never the same as what was told before."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return False

    __hash__ = Found.__hash__


class WithoutMessage(Found):
    """What is compared without its message."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, tuple) and self[:2] == other[:2]

    __hash__ = Found.__hash__


@dataclass(frozen=True)
class Line:
    """`old` becomes `new` in a file of the scenario's configuration."""

    hop: str
    file: str
    old: str
    new: str

    variants = ""

    def make(self, folder: Path, _patch: pytest.MonkeyPatch) -> None:
        """Change the copy."""
        change_line(folder / self.file, self.old, self.new)


@dataclass(frozen=True)
class Core:
    """A name of the product stands for something else; `variants` are those of a matrix that fail of it, '' is all."""

    hop: str
    name: str
    value: object
    variants: str = ""

    def make(self, _folder: Path, patch: pytest.MonkeyPatch) -> None:
        """Change the running program."""
        patch.setattr(self.name, self.value)


HINT_2000 = "exten => 2000,hint,PJSIP/2000,CustomPresence:2000"
HINT_BOB = "exten => bob,hint,Custom:desk,CustomPresence:2000"

CHANGES: dict[str, tuple[Line | Core, ...]] = {
    "01-the-page": (
        Line("hint", "extensions.conf", HINT_2000, "exten => 2000,hint,PJSIP/2000"),
        Line("hint", "extensions.conf", HINT_2000, "exten => 2000,hint,CustomPresence:2000"),
        Line("dpma", "res_digium_phone.conf", "line=2000", "line=2001"),
    ),
    "02-five-statuses": (
        Line("dpma", "res_digium_phone.conf", "status=xa", "status=unavailable"),
        Core("screen", "phones.interpret.PRESENCES", ()),
    ),
    "03-names": (
        Line("hint", "extensions.conf", "exten => 101,hint,PJSIP/bob.smith,CustomPresence:bob.smith",
             "exten => 101,hint,PJSIP/bob.smith,CustomPresence:101-1"),
        Line("", "extensions.conf", "exten => 102,hint,PJSIP/bob.smith,CustomPresence:101-1",
             "exten => 102,hint,PJSIP/bob.smith,CustomPresence:bob.smith"),
    ),
    "04-two-lines": (
        Line("hint", "res_digium_phone.conf", "line=2000", ";line=2000"),
        Core("", "harness.dpma.shim.ShimOptions", lambda: ShimOptions(lines="all")),
    ),
    "05-auto-hint": (
        Line("notify", "contacts.xml", "x", "y"),
        Core("notify", "harness.dpma.shim.AUTO_HINT_PREFIX", "autohint_"),
    ),
    "06-no-presence-part": (
        Line("", "extensions.conf", "exten => 2000,hint,PJSIP/2000", HINT_2000),
    ),
    "07-presence-only": (
        Line("hint", "extensions.conf", "exten => bob,hint,,CustomPresence:2000", "exten => bob,hint,CustomPresence:2000"),
    ),
    "08-two-watchers": (
        Line("notify", "res_digium_phone.conf", "contact=contacts-carol.xml", ";contact=contacts-carol.xml"),
    ),
    "09-twice-the-same": (
        Core("", "harness.core.hints.Found", Unlike),
    ),
    "10-substatus-then-message": (
        Core("hint", "harness.core.hints.Found", WithoutMessage),
        Line("hint", "extensions.conf", HINT_2000, "exten => 2000,hint,PJSIP/2000,CustomPresence:2002"),
    ),
    "11-any-text": (
        Core("screen", "harness.dpma.shim.presence_value", lambda status, text: f"{status},{text},", "Lunch"),
        Core("screen", "harness.bodies.pidf.escape", lambda text, *_: text, "<b>"),
        Core("screen", "harness.core.value.to_text", lambda data: data.decode("latin-1"), "Lunch|[^\x00-\x7f]"),
    ),
    "12-unplugged": (
        Line("hint", "extensions.conf", HINT_2000, "exten => 2000,hint,Custom:desk,CustomPresence:2000"),
    ),
    "13-another-make": (
        Core("screen", "harness.bodies.pidf.wants_digium_tuple", lambda _agent: True),
    ),
    "14-wrong-context": (
        Line("", "pjsip.conf", "context=lobby", "context=default"),
    ),
    "15-server-restart": (
        Core("notify", "harness.pbx.persistence.SubscriptionRows.take_all", lambda _self: iter(())),
        Core("screen", "harness.core.presence.PresenceStates._at_boot", lambda _self, _name: Presence(0)),
    ),
    "16-before-the-watcher": (
        Core("notify", "harness.pbx.subscriptions.Subscriptions._current", lambda _self, _subscription: None),
    ),
    "17-not-offered": (
        Line("", "res_digium_phone.conf", "status=xa", "status=unavailable"),
    ),
    "18-too-long": (
        Core("dpma", "harness.dpma.shim.MAX_SUBSTATUS_BYTES", 254),
        Core("", "harness.dpma.shim.MAX_SUBSTATUS_BYTES", 256),
    ),
    "19-lamp-and-presence": (
        Line("hint", "extensions.conf", HINT_BOB, "exten => bob,hint,Custom:disk,CustomPresence:2000"),
        Line("hint", "extensions.conf", HINT_BOB, "exten => bob,hint,CustomPresence:2000&Custom:desk,CustomPresence:2000"),
    ),
}
