"""Who talks to the server in a story: manager connections, and watchers on UDP sockets that answer with 200."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from twisted.internet.protocol import ClientFactory, DatagramProtocol, Protocol

from tests.golden.calls import CALL_METHODS, PhoneCall, take
from tests.golden.noting import SipText

if TYPE_CHECKING:
    from random import Random

    from harness.net.world import World

ANSWER_LIMIT_S = 5.0
MAX_DATAGRAM = 65535
LOOPBACK = "127.0.0.1"


def hexadecimal(random: Random, digits: int) -> str:
    """A fresh identifier."""
    return f"{random.getrandbits(4 * digits):0{digits}x}"


class ManagerConnection(Protocol):
    """One manager connection: actions out, packets in."""

    def __init__(self, world: World, random: Random) -> None:
        self._world, self._random = world, random
        self.told: Callable[[], None] = lambda: None
        """Called when something has come."""
        self._buffer = b""
        self.raw = b""
        """Everything that came, as it came."""
        self.banner: str | None = None
        self.packets: list[list[str]] = []
        self.open = False

    def connectionMade(self) -> None:
        self.open = True
        self._world.changed()

    def connectionLost(self, reason: Any = None) -> None:
        self.open = False
        self._world.changed()

    def dataReceived(self, data: bytes) -> None:
        self.raw += data
        self._buffer += data
        if self.banner is None and b"\r\n" in self._buffer:
            banner, _, self._buffer = self._buffer.partition(b"\r\n")
            self.banner = banner.decode("utf-8", "replace")
        while b"\r\n\r\n" in self._buffer:
            head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
            self.packets.append(head.decode("utf-8", "replace").split("\r\n"))
        self.told()
        self._world.changed()

    def write(self, data: bytes) -> None:
        """Send bytes as they are."""
        transport: Any = self.transport
        transport.write(data)

    def close(self) -> None:
        """Hang up."""
        transport: Any = self.transport
        transport.loseConnection()

    async def act(self, headers: Mapping[str, Any]) -> list[list[str]]:
        """Send one action; its response and, where that begins a list, every event of the list."""
        return await self.answer(self.post(headers))

    def post(self, headers: Mapping[str, Any]) -> str:
        """Send one action; gives its ActionID."""
        action_id = hexadecimal(self._random, 8)
        fields = [(name, value) for name, values in headers.items() for value in _several(values)]
        lines = [f"{name}: {value}\r\n" for name, value in (*fields, ("ActionID", action_id))]
        self.write(("".join(lines) + "\r\n").encode())
        return action_id

    async def answer(self, action_id: str) -> list[list[str]]:
        """The packets of one action, without their ActionID; those of a list's items sorted, they have no order."""
        mark = f"ActionID: {action_id}"

        def mine() -> list[list[str]]:
            return [packet for packet in self.packets if mark in packet]

        await self._world.wait(lambda: _is_whole(mine()) or not self.open, ANSWER_LIMIT_S)
        if not self.open:
            raise ConnectionError("the manager connection closed")
        answered = mine()
        self.packets = [packet for packet in self.packets if mark not in packet]
        answer = [[line for line in packet if not line.startswith("ActionID:")] for packet in answered]
        if _is_list(answered):
            answer[1:-1] = sorted(answer[1:-1])
        return answer


def _several(values: Any) -> Sequence[Any]:
    return values if isinstance(values, list) else [values]


def _is_list(packets: list[list[str]]) -> bool:
    return any(line.lower().startswith("eventlist: start") for packet in packets for line in packet)


def _is_whole(packets: list[list[str]]) -> bool:
    if not packets or not _is_list(packets):
        return bool(packets)
    return any(line.lower().startswith("eventlist: complete") for line in packets[-1])


class ManagerConnector(ClientFactory):
    """Makes one connection of this kind."""

    noisy = False

    def __init__(self, connection: ManagerConnection) -> None:
        self._connection = connection

    def buildProtocol(self, addr: Any) -> ManagerConnection:
        return self._connection


