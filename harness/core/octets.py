"""Text that came as bytes: limits count bytes, and letters are compared as C's strcasecmp does."""

from __future__ import annotations

_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_LONGEST_CHARACTER = 4


def to_bytes(text: str) -> bytes:
    """The bytes that the text was read from."""
    return text.encode("utf-8", "surrogateescape")


def to_text(raw: bytes) -> str:
    """Bytes as text, whatever they are; `to_bytes` gives them back unchanged."""
    return raw.decode("utf-8", "surrogateescape")


def cut(text: str, limit: int) -> str:
    """At most `limit` bytes of the text; a character may be cut in two, as a C buffer does."""
    if len(text) * _LONGEST_CHARACTER <= limit or (len(text) <= limit and text.isascii()):
        return text
    return to_text(to_bytes(text)[:limit])


def fold(text: str) -> str:
    """Lower case of the letters A to Z and of nothing else, so that equal results mean strcasecmp() = 0."""
    return text.lower() if text.isascii() else text.translate(_ASCII_LOWER)


def bucket(text: str, buckets: int) -> int:
    """Which of the chains of a table of Asterisk's a name is in, which decides the order in lists (ast_str_hash)."""
    total = 5381
    for byte in to_bytes(text):
        total = (total * 33 ^ byte) & 0xFFFFFFFF
    return (total & 0x7FFFFFFF) % buckets


_ESCAPES = str.maketrans(
    {
        "\a": "\\a",
        "\b": "\\b",
        "\f": "\\f",
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
        "\v": "\\v",
        "\\": "\\\\",
        "'": "\\'",
        '"': '\\"',
        "?": "\\?",
    }
)


def c_escape(text: str) -> str:
    """How some manager events write texts that may hold anything (main/utils.c, ast_escape_c_alloc)."""
    return text.translate(_ESCAPES)
