"""TestEvent: what an Asterisk built for its own tests tells of subscriptions (res_pjsip_pubsub.c, main/test.c)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from harness.pbx.notifier import CHANGED, ESTABLISHED, REFRESHED, TERMINATED

if TYPE_CHECKING:
    from harness.pbx.subscription import Subscription

Publish = Callable[[str, str, Sequence[tuple[str, object]]], None]

_FILE = "res_pjsip_pubsub.c"
_PLACES = {
    ESTABLISHED: ("initial_notify_task", 3217),
    CHANGED: ("ast_sip_subscription_notify", 2842),
    REFRESHED: ("pubsub_on_refresh_timeout", 4213),
    TERMINATED: ("pubsub_on_refresh_timeout", 4213),
}
"""The functions that tell, with their lines in Asterisk 22.10.1."""


class SuiteEvents:
    """Tells the manager interface of every NOTIFY: what the subscription is then, and why it was sent."""

    def __init__(self, publish: Publish) -> None:
        self._publish = publish

    def __call__(self, subscription: Subscription, why: str) -> None:
        """A NOTIFY was sent."""
        state = "TERMINATED" if subscription.ended else "ACTIVE"
        more = [("StateText", state), ("Endpoint", subscription.endpoint)]
        self._tell("STATE_SET", ("sip_subscription_send_request", 2263), more)
        self._tell(why, _PLACES[why], [("Resource", subscription.exten)])

    def _tell(self, what: str, place: tuple[str, int], more: Sequence[tuple[str, object]]) -> None:
        function, line = place
        self._publish(
            "reporting",
            "TestEvent",
            [
                ("Type", "StateChange"),
                ("State", f"SUBSCRIPTION_{what}"),
                ("AppFile", _FILE),
                ("AppFunction", function),
                ("AppLine", line),
                *more,
            ],
        )
