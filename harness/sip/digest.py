"""Digest authentication, both ends (RFC 7616, RFC 8760, RFC 3261 22)."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple

from harness.sip.grammar import LWS, QUOTED_STRING, TOKEN, GrammarError, quote, unquote
from harness.sip.uri import SipUri

ALGORITHMS: Final = ("MD5", "SHA-256")
"""What can be computed, each also as `-sess`."""

MAX_PARAMS = 32
"""Parameters of one Authorization or WWW-Authenticate."""

MAX_STALE = 3
"""Nonces in a row that may be stale at their first use."""

NONCE_LIFETIME = 32.0
"""Seconds, as Asterisk's default (res_pjsip_authenticator_digest.c)."""

REMEMBERED = 64
"""Texts whose parsed form is kept: one request is read several times, and phones that come together are told alike."""

# Lenient: an unquoted value may hold whatever does not end it.
_PARAM = re.compile(rf"({TOKEN}){LWS}={LWS}({QUOTED_STRING}|[^\s,\"]*+){LWS}(?:,[ \t,]*+|$)", re.DOTALL)
_SCHEME = re.compile(rf"{LWS}({TOKEN})(?:[ \t]++(.*))?", re.DOTALL)
_NC = re.compile(r"[0-9a-fA-F]{8}")


def _read(value: str) -> dict[str, str]:
    found = _SCHEME.fullmatch(value)
    if found is None or found[1].lower() != "digest":
        raise GrammarError(f"not Digest: {value[:20]!r}")
    text = (found[2] or "").strip(" \t")
    params: dict[str, str] = {}
    at = 0
    while at < len(text):
        param = _PARAM.match(text, at)
        if param is None or len(params) == MAX_PARAMS:
            raise GrammarError(f"not a digest parameter: {text[at : at + 20]!r}")
        name = param[1].lower()
        if name in params:
            raise GrammarError(f"{name} twice")
        params[name] = unquote(param[2])
        at = param.end()
    return params


def _required(params: Mapping[str, str], *names: str) -> list[str]:
    missing = [name for name in names if name not in params]
    if missing:
        raise GrammarError(f"no {', '.join(missing)}")
    return [params[name] for name in names]


class Challenge(NamedTuple):
    """One WWW-Authenticate or Proxy-Authenticate. `algorithm` is spelled as it came ('MD5' where it is missing);
    `qop` is empty where the server offers none (RFC 2069)."""

    realm: str
    nonce: str
    algorithm: str = "MD5"
    qop: tuple[str, ...] = ()
    opaque: str | None = None
    stale: bool = False

    @classmethod
    @lru_cache(REMEMBERED)
    def parse(cls, value: str) -> Challenge:
        """Raises GrammarError, also for another scheme than Digest."""
        params = _read(value)
        realm, nonce = _required(params, "realm", "nonce")
        qop = tuple(part.strip(" \t").lower() for part in params.get("qop", "").split(",") if part.strip(" \t"))
        stale = params.get("stale", "").lower() == "true"
        return cls(realm, nonce, params.get("algorithm", "MD5"), qop, params.get("opaque"), stale)

    def __str__(self) -> str:
        """As pjsip writes it (sip_auth_msg.c `print_digest_challenge`): commas without blanks."""
        parts = [f"Digest realm={quote(self.realm)}", f"nonce={quote(self.nonce)}"]
        if self.opaque is not None:
            parts.append(f"opaque={quote(self.opaque)}")
        if self.stale:
            parts.append("stale=true")
        parts.append(f"algorithm={self.algorithm}")
        if self.qop:
            parts.append(f"qop={quote(','.join(self.qop))}")
        return ",".join(parts)


class Credentials(NamedTuple):
    """One Authorization or Proxy-Authorization; `nc` is the text of eight hexadecimal digits."""

    username: str
    realm: str
    nonce: str
    uri: str
    response: str
    algorithm: str | None = None
    cnonce: str | None = None
    opaque: str | None = None
    qop: str | None = None
    nc: str | None = None

    @classmethod
    @lru_cache(REMEMBERED)
    def parse(cls, value: str) -> Credentials:
        """Raises GrammarError, also for another scheme than Digest."""
        params = _read(value)
        needed = _required(params, "username", "realm", "nonce", "uri", "response")
        rest = [params.get(name) for name in ("algorithm", "cnonce", "opaque", "qop", "nc")]
        credentials = cls(*needed, *rest)
        if credentials.qop is not None and (credentials.cnonce is None or not _NC.fullmatch(credentials.nc or "")):
            raise GrammarError("qop without cnonce and nc")
        return credentials

    def __str__(self) -> str:
        """RFC 7616 3.4: algorithm, qop and nc go without quotes."""
        parts = [
            f"Digest username={quote(self.username)}",
            f"realm={quote(self.realm)}",
            f"nonce={quote(self.nonce)}",
            f"uri={quote(self.uri)}",
            f"response={quote(self.response)}",
        ]
        for name, value in (("algorithm", self.algorithm), ("qop", self.qop), ("nc", self.nc)):
            if value is not None:
                parts.append(f"{name}={value}")
        for name, value in (("cnonce", self.cnonce), ("opaque", self.opaque)):
            if value is not None:
                parts.append(f"{name}={quote(value)}")
        return ", ".join(parts)


