"""The books of a fan-out: that every watcher is told of every change once, with the next CSeq."""

from __future__ import annotations


class Account:
    """What so many watchers have been told.

    Changes count from 1; `first` is how a watcher learns its first CSeq, from the NOTIFY that a SUBSCRIBE brings.
    `lost` are changes that never came, `doubled` those that came again with another CSeq, `repeated` the
    retransmissions of one NOTIFY, `gaps` CSeq numbers that were left out.
    """

    def __init__(self, watchers: int) -> None:
        self.watchers = watchers
        self.change = 0
        self.missing = 0
        self.arrived = self.lost = self.doubled = self.repeated = self.gaps = 0
        self._cseq = [0] * watchers
        self._told = [0] * watchers

    @property
    def faultless(self) -> bool:
        """Whether nothing was lost, left out or sent twice."""
        return not (self.lost or self.doubled or self.repeated or self.gaps or self.missing)

    def begin(self) -> int:
        """The next change is about to be made; gives its number.  What is missing of the last one is lost."""
        self.lost += self.missing
        self.missing = self.watchers
        self.change += 1
        return self.change

    def first(self, watcher: int, cseq: int) -> bool:
        """Note the NOTIFY of a SUBSCRIBE; False where it was there already."""
        if self._cseq[watcher]:
            self._again(watcher, cseq)
            return False
        self._cseq[watcher] = cseq
        return True

    def notified(self, watcher: int, cseq: int, change: int) -> None:
        """Note a NOTIFY of a change."""
        last = self._cseq[watcher]
        if cseq <= last or change <= self._told[watcher]:
            self._again(watcher, cseq)
            return
        self.gaps += cseq - last - 1
        self._cseq[watcher], self._told[watcher] = cseq, change
        self.arrived += 1
        if change == self.change:
            self.missing -= 1
        else:  # late: it was counted as lost
            self.lost -= 1

    def _again(self, watcher: int, cseq: int) -> None:
        if cseq <= self._cseq[watcher]:
            self.repeated += 1
        else:
            self.doubled += 1
            self._cseq[watcher] = cseq
