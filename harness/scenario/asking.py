"""The keys with which a step asks, and the matches that they make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.net.trace import HOPS
from harness.scenario.conditions import NOTHING, MatchKind, RegexKind, StatusKind, TextMatch
from harness.scenario.fields import Choice, Count, CountKind, Flag, PhoneName, Text
from harness.scenario.known import check_contact, check_line, value_node
from harness.scenario.matches import (
    AnswerMatch,
    CallMatch,
    KeyMatch,
    MailboxMatch,
    Match,
    NotifyMatch,
    OwnStatusMatch,
    SubscriptionMatch,
    TraceMatch,
    ViewMatch,
)
from harness.scenario.nodes import ListNode, MapNode, Node, TextNode
from harness.scenario.reading import Kind, Reading, Schema, Told, Wrong
from harness.scenario.records import Field, MapOf, Record, Short, tell_repeated
from harness.scenario.xpath import BadExpression, Expression, compile_expression
from phones.blf import COLOURS, LED_STATES
from phones.call import STATES
from phones.interpret import NOTES, PRESENCES, UNSUPPORTED

Matches = tuple[Match, ...]

_NOTHING = {NOTHING: ""}
SHOWN = MatchKind(shown=True)
"""A text on a screen."""
PRESENCE = MatchKind(Choice("presence that a phone shows", (*PRESENCES, *UNSUPPORTED, ""), _NOTHING))
LAMP = MatchKind(Choice("lamp", (*dict.fromkeys(NOTES.values()), ""), {**_NOTHING, "dark": ""}))

VIEW_FIELDS = {
    "presence": Field(PRESENCE, "the presence that is shown; `nothing` where it is dark"),
    "subtype": Field(SHOWN, "the text beside the presence, as `Lunch`; `nothing` for none"),
    "message": Field(SHOWN, "the message beside the presence; `nothing` for none"),
    "lamp": Field(LAMP, "the lamp: idle, ringing, on_the_phone, on_hold, unknown or dark"),
}
OWN_STATUS = Short("status", Record("own_status", {
    "status": Field(SHOWN, "the status that the phone shows of itself; `nothing` for none"),
    "substatus": Field(SHOWN, "its substatus"),
    "message": Field(SHOWN, "its message"),
}))  # fmt: skip

LED = Short("colour", Record("led", {
    "colour": Field(MatchKind(Choice("colour of a lamp", (*COLOURS, ""), {**_NOTHING, "dark": ""})),
                    "green, amber, red; `dark` for a lamp that is off"),
    "state": Field(MatchKind(Choice("state of a lamp", LED_STATES)), "on, off, slow or fast"),
}))  # fmt: skip
LABEL = Short("text", Record("label", {
    "text": Field(SHOWN, "the text beside the key"),
    "fgcolor": Field(SHOWN, "the colour of the text: '#FFFFFF'"),
    "bgcolor": Field(SHOWN, "the colour behind it"),
}))  # fmt: skip
KEY_FIELDS = {
    "led": Field(LED, "the lamp of the key: dark, red, or {colour: red, state: fast}"),
    "ring": Field(Flag(), "whether the phone rings for it"),
    "label": Field(LABEL, "the label of the key"),
    "place": Field(MatchKind(), "where the key stands: main:1, side:0, side:0/2 for its second page"),
    "shown": Field(Flag(), "whether there is such a key at all"),
}
CALL = Short("state", Record("call", {
    "state": Field(MatchKind(Choice("state of a call", (*STATES, "none"))),
                   "dialing, ringing, connected, held (by this phone), `on hold` (by the other), ended; none: no call"),
    "number": Field(SHOWN, "the other's number"),
    "name": Field(SHOWN, "the other's name, as it is shown"),
    "direction": Field(MatchKind(Choice("direction", ("in", "out"))), "in or out"),
    "line": Field(MatchKind(), "the line"),
    "why": Field(SHOWN, "why it ended: bye, `486 Busy Here`, cancel, ..."),
}))  # fmt: skip
VOICEMAIL = Short("lamp", Record("voicemail", {
    "lamp": Field(MatchKind(Choice("lamp of messages", ("on", "off"))), "on while there are new messages"),
    "new": Field(MatchKind(), "how many are new"),
    "old": Field(MatchKind(), "how many are old"),
    "line": Field(Text("a line", empty=False), "the line whose mailbox it is; any by default"),
}))  # fmt: skip
COURSE = Record("dialplan", {
    "exten": Field(MatchKind(), "the extension that is executed: 2001"),
    "label": Field(MatchKind(), "the label of its priority"),
    "priority": Field(MatchKind(), "the number of its priority"),
    "application": Field(MatchKind(), "the application: Dial, VoiceMail, ..."),
    "data": Field(MatchKind(), "its arguments"),
    "context": Field(MatchKind(), "the context"),
    "channel": Field(MatchKind(), "the channel: /^PJSIP.1000/"),
})  # fmt: skip


class _XPathKind(Kind):
    """`expression: value` pairs, or a list of expressions that select nothing."""

    def __init__(self, values: bool) -> None:
        self.values = values

    def read(self, node: Node, reading: Reading) -> tuple[tuple[Node, str, TextMatch | Count | None], ...]:
        """Read as far as it goes without the prefixes, which stand elsewhere in the same mapping."""
        if not self.values:
            items = node.items if isinstance(node, ListNode) else (node,)
            return tuple((item, reading.text(item, "an expression"), None) for item in items)
        if not isinstance(node, MapNode):
            raise Wrong(node, "xpath is a mapping", "expressions and what they select: {'//pidf:note': Ready}")
        if tell_repeated(node, reading):
            raise Told
        return tuple((key, reading.text(key, "an expression"), self._value(key.text, value, reading))
                     for key, value in node.pairs)  # fmt: skip

    def _value(self, expression: str, node: Node, reading: Reading) -> TextMatch | Count:
        if expression.strip().startswith("count(") and isinstance(node, TextNode) and ".." in node.text:
            count: Count = CountKind().read(node, reading)
            return count
        match: TextMatch = MatchKind().read(node, reading)
        return match

    def schema(self) -> Schema:
        if self.values:
            return {"type": "object", "additionalProperties": MatchKind().schema()}
        return {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}]}


def _notify(values: dict[str, Any], _node: MapNode, _reading: Reading) -> NotifyMatch:
    namespaces = values.get("namespaces", {})
    compiled: dict[Expression, Any] = {}
    absent = []
    for at, text, match in (*values.get("xpath", ()), *values.get("absent", ())):
        try:
            expression = compile_expression(text, namespaces)
        except BadExpression as error:
            raise Wrong(at, f"the expression {text!r}: {error}") from None
        if match is None:
            absent.append(expression)
        else:
            compiled[expression] = match
    return NotifyMatch(values.get("headers", {}), compiled, tuple(absent), values.get("body"))


NOTIFY = Record("notify", {
    "headers": Field(MapOf(Text("a header name", empty=False), MatchKind()), "headers by name, each text or /regex/"),
    "xpath": Field(_XPathKind(True), "expressions on the body; prefixes pidf, dm, rpid, di, rlmi are known"),
    "absent": Field(_XPathKind(False), "expressions that select nothing in the body"),
    "body": Field(RegexKind(), "text or /regex/ that the body holds"),
    "namespaces": Field(MapOf(Text("a prefix", empty=False), Text("a namespace", empty=False)), "more prefixes"),
}, _notify)  # fmt: skip

TRACE = Record(
    "trace",
    {"hop": Field(Choice("hop", HOPS), "press, sip, arrived, dpma, core, hint, pbx, screen, ...", required=True)},
    lambda values, _node, _reading: TraceMatch(values["hop"], values.get("", {})),
    rest=MatchKind(),
)

ASK_FIELDS = {
    "phone": Field(PhoneName(), "the phone that is looked at"),
    "contact": Field(Text("a contact", empty=False), "its contact: id, extension or display name"),
    **VIEW_FIELDS,
    "contacts": Field(MapOf(Text("a contact", empty=False), Record("a contact", VIEW_FIELDS)),
                      "several contacts of the phone, each with what it shows"),
    "changes": Field(Flag(), "true: something on the screen changes; false: a NOTIFY that changes nothing"),
    "key": Field(Text("a key", empty=False), "its key: the contact, line or app that it is for, its place or label"),
    **KEY_FIELDS,
    "call": Field(CALL, "a call: ringing, connected, none, or {state: ringing, number: 1000, direction: in}"),
    "voicemail": Field(VOICEMAIL, "the messages of a line: on, off, or {new: 1, old: 0}"),
    "dialplan": Field(COURSE, "a step of a channel through the dialplan"),
    "own_status": Field(OWN_STATUS, "the status that the phone shows of itself"),
    "notify": Field(NOTIFY, "conditions on the NOTIFY; {} for any"),
    "answer": Field(StatusKind(), "the answer to the last press on the phone: 200, 403, 4xx"),
    "subscription": Field(Choice("state of a subscription", ("active", "refused", "waiting")),
                          "how the phone's subscription to the contact stands"),
    "status": Field(StatusKind(), "the SIP status that the SUBSCRIBE was answered with"),
    "trace": Field(TRACE, "an event of the trace"),
}  # fmt: skip
"""What `expect`, `state`, `never`, `all_of`, `in_order` and `optional` share."""

_SUBJECTS = {
    "trace": {"trace"},
    "dialplan": {"dialplan"},
    "call": {"call", "phone"},
    "voicemail": {"voicemail", "phone"},
    "answer": {"answer", "phone"},
    "own_status": {"own_status", "phone"},
    "subscription": {"subscription", "status", "phone", "contact"},
    "status": {"subscription", "status", "phone", "contact"},
    "contacts": {"contacts", "phone"},
    "key": {"key", "phone", *KEY_FIELDS},
    **{name: {"key", "phone", *KEY_FIELDS} for name in KEY_FIELDS},
}


def matches_of(values: Mapping[str, Any], node: MapNode, reading: Reading) -> Matches:
    """The matches that the keys of one mapping make.

    Raises Wrong where they do not go together, and where the phone has no such contact or line.
    """
    asked = [key for key in ASK_FIELDS if key in values]
    subject = next((key for key in _SUBJECTS if key in values), "")
    if subject:
        for key in asked:
            if key not in _SUBJECTS[subject]:
                at = next(name for name, _ in node.pairs if name.text == key)
                raise Wrong(at, f"{key!r} does not go with {subject!r}", "make it a step of its own")
    if subject not in ("trace", "dialplan") and "phone" not in values:
        raise Wrong(node, "which phone? 'phone' is missing")
    if subject in ("subscription", "status") and "contact" not in values:
        raise Wrong(node, f"{subject!r} needs 'contact'")
    if subject in KEY_FIELDS:
        raise Wrong(node, f"{subject!r} needs 'key'", "key: the contact, line or place of the key")
    _check_known(values, node, reading)
    return _made(subject, values, node)


def _check_known(values: Mapping[str, Any], node: MapNode, reading: Reading) -> None:
    """The contacts and the line that are asked about are the phone's."""
    phone = values.get("phone", "")
    if "contact" in values:
        check_contact(phone, values["contact"], value_node(node, "contact"), reading)
    for contact in values.get("contacts", ()):
        check_contact(phone, contact, value_node(node, "contacts"), reading)
    line = values.get("voicemail", {}).get("line", "")
    if line:
        check_line(phone, line, value_node(node, "voicemail"), reading)


