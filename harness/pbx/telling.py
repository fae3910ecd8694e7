"""What the server's parts decided, on the trace: the hops `core`, `hint` and `pbx`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.core.hint import Hint
from harness.core.value import Presence

if TYPE_CHECKING:
    from harness.net.trace import Trace

_HINT_DECISIONS = frozenset(("no hint", "same presence", "same device state", "no presence part", "told"))


class Observed:
    """Writes decisions down as events; costs one test where the trace is off."""

    __slots__ = ("_name", "_published", "_trace")

    def __init__(self, trace: Trace, name: str) -> None:
        self._trace, self._name, self._published = trace, name, 0

    def core(self, what: str, /, **values: object) -> None:
        """A decision of the presence core."""
        trace = self._trace
        if not trace.enabled:
            return
        hop = "hint" if what in _HINT_DECISIONS else "core"
        cause = self._published if hop == "hint" and self._published else None
        seq = trace.add(hop, self._name, self._name, "", {"what": what, **_plain(values)}, cause)
        if what == "published":
            self._published = seq
        if what in ("published", "told"):
            trace.cause = seq  # what follows in this turn is the consequence of it

    def pbx(self, what: str, /, **values: object) -> None:
        """A decision of the server about a request."""
        if self._trace.enabled:
            self._trace.add("pbx", self._name, self._name, "", {"what": what, **_plain(values)})


def _plain(values: dict[str, object]) -> dict[str, Any]:
    """Hints as their names and places, states as their tokens: what they are now, not what they will be."""
    plain: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Hint):
            plain |= {"exten": value.exten, "context": value.context, "hint": value.text}
            if value.where is not None:
                plain["where"] = str(value.where)
        elif isinstance(value, Presence):
            plain |= {"state": value.state.token, "subtype": value.subtype, "message": value.message}
        else:
            token = getattr(value, "token", None)
            plain[name] = token if isinstance(token, str) else value
    return plain
