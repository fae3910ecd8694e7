"""Who speaks: the endpoint of a request, and whether it proved it (res_pjsip/pjsip_distributor.c).

An endpoint that is not found is challenged like any other (the artificial endpoint), so that nobody can learn
which accounts exist.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeAlias

from harness.config.values import comma_list
from harness.core.octets import fold
from harness.dialplan.ere import BadRegex, compile_regex
from harness.dialplan.splitting import strip
from harness.pbx import printed
from harness.pbx.reach import LOOPBACK
from harness.pbx.screening import SERVER_ERROR
from harness.sip.digest import Challenger, Credentials, Verdict, secret_hash
from harness.sip.grammar import GrammarError

if TYPE_CHECKING:
    from harness.config.pjsip import PjsipConfig
    from harness.config.pjsip_objects import Endpoint
    from harness.sip.message import Request
    from harness.sip.server_transaction import ServerTransaction

IPAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
METHODS = ("username", "auth_username", "ip", "header", "request_uri", "anonymous")
"""What may be in `endpoint_identifier_order`; what is not comes last, in this order."""


class Identification:
    """Finds the endpoint of a request in the order of `endpoint_identifier_order`."""

    def __init__(self, config: PjsipConfig) -> None:
        self.config = config
        self._order = identifier_order(config.globals.endpoint_identifier_order)
        self._by = {
            "ip": self._by_address,
            "username": self._by_username,
            "auth_username": self._by_auth_username,
            "header": self._by_header,
            "request_uri": self._by_request_uri,
            "anonymous": self._anonymous,
        }

    def endpoint_of(self, transaction: ServerTransaction) -> Endpoint | None:
        """The endpoint that a request belongs to, or none."""
        for name in self._order:
            find = self._by.get(name)
            if find is not None and (endpoint := find(transaction)) is not None:
                return endpoint
        return None

    def _by_address(self, transaction: ServerTransaction) -> Endpoint | None:
        if not self.config.identifies:
            return None
        try:
            source = ipaddress.ip_address(transaction.flow.remote[0])
        except ValueError:
            return None
        for identify in self.config.identifies.values():
            if _applies(identify.match, source, transaction.flow.remote[1]):
                return self.config.endpoints.get(identify.endpoint)
        return None

    def _by_header(self, transaction: ServerTransaction) -> Endpoint | None:
        for identify in self.config.identifies.values():
            name, colon, wanted = identify.match_header.partition(":")
            if colon and any(_fits(row, strip(wanted)) for row in transaction.request.headers.all(name.strip())):
                return self.config.endpoints.get(identify.endpoint)
        return None

    def _by_request_uri(self, transaction: ServerTransaction) -> Endpoint | None:
        for identify in self.config.identifies.values():
            wanted = identify.match_request_uri
            if wanted and _fits(printed.target(transaction.request.uri, printed.Where.REQUEST_LINE), wanted):
                return self.config.endpoints.get(identify.endpoint)
        return None

    def _by_username(self, transaction: ServerTransaction) -> Endpoint | None:
        try:
            uri = transaction.request.from_.sip_uri
        except GrammarError:
            return None
        return self._named(uri.user_unescaped, uri.host, "username")

    def _by_auth_username(self, transaction: ServerTransaction) -> Endpoint | None:
        for text in transaction.request.headers.all("Authorization"):
            try:
                credentials = Credentials.parse(text)
            except GrammarError:
                continue
            found = self._named(credentials.username, credentials.realm, "auth_username")
            if found is not None:
                return found
        return None

    def _named(self, user: str, domain: str, method: str) -> Endpoint | None:
        if self.config.globals.ignore_uri_user_options:
            user = user.partition(";")[0]
        endpoint = self._of_domain(user, domain)
        return endpoint if endpoint is not None and method in endpoint.identify_by else None

    def _of_domain(self, user: str, domain: str) -> Endpoint | None:
        """The endpoint `user@domain`, by whatever name the domain goes, or just `user`."""
        names = [user]
        if not self.config.globals.disable_multi_domain:
            alias = self.config.domain_aliases.get(domain)
            here = (transport.value("domain") for transport in self.config.transports.values())
            domains = [domain, *([alias.domain] if alias else []), *filter(None, here)]
            names = [*(f"{user}@{each}" for each in domains), user]
        return next((self.config.endpoints[name] for name in names if name in self.config.endpoints), None)

    def _anonymous(self, transaction: ServerTransaction) -> Endpoint | None:
        try:
            uri = transaction.request.from_.sip_uri
        except GrammarError:
            return None
        return self._of_domain("anonymous", uri.host)


def identifier_order(written: str) -> list[str]:
    """All methods in the order in which they are tried."""
    named = [word.strip() for word in written.split(",")]
    return [*named, *(method for method in METHODS if method not in named)]


def _fits(text: str, wanted: str) -> bool:
    """Whether a text is the one wanted, or fits it where that is `/a regular expression/`."""
    if not (len(wanted) > 1 and wanted.startswith("/") and wanted.endswith("/")):
        return text == wanted
    try:
        return compile_regex(wanted[1:-1]).search(text) is not None
    except BadRegex:
        return False


def _applies(rules: Iterable[str], source: IPAddress, port: int) -> bool:
    """The last rule that is about an address counts; one that begins with `!` is an exception (main/acl.c)."""
    applies = False
    for text in rules:
        plain = text.removeprefix("!")
        if _address_fits(source, port, plain):
            applies = plain == text
    return applies


def _address_fits(source: IPAddress, port: int, text: str) -> bool:
    """Whether an address is in a network, or is one with a port, if that is given."""
    host, colon, wanted = text.strip().rpartition(":")
    if colon and wanted.isdecimal() and (":" not in host or host.endswith("]")):
        return int(wanted) == port and _address_fits(source, port, host.strip("[]"))
    try:
        return source in ipaddress.ip_network(LOOPBACK if fold(text) == "localhost" else text.strip(), strict=False)
    except ValueError:
        return False


class Authentication:
    """Challenges and checks digest credentials (res_pjsip_authenticator_digest.c)."""

    def __init__(
        self,
        config: PjsipConfig,
        random_bytes: Callable[[int], bytes],
        now_s: Callable[[], float],
        failed: Callable[[Endpoint | None, ServerTransaction], None] = lambda _endpoint, _transaction: None,
    ) -> None:
        """`failed` is told of strangers and of wrong credentials, before they are answered."""
        self.config, self._failed = config, failed
        realm = config.globals.default_realm
        self._challengers = {
            name: Challenger(auth.realm or realm, now_s, random_bytes, auth.algorithms, auth.nonce_lifetime)
            for name, auth in config.auths.items()
        }
        offered = tuple(comma_list(config.globals.default_auth_algorithms_uas))
        self._artificial = Challenger(realm, now_s, random_bytes, offered)

    def admits(self, endpoint: Endpoint | None, transaction: ServerTransaction) -> bool:
        """True where the request may go on; otherwise it has been answered: 401, or 500 where an auth is missing."""
        names = () if endpoint is None else endpoint.auth
        if endpoint is not None and (not names or _free(endpoint, transaction.request)):
            return True
        if any(name not in self._challengers for name in names):
            transaction.refuse(500, SERVER_ERROR)
            return False
        verdicts = {name: self._verdict(name, transaction.request) for name in names}
        if Verdict.GOOD in verdicts.values():
            return True
        challenges = [
            text
            for name, verdict in verdicts.items()
            for text in self._challengers[name].challenges(stale=verdict is Verdict.STALE)
        ]
        wrong = "Authorization" in transaction.request.headers and Verdict.STALE not in verdicts.values()
        if endpoint is None or wrong:
            self._failed(endpoint, transaction)
        rows = [("WWW-Authenticate", text) for text in challenges or self._artificial.challenges()]
        transaction.refuse(401, headers=rows)
        return False

    def _verdict(self, name: str, request: Request) -> Verdict:
        auth, challenger = self.config.auths[name], self._challengers[name]

        def secret(user: str, realm: str, algorithm: str) -> str | None:
            if user != auth.username:
                return None
            stored = auth.digests.get(algorithm)
            return stored or secret_hash(user, realm, auth.password, algorithm)

        worst = Verdict.UNKNOWN
        for text in request.headers.all("Authorization"):
            try:
                credentials = Credentials.parse(text)
            except GrammarError:
                continue
            verdict = challenger.verify(credentials, request.method, None, request.body, secret)
            if verdict is Verdict.GOOD:
                return verdict
            worst = Verdict.STALE if verdict is Verdict.STALE else worst
        return worst


def _free(endpoint: Endpoint, request: Request) -> bool:
    """Whether an endpoint lets everybody send this."""
    return request.method == "OPTIONS" and endpoint.flag("allow_unauthenticated_options")
