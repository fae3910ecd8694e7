"""The actions on a whole server, against what Asterisk 22.10.1 answered to the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from harness.config.folder import read_folder
from harness.net.world import World
from harness.pbx.astdb import VolatileDB
from harness.pbx.server import Listen
from harness.targets.assembly import Assembly
from tests.pbx.manager_lines import Line, Packet, lines_of

PJSIP = """
[global]
type=global
user_agent=Asterisk PBX
[100]
type=endpoint
context=default
aors=100
auth=100
callerid="One Hundred" <100>
[100]
type=aor
max_contacts=2
[100]
type=auth
username=100
password=never-told
[101]
type=endpoint
context=default
"""
EXTENSIONS = """
[general]
[globals]
COLOR = green
[default]
exten => 100,hint,PJSIP/100,CustomPresence:100
exten => 200,hint,Custom:one&Custom:two,CustomPresence:200
exten => 201,hint,,CustomPresence:201
exten => _3XX,hint,Custom:${EXTEN},CustomPresence:${EXTEN}
exten => 400,1,NoOp(${COLOR})
 same => n(mark),Hangup()
include => more
[more]
exten => 500,hint,Custom:500
"""
MANAGER = """
[general]
enabled = yes
[boss]
secret = boss
read = all
write = all
[reader]
secret = reader
read = call
write = reporting
[caller]
secret = caller
write = call
"""


class Desk:
    """A server in a simulated world, and lines to its manager interface."""

    def __init__(self, folder: Path, rows: Mapping[str, str] | None = None, **files: str) -> None:
        texts = {"pjsip": PJSIP, "extensions": EXTENSIONS, "manager": MANAGER, **files}
        for name, text in texts.items():
            (folder / f"{name}.conf").write_text(text)
        self.folder = folder
        self.world = World.simulated()
        self.store = VolatileDB()
        for name, value in (rows or {}).items():
            self.store.put("CustomPresence", name, value)
        self.assembly = Assembly(read_folder(folder), self.world, self.store)
        self.server = self.assembly.server
        self.server.start(Listen("10.0.0.1", 5060))
        config = self.server.configuration.manager
        assert config is not None
        self.manager = self.server.make_manager(config)
        self.manager.booted = True

    def line(self, user: str = "boss", events: str = "off") -> Line:
        """A line that is logged in; what it heard so far is forgotten."""
        line = Line(self.manager)
        line.login(user, None, f"Events: {events}")
        return line


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Two endpoints, some hints, three users."""
    return Desk(tmp_path)


@pytest.fixture
def ask(desk: Desk) -> Callable[[str], list[Packet]]:
    """Sends one action of the boss's; what it answers."""
    return desk.line().send


def error(message: str) -> list[Packet]:
    """A refusal."""
    return [["Response: Error", f"Message: {message}"]]


# presence, extensions, devices


def test_presence_state_comes_with_its_message_twice(ask: Callable[[str], list[Packet]]) -> None:
    """The message under two names, as Asterisk has it; what is empty is left out."""
    assert ask("Action: PresenceState\nProvider: CustomPresence:x") == [
        ["Response: Success", "Message: Presence State", "State: not_set"]
    ]
    ask("Action: Setvar\nVariable: PRESENCE_STATE(CustomPresence:x)\nValue: away,lunch,back at 2")
    assert ask("Action: PresenceState\nProvider: CustomPresence:x\nActionID: 7") == [
        [
            "Response: Success", "ActionID: 7", "Message: Presence State", "State: away", "Subtype: lunch",
            "Message: back at 2", "PresenceMessage: back at 2",
        ]
    ]  # fmt: skip


def test_what_is_stored_is_told_to_nobody_at_the_start(tmp_path: Path) -> None:
    """The states are there, and neither who connects first nor who waits was told of them as news."""
    desk = Desk(tmp_path, rows={"100": "away,lunch,"})
    line = desk.line(events="on")
    desk.world.network.advance(5.0)  # type: ignore[attr-defined]
    assert [name for packet in line.heard() for name in lines_of(packet, "Event")] == []
    assert "State: away" in line.send("Action: PresenceState\nProvider: CustomPresence:100")[0]


