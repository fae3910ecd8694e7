"""Puts a server together from a configuration: core, SIP, dialplan, and the DPMA shim beside it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from harness.check.dialplan import dialplan_notes
from harness.config.folder import Configuration
from harness.dialplan.function import Facts
from harness.dialplan.functions import Functions
from harness.dialplan.plan import Dialplan
from harness.dpma import PROXY_USER, DpmaShim, ShimOptions
from harness.errors import Note
from harness.pbx.server import Server
from harness.targets import sip_names
from harness.targets.dpma_desk import MODULE, DpmaDesk

if TYPE_CHECKING:
    from harness.net.world import World
    from harness.pbx.astdb import AstDB, VolatileDB
    from harness.pbx.calls.spool import Spool


class CoreWriter:
    """The shim's writer on the embedded core."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def set_presence(self, provider: str, value: str) -> bool:
        """As PRESENCE_STATE(provider)=value."""
        return self._server.core.presence.write(provider, value)


class PlanHints:
    """The shim's hints in a dialplan of the embedded server."""

    def __init__(self, server: Server, plan: Dialplan) -> None:
        self._server, self._plan = server, plan

    def add_hint(self, context: str, exten: str, text: str) -> None:
        """Add to the dialplan, and to the hints where they are made already."""
        self._plan.add_hint(context, exten, text)

    def context_of(self, peer: str) -> str | None:
        """Where an endpoint subscribes."""
        endpoint = self._server.pjsip.endpoints.get(peer)
        return None if endpoint is None else endpoint.subscribe_context or endpoint.context


class Assembly:
    """One server with its shim, made but not started."""

    def __init__(
        self,
        configuration: Configuration,
        world: World,
        store: AstDB | VolatileDB,
        *,
        spool: Spool | None = None,
        options: ShimOptions | None = None,
        tell: Callable[[Note], None] = lambda _note: None,
        sip_as_pjsip: bool = False,
    ) -> None:
        """`sip_as_pjsip`: devices named SIP/x count as PJSIP/x; without it a note offers that where hints name some."""
        self.configuration = configuration
        self.notes: list[Note] = []
        self.plan = Dialplan()
        self.plan.now = lambda: datetime.fromtimestamp(world.epoch(), UTC).replace(tzinfo=None)
        self.server = Server(configuration, self.plan, world, store=store, spool=spool, tell=tell)
        functions = Functions(Facts(self.server.core, self.plan, world.epoch))
        for name, function in self.server.functions().items():
            functions.register(name, function)
        self.plan.functions = functions
        if configuration.extensions is not None:
            self.plan.load(configuration.extensions)
        self.shim: DpmaShim | None = None
        if configuration.digium_phone is not None:
            self.shim = DpmaShim(
                configuration.digium_phone,
                configuration.phonebooks,
                CoreWriter(self.server),
                self._observe(world),
                options,
                configuration.blf_sheets,
            )
            self._make_hints(self.plan)
            self.server.commands.dialplan.parts.append(self._make_hints)
            self.server.messages.listen(PROXY_USER, self.shim.handle)
            desk = DpmaDesk(self.shim, self.server, configuration.path, self._make_new_hints, tell)
            self.server.commands.serve_phones(desk)
            self.server.commands.modules.add(MODULE, desk.reload)
        if sip_as_pjsip:
            sip_names.count_as_pjsip(self.server)
        elif (note := sip_names.offer(self.plan)) is not None:
            self.notes.append(note)
            tell(note)

    def dialplan_notes(self) -> list[Note]:
        """What the reader of the dialplan says, and what would end a call; worked out when it is asked for."""
        return [*self.plan.notes, *dialplan_notes(self.configuration, self.plan)]

    def _make_hints(self, plan: Dialplan) -> None:
        """Those that no file holds, now and after each reload."""
        assert self.shim is not None
        self.shim.make_hints(PlanHints(self.server, plan))

    def _make_new_hints(self) -> None:
        """Those of lines that came with a reload, at once."""
        before = set(self.plan.hint_entries())
        self._make_hints(self.plan)
        for entry in self.plan.hint_entries():
            if entry not in before:
                self.server.core.hints.added(entry)

    @staticmethod
    def _observe(world: World) -> Callable[..., object]:
        def observe(verdict: str, **values: object) -> None:
            seq = world.trace.add("dpma", "dpma", "server", "", {"verdict": verdict, **values})
            if verdict == "accepted":
                world.trace.cause = seq

        return observe


__all__ = ["Assembly", "CoreWriter", "PlanHints"]
