"""Writing, reading and starting the CustomPresence provider."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.core import ASTERISK_11, Notification, Presence, PresenceState
from harness.core.presence import PREFIX
from harness.core.value import Found, encode_base64

AWAY = PresenceState.AWAY
Desk = Any
MakeDesk = Callable[..., Any]


@pytest.mark.rule("1.3.1", "1.3.2", "1.3.8")
@pytest.mark.parametrize("provider", ["Custom:x", "SIP/B", "CustomPresence", "CustomPresence:", "custompresence:", ""])
def test_only_custom_presence_with_a_name_can_be_written(desk: Desk, provider: str) -> None:
    """Another provider, or none, is refused and told to nobody."""
    assert not desk.core.presence.write(provider, "away")
    assert desk.store.tree("") == []
    assert desk.presence == []
    assert desk.whats() == ["refused"]


@pytest.mark.rule("1.3.1", "1.3.6")
def test_one_row_may_have_several_spellings(desk: Desk) -> None:
    """The prefix counts in any case, is published as it was written, and each spelling is cached by itself."""
    assert desk.core.presence.write("custompresence:300", "xa")
    assert desk.presence == [("custompresence:300", "xa", "", "")]
    assert desk.general == [("presence", "300@default", "Custom:300,CustomPresence:300", ("xa", "", ""))]
    assert desk.core.presence.query("CustomPresence:300") == Presence(PresenceState.XA)
    desk.set("300", "dnd")
    assert [key for key, _ in desk.store.tree("")] == ["/CustomPresence/300"]
    spellings = [(provider, presence.state.token) for provider, presence in desk.core.presence.cached()]
    assert spellings == [("CustomPresence:300", "dnd"), ("custompresence:300", "xa")]


@pytest.mark.rule("1.3.3", "1.9-comma")
def test_a_comma_belongs_to_the_name(make_desk: MakeDesk) -> None:
    """It is written and read as any name, but a hint takes it for the end of the provider."""
    desk = make_desk("[default]\nx,hint,Custom:x,CustomPresence:x,value")
    assert desk.core.presence.write("CustomPresence:x,value", "away")
    assert desk.store.get("CustomPresence", "x,value") == "away"
    assert desk.core.presence.query("CustomPresence:x,value") == Presence(AWAY)
    assert desk.general == [("device", "x@default", "Custom:x,CustomPresence:x,value", 0)]


@pytest.mark.rule("1.3.4", "1.3.8", "1.8-validate")
@pytest.mark.parametrize("value", ["foo", "", ",a,b", "away ", "away,,,i", "away,,Gone fishing, so long"])
def test_a_refused_value_leaves_everything_as_it_was(desk: Desk, value: str) -> None:
    """Nothing is stored and nothing is published, by function and by command."""
    desk.set("x", "dnd")
    desk.clear()
    assert not desk.set("x", value)
    assert desk.core.presence.change("CustomPresence:x", value) == "usage"
    assert desk.store.get("CustomPresence", "x") == "dnd"
    assert desk.presence == []
    assert [what for what, values in desk.decisions] == ["refused", "refused"]


@pytest.mark.rule("1.3.5", "1.2-split", "1.8-store")
@pytest.mark.parametrize("value", ["AWAY,lunch,back at 2", "Away,,,,ignored, but kept", "away,cGVhcnM=,,e"])
def test_the_text_is_stored_as_it_was_written(desk: Desk, value: str) -> None:
    """Case, later fields and encoding stay, by function and by command."""
    assert desk.set("Name", value)
    assert desk.core.presence.change("CustomPresence:Other", value) == "changed"
    desk.store.put("CustomPresence", "third", value)
    assert desk.store.tree("") == [(f"/CustomPresence/{name}", value) for name in ("Name", "Other", "third")]


@pytest.mark.rule("1.3.5")
def test_names_are_told_apart_by_case(desk: Desk) -> None:
    """Bob and bob are two."""
    desk.set("Bob", "away")
    assert desk.core.presence.query("CustomPresence:Bob") == Presence(AWAY)
    assert desk.core.presence.query("CustomPresence:bob") == Presence(PresenceState.NOT_SET)


@pytest.mark.rule("1.3.7", "1.8-decode", "1.5-roundtrip")
def test_encoded_text_is_published_decoded(desk: Desk) -> None:
    """Events carry what was meant; reads give it decoded, or encoded again when asked."""
    assert desk.set("x", "away,cGVhcnM=,b2ggaGVsbG8=,e")
    assert desk.presence == [("CustomPresence:x", "away", "pears", "oh hello")]
    assert desk.core.presence.read_field("CustomPresence:x", "subtype") == "pears"
    assert desk.core.presence.read_field("CustomPresence:x", "message") == "oh hello"
    assert desk.core.presence.read_field("CustomPresence:x", "message", "e") == "b2ggaGVsbG8="


@pytest.mark.rule("1.3.7", "1.4-encoded")
def test_an_event_holds_less_than_the_row(desk: Desk) -> None:
    """255 bytes of a decoded text are published, all of it is read, and plain text is never cut."""
    desk.set("x", f"away,,{encode_base64('m' * 400)},e")
    assert desk.presence == [("CustomPresence:x", "away", "", "m" * 255)]
    assert desk.core.presence.read_field("CustomPresence:x", "message") == "m" * 400
    desk.set("x", f"away,,{'m' * 400}")
    assert desk.presence[-1] == ("CustomPresence:x", "away", "", "m" * 400)


@pytest.mark.rule("1.3-notset")
def test_not_set_is_stored_and_read_back(desk: Desk) -> None:
    """The row stays, with its texts, and what is published is what the row says."""
    desk.set("x", "away,a,b")
    desk.set("x", "not_set")
    desk.set("x", "not_set,foo,bar")
    desk.set("x", "not_set,Zm9v,,e")
    assert desk.presence[1:] == [
        ("CustomPresence:x", "not_set", "", ""),
        ("CustomPresence:x", "not_set", "foo", "bar"),
        ("CustomPresence:x", "not_set", "foo", ""),
    ]
    assert desk.store.get("CustomPresence", "x") == "not_set,Zm9v,,e"


@pytest.mark.rule("1.3-notset", "2.3-direct")
def test_not_set_is_read_past_the_cache_and_its_limits(desk: Desk) -> None:
    """A NOT_SET event carries what the provider decodes, which is more than an event's 255 bytes."""
    desk.set("x", f"not_set,,{encode_base64('m' * 400)},e")
    assert desk.presence == [("CustomPresence:x", "not_set", "", "m" * 400)]


