"""extensions.conf turned into contexts (section 7.2), and hints (3.3, 3.8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.core import Extensions
from harness.dialplan.contexts import HINT
from harness.dialplan.plan import Dialplan
from harness.dialplan.times import NEVER, parse_condition

Make = Callable[..., Any]


def lines(desk: Any, context: str = "c") -> list[tuple[str, int, str, str, str | None]]:
    found = desk.plan.context(context)
    assert found is not None
    return [
        (line.exten, line.number, line.app, line.args, line.label)
        for extension in found.extensions
        for line in extension.priorities.values()
    ]


def notes(desk: Any) -> list[str]:
    return [str(note) for note in desk.plan.notes]


def test_n_counts_on_in_the_context_and_not_in_the_extension(desk: Make) -> None:
    """D14: exten a,1 and then exten b,n gives b the priority 2."""
    made = desk("exten => a,1,NoOp(x)\nexten => b,n,NoOp(y)\nsame => n(l),Goto( z )")
    assert lines(made) == [
        ("a", 1, "NoOp", "x", None),
        ("b", 2, "NoOp", "y", None),
        ("b", 3, "Goto", " z ", "l"),
    ]


def test_labels_offsets_and_same_make_priorities(desk: Make) -> None:
    """n+5(label), s, and a label in the place of a number, with an offset; a taken place stays as it is."""
    made = desk(
        "exten => a,1(one),NoOp(1)\nsame => n+5(six),NoOp(6)\nsame => one,NoOp(again)\nsame => s,NoOp(same)\n"
        "same => six+1,NoOp(7)\nsame=>next,NoOp(8)"
    )
    assert [(number, args) for _, number, _, args, _ in lines(made)] == [
        (1, "1"),
        (7, "6"),
        (8, "7"),
        (9, "8"),
    ]
    assert [note for note in notes(made) if "already in use" in note] == [
        "extensions.conf:4: Unable to register extension 'a' priority 1 in 'c', already in use",
        "extensions.conf:5: Unable to register extension 'a' priority 1 in 'c', already in use",
    ]


def test_what_follows_a_hint_with_n_is_never_added(desk: Make) -> None:
    """H27: a hint is priority -1, so n would be 0; the note says so."""
    made = desk("exten => a,hint,Custom:a\nsame => n,NoOp()\nsame => n,NoOp()\nexten => a,1,NoOp(1)")
    assert [number for _, number, _, _, _ in lines(made)] == [HINT, 1]
    assert sum("after a hint" in note for note in notes(made)) == 2


def test_lines_that_make_no_sense_are_told_with_their_place_and_left_out(desk: Make) -> None:
    """Each with file:line; the rest of the file is read."""
    made = desk(
        "same => n,NoOp()\nexten => a,n,NoOp()\nexten => a,0,NoOp()\nexten => a,what,NoOp()\n"
        "exten => a,n(x,NoOp()\nfrobnicate => 1\nexten => a,1,NoOp(x\nexten => ,1,NoOp()\n"
        "exten => a,2(l),NoOp()\nexten => a,3(l),NoOp()\nexten => a,4"
    )
    assert notes(made) == [
        "extensions.conf:2: No previous pattern in the first entry of context 'c' to match 'same'",
        "extensions.conf:3: Can't use 'next' priority on the first entry",
        "extensions.conf:4: Invalid priority '0'",
        "extensions.conf:5: Invalid priority/label 'what'",
        "extensions.conf:6: Label missing trailing ')'",
        "extensions.conf:7: ==!!== Unknown directive: frobnicate -- IGNORING!!!",
        "extensions.conf:8: No closing parenthesis found? 'NoOp(x'",
        "extensions.conf:9: You have to be kidding-- add exten '' to context c?",
        "extensions.conf:11: Extension 'a' priority 3 in 'c', label 'l' already in use at priority 2",
        "extensions.conf:12: no application: a call that comes here is hung up (is a comma missing?)",
    ]
    assert lines(made) == [
        ("a", 1, "NoOp", "x", None),
        ("a", 2, "NoOp", "", "l"),
        ("a", 3, "NoOp", "", None),
        ("a", 4, "", "", None),
    ]


def test_the_missing_comma_of_the_page_leaves_a_label_without_an_application(desk: Make) -> None:
    """`n(voicemail)VoiceMail(Bob@default)` has a label and nothing else."""
    made = desk("exten => 2001,1,Dial(SIP/Bob)\nsame => n(voicemail)VoiceMail(Bob@default)")
    assert lines(made)[1] == ("2001", 2, "", "", "voicemail")
    assert notes(made) == ["extensions.conf:3: no application: a call that comes here is hung up (is a comma missing?)"]


def test_names_lose_blanks_and_match_without_dashes(desk: Make) -> None:
    """`1-0 0` is shown as 1-00 and found as 100; what stands in a set is kept; a comma may stand there."""
    made = desk("exten => 1-0 0,1,NoOp(a)\nexten => _[a-c, ]X,1,NoOp(b)")
    assert [row[0] for row in lines(made)] == ["1-00", "_[a-c, ]X"]
    assert made.plan.exists("c", "100")
    assert made.plan.exists("c", ",5")


def test_a_caller_id_makes_an_extension_of_its_own_that_comes_first(desk: Make) -> None:
    """exten => a/55: only for that caller; an empty one only for callers without a number."""
    made = desk(
        "exten => a,1,NoOp(any)\nexten => a/_5X,1,NoOp(5X)\nexten => a/(55),1,NoOp(55)\nexten => a/,1,NoOp(none)"
    )

    def taken(caller: str) -> str:
        found = made.plan.find("c", "a", 1, caller)
        assert found is not None
        return found.args

    assert [taken(caller) for caller in ("55", "57", "99", "")] == ["55", "5X", "any", "none"]


def test_a_hint_is_text_and_name(desk: Make) -> None:
    """The first parenthesis begins the name, unless a variable stands before it (3.3)."""
    made = desk(
        "[globals]\nG=one\n[c]\nexten => a,hint,Custom:a,CustomPresence:a(My (own) Name)\n"
        "exten => b,hint, Custom:${G}(x)\nexten => _7X,hint,Custom:${EXTEN}\n"
        "exten => d,hint,Custom:${EXTEN}@${CONTEXT}"
    )
    entries = [(entry.exten, entry.text, entry.name) for entry in made.plan.hint_entries()]
    assert entries == [
        ("a", "Custom:a,CustomPresence:a", "My (own) Name"),
        ("b", "Custom:one(x)", ""),
        ("_7X", "Custom:${EXTEN}", ""),
        ("d", "Custom:d@c", ""),
    ]


def test_the_dialplan_is_what_hints_need(desk: Make) -> None:
    """Includes in order, the context that holds it, instances of patterns added and removed."""
    made = desk(
        "[c]\ninclude => d\nexten => 5,1,NoOp()\n[d]\nexten => 5,hint,Custom:five\nexten => _6X,hint,Custom:${EXTEN}"
    )
    extensions: Extensions = made.plan
    found = extensions.hint_for("c", "5")
    assert found is not None
    assert (found.context, found.exten, str(found.where)) == ("d", "5", "extensions.conf:5")
    pattern = extensions.hint_for("c", "61")
    assert pattern is not None
    assert pattern.exten == "_6X"
    extensions.add_hint("d", "61", extensions.substitute(pattern.text, "d", "61"), "")
    instance = extensions.hint_for("c", "61")
    assert instance is not None
    assert (instance.exten, instance.text) == ("61", "Custom:61")
    assert [entry.exten for entry in extensions.hint_entries()] == ["5", "_6X", "61"]
    made.plan.remove_extension("d", "61", HINT)
    assert extensions.hint_for("c", "61") == pattern
    assert made.core.hints.state("c", "62") == 0


def test_includes_are_looked_through_depth_first_and_each_context_once(desk: Make) -> None:
    """A circle of includes ends; a context that is not there is told."""
    made = desk(
        "[c]\ninclude => d\ninclude => e\ninclude => D\ninclude => gone\n[d]\ninclude => c\ninclude => f\n"
        "[e]\nexten => 1,1,NoOp(e)\n[f]\nexten => 1,1,NoOp(f)"
    )
    found = made.plan.find("c", "1", 1)
    assert found is not None
    assert found.args == "f"
    assert made.plan.find("c", "2", 1) is None
    assert notes(made) == [
        "extensions.conf:4: Context 'D' already included in 'c' context",
        "extensions.conf:5: Context 'c' tries to include nonexistent context 'gone'",
    ]


def test_a_better_match_without_the_priority_leaves_it_to_the_next(desk: Make) -> None:
    """D16: hints, labels and priorities may come from different patterns."""
    made = desk("exten => 100,1,NoOp(a)\nexten => _1XX,2(l),NoOp(b)\nexten => _1.,hint,Custom:c")
    assert [made.plan.find("c", "100", wanted).args for wanted in (1, 2, "l")] == ["a", "b", "b"]
    assert made.plan.hint_for("c", "100").text == "Custom:c"


def test_the_most_specific_pattern_is_taken(desk: Make) -> None:
    """D15: the exact one, the set, X, the dot."""
    made = desk("\n".join(f"exten => {exten},1,NoOp()" for exten in ("_X!", "_1.", "_1[0-4]X", "_1XX", "100")))
    taken = [made.plan.find("c", number, 1).exten for number in ("100", "120", "190", "19999", "2345")]
    assert taken == ["100", "_1[0-4]X", "_1XX", "_1.", "_X!"]


def test_globals_see_those_before_them_and_survive_a_reload(desk: Make) -> None:
    """Set again moves to the front; clearglobalvars, as it stood before the reload, clears first."""
    made = desk("[globals]\nA=1\nB=${A}2\nC=${LEN(${B})}\n[c]\nexten => ${B},1,NoOp()")
    assert list(made.plan.globals.newest_first()) == [("C", "2"), ("B", "12"), ("A", "1")]
    assert made.plan.exists("c", "12")
    made.plan.globals.set("X", "kept")
    made.folder.joinpath("extensions.conf").write_text("[general]\nclearglobalvars=yes\n[globals]\nA=3\n")
    made.plan.load(made.raw())
    assert list(made.plan.globals.newest_first()) == [("A", "3"), ("X", "kept"), ("C", "2"), ("B", "12")]
    made.plan.load(made.raw())
    assert list(made.plan.globals.newest_first()) == [("A", "3")]


def test_a_prepared_dialplan_leaves_the_old_one_in_force_until_it_is_adopted(desk: Make) -> None:
    """Both can be asked while hints are moved over (3.9)."""
    made = desk("exten => a,hint,Custom:old")
    made.folder.joinpath("extensions.conf").write_text("[c]\nexten => a,hint,Custom:new\n")
    fresh = made.plan.prepared(made.raw())
    assert isinstance(fresh, Dialplan)
    assert (made.plan.hint_for("c", "a").text, fresh.hint_for("c", "a").text) == ("Custom:old", "Custom:new")
    made.plan.adopt(fresh)
    assert made.plan.hint_for("c", "a").text == "Custom:new"


def test_lines_can_be_added_replaced_and_removed(desk: Make) -> None:
    """As `dialplan add|remove` need it; a replaced hint keeps its place among the hints."""
    made = desk("exten => a,hint,Custom:a\nexten => b,hint,Custom:b\nexten => b,1,NoOp()")
    first = made.plan.find("c", "a", HINT)
    assert made.plan.add_priority(first._replace(app="Custom:z")) is None
    assert made.plan.add_priority(first._replace(app="Custom:z"), replace=True) is not None
    assert [entry.text for entry in made.plan.hint_entries()] == ["Custom:z", "Custom:b"]
    assert [line.number for line in made.plan.remove_extension("c", "b")] == [HINT, 1]
    assert made.plan.remove_extension("c", "b") == []
    assert [entry.exten for entry in made.plan.hint_entries()] == ["a"]
    assert made.plan.add_include("c", "x")
    assert not made.plan.add_include("c", "X")
    assert made.plan.remove_include("c", "x")
    assert [line.exten for line in made.plan.remove_context("c")] == ["a"]
    assert list(made.plan.hint_entries()) == []


def test_contexts_merge_but_same_starts_anew_at_each_header(desk: Make) -> None:
    """Two [c]: one context; the second knows nothing of the first one's extension."""
    made = desk(
        "[c]\nexten => a,1,NoOp()\n[c]\nsame => n,NoOp()\nexten => b,1,NoOp()\nautohints=yes\n"
        "ignorepat=>9\nswitch=>IAX2/x"
    )
    context = made.plan.context("c")
    assert [extension.exten for extension in context.extensions] == ["a", "b"]
    assert context.autohints
    assert [row.pattern for row in context.ignore_patterns] == ["9"]
    assert [(row.name, row.data) for row in context.switches] == [("IAX2", "x")]


