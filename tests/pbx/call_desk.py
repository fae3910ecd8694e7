"""A server with phones that are nothing but call legs, in a simulated world."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from harness.config.syntax import Setting
from harness.errors import Location
from harness.net.carrier import SipCarrier
from harness.net.trace import Trace
from harness.net.world import World
from harness.sip.client import Client
from harness.sip.leg import Ending, Leg, Offer
from harness.sip.machine import Failure
from harness.sip.message import Request, Response
from harness.sip.sdp import TOOL, Description, Format, read
from harness.sip.server_transaction import ServerTransaction
from harness.targets.serving import MEMORY, ServeOptions, Serving
from tests.pbx.manager_lines import Line

SIP, AMI = ("127.0.0.1", 5060), ("127.0.0.1", 5038)
ALLOW = (("Allow", "INVITE, ACK, BYE, CANCEL, UPDATE, PRACK, REFER, NOTIFY"), ("Supported", "replaces"))
MANAGER = "[general]\nenabled=yes\n[boss]\nsecret=boss\nread=all\nwrite=all\n"


class DeskPhone:
    """A phone with its calls; `calls` are its legs, the last one last, `told` what they were told."""

    def __init__(self, desk: CallDesk, name: str) -> None:
        self.desk, self.name = desk, name
        self.carrier = SipCarrier(desk.world, name)
        self.stack = self.carrier.stack
        self.address = self.carrier.listen_udp("127.0.0.1", 0)
        self.flow = self.carrier.flow_to("UDP", SIP)
        self.client = Client(self.stack)
        self.calls: list[Leg] = []
        self.told: list[str] = []
        self.notified: list[str] = []
        """The bodies of NOTIFYs; `requests` has all of them."""
        self.requests: list[Request] = []
        self.messages: list[str] = []
        self.incoming: Callable[[Leg], None] = lambda leg: leg.ring()
        self.direction = "sendrecv"
        self.offers: list[str] = []
        """The offers within calls: `sendrecv` or the like, each with the port of the media."""
        self.on_offer: Callable[[Offer], None] = lambda offer: offer.accept(self.sdp(self.direction))
        self.port = 4000 + 2 * len(desk.phones)
        self.speaks = False
        """Whether it is one of the project's phones."""
        self.stack.on_request = self._request

    @property
    def contact(self) -> str:
        return f"sip:{self.name}@{self.address[0]}:{self.address[1]}"

    @property
    def call(self) -> Leg:
        return self.calls[-1]

    def unregister(self) -> None:
        self.register(0)

    def register(self, expires: int = 600) -> None:
        aor = f"<sip:{self.name}@127.0.0.1>"
        rows = [("Contact", f"<{self.contact}>"), ("Expires", str(expires))]
        self.client.request(
            self.client.build("REGISTER", "sip:127.0.0.1", aor, aor, rows), self.flow, lambda _outcome: None
        )
        self.desk.wait(0.1)

    def sdp(self, direction: str = "sendrecv") -> bytes:
        formats = (Format(0, "PCMU/8000"),)
        tool = TOOL if self.speaks else ""
        return Description("127.0.0.1", self.port, formats, direction, tool=tool).encode()  # type: ignore[arg-type]

    def dial(self, number: str, **headers: str) -> Leg:
        leg = self._leg()
        rows = [(name.replace("_", "-"), value) for name, value in headers.items()]
        leg.place(f"sip:{number}@127.0.0.1", f"<sip:{self.name}@127.0.0.1>", body=self.sdp(), headers=rows)
        self.desk.wait(0.1)
        return leg

    def pick_up(self) -> None:
        self.call.accept(self.sdp())
        self.desk.wait(0.1)

    def hold(self, direction: str = "sendonly") -> None:
        self.call.reoffer(self.sdp(direction))
        self.desk.wait(0.1)

    def hang_up(self) -> None:
        self.call.hang_up()
        self.desk.wait(0.1)

    def refer(self, to: str, leg: Leg | None = None) -> None:
        (leg or self.call).refer(to, on_response=self._heard)
        self.desk.wait(0.1)

    def _heard(self, outcome: Response | Failure) -> None:
        self.told.append(f"REFER {outcome.status}")

    def _leg(self) -> Leg:
        leg = Leg(self.client, self, lambda _uri: self.flow, contact=f"<{self.contact}>", capabilities=ALLOW)
        self.calls.append(leg)
        return leg

    def _request(self, transaction: ServerTransaction) -> None:
        if transaction.request.method == "NOTIFY":
            self._notified(transaction)
            return
        if transaction.request.method != "INVITE":
            transaction.reply(481)
            return
        leg = self._leg()
        if leg.receive(transaction):
            self.incoming(leg)

    def _notified(self, transaction: ServerTransaction) -> None:
        self.requests.append(transaction.request)
        self.notified.append(transaction.request.body.decode().strip())
        transaction.reply(200)

    # LegUser

    def progress(self, leg: Leg, response: Response) -> None:
        self.told.append(str(response.status))

    def answered(self, leg: Leg, response: Response) -> None:
        self.told.append("answered")

    def refused(self, leg: Leg, outcome: Response | Failure) -> None:
        self.told.append(str(outcome.status))

    def confirmed(self, leg: Leg, ack: Request) -> None:
        self.told.append("confirmed")

    def offered(self, leg: Leg, offer: Offer) -> None:
        said = read(offer.body)
        self.offers.append(f"{said.direction} {said.port}")
        self.on_offer(offer)

    def reanswered(self, leg: Leg, outcome: Response | Failure) -> None:
        self.told.append(f"offer {outcome.status}")

    def requested(self, leg: Leg, transaction: ServerTransaction) -> None:
        if transaction.request.method == "NOTIFY":
            self._notified(transaction)
        elif transaction.request.method == "MESSAGE":
            request = transaction.request
            self.messages.append(f"{request.headers.get('Content-Type')}: {request.body.decode()}")
            transaction.reply(200)

    def ended(self, leg: Leg, ending: Ending) -> None:
        self.told.append(ending.why)


