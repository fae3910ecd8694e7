"""The bodies of the MESSAGEs between a phone and the shim: small JSON objects with a version, an invented format."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

PROXY_USER = "proxy"
"""The user of the Request-URI that a phone talks to (config_server_url)."""
CONTENT_TYPE = "text/plain"
VERSION_KEY = "dpma-harness"
VERSION = 1
MAX_REQUEST_BYTES = 4_096
MAX_NAME_BYTES = 255

CONFIGURATION = "configuration"
STATUS = "status"


class BodyError(ValueError):
    """A body that is none of ours; the text says why."""


class PhoneRequest(NamedTuple):
    """What a phone asks: its configuration, or to have a status set."""

    method: str
    phone: str
    status: str = ""
    substatus: str = ""


def read_request(body: bytes) -> PhoneRequest:
    """Read what a phone sent; raises BodyError."""
    if len(body) > MAX_REQUEST_BYTES:
        raise BodyError(f"the body has more than {MAX_REQUEST_BYTES} bytes")
    message = _object(body)
    method, phone = message.get("method"), message.get("phone")
    if method not in (CONFIGURATION, STATUS):
        raise BodyError(f"the method {method!r} is not known")
    texts = {name: message.get(name, "") for name in ("status", "substatus")}
    if not isinstance(phone, str) or not all(isinstance(text, str) for text in texts.values()):
        raise BodyError("phone, status and substatus are texts")
    whole = phone + texts["status"] + texts["substatus"]
    if "\0" in whole:
        raise BodyError("a text holds a NUL character")
    if any("\ud800" <= char <= "\udfff" for char in whole):
        raise BodyError("a text holds half of a surrogate pair")
    return PhoneRequest(method, phone, texts["status"], texts["substatus"])


def _object(body: bytes) -> dict[str, Any]:
    try:
        message = json.loads(body.decode("utf-8"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise BodyError("the body is not a JSON object in UTF-8") from None
    if not isinstance(message, dict):
        raise BodyError("the body is not a JSON object in UTF-8")
    version = message.get(VERSION_KEY)
    if version != VERSION or type(version) is not int:  # True and 1.0 equal 1
        raise BodyError(f"the body does not say {VERSION_KEY}: {VERSION}")
    return message


def write_configuration(fields: dict[str, Any]) -> bytes:
    """What the shim sends back."""
    return _encode({VERSION_KEY: VERSION, "method": CONFIGURATION, **fields})


def read_configuration(body: bytes) -> dict[str, Any]:
    """What a phone finds in the shim's answer; raises BodyError."""
    message = _object(body)
    if message.get("method") != CONFIGURATION:
        raise BodyError("the body is no configuration")
    return message


def _encode(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