@pytest.mark.parametrize(
    ("provider", "message"),
    [
        ("", "No provider specified"),
        ("Bogus:x", "Invalid provider Bogus:x or provider in invalid state"),
        ("x", "Invalid provider x or provider in invalid state"),
        ("&", "Invalid provider & or provider in invalid state"),
    ],
)
def test_presence_of_what_nobody_provides(ask: Callable[[str], list[Packet]], provider: str, message: str) -> None:
    """There must be a provider that answers."""
    assert ask(f"Action: PresenceState\nProvider: {provider}") == error(message)


def test_a_write_is_told_escaped_to_some_and_plain_to_others(desk: Desk) -> None:
    """PresenceStateChange is escaped as in C, PresenceStatus of the hint is not, nor is the answer to a question."""
    line = desk.line(events="call")
    answer, change, status = line.send(
        'Action: Setvar\nVariable: PRESENCE_STATE(CustomPresence:200)\nValue: away,x\\y,it\'s ok? "q"'
    )
    assert answer == ["Response: Success", "Message: Variable Set"]
    assert change == [
        "Event: PresenceStateChange", "Privilege: call,all", "Presentity: CustomPresence:200", "Status: away",
        "Subtype: x\\\\y", 'Message: it\\\'s ok\\? \\"q\\"',
    ]  # fmt: skip
    assert status == [
        "Event: PresenceStatus", "Privilege: call,all", "Exten: 200", "Context: default",
        "Hint: Custom:one&Custom:two,CustomPresence:200", "Status: away", "Subtype: x\\y", 'Message: it\'s ok? "q"',
    ]  # fmt: skip
    items = line.send("Action: PresenceStateList\nActionID: 8")
    assert items[0][1:] == ["ActionID: 8", "EventList: start", "Message: Presence State Changes will follow"]
    assert items[1] == [change[0], "ActionID: 8", *change[2:]]
    assert items[2] == ["Event: PresenceStateListComplete", "ActionID: 8", "EventList: Complete", "ListItems: 1"]


def test_a_refused_write_is_told_to_the_writer_only(desk: Desk) -> None:
    """Nothing is stored, nothing published."""
    line = desk.line(events="call")
    for name, value in (("CustomPresence:x", "sleepy"), ("CustomPresence:", "away"), ("SIP/x", "away")):
        answer = line.send(f"Action: Setvar\nVariable: PRESENCE_STATE({name})\nValue: {value}")
        assert answer == error("Variable not set")
    assert desk.store.tree("/CustomPresence") == []


def test_extension_state_recomputes(desk: Desk) -> None:
    """A device change is told per hint; the state of an extension is that of its devices now."""
    line = desk.line(events="call")
    told = line.send("Action: Setvar\nVariable: DEVICE_STATE(Custom:one)\nValue: ringing")
    assert told[1:] == [
        ["Event: DeviceStateChange", "Privilege: call,all", "Device: Custom:one", "State: RINGING"],
        [
            "Event: ExtensionStatus", "Privilege: call,all", "Exten: 200", "Context: default",
            "Hint: Custom:one&Custom:two,CustomPresence:200", "Status: 8", "StatusText: Ringing",
        ],
    ]  # fmt: skip
    assert line.send("Action: ExtensionState\nExten: 200")[0][1:] == [
        "Message: Extension Status", "Exten: 200", "Context: default",
        "Hint: Custom:one&Custom:two,CustomPresence:200", "Status: 8", "StatusText: Ringing",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("question", "hint", "status"),
    [
        ("Exten: 201", ",CustomPresence:201", "4"),
        ("Exten: 500", "Custom:500", "0"),
        ("Exten: 500\nContext: more", "Custom:500", "0"),
        ("Exten: nosuch", "", "-1"),
        ("Exten: 100\nContext: nosuch", "", "-1"),
        ("Exten: 345", "Custom:345,CustomPresence:345", "0"),
    ],
)
def test_extension_state_is_always_a_success(
    ask: Callable[[str], list[Packet]], question: str, hint: str, status: str
) -> None:
    """Found by includes and patterns too; where there is no hint, -1."""
    (answer,) = ask(f"Action: ExtensionState\n{question}")
    assert answer[0] == "Response: Success"
    assert lines_of(answer, "Hint", "Status") == [hint, status]


def test_extension_state_wants_an_extension(ask: Callable[[str], list[Packet]]) -> None:
    """Without one it is refused."""
    assert ask("Action: ExtensionState") == error("Extension not specified")


