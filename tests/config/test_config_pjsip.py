"""pjsip.conf: objects with Asterisk's defaults, and what Asterisk would not load (measured on 22.10.1)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.config.pjsip import PjsipConfig, read_pjsip
from harness.config.pjsip_options import OPTIONS
from harness.errors import Location


@pytest.fixture
def read(write, tmp_path: Path):
    """Read one text as pjsip.conf."""

    def reader(text: str) -> PjsipConfig:
        write("pjsip.conf", text)
        return read_pjsip(tmp_path)

    return reader


def kinds(config: PjsipConfig) -> list[str]:
    return [note.kind for note in config.notes]


def test_defaults_are_those_of_asterisk(read) -> None:
    """An object needs no more than its type."""
    config = read("[a]\ntype=endpoint\n[a]\ntype=aor\n")
    endpoint, aor = config.endpoints["a"], config.aors["a"]
    assert (endpoint.context, endpoint.subscribe_context, endpoint.allow_subscribe) == ("default", "", True)
    assert (endpoint.identify_by, endpoint.auth, endpoint.aors) == (("username", "ip"), (), ())
    assert (endpoint.sub_min_expiry, endpoint.device_state_busy_at) == (0, 0)
    assert (aor.max_contacts, aor.minimum_expiration, aor.maximum_expiration, aor.default_expiration) == (
        0,
        60,
        7200,
        3600,
    )
    assert (config.globals.user_agent, config.globals.default_realm) == ("Asterisk PBX 22.10.1", "asterisk")
    assert config.globals.endpoint_identifier_order == "ip,username,anonymous"
    assert config.notes == []


DEFAULTS = {
    "global": {
        "default_from_user": "asterisk",
        "default_outbound_endpoint": "default_outbound_endpoint",
        "max_forwards": 70,
        "keep_alive_interval": 90,
        "max_initial_qualify_time": 0,
        "contact_expiration_check_interval": 30,
        "unidentified_request_count": 5,
        "unidentified_request_period": 5,
        "unidentified_request_prune_interval": 30,
        "disable_multi_domain": False,
        "ignore_uri_user_options": False,
        "use_callerid_contact": False,
        "send_contact_status_on_update_registration": False,
        "default_auth_algorithms_uas": "MD5",
        "default_auth_algorithms_uac": "MD5",
    },
    "endpoint": {
        "message_context": "",
        "notify_early_inuse_ringing": False,
        "dtmf_mode": "rfc4733",
        "rewrite_contact": False,
        "force_rport": True,
        "allow_transfer": True,
    },
    "aor": {
        "remove_existing": False,
        "remove_unavailable": False,
        "qualify_frequency": 0,
        "qualify_timeout": 3.0,
        "authenticate_qualify": False,
        "support_path": False,
        "contacts": (),
    },
    "auth": {"auth_type": "userpass", "realm": "", "nonce_lifetime": 32},
    "identify": {"match_header": "", "srv_lookups": True},
    "transport": {"protocol": "udp", "verify_client": False, "require_client_cert": False},
    "resource_list": {"full_state": False, "notification_batch_interval": 0, "resource_display_name": False},
}


def test_the_table_of_defaults(read) -> None:
    """As the modules register them."""
    config = read(
        "[global]\ntype=global\n[a]\ntype=endpoint\n[a]\ntype=aor\n[a]\ntype=auth\nusername=a\npassword=a\n"
        "[a]\ntype=identify\nendpoint=a\nmatch=10.0.0.1\n[a]\ntype=transport\nbind=0.0.0.0\n"
        "[a]\ntype=resource_list\nevent=presence\nlist_item=1\n"
    )
    objects = {
        "global": config.globals,
        "endpoint": config.endpoints["a"],
        "aor": config.aors["a"],
        "auth": config.auths["a"],
        "identify": config.identifies["a"],
        "transport": config.transports["a"],
        "resource_list": config.resource_lists["a"],
    }
    found = {kind: {name: getattr(objects[kind], name) for name in table} for kind, table in DEFAULTS.items()}
    assert found == DEFAULTS


def test_objects_of_different_types_may_share_a_name(read) -> None:
    """And a template gives its settings, type included."""
    config = read(
        """\
        [phone](!)
        type=endpoint
        context=office
        allow_subscribe=no
        [bob](phone)
        auth=bob
        aors=bob, shared
        sub_min_expiry=60
        device_state_busy_at=1
        notify_early_inuse_ringing=yes
        message_context=messages
        [bob]
        type=aor
        max_contacts=2
        remove_existing=yes
        contact=sip:bob@10.0.0.9
        [shared]
        type=aor
        [bob]
        type=auth
        username=bob
        password=x
        """
    )
    bob = config.endpoints["bob"]
    assert (bob.context, bob.allow_subscribe, bob.auth, bob.aors) == ("office", False, ("bob",), ("bob", "shared"))
    assert (bob.sub_min_expiry, bob.device_state_busy_at, bob.notify_early_inuse_ringing) == (60, 1, True)
    assert bob.message_context == "messages"
    assert bob.where_of("context") == Location("pjsip.conf", 3)
    assert bob.where_of("callerid") == bob.where == Location("pjsip.conf", 5)
    aor = config.aors["bob"]
    assert (aor.max_contacts, aor.remove_existing, aor.contacts) == (2, True, ("sip:bob@10.0.0.9",))
    assert config.auths["bob"].password == "x"
    assert config.notes == []


def test_the_last_value_of_a_single_option_counts(read) -> None:
    """Names have no case; lists of names are replaced, lists of contacts, matches and items grow."""
    config = read(
        """\
        [a]
        type=endpoint
        Context=one
        CONTEXT=two
        aors=x
        aors=a
        identify_by=username
        identify_by=IP,auth_username
        [a]
        type=aor
        contact=sip:1@h,sip:2@h
        contact=sip:1@h
        contact=sip:3@h
        [i]
        type=identify
        endpoint=a
        match=10.0.0.1,10.0.0.2
        match=10.1.0.0/16
        [l]
        type=resource_list
        event=presence
        list_item=1,2
        list_item=2
        list_item=3
        """
    )
    assert (config.endpoints["a"].context, config.endpoints["a"].aors) == ("two", ("a",))
    assert config.endpoints["a"].identify_by == ("ip", "auth_username")
    assert config.aors["a"].contacts == ("sip:1@h", "sip:2@h", "sip:3@h")
    assert config.identifies["i"].match == ("10.0.0.1", "10.0.0.2", "10.1.0.0/16")
    assert config.resource_lists["l"].items == ("1", "2", "3")
    assert config.notes == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["yes", "no", "true", "maybe", "on", "1", "0", ""]), min_size=1))
def test_only_the_last_truth_matters(tmp_path: Path, words: list[str]) -> None:
    """Whatever stood before it."""
    lines = "".join(f"allow_subscribe={word}\n" for word in words)
    (tmp_path / "pjsip.conf").write_text(f"[a]\ntype=endpoint\n{lines}")
    assert read_pjsip(tmp_path).endpoints["a"].allow_subscribe == (words[-1] in ("yes", "true", "on", "1"))


def test_global_options_need_no_type_where_the_name_says_it(read) -> None:
    """[global] is found by its name as long as it has no unknown option."""
    assert read("[global]\nuser_agent=X\n").globals.user_agent == "X"
    config = read("[global]\nuser_agnet=X\n")
    assert config.globals.user_agent != "X"
    assert kinds(config) == ["type"]


def test_two_global_sections_are_none(read) -> None:
    """Asterisk then goes on with the defaults."""
    config = read("[global]\ntype=global\nuser_agent=X\n[more]\ntype=global\n")
    assert config.globals.user_agent == "Asterisk PBX 22.10.1"
    assert kinds(config) == ["duplicate"]


@pytest.mark.parametrize(
    ("bind", "protocol", "host", "port"),
    [
        ("0.0.0.0", "udp", "0.0.0.0", 5060),
        ("0.0.0.0", "TLS", "0.0.0.0", 5061),
        ("127.0.0.1:5070", "tcp", "127.0.0.1", 5070),
        ("[::]:5062", "udp", "::", 5062),
        ("[::1]", "tls", "::1", 5061),
        ("::", "udp", "::", 5060),
    ],
)
def test_transports_have_host_and_port(read, bind: str, protocol: str, host: str, port: int) -> None:
    """5060 by default, 5061 for tls."""
    transport = read(f"[t]\ntype=transport\nprotocol={protocol}\nbind={bind}\n").transports["t"]
    assert (transport.host, transport.port, transport.protocol) == (host, port, protocol.lower())


def test_auth_keeps_digests_and_algorithms(read) -> None:
    """The algorithms' defaults come from the global options."""
    md5, sha = "0" * 32, "a" * 64
    config = read(
        f"""\
        [a]
        type=auth
        auth_type=MD5
        username=a
        md5_cred={md5}
        [b]
        type=auth
        auth_type=digest
        username=b
        password_digest=MD5:{md5},sha-256:{sha}
        supported_algorithms_uas=sha-256,MD5
        [global]
        type=global
        default_auth_algorithms_uac=MD5
        """
    )
    a, b = config.auths["a"], config.auths["b"]
    assert (a.auth_type, a.md5_cred, a.algorithms) == ("md5", md5, ("MD5",))
    assert (b.digests, b.algorithms) == ({"MD5": md5, "SHA-256": sha}, ("SHA-256", "MD5"))
    assert md5 not in repr(config.auths)
    assert config.notes == []


