"""A candidate on bars after those that it was chosen on: the sweep's test, and the holdout."""

import math
from dataclasses import dataclass
from functools import cached_property

from promote.gate import holdout
from promote.gate.evidence.candidate import Candidate
from promote.gate.holdout import HoldoutLog, Look
from promote.gate.verdict import Absent
from promote.statistics import gap_z
from promote.statistics.sharpe_gap import Record
from store.records.run_numbering import is_test


@dataclass(frozen=True, eq=False)
class Later:
    """Results of a choice on later bars.

    Attributes:
        candidate: the one that was chosen.
        log: of looks at holdouts; None: there is none, so that no holdout may be read.
    """

    candidate: Candidate
    log: HoldoutLog | None

    @property
    def test_sharpe(self) -> float:
        """Annual, on the sweep's last test window."""
        return self._annual(self._test)

    @property
    def test_gap(self) -> float:
        """Standard errors by which it is lower than on the judged bars."""
        return gap_z(self.candidate.record, self._test)

    @property
    def holdout_sharpe(self) -> float:
        """Annual, on the holdout."""
        return self._annual(self.look.record)

    @property
    def holdout_gap(self) -> float:
        """Standard errors by which it is lower than on the judged bars."""
        return gap_z(self.candidate.record, self.look.record)

    @property
    def holdout_uses(self) -> int:
        """Configurations that were judged on the holdout."""
        return self.look.configurations

    @cached_property
    def look(self) -> Look:
        """The look at the holdout; it is on record before it is taken."""
        if self.log is None:
            raise ValueError("nothing records looks at the holdout, so nobody may look")
        own = self.candidate
        bars = own.sample.frame
        span = holdout.span_of(own.experiment, own.group, len(bars))
        holdout.refuse_seen(own.sample.shelf.root, own.group, bars.index[span[0]])
        uses = holdout.recorded(self.log, own.group, own.run)
        return Look(span, own.on(span), uses)

    @cached_property
    def _test(self) -> Record:
        own = self.candidate
        windows = [one for one in own.group["windows"] if is_test(one["role"])]
        later = [one for one in windows if one["start"] >= own.sample.span[1]]
        if not later:
            raise Absent("no test window follows the judged bars; split=train_test has one")
        return own.on((later[-1]["start"], later[-1]["stop"]))

    def _annual(self, record: Record) -> float:
        return record.sharpe * math.sqrt(self.candidate.periods_per_year)
