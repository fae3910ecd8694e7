"""From where requests are taken: `permit`, `deny`, `acl`, and the same for Contacts.

pjsip_distributor.c has those of endpoints, res_pjsip_acl.c those for everybody.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from harness.core.octets import fold
from harness.pbx.manager.access import Access, BadRule, read_access
from harness.pbx.reach import LOOPBACK
from harness.sip.grammar import GrammarError
from harness.sip.uri import NameAddr

if TYPE_CHECKING:
    from harness.config.pjsip import PjsipConfig
    from harness.config.pjsip_objects import Endpoint, PjsipObject
    from harness.sip.message import Request
    from harness.sip.server_transaction import ServerTransaction

OPTIONS = ("deny", "permit", "acl")
CONTACT = "contact_"
NOBODY = Access(missing=("a rule that cannot be read",))


class Rules(NamedTuple):
    """Those for the address that a request comes from, and for the addresses in its Contacts."""

    source: Access
    contact: Access

    def take(self, transaction: ServerTransaction) -> bool:
        """Whether they let a request in; a Contact that names no address is not looked at."""
        if not self.source.allows(transaction.flow.remote[0]):
            return False
        return self.contact == Access() or all(map(self.contact.allows, _contact_hosts(transaction.request)))


class SourceRules:
    """The rules of all endpoints, and of the `type=acl` sections, which are for everybody."""

    def __init__(self, config: PjsipConfig) -> None:
        self._of_endpoint = _rules(config.endpoints, config)
        self._of_all = list(_rules(config.access_lists, config).values())

    def take(self, transaction: ServerTransaction) -> bool:
        """Whether a request may be from anybody at all."""
        return all(rules.take(transaction) for rules in self._of_all)

    def take_from(self, endpoint: Endpoint, transaction: ServerTransaction) -> bool:
        """Whether a request may be an endpoint's."""
        rules = self._of_endpoint.get(endpoint.name)
        return rules is None or rules.take(transaction)


def _rules(things: Mapping[str, PjsipObject], config: PjsipConfig) -> dict[str, Rules]:
    """Of those that have any."""
    found = {name: Rules(_access(each, "", config), _access(each, CONTACT, config)) for name, each in things.items()}
    return {name: rules for name, rules in found.items() if rules != (Access(), Access())}


def _access(thing: PjsipObject, prefix: str, config: PjsipConfig) -> Access:
    rows = [row._replace(name=name) for name in OPTIONS for row in thing.options.get(prefix + name, ())]
    rows.sort(key=lambda row: row.where.line)  # as they are written: of those that fit, the last one counts
    try:
        return read_access(rows, config.acls) if rows else Access()
    except BadRule:
        return NOBODY


def _contact_hosts(request: Request) -> list[str]:
    hosts = []
    for text in request.headers.all("Contact"):
        try:
            host = NameAddr.parse(text).sip_uri.host.strip("[]")
            hosts.append(str(ipaddress.ip_address(LOOPBACK if fold(host) == "localhost" else host)))
        except (GrammarError, ValueError):
            continue
    return hosts
