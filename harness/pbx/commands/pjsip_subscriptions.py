"""`pjsip show|list subscriptions` (res/res_pjsip_pubsub.c:4846-5128)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from harness.core.octets import cut
from harness.core.states import extension_text
from harness.dialplan.ere import BadRegex, Regex, compile_regex
from harness.pbx.commands import callerid
from harness.pbx.commands.columns import column
from harness.pbx.commands.registry import USAGE, Answer, Registry, failure
from harness.pbx.commands.served import Served
from harness.pbx.mailbox_watchers import MailboxSubscription

if TYPE_CHECKING:
    from harness.config.pjsip_objects import Endpoint
    from harness.pbx.notifier import Subscription

CALL_ID_BYTES = 255
COLUMN_BYTES = 49
_HEADING = (
    "Endpoint: <Endpoint/Caller-ID.............................................>\n"
    "Resource: <Resource/Event.................................................>\n"
    "  Expiry: <Expiry>  <Call-id..............................................>\n"
    "===========================================================================\n\n"
)
_BAD_REGEX = {
    "unmatched (": "Unmatched ( or \\(",
    "unmatched )": "Unmatched ) or \\)",
    "unmatched [": "Unmatched [, [^, [:, [., or [=",
    "nothing to repeat": "Invalid preceding regular expression",
    "trailing backslash": "Trailing backslash",
    "back references are not supported": "Invalid back reference",
    "invalid range": "Invalid range end",
    "unknown class": "Invalid character class name",
    "invalid content of {}": "Invalid content of \\{\\}",
    "invalid repetition": "Invalid preceding regular expression",
    "too deep": "Regular expression too big",
    "too large": "Regular expression too big",
}
"""What regerror() says."""
_LIST_HEADING = f"{'Endpoint/CLI':30} {'Resource/Event':30} Expiry Call-id\n"


def register(registry: Registry, served: Served) -> None:
    """Serve the family."""
    family = _Subscriptions(served)
    registry.serve("pjsip show subscription {inbound|outbound}", family.one)
    registry.serve("pjsip show subscriptions {inbound|outbound} [like]", family.show)
    registry.serve("pjsip list subscriptions {inbound|outbound} [like]", family.list)


class _Subscriptions:
    def __init__(self, served: Served) -> None:
        self._served = served

    def show(self, words: Sequence[str]) -> Answer:
        return self._print(words, _HEADING, self._entry, "")

    def list(self, words: Sequence[str]) -> Answer:
        return self._print(words, _LIST_HEADING, self._row, "\n")

    def one(self, words: Sequence[str]) -> Answer:
        """The details of one by its Call-ID; nothing where there is none."""
        if len(words) != 2:
            return USAGE
        found = next((each for each in self._active(words[0]) if each.dialog.call_id == words[1]), None)
        return Answer("" if found is None else self._details(found))

    def _details(self, subscription: Subscription) -> str:
        rows = [
            ("Resource", subscription.exten),
            ("Event", _package(subscription)),
            ("Expiry", str(self._expiry(subscription))),
            *inbound_parameters(subscription, self._served.pjsip.endpoints.get(subscription.endpoint)),
        ]
        lines = "".join(f"{name:<20}: {value}\n" for name, value in rows)
        return f"{'ParameterName':<20}: ParameterValue\n{'=' * 75}\n{lines}\n"

    def _print(
        self, words: Sequence[str], heading: str, entry: Callable[[Subscription], str], before_count: str
    ) -> Answer:
        if len(words) not in (1, 3) or (len(words) == 3 and words[1].lower() != "like"):
            return USAGE
        regex: Regex | None = None
        if len(words) == 3:
            try:
                regex = compile_regex(words[2])
            except BadRegex as error:
                reason = _BAD_REGEX.get(str(error), "Invalid regular expression")
                return failure(f"Regular expression '{words[2]}' failed to compile: {reason}\n")
        entries = [text for text in map(entry, self._active(words[0])) if regex is None or regex.search(text)]
        matched = f' matched "{words[2]}"' if regex is not None else ""
        count = f"{before_count}{len(entries)} active subscriptions{matched}\n"
        return Answer(f"{heading}{''.join(entries)}{count}")

    def _active(self, direction: str) -> Iterator[Subscription]:
        """Those of watchers; the server itself subscribes nowhere."""
        return iter(self._served.subscriptions.active() if direction.lower() == "inbound" else ())

    def _entry(self, subscription: Subscription) -> str:
        caller = self._caller(subscription).text("<none>")
        return (
            f"Endpoint: {subscription.endpoint}/{caller}\n"
            f"Resource: {subscription.exten}/{_package(subscription)}\n"
            f"  Expiry: {self._expiry(subscription):8d}  {_call_id(subscription)}\n\n"
        )

    def _row(self, subscription: Subscription) -> str:
        caller = self._caller(subscription)
        who = cut(f"{subscription.endpoint}/{caller.name or caller.number or '<none>'}", COLUMN_BYTES)
        what = cut(f"{subscription.exten}/{_package(subscription)}", COLUMN_BYTES)
        expiry = self._expiry(subscription)
        return f"{column(who, 30)} {column(what, 30)} {expiry:6d} {_call_id(subscription)}\n"

    def _caller(self, subscription: Subscription) -> callerid.CallerId:
        endpoint = self._served.pjsip.endpoints.get(subscription.endpoint)
        return callerid.parse(endpoint.callerid if endpoint else "")

    def _expiry(self, subscription: Subscription) -> int:
        now = self._served.subscriptions.stack.timers.now
        return max(int(subscription.expires_at - now), 0)


def inbound_parameters(subscription: Subscription, endpoint: Endpoint | None) -> list[tuple[str, str]]:
    """What the manager tells of a subscription of a watcher as well."""
    return [
        ("Role", "Notifier"),
        ("Endpoint", subscription.endpoint),
        ("Callid", _call_id(subscription)),
        ("State", "ACTIVE"),
        ("Callerid", callerid.parse(endpoint.callerid if endpoint else "").text("Unknown")),
        *_watched(subscription),
    ]


def _watched(subscription: Subscription) -> list[tuple[str, str]]:
    if isinstance(subscription, MailboxSubscription):
        return [("SubscriptionType", "mwi"), ("Mailboxes", ",".join(subscription.mailboxes))]
    return [
        ("SubscriptionType", "extension_state"),
        ("Extension", subscription.exten),
        ("ExtensionStates", extension_text(subscription.hint_state)),
    ]


def _package(subscription: Subscription) -> str:
    return subscription.event.partition(";")[0].strip()


def _call_id(subscription: Subscription) -> str:
    return cut(subscription.dialog.call_id, CALL_ID_BYTES)
