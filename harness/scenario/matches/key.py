"""A key of a phone: the lamp that it shows, its label, whether it is there at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.scenario.conditions import TextMatch, in_words
from harness.scenario.matches.base import no_such_phone
from harness.scenario.target import ACTIVE, REFUSED
from phones.keys import CONTACT

if TYPE_CHECKING:
    from harness.net.trace import Event
    from harness.scenario.story import Story
    from phones.keys import Key


@dataclass(frozen=True, slots=True)
class KeyMatch:
    """A key by its contact, line, app, label or place; `fields` as in `standing_of`; `shown` None: it must be there."""

    phone: str
    key: str
    fields: Mapping[str, TextMatch] = field(default_factory=dict)
    shown: bool | None = None
    contact: str = ""

    @property
    def live(self) -> bool:
        """Whether a key is there is looked at; a lamp changes by an event."""
        return self.shown is not None

    def candidate(self, event: Event, story: Story) -> bool:
        """A change of this key's look."""
        return bool(self._lit(event, story))

    def _lit(self, event: Event, story: Story) -> Mapping[str, object]:
        said = event.payload
        if event.hop != "screen" or not isinstance(said, Mapping) or said.get("phone") != self.phone:
            return {}
        key = self.found(story)
        lit = said.get("keys") or ()
        if key is None or not isinstance(lit, list | tuple):
            return {}
        return next((each for each in lit if each.get("place") == key.place), {})

    def found(self, story: Story) -> Key | None:
        """The key that is meant, where the phone has it."""
        phone = story.target.phones.get(self.phone)
        return phone.screen.find_key(self.key) if phone is not None else None

    def differences(self, event: Event, story: Story) -> list[str]:
        """Compare with what the key looked like from then on."""
        key = self.found(story)
        return [] if key is None else self._compared({**standing_of(key), **_plain(self._lit(event, story))})

    def standing(self, story: Story) -> list[str]:
        """Compare with the key as it is."""
        if self.phone not in story.target.phones:
            return [no_such_phone(story, self.phone)]
        key = self.found(story)
        if self.shown is False:
            return [] if key is None else [f"it has the key {key.place} for {self.key}"]
        return [self._no_key(story)] if key is None else self._compared(standing_of(key))

    def _compared(self, values: Mapping[str, str]) -> list[str]:
        shown = {name: "dark" if name == "colour" and not value else in_words(value) for name, value in values.items()}
        return [f"{name} is {shown[name]}, not {match}" for name, match in self.fields.items()
                if not match.matches(values[name])]  # fmt: skip

    def _no_key(self, story: Story) -> str:
        keys = story.target.phones[self.phone].screen.keys
        there = ", ".join(f"{key.name or 'blank'} ({key.place})" for key in keys) or "none"
        return f"phone {self.phone} has no key for {self.key!r}; it has {there}"

    def vacuous(self, story: Story) -> str:
        """A contact's key changes with its subscription, a line's with calls."""
        phone = story.target.phones.get(self.phone)
        if phone is None:
            return no_such_phone(story, self.phone)
        key = self.found(story)
        if self.shown is not None:
            return ""
        if key is None:
            return self._no_key(story)
        view = phone.subscription_of(key.name) if key.kind == CONTACT else None
        if key.kind == CONTACT and (view is None or view.state not in (ACTIVE, REFUSED)):
            return f"phone {self.phone} has no live subscription that could have lit its key for {key.name}"
        return ""

    def wanted(self) -> str:
        """Phone, key and look."""
        if self.shown is not None:
            return f"{self.phone} has {'a' if self.shown else 'no'} key for {self.key}"
        what = ", ".join(f"{name} {match}" for name, match in self.fields.items()) or "a change"
        return f"{self.phone}'s key for {self.key}: {what}"

    def seen(self, story: Story) -> str:
        """The key as it is."""
        if self.phone not in story.target.phones:
            return no_such_phone(story, self.phone)
        key = self.found(story)
        if key is None:
            return self._no_key(story)
        return f"{self.phone}'s key {key.place} for {key.name} is {key.led}{', and it rings' if key.ring else ''}"


def standing_of(key: Key) -> dict[str, str]:
    """What can be asked of a key, as text."""
    return {
        "colour": key.led.colour,
        "state": key.led.state,
        "ring": "true" if key.ring else "false",
        "place": key.place,
        "label": key.label,
        "fgcolor": key.fgcolor,
        "bgcolor": key.bgcolor,
    }


def _plain(lit: Mapping[str, object]) -> dict[str, str]:
    """What an event says of a key, as text."""
    ring = {True: "true", False: "false"}
    return {name: ring[value] if isinstance(value, bool) else str(value)
            for name, value in lit.items() if name in ("colour", "state", "ring", "fgcolor", "bgcolor")}  # fmt: skip
