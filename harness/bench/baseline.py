"""What Twisted alone needs for a datagram of 1,500 bytes out and one of 370 bytes in: the unit of `bench fanout`.

Run as a module it is the process that is measured.
"""

from __future__ import annotations

import socket
from typing import Any

from harness.bench.process import Measured
from harness.errors import HarnessError

OUT_BYTES = 1_500
"""About a NOTIFY with a PIDF body."""
IN_BYTES = 370
"""About its 200."""
IN_FLIGHT = 64
"""Datagrams under way at once, so that neither side waits for the other."""
SILENCE_S = 5.0


def measure(datagrams: int) -> float:
    """Seconds of CPU for one pair of datagrams, by so many of them."""
    with Measured(["-m", "harness.bench.baseline"], "ready") as process:
        port = int(process.line.split()[1])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(SILENCE_S)
            client.connect(("127.0.0.1", port))
            _exchange(client, IN_FLIGHT * 10)  # the first ones are slower
            before = process.cpu_s()
            _exchange(client, datagrams)
            return (process.cpu_s() - before) / datagrams


def _exchange(client: socket.socket, datagrams: int) -> None:
    answer = bytes(IN_BYTES)
    try:
        for number in range(datagrams + IN_FLIGHT):
            if number >= IN_FLIGHT:
                client.recv(2 * OUT_BYTES)
            if number < datagrams:
                client.send(answer)
    except TimeoutError:
        raise HarnessError("a datagram of the baseline was lost: the machine is too busy to measure") from None


def main() -> None:
    """Answer each datagram with one of 1,500 bytes until the process is ended."""
    from twisted.internet import reactor as installed
    from twisted.internet.protocol import DatagramProtocol

    reactor: Any = installed

    class Pair(DatagramProtocol):
        out = bytes(OUT_BYTES)
        transport: Any

        def datagramReceived(self, datagram: bytes, addr: tuple[str, int]) -> None:
            self.transport.write(self.out, addr)

    port = reactor.listenUDP(0, Pair(), "127.0.0.1")
    print("ready", port.getHost().port, flush=True)  # noqa: T201
    reactor.run()


if __name__ == "__main__":
    main()
