"""/metrics: what Prometheus reads of a server, with and without phones."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pytest

from harness.pbx.measuring import timed_change, timed_put, timed_send
from harness.sip.flow import Flow
from harness.web.metrics import Metrics
from tests.browser.demos import demo
from tests.pbx.call_desk import CallDesk
from tests.serving import served

ROOT = Path(__file__).parent.parent.parent
FLOW = Flow("UDP", ("127.0.0.1", 5060), ("127.0.0.1", 5061))


def figures(place: str) -> dict[str, float]:
    """The samples that a server gives at its place."""
    with urllib.request.urlopen(f"http://{place}/metrics", timeout=10) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        return samples(answer.read())


def samples(page: bytes) -> dict[str, float]:
    """The samples of a page, by name and labels."""
    lines = page.decode().splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[:1] != "#")}


def test_serve_tells_its_figures() -> None:
    """The ready line names the place; a request that is refused is counted."""
    with served(ROOT / "scenarios" / "demo" / "office", "--http", "127.0.0.1:0", ami=False) as server:
        host, port = server.place("http")
        found = figures(f"{host}:{port}")
    assert found["dpma_harness_sip_requests_received_total"] == 0
    assert found["dpma_harness_registered_contacts"] == 0
    assert found["dpma_harness_change_to_notify_seconds_count"] == 0


def test_an_office_tells_what_its_phones_caused() -> None:
    """Six phones with six contacts: 36 subscriptions, each with a NOTIFY that was answered 200."""
    with demo() as office:
        found = figures(office.place)
    assert found['dpma_harness_subscriptions{event="presence"}'] == 36
    assert found["dpma_harness_registered_contacts"] == 6
    assert found["dpma_harness_notifies_total"] >= 36
    answered = found['dpma_harness_notify_answers_total{status="200"}']
    assert answered == found["dpma_harness_notify_to_answer_seconds_count"] >= 36
    assert found["dpma_harness_notify_to_answer_seconds_sum"] > 0
    assert found["dpma_harness_sip_retransmissions_total"] == 0


@pytest.fixture
def desk(tmp_path: Path) -> CallDesk:
    """A server with two registered phones."""
    desk = CallDesk(tmp_path, "[office]\nexten => b,1,Dial(PJSIP/b)\n", "a b")
    desk.register("a b")
    return desk


def page_of(desk: CallDesk) -> dict[str, float]:
    """The figures of its server, as they are now."""
    return samples(Metrics(lambda: desk.server, lambda: 0.0).page())


def test_what_is_under_way_is_told_with_its_side_and_method(desk: CallDesk) -> None:
    """An INVITE that came and one that was sent, for as long as nobody answers."""
    labels = ('method="INVITE",side="client"', 'method="INVITE",side="server"')
    under_way = [f"dpma_harness_transactions{{{label}}}" for label in labels]
    desk.wait(70)
    assert not any(name.startswith("dpma_harness_transactions") for name in page_of(desk))
    desk["a"].dial("b")
    found = page_of(desk)
    assert [found.get(name) for name in under_way] == [1, 1]


def test_what_is_sent_again_is_counted(desk: CallDesk) -> None:
    """An INVITE to a phone that is gone: after 0.5, 1.5, 3.5 and 7.5 s (RFC 3261 17.1.1.2)."""
    desk["b"].carrier.close()
    desk["a"].dial("b")
    assert page_of(desk)["dpma_harness_sip_retransmissions_total"] == 0
    desk.wait(8)
    assert page_of(desk)["dpma_harness_sip_retransmissions_total"] == 4


def test_what_cannot_be_read_is_counted(desk: CallDesk) -> None:
    """Two datagrams that are no messages."""
    for data in (b"INVITE sip:b SIP/2.0\r\nrubbish\r\n\r\n", b"\x00\xff noise"):
        desk["a"].carrier.send(desk["a"].flow, data)
    desk.wait(1)
    assert page_of(desk)["dpma_harness_sip_malformed_total"] == 2


class Told:
    """Figures that are kept."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.answers: list[tuple[int, float]] = []
        self.sents = 0

    def notified(self, waited_s: float) -> None:
        self.waits.append(waited_s)

    def sent(self) -> None:
        self.sents += 1

    def answered(self, status: int, took_s: float) -> None:
        self.answers.append((status, took_s))


def test_the_time_in_the_fan_out_counts() -> None:
    """From the change to the NOTIFY that tells it, not from the turn in which it is sent."""
    told, now, queue, changed = Told(), [10.0], [], []
    put = timed_put(lambda target, change: queue.append((target, change)), lambda: now[0])
    take = timed_change(lambda target, change: changed.append((target, change)), told, lambda: now[0])
    put("watcher", "change")  # type: ignore[arg-type]
    now[0] = 10.25
    take(*queue[0])
    assert told.waits == [0.25]
    assert changed == [("watcher", "change")]


def test_the_answer_of_a_notify_is_told_and_handed_on() -> None:
    """Status, time, and the bytes to whom they are for."""
    told, now, sent, heard = Told(), [1.0], [], []
    send = timed_send(lambda *words: sent.append(words), told, lambda: now[0])
    send(b"z9hG4bK1", b"NOTIFY", FLOW, lambda status, raw: heard.append((status, raw)))
    now[0] = 1.5
    sent[0][3](481, b"SIP/2.0 481 Gone")
    assert (told.sents, told.answers, heard) == (1, [(481, 0.5)], [(481, b"SIP/2.0 481 Gone")])


@pytest.mark.parametrize("module", ["prometheus_client", "rich"])
def test_without_the_extra_one_line_says_what_to_install(
    module: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2."""
    import importlib.util

    from harness.cli import main

    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == module else found(name, *rest))
    assert main(["demo", "--http", "127.0.0.1:0"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "dpma-harness[web]" in said
