"""The bodies between a phone and the shim: what one writes the other reads, and nothing else is taken."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.dpma.bodies import (
    CONFIGURATION,
    MAX_REQUEST_BYTES,
    STATUS,
    VERSION,
    VERSION_KEY,
    BodyError,
    PhoneRequest,
    read_configuration,
    read_request,
    write_configuration,
)
from phones.provisioning import write_configuration_request, write_status

names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
plain: st.SearchStrategy[Any] = st.none() | st.booleans() | st.integers() | names
values = st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(names, inner), max_leaves=4)
known = st.sampled_from([VERSION_KEY, "method", "phone", "status", "substatus"])
likely = st.sampled_from([VERSION, CONFIGURATION, STATUS, "bob", "away", "\0"])


@given(names, names, names)
def test_a_status_is_read_as_it_was_written(phone: str, status: str, substatus: str) -> None:
    """Any texts come through."""
    assert read_request(write_status(phone, status, substatus)) == PhoneRequest(STATUS, phone, status, substatus)


@given(names)
def test_a_request_for_a_configuration_carries_the_phone_alone(phone: str) -> None:
    """It has no status, and is small."""
    written = write_configuration_request(phone)
    assert read_request(written) == PhoneRequest(CONFIGURATION, phone)
    assert set(json.loads(written)) == {VERSION_KEY, "method", "phone"}


@given(st.dictionaries(names.filter(lambda name: name not in (VERSION_KEY, "method")), values, max_size=4))
def test_a_configuration_is_read_as_it_was_written(fields: dict[str, Any]) -> None:
    """All fields come through, with the version and the method."""
    read = read_configuration(write_configuration(fields))
    assert read == {VERSION_KEY: VERSION, "method": CONFIGURATION, **fields}


@given(st.binary())
def test_bytes_that_are_no_request_are_told_so(data: bytes) -> None:
    """There is no other error than BodyError."""
    with pytest.raises(BodyError):
        read_request(data)
    with pytest.raises(BodyError):
        read_configuration(data)


@given(st.dictionaries(known, values | likely))
def test_an_object_is_a_request_or_an_error_that_says_why(fields: dict[str, Any]) -> None:
    """Values of any type under the known names break nothing."""
    data = json.dumps(fields).encode()
    with contextlib.suppress(BodyError):
        read = read_request(data)
        assert read == (fields["method"], fields["phone"], fields.get("status", ""), fields.get("substatus", ""))
        assert fields[VERSION_KEY] == VERSION
        assert "\0" not in "".join(read)


def test_what_is_not_known_is_passed_over() -> None:
    """A later version of a phone may say more."""
    data = b'{"dpma-harness":1,"method":"configuration","phone":"bob","firmware":"2_9_19","status":""}'
    assert read_request(data) == PhoneRequest(CONFIGURATION, "bob")


def test_the_limit_of_a_request_is_of_bytes() -> None:
    """4,096 are read, one more is not."""
    head = b'{"dpma-harness":1,"method":"configuration","phone":"bob","more":"'
    fits = head + b"x" * (MAX_REQUEST_BYTES - len(head) - 2) + b'"}'
    assert len(fits) == MAX_REQUEST_BYTES
    assert read_request(fits).phone == "bob"
    with pytest.raises(BodyError, match="more than 4096 bytes"):
        read_request(fits + b" ")


def test_a_request_is_no_configuration_and_the_other_way_about() -> None:
    """A phone that is sent a status does not take it for its configuration."""
    with pytest.raises(BodyError, match="no configuration"):
        read_configuration(write_status("bob", "away"))
    with pytest.raises(BodyError, match="is not known"):
        read_request(write_configuration({"phone": "bob", "method": "lines"}))


@pytest.mark.parametrize("spelled", [r"\ud800", r"\udc80", r"\ude00\ud83d"])
def test_a_lone_surrogate_is_no_text(spelled: str) -> None:
    r"""JSON can spell "\ud800", which no UTF-8 has: unreadable, as bytes that are not UTF-8 are."""
    fields = f'"{VERSION_KEY}":1,"method":"status","phone":"bob","status":"away","substatus":"{spelled}"'
    with pytest.raises(BodyError):
        read_request(f"{{{fields}}}".encode())


def test_the_version_is_a_number() -> None:
    """`true` equals 1 in Python, and is no version."""
    with pytest.raises(BodyError, match="does not say"):
        read_request(b'{"dpma-harness":true,"method":"configuration","phone":"bob"}')
