"""XPath on bodies, with the prefixes that are always known."""

import pytest

from harness.scenario.xpath import BadExpression, Unreadable, compile_expression, parse_body

BODY = b"""<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"
 xmlns:x="urn:x" entity="sip:2000@server"><note> On the phone </note>
 <tuple id="2000" x:y="z"><status><basic>open</basic></status></tuple>
 <tuple id="digium-presence"><status>
 <digium_presence type="away" subtype="Lunch">back<b/> soon</digium_presence></status></tuple><dm:person/></presence>"""


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("/pidf:presence/@entity", ["sip:2000@server"]),
        ("//pidf:note", ["On the phone"]),
        ("//pidf:note/text()", ["On the phone"]),
        ("pidf:note", ["On the phone"]),
        ("//pidf:tuple/@id", ["2000", "digium-presence"]),
        ("//pidf:tuple[2]/@id", ["digium-presence"]),
        ("//pidf:tuple[@id='2000']//pidf:basic", ["open"]),
        ("//pidf:digium_presence", ["back soon"]),
        ("//dm:person", [""]),
        ("//pidf:nothing", []),
        ("count(//pidf:tuple)", ["2"]),
        ("count(//pidf:tuple/@id)", ["2"]),
        ("count(//pidf:nothing)", ["0"]),
        ("//pidf:tuple/@x:y", ["z"]),
        ("//*[@subtype='Lunch']/@type", ["away"]),
    ],
)
def test_expressions_select(expression, values):
    """Texts, attributes and numbers."""
    assert compile_expression(expression, {"x": "urn:x"}).values(parse_body(BODY)) == values


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("//foo:note", "the prefix 'foo' is not known"),
        ("//pidf:a/@q:b", "the prefix 'q' is not known"),
        ("//pidf:note[", "not understood"),
        ("", "selects nothing"),
        ("/", "selects nothing"),
        ("//", "selects nothing"),
        ("//pidf:note[contains(., 'x')]", "not understood"),
        ("x" * 400, "longer than"),
    ],
)
def test_bad_expressions_are_refused_when_they_are_read(expression, said):
    """Not when a NOTIFY comes."""
    with pytest.raises(BadExpression, match=said.replace("(", r"\(")):
        compile_expression(expression)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  ",
        b"<a>",
        b"not xml",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        b"<a>" + b"x" * 70_000 + b"</a>",
        b"\xff",
    ],
)
def test_bodies_that_cannot_be_searched(body):
    """No entities, no endless bodies."""
    with pytest.raises(Unreadable):
        parse_body(body)
