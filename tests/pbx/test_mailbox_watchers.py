"""Who is told how many messages wait: with a subscription, and without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.pbx.mailbox_states import Waiting
from harness.sip.notify import Notify
from harness.sip.subscription import Subscriber, Target
from harness.sip.subscription_table import SubscriptionState
from tests.pbx.call_desk import CallDesk, DeskPhone

PJSIP = """
[global]
type=global
default_voicemail_extension=*96
[plain]
type=endpoint
context=office
aors=plain
mailboxes=1@default , 2@default
voicemail_extension=*97
mwi_from_user=mail
[plain]
type=aor
max_contacts=2
[each]
type=endpoint
context=office
aors=each
mailboxes=1@default,2@default
aggregate_mwi=no
[each]
type=aor
max_contacts=1
[asks]
type=endpoint
context=office
aors=asks
[asks]
type=aor
max_contacts=1
mailboxes=1@default,2@default
voicemail_extension=*98
[both]
type=endpoint
context=office
aors=both
mailboxes=1@default
mwi_subscribe_replaces_unsolicited=yes
[both]
type=aor
max_contacts=1
mailboxes=1@default
"""
NAMES = ("plain", "each", "asks", "both")


class Mail(CallDesk):
    """A server whose mailboxes fill by word."""

    def __init__(self, folder: Path, more: str = "") -> None:
        super().__init__(folder, "[office]\nexten => 1,1,NoOp()\n", "a", PJSIP + more)
        for name in NAMES:
            self.phones[name] = DeskPhone(self, name)

    def fill(self, box: str, new: int, old: int = 0) -> None:
        """A box has so many messages from now on."""
        voicemail = self.server.services.voicemail
        voicemail.states.tell(f"{box}@default", Waiting(new, old))
        self.wait(0.1)

    def told(self, name: str) -> list[str]:
        """What a phone was told since the last time, without the account."""
        phone = self.phones[name]
        bodies, phone.notified[:] = list(phone.notified), []
        return [body.splitlines()[-1].partition(": ")[2].partition(" (")[0] for body in bodies]


@pytest.fixture
def mail(tmp_path: Path) -> Mail:
    return Mail(tmp_path)


class Watching:
    """A subscription of a phone: its state, or why it ended."""

    def __init__(self, phone: DeskPhone, aor: str) -> None:
        self.phone = phone
        self.status = 200
        target = Target(
            f"sip:{aor}@127.0.0.1",
            from_=f"<sip:{phone.name}@127.0.0.1>",
            contact=f"<{phone.contact}>",
            event="message-summary",
            accept=("application/simple-message-summary",),
            expires=600,
        )
        self.subscriber = Subscriber(phone.client, target, phone.flow, self._notified, self._changed)
        self.subscriber.start()
        phone.desk.wait(0.1)

    def _notified(self, notify: Notify) -> None:
        self.phone._notified(notify.transaction)

    def _changed(self, _subscriber: Subscriber, _state: SubscriptionState, reason: str) -> None:
        if reason[:3].isdigit():
            self.status = int(reason[:3])

    def end(self) -> None:
        """Within the dialog, for no time."""
        self.subscriber.stop()
        self.phone.desk.wait(0.1)


# unasked


def test_who_registers_is_told(mail: Mail) -> None:
    """At once, again with each refresh, and of each change; outside of any dialog."""
    mail.register("plain")
    assert mail.told("plain") == ["0/0"]
    mail.register("plain")
    mail.fill("1", 2, 1)
    mail.fill("2", 1)
    mail.fill("3", 1)
    assert mail.told("plain") == ["0/0", "2/1", "3/1"]
    notify = mail["plain"].requests[-1]
    headers = notify.headers
    assert notify.uri == mail["plain"].contact
    assert headers.get("Subscription-State") == "terminated"
    assert headers.get("Event") == "message-summary"
    assert (headers.get("From") or "").startswith("<sip:mail@127.0.0.1>;tag=")
    assert headers.get("To") == "<sip:plain@127.0.0.1>"
    assert headers.get("Contact") == "<sip:plain@127.0.0.1:5060>"
    assert notify.body.decode().split("\r\n") == [
        "Messages-Waiting: yes",
        "Message-Account: sip:*97@127.0.0.1:5060",
        "Voice-Message: 3/1 (0/0)",
        "",
    ]


def test_mailboxes_may_be_told_one_by_one(mail: Mail) -> None:
    """aggregate_mwi=no: a NOTIFY for each, with the number of the global options to call."""
    mail.register("each")
    mail.fill("2", 1)
    assert mail.told("each") == ["0/0", "0/0", "1/0"]
    assert b"Message-Account: sip:*96@127.0.0.1:5060" in mail["each"].requests[-1].body


def test_who_is_gone_is_told_no_more(mail: Mail) -> None:
    """Nobody without mailboxes is told either."""
    mail.register("plain a")
    mail["plain"].unregister()
    mail.told("plain")
    mail.fill("1", 1)
    assert (mail.told("plain"), mail.told("a")) == ([], [])
    mail.register("plain")
    assert mail.told("plain") == ["1/0"]


@pytest.mark.parametrize(("option", "told"), [("no", ["still"]), ("yes", [])])
def test_who_has_contacts_is_told_when_the_server_comes_up(tmp_path: Path, option: str, told: list[str]) -> None:
    """A static contact; unless the global options leave it to registrations."""
    pjsip = f"[global]\ntype=global\nmwi_disable_initial_unsolicited={option}\n"
    pjsip += "[still]\ntype=endpoint\naors=still\nmailboxes=1@default\n"
    pjsip += "[still]\ntype=aor\ncontact=sip:still@127.0.0.1:5999\n"
    desk = CallDesk(tmp_path, "[office]\nexten => 1,1,NoOp()\n", "a", pjsip)
    sent: list[str] = []
    outside = desk.server.services.watchers._outside
    outside.send = lambda endpoint, *_rest: sent.append(endpoint.name)  # type: ignore[method-assign]
    desk.server.services.watchers.tell_all()
    assert sent == told


def test_a_reload_takes_other_mailboxes(mail: Mail) -> None:
    """Those of an endpoint count from `module reload res_pjsip_mwi` on."""
    mail.register("plain")
    mail.told("plain")
    mail.server.pjsip.endpoints["plain"].mailboxes = "3@default"
    mail.fill("3", 1)
    assert mail.told("plain") == []
    assert "reloaded successfully" in mail.command("module reload res_pjsip_mwi")
    mail.fill("3", 2)
    assert mail.told("plain") == ["2/0"]


# asked


def test_who_subscribes_to_an_aor_is_told(mail: Mail) -> None:
    """First what there is, then each change, and at last once more."""
    mail.fill("2", 1, 4)
    watching = Watching(mail["asks"], "asks")
    mail.fill("1", 1)
    mail.fill("3", 1)
    assert watching.status == 200
    assert mail.told("asks") == ["1/4", "2/4"]
    last = mail["asks"].requests[-1]
    assert b"Message-Account: sip:*98@127.0.0.1\r\n" in last.body
    assert (last.headers.get("Subscription-State") or "").startswith("active;expires=")
    watching.end()
    assert mail.told("asks") == ["2/4"]
    assert mail["asks"].requests[-1].headers.get("Subscription-State") == "terminated"
    mail.fill("1", 0)
    assert mail.told("asks") == []


def test_the_number_of_the_voicemail_stands_for_its_aor(mail: Mail) -> None:
    """voicemail_extension of an AOR of one's own."""
    assert Watching(mail["asks"], "*98").status == 200
    assert Watching(mail["plain"], "*98").status == 404


