"""Whom a dialog-info body names while a phone rings."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.hint import Notification
from harness.pbx.calls.ringing import ringing_call
from tests.pbx.call_desk import CallDesk

DIALPLAN = """
[office]
exten => b,hint,PJSIP/b
exten => b,1,Dial(PJSIP/b,20)
exten => hidden,1,Set(CALLERID(pres)=prohib)
 same => n,Dial(PJSIP/b,20)
exten => half,1,Set(CALLERID(name-pres)=prohib_not_screened)
 same => n,Dial(PJSIP/b,20)
"""


@pytest.mark.parametrize(
    ("privacy", "number", "hidden"),
    [
        ("", "b", (False, False)),
        ("", "hidden", (True, True)),
        ("", "half", (False, True)),
        ("prohib_passed_screen", "b", (True, True)),
        ("allowed", "b", (False, False)),
    ],
)
def test_a_caller_who_hides_is_hidden(privacy: str, number: str, hidden: tuple[bool, bool], tmp_path: Path) -> None:
    """By the dialplan, or by callerid_privacy of the endpoint."""
    desk = CallDesk(tmp_path, DIALPLAN)
    desk.register("a b")
    desk.set_option("a", "callerid_privacy", privacy)
    desk.server.pjsip.endpoints["a"].callerid = "Alice <11>"
    desk["a"].dial(number)
    hints = desk.server.core.hints
    hint = hints.find("office", "b")
    presence = hints.presence("office", "b")
    assert hint is not None
    assert presence is not None
    change = Notification(hint, "device", hints.state("office", "b"), presence, hints.devices(hint))
    call = ringing_call(desk.server.exchange, change, "host")
    assert call is not None
    assert (call.connected.number, call.connected.name) == ("11", "Alice")
    assert (call.connected.number_restricted, call.connected.name_restricted) == hidden
