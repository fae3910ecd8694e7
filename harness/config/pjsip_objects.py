"""The objects of pjsip.conf that the server uses, with Asterisk 22's defaults.

`options` holds every setting by lower-case name, in order. An object that Asterisk would not load raises
`Unloadable` while its fields are set.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields

from harness.config.syntax import Setting
from harness.config.values import Ref, comma_list, is_true, unsigned
from harness.errors import Location

DEFAULT_USER_AGENT = "Asterisk PBX 22.10.1"
DIGEST_LENGTHS = {"MD5": 32, "SHA-256": 64, "SHA-512-256": 64}
"""Hexadecimal digits of a stored digest by algorithm (RFC 8760)."""

PROTOCOLS = ("udp", "tcp", "tls", "ws", "wss", "flow")
IDENTIFY_METHODS = ("username", "auth_username", "ip", "header", "request_uri")


class Unloadable(ValueError):
    """Asterisk does not load an object; `where` is the line to blame."""

    def __init__(self, reason: str, where: Location) -> None:
        super().__init__(reason)
        self.where = where


@dataclass(slots=True)
class PjsipObject:
    """What all objects share."""

    name: str
    where: Location
    options: dict[str, list[Setting]] = field(default_factory=dict, repr=False)

    def value(self, option: str, default: str = "") -> str:
        """The last value of an option."""
        found = self.options.get(option)
        return found[-1].value if found else default

    def where_of(self, option: str) -> Location:
        """The line that sets an option last, or the section's header."""
        found = self.options.get(option)
        return found[-1].where if found else self.where

    def flag(self, option: str) -> bool:
        """Whether an option is on; what is not a word for yes is no."""
        return is_true(self.value(option))

    def number(self, option: str) -> int:
        """The unsigned number of an option."""
        number = unsigned(self.value(option))
        if number is None:
            raise Unloadable(f"{option}={self.value(option)} is not a number", self.where_of(option))
        return number

    def last_list(self, option: str) -> tuple[str, ...]:
        """The comma list of the last line; earlier lines do not count."""
        return comma_list(self.value(option))

    def whole_list(self, option: str) -> tuple[str, ...]:
        """The comma lists of all lines, each item once."""
        items = (item for setting in self.options.get(option, ()) for item in comma_list(setting.value))
        return tuple(dict.fromkeys(items))

    def refs(self, option: str) -> list[Ref]:
        """The names of `last_list` with the line that gives them."""
        return [Ref(name, self.where_of(option)) for name in self.last_list(option)]

    def read(self) -> None:
        """Set the fields from the options and check what Asterisk checks; `Unloadable` where it fails."""
        for each in fields(self)[len(fields(PjsipObject)) :]:
            if each.name in self.options and each.type in _READ:
                setattr(self, each.name, _READ[each.type](self, each.name))


_READ: dict[object, Callable[[PjsipObject, str], object]] = {
    "str": PjsipObject.value,
    "bool": PjsipObject.flag,
    "int": PjsipObject.number,
    "tuple[str, ...]": PjsipObject.last_list,
}
"""How a field is read from the option of its name, by the field's type as it is written."""


@dataclass(slots=True)
class GlobalOptions(PjsipObject):
    """type=global; intervals in seconds."""

    user_agent: str = DEFAULT_USER_AGENT
    default_realm: str = "asterisk"
    default_from_user: str = "asterisk"
    default_outbound_endpoint: str = "default_outbound_endpoint"
    endpoint_identifier_order: str = "ip,username,anonymous"
    max_forwards: int = 70
    keep_alive_interval: int = 90
    max_initial_qualify_time: int = 0
    contact_expiration_check_interval: int = 30
    unidentified_request_count: int = 5
    unidentified_request_period: int = 5
    unidentified_request_prune_interval: int = 30
    disable_multi_domain: bool = False
    ignore_uri_user_options: bool = False
    use_callerid_contact: bool = False
    send_contact_status_on_update_registration: bool = False
    default_auth_algorithms_uas: str = "MD5"
    default_auth_algorithms_uac: str = "MD5"


@dataclass(slots=True)
class SystemOptions(PjsipObject):
    """type=system: timers and threads of pjproject, which are told and not used."""