@pytest.mark.parametrize(("name", "aor", "status"), [("asks", "nobody", 404), ("asks", "plain", 404), ("a", "a", 404)])
def test_what_has_no_mailboxes_cannot_be_subscribed_to(mail: Mail, name: str, aor: str, status: int) -> None:
    """No such AOR, or none with mailboxes."""
    assert Watching(mail[name], aor).status == status


def test_who_is_told_unasked_may_not_ask(mail: Mail) -> None:
    """Unless that is what replaces the other, and until it ends."""
    assert Watching(mail["plain"], "asks").status == 500
    mail.register("both")
    watching = Watching(mail["both"], "both")
    assert (watching.status, mail.told("both")) == (200, ["0/0", "0/0"])
    mail.fill("1", 1)
    assert mail.told("both") == ["1/0"]
    watching.end()
    assert mail.told("both") == ["1/0", "1/0"]
    mail.fill("1", 2)
    assert mail.told("both") == ["2/0"]
    assert mail["both"].requests[-1].headers.get("Subscription-State") == "terminated"


def test_a_registration_may_end_a_subscription(mail: Mail) -> None:
    """Who comes to be told unasked is not told twice."""
    watching = Watching(mail["asks"], "asks")
    mail.server.pjsip.endpoints["asks"].mailboxes = "2@default"
    mail.told("asks")
    mail.register("asks")
    states = [request.headers.get("Subscription-State") for request in mail["asks"].requests[-2:]]
    assert (watching.status, states) == (200, ["terminated", "terminated"])
    mail.fill("1", 1)
    assert mail.told("asks") == ["0/0", "0/0"]


def test_subscriptions_are_listed(mail: Mail) -> None:
    """With their mailboxes, on the manager interface and in the CLI."""
    Watching(mail["asks"], "asks")
    answer = mail.manager().send("Action: PJSIPShowSubscriptionsInbound")
    assert answer[1][-2:] == ["SubscriptionType: mwi", "Mailboxes: 1@default,2@default"]
    assert "Resource: asks/message-summary" in mail.command("pjsip show subscriptions inbound")