def digest(algorithm: str, *parts: str) -> str:
    """The hash, in hexadecimal, of the parts with colons between them. Raises GrammarError for an algorithm that is
    not in ALGORITHMS."""
    return _hash(algorithm, ":".join(parts).encode("utf-8", "surrogateescape"))


def _hash(algorithm: str, data: bytes) -> str:
    base = algorithm.upper().removesuffix("-SESS")
    if base == "MD5":
        return hashlib.md5(data, usedforsecurity=False).hexdigest()
    if base == "SHA-256":
        return hashlib.sha256(data).hexdigest()
    raise GrammarError(f"algorithm {algorithm[:20]!r}")


def secret_hash(user: str, realm: str, password: str, algorithm: str = "MD5") -> str:
    """H(user:realm:password), what pjsip.conf calls md5_cred: all that a server needs to store."""
    return digest(algorithm, user, realm, password)


def compute(credentials: Credentials, secret: str, method: str, body: bytes = b"") -> str:
    """The response that belongs to `credentials` (whose own is not looked at), for H(user:realm:password) `secret`
    (RFC 7616 3.4.1). Raises GrammarError for an algorithm or qop that is not known here."""
    algorithm = "MD5" if credentials.algorithm is None else credentials.algorithm
    nonce, qop, cnonce = credentials.nonce, (credentials.qop or "").lower(), credentials.cnonce or ""
    if algorithm.upper().endswith("-SESS"):
        secret = digest(algorithm, secret, nonce, cnonce)
    parts = [method, credentials.uri]
    if qop == "auth-int":
        parts.append(_hash(algorithm, body))
    elif qop not in ("auth", ""):
        raise GrammarError(f"qop {qop[:20]!r}")
    middle = [nonce, credentials.nc or "", cnonce, credentials.qop or ""] if qop else [nonce]
    return digest(algorithm, secret, *middle, digest(algorithm, *parts))


def known_algorithm(algorithm: str) -> bool:
    """Whether a digest can be made of it, as it is or as a `-sess` (RFC 7616 3.3, RFC 8760 2.1)."""
    return algorithm.upper().removesuffix("-SESS") in ALGORITHMS


def read_challenges(values: Iterable[str]) -> list[Challenge]:
    """Those that can be answered here, in their order; others are passed over (RFC 8760 2.4)."""
    challenges = []
    for value in values:
        try:
            challenge = Challenge.parse(value)
        except GrammarError:
            continue
        if known_algorithm(challenge.algorithm) and (not challenge.qop or {"auth", "auth-int"} & {*challenge.qop}):
            challenges.append(challenge)
    return challenges


def answer(
    challenges: Iterable[Challenge],
    user: str,
    password: str,
    method: str,
    uri: str,
    *,
    cnonce: str,
    count: int = 1,
    body: bytes = b"",
) -> Credentials | None:
    """Answers the first challenge that can be answered (RFC 8760 2.4: the topmost); None where none can.

    `count` says how often this nonce has been used, this time included (RFC 7616 3.4: nc).
    """
    for challenge in challenges:
        if not known_algorithm(challenge.algorithm):
            continue
        qop = next((known for known in ("auth", "auth-int") if known in challenge.qop), None)
        if challenge.qop and qop is None:
            continue
        needs_cnonce = qop is not None or challenge.algorithm.upper().endswith("-SESS")
        credentials = Credentials(
            user,
            challenge.realm,
            challenge.nonce,
            uri,
            "",
            challenge.algorithm,
            cnonce if needs_cnonce else None,
            challenge.opaque,
            qop,
            f"{count:08x}" if qop else None,
        )
        secret = secret_hash(user, challenge.realm, password, challenge.algorithm)
        return credentials._replace(response=compute(credentials, secret, method, body))
    return None