@pytest.mark.rule("1.3-notset", "1.9-slash")
def test_not_set_that_nobody_answers_for_is_not_published(desk: Desk) -> None:
    """A name with a slash cannot be read back, so its NOT_SET goes nowhere, and it is said why."""
    assert desk.set("a/b", "not_set")
    assert desk.presence == []
    assert desk.whats() == ["unknown provider", "not published"]


@pytest.mark.rule("1.3-nodedup")
def test_an_identical_write_is_published_again(desk: Desk) -> None:
    """Publishing never asks what was there before."""
    desk.set("300", "dnd")
    desk.set("300", "dnd")
    assert desk.presence == [("CustomPresence:300", "dnd", "", "")] * 2
    assert len(desk.general) == 1


@pytest.mark.rule("1.4-limit")
def test_a_long_row_is_cut_before_it_is_parsed(desk: Desk) -> None:
    """A message that reaches beyond 1300 bytes loses its end, and its option e with it."""
    encoded = encode_base64("m" * 1100)
    assert desk.set("x", f"away,,{encoded},e")
    assert desk.presence[-1][3] == "m" * 255
    message = desk.core.presence.read_field("CustomPresence:x", "message")
    assert message == encoded[: 1300 - len("away,,")]
    desk.set("x", f"away,,{'ä' * 700}")
    assert desk.core.presence.read("CustomPresence:x").message == "ä" * 647


@pytest.mark.rule("1.4-missing", "1.4-none")
def test_nothing_stored_is_not_set(desk: Desk) -> None:
    """A provider that was never set answers NOT_SET, without any text."""
    assert desk.core.presence.found("CustomPresence:never", cached=False) == Found(PresenceState.NOT_SET, None, None)
    assert desk.core.presence.query("CustomPresence:never") == Presence(PresenceState.NOT_SET)


