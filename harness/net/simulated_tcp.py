"""TCP listeners and connectors of the simulated network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.base import BaseConnector
from twisted.internet.error import (
    CannotListenError,
    ConnectBindError,
    ConnectionRefusedError,
)
from twisted.internet.interfaces import IConnector, IListeningPort
from twisted.internet.protocol import ClientFactory, ServerFactory
from twisted.python.failure import Failure
from zope.interface import implementer

from harness.net.addresses import host_named, twisted_address
from harness.net.condition import Address
from harness.net.simulated_connection import SimulatedConnection

if TYPE_CHECKING:
    from harness.net.simulated import SimulatedReactor


@implementer(IListeningPort)
class SimulatedListener:
    """A listening TCP port."""

    def __init__(self, reactor: SimulatedReactor, address: Address, factory: ServerFactory) -> None:
        self.factory = factory
        self.listening = False
        self._reactor = reactor
        self._address = address

    def startListening(self) -> None:
        self._address = self._reactor.bind("TCP", self._address, self)
        self.listening = True
        self.factory.doStart()  # type: ignore[no-untyped-call]

    def stopListening(self) -> None:
        """Take no more connections; those that are there stay."""
        if not self.listening:
            return
        self.listening = False
        self._reactor.release("TCP", self._address)
        self._reactor.callLater(0, self.factory.doStop)

    loseConnection = stopListening

    def getHost(self) -> Any:
        return twisted_address("TCP", self._address)

    def accept(self, end: SimulatedConnection) -> None:
        """The handshake is done: `end` is ours of a new connection."""
        if not self.listening:
            end.abortConnection()
            return
        protocol = self.factory.buildProtocol(end.getPeer())
        end.begin(protocol)
        if protocol is None:
            end.loseConnection()


@implementer(IConnector)
class SimulatedConnector(BaseConnector):
    """Twisted's connector, whose attempts go over the simulated network."""

    def __init__(
        self, reactor: SimulatedReactor, destination: Address, factory: ClientFactory, timeout: float,
        bind_address: Address | None,
    ) -> None:  # fmt: skip
        network: Any = reactor
        super().__init__(factory, timeout, network)
        self._network = reactor
        self._destination = destination
        self._bind_address = bind_address

    def _makeTransport(self) -> Any:
        host, port = self._bind_address or ("", 0)
        return Attempt(self._network, self, (host_named(host), port), self._destination)

    def getDestination(self) -> Any:
        return twisted_address("TCP", self._destination)


class Attempt:
    """One attempt to connect: the handshake of RFC 9293 3.5, one packet for each of its arrows."""

    def __init__(
        self, reactor: SimulatedReactor, connector: SimulatedConnector, local: Address, remote: Address
    ) -> None:
        self._reactor = reactor
        self._connector = connector
        self._local: Address | None = None
        self._remote = remote
        self._end: SimulatedConnection | None = None
        self._over = False
        try:
            self._local = reactor.bind("TCP", local, self)
        except CannotListenError as taken:
            error = ConnectBindError(string=str(taken))  # type: ignore[no-untyped-call]
            reactor.callLater(0, self.failIfNotConnected, error)
        else:
            reactor.carry(0.0, self._ask)

    def failIfNotConnected(self, error: Exception) -> None:
        """Give up, unless the connection stands."""
        if not self._over:
            self._over = True
            self._release()
            self._connector.connectionFailed(Failure(error))  # type: ignore[no-untyped-call]

    def loseConnection(self) -> None:
        if self._end is not None:
            self._end.loseConnection()

    def _ask(self) -> None:
        listener = self._reactor.bound_to("TCP", self._remote)
        if isinstance(listener, SimulatedListener):
            self._reactor.carry(0.0, self._establish, listener)
        else:
            error = ConnectionRefusedError()  # type: ignore[no-untyped-call]
            self._reactor.carry(0.0, self.failIfNotConnected, error)

    def _establish(self, listener: SimulatedListener) -> None:
        if self._over or self._local is None:
            return
        self._over = True
        ours, theirs = SimulatedConnection.pair(self._reactor, self._local, self._remote)
        ours.on_lost = self._lost
        self._end = ours
        ours.tell(listener.accept, theirs)
        protocol = self._connector.buildProtocol(ours.getPeer())
        ours.begin(protocol)
        if protocol is None:
            ours.loseConnection()

    def _lost(self, reason: Failure) -> None:
        self._release()
        self._connector.connectionLost(reason)

    def _release(self) -> None:
        if self._local is not None:
            self._reactor.release("TCP", self._local)
            self._local = None
