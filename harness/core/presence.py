"""Presence states: the CustomPresence provider, look-ups and the cache.

funcs/func_presencestate.c, main/presencestate.c; rules §1 and §2 of the behaviour text.
"""

from __future__ import annotations

from collections.abc import Callable

from harness.core.delivery import Delivery, Listeners, Observe, nobody
from harness.core.octets import cut, fold, to_bytes
from harness.core.profiles import Profile
from harness.core.providers import Change, Providers, custom_name
from harness.core.states import PresenceState, aggregate_presence
from harness.core.store import Store
from harness.core.value import INVALID, Found, Presence, PresenceValue, encode_base64, parse_value, refusal

FAMILY = "CustomPresence"
PREFIX = "CustomPresence:"
STORED_BYTES = 1300
"""So much of a stored value is looked at."""
BOOT_PROVIDER_BYTES = 79
"""At boot the provider's name goes through a buffer of this size."""
READ_BYTES = 4096
"""The buffer for a function's result in the dialplan; the manager interface has one of 1024."""

PresenceCallback = Callable[[str, Presence], None]


class PresenceStates:
    """All providers of presence; every publication is told, none is de-duplicated."""

    __slots__ = ("_cache", "_delivery", "_listeners", "_profile", "_providers", "_store", "follow", "observe")

    def __init__(
        self, store: Store, delivery: Delivery, profile: Profile, observe: Observe | None = None
    ) -> None:
        self._store, self._delivery, self._profile, self.observe = store, delivery, profile, observe
        self._providers: Providers[Found] = Providers()
        self._cache: dict[str, Presence] = {}
        self._listeners: Listeners[str, Presence] = Listeners()
        self.follow: PresenceCallback = nobody
        """The hints, told after all listeners."""

    # providers

    def register_provider(self, label: str, ask: Callable[[str], Found]) -> None:
        """Answer for `label:<name>`; the label is compared without case."""
        self._providers.add_label(label, ask)

    def register_technology(self, name: str, ask: Callable[[str], Found]) -> None:
        """Answer for `name/<address>`; Asterisk has no channel technology that does."""
        self._providers.add_technology(name, ask)

    def boot(self) -> None:
        """Publish what is stored, then register the provider: stored NOT_SET rows find nobody to ask.

        A row is looked up again by what follows the last `/` of its key, so a name with a `/` is not found.
        """
        for key, _ in self._store.tree(f"/{FAMILY}"):
            if name := key.rpartition("/")[2]:
                self._publish(cut(f"{PREFIX}{name}", BOOT_PROVIDER_BYTES), self._at_boot(name))
        self.register_provider(FAMILY, self._custom)

    def _at_boot(self, name: str) -> Presence:
        if self._profile.published_limit is not None:
            return self._custom(name).told()
        value = parse_value(cut(self._store.get(FAMILY, name) or "", STORED_BYTES))
        return Presence(PresenceState.INVALID) if value is None else value.published(None)

    def _custom(self, name: str) -> Found:
        stored = self._store.get(FAMILY, name)
        if stored is None:
            return Found(self._profile.missing_row)
        value = parse_value(cut(stored, STORED_BYTES))
        return INVALID if value is None else value.found(STORED_BYTES)

    # writing

    def write(self, provider: str, text: str) -> bool:
        """`PRESENCE_STATE(provider)=text` of the dialplan and the manager interface; False: nothing happened.

        The provider is not split at commas and is published as it is spelled.
        """
        name, value = custom_name(provider, PREFIX), parse_value(text)
        if not name or value is None:
            self._refused(provider, text, f"only {PREFIX}<name> can be set" if not name else refusal(text))
            return False
        self._store.put(FAMILY, name, text)
        self._publish(provider, value.published(self._profile.published_limit))
        return True

    def change(self, entity: str, text: str) -> Change:
        """`presencestate change entity text`: publishes the texts as typed, without decoding them.

        `prefix`: not a custom provider; `usage`: no name, or a value that is refused.
        """
        name, value = custom_name(entity, PREFIX), parse_value(text)
        if name is None:
            self._refused(entity, text, f"only {PREFIX}<name> can be set")
            return "prefix"
        if not name or value is None or not self._takes(value):
            self._refused(entity, text, refusal(text) or "no name, or NOT_SET where it cannot be given")
            return "usage"
        self._store.put(FAMILY, name, text)
        self._publish(entity, value.published(None))
        return "changed"

    def _takes(self, value: PresenceValue) -> bool:
        return value.state is not PresenceState.NOT_SET or self._profile.change_takes_not_set

    def _refused(self, provider: str, text: str, why: str) -> None:
        if self.observe:
            self.observe("refused", provider=provider, text=text, why=why)

    def _publish(self, provider: str, presence: Presence) -> None:
        """Publish; for NOT_SET the provider is asked again, and what it says is published instead."""
        if presence.state is PresenceState.NOT_SET:
            presence = self.found(provider, cached=False).told()
            if presence.state is PresenceState.INVALID:
                if self.observe:
                    self.observe("not published", provider=provider, why="NOT_SET, and nobody answers for it")
                return
        self._cache[provider] = presence
        self._delivery.run(self._deliver, provider, presence)

    def _deliver(self, provider: str, presence: Presence) -> None:
        if self.observe:
            self.observe("published", provider=provider, **presence._asdict())
        self._listeners.tell(provider, presence)
        self.follow(provider, presence)

    # reading

    def read(self, providers: str) -> Presence | None:
        """Ask the providers of a list, past the cache; None where all are INVALID."""
        return self._answer(self.found(providers, cached=False))

    def query(self, providers: str) -> Presence | None:
        """The same from what was published last, asking only those that never published."""
        return self._answer(self.found(providers, cached=True))

    def read_field(self, provider: str, field: str, options: str = "", size: int = READ_BYTES) -> str | None:
        """`${PRESENCE_STATE(provider,field,options)}`, its arguments taken apart; None: the function fails.

        `size` is the caller's buffer in bytes, of which the last one is never used.
        """
        presence = self.read(provider) if provider and field else None
        if presence is None:
            return None
        wanted = fold(field)
        if wanted == "value":
            return cut(presence.state.token, size - 1)
        text = {"subtype": presence.subtype, "message": presence.message}.get(wanted, "")
        if "e" in options:
            return encode_base64(text)[: (size - 1) // 4 * 4]
        return cut(text, size - 1)

    def cached(self) -> list[tuple[str, Presence]]:
        """What was published last under each spelling of a provider, sorted; INVALID ones too."""
        return sorted(self._cache.items(), key=lambda row: to_bytes(row[0]))

    def stored(self) -> list[tuple[str, PresenceValue]]:
        """Names and values as they are stored, sorted by key, without those that cannot be read."""
        rows = ((key, parse_value(cut(text, STORED_BYTES))) for key, text in self._store.tree(f"/{FAMILY}"))
        return [(key.rpartition("/")[2], value) for key, value in rows if value is not None]

    def subscribe(self, callback: PresenceCallback) -> Callable[[], None]:
        """Be called with provider and presence at every publication; the result ends it."""
        return self._listeners.add(callback)

    def found(self, providers: str, cached: bool) -> Found:
        """Like `read` and `query`, with missing texts told from empty ones, and INVALID as a state."""
        if not self._profile.presence_lists:
            return self._one(providers, cached)
        return aggregate_presence([self._one(label, cached) for label in providers.split("&")]) or INVALID

    def _one(self, label: str, cached: bool) -> Found:
        last = self._cache.get(label) if cached else None
        if last is not None and last.state is not PresenceState.INVALID:
            return Found(last.state, last.subtype or None, last.message or None)
        answer = self._providers.ask(label, slashes=self._profile.presence_lists)
        if answer is None and self.observe:
            self.observe("unknown provider", label=label)
        return answer or INVALID

    @staticmethod
    def _answer(found: Found) -> Presence | None:
        return None if found.state is PresenceState.INVALID else found.told()