@pytest.mark.parametrize(
    "text",
    [
        "type=endpoint\nalow_subscribe=yes",
        "type=endpoint\nsub_min_expiry=abc",
        "type=endpoint\nsub_min_expiry=abc\nsub_min_expiry=1",
        "type=endpoint\nidentify_by=username,bogus",
        "type=endpoint\nrtp_port_start=70000",
        "type=aor\nmax_contacts=",
        "type=aor\nmax_contacts=-1",
        "type=aor\nqualify_frequency=86401",
        "type=aor\nqualify_timeout=soon",
        "type=aor\ncontact=bob@10.0.0.1",
        "type=auth\nusername=u",
        "type=auth\npassword=p",
        "type=auth\nusername=u\npassword=p\nauth_type=magic",
        "type=auth\nusername=u\nmd5_cred=short",
        "type=auth\nusername=u\npassword_digest=CRC:00",
        "type=auth\nusername=u\npassword=p\nsupported_algorithms_uas=CRC",
        "type=identify\nmatch=10.0.0.1",
        "type=identify\nendpoint=x",
        "type=identify\nendpoint=x\nmatch_header=X-Header",
        "type=transport\nprotocol=udp",
        "type=transport\nprotocol=sctp\nbind=0.0.0.0",
        "type=transport\nprotocol=udp\nbind=0.0.0.0:x",
        "type=resource_list\nlist_item=1",
        "type=resource_list\nevent=presence",
    ],
)
def test_what_asterisk_does_not_load_is_refused_with_a_note(read, text: str) -> None:
    """The object is in `refused` alone; the good one beside it is loaded."""
    kind = text.partition("\n")[0].removeprefix("type=")
    config = read(f"[bad]\n{text}\n[good]\ntype=endpoint\n")
    assert [(refused.kind, refused.object.name) for refused in config.refused] == [(kind, "bad")]
    stores = (config.aors, config.auths, config.identifies, config.transports, config.resource_lists)
    assert [list(store) for store in stores] == [[]] * 5
    assert list(config.endpoints) == ["good"]
    assert "refused" in kinds(config)
    assert "[bad]" in next(note.text for note in config.notes if note.kind == "refused")


