"""PJSIPNotify: a NOTIFY to a phone that has not subscribed (res/res_pjsip_notify.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.core.octets import fold
from harness.pbx.manager.actions import ActionEntry
from harness.pbx.manager.originate import variables
from harness.pbx.manager.packets import Action

if TYPE_CHECKING:
    from harness.pbx.manager.session import ManagerSession
    from harness.pbx.phone_notices import PhoneNotices

CLASSES = ("system",)
ONE_OF_TWO = "PJSIPNotify requires either an Option or Variable(s).You must use only one of them."
ONE_OF_THREE = "PJSIPNotify requires either an endpoint name, a SIP URI, or a channel."


class NotifyActions:
    """The action, which is there only where there is a pjsip_notify.conf."""

    def __init__(self, notices: PhoneNotices) -> None:
        self._notices = notices

    def entries(self) -> tuple[ActionEntry, ...]:
        """For the table of the manager."""
        return (
            ActionEntry("PJSIPNotify", CLASSES, "Send a NOTIFY to either an endpoint, an arbitrary URI, or inside a "
                        "SIP dialog.", self.notify),
        )  # fmt: skip

    def notify(self, session: ManagerSession, action: Action) -> None:
        """PJSIPNotify with headers of its own, or with those that the file has under a name."""
        option, targets = action.get("Option"), ("Endpoint", "URI", "Channel")
        given = [name for name in targets if action.get(name)]
        if bool(option) == bool(action.get("Variable")):
            session.error(action, ONE_OF_TWO)
        elif len(given) != 1:
            session.error(action, f"{ONE_OF_THREE}  You must use only one of them." if given else ONE_OF_THREE)
        elif option and given != ["Channel"] and option not in self._notices.kinds:
            session.error(action, f"Unable to find notify type '{option}'\n")
        else:
            self._send(session, action, given[0])

    def _send(self, session: ManagerSession, action: Action, kind: str) -> None:
        """An address of nobody's would need the global option default_outbound_endpoint; nothing goes there."""
        to = action.get(kind)
        headers = self._notices.kinds.get(action.get("Option")) or variables(action)[::-1]
        if kind == "Channel" and not self._notices.to_channel(to, headers):
            session.error(action, "Channel not found")
        elif kind == "Endpoint" and not self._notices.to_endpoint(_bare(to), headers):
            session.error(action, f"Unable to retrieve endpoint {_bare(to)}")
        else:
            session.ack(action, "NOTIFY sent")


def _bare(name: str) -> str:
    """An endpoint's name without the technology."""
    for prefix in ("sip/", "pjsip/"):
        if fold(name).startswith(prefix):
            name = name[len(prefix) :]
    return name
