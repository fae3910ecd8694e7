"""`pjsip show` and `pjsip list`."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.pbx.commands import callerid
from harness.pbx.contact import Contact
from tests import growth
from tests.pbx.test_commands_desk import Desk

RULE = "=" * 90


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_endpoints_are_listed_by_name(desk: Desk) -> None:
    """With the number of the caller ID and the state of the device."""
    assert desk.run("pjsip list endpoints") == (
        "\n Endpoint:  <Endpoint/CID.....................................>  <State.....>  <Channels.>\n"
        f"{RULE}\n\n"
        " Endpoint:  100/100                                              Invalid       0 of inf\n"
        " Endpoint:  trunk                                                Invalid       0 of inf\n"
        "\nObjects found: 2\n\n"
    )


def test_endpoints_are_shown_with_what_belongs_to_them(desk: Desk) -> None:
    """Credentials without the password, AORs with contacts, transports and what identifies them."""
    shown = desk.run("pjsip show endpoints")
    assert "     InAuth:  100/alice\n        Aor:  100                                                2\n" in shown
    assert (
        " Endpoint:  trunk                                                Invalid       0 of inf\n"
        "        Aor:  trunk                                              0\n"
        "      Contact:  trunk/sip:trunk@192.0.2.9                  30901d7e90 NonQual         nan\n"
        "  Transport:  udp                       udp      0      0  127.0.0.1:5060\n"
        "   Identify:  trunk/trunk\n"
        "        Match: 192.0.2.0/24\n"
    ) in shown
    assert "wonderland" not in shown


@pytest.mark.parametrize(
    ("words", "count"), [("like ^1", 1), ("like tr", 1), ("like .", 2), ("like (", 0), ("like zz", 0), ("LIKE zz", 2)]
)
def test_a_list_may_be_narrowed(desk: Desk, words: str, count: int) -> None:
    """By a regular expression on the name; one that is none finds nothing."""
    shown = desk.run(f"pjsip list endpoints {words}")
    assert shown == "No objects found.\n\n" if not count else f"\nObjects found: {count}\n\n" in shown


def test_one_endpoint_is_shown_with_all_its_options(desk: Desk) -> None:
    """Those of the file and the defaults, sorted."""
    shown = desk.run("pjsip show endpoint 100")
    assert " ParameterName                      : ParameterValue\n" in shown
    for line in (
        " allow                              : (ulaw|alaw)\n",
        ' callerid                           : "Alice" <100>\n',
        " direct_media                       : true\n",
        " trust_connected_line               : yes\n",
        " context                            : office\n",
    ):
        assert line in shown
    assert "contact_user" not in shown


@pytest.mark.parametrize("kind", ["endpoint", "aor", "contact"])
def test_one_that_is_not_there_is_said(desk: Desk, kind: str) -> None:
    """None named is a failure."""
    assert desk.run(f"pjsip show {kind} nosuch") == "Unable to find object nosuch.\n\n"
    assert desk.fail(f"pjsip show {kind}").startswith("No object specified.\n")


def test_who_registered_is_shown_before_who_is_configured(desk: Desk) -> None:
    """The digest of the address stands beside each."""
    bound = Contact("trunk", "sip:x@10.0.0.1", desk.world.epoch() + 60, "Digium D65", "trunk", "c1", ("10.0.0.1", 5060))
    desk.registrar._contacts["trunk"][bound.uri] = bound
    lines = desk.run("pjsip show aor trunk").splitlines()
    rows = [line.split() for line in lines if line.startswith("    Contact:  t")]
    assert [row[1] for row in rows] == ["trunk/sip:x@10.0.0.1", "trunk/sip:trunk@192.0.2.9"]
    shown = desk.run("pjsip show contact trunk/sip:x@10.0.0.1")
    assert f" expiration_time      : {int(bound.expires_at)}\n" in shown
    assert " user_agent           : Digium D65\n" in shown


def test_an_aor_names_its_configured_contacts(desk: Desk) -> None:
    """A row each."""
    shown = desk.run("pjsip show aor trunk")
    assert " contact              : sip:trunk@192.0.2.9\n" in shown
    assert " max_contacts         : 0\n" in shown
    assert " contact              : \n" in desk.run("pjsip show aor 100")


def test_nothing_is_registered_elsewhere_and_nobody_talks(desk: Desk) -> None:
    """Outbound registrations and channels are always none."""
    for what in ("show channels", "list channels", "show registrations", "list registrations"):
        assert desk.run(f"pjsip {what}") == "No objects found.\n\n"


def test_the_others_are_listed_too(desk: Desk) -> None:
    """Credentials, identifies, transports and contacts."""
    assert "     Auth:  100/alice\n" in desk.run("pjsip show auths")
    assert " Identify:  trunk/trunk\n      Match: 192.0.2.0/24\n\n" in desk.run("pjsip show identifies")
    transport = "Transport:  udp                       udp      0      0  127.0.0.1:5060\n"
    assert transport in desk.run("pjsip list transports")
    contact = "  Contact:  trunk/sip:trunk@192.0.2.9                      30901d7e90 NonQual         nan\n"
    assert contact in desk.run("pjsip list contacts")
    assert desk.run("pjsip show version").startswith("PJPROJECT version currently running against: ")


def test_watchers_are_shown_with_the_time_they_have_left(desk: Desk) -> None:
    """And may be narrowed by what is printed of them."""
    for endpoint, exten in (("100", "300"), ("trunk", "100")):
        dialog = SimpleNamespace(call_id=f"call-of-{endpoint}")
        desk.watching.append(
            SimpleNamespace(endpoint=endpoint, exten=exten, event="presence;id=7", expires_at=599.9, dialog=dialog)
        )
    shown = desk.run("pjsip show subscriptions inbound")
    assert 'Endpoint: 100/"Alice" <100>\nResource: 300/presence\n  Expiry:      599  call-of-100\n\n' in shown
    assert "Endpoint: trunk/<none>\n" in shown
    assert shown.endswith("\n\n2 active subscriptions\n")
    assert desk.run("pjsip show subscriptions INBOUND like trunk").endswith('1 active subscriptions matched "trunk"\n')
    assert f"{'100/Alice':30} {'300/presence':30}    599 call-of-100\n" in desk.run("pjsip list subscriptions inbound")
    assert desk.run("pjsip list subscriptions outbound").endswith("\n0 active subscriptions\n")


def test_a_regular_expression_that_is_none_is_said(desk: Desk) -> None:
    """In the C library's words."""
    assert desk.fail("pjsip show subscriptions inbound like (") == (
        "Regular expression '(' failed to compile: Unmatched ( or \\(\n"
        "Command 'pjsip show subscriptions inbound like (' failed.\n"
    )


@pytest.mark.parametrize(
    ("text", "name", "number"),
    [
        ('"Alice A" <100>', "Alice A", "100"),
        ("Alice <1 00>", "Alice", "100"),
        ("<100>", None, "100"),
        ("100", None, "100"),
        ("+1 (555) 0100", None, "+15550100"),
        ("Alice", "Alice", None),
        ('"A \\"B\\" C" <1>', 'A "B" C', "1"),
        ("", None, None),
    ],
)
def test_a_caller_id_is_taken_apart(text: str, name: str | None, number: str | None) -> None:
    """A text without `<...>` is a number where it looks like one."""
    assert callerid.parse(text) == (name, number)


def test_a_long_caller_id_takes_time_in_proportion() -> None:
    """Whatever it is made of."""
    growth.check(callerid.parse, [("", " ", ""), ("", " ", "x"), ("", " a", ""), ("<", "1", ""), ("", "<", "")])
