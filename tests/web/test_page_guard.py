"""Who may ask what of the page: a page of somebody else's in the same browser may ask nothing."""

from __future__ import annotations

import http.client
import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from twisted.web.http_headers import Headers

from harness.web.guard import Guard
from harness.web.site import MAX_CONNECTIONS, MAX_VIEWERS
from tests.browser.demos import Demo, demo

STATUS = {"act": "status", "phone": "bob", "status": "away", "substatus": "Lunch"}

WRITE = {"act": "presence", "provider": "CustomPresence:2000", "state": "away", "subtype": "", "message": ""}


@pytest.fixture(scope="module")
def office() -> Iterator[Demo]:
    """The shipped office."""
    with demo() as running:
        yield running


class Answer:
    """What came back."""

    def __init__(self, status: int, reason: str, headers: dict[str, str], body: bytes) -> None:
        self.status, self.reason, self.headers, self.body = status, reason, headers, body

    @property
    def error(self) -> str:
        return str(json.loads(self.body)["error"])


def ask(office: Demo, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
    """A request with these headers, underscores standing for hyphens."""
    connection = http.client.HTTPConnection(office.place, timeout=10)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.putrequest(method, path, skip_host="Host" in named)
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    for name, value in named.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    answer = connection.getresponse()
    found = Answer(answer.status, answer.reason, dict(answer.getheaders()), answer.read())
    connection.close()
    return found


def token(office: Demo) -> str:
    """As it stands in the page."""
    found = re.search(rb'name="session" content="([0-9a-f]+)"', ask(office, "/").body)
    assert found is not None
    return found[1].decode()


def act(office: Demo, said: object, **headers: str) -> Answer:
    """Ask for an act, as the page does."""
    own = {"Content_Type": "application/json", "X_Session": token(office), **headers}
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return ask(office, "/act", "POST", body, **own)


def test_a_browser_is_told_to_allow_nothing_else(office: Demo) -> None:
    """On the page, on its files and on refusals alike."""
    for path in ("/", "/main.js", "/base.css", "/nothing", "/metrics"):
        headers = ask(office, path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert not [name for name in headers if name.lower().startswith("access-control")]


def test_the_page_has_nothing_inline(office: Demo) -> None:
    """No script, no style, no handler of an event within the markup, and no address elsewhere."""
    page = ask(office, "/").body.decode()
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|https?://", page) == []


HOSTS = ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{port}", "", "[::1"]


@pytest.mark.parametrize("host", HOSTS)
def test_another_name_is_refused(office: Demo, host: str) -> None:
    """A name of somebody else's may be made to lead to loopback."""
    port = office.place.rpartition(":")[2]
    for path in ("/", "/events", "/event?seq=1", "/metrics"):
        answer = ask(office, path, Host=host.format(port=port))
        assert (answer.status, answer.reason) == (421, "Misdirected Request")


def test_our_own_names_are_taken(office: Demo) -> None:
    """Loopback by its address and by its name."""
    port = office.place.rpartition(":")[2]
    for host in (f"127.0.0.1:{port}", f"localhost:{port}", f"LocalHost:{port}", f"[::1]:{port}"):
        assert ask(office, "/", Host=host).status == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1"])
def test_another_origin_is_refused(office: Demo, origin: str) -> None:
    """For acts and for what is only read."""
    assert act(office, STATUS, Origin=origin).status == 403
    assert ask(office, "/event?seq=1", Origin=origin).status == 403


def test_a_page_elsewhere_cannot_ask_even_without_an_origin(office: Demo) -> None:
    """Browsers tell where a request comes from; the page itself may be linked to."""
    assert ask(office, "/events", Sec_Fetch_Site="cross-site").status == 403
    assert act(office, STATUS, Sec_Fetch_Site="same-site").status == 403
    assert ask(office, "/", Sec_Fetch_Site="cross-site").status == 200


def test_an_act_needs_the_token(office: Demo) -> None:
    """None, another one, one of another kind: refused; ours: done."""
    for wrong in ("", "0" * 48, "ä"):
        assert act(office, STATUS, X_Session=wrong).status == 403
    assert act(office, STATUS, Origin=f"http://{office.place}", Sec_Fetch_Site="same-origin").status == 200


REFUSED: list[tuple[Any, int, str]] = [
    (b"", 400, "JSON object"),
    (b"[]", 400, "JSON object"),
    (b"\xff", 400, "JSON object"),
    (b"[" * 4000, 400, "JSON object"),
    ({}, 400, "no such act"),
    ({"act": "format"}, 400, "no such act"),
    ({"act": "seek", "seq": 1}, 400, "no such act"),
    ({"act": ["status"]}, 400, "no such act"),
    ({"act": "status", "phone": "bob"}, 400, "fields"),
    ({**STATUS, "more": 1}, 400, "fields"),
    ({**STATUS, "status": 1}, 400, "status"),
    ({**STATUS, "status": "a" * 513}, 400, "status"),
    ({**STATUS, "phone": "b\nb"}, 400, "phone"),
    ({**STATUS, "phone": "nobody"}, 409, "nobody"),
    ({"act": "loss", "phone": "bob", "percent": 101}, 400, "percent"),
    ({"act": "loss", "phone": "bob", "percent": True}, 400, "percent"),
    ({"act": "loss", "phone": "bob", "percent": 1e300}, 400, "percent"),
    ({"act": "loss", "phone": "nobody", "percent": 10}, 409, "nobody"),
    ({**WRITE, "state": "lunch"}, 409, "lunch"),
    ({**WRITE, "provider": "Magic:2000"}, 409, "Magic"),
    ({"act": "plug", "phone": "bob"}, 409, "on already"),
    ({"act": "answer", "phone": "bob", "call": ""}, 409, "no call"),
]


@pytest.mark.parametrize(("said", "status", "word"), REFUSED, ids=lambda value: str(value)[:40])
def test_what_makes_no_sense_is_refused_in_words(office: Demo, said: Any, status: int, word: str) -> None:
    """400 for what is no act, 409 for one that cannot be done; the office goes on."""
    answer = act(office, said)
    assert answer.status == status, answer.body
    assert word in answer.error


def test_only_json_is_an_act(office: Demo) -> None:
    """A form of somebody else's page sends other types."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        assert act(office, STATUS, Content_Type=kind).status == 415


def test_a_long_body_is_not_read(office: Demo) -> None:
    """Neither with a length nor in chunks."""
    assert ask(office, "/act", "POST", b"x" * 5000, X_Session=token(office)).status == 413
    host, _, port = office.place.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        head = f"POST /act HTTP/1.1\r\nHost: {office.place}\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(head.encode() + b"1000\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("path", ["/../guard.py", "/%2e%2e/guard.py", "/static/main.js", "/index.html", "//main.js"])
def test_nothing_but_the_pages_files_is_served(office: Demo, path: str) -> None:
    """Each by its name; there is no folder."""
    assert ask(office, path).status == 404


def test_no_secret_is_shown(office: Demo) -> None:
    """Neither a digest's response nor a password is in any event, nor in what a viewer is told."""
    told = b"".join(ask(office, f"/event?seq={seq}").body for seq in range(1, 200))
    assert b"Authorization: Digest" in told
    assert re.findall(rb'(?:response|cnonce)=\\?"(?!\*\*\*)', told) == []
    assert b"-at-the-office" not in told
    for wrong in ("", "x", "-1", "9" * 30, "0"):
        assert ask(office, f"/event?seq={wrong}").status == 404


def test_the_number_of_viewers_and_of_connections_is_bounded(office: Demo) -> None:
    """Whoever comes too late is told, or is not let in; when others have gone there is room again."""
    host, _, port = office.place.rpartition(":")
    with ExitStack() as open_ones:
        for _ in range(MAX_VIEWERS):
            viewer = open_ones.enter_context(socket.create_connection((host, int(port)), timeout=10))
            viewer.sendall(f"GET /events HTTP/1.1\r\nHost: {office.place}\r\n\r\n".encode())
            assert viewer.recv(20).startswith(b"HTTP/1.1 200")
        assert ask(office, "/events").status == 503
        for _ in range(MAX_CONNECTIONS):
            open_ones.enter_context(socket.create_connection((host, int(port)), timeout=10))
        with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)):
            ask(office, "/")
    assert ask(office, "/").status == 200


# where it listens


def refused(*options: str) -> str:
    """What `demo` says where it does not start."""
    command = [sys.executable, "-m", "harness.cli", "demo", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_elsewhere_than_on_loopback_needs_an_option() -> None:
    """And says what that means."""
    assert "--allow-remote" in refused("--http", "0.0.0.0:0")
    with demo("--allow-remote", http="0.0.0.0:0") as office:
        pass
    assert "without a password" in office.errors


def test_a_port_that_is_taken_is_said(office: Demo) -> None:
    """With what to do about it."""
    said = refused("--http", office.place)
    assert office.place in said
    assert "--http" in said


def test_wrong_options_are_said(tmp_path: Any) -> None:
    """A phone or a model that is not there, a folder, a trace."""
    assert "'bobb'" in refused("--model", "bobb=D65")
    assert "'D66'" in refused("--model", "bob=D66")
    assert "PHONE=MODEL" in refused("--model", "bob")
    assert "nowhere" in refused("--config", str(tmp_path / "nowhere"))
    (tmp_path / "bad.jsonl").write_text("{}\n")
    assert "bad.jsonl:1" in refused("--replay", str(tmp_path / "bad.jsonl"))


def test_by_an_address_from_elsewhere_never_by_a_name() -> None:
    """Where others may come, names could still be made to lead here."""

    class Asked:
        def __init__(self, host: str) -> None:
            self.requestHeaders = Headers({b"host": [host.encode()]})

    remote, local = Guard(remote=True), Guard()
    for guard in (remote, local):
        guard.serve_at("0.0.0.0", 8088)
    assert remote.refusal(Asked("192.0.2.1:8088")) is None
    assert remote.refusal(Asked("[2001:db8::1]:8088")) is None
    assert remote.refusal(Asked("office.example:8088")) is not None
    assert local.refusal(Asked("192.0.2.1:8088")) is not None
