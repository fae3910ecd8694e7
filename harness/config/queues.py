"""queues.conf: queues, their options and static members (apps/app_queue.c, queue_set_param, reload_single_member)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from harness.config.files import FolderFiles
from harness.config.syntax import ConfigFile, Section, Setting, parse_config
from harness.config.values import BLANKS, is_false, is_true, leading_number, suggestion
from harness.errors import Location, Note

FILE_NAME = "queues.conf"
DEFAULT_TIMEOUT_S, DEFAULT_RETRY_S = 15, 5
STRATEGIES = ("ringall", "leastrecent", "fewestcalls", "random", "rrmemory", "linear", "wrandom", "rrordered")
OTHER_STRATEGY_NAMES = {"roundrobin": "rrmemory"}

LOOSE = frozenset(("penalty", "invalid"))
EMPTY = LOOSE | {"paused"}
STRICT = EMPTY | {"unavailable"}
CONDITIONS = frozenset(("paused", "penalty", "inuse", "ringing", "invalid", "wrapup", "unavailable", "unknown"))
"""What may make a member one who does not count (joinempty, leavewhenempty)."""

_FLAGS = (
    *("ringinuse", "setinterfacevar", "setqueuevar", "setqueueentryvar", "autofill", "autopausebusy"),
    *("autopauseunavail", "timeoutrestart", "reportholdtime"),
)
_NUMBERS = (
    *("timeout", "retry", "wrapuptime", "maxlen", "weight", "servicelevel", "memberdelay"),
    *("autopausedelay", "penaltymemberslimit"),
)
_TEXTS = ("announce", "context", "membergosub", "defaultrule")
_NOT_HEARD = (
    *("queue-youarenext", "queue-thereare", "queue-callswaiting", "queue-quantity1", "queue-quantity2"),
    *("queue-holdtime", "queue-minutes", "queue-minute", "queue-seconds", "queue-thankyou"),
    *("queue-callerannounce", "queue-reporthold", "announce-frequency", "announce-to-first-user"),
    *("min-announce-frequency", "announce-round-seconds", "announce-holdtime", "announce-position"),
    *("announce-position-only-up", "announce-position-limit", "periodic-announce", "periodic-announce-startdelay"),
    *("periodic-announce-frequency", "relative-periodic-announce", "random-periodic-announce", "monitor-format"),
    "log-restricted-caller-id",
)
"""Options of what is said, recorded and logged, which nobody hears here."""
_MUSIC = ("musicclass", "music", "musiconhold")
_OPTIONS = (
    *(*_FLAGS, *_NUMBERS, *_TEXTS, *_NOT_HEARD, *_MUSIC),
    *("strategy", "joinempty", "leavewhenempty", "autopause", "timeoutpriority", "member"),
)
_GENERAL_FLAGS = ("persistentmembers", "autofill", "shared_lastcall", "negative_penalty_invalid")
_GENERAL = (
    *(*_GENERAL_FLAGS, "monitor-type", "log_membername_as_agent", "force_longest_waiting_caller"),
    *("log_unpause_on_reason_change", "log-caller-id-name"),
)


@dataclass(slots=True)
class MemberLine:
    """One `member =>`; `ringinuse` is None where the queue's counts, `wrapuptime` in seconds, 0 for the queue's."""

    interface: str
    where: Location
    penalty: int = 0
    name: str = ""
    state_interface: str = ""
    ringinuse: bool | None = None
    wrapuptime: int = 0
    paused: bool = False


@dataclass(slots=True)
class QueueOptions:
    """One queue; all times in seconds, `maxlen` 0 for any number of callers, `timeout` 0 for no end."""

    name: str
    where: Location
    strategy: str = "ringall"
    timeout: int = DEFAULT_TIMEOUT_S
    retry: int = DEFAULT_RETRY_S
    wrapuptime: int = 0
    maxlen: int = 0
    weight: int = 0
    servicelevel: int = 0
    memberdelay: int = 0
    penaltymemberslimit: int = 0
    ringinuse: bool = True
    autofill: bool = False
    setinterfacevar: bool = False
    setqueuevar: bool = False
    setqueueentryvar: bool = False
    timeoutrestart: bool = False
    reportholdtime: bool = False
    autopause: str = "no"
    autopausedelay: int = 0
    autopausebusy: bool = False
    autopauseunavail: bool = False
    timeoutpriority: str = "app"
    joinempty: frozenset[str] = frozenset()
    leavewhenempty: frozenset[str] = frozenset()
    musicclass: str = ""
    announce: str = ""
    context: str = ""
    membergosub: str = ""
    defaultrule: str = ""
    members: list[MemberLine] = field(default_factory=list)


@dataclass(slots=True)
class QueuesConfig:
    """`[general]` and the queues by name, in order; `force_longest_waiting_caller` is `no`, `yes` or `prio`."""

    persistentmembers: bool = False
    autofill: bool = False
    shared_lastcall: bool = False
    negative_penalty_invalid: bool = False
    force_longest_waiting_caller: str = "no"
    queues: dict[str, QueueOptions] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    def queue(self, name: str) -> QueueOptions | None:
        """The queue of that name; names are compared without case."""
        wanted = name.lower()
        return next((queue for key, queue in self.queues.items() if key.lower() == wanted), None)


def read_queues(folder: Path, files: FolderFiles | None = None) -> QueuesConfig:
    """Read `queues.conf` of a folder; `InputError` where Asterisk would refuse it or it is missing."""
    return from_sections(parse_config(folder / FILE_NAME, folder, files))


def from_sections(file: ConfigFile) -> QueuesConfig:
    """The queues of a file that is already read."""
    config = QueuesConfig(notes=list(file.notes))
    for section in file.named("general")[:1]:
        for setting in section.settings:
            _general(config, setting)
    for section in file.visible:
        if section.name.lower() == "general":
            continue
        earlier = config.queue(section.name)
        if earlier is None:
            config.queues[section.name] = _queue(config, section)
        else:
            text = f"queue {section.name} is already defined at {earlier.where}, which counts"
            config.notes.append(Note("duplicate", text, section.where))
    return config


def _general(config: QueuesConfig, setting: Setting) -> None:
    name, value = setting.name.lower(), setting.value
    if name in _GENERAL_FLAGS:
        setattr(config, name, is_true(value))
    elif name == "force_longest_waiting_caller":
        truth = "yes" if is_true(value) else "no"
        config.force_longest_waiting_caller = "prio" if value.lower() == "prio" else truth
    elif name not in _GENERAL:
        _note(config, "option", f"unknown option {setting.name} in [general]{suggestion(name, _GENERAL)}", setting)


def _queue(config: QueuesConfig, section: Section) -> QueueOptions:
    queue = QueueOptions(section.name, section.where, autofill=config.autofill)
    strategy = section.first("strategy")
    if strategy is not None:
        queue.strategy = _strategy(config, strategy)
    for setting in section.settings:
        _option(config, queue, setting)
    for setting in section.all("member"):
        _member(config, queue, setting)
    return queue


def _strategy(config: QueuesConfig, setting: Setting) -> str:
    word = setting.value.lower()
    word = OTHER_STRATEGY_NAMES.get(word, word)
    if word in STRATEGIES:
        return word
    hint = suggestion(word, STRATEGIES)
    _note(config, "value", f"no strategy is called {setting.value!r}, so it is ringall{hint}", setting)
    return "ringall"


def _option(config: QueuesConfig, queue: QueueOptions, setting: Setting) -> None:
    name, value = setting.name.lower(), setting.value
    if name in _FLAGS:
        setattr(queue, name, is_true(value))
    elif name in _NUMBERS:
        setattr(queue, name, _number(name, value))
    elif name in _TEXTS:
        setattr(queue, name, value)
    elif name in _MUSIC:
        queue.musicclass = value
    elif name in ("joinempty", "leavewhenempty"):
        setattr(queue, name, _conditions(config, getattr(queue, name), setting))
    elif name == "autopause":
        queue.autopause = "yes" if is_true(value) else "all" if value.lower() == "all" else "no"
    elif name == "timeoutpriority":
        queue.timeoutpriority = "conf" if value.lower() == "conf" else "app"
    elif name not in _OPTIONS:
        hint = suggestion(name, _OPTIONS)
        _note(config, "option", f"unknown option {setting.name} of queue {queue.name}{hint}", setting)


def _number(name: str, value: str) -> int:
    number = leading_number(value)
    if name == "timeout" and number < 0:
        return DEFAULT_TIMEOUT_S
    if name == "retry" and number <= 0:
        return DEFAULT_RETRY_S
    return max(number, 0) if name in ("maxlen", "penaltymemberslimit") else number


def _conditions(config: QueuesConfig, before: frozenset[str], setting: Setting) -> frozenset[str]:
    """A list of conditions; the words that stand for several take the place of what came before."""
    joining = setting.name.lower() == "joinempty"
    found = before
    for word in setting.value.split(","):
        low = word.lower()
        if low in CONDITIONS:
            found = found | {low}
        elif low in ("loose", "strict"):
            found = LOOSE if low == "loose" else STRICT
        elif is_true(low) or is_false(low):
            found = EMPTY if is_true(low) != joining else frozenset()
        else:
            known = (*CONDITIONS, "loose", "strict", "yes", "no")
            _note(config, "value", f"{setting.name}: {word!r} is not known{suggestion(low, known)}", setting)
    return found


def _member(config: QueuesConfig, queue: QueueOptions, setting: Setting) -> None:
    row = split_member(setting.value)
    if not setting.value:
        _note(config, "value", f"an empty member of queue {queue.name}", setting)
        return
    interface, penalty, name, state, ringinuse, wrapuptime, paused = (*row, *[""] * (7 - len(row)))
    if "/" not in interface:
        _note(config, "value", f"the member {interface!r} of queue {queue.name} has no technology", setting)
    queue.members.append(
        MemberLine(
            interface,
            setting.where,
            max(leading_number(penalty), 0),
            name.strip(BLANKS) or interface,
            state.strip(BLANKS) or interface,
            _truth(config, "ringinuse", ringinuse, setting),
            max(leading_number(wrapuptime), 0),
            _truth(config, "paused", paused, setting) or False,
        )
    )


def _truth(config: QueuesConfig, what: str, text: str, setting: Setting) -> bool | None:
    word = text.strip(BLANKS)
    if is_true(word):
        return True
    if word and not is_false(word):
        _note(config, "value", f"{what} {word!r} of a member is neither yes nor no", setting)
    return False if is_false(word) else None


def split_member(text: str) -> list[str]:
    """At most seven arguments between commas; what is in quotes stays together, the quotes go."""
    found, quoted = [""], False
    for character in text:
        if character == '"':
            quoted = not quoted
        elif character == "," and not quoted and len(found) < 7:
            found.append("")
        else:
            found[-1] += character
    return found


def _note(config: QueuesConfig, kind: str, text: str, setting: Setting) -> None:
    note = Note(kind, text, setting.where)
    if note not in config.notes:
        config.notes.append(note)