def test_lists_leave_patterns_out_until_they_are_used(desk: Desk) -> None:
    """Then the instance is one more; the order is that of Asterisk's table."""
    line = desk.line()
    before = line.send("Action: ExtensionStateList")
    assert [lines_of(item, "Exten") for item in before[1:-1]] == [["100"], ["201"], ["200"], ["500"]]
    line.send("Action: ExtensionState\nExten: 345")
    after = line.send("Action: ExtensionStateList")
    assert lines_of(after[-1], "ListItems") == ["5"]


def test_devices_are_listed_from_the_cache(ask: Callable[[str], list[Packet]]) -> None:
    """Every endpoint from the start, custom devices once they were written."""
    ask("Action: Setvar\nVariable: DEVICE_STATE(custom:lamp)\nValue: INUSE")
    items = ask("Action: DeviceStateList")[1:]
    assert [lines_of(item, "Device", "State") for item in items[:-1]] == [
        ["Custom:lamp", "INUSE"], ["PJSIP/100", "UNAVAILABLE"], ["PJSIP/101", "UNAVAILABLE"]
    ]  # fmt: skip


# variables


def test_variables_are_globals(ask: Callable[[str], list[Packet]]) -> None:
    """Values are taken as they stand; underscores before the name are dropped."""
    for name, value, shown in (
        ("plain", "  two blanks  ", "two blanks  "), ("_one", "1", ""), ("x", "${COLOR}", "${COLOR}"), ("f(x", "y", "y")
    ):  # fmt: skip
        assert ask(f"Action: Setvar\nVariable: {name}\nValue: {value}")[0][1] == "Message: Variable Set"
        assert ask(f"Action: Getvar\nVariable: {name}")[0][1:] == [f"Variable: {name}", f"Value: {shown}"]
    assert ask("Action: Getvar\nVariable: one")[0][2] == "Value: 1"
    assert ask("Action: Getvar\nVariable: COLOR")[0][2] == "Value: green"
    assert ask("Action: Getvar\nVariable: ${COLOR}")[0][2] == "Value: "


@pytest.mark.parametrize(
    ("name", "value"),
    [("LEN(hello)", "5"), ("NOSUCH(x)", ""), ("nosuch", ""), ("x)", ""), ("HINT(100)", "PJSIP/100,CustomPresence:100"),
     ("IF($[1 > 2]?yes:no)", "yes"), ("BASE64_ENCODE(hello)", "aGVsbG8="), ("CHANNEL(name)", ""), ("SHELL(id)", "")],
)  # fmt: skip
def test_functions_are_read_by_name(ask: Callable[[str], list[Packet]], name: str, value: str) -> None:
    """Arguments are not expanded; what does not exist or fails is empty, and a success."""
    assert ask(f"Action: Getvar\nVariable: {name}") == [["Response: Success", f"Variable: {name}", f"Value: {value}"]]


def test_what_a_function_sets_while_it_is_read_is_gone(ask: Callable[[str], list[Packet]]) -> None:
    """It works on a channel of its own; a hash that is written is a global."""
    assert ask("Action: Getvar\nVariable: SET(COLOR=red)")[0][2] == "Value: red"
    assert ask("Action: Getvar\nVariable: COLOR")[0][2] == "Value: green"
    ask("Action: Setvar\nVariable: HASH(h,a)\nValue: 1")
    assert ask("Action: Getvar\nVariable: ~HASH~h~a~")[0][2] == "Value: 1"


def test_the_database_is_out_of_reach_of_functions(desk: Desk) -> None:
    """DB() goes further than the interface's rights, which live_dangerously would change."""
    line = desk.line()
    assert line.send("Action: Setvar\nVariable: DB(fam/key)\nValue: x") == error("Variable not set")
    desk.store.put("fam", "key", "x")
    assert line.send("Action: Getvar\nVariable: DB(fam/key)")[0][2] == "Value: "
    assert line.send("Action: Getvar\nVariable: DB_DELETE(fam/key)")[0][2] == "Value: "
    assert desk.store.get("fam", "key") == "x"


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ("Setvar\nValue: x", "No variable specified"), ("Getvar", "No variable specified"),
        ("Setvar\nVariable: x\nChannel: PJSIP/x", "No such channel"),
        ("Getvar\nVariable: x\nChannel: y", "No such channel"),
        ("Setvar\nVariable: NOSUCH(x)\nValue: y", "Variable not set"), ("Setvar\nVariable: LEN(x)", "Variable not set"),
        ("Command", "No command provided"), ("Command\nCommand: module load x", "Command blacklisted"),
        ("Command\nCommand:   MODULE   unload x", "Command blacklisted"),
        ("Command\nCommand: restart gracefully", "Command blacklisted"),
    ],
)  # fmt: skip
def test_what_variables_and_commands_refuse(ask: Callable[[str], list[Packet]], action: str, message: str) -> None:
    """With Asterisk's words."""
    assert ask(f"Action: {action}") == error(message)


