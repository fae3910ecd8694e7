"""Originate: call a destination, and give the channel something to do once it answers (main/dial.c)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.dialplan.causes import dial_status
from harness.dialplan.channel import Channel, Party
from harness.pbx.calls.local_channel import LocalHalf, LocalTechnology

if TYPE_CHECKING:
    from harness.pbx.calls.exchange import Exchange
    from harness.pbx.calls.live import LiveChannel

NO_ANSWER_CAUSE = 19
REASON_FAILED, REASON_NO_ANSWER, REASON_ANSWERED, REASON_BUSY, REASON_CONGESTED = 0, 3, 4, 5, 8
"""What OriginateResponse says under `Reason` (AST_CONTROL_...)."""


@dataclass(slots=True)
class Wanted:
    """What is to be called and what is to be done once it answers; `timeout` in seconds."""

    destination: str
    application: str = ""
    data: str = ""
    context: str = ""
    exten: str = ""
    priority: int = 1
    timeout: float = 30.0
    caller: Party = field(default_factory=Party)
    account: str = ""
    variables: list[tuple[str, str]] = field(default_factory=list)
    uniqueids: tuple[str, str] = ("", "")


Done = Callable[["int", "Channel | None"], None]
"""Takes the reason and the answered channel; None where nobody answered."""


class Originating:
    """One Originate; it is an attempt until the channel answers."""

    def __init__(self, exchange: Exchange, technology: str, wanted: Wanted, done: Done) -> None:
        self.exchange, self._technology, self._wanted, self._done = exchange, technology, wanted, done
        self._timer: Any = None
        self._began = False
        self._over = False

    def start(self) -> None:
        """Make the channel and call it."""
        made = self._request()
        if isinstance(made, int):
            self._finish(REASON_FAILED)
            return
        channel = made.channel
        channel.application, channel.application_data = "AppDial2", "(Outgoing Line)"
        self.exchange.publish_newexten(channel)
        self._furnish(made)
        made.attempt = self
        if not made.call_out():
            made.attempt = None
            made.hang_up()
            self._finish(REASON_FAILED)
            return
        self._began = True
        self._publish("DialBegin", made, ("DialString", made.dial_string))
        if not self._over:
            self._timer = self.exchange.later(self._wanted.timeout, lambda: self._timed_out(made))

    def _request(self) -> LiveChannel | int:
        technology = self.exchange.technologies.get(self._technology)
        if isinstance(technology, LocalTechnology):
            return technology.request(self._wanted.destination, None, self._wanted.uniqueids)
        made = self.exchange.request(self._technology, self._wanted.destination, None)
        if not isinstance(made, int) and self._wanted.uniqueids[0]:
            made.channel.uniqueid = self._wanted.uniqueids[0]
        return made

    def _furnish(self, live: LiveChannel) -> None:
        """What Originate said about the caller, on the channel; the account also on a Local one's other half.

        That one gets the variables where it is called.
        """
        wanted = self._wanted
        for variable, value in wanted.variables:
            self.exchange.set_variable(live.channel, variable, value)
        for half in (live, live.other) if isinstance(live, LocalHalf) else (live,):
            half.channel.account_code = wanted.account or half.channel.account_code
        number, name = wanted.caller.number, wanted.caller.name
        if number or name:
            live.channel.caller, live.channel.connected = Party(number, name), Party(number, name)
            self.exchange.publish_channel("call", "NewConnectedLine", live.channel)
            self.exchange.publish_caller(live.channel)

    # what the called one does

    def rang(self, live: LiveChannel) -> None:
        """See `live.Attempt`."""
        self._publish("DialState", live, ("DialStatus", "RINGING"))

    def progressed(self, live: LiveChannel) -> None:
        """See `live.Attempt`."""
        self._publish("DialState", live, ("DialStatus", "PROGRESS"))

    def answered(self, live: LiveChannel) -> None:
        """See `live.Attempt`."""
        wanted = self._wanted
        self._publish("DialEnd", live, ("DialStatus", "ANSWER"))
        if wanted.application:
            live.run_application(wanted.application, wanted.data)
        else:
            live.run_soon(wanted.context, wanted.exten, wanted.priority)
        self._finish(REASON_ANSWERED, live.channel)

    def picked_up(self, target: LiveChannel, by: LiveChannel) -> None:
        """See `live.Attempt`."""
        self.answered(by)

    def failed(self, live: LiveChannel, word: str = "") -> None:
        """See `live.Attempt`."""
        status = word.upper() or dial_status(live.channel.hangup_cause)
        self._publish("DialEnd", live, ("DialStatus", status))
        self._finish({"busy": REASON_BUSY, "congestion": REASON_CONGESTED}.get(word, REASON_FAILED))
        live.hang_up()

    def _timed_out(self, live: LiveChannel) -> None:
        self._timer = None
        live.attempt = None
        self._finish(REASON_NO_ANSWER)
        live.hang_up(NO_ANSWER_CAUSE)

    def _finish(self, reason: int, channel: Channel | None = None) -> None:
        """Tell who asked, once."""
        if self._over:
            return
        self._over = True
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._done(reason, channel)

    def _publish(self, event: str, live: LiveChannel, more: tuple[str, str]) -> None:
        if self._began or event == "DialBegin":
            self.exchange.publish_dial(event, None, live.channel, more)
