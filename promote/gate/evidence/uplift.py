"""A candidate against a baseline, on the same bars."""

from dataclasses import dataclass
from functools import cached_property

from kernels import METRICS
from kernels.engine.evaluation import Trace
from promote.gate.evidence.benchmark import Rival
from promote.gate.evidence.candidate import Candidate
from promote.gate.verdict import Absent
from promote.statistics import uplift


@dataclass(frozen=True, eq=False)
class Improvement:
    """Gains over a baseline.

    Attributes:
        candidate: the one that was chosen.
        baseline: what it has to improve on; None: nothing was named.
    """

    candidate: Candidate
    baseline: Rival | None

    @property
    def baseline_sharpe(self) -> float:
        """Annual Sharpe ratio of the baseline."""
        return self._metric("sharpe")

    @property
    def baseline_return(self) -> float:
        """Total return of the baseline, a fraction of the initial capital."""
        return self._metric("total_return")

    @property
    def baseline_drawdown(self) -> float:
        """Maximum drawdown of the baseline, a positive fraction of the peak."""
        return self._metric("max_drawdown")

    @property
    def uplift_p(self) -> float:
        """Chance of as large a gain in Sharpe ratio where there is none."""
        rival, span = self._rival, self.candidate.sample.span
        own = Rival("candidate", self.candidate.replay)
        gain = uplift(own.returns(span), rival.returns(span), self.candidate.periods_per_year)
        return gain.sharpe.p_value

    @property
    def _rival(self) -> Rival:
        if self.baseline is None:
            raise Absent("there is no baseline; name one with --baseline, such as defaults")
        return self.baseline

    @cached_property
    def _trace(self) -> Trace:
        return self._rival.replay.trace(self.candidate.sample.span)

    def _metric(self, name: str) -> float:
        return float(self._trace.metrics[METRICS.index(name)])
