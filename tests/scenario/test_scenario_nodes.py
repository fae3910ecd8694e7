"""YAML is read as text and structure, within bounds."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.scenario.nodes import MAX_DEPTH, MAX_NODES, ListNode, MapNode, TextNode, flow, read_nodes
from harness.scenario.problems import Source, SourceError


def nodes(text):
    return read_nodes(Source("a.yaml", text.split("\n")))


def error(text):
    with pytest.raises(SourceError) as raised:
        nodes(text)
    return raised.value


@pytest.mark.parametrize("text", ["0123", "12:30", "no", "+1555", "0x1F", "1e3", "~", "null", "2026-11-23", "=", ".5"])
def test_text_stays_as_it_was_written(text):
    """What YAML 1.1 would make a number, a time, a date or nothing of is the text itself."""
    node = nodes(f"key: {text}")
    assert isinstance(node, MapNode)
    assert node.pairs[0][1].text == text


def test_spans_begin_where_the_value_stands():
    """Lines and columns count from 1."""
    node = nodes("a: 1\nb: [x, yy]\n")
    assert [(key.span.line, key.span.column) for key, _ in node.pairs] == [(1, 1), (2, 1)]
    assert (node.pairs[1][1].items[1].span[:2]) == (2, 8)


def test_the_span_of_a_block_ends_with_its_last_value():
    """Comments and the next step are no part of a step."""
    node = nodes("- a: 1\n# about b\n- b: 2\n")
    assert node.items[0].span.end_line == 1


def test_an_unquoted_star_is_told_to_be_quoted():
    """A feature code such as *98 is an alias to YAML."""
    told = error("contact: *98\n")
    assert (told.where.line, told.where.column) == (1, 10)
    assert "'*98'" in str(told)
    assert "*98 is read as a YAML alias" in str(told)


def test_a_star_that_cannot_be_an_alias_is_told_too():
    """`*#` breaks the reader itself."""
    assert "needs quotes" in str(error("contact: *#9\n"))


def test_aliases_are_counted_with_what_they_stand_for():
    """Nine levels of ten aliases end with an error, at once."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 10)]
    assert f"more than {MAX_NODES} values" in str(error("\n".join(lines)))


def test_an_alias_within_itself_is_an_error():
    """There is no endless value."""
    assert "within what it names" in str(error("a: &a [*a]"))


def test_an_alias_stands_for_its_anchor():
    """Aliases that do no harm are read."""
    node = nodes("a: &x [1, 2]\nb: *x\n")
    assert [item.text for item in node.get("b").items] == ["1", "2"]


@pytest.mark.parametrize("bracket", ["[", "{a: ", "- "])
def test_depth_is_bounded(bracket):
    """Deep nesting is an error and not a crash."""
    assert f"more than {MAX_DEPTH} deep" in str(error(bracket * 5000))


@pytest.mark.parametrize(
    ("text", "said", "advice"),
    [
        ("a: b: c", "mapping values are not allowed here", "needs quotes"),
        ("a:\n\t- b", "this is not YAML", "spaces"),
        ("a: 'b", "this is not YAML", "quote"),
        ("a: {b: c", "this is not YAML", "missing"),
        ("a: @b", "cannot start any token", "quotes"),
        ("a: \x01", "special characters are not allowed", "double quotes"),
        ("a: !!python/object:os.system x", "has no meaning here", "leave the tag out"),
        ("a: 1\n---\nb: 2", "a second document", "split it"),
        ("? [a]\n: b", "a key is text", "cannot be a key"),
    ],
)
def test_broken_yaml_is_told_with_advice(text, said, advice):
    """The message says what is wrong, the advice what to do."""
    told = error(text)
    assert said in str(told)
    assert advice in str(told)
    assert told.where.line >= 1


def test_nothing_at_all_is_none():
    """An empty text has no document."""
    assert nodes("") is None
    assert nodes("# only a comment\n") is None


def test_flow_is_one_line():
    """A step in a report is one line, with variables put in."""
    node = nodes("a:\n  - b: '1, 2'\n    c: x\n")
    assert flow(node) == "{a: [{b: '1, 2', c: x}]}"
    assert flow(node, str.upper) == "{a: [{b: '1, 2', c: X}]}"


@given(st.recursive(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcdef", min_size=1), inner, max_size=4),
    max_leaves=20,
))  # fmt: skip
def test_what_json_can_say_is_read_as_it_was(value):
    """JSON of texts is YAML, and comes back as the same texts."""
    import json

    def plain(node):
        if isinstance(node, TextNode):
            return node.text
        if isinstance(node, ListNode):
            return [plain(item) for item in node.items]
        return {key.text: plain(inner) for key, inner in node.pairs}

    assert plain(nodes(json.dumps(value))) == value


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text):
    """Whatever is given, there is a node, nothing, or an error of ours."""
    with suppress(SourceError):
        nodes(text)
