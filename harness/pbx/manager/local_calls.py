"""All Local channels of a server, as the dialplan's telephone side and for the actions on channels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from harness.core.states import DeviceState
from harness.dialplan.applications import standard_applications
from harness.dialplan.call import CONTINUE, Call, Result, Surroundings
from harness.dialplan.channel import Channel, ChannelState
from harness.dialplan.telephony import NoTelephony
from harness.pbx.manager.local_call import REASON_FAILED, TECHNOLOGY, Done, Fields, LocalCall, Wanted

if TYPE_CHECKING:
    from harness.core import PresenceCore
    from harness.dialplan.plan import Dialplan

MEDIA_WAIT_S = 0.5
"""Seconds that Answer() waits for a sound from the other side, which never comes here."""
MAX_CALLS = 1_000

Publish = Callable[[str, str, Fields], None]


class LocalCalls(NoTelephony):
    """All Local channels of a server; `publish(class, event, fields)` tells the managers."""

    def __init__(
        self,
        plan: Dialplan,
        core: PresenceCore,
        clock: Any,
        epoch: Callable[[], float],
        publish: Publish,
        observe: Callable[..., None] | None = None,
    ) -> None:
        self.plan, self.core, self.clock, self.epoch, self.publish = plan, core, clock, epoch, publish
        applications = {**standard_applications(), "answer": _waits_for_media(standard_applications()["answer"])}
        self.surroundings = Surroundings(plan, applications, clock.callLater, self._emitted, self, observe)
        self.pairs: dict[str, LocalCall] = {}
        """By the name of either channel."""
        self.processed = 0
        self._made = 0
        core.devices.register_technology(TECHNOLOGY, self.device_state)

    def new_uniqueid(self) -> str:
        """Seconds since 1970 and a number."""
        self.processed += 1
        return f"{int(self.epoch())}.{self.processed}"

    def new_name(self, exten: str, context: str) -> str:
        """The name of a pair, without the number of the half."""
        self._made += 1
        return f"{TECHNOLOGY}/{exten}@{context}-{self._made - 1:08x}"

    def call(self, wanted: Wanted, done: Done) -> None:
        """Call a Local destination, `exten[@context][/options]`."""
        if len(self.pairs) >= 2 * MAX_CALLS:
            done(REASON_FAILED, None)
            return
        LocalCall(self, wanted, done).start()

    def channels(self) -> list[list[str]]:
        """See `core_actions.Calls`."""
        found = [pair.channel_named(name) for name, pair in self.pairs.items()]
        return [
            [
                *(f"{name}: {value}" for name, value in channel.snapshot()),
                f"Application: {channel.application}",
                f"ApplicationData: {channel.application_data}",
                "Duration: 00:00:00",
                "BridgeId: ",
            ]
            for channel in found
        ]

    def names(self) -> list[str]:
        """See `core_actions.Calls`."""
        return list(self.pairs)

    def device_state(self, address: str) -> DeviceState:
        """What a device `Local/address` is (local_devicestate)."""
        exten, _, place = address.partition("@")
        context = place.partition("/")[0]
        of_it = [pair for pair in self.pairs.values() if (pair.exten, pair.context) == (exten, context)]
        if any(pair.up for pair in of_it):
            return DeviceState.INUSE
        exists = self.plan.exists(context, exten)
        return DeviceState.NOT_INUSE if exists else DeviceState.INVALID

    def hang_up(self, name: str, cause: int | None) -> bool:
        """See `core_actions.Calls`."""
        pair = self.pairs.get(name)
        if pair is None:
            return False
        pair.hang_up(name, cause or 0)
        return True

    # what the dialplan says

    def _emitted(self, event: str, fields: Sequence[tuple[str, str]]) -> None:
        if event == "Hangup":
            self.pairs[fields[0][1]].ending(fields[0][1])
        else:
            kind = {"Newexten": "dialplan", "UserEvent": "user"}.get(event, "call")
            self.publish(kind, event, fields)

    def answered(self, channel: Channel) -> None:
        """See `telephony.Telephony`."""
        pair = self.pairs.get(channel.name)
        if pair is not None:
            pair.answered(channel)

    def indicate(self, channel: Channel, what: str) -> None:
        """See `telephony.Telephony`."""
        pair = self.pairs.get(channel.name)
        if pair is not None and what in ("busy", "congestion"):
            # the channel's state changes only after it has been told
            self.clock.callLater(0, pair.refused, what)


def _waits_for_media(answer: Callable[[Call, str], Result]) -> Callable[[Call, str], Result]:
    def run(call: Call, text: str) -> Result:
        was_up = call.channel.state is ChannelState.UP
        result = answer(call, text)
        return call.sleep(MEDIA_WAIT_S) if result == CONTINUE and not was_up else result

    return run