@pytest.mark.rule("1.4-missing")
def test_nothing_stored_was_invalid_in_11(make_desk: MakeDesk) -> None:
    """The older profile has no answer for what was never set."""
    desk = make_desk(profile=ASTERISK_11)
    assert desk.core.presence.query("CustomPresence:never") is None


@pytest.mark.rule("1.4-unparsable", "1.7-put", "1.5-invalid")
def test_a_row_that_cannot_be_parsed_is_invalid(desk: Desk) -> None:
    """Garbage that was put into the database is no answer."""
    desk.store.put("CustomPresence", "z", "garbage")
    assert desk.core.presence.query("CustomPresence:z") is None
    assert desk.core.presence.read_field("CustomPresence:z", "value") is None


@pytest.mark.rule("1.5-required", "1.5-field")
def test_the_function_needs_provider_and_field(desk: Desk) -> None:
    """Fields count in any case, and an unknown one is empty but no failure."""
    desk.set("x", "away,a,b")
    read = desk.core.presence.read_field
    assert read("", "value") is None
    assert read("CustomPresence:x", "") is None
    fields = ("VALUE", "SubType", "message", "bogus")
    assert [read("CustomPresence:x", field) for field in fields] == ["away", "a", "b", ""]
    assert read("CustomPresence:never", "subtype") == ""


@pytest.mark.rule("1.5-options")
def test_the_function_encodes_texts_and_never_the_value(desk: Desk) -> None:
    """An e among the options is enough."""
    desk.set("x", "away,pears,oh hello")
    read = desk.core.presence.read_field
    assert read("CustomPresence:x", "subtype", "e") == "cGVhcnM="
    assert read("CustomPresence:x", "message", "xe") == "b2ggaGVsbG8="
    assert read("CustomPresence:x", "value", "e") == "away"
    assert read("CustomPresence:x", "message", "E") == "oh hello"
    assert read("CustomPresence:never", "message", "e") == ""


@pytest.mark.rule("1.5-buffer")
def test_the_result_fits_the_buffer(desk: Desk) -> None:
    """Text is cut to one byte less than the buffer, base64 to whole groups of four."""
    desk.set("x", f"away,,{'m' * 1200}")
    read = desk.core.presence.read_field
    assert read("CustomPresence:x", "message", size=1024) == "m" * 1023
    assert read("CustomPresence:x", "message") == "m" * 1200
    assert read("CustomPresence:x", "message", "e", size=1024) == encode_base64("m" * 765)
    assert read("CustomPresence:x", "value", size=3) == "aw"


@pytest.mark.rule("1.5-list", "2.2-winner", "2.2-tie")
def test_the_function_reads_lists(desk: Desk) -> None:
    """Of two equal members the first one's texts are read."""
    desk.set("a", "away,s1,m1")
    desk.set("b", "away,s2,m2")
    read = desk.core.presence.read_field
    assert read("CustomPresence:a&CustomPresence:b", "subtype") == "s1"
    assert read("CustomPresence:b&CustomPresence:a", "message") == "m2"


@pytest.mark.rule("1.5-uncached", "1.7-put", "1.8-publish", "1.8-validate", "2.3-direct", "2.3-cached")
def test_a_row_put_behind_the_back_is_read_but_not_known(desk: Desk) -> None:
    """The function sees it; queries, hints and watchers do not."""
    desk.set("300", "dnd")
    desk.watch("300")
    desk.clear()
    desk.store.put("CustomPresence", "300", "chat")
    assert desk.core.presence.read("CustomPresence:300") == Presence(PresenceState.CHAT)
    assert desk.core.presence.query("CustomPresence:300") == Presence(PresenceState.DND)
    assert desk.core.hints.presence("default", "300") == Presence(PresenceState.DND)
    desk.store.put("CustomPresence", "300", "garbage")
    assert desk.core.presence.read("CustomPresence:300") is None
    assert (desk.presence, desk.general, desk.seen("300")) == ([], [], [])