def test_an_unknown_option_is_told_once_with_a_suggestion(read) -> None:
    """A template's mistake keeps every object that inherits it from being loaded."""
    config = read("[t](!)\ntype=endpoint\nalow_subscribe=yes\n[a](t)\n[b](t)\n")
    told = [note for note in config.notes if note.kind == "option"]
    assert [note.where for note in told] == [Location("pjsip.conf", 3)]
    assert 'did you mean "allow_subscribe"' in told[0].text
    assert [refused.object.name for refused in config.refused] == ["a", "b"]
    assert config.refused[0].where == Location("pjsip.conf", 3)
    refusals = [str(note) for note in config.notes if note.kind == "refused"]
    assert all(text.endswith("unknown option alow_subscribe (pjsip.conf:3)") for text in refusals)
    assert str(read("[b]\ntype=auth\n").notes[0]).endswith("it has no username")


def test_options_with_an_at_sign_are_free(read) -> None:
    """Sorcery keeps them as extended fields."""
    assert list(read("[a]\ntype=endpoint\n@mine=1\n").endpoints) == ["a"]


def test_one_name_twice_keeps_the_whole_type_from_being_loaded(read) -> None:
    """Measured: no aor at all, endpoints are untouched."""
    config = read("[a]\ntype=aor\n[b]\ntype=aor\n[a]\ntype=aor\n[a]\ntype=endpoint\n")
    assert config.aors == {}
    assert list(config.endpoints) == ["a"]
    assert [(note.kind, note.where) for note in config.notes] == [("duplicate", Location("pjsip.conf", 5))]
    assert len(config.refused) == 3


