"""The models and their User-Agents."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.bodies.pidf import wants_digium_tuple
from phones.models import MODELS, SANGOMA, Model, family_of, parse_user_agent

ALL = list(MODELS.values())
README = Path(__file__).parents[2] / "phones" / "README.md"
BRANDS = ("| Digium", "| Sangoma")


def test_all_fourteen_models_are_there() -> None:
    """Eight of Digium and six of Sangoma."""
    assert list(MODELS) == [
        "D40", "D45", "D50", "D60", "D62", "D65", "D70", "D80", "P310", "P315", "P320", "P325", "P330", "P370"]


@pytest.mark.parametrize(("name", "lines", "side_keys", "trust"), [
    ("D40", 2, 0, "documented"), ("D50", 4, 10, "documented"), ("D65", 6, 0, "documented"),
    ("D70", 6, 10, "documented"), ("D80", None, 0, "documented"),
    ("P310", 2, None, "low"), ("P330", 12, None, "low"), ("P370", 16, None, "low"),
])
def test_figures_say_how_far_they_can_be_trusted(
    name: str, lines: int | None, side_keys: int | None, trust: str,
) -> None:
    """Digium's figures have a source, Sangoma's a poor one."""
    model = MODELS[name]
    assert (model.lines, model.side_keys, model.trust) == (lines, side_keys, trust)


@pytest.mark.parametrize(("text", "model", "version", "mac", "family"), [
    ("Digium D40 1_4_0_0_57389", "D40", "1_4_0_0_57389", "", "digium-1x"),
    ("Digium D60 2_7_0", "D60", "2_7_0", "", "digium-2x"),
    ("Digium D65 2_9_19", "D65", "2_9_19", "", "digium-2x"),
    ("Sangoma P325 4_9_2", "P325", "4_9_2", "", "sangoma-p"),
    ("Sangoma P330 4_27_8 000FD3D0B030", "P330", "4_27_8", "000FD3D0B030", "sangoma-p"),
])
def test_a_user_agent_that_was_seen_names_its_model(
    text: str, model: str, version: str, mac: str, family: str,
) -> None:
    """Each User-Agent that a source shows is taken apart."""
    found = parse_user_agent(text)
    assert found is not None
    assert found.model is MODELS[model]
    assert (found.version, found.mac, found.family) == (version, mac, family)


@pytest.mark.parametrize("text", [
    "", "Digium", "Digium D65", "A Digium Phone", "Digium D65 2.9.19", "Grandstream GXP2170", "mydigiumthing",
    "Digium D65 2_9_19 nomac", "digium d65 2_9_19", "Digium D65 2_9_19\n",
])
def test_another_user_agent_is_no_phone_of_ours(text: str) -> None:
    """Only the documented form counts."""
    assert parse_user_agent(text) is None


@pytest.mark.parametrize("text", ["Digium D99 3_0_0", "Sangoma S500 2_0_4", "Sangoma D65 2_9_19"])
def test_an_unknown_model_keeps_its_name(text: str) -> None:
    """The form is right but no model of ours has that brand and name."""
    found = parse_user_agent(text)
    assert found is not None
    assert found.model is None
    assert found.model_name == text.split()[1]


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.name)
def test_every_model_earns_the_digium_tuple(model: Model) -> None:
    """The User-Agent of each model passes Asterisk's gate."""
    assert wants_digium_tuple(model.user_agent())


@given(
    model=st.sampled_from(ALL),
    version=st.lists(st.integers(0, 99_999), min_size=1, max_size=5).map(lambda parts: "_".join(map(str, parts))),
    mac=st.one_of(st.just(""), st.text("0123456789ABCDEF", min_size=12, max_size=12)),
)
def test_a_user_agent_written_is_read_back(model: Model, version: str, mac: str) -> None:
    """Writer and reader agree for any version and MAC."""
    found = parse_user_agent(model.user_agent(version, mac))
    assert found is not None
    assert (found.model, found.version, found.mac) == (model, version, mac)
    assert found.family == family_of(model.brand, version)


def test_the_family_follows_brand_and_first_digit_of_the_version() -> None:
    """A D40 with firmware 2 reads bodies as its family does; 10 is not 1."""
    assert family_of("Digium", "1_4_0") == "digium-1x"
    assert family_of("Digium", "10_0") == "digium-2x"
    assert family_of(SANGOMA, "1_0") == "sangoma-p"
    assert MODELS["D40"].family == "digium-1x"
    assert MODELS["D65"].family == "digium-2x"


def test_the_table_that_people_read_says_the_same() -> None:
    """phones/README.md shows lines, keys and versions of all models, each with its mark."""
    table = [
        [
            f"{model.brand} {model.name}", "no limit" if model is MODELS["D80"] else shown(model.lines),
            shown(model.side_keys), model.trust, f"`{model.version}`", model.version_trust,
        ]
        for model in ALL
    ]  # fmt: skip
    lines = README.read_text("utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith(BRANDS)]
    assert rows == table


def shown(figure: int | None) -> str:
    return "?" if figure is None else str(figure)
