"""Who may log in from where: `deny`, `permit` and `acl` of a user (main/acl.c)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from harness.config.syntax import Setting
from harness.config.values import BLANKS

NO_LISTS: Mapping[str, Iterable[Setting]] = MappingProxyType({})
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class BadRule(ValueError):
    """A rule that Asterisk refuses; the user it belongs to does not exist then."""


class Rule(NamedTuple):
    """Addresses of one family with the bits of `mask` as in `network`, and whether they may."""

    allow: bool
    version: int
    network: int
    mask: int

    def fits(self, address: Address) -> bool:
        """Whether the rule speaks of an address."""
        return address.version == self.version and int(address) & self.mask == self.network


class Access(NamedTuple):
    """Lists of rules, which all have to allow an address: in each the last rule that fits decides, else it does."""

    lists: tuple[tuple[Rule, ...], ...] = ()
    names: tuple[str, ...] = ()
    """What each list is called; the user's own is called nothing."""
    missing: tuple[str, ...] = ()
    """Named lists that are not in `acl.conf`: they allow nobody."""

    def allows(self, host: str) -> bool:
        """Whether somebody at that address may log in."""
        if self.missing:
            return False
        try:
            address = _plain(ipaddress.ip_address(host))
        except ValueError:
            return not any(self.lists)
        return all(_allows(rules, address) for rules in self.lists)


def _allows(rules: tuple[Rule, ...], address: Address) -> bool:
    allowed = True
    for rule in rules:
        if rule.fits(address):
            allowed = rule.allow
    return allowed


def read_access(settings: Iterable[Setting], named: Mapping[str, Iterable[Setting]] = NO_LISTS) -> Access:
    """The rules of a user and of the lists of `named` that it uses; `BadRule` where one cannot be read."""
    own: list[Setting] = []
    used: list[str] = []
    for setting in settings:
        if setting.name.lower() == "acl":
            used += [part.strip(BLANKS) for part in setting.value.split(",")]
        else:
            own.append(setting)
    known = tuple(name for name in used if name in named)
    lists = [own, *(named[name] for name in known)]
    return Access(tuple(map(_rules, lists)), ("", *known), tuple(name for name in used if name not in named))


def _rules(settings: Iterable[Setting]) -> tuple[Rule, ...]:
    return tuple(
        _rule(part.strip(BLANKS), setting.name.lower().startswith("p"))
        for setting in settings
        for part in setting.value.split(",")
    )


def _rule(text: str, allow: bool) -> Rule:
    if text.startswith("!"):
        text, allow = text[1:], not allow
    host, slash, mask_text = text.partition("/")
    try:
        network = ipaddress.ip_address(host.strip("[]"))
        mask = _mask(mask_text, network) if slash else _all_ones(network)
    except ValueError:
        raise BadRule(f"{text!r} is not an address with a mask") from None
    return Rule(allow, network.version, int(network) & mask, mask)


def _mask(text: str, network: Address) -> int:
    if "." in text or ":" in text:
        mask = ipaddress.ip_address(text)
        if mask.version != network.version:
            raise ValueError
        return int(mask)
    length = int(text)
    if not 0 <= length <= network.max_prefixlen:
        raise ValueError
    return _all_ones(network) ^ ((1 << (network.max_prefixlen - length)) - 1)


def _all_ones(network: Address) -> int:
    return (1 << network.max_prefixlen) - 1


def _plain(address: Address) -> Address:
    """An IPv4 address also where it came as an IPv6 one."""
    return (address.ipv4_mapped or address) if isinstance(address, ipaddress.IPv6Address) else address
