"""`manager show ...`: the users of the manager interface, who is connected, its settings (main/manager.c)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from harness.config.manager import CLASSES, ManagerUser
from harness.core.octets import cut, fold
from harness.dialplan.splitting import integer
from harness.pbx.commands.columns import column, left
from harness.pbx.commands.registry import USAGE, Answer, Registry, failure

if TYPE_CHECKING:
    from harness.pbx.commands.served import Served
    from harness.pbx.manager.access import Access, Rule
    from harness.pbx.manager.server import Manager

WIDTH = 80
"""Columns that a list of actions takes."""
_CONNECTED = (
    *(("Username", 15), ("IP Address", 55), ("Start", 10), ("Elapsed", 10)),
    *(("FileDes", 8), ("HttpCnt", 8), ("ReadPerms", 10), ("WritePerms", 10)),
)
_LINE = "-" * 45


def register(registry: Registry, served: Served) -> None:
    """Serve the family."""
    family = _ManagerInterface(served)
    registry.serve("manager show users", family.show_users)
    registry.serve("manager show user", family.show_user)
    registry.serve("manager show connected", family.show_connected)
    registry.serve("manager show settings", family.show_settings)
    registry.serve("manager show commands", family.show_commands)
    registry.serve("manager kick session", family.kick)
    registry.serve("manager reload", family.reload)
    registry.serve("manager set debug [on|off]", family.set_debug)


class _ManagerInterface:
    def __init__(self, served: Served) -> None:
        self._served = served

    @property
    def _manager(self) -> Manager | None:
        """None where there is no manager.conf."""
        return next(iter(self._served.managers), None)

    def show_users(self, words: Sequence[str]) -> Answer:
        if words:
            return USAGE
        users = list(self._manager.config.users) if self._manager is not None else []
        if not users:
            return Answer("There are no manager users.\n")
        rows = ["", "username", "--------", *users, "-" * 19, f"{len(users)} manager users configured."]
        return Answer("".join(f"{row}\n" for row in rows))

    def show_user(self, words: Sequence[str]) -> Answer:
        if len(words) != 1:
            return USAGE
        manager = self._manager
        user = manager.user(words[0]) if manager is not None else None
        if user is None or manager is None:
            return Answer(f"There is no manager called {words[0]}\n")
        return Answer("".join(f"{row}\n" for row in _user(user, manager.access_of(user))))

    def show_connected(self, _words: Sequence[str]) -> Answer:
        rows = ["".join(f"  {column(title, width)}" for title, width in _CONNECTED)]
        for session in self._manager.sessions if self._manager is not None else ():
            began, now = int(session.admitted_at), int(session.manager.wall_s())
            values = [
                *(session.account, session.remote[0], str(began), str(now - began)),
                *(str(session.number), "0", f"{session.read_permission:010}", f"{session.write_permission:010}"),
            ]
            rows.append("".join(f"  {left(each, size)}" for each, (_, size) in zip(values, _CONNECTED, strict=True)))
        return Answer("".join(f"{row}\n" for row in [*rows, f"{len(rows) - 1} users connected."]))

    def show_settings(self, words: Sequence[str]) -> Answer:
        manager = self._manager
        if words or manager is None:
            return USAGE if words else Answer("")
        config = manager.config
        given = {name: setting.value for name, setting in config.options.items()}
        rows = [
            ("Manager (AMI)", _yes(config.enabled)),
            ("Web Manager (AMI/HTTP)", _yes(config.webenabled)),
            ("TCP Bindaddress", manager.address or "Disabled"),
            ("HTTP Timeout (seconds)", str(config.httptimeout)),
            ("TLS Enable", "No"),
            ("TLS Bindaddress", "Disabled"),
            ("TLS Certfile", given.get("tlscertfile", "asterisk.pem")),
            ("TLS Privatekey", given.get("tlsprivatekey", "")),
            ("TLS Cipher", given.get("tlscipher", "")),
            ("Allow multiple login", _yes(config.allowmultiplelogin)),
            ("Display connects", _yes(config.displayconnects)),
            ("Timestamp events", _yes(config.timestampevents)),
        ]
        lines = [f"  {left(name + ':', 25)}  {left(cut(value, 55), 15)}" for name, value in rows]
        lines += [f"  {left(f'{name}:', 25)}  {value}" for name, value in (
            ("Channel vars", given.get("channelvars", "")), ("Disabled events", given.get("disabledevents", "")),
        )]  # fmt: skip
        lines.append(f"  {left('Debug:', 25)}  {left(_yes(config.debug), 15)}")
        return Answer("".join(f"{line}\n" for line in ["", "Global Settings:", "-" * 16, *lines]))

    def show_commands(self, _words: Sequence[str]) -> Answer:
        actions = list(self._manager.actions.values()) if self._manager is not None else []
        width = max((len(entry.name) for entry in actions), default=1)
        rows = [("Action", "Synopsis"), ("------", "--------")]
        rows += [(entry.name, f"{entry.synopsis} ") for entry in actions]
        return Answer("".join(f"  {column(name, width)}  {cut(text, WIDTH - width - 4)}\n" for name, text in rows))

    def kick(self, words: Sequence[str]) -> Answer:
        """Close a connection by the number that `manager show connected` shows as its file."""
        if len(words) != 1:
            return USAGE
        number = integer(words[0]) or 0
        if number <= 0:
            return failure(f"Invalid AMI file descriptor: {words[0]}\n")
        for session in self._manager.sessions if self._manager is not None else ():
            if session.number == number:
                self._served.world.call_later(0, session.close)
                return Answer(f"Kicking manager session connected using file descriptor {number}\n")
        return Answer(f"No manager session found using file descriptor {number}\n")

    def reload(self, words: Sequence[str]) -> Answer:
        """Says nothing, and tells nobody."""
        if words:
            return USAGE
        self._served.commands.modules.run("manager")
        return Answer("")

    def set_debug(self, words: Sequence[str]) -> Answer:
        """Whether it is on, where nothing else is asked."""
        manager = self._manager
        if len(words) > 1 or (words and fold(words[0]) not in ("on", "off")):
            return USAGE
        if manager is not None and words:
            manager.config.debug = fold(words[0]) == "on"
        on = manager is not None and manager.config.debug
        return Answer("" if words else f"manager debug is {'on' if on else 'off'}\n")


def _user(user: ManagerUser, access: Access) -> Iterator[str]:
    yield ""
    for title, value in (
        ("username", user.name),
        ("secret", "(N/A)" if user.secret is None else "<Set>"),
        ("ACL", _lower_yes(bool(user.acl))),
        ("read perm", _classes(user.read)),
        ("write perm", _classes(user.write)),
        ("displayconnects", _lower_yes(user.displayconnects)),
        ("allowmultiplelogin", _lower_yes(user.allowmultiplelogin)),
        ("Variables", ""),
    ):
        yield f"{title:>18}: {value}"
    for setting in reversed(user.variables):
        name, _, value = setting.value.partition("=")
        yield f"{'':17}{name} = {value}"
    for name, rules in zip(access.names, access.lists, strict=True):
        if rules:
            yield f"ACL: {name or '(unnamed)'}"
            yield _LINE
            yield from (f"{index:3}: {_rule(rule)}" for index, rule in enumerate(rules))


def _rule(rule: Rule) -> str:
    make = ipaddress.IPv4Address if rule.version == 4 else ipaddress.IPv6Address
    return f"{'allow' if rule.allow else ' deny'} - {make(rule.network)}/{make(rule.mask)}"


def _classes(given: Iterable[str]) -> str:
    known = set(given)
    return ",".join(each for each in (*CLASSES, "all") if each in known) or "<none>"


def _yes(on: bool) -> str:
    return "Yes" if on else "No"


def _lower_yes(on: bool) -> str:
    return fold(_yes(on))
