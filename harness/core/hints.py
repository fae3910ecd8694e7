"""All hints: which events reach which hint, what is worth telling, and what a reload does.

main/pbx.c; rules §3.3 to §3.10 of the behaviour text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from harness.core.delivery import Delivery, Listeners, Observe
from harness.core.devices import DeviceStates
from harness.core.hint import (
    DeviceStatesOf,
    Extensions,
    Hint,
    HintEntry,
    Notification,
    Watch,
    WatchCallback,
    is_pattern,
    needs_evaluation,
)
from harness.core.hint_table import HintTable
from harness.core.octets import fold
from harness.core.presence import PresenceStates
from harness.core.profiles import Profile
from harness.core.states import (
    NO_HINT,
    DeviceState,
    ExtensionState,
    PresenceState,
    aggregate_devices,
    extension_state,
)
from harness.core.value import NOTHING_SET, Found, Presence

GeneralCallback = Callable[[Notification, str], None]
"""Told of every hint: the notification, and the hint's text as the dialplan that is in force has it."""


class Hints:
    """The hints of the dialplan that is in force."""

    __slots__ = (
        "_delivery",
        "_devices",
        "_general",
        "_presence",
        "_profile",
        "_table",
        "autohints",
        "extensions",
        "observe",
    )

    def __init__(
        self,
        presence: PresenceStates,
        devices: DeviceStates,
        extensions: Extensions,
        delivery: Delivery,
        profile: Profile,
        observe: Observe | None = None,
    ) -> None:
        self._presence, self._devices, self.extensions = presence, devices, extensions
        self._delivery, self._profile, self.observe = delivery, profile, observe
        self._table = HintTable(profile)
        self._general: Listeners[Notification, str] = Listeners()
        self.autohints: tuple[str, ...] = ()
        """The contexts in which a device without a hint gets one (`autohints=yes`)."""
        presence.follow, devices.follow = self._presence_event, self._device_event

    # looking

    def listing(self) -> tuple[Hint, ...]:
        """All, patterns included, in the order of creation, each with what it last showed."""
        return tuple(self._table)

    def exists(self, context: str, exten: str) -> bool:
        """Whether an extension has a hint; creates nothing."""
        return self.extensions.hint_for(context, exten) is not None

    def find(self, context: str, exten: str) -> Hint | None:
        """The hint of an extension; one of a pattern is created, in the context that holds the pattern.

        A name that starts with `_` finds the pattern itself.
        """
        entry = self.extensions.hint_for(context, exten)
        if entry is not None and is_pattern(entry.exten) and entry.exten != exten:
            with self._delivery.hold():
                self._bring_about(HintEntry(entry.context, exten, entry.text, entry.name, entry.where))
            entry = self.extensions.hint_for(context, exten)
        return None if entry is None else self._table.get(entry.context, entry.exten)

    def text(self, context: str, exten: str) -> str | None:
        """The hint's text (function HINT): evaluated, or a pattern's own; creates nothing."""
        entry = self.extensions.hint_for(context, exten)
        if entry is None:
            return None
        hint = self._table.get(entry.context, entry.exten)
        return entry.text if hint is None else hint.text

    def name(self, context: str, exten: str) -> str | None:
        """The hint's name (function HINT with option n); creates nothing."""
        entry = self.extensions.hint_for(context, exten)
        return None if entry is None else entry.name

    def state(self, context: str, exten: str) -> int:
        """What the devices of an extension's hint say now, whatever was last told; -1 without a hint."""
        hint = self.find(context, exten)
        return NO_HINT if hint is None else self._state_of(self.devices(hint))

    def presence(self, context: str, exten: str) -> Presence | None:
        """What the providers of an extension's hint last published; None without a hint and for INVALID."""
        hint = self.find(context, exten)
        if hint is None or not hint.text:
            return None
        found = self._presence_of(hint)
        return None if found.state is PresenceState.INVALID else found.told()

    def devices(self, hint: Hint) -> DeviceStatesOf:
        """The devices of a hint, each with its state."""
        return tuple((device, self._devices.query(device)) for device in hint.devices)

    @staticmethod
    def _state_of(devices: DeviceStatesOf) -> ExtensionState:
        return extension_state(aggregate_devices(state for _, state in devices))

    def _presence_of(self, hint: Hint) -> Found:
        if hint.provider:
            return self._presence.found(hint.provider, cached=True)
        if self.observe:
            self.observe("no presence part", hint=hint)
        return NOTHING_SET

    # watching

    def watch(self, context: str, exten: str, callback: WatchCallback, extended: bool = True) -> Watch | None:
        """Be called at every change; creates a pattern's instance.  None: no hint, or a pattern's own name.

        An extended watcher, as PJSIP's are, is told the devices and is called again while something rings.
        """
        hint = self.find(context, exten)
        return None if hint is None or hint.pattern else Watch(hint, callback, extended)

    def subscribe_general(self, callback: GeneralCallback) -> Callable[[], None]:
        """Be called for all hints, before their watchers, and when one is created; the result ends it."""
        return self._general.add(callback)

    def _tell_general(self, hint: Hint, note: Notification) -> None:
        if self._general:
            self._general.tell(note, self.text(hint.context, hint.exten) or "")

    def _tell_watchers(self, watchers: Iterable[Watch], note: Notification, repeated: bool = False) -> None:
        if self.observe:
            self.observe("told", hint=note.hint, reason=note.reason, watchers=len(note.hint.watchers))
        plain = note._replace(devices=None) if note.devices else note
        for watch in tuple(watchers):
            if watch.extended:
                if watch.active:
                    watch.callback(note)
            elif watch.active and not repeated:
                watch.callback(plain)

    # events

    def _presence_event(self, provider: str, presence: Presence) -> None:
        hints = self._table.by_provider.get(fold(provider))
        if hints is None:
            if self.observe:
                self.observe("no hint", provider=provider)
            return
        for hint in tuple(hints):
            if hint.live:
                self._presence_reaches(hint, presence)

    def _presence_reaches(self, hint: Hint, presence: Presence) -> None:
        """The event's own state is taken over, not that of the list; a missing text equals no text (§3.5)."""
        new = Found(*presence)
        if hint.presence == new:
            if self.observe:
                self.observe("same presence", hint=hint, presence=presence)
            return
        hint.presence = new
        note = Notification(hint, "presence", hint.state, presence)
        self._tell_general(hint, note)
        self._tell_watchers(hint.watchers, note)

    def _device_event(self, device: str, _state: DeviceState) -> None:
        hints = self._table.by_device.get(fold(device))
        if hints is None and not self.autohints and self.observe:
            self.observe("no hint", device=device)
        for hint in tuple(hints or ()):
            if hint.live:
                self._device_reaches(hint)
        for context in self.autohints:
            self._add_autohint(context, device)

    def _device_reaches(self, hint: Hint) -> None:
        devices = self.devices(hint)
        state = self._state_of(devices)
        same = state == hint.state
        if same and not state & ExtensionState.RINGING:
            if self.observe:
                self.observe("same device state", hint=hint, state=state)
            return
        hint.state = state
        note = Notification(hint, "device", state, hint.presence.told(), devices)
        if not same:
            self._tell_general(hint, note._replace(devices=None))
        self._tell_watchers(hint.watchers, note, repeated=same)

    def _add_autohint(self, context: str, device: str) -> None:
        """A hint named after what follows the device's first `/` or `:`, unless the context finds one."""
        at = min((place for place in (device.find("/"), device.find(":")) if place >= 0), default=-1)
        exten = device[at + 1 :]
        if at >= 0 and exten and not self.exists(context, exten):
            self._bring_about(HintEntry(context, exten, device, device))

    # coming, changing and going

    def load(self, autohints: Iterable[str] = ()) -> None:
        """Create the hints of the dialplan at start; `autohints` are the contexts that ask for them."""
        self.autohints = tuple(autohints)
        with self._delivery.hold():
            self._create_all(self._table, self.extensions)

    def reload(self, extensions: Extensions, autohints: Iterable[str] = ()) -> None:
        """Put another dialplan in force (§3.9).

        All hints are created anew.  Watchers move to the hint that the new dialplan finds for theirs, which
        takes over what the old one last showed, so they are told nothing; those left over are told `removed`.
        """
        with self._delivery.hold():
            table = HintTable(self._profile)
            self._create_all(table, extensions)
            old, self._table = self._table, table
            self.extensions, self.autohints = extensions, tuple(autohints)
            for hint in old:
                hint.live = False
            gone = [hint for hint in old if hint.watchers and not self._hand_over(hint)]
            nothing = Presence(PresenceState.NOT_SET)
            for hint in gone:
                self._end(hint, Notification(hint, "removed", ExtensionState.REMOVED, nothing))

    def added(self, entry: HintEntry) -> Hint | None:
        """The dialplan has one more hint (`dialplan add extension`); None where there was one already."""
        with self._delivery.hold():
            return self._create(self._table, self.extensions, entry)

    def changed(self, entry: HintEntry) -> Hint | None:
        """The dialplan has another text for a hint (`... replace`); a new device state is told, presence not."""
        hint = self._table.get(entry.context, entry.exten)
        if hint is None:
            return None
        self._table.remove(hint)
        hint.rewrite(self._evaluated(self.extensions, entry), entry.name, entry.where)
        self._table.add(hint)
        self._delivery.run(self._device_reaches, hint)
        return hint

    def removed(self, context: str, exten: str) -> bool:
        """The dialplan has lost a hint (`dialplan remove extension`): its watchers are told `deactivated`."""
        hint = self._table.get(context, exten)
        if hint is None:
            return False
        self._table.remove(hint)
        hint.live, hint.state = False, ExtensionState.DEACTIVATED
        note = Notification(hint, "deactivated", hint.state, hint.presence.told())
        self._delivery.run(self._end, hint, note)
        return True

    def _end(self, hint: Hint, note: Notification) -> None:
        self._tell_watchers(hint.watchers, note)
        for watch in tuple(hint.watchers):
            watch.cancel()

    def _hand_over(self, old: Hint) -> bool:
        new = self.find(old.context, old.exten)
        if new is None or new.pattern:
            return False
        watchers, old.watchers = old.watchers, {}
        for watch in watchers:
            watch.move(new)
        new.state, new.presence = old.state, old.presence
        return True

    def _bring_about(self, entry: HintEntry) -> None:
        """Add a hint to the dialplan that no file holds."""
        entry = entry._replace(text=self._evaluated(self.extensions, entry))
        self.extensions.add_hint(entry.context, entry.exten, entry.text, entry.name)
        self._create(self._table, self.extensions, entry, evaluated=True)

    def _create_all(self, table: HintTable, extensions: Extensions) -> None:
        for entry in tuple(extensions.hint_entries()):
            self._create(table, extensions, entry)

    def _create(
        self, table: HintTable, extensions: Extensions, entry: HintEntry, evaluated: bool = False
    ) -> Hint | None:
        if (entry.context, entry.exten) in table:
            return None
        text = entry.text if evaluated else self._evaluated(extensions, entry)
        hint = Hint(entry.context, entry.exten, text, entry.name, entry.where)
        if not hint.dynamic:
            hint.state = self._state_of(self.devices(hint))
            # NOT_SET is kept without the texts that its row may have
            found = self._presence_of(hint)
            hint.presence = NOTHING_SET if found.state is PresenceState.NOT_SET else found
        table.add(hint)
        if not hint.dynamic and self._profile.creation_told:
            self._tell_general(hint, Notification(hint, "device", hint.state, hint.presence.told()))
        return hint

    @staticmethod
    def _evaluated(extensions: Extensions, entry: HintEntry) -> str:
        if needs_evaluation(entry.text) and not is_pattern(entry.exten):
            return extensions.substitute(entry.text, entry.context, entry.exten)
        return entry.text