def test_the_first_type_counts_and_its_case(read) -> None:
    """Measured; the second type and the capital are told."""
    config = read("[a]\ntype=endpoint\ntype=aor\n[b]\ntype=Endpoint\n")
    assert list(config.endpoints) == ["a"]
    assert config.aors == {}
    assert [(note.kind, note.where.line) for note in config.notes if note.where] == [("type", 3), ("type", 5)]


def test_sections_that_are_not_used_are_told(read) -> None:
    """No type, an unknown type, and types that the harness has no use for."""
    config = read("[a]\ncontext=x\n[b]\ntype=endpiont\n[c]\ntype=registration\nserver_uri=sip:x\n")
    assert kinds(config) == ["type", "type", "not-read"]
    assert 'did you mean "endpoint"' in config.notes[1].text


def test_dangling_references_are_told_at_their_line(read) -> None:
    """It says where the object is there but refused."""
    config = read(
        """\
        [a]
        type=endpoint
        auth=a-auth
        aors=a
        transport=none
        [a]
        type=aor
        max_contact=1
        [i]
        type=identify
        endpoint=b
        match=10.0.0.1
        """
    )
    dangling = [note for note in config.notes if note.kind == "dangling"]
    assert [note.where.line for note in dangling if note.where] == [3, 4, 5, 11]
    assert "which Asterisk does not load" in dangling[1].text
    assert "which no section defines" in dangling[0].text


def test_the_option_tables_have_lower_case_names() -> None:
    """They are compared with names in lower case."""
    assert all(name == name.lower() for names in OPTIONS.values() for name in names)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(sorted(OPTIONS)),
    st.lists(st.tuples(st.sampled_from(sorted({name for names in OPTIONS.values() for name in names})), st.text())),
)
def test_no_value_of_any_option_is_worse_than_refused(
    tmp_path: Path, kind: str, options: list[tuple[str, str]]
) -> None:
    """Whatever is written, the object is loaded, refused or passed over."""
    lines = "".join(f"{name}={value}\n" for name, value in options if not set(value) & set("\n\0"))
    (tmp_path / "pjsip.conf").write_bytes(f"[a]\ntype={kind}\n{lines}".encode("utf-8", "surrogatepass"))
    config = read_pjsip(tmp_path)
    assert config.notes or config.refused == []


def test_options_without_effect_are_named_once_a_section(read) -> None:
    """Somebody may look for what they do; they are kept."""
    config = read(
        "[global]\ntype=global\nmax_forwards=7\nuser_agent=x\nkeep_alive_interval=5\n"
        "[t]\ntype=transport\nbind=0.0.0.0\nexternal_signaling_address=192.0.2.1\n"
    )
    assert [str(note) for note in config.notes if note.kind == "no-effect"] == [
        "pjsip.conf:3: [global] type=global: no effect here: max_forwards, keep_alive_interval",
        "pjsip.conf:9: [t] type=transport: no effect here: external_signaling_address",
    ]
    assert config.globals.max_forwards == 7
