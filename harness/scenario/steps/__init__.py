"""The verbs, one file each."""

from __future__ import annotations

from harness.scenario.steps.base import Action, Verb
from harness.scenario.steps.calls import ANSWER, CALL, HANGUP, HOLD, PRESS, REJECT, RESUME, TRANSFER, UNPLUG
from harness.scenario.steps.expect import EXPECT
from harness.scenario.steps.groups import ALL_OF, IN_ORDER, OPTIONAL
from harness.scenario.steps.never import NEVER
from harness.scenario.steps.pause import PAUSE
from harness.scenario.steps.register import REGISTER, UNREGISTER
from harness.scenario.steps.restart import RESTART
from harness.scenario.steps.set_device import SET_DEVICE
from harness.scenario.steps.set_presence import SET_PRESENCE
from harness.scenario.steps.state import STATE
from harness.scenario.steps.status import STATUS

VERBS: dict[str, Verb] = {
    "status": STATUS,
    "expect": EXPECT,
    "state": STATE,
    "never": NEVER,
    "all_of": ALL_OF,
    "in_order": IN_ORDER,
    "optional": OPTIONAL,
    "set_presence": SET_PRESENCE,
    "set_device": SET_DEVICE,
    "register": REGISTER,
    "unregister": UNREGISTER,
    "restart": RESTART,
    "call": CALL,
    "answer": ANSWER,
    "reject": REJECT,
    "hold": HOLD,
    "resume": RESUME,
    "transfer": TRANSFER,
    "hangup": HANGUP,
    "press": PRESS,
    "unplug": UNPLUG,
    "pause": PAUSE,
}
"""Every verb by its name."""

__all__ = ["VERBS", "Action", "Verb"]
