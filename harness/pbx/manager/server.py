"""The listening side of the manager interface: sessions, permissions, and events to all who want them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from twisted.internet.protocol import ServerFactory

from harness.pbx.manager.packets import packet
from harness.pbx.manager.permissions import BIT, bits, privilege
from harness.pbx.manager.session import ManagerSession

if TYPE_CHECKING:
    from harness.config.manager import ManagerConfig, ManagerUser
    from harness.pbx.manager.actions import ActionEntry

VERSION = "11.0.0"
MAX_SESSIONS = 1_000
"""Connections at once, logged in or not."""
MAX_UNAUTHENTICATED = 50
"""Connections that have not logged in, unless manager.conf says otherwise (authlimit)."""
AUTH_TIMEOUT_S = 30.0


class Manager(ServerFactory):
    """Everything that the sessions share."""

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
        self.config, self.clock, self.tell, self.wall_s = config, clock, tell, wall_s
        self._random_bits = random_bits
        self.actions: dict[str, ActionEntry] = {}
        self.sessions: set[ManagerSession] = set()
        self.booted = False
        self._unauthenticated = 0
        self._started = self._reloaded = clock.seconds()

    @property
    def users(self) -> dict[str, ManagerUser]:
        """The users of manager.conf by name."""
        return self.config.users

    @property
    def auth_timeout_s(self) -> float:
        """Seconds that a connection has to log in."""
        return float(self.config.authtimeout or AUTH_TIMEOUT_S)

    def buildProtocol(self, addr: Any) -> ManagerSession | None:
        """A session for a new connection, or none where there are too many."""
        limit = self.config.authlimit or MAX_UNAUTHENTICATED
        if len(self.sessions) >= MAX_SESSIONS or self._unauthenticated >= limit:
            self.tell("too_many_sessions", f"{addr.host}:{addr.port}: connection refused, too many sessions")
            return None
        return ManagerSession(self)

    # sessions

    def opened(self, session: ManagerSession) -> None:
        """A connection came."""
        self.sessions.add(session)
        self._unauthenticated += 1

    def admitted(self, session: ManagerSession) -> None:
        """A connection logged in."""
        self._unauthenticated -= 1

    def closed(self, session: ManagerSession) -> None:
        """A connection went."""
        if session in self.sessions:
            self.sessions.discard(session)
            if session.user is None:
                self._unauthenticated -= 1

    def close_all(self) -> None:
        """Let go of every connection."""
        for session in list(self.sessions):
            session.close()

    def permissions(self, user: ManagerUser) -> tuple[int, int]:
        """The masks of what a user may read and do."""
        return bits(user.read), bits(user.write)

    def allow_multiple_login(self, user: ManagerUser) -> bool:
        """Whether a user may be logged in twice."""
        return self.config.allowmultiplelogin

    def in_use(self, user: ManagerUser) -> bool:
        """Whether a user is logged in."""
        return any(s.user is user for s in self.sessions)

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

    def reloaded(self) -> None:
        """A reload happened now."""
        self._reloaded = self.clock.seconds()

    # events

    def publish(self, kind: str, name: str, fields: Iterable[tuple[str, object]]) -> None:
        """One event of class `kind` to every session that wants it; rendered once."""
        bit = BIT[kind]
        wanting = [session for session in self.sessions if session.wants(bit)]
        if not wanting:
            return
        head = [f"Event: {name}", f"Privilege: {privilege(kind)}"]
        if self.config.timestampevents:
            head.append(f"Timestamp: {self.wall_s():.6f}")
        data = packet([*head, *(f"{key}: {value}" for key, value in fields)])
        for session in wanting:
            session.event(data)

    def security(self, name: str, session: ManagerSession, account: str) -> None:
        """The security events that a reader of everything sees (res_security_log's data)."""
        seconds = self.wall_s()
        host, _, port = session.peer.rpartition(":")
        self.publish(
            "security",
            name,
            [
                ("EventTV", f"{seconds:.6f}"),
                ("Severity", "Informational" if name == "SuccessfulAuth" else "Error"),
                ("Service", "AMI"),
                ("EventVersion", "1"),
                ("AccountID", account),
                ("SessionID", f"0x{id(session) & 0xFFFFFFFF:x}"),
                ("LocalAddress", "IPV4/TCP/0.0.0.0/0"),
                ("RemoteAddress", f"IPV4/TCP/{host}/{port}"),
            ],
        )