class CallDesk:
    """One server and its phones."""

    def __init__(
        self,
        folder: Path,
        dialplan: str,
        phones: str = "a b c d",
        pjsip: str = "",
        files: Mapping[str, str] | None = None,
        data: str = MEMORY,
    ) -> None:
        etc = folder / "etc"
        etc.mkdir()
        endpoints = "[transport-udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:5060\n"
        for name in phones.split():
            endpoints += f"[{name}]\ntype=endpoint\ncontext=office\ndisallow=all\nallow=ulaw\naors={name}\n"
            endpoints += f"[{name}]\ntype=aor\nmax_contacts=5\n"
        (etc / "pjsip.conf").write_text(endpoints + pjsip)
        (etc / "extensions.conf").write_text(dialplan)
        (etc / "manager.conf").write_text(MANAGER)
        for name, text in (files or {}).items():
            (etc / name).write_text(text)
        self.world = World.simulated(1, trace=Trace(enabled=False))
        self.serving = Serving(ServeOptions(etc, SIP, AMI, data), self.world, lambda _note: None)
        self.serving.start()
        self.server = self.serving.assembly.server
        self.phones: dict[str, DeskPhone] = {}
        for name in phones.split():
            self.phones[name] = DeskPhone(self, name)
        self.events: list[tuple[str, dict[str, str]]] = []
        publish = self.server.exchange.publish

        def hear(kind: str, event: str, fields: Sequence[tuple[str, object]]) -> None:
            self.events.append((event, {name: str(value) for name, value in fields}))
            publish(kind, event, fields)

        self.server.exchange.publish = hear

    def __getitem__(self, name: str) -> DeskPhone:
        return self.phones[name]

    def register(self, names: str) -> None:
        for name in names.split():
            self.phones[name].register()

    def set_option(self, endpoint: str, option: str, value: str) -> None:
        """An option of an endpoint, as if pjsip.conf had it."""
        setting = Setting(option, value, Location("pjsip.conf"))
        self.server.pjsip.endpoints[endpoint].options[option] = [setting]

    def wait(self, seconds: float) -> None:
        self.world.network.advance(seconds)  # type: ignore[attr-defined]

    def heard(self, event: str, *fields: str) -> list[tuple[str, ...]]:
        """What the events of one name said in these fields."""
        return [tuple(row.get(field, "") for field in fields) for name, row in self.events if name == event]

    def device(self, name: str) -> str:
        return self.server.core.devices.query(name).token

    def command(self, line: str) -> str:
        return self.server.commands.run(line)[1]

    def state(self, name: str) -> str:
        return self.server.core.devices.query(f"PJSIP/{name}").token

    def states(self, names: str) -> list[str]:
        return [self.state(name) for name in names.split()]

    def manager(self) -> Line:
        """A connection to the manager interface, logged in."""
        line = Line(self.server.managers[0])
        line.login("boss")
        return line

    def nothing_is_left(self) -> bool:
        """No channel, bridge, dialog of a call or open transaction after the time that transactions may take."""
        self.wait(110)
        server = self.server
        left = [*server.exchange.live, *server.exchange.bridges]
        left += [str(each) for each in server.stack.open_transactions()]
        left += [dialog.call_id for dialog in server.stack.dialogs]
        return not left