def test_a_name_that_could_run_programs_needs_the_right_to(desk: Desk) -> None:
    """Names with SHELL or EVAL are for those who may write `system`, whatever they mean."""
    forbidden = error("GetVar Access Forbidden: Variable")
    assert desk.line("caller").send("Action: Getvar\nVariable: xEVALx") == forbidden
    assert desk.line("boss").send("Action: Getvar\nVariable: xEVALx")[0][0] == "Response: Success"


def test_a_command_is_answered_line_by_line(ask: Callable[[str], list[Packet]]) -> None:
    """A success or an error by what the command says; blank lines count."""
    shown = ask("Action: Command\nCommand: presencestate list\nActionID: 3")[0]
    assert shown[:4] == ["Response: Success", "ActionID: 3", "Message: Command output follows", "Output: "]
    failed = ask("Action: Command\nCommand: frobnicate")[0]
    assert failed == [
        "Response: Error",
        "Message: Command output follows",
        "Output: No such command 'frobnicate' (type 'core show help frobnicate' for other possible commands)",
    ]


# the database


def test_the_database_is_read_and_written(ask: Callable[[str], list[Packet]]) -> None:
    """Items of its lists carry the ActionID last; trees are matched as SQL LIKE does."""
    for family, key in (("f", "k"), ("F", "k"), ("f", "a/b"), ("f2", "c")):
        (answer,) = ask(f"Action: DBPut\nFamily: {family}\nKey: {key}\nVal: v")
        assert answer[1] == "Message: Updated database successfully"
    assert ask("Action: DBGet\nFamily: f\nKey: k\nActionID: 9") == [
        ["Response: Success", "ActionID: 9", "EventList: start", "Message: Result will follow"],
        ["Event: DBGetResponse", "Family: f", "Key: k", "Val: v", "ActionID: 9"],
        ["Event: DBGetComplete", "ActionID: 9", "EventList: Complete", "ListItems: 1"],
    ]
    keys = [lines_of(item, "Key") for item in ask("Action: DBGetTree\nFamily: f")[1:-1]]
    assert sorted(keys) == [["/F/k"], ["/f/a/b"], ["/f/k"]]
    assert lines_of(ask("Action: DBGetTree\nFamily: f\nKey: a")[-1], "ListItems") == ["1"]
    assert lines_of(ask("Action: DBGetTree\nFamily: none")[-1], "ListItems") == ["0"]
    assert lines_of(ask("Action: DBGetTree\nFamily: f_")[-1], "ListItems") == ["1"]
    assert int(lines_of(ask("Action: DBGetTree")[-1], "ListItems")[0]) >= 4
    assert ask("Action: DBDel\nFamily: f\nKey: k")[0][1] == "Message: Key deleted successfully"
    assert ask("Action: DBDelTree\nFamily: f\nKey: a")[0][1] == "Message: Key tree deleted successfully"
    assert ask("Action: DBGet\nFamily: f\nKey: k") == error("Database entry not found")


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ("DBPut", "No family specified"), ("DBPut\nFamily: f", "No key specified"), ("DBGet", "No family specified."),
        ("DBGet\nFamily: f", "No key specified."), ("DBDel\nKey: k", "No family specified."),
        ("DBDel\nFamily: f\nKey: none", "Database entry could not be deleted"),
        ("DBDelTree", "No family specified."), ("DBDelTree\nFamily: none", "Database entry not found"),
    ],
)  # fmt: skip
def test_what_the_database_refuses(ask: Callable[[str], list[Packet]], action: str, message: str) -> None:
    """DBPut without a full stop, the others with one."""
    assert ask(f"Action: {action}") == error(message)


# the server


