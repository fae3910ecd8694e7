"""Where a MESSAGE of the dialplan goes, and what it says there."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.dialplan.text_message import TextMessage
from harness.pbx import destinations
from tests.pbx.subscriber import Desk, statuses, tell

PJSIP = """
[global]
type=global
default_outbound_endpoint=way-out
[way-out]
type=endpoint
[bob]
type=endpoint
aors=first,second
[first]
type=aor
[second]
type=aor
contact=sip:bob@10.0.5.5
[lonely]
type=endpoint
"""


@pytest.mark.parametrize(
    ("text", "endpoint", "uri"),
    [
        ("bob", "bob", "sip:bob@10.0.5.5"),
        ("bob@anywhere.example", "bob", "sip:bob@10.0.5.5"),
        ("PJSIP/200@bob", "bob", "sip:200@10.0.5.5"),
        ("bob/second", "bob", "sip:bob@10.0.5.5"),
        ("bob/sip:eve@10.0.6.6", "bob", "sip:eve@10.0.6.6"),
        ('bob/"Eve" <sip:eve@10.0.6.6>', "bob", "sip:eve@10.0.6.6"),
        ("bob/eve@10.0.6.6", "bob", "sip:eve@10.0.6.6"),
        ("sip:eve@10.0.6.6", "way-out", "sip:eve@10.0.6.6"),
        ("eve@10.0.6.6", "way-out", "sip:eve@10.0.6.6"),
        ("10.0.6.6", "way-out", "sip:10.0.6.6"),
        ("lonely", None, None),
        ("bob/first", None, None),
        ("PJSIP/bob", None, None),
        ("nobody/sip:eve@10.0.6.6", None, None),
    ],
)
def test_a_destination_names_an_endpoint_and_perhaps_an_address(
    text: str, endpoint: str | None, uri: str | None, tmp_path: Path
) -> None:
    """What follows an `@` after an endpoint's name does not matter."""

    async def story(desk: Desk) -> None:
        found = destinations.find(text, desk.server.pjsip, desk.server.registrar)
        assert (found and found.endpoint.name, found and found.uri) == (endpoint, uri)

    tell(tmp_path / "etc", story, lists=PJSIP)


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("", "text/plain"),
        ("application/json", "application/json"),
        ("text/html;charset=utf-8", "text/html"),
        ("text", "text/plain"),
    ],
)
def test_the_dialplan_may_give_a_message_another_type(given: str, sent: str, tmp_path: Path) -> None:
    """Without its parameters; what is no type is passed over."""

    async def story(desk: Desk) -> None:
        watcher = desk.watcher()
        message = TextMessage(body="hello")
        message.add("Content-Type", given)
        to = f"bob/sip:w@{watcher.host}:5060"
        heard = await watcher.hear(lambda: desk.server.messages.send(message, to, ""))
        assert heard[0].headers.get("Content-Type") == sent

    tell(tmp_path / "etc", story, lists=PJSIP)


@pytest.mark.parametrize(
    ("rules", "known"),
    [
        ("10.0.1.0/24", True),
        ("10.0.1.0/24,!10.0.1.1", False),
        ("!10.0.1.1,10.0.1.0/24", True),
        ("10.0.1.1:5060", True),
        ("10.0.1.1:5061", False),
        ("localhost", False),
    ],
)
def test_the_last_rule_about_an_address_says_whether_it_is_the_endpoints(
    rules: str, known: bool, tmp_path: Path
) -> None:
    """A rule may have a port, and one with `!` is an exception."""

    async def story(desk: Desk) -> None:
        assert statuses(await desk.watcher().ask("100")) == [603 if known else 404]

    bob = PJSIP.replace("[bob]\ntype=endpoint\n", "[bob]\ntype=endpoint\nallow_subscribe=no\n")
    tell(tmp_path / "etc", story, lists=bob + f"[id]\ntype=identify\nendpoint=bob\nmatch={rules}\n")
