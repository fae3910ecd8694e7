"""What a step can ask for: each match finds its events on the trace, or looks at what stands now."""

from harness.scenario.matches.base import Match
from harness.scenario.matches.call import CallMatch, MailboxMatch
from harness.scenario.matches.key import KeyMatch
from harness.scenario.matches.live import AnswerMatch, OwnStatusMatch, SubscriptionMatch
from harness.scenario.matches.notify import NotifyMatch
from harness.scenario.matches.trace import TraceMatch
from harness.scenario.matches.view import ViewMatch

__all__ = [
    "AnswerMatch",
    "CallMatch",
    "KeyMatch",
    "MailboxMatch",
    "Match",
    "NotifyMatch",
    "OwnStatusMatch",
    "SubscriptionMatch",
    "TraceMatch",
    "ViewMatch",
]