@dataclass(slots=True)
class Endpoint(PjsipObject):
    """type=endpoint; `sub_min_expiry` in seconds, `device_state_busy_at` in calls (0: never)."""

    context: str = "default"
    subscribe_context: str = ""
    message_context: str = ""
    allow_subscribe: bool = True
    sub_min_expiry: int = 0
    auth: tuple[str, ...] = ()
    outbound_auth: tuple[str, ...] = ()
    aors: tuple[str, ...] = ()
    identify_by: tuple[str, ...] = ("username", "ip")
    device_state_busy_at: int = 0
    notify_early_inuse_ringing: bool = False
    callerid: str = ""
    from_user: str = ""
    from_domain: str = ""
    mailboxes: str = ""
    transport: str = ""
    outbound_proxy: str = ""
    accountcode: str = ""
    language: str = ""
    dtmf_mode: str = "rfc4733"
    rewrite_contact: bool = False
    force_rport: bool = True
    allow_transfer: bool = True

    def read(self) -> None:
        """See `PjsipObject.read`."""
        PjsipObject.read(self)
        methods = tuple(dict.fromkeys(method.lower() for method in self.identify_by))
        for method in methods:
            if method not in IDENTIFY_METHODS:
                raise Unloadable(f"identify_by={method} is not known", self.where_of("identify_by"))
        self.identify_by = methods


@dataclass(slots=True)
class Aor(PjsipObject):
    """type=aor; expirations, `qualify_frequency` and `qualify_timeout` in seconds."""

    max_contacts: int = 0
    remove_existing: bool = False
    remove_unavailable: bool = False
    minimum_expiration: int = 60
    maximum_expiration: int = 7200
    default_expiration: int = 3600
    qualify_frequency: int = 0
    qualify_timeout: float = 3.0
    authenticate_qualify: bool = False
    support_path: bool = False
    mailboxes: str = ""
    outbound_proxy: str = ""
    contacts: tuple[str, ...] = ()

    def read(self) -> None:
        """See `PjsipObject.read`."""
        PjsipObject.read(self)
        self.contacts = self.whole_list("contact")
        for uri in self.contacts:
            if not uri.removeprefix("<").lower().startswith(("sip:", "sips:")):
                raise Unloadable(f"contact={uri} is not a SIP URI", self.where_of("contact"))
        if "qualify_timeout" in self.options:
            self.qualify_timeout = self._seconds("qualify_timeout")

    def _seconds(self, option: str) -> float:
        try:
            return float(self.value(option))
        except ValueError:
            reason = f"{option}={self.value(option)} is not a number"
            raise Unloadable(reason, self.where_of(option)) from None


@dataclass(slots=True)
class Auth(PjsipObject):
    """type=auth; `digests` are the stored HA1 by algorithm, `algorithms` what is offered as a server."""

    auth_type: str = "userpass"
    username: str = ""
    password: str = field(default="", repr=False)
    realm: str = ""
    nonce_lifetime: int = 32
    digests: dict[str, str] = field(default_factory=dict, repr=False)
    supported_algorithms_uas: tuple[str, ...] = ()
    supported_algorithms_uac: tuple[str, ...] = ()

    @property
    def algorithms(self) -> tuple[str, ...]:
        """`supported_algorithms_uas`, or the global default where it is not set."""
        return self.supported_algorithms_uas

    @property
    def md5_cred(self) -> str:
        """MD5 of `user:realm:password` as stored, or nothing."""
        return self.digests.get("MD5", "")

    def read(self) -> None:
        """See `PjsipObject.read`; the algorithms' defaults come from `type=global` later."""
        PjsipObject.read(self)
        self.auth_type = self.auth_type.lower()
        if self.auth_type not in ("userpass", "md5", "digest", "google_oauth"):
            raise Unloadable(f"auth_type={self.auth_type} is not known", self.where_of("auth_type"))
        for setting in (*self.options.get("md5_cred", ()), *self.options.get("password_digest", ())):
            for item in comma_list(setting.value):
                self._store_digest(item, setting.where)
        self.supported_algorithms_uas = self._algorithms("supported_algorithms_uas")
        self.supported_algorithms_uac = self._algorithms("supported_algorithms_uac")
        if not self.username:
            raise Unloadable("it has no username", self.where)

    def offer(self, uas: tuple[str, ...], uac: tuple[str, ...]) -> None:
        """Fill in the default algorithms; `Unloadable` where one has neither password nor digest."""
        self.supported_algorithms_uas = self.supported_algorithms_uas or uas
        self.supported_algorithms_uac = self.supported_algorithms_uac or uac
        for algorithm in (*self.supported_algorithms_uas, *self.supported_algorithms_uac):
            if not self.password and algorithm not in self.digests and self.auth_type != "google_oauth":
                raise Unloadable(f"there is no password or digest for {algorithm}", self.where)

    def _algorithms(self, option: str) -> tuple[str, ...]:
        return tuple(algorithm_named(item, self.where_of(option)) for item in self.whole_list(option))

    def _store_digest(self, item: str, where: Location) -> None:
        name, colon, digest = (part.strip() for part in item.partition(":"))
        if not colon:
            name, digest = "MD5", item
        algorithm = algorithm_named(name, where)
        length = DIGEST_LENGTHS[algorithm]
        if len(digest) != length:
            raise Unloadable(f"the {algorithm} digest has {len(digest)} characters, not {length}", where)
        self.digests[algorithm] = digest