async def connect(world: World, random: Random, address: tuple[str, int]) -> ManagerConnection:
    """A connection whose banner has come."""
    connection = ManagerConnection(world, random)
    world.network.connectTCP(*address, ManagerConnector(connection))
    await world.wait(lambda: connection.banner is not None, ANSWER_LIMIT_S)
    if connection.banner is None:
        raise ConnectionError(f"nobody answers at {address}")
    return connection


class Watcher(DatagramProtocol):
    """One SIP identity with a socket of its own."""

    def __init__(
        self,
        world: World,
        random: Random,
        name: str,
        server: tuple[str, int],
        told: Callable[[Watcher, SipText], None],
    ) -> None:
        self.name, self.server, self._told, self._random = name, server, told, random
        self.tag, self.call_id = self.fresh(8), self.fresh(32)
        self.cseq = 0
        self.to_tag: str = ""
        self.target: str | None = None
        self.notify_cseq: int | None = None
        self.drops = False
        """Whether requests are left without an answer."""
        self.answers: list[str] = []
        """Statuses for the next NOTIFYs, with headers behind a line end; 200 when there are no more."""
        self.call: PhoneCall | None = None
        self._port = world.network.listenUDP(0, self, interface=LOOPBACK, maxPacketSize=MAX_DATAGRAM)
        self.media_port = int(self._port.getHost().port)
        self.local = f"{LOOPBACK}:{self.media_port}"

    @property
    def host(self) -> str:
        """The server's host:port."""
        return f"{self.server[0]}:{self.server[1]}"

    def fresh(self, digits: int) -> str:
        """A fresh identifier."""
        return hexadecimal(self._random, digits)

    def close(self) -> None:
        """Give the socket back."""
        self._port.stopListening()

    def send(self, text: str) -> None:
        """Send one datagram to the server."""
        self._port.write(text.encode(), self.server)

    def request(
        self,
        method: str,
        uri: str,
        sender: str,
        to: str,
        headers: Sequence[str] = (),
        body: str = "",
        in_dialog: bool = False,
    ) -> None:
        """Send a request of the identity's one Call-ID."""
        self.cseq += 1
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.local};rport;branch=z9hG4bK{self.fresh(32)}",
            f"From: <sip:{sender}@{self.local}>;tag={self.tag}",
            f"To: <sip:{to}@{self.host}>" + (f";tag={self.to_tag}" if in_dialog else ""),
            f"Call-ID: {self.call_id}",
            f"CSeq: {self.cseq} {method}",
            "Max-Forwards: 70",
            f"Contact: <sip:{sender}@{self.local}>",
            *headers,
            f"Content-Length: {len(body.encode())}",
        ]
        self.send("\r\n".join(lines) + "\r\n\r\n" + body)

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        message = SipText.read(datagram)
        if message.is_request:
            if self.drops or self._is_of_a_call(message):
                return
            self._answer(message)
        elif self.call is not None and message.get("cseq").endswith(" INVITE"):
            self.call.responded(message)
        self._told(self, message)

    def _is_of_a_call(self, request: SipText) -> bool:
        """Requests of a call are worked on and not noted."""
        if request.method not in CALL_METHODS:
            return False
        take(self, request)
        return True

    def _answer(self, request: SipText) -> None:
        status = self.answers.pop(0) if self.answers and request.method == "NOTIFY" else "200 OK"
        lines = [f"SIP/2.0 {status}"]
        for name in ("via", "from", "to"):
            lines += [f"{name.title()}: {value}" for value in request.headers.get(name, ())]
        lines += [f"Call-ID: {request.get('call-id')}", f"CSeq: {request.get('cseq')}", "Content-Length: 0"]
        self.send("\r\n".join([*lines, "", ""]))

    def cseq_note(self, message: SipText) -> str | None:
        """How far the CSeq of a NOTIFY is from the one before; None for other messages."""
        if message.method != "NOTIFY":
            return None
        before, self.notify_cseq = self.notify_cseq, message.cseq
        return "first" if before is None else f"+{message.cseq - before}"

    def remember_dialog(self, message: SipText) -> None:
        """Keep what a 2xx to SUBSCRIBE says about the dialog."""
        if "SUBSCRIBE" in message.get("cseq") and message.start.startswith("SIP/2.0 2"):
            self.to_tag = message.get("to").partition(";tag=")[2].partition(";")[0]
            self.target = message.target