def test_core_actions(desk: Desk) -> None:
    """When it started, what it is, and that there are no channels."""
    ask = desk.line().send
    assert ask("Action: CoreStatus")[0][1:3] == ["CoreStartupDate: 2026-01-01", "CoreStartupTime: 00:00:00"]
    assert ask("Action: CoreSettings")[0][1:3] == ["AMIversion: 11.0.0", "AsteriskVersion: 22.10.1"]
    assert ask("Action: CoreShowChannels")[1][1:] == ["EventList: Complete", "ListItems: 0"]
    assert ask("Action: Status")[1][-1] == "Items: 0"
    assert ask("Action: Hangup") == error("No channel specified")
    assert ask("Action: Hangup\nChannel: x") == error("No such channel")
    assert ask("Action: Hangup\nChannel: /[/") == error("Regex compile failed on: /[/")
    assert ask("Action: MailboxStatus\nMailbox: x@default")[0][-1] == "Waiting: 0"
    assert ask("Action: MailboxCount") == error("Mailbox not specified")
    assert ask("Action: ModuleCheck\nModule: pbx_config.so") == [["Response: Success", "Version: "]]
    assert ask("Action: ModuleCheck\nModule: nosuch") == error("Module not loaded")


@pytest.mark.parametrize(
    ("module", "answer", "status"),
    [("pbx_config", "Module Reloaded", "0"), ("PBX_CONFIG.so", "Module Reloaded", "0"), ("", "Module Reloaded", "0"),
     ("nosuch", "No such module", "2"), ("func_presencestate", "Module does not support reload", "6")],
)  # fmt: skip
def test_reload_is_told_whatever_comes_of_it(desk: Desk, module: str, answer: str, status: str) -> None:
    """Event Reload names the module as it was asked for, All where none was."""
    line = desk.line(events="system")
    said, event = line.send(f"Action: Reload\nModule: {module}")
    assert said[1] == f"Message: {answer}"
    assert event == ["Event: Reload", "Privilege: system,all", f"Module: {module or 'All'}", f"Status: {status}"]


def test_a_reload_reads_users_and_dialplan_again(desk: Desk) -> None:
    """Who is logged in keeps his rights; a file that cannot be read changes nothing."""
    line = desk.line("reader")
    (desk.folder / "manager.conf").write_text(MANAGER.replace("write = reporting", "write =") + "[new]\nsecret = new\n")
    (desk.folder / "extensions.conf").write_text(EXTENSIONS + "exten => 501,hint,Custom:501\n")
    assert desk.line().send("Action: Reload")[0][1] == "Message: Module Reloaded"
    assert line.send("Action: DBGetTree")[0][0] == "Response: Success"
    assert desk.line("reader").send("Action: DBGetTree") == error("Permission denied")
    assert Line(desk.manager).login("new")[0][1] == "Message: Authentication accepted"
    assert lines_of(desk.line().send("Action: ExtensionState\nExten: 501")[0], "Status") == ["0"]
    (desk.folder / "manager.conf").write_text("#include nosuch.conf\n")
    assert desk.line().send("Action: Reload\nModule: manager") == error("An unknown error occurred")
    assert Line(desk.manager).login("new")[0][1] == "Message: Authentication accepted"


def test_rights_are_by_class(desk: Desk) -> None:
    """One of the action's classes is enough; who may not is told so, and the security readers too."""
    watcher, reader = desk.line(events="security"), desk.line("reader")
    assert reader.send("Action: PresenceState\nProvider: CustomPresence:x")[0][0] == "Response: Success"
    denied = error("Permission denied")
    for action in ("Setvar\nVariable: x", "Command\nCommand: x", "DBPut", "Originate", "Reload", "UserEvent", "Filter"):
        assert reader.send(f"Action: {action}") == denied
    told = watcher.heard()
    assert lines_of(told[1], "AccountID", "RequestType") == ["reader", "Action: Setvar"]
    assert reader.send("Action: Ping")[0][1] == "Ping: Pong"


def test_list_commands_shows_what_one_may_use(desk: Desk) -> None:
    """By name; those for everybody have no class."""
    (mine,) = desk.line("caller").send("Action: ListCommands")
    assert "Ping: Keepalive command.  (Priv: <none>)" in mine
    assert "Setvar: Sets a channel variable or function value.  (Priv: call,all)" in mine
    assert not any(line.startswith(("DBPut", "Originate")) for line in mine)
    names = [line.partition(":")[0].lower() for line in mine[1:]]
    assert names == sorted(names)


def test_unknown_actions_are_told_with_their_name(desk: Desk) -> None:
    """Cut where Asterisk's buffer ends, in the answer and in the security event."""
    line = desk.line(events="security")
    answer, event = line.send("Action: " + "x" * 600)
    assert answer[1] == "Message: " + ("Invalid/unknown command: " + "x" * 600)[:511]
    assert lines_of(event, "RequestType") == [("Action: " + "x" * 600)[:63]]


