"""SIP over TLS: other people's TLS (Python's `ssl`) against `serve`, and what happens without the files for it."""

from __future__ import annotations

import contextlib
import datetime
import socket
import ssl
from pathlib import Path

import pytest

pytest.importorskip("OpenSSL", reason="the extra `tls` is not installed")

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.peers.lines import PATIENCE_S, request
from tests.serving import Served, served

PJSIP = """
[plain]
type=transport
protocol=udp
bind=127.0.0.1
[secure]
type=transport
protocol=tls
bind=127.0.0.1
cert_file=server.pem
{more}
[desk]
type=endpoint
context=default
aors=desk
[desk]
type=aor
max_contacts=5
"""


def certificate(path: Path, name: str) -> None:
    """A PEM file with a key and a certificate that it signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    begin = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(7).not_valid_before(begin).not_valid_after(begin + datetime.timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A folder with a TLS transport and its certificate."""
    folder = tmp_path / "etc"
    folder.mkdir()
    certificate(folder / "server.pem", "pbx.example")
    (folder / "pjsip.conf").write_text(PJSIP.format(more=""))
    (folder / "extensions.conf").write_text(
        "[default]\nexten => 2000,hint,Custom:lamp,CustomPresence:2000\nexten => 2000,1,NoOp()\n"
    )
    (folder / "manager.conf").write_text("[general]\nenabled=yes\n[sipp]\nsecret=sipp\nread=all\nwrite=all\n")
    return folder


def trusting(config: Path, *, mine: Path | None = None) -> ssl.SSLContext:
    """A client's context that trusts the server's certificate alone."""
    context = ssl.create_default_context(cafile=str(config / "server.pem"))
    if mine is not None:
        context.load_cert_chain(mine)
    return context


class Line(contextlib.AbstractContextManager["Line"]):
    """One TLS connection whose messages are read one by one."""

    def __init__(self, server: Served, context: ssl.SSLContext) -> None:
        plain = socket.create_connection(server.place("tls"), timeout=PATIENCE_S)
        self.socket = context.wrap_socket(plain, server_hostname="pbx.example")
        self.own = self.socket.getsockname()
        self._buffer = b""

    def __exit__(self, *_error: object) -> None:
        self.socket.close()

    def ask(self, method: str, name: str, *headers: str) -> str:
        """Send a request and give the next message."""
        uri = "sip:2000@127.0.0.1" if method == "SUBSCRIBE" else "sip:desk@127.0.0.1"
        self.socket.sendall(request(method, uri, self.own, name, transport="TLS", headers=headers))
        return self.next()

    def next(self) -> str:
        """The next message that comes."""
        while True:
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if end:
                size = next(int(row[15:]) for row in head.split(b"\r\n") if row.startswith(b"Content-Length:"))
                if len(rest) >= size:
                    self._buffer = rest[size:]
                    return (head + end + rest[:size]).decode()
            data = self.socket.recv(65_536)
            if not data:
                raise ConnectionError("the connection was closed")
            self._buffer += data


def test_a_phone_registers_and_watches_over_tls(config: Path) -> None:
    """REGISTER, SUBSCRIBE and the NOTIFY of a change travel over one encrypted connection."""
    with served(config, "--tls", "127.0.0.1:0") as server, Line(server, trusting(config)) as line:
        assert (line.socket.version() or "") >= "TLSv1.2"
        assert line.ask("REGISTER", "r", "Expires: 300").startswith("SIP/2.0 200 ")
        accepted = line.ask("SUBSCRIBE", "s", "Event: presence", "Expires: 300", "Accept: application/pidf+xml",
                            "User-Agent: Digium D65 2_2_1_0")  # fmt: skip
        assert accepted.startswith("SIP/2.0 200 ")
        host, port = server.place("tls")
        assert f"Contact: <sip:{host}:{port};transport=TLS>" in accepted
        first = line.next()
        assert first.startswith("NOTIFY sip:desk@")
        assert "Via: SIP/2.0/TLS " in first
        server.manager("Action: Setvar\r\nVariable: PRESENCE_STATE(CustomPresence:2000)\r\nValue: away,lunch,x")
        assert 'type="away" subtype="lunch">x<' in line.next()


def test_what_is_not_tls_is_cut_off_and_others_are_served(config: Path) -> None:
    """Plain SIP on the encrypted port gets nothing but an end."""
    with served(config, "--tls", "127.0.0.1:0") as server:
        with socket.create_connection(server.place("tls"), timeout=PATIENCE_S) as plain:
            plain.sendall(request("OPTIONS", "sip:desk@127.0.0.1", ("127.0.0.1", 9), "p", transport="TLS"))
            heard = b""
            while data := plain.recv(4096):
                heard += data
            assert b"SIP/2.0" not in heard
        with Line(server, trusting(config)) as line:
            assert line.ask("OPTIONS", "o").startswith("SIP/2.0 ")


def test_clients_show_a_certificate_where_that_is_asked(config: Path, tmp_path: Path) -> None:
    """`verify_client` with `ca_list_file`: who has none that the list signed is not served."""
    certificate(config / "clients.pem", "phone.example")
    certificate(tmp_path / "stranger.pem", "stranger.example")
    (config / "pjsip.conf").write_text(
        PJSIP.format(more="ca_list_file=clients.pem\nverify_client=yes\nrequire_client_cert=yes")
    )
    with served(config, "--tls", "127.0.0.1:0") as server:
        for own in (None, tmp_path / "stranger.pem"):
            with pytest.raises((ssl.SSLError, ConnectionError, AssertionError)):
                Line(server, trusting(config, mine=own)).ask("OPTIONS", "o")
        with Line(server, trusting(config, mine=config / "clients.pem")) as known:
            assert known.ask("OPTIONS", "o").startswith("SIP/2.0 ")


@pytest.mark.long
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "server.pem").unlink(), "No such file"),
        (lambda folder: (folder / "server.pem").write_text("nothing"), "holds no certificate that can be read"),
        (
            lambda folder: (folder / "pjsip.conf").write_text(PJSIP.format(more="priv_key_file=other.pem")),
            "does not belong to the certificate",
        ),
    ],
)
def test_unusable_files_are_said_with_their_line(config: Path, spoil: object, said: str) -> None:
    """Asked for with --tls it is refused at its line of pjsip.conf; else SIP goes on without, and a note says so."""
    certificate(config / "other.pem", "other.example")
    assert callable(spoil)
    spoil(config)
    with pytest.raises(AssertionError, match=rf"pjsip\.conf:\d+: .*{said}"), served(config, "--tls", "127.0.0.1:0"):
        pass
    with served(config) as server:
        assert "tls=" not in server.line
    assert said in server.errors
    assert "TLS is not served" in server.errors
