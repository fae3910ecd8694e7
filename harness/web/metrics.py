"""Figures for monitoring, in Prometheus' text form: what a server counts anyway, and how long NOTIFYs take.

What stands is read when somebody asks. Only the times of NOTIFYs are taken on the way (`harness.pbx.measuring`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client import Counter as Total
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from harness.pbx.server import Server

NAMESPACE = "dpma_harness"
BUCKETS_S = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 32.0)
"""Upper ends, in seconds; the last is timer F, when a NOTIFY is given up."""


class Metrics(Collector):
    """The figures of one server, or of one after the other where it restarts; `server` gives the present one."""

    def __init__(self, server: Callable[[], Server], seconds: Callable[[], float]) -> None:
        self._server, self._seconds = server, seconds
        self._registry = CollectorRegistry(auto_describe=False)
        self._waited = Histogram(
            "change_to_notify_seconds", "From a change of a hint to its NOTIFY.",
            namespace=NAMESPACE, registry=self._registry, buckets=BUCKETS_S,
        )  # fmt: skip
        self._took = Histogram(
            "notify_to_answer_seconds", "From a NOTIFY to its final answer.",
            namespace=NAMESPACE, registry=self._registry, buckets=BUCKETS_S,
        )  # fmt: skip
        self._answers = Total(
            "notify_answers", "Final answers to NOTIFYs; 408 stands for none.", ["status"],
            namespace=NAMESPACE, registry=self._registry,
        )  # fmt: skip
        self._sent = Total(
            "notifies", "NOTIFYs sent, for whatever reason.", namespace=NAMESPACE, registry=self._registry
        )
        self._registry.register(self)

    def follow(self, server: Server) -> None:
        """Take the times of this server's NOTIFYs."""
        server.subscriptions.measure(self, self._seconds)

    def page(self) -> bytes:
        """All figures, as text."""
        return generate_latest(self._registry)

    # pbx.measuring.Figures

    def notified(self, waited_s: float) -> None:
        """See `Figures`."""
        self._waited.observe(waited_s)

    def sent(self) -> None:
        """See `Figures`."""
        self._sent.inc()

    def answered(self, status: int, took_s: float) -> None:
        """See `Figures`."""
        self._took.observe(took_s)
        self._answers.labels(status).inc()

    # prometheus_client's Collector

    def collect(self) -> Iterator[Metric]:
        """What stands now."""
        server = self._server()
        told = server.stack.statistics()
        for name, value, what in (
            ("sip_requests_sent", told.requests_sent, "Requests sent, NOTIFYs included."),
            ("sip_requests_received", told.requests_received, "Requests received, repeats left out."),
            ("sip_responses_received", told.responses_received, "Responses received."),
            ("sip_retransmissions", told.retransmissions, "Messages that were sent again."),
            ("sip_malformed", told.malformed, "Messages that could not be read."),
        ):
            yield CounterMetricFamily(f"{NAMESPACE}_{name}", what, value)
        subscriptions = GaugeMetricFamily(f"{NAMESPACE}_subscriptions", "Subscriptions that stand.", labels=["event"])
        for event, count in sorted(Counter(each.event for each in server.subscriptions.active()).items()):
            subscriptions.add_metric([event], count)
        yield subscriptions
        labels = ["side", "method"]
        transactions = GaugeMetricFamily(f"{NAMESPACE}_transactions", "Transactions under way.", labels=labels)
        open_now = Counter((each.side, each.method) for each in server.stack.open_transactions())
        for one, count in sorted(open_now.items()):
            transactions.add_metric(one, count)
        yield transactions
        contacts = sum(1 for _ in server.registrar.all_contacts())
        yield GaugeMetricFamily(f"{NAMESPACE}_registered_contacts", "Contacts of registered phones.", contacts)
