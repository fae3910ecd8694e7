"""Logging in: Challenge and Login (authenticate and process_message of main/manager.c)."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from harness.core.octets import fold, to_bytes
from harness.pbx.manager.packets import Action
from harness.pbx.manager.permissions import BIT, bits, event_mask, privilege
from harness.pbx.manager.security import Fields

if TYPE_CHECKING:
    from harness.config.manager import ManagerUser
    from harness.pbx.manager.session import ManagerSession

REFUSAL_DELAY_S = 1.0
"""Seconds that a refused login waits for its answer."""

Refusal = tuple[str, Fields]
"""A security event's name and its own fields; an empty name tells nobody."""


def challenge(session: ManagerSession, action: Action) -> bool:
    """Challenge: digits that stay the same for the session."""
    if _in_use(session, action):
        return True
    if fold(action.get("AuthType")) != "md5":
        session.error(action, "Must specify AuthType")
        return False
    if not session.challenge:
        session.challenge = session.manager.new_challenge()
    session.respond(action, "Success", f"Challenge: {session.challenge}")
    return False


def login(session: ManagerSession, action: Action) -> bool:
    """Login; true where the answer comes later, because it is a refusal."""
    if session.user is not None:
        session.ack(action, "Already authenticated")
        return False
    if _in_use(session, action):
        return True
    name = action.get("Username")
    user = session.manager.user(name)
    refused = _refusal(session, action, user)
    if refused is not None or user is None:
        event, extra = refused or ("", [])
        if event:
            account = "" if event == "ChallengeResponseFailed" else name
            session.manager.security(event, session, account, extra)
        session.manager.notices("login-failed", f"{session.peer} failed to log in as {name!r}")
        _refuse_later(session, action, "Authentication failed")
        return True
    _admit(session, action, user, name)
    return False


def _in_use(session: ManagerSession, action: Action) -> bool:
    """Refuse a user who may be logged in once only and is."""
    name = action.get("Username")
    manager = session.manager
    user = manager.user(name) if session.user is None and name else None
    if user is None or user.allowmultiplelogin or not manager.in_use(name):
        return False
    manager.security("SessionLimit", session, "", [])
    manager.notices("login-twice", f"{session.peer}: user {user.name} is logged in already and may be only once")
    _refuse_later(session, action, "Login Already In Use")
    return True


def _refusal(session: ManagerSession, action: Action, user: ManagerUser | None) -> Refusal | None:
    """Why a login is refused; None where it is not."""
    if user is None:
        return ("InvalidAccountID", []) if action.get("Username") else ("", [])
    if not session.manager.access_of(user).allows(session.remote[0]):
        return "FailedACL", []
    if fold(action.get("AuthType")) == "md5":
        return _challenge_refusal(session, action, user)
    if user.secret is None:
        return "", []
    same = hmac.compare_digest(to_bytes(user.secret), to_bytes(action.get("Secret")))
    return None if same else ("InvalidPassword", [])


def _challenge_refusal(session: ManagerSession, action: Action, user: ManagerUser) -> Refusal | None:
    key = action.get("Key")
    if not key or not session.challenge or user.secret is None:
        return "", []
    expected = hashlib.md5(to_bytes(session.challenge + user.secret), usedforsecurity=False).hexdigest()
    if hmac.compare_digest(expected.encode(), to_bytes(key)):
        return None
    fields: Fields = [("Challenge", session.challenge), ("Response", key), ("ExpectedResponse", expected)]
    return "ChallengeResponseFailed", fields


def _refuse_later(session: ManagerSession, action: Action, message: str) -> None:
    def refuse() -> None:
        if not session.closing:
            session.error(action, message)
            session.close()

    session.keep_open()
    session.manager.clock.callLater(REFUSAL_DELAY_S, refuse)


def _admit(session: ManagerSession, action: Action, user: ManagerUser, name: str) -> None:
    manager = session.manager
    session.user, session.account, session.admitted_at = user, name, manager.wall_s()
    session.read_permission, session.write_permission = bits(user.read), bits(user.write)
    session.filters = manager.filters_of(user).copy()
    session.keep_open()
    manager.admitted()
    asked = event_mask(action.get("Events"))
    if asked is not None:
        session.mask = asked
    manager.security("SuccessfulAuth", session, name, [])
    session.ack(action, "Authentication accepted")
    if session.wants(BIT["system"]) and manager.booted:
        session.send(
            [
                "Event: FullyBooted",
                f"Privilege: {privilege(['system'])}",
                f"Uptime: {manager.uptime_s()}",
                f"LastReload: {manager.reload_age_s()}",
                "Status: Fully Booted",
            ]
        )
