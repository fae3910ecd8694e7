"""Those who mean no good: each function does one kind of harm to loopback ports, bounded in time and count."""

from __future__ import annotations

import contextlib
import hashlib
import random
import re
import select
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Sequence

from tests.peers.lines import Address, ManagerLine, packet, request

LIMIT_S = 20.0
"""Any of them gives up after that."""
MEGABYTE = 1024 * 1024


class Crowd:
    """Many connections to one place; what they are sent is thrown away but for the count of those that ended."""

    def __init__(self, place: Address, count: int) -> None:
        self._poll = select.poll()
        self.members: dict[int, socket.socket] = {}
        self.heard: dict[int, bytes] = {}
        self.ended = 0
        for _ in range(count):
            member = socket.create_connection(place, timeout=LIMIT_S)
            member.setblocking(False)
            self.members[member.fileno()] = member
            self._poll.register(member, select.POLLIN)

    def __enter__(self) -> Crowd:
        return self

    def __exit__(self, *_: object) -> None:
        for member in self.members.values():
            member.close()

    def say(self, data: bytes) -> None:
        """Everybody says it, as far as it is taken at once."""
        for number, member in list(self.members.items()):
            try:
                member.send(data)
            except BlockingIOError:
                continue
            except OSError:
                self._end(number)

    def say_all(self, data: bytes) -> None:
        """Everybody says all of it, however long the other side takes for it."""
        for number, member in list(self.members.items()):
            member.settimeout(LIMIT_S)
            try:
                member.sendall(data)
                member.setblocking(False)
            except OSError:
                self._end(number)

    def until_ended(self, count: int, within: float = LIMIT_S) -> bool:
        """Whether so many were let go by the other side in time (seconds)."""
        return self._until(lambda: self.ended >= count, within)

    def until_heard(self, text: bytes, within: float = LIMIT_S) -> bool:
        """Whether all that are left heard that in time (seconds)."""
        return self._until(lambda: all(text in self.heard.get(each, b"") for each in self.members), within)

    def _until(self, met: object, within: float) -> bool:
        assert callable(met)
        deadline = time.monotonic() + within
        while not met():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            for number, _ in self._poll.poll(1000 * left):
                self._hear(number)
        return True

    def _hear(self, number: int) -> None:
        try:
            data = self.members[number].recv(65_536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._end(number)
        self.heard[number] = (self.heard.get(number, b"") + data)[-1000:]

    def _end(self, number: int) -> None:
        self._poll.unregister(number)
        self.members.pop(number).close()
        self.ended += 1


def pour(place: Address, data: Iterable[bytes]) -> int:
    """Send all of it over one connection, or as much as is taken before that is closed; gives the bytes sent."""
    sent = 0
    with socket.create_connection(place, timeout=LIMIT_S) as connection, contextlib.suppress(OSError):
        for each in data:
            connection.sendall(each)
            sent += len(each)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65_536):
            continue
    return sent


def ask(place: Address, data: bytes, within: float = LIMIT_S) -> bytes:
    """Send one SIP message over TCP; the start of the answer, b'' where the connection is closed instead."""
    with socket.create_connection(place, timeout=within) as connection, contextlib.suppress(ConnectionError):
        connection.sendall(data)
        return connection.recv(65_536)
    return b""


# passwords


def wrong_logins(place: Address, user: str, count: int) -> int:
    """That many at once log in with wrong secrets; gives how many were told that it failed and let go."""
    with Crowd(place, count) as crowd:
        crowd.say(packet("Action: Login", f"Username: {user}", "Secret: not-the-owners"))
        crowd.until_ended(count)
        return sum(b"Message: Authentication failed" in heard for heard in crowd.heard.values())


def wrong_registrations(place: Address, user: str, count: int) -> list[str]:
    """Register with wrong passwords, one after the other over UDP; gives the digest responses that were sent."""
    given = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.connect(place)
        phone.settimeout(LIMIT_S)
        own = phone.getsockname()
        for number in range(count):
            phone.send(request("REGISTER", "sip:127.0.0.1", own, f"first{number}", user=user))
            nonce = parameter("nonce", phone.recv(65_536))
            response = digest(user, f"guess-{number}", nonce)
            given.append(response)
            shown = credentials(user, nonce, response)
            phone.send(request("REGISTER", "sip:127.0.0.1", own, f"second{number}", user=user, headers=[shown]))
            assert phone.recv(65_536).startswith(b"SIP/2.0 401 ")
    return given


