"""application/dialog-info+xml (RFC 4235; Asterisk res_pjsip_dialog_info_body_generator.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from harness.bodies.device_words import INUSE_RINGING, ONHOLD, words_for
from harness.bodies.xml import (
    URI_BYTES,
    BodyError,
    Element,
    children,
    cut,
    document,
    escape,
    parse,
    split_name,
    text_of,
)

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element as ParsedElement

CONTENT_TYPE = "application/dialog-info+xml"
NAMESPACE = "urn:ietf:params:xml:ns:dialog-info"
TARGET_BYTES = URI_BYTES + 32
RENDERING = "+sip.rendering"    # RFC 4235 clause 4.1.6.2; "no" is a call on hold


class DialogInfoError(BodyError):
    """A body that is not a dialog-info document."""


# ---- written


class Party(NamedTuple):
    """A name and number as a channel holds them; '' where it has none or holds it invalid."""

    number: str = ""
    name: str = ""
    number_restricted: bool = False
    name_restricted: bool = False


class RingingCall(NamedTuple):
    """The oldest channel that makes a device ring.

    `connected` is who calls (the channel's connected line), `caller` whom the ringing phone would show if it
    called itself (its caller id), `host` the host of the subscription's local URI, without port.
    """

    connected: Party
    caller: Party
    host: str


def write(
    entity: str, exten: str, extension_state: int, version: int, *,
    devices: bool = True, call: RingingCall | None = None, notify_early_inuse_ringing: bool = False,
) -> bytes:
    """One body. `version` counts the bodies of a subscription from 0.

    `devices` says whether the change came with its list of devices (first and device-caused bodies do,
    presence-caused ones do not); without it an early dialog names nobody.
    """
    uri = escape(entity, URI_BYTES)
    state = words_for(extension_state).dialog
    if notify_early_inuse_ringing and extension_state == INUSE_RINGING:
        state = "early"
    parts: list[Element] = []
    if state == "early" and devices:
        parts = _ringing(uri, call)
    parts.append(Element("state", text=state))
    if extension_state == ONHOLD:
        held = Element("param", [("pname", RENDERING), ("pvalue", "no")])
        parts.append(Element("local", children=[Element("target", [("uri", uri)], children=[held])]))
    direction = [("direction", "recipient")] if state == "early" else []
    dialog = Element("dialog", [("id", exten), *direction], children=parts)
    attributes = [("xmlns", NAMESPACE), ("version", str(version)), ("state", "full"), ("entity", uri)]
    return document(Element("dialog-info", attributes, children=[dialog]))


def _ringing(uri: str, call: RingingCall | None) -> list[Element]:
    """The two ends of an early dialog; without a channel the local end is the entity itself."""
    if call is None:
        return [_end("local", uri, "", uri)]
    host = escape(call.host, URI_BYTES)
    connected, caller = call.connected, call.caller
    remote = _target(
        _shown(connected.number, connected.number_restricted) or "invalid",
        "anonymous.invalid" if connected.number_restricted else host,
    )
    local = _target(caller.number or "invalid", host)
    return [
        _end("remote", remote, _shown(connected.name, connected.name_restricted), remote),
        _end("local", local, caller.name, uri),
    ]


def _shown(text: str, restricted: bool) -> str:
    return "anonymous" if text and restricted else text


def _target(number: str, host: str) -> str:
    return cut(f"sip:{number}@{host}", TARGET_BYTES)


def _end(name: str, identity: str, display: str, target: str) -> Element:
    attributes = [("display", escape(display, URI_BYTES))] if display else []
    return Element(name, children=[
        Element("identity", attributes, identity),
        Element("target", [("uri", target)]),
    ])


# ---- read


class End(NamedTuple):
    """One end of a dialog; '' for what is not there."""

    identity: str = ""
    display: str = ""
    target: str = ""
    rendering: str = ""     # "no" is on hold


class Dialog(NamedTuple):
    """One dialog of the document."""

    id: str
    direction: str
    state: str
    remote: End
    local: End


class DialogInfo(NamedTuple):
    """A dialog-info document; `full` is false for a partial one (RFC 4235 clause 4.1.1)."""

    version: int
    full: bool
    entity: str
    dialogs: tuple[Dialog, ...]


def read(body: str | bytes) -> DialogInfo:
    """Read a dialog-info document, passing over what is not known; raises DialogInfoError."""
    try:
        root = parse(body)
    except BodyError as error:
        raise DialogInfoError(error.reason) from error
    if split_name(root.tag) != (NAMESPACE, "dialog-info"):
        raise DialogInfoError(f"the root is {root.tag!r}, not a dialog-info element")
    version = root.get("version", "")
    if not (version.isascii() and version.isdigit() and len(version) <= 10):
        raise DialogInfoError(f"the version is {version!r}, not a number")
    dialogs = tuple(_dialog(each) for each in children(root, NAMESPACE, "dialog"))
    return DialogInfo(int(version), root.get("state") != "partial", root.get("entity", ""), dialogs)


def _dialog(element: ParsedElement) -> Dialog:
    state = text_of(next(iter(children(element, NAMESPACE, "state")), None))
    return Dialog(
        element.get("id", ""), element.get("direction", ""), state,
        _read_end(element, "remote"), _read_end(element, "local"),
    )


def _read_end(dialog: ParsedElement, name: str) -> End:
    """All elements of that name together: Asterisk may write one before the state and one after."""
    identity = display = target = rendering = ""
    for element in children(dialog, NAMESPACE, name):
        for each in children(element, NAMESPACE, "identity"):
            identity, display = text_of(each) or identity, each.get("display", display)
        for each in children(element, NAMESPACE, "target"):
            target = each.get("uri", target)
            for param in children(each, NAMESPACE, "param"):
                if param.get("pname") == RENDERING:
                    rendering = param.get("pvalue", "")
    return End(identity, display, target, rendering)
