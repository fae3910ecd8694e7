"""The text ladder."""

from harness.report.ladder import MAX_EVENTS, ladder, note
from harness.scenario.result import ShownEvent


def event(hop, source, destination, payload, seq=1, time=0.0):
    return ShownEvent(seq, 0, time, hop, source, destination, "UDP", payload)


ROAD = [
    event("step", "scenario", "scenario", {"index": 1, "verb": "status", "text": "status: {phone: bob, set: away}"}, 1),
    event("press", "bob", "", {"phone": "bob", "status": "away", "substatus": "Lunch"}, 2),
    event("sip", "bob", "server", "MESSAGE sip:proxy@server SIP/2.0\r\nVia: x\r\n\r\n{}", 3),
    event("arrived", "bob", "server", "MESSAGE sip:proxy@server SIP/2.0\r\n\r\n", 4, 0.001)._replace(cause=3),
    event("dpma", "dpma", "server",
          {"verdict": "accepted", "provider": "CustomPresence:2000", "value": "away,,"}, 5, 0.001),
    event("hint", "server", "server", {"what": "told", "exten": "2000", "context": "d", "where": "e.conf:3"}, 6, 0.001),
    event("sip", "server", "reception", "NOTIFY sip:reception@10.0.1.2 SIP/2.0\r\n\r\n", 7, 0.001),
    event("screen", "reception", "",
          {"contact": "2000", "presence": "away", "lamp": "idle", "changed": ["presence"]}, 8, 0.002),
    event("sip", "server", "bob", "SIP/2.0 200 OK\r\n\r\n", 9, 0.0021),
    event("lost", "server", "bob", {"why": "taken by the network", "data": "x"}, 10, 0.0022),
]  # fmt: skip


def test_the_road_is_drawn_with_the_server_in_the_middle():
    """Arrows between lanes with the start line, what happens inside as notes, times in seconds."""
    assert ladder(ROAD, 100).splitlines() == [
        "                    bob                        server                      reception",
        "    0.000  --- 1. status: {phone: bob, set: away} ---",
        "    0.000            | * presses away / Lunch",
        "    0.000            |- MESSAGE sip:proxy@serv…-->|                            |",
        "    0.001            |                            | dpma: accepted CustomPresence:2000=away,,",
        "    0.001            |                            | hint: told 2000@d (e.conf:3)",
        "    0.001            |                            |- NOTIFY sip:reception@1…-->|",
        "    0.002            |                            * sees 2000: away, lamp idle |",
        "    0.002            |<--------- 200 OK ----------|                            |",
        "    0.002            |                            | x lost on its way: taken by the network",
    ]


def test_arrows_point_from_sender_to_receiver():
    """To the right and to the left."""
    lines = ladder(ROAD, 110).splitlines()
    assert any("- MESSAGE sip:proxy@server -" in line and ">|" in line for line in lines)
    assert any("|<" in line and " 200 OK " in line for line in lines)
    assert any("x lost on its way: taken by the network" in line for line in lines)


def test_the_step_that_failed_is_marked():
    """It stands out."""
    assert ">>> 1. status" in ladder(ROAD, 100, marked=1)
    assert ">>>" not in ladder(ROAD, 100)


def test_who_is_silent_can_have_a_lane():
    """The phone that was watched and heard nothing."""
    assert "reception" not in ladder(ROAD[:6], 100)
    assert "reception" in ladder(ROAD[:6], 100, also=["reception"]).splitlines()[0]


def test_no_line_is_wider_than_asked():
    """Long start lines and notes end with an ellipsis."""
    invite = event("sip", "a", "b", f"INVITE sip:{'x' * 300} SIP/2.0")
    long = [invite, event("screen", "b", "", {"contact": "昼" * 200})]
    assert all(len(line) <= 90 for line in ladder([*ROAD, *long], 90).splitlines())
    assert "…" in ladder(long, 90)


def test_long_stories_show_their_end():
    """With the number of what is left out."""
    many = [event("sip", "a", "b", "OPTIONS sip:b SIP/2.0", number) for number in range(MAX_EVENTS + 20)]
    assert "... 20 events before these" in ladder(many, 80)


def test_nothing_that_a_terminal_obeys_comes_through():
    """Control characters of the wire are shown as replaced."""
    hostile = [event("sip", "a", "b", "NOTIFY \x1b[31msip:x SIP/2.0"), event("note", "a", "", "bell \x07\u202e")]
    drawn = ladder(hostile, 80)
    assert not any(char in drawn for char in "\x1b\x07\u202e")


def test_no_events_draw_a_header_only():
    """And do not fail."""
    assert ladder([]).strip() == "-"


def test_notes_say_what_happened_inside():
    """One line for each hop."""
    assert note(ROAD[4]) == "dpma: accepted CustomPresence:2000=away,,"
    assert note(ROAD[5]) == "hint: told 2000@d (e.conf:3)"
    assert note(ROAD[7]) == "* sees 2000: away, lamp idle"
    assert note(event("screen", "bob", "", {"contact": "2000", "changed": []})) == "* sees 2000: nothing (as before)"
    refused = event("pbx", "server", "server", {"what": "refused", "status": 404, "reason": ""})
    assert note(refused) == "pbx: refused status 404"


def test_a_line_of_the_dialplan_begins_with_its_application():
    """Where there is little room, that is what is seen; a warning begins with its text."""
    course = {"what": "dialplan", "channel": "PJSIP/101-00000001", "context": "office", "exten": "2001", "priority": 2,
              "label": "", "application": "Dial", "data": "PJSIP/2001,20", "where": "extensions.conf:7"}  # fmt: skip
    said = note(event("pbx", "server", "server", course))
    assert said == "dialplan: Dial(PJSIP/2001,20) at 2001,2 in office, PJSIP/101-00000001"
    warning = {"what": "warning", "text": "No application 'Dail'", "channel": "PJSIP/1-00000001", "place": "office,1,1"}
    said = note(event("pbx", "server", "server", warning))
    assert said == "pbx: warning: No application 'Dail' at office,1,1, PJSIP/1-00000001"


def test_a_message_is_drawn_once_and_one_from_elsewhere_when_it_arrives():
    """What a server of another make sent is only seen when it comes in."""
    foreign = event("arrived", "asterisk", "bob", "NOTIFY sip:bob SIP/2.0", 11)
    drawn = ladder([*ROAD[:4], foreign], 100)
    assert drawn.count("MESSAGE sip:proxy") == 1
    assert drawn.count("NOTIFY sip:bob") == 1


def test_the_end_of_a_step_is_drawn_where_it_failed():
    """With the reason; that a step passed is told by what follows."""
    ends = [event("step", "scenario", "scenario", {"index": 1, "verdict": verdict, "why": "it did not come"}, 20)
            for verdict in ("passed", "failed")]  # fmt: skip
    assert ladder(ends, 100).count("it did not come") == 1
    assert ">>> 1. failed: it did not come >>>" in ladder(ends, 100)


def test_a_request_without_room_is_its_method():
    """A few letters of its URI would tell nothing."""
    drawn = ladder([event("sip", f"phone{n}", "server", f"REGISTER sip:server{n} SIP/2.0", n) for n in range(6)], 110)
    assert "- REGISTER -" in drawn
    assert "REGISTER si" not in drawn.splitlines()[1]
