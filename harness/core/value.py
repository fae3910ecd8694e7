"""The text that PRESENCE_STATE() takes, `state[,subtype[,message[,options]]]`, and what is made of it.

funcs/func_presencestate.c, parse_data(); main/utils.c for base64.
"""

from __future__ import annotations

import base64
from typing import NamedTuple

from harness.core.octets import to_bytes, to_text
from harness.core.states import PresenceState, parse_presence

FIELDS = 4
"""Only so many fields are looked at; what comes after stays in the stored text."""

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_STRAY = 0x3F
"""What a character outside the alphabet counts as."""
_SEXTETS = bytes(_ALPHABET.index(code) if code in _ALPHABET else _STRAY for code in range(256))


class Presence(NamedTuple):
    """What is published and told: texts are never missing, only empty."""

    state: PresenceState
    subtype: str = ""
    message: str = ""


class Found(NamedTuple):
    """What a look-up gives: None where there is no text at all, which is not the same as an empty one.

    The difference decides whether a fresh hint delivers the first repetition (§3.5).
    """

    state: PresenceState
    subtype: str | None = None
    message: str | None = None

    def told(self) -> Presence:
        """The same as it is told to others."""
        return Presence(self.state, self.subtype or "", self.message or "")


INVALID = Found(PresenceState.INVALID)
NOTHING_SET = Found(PresenceState.NOT_SET)


class PresenceValue(NamedTuple):
    """One value, its texts as they were written."""

    state: PresenceState
    subtype: str = ""
    message: str = ""
    options: str = ""

    @property
    def encoded(self) -> bool:
        """Whether subtype and message are base64 (option `e`)."""
        return "e" in self.options

    def published(self, limit: int | None) -> Presence:
        """What an event carries: encoded texts decoded to at most `limit` bytes each, or as written for None."""
        if not self.encoded or limit is None:
            return Presence(self.state, self.subtype, self.message)
        return Presence(self.state, decode_base64(self.subtype, limit), decode_base64(self.message, limit))

    def found(self, limit: int) -> Found:
        """What a provider answers: decoded to at most `limit` bytes, an unwritten text missing."""
        subtype, message = self.subtype or None, self.message or None
        if self.encoded:
            subtype = None if subtype is None else decode_base64(subtype, limit)
            message = None if message is None else decode_base64(message, limit)
        return Found(self.state, subtype, message)


def _fields(text: str) -> list[str]:
    fields = text.split(",", FIELDS)[:FIELDS]
    return fields + [""] * (FIELDS - len(fields))


def parse_value(text: str) -> PresenceValue | None:
    """Take a value apart; None where Asterisk refuses it (`refusal` tells why)."""
    state, subtype, message, options = _fields(text)
    parsed = parse_presence(state)
    if parsed is PresenceState.INVALID or (options and "e" not in options):
        return None
    return PresenceValue(parsed, subtype, message, options)


def refusal(text: str) -> str:
    """Why `parse_value` gave None, in one sentence; empty where it did not."""
    state, _, _, options = _fields(text)
    if parse_presence(state) is PresenceState.INVALID:
        return f"unknown presence state {state!r}"
    if options and "e" not in options:
        return f"invalid options {options!r}: the fourth field must hold an e or nothing"
    return ""


def decode_base64(text: str, limit: int) -> str:
    """Decode as Asterisk does: up to the first `=`, no error possible, at most `limit` bytes.

    The result ends at its first NUL, because it is read back as a C string.
    """
    held, bits = 0, 0
    decoded = bytearray()
    for code in to_bytes(text).partition(b"=")[0]:
        if len(decoded) >= limit:
            break
        held, bits = (held << 6 | _SEXTETS[code]) & 0xFFFF, bits + 6
        if bits >= 8:
            bits -= 8
            decoded.append(held >> bits & 0xFF)
    return to_text(bytes(decoded).partition(b"\0")[0])


def encode_base64(text: str) -> str:
    """The standard alphabet with padding, no line breaks."""
    return base64.b64encode(to_bytes(text)).decode("ascii")
