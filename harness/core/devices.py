"""Device states: the Custom provider, channel technologies and the cache.

main/devicestate.c, funcs/func_devstate.c; rules §3.1 of the behaviour text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from harness.core.delivery import Delivery, Listeners, Observe, nobody
from harness.core.octets import cut, to_bytes
from harness.core.providers import Change, Providers, custom_name
from harness.core.states import DeviceState, parse_device
from harness.core.store import Store

FAMILY = "CustomDevstate"
PREFIX = "Custom:"
DEVICE_BYTES = 79
"""The name of a published custom device goes through a buffer of this size."""
STORED_BYTES = 255
"""So much of a stored state is looked at."""

Ask = Callable[[str], DeviceState]
DeviceCallback = Callable[[str, DeviceState], None]


class DeviceStates:
    """All devices; a state that is kept is published only when it differs from the one before."""

    __slots__ = ("_cache", "_delivery", "_listeners", "_providers", "_store", "follow", "observe")

    def __init__(self, store: Store, delivery: Delivery, observe: Observe | None = None) -> None:
        self._store, self._delivery, self.observe = store, delivery, observe
        self._providers: Providers[DeviceState] = Providers()
        self._cache: dict[str, DeviceState] = {}
        self._listeners: Listeners[str, DeviceState] = Listeners()
        self.follow: DeviceCallback = nobody
        """The hints, told after all listeners."""

    def register_provider(self, label: str, ask: Ask) -> None:
        """Answer for `label:<name>`; the label is compared without case."""
        self._providers.add_label(label, ask)

    def register_technology(self, name: str, ask: Ask, addresses: Iterable[str] = ()) -> None:
        """Answer for `name/<address>`; each address given is in the cache from now on, as endpoints are."""
        self._providers.add_technology(name, ask)
        for address in addresses:
            self.set(f"{name}/{address}")

    def boot(self) -> None:
        """Publish what is stored of custom devices, then register their provider.

        For a row that cannot be read nobody answers yet, so it is INVALID until it is written (in Asterisk a
        thread asks, for whom the provider may be there already: measured, both happen).
        """
        for key, text in self._store.tree(f"/{FAMILY}"):
            if name := key.rpartition("/")[2]:
                self.set(cut(f"{PREFIX}{name}", DEVICE_BYTES), parse_device(text))
        self.register_provider("Custom", self._custom)

    def _custom(self, name: str) -> DeviceState:
        return parse_device(cut(self._store.get(FAMILY, name) or "", STORED_BYTES))

    def write(self, device: str, text: str) -> bool:
        """`DEVICE_STATE(device)=text`; False: refused, nothing stored.  UNKNOWN cannot be written."""
        return self.change(device, text) == "changed"

    def change(self, device: str, text: str) -> Change:
        """`devstate change device text`: `prefix` where it is no custom device, `usage` where it is refused.

        Whatever the spelling of the prefix, the published device is `Custom:<name>`.
        """
        name, state = custom_name(device, PREFIX), parse_device(text)
        if not name or state is DeviceState.UNKNOWN:
            if self.observe:
                why = f"unknown device state {text!r}" if name else f"only {PREFIX}<name> can be set"
                self.observe("refused", device=device, text=text, why=why)
            return "prefix" if name is None else "usage"
        self._store.put(FAMILY, name, text)
        self._keep(cut(f"{PREFIX}{name}", DEVICE_BYTES), state)
        return "changed"

    def set(self, device: str, state: DeviceState = DeviceState.UNKNOWN) -> None:
        """A device changed; UNKNOWN: its technology or provider is asked how.  Published if it is news."""
        self._keep(device, self.ask(device) if state is DeviceState.UNKNOWN else state)

    def publish_uncached(self, device: str, state: DeviceState) -> None:
        """A channel changed that is not worth keeping (Local): published every time, in no cache."""
        self._delivery.run(self._deliver, device, state)

    def _keep(self, device: str, state: DeviceState) -> None:
        if self._cache.get(device, DeviceState.UNKNOWN) is state:
            if self.observe:
                self.observe("not published", device=device, why=f"it is {state.token} already")
            return
        self._cache[device] = state
        self._delivery.run(self._deliver, device, state)

    def _deliver(self, device: str, state: DeviceState) -> None:
        if self.observe:
            self.observe("published", device=device, state=state)
        self._listeners.tell(device, state)
        self.follow(device, state)

    def query(self, device: str) -> DeviceState:
        """What was published last, or what the technology or provider says."""
        state = self._cache.get(device, DeviceState.UNKNOWN)
        return self.ask(device) if state is DeviceState.UNKNOWN else state

    def ask(self, device: str) -> DeviceState:
        """What the technology or provider says, past the cache; INVALID where nobody answers for it."""
        answer = self._providers.ask(device)
        return DeviceState.INVALID if answer is None else answer

    def cached(self) -> list[tuple[str, DeviceState]]:
        """What was published last of each device that is kept, sorted."""
        return sorted(self._cache.items(), key=lambda row: to_bytes(row[0]))

    def stored(self) -> list[tuple[str, str]]:
        """Names and states of custom devices as they are stored, sorted by key."""
        return [(key.rpartition("/")[2], text) for key, text in self._store.tree(f"/{FAMILY}")]

    def subscribe(self, callback: DeviceCallback) -> Callable[[], None]:
        """Be called with device and state at every publication; the result ends it."""
        return self._listeners.add(callback)
