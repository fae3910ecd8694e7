"""The listening side of the manager interface: sessions, users, and events to all who want them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from twisted.internet.protocol import ServerFactory

from harness.config.values import BLANKS
from harness.core.octets import fold, to_bytes
from harness.pbx.manager.access import Access, BadRule, read_access
from harness.pbx.manager.filters import BadFilter, Filters, parse_filter
from harness.pbx.manager.notices import Notices
from harness.pbx.manager.permissions import BIT, privilege
from harness.pbx.manager.security import Fields, security_fields
from harness.pbx.manager.session import ManagerSession

if TYPE_CHECKING:
    from harness.config.manager import ManagerConfig, ManagerUser
    from harness.pbx.manager.actions import ActionEntry

VERSION = "11.0.0"
MAX_SESSIONS = 2_000
"""Connections at once, logged in or not; of those that are not, manager.conf allows fewer (authlimit)."""


class Manager(ServerFactory):
    """Everything that the sessions share; `tell(kind, text)` takes what a person should know."""

    noisy = False
    version = VERSION

    def __init__(
        self,
        config: ManagerConfig,
        clock: Any,
        tell: Callable[[str, str], None],
        wall_s: Callable[[], float],
        random_bits: Callable[[int], int],
    ) -> None:
        self.clock, self.wall_s = clock, wall_s
        self.notices = Notices(clock, tell)
        self._tell, self._random_bits = tell, random_bits
        self.actions: dict[str, ActionEntry] = {}
        self.sessions: dict[ManagerSession, None] = {}
        self.booted = False
        self.address = ""
        """host:port where it listens; nothing where it does not."""
        self._unauthenticated = self._opened = 0
        self._started = self._reloaded = clock.seconds()
        self.configure(config)

    def configure(self, config: ManagerConfig) -> None:
        """Take another configuration; who is logged in keeps the rights it has."""
        self.config = config
        disabled = config.options.get("disabledevents")
        self._disabled = {name.strip(BLANKS) for name in disabled.value.split(",")} if disabled else set()
        self._access: dict[str, Access] = {}
        self._filters: dict[str, Filters] = {}
        for user in config.users.values():
            self._read_user(user)

    def _read_user(self, user: ManagerUser) -> None:
        filters = self._filters[user.name] = Filters()
        for setting in user.eventfilters:
            try:
                filters.add(parse_filter(setting.name, setting.value))
            except BadFilter as error:
                self._tell("value", f"{setting.where}: user {user.name}: the filter is left out: {error}")
        try:
            access = self._access[user.name] = read_access(user.acl, self.config.acls)
        except BadRule as error:
            self._tell("value", f"{user.where}: user {user.name} is left out: {error}")
            return
        if access.missing:
            names = ", ".join(access.missing)
            self._tell("value", f"{user.where}: user {user.name} cannot log in: acl.conf has no {names}")

    def user(self, name: str) -> ManagerUser | None:
        """The user of that name, whatever its case; None also where the user's rules cannot be read."""
        found = self.config.user(name)
        return found if found is not None and found.name in self._access else None

    def access_of(self, user: ManagerUser) -> Access:
        """From where a user may log in."""
        return self._access[user.name]

    def filters_of(self, user: ManagerUser) -> Filters:
        """The event filters of a user."""
        return self._filters[user.name]

    # sessions

    def buildProtocol(self, addr: Any) -> ManagerSession | None:
        """A session for a new connection, or none where there are too many."""
        if len(self.sessions) >= MAX_SESSIONS or self._unauthenticated >= self.config.authlimit:
            self.notices("too-many-sessions", f"a connection from {addr.host} was refused: there are too many")
            return None
        self._opened += 1
        return ManagerSession(self, self._opened)

    def opened(self, session: ManagerSession) -> None:
        """A connection came."""
        self.sessions[session] = None
        self._unauthenticated += 1

    def admitted(self) -> None:
        """A connection logged in."""
        self._unauthenticated -= 1

    def closed(self, session: ManagerSession) -> None:
        """A connection went."""
        if session in self.sessions:
            del self.sessions[session]
            if session.user is None:
                self._unauthenticated -= 1

    def close_all(self) -> None:
        """Let go of every connection."""
        for session in list(self.sessions):
            session.close()

    def in_use(self, account: str) -> bool:
        """Whether somebody is logged in under that name."""
        wanted = fold(account)
        return any(session.user is not None and fold(session.account) == wanted for session in self.sessions)

    def new_challenge(self) -> str:
        """Digits for an MD5 login (action Challenge)."""
        return str(self._random_bits(31))

    # time

    def uptime_s(self) -> int:
        """Whole seconds since the start."""
        return int(self.clock.seconds() - self._started)

    def reload_age_s(self) -> int:
        """Whole seconds since the last reload (or the start)."""
        return int(self.clock.seconds() - self._reloaded)

    def started_at(self) -> float:
        """When the server started, in seconds since 1970."""
        return float(self.wall_s() - (self.clock.seconds() - self._started))

    def reloaded_at(self) -> float:
        """When it was last reloaded (or started), in seconds since 1970."""
        return float(self.wall_s() - (self.clock.seconds() - self._reloaded))

    def reloaded(self) -> None:
        """A reload happened now."""
        self._reloaded = self.clock.seconds()

    # events

    def publish(self, kind: str, name: str, fields: Iterable[tuple[str, object]]) -> None:
        """One event of class `kind` to every session that wants it."""
        self.publish_lines(kind, name, (f"{key}: {value}" for key, value in fields))

    def publish_lines(self, kind: str, name: str, lines: Iterable[str]) -> None:
        """The same with the lines as they are sent; rendered once, and only if somebody wants it."""
        if name in self._disabled:
            return
        bit = BIT[kind]
        wanting = [session for session in self.sessions if session.wants(bit)]
        if wanting:
            self._deliver(wanting, name, self._rendered(kind, name, lines))
        for session in self.sessions:
            session.stir()

    def _rendered(self, kind: str, name: str, lines: Iterable[str]) -> str:
        head = [f"Event: {name}", f"Privilege: {privilege([kind])}"]
        if self.config.timestampevents:
            head.append(f"Timestamp: {self.wall_s():.6f}")
        return "\r\n".join([*head, *lines, "", ""])

    @staticmethod
    def _deliver(sessions: list[ManagerSession], name: str, text: str) -> None:
        data = to_bytes(text)
        for session in sessions:
            if not session.filters or session.filters.passes(name, text):
                session.event(data)

    def security(self, name: str, session: ManagerSession, account: str, extra: Fields) -> None:
        """A security event about a connection."""
        self.publish("security", name, security_fields(name, session, account, extra, self.wall_s()))
