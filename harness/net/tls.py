"""TLS under the streams of an element: what a section of type=transport, protocol=tls says, as Twisted wants it.

Needs pyOpenSSL, which the extra `tls` installs; nothing else imports this module before a transport asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from OpenSSL import SSL, crypto
from twisted.internet.protocol import ClientFactory, ServerFactory
from twisted.internet.ssl import CertificateOptions, TLSVersion
from twisted.protocols.tls import TLSMemoryBIOFactory

from harness.errors import InputError, Location
from harness.net.condition import Address
from harness.net.interfaces import Connector, Network, Port
from harness.net.streams import CONNECT_TIMEOUT_S, MAX_STREAMS, Streams, StreamUser

MAX_CERTIFICATE_FILE = 1024 * 1024
"""Bytes of a file with keys or certificates."""
OLDEST = TLSVersion.TLSv1_2
"""Nothing older is spoken (RFC 8996)."""
_BEGIN, _END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A server's certificate and whom it trusts; the paths are read when the object is made into contexts."""

    certificate: Path
    """PEM: the certificate and what it was issued by, and the key where `key` is None."""
    key: Path | None = None
    trusted: Path | None = None
    """PEM: who may issue the certificates of clients."""
    clients_need_one: bool = False
    where: Location | None = None
    """Where a configuration says so, for messages."""


class SecureStreams(Streams):
    """The TLS connections of one element.

    Connections that it opens are encrypted and not verified, as `verify_server` is off unless said.
    InputError where the certificate, its key or the list of issuers cannot be read or do not belong together.
    """

    def __init__(
        self,
        network: Network,
        user: StreamUser,
        make_framer: Callable[[], Any],
        credentials: Credentials,
        limit: int = MAX_STREAMS,
    ) -> None:
        super().__init__(network, user, make_framer, limit)
        self._server = server_context(credentials)
        self._client: Any = CertificateOptions(raiseMinimumTo=OLDEST)

    def _listen(self, host: str, port: int, factory: ServerFactory) -> Port:
        return super()._listen(host, port, self._secured(self._server, False, factory))

    def _connect(self, remote: Address, factory: ClientFactory, bind: Address | None) -> Connector:
        secured = self._secured(self._client, True, factory)
        return self.network.connectTCP(*remote, secured, CONNECT_TIMEOUT_S, bind)

    def _secured(self, context: Any, is_client: bool, factory: Any) -> Any:
        secured = TLSMemoryBIOFactory(context, is_client, factory, clock=self.network)  # type: ignore[arg-type]
        secured.noisy = False
        return secured


def server_context(credentials: Credentials) -> CertificateOptions:
    """What Twisted accepts connections with.  InputError as for `SecureStreams`."""
    where = credentials.where
    chain = _certificates(credentials.certificate, where)
    key_file = credentials.key or credentials.certificate
    key_text = _bytes_of(key_file, where)
    try:
        # no terminal is asked for a passphrase
        key = crypto.load_privatekey(crypto.FILETYPE_PEM, key_text, b"")
    except (crypto.Error, ValueError, TypeError):
        raise InputError(
            f"{key_file} holds no private key that can be read", where, "give a PEM file without a passphrase"
        ) from None
    trusted = _certificates(credentials.trusted, where) if credentials.trusted is not None else []
    asked = credentials.clients_need_one and bool(trusted)
    options = CertificateOptions(
        privateKey=key,
        certificate=chain[0],
        extraCertChain=chain[1:],
        raiseMinimumTo=OLDEST,
        verify=asked,
        caCerts=trusted if asked else None,
    )
    try:
        options.getContext()
    except SSL.Error:
        raise InputError(
            f"the key in {key_file} does not belong to the certificate in {credentials.certificate}",
            where,
            "give the key that the certificate was made for as priv_key_file",
        ) from None
    return options


def _certificates(path: Path, where: Location | None) -> list[crypto.X509]:
    """All certificates of a PEM file, in order."""
    text = _bytes_of(path, where)
    blocks = [part.partition(_END)[0] for part in text.split(_BEGIN)[1:]]
    try:
        found = [crypto.load_certificate(crypto.FILETYPE_PEM, _BEGIN + block + _END + b"\n") for block in blocks]
    except crypto.Error:
        found = []
    if not found:
        raise InputError(f"{path} holds no certificate that can be read", where, "give a PEM file")
    return found


def _bytes_of(path: Path, where: Location | None) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_CERTIFICATE_FILE)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", where, "give a file that is there and may be read") from None
