"""Every kind of body that Asterisk 22.10.1 was recorded sending, written again byte for byte.

recorded_bodies.json holds one body of each kind with the values behind it; addresses are of RFC 5737.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.bodies import dialog_info, pidf, xpidf

RECORDED: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("recorded_bodies.json").read_text(encoding="utf-8"))


def name_of(recorded: dict[str, Any]) -> str:
    return f"{recorded['recording']}: {recorded['case']}, {recorded['content_type']}"


def written(content_type: str, values: dict[str, Any]) -> bytes:
    if content_type == pidf.CONTENT_TYPE:
        return pidf.write(**values)
    if content_type in (xpidf.CONTENT_TYPE, xpidf.CPIM_CONTENT_TYPE):
        return xpidf.write(**values)
    assert content_type == dialog_info.CONTENT_TYPE
    values = dict(values)
    if call := values.pop("call", None):
        values["call"] = dialog_info.RingingCall(
            dialog_info.Party(call["connected"]), dialog_info.Party(call["caller"]), call["host"])
    return dialog_info.write(**values)


@pytest.mark.parametrize("recorded", RECORDED, ids=name_of)
def test_a_recorded_body_is_written_byte_for_byte(recorded: dict[str, Any]) -> None:
    """Each writer gives the bytes that Asterisk sent for the same values."""
    expected = "".join(line + "\n" for line in recorded["body"]).encode()
    assert written(recorded["content_type"], recorded["values"]).decode() == expected.decode()


@pytest.mark.parametrize(
    "recorded", [each for each in RECORDED if each["content_type"] == pidf.CONTENT_TYPE], ids=name_of)
def test_a_recorded_pidf_is_read_back(recorded: dict[str, Any]) -> None:
    """The PIDF reader finds in Asterisk's own bytes the values that were behind them."""
    values = recorded["values"]
    found = pidf.read("".join(line + "\n" for line in recorded["body"]))
    assert (found.entity, found.contact) == (values["entity"], values["contact"])
    assert (found.digium is not None) == values["digium"]
    if found.digium:
        assert found.digium == (values["state_token"], values["subtype"], values["message"])


@pytest.mark.parametrize(
    "recorded", [each for each in RECORDED if "dialog-info" in each["content_type"]], ids=name_of)
def test_a_recorded_dialog_info_is_read_back(recorded: dict[str, Any]) -> None:
    """The dialog-info reader finds version, state, direction and hold in Asterisk's own bytes."""
    values = recorded["values"]
    found = dialog_info.read("".join(line + "\n" for line in recorded["body"]))
    assert (found.version, found.full, found.entity) == (values["version"], True, values["entity"])
    dialog, = found.dialogs
    assert dialog.id == values["exten"]
    assert dialog.state == {0: "terminated", 1: "confirmed", 8: "early", 16: "confirmed"}[
        values["extension_state"]]
    assert (dialog.direction == "recipient") == (values["extension_state"] == 8)
    assert (dialog.local.rendering == "no") == (values["extension_state"] == 16)
    if "call" in values:
        assert dialog.remote.identity == dialog.remote.target == "sip:2001@192.0.2.1"


def test_the_recordings_hold_every_device_state_and_presence_state() -> None:
    """The recorded bodies are worth comparing with: each state of both halves is among them."""
    values = [each["values"] for each in RECORDED if each["content_type"] == pidf.CONTENT_TYPE]
    assert {each["extension_state"] for each in values} == {0, 1, 4, 8, 16}
    assert {each["state_token"] for each in values if each["digium"]} == {
        "not_set", "unavailable", "available", "away", "xa", "chat", "dnd"}