@pytest.mark.rule("1.7-delete")
def test_deleting_tells_nobody(desk: Desk) -> None:
    """Reads say NOT_SET at once, everybody else keeps what was published."""
    desk.set("300", "dnd")
    desk.watch("300")
    desk.clear()
    desk.store.delete("CustomPresence", "300")
    assert desk.core.presence.read_field("CustomPresence:300", "value") == "not_set"
    assert desk.core.presence.query("CustomPresence:300") == Presence(PresenceState.DND)
    assert desk.core.hints.find("default", "300").presence.state is PresenceState.DND
    assert [provider for provider, _ in desk.core.presence.cached()] == ["CustomPresence:300"]
    assert (desk.presence, desk.general, desk.seen("300")) == ([], [], [])


@pytest.mark.rule("1.6-survives", "1.6-boot", "1.6-notset", "1.6-unparsable", "1.8-decode")
def test_what_is_stored_is_published_at_the_start(make_desk: MakeDesk) -> None:
    """Rows fill the cache, decoded, but for NOT_SET ones; garbage is INVALID there."""
    desk = make_desk("[default]\n300,hint,,CustomPresence:a")
    desk.set("a", "away,lunch,soon")
    desk.set("n", "not_set,x,y")
    desk.core.presence.change("CustomPresence:e", "dnd,cGVhcnM=,,e")
    desk.store.put("CustomPresence", "g", "garbage")
    assert ("CustomPresence:e", Presence(PresenceState.DND, "cGVhcnM=")) in desk.core.presence.cached()
    desk.restart("[default]\n300,hint,,CustomPresence:a")
    assert desk.core.presence.cached() == [
        ("CustomPresence:a", Presence(AWAY, "lunch", "soon")),
        ("CustomPresence:e", Presence(PresenceState.DND, "pears")),
        ("CustomPresence:g", Presence(PresenceState.INVALID)),
    ]
    assert desk.core.presence.read("CustomPresence:n") == Presence(PresenceState.NOT_SET, "x", "y")
    assert desk.core.hints.listing()[0].presence == Found(AWAY, "lunch", "soon")


@pytest.mark.rule("1.6-boot")
def test_the_provider_answers_only_after_its_rows_were_published(make_desk: MakeDesk) -> None:
    """While the start publishes, nobody answers for the provider, which is why NOT_SET rows are lost."""
    desk = make_desk(rows={"/CustomPresence/n": "not_set"})
    assert desk.whats() == ["unknown provider", "not published"]
    assert desk.decisions[0][1] == {"label": "CustomPresence:n"}


@pytest.mark.rule("1.6-buffer")
def test_a_long_name_is_cut_at_the_start(make_desk: MakeDesk) -> None:
    """79 bytes of the provider are published at the start, while a write publishes all of it."""
    name = "n" * 100
    desk = make_desk(rows={f"/CustomPresence/{name}": "away"})
    assert [provider for provider, _ in desk.core.presence.cached()] == [(PREFIX + name)[:79]]
    desk.set(name, "away")
    assert desk.presence == [(PREFIX + name, "away", "", "")]


@pytest.mark.rule("1.6-slash", "1.9-slash")
def test_a_slash_in_a_name_breaks_it(make_desk: MakeDesk) -> None:
    """The name is listed by its last part, is lost at a restart, and is known only while it is cached."""
    desk = make_desk()
    desk.set("a/b", "away")
    assert desk.core.presence.query("CustomPresence:a/b") == Presence(AWAY)
    assert desk.core.presence.read("CustomPresence:a/b") is None
    assert [name for name, _ in desk.core.presence.stored()] == ["b"]
    desk.restart("")
    assert desk.core.presence.cached() == []
    assert desk.core.presence.query("CustomPresence:a/b") is None


def test_the_listing_of_stored_values(desk: Desk) -> None:
    """Rows come sorted by key with their texts as stored, without those that cannot be read."""
    desk.set("b", "AWAY,cGVhcnM=,,e")
    desk.set("B", "dnd")
    desk.store.put("CustomPresence", "garbage", "garbage")
    stored = [(name, value.state.token, value.subtype, value.encoded) for name, value in desk.core.presence.stored()]
    assert stored == [("B", "dnd", "", False), ("b", "away", "cGVhcnM=", True)]


