"""Picking up a call that rings elsewhere (main/pickup.c, apps/app_directed_pickup.c).

Whoever picks up is answered, and takes the place of the channel that rings; that one ends, and with it what the
one who picked up was executing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from harness.config.values import leading_number
from harness.core.octets import bucket, fold
from harness.dialplan.call import CONTINUE, HANG_UP, Application, Call, Result
from harness.dialplan.channel import ChannelState
from harness.dialplan.executor import Execution
from harness.dialplan.splitting import arguments, padded
from harness.dialplan.telephony import option_letters
from harness.pbx.calls.live import LiveChannel
from harness.pbx.calls.pjsip_channel import PjsipChannel

if TYPE_CHECKING:
    from harness.config.pjsip_objects import Endpoint
    from harness.pbx.calls.exchange import Exchange

ANSWERED_ELSEWHERE, NORMAL_CAUSE, REJECTED_CAUSE = 26, 16, 21
MARK = "PICKUPMARK"
CAN_BE_PICKED_UP = (ChannelState.DOWN, ChannelState.RING, ChannelState.RINGING)
MAX_GROUP = 63
"""Call groups have numbers from 0 to this one."""

Test = Callable[[LiveChannel], bool]
Find = Callable[[LiveChannel], "LiveChannel | None"]
CHANNEL_BUCKETS = 1567


class Pickup:
    """Picks calls up, for the dialplan and for those who dial the extension of features.conf."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self._taking: dict[str, LiveChannel] = {}
        """Who is about to pick up which channel, by its name."""

    def applications(self) -> dict[str, Application]:
        """By name."""
        return {"Pickup": self._pickup, "PickupChan": self._pickup_channel}

    # the dialplan

    def _pickup(self, call: Call, text: str) -> Result:
        if not text:
            return self._pick(call, self._find_of_group)
        tests = []
        for place in text.split("&"):
            exten, _, context = place.partition("@")
            if fold(context) == fold(MARK):
                tests.append(_has_mark(exten))
            elif exten:
                tests.append(_is_at(exten, context or call.channel.context))
        return self._pick(call, self._finder(tests))

    def _pickup_channel(self, call: Call, text: str) -> Result:
        names, letters = padded(arguments(text, 2), 2)
        options = option_letters(letters)
        if not names or options is None:
            call.tell("PickupChan requires an argument (channel)!")
            return CONTINUE
        return self._pick(call, self._finder([_is_named(name, "p" in options) for name in names.split("&") if name]))

    def _pick(self, call: Call, find: Find) -> Result:
        """What is found, or what is found next where that is gone by then; without any the dialplan goes on."""
        by = self.exchange.of(call.channel)
        target = find(by) if by is not None else None
        if by is None or target is None:
            return CONTINUE
        self._begin(target, by)

        def answered() -> Result:
            if not self._end(target, by):
                return self._pick(call, find)
            self._exchange_places(target, by)
            return HANG_UP

        return call.answer_first(answered)

    # the extension of features.conf

    def by_extension(self, by: PjsipChannel) -> bool:
        """Pick up a call of one's own pickup groups; False where there is none."""
        target = self._find_of_group(by)
        if target is None:
            return False
        self._begin(target, by)
        self.exchange.answer(by)

        def answered() -> None:
            if by.gone or not self._end(target, by):
                by.hang_up(REJECTED_CAUSE)
                return
            by.leg.repeat_answer()  # as Asterisk does: who would have taken the ACK was waiting for media
            exten = by.channel.exten
            self._exchange_places(target, by)
            target.channel.exten = exten
            target.hang_up(NORMAL_CAUSE)

        self.exchange.later(self.exchange.surroundings.media_wait, answered)
        return True

    # who can be picked up

    def _free(self, by: LiveChannel) -> list[LiveChannel]:
        """Those that ring and execute nothing, the oldest first."""
        self._taking = {name: who for name, who in self._taking.items() if not who.gone}
        return [
            live
            for live in self.exchange.live.values()
            if live is not by and live.execution is None and live.attempt is not None
            if live.name not in self._taking and live.channel.state in CAN_BE_PICKED_UP
        ]

    def _finder(self, tests: list[Test]) -> Find:
        """What the first test finds that finds any; among several the one that Asterisk would come upon first."""

        def find(by: LiveChannel) -> LiveChannel | None:
            free = sorted(self._free(by), key=lambda each: bucket(fold(each.name), CHANNEL_BUCKETS))
            return next((live for test in tests for live in free if test(live)), None)

        return find

    def _find_of_group(self, by: LiveChannel) -> LiveChannel | None:
        """The oldest of which a call group is among one's own pickup groups."""
        if not isinstance(by, PjsipChannel):
            return None
        numbers = group_numbers(by.endpoint.value("pickup_group"))
        names = _names(by.endpoint, "named_pickup_group")
        for live in self._free(by):
            if isinstance(live, PjsipChannel):
                own = group_numbers(live.endpoint.value("call_group"))
                if numbers & own or names & _names(live.endpoint, "named_call_group"):
                    return live
        return None

    # picking up

    def _begin(self, target: LiveChannel, by: LiveChannel) -> None:
        self._taking[target.name] = by
        by.connected_to(target.channel.connected)

    def _end(self, target: LiveChannel, by: LiveChannel) -> bool:
        """Whether the target still rings, now that the other one is answered."""
        self._taking.pop(target.name, None)
        if target.gone or target.attempt is None:
            return False
        fields: list[tuple[str, object]] = list(by.channel.snapshot())
        fields += [("Target" + name, value) for name, value in target.channel.snapshot()]
        self.exchange.publish("call", "Pickup", fields)
        self.exchange.note("picks up", by, target=target.name)
        return True

    def _exchange_places(self, target: LiveChannel, by: LiveChannel) -> None:
        """What the one was dialled for is the other's, what that one was executing ends with the first."""
        ringing, picking = target.channel, by.channel
        for name in ("context", "exten", "priority", "application", "application_data", "variables", "frames"):
            mine, its = getattr(picking, name), getattr(ringing, name)
            setattr(picking, name, its)
            setattr(ringing, name, mine)
        ringing.hangup_cause, picking.hangup_cause = ANSWERED_ELSEWHERE, 0
        target.execution, by.execution = by.execution, None
        if isinstance(target.execution, Execution):
            target.execution.move(ringing, lambda _execution: target.hang_up())
        by.dial_string = target.dial_string
        attempt, target.attempt = target.attempt, None
        self.exchange.publish_newexten(picking)
        if attempt is not None:
            attempt.picked_up(target, by)


def _is_at(exten: str, context: str) -> Test:
    return lambda live: live.channel.exten == exten and live.channel.context == context


def _has_mark(mark: str) -> Test:
    return lambda live: fold(live.channel.variables.get(MARK) or "") == fold(mark)


def _is_named(name: str, prefix: bool) -> Test:
    start = fold(name if prefix or "-" in name else f"{name}-")
    return lambda live: fold(live.name).startswith(start) or fold(live.channel.uniqueid) == fold(name)


def _names(endpoint: Endpoint, option: str) -> frozenset[str]:
    return frozenset(word.strip() for word in endpoint.value(option).split(",") if word.strip())


def group_numbers(text: str) -> frozenset[int]:
    """`1,3-5` as numbers; what is no number, or too high, is passed over (ast_get_group)."""
    found: set[int] = set()
    for piece in text.split(","):
        first, dash, last = piece.strip().partition("-")
        ends = [first, last if dash else first]
        if all(end.strip().isascii() and end.strip().isdigit() for end in ends):
            low, high = (leading_number(end) for end in ends)
            found.update(range(low, min(high, MAX_GROUP) + 1))
    return frozenset(found)
