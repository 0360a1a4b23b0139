"""A candidate on bars after those that it was chosen on: the sweep's test, and the holdout."""

import math
from dataclasses import dataclass, field
from functools import cached_property

from promote.candidates.judged_sample import Floats, Ints
from promote.gate import holdout
from promote.gate.evidence.benchmark import Rival
from promote.gate.evidence.candidate import Candidate
from promote.gate.evidence.selection_effect import Choice
from promote.gate.holdout import HoldoutLog, Look, Uses
from promote.gate.verdict import Absent
from promote.statistics import after_looks, gap_z
from promote.statistics.kin import spread
from promote.statistics.probabilistic import normal_cdf
from promote.statistics.sharpe_gap import Record
from store.ledger.instrument import Book


@dataclass(frozen=True, eq=False)
class Later:
    """Results of a choice on later bars.

    Attributes:
        choice: the candidate, and its kin.
        log: of looks at holdouts; None: there is none, so that no holdout may be read.
        benchmark: that its kin has to beat; None is cash.
    """

    choice: Choice
    log: HoldoutLog | None
    benchmark: Rival | None = None
    _memory: dict[str, Uses] = field(default_factory=dict)

    @property
    def candidate(self) -> Candidate:
        """The one that was chosen."""
        return self.choice.candidate

    @property
    def test_sharpe(self) -> float:
        """Annual Sharpe ratio on the sweep's last test window."""
        return self._annual(self._test)

    @property
    def test_gap(self) -> float:
        """Fall of the Sharpe ratio from the judged bars to the test window, in standard errors."""
        return gap_z(self.candidate.record, self._test)

    @property
    def holdout_sharpe(self) -> float:
        """Annual Sharpe ratio on the holdout."""
        return self._annual(self.look.record)

    @property
    def holdout_gap(self) -> float:
        """Fall of the Sharpe ratio from the judged bars to the holdout, in standard errors."""
        return gap_z(self.candidate.record, self.look.record)

    @property
    def holdout_uses(self) -> int:
        """Configurations that were judged on the holdout."""
        return self.look.uses.configurations

    @property
    def holdout_bars(self) -> int:
        """Number of bars of the holdout."""
        start, stop = self.look.span
        return stop - start

    @property
    def holdout_kin(self) -> int:
        """Number of configurations that are held in equal parts on the holdout."""
        return self.look.held

    @property
    def holdout_kin_sharpe(self) -> float:
        """Annual Sharpe ratio of the kin held in equal parts, above the benchmark."""
        return self._annual(self.look.kin)

    @property
    def holdout_chance(self) -> float:
        """Chance that luck gains as much on the holdout, at the first look."""
        return normal_cdf(-self.look.kin.z)

    @property
    def holdout_z(self) -> float:
        """Gain of the kin on the holdout in standard errors, looks before this one paid for."""
        return after_looks(self.look.kin.z, self.look.uses.configurations)

    @property
    def holdout_tests(self) -> tuple[bool, ...]:
        """Holdout tests of all configurations of the store: those promoted, in their order.

        Oldest first; none where the log is not a registry.
        """
        self.look  # noqa: B018 -- nothing of the holdout is told before the look is on record
        return self._memory["uses"].tests

    @cached_property
    def look(self) -> Look:
        """The look at the holdout; it is on record before it is taken."""
        if self.log is None:
            raise ValueError("no registry records looks at the holdout, so looks are refused")
        own = self.candidate
        bars = own.sample.frame
        span = holdout.span_of(own.experiment, own.group, len(bars))
        first, last = bars.index[span[0]], bars.index[span[1] - 1]
        book = Book.of(own.sample.shelf.root)
        holdout.refuse_seen(book, own.group, first)
        uses = self._recorded(book, (first.isoformat(), last.isoformat()))
        places, returns = self._held(span)
        return Look(span, own.on(span), uses, Record.of(returns), places.size)

    def _recorded(self, book: Book, span: tuple[str, str]) -> Uses:
        """Every look, this one put on record: once, also where it then fails."""
        if "uses" not in self._memory:
            own = self.candidate
            assert self.log is not None
            self._memory["uses"] = holdout.recorded(self.log, book, own.group, own.run, span)
        return self._memory["uses"]

    def _held(self, span: tuple[int, int]) -> tuple[Ints, Floats]:
        """Some of the kin, and their returns per bar in equal parts, above the benchmark's."""
        own = self.candidate
        places = spread(self.choice.kin, own.sample.metric("sharpe"), own.place)
        returns = own.sample.returns(places, span).mean(axis=1)
        if self.benchmark is not None:
            returns = returns - self.benchmark.returns(span)
        return places, returns

    @cached_property
    def _test(self) -> Record:
        own = self.candidate
        later = [window for window in own.group.test_windows if window.start >= own.sample.span[1]]
        if not later:
            raise Absent("no test window follows the judged bars; split=train_test has one")
        return own.on(later[-1].bars)

    def _annual(self, record: Record) -> float:
        return record.sharpe * math.sqrt(self.candidate.periods_per_year)