@pytest.mark.rule("1.8-decode", "1.8-publish", "1.8-notset")
def test_the_command_publishes_what_was_typed(desk: Desk) -> None:
    """Encoded text goes out encoded, is read decoded, and NOT_SET is taken."""
    change = desk.core.presence.change
    assert change("CustomPresence:x", "dnd,cGVhcnM=,,e") == "changed"
    assert change("custompresence:x", "NOT_SET") == "changed"
    assert desk.presence == [("CustomPresence:x", "dnd", "cGVhcnM=", ""), ("custompresence:x", "not_set", "", "")]
    change("CustomPresence:x", "dnd,cGVhcnM=,,e")
    assert desk.core.presence.read_field("CustomPresence:x", "subtype") == "pears"


@pytest.mark.rule("1.8-validate")
def test_the_command_tells_a_wrong_prefix_from_a_wrong_value(desk: Desk) -> None:
    """Its answers differ: a sentence for the prefix, the usage for the rest."""
    change = desk.core.presence.change
    assert change("Foo:x", "away") == "prefix"
    assert change("CustomPresence:", "away") == "usage"
    assert change("CustomPresence:x", "frob") == "usage"
    assert desk.store.tree("") == []


@pytest.mark.rule("1.8-notset", "1.3.7")
def test_11_decodes_nothing_that_it_publishes(make_desk: MakeDesk) -> None:
    """In the older profile events are encoded, at the start too, and the command refuses NOT_SET."""
    desk = make_desk(rows={"/CustomPresence/x": "dnd,cGVhcnM=,,e"}, profile=ASTERISK_11)
    assert desk.core.presence.cached() == [("CustomPresence:x", Presence(PresenceState.DND, "cGVhcnM="))]
    desk.set("y", "dnd,cGVhcnM=,,e")
    assert desk.presence == [("CustomPresence:y", "dnd", "cGVhcnM=", "")]
    assert desk.core.presence.change("CustomPresence:y", "not_set") == "usage"
    assert desk.core.presence.read_field("CustomPresence:y", "subtype") == "pears"


@pytest.mark.rule("1.9-ampersand")
def test_an_ampersand_in_a_name_is_a_list(make_desk: MakeDesk) -> None:
    """It is stored and published, but look-ups and hints see two providers."""
    desk = make_desk("[default]\n1,hint,,CustomPresence:a&b")
    desk.general.clear()
    assert desk.set("a&b", "away")
    assert desk.presence == [("CustomPresence:a&b", "away", "", "")]
    assert desk.core.presence.query("CustomPresence:a&b") == Presence(PresenceState.NOT_SET)
    assert desk.general == []
    assert ("no hint", {"provider": "CustomPresence:a&b"}) in desk.decisions


@pytest.mark.rule("2.1.1", "2.3-cached")
def test_a_cached_state_is_a_hit_unless_it_is_invalid(make_desk: MakeDesk) -> None:
    """NOT_SET is an answer, INVALID asks again, and other spellings are other labels."""
    desk = make_desk(rows={"/CustomPresence/g": "garbage"})
    desk.set("n", "not_set")
    for name in ("n", "g"):
        desk.store.put("CustomPresence", name, "chat")
    query = desk.core.presence.query
    assert query("CustomPresence:n") == Presence(PresenceState.NOT_SET)
    assert query("CustomPresence:g") == Presence(PresenceState.CHAT)
    assert query("CUSTOMPRESENCE:n") == Presence(PresenceState.CHAT)


@pytest.mark.rule("2.1.2")
def test_a_slash_asks_a_technology(desk: Desk) -> None:
    """Nobody answers in Asterisk; a technology that would is found in any case, before any provider."""
    query = desk.core.presence.query
    assert query("PJSIP/bob") is None
    assert query("CustomPresence:a/b") is None
    desk.core.presence.register_technology("Test", lambda address: Found(PresenceState.CHAT, address))
    assert query("TEST/bob:1") == Presence(PresenceState.CHAT, "bob:1")