@dataclass(slots=True)
class Identify(PjsipObject):
    """type=identify; `match` has addresses, networks and host names in order."""

    endpoint: str = ""
    match: tuple[str, ...] = ()
    match_header: str = ""
    match_request_uri: str = ""
    srv_lookups: bool = True

    def read(self) -> None:
        """See `PjsipObject.read`."""
        PjsipObject.read(self)
        self.match = self.whole_list("match")
        if not self.endpoint:
            raise Unloadable("it names no endpoint", self.where)
        if not (self.match or self.match_header or self.match_request_uri):
            raise Unloadable("it has nothing to match", self.where)
        header, colon, _ = self.match_header.partition(":")
        if self.match_header and not (colon and header.strip()):
            raise Unloadable("match_header needs Name: value", self.where_of("match_header"))


@dataclass(slots=True)
class Transport(PjsipObject):
    """type=transport; `bind` as written, `host` and `port` taken from it (5060, or 5061 for tls)."""

    protocol: str = "udp"
    bind: str = ""
    host: str = ""
    port: int = 0
    cert_file: str = ""
    priv_key_file: str = ""
    ca_list_file: str = ""
    ca_list_path: str = ""
    method: str = ""
    verify_client: bool = False
    require_client_cert: bool = False
    external_signaling_address: str = ""
    external_signaling_port: int = 0
    domain: str = ""

    def read(self) -> None:
        """See `PjsipObject.read`."""
        PjsipObject.read(self)
        self.protocol = self.protocol.lower()
        if self.protocol not in PROTOCOLS:
            raise Unloadable(f"protocol={self.protocol} is not known", self.where_of("protocol"))
        if self.protocol == "flow":
            return
        if not self.bind:
            raise Unloadable("it has no bind", self.where)
        self.host, port = self._host_and_port()
        self.port = port or (5061 if self.protocol == "tls" else 5060)

    def _host_and_port(self) -> tuple[str, int]:
        text, port = self.bind, ""
        if text.startswith("["):
            text, _, port = text[1:].partition("]")
            port = port.removeprefix(":")
        elif text.count(":") == 1:
            text, _, port = text.partition(":")
        if not port:
            return text, 0
        if not (port.isascii() and port.isdigit() and len(port) <= 5 and int(port) <= 65535):
            raise Unloadable(f"bind={self.bind} has no usable port", self.where_of("bind"))
        return text, int(port)


@dataclass(slots=True)
class ResourceList(PjsipObject):
    """type=resource_list; `notification_batch_interval` in milliseconds."""

    event: str = ""
    items: tuple[str, ...] = ()
    full_state: bool = False
    notification_batch_interval: int = 0
    resource_display_name: bool = False

    def read(self) -> None:
        """See `PjsipObject.read`."""
        PjsipObject.read(self)
        self.items = self.whole_list("list_item")
        if not self.event:
            raise Unloadable("it has no event", self.where)
        if not self.items:
            raise Unloadable("it has no list_item", self.where)


@dataclass(slots=True)
class AccessList(PjsipObject):
    """type=acl: rules for whatever comes."""


@dataclass(slots=True)
class DomainAlias(PjsipObject):
    """type=domain_alias; its name stands for `domain`."""

    domain: str = ""


def algorithm_named(text: str, where: Location) -> str:
    """The digest algorithm as RFC 8760 writes it; `Unloadable` where it is not one."""
    for name in DIGEST_LENGTHS:
        if text.upper() == name:
            return name
    raise Unloadable(f"{text} is not a digest algorithm", where)
