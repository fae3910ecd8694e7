"""Addresses of the simulated network."""

from __future__ import annotations

from typing import Any, Literal

from twisted.internet.address import IPv4Address, IPv6Address

from harness.net.condition import Address

_LOOPBACK = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "localhost": "127.0.0.1", "::": "::1"}


def host_named(host: str) -> str:
    """The host behind a name: "all interfaces" mean the loopback one, any other string a host of its own."""
    return _LOOPBACK.get(host, host)


def twisted_address(transport: Literal["UDP", "TCP"], address: Address) -> Any:
    """Twisted's form of an address; a host with a colon is an IPv6 one."""
    host, port = address
    return (IPv6Address if ":" in host else IPv4Address)(transport, host, port)
