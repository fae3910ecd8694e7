"""Events of a trace as JSON lines: values made plain, secrets blanked, what comes again rendered once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from enum import Enum
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, cast

from harness.net.blanking import BLANK, SECRET_NAMES, readable

if TYPE_CHECKING:
    from harness.net.trace import Event, Place, Trace

_ID = re.compile(r" at 0x[0-9a-fA-F]+")

_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Rendering:
    """Of one trace. A message that is sent arrives; roads, names and texts are used many times."""

    __slots__ = ("_blank", "_messages", "_names", "_roads", "_texts", "_trace")

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._blank = trace.blank
        self._roads: dict[tuple[str, Place, Place, str], str] = {}
        self._messages: dict[bytes, str] = {}
        self._texts: dict[str, str] = {}
        self._names: dict[str, tuple[str, bool]] = {}

    def line(self, event: Event) -> str:
        """See `Trace.line`."""
        seq, cause, time, hop, source, destination, transport, payload = event
        way = (hop, source, destination, transport)
        road = self._roads.get(way) or self._road(way)
        shown = self._message(payload) if type(payload) is bytes else self._value(payload)
        return f'{{"seq":{seq},"cause":{cause or "null"},"time":{time:.6f},{road},"payload":{shown}}}'

    def _road(self, way: tuple[str, Place, Place, str]) -> str:
        hop, source, destination, transport = way
        name = self._trace.name_of
        road = (
            f'"hop":{_json(hop)},"source":{_json(name(source))},"destination":{_json(name(destination))},'
            f'"transport":{_json(transport)}'
        )
        self._roads[way] = road
        return road

    def _message(self, data: bytes) -> str:
        shown = self._messages.get(data)
        if shown is None:
            shown = self._messages[data] = encode_basestring(self._blank(readable(data)))
        return shown

    def _mapping(self, payload: dict[str, object]) -> str:
        parts = []
        for name, value in payload.items():
            written, special = self._names.get(name) or self._name(str(name))
            if special:
                return _json(self._trace.shown(payload))
            parts.append(written + self._value(value))
        return f"{{{','.join(parts)}}}"

    def _name(self, name: str) -> tuple[str, bool]:
        """As it is written, and whether what it names, or what stands beside it, may be a secret."""
        lower = name.lower()
        known = self._names[name] = _json(readable(name)) + ":", lower in SECRET_NAMES or lower == "action"
        return known

    def _value(self, value: object) -> str:
        """What events mostly hold is written without a plain copy of it."""
        kind = type(value)
        if kind is int:
            return str(value)
        if kind is str:
            text = cast("str", value)
            return self._texts.get(text) or self._text(text)
        if kind is dict:
            return self._mapping(cast("dict[str, object]", value))
        if kind is list:
            return f"[{','.join(map(self._value, cast('list[object]', value)))}]"
        return _json(self._trace.shown(value))  # type: ignore[arg-type]

    def _text(self, text: str) -> str:
        shown = self._texts[text] = encode_basestring(self._blank(readable(text)))
        return shown


def plain(value: object) -> object:
    """JSON values that are the same in every process: no addresses of objects, no order of sets."""
    if type(value) is str:
        return readable(value)
    if isinstance(value, Enum):
        return value.name
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, bytes | str):
        return readable(value)
    if isinstance(value, Mapping):
        return {readable(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=_json)
    return _ID.sub("", readable(str(value)))


def blanked(value: object, blank: Callable[[str], str]) -> object:
    """Plain values without secrets: by form and literal (`blank`), and by the name that they have in a mapping."""
    if isinstance(value, str):
        return blank(value)
    if isinstance(value, list):
        return [blanked(item, blank) for item in value]
    if isinstance(value, dict):
        login = any(name.lower() == "action" and str(of).lower() == "login" for name, of in value.items())
        hidden = SECRET_NAMES | {"key"} if login else SECRET_NAMES
        return {name: BLANK if name.lower() in hidden else blanked(of, blank) for name, of in value.items()}
    return value
