"""REGISTER (res_pjsip_registrar.c), and with it whether `PJSIP/<endpoint>` is there at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from email.utils import formatdate
from functools import lru_cache
from typing import TYPE_CHECKING

from harness.pbx.contact import CREATED, REACHABLE, REMOVED, UNREACHABLE, Contact
from harness.pbx.reach import rewrite_contact, with_original_host
from harness.sip.grammar import GrammarError
from harness.sip.parts import read_uint32
from harness.sip.uri import NameAddr, SipUri
from harness.sip.via import Via

if TYPE_CHECKING:
    from harness.config.pjsip import PjsipConfig
    from harness.config.pjsip_objects import Aor, Endpoint
    from harness.core.store import Store
    from harness.sip.flow import Flow
    from harness.sip.message import Request
    from harness.sip.server_transaction import ServerTransaction

MAX_CONTACTS_IN_A_REQUEST = 32
MAX_URI_BYTES = 255
FAMILY = "registrar"
PATH = "path"
"""The option tag of RFC 3327."""


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
        self.on_bound: Callable[[Contact], None] = lambda _contact: None
        """Told of each binding, also of one that is renewed."""
        self._contacts: dict[str, dict[str, Contact]] = {}
        self.configured()

    def configured(self) -> None:
        """Take over the AORs and static contacts of `config` as it is now; other bindings stay where the AOR does."""
        self._endpoints: dict[str, list[str]] = {}
        for name, endpoint in self.config.endpoints.items():
            for aor_name in endpoint.aors:
                self._endpoints.setdefault(aor_name, []).append(name)
        before, self._contacts = self._contacts, {}
        for name, aor in self.config.aors.items():
            found = self._contacts[name] = {uri: Contact(name, uri, endpoint=name) for uri in aor.contacts}
            found |= {uri: c for uri, c in before.get(name, {}).items() if c.expires_at}

    # what others ask

    def contacts_of(self, endpoint: Endpoint) -> list[Contact]:
        """Where an endpoint can be reached now; the first one is where it is asked if only one is."""
        return [contact for aor in endpoint.aors for contact in self.of_aor(aor)]

    def _changed(self, aor: str) -> None:
        """The contacts of an AOR are others now, which every endpoint that has it may feel."""
        for name in self._endpoints.get(aor, ()):
            self._reachable(name)

    def _bound_to(self, endpoint: Endpoint) -> list[Contact]:
        return [c for aor in endpoint.aors for c in self._contacts.get(aor, {}).values()]

    def find(self, aor: str, uri: str) -> Contact | None:
        """A contact by its URI."""
        return self._contacts.get(aor, {}).get(uri)

    def reachable(self, endpoint: Endpoint) -> bool:
        """Whether it has a contact: one that answers, where its AOR asks them."""
        aors = self.config.aors
        return any(
            contact.status == REACHABLE or not aors[contact.aor].qualify_frequency
            for contact in self._bound_to(endpoint)
        )

    def all_contacts(self) -> Iterable[Contact]:
        """Every binding."""
        return (contact for found in self._contacts.values() for contact in found.values())

    def of_aor(self, name: str) -> list[Contact]:
        """The contacts of an AOR: who registered, then those of the file, each by their digests.

        What ran out goes when it is asked for (location.c:233).
        """
        bound = self._contacts.get(name, {})
        self._expire(bound.values())
        found = list(bound.values())
        return found if len(found) < 2 else sorted(found, key=lambda c: (not c.expires_at, c.digest))

    # REGISTER

    def register(self, endpoint: Endpoint, transaction: ServerTransaction) -> None:
        """Answer a REGISTER of an identified and authenticated endpoint."""
        if endpoint.rewrite_contact:
            rewrite_contact(transaction.request, transaction.flow, keep_original=True)
        try:
            aor = self._aor_of(endpoint, transaction.request)
            _check_path(aor, transaction.request)
            self._expire(self._contacts[aor.name].values())
            changes = self._changes(aor, transaction.request)
            self._enforce_maximum(aor, changes)
            _check_lengths(changes)
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
        if text is not None:
            seconds = read_uint32(text)
        if not seconds:
            return 0
        if seconds < aor.minimum_expiration:
            return aor.minimum_expiration  # also where the maximum is lower
        return min(seconds, aor.maximum_expiration)

    def _enforce_maximum(self, aor: Aor, changes: dict[str, int] | None) -> None:
        if changes is None:
            return
        bound = self._contacts[aor.name]
        dynamic = sum(1 for contact in bound.values() if contact.expires_at)
        added = sum(1 for uri, seconds in changes.items() if seconds and uri not in bound)
        updated = sum(1 for uri, seconds in changes.items() if seconds and uri in bound)
        removed = sum(1 for uri, seconds in changes.items() if not seconds and uri in bound)
        total = max(updated + added - removed, 0) if aor.remove_existing else dynamic + added - removed
        if total > aor.max_contacts and aor.remove_unavailable:
            total -= self._remove_unavailable(aor, total - aor.max_contacts)
        if total > aor.max_contacts:
            raise Refused(403)

    def _remove_unavailable(self, aor: Aor, excess: int) -> int:
        """Make room where that is enough (option remove_unavailable); how many went."""
        silent = [contact for contact in self._contacts[aor.name].values() if contact.status == UNREACHABLE]
        if len(silent) < excess:
            return 0
        for contact in sorted(silent, key=lambda c: c.expires_at)[:excess]:
            self._unbind(contact)
        return excess

    def _apply(
        self, endpoint: Endpoint, aor: Aor, changes: dict[str, int] | None, transaction: ServerTransaction
    ) -> None:
        bound = self._contacts[aor.name]
        if changes is None:
            changes = {uri: 0 for uri, contact in bound.items() if contact.expires_at}
        untouched = [c for uri, c in bound.items() if c.expires_at and uri not in changes]
        for uri, seconds in changes.items():
            if seconds:
                self._bind(self._contact(endpoint, aor, uri, seconds, transaction))
            elif uri in bound:
                self._unbind(bound[uri])
        if aor.remove_existing:
            self._remove_excess(aor, untouched, kept=sum(1 for s in changes.values() if s))
        self._changed(aor.name)

    def _contact(self, endpoint: Endpoint, aor: Aor, uri: str, seconds: int, transaction: ServerTransaction) -> Contact:
        """A binding; one that is refreshed keeps what only its first REGISTER decides."""
        headers, before = transaction.request.headers, self._contacts[aor.name].get(uri)
        agent = headers.get("User-Agent") or (before.user_agent if before else "")
        contact = Contact(aor.name, uri, int(self._wall_s()) + seconds, agent, endpoint.name)
        if before is not None:
            contact.call_id, contact.via, contact.endpoint = before.call_id, before.via, before.endpoint
        else:
            via = Via.parse(headers.all("Via")[-1])
            contact.call_id, contact.via = headers.get("Call-ID") or "", (via.host.strip("[]"), via.port or 0)
        contact.flow = transaction.flow
        contact.temporary = endpoint.rewrite_contact and transaction.flow.reliable
        return contact

    def _remove_excess(self, aor: Aor, untouched: list[Contact], kept: int) -> None:
        excess = len(untouched) + kept - aor.max_contacts

        def first_to_go(contact: Contact) -> tuple[bool, float]:
            return not (aor.remove_unavailable and contact.status == UNREACHABLE), contact.expires_at

        for contact in sorted(untouched, key=first_to_go)[: max(excess, 0)]:
            self._unbind(contact)

    def _bind(self, contact: Contact) -> None:
        before = self._contacts[contact.aor].get(contact.uri)
        new = before is None
        if before is not None:
            contact.status, contact.roundtrip_s = before.status, before.roundtrip_s
        self._contacts[contact.aor][contact.uri] = contact
        self.store.put(FAMILY, contact.key, contact.stored(self.config.aors[contact.aor]))
        if new:
            self.on_contact(contact, CREATED)
        self.on_bound(contact)

    def _unbind(self, contact: Contact) -> None:
        self._contacts[contact.aor].pop(contact.uri, None)
        self.store.delete(FAMILY, contact.key)
        self.on_contact(contact, REMOVED)

    def _answer_headers(self, aor: Aor, request: Request) -> list[tuple[str, str]]:
        now = self._wall_s()
        headers, bound = [("Date", _date(int(now)))], self._contacts[aor.name].values()
        if aor.support_path and bound:
            headers.append(("Supported", PATH))
        for contact in bound:
            left = f";expires={int(contact.expires_at - now)}" if contact.expires_at else ""
            headers.append(("Contact", f"<{with_original_host(contact.uri)}>{left}"))
        if request.headers.get("Expires") is not None:
            headers.append(("Expires", str(self._expiry(aor, request, None))))
        return headers

    # the end of a binding

    def sweep(self) -> None:
        """Remove what ran out (check_expiration_thread)."""
        self._expire(self.all_contacts())

    def _expire(self, contacts: Iterable[Contact]) -> None:
        now = self._wall_s()
        gone = [each for each in contacts if each.expires_at and each.expires_at < now]
        for contact in gone:
            self._unbind(contact)
        for name in sorted({contact.aor for contact in gone}):
            self._changed(name)

    def connection_lost(self, flow: Flow) -> None:
        """A contact that is the address of a connection goes with it; others are asked at their own from now on."""
        lost = [contact for contact in self.all_contacts() if contact.flow is not None and contact.flow == flow]
        gone = [contact for contact in lost if contact.temporary]
        for contact in lost:
            contact.flow = None
        for contact in gone:
            self._unbind(contact)
        for name in sorted({contact.aor for contact in gone}):
            self._changed(name)

    def restore(self) -> None:
        """Take back the bindings that an earlier run stored (res_pjsip/location.c)."""
        for key, value in list(self.store.rows(FAMILY)):
            contact = Contact.from_row(value)
            aor = key.removeprefix("contact/").rpartition(";@")[0]
            if contact is None or aor not in self._contacts or contact.expires_at <= self._wall_s():
                self.store.delete(FAMILY, key)
                continue
            contact.aor = aor
            self._contacts[aor][contact.uri] = contact


def _check_lengths(changes: dict[str, int] | None) -> None:
    if any(len(uri.encode("utf-8", "surrogateescape")) > MAX_URI_BYTES for uri in changes or ()):
        raise Refused(400)


def _check_path(aor: Aor, request: Request) -> None:
    """420 for a Path (RFC 3327) from whoever does not say that it knows of it; without support_path it is not read."""
    known = (option.strip().lower() for option in request.headers.all("Supported"))
    if aor.support_path and "Path" in request.headers and PATH not in known:
        raise Refused(420)


def supported_by(aor: Aor) -> list[tuple[str, str]]:
    """What a request out of a dialog to a contact of an AOR says of the options that it knows (res_pjsip_path.c)."""
    return [("Supported", PATH)] if aor.support_path else []


@lru_cache(maxsize=4)
def _date(second: int) -> str:
    """All phones that register in one second are told the same."""
    return formatdate(second, usegmt=True)
