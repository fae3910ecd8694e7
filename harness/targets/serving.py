"""A server on real sockets for other people's clients: what `dpma-harness serve` runs."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twisted.internet.error import CannotListenError

from harness.config.folder import Configuration, read_folder
from harness.dpma import ShimOptions
from harness.errors import InputError, Note
from harness.net.blanking import blank
from harness.pbx.calls.spool import Spool
from harness.pbx.manager.server import Manager
from harness.pbx.server import Listen, Server, open_store
from harness.targets import control
from harness.targets.assembly import Assembly
from harness.targets.control_client import data_folder
from harness.targets.data_folder import DataFolder

if TYPE_CHECKING:
    from harness.config.pjsip_objects import Transport
    from harness.net.tls import Credentials
    from harness.net.world import World

LOOPBACK = "127.0.0.1"
DEFAULT_SIP_PORT = 5060
MEMORY = ":memory:"
SPOOL = "voicemail"
"""The folder of the data that messages are kept in."""


@dataclass(slots=True)
class ServeOptions:
    """What the command line says; None where it says nothing and the configuration counts."""

    config: Path
    sip: tuple[str, int] | None = None
    ami: tuple[str, int] | None = None
    data: str | None = None
    listen_as_configured: bool = False
    tls: tuple[str, int] | None = None
    sip_as_pjsip: bool = False
    test_events: bool = False
    shim: ShimOptions | None = None


class Serving:
    """One running `serve`."""

    def __init__(self, options: ServeOptions, world: World, tell: Callable[[Note], None]) -> None:
        self.options, self.world, self._tell = options, world, tell
        self.configuration: Configuration = read_folder(options.config)
        for note in self.configuration.notes:
            tell(note)
        self.data = self._data_folder()
        self._folder = DataFolder(self.data) if self.data is not None else None
        store = open_store(self.data, world.call_later, lambda text: tell(Note("database", text)))
        spool = Spool(None if self.data is None else self.data / SPOOL)
        self.assembly = Assembly(
            self.configuration, world, store, spool=spool, options=options.shim, tell=tell,
            sip_as_pjsip=options.sip_as_pjsip,
        )  # fmt: skip
        for note in self.assembly.dialplan_notes():
            tell(note)
        self._tell_of_transports()
        if options.test_events:
            self.assembly.server.tell_test_events()
        self.manager: Manager | None = None
        self._manager_port: Any = None
        self._control: Any = None

    def _data_folder(self) -> Path | None:
        """Where state is kept: as said, or one place for each configuration folder."""
        if self.options.data == MEMORY:
            return None
        return data_folder(self.options.config, self.options.data)

    def start(self, beside: str = "") -> str:
        """Listen; gives the ready line, with `beside` in its place.  InputError where a port cannot be had."""
        server = self.assembly.server
        server.start(Listen(*self._sip_place(), *self._tls_place()))
        host, port = server.address
        words = [f"sip={_place(host, port)}"]
        if server.tls_address is not None:
            words.append(f"tls={_place(*server.tls_address)}")
        ami = self._ami_place()
        if ami is not None:
            words.append(f"ami={_place(*self._start_manager(ami))}")
        if beside:
            words.append(beside)
        words.append(f"data={self.data if self.data is not None else MEMORY}")
        return "ready " + " ".join(words)

    def _sip_place(self) -> tuple[str, int]:
        if self.options.sip is not None:
            return self.options.sip
        assert self.configuration.pjsip is not None
        for transport in self.configuration.pjsip.transports.values():
            if transport.protocol in ("udp", "tcp"):
                host = transport.host if self.options.listen_as_configured else LOOPBACK
                return host, transport.port
        return LOOPBACK, DEFAULT_SIP_PORT

    def _tell_of_transports(self) -> None:
        """One place serves UDP and TCP, one TLS: transports that are for others are named once."""
        assert self.configuration.pjsip is not None
        served: dict[str, int] = {}
        for transport in self.configuration.pjsip.transports.values():
            kind = "sip" if transport.protocol in ("udp", "tcp") else transport.protocol
            if kind not in ("sip", "tls") or served.setdefault(kind, transport.port) != transport.port:
                text = f"nothing listens for transport {transport.name} ({transport.protocol}, port {transport.port})"
                self._tell(Note("transport", text, transport.where))

    def _tls_place(self) -> tuple[tuple[str, int] | None, Credentials | None]:
        """Where to accept TLS and with what; nowhere where no transport asks for it or its files are not there.

        InputError where `--tls` asks for it and it cannot be had.
        """
        assert self.configuration.pjsip is not None
        asked = self.options.tls
        for transport in self.configuration.pjsip.transports.values():
            if transport.protocol != "tls":
                continue
            try:
                credentials = self._credentials(transport)
            except InputError as error:
                if asked is not None:
                    raise
                self._tell(Note("tls", f"{error.message}; TLS is not served", error.where))
                return None, None
            host = transport.host if self.options.listen_as_configured else LOOPBACK
            return asked or (host, transport.port), credentials
        if asked is not None:
            raise InputError(
                "no transport of pjsip.conf has protocol=tls", None, "--tls needs one with its cert_file"
            )
        return None, None

    def _credentials(self, transport: Transport) -> Credentials:
        try:
            from harness.net import tls
        except ImportError:
            raise InputError(
                "TLS needs pyOpenSSL", transport.where, "install the extra: dpma-harness[tls]"
            ) from None
        if not transport.cert_file:
            raise InputError(f"[{transport.name}] has no cert_file", transport.where, "give one in PEM form")

        folder = self.options.config

        def path(text: str) -> Path | None:
            return folder / text if text else None

        credentials = tls.Credentials(
            folder / transport.cert_file,
            path(transport.priv_key_file),
            path(transport.ca_list_file),
            transport.verify_client or transport.require_client_cert,
            transport.where_of("cert_file"),
        )
        tls.server_context(credentials)
        return credentials

    def _ami_place(self) -> tuple[str, int] | None:
        manager = self.configuration.manager
        if manager is None:
            if self.options.ami is not None:
                raise InputError("there is no manager.conf", None, "without users nobody could log in to --ami")
            return None
        if self.options.ami is not None:
            return self.options.ami
        if not manager.enabled:
            return None
        return (manager.bindaddr if self.options.listen_as_configured else LOOPBACK), manager.port

    def _start_manager(self, place: tuple[str, int]) -> tuple[str, int]:
        config = self.configuration.manager
        assert config is not None
        server = self.assembly.server
        self.manager = server.make_manager(config)
        host, port = place
        try:
            self._manager_port = self.world.network.listenTCP(port, self.manager, interface=host)
        except CannotListenError as error:
            raise InputError(
                f"the manager interface cannot listen on {_place(host, port)}: {error.socketError}",
                None,
                "end what uses that port, or give another with --ami HOST:PORT",
            ) from None
        taken = self._manager_port.getHost()
        self.manager.address = f"{taken.host}:{taken.port}"
        self.manager.booted = True
        return taken.host, taken.port

    def take_commands(self, reactor: Any) -> None:
        """Let `dpma-harness cli` in, where there is a data folder."""
        if self.data is not None:
            self._control = control.listen(reactor, self.data, self.assembly.server.commands)

    def stop(self) -> Any:
        """Stop listening and store what is known; fires when that is done.  InputError where it cannot be stored."""
        if self._control is not None:
            self._control.stopListening()
        if self._manager_port is not None:
            self._manager_port.stopListening()
        if self.manager is not None:
            self.manager.close_all()
        try:
            return self.assembly.server.stop()
        finally:
            if self._folder is not None:
                self._folder.release()


def _place(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


Beside = Callable[[Any, Server], str]
"""Serves something else on a reactor, about a server; gives its word for the ready line."""


def run(options: ServeOptions, verbose: bool, out: Callable[[str], None], beside: Beside | None = None) -> int:
    """Serve until SIGTERM or SIGINT; gives the exit code."""
    from twisted.internet import reactor as installed

    from harness.net.trace import Trace
    from harness.net.world import World

    reactor: Any = installed
    world = World.real(reactor, seed=_fresh_seed(), trace=Trace(enabled=False))
    told: set[str] = set()

    def tell(note: Note) -> None:
        text = blank(str(note))
        if text not in told:
            told.add(text)
            print(f"note: {text}", file=sys.stderr)  # noqa: T201

    serving = Serving(options, world, tell)
    ready = serving.start(beside(reactor, serving.assembly.server) if beside is not None else "")
    serving.take_commands(reactor)
    reactor.callWhenRunning(out, ready)  # SIGTERM is handled from then on
    ended: list[InputError] = []

    def stop() -> Any:
        try:
            return serving.stop()
        except InputError as error:
            ended.append(error)

    reactor.addSystemEventTrigger("before", "shutdown", stop)
    if verbose:
        from twisted.python import log

        log.startLogging(sys.stderr, setStdout=False)  # type: ignore[no-untyped-call]
    gc.freeze()  # what was loaded is not garbage: a collection amid a fan-out need not look at it
    reactor.run()
    if ended:
        raise ended[0]
    return 0


def _fresh_seed() -> str:
    """A seed that nobody can guess: tags and nonces are made from it."""
    import secrets

    return secrets.token_hex(32)
