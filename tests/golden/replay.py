"""Tells a story of `cases/` to `serve`, in process and in virtual time, and notes what came back.

A step acts, and is over when nothing has come for QUIET_S. The notes are those of the tool that made the recordings,
so that both can be compared line by line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from difflib import unified_diff
from pathlib import Path
from typing import Any

from harness.errors import Note as Told
from harness.net.trace import Trace
from harness.net.world import World
from harness.targets.serving import MEMORY, ServeOptions, Serving
from tests.golden.calls import PhoneCall
from tests.golden.noting import NOTED_EVENTS, Cleaner, Note, SipText, in_order, is_noted
from tests.golden.peers import LOOPBACK, ManagerConnection, Watcher, connect

QUIET_S = 0.25
"""Silence that ends a step."""
LONGEST_STEP_S = 5.0
"""A step is over after this time though something still comes; `wait` adds its own."""
FIRST_LOOK_S = 0.05
DIALLING_S = 0.3
SIP, AMI = (LOOPBACK, 5060), (LOOPBACK, 5038)
AGENT = "Digium D65 2_7_2"
PIDF = "application/pidf+xml"


class Stage:
    """One `serve` on a configuration folder, in a simulated world, that may be restarted on what it stored."""

    def __init__(self, etc: Path, data: Path | None = None, seed: int | str = 1) -> None:
        self.world = World.simulated(seed, trace=Trace(enabled=False))
        self.random = self.world.random_for("peers")
        self.told: list[Told] = []
        self._options = ServeOptions(etc, SIP, AMI, MEMORY if data is None else str(data))
        self.serving = self._serve()

    def _serve(self) -> Serving:
        serving = Serving(self._options, self.world, self.told.append)
        serving.start()
        return serving

    async def restart(self) -> None:
        """The server goes and comes back; who talked to its manager interface has to connect anew."""
        await self.stop()
        self.serving = self._serve()

    async def stop(self) -> None:
        """The server goes."""
        closed = self.serving.stop()
        if closed is not None:
            await closed

    async def connect(self) -> ManagerConnection:
        """A manager connection that has not logged in."""
        return await connect(self.world, self.random, AMI)


class Replay:
    """Runs steps and writes down what came back."""

    user = ("harness", "harness")
    """Name and secret of the manager's user who acts and hears."""

    def __init__(self, stage: Stage, cleaner: Cleaner | None = None) -> None:
        self.stage, self.world = stage, stage.world
        self.cleaner = cleaner or Cleaner(SIP)
        self.noted = NOTED_EVENTS
        self.watchers: dict[str, Watcher] = {}
        self._sip: list[Note] = []
        self._events: list[list[str]] = []
        self._last = 0.0
        self.control: ManagerConnection
        self.events: ManagerConnection

    async def start(self) -> None:
        """Log in twice: to act, and to hear."""
        self.control = await self._log_in("off")
        self.events = await self._log_in("on")
        self.events.told = self._hear
        self._hear()

    async def _log_in(self, events: str) -> ManagerConnection:
        connection = await self.stage.connect()
        user, secret = self.user
        await connection.act({"Action": "Login", "Username": user, "Secret": secret, "Events": events})
        return connection

    async def run(self, case: Mapping[str, Any]) -> list[Note]:
        """All steps of a story; then the watchers unsubscribe."""
        self.noted = NOTED_EVENTS | set(case.get("events", ()))
        await self.start()
        await self.settle(FIRST_LOOK_S)
        notes = [await self.step(step) for step in case["steps"]]
        for watcher in self.watchers.values():
            if watcher.to_tag and watcher.target:
                watcher.drops = False
                self.step_refresh({"id": watcher.name, "expires": 0})
        await self.settle()
        self.close()
        return notes

    async def step(self, step: Mapping[str, Any]) -> Note:
        """One step and everything that came back."""
        ((verb, spec),) = step.items()
        note: Note = {"step": verb}
        answer = getattr(self, f"step_{verb}")(spec)
        if hasattr(answer, "__await__"):
            answer = await answer
        note.update({} if answer is None else {"answer": answer})
        note.update(await self.settle())
        return note

    def close(self) -> None:
        """Hang up everywhere."""
        for connection in (self.control, self.events):
            connection.close()
        for watcher in self.watchers.values():
            watcher.close()

    # hearing

    def watcher(self, name: str) -> Watcher:
        """The identity of that name; it is made where it is not there yet."""
        if name not in self.watchers:
            watcher = Watcher(self.world, self.stage.random, name, SIP, self._receive)
            self.watchers[name] = watcher
            self.cleaner.knows(watcher.local, name, watcher.tag)
        return self.watchers[name]

    def _receive(self, watcher: Watcher, message: SipText) -> None:
        watcher.remember_dialog(message)
        self._sip.append(self.cleaner.message(watcher.name, message, watcher.cseq_note(message)))
        self._last = self.world.seconds()

    def _hear(self) -> None:
        packets, self.events.packets = self.events.packets, []
        for packet in packets:
            if is_noted(packet, self.noted):
                self._events.append(self.cleaner.event(packet))
                self._last = self.world.seconds()

    async def settle(self, at_least_s: float = 0.0) -> Mapping[str, list[Any]]:
        """Wait until nothing comes any more; gives what came since the last time."""
        now = self._last = self.world.seconds()
        least = now + at_least_s
        limit = least + LONGEST_STEP_S
        while (due := max(least, min(self._last + QUIET_S, limit))) > (now := self.world.seconds()):
            await self.world.sleep(due - now)
        seen = in_order(self._sip, self._events)
        self._sip, self._events = [], []
        return seen

    # steps

    async def step_ami(self, spec: Mapping[str, Any] | list[Mapping[str, Any]]) -> list[list[str]]:
        """One action or several at once; `as` logs in as another user for it."""
        if isinstance(spec, list):
            posted = [self.control.post(action) for action in spec]
            return self.cleaner.packets([packet for each in posted for packet in await self.control.answer(each)])
        if "as" not in spec:
            return self.cleaner.packets(await self.control.act(spec))
        user, secret = spec["as"]
        other = await self.stage.connect()
        login = await other.act({"Action": "Login", "Username": user, "Secret": secret, "Events": "off"})
        answer = await other.act({name: value for name, value in spec.items() if name != "as"})
        other.close()
        return [*login, *self.cleaner.packets(answer)]

    async def step_cli(self, command: str) -> list[str]:
        """A command; the hints that it lists have no order."""
        packets = await self.control.act({"Action": "Command", "Command": command})
        lines = [line for packet in self.cleaner.packets(packets) for line in packet]
        return sorted(lines) if command.startswith("core show hint") else lines

    def step_subscribe(self, spec: Mapping[str, Any]) -> None:
        """SUBSCRIBE outside of a dialog; a header that is null is left out."""
        watcher = self.watcher(spec["id"])
        watcher.drops = spec.get("drop", False)
        headers = {
            "Event": spec.get("event", "presence"),
            "Accept": spec.get("accept", PIDF),
            "Expires": spec.get("expires", 600),
            "User-Agent": spec.get("ua", AGENT),
        }
        lines = [f"{name}: {value}" for name, value in headers.items() if value is not None]
        uri = f"sip:{spec['to']}@{watcher.host}"
        watcher.request("SUBSCRIBE", uri, spec.get("from", "watcher"), spec["to"], [*lines, *spec.get("headers", ())])

    def step_refresh(self, spec: Mapping[str, Any]) -> None:
        """SUBSCRIBE within the dialog."""
        watcher = self.watcher(spec["id"])
        headers = [
            f"Event: {spec.get('event', 'presence')}",
            f"Accept: {PIDF}",
            f"Expires: {spec['expires']}",
            f"User-Agent: {AGENT}",
        ]
        uri = watcher.target or "sip:nobody@invalid"
        watcher.request("SUBSCRIBE", uri, "watcher", spec.get("to", "2000"), headers, in_dialog=True)

    def step_register(self, spec: Mapping[str, Any]) -> None:
        """REGISTER of the phone of a user."""
        phone, user = self.watcher(f"phone-{spec['user']}"), spec["user"]
        phone.request("REGISTER", f"sip:{phone.host}", user, user, [f"Expires: {spec.get('expires', 600)}"])

    def step_publish(self, spec: Mapping[str, Any]) -> None:
        """PUBLISH."""
        headers = [
            f"Event: {spec.get('event', 'presence')}",
            f"Expires: {spec.get('expires', 600)}",
            f"Content-Type: {spec.get('type', PIDF)}",
            *([f"SIP-If-Match: {spec['etag']}"] if "etag" in spec else []),
        ]
        self._out_of_dialog("PUBLISH", "publisher", spec, headers)

    def step_message(self, spec: Mapping[str, Any]) -> None:
        """MESSAGE."""
        self._out_of_dialog("MESSAGE", "sender", spec, [f"Content-Type: {spec.get('type', 'text/plain')}"])

    def _out_of_dialog(self, method: str, name: str, spec: Mapping[str, Any], headers: Sequence[str]) -> None:
        who = self.watcher(name)
        uri, sender = f"sip:{spec['to']}@{who.host}", spec.get("from", "watcher")
        who.request(method, uri, sender, spec["to"], headers, spec["body"])

    def step_sip(self, spec: Mapping[str, str]) -> None:
        """A request as it is written, but for what differs from run to run."""
        raw = self.watcher("raw")
        text = spec["text"].replace("\r\n", "\n").replace("\n", "\r\n")
        fresh = {"local": raw.local, "server": raw.host, "branch": f"z9hG4bK{raw.fresh(32)}", "callid": raw.fresh(32)}
        for name, value in fresh.items():
            text = text.replace(f"{{{name}}}", value)
        raw.send(text)

    async def step_dial(self, spec: Mapping[str, Any]) -> list[list[str]]:
        """A Local channel into the dialplan."""
        answer = await self.step_ami(
            {
                "Action": "Originate",
                "Channel": f"Local/{spec['exten']}@{spec['context']}",
                "Application": "Wait",
                "Data": str(spec.get("wait", 1)),
                "Async": "true",
            }
        )
        await self.world.sleep(spec.get("settle", DIALLING_S))
        return answer

    async def step_wait(self, seconds: float) -> None:
        """Let time go by."""
        await self.world.sleep(float(seconds))

    # steps of a call

    def _call(self, spec: Mapping[str, Any]) -> PhoneCall:
        call = self.watcher(f"phone-{spec['user']}").call
        if call is None:
            raise LookupError(f"{spec['user']} has no call")
        return call

    def step_invite(self, spec: Mapping[str, Any]) -> None:
        """A registered phone calls."""
        phone = self.watcher(f"phone-{spec['from']}")
        phone.call = PhoneCall(phone)
        phone.call.place(spec["from"], spec["to"])

    def step_answer(self, spec: Mapping[str, Any]) -> None:
        """A phone that rings is picked up."""
        self._call(spec).answer()

    def step_reject(self, spec: Mapping[str, Any]) -> None:
        """A phone that rings is refused."""
        self._call(spec).refuse(f"{spec['code']} {spec.get('reason', 'Busy Here')}")

    def step_hangup(self, spec: Mapping[str, Any]) -> None:
        """One side ends the call."""
        self._call(spec).send("BYE")

    def step_hold(self, spec: Mapping[str, Any]) -> None:
        """A phone holds its call."""
        call = self._call(spec)
        call.send("INVITE", call.offer("sendonly"))

    def step_resume(self, spec: Mapping[str, Any]) -> None:
        """A phone goes on with its call."""
        call = self._call(spec)
        call.send("INVITE", call.offer())

    def step_cancel(self, spec: Mapping[str, Any]) -> None:
        """The caller gives up."""
        self._call(spec).cancel()


def tell(story: Replay, case: Mapping[str, Any]) -> list[Note]:
    """Tell one story, then stop the server; gives what is to be compared with its recording."""

    async def told(_world: World) -> list[Note]:
        notes = await story.run(case)
        await story.stage.stop()
        return notes

    return story.world.run(told)


def difference(recorded: Any, notes: Any) -> str:
    """Where notes differ from a recording, as a unified diff; '' where they do not."""
    before, after = (json.dumps(each, indent=1, ensure_ascii=False).splitlines() for each in (recorded, notes))
    return "\n".join(unified_diff(before, after, "recorded", "replayed", lineterm="", n=3))
