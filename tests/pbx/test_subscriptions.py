"""Single subscriptions off the beaten track; each case agrees with a recording of Asterisk 22.10.1."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.net.world import World
from harness.pbx import printed
from harness.pbx.astdb import VolatileDB
from harness.pbx.persistence import FAMILY, RESERVE
from harness.pbx.printed import Where
from harness.pbx.reach import flow_to
from harness.sip.flow import Flow
from harness.sip.message import Request, Response
from harness.sip.uri import SipUri
from tests.pbx.subscriber import Desk, hinted, statuses, tell, write

HINTS = hinted("100", "*#1") + "exten => 102,hint,Custom:102,Bogus:x\n"


@pytest.mark.parametrize(
    ("expires", "outcome"),
    [
        pytest.param("4294967295", "3600", id="the largest number"),
        pytest.param("4294967296", 400, id="one more turns round to nothing"),
        pytest.param("007", "7", id="leading zeros"),
        pytest.param("1" * 5000, "3600", id="more digits than int() takes"),
        pytest.param("abc", None, id="no number"),
        pytest.param("60;x=y", None, id="a parameter"),
        pytest.param("-1", None, id="negative"),
        pytest.param("", None, id="empty"),
    ],
)
def test_expires_is_a_number_of_32_bits_or_the_message_is_dropped(
    expires: str, outcome: str | int | None, tmp_path: Path
) -> None:
    """What pjsip's parser cannot read gets no answer at all."""

    async def story(desk: Desk) -> None:
        heard = await desk.watcher().ask("100", expires=expires)
        if outcome is None:
            assert heard == []
        elif isinstance(outcome, int):
            assert statuses(heard) == [outcome]
        else:
            assert heard[0].headers.get("Expires") == outcome

    tell(tmp_path / "etc", story, hints=HINTS)


def test_more_digits_than_int_takes_are_an_expiry_elsewhere_too(tmp_path: Path) -> None:
    """A binding lasts as long as it may; a PUBLISH is refused for what it lacks."""
    endpoint = "[bound]\ntype=endpoint\ncontext=office\naors=bound\n[bound]\ntype=aor\nmax_contacts=1\n"
    digits = "1" * 5000

    async def story(desk: Desk) -> None:
        asked = desk.watcher()
        (bound,) = await asked.ask("bound", sender="bound", method="REGISTER", event=None, expires=digits)
        assert (statuses([bound]), bound.headers.get("Expires")) == ([200], "7200")
        published = await desk.watcher().ask("100", method="PUBLISH", event="asterisk-mwi", expires=digits)
        assert statuses(published) == [400]

    tell(tmp_path / "etc", story, lists=endpoint, hints=HINTS)


def test_a_refresh_without_expires_grants_the_same_again(tmp_path: Path) -> None:
    """Not what is left of it."""

    async def story(desk: Desk) -> None:
        watcher = desk.watcher()
        await watcher.ask("100", expires="300")
        await desk.world.sleep(100)
        accepted, told = await watcher.ask("100", expires=None)
        assert accepted.headers.get("Expires") == "300"
        assert told.headers.get("Subscription-State") == "active;expires=300"

    tell(tmp_path / "etc", story, hints=HINTS)


@pytest.mark.parametrize(
    ("event", "status"),
    [
        ("Presence", 200),
        ("presence;foo=bar", 200),
        ("presence;idx=3", 200),
        ("presence;id=2", 500),
        ("presence;ID=2", 500),
        ("dialog", 500),
    ],
)
def test_a_refresh_is_known_by_package_and_id(event: str, status: int, tmp_path: Path) -> None:
    """The package in any case here, other parameters not looked at."""

    async def story(desk: Desk) -> None:
        watcher = desk.watcher()
        await watcher.ask("100")
        heard = await watcher.ask("100", event=event)
        assert statuses(heard)[0] == status

    tell(tmp_path / "etc", story, hints=HINTS)


def test_other_requests_in_the_dialog_are_left_unhandled(tmp_path: Path) -> None:
    """500 with pjsip's reason; one that needs a Contact and has none is refused before."""

    async def story(desk: Desk) -> None:
        watcher = desk.watcher()
        await watcher.ask("100")
        for method in ("OPTIONS", "INFO", "BYE", "PUBLISH"):
            (answer,) = await watcher.ask("100", method=method, event=None, expires=None)
            assert isinstance(answer, Response)
            assert (answer.status, answer.reason) == (500, "Unhandled by dialog usages")
        (answer,) = await watcher.ask("100", contact=None)
        assert isinstance(answer, Response)
        assert (answer.status, answer.reason) == (400, "Missing Contact header")
        assert statuses(await watcher.ask("100")) == [200, "active"]

    tell(tmp_path / "etc", story, hints=HINTS)


