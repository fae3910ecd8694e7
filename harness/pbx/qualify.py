"""OPTIONS to contacts whose AOR has a qualify_frequency: only who answers is reachable (res_pjsip/pjsip_options.c)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from harness.pbx.contact import REACHABLE, UNREACHABLE
from harness.pbx.registrar import supported_by
from harness.sip.matching import host_port
from harness.sip.message import Headers, Request, Response

if TYPE_CHECKING:
    from harness.config.pjsip_objects import Endpoint
    from harness.net.world import World
    from harness.pbx.contact import Contact
    from harness.pbx.registrar import Registrar
    from harness.sip.flow import Flow
    from harness.sip.machine import Failure
    from harness.sip.stack import Stack


class Qualifying:
    """Asks the contacts of a server's AORs, and says when the answer is another than the last."""

    def __init__(
        self,
        registrar: Registrar,
        stack: Stack,
        world: World,
        *,
        road_to: Callable[[Contact], Flow | None],
        changed: Callable[[Contact], None],
        agent: Callable[[], str],
    ) -> None:
        """`changed(contact)` is told of a contact that became reachable or unreachable."""
        self._registrar, self._stack, self._world = registrar, stack, world
        self._road_to, self._changed, self._agent = road_to, changed, agent
        self._timers: dict[str, Any] = {}

    def start(self) -> None:
        """Ask all there are."""
        for name in self._registrar.config.aors:
            self._ask_all(name)

    def stop(self) -> None:
        """Ask no more."""
        for timer in self._timers.values():
            if timer.active():
                timer.cancel()
        self._timers.clear()

    def added(self, contact: Contact) -> None:
        """A contact came: it is asked as soon as its REGISTER is answered, and then with the others of its AOR."""
        if not self._frequency(contact.aor):
            return
        if contact.aor in self._timers:
            self._world.call_later(0.0, self.ask, contact)
        else:
            self._timers[contact.aor] = self._world.call_later(0.0, self._ask_all, contact.aor)

    def again(self, aor: str) -> None:
        """Begin an AOR's rounds anew."""
        timer = self._timers.pop(aor, None)
        if timer is not None and timer.active():
            timer.cancel()
        self._ask_all(aor)

    def ask_all(self, aor: str) -> None:
        """Ask all of an AOR, whether they are asked by themselves or not."""
        for contact in self._registrar.of_aor(aor):
            self.ask(contact)

    def _frequency(self, aor: str) -> int:
        found = self._registrar.config.aors.get(aor)
        return found.qualify_frequency if found is not None else 0

    def _ask_all(self, aor: str) -> None:
        self._timers.pop(aor, None)
        frequency, contacts = self._frequency(aor), self._registrar.of_aor(aor)
        if not frequency or not contacts:
            return
        self._timers[aor] = self._world.call_later(frequency, self._ask_all, aor)
        for contact in contacts:
            self.ask(contact)

    def ask(self, contact: Contact) -> None:
        """Send one OPTIONS; any answer will do unless the AOR asks for a 2xx."""
        flow, endpoint = self._road_to(contact), self._endpoint_of(contact)
        if endpoint is None:
            return
        if flow is None:
            self._found(contact, UNREACHABLE)
            return
        began, over = self._world.seconds(), False

        def answered(outcome: Response | Failure) -> None:
            nonlocal over
            if over or outcome.status < 200:
                return
            over = True
            if timer.active():
                timer.cancel()
            good = isinstance(outcome, Response) and (outcome.status < 300 or not aor.flag("qualify_2xx_only"))
            self._found(contact, REACHABLE if good else UNREACHABLE, self._world.seconds() - began)

        def silent() -> None:
            nonlocal over
            if not over:
                over = True
                transaction.abandon()
                self._found(contact, UNREACHABLE)

        aor = self._registrar.config.aors[contact.aor]
        timer = self._world.call_later(aor.qualify_timeout, silent)
        transaction = self._stack.request(self._request(contact, endpoint, flow), flow, answered)

    def _found(self, asked: Contact, status: str, seconds: float = 0.0) -> None:
        """What became of it; a contact that registered again meanwhile is another object."""
        contact = self._registrar.find(asked.aor, asked.uri)
        if contact is None:
            return
        before, contact.status = contact.status, status
        contact.roundtrip_s = seconds if status == REACHABLE else 0.0
        if before != status:
            self._changed(contact)

    def _endpoint_of(self, contact: Contact) -> Endpoint | None:
        endpoints = self._registrar.config.endpoints
        return endpoints.get(contact.endpoint) or next((e for e in endpoints.values() if contact.aor in e.aors), None)

    def _request(self, contact: Contact, endpoint: Endpoint, flow: Flow) -> Request:
        """As for any request out of a dialog (res_pjsip.c, create_out_of_dialog_request)."""
        identifiers, user = self._stack.identifiers, endpoint.from_user or endpoint.name
        contact_user = endpoint.value("contact_user")
        place = host_port(*flow.local) if contact_user else endpoint.from_domain or host_port(*flow.local)
        transport = "" if flow.transport == "UDP" else f";transport={flow.transport}"
        rows = [
            ("From", f"<sip:{user}@{endpoint.from_domain or flow.local[0]}>;tag={identifiers.tag()}"),
            ("To", f"<{contact.target}>"),
            ("Contact", f"<sip:{contact_user or user}@{place}{transport}>"),
            ("Call-ID", identifiers.call_id()),
            ("CSeq", f"{identifiers.cseq()} OPTIONS"),
            *supported_by(self._registrar.config.aors[contact.aor]),
            ("Max-Forwards", "70"),
            ("User-Agent", self._agent()),
        ]
        return Request("OPTIONS", contact.target, Headers(rows))
