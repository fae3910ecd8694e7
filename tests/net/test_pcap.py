"""A trace as a packet capture: what is in the file, read by a small reader of its own and by tshark."""

from __future__ import annotations

import io
import json
import struct
import subprocess
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.net import pcap
from harness.net.trace import Place, Trace
from harness.scenario.run import RunOptions, run_files
from harness.targets.factory import make_embedded
from tests.serving import require
from tests.shipped.telling import FILES, SHIPPED

BEGAN = 1767225600.0
BOB, SERVER = ("10.0.1.1", 5062), ("10.0.0.1", 5060)
BOB6, SERVER6 = ("fd00::1:1", 5062), ("fd00::1", 5060)
MESSAGE = b"OPTIONS sip:a SIP/2.0\r\nContent-Length: 0\r\n\r\n"
UDP, TCP = 17, 6
LIMIT_S = 60.0


class Packet(NamedTuple):
    """One packet of a capture; `rest` is what stands between the ports and the data."""

    time: float
    source: tuple[str, int]
    destination: tuple[str, int]
    protocol: int
    rest: bytes
    data: bytes


def total(data: bytes) -> int:
    """The sum of RFC 1071; 0xFFFF over what holds its own checksum."""
    found = sum(struct.unpack(f"!{len(data + bytes(len(data) % 2)) // 2}H", data + bytes(len(data) % 2)))
    while found > 0xFFFF:
        found = (found & 0xFFFF) + (found >> 16)
    return found


def read(data: bytes) -> list[Packet]:
    """Take a capture apart; lengths and checksums have to be right."""
    magic, *version, _, _, snap, link = struct.unpack_from("<IHHiIII", data)
    assert (magic, version, link) == (0xA1B2C3D4, [2, 4], 101)
    packets, at = [], 24
    while at < len(data):
        seconds, micros, kept, length = struct.unpack_from("<IIII", data, at)
        assert kept == length <= snap
        packets.append(packet(seconds + micros / 1e6, data[at + 16 : at + 16 + kept]))
        at += 16 + kept
    return packets