def test_a_notify_from_the_watcher_ends_its_subscription(tmp_path: Path) -> None:
    """Unless it is about another event, or carries Retry-After."""

    async def story(desk: Desk) -> None:
        watcher = desk.watcher()
        await watcher.ask("100")
        other, *_ = await watcher.ask("100", method="NOTIFY", event="dialog")
        assert (statuses([other]), getattr(other, "reason", "")) == ([481], "Subscription Does Not Exist")
        await watcher.ask("100", "Retry-After: 4", method="NOTIFY")
        assert desk.watched("100") == 1
        await watcher.ask("100", method="NOTIFY")
        assert desk.watched("100") == 0
        assert statuses(await watcher.ask("100")) == [500]

    tell(tmp_path / "etc", story, hints=HINTS)


@pytest.mark.parametrize(
    ("answer", "stays"),
    [
        ("481 Gone", False),
        ("100 Trying", False),
        ("180 Ringing\r\nRetry-After: 1", True),
        ("500 Broken", False),
        ("302 Elsewhere", False),
        ("500 Later\r\nRetry-After: 1", True),
        ("481 Gone\r\nRetry-After: 1", False),
        ("202 Accepted", True),
        ('401 Who\r\nWWW-Authenticate: Digest realm="r",nonce="n"', True),
    ],
)
def test_what_the_answer_to_a_notify_means(answer: str, stays: bool, tmp_path: Path) -> None:
    """Retry-After saves all but 481; a challenge is not answered, and does not end it."""

    async def story(desk: Desk) -> None:
        watcher = desk.watcher()
        watcher.answers = [answer]
        await watcher.ask("100")
        assert len(await watcher.hear(desk.device("100", "INUSE"))) == stays
        assert desk.watched("100") == stays

    tell(tmp_path / "etc", story, hints=HINTS)


def test_a_challenged_notify_suspends_refreshes_until_the_next_change(tmp_path: Path) -> None:
    """Meanwhile it does not run out either."""

    async def story(desk: Desk) -> None:
        watcher = desk.watcher()
        watcher.answers = ["401 Who"]
        await watcher.ask("100", expires="5")
        assert statuses(await watcher.ask("100")) == [500]
        assert await watcher.hear(lambda: None, 10.0) == []
        assert len(await watcher.hear(desk.device("100", "INUSE"))) == 1
        assert statuses(await watcher.ask("100")) == [200, "active"]

    tell(tmp_path / "etc", story, hints=HINTS)


def test_an_invalid_presence_does_not_run_out(tmp_path: Path) -> None:
    """A change tells it without seconds when they are over; too long without one and no refresh helps any more."""

    async def story(desk: Desk) -> None:
        early, late = desk.watcher(), desk.watcher()
        await early.ask("102", expires="2")
        (first,) = await early.hear(desk.device("102", "INUSE"), 3.3)
        assert (first.headers.get("Subscription-State") or "").startswith("active;expires=")
        (second,) = await early.hear(desk.device("102", "BUSY"))
        assert second.headers.get("Subscription-State") == "active"
        assert statuses(await early.ask("102")) == [200, "active"]
        await late.ask("102")
        await late.hear(lambda: None, 40.0)
        assert statuses(await late.hear(desk.device("102", "NOT_INUSE"))) == ["active"]
        assert statuses(await late.ask("102")) == [500]

    tell(tmp_path / "etc", story, hints=HINTS)


def test_the_dialog_of_an_ended_subscription_is_known_for_a_while(tmp_path: Path) -> None:
    """32 seconds after the watcher was last heard: 500 until then, 481 from then on."""

    async def story(desk: Desk) -> None:
        watcher = desk.watcher()
        await watcher.ask("100")
        await watcher.ask("100", expires="0")
        await desk.world.sleep(20)
        assert statuses(await watcher.ask("100")) == [500]
        await desk.world.sleep(20)
        assert statuses(await watcher.ask("100")) == [500]
        await desk.world.sleep(40)
        assert statuses(await watcher.ask("100")) == [481]

    tell(tmp_path / "etc", story, hints=HINTS)


def test_the_contact_of_those_behind_a_nat_is_where_they_are(tmp_path: Path) -> None:
    """rewrite_contact: address and port of the sender, whatever the Contact says, in refreshes too."""

    async def story(desk: Desk) -> None:
        watcher = desk.watcher()
        _, first = await watcher.ask("100", sender="nat", contact="<sip:me@192.0.2.1:9;transport=udp>")
        assert isinstance(first, Request)
        assert first.uri == f"sip:me@{watcher.host}:5060"
        _, second = await watcher.ask("100", sender="nat", contact="<sip:me@192.0.2.7:1>")
        assert isinstance(second, Request)
        assert second.uri == first.uri

    tell(tmp_path / "etc", story, hints=HINTS)


