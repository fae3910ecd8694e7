"""What the rest asks of a clock and a network: the parts of Twisted's interfaces, as types.

Twisted's own interfaces (`IReactorTime` and so on) are not types for a checker. The real and the
simulated network satisfy both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from twisted.internet.protocol import ClientFactory, DatagramProtocol, ServerFactory

from harness.net.condition import Address, Condition


class Call(Protocol):
    """A delayed call (IDelayedCall)."""

    def getTime(self) -> float: ...
    def active(self) -> bool: ...
    def cancel(self) -> None: ...
    def reset(self, secondsFromNow: float) -> None: ...
    def delay(self, secondsLater: float) -> None: ...


class Clock(Protocol):
    """IReactorTime; a delayed call keeps the trace's cause of the moment that asked for it."""

    def seconds(self) -> float: ...
    def callLater(self, delay: float, callable: Callable[..., object], *args: Any, **kw: Any) -> Call: ...


class Port(Protocol):
    """IListeningPort; `stopListening` gives None or a Deferred."""

    def getHost(self) -> Any: ...
    def stopListening(self) -> Any: ...


class DatagramPort(Port, Protocol):
    """IUDPTransport and IListeningPort."""

    def write(self, packet: bytes, addr: Address | None = None) -> None: ...


class Connector(Protocol):
    """IConnector."""

    def connect(self) -> None: ...
    def disconnect(self) -> None: ...
    def stopConnecting(self) -> None: ...
    def getDestination(self) -> Any: ...


class Network(Clock, Protocol):
    """IReactorUDP and IReactorTCP, with the hook in front of datagrams."""

    condition: Condition | None

    def listenUDP(
        self, port: int, protocol: DatagramProtocol, interface: str = "", maxPacketSize: int = 8192
    ) -> DatagramPort: ...

    def listenTCP(
        self, port: int, factory: ServerFactory, backlog: int = 50, interface: str = ""
    ) -> Port: ...

    def connectTCP(
        self, host: str, port: int, factory: ClientFactory, timeout: float = 30,
        bindAddress: Address | None = None,
    ) -> Connector: ...  # fmt: skip