def packet(time: float, data: bytes) -> Packet:
    """One IP packet."""
    if data[0] >> 4 == 4:
        assert total(data[:20]) == 0xFFFF
        assert struct.unpack_from("!H", data, 2)[0] == len(data)
        protocol, ends, segment = data[9], data[12:20], data[20:]
        pseudo = ends + struct.pack("!HH", protocol, len(segment))
    else:
        assert struct.unpack_from("!H", data, 4)[0] == len(data) - 40
        protocol, ends, segment = data[6], data[8:40], data[40:]
        pseudo = ends + struct.pack("!II", len(segment), protocol)
    assert total(pseudo + segment) == 0xFFFF
    hosts = [str(ip_address(ends[: len(ends) // 2])), str(ip_address(ends[len(ends) // 2 :]))]
    source, destination = struct.unpack_from("!HH", segment)
    size = 8 if protocol == UDP else (segment[12] >> 4) * 4
    if protocol == UDP:
        assert struct.unpack_from("!H", segment, 4)[0] == len(segment)
    return Packet(time, (hosts[0], source), (hosts[1], destination), protocol, segment[4:size], segment[size:])


def capture(*events: tuple[Place, Place, str, bytes], trace: Trace | None = None) -> bytes:
    """The file for messages sent one after the other, a millisecond apart."""
    trace = trace or Trace()
    clock = [0.0]
    trace.start_at(lambda: clock[0])
    for source, destination, transport, data in events:
        sent = trace.add("sip", source, destination, transport, data)
        clock[0] += 0.001
        trace.add("arrived", source, destination, transport, data, sent)
    file = io.BytesIO()
    assert pcap.write(trace, file, BEGAN) == len(events)
    return file.getvalue()


def streams(packets: list[Packet]) -> dict[tuple[str, int], bytes]:
    """What each end of the connections sent, put together by the sequence numbers; who acknowledges has it all."""
    first: dict[tuple[str, int], int] = {}
    sent: dict[tuple[str, int], bytes] = {}
    for one in packets:
        sequence, acknowledged = struct.unpack_from("!II", one.rest)
        flags = one.rest[9]
        if flags & 0x02:
            first[one.source], sent[one.source] = sequence + 1, b""
        else:
            assert sequence == first[one.source] + len(sent[one.source])
            assert acknowledged == first[one.destination] + len(sent[one.destination])
            sent[one.source] += one.data
    return sent


@pytest.mark.parametrize(("here", "there"), [(BOB, SERVER), (BOB6, SERVER6)], ids=["IPv4", "IPv6"])
def test_a_datagram_keeps_addresses_ports_time_and_bytes(here: Place, there: Place) -> None:
    """In both directions."""
    one, two = read(capture((here, there, "UDP", MESSAGE), (there, here, "UDP", MESSAGE + b"odd")))
    assert (one.source, one.destination, one.protocol, one.data) == (here, there, UDP, MESSAGE)
    assert (two.source, two.destination, two.data) == (there, here, MESSAGE + b"odd")
    assert (round(one.time, 6), round(two.time, 6)) == (BEGAN, BEGAN + 0.001)


@pytest.mark.parametrize(("here", "there"), [(BOB, SERVER), (BOB6, SERVER6)], ids=["IPv4", "IPv6"])
def test_a_connection_has_a_handshake_and_its_bytes_in_order(here: tuple[str, int], there: tuple[str, int]) -> None:
    """Long messages go in several segments."""
    long = MESSAGE + b"x" * 5000
    packets = read(capture((here, there, "TCP", long), (there, here, "TCP", MESSAGE), (here, there, "TLS", MESSAGE)))
    assert [each.rest[9] for each in packets[:3]] == [0x02, 0x12, 0x10]
    assert {each.protocol for each in packets} == {TCP}
    assert max(len(each.data) for each in packets) <= pcap.MAX_SEGMENT
    assert streams(packets) == {here: long + MESSAGE, there: MESSAGE}


def test_each_message_is_there_once_and_one_from_elsewhere_too() -> None:
    """What a server of another make sent is seen when it arrives; a lost datagram was sent; notes are no packets."""
    trace = Trace()
    trace.add("arrived", SERVER, BOB, "UDP", MESSAGE, 0)
    trace.add("lost", SERVER, BOB, "UDP", {"why": "x", "data": MESSAGE})
    trace.note("bob", "a note")
    file = io.BytesIO()
    assert pcap.write(trace, file, BEGAN) == 1
    assert read(file.getvalue())[0].source == SERVER


def test_hosts_without_an_address_get_one() -> None:
    """Simulated hosts may have a name only, and ends of two kinds are both shown as IPv6."""
    one, two, mixed = read(capture(("phone", "server", "UDP", MESSAGE), ("server", "phone", "UDP", MESSAGE),
                                   (BOB, SERVER6, "UDP", MESSAGE)))  # fmt: skip
    assert (one.source, one.destination) == (("192.0.2.1", 5060), ("192.0.2.2", 5060))
    assert (two.source, two.destination) == (one.destination, one.source)
    assert mixed.source[0] in ("::ffff:10.0.1.1", "::ffff:a00:101")


def test_secrets_are_blanked_and_the_length_is_right() -> None:
    """By form and by value, in headers and bodies."""
    trace = Trace()
    trace.secrets.add("open-sesame")
    body = b'{"secret":"a","text":"open-sesame \xff"}'
    message = (b'REGISTER sip:a SIP/2.0\r\nAuthorization: Digest response="0123456789abcdef"\r\n'
               b"Content-Length: %d\r\n\r\n%s" % (len(body), body))  # fmt: skip
    (shown,) = read(capture((BOB, SERVER, "UDP", message), trace=trace))
    head, _, rest = shown.data.partition(b"\r\n\r\n")
    assert rest == b'{"secret":"***","text":"*** \xff"}'
    assert b'response="***"' in head
    assert b"Content-Length: %d" % len(rest) in head


@given(st.lists(st.tuples(
    st.sampled_from([BOB, BOB6, "name", ("fe80::1%eth0", 1)]), st.sampled_from([SERVER, SERVER6, BOB]),
    st.sampled_from(["UDP", "TCP"]), st.binary(max_size=3000)), max_size=6))  # fmt: skip
def test_whatever_is_sent_can_be_read(events: list[tuple[Place, Place, str, bytes]]) -> None:
    """Lengths and checksums hold for any bytes between any ends."""
    read(capture(*events))


# a run


def test_one_scenario_goes_to_the_file_and_several_to_its_folder(tmp_path: Path) -> None:
    """Worlds with the same addresses are not mixed; the number of jobs changes nothing."""
    one = run_files([FILES["01-the-page"]], RunOptions(make_embedded, pcap=tmp_path / "one.pcap"))
    assert [result.pcap_file for result in one.results] == [str(tmp_path / "one.pcap")]
    paths, folder = [FILES["01-the-page"], FILES["05-auto-hint"]], tmp_path / "several"
    run_files(paths, RunOptions(make_embedded, jobs=2, pcap=folder.with_suffix(".pcap")))
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.pcap")}
    assert sorted(found) == ["01-the-page.pcap", "05-auto-hint.pcap"]
    assert found["01-the-page.pcap"] == (tmp_path / "one.pcap").read_bytes()
    assert read(found["01-the-page.pcap"])[0].time == BEGAN


def test_a_capture_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """That is exit code 2, and the scenario has been told."""
    (tmp_path / "file").write_text("")
    run = run_files([FILES["01-the-page"]], RunOptions(make_embedded, pcap=tmp_path / "file" / "a.pcap"))
    assert run.exit_code == 2
    assert "the capture cannot be written" in run.results[0].failures[0].message


# tshark


def tshark(path: Path, shown: str, *fields: str) -> list[dict[str, list[str]]]:
    """The fields of the packets that a display filter shows, with all checksums looked at."""
    checks = [word for name in ("ip", "udp", "tcp") for word in ("-o", f"{name}.check_checksum:TRUE")]
    done = subprocess.run(
        ["tshark", "-r", str(path), *checks, "-Y", shown, "-T", "json", *(w for f in fields for w in ("-e", f))],
        capture_output=True, text=True, timeout=LIMIT_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [each["_source"].get("layers", {}) for each in json.loads(done.stdout)]


PIDF = 'xmlns="urn:ietf:params:xml:ns:pidf"'
WRONG = (
    "_ws.malformed || _ws.short || _ws.unreassembled || ip.checksum.status == 0 || udp.checksum.status == 0 || "
    "tcp.checksum.status == 0 || tcp.analysis.flags || (_ws.expert.severity == error)"
)
"""Everything that Wireshark finds wrong with a packet."""


def test_tshark_dissects_every_message_and_body_of_the_shipped_scenarios(tmp_path: Path) -> None:
    """All SIP messages and PIDF bodies of all scenarios, none marked as malformed."""
    require("tshark")
    run = run_files([SHIPPED], RunOptions(make_embedded, report_dir=tmp_path, pcap=tmp_path / "all.pcap"))
    captures = [Path(result.pcap_file).read_bytes() for result in run.results]
    assert len(captures) == len(run.results) >= len(FILES)
    whole = tmp_path / "whole.pcap"
    whole.write_bytes(captures[0] + b"".join(each[24:] for each in captures[1:]))
    traces = [json.loads(line) for result in run.results for line in open(result.trace_file, "rb")]  # noqa: SIM115
    sent = [each["payload"] for each in traces if each["hop"] == "sip"]
    bodies = [body for each in sent if PIDF in (body := each.partition("\r\n\r\n")[2])]
    assert tshark(whole, WRONG) == []
    told = tshark(whole, "sip", "sip.Method", "sip.Status-Code", "xml.attribute")
    assert len(told) == len(sent)
    assert all("sip.Method" in each or "sip.Status-Code" in each for each in told)
    attributes = [each["xml.attribute"] for each in told if "xml.attribute" in each]
    assert len(attributes) == len(bodies) > len(FILES)
    digium = sum("<digium_presence type=" in body for body in bodies)
    assert sum(any(each.startswith("type=") for each in found) for found in attributes) == digium > len(FILES)


@pytest.mark.parametrize(("here", "there"), [(BOB, SERVER), (BOB6, SERVER6)], ids=["IPv4", "IPv6"])
def test_tshark_puts_a_connection_together(tmp_path: Path, here: Place, there: Place) -> None:
    """Messages over several segments, two of them in both directions, are whole again."""
    require("tshark")
    body = "<a>" + "x" * 4000 + "</a>"
    long = f"MESSAGE sip:a@b SIP/2.0\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
    answer = b"SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"
    path = tmp_path / "a.pcap"
    path.write_bytes(capture(*[(here, there, "TCP", long), (there, here, "TCP", answer)] * 2))
    assert tshark(path, WRONG) == []
    told = tshark(path, "sip", "sip.Method", "sip.Status-Code", "xml.cdata")
    assert [each.get("sip.Method", each.get("sip.Status-Code")) for each in told] == [["MESSAGE"], ["200"]] * 2
    assert told[0]["xml.cdata"] == ["x" * 4000]
