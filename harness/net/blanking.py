"""Takes secrets out of text before anybody reads it: traces, reports, logs."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import groupby
from operator import itemgetter

BLANK = "***"
MIN_SECRET = 4
"""Characters; a shorter literal is not masked, it would blank half of every text."""

SECRET_NAMES = frozenset({"secret", "password", "passwd", "pin", "md5_cred", "remotesecret"})
"""Names of settings and fields whose value is never shown."""

_SETTING = r"(?:md5_cred|(?:remote)?secret|passw(?:or)?d|pin)"
_QUOTED = r'"(?:[^"\\\r\n]|\\.)*"?'

_SETTING_WORDS = ("secret", "passw", "pin", "md5_cred")

_RULES: tuple[tuple[tuple[str, ...], re.Pattern[str], str], ...] = (
    # RFC 7616 3.4 and 3.5: what is computed from the password, and the salt that helps to guess it
    (
        ("response", "cnonce", "rspauth"),
        re.compile(rf"([rRcC](?<!\w.)(?i:esponse|nonce|spauth)\s*=\s*)(?:{_QUOTED}|[0-9a-fA-F]{{8,}})"),
        rf'\1"{BLANK}"',
    ),
    (
        ("authorization",),
        re.compile(r"([aApP](?<![^\n].)(?i:uthorization|roxy-authorization)\s*:\s*(?i:basic|bearer)\s+)\S+"),
        rf"\1{BLANK}",
    ),
    # AMI: the action's secret, and the answer to its MD5 challenge
    (("secret",), re.compile(r"(?im)^([ \t]*secret[ \t]*:[ \t]*)[^\r\n]+"), rf"\1{BLANK}"),
    (("key",), re.compile(r"(?im)^([ \t]*key[ \t]*:[ \t]*)[0-9a-f]{32,}[ \t]*(?=\r|$)"), rf"\1{BLANK}"),
    # settings: quoted, alone on their line (to its end, a secret may hold anything), or among others
    (_SETTING_WORDS, re.compile(rf"(?i)\b({_SETTING}\s*=>?\s*){_QUOTED}"), rf'\1"{BLANK}"'),
    (_SETTING_WORDS, re.compile(rf"(?i)\b({_SETTING}\s*=>?\s*)'[^'\r\n]*'?"), rf"\1'{BLANK}'"),
    (
        _SETTING_WORDS,
        re.compile(rf"(?im)^([ \t]*{_SETTING}[ \t]*=>?[ \t]*)(?![\"']\*)[^\r\n]+"),
        rf"\1{BLANK}",
    ),
    (
        _SETTING_WORDS,
        re.compile(rf"(?i)\b({_SETTING}[ \t]*=>?[ \t]*)(?!\"|\*)[^\s,;&\"'<>]+"),
        rf"\1{BLANK}",
    ),
    (_SETTING_WORDS, re.compile(rf'(?i)("{_SETTING}"\s*:\s*)(?:{_QUOTED}|-?[0-9.]+)'), rf'\1"{BLANK}"'),
)
"""Words of which one must be there (in lower case), then the expression and what stands in its place.

Those for every message begin with a set of letters: Python finds one much faster than a word in any case.
"""

# RFC 3261 19.1.1: the password of a URI; bounded, or hostile text makes this quadratic
_URI_PASSWORD = re.compile(r"(?i)\b(sips?:[^\s:@<>;,\"]{1,256}+:)[^\s@<>;\"]{1,256}+(?=@)")
_MAY_HAVE_ONE = re.compile(r"sips?:[^\s:@<>;,\"]{1,768}+:[^\s@<>;\"]{1,768}+@")
"""Whether casefolded text has one (folding makes it three times as long at most): fast, as all messages have URIs."""

_BY_WORDS = [(words, [rule[1:] for rule in rules]) for words, rules in groupby(_RULES, itemgetter(0))]
"""The same, with the words of neighbours looked for once."""

REMEMBERED = 512
"""Texts whose blanked form is kept: a message is on the trace twice, when it is sent and when it arrives."""
_LOGIN = re.compile(r"(?im)^[ \t]*action[ \t]*:[ \t]*login[ \t]*(?=\r|$)")
_LOGIN_KEY = re.compile(r"(?im)^([ \t]*key[ \t]*:[ \t]*)[^\r\n]+")


@lru_cache(REMEMBERED)
def blank(text: str) -> str:
    """`text` with the values of digests, AMI secrets, settings and URI passwords replaced by `***`."""
    # casefold and not lower: the expressions' (?i) takes a long s for an s
    folded = text.casefold()
    for words, rules in _BY_WORDS:
        for word in words:
            if word in folded:
                for pattern, replacement in rules:
                    text = pattern.sub(replacement, text)
                break
    if _MAY_HAVE_ONE.search(folded):
        text = _URI_PASSWORD.sub(rf"\1{BLANK}", text)
    if "login" in folded and _LOGIN.search(text):  # elsewhere `Key:` is the name of a database row
        text = _LOGIN_KEY.sub(rf"\1{BLANK}", text)
    return text


class Secrets:
    """Literal values to mask wherever they stand, on top of what `blank` knows by form."""

    __slots__ = ("_values",)

    def __init__(self) -> None:
        self._values: list[str] = []

    def add(self, value: str) -> None:
        """Mask `value` from now on; shorter than MIN_SECRET characters is left to the forms."""
        value = readable(value)
        if len(value) >= MIN_SECRET and value not in self._values:
            self._values.append(value)
            self._values.sort(key=len, reverse=True)  # one secret may be the start of another

    def blank(self, text: str) -> str:
        """`text` without the added values and without what `blank` finds."""
        text = blank(text)
        for value in self._values:
            text = text.replace(value, BLANK)
        return text


def readable(payload: bytes | str) -> str:
    r"""Text that can be written as UTF-8: a byte that is not UTF-8 appears as `\xff`."""
    if isinstance(payload, bytes):
        return payload.decode("utf-8", "backslashreplace")
    if payload.isascii():
        return payload
    try:
        data = payload.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a lone surrogate that stands for no byte
        data = payload.encode("utf-8", "backslashreplace")
    return data.decode("utf-8", "backslashreplace")