# SIP and the DPMA


def test_endpoints_contacts_and_watchers(desk: Desk) -> None:
    """What pjsip.conf says and who is there; no password is among it."""
    ask = desk.line().send
    endpoints = ask("Action: PJSIPShowEndpoints")
    assert endpoints[1][1:] == [
        "ObjectType: endpoint", "ObjectName: 100", "Transport: ", "Aor: 100", "Auths: 100", "OutboundAuths: ",
        "Contacts: ", "DeviceState: Unavailable", "ActiveChannels: 0",
    ]  # fmt: skip
    assert not any(line.startswith("Contacts") for line in endpoints[2])
    assert ask("Action: PJSIPShowContacts")[0][:1] == ["Response: Error"]
    aors = ask("Action: PJSIPShowAors")
    assert lines_of(aors[1], "MaxContacts", "QualifyTimeout") == ["3.000000", "2"]
    assert ask("Action: PJSIPShowSubscriptionsInbound")[-1][-1] == "ListItems: 0"
    assert "never-told" not in str([endpoints, aors])


def test_the_dpma_has_actions_only_where_it_is_configured(tmp_path: Path) -> None:
    """Without res_digium_phone.conf they are unknown, as without the module."""
    plain, phones = tmp_path / "plain", tmp_path / "phones"
    plain.mkdir()
    phones.mkdir()
    question = "Action: DPMALicenseStatus"
    assert Desk(plain).line().send(question)[0][1].startswith("Message: Invalid/unknown command")
    text = "[general]\n[desk]\ntype=phone\nline=100\n[100]\ntype=line\n"
    ask = Desk(phones, res_digium_phone=text).line().send
    assert ask(question) == [["Response: Success", "Message: OK, Valid"]]
    assert ask("Action: DPMAMessageSend\nMethod: x\nPhoneName: desk") == error("Phone desk is not connected")
    assert ask("Action: DPMAMessageSend\nMethod: x\nPhoneName: other") == error("No such phone other")
    assert ask("Action: DPMAMessageRegister\nMethod: x")[0][0] == "Response: Success"
    assert ask("Action: DPMAMessageResponse\nRequestID: 5") == error("No such request 5")


def test_the_dialplan_is_shown(ask: Callable[[str], list[Packet]]) -> None:
    """Lines with their labels, hints, includes, and three counts at the end."""
    items = ask("Action: ShowDialPlan\nContext: default\nExtension: 400")
    assert lines_of(items[2], "ExtensionLabel", "Priority", "Application") == ["mark", "2", "Hangup"]
    assert items[-1][2:] == ["ListItems: 2", "ListExtensions: 1", "ListPriorities: 2", "ListContexts: 2"]
    shown = ask("Action: ShowDialPlan\nContext: default")
    assert any("IncludeContext: more" in item for item in shown)
    assert ask("Action: ShowDialPlan\nContext: nosuch") == error("Did not find context nosuch")
    assert ask("Action: ShowDialPlan\nExtension: 999\nContext: more") == error("Did not find extension 999@more")


def test_answers_wait_until_what_was_written_is_safe(desk: Desk) -> None:
    """The action is done at once, its answer and the next action come when the store says so."""
    waiting: list[Callable[[], None]] = []
    store = desk.store
    store.when_safe = waiting.append  # type: ignore[method-assign]
    line = desk.line(events="call")
    assert line.send("Action: DBPut\nFamily: f\nKey: k\nVal: v\n\nAction: Ping") == []
    assert store.get("f", "k") == "v"
    waiting.pop()()
    assert [packet[1] for packet in line.heard()] == ["Message: Updated database successfully", "Ping: Pong"]
    assert line.send("Action: Setvar\nVariable: PRESENCE_STATE(CustomPresence:q)\nValue: dnd") == []
    waiting.pop()()
    assert [packet[0] for packet in line.heard()] == ["Response: Success", "Event: PresenceStateChange"]


@pytest.fixture(autouse=True)
def _ends(request: pytest.FixtureRequest) -> Iterator[None]:
    """Worlds of a test are asked for what went wrong in them."""
    yield
    desk = request.node.funcargs.get("desk")
    if desk is not None:
        assert desk.world.errors == []