def _made(subject: str, values: Mapping[str, Any], node: MapNode) -> Matches:
    phone = values.get("phone", "")
    match subject:
        case "trace":
            trace: TraceMatch = values["trace"]
            return (trace,)
        case "answer":
            return (AnswerMatch(phone, values["answer"]),)
        case "own_status":
            return (OwnStatusMatch(phone, values["own_status"]),)
        case "subscription" | "status":
            return (SubscriptionMatch(phone, values["contact"], values.get("subscription", ""), values.get("status")),)
        case "key":
            return (_key(phone, values, node),)
        case "call":
            return (_call(phone, values["call"], node),)
        case "voicemail":
            fields = {name: match for name, match in values["voicemail"].items() if name != "line"}
            return (MailboxMatch(phone, fields, values["voicemail"].get("line", "")),)
        case "dialplan":
            return (TraceMatch("pbx", {"what": TextMatch("dialplan"), **values["dialplan"]}),)
        case "contacts":
            return tuple(ViewMatch(phone, contact, fields) for contact, fields in values["contacts"].items())
    fields = {key: values[key] for key in VIEW_FIELDS if key in values}
    if not fields and "changes" not in values and "notify" not in values:
        advice = "say what: presence, lamp, changes: true, notify: {}, ..."
        raise Wrong(node, "this asks for nothing", advice)
    return (ViewMatch(phone, values.get("contact", ""), fields, values.get("changes"), values.get("notify")),)