def test_a_router_that_is_not_loose_is_the_request_uri(tmp_path: Path) -> None:
    """The target goes into the last Route then (RFC 3261 12.2.1.1)."""

    async def story(desk: Desk) -> None:
        watcher = desk.watcher()
        route = f"Record-Route: <sip:{watcher.host}:5060>"
        _, first = await watcher.ask("100", route, contact="<sip:me@192.0.2.1:9>")
        assert isinstance(first, Request)
        assert first.uri == f"sip:{watcher.host}:5060"
        assert first.headers.get("Route") == "<sip:me@192.0.2.1:9>"

    tell(tmp_path / "etc", story, hints=HINTS)


def test_bodies_and_headers_name_people_as_pjsip_prints_them(tmp_path: Path) -> None:
    """Feature codes are escaped in URIs, not in ids; parties lose their ports."""

    async def story(desk: Desk) -> None:
        watcher = desk.watcher()
        _, first = await watcher.ask("*%231")
        assert b'entity="sip:*%231@10.0.0.1"' in first.body
        assert b'<tuple id="*#1">' in first.body
        assert first.headers.get("To") == f"<sip:w@{watcher.host}>;tag=t1"

    tell(tmp_path / "etc", story, hints=HINTS)


@pytest.mark.parametrize(
    ("text", "where", "shown"),
    [
        ("sip:%77:p%40w@H:5070;x=y;user=phone?a=%22b%22", Where.CONTACT, 'sip:w:p%40w@H:5070;user=phone;x=y?a="b"'),
        ("sip:w@h:5070;lr;ttl=5;transport=udp;method=X;foo", Where.CONTACT, "sip:w@h:5070;transport=udp;ttl=5;foo"),
        ("sip:w@h:5070;lr;ttl=5;transport=udp;method=X;foo", Where.PARTY, "sip:w@h;foo"),
        ("sip:w@h;method=X;lr;a=b?c=d", Where.REQUEST_LINE, "sip:w@h;lr;a=b"),
        ("sip:a%20b%3Cc@[::1]:5060", Where.PARTY, "sip:a%20b%3cc@[::1]"),
    ],
)
def test_a_uri_is_printed_for_its_place(text: str, where: Where, shown: str) -> None:
    """Parameters in pjsip's order, less those that have no business there; escapes made anew."""
    assert printed.uri(SipUri.parse(text), where) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("W <sip:w@h:5070;x=y?h=v>;p=q;tag=1", '"W" <sip:w@h;x=y>;tag=1;p=q'),
        ("sip:w@h:5070;tag=1", "<sip:w@h>;tag=1"),
        ("<tel:100>;tag=1", "<tel:100>;tag=1"),
    ],
)
def test_a_party_is_printed_with_its_tag_first(value: str, shown: str) -> None:
    """The name quoted, the URI in brackets."""
    assert printed.party(value) == shown


def test_an_event_is_printed_with_its_id_first() -> None:
    """An id without a value is left out."""
    assert printed.event("presence ;foo=bar; id = 7") == "presence;id=7;foo=bar"
    assert printed.event("presence;id") == "presence"


def test_a_uri_that_is_too_long_ends_before_the_piece_that_does_not_fit() -> None:
    """Name and equals sign of the parameter may still be there."""
    text, whole = printed.short_uri(SipUri.parse(f"sip:w@h;x={'D' * 300};y={'E' * 300}"), Where.CONTACT)
    assert not whole
    assert text == f"sip:w@h;x={'D' * 300};y="


def test_notifies_go_where_the_contact_says() -> None:
    """To its own address over its own transport, UDP by default, even where the request came over a stream."""
    source = Flow("TCP", ("10.0.0.1", 5060), ("10.0.1.1", 40_000), 7)
    assert flow_to("sip:w@10.0.1.1:40000", source, False) == Flow("UDP", source.local, source.remote)
    assert flow_to("sip:w@10.0.2.2;transport=TCP", source, False) == Flow("TCP", source.local, ("10.0.2.2", 5060))
    assert flow_to("sip:w@a.name", source, False) is source
    assert flow_to("sip:w@192.0.2.1", source, True) is source


def test_after_a_kill_the_numbers_go_on_above_those_that_were_seen(tmp_path: Path) -> None:
    """What is in the database then was written long before the last NOTIFY."""
    write(tmp_path / "etc", hints=HINTS)

    async def story(world: World) -> None:
        desk = Desk(world, tmp_path / "etc")
        watcher = desk.watcher()
        await watcher.ask("100")
        for state in ("INUSE", "BUSY", "NOT_INUSE"):
            await watcher.hear(desk.device("100", state))
        left = VolatileDB()
        for key, value in desk.store.rows(FAMILY):
            left.put(FAMILY, key, value)
        last = watcher.heard[-1]
        await desk.server.stop()
        before = len(watcher.heard)
        Desk(world, tmp_path / "etc", left)
        await world.sleep(1.0)
        (again,) = watcher.heard[before:]
        assert isinstance(last, Request)
        assert isinstance(again, Request)
        assert last.cseq.number < again.cseq.number <= last.cseq.number + RESERVE

    World.simulated(7).run(story)