@pytest.mark.rule("2.1.3", "2.1-only")
def test_a_colon_asks_a_provider(desk: Desk) -> None:
    """Labels count in any case and hold 39 bytes; an unknown one is INVALID and said."""
    desk.set("a", "away")
    query = desk.core.presence.query
    assert query("CUSTOMPRESENCE:a") == Presence(AWAY)
    assert query("Bogus:a") is None
    assert query("Presence:a") is None
    assert desk.decisions[-1] == ("unknown provider", {"label": "Presence:a"})
    desk.core.presence.register_provider("L" * 50, lambda name: Found(PresenceState.CHAT))
    assert query(f"{'l' * 39}:x") == Presence(PresenceState.CHAT)
    assert query(f"{'L' * 50}:x") is None


@pytest.mark.rule("2.1.4")
@pytest.mark.parametrize("label", ["nolabel", "", "CustomPresence"])
def test_without_a_label_nobody_is_asked(desk: Desk, label: str) -> None:
    """A bare word is INVALID."""
    assert desk.core.presence.query(label) is None


@pytest.mark.rule("2.2-invalid", "2.2-rank")
def test_lists_of_providers(desk: Desk) -> None:
    """An unknown member is harmless, several unknown ones are no answer, and the ranks decide."""
    desk.set("a", "available,here")
    desk.set("b", "unavailable")
    query = desk.core.presence.query
    assert query("Bogus:x&CustomPresence:a") == Presence(PresenceState.AVAILABLE, "here")
    assert query("Bogus:x&Bogus:y") is None
    assert query("CustomPresence:a&CustomPresence:b") == Presence(PresenceState.UNAVAILABLE)


@pytest.mark.rule("2.2-11", "2.1.2")
def test_11_knows_no_lists(make_desk: MakeDesk) -> None:
    """Everything after the first colon is one key, slashes included."""
    desk = make_desk(profile=ASTERISK_11)
    desk.set("a&CustomPresence:b", "chat")
    desk.set("c/d", "xa")
    assert desk.core.presence.read("CustomPresence:a&CustomPresence:b") == Presence(PresenceState.CHAT)
    assert desk.core.presence.read("CustomPresence:c/d") == Presence(PresenceState.XA)


@pytest.mark.rule("2.3-sync")
def test_the_cache_is_new_before_anybody_hears(desk: Desk) -> None:
    """Whoever is told of a change can query it."""
    answers: list[Presence | None] = []
    desk.core.presence.subscribe(lambda provider, presence: answers.append(desk.core.presence.query(provider)))
    desk.set("x", "away,a")
    assert answers == [Presence(AWAY, "a")]


def test_listeners_can_leave(desk: Desk) -> None:
    """One that left is not called, even when it leaves while others are called, or leaves twice."""
    heard: list[str] = []
    leave: list[Callable[[], None]] = []
    desk.core.presence.subscribe(lambda provider, presence: leave[0]())
    leave.append(desk.core.presence.subscribe(lambda provider, presence: heard.append(provider)))
    desk.set("x", "away")
    leave[0]()
    assert heard == []


def test_a_write_from_a_callback_waits_for_its_turn(desk: Desk) -> None:
    """Everybody hears of changes in the order in which they were made."""

    def answer(note: Notification) -> None:
        if note.presence.state is AWAY:
            desk.set("300", "dnd")

    desk.watch("300", name="first")
    desk.core.hints.watch("default", "300", answer)
    desk.watch("300", name="last")
    desk.set("300", "away")
    for watcher in ("first", "last"):
        assert [presence[0] for _, _, presence in desk.seen(watcher)] == ["away", "dnd"]


def test_an_error_in_a_callback_loses_no_event(desk: Desk) -> None:
    """The error reaches the writer; what was waiting is delivered before the next change."""

    def faulty(provider: str, presence: Presence) -> None:
        if presence.state is AWAY:
            desk.set("other", "chat")
            raise ZeroDivisionError

    desk.core.presence.subscribe(faulty)
    with pytest.raises(ZeroDivisionError):
        desk.set("x", "away")
    desk.set("x", "dnd")
    assert [event[:2] for event in desk.presence] == [
        ("CustomPresence:x", "away"),
        ("CustomPresence:other", "chat"),
        ("CustomPresence:x", "dnd"),
    ]