def _call(phone: str, fields: Mapping[str, TextMatch], node: MapNode) -> CallMatch:
    if not fields:
        raise Wrong(node, "this asks for nothing of the call", "call: ringing, or {number: 1000}")
    if fields.get("state") != TextMatch("none"):
        return CallMatch(phone, fields)
    if len(fields) > 1:
        raise Wrong(node, "no call has no number", "leave the rest out: call: none")
    return CallMatch(phone, none=True)


def _key(phone: str, values: Mapping[str, Any], node: MapNode) -> KeyMatch:
    led, label = values.get("led", {}), values.get("label", {})
    fields: dict[str, TextMatch] = {**led, **{name: match for name, match in label.items() if name != "text"}}
    if "text" in label:
        fields["label"] = label["text"]
    if "place" in values:
        fields["place"] = values["place"]
    if "ring" in values:
        fields["ring"] = TextMatch("true" if values["ring"] else "false")
    shown = values.get("shown")
    if shown is not None and fields:
        raise Wrong(node, "whether a key is there is asked by itself", "leave 'shown' out: what is lit is there")
    if shown is None and not fields:
        raise Wrong(node, "this asks for nothing of the key", "led: red, ring: true, place: main:1, shown: false")
    return KeyMatch(phone, values["key"], fields, shown)


def ask_record(name: str, more: Mapping[str, Field], build: Any) -> Record:
    """A mapping that asks, with the keys of its verb beside the common ones."""
    return Record(name, {**ASK_FIELDS, **more}, build)
