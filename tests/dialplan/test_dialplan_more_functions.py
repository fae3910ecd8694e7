"""Functions on hashes, numbers, parties, records and times: results as on Asterisk 22.10.1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.dialplan.substitute import substitute
from harness.dialplan.variables import Variables

Make = Callable[..., Any]

DIALPLAN = """[globals]
LIST=a-b-c
COMMAS=x,y,z
[c]
exten => s,1,NoOp
exten => there,1,Return(hello ${EXTEN})
exten => there,2(label),NoOp
exten => 2000,hint,Custom:x
"""


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${FIELDNUM(LIST,-,b)}${FIELDNUM(LIST,-,C)}${FIELDNUM(LIST,-,q)}${FIELDNUM(LIST,-,)}", "2300"),
        ("${FIELDNUM(COMMAS,\\,,y)}[${FIELDNUM(LIST,-)}]${FIELDNUM(NOPE,-,a)}", "2[]0"),
        ("${IFTIME(bogus?a:b)}${IFTIME(25:00-26:00,*,*,*?a:b)}[${IFTIME(?a:b)}]", "bb[]"),
        ("[${STRFTIME(0,UTC,)}]${STRFTIME(1e9,UTC,%Y)} ${STRFTIME(-1,UTC,%Y)}", "[]2001 1969"),
        ("${STRFTIME(1000000000,Europe/Berlin,%H:%M %z %Z)} ${STRFTIME(1000000000,UTC,%-d)}", "03:46 +0200 UTC 9"),
        ("[${SPRINTF(%d,abc)}][${SPRINTF(%f,)}]", "[][]"),
        ("${MIN(1,2,3)} ${MAX(1.5,2)} ${MIN(1.5,2)} ${MIN(7)} [${MIN(5,abc)}]", "1 2 1.500000 7 []"),
        ("${ABS(-5)} ${ABS(-5.5)} ${ABS(-2147483649)} [${ABS(x)}]", "5 5.500000 2147483649.000000 []"),
        ("${RAND(5,5)} ${RAND(3,3)} ${DIGIT_SUM(1a2)}", "5 3 3"),
        ("${VALID_EXTEN(c,there,1)}${VALID_EXTEN(,there,1)}${VALID_EXTEN(c,2000)}[${VALID_EXTEN(c)}]", "110[]"),
        ("${VALID_EXTEN(c,there,label)}${VALID_EXTEN(c,there,3)}", "10"),
        ("${EVAL_EXTEN(c,there,1)}|${EVAL_EXTEN(c,nope,1)}|${EVAL_EXTEN(there)}|${EXTEN}", "hello there|||s"),
        ("${CALLERID(name-charset)} ${CALLERID(priv-num-valid)} ${CALLERID(ani2)}", "iso8859-1 0 0"),
        ("${CALLERID(subaddr-valid)} ${CALLERID(dnid-num-plan)} [${CALLERID(tns)}]", "0 0 []"),
        ("${REDIRECTING(from-pres)} ${REDIRECTING(from-num-pres)}", "unavailable allowed_not_screened"),
        ("${TIMEOUT(absolute)} ${TIMEOUT(digit)} ${TIMEOUT(Response)} [${TIMEOUT(x)}]", "0 5.000 10.000 []"),
        ("${CDR(dst)} ${CDR(dcontext)} ${CDR(disposition)} ${CDR(disposition,u)} ${CDR(amaflags)}",
         "s c NO ANSWER 1 DOCUMENTATION"),
        ("${STRPTIME(2001,UTC,%Y)} ${STRPTIME(2001-01-01,UTC,%Y-%m-%d)}", "978220800 978307200"),
        ("${STRPTIME(2020-01-02 x,UTC,%Y-%m-%d)} ${STRPTIME(1000,,%s)} [${STRPTIME(x,,%d)}]", "1577923200 1000 []"),
        ('${CALLERID(num,"Bob" <12>)} ${CALLERID(name,"Bob" <12>)} [${CALLERID(pres,"Bob" <12>)}]', "12 Bob []"),
        ("${URIDECODE(%41%a-z)}|${URIDECODE(a%0-9)}|${URIDECODE(%zz%)}|${STRFTIME(0,UTC,%f)}", "A\nz|a|%zz%|%f"),
        ("${VERSION()} ${VERSION(ASTERISK_VERSION_NUM)}", "22.10.1 221001"),
        ("${CONNECTEDLINE(source)} ${CONNECTEDLINE(all)}", 'unknown "" <>'),
    ],
)  # fmt: skip
def test_a_function_gives_what_asterisk_gives(desk: Make, text: str, value: str) -> None:
    """Recorded."""
    assert substitute(text, desk(DIALPLAN).call()) == value


def test_a_hash_is_a_variable_for_each_key(desk: Make) -> None:
    """The last one set comes first; without a key all values are read, and a value is spread over what was read."""
    made = desk(
        "exten => s,1,Set(HASH(h,a)=1)\n"
        "exten => s,n,Set(HASH(h,b c)=2,3)\n"
        "exten => s,n,UserEvent(E,v: ${HASH(h,b c):0:1}${HASH(h,a)}[${HASH(h,no)}]${HASHKEYS(h):0:3})\n"
        "exten => s,n,Set(all=${HASH(h)})\n"
        "exten => s,n,Set(HASH(h)=x,y)\n"
        "exten => s,n,UserEvent(E,v: ${HASH(h,a)}${HASH(h,b c)})\n"
        "exten => s,n,ClearHash(h)\n"
        "exten => s,n,UserEvent(E,v: [${HASHKEYS(h)}${HASH(h,a)}])\n"
    )
    assert made.said() == ["21[]b c", "yx", "[]"]


def test_a_variable_can_be_deleted(desk: Make) -> None:
    """DELETE one of the channel, GLOBAL_DELETE one of all."""
    made = desk(
        "[globals]\nG=1\n[c]\nexten => s,1,Set(a=1)\n"
        "exten => s,n,Set(DELETE(a)=)\nexten => s,n,Set(GLOBAL_DELETE(G)=)\n"
        "exten => s,n,UserEvent(E,v: ${VARIABLE_EXISTS(a)}${GLOBAL_EXISTS(G)})\n"
    )
    assert made.said() == ["00"]


def test_who_is_talked_to_and_charged_can_be_written(desk: Make) -> None:
    """CONNECTEDLINE, CALLERID(ani), plan and tag."""
    call = desk(DIALPLAN).call()
    written = {
        "CONNECTEDLINE(all)": "Bob <12>", "CALLERID(ani)": "77", "CALLERID(ton)": "5", "CALLERID(tag)": "t",
        "CALLERID(num)": "9",
    }  # fmt: skip
    for name, value in written.items():
        call.set_variable(name, value)
    assert substitute("${CONNECTEDLINE(name)} ${CONNECTEDLINE(num)} ${CALLERID(ani-all)}", call) == 'Bob 12 "" <77>'
    assert substitute("${CALLERID(ton)} ${CALLERID(tag)} ${CDR(src)}", call) == "5 t 9"


def test_a_channel_keeps_what_it_is_told(desk: Make) -> None:
    """Groups of numbers come back one by one, names as they were; flags are numbers; a record has variables."""
    call = desk(DIALPLAN).call()
    written = {
        "CHANNEL(callgroup)": "3-4,1", "CHANNEL(namedcallgroup)": "a,b", "CHANNEL(parkinglot)": "lot",
        "CHANNEL(amaflags)": "billing", "CHANNEL(max_forwards)": "5", "CHANNEL(peeraccount)": "acc",
        "CDR(mine)": "1", "CDR(userfield)": "u",
    }  # fmt: skip
    for name, value in written.items():
        call.set_variable(name, value)
    read = "${CHANNEL(callgroup)}|${CHANNEL(namedcallgroup)}|${CHANNEL(parkinglot)}|${CHANNEL(amaflags)}"
    assert substitute(read, call) == "1, 3, 4|a, b|lot|2"
    assert substitute("${CHANNEL(max_forwards)} ${CHANNEL(peeraccount)} ${CDR(mine)}${CDR(userfield)}", call) == (
        "5 acc 1u"
    )


def test_a_variable_may_be_set_without_a_name(desk: Make) -> None:
    """Set(=x) and MSet(=x) set one whose name is empty."""
    made = desk("exten => s,1,Set(=x)\nexten => s,n,UserEvent(E,v: [${}])\nexten => s,n,MSet(=5)\n")
    assert made.call().channel.variables.get("") == "5"


def test_what_is_taken_over_counts_as_older() -> None:
    """The first of what another channel hands over is the newest of it, and what is there already stays."""
    variables = Variables()
    variables.set("own", "1")
    variables.take_over([("__b", "2"), ("a", "3"), ("own", "4")])
    assert list(variables.newest_first(full=True)) == [("own", "1"), ("__b", "2"), ("a", "3")]
    assert len(variables) == 3