class Account:
    """The client's end: a user and password, and the nonce in use with its count."""

    __slots__ = ("_challenge", "_cnonce", "_count", "_password", "_stale", "user")

    def __init__(self, user: str, password: str, cnonce: Callable[[], str]) -> None:
        self.user = user
        self._password = password
        self._cnonce = cnonce
        self._challenge: Challenge | None = None
        self._count = 0
        self._stale = 0

    def challenged(self, values: Iterable[str], answered: bool) -> bool:
        """Takes the challenges of a 401 or 407; True where it is worth to ask again with `credentials`.

        `answered` says whether the refused request carried credentials. Then another try is worth it only where the
        nonce was stale, or had been good before and may have aged without a word of it; a first use that is refused
        means a wrong password (RFC 3261 22.2, RFC 7616 3.3). More than MAX_STALE stale nonces in a row end it too.
        """
        challenge = next(iter(read_challenges(values)), None)
        if challenge is None:
            return False
        aged = self._count > 1
        self._stale = self._stale + 1 if answered and challenge.stale and not aged else 0
        self._challenge, self._count = challenge, 0
        return not answered or aged or 0 < self._stale <= MAX_STALE

    def credentials(self, method: str, uri: str, body: bytes = b"") -> str | None:
        """The value of Authorization for the next request; None before the first challenge."""
        if self._challenge is None:
            return None
        self._count += 1
        made = answer(
            [self._challenge],
            self.user,
            self._password,
            method,
            uri,
            cnonce=self._cnonce(),
            count=self._count,
            body=body,
        )
        return str(made) if made else None


def _same_uri(mine: str, theirs: str) -> bool:
    if mine == theirs:
        return True
    try:
        return SipUri.parse(mine).equivalent(SipUri.parse(theirs))
    except GrammarError:
        return False


class Verdict(Enum):
    """STALE: the password is right, the nonce is not (any more): challenge again with stale=true."""

    GOOD = "good"
    STALE = "stale"
    WRONG = "wrong"
    UNKNOWN = "unknown user"


class Challenger:
    """The server's end. A nonce is the second of its making and a keyed hash of it: nothing is kept for a client.

    As with Asterisk, a nonce may be used again within its lifetime, and nc is hashed but not counted.
    """

    __slots__ = ("_algorithms", "_key", "_lifetime", "_now", "_opaque", "realm")

    def __init__(
        self,
        realm: str,
        now: Callable[[], float],
        random: Callable[[int], bytes],
        algorithms: tuple[str, ...] = ("MD5",),
        lifetime: float = NONCE_LIFETIME,
    ) -> None:
        """`now()` in seconds; `random(n)` gives n bytes (as os.urandom or Random.randbytes); `lifetime` in seconds."""
        self.realm = realm
        self._now = now
        self._key = random(16)
        self._opaque = random(8).hex()
        self._algorithms = tuple(name.upper() for name in algorithms)
        self._lifetime = lifetime

    def challenges(self, stale: bool = False) -> list[str]:
        """Values for WWW-Authenticate, one an algorithm in the order of preference (RFC 8760 2.3)."""
        nonce = self._nonce(str(int(self._now())))
        return [str(Challenge(self.realm, nonce, name, ("auth",), self._opaque, stale)) for name in self._algorithms]

    def verify(
        self,
        credentials: Credentials,
        method: str,
        uri: str | None,
        body: bytes,
        secret: Callable[[str, str, str], str | None],
    ) -> Verdict:
        """`secret(user, realm, algorithm)` gives H(user:realm:password), or None for a user it does not know. The
        digest's uri must be equivalent to `uri`; None, as Asterisk has it: any will do."""
        algorithm = ("MD5" if credentials.algorithm is None else credentials.algorithm).upper()
        if algorithm not in self._algorithms or credentials.realm != self.realm:
            return Verdict.WRONG
        if uri is not None and not _same_uri(uri, credentials.uri):
            return Verdict.WRONG
        known = secret(credentials.username, credentials.realm, algorithm)
        if known is None:
            return Verdict.UNKNOWN
        try:
            expected = compute(credentials, known, method, body)
        except GrammarError:
            return Verdict.WRONG
        given = credentials.response.lower().encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(expected.encode(), given):
            return Verdict.WRONG
        if not self._fresh(credentials.nonce):
            return Verdict.STALE
        return Verdict.GOOD if credentials.opaque in (None, self._opaque) else Verdict.WRONG

    def _nonce(self, second: str) -> str:
        text = f"{second}:{self.realm}".encode("utf-8", "surrogateescape")
        return f"{second}/{hmac.digest(self._key, text, 'sha256').hex()[:32]}"

    def _fresh(self, nonce: str) -> bool:
        second = nonce.partition("/")[0]
        if not (second.isascii() and second.isdecimal() and len(second) < 16):
            return False
        made = self._nonce(second).encode()
        return hmac.compare_digest(made, nonce.encode("utf-8", "surrogateescape")) and (
            0 <= self._now() - int(second) <= self._lifetime
        )
