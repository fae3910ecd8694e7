"""REGISTER (res_pjsip_registrar.c), and with it whether `PJSIP/<endpoint>` is there at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from harness.sip.grammar import GrammarError
from harness.sip.uri import NameAddr, SipUri

if TYPE_CHECKING:
    from harness.config.pjsip import PjsipConfig
    from harness.config.pjsip_objects import Aor, Endpoint
    from harness.core.store import Store
    from harness.sip.flow import Flow
    from harness.sip.message import Request
    from harness.sip.server_transaction import ServerTransaction

SWEEP_INTERVAL_S = 30.0
"""How often contacts that ran out are looked for (global option contact_expiration_check_interval)."""
MAX_CONTACTS_IN_A_REQUEST = 32
MAX_URI_BYTES = 255
FAMILY = "registrar"


@dataclass(slots=True)
class Contact:
    """One binding; `expires_at` is in seconds of the wall clock, 0 for a static one."""

    aor: str
    uri: str
    expires_at: float = 0.0
    user_agent: str = ""
    endpoint: str = ""
    call_id: str = ""
    via: tuple[str, int] = ("", 0)
    flow: Flow | None = None

    @property
    def key(self) -> str:
        """The name that Asterisk stores it under (res_pjsip/location.c)."""
        digest = hashlib.md5(self.uri.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()
        return f"contact/{self.aor};@{digest}"

    def stored(self) -> str:
        """The row of the database."""
        return json.dumps(
            {
                "via_addr": self.via[0],
                "qualify_timeout": "3.000000",
                "qualify_2xx_only": "false",
                "call_id": self.call_id,
                "reg_server": "",
                "prune_on_boot": "no",
                "path": "",
                "endpoint": self.endpoint,
                "via_port": str(self.via[1]),
                "authenticate_qualify": "no",
                "uri": self.uri,
                "qualify_frequency": "0",
                "user_agent": self.user_agent,
                "expiration_time": str(int(self.expires_at)),
                "outbound_proxy": "",
            },
            separators=(",", ":"),
        )


class Refused(Exception):
    """A REGISTER that gets an answer other than 200."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Registrar:
    """The bindings of every AOR."""

    def __init__(
        self,
        config: PjsipConfig,
        store: Store,
        wall_s: Callable[[], float],
        reachable: Callable[[str], None],
    ) -> None:
        """`reachable(endpoint name)` is called when an endpoint may have become reachable or unreachable."""
        self.config, self.store, self._wall_s, self._reachable = config, store, wall_s, reachable
        self.on_contact: Callable[[Contact, str], None] = lambda _contact, _status: None
        """Told of a new binding (`NonQualified`) and of one that is gone (`Removed`)."""
        self._contacts: dict[str, dict[str, Contact]] = {}
        self.configured()

    def configured(self) -> None:
        """Take over the AORs and static contacts of `config` as it is now; other bindings stay where the AOR does."""
        before, self._contacts = self._contacts, {}
        for name, aor in self.config.aors.items():
            found = self._contacts[name] = {uri: Contact(name, uri, endpoint=name) for uri in aor.contacts}
            found |= {uri: c for uri, c in before.get(name, {}).items() if c.expires_at}

    # what others ask

    def contacts_of(self, endpoint: Endpoint) -> list[Contact]:
        """Where an endpoint can be reached now, static contacts first."""
        return [c for aor in endpoint.aors for c in self._contacts.get(aor, {}).values()]

    def all_contacts(self) -> Iterable[Contact]:
        """Every binding."""
        return (contact for found in self._contacts.values() for contact in found.values())

    # REGISTER

    def register(self, endpoint: Endpoint, transaction: ServerTransaction) -> None:
        """Answer a REGISTER of an identified and authenticated endpoint."""
        try:
            aor = self._aor_of(endpoint, transaction.request)
            changes = self._changes(aor, transaction.request)
            self._enforce_maximum(aor, changes)
        except Refused as refused:
            transaction.refuse(refused.status)
            return
        self._apply(endpoint, aor, changes, transaction)
        transaction.reply(200, headers=self._answer_headers(aor, transaction.request))

    def _aor_of(self, endpoint: Endpoint, request: Request) -> Aor:
        if not endpoint.aors:
            raise Refused(403)
        try:
            uri = request.to.sip_uri
        except GrammarError:
            raise Refused(416) from None
        user = uri.user_unescaped
        if self.config.globals.ignore_uri_user_options:
            user = user.partition(";")[0]
        for name in (f"{user}@{uri.host}", user):
            if name and name in endpoint.aors and name in self.config.aors:
                aor = self.config.aors[name]
                if not aor.max_contacts:
                    raise Refused(403)
                return aor
        raise Refused(404)

    def _changes(self, aor: Aor, request: Request) -> dict[str, int] | None:
        """Seconds by contact URI in order, 0 to remove; None for `Contact: *`; 400 for nonsense."""
        rows = request.headers.all("Contact")
        if len(rows) > MAX_CONTACTS_IN_A_REQUEST:
            raise Refused(400)
        if "*" in (row.strip() for row in rows):
            if len(rows) > 1 or self._expiry(aor, request, None) != 0:
                raise Refused(400)
            return None
        changes: dict[str, int] = {}
        for row in rows:
            address = NameAddr.parse(row)
            try:
                uri = address.sip_uri
            except GrammarError:
                continue  # other schemes are passed over
            if len(str(uri).encode("utf-8", "surrogateescape")) > MAX_URI_BYTES:
                raise Refused(400)
            seconds = self._expiry(aor, request, address.params.get("expires"))
            changes[self._known(aor.name, uri) or str(uri)] = seconds
        return changes

    def _known(self, aor: str, uri: SipUri) -> str | None:
        for contact in self._contacts[aor].values():
            if contact.expires_at and SipUri.parse(contact.uri).equivalent(uri):
                return contact.uri
        return None

    @staticmethod
    def _expiry(aor: Aor, request: Request, given: str | None) -> int:
        text = given if given is not None else request.headers.get("Expires")
        seconds = aor.default_expiration
        if text is not None and text.strip().isdecimal():
            seconds = int(text)
        if not seconds:
            return 0
        return min(max(seconds, aor.minimum_expiration), aor.maximum_expiration)

    def _enforce_maximum(self, aor: Aor, changes: dict[str, int] | None) -> None:
        if changes is None:
            return
        bound = self._contacts[aor.name]
        dynamic = sum(1 for contact in bound.values() if contact.expires_at)
        added = sum(1 for uri, seconds in changes.items() if seconds and uri not in bound)
        updated = sum(1 for uri, seconds in changes.items() if seconds and uri in bound)
        removed = sum(1 for uri, seconds in changes.items() if not seconds and uri in bound)
        total = max(updated + added - removed, 0) if aor.remove_existing else dynamic + added - removed
        if total > aor.max_contacts:
            raise Refused(403)

    def _apply(
        self, endpoint: Endpoint, aor: Aor, changes: dict[str, int] | None, transaction: ServerTransaction
    ) -> None:
        bound = self._contacts[aor.name]
        if changes is None:
            changes = {uri: 0 for uri, contact in bound.items() if contact.expires_at}
        untouched = [c for uri, c in bound.items() if c.expires_at and uri not in changes]
        request = transaction.request
        for uri, seconds in changes.items():
            if seconds:
                self._bind(
                    Contact(
                        aor.name,
                        uri,
                        self._wall_s() + seconds,
                        request.headers.get("User-Agent") or "",
                        endpoint.name,
                        request.headers.get("Call-ID") or "",
                        transaction.flow.remote,
                        transaction.flow,
                    )
                )
            elif uri in bound:
                self._unbind(bound[uri])
        if aor.remove_existing:
            self._remove_excess(aor, untouched, kept=sum(1 for s in changes.values() if s))
        self._reachable(endpoint.name)

    def _remove_excess(self, aor: Aor, untouched: list[Contact], kept: int) -> None:
        excess = len(untouched) + kept - aor.max_contacts
        for contact in sorted(untouched, key=lambda c: c.expires_at)[: max(excess, 0)]:
            self._unbind(contact)

    def _bind(self, contact: Contact) -> None:
        new = contact.uri not in self._contacts[contact.aor]
        self._contacts[contact.aor][contact.uri] = contact
        self.store.put(FAMILY, contact.key, contact.stored())
        if new:
            self.on_contact(contact, "NonQualified")

    def _unbind(self, contact: Contact) -> None:
        self._contacts[contact.aor].pop(contact.uri, None)
        self.store.delete(FAMILY, contact.key)
        self.on_contact(contact, "Removed")

    def _answer_headers(self, aor: Aor, request: Request) -> list[tuple[str, str]]:
        now = self._wall_s()
        headers = [("Date", _date(int(now)))]
        for contact in self._contacts[aor.name].values():
            left = f";expires={int(contact.expires_at - now)}" if contact.expires_at else ""
            headers.append(("Contact", f"<{contact.uri}>{left}"))
        if request.headers.get("Expires") is not None:
            headers.append(("Expires", str(self._expiry(aor, request, None))))
        return headers

    # the end of a binding

    def sweep(self) -> None:
        """Remove what ran out (check_expiration_thread)."""
        now = self._wall_s()
        gone = [c for c in self.all_contacts() if c.expires_at and c.expires_at <= now]
        for contact in gone:
            self._unbind(contact)
        for name in sorted({contact.endpoint for contact in gone}):
            self._reachable(name)

    def connection_lost(self, flow: Flow) -> None:
        """A contact that came over a connection goes with it."""
        gone = [c for c in self.all_contacts() if c.flow is not None and c.flow == flow]
        for contact in gone:
            self._unbind(contact)
        for name in sorted({contact.endpoint for contact in gone}):
            self._reachable(name)

    def restore(self) -> None:
        """Take back the bindings that an earlier run stored (res_pjsip/location.c)."""
        for key, value in list(self.store.rows(FAMILY)):
            contact = _from_row(value)
            aor = key.removeprefix("contact/").rpartition(";@")[0]
            if contact is None or aor not in self._contacts or contact.expires_at <= self._wall_s():
                self.store.delete(FAMILY, key)
                continue
            contact.aor = aor
            self._contacts[aor][contact.uri] = contact


@lru_cache(maxsize=4)
def _date(second: int) -> str:
    """All phones that register in one second are told the same."""
    return formatdate(second, usegmt=True)


def _from_row(text: str) -> Contact | None:
    try:
        row: dict[str, Any] = json.loads(text)
        return Contact(
            "",
            str(SipUri.parse(str(row["uri"]))),
            float(row["expiration_time"]),
            str(row.get("user_agent", "")),
            str(row.get("endpoint", "")),
            str(row.get("call_id", "")),
            (str(row.get("via_addr", "")), int(row.get("via_port", 0) or 0)),
        )
    except (ValueError, KeyError, TypeError, GrammarError):
        return None
