"""A small office with bad wires, for the test that one seed gives one trace: prints it as JSON lines."""

from __future__ import annotations

import io
import sys

from harness.net.carrier import Flow, SipCarrier
from harness.net.condition import Datagram, Delivery
from harness.net.world import World
from harness.sip.headers import Headers
from harness.sip.message import Request
from harness.sip.transaction import ServerTransaction


def message(phone: SipCarrier, flow: Flow) -> Request:
    """A MESSAGE with new identifiers."""
    made = phone.identifiers
    rows = [("From", f"<sip:{phone.name}@server>;tag={made.tag()}"), ("To", "<sip:server>"), ("Max-Forwards", "70"),
            ("Call-ID", made.call_id()), ("CSeq", f"{made.cseq()} MESSAGE")]  # fmt: skip
    return Request("MESSAGE", f"sip:proxy@{flow.remote[0]}", Headers(rows), phone.name.encode())


def answer(transaction: ServerTransaction) -> None:
    """Everything is fine."""
    transaction.reply(200)


async def office(world: World) -> None:
    """Some phones over UDP and TCP; a third of the datagrams is lost or comes twice."""

    def bad_wire(datagram: Datagram) -> list[Delivery] | None:
        fate = world.random.randrange(6)
        if fate > 1:
            return None
        return [Delivery(0.0, datagram.data), Delivery(0.1, datagram.data)] if fate else []

    world.network.condition = bad_wire
    server = SipCarrier(world, "server")
    server.listen_udp("10.0.0.1", 5060)
    server.listen_tcp("10.0.0.1", 5060)
    server.stack.on_request = answer
    answers: list[object] = []
    for number, name in enumerate(("alice", "bob", "carol", "dave")):
        phone = SipCarrier(world, name)
        phone.listen_udp(f"10.0.1.{number}", 5060)
        phone.listen_tcp(f"10.0.1.{number}", 5060)
        for _ in range(5):
            flow = phone.flow_to("UDP" if number % 2 else "TCP", ("10.0.0.1", 5060))
            phone.stack.request(message(phone, flow), flow, answers.append)
    assert await world.wait(lambda: len(answers) == 20, 60)
    await world.sleep(40)


def main() -> None:
    """Print the trace of the seed that is given."""
    world = World.simulated(sys.argv[1], jitter_s=0.002)
    world.run(office)
    text = io.StringIO()
    world.trace.write(text)
    sys.stdout.buffer.write(text.getvalue().encode())


if __name__ == "__main__":
    main()
