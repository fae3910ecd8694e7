"""pjsip_wizard.conf expanded into the objects of pjsip.conf."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.config.pjsip import PjsipConfig, WizardHint, read_pjsip
from harness.errors import Location

PHONE = """\
[phones](!)
type=wizard
accepts_registrations=yes
accepts_auth=yes
has_hint=yes
endpoint/context=office
endpoint/allow_subscribe=yes
aor/max_contacts=2
[bob](phones)
inbound_auth/username=bob
inbound_auth/password=x
hint_exten=2000
"""


@pytest.fixture
def read(write, tmp_path: Path):
    """Read one text as pjsip_wizard.conf."""

    def reader(text: str) -> PjsipConfig:
        write("pjsip_wizard.conf", text)
        return read_pjsip(tmp_path)

    return reader


def test_a_phone_gets_endpoint_aor_auth_and_hint(read) -> None:
    """Each value knows the wizard's line."""
    config = read(PHONE)
    bob = config.endpoints["bob"]
    assert (bob.context, bob.auth, bob.aors) == ("office", ("bob-iauth",), ("bob",))
    assert bob.where_of("context") == Location("pjsip_wizard.conf", 6)
    assert config.aors["bob"].max_contacts == 2
    auth = config.auths["bob-iauth"]
    assert (auth.auth_type, auth.username, auth.password) == ("userpass", "bob", "x")
    assert config.identifies == {}
    hint = WizardHint("office", "2000", "bob", "", Location("pjsip_wizard.conf", 12))
    assert config.wizard_hints == [hint]
    assert config.notes == []


def test_a_trunk_gets_contacts_and_an_identify_for_each_host(read) -> None:
    """The pattern of the contact has the host in it."""
    config = read(
        "[itsp]\ntype=wizard\nremote_hosts=10.0.0.1:5062, 10.0.0.2\ncontact_pattern=sip:x@${REMOTE_HOST}\n"
        "sends_auth=yes\noutbound_auth/username=u\noutbound_auth/password=p\n"
    )
    assert config.aors["itsp"].contacts == ("sip:x@10.0.0.1:5062", "sip:x@10.0.0.2")
    assert config.identifies["itsp-identify"].match == ("10.0.0.1:5062", "10.0.0.2")
    assert config.identifies["itsp-identify"].endpoint == "itsp"
    assert config.endpoints["itsp"].outbound_auth == ("itsp-oauth",)
    assert config.auths["itsp-oauth"].username == "u"


def test_an_auth_type_of_ones_own_stays(read) -> None:
    """`userpass` is but the default."""
    auth = "inbound_auth/auth_type=md5\ninbound_auth/username=a\ninbound_auth/md5_cred=" + "0" * 32
    config = read(f"[a]\ntype=wizard\naccepts_registrations=yes\naccepts_auth=yes\n{auth}\n")
    assert [setting.value for setting in config.auths["a-iauth"].options["auth_type"]] == ["md5"]


def test_contacts_and_matches_of_ones_own_replace_the_hosts(read) -> None:
    """They are not added to them."""
    config = read("[a]\ntype=wizard\nremote_hosts=h\naor/contact=sip:1@h\nidentify/match=10.0.0.0/8\n")
    assert config.aors["a"].contacts == ("sip:1@h",)
    assert config.identifies["a-identify"].match == ("10.0.0.0/8",)


@pytest.mark.parametrize(
    ("lines", "context"),
    [("hint_context=hints\nendpoint/context=c", "hints"), ("endpoint/context=c", "c"), ("", "default")],
)
def test_the_hint_lives_in_its_own_context_or_the_endpoints(read, lines: str, context: str) -> None:
    """`default` where neither is said."""
    text = f"[a]\ntype=wizard\naccepts_registrations=yes\nhas_hint=yes\nhint_exten=1\n{lines}\n"
    assert [hint.context for hint in read(text).wizard_hints] == [context]


def test_no_hint_without_has_hint_or_extension(read) -> None:
    """Both are needed."""
    text = "[a]\ntype=wizard\naccepts_registrations=yes\nhint_exten=1\n"
    text += "[b]\ntype=wizard\naccepts_registrations=yes\nhas_hint=yes\n"
    assert read(text).wizard_hints == []


def test_what_a_wizard_lacks_is_told(read) -> None:
    """An auth without username, and neither hosts nor registrations."""
    config = read("[a]\ntype=wizard\naccepts_auth=yes\n")
    assert config.auths == {}
    assert config.identifies == {}
    assert [note.kind for note in config.notes] == ["refused", "refused", "dangling"]


def test_unknown_options_and_sections_are_told(read) -> None:
    """Also an unknown prefix, and one that the endpoint does not know."""
    config = read(
        "[a]\ntype=wizard\naccepts_registrations=yes\nacepts_auth=yes\nendpont/context=x\n"
        "[b]\ntype=endpoint\n[c]\ntype=wizard\naccepts_registrations=yes\nendpoint/contxt=x\nsends_registrations=yes\n"
    )
    told = [(note.kind, note.where.line) for note in config.notes if note.where]
    assert told == [("type", 6), ("option", 4), ("option", 5), ("not-read", 12), ("option", 11), ("refused", 8)]
    assert list(config.endpoints) == ["a"]


def test_the_last_of_two_wizards_counts(read) -> None:
    """And it is told."""
    config = read(PHONE + "[bob](phones)\ninbound_auth/username=bob2\ninbound_auth/password=y\n")
    assert config.auths["bob-iauth"].username == "bob2"
    assert config.wizard_hints == []
    assert [note.kind for note in config.notes] == ["duplicate"]


def test_pjsip_conf_comes_before_the_wizard(read, write) -> None:
    """An object of the same name there is the one that is found."""
    write("pjsip.conf", "[bob]\ntype=endpoint\ncontext=mine\n")
    config = read(PHONE)
    assert config.endpoints["bob"].context == "mine"
    assert config.aors["bob"].max_contacts == 2
    assert [note.kind for note in config.notes] == ["duplicate"]