def test_what_a_context_has_already_is_not_added(desk: Make) -> None:
    """Ignore patterns, switches and includes, in any case."""
    lines = ("ignorepat=>9", "ignorepat=>_9X", "ignorepat=>_9x", "switch=>Loopback/a@b", "eswitch=>loopback/A@b")
    context = desk("\n".join(["[c]", *lines, "include=>x", "include=>X", ""])).plan.context("c")
    assert [row.pattern for row in context.ignore_patterns] == ["9", "_9X"]
    assert [row.data for row in context.switches] == ["a@b"]
    assert [row.text for row in context.includes] == ["x"]


def test_an_include_with_a_time_counts_only_then(desk: Make) -> None:
    """times,weekdays,days,months; without a clock it always counts."""
    from datetime import datetime

    made = desk("[c]\ninclude => d,09:00-17:00,mon-fri,*,*\n[d]\nexten => 1,1,NoOp()")
    assert made.plan.exists("c", "1")
    made.plan.now = lambda: datetime(2026, 11, 23, 12, 0)
    assert made.plan.exists("c", "1")
    made.plan.now = lambda: datetime(2026, 11, 22, 12, 0)
    assert not made.plan.exists("c", "1")
    assert parse_condition("25:00-3,x") == NEVER
    night = parse_condition("22:00-06:00,fri-mon,30-2,dec-jan")
    assert night.holds(datetime(2027, 1, 1, 23, 0))
    assert not night.holds(datetime(2027, 1, 1, 12, 0))
    assert not night.holds(datetime(2027, 2, 1, 23, 0))