def credentials(user: str, nonce: str, response: str) -> str:
    """The Authorization header of a REGISTER."""
    return (
        f'Authorization: Digest username="{user}", realm="asterisk", nonce="{nonce}", uri="sip:127.0.0.1", '
        f'response="{response}", algorithm=MD5'
    )


def digest(user: str, password: str, nonce: str) -> str:
    """RFC 2617 without qop, as the oldest phones do it."""
    one, two = (_md5(text) for text in (f"{user}:asterisk:{password}", "REGISTER:sip:127.0.0.1"))
    return _md5(f"{one}:{nonce}:{two}")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def parameter(name: str, message: bytes) -> str:
    """A quoted parameter of a message, such as a nonce."""
    found = re.search(rf'\b{name}="([^"]*)"'.encode(), message)
    assert found is not None, message
    return found[1].decode()


# garbage


def garbage(own: Address, seed: int, count: int = 400) -> list[bytes]:
    """Datagrams that are nearly SIP, or not at all: noise, cut and spoilt requests, stray answers, strangers."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        whole = request("OPTIONS", "sip:127.0.0.1", own, f"garbage{number}", user=f"stranger{number}")
        spoilt = bytearray(whole)
        for _ in range(chance.randint(1, 20)):
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        made += [
            chance.randbytes(chance.randint(1, 1400)),
            whole[: chance.randrange(1, len(whole))],
            bytes(spoilt),
            whole.replace(b"OPTIONS sip:127.0.0.1 SIP/2.0", b"SIP/2.0 200 OK"),
            whole.replace(b"CSeq: 1", b"CSeq: 99999999999999999999"),
            whole.replace(b"From: ", b"From: " + b"<" * chance.randint(1, 200)),
            b"INVITE " + b"\xff\0" * chance.randint(1, 300),
            whole,
        ]
    return made


def flood(place: Address, seed: int, rate: int, seconds: float) -> tuple[int, float]:
    """Send garbage at so many datagrams a second; gives how many were sent, and in how many seconds."""
    pause = threading.Event()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(place)
        datagrams = garbage(sender.getsockname(), seed)
        total = int(rate * seconds)
        began = time.monotonic()
        sent = 0
        while sent < total:
            due = min(total, int(rate * (time.monotonic() - began)) + 1)
            for number in range(sent, due):
                with contextlib.suppress(ConnectionRefusedError):
                    sender.send(datagrams[number % len(datagrams)])
            sent = due
            pause.wait(0.005)
        return sent, time.monotonic() - began


# bodies


def bombs() -> dict[str, bytes]:
    """XML that grows when it is read: entities within entities, one that is large, one that is a file, depth."""
    steps = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    return {
        "billion laughs": f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e0 "ha">{steps}]><a>&e9;</a>'.encode(),
        "quadratic": f'<!DOCTYPE a [<!ENTITY e "{"x" * 30_000}">]><a>{"&e;" * 5_000}</a>'.encode(),
        "a file": b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>&e;</a>',
        "depth": b"<a>" * 15_000,
        "depth of JSON": b"[" * 60_000,
    }


def large() -> bytes:
    """A body of one megabyte."""
    return b"<a>" + b"x" * (MEGABYTE - 7) + b"</a>"


# readers


@contextlib.contextmanager
def silent_readers(place: Address, user: str, secret: str, count: int) -> Iterator[Sequence[socket.socket]]:
    """Logged in for all events, with small buffers, and never reading again."""
    with contextlib.ExitStack() as stack:
        readers = []
        for _ in range(count):
            reader = stack.enter_context(socket.socket())
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.settimeout(LIMIT_S)
            reader.connect(place)
            reader.sendall(packet("Action: Login", f"Username: {user}", f"Secret: {secret}"))
            heard = b""
            while b"Authentication accepted" not in heard:
                heard += reader.recv(4096)
            readers.append(reader)
        yield readers


def stream(owner: ManagerLine, megabytes: float) -> None:
    """Have events of so many megabytes told to every reader."""
    lines = [f"Text{number}: {'x' * 900}" for number in range(60)]
    size = sum(map(len, lines))
    for _ in range(int(megabytes * MEGABYTE / size) + 1):
        answer = owner.act("UserEvent", "UserEvent: Much", *lines)
        assert "Response: Success" in answer, answer


def is_cut(reader: socket.socket, within: float = LIMIT_S) -> bool:
    """Whether the other side closed that connection; what it had sent before is read."""
    reader.settimeout(within)
    try:
        while reader.recv(1 << 20):
            continue
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True
