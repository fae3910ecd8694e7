"""SIP statuses and hangup causes, both ways (res_pjsip.c ast_sip_hangup_sip2cause, chan_pjsip.c hangup_cause2sip)."""

from __future__ import annotations

CAUSES = {
    302: 23, 401: 21, 403: 21, 404: 1, 405: 127, 407: 21, 408: 18, 409: 41, 410: 22, 411: 127, 413: 127, 414: 127,
    415: 127, 420: 3, 480: 19, 481: 127, 482: 127, 483: 19, 484: 28, 485: 1, 486: 17, 487: 127, 488: 58, 491: 127,
    493: 127, 500: 38, 501: 29, 502: 27, 503: 34, 504: 102, 505: 127, 600: 17, 603: 21, 604: 1, 606: 58,
}  # fmt: skip
CLASSES = {4: 127, 5: 34, 6: 127}
NORMAL = 16

STATUSES = {
    23: 302, 1: 404, 2: 404, 3: 404, 34: 503, 42: 503, 18: 408, 19: 480, 20: 480, 21: 403, 22: 410, 31: 480, 28: 484,
    17: 486, 38: 500, 29: 501, 66: 503, 27: 502, 58: 488, 127: 500,
}  # fmt: skip


def cause_of_status(status: int) -> int:
    """The Q.850 cause of a SIP status; normal clearing for what has none."""
    return CAUSES.get(status) or CLASSES.get(status // 100, NORMAL)


def status_of_cause(cause: int) -> int:
    """The SIP status of a hangup cause; 0 for what has none."""
    return STATUSES.get(cause, 0)
